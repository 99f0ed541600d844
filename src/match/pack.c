/* Pack files → tables. The built-in ones stand ready (struct pack_prepared).
 * With an overlay, files come from its directory where it has them, else from
 * the binary. libcyaml checks keys and types (schema.h); what its schema can't
 * say (construct ids, acts, roles) is checked here, with the line. */
#include "match/pack.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/embed.h"
#include "match/match.h"
#include "match/schema.h"
#include "text/overlap.h"

static const char *const construct_ids[N_CONSTRUCT] = {CONSTRUCT_IDS};

enum { PACK_FILE_MAX = 64 << 20 };

/* What the loader holds besides the pack itself. */
struct loader {
    struct pack *p;
    const char *dir;
    refrain_error *err;
    const char *file;      /* being read */
    str text;
    char log[200];         /* libcyaml's first error line, */
    uint32_t line, column; /* and the place that a later one names; 0: none */
    size_t n_own;          /* files taken from dir */
    char *bytes;           /* what no arena owns, when it leaves by its jump: a file, */
    void *tree;            /* what libcyaml made of it, */
    DIR *listed;           /* and a folder that is being listed */
    const cyaml_schema_value_t *schema;
};

int construct_by_id(str id)
{
    for (int i = 0; i < N_CONSTRUCT; i++)
        if (str_eqz(id, construct_ids[i])) return i;
    return -1;
}

/* ---- files ---- */

static const struct embedded *builtin(const char *name) /* the last of the table: none */
{
    const struct embedded *e = embedded_pack;
    while (e->name && strcmp(e->name, name) != 0) e++;
    return e;
}

static uint64_t hash_file(const char *name, str text, uint64_t before)
{
    return hash_bytes(text.p, text.n, hash_bytes(name, strlen(name), before));
}

static int load_file(struct loader *l, const char *name)
{
    const struct embedded *own = builtin(name);
    l->file = name;
    l->text = (str){own->begin, (size_t)(own->end - own->begin)};
    if (l->dir) {
        char *path = arena_printf(&l->p->a, "%s/%s", l->dir, name);
        if (access(path, F_OK) == 0) { /* one that cannot be read must not quietly mean the built-in file */
            size_t n;
            int rc = file_read(&l->bytes, &n, path, PACK_FILE_MAX, l->err);
            if (rc) return rc;
            l->text = arena_str(&l->p->a, (str){l->bytes, n});
            free(l->bytes);
            l->bytes = NULL;
            l->file = path;
            l->n_own++;
        }
    }
    l->p->content_hash = hash_file(name, l->text, l->p->content_hash);
    if (!strcmp(name, "acts.model")) l->p->model_hash = hash_bytes(l->text.p, l->text.n, 0);
    return 0;
}

/* ---- yaml ---- */

/* libcyaml tells its errors to a log: what is wrong first, then where it was, from inside out. */
static void y_log(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
    struct loader *l = ctx;
    char line[160];
    vsnprintf(line, sizeof line, fmt, args);
    line[strcspn(line, "\n")] = 0;
    if (level < CYAML_LOG_ERROR) return;
    const char *what = line, *where = strstr(line, "(line: ");
    if (!strncmp(what, "Load: ", 6)) what += 6;
    if (!strncmp(what, "libyaml: ", 9)) what += 9;
    if (!*l->log) snprintf(l->log, sizeof l->log, "%s", what);
    if (where && !l->line) sscanf(where, "(line: %" SCNu32 ", column: %" SCNu32, &l->line, &l->column);
}

/* Every key that a schema knows, of its own mapping and of those below. */
static size_t schema_keys(const char **key, size_t n, size_t most, const cyaml_schema_value_t *v)
{
    if (v->type == CYAML_SEQUENCE) return schema_keys(key, n, most, v->sequence.entry);
    if (v->type != CYAML_MAPPING) return n;
    for (const cyaml_schema_field_t *f = v->mapping.fields; f->key && n < most; f++) {
        key[n++] = f->key;
        n = schema_keys(key, n, most, &f->value);
    }
    return n;
}

