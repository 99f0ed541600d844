/* What the targets share: one engine a process, and the property that
 * outranks the absence of crashes: every range of a report cuts whole UTF-8. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <yyjson.h>

#include "engine.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An abort is a find; the line says which property did not hold. */
#define CHECK(x)                                                          \
    do {                                                                  \
        if (x) break;                                                     \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #x);   \
        abort();                                                          \
    } while (0)

static inline refrain_engine *fuzz_engine(void)
{
    static refrain_engine *engine;
    refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
    o.as_of = "2026-10-01";
    if (!engine) CHECK(refrain_engine_new(&engine, &o, NULL) == 0);
    return engine;
}

/* Small numbers out of the input's own bytes, the same for the same input. */
static inline unsigned fuzz_random(uint64_t *state, unsigned below)
{
    *state = hash_mix(*state, 0x9E3779B97F4A7C15ull);
    return (unsigned)(*state >> 33) % below;
}

static inline void fuzz_check_text(str s) { CHECK(s.n == 0 || utf8_valid_prefix(s.p, s.n) == s.n); }

/* An error says what it is, and can be written into a JSON line. */
static inline void fuzz_check_error(int rc, const refrain_error *e)
{
    CHECK(e->status == rc && e->message[0]);
    fuzz_check_text(str_of(e->message));
}

static inline void fuzz_check_range(str text, uint64_t begin, uint64_t end)
{
    CHECK(begin < end && end <= text.n);
    CHECK(!utf8_is_cont(text.p[begin]) && (end == text.n || !utf8_is_cont(text.p[end])));
}

static inline str fuzz_turn_text(yyjson_val *turns, uint64_t turn)
{
    yyjson_val *text = yyjson_obj_get(yyjson_arr_get(turns, turn), "text");
    CHECK(yyjson_is_str(text));
    return (str){yyjson_get_str(text), yyjson_get_len(text)};
}

/* Every "spans" and every object with turn, begin and end, wherever it stands. */
static inline void fuzz_check_ranges(yyjson_val *turns, yyjson_val *v)
{
    size_t i, max;
    yyjson_val *key, *child;
    if (yyjson_is_arr(v)) yyjson_arr_foreach(v, i, max, child) fuzz_check_ranges(turns, child);
    if (!yyjson_is_obj(v)) return;
    yyjson_val *turn = yyjson_obj_get(v, "turn"), *begin = yyjson_obj_get(v, "begin"), *end = yyjson_obj_get(v, "end");
    if (yyjson_is_uint(turn) && yyjson_is_uint(begin) && yyjson_is_uint(end))
        fuzz_check_range(fuzz_turn_text(turns, yyjson_get_uint(turn)), yyjson_get_uint(begin), yyjson_get_uint(end));
    yyjson_arr_foreach(yyjson_obj_get(v, "spans"), i, max, child)
        fuzz_check_range(fuzz_turn_text(turns, yyjson_get_uint(yyjson_arr_get(child, 0))),
                         yyjson_get_uint(yyjson_arr_get(child, 1)), yyjson_get_uint(yyjson_arr_get(child, 2)));
    yyjson_val *searched = yyjson_obj_get(v, "searched");
    if (searched)
        CHECK(yyjson_get_uint(yyjson_arr_get(searched, 0)) <= yyjson_get_uint(yyjson_arr_get(searched, 1)) &&
              yyjson_get_uint(yyjson_arr_get(searched, 1)) < yyjson_arr_size(turns));
    yyjson_obj_foreach(v, i, max, key, child) fuzz_check_ranges(turns, child);
}

/* The result of a viewed walk: JSON, and its ranges stand. */
static inline void fuzz_check_walk(const struct walk *w)
{
    struct buf b = {0};
    report_json_with(&b, w, REPORT_TEXT);
    CHECK(!b.oom);
    yyjson_doc *doc = yyjson_read(b.p, b.n, 0);
    CHECK(doc && yyjson_is_obj(yyjson_doc_get_root(doc)));
    yyjson_val *root = yyjson_doc_get_root(doc);
    fuzz_check_ranges(yyjson_obj_get(root, "turns"), root);
    yyjson_doc_free(doc);
    buf_free(&b);
}

#endif
