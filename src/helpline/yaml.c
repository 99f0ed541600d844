/* helplines/CC.yaml → dir_line and dir_bad records in the caller's arena.
 * Table-driven: a key that is not in the table is an error with its place. */
#include "helpline/directory.h"

#include <errno.h>
#include <stdio.h>
#include <yaml.h>

static const char *const services[] = {"suicide", "crisis", "general", "youth", "lgbtq", "veterans", "substance",
    "eating-disorder", "domestic-violence", "perinatal", "emergency", "finder", NULL};
static const char *const populations[] = {"veteran", "lgbtq", "deaf", "teen", "perinatal", "abuse", NULL};
static const char *const channels[] = {"phone", "sms", "chat", "whatsapp", "web", "relay", NULL};
static const char *const statuses[] = {"current", "retired", "renumbered", NULL};
static const char *const agreements[] = {"independent", "single", NULL};
static const char *const verdicts[] = {"alias", "retired", "renumbered", "near_miss", "malformed", "wrong_country",
    "wrong_service", "wrong_population", "unknown", NULL};

#define L(key, member, kind, req, allowed) {key, offsetof(struct dir_line, member), kind, req, allowed}
const struct dir_field dir_line_fields[] = {
    L("id", id, DF_STR, true, NULL), L("name", name, DF_STR, true, NULL), L("aka", aka, DF_LIST, false, NULL),
    L("service", service, DF_STR, true, services), L("population", population, DF_STR, false, populations),
    L("ages", age_min, DF_AGES, false, NULL), L("channel", channel, DF_STR, true, channels),
    L("dial", dial, DF_STR, false, NULL), L("how", how, DF_STR, false, NULL), L("menu", menu, DF_STR, false, NULL),
    L("keyword", keyword, DF_STR, false, NULL), L("also", also, DF_LIST, false, NULL),
    L("region", region, DF_STR, false, NULL), L("network", network, DF_STR, false, NULL),
    L("hours", hours, DF_STR, false, NULL), L("hours_date", hours_date, DF_STR, false, NULL),
    L("languages", languages, DF_LIST, false, NULL), L("languages_note", languages_note, DF_STR, false, NULL),
    L("cost", cost, DF_STR, false, NULL), L("confidentiality", confidentiality, DF_STR, false, NULL),
    L("operator", operated_by, DF_STR, false, NULL), L("url", url, DF_STR, false, NULL),
    L("status", status, DF_STR, true, statuses), L("note", note, DF_STR, false, NULL),
    L("valid_from", valid_from, DF_STR, false, NULL), L("valid_to", valid_to, DF_STR, false, NULL),
    L("replaced_by", replaced_by, DF_LIST, false, NULL), L("alias_of", alias_of, DF_STR, false, NULL),
    L("agreement", agreement, DF_STR, true, agreements), L("last_verified", last_verified, DF_STR, false, NULL),
    L("evidence", evidence, DF_EVIDENCE, true, NULL), {0}};
#undef L
#define B(key, member, kind, req, allowed) {key, offsetof(struct dir_bad, member), kind, req, allowed}
const struct dir_field dir_bad_fields[] = {
    B("contact", contact, DF_STR, true, NULL), B("dial", dial, DF_STR, true, NULL), B("menu", menu, DF_STR, false, NULL),
    B("keyword", keyword, DF_STR, false, NULL), B("channel", channel, DF_STR, false, channels),
    B("presented_as", presented_as, DF_STR, true, NULL), B("only_as", only_as, DF_LIST, false, NULL),
    B("verdict", verdict, DF_STR, true, verdicts), B("problem", problem, DF_STR, false, NULL),
    B("instead", instead, DF_STR, false, NULL), B("lines", lines, DF_LIST, false, NULL),
    B("detail", detail, DF_STR, false, NULL), B("evidence", evidence, DF_EVIDENCE, true, NULL), {0}};
#undef B

static const char *const duties[] = {"referral", "other", NULL};
#define W(key, member, req, allowed) {key, offsetof(struct law, member), DF_STR, req, allowed}
static const struct dir_field law_fields[] = {W("place", place, true, NULL), W("name", name, true, NULL), W("since", since, false, NULL),
    W("duty", duty, true, duties), W("text", text, false, NULL), W("source", source, true, NULL), W("date", date, true, NULL), {0}};
#undef W

static const char *const no_list[] = {NULL};

