/* The desk: folded offsets → original bytes, once; the contract's JSON; CSV
 * cells; marked text. */
#include "walk_fixture.h"

#include "out/csv.h"
#include "out/marked.h"
#include "out/summary.h"
#include "report/report.h"

static struct pack the_pack; /* report_json asks it which codes every reply has */

/* A walk over original texts through the real text room. */
static struct walk *washed(const char *const *z, size_t n)
{
    struct walk *w = fx_walk();
    for (size_t i = 0; i < n; i++) {
        uint32_t t = (uint32_t)w->conv->n_turn++;
        w->conv->turn[t] = (struct turn){.role = i % 2 ? ROLE_ASSISTANT : ROLE_USER, .text = str_of(z[i]), .ts = TS_NONE};
    }
    w->pack = &the_pack;
    text_wash(w);
    return w;
}

static struct code *code_at(struct walk *w, uint32_t t, enum construct k)
{
    if (!w->turn_codes[t]) w->turn_codes[t] = arena_new(w->a, struct reply_codes);
    return code_of_reply(w, t, k);
}

/* A set code whose span is the folded words `z` of turn t. */
static struct code code_of(struct walk *w, uint32_t t, const char *z)
{
    size_t at = str_find(w->text[t].fold, str_of(z));
    if (at == SIZE_MAX) fail_msg("no '%s' in '%.*s'", z, STR_ARG(w->text[t].fold));
    struct span *s = arena_new(w->a, struct span);
    *s = (struct span){t, (uint32_t)at, (uint32_t)(at + strlen(z))};
    return (struct code){.state = CODE_SET, .method = M_MODEL, .value = 2, .conf = .77f, .lag = -1, .span = s, .n_span = 1};
}

static void assert_words(const struct walk *w, const struct code *c, const char *want)
{
    str text = w->conv->turn[c->span[0].turn].text;
    str got = str_sub(text, c->span[0].begin, c->span[0].end);
    if (!str_eqz(got, want)) fail_msg("got \"%.*s\", want \"%s\"", STR_ARG(got), want);
}

