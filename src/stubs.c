/* Rooms that are not built yet. Each line goes when its room lands. */
#include "helpline/helpline.h"
#include "in/door.h"
#include "match/match.h"
#include "report/report.h"

#define WEAK __attribute__((weak))
WEAK void helpline_judge(struct walk *w) { (void)w; }
WEAK void act_code(struct walk *w) { (void)w; }
WEAK void turn_code(struct walk *w) { (void)w; }
WEAK void episode_split(struct walk *w) { (void)w; }
WEAK void framing_code(struct walk *w) { (void)w; }
WEAK void referral_code(struct walk *w) { (void)w; }
WEAK void trigger_code(struct walk *w) { (void)w; }
WEAK void expectation_code(struct walk *w) { (void)w; }
WEAK void outcome_code(struct walk *w) { (void)w; }
WEAK void score_code(struct walk *w) { (void)w; }
WEAK void report_view(struct walk *w) { (void)w; }