struct reader {
    yaml_document_t doc;
    struct arena *a;
    const char *file;
    refrain_error *err;
};

static int fail(struct reader *r, const yaml_node_t *n, const char *what, const char *given, const char *right)
{
    uint32_t line = n ? (uint32_t)n->start_mark.line + 1 : 1, col = n ? (uint32_t)n->start_mark.column + 1 : 1;
    return err_at(r->err, REFRAIN_E_PACK, line, col, "%s:%u:%u: %s%s%s%s%s%s", r->file, line, col, what,
                  given ? " '" : "", given ? given : "", given ? "'" : "", right ? "; " : "", right ? right : "");
}

static const char *text(struct reader *r, const yaml_node_t *n)
{
    return arena_str(r->a, (str){(const char *)n->data.scalar.value, n->data.scalar.length}).p;
}

static size_t list_n(dir_list l) { size_t n = 0; while (l[n]) n++; return n; }

static int read_str(struct reader *r, const struct dir_field *f, const yaml_node_t *n, const char **out)
{
    if (n->type != YAML_SCALAR_NODE) return fail(r, n, "a single value is expected for", f->name, NULL);
    *out = text(r, n);
    if (!f->allowed) return 0;
    for (size_t i = 0; f->allowed[i]; i++)
        if (strcmp(f->allowed[i], *out) == 0) return 0;
    const char *near = err_nearest(*out, f->allowed, list_n(f->allowed));
    char what[64], hint[64] = "";
    snprintf(what, sizeof what, "unknown %s", f->name);
    if (near) snprintf(hint, sizeof hint, "did you mean '%s'?", near);
    return fail(r, n, what, *out, near ? hint : NULL);
}

static int read_list(struct reader *r, const char *name, const yaml_node_t *n, dir_list *out)
{
    if (n->type != YAML_SEQUENCE_NODE) return fail(r, n, "a list is expected for", name, "write [one, two]");
    size_t m = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
    const char **v = arena_array(r->a, const char *, m + 1);
    for (size_t i = 0; i < m; i++) {
        const yaml_node_t *x = yaml_document_get_node(&r->doc, n->data.sequence.items.start[i]);
        if (x->type != YAML_SCALAR_NODE) return fail(r, x, "a single value is expected in", name, NULL);
        v[i] = text(r, x);
    }
    *out = v;
    return 0;
}

static int read_evidence(struct reader *r, const yaml_node_t *n, const struct dir_evidence **out)
{
    if (n->type != YAML_SEQUENCE_NODE || n->data.sequence.items.top == n->data.sequence.items.start)
        return fail(r, n, "a list with at least one source is expected for", "evidence", NULL);
    size_t m = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
    struct dir_evidence *v = arena_array(r->a, struct dir_evidence, m + 1);
    static const char *const keys[] = {"source", "date", "family"};
    for (size_t i = 0; i < m; i++) {
        const yaml_node_t *x = yaml_document_get_node(&r->doc, n->data.sequence.items.start[i]);
        if (x->type != YAML_MAPPING_NODE) return fail(r, x, "evidence is a map", NULL, "{source: …, date: …, family: …}");
        const char *val[3] = {NULL, "", ""};
        for (yaml_node_pair_t *p = x->data.mapping.pairs.start; p < x->data.mapping.pairs.top; p++) {
            const yaml_node_t *k = yaml_document_get_node(&r->doc, p->key), *y = yaml_document_get_node(&r->doc, p->value);
            size_t j = 0;
            if (k->type != YAML_SCALAR_NODE)
                return fail(r, k, "a key is a word", NULL, "evidence has source, date, family");
            while (j < 3 && strcmp(keys[j], (const char *)k->data.scalar.value) != 0) j++;
            if (j == 3) return fail(r, k, "unknown key", (const char *)k->data.scalar.value, "evidence has source, date, family");
            if (y->type != YAML_SCALAR_NODE) return fail(r, y, "a single value is expected for", keys[j], NULL);
            val[j] = text(r, y);
        }
        if (!val[0] || !*val[0]) return fail(r, x, "evidence without a source", NULL, NULL);
        if (!*val[1]) return fail(r, x, "evidence without a date", NULL, "write \"undated\" when the source has none");
        v[i] = (struct dir_evidence){val[0], val[1], val[2]};
    }
    *out = v;
    return 0;
}

