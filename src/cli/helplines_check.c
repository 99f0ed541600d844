/* refrain helplines check and lint: contacts of a text or file with their
 * verdicts; directory files with their mistakes. */
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/helplines.h"

struct options {
    const char *country;
    bool json, fail;
    struct directory_args dir;
    struct input_args input;
};

struct checking {
    const struct options *o;
    const struct directory *d;
    char country[3];
    struct arena a;        /* of the conversation in hand */
    struct table table;
    struct buf json;
    size_t n, n_wrong;
};

static bool wrong(const struct contact *c)
{
    return !c->negated && c->status != CONTACT_VERIFIED && c->status != CONTACT_EMERGENCY && c->status != CONTACT_ALIAS && c->status != CONTACT_UNKNOWN;
}

static void put_json(struct checking *k, const struct walk *w, const struct contact *c, str words, uint32_t b, uint32_t e)
{
    struct buf *j = &k->json;
    const char *const names[] = {"kind", "status", "country", "line", "service", "instead", "why"};
    const char *const values[] = {c->kind, contact_status_names[c->status], c->country, c->line, c->service, c->instead, c->why};
    buf_puts(j, "{\"source\":"), buf_json(j, w->conv->id);
    buf_printf(j, ",\"turn\":%u,\"role\":\"%s\",\"begin\":%u,\"end\":%u,\"text\":", c->turn, role_names[w->conv->turn[c->turn].role], b, e);
    buf_json(j, words);
    buf_puts(j, ",\"canonical\":"), buf_json(j, c->canonical);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        buf_printf(j, ",\"%s\":", names[i]);
        if (*values[i]) buf_json(j, str_of(values[i]));
        else buf_puts(j, "null");
    }
    buf_printf(j, ",\"stale\":%s,\"negated\":%s,\"place\":", c->stale ? "true" : "false", c->negated ? "true" : "false");
    if (*w->place.country) buf_json(j, str_of(w->place.country));
    else buf_puts(j, "null");
    buf_puts(j, "}\n");
}

static void put_row(struct checking *k, const struct walk *w, const struct contact *c, str words)
{
    struct arena *a = &k->table.a;
    table_add(&k->table, arena_printf(a, "%.*s", STR_ARG(words)));
    table_add(&k->table, arena_printf(a, "%s%s%s", contact_status_names[c->status], c->stale ? " (stale)" : "", c->negated ? ", warned off" : ""));
    table_add(&k->table, *c->country ? c->country : "-");
    table_add(&k->table, *c->service ? c->service : "-");
    table_add(&k->table, arena_printf(a, "%.*s:%u", STR_ARG(w->conv->id), c->turn));
    table_add(&k->table, *c->instead ? arena_printf(a, "right: %s; %s", c->instead, c->why) : c->why);
}

static int check_conv(struct checking *k, struct conv *conv)
{
    struct walk w = {.a = &k->a, .dir = k->d, .conv = conv, .caller_country = k->country};
    w.text = arena_array(&k->a, struct text, conv->n_turn + 1);
    text_wash(&w);
    helpline_judge(&w);
    for (size_t i = 0; i < w.contact.n; i++) {
        const struct contact *c = &w.contact.p[i];
        const struct text *t = &w.text[c->turn];
        uint32_t b = text_original(t, c->begin), e = text_original(t, c->end);
        str words = str_sub(conv->turn[c->turn].text, b, e);
        k->n++, k->n_wrong += wrong(c);
        if (k->o->json) put_json(k, &w, c, words, b, e);
        else put_row(k, &w, c, words);
    }
    return 0;
}

static int check_text(struct checking *k, str text, const char *name)
{
    struct turn turn = {.role = ROLE_ASSISTANT, .text = text, .ts = TS_NONE}; /* a reply, a leaflet: nobody's own words */
    struct conv conv = {.id = str_of(name), .turn = &turn, .n_turn = 1};
    if (utf8_valid_prefix(text.p, text.n) != text.n) return cli_error("%s: is not UTF-8", name);
    return check_conv(k, &conv);
}

/* A file of conversations, or else any text. */
static int check_file(struct checking *k, const char *path)
{
    struct door *door = NULL;
    int rc = cli_door(&door, &path, 1, &k->o->input);
    if (rc) return rc;
    struct buf bytes = {0};
    struct record rec;
    const struct scanner_options opt = cli_scanner_options(&k->o->input);
    const struct conv_options co = {opt.format, opt.limits, false};
    while (!rc && door_next(door, &rec, &bytes) > 0) {
        arena_reset(&k->a);
        if (rec.status) {
            if (door_about_file(rec.reason)) cli_say("refrain: %s: %s", rec.path, rec.reason);
            else cli_say("refrain: %s: record %llu: %s", rec.path, (unsigned long long)rec.number, rec.reason);
            continue;
        }
        struct conv *conv;
        size_t n = 0;
        refrain_error err = {0};
        if (conv_parse(&conv, &n, &k->a, rec.bytes, &co, &err)) {
            if (opt.format || (rec.bytes.n && (rec.bytes.p[0] == '{' || rec.bytes.p[0] == '['))) {
                cli_say("refrain: %s: record %llu: %s", rec.path, (unsigned long long)rec.number, err.message);
                continue;
            }
            char *name = arena_printf(&k->a, "%s#%llu", rec.path, (unsigned long long)rec.number);
            rc = check_text(k, rec.bytes, name);
        }
        for (size_t i = 0; i < n && !rc; i++) {
            if (!conv[i].id.n) conv[i].id = str_of(arena_printf(&k->a, "%s#%llu", rec.path, (unsigned long long)rec.number));
            rc = check_conv(k, &conv[i]);
        }
    }
    buf_free(&bytes);
    door_close(door);
    return rc;
}

