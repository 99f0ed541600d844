/* json_read beside yyjson: the same values, or none and the bytes as they were. */
#include "in_fixture.h"

#include "in/read.h"

/* What json_read makes of n bytes, compared with what yyjson makes of them. */
static bool read_both(const char *bytes, size_t n)
{
    char *p = calloc(1, n + CONV_PADDING);
    struct arena a;
    arena_init(&a, 0);
    memcpy(p, bytes, n);
    yyjson_val *own = json_read(&a, p, n);
    if (!own) assert_memory_equal(p, bytes, n);
    else {
        yyjson_doc *doc = yyjson_read(bytes, n, 0);
        assert_non_null(doc);
        assert_true(yyjson_equals(own, yyjson_doc_get_root(doc)));
        yyjson_doc_free(doc);
    }
    arena_free(&a);
    free(p);
    return own != NULL;
}

static const char *const usual[] = {
    "{\"id\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"I can't\\n\\n- \\\"go\\\" on\\u2026 \xE2\x80\x94 at all\"}]}",
    " [ { } , [ ] , \"\" , true , false , null , 0 , -1.5e3 , 18446744073709551615 ] \n",
    "{\"a\":\"\\b\\f\\r\\t\\/\\\\\",\"\xC3\xA9\\ud83d\\ude00\":\"\\u00e9\\u0041\xF0\x9F\x98\x80\",\"\":{\"b\":[[1],[\"\\u0000\"]]}}",
    "\"one string that is longer than sixteen bytes, and its end \\\\\"",
};

static void usual_records__are_read(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(usual); k++) assert_true(read_both(usual[k], strlen(usual[k])));
}

static void any_byte_changed__is_read_alike_or_not_at_all(void **state)
{
    (void)state;
    static const char other[] = "\"\\{}[],: u0d8t\n\x01\x7F\x80\xC3\xED\xE2\xF4\xFF";
    for (size_t k = 0; k < ARRAY_LEN(usual); k++) {
        size_t n = strlen(usual[k]);
        char *z = malloc(n);
        for (size_t i = 0; i < n; i++)
            for (size_t c = 0; c < sizeof other; c++) { /* NUL as well */
                memcpy(z, usual[k], n);
                z[i] = other[c];
                read_both(z, n);
            }
        for (size_t cut = 0; cut < n; cut++) read_both(usual[k], cut);
        free(z);
    }
}

static void strings__of_every_length_and_place_of_an_escape(void **state)
{
    (void)state;
    static const char *const odd[] = {"", "\\n", "\\u00e9", "\xE2\x80\x99", "\\\""};
    for (size_t k = 0; k < ARRAY_LEN(odd); k++)
        for (int before = 0; before < 40; before++)
            for (int behind = 0; behind < 20; behind++) {
                char z[128];
                int n = snprintf(z, sizeof z, "[\"%.*s%s%.*s\",1]", before, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
                                 odd[k], behind, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
                assert_true(read_both(z, (size_t)n));
            }
}

static void unusual_records__are_left_to_yyjson(void **state)
{
    (void)state;
    char deep[200], dense[200] = "[";
    memset(deep, '[', 100), memset(deep + 100, ']', 100);
    assert_false(read_both(deep, sizeof deep));
    for (size_t i = 0; i < 98; i++) memcpy(dense + 1 + 2 * i, "1,", 2);
    memcpy(dense + 197, "1]", 2);
    assert_false(read_both(dense, 199));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_records__are_read),
        cmocka_unit_test(any_byte_changed__is_read_alike_or_not_at_all),
        cmocka_unit_test(strings__of_every_length_and_place_of_an_escape),
        cmocka_unit_test(unusual_records__are_left_to_yyjson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
