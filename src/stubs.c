/* Rooms that are not built yet. Each line goes when its room lands. */
#include "act/model.h"
#include "helpline/helpline.h"
#include "in/door.h"
#include "match/match.h"
#include "report/report.h"

#define WEAK __attribute__((weak))
WEAK void helpline_judge(struct walk *w) { (void)w; }
WEAK void turn_code(struct walk *w) { (void)w; }
WEAK int turn_model_load(const struct turn_model **o, struct arena *a, str b, refrain_error *e) { (void)o; (void)a; (void)b; (void)e; return 0; }
WEAK int directory_load(struct directory **o, const struct directory_options *p, refrain_error *e) { (void)p; (void)e; *o = NULL; return 0; }
WEAK void directory_free(struct directory *d) { (void)d; }
WEAK const char *const role_names[N_ROLE] = {"system", "user", "assistant", "tool", "platform", "human"};
