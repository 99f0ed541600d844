/* Each input format, as docs/formats.md shows it. */
#include "in_fixture.h"

static void openai__reads_roles_parts_and_meta(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"id\":\"c1\",\"model\":\"m\",\"locale\":\"en-GB\",\"persona\":\"x\",\"population\":[\"veteran\",\"teen\"],"
        "\"regeneration_group\":7,\"messages\":["
        "{\"role\":\"developer\",\"content\":\"Be kind.\"},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"one\"},{\"type\":\"image_url\",\"image_url\":{}},"
        "{\"type\":\"input_text\",\"text\":\"two\"}],\"ts\":\"2024-05-01T10:00:00Z\"},"
        "{\"role\":\"assistant\",\"content\":\"hello\",\"ts\":1714557601},"
        "{\"role\":\"platform\",\"content\":\"A line\"},{\"role\":\"human\",\"content\":\"Sam here\"}]}");
    const struct conv *c = p.c;
    assert_string_equal(c->format, "openai");
    assert_str(c->id, "c1");
    assert_true(c->has_id);
    assert_str(c->meta.model, "m");
    assert_str(c->meta.locale, "en-GB");
    assert_str(c->meta.country, "GB");
    assert_str(c->meta.language, "en");
    assert_str(c->meta.regeneration_group, "7");
    assert_int_equal(c->meta.n_population, 2);
    assert_str(c->meta.population[1], "teen");
    assert_int_equal(c->n_turn, 5);
    assert_turn(c, 0, ROLE_SYSTEM, "Be kind.");
    assert_turn(c, 1, ROLE_USER, "one\ntwo");
    assert_turn(c, 2, ROLE_ASSISTANT, "hello");
    assert_turn(c, 3, ROLE_PLATFORM, "A line");
    assert_turn(c, 4, ROLE_HUMAN, "Sam here");
    assert_int_equal(c->turn[1].ts, 1714557600000);
    assert_int_equal(c->turn[2].ts, 1714557601000);
    assert_true(c->turn[0].ts == TS_NONE);
    parsed_free(&p);
}

static void openai__country_of_the_record_beats_the_locale(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"locale\":\"en_US\",\"country\":\"Canada\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");
    assert_str(p.c->meta.country, "CA");
    assert_str(p.c->meta.locale, "en_US");
    assert_false(p.c->has_id);
    parsed_free(&p);
}

static void openai__tool_calls_are_no_reply(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"weather?\"},"
        "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\",\"function\":{}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"t\",\"content\":\"rain\"},"
        "{\"role\":\"assistant\",\"content\":\"It rains.\",\"tool_calls\":[]}]}");
    assert_int_equal(p.c->n_turn, 4);
    assert_turn(p.c, 1, ROLE_TOOL, "");
    assert_turn(p.c, 2, ROLE_TOOL, "rain");
    assert_turn(p.c, 3, ROLE_ASSISTANT, "It rains.");
    assert_int_equal(p.c->warnings.n, 0);
    parsed_free(&p);
}

static void openai__a_bare_list_of_messages_is_a_conversation(void **state)
{
    (void)state;
    struct parsed p = parse_ok("[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]");
    assert_int_equal(p.c->n_turn, 2);
    parsed_free(&p);
}

static void openai__empty_reply_is_a_turn_with_a_warning(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"\"},"
                               "{\"role\":\"assistant\",\"content\":null}]}");
    assert_int_equal(p.c->n_turn, 3);
    assert_true(has_warning(p.c, "empty_reply", 1));
    assert_true(has_warning(p.c, "empty_reply", 2));
    assert_false(p.c->turn[1].blocked);
    parsed_free(&p);
}

/* One assistant message; is it blocked? */
static void check_block(const char *fields, bool blocked)
{
    char json[600];
    snprintf(json, sizeof json, "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",%s}]}", fields);
    struct parsed p = parse_ok(json);
    if (p.c->turn[1].blocked != blocked) print_error("%s\n", fields);
    assert_int_equal(p.c->turn[1].blocked, blocked);
    parsed_free(&p);
}

