/* A comparison → a terminal, and the words that all its writers share. */
#include "cli/compare.h"

#include <math.h>

#include "out/words.h"

enum { UNTOLD_SHOWN = 5, NAMES = 3, LABEL = 31 };

/* ---- shared ---- */

const char *const compare_titles[N_CHANGE] = {"got worse", "changed, neither better nor worse", "got better",
                                              "not told apart from chance", "undefined on a side"};

size_t compare_count(const struct comparison *c, enum change_verdict v)
{
    size_t n = 0;
    for (size_t i = 0; i < c->changes->n; i++) n += c->changes->p[i].verdict == v;
    return n;
}

size_t compare_shown(const struct comparison *c, enum change_verdict v)
{
    size_t n = compare_count(c, v);
    if (c->all || v < CHANGE_UNTOLD) return n;
    return v == CHANGE_UNDEFINED ? 0 : n < UNTOLD_SHOWN ? n : UNTOLD_SHOWN;
}

const char *compare_p(char out[static 32], double p)
{
    if (isnan(p)) return "–";
    snprintf(out, 32, p < 0.001 ? "%.1g" : "%.3f", p);
    return out;
}

const char *compare_range(char out[static 80], const struct change *x)
{
    char lo[32], hi[32];
    if (isnan(x->d.lo)) return "–";
    snprintf(out, 80, "%s to %s", figure_signed(lo, x->def->unit, x->d.lo), figure_signed(hi, x->def->unit, x->d.hi));
    return out;
}

bool compare_next_reason(str *rest, str *line)
{
    if (rest->n == 0) return false;
    const char *nl = memchr(rest->p, '\n', rest->n);
    size_t n = nl ? (size_t)(nl - rest->p) : rest->n;
    *line = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, nl ? n + 1 : n, rest->n);
    return true;
}

static void sample(struct buf *b, const struct changes *x)
{
    char y[32], z[32];
    if (x->paired) {
        buf_printf(b, "Paired: %s conversations or prompts stand on both sides", grouped(y, x->units));
        uint64_t left = x->units_a + x->units_b - 2 * x->units;
        if (left) buf_printf(b, "; %s that only one side has are left out", grouped(z, left));
        buf_puts(b, ". ");
    } else {
        buf_printf(b, "Not paired: %s conversations or prompts against %s others. ", grouped(y, x->units_a), grouped(z, x->units_b));
    }
}

void compare_method(struct buf *b, const struct comparison *c)
{
    char x[32], y[32], z[32];
    sample(b, c->changes);
    buf_puts(b, "Differences of shares are in percentage points. ");
    buf_printf(b, "Intervals are of 95 %%, bootstrap of the difference by conversation, %s draws; p is two-sided, %s permutations, ",
               grouped(x, c->opts->draws), grouped(y, c->opts->permutations));
    static const char *const correction[] = {"corrected by Holm over", "corrected by Benjamini-Hochberg over", "not corrected, of"};
    buf_printf(b, "%s %s tests.", correction[c->opts->correction], grouped(z, c->changes->tests));
    /* the smallest p there can be, after Holm's first factor */
    if (c->opts->correction == CORRECT_HOLM && (double)c->changes->tests / (c->opts->permutations + 1.0) >= 0.05)
        buf_puts(b, " With so few permutations no corrected p can be below .05.");
}

/* ---- terminal ---- */

struct page { struct buf *b; const struct term *t; const struct comparison *c; };

static void right(struct buf *b, const char *z, size_t width)
{
    size_t n = term_cells(str_of(z));
    if (n < width) term_spaces(b, width - n);
    buf_puts(b, z);
}

static void names(const struct page *p, const struct change *x)
{
    if (x->n_shown == 0) return;
    struct buf list = {0};
    buf_puts(&list, "read: ");
    for (size_t i = 0; i < x->n_shown && i < NAMES; i++) {
        if (i) buf_puts(&list, ", ");
        term_fit(&list, p->t, str_of(p->c->run_b->corpus->conv.p[x->shown[i]].id), 40, false);
    }
    term_spaces(p->b, 6);
    term_on(p->b, p->t, ST_DIM);
    term_wrap(p->b, p->t, (str){list.p, list.n}, 12, 6);
    term_off(p->b, p->t);
    buf_putc(p->b, '\n');
    buf_free(&list);
}

