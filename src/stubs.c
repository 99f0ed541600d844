/* Rooms that are not built yet. Each line goes when its room lands. */
#include "act/model.h"
#include "helpline/helpline.h"
#include "in/door.h"
#include "match/match.h"
#include "report/report.h"

#define WEAK __attribute__((weak))
WEAK void turn_code(struct walk *w) { (void)w; }
WEAK int turn_model_load(const struct turn_model **o, struct arena *a, str b, refrain_error *e) { (void)o; (void)a; (void)b; (void)e; return 0; }
WEAK const char *const role_names[N_ROLE] = {"system", "user", "assistant", "tool", "platform", "human"};
