/* Option tables → a filled options struct: defaults, refrain.yaml,
 * REFRAIN_* environment, command line; later ones win. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "cli/cli.h"

/* ---- tables ---- */

static const struct opt *find_opt(const struct command *c, str name, char letter, size_t *at)
{
    for (const struct opt_group *g = c->groups; g && g->title; g++)
        for (const struct opt *o = g->opt; o->name; o++)
            if (letter ? o->letter == letter : str_eqz(name, o->name)) {
                *at = g->at + o->at;
                return o;
            }
    return NULL;
}

/* "Did you mean": the nearest option of a command, or NULL. */
static const char *option_nearest(const struct command *c, const char *given)
{
    const char *names[128];
    size_t n = 0;
    names[n++] = "help";
    for (const struct opt_group *g = c->groups; g && g->title; g++)
        for (const struct opt *o = g->opt; o->name && n < ARRAY_LEN(names); o++) names[n++] = o->name;
    const char *near = err_nearest(given, names, n);
    for (size_t i = 0; !near && strlen(given) > 2 && i < n; i++) /* --out for --output */
        if (strncmp(names[i], given, strlen(given)) == 0) near = names[i];
    return near;
}

/* ---- one value ---- */

static bool choice_has(const char *choices, const char *v)
{
    size_t n = strlen(v);
    for (const char *p = choices; p; p = strchr(p, '|')) {
        if (*p == '|') p++;
        if (strncmp(p, v, n) == 0 && (p[n] == '|' || p[n] == 0)) return true;
    }
    return false;
}

static const char *choice_nearest(const char *choices, const char *v)
{
    static char copy[256];
    const char *names[32];
    size_t n = 0;
    snprintf(copy, sizeof copy, "%s", choices);
    for (char *save = NULL, *p = strtok_r(copy, "|", &save); p && n < ARRAY_LEN(names); p = strtok_r(NULL, "|", &save))
        names[n++] = p;
    return err_nearest(v, names, n);
}

static bool read_number(const struct opt *o, const char *v, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(v, &end, 10);
    if (errno || end == v || *v == '-' || isspace((unsigned char)*v)) return false;
    if (o->kind == OPT_SIZE && *end) {
        static const char unit[] = "kMGT";
        const char *u = *end == 'K' ? unit : *end == 'm' ? unit + 1 : *end == 'g' ? unit + 2 : *end == 't' ? unit + 3 : strchr(unit, *end);
        int shift = u ? 10 * (int)(u - unit + 1) : 0;
        if (!u || n > (UINT64_MAX >> shift)) return false;
        n <<= shift;
        end++;
        if (*end == 'i' && end[1] == 'B') end += 2;
        else if (*end == 'B') end++;
    }
    if (*end || n < o->min || (o->max && n > o->max)) return false;
    *out = n;
    return true;
}

/* A later source replaces what an earlier one gave; of one source all values count. */
static int list_add(struct opt_list *l, const char *v, const char *where)
{
    int from = *where == '-' ? 2 : !strncmp(where, "REFRAIN_", 8) ? 1 : 0;
    if (l->from != from) l->n = 0;
    l->from = from;
    if (l->n == OPT_LIST_MAX) return cli_error("%s: more than %d values", where, OPT_LIST_MAX);
    l->v[l->n++] = v;
    return 0;
}

/* `where` names the place for a message: "--threads", "REFRAIN_THREADS", "refrain.yaml:3: threads". */
static int set_value(const struct opt *o, void *field, const char *v, const char *where)
{
    switch ((enum opt_kind)o->kind) {
    case OPT_FLAG:
        if (!strcmp(v, "1") || !strcmp(v, "true") || !strcmp(v, "yes") || !strcmp(v, "on")) *(bool *)field = true;
        else if (!*v || !strcmp(v, "0") || !strcmp(v, "false") || !strcmp(v, "no") || !strcmp(v, "off"))
            *(bool *)field = false;
        else return cli_error("%s: '%s' is neither true nor false", where, v);
        return 0;
    case OPT_CHOICE:
        if (!choice_has(o->arg, v)) {
            const char *near = choice_nearest(o->arg, v);
            if (near) return cli_error("%s: unknown value '%s'; did you mean '%s'?", where, v, near);
            return cli_error("%s: unknown value '%s'; one of %s", where, v, o->arg);
        }
        *(const char **)field = v;
        return 0;
    case OPT_NUMBER:
    case OPT_SIZE:
        if (read_number(o, v, field)) return 0;
        if (o->kind == OPT_SIZE && o->min > 1024)
            return cli_error("%s: '%s' is not a size from %lluk on, such as 64M", where, v,
                             (unsigned long long)o->min / 1024);
        if (o->kind == OPT_SIZE) return cli_error("%s: '%s' is not a size such as 64M", where, v);
        if (o->max)
            return cli_error("%s: '%s' is not a number from %llu to %llu", where, v, (unsigned long long)o->min,
                             (unsigned long long)o->max);
        if (o->min) return cli_error("%s: '%s' is not a number from %llu on", where, v, (unsigned long long)o->min);
        return cli_error("%s: '%s' is not a number", where, v);
    case OPT_LIST: return list_add(field, v, where);
    case OPT_COUNTRY:
        if (cli_country_check(where, v)) return FAILED;
        *(const char **)field = v;
        return 0;
    case OPT_STRING:
    case OPT_FILE:
    case OPT_DIR: *(const char **)field = v; return 0;
    }
    return 0;
}