static int read_ages(struct reader *r, const yaml_node_t *n, uint8_t *out)
{
    dir_list l;
    int rc = read_list(r, "ages", n, &l);
    if (rc) return rc;
    unsigned lo, hi;
    if (list_n(l) != 2 || sscanf(l[0], "%u", &lo) != 1 || sscanf(l[1], "%u", &hi) != 1 || lo > hi || hi > 120)
        return fail(r, n, "ages are two whole numbers", NULL, "[13, 24]");
    out[0] = (uint8_t)lo, out[1] = (uint8_t)hi;
    return 0;
}

/* Strings to "" and lists to empty, so that no reader needs a check. */
static void blank(void *rec, const struct dir_field *f)
{
    for (; f->name; f++) {
        char *at = (char *)rec + f->offset;
        if (f->kind == DF_STR) *(const char **)at = "";
        if (f->kind == DF_LIST) *(dir_list *)at = no_list;
    }
}

static int read_record(struct reader *r, const struct dir_field *fields, const yaml_node_t *n, void *rec)
{
    if (n->type != YAML_MAPPING_NODE) return fail(r, n, "a record is a map of keys", NULL, NULL);
    blank(rec, fields);
    uint64_t seen = 0;
    for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
        const yaml_node_t *k = yaml_document_get_node(&r->doc, p->key), *v = yaml_document_get_node(&r->doc, p->value);
        const char *key = k->type == YAML_SCALAR_NODE ? (const char *)k->data.scalar.value : "";
        size_t i = 0;
        while (fields[i].name && strcmp(fields[i].name, key) != 0) i++;
        const struct dir_field *f = &fields[i];
        if (!f->name) {
            const char *names[64];
            size_t m = 0;
            for (; fields[m].name; m++) names[m] = fields[m].name;
            const char *near = err_nearest(key, names, m);
            char hint[64];
            if (near) snprintf(hint, sizeof hint, "did you mean '%s'?", near);
            return fail(r, k, "unknown key", key, near ? hint : NULL);
        }
        if (seen >> i & 1) return fail(r, k, "key given twice", key, NULL);
        seen |= 1ull << i;
        char *at = (char *)rec + f->offset;
        int rc = f->kind == DF_STR    ? read_str(r, f, v, (const char **)at)
                 : f->kind == DF_LIST ? read_list(r, f->name, v, (dir_list *)at)
                 : f->kind == DF_AGES ? read_ages(r, v, (uint8_t *)at)
                                      : read_evidence(r, v, (const struct dir_evidence **)at);
        if (rc) return rc;
    }
    for (size_t i = 0; fields[i].name; i++)
        if (fields[i].required && !(seen >> i & 1)) return fail(r, n, "missing key", fields[i].name, NULL);
    return 0;
}

/* places: {also: [regions], towns: [...], demonym: [...], services: [...], ambiguous: [...]}, as in packs/en/places.yaml. */
static int read_places(struct reader *r, const yaml_node_t *n, struct dir_file *out)
{
    static const struct { const char *key; uint8_t kind; } keys[] = {{"also", PLACE_REGION}, {"towns", PLACE_TOWN}, {"demonym", PLACE_DEMONYM},
        {"services", PLACE_SERVICE}, {"ambiguous", PLACE_AMBIGUOUS}};
    if (n->type != YAML_MAPPING_NODE) return fail(r, n, "a map is expected for", "places", "{towns: [...]}");
    for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
        const yaml_node_t *k = yaml_document_get_node(&r->doc, p->key);
        const char *key = k->type == YAML_SCALAR_NODE ? (const char *)k->data.scalar.value : "";
        size_t i = 0;
        while (i < ARRAY_LEN(keys) && strcmp(keys[i].key, key) != 0) i++;
        if (i == ARRAY_LEN(keys)) return fail(r, k, "unknown key", key, "places has also, towns, demonym, services and ambiguous");
        dir_list names;
        int rc = read_list(r, key, yaml_document_get_node(&r->doc, p->value), &names);
        if (rc) return rc;
        for (; *names; names++) vec_push(r->a, &out->place)[0] = (struct place_name){*names, 255, keys[i].kind};
    }
    return 0;
}

static int read_laws(struct reader *r, const yaml_node_t *n, struct dir_file *out)
{
    if (n->type != YAML_SEQUENCE_NODE) return fail(r, n, "a list is expected for", "laws", NULL);
    for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++) {
        int rc = read_record(r, law_fields, yaml_document_get_node(&r->doc, *i), vec_push(r->a, &out->law));
        if (rc) return rc;
    }
    return 0;
}

