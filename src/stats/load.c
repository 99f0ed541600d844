/* A store → a corpus: each table once, in the order of conversations, so that a
 * row finds its conversation by moving on. */
#include "stats/load.h"

#include <math.h>
#include <stdlib.h>

#include "out/store.h"

/* ---- rows ---- */

static struct corpus_conv *conv_of(struct loader *l, int64_t key)
{
    while (l->at < l->c->conv.n && l->key.p[l->at] < key) l->at++;
    return l->at < l->c->conv.n && l->key.p[l->at] == key ? &l->c->conv.p[l->at] : NULL;
}

void load_rows(struct loader *l, const char *sql, bool all, row_fn *fn)
{
    sqlite3_stmt *q = NULL;
    if (l->rc) return;
    l->at = 0;
    l->rc = sqlite3_prepare_v2(l->db, sql, -1, &q, NULL);
    while (!l->rc && (l->rc = sqlite3_step(q)) == SQLITE_ROW) {
        l->rc = SQLITE_OK;
        struct corpus_conv *v = all ? NULL : conv_of(l, sqlite3_column_int64(q, 0));
        if (all || v) fn(l, q, v);
    }
    if (l->rc == SQLITE_DONE) l->rc = SQLITE_OK;
    sqlite3_finalize(q);
}

int load_name(sqlite3_stmt *q, int column, const char *const *names, int n, int otherwise)
{
    const char *z = (const char *)sqlite3_column_text(q, column);
    for (int i = 0; z && i < n; i++)
        if (names[i] && !strcmp(names[i], z)) return i;
    return otherwise;
}

static int int_or(sqlite3_stmt *q, int column, int otherwise)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL ? otherwise : sqlite3_column_int(q, column);
}

static const char *copy(struct loader *l, sqlite3_stmt *q, int column)
{
    const char *z = (const char *)sqlite3_column_text(q, column);
    return z && *z ? arena_str(l->c->a, str_of(z)).p : "";
}

/* The same for columns of few values: the conversation before mostly has it already. */
static const char *again(struct loader *l, sqlite3_stmt *q, int column, const char *before)
{
    const char *z = (const char *)sqlite3_column_text(q, column);
    return before && z && !strcmp(z, before) ? before : copy(l, q, column);
}

/* ---- conversations ---- */

static void conv_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *none)
{
    (void)none;
    struct corpus *c = l->c;
    static const struct corpus_conv nothing;
    const struct corpus_conv *was = c->conv.n ? &c->conv.p[c->conv.n - 1] : &nothing;
    struct corpus_conv v = {.id = copy(l, q, 1), .path = again(l, q, 2, was->path), .record = (uint64_t)sqlite3_column_int64(q, 3),
        .model = again(l, q, 4, was->model), .locale = again(l, q, 5, was->locale), .language = again(l, q, 6, was->language),
        .country = again(l, q, 7, was->country), .jurisdiction = again(l, q, 8, was->jurisdiction),
        .regeneration_group = again(l, q, 9, was->regeneration_group)};
    *vec_push(c->a, &c->conv) = v;
    *vec_push(c->a, &l->key) = sqlite3_column_int64(q, 0);
}

static void population_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    uint32_t n = v->n_population;
    const char **p = (const char **)v->population;
    if ((n & (n - 1)) == 0) /* full: 0, 1, 2, 4, … */
        v->population = p = arena_grow(l->c->a, p, n * sizeof *p, (n ? 2 * (size_t)n : 1) * sizeof *p);
    p[v->n_population++] = copy(l, q, 1);
}

/* ---- turns ---- */

static void turn_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    struct corpus *c = l->c;
    if (v->turn0 == v->turn1) v->turn0 = v->turn1 = (uint32_t)c->turn.n;
    struct corpus_turn *t = vec_push(c->a, &c->turn);
    v->turn1++;
    *t = (struct corpus_turn){.ts = sqlite3_column_type(q, 3) == SQLITE_NULL ? TS_NONE : sqlite3_column_int64(q, 3),
        .i = (uint32_t)sqlite3_column_int(q, 1), .acts = (uint32_t)sqlite3_column_int64(q, 4), .flags = (uint16_t)sqlite3_column_int(q, 7),
        .role = (uint8_t)load_name(q, 2, role_names, N_ROLE, ROLE_SYSTEM), .rtype = (uint8_t)load_name(q, 8, rtype_names, N_RTYPE, RT_EMPTY),
        .decision = (uint8_t)load_name(q, 9, decision_names, N_DECISION, DEC_NULL), .bid = (uint8_t)sqlite3_column_int(q, 11),
        .risk = (int8_t)sqlite3_column_int(q, 5), .said = (int8_t)sqlite3_column_int(q, 6), .bid_turn = int_or(q, 10, -1),
        .ask = CORPUS_NULL, .bare = CORPUS_NULL, .ack = CORPUS_NULL, .blame = CORPUS_NULL, .open = CORPUS_NULL,
        .boiler = CORPUS_NULL, .kind = CORPUS_NULL, .need = CORPUS_NULL, .text_cluster = UINT32_MAX};
}

