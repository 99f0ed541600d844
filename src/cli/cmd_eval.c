/* refrain eval: labelled files → how near refrain comes to the labels. */
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/eval.h"

struct options {
    const char *by;
    uint64_t seed, draws, errors;
    bool json, show_text, all;
    struct engine_args engine;
    struct input_args input;
};

struct job {
    struct eval e;
    struct door *door;
    struct buf bytes, out;
    struct record rec;
    yyjson_doc *doc;    /* of the record in hand */
    bool told;          /* the report has figures of this file */
    jmp_buf oom;
};

/* One line, naming the record by number and, where it has one, by id. */
static void reject(struct job *j, str why)
{
    enum { TOLD = 20 };
    yyjson_val *id = j->doc ? yyjson_obj_get(yyjson_doc_get_root(j->doc), "id") : NULL;
    if (++j->e.n_rejected > TOLD) return;
    if (!j->doc && door_about_file(j->rec.reason)) cli_error("%s: %s", j->rec.path, j->rec.reason);
    else cli_error("%s: record %llu%s%s%s: %.*s", j->rec.path, (unsigned long long)j->rec.number, yyjson_is_str(id) ? " (" : "",
              yyjson_is_str(id) ? yyjson_get_str(id) : "", yyjson_is_str(id) ? ")" : "", STR_ARG(why));
    if (j->e.n_rejected == TOLD) cli_error("%s: further rejected rows are only counted", j->rec.path);
}

static void read_rows(struct job *j)
{
    while (door_next(j->door, &j->rec, &j->bytes) > 0) {
        j->doc = j->rec.status ? NULL : yyjson_read(j->rec.bytes.p, j->rec.bytes.n, 0);
        if (!j->doc) reject(j, j->rec.status ? str_of(j->rec.reason) : STR("is not JSON"));
        else if (!eval_record(&j->e, yyjson_doc_get_root(j->doc))) reject(j, (str){j->e.why.p, j->e.why.n});
        yyjson_doc_free(j->doc);
        j->doc = NULL;
    }
}

static void report(struct job *j, const struct options *o)
{
    const struct term t = cli_term(stdout);
    if (o->json) eval_json(&j->out, &j->e);
    else eval_print(&j->out, &t, &j->e, o->all);
}

static int eval_file(struct job *j, const char *path, const struct options *o)
{
    int rc = cli_door(&j->door, &path, 1, &o->input);
    if (rc) return rc;
    arena_init(&j->e.a, SCANNER_MEMORY_DEFAULT);
    j->e.path = path;
    if (setjmp(j->oom)) {
        rc = j->e.a.starved ? cli_error("%s: out of memory", path)
                            : cli_error("%s: needs more than %zu MiB of memory", path, SCANNER_MEMORY_DEFAULT >> 20);
    } else {
        j->e.a.on_oom = &j->oom;
        read_rows(j);
        eval_settle(&j->e);
        str why = j->e.skip_why.list.n ? j->e.skip_why.list.p[0] : j->e.n_rejected ? STR("all were rejected") : STR("it is empty");
        j->told = j->e.item.n > 0;
        if (j->told && o->by && j->e.group.list.n == 1 && str_eqz(j->e.group.list.p[0], EVAL_NO_GROUP))
            cli_say("refrain: warning: %s: --by: no row has a field '%s'", path, o->by);
        if (j->told) report(j, o);
        else cli_error("%s: no labelled row: %.*s", path, STR_ARG(why));
    }
    yyjson_doc_free(j->doc);
    buf_free(&j->e.why);
    door_close(j->door);
    arena_free(&j->e.a);
    return rc;
}

static int run(void *options, const char *const *arg, size_t n_arg)
{
    const struct options *o = options;
    const struct eval_options how = {o->by, o->show_text, {o->seed, (uint32_t)o->draws}, (uint32_t)o->errors};
    refrain_engine *engine = NULL;
    refrain_scanner *scanner = NULL;
    refrain_error err = {0};
    const struct scanner_options scan = cli_scanner_options(&o->input);
    struct buf out = {0};
    uint64_t rejected = 0;
    size_t told = 0;
    int rc = cli_engine(&engine, &o->engine);
    if (!rc && scanner_new(&scanner, engine, &scan, &err)) rc = cli_error_of(&err);
    for (size_t i = 0; !rc && i < n_arg; i++) {
        struct job *j = calloc(1, sizeof *j);
        if (!j) {
            rc = cli_error("out of memory");
            break;
        }
        j->e.o = &how;
        j->e.scanner = scanner;
        j->out = out;
        rc = eval_file(j, arg[i], o);
        out = j->out;
        rejected += j->e.n_rejected + (rc == 0 && !j->told);
        told += j->told;
        buf_free(&j->bytes);
        free(j);
    }
    scanner_free(scanner);
    engine_free(engine);
    if (!rc && told) return cli_print(&out) ? FAILED : rejected ? SOME_REJECTED : DONE;
    buf_free(&out);
    return FAILED;
}

static const struct opt eval_opts[] = {
    {.name = "by", .kind = OPT_STRING, .arg = "FIELD", .at = offsetof(struct options, by), .here = true,
     .help = "figures apart for each model, source, persona or any other field of the rows"},
    {.name = "json", .kind = OPT_FLAG, .at = offsetof(struct options, json), .help = "one JSON object a file"},
    {.name = "all", .letter = 'a', .kind = OPT_FLAG, .at = offsetof(struct options, all),
     .help = "classes, confusion and errors of the 0-4 codes too"},
    {.name = "show-text", .kind = OPT_FLAG, .at = offsetof(struct options, show_text), .here = true,
     .help = "with the text of the errors: it may be distressing"},
    {.name = "errors", .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct options, errors), .max = 100000,
     .help = "list the N worst errors of a measure; default 5"},
    {.name = "draws", .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct options, draws), .min = 10, .max = 1000000,
     .help = "draw the clusters N times for the intervals; default 2000"},
    {.name = "seed", .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct options, seed), .help = "of the draws; default 1"},
    {0},
};
static const struct opt_group groups[] = {
    {"What to show", eval_opts, 0},
    {"Analysis", engine_opts, offsetof(struct options, engine)},
    {"Input", input_opts, offsetof(struct options, input)},
    {0},
};
static const struct options defaults = {
    .seed = 1, .draws = 2000, .errors = 5, .engine = ENGINE_ARGS_DEFAULT, .input = INPUT_ARGS_DEFAULT};
static const char *const examples[] = {"refrain eval replies.jsonl", "agreement with the labels of your own coders",
                                       "refrain eval refusals.jsonl --by model --json", "the same for each model, as data", NULL};

const struct command cmd_eval = {
    .name = "eval",
    .args = "GOLD…",
    .summary = "compare with labels: precision, recall, F1, kappa, alpha, with intervals",
    .text = "Reads rows that people have labelled (replies in their conversation, sentences, replies to a prompt, episodes; "
            "docs/eval.md has the forms), codes them anew and prints how near refrain comes: for each class precision, recall "
            "and F1; accuracy, macro-F1, kappa, weighted kappa, alpha, Gwet's AC as fits the scale; a confusion table; the "
            "worst errors. Intervals are of 95 %, by drawing whole conversations. Files are never pooled.\n\n"
            "Rows that the shipped models were trained on give figures that flatter: docs/accuracy.md has those that do not.",
    COMMAND_TABLES,
    .min_arg = 1,
};
