/* N workers share one ring. A worker takes the door in turn, walks its record
 * alone, and whoever finishes the oldest record writes all that are ready:
 * no thread only reads or only writes, so one thread is one thread of work. */
#include "pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS_PER_THREAD = 8, SPARE_SLOTS = 8, KEEP_BYTES = 1 << 20, SPARE_BYTES = 32 << 20 };
#define IN_FLIGHT_DEFAULT ((size_t)64 << 20)

struct slot {
    struct pool_item item;
    bool done;
};

struct pool {
    struct door *door;
    const struct pool_job *job;
    size_t budget;
    bool hash;

    pthread_mutex_t lock;
    pthread_cond_t turn; /* a slot or the door came free */
    pthread_cond_t over; /* a worker left */
    struct slot *slot;
    size_t n_slot;
    uint64_t n_read, n_written;
    size_t in_flight;
    struct buf spare; /* one big result's room, for the next: touched for the first time it costs as much as writing */
    uint64_t done, total; /* progress of the door, sampled by its reader */
    bool reading, writing, eof;
    int stop; /* non-zero: why */
    unsigned working;
};

struct worker {
    struct pool *p;
    unsigned number;
    refrain_scanner *scanner;
    pthread_t thread;
};

unsigned pool_threads(unsigned asked)
{
    if (asked) return asked;
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 256 ? 256 : (unsigned)n;
}

/* ---- one record ---- */

static void reject(struct pool_item *item, int status, const char *reason)
{
    item->status = status;
    snprintf(item->reason, sizeof item->reason, "%s", reason);
}

static bool mark(struct pool_item *item, const struct conv *c)
{
    if (item->n_mark == item->cap_mark) {
        size_t cap = item->cap_mark ? item->cap_mark * 2 : 4;
        struct pool_mark *m = realloc(item->mark, cap * sizeof *m);
        if (!m) return false;
        item->mark = m;
        item->cap_mark = cap;
    }
    item->mark[item->n_mark++] = (struct pool_mark){hash_bytes(c->id.p, c->id.n, 0), item->out.n};
    return true;
}

static void work(struct worker *me, struct pool_item *item)
{
    item->n_mark = 0;
    item->status = 0;
    buf_clear(&item->out);
    if (me->p->hash) item->hash = record_hash(&item->rec);
    if (item->rec.status) {
        reject(item, item->rec.status, item->rec.reason);
        return;
    }
    refrain_error err = {0};
    const struct origin from = {item->rec.path, item->rec.number, true};
    int rc = scanner_record(me->scanner, item->rec.bytes, &from, &err);
    if (rc || err.status) reject(item, rc ? rc : err.status, err.message); /* without rc: one of several */
    for (size_t i = 0; !rc && i < me->scanner->n_conv; i++) {
        const struct walk *w;
        int bad = scanner_walk(me->scanner, i, &w, &err);
        if (bad) {
            reject(item, bad, err.message);
            continue;
        }
        size_t before = item->out.n;
        me->p->job->walk(me->p->job->ctx, me->number, w, item);
        if (item->out.oom || !mark(item, w->conv)) {
            item->out.n = before;
            item->out.oom = false;
            reject(item, REFRAIN_E_NOMEM, "out of memory for the result");
        }
    }
}

/* ---- the ring; all with the lock held ---- */

static bool may_read(const struct pool *p)
{
    if (p->reading || p->n_read - p->n_written >= p->n_slot) return false;
    return p->in_flight < p->budget || p->n_read == p->n_written;
}

static struct slot *next_record(struct pool *p)
{
    while (!p->stop && !p->eof && !may_read(p)) pthread_cond_wait(&p->turn, &p->lock);
    if (p->stop || p->eof) return NULL;
    struct slot *s = &p->slot[p->n_read % p->n_slot];
    p->reading = true;
    pthread_mutex_unlock(&p->lock);
    uint64_t done, total;
    bool got = door_next(p->door, &s->item.rec, &s->item.in) > 0;
    door_progress(p->door, &done, &total);
    pthread_mutex_lock(&p->lock);
    p->done = done;
    p->total = total;
    p->reading = false;
    pthread_cond_broadcast(&p->turn);
    if (!got) {
        p->eof = true;
        return NULL;
    }
    s->done = false;
    s->item.input = p->n_read++;
    if (!s->item.out.p) {
        s->item.out = p->spare;
        p->spare = (struct buf){0};
    }
    p->in_flight += s->item.in.n;
    return s;
}

