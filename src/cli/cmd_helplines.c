/* refrain helplines lookup, list, stale, export: the directory itself. */
#include "cli/helplines.h"

#include <stdlib.h>
#include <time.h>

const struct opt directory_opts[] = {
    {.name = "directory", .kind = OPT_DIR, .arg = "DIR", .at = offsetof(struct directory_args, directory),
     .help = "helplines of your own, laid over the built-in ones"},
    {.name = "as-of", .kind = OPT_STRING, .arg = "DATE", .at = offsetof(struct directory_args, as_of),
     .help = "judge age of evidence as of this day (YYYY-MM-DD); default today"},
    {.name = "stale-days", .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct directory_args, stale_days), .max = 100000,
     .help = "evidence is stale after N days; default 90"},
    {0},
};

int cli_directory(struct directory **out, const struct directory_args *a)
{
    refrain_error err = {0};
    const struct directory_options o = {a->directory, a->as_of, (uint32_t)a->stale_days};
    return directory_load(out, &o, &err) ? cli_error_of(&err) : 0;
}

/* ---- tables ---- */

void table_init(struct table *t, size_t n_col, const char *const *head)
{
    memset(t, 0, sizeof *t);
    arena_init(&t->a, 0);
    t->a.on_oom = &cli_out_of_memory;
    t->n_col = n_col;
    for (size_t i = 0; i < n_col; i++) t->head[i] = head[i];
}

void table_add(struct table *t, const char *cell) { *vec_push(&t->a, &t->cell) = arena_str(&t->a, str_of(cell)).p; }

int table_print(struct table *t)
{
    size_t width[8] = {0}, n_row = t->cell.n / t->n_col;
    const struct term term = cli_term(stdout);
    for (size_t c = 0; c < t->n_col; c++) width[c] = strlen(t->head[c]);
    for (size_t i = 0; i < t->cell.n; i++) {
        size_t k = term_cells(str_of(t->cell.p[i]));
        if (k > width[i % t->n_col]) width[i % t->n_col] = k;
    }
    struct buf b = {0};
    for (size_t r = 0; r <= n_row; r++) {
        for (size_t c = 0; c < t->n_col; c++) {
            const char *z = r ? t->cell.p[(r - 1) * t->n_col + c] : t->head[c];
            bool last = c + 1 == t->n_col;
            if (r == 0) term_on(&b, &term, ST_BOLD);
            if (last) term_clean(&b, &term, str_of(z));
            else term_fit(&b, &term, str_of(z), width[c], true);
            if (r == 0) term_off(&b, &term);
            buf_puts(&b, last ? "\n" : "  ");
        }
    }
    arena_free(&t->a);
    return cli_print(&b);
}

/* ---- one line ---- */

static const char *line_dial(struct arena *a, const struct dir_line *l)
{
    if (*l->menu) return arena_printf(a, "%s then %s", l->dial, l->menu);
    if (*l->keyword) return arena_printf(a, "%s to %s", l->keyword, l->dial);
    return *l->dial ? l->dial : l->how;
}

static void json_list(struct buf *b, dir_list l)
{
    buf_putc(b, '[');
    for (size_t i = 0; l[i]; i++) {
        if (i) buf_putc(b, ',');
        buf_json(b, str_of(l[i]));
    }
    buf_putc(b, ']');
}

void line_json(struct buf *b, const struct dir_line *l, bool stale)
{
    buf_puts(b, "{\"country\":");
    buf_json(b, str_of(l->country));
    for (const struct dir_field *f = dir_line_fields; f->name; f++) {
        const char *at = (const char *)l + f->offset;
        if (f->kind == DF_STR && !**(const char *const *)at) continue;
        if (f->kind == DF_LIST && !**(const dir_list *)at) continue;
        if (f->kind == DF_AGES && !l->age_max) continue;
        buf_printf(b, ",\"%s\":", f->name);
        if (f->kind == DF_STR) buf_json(b, str_of(*(const char *const *)at));
        else if (f->kind == DF_LIST) json_list(b, *(const dir_list *)at);
        else if (f->kind == DF_AGES) buf_printf(b, "[%u,%u]", l->age_min, l->age_max);
        else {
            buf_putc(b, '[');
            for (const struct dir_evidence *e = l->evidence; e->source; e++) {
                buf_puts(b, e == l->evidence ? "{\"source\":" : ",{\"source\":");
                buf_json(b, str_of(e->source)), buf_puts(b, ",\"date\":"), buf_json(b, str_of(e->date));
                buf_puts(b, ",\"family\":"), buf_json(b, str_of(e->family)), buf_putc(b, '}');
            }
            buf_putc(b, ']');
        }
    }
    buf_printf(b, ",\"stale\":%s}", stale ? "true" : "false");
}

