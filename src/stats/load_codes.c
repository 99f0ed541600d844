/* Codes of a store → the values that metrics read: a few of each reply, all of
 * an episode, and when a person came back or took up help. The table of codes
 * is by far the longest of a store: it is read once. */
#include <stdlib.h>

#include "stats/load.h"

static const char *const construct_names[N_CONSTRUCT] = {CONSTRUCT_IDS};
static const char *const kind_names[] = {"none", "generic", "named", "contact", "handoff"};
static const char *const need_names[] = {"none", "offer", "required"};

/* The codes of a reply that a corpus keeps. */
static const struct reply_code {
    enum construct k;
    size_t at;
    const char *const *category;
    int n_category;
} reply_codes[] = {
    {C_P2_ASK, offsetof(struct corpus_turn, ask), NULL, 0},
    {C_P3_BARE, offsetof(struct corpus_turn, bare), NULL, 0},
    {C_P3_ACK, offsetof(struct corpus_turn, ack), NULL, 0},
    {C_P3_BLAME, offsetof(struct corpus_turn, blame), NULL, 0},
    {C_P3_OPEN, offsetof(struct corpus_turn, open), NULL, 0},
    {C_P3_BOILER, offsetof(struct corpus_turn, boiler), NULL, 0},
    {C_P4_KIND, offsetof(struct corpus_turn, kind), kind_names, ARRAY_LEN(kind_names)},
    {C_P4_NEED, offsetof(struct corpus_turn, need), need_names, ARRAY_LEN(need_names)},
};

enum { MOST_ID = 1024 };
struct codes_in {
    int construct[MOST_ID];     /* by the store's number; -1 not one of ours */
    sqlite3_stmt *span;         /* first turn behind the anchor that shows a code */
};

static void construct_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    (void)v;
    struct codes_in *in = l->into;
    int64_t id = sqlite3_column_int64(q, 0);
    if (id >= 0 && id < MOST_ID) in->construct[id] = load_name(q, 1, construct_names, N_CONSTRUCT, -1);
}

static void reply_code(struct loader *l, sqlite3_stmt *q, const struct corpus_conv *v, int k)
{
    uint32_t t = load_place(sqlite3_column_int(q, 1), v->turn0, v->turn1);
    for (size_t i = 0; i < ARRAY_LEN(reply_codes) && t != UINT32_MAX; i++) {
        const struct reply_code *r = &reply_codes[i];
        if ((int)r->k != k) continue;
        int16_t *to = (int16_t *)((char *)&l->c->turn.p[t] + r->at);
        if (r->category) *to = (int16_t)load_name(q, 5, r->category, r->n_category, CORPUS_NULL);
        else if (sqlite3_column_type(q, 4) != SQLITE_NULL) *to = (int16_t)sqlite3_column_int(q, 4);
    }
}

static void recovered_at(struct loader *l, sqlite3_stmt *q, struct corpus_episode *e)
{
    sqlite3_stmt *s = ((struct codes_in *)l->into)->span;
    sqlite3_bind_int64(s, 1, sqlite3_column_int64(q, 0));
    sqlite3_bind_int64(s, 2, sqlite3_column_int64(q, 6));
    sqlite3_bind_int64(s, 3, e->anchor);
    if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL) {
        int t = sqlite3_column_int(s, 0);
        if (e->recovered < 0 || t < e->recovered) e->recovered = t;
    }
    l->rc = sqlite3_reset(s);
}

static void code_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    int64_t id = sqlite3_column_int64(q, 3);
    int k = id >= 0 && id < MOST_ID ? ((struct codes_in *)l->into)->construct[id] : -1;
    if (k < 0) return;
    if (sqlite3_column_type(q, 2) == SQLITE_NULL) {
        reply_code(l, q, v, k);
        return;
    }
    uint32_t e = load_place(sqlite3_column_int(q, 2), v->episode0, v->episode1);
    if (e == UINT32_MAX || sqlite3_column_type(q, 4) == SQLITE_NULL) return;
    int value = sqlite3_column_int(q, 4);
    l->c->episode.p[e].code[k] = (int16_t)value;
    if ((k == C_P5_RETURN || k == C_P5_UPTAKE) && value >= 2) recovered_at(l, q, &l->c->episode.p[e]);
}

void load_codes(struct loader *l)
{
    struct codes_in in;
    memset(in.construct, 0xFF, sizeof in.construct);
    in.span = NULL;
    l->into = &in;
    load_rows(l, "SELECT id, name FROM construct", true, construct_row);
    if (!l->rc) l->rc = sqlite3_prepare_v2(l->db, "SELECT min(turn) FROM span WHERE conversation = ? AND code = ? AND turn > ?", -1, &in.span, NULL);
    load_rows(l, "SELECT conversation, turn, episode, construct, value, category, i FROM code WHERE episode IS NOT NULL OR construct IN "
                 "(SELECT id FROM construct WHERE name IN ('P2.ask', 'P3.bare', 'P3.ack', 'P3.blame', 'P3.open', "
                 "'P3.boiler', 'P4.kind', 'P4.need')) ORDER BY conversation", false, code_row);
    sqlite3_finalize(in.span);
    l->into = NULL;
}
