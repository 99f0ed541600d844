/* What several commands share: engine and input options, messages, output. */
#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

const char *cli_program = "refrain";

/* ---- options ---- */

const struct opt engine_opts[] = {
    {.name = "country",
     .kind = OPT_COUNTRY,
     .arg = "CC",
     .at = offsetof(struct engine_args, country),
     .help = "where the people are (ISO 3166-1 alpha-2) when neither they nor the record say so"},
    {.name = "jurisdiction",
     .kind = OPT_STRING,
     .arg = "CODE",
     .at = offsetof(struct engine_args, jurisdiction),
     .help = "whose law applies, such as US-CA; without it gate G10 stays away"},
    {.name = "as-of",
     .kind = OPT_STRING,
     .arg = "DATE",
     .at = offsetof(struct engine_args, as_of),
     .help = "judge helplines as of this day (YYYY-MM-DD); default today"},
    {.name = "stale-days",
     .kind = OPT_NUMBER,
     .arg = "N",
     .at = offsetof(struct engine_args, stale_days),
     .max = 100000,
     .help = "a helpline's evidence is stale after N days; default 90"},
    {.name = "directory",
     .kind = OPT_DIR,
     .arg = "DIR",
     .at = offsetof(struct engine_args, directory),
     .help = "helplines of your own, laid over the built-in ones"},
    {.name = "pack",
     .kind = OPT_DIR,
     .arg = "DIR",
     .at = offsetof(struct engine_args, pack),
     .help = "cues, constructs and models of your own, laid over the built-in pack file by file"},
    {0},
};

const struct opt input_opts[] = {
    {.name = "input-format",
     .kind = OPT_STRING,
     .arg = "NAME",
     .at = offsetof(struct input_args, format),
     .help = "take every record for this format: openai, openai-pair, anthropic, sharegpt, wildchat, lmsys, inspect, chatgpt, pair or text; default: detected, record by record"},
    {.name = "max-record",
     .kind = OPT_SIZE,
     .arg = "SIZE",
     .at = offsetof(struct input_args, max_record),
     .min = 1,
     .help = "reject longer records; default 64M"},
    {.name = "max-turns",
     .kind = OPT_NUMBER,
     .arg = "N",
     .at = offsetof(struct input_args, max_turns),
     .min = 1,
     .max = 100000000,
     .help = "reject conversations of more turns; default 10000"},
    {.name = "max-turn",
     .kind = OPT_SIZE,
     .arg = "SIZE",
     .at = offsetof(struct input_args, max_turn),
     .min = 1,
     .help = "reject conversations with a longer turn; default 1M"},
    {.name = "max-memory",
     .kind = OPT_SIZE,
     .arg = "SIZE",
     .at = offsetof(struct input_args, max_memory),
     .min = 1 << 16,
     .help = "reject records whose analysis takes more memory; default 1G, at least 64k"},
    {.name = "max-ratio",
     .kind = OPT_NUMBER,
     .arg = "N",
     .at = offsetof(struct input_args, max_ratio),
     .min = 1,
     .max = 1000000000,
     .help = "stop reading a compressed file that grows more than N-fold; default 1000"},
    {.name = "max-unpacked",
     .kind = OPT_SIZE,
     .arg = "SIZE",
     .at = offsetof(struct input_args, max_unpacked),
     .min = 1,
     .help = "stop reading a file after so many bytes, unpacked; default 1T"},
    {0},
};

int cli_engine(refrain_engine **out, const struct engine_args *a)
{
    refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
    o.pack_dir = a->pack;
    o.directory_dir = a->directory;
    o.as_of = a->as_of;
    o.country = a->country;
    o.jurisdiction = a->jurisdiction;
    o.stale_days = (uint32_t)a->stale_days;
    refrain_error err = {0};
    if (engine_new(out, &o, &err)) return cli_error_of(&err);
    if (!cli_jurisdiction_check(a->jurisdiction, (*out)->dir)) return 0; /* a directory may bring laws of its own */
    engine_free(*out);
    *out = NULL;
    return FAILED;
}

