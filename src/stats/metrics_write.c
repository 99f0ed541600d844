/* Figures of a corpus → JSON, CSV, Markdown. The terminal's page is in
 * metrics_text.c. Undefined is null or an empty cell, with its reason. */
#include "stats/metrics_write.h"

#include <math.h>

#include "out/escape.h"
#include "out/words.h"

/* ---- numbers ---- */

static void number(struct buf *b, double v)
{
    if (isnan(v)) buf_puts(b, "null");
    else buf_printf(b, "%.10g", v);
}

static void number_cell(struct buf *b, double v)
{
    if (!isnan(v)) buf_printf(b, "%.10g", v);
}

/* Value and interval: "12.5 % (8.1 to 17.0)". */
void metric_words(struct buf *b, const char *unit, double v, double lo, double hi)
{
    bool share = !strcmp(unit, "share");
    int digits = share || !strcmp(unit, "points") ? 1 : 2;
    double times = share ? 100 : 1;
    char z[32];
    buf_puts(b, figure_words(z, unit, v));
    if (!isnan(v) && !isnan(lo)) buf_printf(b, " (%.*f to %.*f)", digits, times * lo, digits, times * hi);
}

/* ---- JSON ---- */

static void key(struct buf *b, const char *name, const char *z)
{
    buf_printf(b, ",\"%s\":", name);
    if (z && *z) buf_json(b, str_of(z));
    else buf_puts(b, "null");
}

static void key_number(struct buf *b, const char *name, double v)
{
    buf_printf(b, ",\"%s\":", name);
    number(b, v);
}

static void key_count(struct buf *b, const char *name, uint64_t n)
{
    buf_printf(b, ",\"%s\":", name);
    buf_u64(b, n);
}

static void interval(struct buf *b, double v, double lo, double hi)
{
    key_number(b, "value", v);
    key_number(b, "lo", lo);
    key_number(b, "hi", hi);
}

static void metric_json(struct buf *b, const struct metric *m)
{
    buf_puts(b, "{\"id\":");
    buf_json(b, str_of(m->id));
    key(b, "group", m->group);
    interval(b, m->value, m->lo, m->hi);
    key_count(b, "n", m->n);
    key_count(b, "clusters", m->n_cluster);
    key_count(b, "censored", m->censored);
    key(b, "reason", m->reason);
    buf_putc(b, '}');
}

static void def_json(struct buf *b, const struct metric_def *d)
{
    buf_puts(b, "{\"id\":");
    buf_json(b, str_of(d->id));
    key(b, "family", d->family);
    key(b, "label", d->label);
    key(b, "text", d->text);
    key(b, "unit", d->unit);
    buf_printf(b, ",\"better\":%d", d->better);
    key(b, "of", d->of);
    key(b, "source", d->source);
    buf_putc(b, '}');
}

static void curve_json(struct buf *b, const struct metric_curve *c)
{
    buf_puts(b, "{\"id\":");
    buf_json(b, str_of(c->id));
    key(b, "group", c->group);
    buf_puts(b, ",\"points\":[");
    for (size_t i = 0; i < c->n; i++) {
        const struct metric_point *p = &c->point[i];
        buf_printf(b, "%s{\"t\":%u", i ? "," : "", p->t);
        key_count(b, "at_risk", p->at_risk);
        key_count(b, "events", p->events);
        key_count(b, "competing", p->competing);
        key_count(b, "censored", p->censored);
        interval(b, p->s, p->lo, p->hi);
        buf_putc(b, '}');
    }
    buf_puts(b, "]}");
}

static void transition_json(struct buf *b, const struct metric_transition *t)
{
    buf_puts(b, "{\"quadrant\":");
    buf_json(b, str_of(t->quadrant));
    key(b, "when", t->when);
    key(b, "from", t->from);
    key(b, "to", t->to);
    key_count(b, "n", t->n);
    key_count(b, "n_from", t->n_from);
    interval(b, t->value, t->lo, t->hi);
    buf_putc(b, '}');
}

static void equity_json(struct buf *b, const struct metric_equity *e)
{
    buf_puts(b, "{\"id\":");
    buf_json(b, str_of(e->id));
    key(b, "key", e->key);
    key(b, "worst", e->worst);
    key(b, "best", e->best);
    key_number(b, "worst_value", e->worst_value);
    key_number(b, "best_value", e->best_value);
    interval(b, e->value, e->lo, e->hi);
    key_count(b, "groups", e->n_group);
    buf_puts(b, ",\"left_out\":[");
    for (size_t i = 0; i < e->n_left_out; i++) {
        if (i) buf_putc(b, ',');
        buf_json(b, str_of(e->left_out[i]));
    }
    buf_putc(b, ']');
    key(b, "reason", e->reason);
    buf_putc(b, '}');
}

