/* What the page says of the run as a whole, as JSON: provenance, words for
 * codes, counts, contacts and places, time, figures. */
#include <stdlib.h>
#include <yyjson.h>

#include "cli/page.h"
#include "out/words.h"
#include "report/report.h"

static void key(struct buf *b, const char *name)
{
    char last = b->n ? b->p[b->n - 1] : '{';
    if (last != '{' && last != '[') buf_putc(b, ',');
    buf_printf(b, "\"%s\":", name);
}

static void field(struct buf *b, const char *name, str value)
{
    key(b, name);
    buf_json(b, value);
}

static void number(struct buf *b, const char *name, int64_t v)
{
    key(b, name);
    buf_i64(b, v);
}

/* ---- words ---- */

/* [["id", "words"], …]: what a code is called. */
static void pairs(struct buf *b, const char *name, const char *const *ids, const char *const *words, size_t n)
{
    key(b, name);
    buf_putc(b, '[');
    for (size_t i = 0; i < n; i++) {
        buf_puts(b, i ? ",[" : "[");
        buf_json(b, str_of(ids[i] ? ids[i] : ""));
        buf_putc(b, ',');
        buf_json(b, str_of(words[i]));
        buf_putc(b, ']');
    }
    buf_putc(b, ']');
}

static void gate_words(struct buf *b)
{
    key(b, "gate");
    buf_putc(b, '[');
    for (int g = 1; g <= 12; g++) {
        buf_printf(b, "%s[\"G%d\",", g > 1 ? "," : "", g);
        buf_json(b, str_of(gate_kinds[g].title));
        buf_printf(b, ",%d,", gate_kinds[g].critical);
        buf_json(b, str_of(gate_kinds[g].help));
        buf_printf(b, ",%d]", gate_kinds[g].phases);
    }
    buf_putc(b, ']');
}

static void words(struct buf *b)
{
    static const char *const flags[] = {"B", "N", "H", "V", "P", "F", "I", "C", "D"};
    key(b, "words");
    buf_putc(b, '{');
    pairs(b, "rtype", rtype_names, rtype_words, N_RTYPE);
    pairs(b, "decision", decision_names, decision_words, N_DECISION);
    pairs(b, "quadrant", quadrant_names, quadrant_words, N_QUADRANT);
    pairs(b, "end", end_reason_names, end_words, N_END);
    pairs(b, "next", next_names, next_words, 12);
    pairs(b, "contact", contact_status_names, contact_words, N_CONTACT_STATUS);
    pairs(b, "reason", null_reason_names, reason_words, N_WHY);
    pairs(b, "flag", flags, risk_flag_words, ARRAY_LEN(flags));
    gate_words(b);
    key(b, "phase");
    buf_putc(b, '[');
    for (int i = 0; i < 5; i++) buf_printf(b, "%s\"%s\"", i ? "," : "", phase_words[i]);
    buf_puts(b, "]}");
}

/* ---- the run ---- */

/* JSON out of the store, read and written again: nothing else gets through. */
static void json_again(struct buf *b, const char *name, const char *text, const char *otherwise)
{
    yyjson_doc *d = text ? yyjson_read(text, strlen(text), 0) : NULL;
    char *again = d ? yyjson_write(d, 0, NULL) : NULL;
    key(b, name);
    buf_puts(b, again ? again : otherwise);
    free(again);
    yyjson_doc_free(d);
}

static void run(struct page *p, struct buf *b)
{
    const struct store_run *r = p->run;
    key(b, "run");
    buf_putc(b, '{');
    field(b, "version", str_of(r->refrain_version));
    field(b, "started", str_of(r->started));
    number(b, "whole", r->finished != NULL);
    number(b, "text", r->store_text);
    field(b, "pack", str_of(r->pack_version));
    field(b, "pack_hash", str_of(r->pack_hash));
    field(b, "directory", str_of(r->directory_version));
    field(b, "as_of", str_of(r->as_of));
    json_again(b, "options", r->options, "{}");
    json_again(b, "source", r->arguments, "[]");
    buf_putc(b, '}');
}