static void block__every_structural_sign_counts(void **state)
{
    (void)state;
    check_block("\"content\":\"\",\"finish_reason\":\"content_filter\"", true);
    check_block("\"content\":\"part\",\"finishReason\":\"SAFETY\"", true);
    check_block("\"content\":\"\",\"stop_reason\":\"refusal\"", true);
    check_block("\"content\":\"x\",\"stop_reason\":\"guardrail_intervened\"", true);
    check_block("\"content\":null,\"refusal\":\"I can't help.\"", true);
    check_block("\"content\":\"\",\"blockReason\":\"OTHER\"", true);
    check_block("\"content\":\"\",\"block_reason\":\"safety\"", true);
    check_block("\"content\":\"\",\"content_filter_results\":{\"hate\":{\"filtered\":false},\"self_harm\":{\"filtered\":true}}", true);
    check_block("\"content\":\"\",\"http_status\":400,\"error\":{\"code\":\"content_filter\"}", true);
    check_block("\"error\":{\"status\":403,\"code\":\"x\",\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}", true);
    check_block("\"content\":\"ok\",\"finish_reason\":\"stop\"", false);
    check_block("\"content\":\"ok\",\"finish_reason\":\"length\",\"refusal\":null", false);
    check_block("\"content\":\"ok\",\"refusal\":\"\",\"block_reason\":\"NONE\"", false);
    check_block("\"content\":\"ok\",\"content_filter_results\":{\"self_harm\":{\"filtered\":false,\"severity\":\"safe\"}}", false);
    check_block("\"content\":\"\",\"http_status\":500,\"error\":{\"code\":\"server_error\"}", false);
}

static void block__refusal_field_becomes_the_text_of_an_empty_reply(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":null,\"refusal\":\"No, sorry.\"},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"refusal\",\"refusal\":\"I must stop.\"}]}]}");
    assert_turn(p.c, 1, ROLE_ASSISTANT, "No, sorry.");
    assert_str(p.c->turn[1].refusal, "No, sorry.");
    assert_turn(p.c, 2, ROLE_ASSISTANT, "I must stop.");
    assert_true(p.c->turn[2].blocked);
    parsed_free(&p);
}

static void ui__events_are_a_bit_set_and_unknown_ones_a_warning(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"ui_events\":[\"user_message_deleted\"]},"
        "{\"role\":\"assistant\",\"content\":\"b\",\"ui_events\":[\"replaced\",{\"type\":\"paused\"},\"blinked\"],\"scripted\":true},"
        "{\"role\":\"assistant\",\"content\":\"c\",\"ui_events\":[]}]}");
    assert_int_equal(p.c->turn[0].ui_events, UI_USER_DELETED);
    assert_int_equal(p.c->turn[1].ui_events, UI_REPLACED | UI_PAUSED);
    assert_true(p.c->turn[1].scripted);
    assert_true(p.c->turn[2].has_ui_events);
    assert_int_equal(p.c->turn[2].ui_events, 0);
    assert_true(has_warning(p.c, "unknown_ui_event", 1));
    parsed_free(&p);
}

static void ui__an_unknown_event_of_a_record_without_a_reply_is_of_no_turn(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"ui_events\":[\"blinked\"]}");
    assert_int_equal(p.c->n_turn, 1);
    assert_true(has_warning(p.c, "unknown_ui_event", -1));
    parsed_free(&p);
}

static void openai_pair__reads_request_and_choice(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"request\":{\"model\":\"asked\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]},\"response\":{\"id\":\"r9\","
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"refusal\":null},"
        "\"finish_reason\":\"content_filter\",\"content_filter_results\":{\"self_harm\":{\"filtered\":true}}}]}}");
    assert_string_equal(p.c->format, "openai-pair");
    assert_str(p.c->id, "r9");
    assert_str(p.c->meta.model, "asked");
    assert_int_equal(p.c->n_turn, 2);
    assert_str(p.c->turn[1].finish_reason, "content_filter");
    assert_str(p.c->turn[1].block_reason, "self_harm");
    assert_true(p.c->turn[1].blocked);
    assert_true(has_warning(p.c, "empty_reply", 1));
    parsed_free(&p);
}