/* ---- environment ---- */

static int from_environment(const struct command *c, void *options)
{
    for (const struct opt_group *g = c->groups; g && g->title; g++)
        for (const struct opt *o = g->opt; o->name; o++) {
            if (o->here) continue;
            char name[64] = "REFRAIN_";
            size_t n = strlen(name);
            for (const char *p = o->name; *p && n + 1 < sizeof name; p++)
                name[n++] = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
            name[n] = 0;
            const char *v = getenv(name);
            int rc = v ? set_value(o, (char *)options + g->at + o->at, v, name) : 0;
            if (rc) return rc;
        }
    return 0;
}

/* ---- refrain.yaml: a flat mapping, long option names → values ---- */

static bool known_anywhere(const char *key, const char **near)
{
    size_t at;
    *near = NULL;
    for (size_t i = 0; commands[i]; i++) {
        const struct opt *o = find_opt(commands[i], str_of(key), 0, &at);
        if (o && !o->here) return true;
        if (!*near) *near = option_nearest(commands[i], key);
    }
    return false;
}

static int from_pair(const struct command *c, void *options, const char *path, const yaml_event_t *key, const char *v)
{
    char name[64], where[512];
    snprintf(name, sizeof name, "%s", (const char *)key->data.scalar.value);
    for (char *p = name; *p; p++)
        if (*p == '_') *p = '-';
    unsigned line = (unsigned)key->start_mark.line + 1;
    const char *near;
    if (!known_anywhere(name, &near))
        return near ? cli_error("%s:%u: unknown setting '%s'; did you mean '%s'?", path, line, name, near)
                    : cli_error("%s:%u: unknown setting '%s'; settings are the long options of the commands", path,
                                line, name);
    size_t at;
    const struct opt *o = find_opt(c, str_of(name), 0, &at);
    if (!o || o->here) return 0; /* another command's */
    snprintf(where, sizeof where, "%s:%u: %s", path, line, name);
    char *kept = strdup(v); /* lives as long as the program */
    return kept ? set_value(o, (char *)options + at, kept, where) : cli_error("out of memory");
}

static int from_events(yaml_parser_t *y, const struct command *c, void *options, const char *path)
{
    yaml_event_t e, key = {0};
    bool have_key = false, more = true;
    int rc = 0, depth = 0;
    while (more && !rc) {
        if (!yaml_parser_parse(y, &e))
            return cli_error("%s:%zu: %s", path, y->problem_mark.line + 1, y->problem ? y->problem : "not YAML");
        more = e.type != YAML_STREAM_END_EVENT;
        unsigned line = (unsigned)e.start_mark.line + 1;
        if (e.type == YAML_MAPPING_START_EVENT && depth++ > 0)
            rc = cli_error("%s:%u: a setting is one value", path, line);
        if (e.type == YAML_SEQUENCE_START_EVENT || e.type == YAML_ALIAS_EVENT)
            rc = cli_error("%s:%u: a setting is one value", path, line);
        if (e.type == YAML_SCALAR_EVENT && depth == 0 && *e.data.scalar.value)
            rc = cli_error("%s:%u: not a mapping such as 'threads: 2'", path, line);
        if (e.type == YAML_SCALAR_EVENT && depth == 1 && !have_key) {
            key = e;
            have_key = true;
            continue;
        }
        if (e.type == YAML_SCALAR_EVENT && have_key && !rc) {
            rc = from_pair(c, options, path, &key, (const char *)e.data.scalar.value);
            yaml_event_delete(&key);
            have_key = false;
        }
        yaml_event_delete(&e);
    }
    if (have_key) yaml_event_delete(&key);
    return rc;
}

const char *cli_config;

