/* Bytes as calls on a live conversation, in any order. The first byte of each
 * step chooses the call, the second how many bytes it takes. The same calls are
 * made on a second conversation that gets the text in other chunks: each call
 * answers the same, and so does each report. The reports are those of the same
 * turns read as a record, whose ranges cut whole characters. */
#include "fuzz.h"

static const char *const role[] = {"system", "user", "assistant", "tool", "platform", "human", "nobody", ""};
static const char *const meta[] = {"id", "country", "locale", "jurisdiction", "model", "language", "session", "x"};
static const char *const sign[] = {"ts", "finish_reason", "refusal", "block_reason", "http_status", "ui_event", "x", ""};

/* The limit is never met: where a chunk passes it, chunks may differ in what they leave. */
enum { TURN_BYTES = 1 << 20, TURNS = 50 };

/* The turns as they should stand. */
struct shadow {
    struct buf turns, text;
    enum role role;
    bool open, plain; /* plain: no sign was set on any turn, nor anything on the conversation */
};

static void append_in_chunks(refrain_conv *c, refrain_str s, uint64_t *seed)
{
    do {
        size_t n = 1 + fuzz_random(seed, 7);
        if (n > s.len) n = s.len;
        refrain_error err = {0};
        CHECK(refrain_conv_append(c, (refrain_str){s.ptr, n}, &err) == 0);
        s.ptr += n, s.len -= n;
    } while (s.len);
}

static void end_turn(refrain_conv *a, refrain_conv *b, struct shadow *sh)
{
    refrain_error e1 = {0}, e2 = {0};
    int rc = refrain_conv_end_turn(a, &e1);
    CHECK(rc == refrain_conv_end_turn(b, &e2));
    if (rc) fuzz_check_error(rc, &e1);
    if (!rc) {
        buf_printf(&sh->turns, "%s{\"role\":\"%s\",\"content\":", sh->turns.n ? "," : "", role_names[sh->role]);
        buf_json(&sh->turns, (str){sh->text.p ? sh->text.p : "", sh->text.n});
        buf_putc(&sh->turns, '}');
    }
    sh->open = false;
}

static void check_as_record(refrain_str live, const struct shadow *sh)
{
    static refrain_scanner *scanner;
    if (!scanner) {
        const struct scanner_options o = {"openai", {64 << 20, TURNS, TURN_BYTES}, 0};
        CHECK(scanner_new(&scanner, fuzz_engine(), &o, NULL) == 0);
    }
    struct buf record = {0}, report = {0};
    buf_printf(&record, "{\"messages\":[");
    buf_put(&record, sh->turns.p, sh->turns.n);
    buf_puts(&record, "]}");
    const struct origin from = {"", 1, false};
    const struct walk *w;
    CHECK(scanner_record(scanner, (str){record.p, record.n}, &from, NULL) == 0 && scanner->n_conv == 1);
    CHECK(scanner_walk(scanner, 0, &w, NULL) == 0);
    report_json(&report, w);
    CHECK(str_eq((str){report.p, report.n}, (str){live.ptr, live.len}));
    fuzz_check_walk(w);
    buf_free(&record);
    buf_free(&report);
}

static void report(refrain_conv *a, refrain_conv *b, const struct shadow *sh)
{
    refrain_str r1, r2;
    refrain_error err = {0};
    int rc = refrain_conv_report(&r1, a, &err);
    CHECK(rc == refrain_conv_report(&r2, b, NULL));
    if (rc) { /* no turn yet, or no turn that says anything: never that the record is broken */
        fuzz_check_error(rc, &err);
        CHECK(rc == REFRAIN_E_STATE || rc == REFRAIN_E_FORMAT);
        return;
    }
    CHECK(str_eq((str){r1.ptr, r1.len}, (str){r2.ptr, r2.len}));
    if (sh->plain) check_as_record(r1, sh);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    refrain_conv *a, *b;
    refrain_limits l = {sizeof l, 64 << 20, TURNS, TURN_BYTES};
    CHECK(refrain_conv_new(&a, fuzz_engine(), &l, NULL) == 0 && refrain_conv_new(&b, fuzz_engine(), &l, NULL) == 0);
    struct shadow sh = {.plain = true};
    uint64_t seed = hash_bytes(data, size, 1);
    for (size_t at = 0; at + 2 <= size;) {
        unsigned call = data[at] & 7, pick = data[at] >> 3 & 7;
        refrain_str s = {(const char *)data + at + 2, data[at + 1]};
        if (s.len > size - at - 2) s.len = size - at - 2;
        at += 2;
        refrain_error err = {0};
        int rc;
        switch (call) {
        case 0:
            rc = refrain_conv_set(a, meta[pick], s, &err);
            CHECK(rc == refrain_conv_set(b, meta[pick], s, NULL));
            if (rc) fuzz_check_error(rc, &err);
            else sh.plain = false;
            at += s.len;
            break;
        case 1:
            rc = refrain_conv_begin_turn(a, role[pick], &err);
            CHECK(rc == refrain_conv_begin_turn(b, role[pick], NULL));
            if (rc) fuzz_check_error(rc, &err);
            else buf_clear(&sh.text), sh.role = (enum role)pick, sh.open = true;
            break;
        case 2:
            rc = refrain_conv_set_turn(a, sign[pick], s, &err);
            CHECK(rc == refrain_conv_set_turn(b, sign[pick], s, NULL));
            if (rc) fuzz_check_error(rc, &err);
            else sh.plain = false;
            at += s.len;
            break;
        case 3: end_turn(a, b, &sh); break;
        case 4:
            if (pick == 0) report(a, b, &sh);
            break;
        default:
            rc = refrain_conv_append(a, s, &err);
            if (rc) CHECK(!sh.open);
            else append_in_chunks(b, s, &seed), buf_put(&sh.text, s.ptr, s.len);
            at += s.len;
            break;
        }
    }
    end_turn(a, b, &sh);
    report(a, b, &sh);
    refrain_conv_free(a);
    refrain_conv_free(b);
    buf_free(&sh.turns);
    buf_free(&sh.text);
    return 0;
}
