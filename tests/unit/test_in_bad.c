/* Bad records: each is refused with what is wrong, where, and what would be right. */
#include "in_fixture.h"

#define MESSAGES(m) "{\"id\":\"x\",\"messages\":[" m "]}"

static void bytes__invalid_utf8_is_named_by_offset(void **state)
{
    (void)state;
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":\"a\xFF\"}"), REFRAIN_E_PARSE, "invalid UTF-8 at byte 49");
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":\"\xC3\"}"), REFRAIN_E_PARSE, "invalid UTF-8 at byte 48");
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":\"\xED\xA0\x80\"}"), REFRAIN_E_PARSE, "invalid UTF-8");
    assert_reject("user: a\xFF\n", REFRAIN_E_PARSE, "invalid UTF-8 at byte 7");
}

static void bytes__nul_is_refused_raw_and_escaped(void **state)
{
    (void)state;
    static const char raw[] = MESSAGES("{\"role\":\"user\",\"content\":\"a\0b\"}");
    assert_reject_n(raw, sizeof raw - 1, NULL, REFRAIN_E_PARSE, "NUL byte at byte 49");
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":\"a\\u0000b\"}"), REFRAIN_E_PARSE, "turn 0: NUL character at byte 1");
    assert_reject_n("user: a\0b", 9, NULL, REFRAIN_E_PARSE, "NUL byte at byte 7");
}

static void bytes__lone_surrogates_are_refused(void **state)
{
    (void)state;
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":\"\\ud800\"}"), REFRAIN_E_PARSE, "lone surrogate");
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":\"\\udc00 x\"}"), REFRAIN_E_PARSE, "lone surrogate");
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":\"\\ud83dx\"}"), REFRAIN_E_PARSE, "lone surrogate");
}

static void json__broken_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_reject("{\"messages\":[{\"role\":\"user\"", REFRAIN_E_PARSE, "ends early");
    assert_reject("{\"messages\" [1]}", REFRAIN_E_PARSE, "broken JSON at byte 12");
    assert_reject("{\"messages\":[]} x", REFRAIN_E_PARSE, "broken JSON at byte 16");
    assert_reject("", REFRAIN_E_PARSE, "empty record");
    assert_reject("  \n", REFRAIN_E_PARSE, "empty record");
    assert_reject("hello there", REFRAIN_E_FORMAT, "neither JSON nor a transcript");
    assert_reject("42", REFRAIN_E_FORMAT, "no object");
    assert_reject("\"text\"", REFRAIN_E_FORMAT, "no object");
}

static void text__of_one_side_and_a_stranger_is_refused(void **state)
{
    (void)state;
    assert_reject("user: hi\nHelper: I can't help with that.\nuser: ok bye\n", REFRAIN_E_FORMAT,
               "line 2 opens with a speaker that is not known, and nobody else replies; right would be agent, assistant, ");
    assert_reject("\nClient: hi\nagent: I can't help with that.\n", REFRAIN_E_FORMAT,
               "line 2 opens with a speaker that is not known, and nobody else asks; right would be user or persona");
}

static void role__unknown_comes_with_a_suggestion(void **state)
{
    (void)state;
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"asistant\",\"content\":\"b\"}"), REFRAIN_E_FORMAT,
                  "messages[1]: unknown role 'asistant'; did you mean 'assistant'?");
    assert_reject(MESSAGES("{\"role\":\"bot\",\"content\":\"a\"}"), REFRAIN_E_FORMAT, "did you mean 'assistant'?");
    assert_reject(MESSAGES("{\"role\":\"User\",\"content\":\"a\"}"), REFRAIN_E_FORMAT, "did you mean 'user'?");
    assert_reject(MESSAGES("{\"role\":\"narrator\",\"content\":\"a\"}"), REFRAIN_E_FORMAT, "known are user, assistant, system");
    assert_reject(MESSAGES("{\"content\":\"a\"}"), REFRAIN_E_FORMAT, "messages[0]: no role");
    assert_reject(MESSAGES("{\"role\":5,\"content\":\"a\"}"), REFRAIN_E_FORMAT, "messages[0]: the role is no string");
    assert_reject("{\"conversations\":[{\"from\":\"gtp\",\"value\":\"a\"}]}", REFRAIN_E_FORMAT, "did you mean 'gpt'?");
}

static void role__that_holds_message_text_is_not_printed_in_full(void **state)
{
    (void)state;
    struct parsed p = parse(MESSAGES("{\"role\":\"user\\nand then a long private sentence\",\"content\":\"a\"}"));
    assert_int_equal(p.rc, REFRAIN_E_FORMAT);
    assert_null(strstr(p.err.message, "private"));
    assert_null(strchr(p.err.message, '\n'));
    parsed_free(&p);
}