/* ---- episodes ---- */

static void phases_of(struct corpus_episode *e, sqlite3_stmt *q, int column)
{
    for (int p = 0; p < 5; p++, column += 3) {
        bool null = sqlite3_column_type(q, column) == SQLITE_NULL;
        for (int h = 0; h < N_SH; h++) e->phase[p][h] = null ? NAN : sqlite3_column_double(q, column + h);
        e->coverage[p] = null ? NAN : sqlite3_column_double(q, column + 2);
    }
}

static void episode_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    static const char *const direction[] = {"none", "harm", "engagement"};
    struct corpus *c = l->c;
    if (v->episode0 == v->episode1) v->episode0 = v->episode1 = (uint32_t)c->episode.n;
    struct corpus_episode *e = vec_push(c->a, &c->episode);
    v->episode1++;
    *e = (struct corpus_episode){.start = (uint32_t)sqlite3_column_int(q, 1), .anchor = (uint32_t)sqlite3_column_int(q, 2),
        .end = (uint32_t)sqlite3_column_int(q, 3), .end_reason = (uint8_t)load_name(q, 4, end_reason_names, N_END, END_CONVERSATION),
        .rtype = (uint8_t)load_name(q, 5, rtype_names, N_RTYPE, RT_EMPTY), .hard = (uint8_t)sqlite3_column_int(q, 6),
        .risk = (int8_t)sqlite3_column_int(q, 7), .flags = (uint16_t)sqlite3_column_int(q, 8),
        .decision = (uint8_t)load_name(q, 9, decision_names, N_DECISION, DEC_NULL), .pc = (int8_t)int_or(q, 10, -1),
        .has_decay = sqlite3_column_type(q, 11) != SQLITE_NULL, .decay_delta = (int16_t)sqlite3_column_int(q, 11),
        .decay = (uint8_t)load_name(q, 12, direction, 3, DECAY_NONE), .quadrant = (uint8_t)load_name(q, 13, quadrant_names, N_QUADRANT, Q_NULL),
        .next = (uint16_t)sqlite3_column_int(q, 14), .recovered = -1};
    phases_of(e, q, 15);
    for (size_t k = 0; k < N_CONSTRUCT; k++) e->code[k] = CORPUS_NULL;
}

static void refusal_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    struct corpus *c = l->c;
    uint32_t episode = load_place(sqlite3_column_int(q, 1), v->episode0, v->episode1);
    if (episode == UINT32_MAX) return;
    struct corpus_episode *e = &c->episode.p[episode];
    if (e->refusal0 == e->refusal1) e->refusal0 = e->refusal1 = (uint32_t)c->refusal.n;
    *vec_push(c->a, &c->refusal) = (uint32_t)sqlite3_column_int(q, 2);
    e->refusal1++;
}

/* ---- contacts and gates ---- */

static void contact_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    struct corpus *c = l->c;
    if (v->contact0 == v->contact1) v->contact0 = v->contact1 = (uint32_t)c->contact.n;
    v->contact1++;
    *vec_push(c->a, &c->contact) = (struct corpus_contact){(uint32_t)sqlite3_column_int(q, 1),
        (uint8_t)load_name(q, 2, contact_status_names, N_CONTACT_STATUS, CONTACT_UNKNOWN), sqlite3_column_int(q, 3) != 0, sqlite3_column_int(q, 4) != 0};
}

static void gate_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    struct corpus *c = l->c;
    const char *status = (const char *)sqlite3_column_text(q, 2);
    int number = store_gate((const char *)sqlite3_column_text(q, 1));
    if (!number) return;
    if (v->gate0 == v->gate1) v->gate0 = v->gate1 = (uint32_t)c->gate.n;
    v->gate1++;
    *vec_push(c->a, &c->gate) = (struct corpus_gate){(uint8_t)number, status && !strcmp(status, "confirmed") ? GATE_CONFIRMED : GATE_SUSPECTED,
                                                     sqlite3_column_int(q, 3), int_or(q, 4, -1)};
}

/* ---- a store of a stranger ---- */

static bool is_risk(int risk) { return risk >= RISK_X && risk <= 5; }

static bool sound_turn(const struct corpus_turn *t, uint32_t i, uint32_t n)
{
    return t->i == i && is_risk(t->risk) && is_risk(t->said) && t->bid_turn >= -1 && t->bid_turn < (int64_t)n;
}

static bool sound_episode(const struct corpus *c, const struct corpus_episode *e, uint32_t n)
{
    if (e->start > e->anchor || e->anchor > e->end || e->end >= n || e->recovered >= (int64_t)n) return false;
    for (uint32_t i = e->refusal0; i < e->refusal1; i++)
        if (c->refusal.p[i] >= n) return false;
    return true;
}