/* ---- lookup ---- */

struct lookup_options {
    const char *country, *need, *channel, *lang, *population;
    uint64_t age, limit;
    bool now, json;
    struct directory_args dir;
};

/* Zones of the countries that have lines with opening times; a country of several zones is its most populous one. */
static const char *zone_of(const char *country)
{
    static const char *const zones[][2] = {{"JP", "Asia/Tokyo"}, {"TW", "Asia/Taipei"}, {"IN", "Asia/Kolkata"}, {"BD", "Asia/Dhaka"},
        {"LK", "Asia/Colombo"}, {"MY", "Asia/Kuala_Lumpur"}, {"AE", "Asia/Dubai"}, {"ZA", "Africa/Johannesburg"}, {"MX", "America/Mexico_City"},
        {"PT", "Europe/Lisbon"}, {"IT", "Europe/Rome"}, {"FR", "Europe/Paris"}, {"AW", "America/Aruba"}, {"GB", "Europe/London"}, {"US", "America/New_York"},
        {"NP", "Asia/Kathmandu"}, {"LB", "Asia/Beirut"}, {"DK", "Europe/Copenhagen"}, {"VN", "Asia/Ho_Chi_Minh"}};
    for (size_t i = 0; i < ARRAY_LEN(zones); i++)
        if (!strcmp(zones[i][0], country)) return zones[i][1];
    return NULL;
}

static int minute_of_week(const char *country)
{
    const char *zone = zone_of(country);
    if (!zone) return 0; /* only round-the-clock lines, or unread hours */
    setenv("TZ", zone, 1);
    tzset();
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    return ((tm.tm_wday + 6) % 7) * 1440 + tm.tm_hour * 60 + tm.tm_min;
}

static int read_query(struct lookup_query *q, const struct lookup_options *o, char country[3])
{
    cli_country(country, o->country ? o->country : "");
    *q = (struct lookup_query){country, o->need ? o->need : "suicide", o->channel ? o->channel : "", o->lang ? o->lang : "", 0,
                               o->age ? (int)o->age : -1, -1};
    for (const char *z = o->population; z && *z;) {
        size_t n = strcspn(z, ",");
        unsigned b = 0;
        while (b < 7 && !str_eqz((str){z, n}, population_names[b])) b++;
        if (b == 7) return cli_error("--population: unknown '%.*s'; one of veteran, lgbtq, deaf, teen, perinatal, abuse, no_phone", (int)n, z);
        q->population |= 1u << b;
        z += n + (z[n] != 0);
    }
    if (o->now) q->minute = minute_of_week(country);
    return 0;
}

static int print_offers(const struct offer *offer, size_t n, const struct lookup_options *o, const struct lookup_query *q)
{
    static const char *const open_names[] = {"", "open", "closed"};
    if (o->json) {
        struct buf b = {0};
        for (size_t i = 0; i < n; i++) {
            buf_printf(&b, "{\"rank\":%zu,\"why\":", i + 1), buf_json(&b, str_of(offer[i].why));
            if (q->minute >= 0) buf_printf(&b, ",\"open\":%s", offer[i].open == OPEN_UNKNOWN ? "null" : offer[i].open == OPEN_YES ? "true" : "false");
            buf_puts(&b, ",\"line\":"), line_json(&b, offer[i].line, offer[i].stale), buf_puts(&b, "}\n");
        }
        return cli_print(&b);
    }
    struct table t;
    table_init(&t, 7, (const char *const[]){"contact", "channel", "name", "hours", "line", "verified", "why"});
    for (size_t i = 0; i < n; i++) {
        const struct dir_line *l = offer[i].line;
        table_add(&t, line_dial(&t.a, l)), table_add(&t, l->channel), table_add(&t, l->name);
        table_add(&t, offer[i].open ? open_names[offer[i].open] : *l->hours ? l->hours : "not stated"), table_add(&t, l->id);
        table_add(&t, arena_printf(&t.a, "%s%s", *l->last_verified ? l->last_verified : "undated", offer[i].stale ? " (stale)" : ""));
        table_add(&t, offer[i].why);
    }
    return table_print(&t);
}

