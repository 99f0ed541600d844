/* Any bytes as a record through the whole walk: a report is JSON whose ranges
 * cut whole characters, an error says something. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static refrain_scanner *scanner;
    if (!scanner) {
        const struct scanner_options o = {NULL, {1 << 20, 200, 1 << 16}, 0};
        CHECK(scanner_new(&scanner, fuzz_engine(), &o, NULL) == 0);
    }
    refrain_error err = {0};
    const struct origin from = {"", 1, false};
    int rc = scanner_record(scanner, (str){(const char *)data, size}, &from, &err);
    if (rc) fuzz_check_error(rc, &err);
    for (size_t i = 0; i < scanner->n_conv; i++) {
        const struct walk *w;
        err = (refrain_error){0};
        rc = scanner_walk(scanner, i, &w, &err);
        if (rc) fuzz_check_error(rc, &err);
        else fuzz_check_walk(w);
    }
    return 0;
}
