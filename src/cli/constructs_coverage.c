/* A file analysed → how often each construct is coded where it applies. */
#include "cli/coverage.h"

#include <stdlib.h>

#include "cli/batch.h"

struct tally {
    uint64_t coded[N_CONSTRUCT], null[N_CONSTRUCT][N_WHY];
    uint64_t nonzero[N_CONSTRUCT];
};
struct cover {
    struct tally *episode, *reply; /* one a worker */
};

/* Codes of the constructs first … first + n - 1. */
static void tally(struct tally *t, const struct code *c, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++, c++) {
        if (c->state == CODE_SET) t->coded[i]++, t->nonzero[i] += c->value != 0;
        else t->null[i][c->null_reason]++;
    }
}

/* What a reply can't have does not apply to it. */
static void tally_reply(struct tally *t, const struct reply_codes *codes)
{
    tally(t, codes->c, REPLY_CODE0, REPLY_CODE1 - REPLY_CODE0);
    for (size_t i = 0; i < N_CONSTRUCT; i++) t->null[i][WHY_NOT_APPLICABLE] += i < REPLY_CODE0 || i >= REPLY_CODE1;
}

static void count_walk(void *ctx, unsigned worker, const struct walk *w, struct pool_item *item)
{
    struct cover *c = ctx;
    (void)item;
    for (size_t i = 0; i < w->episode.n; i++) tally(&c->episode[worker], w->ep_codes[i].c, 0, N_CONSTRUCT);
    for (size_t t = 0; t < w->conv->n_turn; t++)
        if (w->turn_codes[t]) tally_reply(&c->reply[worker], w->turn_codes[t]);
}

/* Where it applies: what could in principle be coded from the record. */
static uint64_t applies(const struct tally *t, size_t i)
{
    return t->coded[i] + t->null[i][WHY_NEEDS_JUDGE] + t->null[i][WHY_LOW_CONFIDENCE];
}

static void share(struct buf *b, const struct term *t, const struct tally *y, size_t i)
{
    uint64_t all = applies(y, i);
    if (all == 0) {
        term_put(b, t, ST_DIM, "        -             ");
        return;
    }
    unsigned pct = (unsigned)(y->coded[i] * 100 / all);
    buf_printf(b, "%9llu", (unsigned long long)all);
    term_printf(b, t, pct < 50 ? ST_RED : ST_GREEN, " %4u %%", pct);
    buf_printf(b, " %6llu", (unsigned long long)y->nonzero[i]);
}

static void cover_page(struct buf *b, const struct term *t, const struct pack *p, const struct tally *e,
                       const struct tally *r)
{
    term_printf(b, t, ST_BOLD, "%-14s%-22s  %-22s\n", "", "over episodes", "on every reply");
    term_printf(b, t, ST_DIM, "%-14s%9s %6s %6s  %9s %6s %6s\n", "construct", "applies", "coded", "not 0", "applies",
                "coded", "not 0");
    size_t done = 0, of = 0;
    for (size_t i = 0; i < N_CONSTRUCT; i++) {
        const struct construct_def *d = &p->construct[i];
        buf_printf(b, "%-14s", d->id);
        share(b, t, e, i);
        buf_puts(b, "  ");
        if (d->every_reply) share(b, t, r, i);
        buf_putc(b, '\n');
        const struct tally *y = applies(e, i) ? e : r;
        of += applies(y, i) > 0;
        done += applies(y, i) > 0 && y->coded[i] * 2 >= applies(y, i);
    }
    buf_printf(b, "\n%zu of %zu constructs that apply here are coded in at least half the cases (%d in all)\n", done,
               of, N_CONSTRUCT);
}

static void json_tally(struct buf *b, const char *key, const struct tally *y, size_t i)
{
    buf_printf(b, ",\"%s\":{\"applies\":%llu,\"coded\":%llu,\"nonzero\":%llu,\"null\":{", key,
               (unsigned long long)applies(y, i), (unsigned long long)y->coded[i], (unsigned long long)y->nonzero[i]);
    for (int k = 0; k < N_WHY; k++)
        buf_printf(b, "%s\"%s\":%llu", k ? "," : "", null_reason_names[k], (unsigned long long)y->null[i][k]);
    buf_puts(b, "}}");
}

static void cover_json(struct buf *b, const struct pack *p, const struct tally *e, const struct tally *r)
{
    for (size_t i = 0; i < N_CONSTRUCT; i++) {
        buf_printf(b, "{\"id\":\"%s\"", p->construct[i].id);
        json_tally(b, "episodes", e, i);
        if (p->construct[i].every_reply) json_tally(b, "replies", r, i);
        buf_puts(b, "}\n");
    }
}

static void add(struct tally *into, const struct tally *from)
{
    for (size_t k = 0; k < sizeof *into / sizeof(uint64_t); k++) ((uint64_t *)into)[k] += ((const uint64_t *)from)[k];
}

int coverage_print(const char *path, const struct coverage_options *o, const struct pack *p)
{
    struct coverage_options own = *o;
    unsigned n = pool_threads(o->threads);
    struct cover c = {calloc(n, sizeof *c.episode), calloc(n, sizeof *c.reply)};
    struct batch batch = {.engine = &own.engine, .input = &own.input, .threads = n, .ctx = &c, .walk = count_walk};
    int rc = c.episode && c.reply ? batch_run(&batch, &path, 1) : cli_error("out of memory");
    if (rc == DONE || rc == SOME_REJECTED) {
        for (unsigned i = 1; i < n; i++) add(&c.episode[0], &c.episode[i]), add(&c.reply[0], &c.reply[i]);
        struct buf b = {0};
        struct term t = cli_term(stdout);
        if (o->json) cover_json(&b, p, &c.episode[0], &c.reply[0]);
        else cover_page(&b, &t, p, &c.episode[0], &c.reply[0]);
        int printed = cli_print(&b);
        if (printed) rc = printed;
    }
    free(c.episode);
    free(c.reply);
    return rc;
}
