/* Options → engine; record bytes → walks. The only place that catches an
 * arena's out-of-memory jump: whatever a room does, it comes back as an error
 * of this one record. */
#include "engine.h"

#include <stdlib.h>

#include "report/report.h"
#include "turn/turn.h"

int engine_new(refrain_engine **out, const refrain_engine_options *opts, refrain_error *err)
{
    static const refrain_engine_options none = REFRAIN_ENGINE_OPTIONS_INIT;
    const refrain_engine_options *o = opts ? opts : &none;
    *out = NULL;
    if (o->country && *o->country && strlen(o->country) != 2)
        return err_set(err, REFRAIN_E_USAGE, "country '%s' is not an ISO 3166-1 alpha-2 code such as 'IE'", o->country);
    if (o->jurisdiction && strlen(o->jurisdiction) >= sizeof((refrain_engine){0}.jurisdiction))
        return err_set(err, REFRAIN_E_USAGE, "jurisdiction '%s' is not a code such as 'US-CA'", o->jurisdiction);

    refrain_engine *e = calloc(1, sizeof *e);
    if (!e) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    if (o->country)
        for (size_t i = 0; o->country[i]; i++)
            e->country[i] = (char)(o->country[i] >= 'a' && o->country[i] <= 'z' ? o->country[i] - 32 : o->country[i]);
    if (o->jurisdiction) strcpy(e->jurisdiction, o->jurisdiction);

    const struct directory_options dir = {o->directory_dir, o->as_of, o->stale_days};
    int rc = pack_load(&e->pack, o->pack_dir, err);
    if (!rc) rc = directory_load(&e->dir, &dir, err);
    if (rc) {
        engine_free(e);
        return rc;
    }
    turn_add_up(e->pack);
    *out = e;
    return 0;
}

void engine_free(refrain_engine *e)
{
    if (!e) return;
    if (e->pack) pack_free(e->pack);
    if (e->dir) directory_free(e->dir);
    free(e);
}

int scanner_new(refrain_scanner **out, const refrain_engine *e, const struct scanner_options *opt, refrain_error *err)
{
    *out = NULL;
    refrain_scanner *s = calloc(1, sizeof *s);
    if (!s) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    s->engine = e;
    s->opt = opt ? *opt : SCANNER_OPTIONS_DEFAULT;
    if (s->opt.memory == 0) s->opt.memory = SCANNER_MEMORY_DEFAULT;
    arena_init(&s->parse, s->opt.memory);
    arena_init(&s->work, s->opt.memory);
    *out = s;
    return 0;
}

void scanner_free(refrain_scanner *s)
{
    if (!s) return;
    arena_free(&s->parse);
    arena_free(&s->work);
    buf_free(&s->report);
    free(s);
}

/* A giant record's blocks go back, so that memory follows the usual record. */
static void arena_renew(struct arena *a)
{
    enum { KEEP = 32 << 20 };
    if (a->used > KEEP) arena_free(a);
    else arena_reset(a);
}

static int out_of_memory(const refrain_scanner *s, const struct arena *a, refrain_error *err)
{
    if (a->starved) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    return err_set(err, REFRAIN_E_NOMEM, "needs more than %zu MiB of memory to analyse", s->opt.memory >> 20);
}

static void name_conv(refrain_scanner *s, struct conv *c, size_t i, const struct origin *from)
{
    c->path = str_of(from->path);
    c->record = from->record;
    if (c->id.n) return;
    char *z = s->n_conv > 1
                  ? arena_printf(&s->parse, "%s#%llu.%zu", from->path, (unsigned long long)from->record, i + 1)
                  : arena_printf(&s->parse, "%s#%llu", from->path, (unsigned long long)from->record);
    c->id = str_of(z);
}

int scanner_record(refrain_scanner *s, str bytes, const struct origin *from, refrain_error *err)
{
    s->conv = NULL;
    s->n_conv = 0;
    arena_renew(&s->work);
    arena_renew(&s->parse);
    jmp_buf oom;
    if (setjmp(oom)) {
        s->parse.on_oom = NULL;
        s->n_conv = 0;
        return out_of_memory(s, &s->parse, err);
    }
    s->parse.on_oom = &oom;
    const struct conv_options opt = {s->opt.format, s->opt.limits, from->writable};
    int rc = conv_parse(&s->conv, &s->n_conv, &s->parse, bytes, &opt, err);
    for (size_t i = 0; !rc && i < s->n_conv; i++) name_conv(s, &s->conv[i], i, from);
    s->parse.on_oom = NULL;
    if (rc) s->n_conv = 0;
    return rc;
}

int scanner_walk_conv(refrain_scanner *s, struct conv *conv, const struct walk **out, refrain_error *err)
{
    *out = NULL;
    arena_renew(&s->work);
    jmp_buf oom;
    if (setjmp(oom)) {
        s->work.on_oom = NULL;
        return out_of_memory(s, &s->work, err);
    }
    s->work.on_oom = &oom;
    struct walk *w = &s->walk;
    memset(w, 0, sizeof *w);
    w->a = &s->work;
    w->pack = s->engine->pack;
    w->dir = s->engine->dir;
    w->stems = &s->stems;
    w->caller_country = s->engine->country;
    w->caller_jurisdiction = s->engine->jurisdiction;
    /* a copy, so that a room's warnings grow in this walk's arena and the
     * caller's conversation can be walked again */
    w->conv = arena_new(&s->work, struct conv);
    *w->conv = *conv;
    w->conv->warnings.cap = w->conv->warnings.n;
    walk_run(w);
    report_view(w);
    s->work.on_oom = NULL;
    *out = w;
    return 0;
}

int scanner_walk(refrain_scanner *s, size_t i, const struct walk **out, refrain_error *err)
{
    return scanner_walk_conv(s, &s->conv[i], out, err);
}