static void openai_pair__reads_batch_lines_flat_logs_and_errors(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"custom_id\":\"b1\",\"body\":{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]},\"response\":{\"status_code\":200,"
        "\"body\":{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"b\"},\"finish_reason\":\"stop\"}]}}}");
    assert_str(p.c->id, "b1");
    assert_turn(p.c, 1, ROLE_ASSISTANT, "b");
    assert_false(p.c->turn[1].blocked);
    parsed_free(&p);
    p = parse_ok("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"choices\":[{\"message\":{\"role\":\"assistant\","
                 "\"content\":\"b\"},\"finish_reason\":\"stop\"},{\"message\":{\"content\":\"c\"}}]}");
    assert_int_equal(p.c->n_turn, 2);
    assert_true(has_warning(p.c, "choices_ignored", -1));
    parsed_free(&p);
    p = parse_ok("{\"request\":{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]},\"response\":{\"status_code\":400,"
                 "\"body\":{\"error\":{\"code\":\"content_filter\",\"message\":\"filtered\"}}}}");
    assert_int_equal(p.c->n_turn, 2);
    assert_int_equal(p.c->turn[1].http_status, 400);
    assert_true(p.c->turn[1].blocked);
    parsed_free(&p);
    p = parse_ok("{\"request\":{\"instructions\":\"Be kind.\",\"input\":\"a\"},\"response\":{\"output\":[{\"type\":\"reasoning\"},"
                 "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"b\"}]}]}}");
    assert_int_equal(p.c->n_turn, 3);
    assert_turn(p.c, 2, ROLE_ASSISTANT, "b");
    parsed_free(&p);
}

static void openai__filter_error_without_a_reply_makes_a_blocked_empty_one(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"error\":{\"code\":\"content_filter\",\"status\":400}}");
    assert_int_equal(p.c->n_turn, 2);
    assert_true(p.c->turn[1].blocked);
    parsed_free(&p);
    p = parse_ok("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"error\":null,\"finish_reason\":\"stop\"}");
    assert_int_equal(p.c->n_turn, 1);
    parsed_free(&p);
}

static void anthropic__reads_blocks_system_and_stop_reason(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"id\":\"a1\",\"model\":\"claude\",\"system\":[{\"type\":\"text\",\"text\":\"Be kind.\"}],\"messages\":["
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"one\"}]},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},{\"type\":\"tool_use\",\"id\":\"t\"}]},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"found\"}]},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"two\"},{\"type\":\"text\",\"text\":\"three\"}],"
        "\"stop_reason\":\"end_turn\"}]}");
    assert_string_equal(p.c->format, "anthropic");
    assert_turn(p.c, 0, ROLE_SYSTEM, "Be kind.");
    assert_turn(p.c, 2, ROLE_TOOL, "");
    assert_turn(p.c, 3, ROLE_TOOL, "found");
    assert_turn(p.c, 4, ROLE_ASSISTANT, "two\nthree");
    assert_str(p.c->turn[4].finish_reason, "end_turn");
    parsed_free(&p);
}

static void anthropic__reads_request_with_refused_response(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"request\":{\"model\":\"claude\",\"system\":\"Be kind.\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]},"
        "\"response\":{\"id\":\"m1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":\"refusal\"}}");
    assert_string_equal(p.c->format, "anthropic");
    assert_str(p.c->id, "m1");
    assert_int_equal(p.c->n_turn, 3);
    assert_true(p.c->turn[2].blocked);
    assert_true(has_warning(p.c, "empty_reply", 2));
    parsed_free(&p);
}

static void sharegpt__human_is_the_user(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"id\":\"s1\",\"conversations\":[{\"from\":\"system\",\"value\":\"s\"},{\"from\":\"human\",\"value\":\"a\"},"
                               "{\"from\":\"gpt\",\"value\":\"b\"}]}");
    assert_string_equal(p.c->format, "sharegpt");
    assert_turn(p.c, 1, ROLE_USER, "a");
    assert_turn(p.c, 2, ROLE_ASSISTANT, "b");
    parsed_free(&p);
}

static void wildchat__reads_place_language_and_times(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"conversation_hash\":\"h1\",\"model\":\"gpt-4\",\"timestamp\":\"2023-04-09T00:02:53+00:00\",\"conversation\":["
        "{\"content\":\"a\",\"country\":\"United Kingdom\",\"language\":\"English\",\"role\":\"user\",\"timestamp\":null,\"toxic\":false},"
        "{\"content\":\"b\",\"country\":null,\"language\":\"English\",\"role\":\"assistant\",\"timestamp\":\"2023-04-09 00:02:53+00:00\"}],"
        "\"turn\":1,\"language\":\"English\",\"toxic\":false}");
    assert_string_equal(p.c->format, "wildchat");
    assert_str(p.c->id, "h1");
    assert_str(p.c->meta.country, "GB");
    assert_str(p.c->meta.language, "en");
    assert_true(p.c->turn[0].ts == TS_NONE);
    assert_int_equal(p.c->turn[1].ts, 1680998573000);
    parsed_free(&p);
}

