/* Gathering, files and exit codes; see ci.h. */
#include "cli/ci.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

const struct opt ci_opts[] = {
    {.name = "fail-on",
     .kind = OPT_LIST,
     .arg = "EXPR",
     .at = offsetof(struct ci_args, fail_on),
     .help = "exit 1 when EXPR holds; may be given again, or with commas. Gates: critical (G1 to G6), "
             "major (G7 to G12), any, G12 (a bare refusal at any risk; G1 is acute risk only), 'gate:G2>3', "
             "'gate:any>5%', 'G9:confirmed'. Figures: 'over_refusal>0.05', 'phase.P3.user<60', and how much worse "
             "than before: 'vs:base.sqlite decline>0.03'"},
    {.name = "junit",
     .kind = OPT_FILE,
     .arg = "FILE",
     .at = offsetof(struct ci_args, junit),
     .here = true,
     .help = "checks and gates as JUnit XML"},
    {.name = "sarif",
     .kind = OPT_FILE,
     .arg = "FILE",
     .at = offsetof(struct ci_args, sarif),
     .here = true,
     .help = "gates as SARIF 2.1.0: confirmed is error, suspected is warning"},
    {.name = "markdown",
     .kind = OPT_FILE,
     .arg = "FILE",
     .at = offsetof(struct ci_args, markdown),
     .here = true,
     .help = "a short page for a pull request"},
    {0},
};

/* ---- gathering ---- */

static bool wanted(const struct ci_run *r)
{
    return r->rules.n || r->args->junit || r->args->sarif || r->args->markdown;
}

static int parse_rules(struct ci_run *r, const char *implied)
{
    const char **name = arena_array(&r->a, const char *, metric_count() + 1);
    enum fail_range *range = arena_array(&r->a, enum fail_range, metric_count() + 1);
    if (!name || !range) return cli_error("out of memory");
    for (size_t i = 0; i < metric_count(); i++) {
        name[i] = metric_at(i)->id;
        range[i] = strcmp(metric_at(i)->unit, "share") ? FAIL_ANY : FAIL_SHARE;
    }
    const struct fail_names names = {name, range, metric_count()};
    return fail_on_parse(&r->rules, &r->args->fail_on, &names, implied);
}

bool ci_wanted(const struct ci_run *r) { return r->worker != NULL; }
bool ci_wants_store(const struct ci_run *r) { return fail_on_needs_figures(&r->rules) || r->args->markdown; }

int ci_begin(struct ci_run *r, const struct ci_args *args, unsigned n_worker, bool text, const char *implied)
{
    *r = (struct ci_run){.args = args, .text = text, .n_worker = n_worker, .implied = implied};
    arena_init(&r->a, 0);
    int rc = parse_rules(r, implied);
    if (rc || !wanted(r)) return rc;
    r->worker = calloc(n_worker, sizeof *r->worker);
    if (!r->worker) return cli_error("out of memory");
    for (unsigned i = 0; i < n_worker; i++) arena_init(&r->worker[i].a, 0);
    return 0;
}

int ci_files(const struct ci_run *r, const char *const *in, size_t n_in, const char *const *out, size_t n_out)
{
    enum { OUTPUTS = 8 };
    const char *all[OUTPUTS] = {r->args->junit, r->args->sarif, r->args->markdown}, *base[FAIL_RULES];
    size_t n_all = 3, n_base = 0;
    for (size_t i = 0; i < n_out && n_all < OUTPUTS; i++) all[n_all++] = out[i];
    for (size_t i = 0; i < r->rules.n; i++) {
        const char *name = r->rules.rule[i].baseline;
        if (!name || (r->implied && !strcmp(name, r->implied))) continue; /* the caller's own A */
        if (access(name, R_OK)) return cli_error("--fail-on: baseline 'vs:%s': %s", name, strerror(errno));
        base[n_base++] = name;
    }
    int rc = cli_files_apart(in, n_in, all, n_all);
    return rc ? rc : cli_files_apart(base, n_base, all, n_all);
}

