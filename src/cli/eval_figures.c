/* Rows of a measure → figures with intervals. */
#include "cli/eval.h"

#include <math.h>
#include <stdlib.h>

const char *const figure_names[N_FIGURE] = {"accuracy", "within_one", "macro_f1", "kappa", "weighted_kappa", "alpha", "ac",
                                            "micro_precision", "micro_recall", "micro_f1", "mean_f1_20"};

bool figure_fits(enum figure f, const struct measure *m)
{
    switch (f) {
    case FIG_ACCURACY:
    case FIG_ALPHA:
    case FIG_AC: return m->kind != MEASURE_SET;
    case FIG_KAPPA:
    case FIG_MACRO_F1: return m->kind == MEASURE_CLASS;
    case FIG_WITHIN_1:
    case FIG_KAPPA_W: return m->kind == MEASURE_LEVEL;
    default: return m->kind == MEASURE_SET;
    }
}

/* ---- one draw ---- */

struct shape { enum measure_kind kind; int k; const uint32_t *n_of; };

static double level_within_one(const double *t, int k)
{
    double n = 0, near = 0;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) n += t[i * k + j], near += abs(i - j) <= 1 ? t[i * k + j] : 0;
    return n > 0 ? near / n : NAN;
}

static void table_figures(double *out, const double *t, const struct shape *s)
{
    double pairs[STATS_MAX_CLASS * STATS_MAX_CLASS];
    int k = s->k;
    bool level = s->kind == MEASURE_LEVEL;
    stats_coincidence_of(pairs, t, k);
    out[FIG_ACCURACY] = stats_accuracy(t, k);
    out[FIG_WITHIN_1] = level_within_one(t, k);
    out[FIG_MACRO_F1] = stats_macro_f1(t, k);
    out[FIG_KAPPA] = stats_kappa(t, k);
    out[FIG_KAPPA_W] = stats_kappa_quadratic(t, k);
    out[FIG_ALPHA] = stats_alpha(pairs, k, level ? ALPHA_ORDINAL : ALPHA_NOMINAL);
    out[FIG_AC] = level ? stats_ac2(t, k) : stats_ac1(t, k);
    for (int c = 0; c < k; c++) {
        struct class_score x;
        stats_class(&x, t, k, c);
        double *f = out + N_FIGURE + 3 * c;
        f[0] = x.precision, f[1] = x.recall, f[2] = x.f1;
    }
}

static double ratio(double a, double b) { return b > 0 ? a / b : NAN; }

static void set_figures(double *out, const double *cells, const struct shape *s)
{
    double all[N_SET_CELL] = {0}, sum = 0;
    int n = 0;
    for (int m = 0; m < s->k; m++) {
        const double *c = cells + m * N_SET_CELL;
        double *f = out + N_FIGURE + 3 * m;
        for (int i = 0; i < N_SET_CELL; i++) all[i] += c[i];
        f[0] = ratio(c[SET_FOUND], c[SET_FOUND] + c[SET_EXTRA]);
        f[1] = ratio(c[SET_FOUND], c[SET_FOUND] + c[SET_MISSED]);
        f[2] = ratio(2 * c[SET_FOUND], 2 * c[SET_FOUND] + c[SET_EXTRA] + c[SET_MISSED]);
        if (s->n_of[m] >= 20 && !isnan(f[2])) sum += f[2], n++;
    }
    out[FIG_MICRO_P] = ratio(all[SET_FOUND], all[SET_FOUND] + all[SET_EXTRA]);
    out[FIG_MICRO_R] = ratio(all[SET_FOUND], all[SET_FOUND] + all[SET_MISSED]);
    out[FIG_MICRO_F1] = ratio(2 * all[SET_FOUND], 2 * all[SET_FOUND] + all[SET_EXTRA] + all[SET_MISSED]);
    out[FIG_MEAN_F1_20] = n ? sum / n : NAN;
}

static void draw(double *out, const double *cells, void *ctx)
{
    const struct shape *s = ctx;
    for (int i = 0; i < N_FIGURE; i++) out[i] = NAN;
    (s->kind == MEASURE_SET ? set_figures : table_figures)(out, cells, s);
}

/* ---- a measure ---- */

static void out_of_memory(struct eval *e)
{
    e->a.starved = true;
    longjmp(*e->a.on_oom, 1);
}