static bool is_file(const char *z)
{
    struct stat st;
    return strcmp(z, "-") == 0 || stat(z, &st) == 0;
}

/* "chats.jsonl", "./notes", "data/notes"; not "988", "988/112", "wa.me/353861800280", "https://…". */
static bool looks_like_path(const char *z)
{
    static const char *const ending[] = {".jsonl", ".ndjson", ".json", ".txt", ".md", ".csv", ".log", ".yaml", ".yml", ".gz", ".zst", ".sqlite"};
    size_t n = strlen(z), first = strcspn(z, "/");
    if (strpbrk(z, " \t\r\n") || strstr(z, "://")) return false;
    for (size_t i = 0; i < ARRAY_LEN(ending); i++) {
        size_t k = strlen(ending[i]);
        if (n > k && !strcmp(z + n - k, ending[i])) return true;
    }
    bool host = memchr(z, '.', first) && strspn(z, ".") < first;
    return z[first] == '/' && !host && strspn(z, "0123456789+-") < (first ? first : 1);
}

static int run(void *options, const char *const *arg, size_t n_arg)
{
    const struct options *o = options;
    struct directory *d = NULL;
    struct checking k = {.o = o};
    cli_country(k.country, o->country ? o->country : "");
    int rc = cli_directory(&d, &o->dir);
    if (rc) return rc;
    k.d = d;
    arena_init(&k.a, 0);
    k.a.on_oom = &cli_out_of_memory;
    table_init(&k.table, 6, (const char *const[]){"contact", "verdict", "country", "service", "where", "why"});
    for (size_t i = 0; i < n_arg && !rc; i++) {
        if (is_file(arg[i])) rc = check_file(&k, arg[i]);
        else if (looks_like_path(arg[i])) rc = cli_error("%s: no such file", arg[i]);
        else rc = check_text(&k, str_of(arg[i]), n_arg > 1 ? arena_printf(&k.a, "text %zu", i + 1) : "text");
    }
    if (o->json) {
        arena_free(&k.table.a);
        int rc2 = cli_print(&k.json);
        if (!rc) rc = rc2;
    } else if (k.n) {
        int rc2 = table_print(&k.table);
        if (!rc) rc = rc2;
    } else {
        arena_free(&k.table.a);
        if (!rc) cli_say("no contact found");
    }
    arena_free(&k.a);
    directory_free(d);
    return !rc && o->fail && k.n_wrong ? GATE_FAILED : rc;
}

/* ---- lint ---- */

struct lint { const char *file; size_t n; };

static void complain(struct lint *l, const char *id, const char *what, const char *given)
{
    cli_say("%s: %s: %s%s%s%s", l->file, id, what, given ? " '" : "", given ? given : "", given ? "'" : "");
    l->n++;
}

static bool has_id(const struct directory *d, const struct dir_file *f, const char *id)
{
    for (size_t i = 0; i < f->line.n; i++)
        if (!strcmp(f->line.p[i].id, id)) return true;
    for (size_t i = 0; i < d->n_line; i++)
        if (!strcmp(d->line[i]->id, id)) return true;
    return false;
}

static void lint_line(struct lint *k, const struct directory *d, const struct dir_file *f, size_t i)
{
    const struct dir_line *l = &f->line.p[i];
    char prefix[4];
    if (strncmp(l->id, dir_id_prefix(prefix, l), 3)) complain(k, l->id, "an id begins with its country:", prefix);
    for (size_t j = 0; j < i; j++)
        if (!strcmp(f->line.p[j].id, l->id)) complain(k, l->id, "the id is given twice", NULL);
    size_t n = 0;
    for (const char *z = l->dial; *z; z++) n += *z >= '0' && *z <= '9';
    size_t ci = country_index(l->country), cc = ci < n_builtin_country ? strlen(builtin_country[ci].call) : 0;
    if (l->dial[0] == '+' && n - cc <= 5) complain(k, l->id, "a short code is written as dialled, never E.164:", l->dial);
    const char *const dates[] = {l->last_verified, l->valid_from, l->valid_to, l->hours_date};
    for (size_t j = 0; j < ARRAY_LEN(dates); j++)
        if (*dates[j] && date_days(dates[j]) == INT32_MIN) complain(k, l->id, "is no date (YYYY, YYYY-MM or YYYY-MM-DD)", dates[j]);
    if (*l->last_verified && date_days(l->last_verified) > d->as_of) complain(k, l->id, "was verified in the future:", l->last_verified);
    for (dir_list r = l->replaced_by; *r; r++)
        if (!has_id(d, f, *r)) complain(k, l->id, "replaced by an unknown line", *r);
    if (*l->alias_of && !has_id(d, f, l->alias_of)) complain(k, l->id, "alias of an unknown line", l->alias_of);
    if (!strcmp(l->status, "current") && *l->valid_to) complain(k, l->id, "is current and has ended:", l->valid_to);
    size_t families = 0;
    for (const struct dir_evidence *e = l->evidence; e->source; e++)
        families += e == l->evidence || strcmp(e->family, l->evidence->family);
    if (!strcmp(l->agreement, "independent") && families < 2) cli_say("%s: %s: note: 'independent' with one family listed", k->file, l->id);
}

