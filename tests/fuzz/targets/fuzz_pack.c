/* A letter that names the file of a pack (c constructs, u cues, m models),
 * then its bytes: a table, or an error with the file's name. Cues that can be
 * read are compiled. */
#include "fuzz.h"
#include "match/match.h"
#include "match/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    const char *name = data[0] == 'c' ? "constructs.yaml" : data[0] == 'm' ? "acts.model" : "cues/x.yaml";
    struct pack p = {0};
    refrain_error err = {0};
    jmp_buf oom;
    arena_init(&p.a, 256 << 20);
    if (setjmp(oom) == 0) {
        p.a.on_oom = &oom;
        int rc = pack_read(&p, name, (str){(const char *)data + 1, size - 1}, &err);
        if (rc) {
            fuzz_check_error(rc, &err);
            CHECK(strstr(err.message, name));
        } else if (p.n_cue) {
            rc = match_compile(&p.db, &p, &err);
            if (rc) fuzz_check_error(rc, &err);
        }
    }
    p.a.on_oom = NULL;
    match_free(p.db);
    arena_free(&p.a);
    return 0;
}
