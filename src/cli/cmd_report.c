/* refrain report: a store → a web page, or figures as text, Markdown, JSON, CSV. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/ci.h"
#include "cli/cmd.h"
#include "cli/page.h"
#include "stats/corpus.h"
#include "stats/metrics_write.h"

/* A mail server takes 25 to 30 MB; the page without details has 0.4, and some 4 for 100,000 episodes. */
enum { PAGE_DETAIL_BYTES = 20000000 };

struct options {
    const char *output, *format, *by;
    uint64_t details, threads;
    struct ci_args ci;
};

/* By the ending of the output; without one, a page is too much for a terminal or a pipe. */
static const char *format_of(const struct options *o)
{
    static const struct { const char *ending, *format; } known[] = {{".md", "md"}, {".json", "json"}, {".csv", "csv"}, {".txt", "text"}};
    if (o->format) return o->format;
    if (!o->output || !strcmp(o->output, "-")) return "text";
    size_t n = strlen(o->output);
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        size_t k = strlen(known[i].ending);
        if (n > k && !strcmp(o->output + n - k, known[i].ending)) return known[i].format;
    }
    return "html";
}

static int key_of(const struct options *o, enum corpus_key *by)
{
    int k = o->by ? corpus_key_of(o->by) : KEY_NONE;
    if (k < 0) return cli_error("--by '%s': model, locale, language, country, population, path or rtype should stand here", o->by);
    *by = (enum corpus_key)k;
    return 0;
}

static int figures(const struct options *o, sqlite3 *db, const char *format, struct sink *out)
{
    struct metrics_opts opts = METRICS_OPTS_DEFAULT;
    struct metrics m = {0};
    struct corpus *c = NULL;
    struct buf b = {0};
    refrain_error err = {0};
    struct term t = cli_term(stdout);
    opts.threads = pool_threads((unsigned)o->threads);
    int rc = key_of(o, &opts.by);
    if (!rc && corpus_load(&c, db, NULL, &err)) rc = cli_error_of(&err);
    if (!rc && !corpus_metrics(&m, c, &opts)) rc = cli_error("out of memory");
    if (!rc) {
        if (!strcmp(format, "json")) metrics_json(&b, &m), buf_putc(&b, '\n');
        else if (!strcmp(format, "csv")) metrics_csv(&b, &m);
        else if (!strcmp(format, "md")) metrics_markdown(&b, &m);
        else metrics_text(&b, &t, &m);
        rc = b.oom ? cli_error("out of memory") : sink_write(out, b.p, b.n);
    }
    buf_free(&b);
    metrics_free(&m);
    corpus_free(c);
    return rc;
}

static int page(const struct options *o, sqlite3 *db, const struct store_run *run, struct sink *out)
{
    const struct page_options p = {.details = o->details, .detail_bytes = PAGE_DETAIL_BYTES, .threads = pool_threads((unsigned)o->threads)};
    if (o->by) cli_say("refrain: the page shows every group; --by is for text, md, json and csv");
    return page_write(out, db, run, &p);
}

static int report(const struct options *o, const char *store, const char *format, struct store_run *r, struct arena *a)
{
    struct sink out = {0};
    sqlite3 *db = NULL;
    refrain_error err = {0};
    int rc = store_open(&db, store, &err) || store_run(r, a, db, &err) ? cli_error_of(&err) : 0;
    if (!rc && !r->finished) cli_say("refrain: %s: the run was cut short; 'refrain analyze --resume %s' goes on", store, store);
    if (!rc) rc = sink_open(&out, o->output);
    if (!rc) {
        out.clean = strcmp(format, "text") && isatty(fileno(out.f));
        rc = !strcmp(format, "html") ? page(o, db, r, &out) : figures(o, db, format, &out);
        int end = sink_close(&out, rc == 0);
        if (!rc) rc = end;
    }
    sqlite3_close(db);
    return rc == SINK_CLOSED ? DONE : rc;
}

static int run(void *options, const char *const *arg, size_t n_arg)
{
    (void)n_arg;
    const struct options *o = options;
    const char *format = format_of(o);
    struct store_run r = {0};
    struct ci_run ci;
    struct arena a;
    if (!strcmp(format, "html") && (!o->output || !strcmp(o->output, "-")) && isatty(STDOUT_FILENO))
        return cli_error("the page should go to a file: refrain report %s -o report.html", arg[0]);
    arena_init(&a, 0);
    int rc = ci_begin(&ci, &o->ci, 1, false, NULL);
    if (!rc) rc = ci_files(&ci, arg, 1, &o->output, 1);
    if (!rc) rc = report(o, arg[0], format, &r, &a);
    const struct ci_end e = {.conversations = (uint64_t)r.conversations, .rejected = (uint64_t)r.rejected, .store = arg[0],
                             .gates_of_store = true, .threads = pool_threads((unsigned)o->threads)};
    if (!rc) rc = ci_end(&ci, &e);
    ci_free(&ci);
    arena_free(&a);
    return rc;
}

static const struct opt report_opts[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPT_FILE,
     .arg = "FILE",
     .at = offsetof(struct options, output),
     .here = true,
     .help = "where to; replaced only when the whole report is written; default standard output"},
    {.name = "format",
     .letter = 'f',
     .kind = OPT_CHOICE,
     .arg = "html|text|md|json|csv",
     .at = offsetof(struct options, format),
     .help = "html is the page, the others are the corpus figures; default by FILE's ending, else html; text without FILE"},
    {.name = "by",
     .kind = OPT_STRING,
     .arg = "GROUP",
     .at = offsetof(struct options, by),
     .help = "figures for each group too: model, locale, language, country, population, path or rtype"},
    {.name = "details",
     .kind = OPT_NUMBER,
     .arg = "N",
     .at = offsetof(struct options, details),
     .help = "html: carry codes, evidence and turns of the N worst conversations, or as many as 20 MB hold, and of the others "
             "scores and gates; default 10000"},
    OPT_THREADS("for the intervals; default all cores"),
    {0},
};
static const struct opt_group groups[] = {
    {"Report", report_opts, 0}, {"Checks for CI (docs/ci.md)", ci_opts, offsetof(struct options, ci)}, {0}};
static const struct options defaults = {.details = 10000};
static const char *const examples[] = {"refrain report run.sqlite -o report.html", "a page that opens offline, by mail, in a browser",
                                       "refrain report run.sqlite", "the corpus figures, with their intervals",
                                       "refrain report run.sqlite --by model -f csv -o figures.csv", "a row a figure and model", NULL};

const struct command cmd_report = {
    .name = "report",
    .args = "RUN.sqlite",
    .summary = "a page or figures from a store that analyze made",
    .text = "Makes one self-contained HTML file from a store ('refrain analyze -o run.sqlite'): gates first, the five phases, "
            "charts, wrong contacts, and every episode with the evidence behind its codes. It opens offline and fetches nothing. "
            "Text is in it only when the store has it (analyze --store-text); a page with text is as private as the "
            "conversations.\n\nOther formats give the corpus figures with 95 % intervals.",
    COMMAND_TABLES,
    .min_arg = 1,
    .max_arg = 1,
};
