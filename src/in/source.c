/* A file's bytes: plain, gzip or zstd, told by content, through one buffer.
 * Owns the descriptor, the read buffer and the decoders. */
#include "in/source.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { SOURCE_BUF = 512 << 10, RAW_BUF = 256 << 10, ZSTD_FRAME_BEGINS = 5 /* bytes that say how long its header is */, ZSTD_BLOCK_HEADER = 3, WAIT_MS = 100 };
/* A small file may repeat itself at will; the ratio counts from here. */
#define RATIO_FREE (16u << 20)

enum coding { CODING_UNKNOWN, CODING_PLAIN, CODING_GZIP, CODING_ZSTD };

struct source {
    int fd;
    enum coding coding;
    struct source_options opt;
    _Atomic uint64_t *read_bytes;
    struct window w;
    char *buf;                     /* SOURCE_BUF decoded bytes */
    char *raw, *raw_at, *raw_end;  /* RAW_BUF bytes as in the file, when coded */
    bool raw_eof;
    bool in_member;                /* inside a gzip member or zstd frame */
    z_stream z;
    bool z_ready;
    ZSTD_DStream *zs;
    size_t zs_wants;               /* bytes to its next step: a header, a block, a checksum */
    uint64_t n_in, n_out;
    const char *late;              /* what is wrong behind the bytes just given */
    _Atomic bool halted;
    int status;
    char reason[160];
};

struct source *source_new(void)
{
    struct source *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->fd = -1;
    s->buf = malloc(SOURCE_BUF);
    s->raw = malloc(RAW_BUF);
    if (!s->buf || !s->raw) return source_free(s), NULL;
    return s;
}

void source_free(struct source *s)
{
    if (!s) return;
    source_stop(s);
    if (s->z_ready) inflateEnd(&s->z);
    ZSTD_freeDStream(s->zs);
    free(s->buf);
    free(s->raw);
    free(s);
}

void source_start(struct source *s, int fd, const struct source_options *opt, _Atomic uint64_t *read_bytes)
{
    source_stop(s);
    s->fd = fd;
    s->opt = *opt;
    s->read_bytes = read_bytes;
    s->coding = CODING_UNKNOWN;
    s->w = (struct window){s->buf, s->buf};
    s->raw_at = s->raw_end = s->raw;
    s->raw_eof = s->in_member = false;
    s->n_in = s->n_out = 0;
    s->late = NULL;
    s->status = 0;
    s->reason[0] = 0;
}

void source_stop(struct source *s)
{
    if (s->fd > STDIN_FILENO) close(s->fd);
    s->fd = -1;
}

const char *source_reason(const struct source *s) { return s->reason; }
int source_status(const struct source *s) { return s->status; }
struct window *source_window(struct source *s) { return &s->w; }
size_t source_room(const struct source *s) { (void)s; return SOURCE_BUF; }

static enum source_state broken(struct source *s, int status, const char *what)
{
    s->status = status;
    snprintf(s->reason, sizeof s->reason, "%s", what);
    return SOURCE_BROKEN;
}

void source_halt(struct source *s) { s->halted = true; }

/* A pipe may say nothing for hours, and a read of it would outlast every wish to end. False: halted. */
static bool wait_for_bytes(struct source *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    while (!s->halted) {
        int n = poll(&p, 1, WAIT_MS);
        if (n > 0 || (n < 0 && errno != EINTR)) return true; /* an error is for read(2) to name */
    }
    return false;
}

/* One read(2), again after a signal. 0 at the end, -1 when broken. */
static ssize_t read_some(struct source *s, char *to, size_t n)
{
    ssize_t got;
    if (!wait_for_bytes(s)) return 0;
    do got = read(s->fd, to, n);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        char what[120];
        snprintf(what, sizeof what, "cannot read: %s", strerror(errno));
        broken(s, REFRAIN_E_IO, what);
    } else {
        s->n_in += (uint64_t)got;
        *s->read_bytes += (uint64_t)got;
    }
    return got;
}

static enum source_state fill_raw(struct source *s)
{
    s->raw_at = s->raw_end = s->raw;
    ssize_t got = read_some(s, s->raw, RAW_BUF);
    if (got < 0) return SOURCE_BROKEN;
    if (got == 0) s->raw_eof = true;
    s->raw_end += got;
    return got ? SOURCE_OK : SOURCE_END;
}

