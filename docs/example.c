/* A conversation fed as it happens, and its report.
 *
 *   cc example.c $(pkg-config --cflags --libs refrain) -o example && ./example
 *
 * The same for a file: refrain_scanner_new once a thread, then refrain_scan on
 * each record. */
#include <stdio.h>
#include <string.h>

#include <refrain/refrain.h>

static refrain_str str(const char *z)
{
    refrain_str s = {z, strlen(z)};
    return s;
}

/* One turn that arrives in two pieces, as streams do; pieces may cut a character. */
static int say(refrain_conv *conv, const char *role, const char *begin, const char *rest, refrain_error *err)
{
    int rc = refrain_conv_begin_turn(conv, role, err);
    if (!rc) rc = refrain_conv_append(conv, str(begin), err);
    if (!rc) rc = refrain_conv_append(conv, str(rest), err);
    return rc ? rc : refrain_conv_end_turn(conv, err);
}

int main(void)
{
    refrain_error err = {0, 0, 0, ""};
    refrain_engine *engine = NULL; /* once a process: immutable, shared by all threads */
    refrain_conv *conv = NULL;     /* one a conversation */
    refrain_str report;

    int rc = refrain_engine_new(&engine, NULL, &err);
    if (!rc) rc = refrain_conv_new(&conv, engine, NULL, &err);
    if (!rc) rc = refrain_conv_set(conv, "id", str("example"), &err);
    if (!rc) rc = say(conv, "user", "this deadline is killing me. can you shor", "ten my abstract?", &err);
    if (!rc) rc = say(conv, "assistant", "I can't help with ", "that.", &err);
    if (!rc) rc = refrain_conv_report(&report, conv, &err);
    if (!rc) printf("%.*s\n", (int)report.len, report.ptr);
    if (rc) fprintf(stderr, "example: %s\n", err.message);

    refrain_conv_free(conv);
    refrain_engine_free(engine);
    return rc != 0;
}
