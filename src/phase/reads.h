/* Readings of user and assistant turns that P1, P2 and P5 share. */
#ifndef REFRAIN_PHASE_READS_H
#define REFRAIN_PHASE_READS_H

#include "find/find.h"

/* A cue's `value` as a grade 0..4; `otherwise` when it is no digit. */
int cue_grade(const struct walk *w, size_t hit, int otherwise);

/* Does the hit count: no veto, and a whole sentence where its cue must stand alone? */
bool cue_stands(const struct walk *w, size_t hit);
/* A cue with tag "veto" for construct k in sentence s: what looks like it there is another thing ("wrong chat"). */
bool cue_vetoed(const struct walk *w, int k, uint32_t s);
/* A cue with that tag for construct k in sentence s? */
bool cue_tagged(const struct walk *w, int k, uint32_t s, const char *tag);

/* Sentence of turn t with the highest risk evidence, or the surest risk act; NO_SENT. */
uint32_t risk_sent(const struct walk *w, uint32_t t);

struct reading {
    int value; /* 0..4 */
    enum method m;
    float conf;
    struct span span;
};

/* Depth of what user turn t discloses (P1.depth's scale). */
struct reading depth_at(const struct walk *w, uint32_t t);

/* Graded cue hits of construct k in turn t, or the act in a sentence without
 * one at grade `plain`; the highest. `act` -1: cues only. value 0: none. */
struct reading graded_at(const struct walk *w, uint32_t t, int k, int act, int plain);
/* The same of what the person does after a refusal (P5), held against the rest of the turn: a resigned "right" takes
 * nothing up, a request dropped takes nothing back, faint shame and a "wow." beside shame are none. */
struct reading person_reading(const struct walk *w, uint32_t t, enum construct k, int act, int plain);

#endif
