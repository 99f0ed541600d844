/* The live conversation: turns and chunks in, a report at any time.
 *
 * It keeps the record that a file would have held, in OpenAI's message format,
 * and reports by scanning that record: so the live path cannot differ from
 * the file path, and a chunk's edges leave no trace. A report costs one walk
 * over the conversation so far. */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>

enum { SIGN_TS, SIGN_FINISH, SIGN_REFUSAL, SIGN_BLOCK, SIGN_HTTP, SIGN_UI, N_SIGN };
static const struct {
    const char *name, *key; /* of refrain_conv_set_turn; in the record */
} sign[N_SIGN] = {
    {"ts", "timestamp"},           {"finish_reason", "finish_reason"}, {"refusal", "refusal"},
    {"block_reason", "block_reason"}, {"http_status", "http_status"},  {"ui_event", "ui_events"},
};

static const char *const meta_names[] = {"id",      "model",        "locale",  "language",
                                         "country", "jurisdiction", "session", "regeneration_group"};
enum { N_META = ARRAY_LEN(meta_names) };

struct refrain_conv {
    refrain_scanner *scanner;
    struct conv_limits limits;
    struct buf meta[N_META];
    bool has_meta[N_META];
    struct buf turns;          /* JSON objects of the turns that ended, comma between */
    size_t n_turn;
    bool open;                 /* a turn has begun */
    enum role role;
    struct buf text;           /* of the open turn */
    struct buf signs[N_SIGN];  /* as JSON values; SIGN_UI: the list's inside */
    bool has_sign[N_SIGN];
    struct buf record;         /* of the last report; the report's walk reads it */
};

static int no_memory(refrain_error *err) { return err_set(err, REFRAIN_E_NOMEM, "out of memory"); }

int refrain_conv_new(refrain_conv **out, const refrain_engine *engine, const refrain_limits *limits, refrain_error *err)
{
    if (!out) return err_set(err, REFRAIN_E_USAGE, "out is NULL");
    *out = NULL;
    refrain_conv *c = calloc(1, sizeof *c);
    if (!c) return no_memory(err);
    int rc = api_limits(&c->limits, limits, err);
    if (!rc) rc = refrain_scanner_new(&c->scanner, engine, limits, err);
    if (rc) {
        refrain_conv_free(c);
        return rc;
    }
    *out = c;
    return 0;
}

void refrain_conv_free(refrain_conv *c)
{
    if (!c) return;
    scanner_free(c->scanner);
    for (size_t i = 0; i < N_META; i++) buf_free(&c->meta[i]);
    for (size_t i = 0; i < N_SIGN; i++) buf_free(&c->signs[i]);
    buf_free(&c->turns);
    buf_free(&c->text);
    buf_free(&c->record);
    free(c);
}

/* ---- values ---- */

static int check_text(const char *what, str s, refrain_error *err)
{
    if (!s.p && s.n) return err_set(err, REFRAIN_E_USAGE, "%s: ptr is NULL", what);
    size_t good = utf8_valid_prefix(s.p ? s.p : "", s.n);
    if (good < s.n) return err_set(err, REFRAIN_E_PARSE, "%s: invalid UTF-8 at byte %zu", what, good);
    const char *nul = s.n ? memchr(s.p, 0, s.n) : NULL;
    if (nul) return err_set(err, REFRAIN_E_PARSE, "%s: NUL byte at byte %zu", what, (size_t)(nul - s.p));
    return 0;
}

static int unknown_name(const char *given, const char *const *names, size_t n, refrain_error *err)
{
    const char *near = err_nearest(given, names, n);
    return near ? err_set(err, REFRAIN_E_USAGE, "unknown name '%s'; did you mean '%s'?", given, near)
                : err_set(err, REFRAIN_E_USAGE, "unknown name '%s'", given);
}

/* A value stands whole, or not at all when memory ran out on the way. */
static int settle(struct buf *b, size_t before, bool *has, refrain_error *err)
{
    if (b->oom) {
        b->n = before;
        b->oom = false;
        *has = before > 0;
        return no_memory(err);
    }
    *has = true;
    return 0;
}

int refrain_conv_set(refrain_conv *c, const char *name, refrain_str value, refrain_error *err)
{
    if (!c || !name) return err_set(err, REFRAIN_E_USAGE, "%s is NULL", c ? "name" : "conv");
    if (c->open || c->n_turn) return err_set(err, REFRAIN_E_STATE, "'%s' is set before the first turn", name);
    size_t i = 0;
    while (i < N_META && strcmp(meta_names[i], name) != 0) i++;
    if (i == N_META) return unknown_name(name, meta_names, N_META, err);
    str v = {value.ptr, value.len};
    int rc = check_text(name, v, err);
    if (rc) return rc;
    buf_clear(&c->meta[i]);
    buf_json(&c->meta[i], v);
    return settle(&c->meta[i], 0, &c->has_meta[i], err);
}

/* ---- turns ---- */

int refrain_conv_begin_turn(refrain_conv *c, const char *role, refrain_error *err)
{
    if (!c || !role) return err_set(err, REFRAIN_E_USAGE, "%s is NULL", c ? "role" : "conv");
    if (c->open) return err_set(err, REFRAIN_E_STATE, "turn %zu has not ended", c->n_turn);
    if (c->n_turn >= c->limits.turns)
        return err_set(err, REFRAIN_E_LIMIT, "turn %zu; the limit is %zu turns", c->n_turn + 1, c->limits.turns);
    size_t i = 0;
    while (i < N_ROLE && strcmp(role_names[i], role) != 0) i++;
    if (i == N_ROLE) {
        const char *near = err_nearest(role, role_names, N_ROLE);
        return err_set(err, REFRAIN_E_USAGE, "unknown role '%s'; %s%s%s", role, near ? "did you mean '" : "known are ",
                       near ? near : "system, user, assistant, tool, platform, human", near ? "'?" : "");
    }
    c->role = (enum role)i;
    c->open = true;
    buf_clear(&c->text);
    for (i = 0; i < N_SIGN; i++) {
        buf_clear(&c->signs[i]);
        c->has_sign[i] = false;
    }
    return 0;
}