static int run_lookup(void *options, const char *const *arg, size_t n_arg)
{
    (void)arg, (void)n_arg;
    const struct lookup_options *o = options;
    struct directory *d = NULL;
    struct lookup_query q;
    char country[3];
    static struct offer offer[512];
    int rc = read_query(&q, o, country);
    if (!rc) rc = cli_directory(&d, &o->dir);
    if (rc) return rc;
    size_t n = directory_lookup(offer, ARRAY_LEN(offer), d, &q);
    size_t n_line = 0, keep = 0;
    for (size_t i = 0; i < n; i++) { /* the limit is for lines; emergency and finder always stay */
        bool line = offer[i].score > -100;
        if (!line || n_line++ < o->limit) offer[keep++] = offer[i];
    }
    if (!*country) cli_say("no country given: ask which country the person is in; meanwhile a finder");
    else if (!n_line) cli_say("the directory has no such line for %s", country);
    rc = print_offers(offer, keep, o, &q);
    directory_free(d);
    return rc;
}

/* ---- list and stale ---- */

struct list_options {
    const char *country, *need, *status;
    bool json;
    struct directory_args dir;
};

static int print_lines(const struct list_options *o, bool stale_only)
{
    struct directory *d = NULL;
    char country[3];
    cli_country(country, o->country ? o->country : "");
    int rc = cli_directory(&d, &o->dir);
    if (rc) return rc;
    struct table t;
    struct buf b = {0};
    table_init(&t, 7, (const char *const[]){"line", "contact", "channel", "service", "status", "verified", "name"});
    for (size_t i = 0; i < d->n_line; i++) {
        const struct dir_line *l = d->line[i];
        if (*country && strcmp(l->country, country)) continue;
        if (o->need && strcmp(l->service, o->need)) continue;
        if (o->status && strcmp(l->status, o->status)) continue;
        if (stale_only && (!d->stale[i] || strcmp(l->status, "current"))) continue;
        if (o->json) { line_json(&b, l, d->stale[i]), buf_putc(&b, '\n'); continue; }
        int32_t at = date_days(l->last_verified);
        table_add(&t, l->id), table_add(&t, line_dial(&t.a, l)), table_add(&t, l->channel), table_add(&t, l->service), table_add(&t, d->off[i] ? "off" : l->status);
        table_add(&t, at == INT32_MIN ? "undated" : stale_only ? arena_printf(&t.a, "%s (%d days)", l->last_verified, d->as_of - at) : l->last_verified);
        table_add(&t, l->name);
    }
    size_t n = t.cell.n / t.n_col;
    if (o->json) arena_free(&t.a), rc = cli_print(&b);
    else rc = table_print(&t);
    if (!o->json && stale_only) cli_say("%zu current lines with evidence older than %u days; version %s", n, d->stale_days, directory_version(d));
    directory_free(d);
    return rc;
}

static int run_list(void *o, const char *const *arg, size_t n) { (void)arg, (void)n; return print_lines(o, false); }
static int run_stale(void *o, const char *const *arg, size_t n) { (void)arg, (void)n; return print_lines(o, true); }

/* ---- export ---- */

struct export_options { const char *format; struct directory_args dir; };

static int run_export(void *options, const char *const *arg, size_t n_arg)
{
    (void)arg, (void)n_arg;
    const struct export_options *o = options;
    struct directory *d = NULL;
    int rc = cli_directory(&d, &o->dir);
    if (!rc) rc = helplines_export(d, o->format ? o->format : "json");
    directory_free(d);
    return rc;
}

/* ---- tables of options ---- */

