/* A byte of options, then bytes as a file, plain or compressed: the door gives
 * the same records however few bytes a read brings, and whatever signal
 * interrupts it. Linked with --wrap=read. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "in/door.h"

ssize_t __real_read(int fd, void *to, size_t n);
ssize_t __wrap_read(int fd, void *to, size_t n);

static bool in_pieces;
static uint64_t seed;

ssize_t __wrap_read(int fd, void *to, size_t n)
{
    if (!in_pieces) return __real_read(fd, to, n);
    unsigned k = fuzz_random(&seed, 40);
    if (k == 0) return errno = EINTR, -1;
    return __real_read(fd, to, k < n ? k : n);
}

/* What passed the door, as one text. */
static void walk_through(struct buf *out, const char *path, const struct door_options *o)
{
    struct door *d;
    struct record rec;
    struct buf bytes = {0};
    CHECK(door_open(&d, &path, 1, o, NULL) == 0);
    for (uint64_t n = 1; door_next(d, &rec, &bytes) > 0; n++) {
        CHECK(rec.number == n && strcmp(rec.path, path) == 0);
        buf_printf(out, "%llu %llu %d %s\n", (unsigned long long)rec.number, (unsigned long long)rec.offset, rec.status, rec.reason);
        if (rec.status) CHECK(rec.reason[0]);
        else CHECK(rec.bytes.n <= o->record_bytes && rec.bytes.p[rec.bytes.n] == 0);
        if (!rec.status) buf_put(out, rec.bytes.p, rec.bytes.n);
    }
    door_close(d);
    buf_free(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    static int fd = -1;
    static char path[32];
    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, data + 1, size - 1, 0) == (ssize_t)(size - 1));
    static const char *const formats[] = {NULL, "openai", "text", NULL};
    struct door_options o = DOOR_OPTIONS_DEFAULT;
    o.record_bytes = data[0] & 4 ? 300 : 1 << 20;
    o.total_max = data[0] & 8 ? 5000 : 16 << 20;
    o.format = formats[data[0] & 3];
    struct buf whole = {0}, pieces = {0};
    walk_through(&whole, path, &o);
    in_pieces = true;
    seed = hash_bytes(data, size, 2);
    walk_through(&pieces, path, &o);
    in_pieces = false;
    CHECK(str_eq((str){whole.p, whole.n}, (str){pieces.p, pieces.n}));
    buf_free(&whole);
    buf_free(&pieces);
    return 0;
}
