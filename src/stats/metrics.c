/* A corpus → all figures of codebook §3 with their intervals: for the whole and
 * for each group, the same steps: contributions, rows of clusters, totals,
 * draws. */
#include <math.h>
#include <stdlib.h>

#include "phase/code.h"
#include "report/report.h"
#include "stats/contribute.h"
#include "stats/equity.h"
#include "stats/rows.h"

static const char *const wait_ids[N_WAITS] = {[WAIT_ACK] = "tta", [WAIT_CONTACT] = "ttr", [WAIT_RECOVERY] = "recovery"};
enum { N_CURVE_POINT = N_WAITS * N_WAIT };

/* ---- statistics of a draw ---- */

/* One column a statistic: the metrics, then the curves, then the matrix entries in use. */
struct plan {
    size_t n_metric, n_entry, n_stat;
    uint32_t *entry;  /* cells of the matrix that are not 0 */
    uint32_t draws;
    double *drawn;    /* [n_stat][draws] */
};

static double matrix_share(uint32_t cell, const double *cells)
{
    uint32_t first = CELL_MATRIX + (cell - CELL_MATRIX) / N_STATE * N_STATE;
    double n = 0;
    for (uint32_t k = 0; k < N_STATE; k++) n += cells[first + k];
    return n > 0 ? cells[cell] / n : NAN;
}

static void statistics(double *out, size_t stride, const struct plan *p, const double *cells, double *metric)
{
    double s[N_WAIT];
    metrics_of_cells(metric, cells);
    for (size_t i = 0; i < p->n_metric; i++) out[i * stride] = metric[i];
    out += p->n_metric * stride;
    for (int w = 0; w < N_WAITS; w++) {
        wait_curve(s, (enum wait)w, cells);
        for (int t = 0; t < N_WAIT; t++, out += stride) *out = s[t];
    }
    for (size_t i = 0; i < p->n_entry; i++) out[i * stride] = matrix_share(p->entry[i], cells);
}

static void take_draw(void *ctx, uint32_t draw, const double *cells)
{
    const struct plan *p = ctx;
    double metric[256];
    statistics(p->drawn + draw, p->draws, p, cells, metric);
}

static bool plan_make(struct plan *p, const double *total, uint32_t draws)
{
    *p = (struct plan){.n_metric = metric_count(), .draws = draws};
    p->entry = malloc(N_MATRIX * sizeof *p->entry);
    for (uint32_t k = 0; p->entry && k < N_MATRIX; k++)
        if (total[CELL_MATRIX + k] > 0) p->entry[p->n_entry++] = CELL_MATRIX + k;
    p->n_stat = p->n_metric + N_CURVE_POINT + p->n_entry;
    p->drawn = malloc((p->n_stat * draws + 1) * sizeof *p->drawn);
    return p->entry && p->drawn && p->n_metric <= 256;
}

static void plan_free(struct plan *p)
{
    free(p->entry);
    free(p->drawn);
}

/* ---- into the result ---- */

struct column { struct stats_interval *x; const double *total; const struct cluster_rows *rows; const struct plan *plan; };

static void put_metric(struct metric *m, size_t i, const struct column *c, const char *group)
{
    const struct metric_def *d = metric_at(i);
    const struct metric_calc *k = metric_calc_at(i);
    uint32_t n2_cluster = k->n2 ? c->rows->n_row_of[k->n2] : 0, n_cluster = c->rows->n_row_of[k->n];
    *m = (struct metric){.id = d->id, .group = group, .value = c->x[i].value, .lo = c->x[i].lo, .hi = c->x[i].hi,
                         .unit = d->unit, .better = d->better, .def = d};
    m->n = (uint64_t)llround(c->total[k->n] + (k->n2 ? c->total[k->n2] : 0));
    m->n_cluster = n_cluster > n2_cluster ? n_cluster : n2_cluster;
    m->censored = k->censored ? (uint64_t)llround(c->total[k->censored]) : 0;
    if (isnan(m->value)) m->reason = metric_reason(i, c->total), m->lo = m->hi = NAN;
    else if (!strcmp(d->unit, "share") && m->lo == m->hi && (m->value == 0 || m->value == 1))
        m->reason = "none or all: draws cannot show how sure that is", m->lo = m->hi = NAN;
    else if (isnan(m->lo)) m->reason = !c->plan->draws ? "no draws" : c->rows->rows.n_row < 2 ? "one cluster" : "undefined in most draws";
}