/* Does `key:` stand in this line? */
static bool has_key(str row, const char *key)
{
    size_t n = strlen(key); /* 0: "&anchor: x" has an empty key, which is found everywhere */
    for (size_t i = 0, at; n && (at = str_find(str_sub(row, i, row.n), str_of(key))) != SIZE_MAX; i += at + 1) {
        size_t a = i + at, b = a + n;
        while (b < row.n && strchr(" \"'", row.p[b])) b++;
        if ((a == 0 || strchr(" {,\"'", row.p[a - 1])) && b < row.n && row.p[b] == ':') return true;
    }
    return false;
}

/* The line of the key, from `line` on: libcyaml names the place before it. */
static uint32_t key_line(str text, const char *key, uint32_t line)
{
    const char *p = text.p, *end = text.p + text.n;
    for (uint32_t at = 1; p < end; at++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p)), *next = nl ? nl : end;
        if (at >= line && has_key((str){p, (size_t)(next - p)}, key)) return at;
        p = next + 1;
    }
    return line;
}

static int y_error(struct loader *l, cyaml_err_t e)
{
    const char *key = strncmp(l->log, "Unexpected key: ", 16) ? NULL : l->log + 16, *known[48];
    if (!l->line) return err_set(l->err, REFRAIN_E_PACK, "%s: %s", l->file, *l->log ? l->log : cyaml_strerror(e));
    if (!key) {
        l->log[0] = (char)tolower((unsigned char)l->log[0]);
        return err_at(l->err, REFRAIN_E_PACK, l->line, l->column, "%s:%u:%u: %s", l->file, l->line, l->column, l->log);
    }
    const char *near = err_nearest(key, known, schema_keys(known, 0, ARRAY_LEN(known), l->schema));
    uint32_t line = key_line(l->text, key, l->line);
    return err_at(l->err, REFRAIN_E_PACK, line, 0, "%s:%u: unknown key '%s'%s%s%s", l->file, line, key,
                  near ? "; did you mean '" : "; docs/packs.md lists the keys", near ? near : "", near ? "'?" : "");
}

static const cyaml_config_t *y_config(struct loader *l, cyaml_config_t *cfg)
{
    *cfg = (cyaml_config_t){.log_fn = y_log, .log_ctx = l, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};
    return cfg;
}

static void y_free(struct loader *l)
{
    cyaml_config_t cfg;
    if (l->tree) cyaml_free(y_config(l, &cfg), l->schema, l->tree, 0);
    l->tree = NULL;
}

/* The tree is the loader's until y_free. */
static int y_load(struct loader *l, const cyaml_schema_value_t *schema)
{
    cyaml_config_t cfg;
    l->log[0] = 0;
    l->line = l->column = 0;
    l->schema = schema;
    errno = 0; /* libyaml does not say that memory ran out; malloc does */
    cyaml_err_t e = cyaml_load_data((const uint8_t *)l->text.p, l->text.n, y_config(l, &cfg), schema, &l->tree, NULL);
    if (e == CYAML_OK && l->tree) return 0;
    if (e != CYAML_OK && errno == ENOMEM) return err_set(l->err, REFRAIN_E_NOMEM, "%s: out of memory", l->file);
    if (e == CYAML_OK) return err_set(l->err, REFRAIN_E_PACK, "%s: holds nothing; leave the file out, or write 'cues: []' for none", l->file);
    return y_error(l, e);
}

/* Line on which the n-th "- id:" of a file stands, for errors and `rules test`. */
static uint32_t *id_lines(struct loader *l, unsigned n)
{
    uint32_t *lines = arena_array(&l->p->a, uint32_t, n + 1);
    uint32_t line = 1;
    unsigned k = 0;
    const char *p = l->text.p, *end = p + l->text.n;
    while (p < end && k < n) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        const char *e = nl ? nl : end, *q = p;
        while (q < e && *q == ' ') q++;
        if (e - q > 5 && (memcmp(q, "- id:", 5) == 0 || memcmp(q, "- {id", 5) == 0)) lines[k++] = line;
        p = e + 1;
        line++;
    }
    return lines;
}

