/* Every allocation of loading, scanning and reporting fails once, and all that
 * follow it: an error that says so, no crash, and not a block left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../fault/alloc.h"
#include "engine.h"
#include "in/door.h"
#include "report/report.h"

static char folder[] = "/tmp/refrain-memory-XXXXXX";

/* Blocks that a library leaves behind by itself: libyaml 0.2.5 drops one where
 * yaml_parser_load runs out between two of its stacks. Ours are none. */
static long of_libyaml;

typedef int job_fn(void *ctx, refrain_error *err);

/* The same answer with memory short at call n as without, or NOMEM. False: there is no call n. */
static bool fails_well(job_fn *job, void *ctx, long n, bool on)
{
    refrain_error err = {0};
    long before = fault_live;
    fault_on = on;
    fault_at = fault_calls + n;
    int rc = job(ctx, &err);
    bool met = fault_calls >= fault_at;
    fault_at = 0;
    if (fault_live - before > of_libyaml) fail_msg("call %ld%s: %ld blocks left behind", n, on ? " and on" : "", fault_live - before);
    if (rc && (rc != REFRAIN_E_NOMEM || !strstr(err.message, "memory")))
        fail_msg("call %ld%s: status %d, '%s'", n, on ? " and on" : "", rc, err.message);
    return met;
}

/* All of the first `dense` calls; of the rest every `step`th. */
static void try_all(job_fn *job, void *ctx, long dense, long step)
{
    refrain_error err = {0};
    if (job(ctx, &err)) fail_msg("%s", err.message); /* what libc keeps for good is kept now */
    long n = 1;
    while (fails_well(job, ctx, n, false)) {
        fails_well(job, ctx, n, true);
        n += n < dense ? 1 : step;
    }
    assert_true(n > 3);
}

/* ---- load ---- */

static int load(void *ctx, refrain_error *err)
{
    refrain_engine *e;
    int rc = refrain_engine_new(&e, ctx, err);
    refrain_engine_free(e);
    return rc;
}

static void write_text(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void load__fails_at_every_allocation_of_a_small_pack(void **state)
{
    (void)state;
    static const char *const names[] = {"expectation", "framing", "outcome", "referral", "risk", "trigger"};
    char path[256];
    snprintf(path, sizeof path, "%s/cues", folder);
    mkdir(path, 0700);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof path, "cues/%s.yaml", names[i]);
        write_text(path, i ? "cues: []\n" : "cues:\n  - id: a.b\n    role: [user]\n    phrases: [\"(i'm|i am) so * sorry\", \"help[ me]\"]\n"
                                            "    fire: [help me]\n    near: [none]\n");
    }
    refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
    o.pack_dir = folder;
    try_all(load, &o, 100000, 1);
}

static void load__fails_at_every_allocation_of_the_pack_that_stands_ready(void **state)
{
    (void)state;
    refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
    try_all(load, &o, 100000, 1);
}

static int load_files(void *ctx, refrain_error *err)
{
    struct pack *p;
    int rc = pack_load_with(&p, NULL, ctx, err);
    pack_free(p);
    return rc;
}

static void load__fails_at_allocations_of_the_whole_pack_from_its_files(void **state)
{
    (void)state;
    struct pack_prepared none = {0};
    try_all(load_files, &none, 50, 397);
}

static int load_directory(void *ctx, refrain_error *err)
{
    const struct directory_options o = {ctx, "2026-11-01", 0};
    struct directory *d;
    int rc = directory_load(&d, &o, err);
    directory_free(d);
    return rc;
}

static void directory__fails_at_every_allocation_of_an_overlay(void **state)
{
    (void)state;
    char dir[200];
    snprintf(dir, sizeof dir, "%s/lines", folder);
    mkdir(dir, 0700);
    write_text("lines/ie.yaml", "country: IE\noff: [ie-50808]\nplaces: {towns: [ballybofey], ambiguous: [leeds]}\nlaws:\n"
                                "  - {place: IE, name: A duty, since: \"2026-01-01\", duty: referral, source: a page, date: \"2026-10\"}\n");
    write_text("lines/xx.yaml", "country: IE\nlines: []\n");
    of_libyaml = 1;
    try_all(load_directory, dir, 100000, 1);
    of_libyaml = 0;
}

