/* The pool with words: progress on a terminal, each reject once. */
#include "cli/batch.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { REJECTS_SHOWN = 5 };

struct batch_state {
    struct batch *b;
    struct sink rejects;
    char shown[REJECTS_SHOWN][640];
    struct term term; /* of stderr */
    bool progress, drawn;
    double began;
};

/* What stops a run in good order: what was begun beside is removed, what is stored is committed. */
static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t interrupted;
static void on_interrupt(int sig)
{
    (void)sig;
    interrupted = sig;
    signal(sig, SIG_DFL); /* the second one ends at once */
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- progress ---- */

static void bytes(struct buf *b, double n)
{
    static const char *const unit[] = {"B", "kB", "MB", "GB", "TB"};
    size_t u = 0;
    while (n >= 1000 && u + 1 < ARRAY_LEN(unit)) n /= 1000, u++;
    buf_printf(b, n < 10 && u ? "%.1f %s" : "%.0f %s", n, unit[u]);
}

static int tick(void *ctx, uint64_t done, uint64_t total)
{
    struct batch_state *r = ctx;
    if (interrupted) return BATCH_INTERRUPTED;
    double s = now() - r->began;
    if (!r->progress || s < 0.5) return 0;
    struct buf b = {0};
    buf_puts(&b, "\r\033[K");
    if (total) {
        double share = total ? (double)done / (double)total : 0;
        term_bar(&b, &r->term, ST_CYAN, share, 1, 24);
        buf_printf(&b, " %3.0f %%  ", share * 100);
    }
    bytes(&b, (double)done);
    buf_puts(&b, "  ");
    bytes(&b, (double)done / s);
    buf_puts(&b, "/s");
    if (total && done) {
        unsigned left = (unsigned)(s * ((double)total / (double)done - 1) + 0.5);
        buf_printf(&b, "  %u:%02u left", left / 60, left % 60);
    }
    fwrite(b.p, 1, b.n, stderr);
    fflush(stderr);
    r->drawn = true;
    buf_free(&b);
    return 0;
}

/* ---- in order ---- */

int batch_reject(struct batch_state *r, const char *path, uint64_t record, uint64_t offset, const char *reason)
{
    struct batch *b = r->b;
    if (b->rejected++ < REJECTS_SHOWN) {
        char *z = r->shown[b->rejected - 1];
        if (door_about_file(reason)) snprintf(z, sizeof r->shown[0], "%s: %s", path, reason);
        else snprintf(z, sizeof r->shown[0], "%s: record %llu, byte %llu: %s", path, (unsigned long long)record,
                      (unsigned long long)offset, reason);
    }
    if (!r->rejects.f) return 0;
    struct buf line = {0};
    buf_puts(&line, "{\"path\":");
    buf_json(&line, str_of(path));
    buf_puts(&line, ",\"record\":");
    buf_u64(&line, record);
    buf_puts(&line, ",\"offset\":");
    buf_u64(&line, offset);
    buf_puts(&line, ",\"reason\":");
    buf_json(&line, str_of(reason));
    buf_puts(&line, "}\n");
    int rc = line.oom ? cli_error("out of memory") : sink_write(&r->rejects, line.p, line.n);
    buf_free(&line);
    if (rc != SINK_CLOSED) return rc;
    sink_close(&r->rejects, false); /* who stops reading the list does not stop the run */
    return 0;
}

static int in_order(void *ctx, const struct pool_item *item)
{
    struct batch_state *r = ctx;
    int rc = r->b->write ? r->b->write(r->b->ctx, item) : 0;
    if (rc || !item->status) return rc;
    return batch_reject(r, item->rec.path, item->rec.number, item->rec.offset, item->reason);
}

static void in_worker(void *ctx, unsigned worker, const struct walk *w, struct pool_item *item)
{
    struct batch_state *r = ctx;
    r->b->walk(r->b->ctx, worker, w, item);
}

static void list_rejects(const struct batch_state *r)
{
    const struct batch *b = r->b;
    for (uint64_t i = 0; i < b->rejected && i < REJECTS_SHOWN; i++) cli_say("refrain: rejected: %s", r->shown[i]);
    if (b->rejected > REJECTS_SHOWN)
        cli_say("refrain: … and %llu more rejected%s%s", (unsigned long long)(b->rejected - REJECTS_SHOWN),
                b->rejects ? "; all in " : "; --rejects FILE lists all", b->rejects ? b->rejects : "");
}

int batch_run(struct batch *b, const char *const *path, size_t n_path)
{
    refrain_engine *engine = NULL;
    struct door *door = NULL;
    struct batch_state r = {.b = b, .term = cli_term(stderr), .began = now()};
    refrain_error err = {0};
    int rc = cli_door(&door, path, n_path, b->input);
    if (!rc) rc = cli_engine(&engine, b->engine);
    if (!rc && b->rejects) rc = sink_open(&r.rejects, b->rejects);
    if (!rc && b->start) rc = b->start(b->ctx, &r, engine, door);
    if (!rc) {
        r.progress = !b->quiet && isatty(STDERR_FILENO) && r.term.width >= 60;
        void (*before[ARRAY_LEN(stops)])(int);
        for (size_t i = 0; i < ARRAY_LEN(stops); i++) {
            before[i] = signal(stops[i], on_interrupt);
            if (before[i] == SIG_IGN) signal(stops[i], SIG_IGN); /* nohup */
        }
        const struct pool_options opt = {.threads = b->threads, .scan = cli_scanner_options(b->input), .hash = b->hash};
        const struct pool_job job = {&r, in_worker, in_order, tick};
        rc = pool_run(door, engine, &opt, &job, &err);
        if (rc && err.status) rc = cli_error_of(&err);
        for (size_t i = 0; i < ARRAY_LEN(stops); i++) signal(stops[i], before[i]);
    }
    if (r.drawn) fputs("\r\033[K", stderr);
    if (!b->quiet) list_rejects(&r);
    if (r.rejects.f) {
        int closed = sink_close(&r.rejects, true);
        if (closed && closed != SINK_CLOSED && !rc) rc = closed;
    }
    door_close(door);
    engine_free(engine);
    return rc ? rc : b->rejected ? SOME_REJECTED : DONE;
}
