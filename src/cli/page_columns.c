/* Rows → arrays: what a filter or a chart needs of every row, a value each, in
 * one block that is compressed as a whole. Strings that repeat become numbers. */
#include "cli/page.h"

#include <math.h>
#include <stdlib.h>

#include "walk.h"

/* ---- arrays ---- */

enum table { OF_ROW, OF_CONV };

static void *column(struct page *p, enum table t, const char *name, const char *type, size_t size, size_t n)
{
    while (p->columns.n % 8) buf_putc(&p->columns, 0);
    buf_printf(&p->dir[t], "%s", p->dir[t].n ? "," : "");
    buf_json(&p->dir[t], str_of(name));
    buf_printf(&p->dir[t], ":[\"%s\",%zu,%zu]", type, p->columns.n, n);
    size_t bytes = n * size;
    if (!buf_room(&p->columns, bytes + 1)) return NULL;
    void *at = p->columns.p + p->columns.n;
    memset(at, 0, bytes);
    p->columns.n += bytes;
    return at;
}

#define ROW_COLUMN(name, type, field)                                                                                   \
    do {                                                                                                                \
        type##_t *x = column(p, OF_ROW, name, sizeof(type##_t) == 1 ? "u8" : sizeof(type##_t) == 2 ? "u16" : "u32",     \
                             sizeof(type##_t), p->row.n);                                                               \
        for (size_t i = 0; x && i < p->row.n; i++) x[i] = p->row.p[i].field;                                            \
    } while (0)

static void rows(struct page *p)
{
    ROW_COLUMN("conv", uint32, conv);
    ROW_COLUMN("episode", uint8, episode);
    ROW_COLUMN("anchor", uint16, anchor);
    ROW_COLUMN("refusals", uint8, refusals);
    ROW_COLUMN("rtype", uint8, rtype);
    ROW_COLUMN("risk", uint8, risk);
    ROW_COLUMN("top", uint8, top);
    ROW_COLUMN("decision", uint8, decision);
    ROW_COLUMN("quadrant", uint8, quadrant);
    ROW_COLUMN("end", uint8, end);
    ROW_COLUMN("decay", uint8, decay);
    ROW_COLUMN("next", uint16, next);
    ROW_COLUMN("flags", uint16, flags);
    ROW_COLUMN("gc", uint16, gc);
    ROW_COLUMN("gs", uint16, gs);
    for (int k = 0; k < 10; k++) {
        const char name[] = {'p', (char)('1' + k / 2), k % 2 ? 'm' : 'u', 0};
        ROW_COLUMN(name, uint16, score[k]);
    }
}

/* ---- dictionaries: a string → its number, in the order of meeting; 0 is "" ---- */

struct dict {
    vec_of(str) word;
    uint32_t *slot; /* number + 1, by hash */
    size_t n_slot;
};
enum { DICT_MOST = 65535 };

static void dict_grow(struct page *p, struct dict *d)
{
    d->n_slot = d->n_slot ? d->n_slot * 2 : 256;
    d->slot = arena_array(&p->a, uint32_t, d->n_slot);
    for (size_t i = 0; i < d->word.n; i++) {
        size_t k = hash_bytes(d->word.p[i].p, d->word.p[i].n, 7) & (d->n_slot - 1);
        while (d->slot[k]) k = (k + 1) & (d->n_slot - 1);
        d->slot[k] = (uint32_t)i + 1;
    }
}

static uint16_t dict_number(struct page *p, struct dict *d, str s)
{
    if (d->word.n * 2 >= d->n_slot) dict_grow(p, d);
    size_t k = hash_bytes(s.p, s.n, 7) & (d->n_slot - 1);
    for (; d->slot[k]; k = (k + 1) & (d->n_slot - 1))
        if (str_eq(d->word.p[d->slot[k] - 1], s)) return (uint16_t)(d->slot[k] - 1);
    if (d->word.n == DICT_MOST) return DICT_MOST - 1; /* the last stands for what comes after it */
    bool last = d->word.n == DICT_MOST - 1;
    str *word = vec_push(&p->a, &d->word);
    *word = last ? STR("(others)") : arena_str(&p->a, s);
    d->slot[k] = (uint32_t)d->word.n;
    return (uint16_t)(d->word.n - 1);
}

static void dict_json(struct page *p, const char *name, const struct dict *d)
{
    buf_printf(&p->dict, "%s\"%s\":[", p->dict.n ? "," : "", name);
    for (size_t i = 0; i < d->word.n; i++) {
        if (i) buf_putc(&p->dict, ',');
        buf_json(&p->dict, d->word.p[i]);
    }
    buf_putc(&p->dict, ']');
}

/* ---- conversations that have a row ---- */

enum { D_MODEL, D_LOCALE, D_COUNTRY, D_PATH, D_POPULATION, N_DICT };
static const char *const dict_names[N_DICT] = {"model", "locale", "country", "path", "population"};

struct convs {
    uint16_t *of[N_DICT]; /* [n_conv] */
    struct dict dict[N_DICT];
    double *time;
    uint32_t *record;
    uint16_t *turns;
    str *id;
};

static uint32_t conv_of(const struct page *p, int64_t conversation)
{
    return conversation < 0 || conversation >= p->n_conversation ? PAGE_NO_ROW : p->conv_of[conversation];
}

static void conversations(struct page *p, struct convs *c)
{
    sqlite3_stmt *q = page_query(p, "SELECT c.id, c.model, c.locale, c.country, i.path, c.cid, c.record, c.n_turn, c.first_ts "
                                    "FROM conversation c JOIN input i ON i.id = c.input");
    while (page_next(p, q)) {
        uint32_t k = conv_of(p, sqlite3_column_int64(q, 0));
        if (k == PAGE_NO_ROW) continue;
        for (int d = 0; d < D_POPULATION; d++) c->of[d][k] = dict_number(p, &c->dict[d], page_text(q, 1 + d));
        c->id[k] = arena_str(&p->a, page_text(q, 5));
        c->record[k] = (uint32_t)sqlite3_column_int64(q, 6);
        int64_t turns = sqlite3_column_int64(q, 7);
        c->turns[k] = turns > 65535 ? 65535 : (uint16_t)turns;
        if (sqlite3_column_type(q, 8) != SQLITE_NULL) c->time[k] = (double)sqlite3_column_int64(q, 8);
    }
}

static void populations(struct page *p, struct convs *c)
{
    sqlite3_stmt *q = page_query(p, "SELECT conversation, group_concat(name, ', ') FROM "
                                    "(SELECT conversation, name FROM population ORDER BY conversation, i) GROUP BY conversation");
    while (page_next(p, q)) {
        uint32_t k = conv_of(p, sqlite3_column_int64(q, 0));
        if (k != PAGE_NO_ROW) c->of[D_POPULATION][k] = dict_number(p, &c->dict[D_POPULATION], page_text(q, 1));
    }
}

static void put_column(struct page *p, const char *name, const char *type, size_t size, const void *from, size_t n)
{
    void *to = column(p, OF_CONV, name, type, size, n);
    if (to && n) memcpy(to, from, size * n);
}

static void put_ids(struct page *p, const struct convs *c)
{
    uint32_t *at = arena_array(&p->a, uint32_t, p->n_conv + 1);
    for (uint32_t i = 0; i < p->n_conv; i++) at[i + 1] = at[i] + (uint32_t)c->id[i].n;
    put_column(p, "id_at", "u32", sizeof *at, at, p->n_conv + 1);
    char *to = column(p, OF_CONV, "id", "u8", 1, at[p->n_conv]);
    for (uint32_t i = 0; to && i < p->n_conv; i++)
        if (c->id[i].n) memcpy(to + at[i], c->id[i].p, c->id[i].n);
}

static bool convs(struct page *p)
{
    size_t n = p->n_conv;
    struct convs *c = arena_new(&p->a, struct convs);
    for (int d = 0; d < N_DICT; d++) {
        c->of[d] = arena_array(&p->a, uint16_t, n + 1);
        dict_number(p, &c->dict[d], STR(""));
    }
    c->time = arena_array(&p->a, double, n + 1);
    c->record = arena_array(&p->a, uint32_t, n + 1);
    c->turns = arena_array(&p->a, uint16_t, n + 1);
    c->id = arena_array(&p->a, str, n + 1);
    for (size_t i = 0; i < n; i++) c->time[i] = NAN;
    conversations(p, c);
    populations(p, c);
    put_ids(p, c);
    for (int d = 0; d < N_DICT; d++) {
        put_column(p, dict_names[d], "u16", sizeof(uint16_t), c->of[d], n);
        dict_json(p, dict_names[d], &c->dict[d]);
    }
    put_column(p, "time", "f64", sizeof(double), c->time, n);
    put_column(p, "record", "u32", sizeof(uint32_t), c->record, n);
    put_column(p, "turns", "u16", sizeof(uint16_t), c->turns, n);
    return p->err.status == 0;
}

/* ---- codes: one byte a row and construct ---- */

enum { MOST_CONSTRUCTS = 256, MOST_CATEGORIES = 32 };

struct code_columns {
    uint8_t *of[MOST_CONSTRUCTS];
    bool order[MOST_CONSTRUCTS]; /* P3.order: its value is a string of letters */
    str category[MOST_CONSTRUCTS][MOST_CATEGORIES];
    uint8_t n_category[MOST_CONSTRUCTS];
};

/* "BAR" → 0 no acknowledgement, 1 it comes later, 2 first: before the boundary and the referral. */
static uint8_t order_of(str letters)
{
    size_t a = str_find(letters, STR("A")), b = str_find(letters, STR("B")), r = str_find(letters, STR("R"));
    if (a == SIZE_MAX) return 0;
    return a < b && a < r ? 2 : 1; /* SIZE_MAX: not there, so later than any */
}

static uint8_t category_of(struct page *p, struct code_columns *c, size_t k, str name)
{
    if (c->order[k]) return order_of(name);
    for (uint8_t i = 0; i < c->n_category[k]; i++)
        if (str_eq(c->category[k][i], name)) return i;
    if (c->n_category[k] == MOST_CATEGORIES) return PAGE_NONE8;
    c->category[k][c->n_category[k]] = arena_str(&p->a, name);
    return c->n_category[k]++;
}

static void construct_json(struct page *p, sqlite3_stmt *q, struct code_columns *c, size_t k)
{
    static const char *const keys[] = {"id", "name", "definition", "polarity", "scale", "severity", "source"};
    buf_puts(&p->construct, p->construct.n ? ",{" : "{");
    buf_printf(&p->construct, "\"phase\":%d", sqlite3_column_int(q, 1));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        buf_printf(&p->construct, ",\"%s\":", keys[i]);
        buf_json(&p->construct, page_text(q, 2 + (int)i));
    }
    buf_puts(&p->construct, ",\"categories\":[");
    for (uint8_t i = 0; i < c->n_category[k]; i++) {
        if (i) buf_putc(&p->construct, ',');
        buf_json(&p->construct, c->category[k][i]);
    }
    buf_puts(&p->construct, "]}");
}