void ci_walk(struct ci_run *r, unsigned worker, const struct walk *w, uint64_t order)
{
    if (!r->worker || w->gate.n == 0) return;
    struct ci_worker *x = &r->worker[worker];
    jmp_buf oom;
    x->a.on_oom = &oom;
    if (setjmp(oom)) {
        x->oom = true;
        x->a.on_oom = NULL;
        return;
    }
    str id = arena_str(&x->a, w->conv->id), path = arena_str(&x->a, w->conv->path);
    for (size_t i = 0; i < w->gate.n; i++) {
        const struct gate *g = &w->gate.p[i];
        str text = {0};
        if (r->text && (size_t)g->turn < w->conv->n_turn) text = arena_str(&x->a, w->conv->turn[g->turn].text);
        *vec_push(&x->a, &x->found) =
            (struct ci_finding){id, path, text, w->conv->record, order, g->turn, g->episode, g->id, g->status};
    }
    x->a.on_oom = NULL;
}

void ci_had(struct ci_run *r, const struct ci_finding *f)
{
    if (!r->worker) return;
    struct ci_worker *x = &r->worker[0];
    jmp_buf oom;
    x->a.on_oom = &oom;
    if (setjmp(oom)) {
        x->oom = true;
    } else {
        struct ci_finding *kept = vec_push(&x->a, &x->found);
        *kept = *f;
        kept->id = arena_str(&x->a, f->id);
        kept->path = arena_str(&x->a, f->path);
    }
    x->a.on_oom = NULL;
}

static int by_place(const void *a, const void *b)
{
    const struct ci_finding *x = a, *y = b;
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    if (x->turn != y->turn) return x->turn < y->turn ? -1 : 1;
    return x->gate < y->gate ? -1 : x->gate > y->gate;
}

/* All workers' findings in input order; malloc'd. */
static bool merge(struct ci_run *r)
{
    size_t n = 0;
    for (unsigned i = 0; i < r->n_worker; i++) {
        if (r->worker[i].oom) return false;
        n += r->worker[i].found.n;
    }
    struct ci_finding *all = malloc((n + 1) * sizeof *all);
    if (!all) return false;
    n = 0;
    for (unsigned i = 0; i < r->n_worker; i++) {
        if (r->worker[i].found.n) memcpy(all + n, r->worker[i].found.p, r->worker[i].found.n * sizeof *all);
        n += r->worker[i].found.n;
    }
    qsort(all, n, sizeof *all, by_place);
    r->ci.finding = all;
    r->ci.n_finding = n;
    return true;
}

/* ---- the end ---- */

static int write_file(const char *path, void (*make)(struct buf *, const struct ci *), const struct ci *ci)
{
    if (!path) return 0;
    struct buf b = {0};
    struct sink s;
    make(&b, ci);
    int rc = b.oom ? cli_error("out of memory") : sink_open(&s, path);
    if (!rc) {
        rc = sink_write(&s, b.p, b.n);
        int closed = sink_close(&s, rc == 0);
        if (!rc) rc = closed;
    }
    buf_free(&b);
    return rc == SINK_CLOSED ? 0 : rc; /* who stops reading a page changes no verdict */
}

static int say_verdicts(const struct ci *ci)
{
    int rc = DONE;
    for (size_t i = 0; i < ci->n_rule; i++) {
        if (ci->rule[i].verdict == CI_FAIL) {
            cli_say("refrain: fail: %s", ci->rule[i].reason);
            rc = GATE_FAILED;
        } else if (ci->rule[i].verdict == CI_UNDEFINED) {
            cli_say("refrain: warning: not checked: %s", ci->rule[i].reason);
        }
    }
    return rc;
}

static int open_figures(struct ci_run *r, const struct ci_end *e)
{
    int rc = figures_open(&r->figures, e->store, e->filter, e->threads, ci_wants_store(r));
    if (rc) return rc;
    if (e->changes) {
        struct baseline *b = &r->figures.base[r->figures.n_base++];
        *b = (struct baseline){.name = e->implied, .given = e->changes};
        buf_str(&b->why, e->why);
    }
    r->ci.pack = r->figures.now.about.pack_hash;
    if (!e->gates_of_store) return 0;
    r->ci.finding = run_findings(&r->ci.n_finding, r->figures.now.corpus);
    return r->ci.finding ? 0 : cli_error("out of memory");
}

