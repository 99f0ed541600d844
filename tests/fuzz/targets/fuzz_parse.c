/* Any bytes as a record, small limits: conv_parse answers or says why not, and
 * what it hands on is valid UTF-8. */
#include <stdlib.h>

#include "in/conv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(str s)
{
    if (utf8_valid_prefix(s.p ? s.p : "", s.n) != s.n) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    jmp_buf oom;
    arena_init(&a, 64 << 20);
    if (setjmp(oom) == 0) {
        a.on_oom = &oom;
        const struct conv_options opt = {.limits = {1 << 20, 1000, 1 << 16}};
        struct conv *conv;
        size_t n;
        refrain_error err = {0};
        int rc = conv_parse(&conv, &n, &a, (str){(const char *)data, size}, &opt, &err);
        if (rc && (err.status != rc || !err.message[0])) abort();
        for (size_t i = 0; !rc && i < n; i++) {
            check_text(conv[i].id);
            if (conv[i].n_turn > 1000) abort();
            for (size_t t = 0; t < conv[i].n_turn; t++) {
                check_text(conv[i].turn[t].text);
                if (conv[i].turn[t].role >= N_ROLE) abort();
            }
        }
    }
    arena_free(&a);
    return 0;
}