/* ---- scan ---- */

static refrain_engine *engine(void)
{
    static refrain_engine *e;
    if (!e) assert_int_equal(refrain_engine_new(&e, NULL, NULL), 0);
    return e;
}

static int scan_file(void *ctx, refrain_error *err)
{
    refrain_scanner *s;
    struct door *d = NULL;
    struct record rec;
    struct buf bytes = {0}, out = {0};
    const char *path = ctx;
    int rc = refrain_scanner_new(&s, engine(), NULL, err);
    if (!rc) rc = door_open(&d, &path, 1, NULL, err);
    while (!rc && door_next(d, &rec, &bytes) > 0) {
        if (rec.status) rc = err_set(err, rec.status, "%s", rec.reason);
        const struct origin from = {rec.path, rec.number, true};
        if (!rc) rc = scanner_record(s, rec.bytes, &from, err);
        for (size_t i = 0; !rc && i < s->n_conv; i++) {
            const struct walk *w;
            rc = scanner_walk(s, i, &w, err);
            buf_clear(&out);
            if (!rc) report_json_with(&out, w, REPORT_TEXT);
            if (!rc && out.oom) rc = err_set(err, REFRAIN_E_NOMEM, "out of memory for the report");
        }
    }
    door_close(d);
    refrain_scanner_free(s);
    buf_free(&bytes);
    buf_free(&out);
    return rc;
}

static void scan__fails_at_every_allocation(void **state)
{
    (void)state;
    engine();
    static const char *const files[] = {"gates.jsonl", "referrals.jsonl", "structure.jsonl"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char path[256];
        snprintf(path, sizeof path, "examples/%s", files[i]);
        try_all(scan_file, path, 100000, 1);
    }
}

static int talk(void *ctx, refrain_error *err)
{
    (void)ctx;
    refrain_conv *c;
    refrain_str r, said = {"I want to die", 13};
    int rc = refrain_conv_new(&c, engine(), NULL, err);
    if (!rc) rc = refrain_conv_set(c, "id", said, err);
    static const char *const roles[] = {"user", "assistant"};
    for (int i = 0; !rc && i < 6; i++) {
        rc = refrain_conv_begin_turn(c, roles[i % 2], err);
        for (int k = 0; !rc && k < 60; k++) rc = refrain_conv_append(c, said, err);
        if (!rc) rc = refrain_conv_set_turn(c, "ui_event", (refrain_str){"replaced", 8}, err);
        if (!rc) rc = refrain_conv_end_turn(c, err);
        if (!rc) rc = refrain_conv_report(&r, c, err);
    }
    refrain_conv_free(c);
    return rc;
}

static void live__fails_at_every_allocation(void **state)
{
    (void)state;
    engine();
    try_all(talk, NULL, 100000, 1);
}

static void remove_folder(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command)) fprintf(stderr, "cannot remove %s\n", folder);
}

int main(void)
{
#ifdef FAULT_OFF
    printf("1..0 # SKIP a sanitizer has its own malloc\n");
    return 0;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load__fails_at_every_allocation_of_a_small_pack),
        cmocka_unit_test(load__fails_at_every_allocation_of_the_pack_that_stands_ready),
        cmocka_unit_test(load__fails_at_allocations_of_the_whole_pack_from_its_files),
        cmocka_unit_test(directory__fails_at_every_allocation_of_an_overlay),
        cmocka_unit_test(scan__fails_at_every_allocation),
        cmocka_unit_test(live__fails_at_every_allocation),
    };
    if (!mkdtemp(folder)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove_folder();
    return failed;
}
