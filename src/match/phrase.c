/* A phrase's brackets → every wording that it stands for.
 *
 * The wording grows in one buffer; what stands behind a bracket is a list on
 * the C stack, so that nothing is copied but the finished wordings. */
#include "match/phrase.h"

struct rest { const char *p, *end; const struct rest *next; }; /* what follows the bracket that is open */

struct expander {
    struct arena *a;
    struct wordings *out;
    const char *fault;
    char text[WORDING_BYTES];
};

static void expand(struct expander *x, size_t n, const char *p, const char *end, const struct rest *next);

static const char *closing(const char *p, const char *end, char open, char close)
{
    int depth = 0;
    for (; p < end; p++) {
        if (*p == open) depth++;
        if (*p == close && --depth == 0) return p;
    }
    return NULL;
}

static void finish(struct expander *x, size_t n)
{
    if (n && x->text[n - 1] == ' ') n--;
    if (x->out->n >= WORDINGS_MAX) x->fault = "more than 4096 wordings; split the phrase";
    else *vec_push(x->a, x->out) = arena_str(x->a, (str){x->text, n});
}

/* Each alternative of the bracket at p..close, then what stands behind it. */
static void expand_bracket(struct expander *x, size_t n, const char *p, const char *close, const struct rest *behind)
{
    int depth = 0;
    const char *from = p + 1;
    if (*p == '[') expand(x, n, behind->p, behind->end, behind->next);
    for (const char *q = from; q <= close; q++) {
        if (q == close || (*q == '|' && depth == 0)) {
            expand(x, n, from, q, behind);
            from = q + 1;
        } else {
            depth += *q == '(' || *q == '[';
            depth -= *q == ')' || *q == ']';
        }
    }
}

static void expand(struct expander *x, size_t n, const char *p, const char *end, const struct rest *next)
{
    for (; p < end && *p != '(' && *p != '['; p++) {
        if (*p == ')' || *p == ']') x->fault = "brackets do not match";
        else if (*p == '|') x->fault = "'|' stands outside brackets";
        else if (n == sizeof x->text) x->fault = "a wording has more than 1,000 bytes";
        if (x->fault) return;
        if (*p != ' ' || (n && x->text[n - 1] != ' ')) x->text[n++] = *p; /* two blanks meet where an option is left out */
    }
    if (x->fault) return;
    if (p == end) {
        if (next) expand(x, n, next->p, next->end, next->next);
        else finish(x, n);
        return;
    }
    const char *close = *p == '(' ? closing(p, end, '(', ')') : closing(p, end, '[', ']');
    if (!close) {
        x->fault = "brackets do not match";
        return;
    }
    expand_bracket(x, n, p, close, &(struct rest){close + 1, end, next});
}

const char *phrase_expand(struct wordings *out, struct arena *a, const char *p, const char *end)
{
    struct expander x = {.a = a, .out = out};
    expand(&x, 0, p, end, NULL);
    return x.fault;
}
