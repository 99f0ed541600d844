/* refrain analyze: conversations → results (JSONL, CSV, a store) and a summary. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/analyze_store.h"
#include "cli/ci.h"
#include "cli/cmd.h"
#include "out/csv.h"
#include "out/summary.h"
#include "report/report.h"

struct options {
    const char *output, *format, *csv_unit, *rejects, *resume;
    uint64_t threads;
    bool show_text, store_text, quiet;
    struct ci_args ci;
    struct engine_args engine;
    struct input_args input;
};

enum format { F_JSONL, F_CSV, F_SUMMARY, F_STORE };

/* ---- ids seen: bounded memory ---- */

/* The last million or so ids, as 64-bit hashes in sets of eight; an older one
 * may be forgotten, so a repeat across more than that can go unnoticed. */
enum { ID_SETS = 1 << 17, ID_WAYS = 8 };
struct ids {
    uint64_t (*set)[ID_WAYS];
};

static bool id_seen(struct ids *ids, uint64_t h)
{
    if (!ids->set) return false;
    uint64_t *set = ids->set[hash_mix(h, 1) % ID_SETS];
    h |= 1; /* 0 is free */
    for (int i = 0; i < ID_WAYS; i++) {
        if (set[i] == h) return true;
        if (set[i] == 0) return set[i] = h, false;
    }
    set[h >> 8 & (ID_WAYS - 1)] = h;
    return false;
}

/* ---- the run ---- */

struct analyze {
    const struct options *o;
    enum format format;
    enum csv_unit unit;
    struct summary *summary; /* one a worker */
    struct sink out;
    bool unread;             /* whoever read the output went away; checks are still to be made */
    struct ids ids;
    uint64_t repeated;
    struct ci_run ci;
    struct stored stored;
    uint64_t before;         /* conversations that a resumed run had */
    bool has_side;
    struct side_store side;  /* for the checks, where the result is no store */
};

/* Rows for the side store stand behind a result, and their length behind them. */
static void side_rows(struct buf *b, const struct walk *w, const struct pool_item *item)
{
    size_t begin = b->n;
    store_rows(b, w, item->rec.file, false);
    uint64_t n = b->n - begin;
    buf_put(b, &n, sizeof n);
}

static str side_split(str *result)
{
    uint64_t n;
    size_t end = result->n - sizeof n;
    memcpy(&n, result->p + end, sizeof n);
    result->n = end - n;
    return (str){result->p + result->n, n};
}

static void format_walk(void *ctx, unsigned worker, const struct walk *w, struct pool_item *item)
{
    struct analyze *a = ctx;
    uint64_t order = (a->before + item->input) << 20 | item->n_mark;
    summary_add(&a->summary[worker], w, order);
    ci_walk(&a->ci, worker, w, order);
    if (a->format == F_JSONL) {
        report_json_with(&item->out, w, a->o->show_text ? REPORT_TEXT : 0);
        buf_putc(&item->out, '\n');
    } else if (a->format == F_CSV) {
        csv_rows(&item->out, w, a->unit, a->o->show_text);
    } else if (a->format == F_STORE) {
        store_rows(&item->out, w, item->rec.file, a->o->store_text);
    }
    if (a->has_side) side_rows(&item->out, w, item);
}

/* A result line ends in `"warnings":[…]}` and a newline: the note goes inside. */
static int write_repeated(struct analyze *a, const char *p, size_t n)
{
    static const char note[] = "{\"code\":\"repeated_id\",\"turn\":null}";
    enum { TAIL = 3 };
    int rc = sink_write(&a->out, p, n - TAIL);
    if (!rc && p[n - TAIL - 1] != '[') rc = sink_write(&a->out, ",", 1);
    if (!rc) rc = sink_write(&a->out, note, sizeof note - 1);
    return rc ? rc : sink_write(&a->out, p + n - TAIL, TAIL);
}

/* Where nothing is checked, a reader that goes away ends the run; a check is of all records. */
static int written(struct analyze *a, int rc)
{
    if (rc != SINK_CLOSED || !ci_wanted(&a->ci)) return rc;
    a->unread = true;
    return 0;
}

static int write_item(void *ctx, const struct pool_item *item)
{
    struct analyze *a = ctx;
    size_t begin = 0;
    for (size_t i = 0; i < item->n_mark; i++) {
        const struct pool_mark *m = &item->mark[i];
        bool again = id_seen(&a->ids, m->id_hash);
        a->repeated += again;
        str result = {m->end > begin ? item->out.p + begin : "", m->end - begin};
        int rc = a->has_side ? stored_put(&a->side.stored, side_split(&result), again) : 0;
        if (rc) return rc;
        rc = a->format == F_STORE            ? stored_put(&a->stored, result, again)
             : a->unread                     ? 0
             : again && a->format == F_JSONL ? write_repeated(a, result.p, result.n)
                                             : sink_write(&a->out, result.p, result.n);
        if ((rc = written(a, rc))) return rc;
        begin = m->end;
    }
    struct stored *stored = a->has_side ? &a->side.stored : a->format == F_STORE ? &a->stored : NULL;
    return stored ? stored_done(stored, item) : 0;
}

