/* One record's bytes in, conversations out: parses the JSON once in the
 * caller's bytes, picks the adapter by the record's own keys, checks limits. */
#include "in/read.h"

#include "in/sniff.h"

const char *const role_names[N_ROLE] = {"system", "user", "assistant", "tool", "platform", "human"};

/* Detection order: the first of which a key is there and whose `is` agrees.
 * A format is a file format_*.c and a row here. */
#define ADAPTERS(X)                                                                                                    \
    X(inspect, "inspect")                                                                                              \
    X(chatgpt, "chatgpt")                                                                                              \
    X(wildchat, "wildchat")                                                                                            \
    X(lmsys, "lmsys")                                                                                                  \
    X(sharegpt, "sharegpt")                                                                                            \
    X(anthropic, "anthropic")                                                                                          \
    X(openai_pair, "openai-pair")                                                                                      \
    X(openai, "openai")                                                                                                \
    X(pair, "pair")                                                                                                    \
    X(text, "text")
#define DECLARE(id, name) extern const struct adapter format_##id;
#define POINT(id, name) &format_##id,
#define NAME(id, name) name,
ADAPTERS(DECLARE)
static const struct adapter *const adapters[] = {ADAPTERS(POINT)};
const char *const conv_formats[] = {ADAPTERS(NAME) NULL};

static const struct adapter *by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(adapters); i++)
        if (strcmp(adapters[i]->name, name) == 0) return adapters[i];
    return NULL;
}

/* Lengths of the adapters' keys: most other keys are told from them by it. */
#define LENGTHS (1u << 4 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14)

/* ---- one conversation ---- */

int read_begin(struct reader *r, size_t n_turn)
{
    if (n_turn > r->limits.turns)
        return err_set(r->err, REFRAIN_E_LIMIT, "%zu turns; the limit is %zu", n_turn, r->limits.turns);
    r->c = vec_push(r->a, &r->out);
    struct conv_meta *m = &r->c->meta;
    r->c->format = r->adapter->name;
    r->c->id = r->c->path = m->model = m->locale = m->language = m->country = m->jurisdiction = m->regeneration_group =
        m->session = (str){"", 0};
    r->turn_cap = n_turn + 2; /* a system prompt and a response may join the list */
    r->c->turn = arena_raw(r->a, r->turn_cap * sizeof *r->c->turn);
    return 0;
}

static void set_id(struct reader *r, yyjson_val *v)
{
    if (r->c->id.n || !v) return;
    r->c->id = val_text(r, v);
    r->c->has_id = r->c->id.n > 0;
}

/* "en-GB", "en_GB.UTF-8": the region tells the account's country, the first part the language. */
static void split_locale(struct reader *r)
{
    struct conv_meta *m = &r->c->meta;
    size_t n = 0;
    while (n < m->locale.n && m->locale.p[n] != '-' && m->locale.p[n] != '_') n++;
    if (!m->language.n) m->language = str_of(language_code(str_sub(m->locale, 0, n)));
    while (n < m->locale.n && !m->country.n) { /* en-Latn-GB: the first part of two letters */
        size_t b = ++n;
        while (n < m->locale.n && m->locale.p[n] != '-' && m->locale.p[n] != '_' && m->locale.p[n] != '.') n++;
        if (n - b == 2) m->country = str_of(country_code(str_sub(m->locale, b, n)));
        if (n < m->locale.n && m->locale.p[n] == '.') break;
    }
}

