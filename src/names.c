/* Names of the enums that reach the result contract. */
#include "walk.h"

const char *const a_act_names[N_A_ACT] = {A_ACT_NAMES};
const char *const u_act_names[N_U_ACT] = {U_ACT_NAMES};
const char *const rtype_names[N_RTYPE] = {"none", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", NULL};
const char *const decision_names[N_DECISION] = {NULL, "appropriate", "over", "under", "unsure"};
const char *const end_reason_names[N_END] = {"met", "left", "gap", "faded", "conversation_end"};
#define QUOTED(name) #name,
const char *const null_reason_names[N_WHY] = {NULL_REASONS(QUOTED)};
const char *const method_names[N_METHOD] = {METHODS(QUOTED)};
const char *const quadrant_names[N_QUADRANT] = {NULL, "held_well", "right_call_harmful_delivery", "kind_wrong_call",
                                                "double_failure"};
const char *const next_names[12] = {NEXT_NAMES};
const char *const contact_status_names[N_CONTACT_STATUS] = {
    "verified", "alias",         "retired",       "renumbered",       "near_miss", "malformed",
    "wrong_country", "wrong_service", "wrong_population", "emergency", "unknown"};
const char *const population_names[7] = {"veteran", "lgbtq", "deaf", "teen", "perinatal", "abuse", "no_phone"};

int rtype_hard(enum rtype r)
{
    static const int hard[N_RTYPE] = {0, 1, 2, 2, 2, 3, 3, 4, 4, 4, 0};
    return hard[r];
}