/* ---- ends ---- */

static bool ends_in(const char *z, const char *tail)
{
    size_t n = strlen(z), k = strlen(tail);
    return n >= k && !strcmp(z + n - k, tail);
}

static enum format choose_format(const struct options *o)
{
    if (o->resume) return F_STORE;
    if (o->format)
        return !strcmp(o->format, "csv")       ? F_CSV
               : !strcmp(o->format, "summary") ? F_SUMMARY
               : !strcmp(o->format, "sqlite")  ? F_STORE
                                               : F_JSONL;
    if (o->output && strcmp(o->output, "-"))
        return ends_in(o->output, ".csv") ? F_CSV : ends_in(o->output, ".sqlite") ? F_STORE : F_JSONL;
    return isatty(STDOUT_FILENO) ? F_SUMMARY : F_JSONL;
}

static int summary_to(struct sink *s, const struct analyze *a, const struct batch *b, const struct term *t)
{
    const struct summary_run run = {b->rejected, a->repeated, b->rejects, cli_program};
    struct buf page = {0};
    summary_print(&page, t, &a->summary[0], &run);
    int rc = page.oom || buf_lost ? cli_error("out of memory") : sink_write(s, page.p, page.n);
    buf_free(&page);
    return rc;
}

/* After the last record: the summary, on the output or beside it. */
static int finish(struct analyze *a, struct batch *b, unsigned n)
{
    for (unsigned i = 1; i < n; i++) summary_merge(&a->summary[0], &a->summary[i]);
    bool elsewhere = a->out.f != stdout; /* a store's has no stream at all */
    int rc = 0;
    if (a->format == F_SUMMARY) {
        struct term t = elsewhere ? TERM_PLAIN : cli_term(stdout);
        rc = written(a, summary_to(&a->out, a, b, &t));
    }
    int closed = sink_close(&a->out, rc == 0 && !a->unread);
    if (!rc) rc = written(a, closed);
    if (!rc && a->format == F_STORE) rc = stored_close(&a->stored, true);
    if (rc || !elsewhere || a->o->quiet || a->format == F_SUMMARY) return rc;
    if (a->before || a->stored.finished) { /* the summary would be of the rest only */
        cli_say("refrain: %s: %llu conversations, %llu of them from before", a->stored.path,
                (unsigned long long)(a->before + a->summary[0].conversations), (unsigned long long)a->before);
        return 0;
    }
    struct sink out;
    struct term t = cli_term(stdout);
    rc = sink_open(&out, NULL);
    if (!rc) rc = summary_to(&out, a, b, &t);
    if (!rc) rc = sink_close(&out, true);
    return rc == SINK_CLOSED ? 0 : rc; /* the results are whole */
}

/* ---- into a store ---- */

static void had_conversation(void *ctx, str id)
{
    struct analyze *a = ctx;
    a->before++;
    a->repeated += id_seen(&a->ids, hash_bytes(id.p, id.n, 0));
}

static void had_gate(void *ctx, const struct ci_finding *f)
{
    struct analyze *a = ctx;
    struct ci_finding earlier = *f;
    earlier.order = f->order << 20; /* as in format_walk */
    ci_had(&a->ci, &earlier);
}

static int start(void *ctx, struct batch_state *batch, const refrain_engine *engine, struct door *door)
{
    struct analyze *a = ctx;
    return stored_start(a->has_side ? &a->side.stored : &a->stored, batch, engine, door);
}

static int check_store(const struct options *o, enum format format)
{
    if (o->resume && o->format && strcmp(o->format, "sqlite"))
        return cli_error("--resume goes on with a store; --format %s makes none", o->format);
    if (o->resume && o->output && strcmp(o->output, o->resume))
        return cli_error("--resume writes to '%s' itself; leave --output out", o->resume);
    if (format != F_STORE && o->store_text)
        return cli_error("--store-text is for a store (-o run.sqlite); jsonl and csv take --show-text");
    if (format != F_STORE) return 0;
    if (!o->resume && (!o->output || !*o->output || !strcmp(o->output, "-")))
        return cli_error("--format sqlite needs a file: -o run.sqlite");
    if (o->show_text) return cli_error("--show-text is for jsonl and csv; a store takes --store-text");
    return 0;
}

