/* Bytes as calls on a live conversation, in any order: never more than an
 * error, and a report is always JSON. The first byte of each step chooses the
 * call, the second how many bytes it takes. */
#include <stdlib.h>
#include <yyjson.h>

#include "refrain/refrain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void report(refrain_conv *conv)
{
    refrain_str r;
    if (refrain_conv_report(&r, conv, NULL)) return;
    yyjson_doc *doc = yyjson_read(r.ptr, r.len, 0);
    if (!doc) abort();
    yyjson_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const role[] = {"system", "user", "assistant", "tool", "platform", "human", "nobody", ""};
    static const char *const meta[] = {"id", "country", "locale", "jurisdiction", "model", "language", "x", ""};
    static const char *const sign[] = {"ts", "finish_reason", "refusal", "block_reason", "http_status", "ui_event", "x", ""};
    static refrain_engine *engine;
    refrain_conv *conv;
    refrain_limits l = {sizeof l, 1 << 20, 50, 1 << 12};
    if (!engine && refrain_engine_new(&engine, NULL, NULL)) abort();
    if (refrain_conv_new(&conv, engine, &l, NULL)) abort();
    for (size_t at = 0; at + 2 <= size;) {
        unsigned call = data[at] & 7, pick = data[at] >> 3 & 7;
        refrain_str s = {(const char *)data + at + 2, data[at + 1]};
        if (s.len > size - at - 2) s.len = size - at - 2;
        at += 2;
        switch (call) {
        case 0: refrain_conv_set(conv, meta[pick], s, NULL); at += s.len; break;
        case 1: refrain_conv_begin_turn(conv, role[pick], NULL); break;
        case 2: refrain_conv_set_turn(conv, sign[pick], s, NULL); at += s.len; break;
        case 3: refrain_conv_end_turn(conv, NULL); break;
        case 4: if (pick == 0) report(conv); break;
        default: refrain_conv_append(conv, s, NULL); at += s.len; break;
        }
    }
    refrain_conv_end_turn(conv, NULL);
    report(conv);
    refrain_conv_free(conv);
    return 0;
}
