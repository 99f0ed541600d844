/* What is only needed when somebody opens a conversation: turns, codes with
 * their spans, contacts, gates. Arrays in the order that web/src/data.ts reads;
 * one JSON array a chunk, one object a conversation. */
#include "cli/page.h"
#include "report/report.h"

static void comma(struct buf *b)
{
    char last = b->n ? b->p[b->n - 1] : '[';
    if (last != '[' && last != '{' && last != ':') buf_putc(b, ',');
}

/* Confidence and coverage; the store has two decimals of them. */
static void ratio(struct buf *b, double v)
{
    int k = v <= 0 ? 0 : v >= 1 ? 100 : (int)(v * 100 + 0.5);
    buf_puts(b, k == 100 ? "1." : "0.");
    buf_putc(b, (char)('0' + k / 10 % 10));
    buf_putc(b, (char)('0' + k % 10));
}

static void value(struct buf *b, sqlite3_stmt *q, int column)
{
    comma(b);
    switch (sqlite3_column_type(q, column)) {
    case SQLITE_INTEGER: buf_i64(b, sqlite3_column_int64(q, column)); break;
    case SQLITE_FLOAT: ratio(b, sqlite3_column_double(q, column)); break;
    case SQLITE_TEXT: buf_json(b, page_text(q, column)); break;
    default: buf_puts(b, "null");
    }
}

/* ---- tables, one row an array ---- */

enum { CODES = 0, N_TABLE = 6 };
static const struct { const char *name, *sql; } tables[N_TABLE] = {
    [CODES] = {"codes",
               "SELECT c.i, c.episode, k.name, coalesce(c.value, c.category), c.reason, c.method, c.conf, c.severity, c.lag, "
               "c.searched_from, c.searched_to, s.turn, s.begin, s.end FROM code c JOIN construct k ON k.id = c.construct "
               "LEFT JOIN span s ON s.conversation = c.conversation AND s.code = c.i "
               "WHERE c.conversation = ?1 AND (c.episode IS NOT NULL OR c.turn = ?2) ORDER BY c.i, s.k"},
    {"turns", "SELECT role, strftime('%Y-%m-%dT%H:%M:%SZ', ts / 1000, 'unixepoch'), risk, flags, rtype, decision, text FROM turn "
              "WHERE conversation = ?1 ORDER BY i"},
    {"episodes", "SELECT start, anchor, end, P1_coverage, P2_coverage, P3_coverage, P4_coverage, P5_coverage FROM episode "
                 "WHERE conversation = ?1 ORDER BY i"},
    {"contacts", "SELECT turn, begin, end, text, status, stale, negated, country, instead, why FROM contact "
                 "WHERE conversation = ?1 ORDER BY i"},
    {"gates", "SELECT id, turn, episode, status, why FROM gate WHERE conversation = ?1 ORDER BY i"},
    {"warnings", "SELECT code, turn FROM warning WHERE conversation = ?1 ORDER BY i"},
};

/* Prepared once: a page has tens of thousands of conversations. */
static sqlite3_stmt *begin(struct page *p, struct buf *b, size_t t, uint32_t conversation)
{
    if (!p->detail[t]) p->detail[t] = page_query(p, tables[t].sql);
    if (!p->detail[t]) return NULL;
    sqlite3_bind_int64(p->detail[t], 1, conversation);
    comma(b);
    buf_printf(b, "\"%s\":[", tables[t].name);
    return p->detail[t];
}

static void table(struct page *p, struct buf *b, size_t t, uint32_t conversation)
{
    sqlite3_stmt *q = begin(p, b, t, conversation);
    while (page_step(p, q)) {
        comma(b);
        buf_putc(b, '[');
        for (int i = 0, n = sqlite3_column_count(q); i < n; i++) value(b, q, i);
        buf_putc(b, ']');
    }
    buf_putc(b, ']');
    sqlite3_reset(q);
}

/* Rows of one code follow each other, a span each: the last three columns. */
static void codes(struct page *p, struct buf *b, uint32_t conversation, int64_t turn)
{
    enum { SPAN = 11 };
    sqlite3_stmt *q = begin(p, b, CODES, conversation);
    int64_t last = -1;
    if (q) sqlite3_bind_int64(q, 2, turn);
    while (page_step(p, q)) {
        int64_t i = sqlite3_column_int64(q, 0);
        if (i != last) {
            if (last >= 0) buf_puts(b, "]]");
            comma(b);
            buf_putc(b, '[');
            for (int k = 1; k < SPAN; k++) value(b, q, k);
            buf_puts(b, ",[");
            last = i;
        }
        for (int k = SPAN; k < SPAN + 3 && sqlite3_column_type(q, SPAN) != SQLITE_NULL; k++) value(b, q, k);
    }
    buf_puts(b, last >= 0 ? "]]]" : "]");
    sqlite3_reset(q);
}

static void conversation(struct page *p, struct buf *b, uint32_t c)
{
    uint32_t out = p->outside[c];
    comma(b);
    buf_putc(b, '{');
    codes(p, b, c, out == PAGE_NO_ROW ? -1 : p->row.p[p->place[out]].anchor);
    for (size_t t = CODES + 1; t < N_TABLE; t++) table(p, b, t, c);
    buf_putc(b, '}');
}

/* One that is longer than a chunk should be is null: the page says that it was left out. */
uint32_t page_detail(struct page *p, uint32_t from, uint32_t to, struct buf *b)
{
    uint32_t i = from;
    buf_putc(b, '[');
    for (; i < to && i - from < PAGE_CHUNK && b->n < PAGE_CHUNK_BYTES && !p->err.status; i++) {
        size_t before = b->n;
        conversation(p, b, p->conversation[i]);
        if (b->n - before <= PAGE_CHUNK_BYTES) continue;
        b->n = before;
        comma(b);
        buf_puts(b, "null");
    }
    buf_putc(b, ']');
    return i;
}