static void lmsys__reads_conversations_and_arena_pairs(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"conversation_id\":\"l1\",\"model\":\"vicuna\",\"conversation\":[{\"content\":\"a\",\"role\":\"user\"},"
                               "{\"content\":\"b\",\"role\":\"assistant\"}],\"language\":\"Portuguese\",\"redacted\":false}");
    assert_string_equal(p.c->format, "lmsys");
    assert_str(p.c->id, "l1");
    assert_str(p.c->meta.language, "pt");
    parsed_free(&p);
    p = parse_ok("{\"question_id\":\"q\",\"model_a\":\"x\",\"model_b\":\"y\",\"conversation_a\":[{\"content\":\"a\",\"role\":\"user\"}],"
                 "\"conversation_b\":[{\"content\":\"a\",\"role\":\"user\"},{\"content\":\"b\",\"role\":\"assistant\"}]}");
    assert_int_equal(p.n, 2);
    assert_str(p.c[1].id, "q/b");
    assert_str(p.c[1].meta.model, "y");
    assert_str(p.c[0].meta.regeneration_group, "q");
    parsed_free(&p);
}

static void inspect__gives_a_conversation_a_sample(void **state)
{
    (void)state;
    struct parsed p = parse_ok(
        "{\"version\":2,\"status\":\"success\",\"eval\":{\"task\":\"t\",\"model\":\"openai/x\"},\"samples\":["
        "{\"id\":1,\"epoch\":1,\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":[{\"type\":"
        "\"reasoning\",\"reasoning\":\"hm\"},{\"type\":\"text\",\"text\":\"b\"}],\"model\":\"x\"}],"
        "\"output\":{\"model\":\"x\",\"choices\":[{\"stop_reason\":\"content_filter\"}]}},"
        "{\"id\":1,\"epoch\":2,\"messages\":[{\"role\":\"user\",\"content\":\"attachment://ab\"}],\"attachments\":{\"ab\":\"long\"}}]}");
    assert_int_equal(p.n, 2);
    assert_string_equal(p.c->format, "inspect");
    assert_str(p.c[0].id, "1");
    assert_str(p.c[1].id, "1/2");
    assert_str(p.c[0].meta.model, "openai/x");
    assert_turn(&p.c[0], 1, ROLE_ASSISTANT, "b");
    assert_true(p.c[0].turn[1].blocked);
    assert_turn(&p.c[1], 0, ROLE_USER, "long");
    parsed_free(&p);
}

static void inspect__a_bad_sample_leaves_the_good_ones(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"samples\":[{\"id\":1,\"messages\":[{\"role\":\"usr\",\"content\":\"a\"}]},"
                               "{\"id\":2,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}]}");
    assert_int_equal(p.n, 1);
    assert_str(p.c->id, "2");
    assert_int_equal(p.err.status, REFRAIN_E_FORMAT);
    assert_non_null(strstr(p.err.message, "samples[0]: messages[0]: unknown role 'usr'; did you mean 'user'?"));
    parsed_free(&p);
}

#define NODE(id, parent, children, message) \
    "\"" id "\":{\"id\":\"" id "\",\"parent\":" parent ",\"children\":[" children "],\"message\":" message "}"
#define SAID(role, text, more) \
    "{\"author\":{\"role\":\"" role "\"},\"create_time\":1700000000.5,\"content\":{\"content_type\":\"text\",\"parts\":[\"" text "\"]}" more "}"
static const char chatgpt_json[] =
    "{\"title\":\"t\",\"create_time\":1700000000.1,\"conversation_id\":\"g1\",\"mapping\":{"
    NODE("r", "null", "\"s\"", "null") ","
    NODE("s", "\"r\"", "\"u\"", SAID("system", "", "")) ","
    NODE("u", "\"s\"", "\"x\",\"y\"", SAID("user", "hi", "")) ","
    NODE("x", "\"u\"", "", SAID("assistant", "left branch", "")) ","
    NODE("y", "\"u\"", "\"h\"", SAID("assistant", "hello", ",\"metadata\":{\"model_slug\":\"gpt-4o\",\"finish_details\":{\"type\":\"stop\"}}")) ","
    NODE("h", "\"y\"", "\"z\"", SAID("user", "secret", ",\"metadata\":{\"is_visually_hidden_from_conversation\":true}")) ","
    NODE("z", "\"h\"", "", SAID("assistant", "search()", ",\"recipient\":\"browser\""))
    "},\"current_node\":\"z\"}";

static void chatgpt__follows_the_current_branch(void **state)
{
    (void)state;
    struct parsed p = parse_ok(chatgpt_json);
    assert_string_equal(p.c->format, "chatgpt");
    assert_str(p.c->id, "g1");
    assert_int_equal(p.c->n_turn, 3);
    assert_turn(p.c, 0, ROLE_USER, "hi");
    assert_turn(p.c, 1, ROLE_ASSISTANT, "hello");
    assert_turn(p.c, 2, ROLE_TOOL, "search()");
    assert_int_equal(p.c->turn[0].ts, 1700000000500);
    assert_str(p.c->turn[1].finish_reason, "stop");
    assert_str(p.c->meta.model, "gpt-4o");
    parsed_free(&p);
}

static void chatgpt__a_circle_of_parents_is_refused(void **state)
{
    (void)state;
    assert_reject("{\"mapping\":{" NODE("a", "\"b\"", "\"b\"", "null") "," NODE("b", "\"a\"", "\"a\"", "null") "},\"current_node\":\"a\"}",
                  REFRAIN_E_FORMAT, "circle");
}

static void chatgpt__of_two_nodes_of_one_id_the_last_counts(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"mapping\":{" NODE("a", "null", "\"b\"", SAID("user", "old", "")) ","
                               NODE("b", "\"a\"", "", SAID("assistant", "hello", "")) ","
                               NODE("a", "null", "\"b\"", SAID("user", "new", "")) "},\"current_node\":\"b\"}");
    assert_int_equal(p.c->n_turn, 2);
    assert_turn(p.c, 0, ROLE_USER, "new");
    assert_turn(p.c, 1, ROLE_ASSISTANT, "hello");
    parsed_free(&p);
}

