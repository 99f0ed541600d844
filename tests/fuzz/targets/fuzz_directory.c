/* Bytes as a directory file: read or refused with file and line; one that can
 * be read is laid over the built-in directory, and contacts are judged by it. */
#include <unistd.h>

#include "fuzz.h"
#include "helpline/room.h"

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    CHECK(f && fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

static char folder[] = "/tmp/refrain-fuzz-XXXXXX", file[64];
static void forget(void)
{
    unlink(file);
    rmdir(folder);
}

static void judge(const struct directory *d)
{
    static struct arena a;
    arena_reset(&a);
    struct turn turn[] = {{.role = ROLE_USER, .text = STR("I live in Testland, near Old Town."), .ts = TS_NONE},
                          {.role = ROLE_ASSISTANT, .text = STR("Call 988, 116 123 or 0800 555 0199, or see help.example.org."), .ts = TS_NONE}};
    struct conv conv = {.turn = turn, .n_turn = 2};
    struct walk w = {.a = &a, .dir = (struct directory *)(uintptr_t)d, .conv = &conv, .caller_country = "", .caller_jurisdiction = ""};
    w.text = arena_array(&a, struct text, 2);
    text_wash(&w);
    helpline_judge(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena a;
    arena_reset(&a);
    struct dir_file f;
    refrain_error err = {0};
    int rc = dir_parse(&f, &a, "xx.yaml", (str){(const char *)data, size}, &err);
    if (rc) {
        fuzz_check_error(rc, &err);
        CHECK(strncmp(err.message, "xx.yaml", 7) == 0);
        return 0;
    }
    if (!file[0]) {
        CHECK(mkdtemp(folder));
        snprintf(file, sizeof file, "%s/xx.yaml", folder);
        atexit(forget);
    }
    write_file(file, data, size);
    struct directory *d;
    const struct directory_options o = {folder, "2026-10-01", 0};
    rc = directory_load(&d, &o, &err);
    if (rc) {
        fuzz_check_error(rc, &err);
        return 0;
    }
    judge(d);
    directory_free(d);
    return 0;
}
