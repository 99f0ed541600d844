/* What commands share for CI: --fail-on, --junit, --sarif, --markdown.
 *
 * In: the gates of walks or of a store, and a store for figures. Out: verdicts
 * on stderr, one line each, the files, and an exit code. One `ci_run` a
 * command; it owns all that it gathers. */
#ifndef REFRAIN_CLI_CI_H
#define REFRAIN_CLI_CI_H

#include "cli/ci_figures.h"
#include "cli/cli.h"
#include "cli/fail_on.h"
#include "out/ci.h"

struct ci_args {           /* group "Checks" */
    struct opt_list fail_on;
    const char *junit, *sarif, *markdown;
};
extern const struct opt ci_opts[];

/* What one worker found; the strings live in `a`. */
struct ci_worker {
    struct arena a;
    vec_of(struct ci_finding) found;
    bool oom;
};

struct ci_run {
    const struct ci_args *args;
    const char *implied;   /* the baseline that is no file of its own */
    bool text;             /* findings carry the words of their turn */
    struct fail_rules rules;
    struct ci_worker *worker;
    unsigned n_worker;
    struct ci_figures figures;
    struct ci ci;          /* filled by ci_end */
    struct arena a;        /* reasons, notes */
};

/* 0, or FAILED after a line about --fail-on. `implied`: see fail_on_parse. */
int ci_begin(struct ci_run *r, const struct ci_args *args, unsigned n_worker, bool text, const char *implied);
/* Before any work: baselines are there, and no output (`out` and those of `args`) is an input, a baseline or another
 * output. 0, or FAILED after a line. */
int ci_files(const struct ci_run *r, const char *const *in, size_t n_in, const char *const *out, size_t n_out);
/* Is there anything to check or to write at the end? */
bool ci_wanted(const struct ci_run *r);
/* Does ci_end need a store, for figures? */
bool ci_wants_store(const struct ci_run *r);
/* In worker `worker`: the gates of a viewed walk. `order` is its place in the input. */
void ci_walk(struct ci_run *r, unsigned worker, const struct walk *w, uint64_t order);
/* One that stands from before, in a run that goes on; without text. */
void ci_had(struct ci_run *r, const struct ci_finding *f);
struct ci_end {
    uint64_t conversations, rejected;
    const char *store;                  /* NULL where ci_wants_store does not ask for one */
    const struct corpus_filter *filter; /* of the store's conversations */
    bool gates_of_store;                /* findings come from there, not from walks */
    const struct changes *changes;      /* against `implied`, where the caller has them; else NULL */
    str why;                            /* why those two are not comparable, a line each; said by the caller */
    const char *implied;
    unsigned threads;
};
/* Verdicts, then files. DONE, GATE_FAILED or FAILED. */
int ci_end(struct ci_run *r, const struct ci_end *e);
void ci_free(struct ci_run *r);

/* ---- ci_rules.c ---- */

/* Fills ci.rule from the rules and what stands in ci and figures. 0, or FAILED after a line. */
int ci_judge(struct ci_run *r);

#endif
