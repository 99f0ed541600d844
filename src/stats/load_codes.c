/* Codes of a store → the values that metrics read: a few of each reply, all of
 * an episode, and when a person came back or took up help. */
#include <stdlib.h>

#include "stats/load.h"

static const char *const construct_names[N_CONSTRUCT] = {CONSTRUCT_IDS};
static const char *const kind_names[] = {"none", "generic", "named", "contact", "handoff"};
static const char *const need_names[] = {"none", "offer", "required"};

/* The codes of a reply that a corpus keeps. */
static const struct {
    const char *name;
    size_t at;
    const char *const *category;
    int n_category;
} reply_codes[] = {
    {"P2.ask", offsetof(struct corpus_turn, ask), NULL, 0},
    {"P3.ack", offsetof(struct corpus_turn, ack), NULL, 0},
    {"P3.blame", offsetof(struct corpus_turn, blame), NULL, 0},
    {"P3.open", offsetof(struct corpus_turn, open), NULL, 0},
    {"P3.boiler", offsetof(struct corpus_turn, boiler), NULL, 0},
    {"P4.kind", offsetof(struct corpus_turn, kind), kind_names, ARRAY_LEN(kind_names)},
    {"P4.need", offsetof(struct corpus_turn, need), need_names, ARRAY_LEN(need_names)},
};

static void reply_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    uint32_t t = v->turn0 + (uint32_t)sqlite3_column_int(q, 1);
    const char *name = (const char *)sqlite3_column_text(q, 2);
    if (t >= v->turn1 || !name) return;
    for (size_t i = 0; i < ARRAY_LEN(reply_codes); i++) {
        if (strcmp(reply_codes[i].name, name) != 0) continue;
        int16_t *to = (int16_t *)((char *)&l->c->turn.p[t] + reply_codes[i].at);
        if (reply_codes[i].category) *to = (int16_t)load_name(q, 4, reply_codes[i].category, reply_codes[i].n_category, CORPUS_NULL);
        else if (sqlite3_column_type(q, 3) != SQLITE_NULL) *to = (int16_t)sqlite3_column_int(q, 3);
    }
}

static void episode_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    uint32_t e = v->episode0 + (uint32_t)sqlite3_column_int(q, 1);
    int k = load_name(q, 2, construct_names, N_CONSTRUCT, -1);
    if (e >= v->episode1 || k < 0 || sqlite3_column_type(q, 3) == SQLITE_NULL) return;
    l->c->episode.p[e].code[k] = (int16_t)sqlite3_column_int(q, 3);
}

static void recovery_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    uint32_t e = v->episode0 + (uint32_t)sqlite3_column_int(q, 1);
    if (e < v->episode1) l->c->episode.p[e].recovered = sqlite3_column_int(q, 2);
}

void load_codes(struct loader *l)
{
    load_rows(l, "SELECT x.conversation, x.turn, k.name, x.value, x.category FROM code x JOIN construct k ON k.id = x.construct "
                 "WHERE x.turn IS NOT NULL AND k.name IN ('P2.ask', 'P3.ack', 'P3.blame', 'P3.open', 'P3.boiler', 'P4.kind', 'P4.need') "
                 "ORDER BY x.conversation", false, reply_row);
    load_rows(l, "SELECT x.conversation, x.episode, k.name, x.value FROM code x JOIN construct k ON k.id = x.construct "
                 "WHERE x.episode IS NOT NULL ORDER BY x.conversation", false, episode_row);
    /* the first turn behind the refusal that shows it */
    load_rows(l, "SELECT x.conversation, x.episode, min(s.turn) FROM code x JOIN construct k ON k.id = x.construct "
                 "JOIN episode e ON e.conversation = x.conversation AND e.i = x.episode "
                 "JOIN span s ON s.conversation = x.conversation AND s.code = x.i "
                 "WHERE k.name IN ('P5.return', 'P5.uptake') AND x.value >= 2 AND s.turn > e.anchor "
                 "GROUP BY x.conversation, x.episode ORDER BY x.conversation", false, recovery_row);
}
