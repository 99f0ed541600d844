/* out/store.h's reader: which files it opens, which runs it sets side by side,
 * how alike it takes two refusals to be. Writing is tests/cli/test_store.py's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "out/store.h"
#include "text/overlap.h"

static const struct store_run one = {.refrain_version = "0.1.0", .pack_version = "en-1", .pack_hash = "aa", .model_hash = "bb",
                                     .directory_version = "2026-01-01 cc", .as_of = "2026-02-03",
                                     .options = "{\"country\":null,\"stale-days\":0,\"max-turns\":10000}", .arguments = "[\"a\"]"};

static void differences__are_of_what_judges_and_not_of_what_is_read(void **state)
{
    (void)state;
    struct store_run two = one;
    two.options = "{\"country\":null,\"stale-days\":0,\"max-turns\":7}";
    two.arguments = "[\"b\"]";
    two.started = "2026-02-04T00:00:00Z";
    assert_int_equal(store_differences(NULL, &one, &two), 0);
}

static void differences__are_each_told_on_a_line(void **state)
{
    (void)state;
    struct store_run two = one;
    struct buf why = {0};
    two.pack_hash = "dd";
    two.as_of = "2026-02-04";
    two.options = "{\"country\":\"GB\",\"stale-days\":0}";
    assert_int_equal(store_differences(&why, &one, &two), 3);
    buf_putc(&why, 0);
    assert_string_equal(why.p, "pack: aa and dd\nas-of: 2026-02-03 and 2026-02-04\ncountry: null and \"GB\"\n");
    buf_free(&why);
}

static void j5__takes_the_sketch_that_both_lengths_call_for(void **state)
{
    (void)state;
    unsigned char same[2 * SKETCH_PLACES], other[2 * SKETCH_PLACES];
    memset(same, 1, sizeof same);
    memset(other, 2, sizeof other);
    const struct store_sketch longer = {.n_token = 40, .five = same}, longer_too = {.n_token = 50, .five = same},
                              middle = {.n_token = 25, .five = other, .three = same}, brief = {.n_token = 10, .three = same},
                              empty = {0};
    assert_float_equal(store_j5(&longer, &longer_too), 1, 0);
    assert_float_equal(store_j5(&longer, &middle), 0, 0);  /* by five */
    assert_float_equal(store_j5(&brief, &middle), 1, 0);   /* by three */
    assert_float_equal(store_j5(&brief, &longer), 0, 0);   /* too unlike in length */
    assert_float_equal(store_j5(&empty, &empty), 0, 0);
}

static int open_file(char *path, const char *sql, refrain_error *err)
{
    sqlite3 *db;
    strcpy(path, "/tmp/refrain-store-XXXXXX");
    close(mkstemp(path));
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    int rc = store_open(&db, path, err);
    sqlite3_close(db);
    unlink(path);
    return rc;
}

static void open__tells_a_store_from_other_files(void **state)
{
    (void)state;
    char path[64];
    refrain_error err = {0};
    assert_int_equal(open_file(path, "PRAGMA application_id = 0x7266726E; PRAGMA user_version = 1", &err), REFRAIN_E_FORMAT);
    assert_non_null(strstr(err.message, "its table run is not that of"));
    assert_int_equal(open_file(path, "CREATE TABLE t (x)", &err), REFRAIN_E_FORMAT);
    assert_non_null(strstr(err.message, "no refrain store"));
    assert_int_equal(open_file(path, "PRAGMA application_id = 0x7266726E; PRAGMA user_version = 2", &err), REFRAIN_E_FORMAT);
    assert_non_null(strstr(err.message, "version 2"));
    sqlite3 *db;
    assert_int_equal(store_open(&db, "/no/such/store", &err), REFRAIN_E_IO);
    assert_null(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences__are_of_what_judges_and_not_of_what_is_read),
        cmocka_unit_test(differences__are_each_told_on_a_line),
        cmocka_unit_test(j5__takes_the_sketch_that_both_lengths_call_for),
        cmocka_unit_test(open__tells_a_store_from_other_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
