/* refrain compare: two runs, or two groups of one → what changed, worst first. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/ci.h"
#include "cli/cmd.h"
#include "cli/compare.h"

struct options {
    const char *by, *a, *b, *format, *output, *correct;
    uint64_t draws, permutations, seed, threads;
    bool all, unpaired, quiet;
    struct ci_args ci;
    struct engine_args engine;
    struct input_args input;
};

/* One side: where it is read from, which part of it, and what it is called. */
struct side {
    char *store;
    bool made;
    struct corpus_where where;
    struct corpus_filter filter;
    const char *name;
    struct run run;
};

struct job {
    struct options *o;
    struct side side[2];
    struct changes_opts how;
    struct changes changes;
    struct ci_run ci;
    struct buf why;
    struct arena a;
    int rejected;      /* SOME_REJECTED when an input had some */
    uint64_t conversations_b;
};

/* ---- groups of one run ---- */

static int list_groups(const struct options *o, const char *const *group, size_t n, const char *asked)
{
    enum { NAMED = 12 };
    const char *near = asked ? err_nearest(asked, group, n) : NULL;
    if (near && *near) return cli_error("no conversation with %s '%s'; did you mean '%s'?", o->by, asked, near);
    struct buf b = {0};
    for (size_t i = 0; i < n && i < NAMED; i++) buf_printf(&b, "%s'%s'", i ? ", " : "", group[i]);
    if (n > NAMED) buf_puts(&b, ", …");
    if (n < 2) cli_error("--by %s: there is one group only, so nothing to compare", o->by);
    else if (asked) cli_error("no conversation with %s '%s'; there are %.*s", o->by, asked, (int)b.n, b.p ? b.p : "");
    else cli_error("--by %s: %zu groups, so say which two: --a X --b Y, of %.*s", o->by, n, (int)b.n, b.p ? b.p : "");
    buf_free(&b);
    return FAILED;
}

static bool has_group(const char *const *group, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(group[i], name)) return true;
    return false;
}

/* --a and --b, or the only two groups there are. */
static int choose_groups(struct job *j, enum corpus_key key)
{
    const struct options *o = j->o;
    struct run all;
    const char *const *group = NULL, *value[2] = {o->a, o->b};
    int rc = run_open(&all, j->side[0].store, j->side[0].name, NULL);
    size_t n = rc ? 0 : corpus_groups(&group, all.corpus, key);
    if (!rc && !value[0] && !value[1] && n == 2) value[0] = group[0], value[1] = group[1];
    if (!rc && (!value[0] || !value[1])) rc = list_groups(o, group, n, NULL);
    for (int i = 0; !rc && i < 2; i++) {
        struct side *s = &j->side[i];
        if (!has_group(group, n, value[i])) rc = list_groups(o, group, n, value[i]);
        s->where = (struct corpus_where){key, arena_str(&j->a, str_of(value[i])).p};
        s->filter = (struct corpus_filter){&s->where, 1};
        s->name = arena_printf(&j->a, "%s, %s %s", s->name, o->by, *value[i] ? value[i] : "not named");
    }
    run_close(&all);
    return rc;
}

/* ---- the two sides ---- */

static int take_store(struct job *j, struct side *s, const char *path)
{
    struct options *o = j->o;
    const struct run_source from = {&o->engine, &o->input, (unsigned)o->threads, o->quiet};
    int rc = run_store_of(&s->store, &s->made, path, &from);
    s->name = path;
    if (rc == SOME_REJECTED) j->rejected = SOME_REJECTED;
    return rc == SOME_REJECTED ? 0 : rc;
}

static int open_sides(struct job *j, const char *const *arg, size_t n_arg)
{
    int key = j->o->by ? corpus_key_of(j->o->by) : KEY_NONE;
    if (key < 0 || (j->o->by && key == KEY_NONE)) {
        const char *near = err_nearest(j->o->by, corpus_key_names + 1, N_KEY - 1);
        return near ? cli_error("--by: no key '%s'; did you mean '%s'?", j->o->by, near)
                    : cli_error("--by: no key '%s'; model, locale, language, country, population or path", j->o->by);
    }
    int rc = take_store(j, &j->side[0], arg[0]);
    if (!rc && n_arg == 2) rc = take_store(j, &j->side[1], arg[1]);
    if (!rc && n_arg == 1) {
        j->side[1] = j->side[0];
        j->side[1].made = false;
        rc = choose_groups(j, (enum corpus_key)key);
    }
    for (int i = 0; !rc && i < 2; i++) rc = run_open(&j->side[i].run, j->side[i].store, j->side[i].name, &j->side[i].filter);
    return rc;
}

static void close_sides(struct job *j, size_t n_arg)
{
    for (int i = 0; i < 2; i++) {
        run_close(&j->side[i].run);
        if (i == 0 || n_arg == 2) run_forget(j->side[i].store, j->side[i].made);
    }
}

