/* A letter that names the format ('a' detects it), then a record: every
 * adapter. The answer is a conversation in valid UTF-8 or one line that says
 * why not, and is the same where the bytes are read in place. */
#include "fuzz.h"

enum { TURNS = 1000, TURN_BYTES = 1 << 16 };

static void check_conv(const struct conv *c)
{
    const struct conv_meta *m = &c->meta;
    const str facts[] = {c->id, m->model, m->locale, m->language, m->country, m->jurisdiction, m->regeneration_group, m->session};
    for (size_t i = 0; i < ARRAY_LEN(facts); i++) fuzz_check_text(facts[i]);
    for (size_t i = 0; i < m->n_population; i++) fuzz_check_text(m->population[i]);
    CHECK(c->n_turn > 0 && c->n_turn <= TURNS);
    for (size_t t = 0; t < c->n_turn; t++) {
        const struct turn *x = &c->turn[t];
        CHECK(x->role < N_ROLE && x->text.n <= TURN_BYTES);
        fuzz_check_text(x->text);
        fuzz_check_text(x->finish_reason);
        fuzz_check_text(x->refusal);
        fuzz_check_text(x->block_reason);
    }
    for (size_t i = 0; i < c->warnings.n; i++) CHECK(c->warnings.p[i].turn < (int)c->n_turn);
}

static void check_same(const struct conv *a, const struct conv *b)
{
    CHECK(str_eq(a->id, b->id) && a->n_turn == b->n_turn && a->format == b->format);
    for (size_t t = 0; t < a->n_turn; t++)
        CHECK(a->turn[t].role == b->turn[t].role && str_eq(a->turn[t].text, b->turn[t].text) && a->turn[t].ts == b->turn[t].ts &&
              a->turn[t].blocked == b->turn[t].blocked);
}

struct parsed {
    struct conv *conv;
    size_t n;
    int rc;
    refrain_error err;
};

static void parse(struct parsed *p, struct arena *a, str bytes, const char *format, bool in_situ)
{
    const struct conv_options opt = {.format = format, .limits = {1 << 20, TURNS, TURN_BYTES}, .in_situ = in_situ};
    p->rc = conv_parse(&p->conv, &p->n, a, bytes, &opt, &p->err);
    if (p->rc) fuzz_check_error(p->rc, &p->err);
    else if (p->err.status) fuzz_check_error(p->err.status, &p->err);
    for (size_t i = 0; i < p->n; i++) check_conv(&p->conv[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    size_t n_format = 0;
    while (conv_formats[n_format]) n_format++;
    size_t pick = (size_t)(data[0] + 256 - 'a') % (n_format + 1);
    const char *format = pick ? conv_formats[pick - 1] : NULL;
    str bytes = {(const char *)data + 1, size - 1};
    char *own = calloc(1, bytes.n + CONV_PADDING);
    CHECK(own);
    memcpy(own, bytes.p, bytes.n);

    static struct arena a;
    arena_reset(&a);
    a.limit = 64 << 20;
    jmp_buf oom;
    if (setjmp(oom) == 0) {
        a.on_oom = &oom;
        struct parsed copied = {0}, in_place = {0};
        parse(&copied, &a, bytes, format, false);
        parse(&in_place, &a, (str){own, bytes.n}, format, true);
        CHECK(copied.rc == in_place.rc && copied.n == in_place.n && strcmp(copied.err.message, in_place.err.message) == 0);
        for (size_t i = 0; i < copied.n; i++) check_same(&copied.conv[i], &in_place.conv[i]);
    }
    free(own);
    return 0;
}