static void content__missing_or_misshapen_is_refused(void **state)
{
    (void)state;
    assert_reject(MESSAGES("{\"role\":\"user\"}"), REFRAIN_E_FORMAT, "messages[0]: user message without content");
    assert_reject(MESSAGES("{\"role\":\"assistant\"}"), REFRAIN_E_FORMAT, "messages[0]: assistant message without content");
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":null}"), REFRAIN_E_FORMAT, "null for content");
    assert_reject(MESSAGES("{\"role\":\"user\",\"content\":7}"), REFRAIN_E_FORMAT, "content must be");
    assert_reject(MESSAGES("\"hi\""), REFRAIN_E_FORMAT, "messages[0]: a message must be an object");
    assert_reject("{\"messages\":{}}", REFRAIN_E_FORMAT, "messages: must be a list");
    assert_reject("{\"prompt\":\"a\"}", REFRAIN_E_FORMAT, "without its response");
}

static void record__without_turns_or_format_is_refused(void **state)
{
    (void)state;
    assert_reject("{\"messages\":[]}", REFRAIN_E_FORMAT, "no turns");
    assert_reject("{\"conversations\":[]}", REFRAIN_E_FORMAT, "no turns");
    assert_reject("{\"samples\":[]}", REFRAIN_E_FORMAT, "none in this log");
    assert_reject("{\"a\":1}", REFRAIN_E_FORMAT, "none of the keys messages");
    assert_reject("{\"mesages\":[]}", REFRAIN_E_FORMAT, "unknown key 'mesages'; did you mean 'messages'?");
    assert_reject("[]", REFRAIN_E_FORMAT, "no turns");
}

static void limits__each_is_a_clear_refusal(void **state)
{
    (void)state;
    const char *json = MESSAGES("{\"role\":\"user\",\"content\":\"four\"},{\"role\":\"assistant\",\"content\":\"fives\"}");
    const struct conv_options at = {.limits = {.record_bytes = strlen(json), .turns = 2, .turn_bytes = 5}};
    struct parsed p = parse_n(json, strlen(json), &at);
    assert_int_equal(p.rc, 0); /* all limits just reached */
    parsed_free(&p);
    assert_reject_n(json, strlen(json), &(struct conv_options){.limits = {.turns = 1}}, REFRAIN_E_LIMIT, "2 turns; the limit is 1");
    assert_reject_n(json, strlen(json), &(struct conv_options){.limits = {.turn_bytes = 4}}, REFRAIN_E_LIMIT,
                    "turn 1: 5 bytes; the limit is 4");
    assert_reject_n(json, strlen(json), &(struct conv_options){.limits = {.record_bytes = 50}}, REFRAIN_E_LIMIT, "the limit is 50");
    assert_reject_n("user: a\nagent: b\n", 17, &(struct conv_options){.limits = {.turns = 1}}, REFRAIN_E_LIMIT, "more than 1 turns");
}

static void limits__the_defaults_are_those_documented(void **state)
{
    (void)state;
    const struct conv_limits d = CONV_LIMITS_DEFAULT;
    assert_int_equal(d.record_bytes, 64u << 20);
    assert_int_equal(d.turns, 10000);
    assert_int_equal(d.turn_bytes, 1u << 20);
}

static void warnings__name_what_was_not_understood(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"country\":\"Atlantis\",\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"ts\":\"noon\"}]}");
    assert_true(has_warning(p.c, "unknown_country", -1));
    assert_true(has_warning(p.c, "unreadable_time", 0));
    assert_str(p.c->meta.country, "");
    parsed_free(&p);
}

/* Any cut of a good record must come back as an answer, never a crash. */
static void any_prefix__is_answered(void **state)
{
    (void)state;
    static const char *const whole[] = {
        MESSAGES("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\\u00e9\"}]},{\"role\":\"assistant\",\"content\":null,"
                 "\"refusal\":\"no\",\"ui_events\":[\"replaced\"]}"),
        "{\"mapping\":{\"a\":{\"message\":{\"author\":{\"role\":\"user\"},\"content\":{\"parts\":[\"x\"]}}}},\"current_node\":\"a\"}",
        "{\"prompt\":\"['a', 'b', 'c\\\\n']\",\"response\":\"d\"}",
        "user: a\nagent: b\n[CONVERSATION ENDED - x]\n",
    };
    for (size_t k = 0; k < ARRAY_LEN(whole); k++)
        for (size_t n = 0; n <= strlen(whole[k]); n++) {
            struct parsed p = parse_n(whole[k], n, NULL);
            assert_true(p.rc != 0 || p.n > 0);
            if (p.rc) assert_true(p.err.message[0] != 0);
            parsed_free(&p);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes__invalid_utf8_is_named_by_offset),
        cmocka_unit_test(bytes__nul_is_refused_raw_and_escaped),
        cmocka_unit_test(bytes__lone_surrogates_are_refused),
        cmocka_unit_test(json__broken_is_refused_with_its_place),
        cmocka_unit_test(text__of_one_side_and_a_stranger_is_refused),
        cmocka_unit_test(role__unknown_comes_with_a_suggestion),
        cmocka_unit_test(role__that_holds_message_text_is_not_printed_in_full),
        cmocka_unit_test(content__missing_or_misshapen_is_refused),
        cmocka_unit_test(record__without_turns_or_format_is_refused),
        cmocka_unit_test(limits__each_is_a_clear_refusal),
        cmocka_unit_test(limits__the_defaults_are_those_documented),
        cmocka_unit_test(warnings__name_what_was_not_understood),
        cmocka_unit_test(any_prefix__is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