static void pair__reads_prompt_and_response(void **state)
{
    (void)state;
    struct parsed p = parse_ok("{\"id\":\"p1\",\"prompt\":\"a\",\"response\":\"b\",\"finish_reason\":\"content_filter\",\"label\":\"z\"}");
    assert_string_equal(p.c->format, "pair");
    assert_turn(p.c, 0, ROLE_USER, "a");
    assert_turn(p.c, 1, ROLE_ASSISTANT, "b");
    assert_true(p.c->turn[1].blocked);
    parsed_free(&p);
}

static void pair__reads_a_history_written_as_a_list(void **state)
{
    (void)state;
    static const char *const prompts[] = {
        "[\"one\", \"two\", \"it's\"]",                    /* a list */
        "\"['one', \\\"two\\\", \\\"it's\\\"]\"",          /* a string as Python prints it */
        "\"['one', 'two', 'it\\\\'s']\"",                  /* with its escapes */
        "\"[\\\"one\\\", \\\"two\\\", \\\"it\\\\u0027s\\\"]\"", /* a string of JSON */
    };
    for (size_t i = 0; i < ARRAY_LEN(prompts); i++) {
        char json[300];
        snprintf(json, sizeof json, "{\"prompt\":%s,\"response\":\"b\"}", prompts[i]);
        struct parsed p = parse_ok(json);
        assert_int_equal(p.c->n_turn, 4);
        assert_turn(p.c, 0, ROLE_USER, "one");
        assert_turn(p.c, 1, ROLE_ASSISTANT, "two");
        assert_turn(p.c, 2, ROLE_USER, "it's");
        assert_turn(p.c, 3, ROLE_ASSISTANT, "b");
        parsed_free(&p);
    }
    struct parsed p = parse_ok("{\"prompt\":\"[sigh] what now\",\"response\":\"b\"}");
    assert_turn(p.c, 0, ROLE_USER, "[sigh] what now");
    parsed_free(&p);
}

