/* Lines as labelled rows, as `refrain eval` reads them: rows and figures, or a
 * reason for each row left aside. */
#include "cli/eval.h"
#include "fuzz.h"

static void read_rows(struct eval *e, str bytes)
{
    while (bytes.n) {
        const char *nl = memchr(bytes.p, '\n', bytes.n);
        size_t n = nl ? (size_t)(nl - bytes.p) : bytes.n;
        yyjson_doc *doc = yyjson_read(bytes.p, n, 0);
        if (doc) eval_record(e, yyjson_doc_get_root(doc));
        yyjson_doc_free(doc);
        bytes = str_sub(bytes, nl ? n + 1 : n, bytes.n);
    }
}

static void check_json(struct eval *e)
{
    struct buf b = {0};
    eval_json(&b, e);
    yyjson_doc *doc = yyjson_read(b.p, b.n, 0);
    CHECK(doc && yyjson_is_obj(yyjson_doc_get_root(doc)));
    yyjson_doc_free(doc);
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static refrain_scanner *scanner;
    if (!scanner) {
        const struct scanner_options o = {NULL, {1 << 20, 200, 1 << 16}, 0};
        CHECK(scanner_new(&scanner, fuzz_engine(), &o, NULL) == 0);
    }
    static const struct eval_options how = {.by = "model", .show_text = true, .bootstrap = {1, 20}, .n_error = 3};
    struct eval e = {.path = "gold", .o = &how, .scanner = scanner};
    arena_init(&e.a, 256 << 20);
    jmp_buf oom;
    if (setjmp(oom) == 0) {
        e.a.on_oom = &oom;
        read_rows(&e, (str){(const char *)data, size});
        eval_settle(&e);
        const struct term t = {80, false, true};
        struct buf page = {0};
        if (e.item.n) {
            check_json(&e);
            eval_print(&page, &t, &e, true);
            fuzz_check_text((str){page.p, page.n});
        }
        buf_free(&page);
    }
    buf_free(&e.why);
    arena_free(&e.a);
    return 0;
}
