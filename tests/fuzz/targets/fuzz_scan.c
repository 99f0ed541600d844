/* Any bytes as a record through the whole walk: a report is always JSON, an
 * error always says something. */
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "refrain/refrain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static refrain_engine *engine;
    static refrain_scanner *scanner;
    if (!scanner) {
        refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
        refrain_limits l = {sizeof l, 1 << 20, 200, 1 << 16};
        o.as_of = "2026-10-01";
        if (refrain_engine_new(&engine, &o, NULL) || refrain_scanner_new(&scanner, engine, &l, NULL)) abort();
    }
    refrain_str report;
    refrain_error err = {0, 0, 0, ""};
    int rc = refrain_scan(&report, scanner, (refrain_str){(const char *)data, size}, NULL, &err);
    if (rc) {
        if (err.status != rc || !err.message[0]) abort();
        return 0;
    }
    for (const char *p = report.ptr, *end = p + report.len; p < end;) { /* one object a line */
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        size_t n = nl ? (size_t)(nl - p) : (size_t)(end - p);
        yyjson_doc *doc = yyjson_read(p, n, 0);
        if (!doc || !yyjson_is_obj(yyjson_doc_get_root(doc))) abort();
        yyjson_doc_free(doc);
        p += n + 1;
    }
    return 0;
}