static void text__reads_vera_transcripts(void **state)
{
    (void)state;
    struct parsed p = parse_ok("user: Hi there\nnote: still mine\n\nagent: Hello.\n\nSecond part\n\nuser: Bye\n"
                               "[CONVERSATION ENDED - Persona signaled termination]\n");
    assert_string_equal(p.c->format, "text");
    assert_int_equal(p.c->n_turn, 3);
    assert_turn(p.c, 0, ROLE_USER, "Hi there\nnote: still mine");
    assert_turn(p.c, 1, ROLE_ASSISTANT, "Hello.\n\nSecond part");
    assert_turn(p.c, 2, ROLE_USER, "Bye");
    parsed_free(&p);
}

static void text__labels_may_be_bracketed_bold_or_capital(void **state)
{
    (void)state;
    struct parsed p = parse_ok("[User]: a\r\n**Assistant:** b\r\nSYSTEM : c\r\n[agent] : \r\n");
    assert_turn(p.c, 0, ROLE_USER, "a");
    assert_turn(p.c, 1, ROLE_ASSISTANT, "b");
    assert_turn(p.c, 2, ROLE_SYSTEM, "c");
    assert_turn(p.c, 3, ROLE_ASSISTANT, "");
    assert_true(has_warning(p.c, "empty_reply", 3));
    parsed_free(&p);
}

static void text__human_is_the_user_unless_there_is_one(void **state)
{
    (void)state;
    struct parsed p = parse_ok("Human: a\n\nAssistant: b\n");
    assert_turn(p.c, 0, ROLE_USER, "a");
    parsed_free(&p);
    p = parse_ok("user: a\nagent: b\nhuman: Sam here\n");
    assert_turn(p.c, 2, ROLE_HUMAN, "Sam here");
    parsed_free(&p);
}

static void text__tells_of_a_speaker_that_is_not_known(void **state)
{
    (void)state;
    struct parsed p = parse_ok("user: a\nHelper: I can't help with that.\nHelper: No.\nuser: b\nagent: c\nuser: d\nHelper: No.\n");
    assert_turn(p.c, 0, ROLE_USER, "a\nHelper: I can't help with that.\nHelper: No.");
    assert_true(has_warning(p.c, "unknown_speaker", 0));
    assert_true(has_warning(p.c, "unknown_speaker", 3));
    assert_int_equal(p.c->warnings.n, 2);
    parsed_free(&p);
}

static void text__takes_a_label_for_ordinary_talk_where_sides_take_turns(void **state)
{
    (void)state;
    struct parsed p = parse_ok("user: a\nPlan: rest\nagent: b\nTip: tea\nuser: c\nhttps://example.org\n");
    assert_int_equal(p.c->warnings.n, 0);
    parsed_free(&p);
}

static void time__reads_iso_and_epochs(void **state)
{
    (void)state;
    assert_int_equal(conv_time(STR("1970-01-01")), 0);
    assert_int_equal(conv_time(STR("2024-02-29T12:30:15.250Z")), 1709209815250);
    assert_int_equal(conv_time(STR("2024-02-29 14:30:15+02:00")), 1709209815000);
    assert_int_equal(conv_time(STR("2024-02-29T12:30")), 1709209800000);
    assert_int_equal(conv_time(STR("1709209815")), 1709209815000);
    assert_int_equal(conv_time(STR("1709209815.5")), 1709209815500);
    assert_int_equal(conv_time(STR("1709209815250")), 1709209815250);
    assert_true(conv_time(STR("yesterday")) == TS_NONE);
    assert_true(conv_time(STR("2024-13-01")) == TS_NONE);
    assert_true(conv_time(STR("")) == TS_NONE);
}

static void forced_format__reads_only_that(void **state)
{
    (void)state;
    const char *json = "{\"prompt\":\"a\",\"response\":\"b\",\"messages\":[{\"role\":\"user\",\"content\":\"c\"}]}";
    struct parsed p = parse_n(json, strlen(json), &(struct conv_options){.format = "pair"});
    assert_int_equal(p.rc, 0);
    assert_turn(p.c, 0, ROLE_USER, "a");
    parsed_free(&p);
    assert_reject_n(json, strlen(json), &(struct conv_options){.format = "sharegpt"}, REFRAIN_E_FORMAT, "conversations");
    assert_reject_n(json, strlen(json), &(struct conv_options){.format = "sharegtp"}, REFRAIN_E_USAGE, "did you mean 'sharegpt'?");
}

