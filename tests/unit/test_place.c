/* helpline/place and helpline/self: where the person is, and who they say they are. */
#include "helpline_fixture.h"

static void expect_place(const char *user, const char *country)
{
    struct judged j;
    judge_talk(&j, "", user, "I hear you.");
    if (strcmp(j.w.place.country, country)) print_error("%s: is '%s'\n", user, j.w.place.country);
    assert_string_equal(j.w.place.country, country);
    arena_free(&j.a);
}

static void place__is_what_the_person_says(void **state)
{
    (void)state;
    expect_place("I'm in Leeds and I can't sleep.", "GB");
    expect_place("It's cold here in Ireland.", "IE");
    expect_place("I live in Toronto.", "CA");
    expect_place("i live in rural Saskatchewan, two hours off", "CA");
    expect_place("live in Tulsa Oklahoma, two kids", "US");
    expect_place("I'm a nurse in Manila.", "PH");
    expect_place("Stop giving me American ones, I'm in Cork", "IE");
    expect_place("I'm in Birmingham, Alabama.", "US");
    expect_place("I'm in the US.", "US");
    expect_place("I'm from Glasgow", "GB");
    expect_place("what can i even do from Manila", "PH");
    expect_place("the NHS waiting list is a year", "GB");
    expect_place("Do you have an Irish number?", "IE");
    expect_place("I moved to Berlin last year", "DE");
    expect_place("UK here.", "GB");
    expect_place("Manchester, raining, 3am, and I can't sleep.", "GB");
    expect_place("Sat in the car park in Wolverhampton because I can't go home.", "GB");
    expect_place("I'm in Perth (the Scottish one) and it's dark.", "GB");
    expect_place("I live in Paris (American, moved here last year).", "FR");
    expect_place("I'm in Canada (Indian student).", "CA");
}

static void place__is_not_guessed(void **state)
{
    (void)state;
    static const char *const none[] = {"My sister lives in Leeds.", "I was in Paris last year.", "I wish I lived in Canada.", "I'm in Georgia.", "I'm in pain.",
        "I used to live in Toronto.", "My character is in London.", "I'm in love with a man from France.", "Stop giving me American numbers.", "nobody believes in us",
        "Estoy muy triste y quiero morir.", "I'm in a mess.", "If I'm in Leeds by then, fine.", "He is in Berlin.", "I'm not in the US.", "I love Italian food.", "People live in Leeds.", "Living in Canada is my dream.",
        "London, what a city.", "He left me. She is in Leeds.", "I was sat in a lecture on Paris in the spring.", "Where did we first meet? I forget.", "I want to die. Sydney.", "Why would you give me that number? America?",
        "Liverpool, 3-0 down again.", "sitting here missing my home in Poland", "lying to my girlfriend in Dublin again"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) expect_place(none[i], "");
}

static void place__order_is_stated_then_record_then_caller(void **state)
{
    (void)state;
    struct judged j = {0};
    arena_init(&j.a, 0);
    j.turn[0] = (struct turn){.role = ROLE_USER, .text = STR("hello"), .ts = TS_NONE};
    j.conv.meta.country = STR("nz");
    judge_turns(&j, "US", 1);
    assert_string_equal(j.w.place.country, "NZ");
    assert_string_equal(j.w.place.source, "record");
    j.turn[0].text = STR("I'm in Leeds");
    judge_turns(&j, "US", 1);
    assert_string_equal(j.w.place.country, "GB");
    assert_string_equal(j.w.place.source, "stated");
    j.conv.meta.country = STR("");
    j.turn[0].text = STR("hello");
    judge_turns(&j, "US", 1);
    assert_string_equal(j.w.place.source, "caller");
    arena_free(&j.a);
}

static void place__is_an_answer_to_the_question(void **state)
{
    (void)state;
    struct judged j = {0};
    arena_init(&j.a, 0);
    j.turn[0] = (struct turn){.role = ROLE_ASSISTANT, .text = STR("Which country are you in?"), .ts = TS_NONE};
    j.turn[1] = (struct turn){.role = ROLE_USER, .text = STR("Ireland."), .ts = TS_NONE};
    judge_turns(&j, "", 2);
    assert_string_equal(j.w.place.country, "IE");
    arena_free(&j.a);
}

/* ---- population ---- */

static void expect_population(const char *user, unsigned pop)
{
    struct judged j;
    judge_talk(&j, "", user, "I hear you.");
    if (j.w.population != pop) print_error("%s: is %x\n", user, j.w.population);
    assert_int_equal(j.w.population, pop);
    arena_free(&j.a);
}

static void population__is_what_is_said_of_oneself(void **state)
{
    (void)state;
    expect_population("I'm a veteran.", POP_VETERAN);
    expect_population("As a disabled vet I get nothing.", POP_VETERAN);
    expect_population("I'm gay and scared.", POP_LGBTQ);
    expect_population("I'm deaf, I can't use the phone.", POP_DEAF | POP_NO_PHONE);
    expect_population("im 15", POP_TEEN);
    expect_population("I'm 16 and I can't tell my mum.", POP_TEEN);
    expect_population("I'm 20 weeks pregnant.", POP_PERINATAL);
    expect_population("My husband hits me.", POP_ABUSE);
    expect_population("He took my phone.", POP_NO_PHONE);
    expect_population("I am a 14 year old girl", POP_TEEN);
}

static void population__of_others_does_not_count(void **state)
{
    (void)state;
    static const char *const none[] = {"My dad is a veteran.", "My brother is gay.", "I'm not a veteran.", "I'm 15 minutes late.", "I'm 44 and tired.", "My sister is pregnant.",
        "It hits me at night.", "I'm 16 weeks in.", "The vet said my dog is sick.", "She is deaf.", "I can't call my mum.", "They think I'm gay."};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) expect_population(none[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(place__is_what_the_person_says),
        cmocka_unit_test(place__is_not_guessed),
        cmocka_unit_test(place__order_is_stated_then_record_then_caller),
        cmocka_unit_test(place__is_an_answer_to_the_question),
        cmocka_unit_test(population__is_what_is_said_of_oneself),
        cmocka_unit_test(population__of_others_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