static int from_file(const struct command *c, void *options, const char *asked)
{
    const char *path = asked ? asked : getenv("REFRAIN_CONFIG");
    bool must = path != NULL;
    if (path && !*path) return 0;
    if (!path) path = "refrain.yaml";
    struct stat st;
    if (!must && stat(path, &st) == 0 && !S_ISREG(st.st_mode)) return cli_error("%s: settings should be a file", path);
    FILE *f = fopen(path, "rb");
    if (!f) return must || errno != ENOENT ? cli_error("%s: %s", path, strerror(errno)) : 0;
    cli_config = path;
    yaml_parser_t y;
    int rc = 0;
    if (!yaml_parser_initialize(&y)) {
        rc = cli_error("out of memory");
    } else {
        yaml_parser_set_input_file(&y, f);
        rc = from_events(&y, c, options, path);
        yaml_parser_delete(&y);
    }
    fclose(f);
    return rc;
}

/* ---- command line ---- */

static int unknown_option(const struct command *c, const char *given)
{
    const char *near = option_nearest(c, given);
    if (near) return cli_error("unknown option '--%s'; did you mean '--%s'?", given, near);
    return cli_error("unknown option '--%s'; 'refrain %s --help' lists them", given, c->name);
}

static int long_option(const struct command *c, void *options, int argc, char **argv, int *i)
{
    const char *a = argv[*i] + 2, *eq = strchr(a, '=');
    str name = {a, eq ? (size_t)(eq - a) : strlen(a)};
    char given[64], where[80];
    snprintf(given, sizeof given, "%.*s", STR_ARG(name));
    size_t at;
    const struct opt *o = find_opt(c, name, 0, &at);
    if (!o) return unknown_option(c, given);
    snprintf(where, sizeof where, "--%s", o->name);
    if (o->kind == OPT_FLAG) return set_value(o, (char *)options + at, eq ? eq + 1 : "1", where);
    if (!eq && *i + 1 >= argc) return cli_error("%s needs a value: --%s %s", where, o->name, o->arg);
    return set_value(o, (char *)options + at, eq ? eq + 1 : argv[++*i], where);
}

static int short_options(const struct command *c, void *options, int argc, char **argv, int *i)
{
    for (const char *p = argv[*i] + 1; *p; p++) {
        size_t at;
        char where[4] = {'-', *p, 0};
        const struct opt *o = find_opt(c, (str){0}, *p, &at);
        if (!o) return cli_error("unknown option '-%c'; 'refrain %s --help' lists them", *p, c->name);
        if (o->kind == OPT_FLAG) {
            int rc = set_value(o, (char *)options + at, "1", where);
            if (rc) return rc;
            continue;
        }
        if (p[1]) return set_value(o, (char *)options + at, p + 1, where);
        if (*i + 1 >= argc) return cli_error("%s needs a value: %s %s", where, where, o->arg);
        return set_value(o, (char *)options + at, argv[++*i], where);
    }
    return 0;
}

static const char *config_asked(int argc, char **argv, int first)
{
    for (int i = first; i < argc && strcmp(argv[i], "--"); i++) {
        if (!strncmp(argv[i], "--config=", 9)) return argv[i] + 9;
        if (!strcmp(argv[i], "--config") && i + 1 < argc) return argv[i + 1];
    }
    return NULL;
}

/* A code where an option stands for it: `helplines lookup GB`. */
static int unexpected(const struct command *c, const char *given)
{
    size_t at;
    char code[3];
    if (find_opt(c, str_of("country"), 0, &at) && cli_country(code, given))
        return cli_error("%s: unexpected argument '%s'; did you mean --country %s?", c->name, given, code);
    return cli_error("%s: unexpected argument '%s'", c->name, given);
}

int options_read(const struct command *c, void *options, int argc, char **argv, int first, const char **arg,
                 size_t *n_arg)
{
    *n_arg = 0;
    for (int i = first; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return -1;
    memcpy(options, c->defaults, c->options_size);
    int rc = from_file(c, options, config_asked(argc, argv, first));
    if (!rc) rc = from_environment(c, options);
    for (int i = first; i < argc && !rc; i++) {
        const char *a = argv[i];
        if (!strcmp(a, "--")) {
            while (++i < argc) arg[(*n_arg)++] = argv[i];
        } else if (!strncmp(a, "--config", 8) && (a[8] == '=' || a[8] == 0)) {
            if (a[8] == 0 && ++i >= argc) rc = cli_error("--config needs a value: --config FILE");
        } else if (a[0] == '-' && a[1] == '-') {
            rc = long_option(c, options, argc, argv, &i);
        } else if (a[0] == '-' && a[1]) {
            rc = short_options(c, options, argc, argv, &i);
        } else {
            arg[(*n_arg)++] = a;
        }
    }
    if (rc) return rc;
    if (*n_arg < c->min_arg) return cli_error("%s needs %s; 'refrain %s --help' explains", c->name, c->args, c->name);
    size_t most = c->args ? c->max_arg : 0;
    if ((!c->args || c->max_arg) && *n_arg > most) return unexpected(c, arg[most]);
    return 0;
}
