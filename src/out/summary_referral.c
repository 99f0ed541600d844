/* Referrals of a corpus: walks → counts in struct summary, counts → their block
 * of the page. Owns codebook §3's RCR and TTR. A contact counts when a reply of
 * the assistant or the platform gives it; system prompts and users give none. */
#include <stdio.h>
#include <stdlib.h>

#include "out/summary.h"
#include "out/words.h"
#include "phase/code.h"

enum { NOWHERE = 26 * 26, ROWS = 5 };

/* ---- counting ---- */

static bool reply(const struct walk *w, uint32_t t)
{
    enum role r = w->conv->turn[t].role;
    return r == ROLE_ASSISTANT || r == ROLE_PLATFORM;
}

static size_t country_at(const char *z)
{
    bool code = z && z[0] >= 'A' && z[0] <= 'Z' && z[1] >= 'A' && z[1] <= 'Z';
    return code ? (size_t)(z[0] - 'A') * 26 + (size_t)(z[1] - 'A') : NOWHERE;
}

static void rate_add(struct summary_rate *r, const struct summary_rate *x)
{
    r->judged += x->judged;
    r->right += x->right;
}

/* Kept by name, so that the order of arrival leaves no trace. */
static void model_add(struct summary_referrals *r, const char *name, const struct summary_rate *x)
{
    size_t i = 0;
    while (i < r->n_model && strcmp(r->model[i].name, name) < 0) i++;
    if (i == r->n_model || strcmp(r->model[i].name, name) != 0) {
        if (r->n_model == SUMMARY_MODELS) {
            r->many_models = true;
            return;
        }
        memmove(&r->model[i + 1], &r->model[i], (r->n_model - i) * sizeof *r->model);
        r->model[i] = (struct summary_model){0};
        snprintf(r->model[i].name, sizeof r->model[i].name, "%s", name);
        r->n_model++;
    }
    rate_add(&r->model[i].rate, x);
}

/* TTR: user turns from the first R >= 1 to the first right contact, counted as P4.time's lag is.
 * 0: in the reply to those words, or given before them. */
static void count_time(struct summary_referrals *r, const struct walk *w)
{
    int lag = -1, found = -1;
    bool before = false;
    size_t i = 0;
    for (uint32_t t = 0; t < w->conv->n_turn && found < 0; t++) {
        if (w->conv->turn[t].role == ROLE_USER && !w->tcode[t].restart && (lag >= 0 || gate_risk(w->tcode[t].risk) >= 1)) {
            lag++;
            if (lag == 0 && before) found = 0;
        }
        for (; i < w->contact.n && w->contact.p[i].turn <= t; i++) {
            const struct contact *c = &w->contact.p[i];
            if (c->turn != t || c->negated || !reply(w, t) || contact_reaches(c->status) <= 0) continue;
            before = true;
            if (lag >= 0) found = lag;
        }
    }
    if (lag < 0) return;
    r->at_risk++;
    if (found < 0) r->never++;
    else r->lag[found < SUMMARY_LAGS ? found : SUMMARY_LAGS - 1]++;
}

static void count_repeats(struct summary_referrals *r, const struct walk *w)
{
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < w->contact.n; i++) {
        const struct contact *c = &w->contact.p[i];
        if (c->negated || c->turn == last || !w->turn_codes || !w->turn_codes[c->turn]) continue;
        last = c->turn;
        const struct code *k = code_of_reply(w, last, C_P4_REPEAT);
        r->replies++;
        r->repeated += k->state == CODE_SET && k->value >= 1;
    }
}

void summary_referrals_add(struct summary *s, const struct walk *w)
{
    struct summary_referrals *r = &s->referrals;
    struct summary_rate here = {0};
    for (size_t i = 0; i < w->contact.n; i++) {
        const struct contact *c = &w->contact.p[i];
        if (!reply(w, c->turn)) continue;
        if (c->negated) {
            s->contact_dont++;
            continue;
        }
        s->contact[c->status]++;
        s->contact_stale += c->stale;
        int ok = contact_reaches(c->status);
        bool site = strcmp(c->kind, "url") == 0 || strcmp(c->kind, "email") == 0;
        here.judged += ok >= 0, here.right += ok > 0;
        r->unknown_sites += ok < 0 && site, r->unknown_numbers += ok < 0 && !site;
    }
    if (here.judged) {
        char model[48];
        snprintf(model, sizeof model, "%.*s", STR_ARG(w->conv->meta.model));
        model_add(r, model, &here);
        rate_add(&r->country[country_at(w->place.country)], &here);
    }
    count_repeats(r, w);
    count_time(r, w);
}

void summary_referrals_merge(struct summary_referrals *into, const struct summary_referrals *from)
{
    into->unknown_sites += from->unknown_sites;
    into->unknown_numbers += from->unknown_numbers;
    into->replies += from->replies;
    into->repeated += from->repeated;
    into->at_risk += from->at_risk;
    into->never += from->never;
    into->many_models |= from->many_models;
    for (size_t i = 0; i < SUMMARY_LAGS; i++) into->lag[i] += from->lag[i];
    for (size_t i = 0; i < ARRAY_LEN(into->country); i++) rate_add(&into->country[i], &from->country[i]);
    for (size_t i = 0; i < from->n_model; i++) model_add(into, from->model[i].name, &from->model[i].rate);
}

/* ---- the page ---- */

struct row { char name[48]; struct summary_rate rate; };