struct scanner_options cli_scanner_options(const struct input_args *a)
{
    return (struct scanner_options){a->format, {a->max_record, a->max_turns, a->max_turn}, a->max_memory};
}

static int check_format(const char *format)
{
    if (!format) return 0;
    size_t n = 0;
    for (; conv_formats[n]; n++)
        if (!strcmp(conv_formats[n], format)) return 0;
    const char *near = err_nearest(format, conv_formats, n);
    if (near) return cli_error("--input-format: unknown format '%s'; did you mean '%s'?", format, near);
    struct buf list = {0};
    for (size_t i = 0; i < n; i++) buf_printf(&list, "%s%s", i ? ", " : "", conv_formats[i]);
    cli_error("--input-format: unknown format '%s'; one of %.*s", format, (int)list.n, list.p ? list.p : "");
    buf_free(&list);
    return FAILED;
}

int cli_door(struct door **out, const char *const *path, size_t n, const struct input_args *a)
{
    int rc = check_format(a->format);
    if (rc) return rc;
    struct door_options o = DOOR_OPTIONS_DEFAULT;
    o.record_bytes = a->max_record;
    o.ratio_max = a->max_ratio;
    o.total_max = a->max_unpacked;
    o.format = a->format;
    refrain_error err = {0};
    if (door_open(out, path, n, &o, &err)) return cli_error_of(&err);
    const char *first;
    size_t own = door_own_results(*out, &first);
    if (own == 1) cli_say("refrain: note: %s holds results of refrain itself and was left out", first);
    if (own > 1) cli_say("refrain: note: %zu files hold results of refrain itself and were left out, the first %s", own, first);
    return 0;
}

/* ---- messages ---- */

static void say(const char *prefix, const char *fmt, va_list ap)
{
    char z[2048];
    vsnprintf(z, sizeof z, fmt, ap);
    struct buf b = {0};
    const struct term t = cli_term(stderr);
    buf_puts(&b, prefix);
    for (const char *p = z; *p;) { /* lines of our own stay lines */
        size_t n = strcspn(p, "\n");
        term_clean(&b, &t, (str){p, n});
        if (p[n]) buf_putc(&b, '\n');
        p += n + (p[n] != 0);
    }
    buf_putc(&b, '\n');
    if (b.oom) fputs("refrain: out of memory\n", stderr);
    else fwrite(b.p, 1, b.n, stderr);
    buf_free(&b);
}

int cli_error(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say("refrain: ", fmt, ap);
    va_end(ap);
    return FAILED;
}

void cli_say(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say("", fmt, ap);
    va_end(ap);
}

/* Messages about files already begin with file:line; see the house style. */
int cli_error_of(const refrain_error *e) { return cli_error("%s", e->message); }

struct term cli_term(FILE *f)
{
    struct term t = {80, false, true};
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM"), *columns = getenv("COLUMNS");
    struct winsize size;
    bool tty = isatty(fileno(f));
    t.color = tty && !(no && *no) && !(term && !strcmp(term, "dumb"));
    if (tty) t.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
    if (tty && ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col) t.width = size.ws_col;
    if (columns && atoi(columns) > 0) t.width = atoi(columns);
    if (t.width < 40) t.width = 40;
    if (t.width > 120) t.width = 120; /* longer lines are hard to read */
    return t;
}

int cli_print(struct buf *b)
{
    struct sink s;
    int rc = sink_open(&s, NULL);
    if (!rc && (b->oom || buf_lost)) rc = cli_error("out of memory");
    if (!rc) rc = sink_write(&s, b->p, b->n);
    if (!rc) rc = sink_close(&s, true);
    buf_free(b);
    return rc == SINK_CLOSED ? DONE : rc;
}

/* ---- sink ---- */