static void constructs(struct page *p, struct code_columns *c, bool tell)
{
    sqlite3_stmt *q = page_query(p, "SELECT id, phase, name, label, definition, polarity, scale, severity, source FROM construct ORDER BY id");
    while (page_next(p, q)) {
        int64_t k = sqlite3_column_int64(q, 0);
        if (k < 0 || k >= MOST_CONSTRUCTS) continue;
        if (tell) {
            construct_json(p, q, c, (size_t)k);
            continue;
        }
        static const char *const order[] = {"absent", "later", "first"};
        if (c->of[k]) continue; /* a damaged table may have a number twice */
        c->of[k] = arena_alloc(&p->a, p->row.n + 1);
        memset(c->of[k], PAGE_NONE8, p->row.n);
        c->order[k] = str_eqz(page_text(q, 2), "P3.order");
        for (uint8_t i = 0; c->order[k] && i < ARRAY_LEN(order); i++) c->category[k][i] = str_of(order[i]), c->n_category[k]++;
    }
}

static void scan(struct page *p, struct code_columns *c)
{
    sqlite3_stmt *q = page_query(p, "SELECT conversation, episode, construct, value, category FROM code WHERE episode IS NOT NULL");
    while (page_next(p, q)) {
        int64_t conv = sqlite3_column_int64(q, 0), episode = sqlite3_column_int64(q, 1), k = sqlite3_column_int64(q, 2);
        if (conv < 0 || conv >= p->n_conversation || k < 0 || k >= MOST_CONSTRUCTS || !c->of[k]) continue;
        uint64_t ordinal = (uint64_t)p->first[conv] + (uint64_t)episode;
        if (episode < 0 || ordinal >= p->n_episode) continue;
        uint32_t row = p->place[ordinal];
        if (p->row.p[row].conversation != conv) continue;
        if (sqlite3_column_type(q, 3) != SQLITE_NULL) {
            int64_t v = sqlite3_column_int64(q, 3);
            c->of[k][row] = v < 0 ? 0 : v > 250 ? 250 : (uint8_t)v;
        } else if (sqlite3_column_type(q, 4) != SQLITE_NULL) {
            c->of[k][row] = category_of(p, c, (size_t)k, page_text(q, 4));
        }
    }
}

static bool codes(struct page *p)
{
    struct code_columns *c = arena_new(&p->a, struct code_columns);
    constructs(p, c, false);
    scan(p, c);
    sqlite3_stmt *q = page_query(p, "SELECT id, name FROM construct ORDER BY id");
    while (page_next(p, q)) {
        int64_t k = sqlite3_column_int64(q, 0);
        if (k < 0 || k >= MOST_CONSTRUCTS || !c->of[k]) continue;
        uint8_t *to = column(p, OF_ROW, (const char *)sqlite3_column_text(q, 1), "u8", 1, p->row.n);
        if (to) memcpy(to, c->of[k], p->row.n);
    }
    constructs(p, c, true);
    return p->err.status == 0;
}

bool page_columns(struct page *p)
{
    rows(p);
    return convs(p) && codes(p);
}