/* One row of numbers, named by its columns. */
static void numbers(struct page *p, struct buf *b, const char *sql)
{
    sqlite3_stmt *q = page_query(p, sql);
    while (page_next(p, q))
        for (int i = 0, n = sqlite3_column_count(q); i < n; i++) number(b, sqlite3_column_name(q, i), sqlite3_column_int64(q, i));
}

/* Rows of two columns: a name and how often. */
static void tally(struct page *p, struct buf *b, const char *name, const char *sql)
{
    sqlite3_stmt *q = page_query(p, sql);
    key(b, name);
    buf_putc(b, '{');
    while (page_next(p, q)) {
        if (b->p[b->n - 1] != '{') buf_putc(b, ',');
        buf_json(b, page_text(q, 0));
        buf_printf(b, ":%lld", (long long)sqlite3_column_int64(q, 1));
    }
    buf_putc(b, '}');
}

/* Contacts that replies gave, apart from those that they warn of. */
#define GIVEN "FROM contact x JOIN turn t ON t.conversation = x.conversation AND t.i = x.turn AND t.role <> 'user' "  \
              "JOIN conversation c ON c.id = x.conversation WHERE NOT x.negated "

static void counts(struct page *p, struct buf *b)
{
    key(b, "counts");
    buf_putc(b, '{');
    numbers(p, b, "SELECT count(*) AS conversations, coalesce(sum(n_turn), 0) AS turns, coalesce(sum(n_reply), 0) - (SELECT count(*) FROM warning WHERE code = 'empty_reply') AS replies, "
                  "coalesce(sum(n_episode > 0), 0) AS with_episode, coalesce(sum(simulated), 0) AS simulated FROM conversation");
    numbers(p, b, "SELECT count(*) AS stale " GIVEN "AND x.stale");
    number(b, "episodes", (int64_t)p->n_episode);
    number(b, "rejected", p->run->rejected);
    tally(p, b, "contacts", "SELECT x.status, count(*) " GIVEN "GROUP BY x.status");
    tally(p, b, "warnings", "SELECT code, count(*) FROM warning GROUP BY code");
    buf_putc(b, '}');
}

/* ---- places ---- */

static void contacts(struct page *p, struct buf *b)
{
    static const char *const name[] = {"text", "status", "where", "country", "instead", "line", "why"};
    sqlite3_stmt *q = page_query(p, "SELECT min(x.text), x.status, c.country, x.country, x.instead, x.line, x.why, count(*), "
                                    "count(DISTINCT x.conversation), min(x.conversation) " GIVEN
                                    "AND x.status NOT IN ('verified', 'alias', 'emergency') "
                                    "GROUP BY x.canonical, x.status, c.country, x.instead "
                                    "ORDER BY x.status = 'unknown', 9 DESC, 1 LIMIT ?1");
    if (q) sqlite3_bind_int64(q, 1, PAGE_CONTACTS);
    key(b, "contacts");
    buf_putc(b, '[');
    while (page_next(p, q)) {
        buf_puts(b, b->p[b->n - 1] == '[' ? "{" : ",{");
        for (int i = 0; i < (int)ARRAY_LEN(name); i++) field(b, name[i], page_text(q, i));
        number(b, "n", sqlite3_column_int64(q, 7));
        number(b, "conversations", sqlite3_column_int64(q, 8));
        int64_t c = sqlite3_column_int64(q, 9);
        bool open = c >= 0 && c < p->n_conversation && p->conv_of[c] != PAGE_NO_ROW;
        number(b, "first", open ? (int64_t)p->conv_of[c] : -1);
        buf_putc(b, '}');
    }
    buf_putc(b, ']');
}

static void referrals(struct page *p, struct buf *b)
{
    sqlite3_stmt *q = page_query(p, "SELECT c.country, x.country, count(*) " GIVEN "GROUP BY c.country, x.country");
    key(b, "referrals");
    buf_putc(b, '[');
    while (page_next(p, q)) {
        buf_puts(b, b->p[b->n - 1] == '[' ? "{" : ",{");
        field(b, "where", page_text(q, 0));
        field(b, "country", page_text(q, 1));
        number(b, "n", sqlite3_column_int64(q, 2));
        buf_putc(b, '}');
    }
    buf_putc(b, ']');
}