static void put_curve(struct metrics *out, int w, const struct column *c, const char *group)
{
    const double *event = c->total + CELL_WAIT_EVENT + w * N_WAIT, *cut = c->total + CELL_WAIT_CUT + w * N_WAIT;
    const double *competing = c->total + CELL_WAIT_COMPETING + w * N_WAIT;
    const struct stats_interval *x = c->x + c->plan->n_metric + w * N_WAIT;
    double at_risk = c->total[CELL_WAIT_N + w];
    struct metric_curve *curve = &out->curve[out->n_curve];
    if (!(at_risk > 0)) return;
    out->n_curve++;
    *curve = (struct metric_curve){wait_ids[w], group, arena_array(out->a, struct metric_point, N_WAIT), 0};
    for (uint32_t t = 0; t < N_WAIT && at_risk > .5; t++) {
        curve->point[curve->n++] = (struct metric_point){.t = t, .at_risk = (uint64_t)llround(at_risk), .events = (uint64_t)llround(event[t]),
            .competing = (uint64_t)llround(competing[t]), .censored = (uint64_t)llround(cut[t]), .s = x[t].value, .lo = x[t].lo, .hi = x[t].hi};
        at_risk -= event[t] + competing[t] + cut[t];
    }
}

static void put_matrix(struct metrics *out, const struct column *c)
{
    const struct plan *p = c->plan;
    out->transition = arena_array(out->a, struct metric_transition, p->n_entry + 1);
    for (size_t i = 0; i < p->n_entry; i++) {
        uint32_t k = p->entry[i] - CELL_MATRIX, row = k / N_STATE;
        const struct stats_interval *x = &c->x[p->n_metric + N_CURVE_POINT + i];
        const char *quadrant = quadrant_names[row / N_STATE / 2];
        double n_from = 0;
        for (uint32_t j = 0; j < N_STATE; j++) n_from += c->total[CELL_MATRIX + row * N_STATE + j];
        out->transition[out->n_transition++] = (struct metric_transition){
            quadrant ? quadrant : "open", row / N_STATE % 2 ? "end" : "next", user_state_names[row % N_STATE],
            user_state_names[k % N_STATE], (uint64_t)llround(c->total[p->entry[i]]), (uint64_t)llround(n_from), x->value, x->lo, x->hi};
    }
}

static void put_counts(struct metrics *out, const struct corpus *c, const double *total, size_t n_cluster)
{
    out->conversations = c->conv.n;
    out->clusters = n_cluster;
    out->replies = (uint64_t)llround(total[CELL_REPLY]);
    out->episodes = (uint64_t)llround(total[CELL_EPISODE]);
    for (size_t i = 0; i < c->conv.n; i++) out->turns += c->conv.p[i].turn1 - c->conv.p[i].turn0;
}

static void put_all(struct metrics *out, const struct corpus *c, const struct column *x, const char *group)
{
    for (size_t i = 0; i < x->plan->n_metric; i++) put_metric(&out->m[out->n++], i, x, group);
    for (int w = 0; w < N_WAITS; w++) put_curve(out, w, x, group);
    if (*group || out->n > x->plan->n_metric) return; /* once, of the whole */
    put_matrix(out, x);
    put_counts(out, c, x->total, x->rows->rows.n_row);
}

/* ---- one corpus ---- */

static bool intervals(struct stats_interval *x, const struct plan *p, const struct cluster_rows *r, const struct metrics_opts *o)
{
    double metric[256], *one = malloc((p->n_stat + 1) * sizeof *one);
    if (!one || !stats_draws(&r->rows, o->draws, o->seed, o->threads, take_draw, (void *)p)) {
        free(one);
        return false;
    }
    statistics(one, 1, p, r->total, metric);
    for (size_t i = 0; i < p->n_stat; i++) {
        x[i].value = one[i];
        stats_percentiles(&x[i].lo, &x[i].hi, p->drawn + i * p->draws, r->rows.n_row >= 2 ? p->draws : 0);
    }
    free(one);
    return true;
}