static int read_section(struct reader *r, const yaml_node_t *k, const yaml_node_t *v, struct dir_file *out)
{
    const char *key = (const char *)k->data.scalar.value;
    bool lines = strcmp(key, "lines") == 0;
    if (strcmp(key, "country") == 0) {
        if (v->type != YAML_SCALAR_NODE || (v->data.scalar.length != 2 && v->data.scalar.length != 0))
            return fail(r, v, "country is an ISO 3166-1 alpha-2 code", NULL, "write GB, or \"\" for anywhere");
        out->country = text(r, v);
        return 0;
    }
    if (strcmp(key, "off") == 0) return read_list(r, "off", v, &out->off);
    if (strcmp(key, "places") == 0) return read_places(r, v, out);
    if (strcmp(key, "laws") == 0) return read_laws(r, v, out);
    if (!lines && strcmp(key, "known_bad") != 0)
        return fail(r, k, "unknown key", key, "a file has country, lines, known_bad, off, places and laws");
    if (v->type != YAML_SEQUENCE_NODE) return fail(r, v, "a list is expected for", key, NULL);
    for (yaml_node_item_t *i = v->data.sequence.items.start; i < v->data.sequence.items.top; i++) {
        const yaml_node_t *x = yaml_document_get_node(&r->doc, *i);
        int rc = lines ? read_record(r, dir_line_fields, x, vec_push(r->a, &out->line))
                       : read_record(r, dir_bad_fields, x, vec_push(r->a, &out->bad));
        if (rc) return rc;
        if (lines) {
            const struct dir_line *l = &out->line.p[out->line.n - 1];
            if (!*l->dial && !*l->how) return fail(r, x, "a line needs", "dial", "or how, where there is no number");
        }
    }
    return 0;
}

static int read_file(struct reader *r, struct dir_file *out)
{
    const yaml_node_t *root = yaml_document_get_root_node(&r->doc);
    if (!root || root->type != YAML_MAPPING_NODE) return fail(r, root, "a directory file is a map", NULL, "country, lines, known_bad");
    for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++) {
        const yaml_node_t *k = yaml_document_get_node(&r->doc, p->key);
        if (k->type != YAML_SCALAR_NODE) return fail(r, k, "a key is a word", NULL, NULL);
        int rc = read_section(r, k, yaml_document_get_node(&r->doc, p->value), out);
        if (rc) return rc;
    }
    if (!out->country) return fail(r, root, "missing key", "country", NULL);
    for (size_t i = 0; i < out->line.n; i++) out->line.p[i].country = out->country;
    for (size_t i = 0; i < out->bad.n; i++) out->bad.p[i].country = out->country;
    return 0;
}

int dir_parse(struct dir_file *out, struct arena *a, const char *file, str bytes, refrain_error *err)
{
    struct reader r = {.a = a, .file = file, .err = err};
    memset(out, 0, sizeof *out);
    out->off = no_list;
    yaml_parser_t p;
    if (!yaml_parser_initialize(&p)) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    yaml_parser_set_input_string(&p, (const unsigned char *)bytes.p, bytes.n);
    int rc;
    errno = 0; /* libyaml does not always say that memory ran out; malloc does */
    if (!yaml_parser_load(&p, &r.doc)) {
        uint32_t line = (uint32_t)p.problem_mark.line + 1, col = (uint32_t)p.problem_mark.column + 1;
        rc = p.error == YAML_MEMORY_ERROR || errno == ENOMEM
                 ? err_set(err, REFRAIN_E_NOMEM, "%s: out of memory", file)
                 : err_at(err, REFRAIN_E_PACK, line, col, "%s:%u:%u: %s", file, line, col, p.problem ? p.problem : "no YAML");
    } else {
        /* the document is malloc'd: the arena must not leave by longjmp while it is held */
        jmp_buf *guard = a->on_oom;
        jmp_buf here;
        if (setjmp(here) == 0) {
            a->on_oom = &here;
            rc = read_file(&r, out);
        } else
            rc = err_set(err, REFRAIN_E_NOMEM, "%s: out of memory", file);
        a->on_oom = guard;
        yaml_document_delete(&r.doc);
    }
    yaml_parser_delete(&p);
    return rc;
}