void eval_figures(struct figures *out, struct eval *e, const struct measure *m, int group)
{
    int k = (int)m->class.list.n;
    bool set = m->kind == MEASURE_SET;
    size_t n_cell = (size_t)(set ? k * N_SET_CELL : k * k), n_out = N_FIGURE + 3 * (size_t)k, n = 0;
    *out = (struct figures){.table = arena_array(&e->a, double, n_cell + 1),
                            .of = arena_array(&e->a, struct stats_interval, n_out)};
    struct stats_obs *obs = arena_array(&e->a, struct stats_obs, m->row.n + 1);
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < m->row.n; i++) {
        const struct eval_row *r = &m->row.p[i];
        const struct eval_item *item = &e->item.p[r->item];
        if (group >= 0 && item->group != group) continue;
        uint32_t cell = (uint32_t)(set ? r->want * N_SET_CELL + r->got : r->want * k + r->got);
        obs[n++] = (struct stats_obs){item->cluster, cell};
        out->table[cell]++;
        if (!set || r->got != SET_EXTRA) out->n_of[r->want]++;
        out->n += r->item != last;
        last = r->item;
    }
    struct shape s = {m->kind, k, out->n_of};
    if (!stats_intervals(out->of, n_out, obs, n, n_cell, &e->o->bootstrap, draw, &s)) out_of_memory(e);
}

/* ---- the mean over scales ---- */

enum { SCALE_CLASSES = 10 };
struct scales { int n; };

static void draw_mean(double *out, const double *cells, void *ctx)
{
    const struct scales *s = ctx;
    double sum = 0;
    int n = 0;
    for (int i = 0; i < s->n; i++) {
        double kappa = stats_kappa_quadratic(cells + i * SCALE_CLASSES * SCALE_CLASSES, SCALE_CLASSES);
        if (!isnan(kappa)) sum += kappa, n++;
    }
    *out = n ? sum / n : NAN;
}

static bool is_scale(const struct measure *m)
{
    return m->kind == MEASURE_LEVEL && m->name[0] == 'P' && m->class.list.n > 2 && m->class.list.n <= 5;
}

struct mean_scale eval_mean_scale(struct eval *e, int group)
{
    struct mean_scale out = {0};
    struct scales s = {0};
    size_t n = 0, total = 0;
    for (size_t i = 0; i < e->measure.n; i++) total += e->measure.p[i]->row.n;
    struct stats_obs *obs = arena_array(&e->a, struct stats_obs, total + 1);
    for (size_t i = 0; i < e->measure.n; i++) {
        const struct measure *m = e->measure.p[i];
        if (!is_scale(m)) continue;
        for (size_t k = 0; k < m->row.n; k++) {
            const struct eval_row *r = &m->row.p[k];
            const struct eval_item *item = &e->item.p[r->item];
            uint32_t cell = (uint32_t)((s.n * SCALE_CLASSES + r->want) * SCALE_CLASSES + r->got);
            if (group < 0 || item->group == group) obs[n++] = (struct stats_obs){item->cluster, cell};
        }
        s.n++;
    }
    out.n = s.n;
    if (s.n && !stats_intervals(&out.kappa, 1, obs, n, (size_t)s.n * SCALE_CLASSES * SCALE_CLASSES, &e->o->bootstrap, draw_mean, &s))
        out_of_memory(e);
    return out;
}

/* ---- worst errors ---- */

/* Far off first, then sure of it; a missed member by how unlikely it was held, an extra one by how likely. */
static double badness(const struct measure *m, const struct eval_row *r)
{
    double sure = isnan(r->conf) ? 0.5 : r->conf;
    if (m->kind == MEASURE_SET) return r->got == SET_FOUND ? -1 : r->got == SET_MISSED ? 1 - sure : sure;
    if (r->want == r->got) return -1;
    return (m->kind == MEASURE_LEVEL ? abs(r->want - r->got) : 1) + sure;
}

size_t eval_errors(struct eval *e, const struct measure *m, uint32_t *row, size_t max)
{
    (void)e;
    size_t n = 0;
    for (size_t i = 0; i < m->row.n && max; i++) {
        double bad = badness(m, &m->row.p[i]);
        if (bad < 0) continue;
        size_t at = n;
        while (at > 0 && badness(m, &m->row.p[row[at - 1]]) < bad) at--;
        if (at == max) continue;
        n += n < max;
        memmove(row + at + 1, row + at, (n - at - 1) * sizeof *row);
        row[at] = (uint32_t)i;
    }
    return n;
}