int read_end(struct reader *r)
{
    struct conv *c = r->c;
    set_id(r, r->top.v[F_ID]);
    read_meta(r, &r->top);
    if (c->meta.locale.n) split_locale(r);
    if (c->n_turn == 0) return err_set(r->err, REFRAIN_E_FORMAT, "no turns");
    if (c->n_turn > r->limits.turns)
        return err_set(r->err, REFRAIN_E_LIMIT, "%zu turns; the limit is %zu", c->n_turn, r->limits.turns);
    for (size_t i = 0; i < c->n_turn; i++) {
        const struct turn *t = &c->turn[i];
        if (t->text.n > r->limits.turn_bytes)
            return err_set(r->err, REFRAIN_E_LIMIT, "turn %zu: %zu bytes; the limit is %zu", i, t->text.n,
                           r->limits.turn_bytes);
        const char *nul = t->text.n ? memchr(t->text.p, 0, t->text.n) : NULL;
        if (nul)
            return err_set(r->err, REFRAIN_E_PARSE, "turn %zu: NUL character at byte %zu of its text", i,
                           (size_t)(nul - t->text.p));
        if (t->role == ROLE_ASSISTANT && t->text.n == 0) read_warn(r, "empty_reply", (int)i);
    }
    if (!read_english(c)) read_warn(r, "not_english", -1);
    return 0;
}

/* ---- yyjson in the arena ---- */

static void *alc_malloc(void *a, size_t n) { return arena_raw(a, n); }
static void *alc_realloc(void *a, void *old, size_t old_n, size_t n)
{
    void *p = arena_raw(a, n);
    if (p) memcpy(p, old, old_n < n ? old_n : n);
    return p;
}
static void alc_free(void *a, void *p) { (void)a; (void)p; }

static int json_error(struct reader *r, const yyjson_read_err *e)
{
    size_t at = e->pos < r->bytes.n ? e->pos : r->bytes.n;
    const char *msg = e->msg ? e->msg : "";
    if (e->code == YYJSON_READ_ERROR_MEMORY_ALLOCATION) return err_set(r->err, REFRAIN_E_NOMEM, "out of memory");
    if (at < r->bytes.n && r->bytes.p[at] == 0)
        return err_set(r->err, REFRAIN_E_PARSE, "NUL byte at byte %zu", at);
    if (strstr(msg, "UTF-8")) return err_set(r->err, REFRAIN_E_PARSE, "invalid UTF-8 at byte %zu", at);
    if (strstr(msg, "surrogate")) return err_set(r->err, REFRAIN_E_PARSE, "lone surrogate \\u escape at byte %zu", at);
    if (e->code == YYJSON_READ_ERROR_UNEXPECTED_END)
        return err_set(r->err, REFRAIN_E_PARSE, "broken JSON: ends early, at byte %zu", at);
    return err_set(r->err, REFRAIN_E_PARSE, "broken JSON at byte %zu: %s", at, msg);
}

static int parse_json(struct reader *r, yyjson_val **root)
{
    char *p = (char *)(uintptr_t)r->bytes.p; /* ours by in_situ, or a copy */
    if (!r->opt->in_situ) {
        p = arena_raw(r->a, r->bytes.n + CONV_PADDING);
        memcpy(p, r->bytes.p, r->bytes.n);
    }
    memset(p + r->bytes.n, 0, YYJSON_PADDING_SIZE);
    r->bytes.p = p;
    const yyjson_alc alc = {alc_malloc, alc_realloc, alc_free, r->a};
    yyjson_read_err e;
    yyjson_doc *doc = yyjson_read_opts(p, r->bytes.n, YYJSON_READ_INSITU | YYJSON_READ_BIGNUM_AS_RAW, &alc, &e);
    if (!doc) return json_error(r, &e);
    *root = yyjson_doc_get_root(doc);
    return 0;
}

/* ---- which format ---- */

static int unknown_format(struct reader *r, yyjson_val *root)
{
    const char *known[4 * ARRAY_LEN(adapters)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(adapters); i++)
        for (size_t k = 0; k < ARRAY_LEN(adapters[i]->key) && adapters[i]->key[k].p; k++) known[n++] = adapters[i]->key[k].p;
    yyjson_obj_iter it = yyjson_obj_iter_with(root);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));) {
        const char *given = yyjson_get_str(key), *near = yyjson_get_len(key) >= 5 ? err_nearest(given, known, n) : NULL;
        if (near && strcmp(near, given) != 0)
            return err_set(r->err, REFRAIN_E_FORMAT, "no conversation: unknown key '%.24s'; did you mean '%s'?", given, near);
    }
    return err_set(r->err, REFRAIN_E_FORMAT, "no conversation: none of the keys messages, conversations, conversation, "
                   "mapping, samples, request, response, choices, prompt");
}