/* ---- output ---- */

static const char *choose_format(const struct options *o)
{
    static const char *const by_ending[][2] = {{".md", "md"}, {".json", "json"}, {".html", "html"}, {".htm", "html"}};
    if (o->format) return o->format;
    for (size_t i = 0; o->output && i < ARRAY_LEN(by_ending); i++) {
        size_t n = strlen(o->output), k = strlen(by_ending[i][0]);
        if (n > k && !strcmp(o->output + n - k, by_ending[i][0])) return by_ending[i][1];
    }
    return "text";
}

static int write_out(struct job *j)
{
    const struct comparison c = {j->side[0].name, j->side[1].name, &j->side[0].run, &j->side[1].run, &j->changes,
                                 &j->how,         {j->why.p ? j->why.p : "", j->why.n}, j->o->all};
    const char *format = choose_format(j->o);
    struct sink s;
    struct buf b = {0};
    int rc = sink_open(&s, j->o->output);
    if (rc) return rc;
    s.clean = strcmp(format, "text") && isatty(fileno(s.f));
    const struct term t = s.f == stdout ? cli_term(stdout) : TERM_PLAIN;
    if (!strcmp(format, "md")) compare_markdown(&b, &c);
    else if (!strcmp(format, "json")) compare_json(&b, &c);
    else if (!strcmp(format, "html")) compare_html(&b, &c);
    else compare_print(&b, &t, &c);
    rc = b.oom ? cli_error("out of memory") : sink_write(&s, b.p, b.n);
    int closed = sink_close(&s, rc == 0);
    buf_free(&b);
    if (!rc) rc = closed;
    return rc == SINK_CLOSED ? 0 : rc;
}

/* ---- all of it ---- */

/* A name that promises what compare does not write. */
static int check_ending(const struct options *o)
{
    static const char *const others[] = {".csv", ".jsonl", ".sqlite", ".pdf"};
    for (size_t i = 0; !o->format && o->output && i < ARRAY_LEN(others); i++) {
        size_t n = strlen(o->output), k = strlen(others[i]);
        if (n > k && !strcmp(o->output + n - k, others[i]))
            return cli_error("%s: compare writes text, .md, .json or .html; --format says which", o->output);
    }
    return 0;
}

static int check(const struct options *o, const char *const *arg, size_t n_arg)
{
    if (n_arg == 1 && !o->by) return cli_error("compare needs A and B, or one run and --by model --a X --b Y");
    if (n_arg == 2 && !strcmp(arg[0], "-") && !strcmp(arg[1], "-")) return cli_error("standard input can be one of the two only");
    if (n_arg == 2 && (o->by || o->a || o->b)) return cli_error("--by, --a and --b take groups of one run; two were given");
    return 0;
}

static int compare(struct job *j, const char *const *arg, size_t n_arg)
{
    int rc = open_sides(j, arg, n_arg);
    if (rc) return rc;
    for (int i = 0; i < 2; i++)
        if (j->side[i].run.corpus->conv.n == 0 && j->side[i].run.about.rejected)
            return cli_error("%s: no conversation to compare: all that stands there was rejected", j->side[i].name);
    const struct run *a = &j->side[0].run, *b = &j->side[1].run;
    j->conversations_b = b->corpus->conv.n;
    if (n_arg == 2) store_differences(&j->why, &a->about, &b->about);
    if (!changes_of(&j->changes, a->corpus, b->corpus, &j->how)) return cli_error("out of memory");
    str rest = {j->why.p ? j->why.p : "", j->why.n}, line;
    while (compare_next_reason(&rest, &line)) cli_say("refrain: warning: not comparable: %.*s", STR_ARG(line));
    return write_out(j);
}

static int run(void *options, const char *const *arg, size_t n_arg)
{
    struct options *o = options;
    struct job j = {.o = o};
    int rc = check(o, arg, n_arg);
    arena_init(&j.a, 0);
    o->threads = pool_threads((unsigned)o->threads);
    j.how = (struct changes_opts){o->seed, (uint32_t)o->draws, (uint32_t)o->permutations, (uint32_t)o->threads,
                                  !strcmp(o->correct, "bh")     ? CORRECT_BH
                                  : !strcmp(o->correct, "none") ? CORRECT_NONE
                                                                : CORRECT_HOLM,
                                  o->unpaired};
    if (!rc) rc = ci_begin(&j.ci, &o->ci, 1, false, "A");
    if (!rc) rc = ci_files(&j.ci, arg, n_arg, (const char *const[]){o->output}, 1);
    if (!rc) rc = check_ending(o);
    if (!rc) rc = compare(&j, arg, n_arg);
    if (!rc) {
        const struct ci_end e = {.conversations = j.conversations_b,
                                 .rejected = (uint64_t)j.side[1].run.about.rejected,
                                 .store = j.side[1].store,
                                 .filter = &j.side[1].filter,
                                 .gates_of_store = true,
                                 .changes = &j.changes,
                                 .why = {j.why.p ? j.why.p : "", j.why.n},
                                 .implied = "A",
                                 .threads = (unsigned)o->threads};
        rc = ci_end(&j.ci, &e);
    }
    ci_free(&j.ci);
    changes_free(&j.changes);
    close_sides(&j, n_arg);
    buf_free(&j.why);
    arena_free(&j.a);
    return rc ? rc : j.rejected;
}