/* The first bytes say what the file is; four are enough. */
static enum source_state sniff(struct source *s)
{
    while (s->raw_end - s->raw < 4) {
        ssize_t got = read_some(s, s->raw_end, (size_t)(s->raw + RAW_BUF - s->raw_end));
        if (got < 0) return SOURCE_BROKEN;
        if (got == 0) break;
        s->raw_end += got;
    }
    size_t n = (size_t)(s->raw_end - s->raw);
    const unsigned char *p = (unsigned char *)s->raw;
    bool skippable = n >= 4 && (p[0] & 0xF0) == 0x50 && p[1] == 0x2A && p[2] == 0x4D && p[3] == 0x18;
    static const struct { const char *magic; size_t n; const char *what; } others[] = {
        {"PK\3\4", 4, "a zip file; unpack it first (Inspect's .eval: `inspect log dump`)"},
        {"BZh", 3, "a bzip2 file; unpack it first"},
        {"\xFD" "7zX", 4, "an xz file; unpack it first"},
        {"PAR1", 4, "a Parquet file; export it as JSONL first"},
        {"SQLi", 4, "a SQLite file; name the conversations (a store holds results only), or export it as JSONL"},
        {"%PDF", 4, "a PDF file"},
        {"\xFF\xFE", 2, "UTF-16 text; convert it to UTF-8 first"},
        {"\xFE\xFF", 2, "UTF-16 text; convert it to UTF-8 first"},
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (n >= others[i].n && memcmp(p, others[i].magic, others[i].n) == 0)
            return broken(s, REFRAIN_E_PARSE, others[i].what);
    s->coding = CODING_PLAIN;
    if (n >= 2 && p[0] == 0x1F && p[1] == 0x8B) {
        s->coding = CODING_GZIP;
        if (s->z_ready ? inflateReset(&s->z) != Z_OK : inflateInit2(&s->z, 15 + 16) != Z_OK)
            return broken(s, REFRAIN_E_NOMEM, "out of memory");
        s->z_ready = true;
        s->in_member = true;
    } else if (skippable || (n >= 4 && memcmp(p, "\x28\xB5\x2F\xFD", 4) == 0)) {
        s->coding = CODING_ZSTD;
        if (!s->zs) s->zs = ZSTD_createDStream();
        if (!s->zs) return broken(s, REFRAIN_E_NOMEM, "out of memory");
        ZSTD_initDStream(s->zs);
        s->zs_wants = ZSTD_FRAME_BEGINS;
    } else {
        memcpy(s->w.end, s->raw, n);
        s->w.end += n;
        s->n_out += n;
    }
    return SOURCE_OK;
}

/* Behind a gzip member: another one, zero padding, or nothing. */
static enum source_state next_member(struct source *s)
{
    for (;;) {
        while (s->raw_at < s->raw_end && *s->raw_at == 0) s->raw_at++;
        if (s->raw_at < s->raw_end) break;
        enum source_state st = fill_raw(s);
        if (st != SOURCE_OK) return st;
    }
    if ((unsigned char)*s->raw_at != 0x1F) return broken(s, REFRAIN_E_PARSE, "gzip: other data behind the last member");
    inflateReset(&s->z);
    return SOURCE_OK;
}

static enum source_state more_gzip(struct source *s, size_t room)
{
    for (;;) {
        if (!s->in_member) {
            enum source_state st = next_member(s);
            if (st != SOURCE_OK) return st;
            s->in_member = true;
        }
        if (s->raw_at == s->raw_end && !s->raw_eof && fill_raw(s) == SOURCE_BROKEN) return SOURCE_BROKEN;
        s->z.next_in = (unsigned char *)s->raw_at;
        s->z.avail_in = (unsigned)(s->raw_end - s->raw_at);
        s->z.next_out = (unsigned char *)s->w.end;
        s->z.avail_out = (unsigned)room;
        int rc = inflate(&s->z, Z_NO_FLUSH); /* without input too: it may hold output back */
        size_t got = room - s->z.avail_out;
        s->raw_at = (char *)s->z.next_in;
        s->w.end += got;
        s->n_out += got;
        if (rc == Z_STREAM_END) s->in_member = false;
        else if (rc == Z_MEM_ERROR) return broken(s, REFRAIN_E_NOMEM, "out of memory");
        else if (rc != Z_OK && rc != Z_BUF_ERROR) s->late = "gzip: damaged data";
        if (got) return SOURCE_OK;
        if (s->late) return broken(s, REFRAIN_E_PARSE, s->late);
        if (s->in_member && s->raw_eof && s->raw_at == s->raw_end)
            return broken(s, REFRAIN_E_PARSE, "gzip: truncated, the data end early");
    }
}

/* One step a call: where damage is found, all that stood before it has been handed out. */
static enum source_state more_zstd(struct source *s, size_t room)
{
    for (;;) {
        bool starved = s->raw_at == s->raw_end;
        if (starved && !s->raw_eof && fill_raw(s) == SOURCE_BROKEN) return SOURCE_BROKEN;
        size_t here = (size_t)(s->raw_end - s->raw_at);
        /* what it wants has the next block's header at its end: damage there must not cost this block. By bytes from
         * there on: whatever a read brought, as much is handed out before a frame that ends wrongly. */
        size_t step = s->zs_wants > ZSTD_BLOCK_HEADER ? s->zs_wants - ZSTD_BLOCK_HEADER : 1;
        ZSTD_inBuffer in = {s->raw_at, here < step ? here : step, 0};
        ZSTD_outBuffer out = {s->w.end, room, 0};
        if (in.size == 0 && !s->in_member) return SOURCE_END;
        size_t rc = ZSTD_decompressStream(s->zs, &out, &in);
        s->raw_at += in.pos;
        s->w.end += out.pos;
        s->n_out += out.pos;
        if (ZSTD_isError(rc)) {
            char what[120];
            snprintf(what, sizeof what, "zstd: %s", ZSTD_getErrorName(rc));
            return broken(s, REFRAIN_E_PARSE, what);
        }
        s->in_member = rc != 0;
        s->zs_wants = rc ? rc : ZSTD_FRAME_BEGINS;
        if (out.pos) return SOURCE_OK;
        if (s->raw_eof && s->raw_at == s->raw_end && s->in_member)
            return broken(s, REFRAIN_E_PARSE, "zstd: truncated, the data end early");
    }
}

/* True: over one, and told. */
static bool check_limits(struct source *s)
{
    char what[140];
    if (s->opt.total_max && s->n_out > s->opt.total_max) {
        uint64_t over = s->n_out - s->opt.total_max, held = (uint64_t)(s->w.end - s->w.at);
        s->w.end -= over < held ? over : held;
        snprintf(what, sizeof what, "more than %llu bytes in one file, which is the limit; the rest is left out",
                 (unsigned long long)s->opt.total_max);
        return broken(s, REFRAIN_E_LIMIT, what), true;
    }
    if (s->coding != CODING_PLAIN && s->opt.ratio_max && s->n_out > RATIO_FREE && s->n_out / s->opt.ratio_max > s->n_in) {
        snprintf(what, sizeof what, "unpacks to more than %llu times its size, which is the limit; the rest is left out",
                 (unsigned long long)s->opt.ratio_max);
        return broken(s, REFRAIN_E_LIMIT, what), true;
    }
    return false;
}

enum source_state source_more(struct source *s)
{
    if (s->status) return SOURCE_BROKEN;
    if (s->late) return broken(s, REFRAIN_E_PARSE, s->late);
    if (s->w.at == s->w.end) {
        s->w.at = s->w.end = s->buf;
    } else if (s->w.at > s->buf && s->w.end == s->buf + SOURCE_BUF) {
        memmove(s->buf, s->w.at, (size_t)(s->w.end - s->w.at));
        s->w.end = s->buf + (s->w.end - s->w.at);
        s->w.at = s->buf;
    }
    if (s->coding == CODING_UNKNOWN) {
        enum source_state st = sniff(s);
        if (st != SOURCE_OK) return st;
    }
    size_t room = (size_t)(s->buf + SOURCE_BUF - s->w.end);
    if (room == 0) return SOURCE_OK;
    enum source_state st;
    if (s->coding == CODING_PLAIN) {
        ssize_t got = read_some(s, s->w.end, room);
        if (got < 0) return SOURCE_BROKEN;
        s->w.end += got;
        s->n_out += (uint64_t)got;
        st = got ? SOURCE_OK : SOURCE_END;
    } else {
        st = s->coding == CODING_GZIP ? more_gzip(s, room) : more_zstd(s, room);
    }
    return st == SOURCE_BROKEN ? st : check_limits(s) ? SOURCE_BROKEN : st;
}