static const struct adapter *detect(struct reader *r, yyjson_val *root)
{
    if (yyjson_is_arr(root)) return by_name("openai");
    bool there[ARRAY_LEN(adapters)] = {false};
    yyjson_obj_iter it = yyjson_obj_iter_with(root);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));) {
        str s = val_str(key);
        if (s.n > 31 || !(LENGTHS >> s.n & 1)) continue;
        for (size_t i = 0; i < ARRAY_LEN(adapters); i++)
            for (const struct adapter_key *k = adapters[i]->key; k < adapters[i]->key + 4; k++) /* of an empty one n is 0 */
                if (k->n == s.n && k->p[0] == s.p[0] && memcmp(k->p, s.p, s.n) == 0) there[i] = true;
    }
    for (size_t i = 0; i < ARRAY_LEN(adapters); i++)
        if (there[i] && (!adapters[i]->is || adapters[i]->is(r, root))) return adapters[i];
    return NULL;
}

/* A transcript opens with a word; so does rubbish, and the transcript's
 * reader says so. JSON that is no container has a clearer fault. */
static int read_text(struct reader *r)
{
    str s = str_trim(r->bytes);
    bool named = r->adapter != NULL;
    if (!named && (strchr("\"-0123456789", s.p[0]) || str_eq(s, STR("null")) || str_eq(s, STR("true")) ||
                   str_eq(s, STR("false"))))
        return err_set(r->err, REFRAIN_E_FORMAT, "no conversation: a JSON value that is no object");
    r->adapter = by_name("text");
    return r->adapter->read(r, NULL);
}

static int read_json(struct reader *r)
{
    yyjson_val *root = NULL;
    int rc = parse_json(r, &root);
    if (rc) return rc;
    if (!yyjson_is_ctn(root)) return err_set(r->err, REFRAIN_E_FORMAT, "no conversation: a JSON value that is no object");
    read_fields(&r->top, root);
    if (!r->adapter) r->adapter = detect(r, root);
    if (!r->adapter) return unknown_format(r, root);
    return r->adapter->read(r, root);
}

int conv_parse(struct conv **out, size_t *n, struct arena *a, str bytes, const struct conv_options *opt,
               refrain_error *err)
{
    static const struct conv_options defaults;
    struct reader r = {.a = a, .opt = opt ? opt : &defaults, .err = err, .bytes = bytes};
    const struct conv_limits d = CONV_LIMITS_DEFAULT, *l = &r.opt->limits;
    r.limits = (struct conv_limits){l->record_bytes ? l->record_bytes : d.record_bytes, l->turns ? l->turns : d.turns,
                                    l->turn_bytes ? l->turn_bytes : d.turn_bytes};
    *out = NULL;
    *n = 0;
    if (err) err->status = 0;
    if (r.opt->format && !(r.adapter = by_name(r.opt->format))) {
        const char *near = err_nearest(r.opt->format, conv_formats, ARRAY_LEN(adapters));
        return err_set(err, REFRAIN_E_USAGE, "unknown input format '%.40s'%s%s%s", r.opt->format,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    if (bytes.n > r.limits.record_bytes)
        return err_set(err, REFRAIN_E_LIMIT, "record of %zu bytes; the limit is %zu", bytes.n, r.limits.record_bytes);
    if (str_has_prefix(r.bytes, STR("\xEF\xBB\xBF"))) r.bytes = str_sub(r.bytes, 3, r.bytes.n);
    str body = str_trim(r.bytes);
    if (body.n == 0) return err_set(err, REFRAIN_E_PARSE, "empty record");
    bool text = r.adapter ? strcmp(r.adapter->name, "text") == 0 : !sniff_is_json(body.p, body.p + body.n);
    int rc = text ? read_text(&r) : read_json(&r);
    if (rc) return rc;
    *out = r.out.p;
    *n = r.out.n;
    return 0;
}
