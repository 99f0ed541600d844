/* The walk, room by room. Reading this is reading the program. */
#include "walk.h"

#include "report/report.h"

const struct room walk_rooms[] = {
    {"text", text_wash},               /* folded text, sentences */
    {"match", match_scan},             /* cue hits */
    {"helpline", helpline_judge},      /* contacts and their verdicts, place, population */
    {"act", act_code},                 /* what each sentence does */
    {"turn", turn_code},               /* refusal type, risk, decision */
    {"episode", episode_split},        /* which turns belong together */
    {"framing", framing_code},         /* P3 */
    {"referral", referral_code},       /* P4 */
    {"trigger", trigger_code},         /* P2 */
    {"expectation", expectation_code}, /* P1, reads hardness and P3 */
    {"outcome", outcome_code},         /* P5 */
    {"score", score_code},             /* gates, phase scores, quadrant */
    {NULL, NULL},
};

void walk_begin(struct walk *w)
{
    w->text = arena_array(w->a, struct text, w->conv->n_turn);
    w->tcode = arena_array(w->a, struct tcode, w->conv->n_turn);
    w->turn_codes = arena_array(w->a, struct reply_codes *, w->conv->n_turn);
}

void walk_run(struct walk *w)
{
    walk_begin(w);
    for (const struct room *r = walk_rooms; r->run; r++) r->run(w);
}