/* Slots keep little; of what is big one is kept for all. */
static void shrink(struct pool *p, struct pool_item *item)
{
    if (item->in.cap > KEEP_BYTES) buf_free(&item->in);
    if (item->out.cap <= KEEP_BYTES) return;
    if (p->spare.p || item->out.cap > SPARE_BYTES) {
        buf_free(&item->out);
        return;
    }
    p->spare = item->out;
    item->out = (struct buf){0};
}

static void write_ready(struct pool *p)
{
    if (p->writing) return;
    p->writing = true;
    while (!p->stop && p->n_written < p->n_read) {
        struct slot *s = &p->slot[p->n_written % p->n_slot];
        if (!s->done) break;
        pthread_mutex_unlock(&p->lock);
        int rc = p->job->write(p->job->ctx, &s->item);
        size_t n = s->item.in.n;
        pthread_mutex_lock(&p->lock);
        shrink(p, &s->item);
        if (rc) p->stop = rc;
        s->done = false;
        p->in_flight -= n;
        p->n_written++;
        pthread_cond_broadcast(&p->turn);
    }
    p->writing = false;
}

static void *run(void *arg)
{
    struct worker *me = arg;
    struct pool *p = me->p;
    pthread_mutex_lock(&p->lock);
    for (struct slot *s; (s = next_record(p));) {
        pthread_mutex_unlock(&p->lock);
        work(me, &s->item);
        pthread_mutex_lock(&p->lock);
        s->done = true;
        write_ready(p);
    }
    p->working--;
    pthread_cond_broadcast(&p->turn);
    pthread_cond_signal(&p->over);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ---- the calling thread: start, watch, end ---- */

static void watch(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (p->working) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000;
        if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
        pthread_cond_timedwait(&p->over, &p->lock, &until);
        if (!p->job->tick || !p->working) continue;
        uint64_t done = p->done, total = p->total;
        pthread_mutex_unlock(&p->lock);
        int rc = p->job->tick(p->job->ctx, done, total);
        pthread_mutex_lock(&p->lock);
        if (rc && !p->stop) {
            p->stop = rc; /* nothing is written from here on */
            door_stop(p->door);
            pthread_cond_broadcast(&p->turn);
        }
    }
    pthread_mutex_unlock(&p->lock);
}

static int start(struct pool *p, struct worker *w, unsigned n, const refrain_engine *e, const struct pool_options *opt,
                 refrain_error *err)
{
    for (unsigned i = 0; i < n; i++) {
        w[i].p = p;
        w[i].number = i;
        int rc = scanner_new(&w[i].scanner, e, &opt->scan, err);
        if (rc) return rc;
    }
    for (unsigned i = 0; i < n; i++) {
        pthread_mutex_lock(&p->lock);
        p->working++;
        pthread_mutex_unlock(&p->lock);
        if (pthread_create(&w[i].thread, NULL, run, &w[i]) == 0) continue;
        pthread_mutex_lock(&p->lock);
        p->working--;
        w[i].thread = 0;
        pthread_mutex_unlock(&p->lock);
        if (i == 0) return err_set(err, REFRAIN_E_NOMEM, "no thread could be started");
    }
    return 0;
}

int pool_run(struct door *door, const refrain_engine *engine, const struct pool_options *opt,
             const struct pool_job *job, refrain_error *err)
{
    unsigned n = pool_threads(opt->threads);
    struct pool p = {.door = door, .job = job, .budget = opt->in_flight ? opt->in_flight : IN_FLIGHT_DEFAULT};
    p.hash = opt->hash;
    p.n_slot = n * SLOTS_PER_THREAD + SPARE_SLOTS;
    p.slot = calloc(p.n_slot, sizeof *p.slot);
    struct worker *w = calloc(n, sizeof *w);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.turn, NULL);
    pthread_cond_init(&p.over, NULL);
    int rc = p.slot && w ? start(&p, w, n, engine, opt, err) : err_set(err, REFRAIN_E_NOMEM, "out of memory");
    if (!rc) watch(&p);
    for (unsigned i = 0; w && i < n; i++) {
        if (w[i].thread) pthread_join(w[i].thread, NULL);
        scanner_free(w[i].scanner);
    }
    for (size_t i = 0; p.slot && i < p.n_slot; i++) {
        buf_free(&p.slot[i].item.in);
        buf_free(&p.slot[i].item.out);
        free(p.slot[i].item.mark);
    }
    buf_free(&p.spare);
    free(p.slot);
    free(w);
    pthread_cond_destroy(&p.over);
    pthread_cond_destroy(&p.turn);
    pthread_mutex_destroy(&p.lock);
    return rc ? rc : p.stop;
}