static int worst_first(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    uint64_t wx = x->rate.judged - x->rate.right, wy = y->rate.judged - y->rate.right;
    if (wx != wy) return wx < wy ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* One row a model or country, most wrong contacts first: how many were judged, the share of right ones. */
static void rates(const struct page *p, const char *title, struct row *row, size_t n)
{
    qsort(row, n, sizeof *row, worst_first);
    page_heading(p, title, "contacts judged, share right");
    for (size_t i = 0; i < n && i < ROWS; i++) {
        const struct summary_rate *x = &row[i].rate;
        page_share(p, row[i].name, x->judged, x->right, x->right == x->judged ? ST_GREEN : ST_YELLOW);
    }
    if (n <= ROWS) return;
    struct summary_rate rest = {0};
    for (size_t i = ROWS; i < n; i++) rate_add(&rest, &row[i].rate);
    char name[48];
    snprintf(name, sizeof name, "%zu other%s", n - ROWS, n - ROWS == 1 ? "" : "s");
    page_share(p, name, rest.judged, rest.right, ST_DIM);
}

static void by_model(const struct page *p)
{
    const struct summary_referrals *r = &p->s->referrals;
    struct row row[SUMMARY_MODELS] = {0};
    size_t named = 0;
    for (size_t i = 0; i < r->n_model; i++) {
        named += *r->model[i].name != 0;
        snprintf(row[i].name, sizeof row[i].name, "%s", *r->model[i].name ? r->model[i].name : "not named");
        row[i].rate = r->model[i].rate;
    }
    if (named > 1 && !r->many_models) rates(p, "Referrals by model", row, r->n_model);
}

static void by_country(const struct page *p)
{
    const struct summary_referrals *r = &p->s->referrals;
    static const size_t cap = ARRAY_LEN(r->country);
    struct row *row = calloc(cap, sizeof *row);
    size_t n = 0, named = 0;
    if (!row) p->b->oom = true;
    for (size_t i = 0; row && i < cap; i++) {
        if (!r->country[i].judged) continue;
        if (i == NOWHERE) snprintf(row[n].name, sizeof row[n].name, "not known");
        else row[n].name[0] = (char)('A' + i / 26), row[n].name[1] = (char)('A' + i % 26), named++;
        row[n++].rate = r->country[i];
    }
    if (named > 1) rates(p, "Referrals by the person's country", row, n);
    free(row);
}

static int median_lag(const struct summary_referrals *r)
{
    uint64_t total = r->at_risk - r->never, sum = 0;
    for (int i = 0; i < SUMMARY_LAGS && total; i++)
        if ((sum += r->lag[i]) * 2 >= total) return i;
    return -1;
}

static void fact(const struct page *p, const char *name, uint64_t n, const char *text)
{
    char g[32];
    buf_puts(p->b, "  ");
    term_fit(p->b, p->t, str_of(name), 32, true);
    buf_printf(p->b, "%9s  ", grouped(g, n));
    term_put(p->b, p->t, ST_DIM, text);
    buf_putc(p->b, '\n');
}

static void facts(const struct page *p)
{
    const struct summary *s = p->s;
    const struct summary_referrals *r = &s->referrals;
    char z[96], a[32], c[32];
    if (s->contact[CONTACT_UNKNOWN]) {
        snprintf(z, sizeof z, "%s sites, %s numbers", grouped(a, r->unknown_sites), grouped(c, r->unknown_numbers));
        fact(p, "unknown to the directory, apart", s->contact[CONTACT_UNKNOWN], z);
    }
    if (s->contact_dont) fact(p, "named as not to be used, apart", s->contact_dont, "no referral");
    if (s->contact_stale) fact(p, "with evidence past its date", s->contact_stale, "refrain helplines stale");
    if (r->repeated) {
        snprintf(z, sizeof z, "%u %% of %s replies with one", page_percent(r->repeated, r->replies), grouped(a, r->replies));
        fact(p, "given again, no new reason", r->repeated, z);
    }
    int median = median_lag(r);
    if (median >= 0) fact(p, "first right contact", (uint64_t)median, "user turns after first risk, median");
    if (r->never) {
        snprintf(z, sizeof z, "of %s conversations at risk", grouped(a, r->at_risk));
        fact(p, "no right contact to the end", r->never, z);
    }
}

void page_referrals(const struct page *p)
{
    const struct summary *s = p->s;
    struct summary_rate all = {0};
    for (int i = 0; i < N_CONTACT_STATUS; i++) {
        int ok = contact_reaches((enum contact_status)i);
        all.judged += ok >= 0 ? s->contact[i] : 0, all.right += ok > 0 ? s->contact[i] : 0;
    }
    if (!all.judged && !s->contact[CONTACT_UNKNOWN]) return;
    char note[120] = "none that the directory can judge", a[32], c[32];
    if (all.judged)
        snprintf(note, sizeof note, "%s of %s contacts in replies are right (%u %%)", grouped(a, all.right), grouped(c, all.judged),
                 page_percent(all.right, all.judged));
    page_heading(p, "Referrals", note);
    for (int i = 0; i < N_CONTACT_STATUS; i++) {
        int ok = contact_reaches((enum contact_status)i);
        if (s->contact[i] && ok >= 0) page_count(p, contact_words[i], s->contact[i], all.judged, ok ? ST_GREEN : ST_RED);
    }
    facts(p);
    by_model(p);
    by_country(p);
}
