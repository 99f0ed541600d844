/* Where the time of an analysis goes: each room of the walk by itself, over
 * the records of one JSONL file. Prints one JSON object of seconds by room;
 * `in` parses and adapts, `report` maps offsets and writes the result. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine.h"
#include "report/report.h"

enum { ROOMS_MAX = 32 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The walk of scanner_walk_conv (engine.c), with a look at the clock after each room. */
static void walk_timed(refrain_scanner *s, struct conv *conv, struct buf *out, double spent[ROOMS_MAX])
{
    arena_reset(&s->work);
    struct walk w = {.a = &s->work, .pack = s->engine->pack, .dir = s->engine->dir, .caller_country = "", .caller_jurisdiction = "",
                     .conv = conv, .stems = &s->stems};
    double at = now();
    walk_begin(&w);
    int r = 0;
    for (; walk_rooms[r].run; r++) {
        walk_rooms[r].run(&w);
        double t = now();
        spent[r] += t - at;
        at = t;
    }
    report_view(&w);
    buf_clear(out);
    report_json(out, &w);
    spent[r] += now() - at;
}

int main(int argc, char **argv)
{
    refrain_engine *e = NULL;
    refrain_scanner *s = NULL;
    refrain_error err = {0};
    struct buf out = {0};
    double in = 0, spent[ROOMS_MAX] = {0};
    FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
    char *line = NULL;
    size_t cap = 0;
    if (!f || engine_new(&e, NULL, &err) || scanner_new(&s, e, &SCANNER_OPTIONS_DEFAULT, &err)) {
        fprintf(stderr, "rooms: %s\n", f ? err.message : "which file?");
        return 2;
    }
    for (ssize_t n; (n = getline(&line, &cap, f)) > 0;) {
        double at = now();
        int rc = scanner_record(s, (str){line, (size_t)n}, &(struct origin){"bench", 1, false}, &err);
        in += now() - at;
        for (size_t i = 0; !rc && i < s->n_conv; i++) walk_timed(s, &s->conv[i], &out, spent);
    }
    printf("{\"in\":%.4f", in);
    int r = 0;
    for (; walk_rooms[r].run; r++) printf(",\"%s\":%.4f", walk_rooms[r].name, spent[r]);
    printf(",\"report\":%.4f}\n", spent[r]);
    free(line);
    buf_free(&out);
    scanner_free(s);
    engine_free(e);
    fclose(f);
    return 0;
}