static const struct opt compare_opts[] = {
    {.name = "by", .kind = OPT_STRING, .arg = "KEY", .at = offsetof(struct options, by), .here = true,
     .help = "compare groups of one run: model, locale, language, country, population, path"},
    {.name = "a", .kind = OPT_STRING, .arg = "X", .at = offsetof(struct options, a), .here = true, .help = "the group to compare with"},
    {.name = "b", .kind = OPT_STRING, .arg = "Y", .at = offsetof(struct options, b), .here = true, .help = "the group in question"},
    {.name = "unpaired", .kind = OPT_FLAG, .at = offsetof(struct options, unpaired), .here = true,
     .help = "take the two for different conversations even where ids match"},
    {.name = "correct", .kind = OPT_CHOICE, .arg = "holm|bh|none", .at = offsetof(struct options, correct),
     .help = "p-values for many comparisons; default holm"},
    {.name = "draws", .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct options, draws), .min = 100, .max = 1000000,
     .help = "of the bootstrap behind the intervals; default 2000"},
    {.name = "permutations", .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct options, permutations), .min = 100,
     .max = 10000000, .help = "behind the p-values; default 10000"},
    {.name = "seed", .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct options, seed), .help = "of both; default 1"},
    {0},
};
static const struct opt output_opts[] = {
    {.name = "output", .letter = 'o', .kind = OPT_FILE, .arg = "FILE", .at = offsetof(struct options, output), .here = true,
     .help = "write there; the ending chooses the format: .md, .json, .html, else text"},
    {.name = "format", .letter = 'f', .kind = OPT_CHOICE, .arg = "text|md|json|html", .at = offsetof(struct options, format),
     .help = "default text"},
    {.name = "all", .letter = 'a', .kind = OPT_FLAG, .at = offsetof(struct options, all),
     .help = "also every figure that is not told apart from chance or undefined"},
    OPT_THREADS("worker threads; default all cores; no figure depends on it"),
    {.name = "quiet", .letter = 'q', .kind = OPT_FLAG, .at = offsetof(struct options, quiet),
     .help = "no progress and no list of rejects while input files are analysed"},
    {0},
};
static const struct opt_group groups[] = {
    {"Comparison", compare_opts, 0},
    {"Output", output_opts, 0},
    {"Checks for CI (docs/ci.md)", ci_opts, offsetof(struct options, ci)},
    {"Analysis of input files", engine_opts, offsetof(struct options, engine)},
    {"Input files", input_opts, offsetof(struct options, input)},
    {0},
};
static const struct options defaults = {.correct = "holm", .draws = 2000, .permutations = 10000, .seed = 1,
                                        .engine = ENGINE_ARGS_DEFAULT, .input = INPUT_ARGS_DEFAULT};
static const char *const examples[] = {
    "refrain compare before.sqlite after.sqlite", "what got worse first, with the conversations that show it",
    "refrain compare run.sqlite --by model --a gpt-x --b claude-y", "two models of one run",
    "refrain compare main.jsonl branch.jsonl --fail-on 'decline:sure>0.03' --markdown pr.md", "in CI", NULL};

const struct command cmd_compare = {
    .name = "compare",
    .args = "A [B]",
    .summary = "what changed between two runs, models or groups, worst first",
    .text =
        "A and B are stores (refrain analyze -o run.sqlite), or input files, which are then analysed. For each figure of "
        "docs/statistics.md: both values, the difference with its 95 % interval, and a p-value that is corrected for many "
        "comparisons; what got worse comes first, with the conversations that weigh most in it.\n\n"
        "Where the two have the same conversations (or the same prompts, by regeneration group) they are paired, which finds "
        "smaller differences. Two runs with another pack, directory, day or other options say that they are not comparable.\n\n"
        "P4 (referral) is lowered by items of a referral that was given: where replies begin to refer it may fall though "
        "they got better, see docs/scores.md.\n\n"
        "In --fail-on a metric is of B, and 'decline' or 'vs:A METRIC' is against A.",
    COMMAND_TABLES,
    .min_arg = 1,
    .max_arg = 2,
};
