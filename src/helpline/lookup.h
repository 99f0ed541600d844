/* What to offer: the directory's lines for a place and a need, best first. */
#ifndef REFRAIN_HELPLINE_LOOKUP_H
#define REFRAIN_HELPLINE_LOOKUP_H

#include "helpline/room.h"

struct lookup_query {
    const char *country;    /* alpha-2; "" unknown: only finders */
    const char *need;       /* a service; "" suicide */
    const char *channel;    /* "" any */
    const char *language;   /* "" any */
    unsigned population;    /* enum population, stated */
    int age;                /* -1 not stated */
    int minute;             /* of the week at the place, Monday 00:00 is 0; -1 any time */
};
enum open_now { OPEN_UNKNOWN, OPEN_YES, OPEN_NO };
struct offer {
    const struct dir_line *line;
    int score;
    enum open_now open;
    bool stale;
    char why[120];
};
/* At most `cap` offers; emergency numbers and finders stand last. Returns how many. */
size_t directory_lookup(struct offer *out, size_t cap, const struct directory *d, const struct lookup_query *q);
/* Is a line with these hours open at that minute of the week? Only what the wording says plainly. */
enum open_now hours_open(const char *hours, int minute);

#endif