#define SERVICES "suicide|crisis|general|youth|lgbtq|veterans|substance|eating-disorder|domestic-violence|perinatal"
static const struct opt lookup_opts[] = {
    {.name = "country", .kind = OPT_COUNTRY, .arg = "CC", .at = offsetof(struct lookup_options, country), .help = "where the person is (ISO 3166-1 alpha-2)"},
    {.name = "need", .kind = OPT_CHOICE, .arg = SERVICES, .at = offsetof(struct lookup_options, need), .help = "what for; default suicide"},
    {.name = "channel", .kind = OPT_CHOICE, .arg = "phone|sms|chat|whatsapp|web|relay", .at = offsetof(struct lookup_options, channel), .help = "only this way to reach it"},
    {.name = "lang", .kind = OPT_STRING, .arg = "CODE", .at = offsetof(struct lookup_options, lang), .help = "language of the person, such as es"},
    {.name = "population", .kind = OPT_STRING, .arg = "NAMES", .at = offsetof(struct lookup_options, population), .help = "what the person stated: veteran, lgbtq, deaf, teen, perinatal, abuse, no_phone"},
    {.name = "age", .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct lookup_options, age), .min = 1, .max = 120, .help = "the person's age, where stated"},
    {.name = "now", .kind = OPT_FLAG, .at = offsetof(struct lookup_options, now), .help = "rank by what is open at this hour there"},
    {.name = "limit", .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct lookup_options, limit), .min = 1, .help = "at most N lines; default 5"},
    {.name = "json", .kind = OPT_FLAG, .at = offsetof(struct lookup_options, json), .help = "one JSON object a line of output"},
    {0},
};
static const struct opt list_opts[] = {
    {.name = "country", .kind = OPT_COUNTRY, .arg = "CC", .at = offsetof(struct list_options, country), .help = "only this country (ISO 3166-1 alpha-2)"},
    {.name = "need", .kind = OPT_CHOICE, .arg = SERVICES "|emergency|finder", .at = offsetof(struct list_options, need), .help = "only this service"},
    {.name = "status", .kind = OPT_CHOICE, .arg = "current|retired|renumbered", .at = offsetof(struct list_options, status), .help = "only lines of this status"},
    {.name = "json", .kind = OPT_FLAG, .at = offsetof(struct list_options, json), .help = "one JSON object a line of output"},
    {0},
};
static const struct opt export_opts[] = {
    {.name = "format", .kind = OPT_CHOICE, .arg = "json|csv|hsds", .at = offsetof(struct export_options, format), .help = "json, csv, or Open Referral HSDS 3; default json"},
    {0},
};
static const struct opt_group lookup_groups[] = {{"Lookup", lookup_opts, 0}, {"Directory", directory_opts, offsetof(struct lookup_options, dir)}, {0}};
static const struct opt_group list_groups[] = {{"Choice", list_opts, 0}, {"Directory", directory_opts, offsetof(struct list_options, dir)}, {0}};
static const struct opt_group export_groups[] = {{"Export", export_opts, 0}, {"Directory", directory_opts, offsetof(struct export_options, dir)}, {0}};
static const struct lookup_options lookup_defaults = {.limit = 5};
static const struct list_options list_defaults = {0};
static const struct export_options export_defaults = {0};
#define PROMISE "A row says what a source said on a date; nothing was dialled. Look at the date before you rely on it."

static const char *const lookup_examples[] = {"refrain helplines lookup --country IE --channel sms", "what to offer in Ireland to somebody who would rather text",
    "refrain helplines lookup --country US --population veteran --lang es --now", "for a veteran who speaks Spanish, open at this hour", NULL};
const struct command cmd_helplines_lookup = {.name = "helplines lookup", .summary = "what to offer a person in a place, best first",
    .text = "Lists the lines of a country for a need, best first, each with the reason, its opening hours and the date of its newest evidence; then emergency numbers and a finder.\n\n" PROMISE,
    .groups = lookup_groups, .options_size = sizeof(struct lookup_options), .defaults = &lookup_defaults, .run = run_lookup, .examples = lookup_examples, .no_files = true};
const struct command cmd_helplines_list = {.name = "helplines list", .summary = "every line of the directory", .text = PROMISE,
    .groups = list_groups, .options_size = sizeof(struct list_options), .defaults = &list_defaults, .run = run_list, .no_files = true};
const struct command cmd_helplines_stale = {.name = "helplines stale", .summary = "current lines whose evidence has aged",
    .text = "Lists the current lines whose newest dated evidence is older than --stale-days, and those without a dated source: what to verify next.",
    .groups = list_groups, .options_size = sizeof(struct list_options), .defaults = &list_defaults, .run = run_stale, .no_files = true};
const struct command cmd_helplines_export = {.name = "helplines export", .summary = "the directory as JSON, CSV or HSDS", .text = "The data is CC0.",
    .groups = export_groups, .options_size = sizeof(struct export_options), .defaults = &export_defaults, .run = run_export, .no_files = true};