static bool figures(struct metrics *out, struct corpus *c, const char *group, const struct metrics_opts *o)
{
    struct contributions x = {0};
    struct cluster_rows r = {0};
    struct plan p = {0};
    struct stats_interval *at = NULL;
    bool ok = corpus_contribute(&x, c) && rows_make(&r, &x, NULL, c->conv.n) && plan_make(&p, r.total, o->draws) &&
              (at = malloc((p.n_stat + 1) * sizeof *at)) && intervals(at, &p, &r, o);
    if (ok) put_all(out, c, &(struct column){at, r.total, &r, &p}, group);
    if (ok && !*group && !out->equity) ok = equity_of(out, c, &x, o);
    free(at);
    plan_free(&p);
    rows_free(&r);
    contributions_free(&x);
    return ok;
}

/* ---- calendar years ---- */

static int year_of(int64_t ms)
{
    char z[32];
    return ms == TS_NONE || !report_time(z, ms) ? 0 : atoi((char[]){z[0], z[1], z[2], z[3], 0});
}

static struct metric_year *year_at(struct metrics *out, int year)
{
    size_t i = 0;
    while (i < out->n_year && out->year[i].year < year) i++;
    if (i < out->n_year && out->year[i].year == year) return &out->year[i];
    out->year = arena_grow(out->a, out->year, out->n_year * sizeof *out->year, (out->n_year + 1) * sizeof *out->year);
    memmove(&out->year[i + 1], &out->year[i], (out->n_year - i) * sizeof *out->year);
    out->n_year++;
    out->year[i] = (struct metric_year){.year = year};
    return &out->year[i];
}

/* A reply belongs to the year of its own time, a conversation to that of its first turn that has one. */
static void years_of(struct metrics *out, const struct corpus *c)
{
    for (size_t i = 0; i < c->conv.n; i++) {
        const struct corpus_conv *v = &c->conv.p[i];
        int first = 0, now = 0;
        for (uint32_t t = v->turn0; t < v->turn1 && !first; t++) first = year_of(c->turn.p[t].ts);
        year_at(out, first)->conversations++;
        for (uint32_t t = v->turn0; t < v->turn1; t++) {
            const struct corpus_turn *x = &c->turn.p[t];
            if (x->ts != TS_NONE) now = year_of(x->ts);
            if (x->role != ROLE_ASSISTANT && x->role != ROLE_PLATFORM) continue;
            struct metric_year *y = year_at(out, now ? now : first);
            y->at_risk_replies += x->risk >= 1;
            y->notices += x->kind != CORPUS_NULL && x->kind >= KIND_NAMED;
        }
    }
}

/* ---- the whole ---- */

static bool figures_by(struct metrics *out, struct corpus *c, const char *const *group, size_t n, const struct metrics_opts *o)
{
    bool ok = figures(out, c, "", o);
    struct corpus_conv *some = malloc((c->conv.n + 1) * sizeof *some);
    for (size_t g = 0; ok && some && g < n; g++) {
        struct corpus part = *c;
        part.conv.p = some;
        part.conv.n = 0;
        for (size_t i = 0; i < c->conv.n; i++)
            if (corpus_in(c, i, o->by, group[g])) some[part.conv.n++] = c->conv.p[i];
        ok = figures(out, &part, *group[g] ? group[g] : "(none)", o);
    }
    ok &= some != NULL;
    free(some);
    return ok;
}

bool corpus_metrics(struct metrics *out, struct corpus *c, const struct metrics_opts *o)
{
    const char *const *group = NULL;
    size_t n = corpus_groups(&group, c, o->by);
    *out = (struct metrics){.a = calloc(1, sizeof *out->a), .draws = o->draws, .seed = o->seed, .min_group = o->min_group, .by = o->by};
    if (!out->a) return false;
    arena_init(out->a, 0);
    out->m = arena_array(out->a, struct metric, (n + 1) * metric_count());
    out->curve = arena_array(out->a, struct metric_curve, (n + 1) * N_WAITS);
    for (size_t g = 0; out->a && g < n; g++) ((const char **)group)[g] = arena_str(out->a, str_of(group[g])).p; /* outlive the corpus */
    years_of(out, c);
    if (figures_by(out, c, group, n, o)) return true;
    metrics_free(out);
    return false;
}

void metrics_free(struct metrics *m)
{
    if (m->a) arena_free(m->a);
    free(m->a);
    *m = (struct metrics){0};
}

const struct metric *metrics_get(const struct metrics *m, const char *id, const char *group)
{
    for (size_t i = 0; i < m->n; i++)
        if (!strcmp(m->m[i].id, id) && !strcmp(m->m[i].group, group)) return &m->m[i];
    return NULL;
}
