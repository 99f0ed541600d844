/* The web page: template, data blocks, template. */
#include "cli/page.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/embed.h"

static const char MARK[] = "<!--refrain:data-->";

/* ---- reading ---- */

sqlite3_stmt *page_query(struct page *p, const char *sql)
{
    sqlite3_stmt *q = NULL;
    if (p->err.status) return NULL;
    if (sqlite3_prepare_v2(p->db, sql, -1, &q, NULL)) store_error(&p->err, p->db, sqlite3_db_filename(p->db, "main"));
    return q;
}

bool page_step(struct page *p, sqlite3_stmt *q)
{
    int rc = q && !p->err.status ? sqlite3_step(q) : SQLITE_DONE;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) store_error(&p->err, p->db, sqlite3_db_filename(p->db, "main"));
    return rc == SQLITE_ROW;
}

bool page_next(struct page *p, sqlite3_stmt *q)
{
    if (page_step(p, q)) return true;
    sqlite3_finalize(q);
    return false;
}

str page_text(sqlite3_stmt *q, int column)
{
    const char *z = (const char *)sqlite3_column_text(q, column);
    return z ? (str){z, (size_t)sqlite3_column_bytes(q, column)} : STR("");
}

size_t page_name(str name, const char *const *names, size_t n, size_t otherwise)
{
    for (size_t i = 0; i < n; i++)
        if (names[i] && str_eqz(name, names[i])) return i;
    return otherwise;
}

/* ---- blocks ---- */

static void base64(struct buf *b, const unsigned char *p, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (!buf_room(b, (n + 2) / 3 * 4)) return;
    char *o = b->p + b->n;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);
        *o++ = digit[v >> 18];
        *o++ = digit[v >> 12 & 63];
        *o++ = i + 1 < n ? digit[v >> 6 & 63] : '=';
        *o++ = i + 2 < n ? digit[v & 63] : '=';
    }
    b->n = (size_t)(o - b->p);
}

/* Level 6: level 9 saved 3 % of the file and took twice as long. */
static void block(struct buf *b, const char *id, const struct buf *data)
{
    enum { LEVEL = 6 };
    uLongf n = compressBound(data->n);
    struct buf z = {0};
    if (!buf_room(&z, n) || compress2((Bytef *)z.p, &n, (const Bytef *)data->p, data->n, LEVEL) != Z_OK) {
        b->oom = true;
    } else {
        buf_printf(b, "<script type=\"text/plain\" id=\"%s\">", id);
        base64(b, (const unsigned char *)z.p, n);
        buf_puts(b, "</script>\n");
    }
    buf_free(&z);
}

static int flush(struct page *p, struct sink *out, struct buf *b)
{
    if (b->oom) err_set(&p->err, REFRAIN_E_NOMEM, "out of memory");
    int rc = p->err.status ? cli_error_of(&p->err) : sink_write(out, b->p, b->n);
    buf_clear(b);
    return rc;
}

/* The worst first, until there are enough or the file is large enough. */
static int details(struct page *p, struct sink *out, struct buf *b)
{
    struct buf json = {0};
    int rc = 0;
    uint64_t written = 0;
    uint32_t n = p->o->details < p->n_conv ? (uint32_t)p->o->details : p->n_conv;
    for (unsigned k = 0; !rc && p->n_detailed < n && written < p->o->detail_bytes; k++) {
        char id[16];
        snprintf(id, sizeof id, "d%u", k);
        buf_printf(&p->chunks, "%s%u", k ? "," : "", p->n_detailed);
        buf_clear(&json);
        p->n_detailed = page_detail(p, p->n_detailed, n, &json);
        block(b, id, &json);
        b->oom |= json.oom;
        written += b->n;
        rc = flush(p, out, b);
    }
    buf_free(&json);
    return rc;
}

static int rest(struct page *p, struct sink *out, struct buf *b)
{
    block(b, "columns", &p->columns);
    buf_puts(b, "<script type=\"application/json\" id=\"meta\">");
    page_meta(p, b);
    buf_puts(b, "</script>\n");
    b->oom |= p->chunks.oom | p->columns.oom | p->dir[0].oom | p->dir[1].oom | p->dict.oom | p->construct.oom;
    return flush(p, out, b);
}

/* In one transaction: the store is read as it is now, and is locked once. */
static int data(struct page *p, struct sink *out)
{
    struct buf b = {0};
    sqlite3_stmt *q = page_query(p, "BEGIN");
    while (page_next(p, q)) {}
    bool ok = page_rows(p) && page_columns(p);
    int rc = ok ? details(p, out, &b) : cli_error_of(&p->err);
    if (!rc) rc = rest(p, out, &b);
    buf_free(&b);
    return rc;
}

static void page_free(struct page *p)
{
    refrain_error unread;
    if (p->figures) page_figures_end(p->figures, NULL, &unread);
    for (size_t i = 0; i < ARRAY_LEN(p->detail); i++) sqlite3_finalize(p->detail[i]);
    buf_free(&p->chunks);
    buf_free(&p->columns);
    buf_free(&p->dir[0]);
    buf_free(&p->dir[1]);
    buf_free(&p->dict);
    buf_free(&p->construct);
    arena_free(&p->a);
    free(p);
}

int page_write(struct sink *out, sqlite3 *db, const struct store_run *run, const struct page_options *o)
{
    str t = {embedded_page[0].begin, (size_t)(embedded_page[0].end - embedded_page[0].begin)};
    size_t at = str_find(t, STR(MARK));
    struct page *p = calloc(1, sizeof *p);
    jmp_buf oom;
    if (!p) return cli_error("out of memory");
    *p = (struct page){.db = db, .run = run, .o = o};
    arena_init(&p->a, 0);
    p->a.on_oom = &oom;
    p->figures = page_figures_begin(p);
    volatile int rc = 0;
    if (setjmp(oom)) rc = cli_error("out of memory");
    else rc = sink_write(out, t.p, at);
    if (!rc) rc = data(p, out);
    if (!rc) rc = sink_write(out, t.p + at + sizeof MARK - 1, t.n - at - (sizeof MARK - 1));
    page_free(p);
    return rc;
}
