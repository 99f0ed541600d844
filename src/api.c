/* The public names of engine and scanner: checks arguments, copies options of
 * any version into today's structs, hands on. Nothing is decided here. */
#include "api.h"

#include "report/report.h"

const char *refrain_version(void) { return REFRAIN_VERSION; }

/* A caller's option struct, which begins with its size, over defaults. An older caller's is shorter: what it does
 * not have keeps its default. */
static int copy_options(void *into, size_t into_size, const void *from, const char *init, refrain_error *err)
{
    if (!from) return 0;
    size_t given;
    memcpy(&given, from, sizeof given);
    if (given < sizeof given || given > 4096)
        return err_set(err, REFRAIN_E_USAGE, "the options' size is %zu; begin with %s", given, init);
    memcpy(into, from, given < into_size ? given : into_size);
    return 0;
}

int api_limits(struct conv_limits *out, const refrain_limits *limits, refrain_error *err)
{
    refrain_limits l = REFRAIN_LIMITS_INIT;
    int rc = copy_options(&l, sizeof l, limits, "REFRAIN_LIMITS_INIT", err);
    if (rc) return rc;
    static const struct conv_limits d = CONV_LIMITS_DEFAULT;
    *out = (struct conv_limits){l.record_bytes ? l.record_bytes : d.record_bytes, l.turns ? l.turns : d.turns,
                                l.turn_bytes ? l.turn_bytes : d.turn_bytes};
    return 0;
}

static int no_pointer(const char *what, refrain_error *err)
{
    return err_set(err, REFRAIN_E_USAGE, "%s is NULL", what);
}

int refrain_engine_new(refrain_engine **out, const refrain_engine_options *opts, refrain_error *err)
{
    if (!out) return no_pointer("out", err);
    *out = NULL;
    refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
    int rc = copy_options(&o, sizeof o, opts, "REFRAIN_ENGINE_OPTIONS_INIT", err);
    if (rc) return rc;
    if (o.flags) return err_set(err, REFRAIN_E_USAGE, "flags are 0x%x; none is known yet", o.flags);
    o.size = sizeof o;
    return engine_new(out, &o, err);
}

void refrain_engine_free(refrain_engine *engine) { engine_free(engine); }

int refrain_scanner_new(refrain_scanner **out, const refrain_engine *engine, const refrain_limits *limits,
                        refrain_error *err)
{
    if (!out) return no_pointer("out", err);
    *out = NULL;
    if (!engine) return no_pointer("engine", err);
    struct scanner_options opt = SCANNER_OPTIONS_DEFAULT;
    int rc = api_limits(&opt.limits, limits, err);
    return rc ? rc : scanner_new(out, engine, &opt, err);
}

void refrain_scanner_free(refrain_scanner *scanner) { scanner_free(scanner); }

static bool known_format(const char *name)
{
    for (const char *const *f = conv_formats; *f; f++)
        if (strcmp(*f, name) == 0) return true;
    return false;
}

static int unknown_format(const char *name, refrain_error *err)
{
    size_t n = 0;
    while (conv_formats[n]) n++;
    const char *near = err_nearest(name, conv_formats, n);
    return near ? err_set(err, REFRAIN_E_USAGE, "unknown input format '%s'; did you mean '%s'?", name, near)
                : err_set(err, REFRAIN_E_USAGE, "unknown input format '%s'", name);
}

int api_report(refrain_str *report, refrain_scanner *s, str record, const struct origin *from, refrain_error *err)
{
    buf_clear(&s->report);
    int rc = scanner_record(s, record, from, err);
    if (rc) return rc;
    for (size_t i = 0; i < s->n_conv; i++) {
        const struct walk *w;
        if ((rc = scanner_walk(s, i, &w, err))) return rc;
        if (i) buf_putc(&s->report, '\n');
        report_json(&s->report, w);
    }
    if (s->report.oom) return err_set(err, REFRAIN_E_NOMEM, "out of memory for the report");
    *report = (refrain_str){s->report.p, s->report.n};
    return 0;
}

int refrain_scan(refrain_str *report, refrain_scanner *scanner, refrain_str record, const char *input_format,
                 refrain_error *err)
{
    if (!report) return no_pointer("report", err);
    *report = (refrain_str){NULL, 0};
    if (!scanner) return no_pointer("scanner", err);
    if (!record.ptr && record.len) return no_pointer("record.ptr", err);
    if (input_format && !known_format(input_format)) return unknown_format(input_format, err);
    scanner->opt.format = input_format;
    const struct origin from = {"", 1};
    return api_report(report, scanner, (str){record.ptr ? record.ptr : "", record.len}, &from, err);
}