static const struct options defaults;
static const struct opt_group of_results[] = { /* what can change a result */
    {"Analysis", engine_opts, offsetof(struct options, engine)}, {"Input", input_opts, offsetof(struct options, input)}, {0}};

static int open_store(struct analyze *a, struct options *o, const char *const **arg, size_t *n_arg)
{
    a->stored = (struct stored){.path = o->resume ? o->resume : o->output,
                                .resume = o->resume != NULL,
                                .text = &o->store_text,
                                .groups = of_results,
                                .options = o,
                                .defaults = &defaults,
                                .engine = &o->engine,
                                .ctx = a,
                                .had_conversation = had_conversation,
                                .had_gate = had_gate};
    int rc = stored_open(&a->stored, *arg, *n_arg);
    if (a->stored.finished) a->before = (uint64_t)a->stored.run.conversations;
    *arg = a->stored.arg;
    *n_arg = a->stored.n_arg;
    return rc;
}

/* ---- from options to exit code ---- */

static int check(const struct options *o, enum format format, size_t n_arg)
{
    if (n_arg == 0 && !o->resume && isatty(STDIN_FILENO))
        return cli_error("no FILE, and standard input is a terminal; 'refrain analyze --help' explains");
    return check_store(o, format);
}

static int open_stream(struct analyze *a)
{
    int rc = sink_open(&a->out, a->o->output);
    if (rc) return rc;
    a->out.clean = a->format != F_SUMMARY && isatty(fileno(a->out.f));
    if (a->format != F_CSV) return 0;
    struct buf head = {0};
    csv_header(&head, a->unit, a->o->show_text);
    rc = written(a, sink_write(&a->out, head.p, head.n));
    buf_free(&head);
    return rc;
}

/* A resumed run's inputs stand in its store, so that comes first; a new store is made later. */
static int open_output(struct analyze *a, struct options *o, const char *const **arg, size_t *n_arg)
{
    const char *const out[] = {a->format == F_STORE && o->resume ? o->resume : o->output, o->rejects};
    int rc = a->format == F_STORE ? open_store(a, o, arg, n_arg) : 0;
    if (!rc) rc = ci_files(&a->ci, *arg, *n_arg, out, ARRAY_LEN(out));
    return rc || a->format == F_STORE ? rc : open_stream(a);
}

static int checked(struct analyze *a, const struct batch *b)
{
    int rc = a->has_side ? side_close(&a->side, true) : 0;
    const char *store = a->has_side ? a->side.path : a->format == F_STORE ? a->stored.path : NULL;
    const struct ci_end e = {.conversations = a->before + a->summary[0].conversations,
                             .rejected = b->rejected,
                             .store = ci_wants_store(&a->ci) ? store : NULL,
                             .threads = b->threads};
    return rc ? rc : ci_end(&a->ci, &e);
}

/* What came of the batch, told; `rc` is the batch's. */
static int end(struct analyze *a, struct batch *b, unsigned n, int rc)
{
    if (rc == DONE || rc == SOME_REJECTED) {
        int last = finish(a, b, n);
        if (rc == DONE && a->before + a->summary[0].conversations == 0 && !a->o->quiet)
            cli_say("refrain: no conversation in the input");
        int checks = last ? last : checked(a, b);
        return checks ? checks : rc;
    }
    sink_close(&a->out, false);
    bool stored = a->stored.store != NULL;
    if (a->format == F_STORE && stored_close(&a->stored, false) == 0 && stored && rc == BATCH_INTERRUPTED)
        cli_say("refrain: stopped; 'refrain analyze --resume %s' goes on", a->stored.path);
    return rc;
}

static int run(void *options, const char *const *arg, size_t n_arg)
{
    static const char *const standard_input[] = {"-"};
    struct options *o = options;
    struct analyze a = {.o = o, .format = choose_format(o)};
    unsigned n = pool_threads((unsigned)o->threads);
    int rc = check(o, a.format, n_arg);
    if (!rc) rc = ci_begin(&a.ci, &o->ci, n, o->show_text, NULL);
    if (rc) return ci_free(&a.ci), rc;
    if (n_arg == 0 && !o->resume) arg = standard_input, n_arg = 1;
    if (o->csv_unit)
        a.unit = !strcmp(o->csv_unit, "turn")           ? CSV_TURN
                 : !strcmp(o->csv_unit, "conversation") ? CSV_CONVERSATION
                                                        : CSV_EPISODE;
    a.summary = calloc(n, sizeof *a.summary);
    a.ids.set = calloc(ID_SETS, sizeof *a.ids.set);
    if (!a.summary || !a.ids.set) rc = cli_error("out of memory");
    if (!rc) rc = open_output(&a, o, &arg, &n_arg);
    struct batch b = {.engine = &o->engine, .input = &o->input, .threads = n, .rejects = o->rejects, .quiet = o->quiet,
                      .ctx = &a, .walk = format_walk, .write = write_item};
    if (!rc && a.format != F_STORE && ci_wants_store(&a.ci)) {
        a.has_side = true;
        rc = side_open(&a.side, &o->engine, &o->input, arg, n_arg);
    }
    if (a.has_side || a.format == F_STORE) b.start = start, b.hash = true;
    if (!rc) rc = a.stored.finished ? (a.stored.run.rejected ? SOME_REJECTED : DONE) : batch_run(&b, arg, n_arg);
    rc = end(&a, &b, n, rc);
    side_close(&a.side, false);
    side_forget(&a.side);
    ci_free(&a.ci);
    free(a.summary);
    free(a.ids.set);
    return rc == SINK_CLOSED ? DONE : rc;
}