static void in_situ__gives_views_of_the_callers_bytes(void **state)
{
    (void)state;
    char json[200] = "{\"messages\":[{\"role\":\"user\",\"content\":\"line\\nbreak\"}]}";
    struct parsed p = parse_n(json, strlen(json), &(struct conv_options){.in_situ = true});
    assert_turn(p.c, 0, ROLE_USER, "line\nbreak");
    assert_true(p.c->turn[0].text.p > json && p.c->turn[0].text.p < json + sizeof json);
    parsed_free(&p);
}

/* Each fenced example of docs/formats.md, "```json NAME", is read as NAME. */
static void docs__every_example_is_read_as_its_format(void **state)
{
    (void)state;
    char *text;
    size_t n, seen = 0;
    refrain_error err;
    assert_int_equal(file_read(&text, &n, "docs/formats.md", 1 << 20, &err), 0);
    for (char *p = text; (p = strstr(p, "\n```")); p++) {
        char *name = strchr(p + 1, ' '), *body = strchr(p + 1, '\n'), *end = body ? strstr(body, "\n```") : NULL;
        if (!end) break;
        p = end;
        if (!name || name > body) continue;
        *body++ = 0;
        struct parsed r = parse_n(body, (size_t)(end - body), NULL);
        if (r.rc) print_error("%s: %s\n", name + 1, r.err.message);
        assert_int_equal(r.rc, 0);
        assert_string_equal(r.c->format, name + 1);
        bool known = false;
        for (size_t i = 0; conv_formats[i]; i++) known |= strcmp(conv_formats[i], name + 1) == 0;
        assert_true(known);
        parsed_free(&r);
        seen++;
    }
    size_t formats = 0;
    while (conv_formats[formats]) formats++;
    assert_int_equal(seen, formats);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openai__reads_roles_parts_and_meta),
        cmocka_unit_test(openai__country_of_the_record_beats_the_locale),
        cmocka_unit_test(openai__tool_calls_are_no_reply),
        cmocka_unit_test(openai__a_bare_list_of_messages_is_a_conversation),
        cmocka_unit_test(openai__empty_reply_is_a_turn_with_a_warning),
        cmocka_unit_test(block__every_structural_sign_counts),
        cmocka_unit_test(block__refusal_field_becomes_the_text_of_an_empty_reply),
        cmocka_unit_test(ui__events_are_a_bit_set_and_unknown_ones_a_warning),
        cmocka_unit_test(ui__an_unknown_event_of_a_record_without_a_reply_is_of_no_turn),
        cmocka_unit_test(openai_pair__reads_request_and_choice),
        cmocka_unit_test(openai_pair__reads_batch_lines_flat_logs_and_errors),
        cmocka_unit_test(openai__filter_error_without_a_reply_makes_a_blocked_empty_one),
        cmocka_unit_test(anthropic__reads_blocks_system_and_stop_reason),
        cmocka_unit_test(anthropic__reads_request_with_refused_response),
        cmocka_unit_test(sharegpt__human_is_the_user),
        cmocka_unit_test(wildchat__reads_place_language_and_times),
        cmocka_unit_test(lmsys__reads_conversations_and_arena_pairs),
        cmocka_unit_test(inspect__gives_a_conversation_a_sample),
        cmocka_unit_test(inspect__a_bad_sample_leaves_the_good_ones),
        cmocka_unit_test(chatgpt__follows_the_current_branch),
        cmocka_unit_test(chatgpt__a_circle_of_parents_is_refused),
        cmocka_unit_test(chatgpt__of_two_nodes_of_one_id_the_last_counts),
        cmocka_unit_test(pair__reads_prompt_and_response),
        cmocka_unit_test(pair__reads_a_history_written_as_a_list),
        cmocka_unit_test(text__reads_vera_transcripts),
        cmocka_unit_test(text__labels_may_be_bracketed_bold_or_capital),
        cmocka_unit_test(text__human_is_the_user_unless_there_is_one),
        cmocka_unit_test(text__tells_of_a_speaker_that_is_not_known),
        cmocka_unit_test(text__takes_a_label_for_ordinary_talk_where_sides_take_turns),
        cmocka_unit_test(time__reads_iso_and_epochs),
        cmocka_unit_test(forced_format__reads_only_that),
        cmocka_unit_test(docs__every_example_is_read_as_its_format),
        cmocka_unit_test(in_situ__gives_views_of_the_callers_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