static void row(const struct page *p, const struct change *x, unsigned style)
{
    char z[3][32], range[80];
    buf_puts(p->b, "  ");
    term_on(p->b, p->t, style);
    term_fit(p->b, p->t, str_of(x->def->label), LABEL, true);
    term_off(p->b, p->t);
    right(p->b, figure_words(z[0], x->def->unit, x->d.a), 8);
    right(p->b, figure_words(z[1], x->def->unit, x->d.b), 8);
    right(p->b, figure_signed(z[0], x->def->unit, x->d.diff), 7);
    right(p->b, compare_range(range, x), 17);
    right(p->b, compare_p(z[2], x->p_corrected), 7);
    buf_putc(p->b, '\n');
}

static void section(const struct page *p, enum change_verdict v, unsigned style)
{
    size_t n = compare_count(p->c, v), shown = compare_shown(p->c, v);
    if (n == 0) return;
    buf_putc(p->b, '\n');
    term_printf(p->b, p->t, ST_BOLD | style, "%zu %s", n, compare_titles[v]);
    if (shown < n) buf_puts(p->b, shown ? ", the strongest:" : " (--all lists them)");
    buf_putc(p->b, '\n');
    for (size_t i = 0; i < p->c->changes->n && shown; i++) {
        const struct change *x = &p->c->changes->p[i];
        if (x->verdict != v) continue;
        shown--;
        row(p, x, style);
        if (v < CHANGE_UNTOLD && v != CHANGE_BETTER) names(p, x);
    }
}

static void head(const struct page *p, const char *letter, const char *name, uint64_t conversations)
{
    char z[32];
    term_put(p->b, p->t, ST_BOLD, letter);
    buf_puts(p->b, "  ");
    term_fit(p->b, p->t, str_of(name), 46, true);
    buf_printf(p->b, "  %s conversation%s\n", grouped(z, conversations), conversations == 1 ? "" : "s");
}

static void reasons(const struct page *p)
{
    str rest = p->c->why, line;
    while (compare_next_reason(&rest, &line)) {
        buf_putc(p->b, '\n');
        term_put(p->b, p->t, ST_BOLD | ST_YELLOW, "not comparable:");
        buf_putc(p->b, ' ');
        term_wrap(p->b, p->t, line, 0, 16);
    }
    if (p->c->why.n) buf_putc(p->b, '\n');
}

void compare_print(struct buf *b, const struct term *t, const struct comparison *c)
{
    const struct page p = {b, t, c};
    struct buf method = {0};
    head(&p, "A", c->a, c->changes->conversations_a);
    head(&p, "B", c->b, c->changes->conversations_b);
    reasons(&p);
    buf_putc(b, '\n');
    term_spaces(b, LABEL + 2);
    term_on(b, t, ST_DIM);
    right(b, "A", 8), right(b, "B", 8), right(b, "B - A", 7), right(b, "95 %", 17), right(b, "p", 7);
    term_off(b, t);
    buf_putc(b, '\n');
    if (compare_count(c, CHANGE_WORSE) == 0) buf_puts(b, "\nNothing got worse by more than chance explains.\n");
    section(&p, CHANGE_WORSE, ST_RED);
    section(&p, CHANGE_MOVED, 0);
    section(&p, CHANGE_BETTER, ST_GREEN);
    section(&p, CHANGE_UNTOLD, 0);
    section(&p, CHANGE_UNDEFINED, ST_DIM);
    compare_method(&method, c);
    buf_putc(b, '\n');
    term_wrap(b, t, (str){method.p, method.n}, 0, 0);
    buf_putc(b, '\n');
    buf_free(&method);
}
