/* Figures → JSON, one object a file. docs/eval.md describes it. */
#include "cli/eval.h"

#include <math.h>

static void number(struct buf *b, double x)
{
    if (isnan(x)) buf_puts(b, "null");
    else buf_printf(b, "%.6g", x);
}

static void interval(struct buf *b, const char *name, const struct stats_interval *x)
{
    buf_printf(b, ",\"%s\":{\"value\":", name);
    number(b, x->value);
    buf_puts(b, ",\"lo\":");
    number(b, x->lo);
    buf_puts(b, ",\"hi\":");
    number(b, x->hi);
    buf_putc(b, '}');
}

static void put_figures(struct buf *b, const struct measure *m, const struct figures *f)
{
    static const char *const three[] = {"precision", "recall", "f1"};
    bool set = m->kind == MEASURE_SET;
    size_t k = m->class.list.n, wide = set ? (size_t)N_SET_CELL : k;
    buf_printf(b, "\"n\":%u", f->n);
    for (enum figure i = 0; i < N_FIGURE; i++)
        if (figure_fits(i, m)) interval(b, figure_names[i], &f->of[i]);
    buf_puts(b, ",\"classes\":[");
    for (size_t c = 0; c < k; c++) {
        buf_puts(b, c ? ",{\"name\":" : "{\"name\":");
        buf_json(b, m->class.list.p[c]);
        buf_printf(b, ",\"n\":%u", f->n_of[c]);
        for (size_t i = 0; i < 3; i++) interval(b, three[i], &f->of[N_FIGURE + 3 * c + i]);
        buf_putc(b, '}');
    }
    buf_printf(b, "],\"%s\":[", set ? "missed_extra_found" : "confusion");
    for (size_t i = 0; i < k; i++) {
        buf_puts(b, i ? ",[" : "[");
        for (size_t j = 0; j < wide; j++) buf_printf(b, j ? ",%.0f" : "%.0f", f->table[i * wide + j]);
        buf_putc(b, ']');
    }
    buf_putc(b, ']');
}

static void put_calibration(struct buf *b, const struct stats_calibration *c)
{
    if (!c->n) return;
    buf_printf(b, ",\"calibration\":{\"n\":%u,\"ece\":%.6g,\"brier\":%.6g,\"bins\":[", c->n, stats_ece(c), stats_brier(c));
    for (int i = 0; i < STATS_BINS; i++) {
        const struct stats_bin *x = &c->bin[i];
        buf_printf(b, "%s{\"n\":%u,\"said\":", i ? "," : "", x->n);
        number(b, x->n ? x->sum / x->n : NAN);
        buf_puts(b, ",\"right\":");
        number(b, x->n ? (double)x->right / x->n : NAN);
        buf_putc(b, '}');
    }
    buf_puts(b, "]}");
}

static void put_errors(struct buf *b, struct eval *e, const struct measure *m)
{
    uint32_t *row = arena_array(&e->a, uint32_t, e->o->n_error + 1);
    size_t n = eval_errors(e, m, row, e->o->n_error);
    buf_puts(b, ",\"errors\":[");
    for (size_t i = 0; i < n; i++) {
        const struct eval_row *r = &m->row.p[row[i]];
        const struct eval_item *x = &e->item.p[r->item];
        bool set = m->kind == MEASURE_SET;
        buf_puts(b, i ? ",{\"id\":" : "{\"id\":");
        buf_json(b, x->id);
        buf_puts(b, set ? ",\"member\":" : ",\"label\":");
        buf_json(b, m->class.list.p[r->want]);
        buf_puts(b, ",\"read\":");
        buf_json(b, set ? str_of(r->got == SET_MISSED ? "missed" : "extra") : m->class.list.p[r->got]);
        buf_puts(b, ",\"conf\":");
        number(b, r->conf);
        if (x->text.n) buf_puts(b, ",\"text\":"), buf_json(b, x->text);
        buf_putc(b, '}');
    }
    buf_putc(b, ']');
}

static void put_measure(struct buf *b, struct eval *e, const struct measure *m)
{
    static const char *const kinds[] = {"class", "level", "set"};
    struct figures f;
    eval_figures(&f, e, m, -1);
    buf_puts(b, "{\"name\":");
    buf_json(b, str_of(m->name));
    buf_printf(b, ",\"kind\":\"%s\",\"left_out\":%u,", kinds[m->kind], m->n_left_out);
    put_figures(b, m, &f);
    put_calibration(b, &m->sure);
    put_errors(b, e, m);
    bool any = false;
    for (size_t g = 0; g < e->group.list.n; g++) {
        eval_figures(&f, e, m, (int)g);
        if (!f.n) continue;
        buf_puts(b, any ? ",{\"group\":" : ",\"groups\":[{\"group\":");
        any = true;
        buf_json(b, e->group.list.p[g]);
        buf_putc(b, ',');
        put_figures(b, m, &f);
        buf_putc(b, '}');
    }
    buf_puts(b, any ? "]}" : "}");
}

static void put_counts(struct buf *b, const char *name, const struct names *n, const uint32_t *count, size_t max)
{
    buf_printf(b, ",\"%s\":{", name);
    for (size_t i = 0; i < n->list.n && i < max; i++) {
        if (i) buf_putc(b, ',');
        buf_json(b, n->list.p[i]);
        buf_printf(b, ":%u", count[i]);
    }
    buf_putc(b, '}');
}

void eval_json(struct buf *b, struct eval *e)
{
    buf_puts(b, "{\"schema_version\":1,\"path\":");
    buf_json(b, str_of(e->path));
    put_counts(b, "rows", &e->unit, e->n_unit, ARRAY_LEN(e->n_unit));
    put_counts(b, "left_aside", &e->skip_why, e->n_skip, ARRAY_LEN(e->n_skip));
    put_counts(b, "not_compared", &e->unread, e->n_unread, ARRAY_LEN(e->n_unread));
    buf_printf(b, ",\"rejected\":%llu", (unsigned long long)e->n_rejected);
    buf_printf(b, ",\"clusters\":%zu,\"draws\":%u,\"seed\":%llu,\"by\":", e->cluster.list.n, e->o->bootstrap.draws,
               (unsigned long long)e->o->bootstrap.seed);
    if (e->o->by) buf_json(b, str_of(e->o->by));
    else buf_puts(b, "null");
    buf_puts(b, ",\"measures\":[");
    bool any = false;
    for (size_t i = 0; i < e->measure.n; i++) {
        if (!e->measure.p[i]->row.n) continue;
        if (any) buf_putc(b, ',');
        any = true;
        put_measure(b, e, e->measure.p[i]);
    }
    buf_putc(b, ']');
    struct mean_scale mean = eval_mean_scale(e, -1);
    if (mean.n) {
        buf_printf(b, ",\"mean_of_scales\":{\"scales\":%d", mean.n);
        interval(b, "weighted_kappa", &mean.kappa);
        buf_putc(b, '}');
    }
    buf_puts(b, "}\n");
}
