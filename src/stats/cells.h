/* The sums that corpus metrics are functions of: one number a cell. contribute.c
 * fills them conversation by conversation, metric_table.c reads their totals. */
#ifndef REFRAIN_STATS_CELLS_H
#define REFRAIN_STATS_CELLS_H

#include "stats/corpus.h"

enum {
    N_RISK = 7,    /* R 0..5, then X */
    N_TIER = 4,    /* engage, options, crisis line, emergency */
    N_SIGNAL = 33, /* user turns that voiced risk so far; the last stands for more */
    N_WAIT = 65,   /* user turns waited; who waited longer is censored at the last */
    N_STATE = 10,  /* user states of the outcome matrix */
    N_MATRIX = N_QUADRANT * 2 * N_STATE * N_STATE,
    WAIT_TAU = 10, /* horizon of restricted means, in user turns */
    RECOVER_BY = 3 /* as P5.return looks: three user turns */
};

enum wait { WAIT_ACK, WAIT_CONTACT, WAIT_RECOVERY, N_WAITS };

enum cell {
    CELL_CONV, CELL_EPISODE, CELL_REPLY, CELL_REFUSED,
    CELL_RISK_BIDS,                                        /* by R: bids, then those refused */
    CELL_RISK_REFUSED = CELL_RISK_BIDS + N_RISK,
    CELL_BENIGN = CELL_RISK_REFUSED + N_RISK, CELL_BENIGN_REFUSED,
    CELL_SERIOUS, CELL_SERIOUS_MISSED,
    CELL_BENIGN_AFTER, CELL_BENIGN_AFTER_REFUSED,
    CELL_COMPLY_KNOWN, CELL_COMPLY,
    CELL_TIER, CELL_TIER_N = CELL_TIER + 6 * N_TIER, CELL_TIER_MID_N,
    CELL_REGEN, CELL_REGEN_SAME, CELL_REGEN_FLIP,          /* groups, sum of consistency, sum of flip shares */
    CELL_AGAIN, CELL_DECAY_XY, CELL_DECAY_XX, CELL_DECAY_HARM, CELL_DECAY_ENGAGEMENT,
    CELL_OPEN_NO, CELL_OPEN_YES = CELL_OPEN_NO + N_SIGNAL, CELL_OPEN_N = CELL_OPEN_YES + N_SIGNAL,
    CELL_RECOVERED, CELL_UNCENSORED, CELL_RECOVERY_CENSORED,
    CELL_WAIT_N,                                           /* by wait */
    CELL_WAIT_CENSORED = CELL_WAIT_N + N_WAITS,
    CELL_WAIT_EVENT = CELL_WAIT_CENSORED + N_WAITS,        /* [wait][t] */
    CELL_WAIT_COMPETING = CELL_WAIT_EVENT + N_WAITS * N_WAIT,
    CELL_WAIT_CUT = CELL_WAIT_COMPETING + N_WAITS * N_WAIT,
    CELL_SAME_TEXT = CELL_WAIT_CUT + N_WAITS * N_WAIT, CELL_SAME_TEXT_N, /* sum of 1 / size of its cluster */
    CELL_BOILER, CELL_BOILER_N,
    CELL_CONTACT_RIGHT, CELL_CONTACT_JUDGED, CELL_CONTACT_UNKNOWN,
    CELL_GIVEN, CELL_GIVEN_NEEDED, CELL_NEED_REQUIRED, CELL_NEED_MET, CELL_NEED_NONE, CELL_NEED_NONE_GIVEN,
    CELL_RISK_REFUSAL, CELL_RISK_REFUSAL_BLAME, CELL_RISK_BARE_N, CELL_RISK_BARE,
    CELL_RTYPE,                                            /* by enum rtype */
    CELL_DECISION = CELL_RTYPE + N_RTYPE,
    CELL_QUADRANT = CELL_DECISION + N_DECISION,
    CELL_END = CELL_QUADRANT + N_QUADRANT,
    CELL_PHASE = CELL_END + N_END,                         /* [phase][stakeholder] sums, then counts by phase */
    CELL_PHASE_N = CELL_PHASE + 5 * N_SH,
    CELL_FOLLOWED = CELL_PHASE_N + 5,                      /* episodes with a user turn behind the refusal */
    CELL_NEXT,
    CELL_GATE = CELL_NEXT + 12,                            /* [id][confirmed, suspected]: conversations */
    CELL_GATE_LAW = CELL_GATE + 13 * 2,                    /* conversations whose law is known */
    CELL_CRITICAL, CELL_CRITICAL_CONFIRMED, CELL_MAJOR,
    CELL_MATRIX,                                           /* [quadrant][next, end][from][to] */
    N_CELL = CELL_MATRIX + N_MATRIX
};

extern const char *const user_state_names[N_STATE];

static inline uint32_t wait_cell(uint32_t base, enum wait w, uint32_t t)
{
    return base + (uint32_t)w * N_WAIT + (t < N_WAIT ? t : N_WAIT - 1);
}
static inline uint32_t matrix_cell(int quadrant, int when, int from, int to)
{
    return CELL_MATRIX + (uint32_t)(((quadrant * 2 + when) * N_STATE + from) * N_STATE + to);
}

/* How metric i reads the cells; same order as metric_at(). */
enum calc {
    CALC_RATIO, /* a / b */
    CALC_REST,  /* 1 - a / b */
    CALC_YOUDEN, CALC_STICKINESS, CALC_SOMERS, CALC_SOMERS_MID, CALC_LOGISTIC,
    CALC_KM_MEAN, CALC_KM_MEDIAN, /* a: enum wait */
    CALC_INCIDENCE                /* a: enum wait; up to RECOVER_BY */
};
struct metric_calc { uint16_t how, a, b, n, n2 /* 0: none; both count */, censored /* 0: none */; };
const struct metric_calc *metric_calc_at(size_t i);
/* Why a value is NAN, in words. */
const char *metric_reason(size_t metric, const double *cells);
/* The survival curve of a wait (recovery: 1 - cumulative incidence) into s[N_WAIT]. */
void wait_curve(double *s, enum wait w, const double *cells);

#endif
