/* Figures → words: a block a measure, one table for the 0-4 scales. */
#include "cli/eval.h"

#include <math.h>

enum { PAIR = 20 }; /* columns of "0.93 [0.90 0.96]" */

static void put_interval(struct buf *b, const struct stats_interval *x)
{
    char z[64];
    if (isnan(x->value)) snprintf(z, sizeof z, "-");
    else if (isnan(x->lo)) snprintf(z, sizeof z, "%.2f", x->value);
    else snprintf(z, sizeof z, "%.2f [%.2f %.2f]", x->value, x->lo, x->hi);
    buf_printf(b, "%-*s", PAIR, z);
}

/* Ends a line of padded columns. */
static void end_line(struct buf *b)
{
    while (b->n && b->p[b->n - 1] == ' ') b->n--;
    buf_putc(b, '\n');
}

static const char *const labels[N_FIGURE] = {"accuracy", "within 1", "macro-F1", "kappa", "weighted kappa", "alpha", "AC",
                                             "micro-P", "micro-R", "micro-F1", "mean F1 (20+)"};

static size_t width_of(const struct measure *m)
{
    size_t width = 8;
    for (size_t i = 0; i < m->class.list.n; i++)
        if (m->class.list.p[i].n > width) width = m->class.list.p[i].n;
    return width;
}

static void put_fit(struct buf *b, const struct term *t, str s, size_t width)
{
    term_fit(b, t, s, width, true);
    buf_puts(b, "  ");
}

static void put_head(struct buf *b, const struct term *t, const struct measure *m, const struct figures *f)
{
    term_put(b, t, ST_BOLD, m->name);
    buf_printf(b, "   n %u", f->n);
    if (m->n_left_out) buf_printf(b, ", %u left out", m->n_left_out);
    buf_putc(b, '\n');
    int shown = 0;
    for (enum figure i = 0; i < N_FIGURE; i++) {
        if (!figure_fits(i, m)) continue;
        buf_printf(b, "%s%-16s", shown % 2 ? "" : "  ", labels[i]);
        put_interval(b, &f->of[i]);
        if (++shown % 2 == 0) end_line(b);
    }
    if (m->sure.n) buf_printf(b, "%scalibration     ECE %.3f, Brier %.3f", shown % 2 ? "" : "  ", stats_ece(&m->sure), stats_brier(&m->sure));
    if (m->sure.n || shown % 2) end_line(b);
}

static void put_classes(struct buf *b, const struct term *t, const struct measure *m, const struct figures *f)
{
    size_t width = width_of(m);
    buf_puts(b, "  ");
    put_fit(b, t, m->kind == MEASURE_SET ? STR("member") : STR("class"), width);
    buf_printf(b, "%5s  %-*s%-*s%s\n", "n", PAIR, "precision", PAIR, "recall", "F1");
    for (size_t c = 0; c < m->class.list.n; c++) {
        const struct stats_interval *x = f->of + N_FIGURE + 3 * c;
        buf_puts(b, "  ");
        put_fit(b, t, m->class.list.p[c], width);
        buf_printf(b, "%5u  ", f->n_of[c]);
        for (int i = 0; i < 3; i++) put_interval(b, &x[i]);
        end_line(b);
    }
}

static void put_confusion(struct buf *b, const struct term *t, const struct measure *m, const struct figures *f)
{
    size_t k = m->class.list.n, width = width_of(m);
    buf_puts(b, "  ");
    put_fit(b, t, STR("label"), width);
    buf_puts(b, "read as\n  ");
    term_spaces(b, width + 2);
    for (size_t j = 0; j < k; j++) put_fit(b, t, m->class.list.p[j], m->class.list.p[j].n < 5 ? 5 : m->class.list.p[j].n);
    end_line(b);
    for (size_t i = 0; i < k; i++) {
        if (f->n_of[i] == 0) continue;
        buf_puts(b, "  ");
        put_fit(b, t, m->class.list.p[i], width);
        for (size_t j = 0; j < k; j++) {
            int cells = (int)(m->class.list.p[j].n < 5 ? 5 : m->class.list.p[j].n);
            buf_printf(b, "%-*.0f  ", cells, f->table[i * k + j]);
        }
        end_line(b);
    }
}

static void put_errors(struct buf *b, const struct term *t, struct eval *e, const struct measure *m)
{
    uint32_t *row = arena_array(&e->a, uint32_t, e->o->n_error + 1);
    size_t n = eval_errors(e, m, row, e->o->n_error);
    if (n) buf_puts(b, "  worst errors\n");
    for (size_t i = 0; i < n; i++) {
        const struct eval_row *r = &m->row.p[row[i]];
        const struct eval_item *x = &e->item.p[r->item];
        str want = m->class.list.p[r->want];
        buf_puts(b, "    ");
        term_clean(b, t, x->id);
        buf_puts(b, ": ");
        term_clean(b, t, want);
        if (m->kind == MEASURE_SET) {
            buf_puts(b, r->got == SET_MISSED ? " missed" : " read, not labelled");
        } else {
            buf_puts(b, " read as ");
            term_clean(b, t, m->class.list.p[r->got]);
        }
        if (!isnan(r->conf)) buf_printf(b, " (%.2f)", r->conf);
        buf_putc(b, '\n');
        if (!x->text.n) continue;
        term_spaces(b, 6);
        term_wrap(b, t, x->text, 6, 6);
        buf_putc(b, '\n');
    }
}

