/* The walk, room by room. Reading this is reading the program. */
#include "walk.h"

#include "report/report.h"

void walk_run(struct walk *w)
{
    struct arena *a = w->a;
    w->text = arena_array(a, struct text, w->conv->n_turn);
    w->tcode = arena_array(a, struct tcode, w->conv->n_turn);
    w->turn_codes = arena_array(a, struct codes *, w->conv->n_turn);

    text_wash(w);                      /* folded text, sentences */
    match_scan(w);                     /* cue hits */
    helpline_judge(w);                 /* contacts and their verdicts, place, population */
    act_code(w);                       /* what each sentence does */
    turn_code(w);                      /* refusal type, risk, decision */
    episode_split(w);                  /* which turns belong together */
    framing_code(w);                   /* P3 */
    referral_code(w);                  /* P4 */
    trigger_code(w);                   /* P2 */
    expectation_code(w);               /* P1, reads hardness and P3 */
    outcome_code(w);                   /* P5 */
    score_code(w);                     /* gates, phase scores, quadrant */
}