static const struct opt output_opts[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPT_FILE,
     .arg = "FILE",
     .at = offsetof(struct options, output),
     .here = true,
     .help = "write results to FILE, which appears when all is written (a store: as it grows); the summary is then shown as well"},
    {.name = "format",
     .letter = 'f',
     .kind = OPT_CHOICE,
     .arg = "jsonl|csv|sqlite|summary",
     .at = offsetof(struct options, format),
     .help = "of the results; default: a summary on a terminal, else jsonl (csv when FILE ends in .csv, sqlite for .sqlite)"},
    {.name = "csv-unit",
     .kind = OPT_CHOICE,
     .arg = "episode|turn|conversation",
     .at = offsetof(struct options, csv_unit),
     .help = "what a row of CSV is, in CSV only; default episode"},
    {.name = "show-text",
     .kind = OPT_FLAG,
     .at = offsetof(struct options, show_text),
     .help = "put the text of the turns into the results"},
    {.name = "store-text",
     .kind = OPT_FLAG,
     .at = offsetof(struct options, store_text),
     .help = "keep the text of the turns in a store (sqlite); without it a store holds none"},
    {.name = "resume",
     .kind = OPT_FILE,
     .arg = "FILE",
     .at = offsetof(struct options, resume),
     .here = true,
     .help = "go on with the unfinished run in this store, with its options and inputs, behind the last record it holds"},
    {.name = "rejects",
     .kind = OPT_FILE,
     .arg = "FILE",
     .at = offsetof(struct options, rejects),
     .here = true,
     .help = "list rejected records (JSONL: path, record, offset, reason)"},
    OPT_THREADS("worker threads; default all cores; the result is the same for any number"),
    {.name = "quiet",
     .letter = 'q',
     .kind = OPT_FLAG,
     .at = offsetof(struct options, quiet),
     .help = "no progress, no summary beside -o, no list of rejects on stderr"},
    {0},
};
static const struct opt_group groups[] = {
    {"Output", output_opts, 0},
    {"Checks for CI (docs/ci.md)", ci_opts, offsetof(struct options, ci)},
    {"Analysis", engine_opts, offsetof(struct options, engine)},
    {"Input", input_opts, offsetof(struct options, input)},
    {0},
};
static const struct options defaults = {.input = INPUT_ARGS_DEFAULT, .engine = ENGINE_ARGS_DEFAULT};
static const char *const examples[] = {"refrain analyze conversations.jsonl",
                                       "a summary: what was refused, how, and where to look first",
                                       "refrain analyze -o results.jsonl exports/ 'logs/*.jsonl.gz'",
                                       "one JSON object a conversation, and the summary",
                                       "refrain analyze -o run.sqlite exports/",
                                       "into a store that SQL can ask; refrain analyze --resume run.sqlite goes on after a stop",
                                       "refrain analyze --fail-on critical,G12 chats.jsonl",
                                       "for a test run: exit 1 when a critical gate fires or a refusal at risk is bare",
                                       NULL};

const struct command cmd_analyze = {
    .name = "analyze",
    .args = "[FILE…]",
    .summary = "read conversations and tell how each refusal was experienced",
    .text =
        "Reads conversations from files, directories, globs or standard input (plain, gzip or zstd; JSONL, JSON or "
        "text transcripts) and writes one result for each, in input order. Bad records never stop a run and never "
        "disappear: they are counted, listed by --rejects, and make the exit status 3. No output may name an input or another "
        "output.\n\n"
        "Results hold codes, numbers and byte ranges, and no text of the conversations unless --show-text (for a store: "
        "--store-text) is given.\n\n"
        "A store (-o run.sqlite) is one SQLite file with the run's pack, directory, options and inputs beside the "
        "results. It is whole at any moment: what was committed stays, and --resume goes on behind it. The inputs "
        "must be the same then; standard input has to be piped again.",
    COMMAND_TABLES,
};