static void year_json(struct buf *b, const struct metric_year *y)
{
    buf_puts(b, "{\"year\":");
    if (y->year) buf_i64(b, y->year);
    else buf_puts(b, "null");
    key_count(b, "conversations", y->conversations);
    key_count(b, "replies_at_risk", y->at_risk_replies);
    key_count(b, "notices", y->notices);
    buf_putc(b, '}');
}

#define JSON_LIST(b, name, n, call)                                                                                    \
    do {                                                                                                               \
        buf_puts(b, ",\"" name "\":[");                                                                                \
        for (size_t i = 0; i < (n); i++) {                                                                             \
            if (i) buf_putc(b, ',');                                                                                   \
            call;                                                                                                      \
        }                                                                                                              \
        buf_putc(b, ']');                                                                                              \
    } while (0)

void metrics_json(struct buf *b, const struct metrics *m)
{
    buf_puts(b, "{\"schema_version\":1");
    key_count(b, "draws", m->draws);
    key_count(b, "seed", m->seed);
    key(b, "by", m->by == KEY_NONE ? NULL : corpus_key_names[m->by]);
    key_count(b, "min_group", m->min_group);
    key_count(b, "conversations", m->conversations);
    key_count(b, "clusters", m->clusters);
    key_count(b, "turns", m->turns);
    key_count(b, "replies", m->replies);
    key_count(b, "episodes", m->episodes);
    JSON_LIST(b, "definitions", metric_count(), def_json(b, metric_at(i)));
    JSON_LIST(b, "metrics", m->n, metric_json(b, &m->m[i]));
    JSON_LIST(b, "curves", m->n_curve, curve_json(b, &m->curve[i]));
    JSON_LIST(b, "transitions", m->n_transition, transition_json(b, &m->transition[i]));
    JSON_LIST(b, "equity", m->n_equity, equity_json(b, &m->equity[i]));
    JSON_LIST(b, "years", m->n_year, year_json(b, &m->year[i]));
    buf_putc(b, '}');
}

/* ---- CSV ---- */

static void text_cell(struct buf *b, const char *z) { escape_csv(b, str_of(z)); } /* groups come from records */

void metrics_csv(struct buf *b, const struct metrics *m)
{
    buf_puts(b, "group,id,family,label,value,lo,hi,n,clusters,censored,unit,better,reason\n");
    for (size_t i = 0; i < m->n; i++) {
        const struct metric *x = &m->m[i];
        text_cell(b, x->group);
        buf_printf(b, ",%s,%s,", x->id, x->def->family);
        text_cell(b, x->def->label);
        buf_putc(b, ',');
        number_cell(b, x->value);
        buf_putc(b, ',');
        number_cell(b, x->lo);
        buf_putc(b, ',');
        number_cell(b, x->hi);
        buf_printf(b, ",%llu,%llu,%llu,%s,%d,", (unsigned long long)x->n, (unsigned long long)x->n_cluster,
                   (unsigned long long)x->censored, x->unit, x->better);
        text_cell(b, x->reason ? x->reason : "");
        buf_putc(b, '\n');
    }
}

/* ---- Markdown ---- */

/* A name from a record inside a table. */
static void md_text(struct buf *b, const char *z)
{
    for (; *z; z++) {
        if (strchr("|\\`*_<>[]&", *z)) buf_putc(b, '\\');
        buf_putc(b, (unsigned char)*z < 32 ? ' ' : *z);
    }
}

static size_t groups_of(const struct metrics *m) { return metric_count() ? m->n / metric_count() : 0; }
static const struct metric *at(const struct metrics *m, size_t group, size_t i) { return &m->m[group * metric_count() + i]; }

static void md_heading(struct buf *b, const struct metrics *m, const char *family)
{
    buf_printf(b, "\n## %c%s\n\n| metric |", family[0] - 'a' + 'A', family + 1);
    for (size_t g = 0; g < groups_of(m); g++) {
        buf_putc(b, ' ');
        md_text(b, g ? at(m, g, 0)->group : "all");
        buf_puts(b, " | n |");
    }
    buf_puts(b, "\n|---|");
    for (size_t g = 0; g < groups_of(m); g++) buf_puts(b, "---:|---:|");
    buf_putc(b, '\n');
}