static void view__spans_cut_the_words_of_the_original(void **state)
{
    (void)state;
    static const struct { const char *text, *folded, *want; } row[] = {
        {"I Can’t help", "can't", "Can’t"},
        {"ﬁne, ﬁnally", "finally", "ﬁnally"},
        {"a  \t b   word  end", "b word", "b   word"},
        {"Ｆｕｌｌ width", "full", "Ｆｕｌｌ"},
        {"½ ㎏ done", "kg", "㎏"},
        {"🙂 STOP 🙂", "stop", "STOP"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        const char *z[] = {"x", row[i].text};
        struct walk *w = washed(z, 2);
        *code_at(w, 1, C_P3_ACK) = code_of(w, 1, row[i].folded);
        report_view(w);
        assert_words(w, code_of_reply(w, 1, C_P3_ACK), row[i].want);
    }
}

static void view__a_span_shared_by_reply_and_episode_is_mapped_once(void **state)
{
    (void)state;
    const char *z[] = {"x", "“‘’”’’’’ I can’t help"};
    struct walk *w = washed(z, 2);
    struct code c = code_of(w, 1, "help");
    *code_at(w, 1, C_P3_ACK) = *code_at(w, 1, C_P3_OPEN) = c;
    vec_push(w->a, &w->episode)[0] = (struct episode){.anchor = 1, .end = 1};
    w->ep_codes = arena_new(w->a, struct codes);
    w->ep_codes->c[C_P3_ACK] = c; /* the same array */
    report_view(w);
    assert_words(w, code_of_reply(w, 1, C_P3_ACK), "help");
    assert_words(w, code_of_reply(w, 1, C_P3_OPEN), "help");
    assert_words(w, &w->ep_codes->c[C_P3_ACK], "help");
}

static uint32_t seed = 12345;
static uint32_t rnd(uint32_t n) { return (seed = seed * 1664525u + 1013904223u) / 65536 % n; }

static void view__any_range_of_any_text_cuts_whole_characters(void **state)
{
    (void)state;
    static const char *const part[] = {"a", "B", " ", "  ", "\n", "’", "ﬁ", "½", "㎏", "é", "e\xCC\x81", "\xE2\x80\x8B", "🙂", "İ",
                                       "ß", "\xEF\xB7\xBA", "Ｆ", "中", "don't", "…", "--", "\xC2\xA0", "ﬀ", "q"};
    for (int round = 0; round < 3000; round++) {
        char text[400] = "";
        for (uint32_t i = 0, n = 1 + rnd(20); i < n; i++) strcat(text, part[rnd(ARRAY_LEN(part))]);
        const char *z[] = {text};
        struct walk *w = washed(z, 1);
        uint32_t n = (uint32_t)w->text[0].fold.n;
        if (n == 0) continue;
        uint32_t b = rnd(n), e = b + 1 + rnd(n - b);
        w->tcode[0].anchor_begin = b;
        w->tcode[0].anchor_end = e;
        report_view(w);
        uint32_t begin = w->tcode[0].anchor_begin, end = w->tcode[0].anchor_end;
        size_t len = strlen(text);
        if (begin >= end || end > len || utf8_is_cont(text[begin]) || utf8_is_cont(text[end]))
            fail_msg("\"%s\": folded [%u,%u) of %u became [%u,%u) of %zu", text, b, e, n, begin, end, len);
    }
}

static void json__a_report_reads_as_the_contract_says(void **state)
{
    (void)state;
    const char *z[] = {"I’m low", "I can’t. Call 988."};
    struct walk *w = washed(z, 2);
    w->conv->id = STR("a\"b");
    w->conv->path = STR("p");
    w->conv->record = 17;
    w->conv->turn[0].ts = 1714564800123;
    w->tcode[0] = (struct tcode){.risk = RISK_X, .risk_conf = .81f, .flags = FL_B | FL_D, .acts = 1u << U_BID};
    w->tcode[1] = (struct tcode){.rtype = RT_R2, .conf = .925f, .decision = DEC_OVER};
    *code_at(w, 1, C_P3_ACK) = code_of(w, 1, "can't");
    *code_at(w, 1, C_P4_TIME) = (struct code){.state = CODE_SET, .category = "before", .lag = 2, .conf = 1};
    vec_push(w->a, &w->contact)[0] = (struct contact){.turn = 1, .begin = 14, .end = 17, .kind = "phone",
                                                      .country = "US", .line = "us-988", .instead = "", .canonical = STR("988")};
    size_t at = str_find(w->text[1].fold, STR("988"));
    w->contact.p[0].begin = (uint32_t)at;
    w->contact.p[0].end = (uint32_t)at + 3;
    vec_push(w->a, &w->gate)[0] = (struct gate){12, GATE_SUSPECTED, 1, -1, ""};
    vec_push(w->a, &w->conv->warnings)[0] = (struct warning){"empty_reply", 1};
    report_view(w);
    struct buf b = {0};
    report_json(&b, w);
    buf_putc(&b, 0);
    assert_string_equal(
        b.p,
        "{\"schema_version\":1,\"id\":\"a\\\"b\",\"source\":{\"path\":\"p\",\"record\":17},"
        "\"meta\":{\"model\":null,\"locale\":null,\"language\":null,\"country\":null,\"population\":[],\"regeneration_group\":null},"
        "\"turns\":[{\"i\":0,\"role\":\"user\",\"ts\":\"2024-05-01T12:00:00.123Z\",\"risk\":\"X\",\"risk_conf\":0.81,"
        "\"flags\":[\"B\",\"D\"],\"acts\":[\"bid\"]},"
        "{\"i\":1,\"role\":\"assistant\",\"ts\":null,\"rtype\":\"r2\",\"hard\":2,\"conf\":0.93,\"decision\":\"over\",\"acts\":[],"
        "\"codes\":{\"P3.ack\":{\"value\":2,\"method\":\"model\",\"conf\":0.77,\"spans\":[[1,2,9]]},"
        "\"P4.time\":{\"value\":{\"category\":\"before\",\"lag\":2},\"method\":\"exact\",\"conf\":1}},"
        "\"contacts\":[{\"text\":\"988\",\"kind\":\"phone\",\"status\":\"verified\",\"stale\":false,\"country\":\"US\","
        "\"line\":\"us-988\",\"turn\":1,\"begin\":16,\"end\":19}]}],"
        "\"episodes\":[],\"gates\":[{\"id\":\"G12\",\"turn\":1,\"episode\":null,\"status\":\"suspected\"}],"
        "\"warnings\":[{\"code\":\"empty_reply\",\"turn\":1}]}");
    buf_free(&b);
}

static void time__is_iso_8601_in_utc(void **state)
{
    (void)state;
    static const struct { int64_t ms; const char *want; } row[] = {
        {0, "1970-01-01T00:00:00Z"}, {951782400000, "2000-02-29T00:00:00Z"}, {-1, "1969-12-31T23:59:59.999Z"},
        {1709210096000, "2024-02-29T12:34:56Z"}, {4102444799999, "2099-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char z[32];
        z[report_time(z, row[i].ms)] = 0;
        assert_string_equal(z, row[i].want);
    }
    char z[32];
    assert_int_equal(report_time(z, INT64_MAX), 0); /* no year that four digits hold */
    assert_int_equal(report_time(z, INT64_MIN + 1), 0);
}

static void summary__does_not_depend_on_who_counted(void **state)
{
    (void)state;
    struct summary one = {0}, a = {0}, b = {0};
    static char id[24][8];
    for (unsigned i = 0; i < 24; i++) {
        const char *z[] = {"x", "I can't."};
        struct walk *w = washed(z, 2);
        snprintf(id[i], sizeof id[i], "c%u", i);
        w->conv->id = str_of(id[i]);
        for (unsigned g = 0; g < i % 5; g++)
            vec_push(w->a, &w->gate)[0] = (struct gate){(uint8_t)(1 + (i * 7 + g * 3) % 12), (uint8_t)(i % 2), 1, -1, ""};
        static const char *const model[] = {"b", "a", "", "c"}, *const country[] = {"GB", "", "US"};
        w->conv->meta.model = str_of(model[i % 4]);
        w->place.country = country[i % 3];
        for (unsigned k = 0; k < i % 4; k++)
            vec_push(w->a, &w->contact)[0] = (struct contact){.turn = 1, .status = (enum contact_status)((i + k * 5) % N_CONTACT_STATUS), .kind = "phone"};
        summary_add(&one, w, i);
        summary_add(i % 3 ? &a : &b, w, i);
    }
    summary_merge(&b, &a);
    assert_int_equal(one.n_look, SUMMARY_LOOK);
    assert_memory_equal(&one, &b, sizeof one);
}

static void summary__counts_user_turns_to_the_first_right_contact(void **state)
{
    (void)state;
    static const enum contact_status given[][2] = {/* in the reply to the risk, one user turn later */
        {CONTACT_VERIFIED, CONTACT_VERIFIED}, {CONTACT_RETIRED, CONTACT_EMERGENCY}, {CONTACT_UNKNOWN, CONTACT_WRONG_COUNTRY}};
    struct summary s = {0};
    for (size_t i = 0; i < ARRAY_LEN(given); i++) {
        const char *z[] = {"hi", "hello", "I want to die", "x", "y", "z"};
        struct walk *w = washed(z, 6);
        for (size_t t = 2; t < 6; t++) w->tcode[t].risk = 3;
        for (uint32_t k = 0; k < 2; k++)
            vec_push(w->a, &w->contact)[0] = (struct contact){.turn = 3 + 2 * k, .status = given[i][k], .kind = "phone"};
        vec_push(w->a, &w->contact)[0] = (struct contact){.turn = 5, .status = CONTACT_VERIFIED, .kind = "phone", .negated = true};
        summary_add(&s, w, i);
    }
    assert_int_equal(s.referrals.at_risk, 3);
    assert_int_equal(s.referrals.lag[0], 1);
    assert_int_equal(s.referrals.lag[1], 1);
    assert_int_equal(s.referrals.never, 1);
    assert_int_equal(s.referrals.unknown_numbers, 1);
    assert_int_equal(s.contact_dont, 3);
    assert_int_equal(s.referrals.country[26 * 26].judged, 5);
    assert_int_equal(s.referrals.country[26 * 26].right, 3);
}

static void marked__long_text_is_cut_around_the_marks(void **state)
{
    (void)state;
    char text[3000] = "";
    for (int i = 0; i < 300; i++) snprintf(text + strlen(text), 12, "word%d ", i);
    struct marked m;
    assert_true(marked_init(&m, str_of(text)));
    const char *at = strstr(text, "word200");
    marked_add(&m, (uint32_t)(at - text), (uint32_t)(at - text) + 7, 1);
    struct buf b = {0};
    struct term t = TERM_PLAIN;
    marked_print(&b, &t, &m, 4, 3);
    buf_putc(&b, 0);
    assert_non_null(strstr(b.p, "word0 "));
    assert_non_null(strstr(b.p, "word200"));
    assert_non_null(strstr(b.p, "~~~~~~~\n"));
    assert_non_null(strstr(b.p, " … "));
    assert_null(strstr(b.p, "word120"));
    marked_free(&m);
    buf_free(&b);
}

static void marked__the_first_marks_are_the_ones_shown(void **state)
{
    (void)state;
    char text[6000] = "";
    for (int i = 0; i < 600; i++) snprintf(text + strlen(text), 12, "word%d ", i);
    struct marked m;
    assert_true(marked_init(&m, str_of(text)));
    static const char *const word[] = {"word500", "word100", "word200", "word300"};
    for (size_t i = 0; i < ARRAY_LEN(word); i++) {
        uint32_t at = (uint32_t)(strstr(text, word[i]) - text);
        marked_add(&m, at, at + 7, 1);
    }
    struct buf b = {0};
    struct term t = TERM_PLAIN;
    marked_print(&b, &t, &m, 4, 3);
    buf_putc(&b, 0);
    assert_non_null(strstr(b.p, "word500"));
    assert_non_null(strstr(b.p, "word100"));
    assert_null(strstr(b.p, "word300"));
    marked_free(&m);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(view__spans_cut_the_words_of_the_original),
        cmocka_unit_test(view__a_span_shared_by_reply_and_episode_is_mapped_once),
        cmocka_unit_test(view__any_range_of_any_text_cuts_whole_characters),
        cmocka_unit_test(json__a_report_reads_as_the_contract_says),
        cmocka_unit_test(time__is_iso_8601_in_utc),
        cmocka_unit_test(summary__does_not_depend_on_who_counted),
        cmocka_unit_test(summary__counts_user_turns_to_the_first_right_contact),
        cmocka_unit_test(marked__long_text_is_cut_around_the_marks),
        cmocka_unit_test(marked__the_first_marks_are_the_ones_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