/* A stream of ours by another name (/dev/stdout, or a link to it): the caller holds open what is behind it. */
static int own_stream(const struct stat *st)
{
    struct stat own;
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (fstat(fd, &own) == 0 && own.st_dev == st->st_dev && own.st_ino == st->st_ino) return fd;
    return -1;
}

/* What cannot be renamed over is written as it stands: a device, a pipe, a stream of ours. */
static int sink_in_place(struct sink *s, int fd)
{
    int copy = fd < 0 ? -1 : dup(fd);
    s->f = fd < 0 ? fopen(s->path, "wb") : copy < 0 ? NULL : fdopen(copy, "wb");
    return s->f ? 0 : cli_error("%s: %s", s->path, strerror(errno));
}

int sink_open(struct sink *s, const char *path)
{
    *s = (struct sink){.f = stdout};
    if (!path || !strcmp(path, "-")) return 0;
    s->path = path;
    s->f = NULL;
    struct stat st, link;
    bool there = stat(path, &st) == 0, linked = lstat(path, &link) == 0 && S_ISLNK(link.st_mode);
    if (there && S_ISDIR(st.st_mode)) return cli_error("%s: is a directory", path);
    if (there && !S_ISREG(st.st_mode)) return sink_in_place(s, -1);
    if (linked && !there) return cli_error("%s: a symbolic link to nothing", path);
    if (linked && own_stream(&st) >= 0) return sink_in_place(s, own_stream(&st));
    if (linked && !(s->real = realpath(path, NULL))) return cli_error("%s: %s", path, strerror(errno));
    struct buf temp = {0};
    buf_printf(&temp, "%s.XXXXXX", s->real ? s->real : path);
    buf_putc(&temp, 0);
    s->temp = temp.p;
    int fd = temp.oom ? -1 : mkstemp(s->temp);
    mode_t mask = umask(0);
    umask(mask);
    if (fd >= 0) fchmod(fd, there ? st.st_mode & 0777 : 0666 & ~mask); /* a file kept to oneself stays so */
    s->f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (s->f) return 0;
    int rc = cli_error("%s: %s", path, strerror(errno));
    if (fd >= 0) close(fd), unlink(s->temp);
    free(s->temp);
    free(s->real);
    s->temp = s->real = NULL;
    return rc;
}

static int sink_error(const struct sink *s)
{
    if (errno == EPIPE) return SINK_CLOSED;
    return cli_error("%s: %s", s->path ? s->path : "standard output", strerror(errno));
}

static int write_clean(struct sink *s, const char *p, size_t n)
{
    const struct term t = cli_term(s->f);
    struct buf b = {0};
    for (size_t i = 0; i < n;) {
        const char *line = memchr(p + i, '\n', n - i);
        size_t end = line ? (size_t)(line - p) : n;
        term_clean(&b, &t, str_sub((str){p, n}, i, end));
        if (line) buf_putc(&b, '\n');
        i = end + 1;
    }
    s->clean = false;
    int rc = b.oom ? cli_error("out of memory") : sink_write(s, b.p, b.n);
    s->clean = true;
    buf_free(&b);
    return rc;
}

int sink_write(struct sink *s, const void *p, size_t n)
{
    if (s->clean && n) return write_clean(s, p, n);
    if (n == 0 || fwrite(p, 1, n, s->f) == n) return 0;
    return sink_error(s);
}

int sink_close(struct sink *s, bool keep)
{
    int rc = 0;
    if (!s->f) return 0;
    if (keep && fflush(s->f)) rc = sink_error(s);
    if (s->f != stdout && fclose(s->f) && !rc && keep) rc = sink_error(s);
    s->f = NULL;
    if (s->temp) {
        if (!keep || rc) unlink(s->temp);
        else if (rename(s->temp, s->real ? s->real : s->path)) rc = sink_error(s), unlink(s->temp);
        free(s->temp);
        free(s->real);
        s->temp = s->real = NULL;
    }
    return rc;
}
