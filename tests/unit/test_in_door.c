/* The door: files, directories, pipes, gzip and zstd into records. */
#include "in_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "in/door.h"

static char dir[256];

static const char *at(const char *name)
{
    static char path[4][600];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static const char *put_n(const char *name, const void *p, size_t n)
{
    const char *path = at(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
    return path;
}
static const char *put(const char *name, const char *text) { return put_n(name, text, strlen(text)); }

static size_t gzip(const char *text, size_t n, char *out, size_t room)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)text;
    z.avail_in = (unsigned)n;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t got = z.total_out;
    deflateEnd(&z);
    return got;
}

/* All records of a run, one line each: "bytes" or "!reason". */
struct run {
    struct buf all;
    size_t n, rejects;
    uint64_t last_offset;
};
static struct run run_with(const char *const *path, size_t n, const struct door_options *opt)
{
    struct run r = {{0}};
    struct door *d;
    refrain_error err = {0};
    int rc = door_open(&d, path, n, opt, &err);
    if (rc) print_error("%s\n", err.message);
    assert_int_equal(rc, 0);
    struct record rec;
    struct buf into = {0};
    while (door_next(d, &rec, &into)) {
        assert_int_equal(rec.input, r.n);
        r.n++;
        r.last_offset = rec.offset;
        if (rec.status) {
            r.rejects++;
            buf_printf(&r.all, "!%s\n", rec.reason);
            assert_int_equal(rec.bytes.n, 0);
        } else {
            for (size_t i = 0; i <= CONV_PADDING; i++) assert_int_equal(rec.bytes.p[rec.bytes.n + i], 0);
            buf_str(&r.all, rec.bytes);
            buf_putc(&r.all, '\n');
        }
        assert_true(r.n < 100000);
    }
    uint64_t done, total;
    door_progress(d, &done, &total);
    if (total) assert_true(done <= total);
    door_close(d);
    buf_free(&into);
    buf_putc(&r.all, 0);
    return r;
}
static void expect_opt(const char *path, const struct door_options *opt, const char *want)
{
    struct run r = run_with(&path, 1, opt);
    if (strcmp(r.all.p, want) != 0) print_error("got:\n%s\nwant:\n%s\n", r.all.p, want);
    assert_string_equal(r.all.p, want);
    buf_free(&r.all);
}
static void expect(const char *path, const char *want) { expect_opt(path, NULL, want); }

