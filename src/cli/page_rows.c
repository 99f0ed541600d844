/* Store → the rows of the page, worst first: every episode, and the replies
 * outside one that somebody should see. */
#include <stdlib.h>

#include "cli/page.h"
#include "score/rank.h"
#include "walk.h"

static uint8_t small(int64_t v) { return v < 0 ? 0 : v > 250 ? 250 : (uint8_t)v; }
static uint16_t half(int64_t v) { return v < 0 ? 0 : v > 65534 ? 65534 : (uint16_t)v; }
static uint8_t risk_of(sqlite3_stmt *q, int column)
{
    if (sqlite3_column_type(q, column) == SQLITE_NULL) return PAGE_NONE8;
    int64_t v = sqlite3_column_int64(q, column);
    return v < 0 || v > 5 ? PAGE_RISK_X : (uint8_t)v;
}

/* ---- episodes ---- */

enum { E_SCORE = 12, E_FOLLOWED = 22, E_TOP }; /* columns: the first of ten scores; did a user turn follow?; highest risk */

static void episode_fill(struct page_row *r, sqlite3_stmt *q)
{
    static const char *const decay[] = {"none", "harm", "engagement"};
    r->episode = small(sqlite3_column_int64(q, 1));
    r->anchor = half(sqlite3_column_int64(q, 2));
    r->refusals = small(sqlite3_column_int64(q, 3));
    r->rtype = (uint8_t)page_name(page_text(q, 4), rtype_names, N_RTYPE, RT_EMPTY);
    r->risk = risk_of(q, 5);
    r->top = risk_of(q, E_TOP);
    r->flags = half(sqlite3_column_int64(q, 6));
    r->decision = (uint8_t)page_name(page_text(q, 7), decision_names, N_DECISION, 0);
    r->quadrant = (uint8_t)page_name(page_text(q, 8), quadrant_names, N_QUADRANT, 0);
    r->end = (uint8_t)page_name(page_text(q, 9), end_reason_names, N_END, N_END - 1);
    r->decay = (uint8_t)page_name(page_text(q, 10), decay, ARRAY_LEN(decay), 0);
    r->next = half((sqlite3_column_int64(q, 11) & 0xFFF) | (sqlite3_column_int(q, E_FOLLOWED) ? PAGE_FOLLOWED : 0));
    for (int i = 0; i < 10; i++) {
        double v = sqlite3_column_double(q, E_SCORE + i);
        bool none = sqlite3_column_type(q, E_SCORE + i) == SQLITE_NULL;
        r->score[i] = none ? PAGE_NONE16 : v <= 0 ? 0 : v >= 100 ? 1000 : (uint16_t)(v * 10 + 0.5);
    }
}

static bool episodes(struct page *p)
{
    sqlite3_stmt *q = page_query(p, "SELECT conversation, i, anchor, n_refusal, rtype, risk, flags, decision, quadrant, end_reason, "
                                    "decay_direction, next, P1_user, P1_mhp, P2_user, P2_mhp, P3_user, P3_mhp, P4_user, P4_mhp, "
                                    "P5_user, P5_mhp, EXISTS (SELECT 1 FROM turn t WHERE t.conversation = episode.conversation AND t.i > episode.anchor "
                                    "AND t.role = 'user'), (SELECT CASE max(t.risk) WHEN 0 THEN min(t.risk) ELSE max(t.risk) END FROM turn t WHERE t.conversation = "
                                    "episode.conversation AND t.i BETWEEN episode.anchor AND episode.end AND t.role = 'user') "
                                    "FROM episode ORDER BY conversation, i");
    while (page_next(p, q)) {
        int64_t c = sqlite3_column_int64(q, 0);
        if (c < 0 || c >= p->n_conversation || p->row.n >= UINT32_MAX - 1) continue;
        struct page_row *r = vec_push(&p->a, &p->row);
        r->conversation = (uint32_t)c;
        r->ordinal = (uint32_t)(p->row.n - 1);
        episode_fill(r, q);
        if (p->first[c] == PAGE_NO_ROW) p->first[c] = r->ordinal;
    }
    p->n_episode = p->row.n;
    return p->err.status == 0;
}

/* Ordinal of an episode, or PAGE_NO_ROW. */
static uint32_t ordinal_of(const struct page *p, int64_t c, int64_t episode)
{
    if (c < 0 || c >= p->n_conversation || p->first[c] == PAGE_NO_ROW) return PAGE_NO_ROW;
    uint64_t k = p->first[c] + (uint64_t)episode;
    return episode >= 0 && k < p->n_episode && p->row.p[k].conversation == c ? (uint32_t)k : PAGE_NO_ROW;
}

/* ---- replies outside an episode ---- */

static struct page_row *outside(struct page *p, int64_t c, int64_t turn)
{
    if (c < 0 || c >= p->n_conversation) return NULL;
    if (p->outside[c] != PAGE_NO_ROW) return &p->row.p[p->outside[c]];
    struct page_row *r = vec_push(&p->a, &p->row);
    *r = (struct page_row){.conversation = (uint32_t)c, .ordinal = (uint32_t)(p->row.n - 1), .anchor = half(turn),
                           .episode = PAGE_OUTSIDE, .risk = PAGE_NONE8, .top = PAGE_NONE8, .end = N_END - 1};
    for (int i = 0; i < 10; i++) r->score[i] = PAGE_NONE16;
    p->outside[c] = r->ordinal;
    return r;
}