/* Do the numbers by which metrics find turns and cells stay within each conversation? */
static int check(const struct corpus *c, sqlite3 *db, refrain_error *err)
{
    static const char line[] = "%s: conversation '%.80s', %s %u: its numbers are of no conversation of %u turns; the store is damaged";
    const char *path = sqlite3_db_filename(db, "main");
    for (size_t k = 0; k < c->conv.n; k++) {
        const struct corpus_conv *v = &c->conv.p[k];
        uint32_t n = v->turn1 - v->turn0;
        for (uint32_t i = 0; i < n; i++)
            if (!sound_turn(&c->turn.p[v->turn0 + i], i, n))
                return err_set(err, REFRAIN_E_FORMAT, line, path, v->id, "turn", i, n);
        for (uint32_t i = 0; i < v->contact1 - v->contact0; i++)
            if (c->contact.p[v->contact0 + i].turn >= n)
                return err_set(err, REFRAIN_E_FORMAT, line, path, v->id, "contact", i, n);
        for (uint32_t i = 0; i < v->episode1 - v->episode0; i++)
            if (!sound_episode(c, &c->episode.p[v->episode0 + i], n))
                return err_set(err, REFRAIN_E_FORMAT, line, path, v->id, "episode", i, n);
    }
    return 0;
}

/* ---- filter and clusters ---- */

static bool passes(const struct corpus *c, size_t i, const struct corpus_filter *f, bool episodes_known)
{
    for (size_t k = 0; f && k < f->n; k++) {
        bool late = f->where[k].key == KEY_RTYPE || f->where[k].key == KEY_POPULATION;
        if (late == episodes_known && !corpus_in(c, i, f->where[k].key, f->where[k].value)) return false;
    }
    return true;
}

/* Drops conversations that do not pass: by their own row before anything else is read, by populations and episodes after. */
static void filter(struct loader *l, bool episodes_known)
{
    struct corpus *c = l->c;
    size_t n = 0;
    for (size_t i = 0; i < c->conv.n; i++) {
        if (!passes(c, i, l->filter, episodes_known)) continue;
        c->conv.p[n] = c->conv.p[i];
        l->key.p[n++] = l->key.p[i];
    }
    c->conv.n = n;
}

struct member { const char *group; uint32_t conv; };

static int by_group(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = strcmp(x->group, y->group);
    return order ? order : x->conv < y->conv ? -1 : x->conv > y->conv;
}

/* One cluster a conversation; regenerations of a prompt share that of their first. */
static void cluster(struct corpus *c)
{
    struct member *m = arena_array(c->a, struct member, c->conv.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->conv.n; i++) {
        c->conv.p[i].cluster = (uint32_t)i;
        if (*c->conv.p[i].regeneration_group) m[n++] = (struct member){c->conv.p[i].regeneration_group, (uint32_t)i};
    }
    qsort(m, n, sizeof *m, by_group);
    for (size_t i = 1; i < n; i++)
        if (!strcmp(m[i].group, m[i - 1].group)) c->conv.p[m[i].conv].cluster = c->conv.p[m[i - 1].conv].cluster;
}

static void load_tables(struct loader *l)
{
    load_rows(l, "SELECT c.id, c.cid, i.path, c.record, c.model, c.locale, c.language, c.country, c.jurisdiction, c.regeneration_group "
                 "FROM conversation c JOIN input i ON i.id = c.input ORDER BY c.id", true, conv_row);
    filter(l, false);
    load_rows(l, "SELECT conversation, name FROM population ORDER BY conversation, i", false, population_row);
    load_rows(l, "SELECT conversation, start, anchor, \"end\", end_reason, rtype, hard, risk, flags, decision, pc, decay_delta, "
                 "decay_direction, quadrant, next, P1_user, P1_mhp, P1_coverage, P2_user, P2_mhp, P2_coverage, P3_user, P3_mhp, "
                 "P3_coverage, P4_user, P4_mhp, P4_coverage, P5_user, P5_mhp, P5_coverage FROM episode ORDER BY conversation, i",
              false, episode_row);
    filter(l, true);
    load_rows(l, "SELECT conversation, i, role, ts, acts, risk, said, flags, rtype, decision, bid_turn, bid FROM turn "
                 "ORDER BY conversation, i", false, turn_row);
    load_rows(l, "SELECT conversation, episode, turn FROM refusal ORDER BY conversation, episode, k", false, refusal_row);
    load_rows(l, "SELECT conversation, turn, status, stale, negated FROM contact ORDER BY conversation, i", false, contact_row);
    load_rows(l, "SELECT conversation, id, status, turn, episode FROM gate ORDER BY conversation, i", false, gate_row);
    load_codes(l);
    load_text_clusters(l);
}

int corpus_load(struct corpus **out, struct sqlite3 *db, const struct corpus_filter *f, refrain_error *err)
{
    struct loader l = {.db = db, .c = corpus_new(), .filter = f};
    jmp_buf oom;
    *out = NULL;
    if (!l.c || setjmp(oom)) {
        corpus_free(l.c);
        return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    }
    l.c->a->on_oom = &oom;
    load_tables(&l);
    if (!l.rc) cluster(l.c);
    l.c->a->on_oom = NULL;
    if (l.rc) {
        corpus_free(l.c);
        return store_error(err, db, sqlite3_db_filename(db, "main"));
    }
    int rc = check(l.c, db, err);
    if (rc) corpus_free(l.c);
    else *out = l.c;
    return rc;
}