static int lint_file(struct lint *k, const struct directory *d, const char *path)
{
    char *bytes;
    size_t n;
    refrain_error err = {0};
    if (file_read(&bytes, &n, path, 16u << 20, &err)) return cli_error_of(&err);
    struct arena a;
    arena_init(&a, 0);
    a.on_oom = &cli_out_of_memory;
    struct dir_file f;
    k->file = path;
    if (dir_parse(&f, &a, path, (str){bytes, n}, &err)) cli_say("%s", err.message), k->n++;
    else {
        if (*f.country && country_index(f.country) == n_builtin_country)
            complain(k, "country", "no country that the directory knows:", f.country);
        for (size_t i = 0; i < f.line.n; i++) lint_line(k, d, &f, i);
        for (size_t i = 0; i < f.bad.n; i++)
            for (dir_list r = f.bad.p[i].lines; *r; r++)
                if (!has_id(d, &f, *r)) complain(k, f.bad.p[i].contact, "names an unknown line", *r);
        for (dir_list r = f.off; *r; r++)
            if (!has_id(d, &f, *r)) complain(k, "off", "names an unknown line", *r);
    }
    arena_free(&a);
    free(bytes);
    return 0;
}

struct lint_options { struct directory_args dir; };

static int run_lint(void *options, const char *const *arg, size_t n_arg)
{
    struct directory *d = NULL;
    const struct directory_args none = {NULL, ((struct lint_options *)options)->dir.as_of, 0};
    int rc = cli_directory(&d, &none);
    struct lint k = {0};
    for (size_t i = 0; i < n_arg && !rc; i++) rc = lint_file(&k, d, arg[i]);
    directory_free(d);
    if (rc) return rc;
    cli_say("%zu file%s, %zu mistake%s", n_arg, n_arg == 1 ? "" : "s", k.n, k.n == 1 ? "" : "s");
    return k.n ? GATE_FAILED : DONE;
}

/* ---- tables ---- */

static const struct opt check_opts[] = {
    {.name = "country", .kind = OPT_COUNTRY, .arg = "CC", .at = offsetof(struct options, country), .help = "where the people are when neither they nor the record say so"},
    {.name = "json", .kind = OPT_FLAG, .at = offsetof(struct options, json), .help = "one JSON object a contact"},
    {.name = "fail", .kind = OPT_FLAG, .at = offsetof(struct options, fail), .help = "exit 1 when a contact is wrong (unknown is not wrong)"},
    {0},
};
static const struct opt_group check_groups[] = {{"Check", check_opts, 0}, {"Directory", directory_opts, offsetof(struct options, dir)},
    {"Input", input_opts, offsetof(struct options, input)}, {0}};
static const struct options check_defaults = {.input = INPUT_ARGS_DEFAULT};
static const char *const check_examples[] = {"refrain helplines check --country ID 'You can call 988.'", "is this number right for someone in Indonesia?",
    "refrain helplines check chats.jsonl --json", "every contact of every turn", NULL};
const struct command cmd_helplines_check = {.name = "helplines check", .args = "FILE|TEXT…", .summary = "every contact of a text or file, with its verdict",
    .text = "Finds phone numbers, short codes, chat addresses and sites in a text, a text file or a file of conversations, and says of each whether it is verified, an alias, retired, renumbered, "
            "a near miss, malformed, another country's, another service's, another population's, an emergency number, or unknown. Unknown is not wrong: the directory does not know it.",
    .groups = check_groups, .options_size = sizeof(struct options), .defaults = &check_defaults, .run = run, .examples = check_examples, .min_arg = 1};

static const struct opt_group lint_groups[] = {{"Directory", directory_opts, offsetof(struct lint_options, dir)}, {0}};
static const struct lint_options lint_defaults = {0};
const struct command cmd_helplines_lint = {.name = "helplines lint", .args = "FILE…", .summary = "mistakes in directory files",
    .text = "Reads directory files (helplines/CC.yaml or your overlay) and names every mistake with its line: unknown keys and values, evidence without a date, ids that do not exist, "
            "short codes with a calling code. Exit 1 when there are any.",
    .groups = lint_groups, .options_size = sizeof(struct lint_options), .defaults = &lint_defaults, .run = run_lint, .min_arg = 1};