static bool gates(struct page *p)
{
    sqlite3_stmt *q = page_query(p, "SELECT conversation, id, turn, episode, status FROM gate ORDER BY conversation, i");
    while (page_next(p, q)) {
        int g = store_gate((const char *)sqlite3_column_text(q, 1));
        if (!g) continue;
        int64_t c = sqlite3_column_int64(q, 0), turn = sqlite3_column_int64(q, 2);
        bool in = sqlite3_column_type(q, 3) != SQLITE_NULL;
        uint32_t k = in ? ordinal_of(p, c, sqlite3_column_int64(q, 3)) : PAGE_NO_ROW;
        struct page_row *r = k != PAGE_NO_ROW ? &p->row.p[k] : outside(p, c, turn);
        if (!r) continue;
        if (r->episode == PAGE_OUTSIDE && gate_kinds[g].critical && !((r->gc | r->gs) & GATES_CRITICAL)) r->anchor = half(turn);
        *(str_eqz(page_text(q, 4), "confirmed") ? &r->gc : &r->gs) |= (uint16_t)(1u << g);
    }
    for (size_t i = 0; i < p->row.n; i++) p->row.p[i].gs &= (uint16_t)~p->row.p[i].gc;
    return p->err.status == 0;
}

/* So that whoever reads of a wrong contact can open one conversation that gave it. */
static bool wrong_contacts(struct page *p)
{
    sqlite3_stmt *q = page_query(p, "SELECT x.conversation, min(x.turn) FROM contact x JOIN turn t ON t.conversation = x.conversation "
                                    "AND t.i = x.turn WHERE t.role <> 'user' AND NOT x.negated AND x.status NOT IN "
                                    "('verified', 'alias', 'emergency', 'unknown') GROUP BY x.conversation");
    while (page_next(p, q)) {
        int64_t c = sqlite3_column_int64(q, 0);
        if (c >= 0 && c < p->n_conversation && p->first[c] == PAGE_NO_ROW) outside(p, c, sqlite3_column_int64(q, 1));
    }
    return p->err.status == 0;
}

static bool outside_turns(struct page *p)
{
    sqlite3_stmt *q = page_query(p, "SELECT risk, decision FROM turn WHERE conversation = ?1 AND i = ?2");
    for (size_t i = p->n_episode; q && i < p->row.n; i++) {
        struct page_row *r = &p->row.p[i];
        sqlite3_bind_int64(q, 1, r->conversation);
        sqlite3_bind_int64(q, 2, r->anchor);
        if (sqlite3_step(q) == SQLITE_ROW) {
            r->risk = risk_of(q, 0);
            r->decision = (uint8_t)page_name(page_text(q, 1), decision_names, N_DECISION, 0);
        }
        sqlite3_reset(q);
    }
    sqlite3_finalize(q);
    return p->err.status == 0;
}

/* ---- order ---- */

static uint64_t rank_of(const struct page_row *x)
{
    struct rank r = {.gates = {[GATE_CONFIRMED] = x->gc, [GATE_SUSPECTED] = x->gs}, .worst = 1000};
    rank_decision(&r, x->decision);
    for (int i = 0; i < 10; i++)
        if (x->score[i] != PAGE_NONE16) rank_score(&r, 1 + i / 2, (float)x->score[i] / 10);
    return rank_value(&r);
}

static int worse(const void *a, const void *b)
{
    const struct page_row *x = a, *y = b;
    if (x->rank != y->rank) return x->rank > y->rank ? -1 : 1;
    return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

static void order(struct page *p)
{
    for (size_t i = 0; i < p->row.n; i++) p->row.p[i].rank = rank_of(&p->row.p[i]);
    if (p->row.n) qsort(p->row.p, p->row.n, sizeof *p->row.p, worse);
    p->place = arena_array(&p->a, uint32_t, p->row.n + 1);
    p->conversation = arena_array(&p->a, uint32_t, p->row.n + 1);
    for (size_t i = 0; i < p->row.n; i++) {
        struct page_row *r = &p->row.p[i];
        p->place[r->ordinal] = (uint32_t)i;
        if (p->conv_of[r->conversation] == PAGE_NO_ROW) {
            p->conv_of[r->conversation] = p->n_conv;
            p->conversation[p->n_conv++] = r->conversation;
        }
        r->conv = p->conv_of[r->conversation];
    }
}

static uint32_t *no_rows(struct page *p)
{
    uint32_t *x = arena_array(&p->a, uint32_t, p->n_conversation);
    memset(x, 0xFF, p->n_conversation * sizeof *x);
    return x;
}

bool page_rows(struct page *p)
{
    sqlite3_stmt *q = page_query(p, "SELECT coalesce(max(id), 0), count(*), coalesce(min(id), 0) FROM conversation");
    int64_t most = 0, n = 0, least = 0;
    if (page_step(p, q)) {
        most = sqlite3_column_int64(q, 0);
        n = sqlite3_column_int64(q, 1);
        least = sqlite3_column_int64(q, 2);
    }
    sqlite3_finalize(q);
    if (!p->err.status && (least < 0 || most > 4 * n + 1000 || most >= UINT32_MAX - 1))
        err_set(&p->err, REFRAIN_E_FORMAT, "%s: conversations should be numbered from 1 on; the highest of %lld has %lld",
                sqlite3_db_filename(p->db, "main"), (long long)n, (long long)most);
    if (p->err.status) return false;
    p->n_conversation = (uint32_t)most + 1;
    p->first = no_rows(p);
    p->outside = no_rows(p);
    p->conv_of = no_rows(p);
    if (!episodes(p) || !gates(p) || !wrong_contacts(p) || !outside_turns(p)) return false;
    order(p);
    return true;
}