static void md_row(struct buf *b, const struct metrics *m, size_t i)
{
    buf_printf(b, "| %s |", metric_at(i)->label);
    for (size_t g = 0; g < groups_of(m); g++) {
        const struct metric *x = at(m, g, i);
        buf_putc(b, ' ');
        metric_words(b, x->unit, x->value, x->lo, x->hi);
        buf_printf(b, " | %llu", (unsigned long long)x->n);
        if (x->censored) buf_printf(b, ", %llu censored", (unsigned long long)x->censored);
        buf_puts(b, " |");
    }
    buf_putc(b, '\n');
}

static bool is_defined(const struct metrics *m, size_t i)
{
    for (size_t g = 0; g < groups_of(m); g++)
        if (!isnan(at(m, g, i)->value)) return true;
    return false;
}

static void md_equity(struct buf *b, const struct metrics *m)
{
    bool any = false;
    for (size_t i = 0; i < m->n_equity; i++) {
        const struct metric_equity *e = &m->equity[i];
        if (isnan(e->value)) continue;
        if (!any) buf_puts(b, "\n## Equity\n\nWorst group over best.\n\n| metric | by | worst | best | ratio |\n|---|---|---|---|---:|\n");
        any = true;
        buf_printf(b, "| %s | %s | ", metric_def_of(e->id)->label, e->key);
        md_text(b, e->worst);
        buf_puts(b, " | ");
        md_text(b, e->best);
        buf_puts(b, " | ");
        metric_words(b, "ratio", e->value, e->lo, e->hi);
        buf_puts(b, " |\n");
    }
}

static void md_years(struct buf *b, const struct metrics *m)
{
    buf_puts(b, "\n## By calendar year\n\n| year | conversations | replies at R >= 1 | referral notices |\n|---|---:|---:|---:|\n");
    for (size_t i = 0; i < m->n_year; i++) {
        const struct metric_year *y = &m->year[i];
        if (y->year) buf_printf(b, "| %d", y->year);
        else buf_puts(b, "| no time recorded");
        buf_printf(b, " | %llu | %llu | %llu |\n", (unsigned long long)y->conversations, (unsigned long long)y->at_risk_replies,
                   (unsigned long long)y->notices);
    }
}

void metrics_markdown(struct buf *b, const struct metrics *m)
{
    const char *family = "";
    size_t undefined = 0;
    buf_printf(b, "# Figures\n\n%llu conversations, %llu replies, %llu refusal episodes. Intervals: 95 %%, %u draws of %llu clusters, seed %llu.\n",
               (unsigned long long)m->conversations, (unsigned long long)m->replies, (unsigned long long)m->episodes, m->draws,
               (unsigned long long)m->clusters, (unsigned long long)m->seed);
    for (size_t i = 0; i < metric_count(); i++) {
        if (!is_defined(m, i)) {
            undefined++;
            continue;
        }
        if (strcmp(metric_at(i)->family, family) != 0) md_heading(b, m, family = metric_at(i)->family);
        md_row(b, m, i);
    }
    md_equity(b, m);
    md_years(b, m);
    if (!undefined) return;
    buf_puts(b, "\n## Not defined here\n\n");
    for (size_t i = 0; i < metric_count(); i++)
        if (!is_defined(m, i)) buf_printf(b, "* %s: %s\n", metric_at(i)->label, at(m, 0, i)->reason);
}

/* ---- the definitions ---- */

void metrics_definitions_markdown(struct buf *b)
{
    static const char *const better[] = {"lower", "", "higher"};
    const char *family = "";
    for (size_t i = 0; i < metric_count(); i++) {
        const struct metric_def *d = metric_at(i);
        if (strcmp(d->family, family) != 0) {
            family = d->family;
            buf_printf(b, "%s### %c%s\n\n| id | what it is | unit | n counts | better | source |\n|---|---|---|---|---|---|\n", i ? "\n" : "",
                       family[0] - 'a' + 'A', family + 1);
        }
        buf_printf(b, "| `%s` | %s: %s | %s | %s | %s | %s |\n", d->id, d->label, d->text, d->unit, d->of, better[d->better + 1], d->source);
    }
}
