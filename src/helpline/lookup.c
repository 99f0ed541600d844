/* Query → ranked offers. Ranks are plain sums, so that `why` can say them. */
#include "helpline/lookup.h"

#include <stdio.h>
#include <stdlib.h>

static bool same(const char *a, const char *b) { return strcmp(a, b) == 0; }

/* ---- hours ---- */

static int clock_at(const char **z)
{
    int h, m, n = 0;
    if (sscanf(*z, "%2d:%2d%n", &h, &m, &n) < 2 || !n || h > 24 || m > 59) return -1;
    *z += n;
    return h * 60 + m;
}

enum open_now hours_open(const char *hours, int minute)
{
    if (same(hours, "24/7")) return OPEN_YES;
    static const struct { const char *z; int first, last; } days[] = {
        {"daily ", 0, 6}, {"Mon-Fri ", 0, 4}, {"Mon-Sat ", 0, 5}, {"", 0, 6}};
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        size_t n = strlen(days[i].z);
        if (strncmp(hours, days[i].z, n) != 0) continue;
        const char *z = hours + n;
        int a = clock_at(&z), day = minute / 1440, m = minute % 1440;
        if (a < 0 || *z++ != '-') return OPEN_UNKNOWN;
        int b = clock_at(&z);
        if (b < 0 || strncmp(z, ";", 1) == 0) return OPEN_UNKNOWN; /* more than one range: not read */
        if (a <= b) return day >= days[i].first && day <= days[i].last && m >= a && m < b ? OPEN_YES : OPEN_NO;
        return m >= a || m < b ? OPEN_YES : OPEN_NO; /* over midnight */
    }
    return OPEN_UNKNOWN;
}

/* ---- ranks ---- */

static int rank_service(const struct dir_line *l, const char *need)
{
    if (same(l->service, need)) return 100;
    if (same(need, "suicide") || same(need, "crisis")) {
        if (same(l->service, "suicide") || same(l->service, "crisis")) return 90;
        if (same(l->service, "general")) return 20;
        return 0;
    }
    return same(l->service, "crisis") ? 45 : same(l->service, "suicide") ? 40 : same(l->service, "general") ? 30 : 0;
}

static unsigned population_bit(const char *z)
{
    for (unsigned b = 0; b < 7; b++)
        if (same(z, population_names[b])) return 1u << b;
    return 0;
}

static bool fits_population(const struct dir_line *l, const struct lookup_query *q, int *s)
{
    unsigned bit = population_bit(l->population);
    bool asked = same(l->service, q->need);
    if (l->age_max && q->age >= 0 && (q->age < l->age_min || q->age > l->age_max)) return false;
    if (!bit) return true;
    if (bit & q->population) { *s += 70; return true; }
    return asked && !same(q->need, "suicide");
}

static bool speaks(const struct dir_line *l, const char *language)
{
    for (dir_list x = l->languages; *x; x++)
        if (same(*x, language)) return true;
    return false;
}

static void because(struct offer *o, const char *z)
{
    size_t n = strlen(o->why);
    snprintf(o->why + n, sizeof o->why - n, "%s%s", n ? ", " : "", z);
}

static bool rank(struct offer *o, const struct directory *d, size_t i, const struct lookup_query *q)
{
    const struct dir_line *l = d->line[i];
    bool emergency = same(l->service, "emergency"), finder = same(l->service, "finder");
    *o = (struct offer){.line = l, .stale = d->stale[i], .open = q->minute < 0 ? OPEN_UNKNOWN : hours_open(l->hours, q->minute)};
    if (!same(l->status, "current") || d->off[i]) return false;
    if (*l->country ? !same(l->country, q->country) : !finder) return false;
    if (emergency) { o->score = -100; because(o, "when life is in danger now"); return !*q->channel || same(q->channel, l->channel); }
    if (finder) { o->score = -200; because(o, "finds lines of other countries and needs"); return true; }
    if (*q->channel && !same(q->channel, l->channel)) return false;
    if (!*q->channel && (q->population & (POP_NO_PHONE | POP_DEAF))) {
        if (same(l->channel, "phone")) return false;
        because(o, "no phone call needed");
    }
    o->score = rank_service(l, *q->need ? q->need : "suicide");
    int pop = 0;
    if (!fits_population(l, q, &pop) || (o->score == 0 && !pop)) return false;
    if (pop) {
        because(o, l->population);
        if (o->score < 85) o->score = 85; /* a line for these people serves the need too */
    }
    o->score += pop;
    because(o, l->service);
    if (*q->language) {
        bool yes = speaks(l, q->language);
        o->score += yes ? 35 : *l->languages ? -35 : 0;
        if (yes) because(o, q->language);
    } else if (!pop && (*l->menu || *l->keyword)) /* a branch of a line: its language or people were not asked for */
        o->score -= same(l->service, q->need) && *l->keyword ? 3 : 12;
    if (o->open == OPEN_YES) o->score += 15, because(o, "open now");
    if (o->open == OPEN_NO) o->score -= 60, because(o, "closed now");
    if (strncmp(l->cost, "free", 4) == 0) o->score += 6, because(o, "free");
    if (*l->region) o->score -= 25, because(o, l->region);
    if (*l->network) o->score -= 8;
    o->score += same(l->agreement, "independent") ? 5 : 0;
    o->score += o->stale ? 0 : 2;
    return true;
}

static int by_score(const void *a, const void *b)
{
    const struct offer *x = a, *y = b;
    if (x->score != y->score) return y->score - x->score;
    return strcmp(x->line->id, y->line->id);
}

size_t directory_lookup(struct offer *out, size_t cap, const struct directory *d, const struct lookup_query *q)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_line && n < cap; i++) n += rank(&out[n], d, i, q);
    qsort(out, n, sizeof *out, by_score);
    return n;
}