int refrain_conv_append(refrain_conv *c, refrain_str chunk, refrain_error *err)
{
    if (!c) return err_set(err, REFRAIN_E_USAGE, "conv is NULL");
    if (!c->open) return err_set(err, REFRAIN_E_STATE, "no turn has begun");
    if (!chunk.ptr && chunk.len) return err_set(err, REFRAIN_E_USAGE, "chunk.ptr is NULL");
    if (chunk.len > c->limits.turn_bytes - c->text.n)
        return err_set(err, REFRAIN_E_LIMIT, "turn %zu: %zu bytes; the limit is %zu", c->n_turn,
                       c->text.n + chunk.len, c->limits.turn_bytes);
    if (chunk.len) buf_put(&c->text, chunk.ptr, chunk.len);
    if (!c->text.oom) return 0;
    c->text.oom = false;
    return no_memory(err);
}

static int check_http(str v, refrain_error *err)
{
    bool digits = v.n >= 1 && v.n <= 3;
    for (size_t i = 0; digits && i < v.n; i++) digits = v.p[i] >= '0' && v.p[i] <= '9';
    return digits ? 0 : err_set(err, REFRAIN_E_USAGE, "http_status: three digits, such as 400");
}

static void put_http(struct buf *into, str v)
{
    while (v.n > 1 && *v.p == '0') v = str_sub(v, 1, v.n);
    buf_str(into, v);
}

int refrain_conv_set_turn(refrain_conv *c, const char *name, refrain_str value, refrain_error *err)
{
    if (!c || !name) return err_set(err, REFRAIN_E_USAGE, "%s is NULL", c ? "name" : "conv");
    if (!c->open) return err_set(err, REFRAIN_E_STATE, "no turn has begun");
    size_t i = 0;
    while (i < N_SIGN && strcmp(sign[i].name, name) != 0) i++;
    if (i == N_SIGN) {
        const char *names[N_SIGN];
        for (i = 0; i < N_SIGN; i++) names[i] = sign[i].name;
        return unknown_name(name, names, N_SIGN, err);
    }
    str v = {value.ptr, value.len};
    int rc = check_text(name, v, err);
    if (!rc && i == SIGN_HTTP) rc = check_http(v, err);
    if (rc) return rc; /* a value that was set before stands */
    struct buf *b = &c->signs[i];
    size_t before = i == SIGN_UI ? b->n : 0;
    b->n = before;
    if (before) buf_putc(b, ',');
    if (i == SIGN_HTTP) put_http(b, v);
    else buf_json(b, v);
    return settle(b, before, &c->has_sign[i], err);
}

int refrain_conv_end_turn(refrain_conv *c, refrain_error *err)
{
    if (!c) return err_set(err, REFRAIN_E_USAGE, "conv is NULL");
    if (!c->open) return err_set(err, REFRAIN_E_STATE, "no turn has begun");
    c->open = false; /* a turn that cannot be read is dropped; the conversation may go on */
    char what[32];
    snprintf(what, sizeof what, "turn %zu", c->n_turn);
    int rc = check_text(what, (str){c->text.p, c->text.n}, err);
    if (rc) return rc;

    size_t before = c->turns.n;
    struct buf *b = &c->turns;
    buf_printf(b, "%s{\"role\":\"%s\",\"content\":", before ? "," : "", role_names[c->role]);
    buf_json(b, (str){c->text.p ? c->text.p : "", c->text.n});
    for (size_t i = 0; i < N_SIGN; i++) {
        if (!c->has_sign[i]) continue;
        buf_printf(b, ",\"%s\":%s", sign[i].key, i == SIGN_UI ? "[" : "");
        buf_put(b, c->signs[i].p, c->signs[i].n);
        if (i == SIGN_UI) buf_putc(b, ']');
    }
    buf_putc(b, '}');
    if (b->oom) {
        b->n = before;
        b->oom = false;
        return no_memory(err);
    }
    c->n_turn++;
    return 0;
}

int refrain_conv_report(refrain_str *report, refrain_conv *c, refrain_error *err)
{
    if (!report) return err_set(err, REFRAIN_E_USAGE, "report is NULL");
    *report = (refrain_str){NULL, 0};
    if (!c) return err_set(err, REFRAIN_E_USAGE, "conv is NULL");
    if (c->n_turn == 0) return err_set(err, REFRAIN_E_STATE, "no turn has ended yet");
    struct buf *b = &c->record;
    buf_clear(b);
    buf_putc(b, '{');
    for (size_t i = 0; i < N_META; i++) {
        if (!c->has_meta[i]) continue;
        buf_printf(b, "\"%s\":", meta_names[i]);
        buf_put(b, c->meta[i].p, c->meta[i].n);
        buf_putc(b, ',');
    }
    buf_puts(b, "\"messages\":[");
    buf_put(b, c->turns.p, c->turns.n);
    buf_puts(b, "]}");
    if (b->oom) return no_memory(err);
    c->scanner->opt.format = "openai";
    const struct origin from = {"", 1};
    return api_report(report, c->scanner, (str){b->p, b->n}, &from, err);
}