static bool in_table(const struct measure *m, bool all) { return !all && m->kind == MEASURE_LEVEL && m->name[0] == 'P'; }

static void put_scales(struct buf *b, const struct term *t, struct eval *e)
{
    bool head = false;
    for (size_t i = 0; i < e->measure.n; i++) {
        const struct measure *m = e->measure.p[i];
        struct figures f;
        if (!in_table(m, false) || !m->row.n) continue;
        if (!head) {
            term_put(b, t, ST_BOLD, "Codes with levels");
            buf_printf(b, "\n  %-12s%5s %6s  %-*s%-*s%-*s%s\n", "code", "n", "not 0", PAIR, "weighted kappa", PAIR, "exact", PAIR,
                       "alpha", "AC2");
        }
        head = true;
        eval_figures(&f, e, m, -1);
        buf_printf(b, "  %-12s%5u %6u  ", m->name, f.n, f.n - f.n_of[0]);
        static const enum figure shown[] = {FIG_KAPPA_W, FIG_ACCURACY, FIG_ALPHA, FIG_AC};
        for (size_t k = 0; k < ARRAY_LEN(shown); k++) put_interval(b, &f.of[shown[k]]);
        end_line(b);
    }
    if (!head) return;
    struct mean_scale mean = eval_mean_scale(e, -1);
    if (mean.n) {
        buf_printf(b, "  %-12s%12s  ", "mean", "");
        put_interval(b, &mean.kappa);
        buf_printf(b, "of the %d with levels 0 to 4\n", mean.n);
    }
    buf_putc(b, '\n');
}

static void put_groups(struct buf *b, const struct term *t, struct eval *e)
{
    static const enum figure first[] = {[MEASURE_CLASS] = FIG_ACCURACY, [MEASURE_LEVEL] = FIG_KAPPA_W, [MEASURE_SET] = FIG_MICRO_F1};
    static const enum figure second[] = {[MEASURE_CLASS] = FIG_MACRO_F1, [MEASURE_LEVEL] = FIG_ACCURACY, [MEASURE_SET] = FIG_MEAN_F1_20};
    for (size_t i = 0; i < e->measure.n; i++) {
        const struct measure *m = e->measure.p[i];
        if (!m->row.n) continue;
        term_put(b, t, ST_BOLD, m->name);
        buf_printf(b, " by %s: %s, %s\n", e->o->by, labels[first[m->kind]], labels[second[m->kind]]);
        for (size_t g = 0; g < e->group.list.n; g++) {
            struct figures f;
            eval_figures(&f, e, m, (int)g);
            if (!f.n) continue;
            buf_puts(b, "  ");
            put_fit(b, t, e->group.list.p[g], 28);
            buf_printf(b, "%5u  ", f.n);
            put_interval(b, &f.of[first[m->kind]]);
            put_interval(b, &f.of[second[m->kind]]);
            end_line(b);
        }
    }
    buf_putc(b, '\n');
}

void eval_print(struct buf *b, const struct term *t, struct eval *e, bool all)
{
    term_put(b, t, ST_BOLD | ST_UNDER, e->path);
    buf_putc(b, '\n');
    for (size_t i = 0; i < e->unit.list.n && i < ARRAY_LEN(e->n_unit); i++)
        buf_printf(b, "%s%u rows of kind %.*s", i ? ", " : "", e->n_unit[i], STR_ARG(e->unit.list.p[i]));
    buf_printf(b, " in %zu clusters; intervals: 95 %%, clusters drawn %u times (seed %llu)\n\n", e->cluster.list.n,
               e->o->bootstrap.draws, (unsigned long long)e->o->bootstrap.seed);
    for (size_t i = 0; i < e->measure.n; i++) {
        const struct measure *m = e->measure.p[i];
        struct figures f;
        if (!m->row.n || in_table(m, all)) continue;
        eval_figures(&f, e, m, -1);
        put_head(b, t, m, &f);
        put_classes(b, t, m, &f);
        if (m->kind != MEASURE_SET) put_confusion(b, t, m, &f);
        put_errors(b, t, e, m);
        buf_putc(b, '\n');
    }
    if (!all) put_scales(b, t, e);
    if (e->o->by) put_groups(b, t, e);
    for (size_t i = 0; i < e->skip_why.list.n && i < ARRAY_LEN(e->n_skip); i++)
        buf_printf(b, "left aside: %u (%.*s)\n", e->n_skip[i], STR_ARG(e->skip_why.list.p[i]));
    for (size_t i = 0; i < e->unread.list.n; i++) {
        buf_printf(b, "not compared: %u with the key ", e->n_unread[i]);
        term_clean(b, t, e->unread.list.p[i]);
        buf_putc(b, '\n');
    }
    if (e->n_rejected) buf_printf(b, "rejected: %llu\n", (unsigned long long)e->n_rejected);
}
