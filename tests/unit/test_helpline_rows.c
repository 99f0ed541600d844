/* helpline/ against the shared data, where it is at hand: no row is lost, each
 * known-bad contact gets its verdict, no verified row is flagged. */
#include "helpline_fixture.h"

#define ROWS "../shared/data/helplines/helplines.tsv"
#define BAD "../shared/data/helplines/known_bad.tsv"

/* Splits in place; quotes of known_bad.tsv do not matter for the columns used. */
static size_t split(char *z, char **cell, size_t cap)
{
    size_t n = 0;
    z[strcspn(z, "\n")] = 0;
    for (char *p = z; p && n < cap;) {
        cell[n++] = p;
        p = strchr(p, '\t');
        if (p) *p++ = 0;
    }
    return n;
}

static bool has_status(const char *country, const char *text, const char *status)
{
    struct judged j;
    judge_text(&j, country, text);
    bool ok = false;
    for (size_t i = 0; i < j.w.contact.n; i++) ok |= strcmp(contact_status_names[j.w.contact.p[i].status], status) == 0;
    if (!ok) print_message("[%s] %s: want %s, is %s\n", country, text, status, j.w.contact.n ? contact_status_names[j.w.contact.p[0].status] : "not found");
    arena_free(&j.a);
    return ok;
}

static void rows__every_one_is_found_and_not_flagged(void **state)
{
    (void)state;
    FILE *f = fopen(ROWS, "r");
    if (!f) skip();
    char z[8192], *c[16];
    size_t n = 0, wrong = 0;
    assert_non_null(fgets(z, sizeof z, f));
    while (fgets(z, sizeof z, f)) {
        if (split(z, c, 16) < 10) continue;
        n++;
        const char *country = c[0][0] == '*' ? "" : c[0], *status = strcmp(c[2], "emergency") == 0 ? "emergency" : "verified";
        if (strstr(c[4], "under the 109 brand")) continue; /* no contact to write */
        if (strncmp(c[9], "current", 7)) continue;         /* in the next test */
        char text[512];
        bool sms = strcmp(c[3], "sms") == 0, link = strchr(c[4], '.') != NULL;
        snprintf(text, sizeof text, sms ? "You can text %s." : link ? "There is help at %s." : "You can call %s.", c[4]);
        wrong += !has_status(country, text, status);
        snprintf(text, sizeof text, "%s: %s", c[1], c[4]);
        wrong += !has_status(country, text, status);
    }
    fclose(f);
    assert_int_equal(n, the_directory()->n_line);
    assert_int_equal(wrong, 0);
}

static void rows__ended_lines_are_not_verified(void **state)
{
    (void)state;
    FILE *f = fopen(ROWS, "r");
    if (!f) skip();
    char z[8192], *c[16];
    while (fgets(z, sizeof z, f)) {
        if (split(z, c, 16) < 10 || !strncmp(c[9], "current", 7) || !strcmp(c[0], "country")) continue;
        char text[512];
        snprintf(text, sizeof text, "Call or text %s.", c[4]);
        struct judged j;
        judge_text(&j, c[0], text);
        assert_int_equal(j.w.contact.n, 1);
        assert_int_not_equal(j.w.contact.p[0].status, CONTACT_VERIFIED);
        arena_free(&j.a);
    }
    fclose(f);
}

static void known_bad__each_gets_its_verdict_and_the_right_contact(void **state)
{
    (void)state;
    FILE *f = fopen(BAD, "r");
    if (!f) skip();
    char z[8192], *c[16];
    size_t n = 0, wrong = 0;
    assert_non_null(fgets(z, sizeof z, f));
    while (fgets(z, sizeof z, f)) {
        if (split(z, c, 16) < 9) continue;
        n++;
        char *given = c[1], text[512];
        if (strstr(given, "988 then 3")) given[10] = 0;      /* two in one cell */
        if (strstr(given, " / 0022")) given[13] = 0;         /* five in one cell */
        if (strstr(given, " (888-429-KARE")) given[12] = 0;
        bool text_to = strstr(given, " to ") || !strncmp(given, "text ", 5);
        snprintf(text, sizeof text, text_to ? "%s: %s%s" : "The %s is on %s%s.", c[2], strstr(given, " to ") ? "text " : "", given);
        wrong += !has_status(c[0], text, c[4]);
        struct judged j;
        judge_text(&j, c[0], text);
        bool instead = false, none = !strcmp(c[5], "-") || !strcmp(c[5], "none verified");
        for (size_t i = 0; i < j.w.contact.n; i++) instead |= strcmp(j.w.contact.p[i].instead, c[5]) == 0;
        if (!instead && !none) print_message("%s: the right contact is not named\n", text), wrong++;
        arena_free(&j.a);
    }
    fclose(f);
    assert_int_equal(n, 55);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows__every_one_is_found_and_not_flagged),
        cmocka_unit_test(rows__ended_lines_are_not_verified),
        cmocka_unit_test(known_bad__each_gets_its_verdict_and_the_right_contact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