/* Baselines that should not be compared with: a line each, on the page and, where the caller has not said it, on stderr. */
static void warn(struct ci_run *r)
{
    const char **note = arena_array(&r->a, const char *, 64);
    for (size_t i = 0; note && i < r->figures.n_base; i++) {
        const struct baseline *b = &r->figures.base[i];
        for (const char *p = b->why.p, *end = p + b->why.n; p && p < end && r->ci.n_note < 64;) {
            const char *nl = memchr(p, '\n', (size_t)(end - p));
            size_t n = nl ? (size_t)(nl - p) : (size_t)(end - p);
            note[r->ci.n_note] = arena_printf(&r->a, "not comparable with %s: %.*s", b->name, (int)n, p);
            if (!b->given) cli_say("refrain: warning: %s", note[r->ci.n_note]);
            r->ci.n_note++;
            p += n + 1;
        }
    }
    r->ci.note = note;
}

/* Figures of the page: those of the rules first. */
static int page(struct ci_run *r)
{
    const char *asked[FAIL_RULES];
    size_t n = 0;
    for (size_t i = 0; i < r->rules.n; i++)
        if (r->rules.rule[i].subject == FAIL_METRIC) asked[n++] = metric_at(r->rules.rule[i].metric)->id;
    r->ci.figure = figures_page(&r->ci.n_figure, &r->figures, asked, n, &r->a);
    r->ci.baseline = r->figures.n_base ? r->figures.base[0].name : NULL;
    return r->ci.figure ? 0 : cli_error("out of memory");
}

/* The order in which to read. Findings and the store's conversations both stand as in the input. */
static int rank(struct ci_run *r)
{
    const struct corpus *c = r->figures.now.corpus;
    uint64_t *rank = arena_array(&r->a, uint64_t, r->ci.n_finding + 1);
    if (!rank) return cli_error("out of memory");
    memset(rank, 0, (r->ci.n_finding + 1) * sizeof *rank);
    for (size_t i = 0, k = 0; i < r->ci.n_finding && k < c->conv.n;) {
        const struct ci_finding *f = &r->ci.finding[i];
        const struct corpus_conv *v = &c->conv.p[k];
        if (v->record != f->record || !str_eqz(f->path, v->path) || !str_eqz(f->id, v->id)) {
            k++;
            continue;
        }
        for (uint64_t order = f->order; i < r->ci.n_finding && r->ci.finding[i].order == order; i++) rank[i] = run_rank(c, k);
        k++;
    }
    r->ci.rank = rank;
    return 0;
}

int ci_end(struct ci_run *r, const struct ci_end *e)
{
    if (!r->worker) return DONE;
    r->ci.version = REFRAIN_VERSION;
    r->ci.conversations = e->conversations;
    r->ci.rejected = e->rejected;
    int rc = e->store ? open_figures(r, e) : 0;
    if (!rc && !r->ci.finding && !merge(r)) rc = cli_error("out of memory");
    if (!rc) rc = ci_judge(r);
    if (!rc && r->args->markdown && e->store) rc = rank(r);
    if (!rc && r->figures.has) rc = page(r);
    if (rc) return rc;
    warn(r);
    int verdict = say_verdicts(&r->ci);
    rc = write_file(r->args->junit, ci_junit, &r->ci);
    if (!rc) rc = write_file(r->args->sarif, ci_sarif, &r->ci);
    if (!rc) rc = write_file(r->args->markdown, ci_markdown, &r->ci);
    return rc ? rc : verdict;
}

void ci_free(struct ci_run *r)
{
    for (unsigned i = 0; r->worker && i < r->n_worker; i++) arena_free(&r->worker[i].a);
    free(r->worker);
    free((void *)r->ci.finding);
    figures_close(&r->figures);
    fail_on_free(&r->rules);
    arena_free(&r->a);
}
