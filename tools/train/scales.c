/* Rows of replies → the dense models, on what the sentences do (turn/scale.c). Scales: ridge regressions, their readings
 * then spread as far as the labels do, for a regression shrinks them towards the middle. Refused or not: a logistic
 * regression with a ridge. */
#include <math.h>
#include <stdlib.h>

#include "train.h"

enum { N = N_SCALE_MEASURE, COLS = N + 1 }; /* the last is the bias */
/* RIDGE_REFUSED: 333 read families left out worse, 3,300 some better and some worse. HOLD: standard deviations that a
 * measure may reach. */
static const double RIDGE = 300, RIDGE_REFUSED = 1000, HOLD = 4, SPREAD_MAX = 1.5;

/* How much a row counts: real replies more than ours. */
static double weight_of(const struct row *r, int fold)
{
    if (r->fold == fold) return 0;
    for (int i = 0; i < N_SCALE; i++)
        if (r->scale[i] < 0) return 0;
    return r->set == SET_TALKS || r->set == SET_AUTHORED2 ? 1 : 3;
}

/* For whether it refuses: gold and silver, replies of models to people in distress, count twice. */
static double weight_refused(const struct row *r, int fold)
{
    return r->fold == fold || r->refused < 0 ? 0 : r->set == SET_GOLD || r->set == SET_SILVER ? 2 : 1;
}

struct norm { double mean[N], sd[N]; };

static void norm_of(struct norm *z, const struct data *d, int fold)
{
    double n = 0, sum[N] = {0}, square[N] = {0};
    for (size_t i = 0; i < d->n; i++) {
        if (!(weight_of(&d->row[i], fold) > 0)) continue;
        n++;
        for (int k = 0; k < N; k++) sum[k] += d->row[i].measure[k], square[k] += (double)d->row[i].measure[k] * d->row[i].measure[k];
    }
    if (!(n > 0)) die("no reply has all scales");
    for (int k = 0; k < N; k++) {
        z->mean[k] = sum[k] / n;
        z->sd[k] = sqrt(fmax(0, square[k] / n - z->mean[k] * z->mean[k])) + 1e-3;
    }
}

static void columns(double x[COLS], const struct norm *z, const struct row *r)
{
    for (int k = 0; k < N; k++) x[k] = fmax(-HOLD, fmin(HOLD, (r->measure[k] - z->mean[k]) / z->sd[k]));
    x[N] = 1;
}

/* L L' = a, in place; then a x = b for each column of b. */
static void solve(double a[COLS][COLS], double b[COLS][N_SCALE])
{
    for (int j = 0; j < COLS; j++) {
        for (int i = j; i < COLS; i++) {
            double s = a[i][j];
            for (int k = 0; k < j; k++) s -= a[i][k] * a[j][k];
            a[i][j] = i == j ? sqrt(s) : s / a[j][j];
        }
    }
    for (int o = 0; o < N_SCALE; o++) {
        for (int i = 0; i < COLS; i++) {
            for (int k = 0; k < i; k++) b[i][o] -= a[i][k] * b[k][o];
            b[i][o] /= a[i][i];
        }
        for (int i = COLS - 1; i >= 0; i--) {
            for (int k = i + 1; k < COLS; k++) b[i][o] -= a[k][i] * b[k][o];
            b[i][o] /= a[i][i];
        }
    }
}

static double dot(const double b[COLS][N_SCALE], int o, const double x[COLS])
{
    double s = 0;
    for (int k = 0; k < COLS; k++) s += b[k][o] * x[k];
    return s;
}

struct moments { double n, sum, square; };
static void count(struct moments *m, double w, double x) { m->n += w, m->sum += w * x, m->square += w * x * x; }
static double mean_of(const struct moments *m) { return m->sum / m->n; }
static double spread_of(const struct moments *m) { return sqrt(fmax(0, m->square / m->n - mean_of(m) * mean_of(m))); }

/* Readings move away from their mean until they spread as the labels. */
static void spread(double b[COLS][N_SCALE], const struct norm *z, const struct data *d, int fold)
{
    struct moments read[N_SCALE] = {{0}}, label[N_SCALE] = {{0}};
    for (size_t i = 0; i < d->n; i++) {
        const struct row *r = &d->row[i];
        double w = weight_of(r, fold), x[COLS];
        if (!(w > 0)) continue;
        columns(x, z, r);
        for (int o = 0; o < N_SCALE; o++) count(&read[o], w, dot(b, o, x)), count(&label[o], w, r->scale[o]);
    }
    for (int o = 0; o < N_SCALE; o++) {
        double by = fmin(SPREAD_MAX, spread_of(&label[o]) / fmax(1e-6, spread_of(&read[o]))), mean = mean_of(&read[o]);
        for (int k = 0; k < COLS; k++) b[k][o] *= by;
        b[N][o] += mean * (1 - by);
    }
}