static void lines__are_records_and_blank_ones_are_not(void **state)
{
    (void)state;
    expect(put("a.jsonl", "{\"a\":1}\n\n  {\"a\":2}\r\n{\"a\":3}"), "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
}

static void lines__a_broken_one_is_only_itself(void **state)
{
    (void)state;
    expect(put("b.jsonl", "{\"a\":1}\n{\"a\":\n{\"a\":3}\n"), "{\"a\":1}\n{\"a\":\n{\"a\":3}\n");
    expect(put("b.jsonl", "{\"a\": [\n{\"a\":2}\n{\"a\":3}\n"), "{\"a\": [\n{\"a\":2}\n{\"a\":3}\n");
    expect(put("b.jsonl", "{\"a\":\"x\n{\"a\":2}\n"), "{\"a\":\"x\n{\"a\":2}\n");
    expect(put("b.jsonl", "rubbish\n{\"a\":2}\n"), "rubbish\n{\"a\":2}\n");
}

static void values__pretty_printed_documents_follow_each_other(void **state)
{
    (void)state;
    static const char text[] = "{\n  \"a\": \"}{\\\"\",\n  \"b\": [1,\n {\"c\": 2}]\n}\n{\n  \"a\": 2\n}{\"a\": 3}\n";
    expect(put("c.json", text), "{\n  \"a\": \"}{\\\"\",\n  \"b\": [1,\n {\"c\": 2}]\n}\n{\n  \"a\": 2\n}\n{\"a\": 3}\n");
}

static void values__may_stand_among_lines(void **state)
{
    (void)state;
    expect(put("c.json", "{\"a\":1}\n{\n \"a\": 2\n}\n{\"a\":3}\n"), "{\"a\":1}\n{\n \"a\": 2\n}\n{\"a\":3}\n");
}

static void values__one_that_breaks_leaves_the_others(void **state)
{
    (void)state;
    static const char text[] = "{\n  \"a\": \"x\n}\n{\n  \"a\": 2\n}\n{\n  \"a\": [1}\n}\n{\n  \"a\": 4\n}\n";
    const char *path = put("d.json", text);
    struct run r = run_with(&path, 1, NULL);
    assert_int_equal(r.n, 4);
    assert_int_equal(r.rejects, 2);
    assert_non_null(strstr(r.all.p, "{\n  \"a\": 2\n}\n"));
    assert_non_null(strstr(r.all.p, "{\n  \"a\": 4\n}\n"));
    assert_non_null(strstr(r.all.p, "line ends inside a string"));
    assert_non_null(strstr(r.all.p, "bracket of the wrong kind"));
    buf_free(&r.all);
}

static void values__one_that_never_ends_leaves_the_others(void **state)
{
    (void)state;
    const char *path = put("e.json", "{\n  \"a\": {\n  \"b\": 1\n}\n{\n  \"a\": 2\n}\n{\n  \"a\": 3\n}\n");
    struct run r = run_with(&path, 1, NULL);
    assert_int_equal(r.rejects, 1);
    assert_int_equal(r.n, 3);
    assert_non_null(strstr(r.all.p, "does not end"));
    assert_non_null(strstr(r.all.p, "{\n  \"a\": 2\n}\n"));
    buf_free(&r.all);
}

static void array__is_streamed_by_element(void **state)
{
    (void)state;
    expect(put("f.json", "[{\"a\":1},{\"a\":\"]\"}]"), "{\"a\":1}\n{\"a\":\"]\"}\n");
    expect(put("f.json", " [\n  {\"a\": 1}\n ,\n\n  {\n   \"a\": [2]\n  }\n]\n"), "{\"a\": 1}\n{\n   \"a\": [2]\n  }\n");
    expect(put("f.json", "[]"), "");
    expect(put("f.json", "[42, {\"a\":1}, \"x, y\"]"), "42\n{\"a\":1}\n\"x, y\"\n");
    expect(put("f.json", "[{\"a\":1}]\n[{\"a\":2}]"), "{\"a\":1}\n{\"a\":2}\n");
}

static void array__that_ends_early_gives_the_good_ones_then_a_reject(void **state)
{
    (void)state;
    expect(put("g.json", "[{\"a\":1},{\"a\":2}"), "{\"a\":1}\n{\"a\":2}\n!broken JSON: the array does not end\n");
    expect(put("g.json", "[{\"a\":1},{\"a\":"), "{\"a\":1}\n!broken JSON: the value does not end\n");
}

static void array__a_broken_element_leaves_the_others(void **state)
{
    (void)state;
    expect(put("h.json", "[\n  {\"a\": 1},\n  {\"a\": \"x},\n  {\"a\": 3}\n]\n"),
           "{\"a\": 1}\n!broken JSON at byte 10: line ends inside a string\n{\"a\": 3}\n");
}

static void array__of_messages_is_one_record(void **state)
{
    (void)state;
    expect(put("i.json", "[{\"content\":\"a\",\"role\":\"user\"},\n{\"role\":\"assistant\",\"content\":\"b\"}]\n"),
           "[{\"content\":\"a\",\"role\":\"user\"},\n{\"role\":\"assistant\",\"content\":\"b\"}]\n");
}

static void array__elements_may_be_longer_than_the_read_buffer(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_puts(&b, "[");
    for (int k = 0; k < 3; k++) {
        buf_puts(&b, k ? ",{\"a\":\"" : "{\"a\":\"");
        for (int i = 0; i < 700000; i++) buf_puts(&b, "\\\"");
        buf_puts(&b, "\"}");
    }
    buf_puts(&b, "]");
    const char *path = put_n("j.json", b.p, b.n);
    struct run r = run_with(&path, 1, NULL);
    assert_int_equal(r.n, 3);
    assert_int_equal(r.rejects, 0);
    assert_int_equal(r.all.n, 3 * (1400000 + 9) + 1);
    buf_free(&r.all);
    buf_free(&b);
}

static void text__is_one_record(void **state)
{
    (void)state;
    expect(put("k.txt", "user: a\n\nagent: b\n{\"not\": \"json\"}\n"), "user: a\n\nagent: b\n{\"not\": \"json\"}\n\n");
    expect(put("k", "[user]: a\n[agent]: b"), "[user]: a\n[agent]: b\n");
    expect(put("k.txt", "no label\n{\"a\":1}\n"), "no label\n{\"a\":1}\n\n");
}

static void bom__is_skipped_and_empty_files_are_fine(void **state)
{
    (void)state;
    expect(put("l.jsonl", "\xEF\xBB\xBF{\"a\":1}\n"), "{\"a\":1}\n");
    expect(put("l.jsonl", ""), "");
    expect(put("l.jsonl", " \n\n"), "");
    expect(put("l.jsonl", "\xEF\xBB\xBF"), "");
    expect_opt(put_n("l.jsonl", "\xFF\xFE{\0", 4), NULL, "!UTF-16 text; convert it to UTF-8 first\n");
}

static void limit__a_long_record_is_rejected_and_skipped(void **state)
{
    (void)state;
    const struct door_options opt = {.record_bytes = 8};
    expect_opt(put("m.jsonl", "{\"a\":1}\n{\"a\":12345678}\n{\"a\":3}\n"), &opt, "{\"a\":1}\n!record of 15 bytes; the limit is 8\n{\"a\":3}\n");
    expect_opt(put("m.json", "[{\"a\":1},{\"a\":12345678},{\"a\":3}]"), &opt, "{\"a\":1}\n!record of 14 bytes; the limit is 8\n{\"a\":3}\n");
    expect_opt(put("m.txt", "user: a long one\n"), &opt, "!record of 17 bytes; the limit is 8\n");
}

static void gzip__members_follow_each_other(void **state)
{
    (void)state;
    char z[1000];
    size_t n = gzip("{\"a\":1}\n{\"a\"", 12, z, sizeof z);
    n += gzip(":2}\n", 4, z + n, sizeof z - n);
    expect(put_n("n.bin", z, n), "{\"a\":1}\n{\"a\":2}\n");
    memset(z + n, 0, 100); /* tape padding */
    expect(put_n("n.bin", z, n + 100), "{\"a\":1}\n{\"a\":2}\n");
    memcpy(z + n, "junk", 4);
    expect(put_n("n.bin", z, n + 4), "{\"a\":1}\n{\"a\":2}\n!gzip: other data behind the last member\n");
}

static void gzip__truncated_gives_the_good_records_then_a_reject(void **state)
{
    (void)state;
    struct buf text = {0};
    for (int i = 0; i < 20000; i++) buf_printf(&text, "{\"a\":%d,\"b\":\"%08x\"}\n", i, (unsigned)i * 2654435761u);
    char *z = malloc(text.n);
    size_t n = gzip(text.p, text.n, z, text.n);
    for (size_t cut = 1; cut < n / 2; cut += n / 7) {
        const char *path = put_n("o.gz", z, n - cut);
        struct run r = run_with(&path, 1, NULL);
        assert_int_equal(r.rejects, 1);
        assert_true(r.n > 2);
        const char *reject = strchr(r.all.p, '!');
        assert_true(str_has_prefix(str_of(reject), STR("!gzip: truncated")));
        assert_memory_equal(r.all.p, text.p, (size_t)(reject - r.all.p)); /* every good one, none mangled */
        buf_free(&r.all);
    }
    z[n / 2] ^= 0x55;
    const char *path = put_n("o.gz", z, n);
    struct run r = run_with(&path, 1, NULL);
    assert_int_equal(r.rejects, 1);
    assert_non_null(strstr(r.all.p, "!gzip: "));
    buf_free(&r.all);
    free(z);
    buf_free(&text);
}

static void zstd__is_read_and_truncation_told(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":1}\n{\"a\":2}\n";
    char z[1000];
    size_t n = ZSTD_compress(z, sizeof z, text, sizeof text - 1, 3);
    n += ZSTD_compress(z + n, sizeof z - n, "{\"a\":3}\n", 8, 3);
    expect(put_n("p.zst", z, n), "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    const char *path = put_n("p.zst", z, n - 3);
    struct run r = run_with(&path, 1, NULL);
    assert_int_equal(r.rejects, 1);
    assert_non_null(strstr(r.all.p, "zstd: truncated"));
    buf_free(&r.all);
}

static void ratio__a_bomb_is_cut_off(void **state)
{
    (void)state;
    size_t size = 40u << 20;
    char *zeros = malloc(size), *z = malloc(1 << 20);
    memset(zeros, ' ', size);
    memcpy(zeros, "{\"a\":1}\n", 8);
    size_t n = ZSTD_compress(z, 1 << 20, zeros, size, 3);
    const char *path = put_n("q.zst", z, n);
    struct run r = run_with(&path, 1, NULL);
    assert_int_equal(r.rejects, 1);
    assert_int_equal(r.n, 2);
    assert_non_null(strstr(r.all.p, "more than 1000 times its size"));
    buf_free(&r.all);
    expect_opt(put("q.jsonl", "{\"a\":1}\n{\"a\":2}\n"), &(struct door_options){.record_bytes = 100, .total_max = 10},
               "{\"a\":1}\n!more than 10 bytes in one file, which is the limit; the rest is left out\n");
    free(zeros);
    free(z);
}

static void directory__is_sorted_recursive_and_by_content(void **state)
{
    (void)state;
    mkdir(at("tree"), 0700);
    mkdir(at("tree/sub"), 0700);
    put("tree/b.jsonl", "{\"a\":2}\n");
    put("tree/a.txt", "user: a");
    put("tree/sub/data", "{\"a\":3}\n");
    put("tree/README.md", "# Words\n");
    put("tree/.hidden.jsonl", "{\"a\":9}\n");
    assert_int_equal(symlink("nowhere", at("tree/c.jsonl")), 0);
    assert_int_equal(symlink("..", at("tree/sub/loop")), 0);
    expect(at("tree"), "user: a\n{\"a\":2}\n!cannot open: No such file or directory\n{\"a\":3}\n");
    expect_opt(at("tree"), &(struct door_options){.record_bytes = 100},
               "{\"a\":2}\n!cannot open: No such file or directory\n{\"a\":3}\n"); /* text_ok off */
    expect(at("tree/*.jsonl"), "{\"a\":2}\n!cannot open: No such file or directory\n");
}

static void paths__that_are_not_there_fail_at_once(void **state)
{
    (void)state;
    struct door *d;
    refrain_error err;
    const char *path = at("absent.jsonl");
    assert_int_equal(door_open(&d, &path, 1, NULL, &err), REFRAIN_E_IO);
    assert_non_null(strstr(err.message, "absent.jsonl"));
    path = at("absent*.jsonl");
    assert_int_equal(door_open(&d, &path, 1, NULL, &err), REFRAIN_E_IO);
    assert_non_null(strstr(err.message, "no file matches"));
}

static void records__know_number_offset_and_path(void **state)
{
    (void)state;
    const char *path[] = {put("r1.jsonl", "{\"a\":1}\n\n{\"a\":2}\n"), put("r2.jsonl", "{\"a\":3}\n")};
    struct door *d;
    refrain_error err;
    assert_int_equal(door_open(&d, path, 2, NULL, &err), 0);
    struct record rec;
    struct buf into = {0};
    static const uint64_t want[3][3] = {{1, 0, 0}, {2, 9, 1}, {1, 0, 2}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(door_next(d, &rec, &into), 1);
        assert_int_equal(rec.number, want[i][0]);
        assert_int_equal(rec.offset, want[i][1]);
        assert_int_equal(rec.input, want[i][2]);
        assert_string_equal(rec.path, path[i == 2]);
    }
    assert_int_equal(door_next(d, &rec, &into), 0);
    assert_int_equal(door_next(d, &rec, &into), 0);
    door_close(d);
    buf_free(&into);
}

static void pipe__is_read_in_any_pieces(void **state)
{
    (void)state;
    int fd[2];
    assert_int_equal(pipe(fd), 0);
    static const char text[] = "[\n {\"a\":\"x\\\\\"},\n {\"a\":\"\\\"]\"}\n]\n";
    pid_t child = fork();
    if (child == 0) {
        for (size_t i = 0; i < sizeof text - 1; i++) {
            if (write(fd[1], text + i, 1) != 1) _exit(1);
            usleep(500);
        }
        _exit(0);
    }
    close(fd[1]);
    int keep = dup(0);
    dup2(fd[0], 0);
    close(fd[0]);
    expect("-", "{\"a\":\"x\\\\\"}\n{\"a\":\"\\\"]\"}\n");
    dup2(keep, 0);
    close(keep);
}

static void shared__every_conversation_comes_through(void **state)
{
    (void)state;
    const char *path = "../shared/data/conversations";
    if (access(path, R_OK) != 0) skip();
    struct run r = run_with(&path, 1, NULL);
    assert_int_equal(r.n, 60);
    assert_int_equal(r.rejects, 0);
    buf_free(&r.all);
}

static int make_dir(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/refrain_door_XXXXXX", base ? base : P_tmpdir);
    return mkdtemp(dir) ? 0 : -1;
}
static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}
static int drop_dir(void **state)
{
    (void)state;
    return nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines__are_records_and_blank_ones_are_not),
        cmocka_unit_test(lines__a_broken_one_is_only_itself),
        cmocka_unit_test(values__pretty_printed_documents_follow_each_other),
        cmocka_unit_test(values__may_stand_among_lines),
        cmocka_unit_test(values__one_that_breaks_leaves_the_others),
        cmocka_unit_test(values__one_that_never_ends_leaves_the_others),
        cmocka_unit_test(array__is_streamed_by_element),
        cmocka_unit_test(array__that_ends_early_gives_the_good_ones_then_a_reject),
        cmocka_unit_test(array__a_broken_element_leaves_the_others),
        cmocka_unit_test(array__of_messages_is_one_record),
        cmocka_unit_test(array__elements_may_be_longer_than_the_read_buffer),
        cmocka_unit_test(text__is_one_record),
        cmocka_unit_test(bom__is_skipped_and_empty_files_are_fine),
        cmocka_unit_test(limit__a_long_record_is_rejected_and_skipped),
        cmocka_unit_test(gzip__members_follow_each_other),
        cmocka_unit_test(gzip__truncated_gives_the_good_records_then_a_reject),
        cmocka_unit_test(zstd__is_read_and_truncation_told),
        cmocka_unit_test(ratio__a_bomb_is_cut_off),
        cmocka_unit_test(directory__is_sorted_recursive_and_by_content),
        cmocka_unit_test(paths__that_are_not_there_fail_at_once),
        cmocka_unit_test(records__know_number_offset_and_path),
        cmocka_unit_test(pipe__is_read_in_any_pieces),
        cmocka_unit_test(shared__every_conversation_comes_through),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