/* ---- time ---- */

/* Months for more than half a year, weeks for more than three, else days. */
static void time_line(struct page *p, struct buf *b)
{
    static const struct { const char *unit, *start; } units[] = {
        {"day", "date(first_ts / 1000, 'unixepoch')"},
        {"week", "date(first_ts / 1000, 'unixepoch', 'weekday 0', '-6 days')"},
        {"month", "date(first_ts / 1000, 'unixepoch', 'start of month')"},
    };
    double days = 0;
    sqlite3_stmt *q = page_query(p, "SELECT coalesce((max(first_ts) - min(first_ts)) / 86400000.0, 0) FROM conversation");
    while (page_next(p, q)) days = sqlite3_column_double(q, 0);
    size_t u = days > 183 ? 2 : days > 21 ? 1 : 0;
    char sql[320];
    snprintf(sql, sizeof sql, "SELECT %s AS start, count(*), sum(n_reply), sum(n_refusal) FROM conversation "
                              "WHERE first_ts IS NOT NULL GROUP BY 1 ORDER BY 1", units[u].start);
    key(b, "time");
    buf_printf(b, "{\"unit\":\"%s\",\"buckets\":[", units[u].unit);
    q = page_query(p, sql);
    while (page_next(p, q)) {
        buf_puts(b, b->p[b->n - 1] == '[' ? "{" : ",{");
        field(b, "start", page_text(q, 0));
        number(b, "conversations", sqlite3_column_int64(q, 1));
        number(b, "replies", sqlite3_column_int64(q, 2));
        number(b, "refusals", sqlite3_column_int64(q, 3));
        buf_putc(b, '}');
    }
    buf_puts(b, "]}");
}

/* ---- all of it ---- */

static void layout(struct page *p, struct buf *b)
{
    number(b, "rows", (int64_t)p->row.n);
    number(b, "convs", p->n_conv);
    buf_printf(b, ",\"chunks\":[%.*s]", (int)p->chunks.n, p->chunks.p ? p->chunks.p : "");
    number(b, "detailed", p->n_detailed);
    buf_printf(b, ",\"columns\":{\"row\":{%.*s},\"conv\":{%.*s}}", (int)p->dir[0].n, p->dir[0].p, (int)p->dir[1].n, p->dir[1].p);
    buf_printf(b, ",\"dict\":{%.*s}", (int)p->dict.n, p->dict.p);
    buf_printf(b, ",\"constructs\":[%.*s]", (int)p->construct.n, p->construct.p);
}

/* In JSON `<` stands in strings only; so written, nothing can end the element
 * that holds it. U+2028 and U+2029 would end a line in older scripts. */
static void inert(struct buf *out, const struct buf *in)
{
    size_t from = 0;
    for (size_t i = 0; i < in->n; i++) {
        const char *c = in->p + i;
        bool line = i + 2 < in->n && c[0] == '\xE2' && c[1] == '\x80' && (c[2] == '\xA8' || c[2] == '\xA9');
        if (*c != '<' && *c != '>' && *c != '&' && !line) continue;
        buf_put(out, in->p + from, i - from);
        buf_printf(out, "\\u%04x", line ? (c[2] == '\xA8' ? 0x2028u : 0x2029u) : (unsigned char)*c);
        if (line) i += 2;
        from = i + 1;
    }
    buf_put(out, in->p + from, in->n - from);
}

bool page_meta(struct page *p, struct buf *out)
{
    struct buf b = {0};
    buf_puts(&b, "{\"format\":1");
    run(p, &b);
    counts(p, &b);
    words(&b);
    contacts(p, &b);
    referrals(p, &b);
    time_line(p, &b);
    layout(p, &b);
    page_figures_end(p->figures, &b, &p->err);
    p->figures = NULL;
    buf_putc(&b, '}');
    inert(out, &b);
    out->oom |= b.oom;
    buf_free(&b);
    return p->err.status == 0;
}
