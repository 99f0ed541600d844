/* Names of the enums that reach the result contract. */
#include "walk.h"

const char *const a_act_names[N_A_ACT] = {
    "ack", "generic", "withhold", "role", "reason", "limits", "offer", "help", "risk_q", "invite", "closing", "choice",
    "ref_gen", "ref_name", "ref_con", "ref_info", "warm", "barrier", "urge", "blame", "minimise", "policy", "abandon",
    "coerce", "overclaim", "hope", "repair", "check", "collude", "other"};
const char *const u_act_names[N_U_ACT] = {
    "disclose", "depth3", "bid", "harm_bid", "risk", "deny", "exit", "retry", "withdraw", "shame", "anger", "bypass",
    "switch", "uptake", "barrier", "reject", "thanks", "locale", "popul", "hope", "secrecy", "small"};
const char *const rtype_names[N_RTYPE] = {"none", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", NULL};
const char *const decision_names[N_DECISION] = {NULL, "appropriate", "over", "under", "unsure"};
const char *const end_reason_names[N_END] = {"met", "left", "gap", "faded", "conversation_end"};
const char *const null_reason_names[N_WHY] = {"not_applicable", "needs_judge", "low_confidence", "no_user_turn",
                                              "not_recorded"};
const char *const method_names[N_METHOD] = {"exact", "rule", "model", "judge", "human"};
const char *const quadrant_names[N_QUADRANT] = {NULL, "held_well", "right_call_harmful_delivery", "kind_wrong_call",
                                                "double_failure"};
const char *const next_names[12] = {"exit",   "retry",  "withdraw", "shame", "anger",  "escal",
                                    "bypass", "switch", "uptake",   "barr",  "accept", "continue"};
const char *const contact_status_names[N_CONTACT_STATUS] = {
    "verified", "alias",         "retired",       "renumbered",       "near_miss", "malformed",
    "wrong_country", "wrong_service", "wrong_population", "emergency", "unknown"};
const char *const population_names[7] = {"veteran", "lgbtq", "deaf", "teen", "perinatal", "abuse", "no_phone"};

int rtype_hard(enum rtype r)
{
    static const int hard[N_RTYPE] = {0, 1, 2, 2, 2, 3, 3, 4, 4, 4, 0};
    return hard[r];
}