static const char *keep(struct pack *p, const char *z) { return z ? arena_str(&p->a, str_of(z)).p : ""; }

static const char **keep_list(struct pack *p, char **list, unsigned n)
{
    const char **out = arena_array(&p->a, const char *, n + 1);
    for (unsigned i = 0; i < n; i++) out[i] = keep(p, list[i]);
    return out;
}

/* ---- constructs ---- */

static int add_construct(struct loader *l, const struct y_construct *y, uint32_t line, bool *seen)
{
    struct pack *p = l->p;
    int id = construct_by_id(str_of(y->id));
    if (id < 0) {
        const char *near = err_nearest(y->id, construct_ids, N_CONSTRUCT);
        return err_at(l->err, REFRAIN_E_PACK, line, 0, "%s:%u: unknown construct '%s'%s%s%s", l->file, line, y->id,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    if (seen[id]) return err_at(l->err, REFRAIN_E_PACK, line, 0, "%s:%u: construct '%s' stands twice", l->file, line, y->id);
    seen[id] = true;
    struct construct_def *d = &p->construct[id];
    *d = (struct construct_def){
        .id = construct_ids[id], .name = keep(p, y->name), .definition = keep(p, y->definition),
        .source = keep(p, y->source), .method = keep(p, y->method), .applies = keep(p, y->applies),
        .phase = (uint8_t)(y->id[1] - '0'), .polarity = y->polarity, .scale = y->scale, .severity = y->severity,
        .weight = {(float)y->weight.user, (float)y->weight.mhp}, .scored = y->scored, .every_reply = y->every_reply,
        .n_category = y->categories_count, .fires = keep_list(p, y->fires, y->fires_count), .n_fires = y->fires_count,
        .near = keep_list(p, y->near, y->near_count), .n_near = y->near_count};
    struct category *category = arena_array(&p->a, struct category, y->categories_count + 1);
    d->category = category;
    for (unsigned i = 0; i < y->categories_count; i++)
        category[i] = (struct category){keep(p, y->categories[i].name),
                                           y->categories[i].good ? (float)*y->categories[i].good : NAN};
    return 0;
}

static int read_constructs(struct loader *l)
{
    int rc = y_load(l, &y_constructs_schema);
    if (rc) return rc;
    const struct y_constructs *y = l->tree;
    bool seen[N_CONSTRUCT] = {0};
    uint32_t *lines = id_lines(l, y->constructs_count);
    for (unsigned i = 0; i < y->constructs_count && !rc; i++) rc = add_construct(l, &y->constructs[i], lines[i], seen);
    for (int i = 0; i < N_CONSTRUCT && !rc; i++)
        if (!seen[i]) rc = err_set(l->err, REFRAIN_E_PACK, "%s: construct '%s' is missing", l->file, construct_ids[i]);
    y_free(l);
    return rc;
}

/* ---- cues ---- */

static int name_index(const char *z, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (names[i] && strcmp(z, names[i]) == 0) return i;
    return -1;
}

static int cue_error(struct loader *l, uint32_t line, const char *what, const char *given, const char *const *names, size_t n)
{
    const char *near = err_nearest(given, names, n);
    return err_at(l->err, REFRAIN_E_PACK, line, 0, "%s:%u: unknown %s '%s'%s%s%s", l->file, line, what, given,
                  near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* risk and flag are read by act/ and turn/ on every hit: parsed once, here. */
static int fill_tag(struct loader *l, struct cue *c, uint32_t line)
{
    static const char letters[] = "BNHVPFICD";
    static const char *const when[N_RISK_WHEN] = {"risk", "risk_after", "risk_asked", "risk_yes", "risk_means",
                                                 "risk_told", "risk_part", "risk_pair", "risk_sign", "risk_bare",
                                                 "risk_asks", "risk_no"};
    int w = name_index(c->tag, when, N_RISK_WHEN);
    if (w >= 0) {
        bool level = c->value[0] >= '1' && c->value[0] <= '5' && (!c->value[1] || strcmp(c->value + 1, "B") == 0);
        if (!level && strcmp(c->value, "X") != 0)
            return err_at(l->err, REFRAIN_E_PACK, line, 0, "%s:%u: risk value '%s'; right would be 1 to 5, 5B or X", l->file,
                          line, c->value);
        c->risk = (int8_t)(level ? c->value[0] - '0' : RISK_X);
        c->risk_when = (uint8_t)w;
    } else if (strcmp(c->tag, "flag") == 0) {
        const char *at = c->value[0] && !c->value[1] ? strchr(letters, c->value[0]) : NULL;
        if (!at)
            return err_at(l->err, REFRAIN_E_PACK, line, 0, "%s:%u: flag '%s'; right would be one of %s", l->file, line, c->value, letters);
        c->flag = (uint16_t)(1u << (at - letters));
    }
    return 0;
}

static int fill_cue(struct loader *l, struct cue *c, const struct y_cue *y, uint32_t line)
{
    struct pack *p = l->p;
    *c = (struct cue){.id = keep(p, y->id), .file = l->file, .line = line,
                      .key = hash_bytes(y->id, strlen(y->id), 0), .act = -1, .rule = y->rule, .construct = -1,
                      .tag = keep(p, y->tag), .value = keep(p, y->value)};
    for (unsigned i = 0; i < y->role_count; i++) {
        int r = name_index(y->role[i], role_names, N_ROLE);
        if (r < 0) return cue_error(l, line, "role", y->role[i], role_names, N_ROLE);
        c->roles |= (uint8_t)(1u << r);
    }
    const uint8_t users = 1u << ROLE_USER;
    if (y->rule && !y->act)
        return err_at(l->err, REFRAIN_E_PACK, line, 0, "%s:%u: cue '%s' is a rule and names no act; right would be an act beside it",
                      l->file, line, y->id);
    if (y->act && c->roles != users && (!c->roles || c->roles & users))
        return err_at(l->err, REFRAIN_E_PACK, line, 0, "%s:%u: cue '%s' has an act for user and others at once; right would be role [user], or "
                      "roles without it", l->file, line, y->id);
    if (y->act) {
        bool user = c->roles == users;
        c->act = (int8_t)(user ? name_index(y->act, u_act_names, N_U_ACT) : name_index(y->act, a_act_names, N_A_ACT));
        if (c->act < 0)
            return cue_error(l, line, user ? "user act" : "assistant act", y->act, user ? u_act_names : a_act_names,
                             user ? N_U_ACT : N_A_ACT);
        if (strcmp(c->tag, "veto") == 0) c->denies = strcmp(c->value, "alone") == 0 ? DENIES_ALONE : DENIES;
    }
    if (y->construct) {
        c->construct = (int16_t)construct_by_id(str_of(y->construct));
        if (c->construct < 0) return cue_error(l, line, "construct", y->construct, construct_ids, N_CONSTRUCT);
    }
    int rc = fill_tag(l, c, line);
    if (rc) return rc;
    c->phrase = keep_list(p, y->phrases, c->n_phrase = y->phrases_count);
    c->fire = keep_list(p, y->fire, c->n_fire = y->fire_count);
    c->near = keep_list(p, y->near, c->n_near = y->near_count);
    return 0;
}

/* Its index, or -1. */
static int cue_by_id(const struct pack *p, const char *id)
{
    for (size_t i = 0; i < p->n_cue; i++)
        if (strcmp(p->cue[i].id, id) == 0) return (int)i;
    return -1;
}

static int read_cues(struct loader *l)
{
    int rc = y_load(l, &y_cues_schema);
    if (rc) return rc;
    const struct y_cues *y = l->tree;
    struct pack *p = l->p;
    uint32_t *lines = id_lines(l, y->cues_count);
    struct cue *cue = arena_grow(&p->a, (void *)p->cue, p->n_cue * sizeof *cue, (p->n_cue + y->cues_count + 1) * sizeof *cue);
    p->cue = cue;
    for (unsigned i = 0; i < y->cues_count && !rc; i++) {
        int old = cue_by_id(p, y->cues[i].id);
        if (old >= 0)
            rc = err_at(l->err, REFRAIN_E_PACK, lines[i], 0, "%s:%u: cue '%s' stands already at %s:%u", l->file, lines[i],
                        y->cues[i].id, p->cue[old].file, p->cue[old].line);
        else rc = fill_cue(l, &cue[p->n_cue++], &y->cues[i], lines[i]);
    }
    y_free(l);
    return rc;
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

enum { MAX_CUE_FILES = 256 };

/* Adds the overlay's cues/NAME.yaml that the binary does not have. */
static int list_cues(struct loader *l, const char **names, size_t *n)
{
    const char *dir = arena_printf(&l->p->a, "%s/cues", l->dir);
    if (access(dir, F_OK) != 0) return 0;
    l->listed = opendir(dir);
    if (!l->listed) return err_errno(l->err, dir);
    for (struct dirent *f; (f = readdir(l->listed));) {
        size_t k = strlen(f->d_name);
        if (k < 6 || strcmp(f->d_name + k - 5, ".yaml") != 0) continue;
        const char *name = arena_printf(&l->p->a, "cues/%s", f->d_name);
        bool known = false;
        for (size_t i = 0; i < *n; i++) known |= strcmp(names[i], name) == 0;
        if (known) continue;
        if (*n == MAX_CUE_FILES) return err_set(l->err, REFRAIN_E_LIMIT, "%s: more than %d files of cues", dir, MAX_CUE_FILES);
        names[(*n)++] = name;
    }
    return 0;
}

/* Every cues/NAME.yaml of the binary and of the overlay, in name order. */
static int load_cues(struct loader *l)
{
    const char *names[MAX_CUE_FILES];
    size_t n = 0;
    for (const struct embedded *e = embedded_pack; e->name && n < MAX_CUE_FILES; e++)
        if (strncmp(e->name, "cues/", 5) == 0) names[n++] = e->name;
    int bad = l->dir ? list_cues(l, names, &n) : 0;
    if (bad) return bad;
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++) {
        int rc = load_file(l, names[i]);
        if (!rc) rc = read_cues(l);
        if (rc) return rc;
    }
    return 0;
}

/* ---- all of it ---- */

uint64_t pack_table_digest(void)
{
    uint64_t digest = 0;
    for (const struct embedded *e = embedded_pack; e->name; e++)
        if (strcmp(e->name, "constructs.yaml") == 0 || strncmp(e->name, "cues/", 5) == 0)
            digest = hash_mix(hash_bytes(e->name, strlen(e->name), digest), e->digest);
    return digest;
}

/* The built-in tables as they stand ready, if they were made from the files that the binary has: their digests tell, for
 * a start should not read them. */
static bool take_tables(struct pack *p, const struct pack_prepared *ready)
{
    if (!ready->n_cue || pack_table_digest() != ready->table_digest) return false;
    memcpy(p->construct, ready->construct, sizeof p->construct);
    p->cue = ready->cue;
    p->n_cue = ready->n_cue;
    p->content_hash = ready->table_hash;
    return true;
}

static int load_tables(struct loader *l, const struct pack_prepared *ready)
{
    struct pack *p = l->p;
    int rc = 0;
    if (l->dir || !take_tables(p, ready)) {
        rc = load_file(l, "constructs.yaml");
        if (!rc) rc = read_constructs(l);
        if (!rc) rc = load_cues(l);
    }
    if (rc) return rc;
    p->table_hash = p->content_hash;
    p->db = match_read((str){ready->index, (size_t)(ready->index_end - ready->index)}, p->table_hash);
    return p->db ? 0 : match_compile(&p->db, p, l->err);
}

/* The built-in models as they stand ready, if they were made from the files that the binary has. */
static bool take_models(struct pack *p, const struct pack_prepared *ready)
{
    if (!ready->model.assistant || p->table_hash != ready->table_hash) return false;
    if (builtin("acts.model")->digest != ready->model_digest) return false;
    p->model = ready->model;
    memcpy(p->acts, ready->acts, sizeof p->acts);
    p->ladders = ready->ladders;
    p->model_hash = ready->model_hash;
    p->content_hash = ready->content_hash;
    return true;
}

static int read_models(struct loader *l)
{
    return l->text.n ? model_load(&l->p->model, &l->p->a, l->text, l->err) : 0;
}

static int load_models(struct loader *l, const struct pack_prepared *ready)
{
    if (!l->dir && take_models(l->p, ready)) return 0;
    int rc = load_file(l, "acts.model");
    return rc ? rc : read_models(l);
}

/* The bank of refusals that platforms send is one cue: each phrase is a whole text. */
static void load_templates(struct pack *p)
{
    int bank = cue_by_id(p, "template.bank");
    if (bank < 0) return;
    const struct cue *c = &p->cue[bank];
    p->template = arena_array(&p->a, const struct text_line *, c->n_phrase);
    for (; p->n_template < c->n_phrase; p->n_template++)
        p->template[p->n_template] = text_line_new(&p->a, str_of(c->phrase[p->n_template]));
}

/* A mistyped folder must not quietly mean the built-in pack; nor must one of another level (loader.n_own). */
static int check_folder(const char *dir, refrain_error *err)
{
    DIR *d = opendir(dir);
    if (!d) return err_errno(err, dir);
    closedir(d);
    return 0;
}

int pack_load(struct pack **out, const char *dir, refrain_error *err) { return pack_load_with(out, dir, &pack_prepared, err); }

int pack_load_with(struct pack **out, const char *dir, const struct pack_prepared *ready, refrain_error *err)
{
    *out = NULL;
    int bad = dir ? check_folder(dir, err) : 0;
    if (bad) return bad;
    struct pack *p = calloc(1, sizeof *p);
    if (!p) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    arena_init(&p->a, 0);
    jmp_buf guard;
    p->a.on_oom = &guard;
    struct loader l = {.p = p, .dir = dir, .err = err};
    volatile int rc;
    if (setjmp(guard)) {
        rc = err_set(err, REFRAIN_E_NOMEM, "out of memory while loading the pack");
    } else {
        rc = load_tables(&l, ready);
        if (!rc) load_templates(p);
        if (!rc) rc = load_models(&l, ready);
        if (!rc && dir && !l.n_own)
            rc = err_set(err, REFRAIN_E_PACK,
                         "%s: no pack: neither constructs.yaml nor acts.model nor cues/NAME.yaml stands in it", dir);
    }
    p->a.on_oom = NULL;
    y_free(&l);
    free(l.bytes);
    if (l.listed) closedir(l.listed);
    if (rc) {
        pack_free(p);
        return rc;
    }
    snprintf(p->version, sizeof p->version, "en-1");
    *out = p;
    return 0;
}

int pack_read(struct pack *p, const char *name, str bytes, refrain_error *err)
{
    struct loader l = {.p = p, .err = err, .file = name, .text = bytes};
    jmp_buf guard, *outer = p->a.on_oom;
    volatile int rc;
    p->a.on_oom = &guard;
    if (setjmp(guard)) rc = err_set(err, REFRAIN_E_NOMEM, "%s: out of memory", name);
    else if (strcmp(name, "constructs.yaml") == 0) rc = read_constructs(&l);
    else rc = strcmp(name, "acts.model") == 0 ? read_models(&l) : read_cues(&l);
    p->a.on_oom = outer;
    y_free(&l);
    return rc;
}

void pack_free(struct pack *p)
{
    if (!p) return;
    match_free(p->db);
    arena_free(&p->a);
    free(p);
}