/* Newton's steps for the logistic regression; its weights into column 0 of b. As in the reply model, nothing of the
 * person counts for it but what they asked for: in our texts people in distress are refused more often. */
static void fit_refused(double b[COLS][N_SCALE], const struct norm *z, const struct data *d, int fold)
{
    enum { STEPS = 12 };
    static double a[COLS][COLS], step[COLS][N_SCALE];
    memset(b, 0, sizeof(double) * COLS * N_SCALE);
    for (int it = 0; it < STEPS; it++) {
        memset(a, 0, sizeof a), memset(step, 0, sizeof step);
        for (size_t i = 0; i < d->n; i++) {
            double w = weight_refused(&d->row[i], fold), x[COLS];
            if (!(w > 0)) continue;
            columns(x, z, &d->row[i]);
            for (int k = 0; k < N; k++) x[k] = turn_of_person(k) ? 0 : x[k];
            double p = 1 / (1 + exp(-dot(b, 0, x)));
            for (int j = 0; j < COLS; j++) {
                for (int k = 0; k <= j; k++) a[j][k] += w * p * (1 - p) * x[j] * x[k];
                step[j][0] += w * (d->row[i].refused - p) * x[j];
            }
        }
        for (int k = 0; k < N; k++) a[k][k] += RIDGE_REFUSED, step[k][0] -= RIDGE_REFUSED * b[k][0];
        solve(a, step);
        for (int k = 0; k < COLS; k++) b[k][0] += step[k][0];
    }
}

/* Column o of b, over measures as they are: lane `lane` of the model. */
static void put_lane(struct scale_fit *f, int lane, const struct norm *z, double b[COLS][N_SCALE], int o)
{
    double bias = b[N][o];
    for (int k = 0; k < N; k++) bias -= b[k][o] * z->mean[k] / z->sd[k], f->weight[k][lane] = (float)(b[k][o] / z->sd[k]);
    f->bias[lane] = (float)bias;
}

/* The model without fold k (FOLDS: of all rows). */
static void fit_fold(struct scale_fit *f, const struct data *d, int fold)
{
    static double a[COLS][COLS], b[COLS][N_SCALE];
    static struct norm z;
    memset(a, 0, sizeof a), memset(b, 0, sizeof b);
    norm_of(&z, d, fold);
    for (size_t i = 0; i < d->n; i++) {
        const struct row *r = &d->row[i];
        double w = weight_of(r, fold), x[COLS];
        if (!(w > 0)) continue;
        columns(x, &z, r);
        for (int j = 0; j < COLS; j++) {
            for (int k = 0; k <= j; k++) a[j][k] += w * x[j] * x[k];
            for (int o = 0; o < N_SCALE; o++) b[j][o] += w * x[j] * r->scale[o];
        }
    }
    for (int k = 0; k < N; k++) a[k][k] += RIDGE;
    solve(a, b);
    spread(b, &z, d, fold);
    memset(f, 0, sizeof *f);
    for (int o = 0; o < N_SCALE; o++) put_lane(f, o, &z, b, o);
    fit_refused(b, &z, d, fold);
    put_lane(f, LANE_REFUSED, &z, b, 0);
    for (int k = 0; k < N; k++) {
        f->low[k] = (float)(z.mean[k] - HOLD * z.sd[k]), f->high[k] = (float)(z.mean[k] + HOLD * z.sd[k]);
    }
}

void scales_train(struct scale_fit f[FOLDS + 1], const struct data *d)
{
    for (int k = 0; k <= FOLDS; k++) fit_fold(&f[k], d, k);
}

void scales_read(float out[SCALE_LANES], const struct scale_fit *f, const struct row *r)
{
    const struct scale_model m = {f->low, f->high, f->weight[0], f->bias};
    model_scales(out, &m, r->measure);
}

void scales_write(FILE *out, const struct scale_fit *f)
{
    const uint32_t n = N;
    put_block(out, &n, sizeof n);
    put_block(out, f->low, sizeof f->low), put_block(out, f->high, sizeof f->high);
    put_block(out, f->weight, sizeof f->weight), put_block(out, f->bias, sizeof f->bias);
}
