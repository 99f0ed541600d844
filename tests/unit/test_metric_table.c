/* The table of corpus metrics: ids, words, and the page that lists it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "out/words.h"
#include "stats/metrics_write.h"
#include <cmocka.h>

static void table__has_unique_ids_and_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < metric_count(); i++) {
        const struct metric_def *d = metric_at(i);
        assert_true(*d->id && *d->family && *d->label && *d->text && *d->unit && *d->of);
        assert_ptr_equal(metric_def_of(d->id), d);
    }
    assert_null(metric_def_of("no.such"));
}

static void label_is(const char *family, const char *name, const char *before, const char *words)
{
    char id[64], want[64];
    if (!name) return;
    snprintf(id, sizeof id, "%s.%s", family, name);
    snprintf(want, sizeof want, "%s%s", before, words);
    const struct metric_def *d = metric_def_of(id);
    if (!d) fail_msg("no metric %s", id);
    else if (!str_ieq(str_of(d->label), str_of(want))) fail_msg("%s is called '%s', elsewhere '%s'", id, d->label, want);
}

/* One thing has one name: in figures as in the summary, in explain and in the page. */
static void labels__are_the_words_of_the_other_pages(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) label_is("next", next_names[i], "", next_words[i]);
    for (int i = 0; i < N_END; i++) label_is("end", end_reason_names[i], "Ended: ", end_words[i]);
    for (int i = 0; i < N_DECISION; i++) label_is("decision", decision_names[i], "", decision_words[i]);
    for (int i = 0; i < N_QUADRANT; i++) label_is("quadrant", quadrant_names[i], "", quadrant_words[i]);
    for (int i = 1; i <= 9; i++) {
        char before[8];
        snprintf(before, sizeof before, "%s ", rtype_names[i]);
        label_is("rtype", rtype_names[i], before, rtype_words[i]);
    }
    assert_string_equal(metric_def_of("phase.P3.mhp")->label, "P3 framing, professional");
}

static void docs__hold_the_table(void **state)
{
    (void)state;
    struct buf want = {0};
    char *page;
    size_t n;
    refrain_error err = {0};
    metrics_definitions_markdown(&want);
    if (file_read(&page, &n, "docs/statistics.md", 1 << 20, &err)) fail_msg("%s", err.message);
    if (str_find((str){page, n}, (str){want.p, want.n}) == SIZE_MAX)
        fail_msg("docs/statistics.md is stale: put the output of build/tools/metrics-doc under its heading Metrics");
    free(page);
    buf_free(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__has_unique_ids_and_words),
        cmocka_unit_test(labels__are_the_words_of_the_other_pages),
        cmocka_unit_test(docs__hold_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
