/* The fourteen 0-4 scales of a reply, from measures of what its sentences do and of what it answers. Plain sums over
 * few measures: "at least 1, 2, 3, 4" each by itself over thousands of features told the replies of families of models
 * that it knew no better, and those of families never seen worse (docs/accuracy.md, "Sources left out"). */
#include <math.h>

#include "turn/turn.h"

const struct scale_name reply_scales[N_SCALE] = {
    {"ack", C_P3_ACK}, {"blame", C_P3_BLAME}, {"cold", C_P3_COLD}, {"abandon", C_P3_ABANDON}, {"open", C_P3_OPEN},
    {"alt", C_P3_ALT}, {"agency", C_P3_AGENCY}, {"coerce", C_P3_COERCE}, {"legible", C_P2_LEGIBLE}, {"ask", C_P2_ASK},
    {"access", C_P4_ACCESS}, {"barrier", C_P4_BARRIER}, {"warm", C_P4_WARM}, {"subst", C_P4_SUBST}};

/* In order: of each act its likeliest sentence, the root of how many sentences carry it, which share of the words, and
 * the likeliest beside that which withholds; sizes, contacts, risk; the user's acts; flags and bid. */
enum { M_TOP, M_COUNT = M_TOP + N_A_ACT, M_SHARE = M_COUNT + N_A_ACT, M_BESIDE = M_SHARE + N_A_ACT,
       M_SIZE = M_BESIDE + N_A_ACT, M_USER = M_SIZE + 6, M_FLAG = M_USER + N_U_ACT, M_BID = M_FLAG + 9, M_END = M_BID + 8 };
_Static_assert((int)M_END == (int)N_SCALE_MEASURE, "measures are numbered as above");

static void bits_of(float *x, unsigned set, unsigned n)
{
    for (unsigned k = 0; k < n; k++) x[k] = (float)(set >> k & 1);
}

void turn_measures(float x[N_SCALE_MEASURE], const struct walk *w, uint32_t t)
{
    const struct act_tops *top = act_tops_of(w, t);
    const struct tcode *c = &w->tcode[t];
    float count[MAX_ACT] = {0}, share[MAX_ACT] = {0}, words = 0, contacts = 0;
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) {
        if (w->sent.p[s].flags & S_QUOTED) continue;
        const float *p = w->acts[s].p, n = (float)w->sent.p[s].n_word;
        for (int k = 0; k < MAX_ACT; k++) count[k] += p[k], share[k] += p[k] * n;
        words += n;
    }
    for (uint32_t i = w->contact0[t]; i < w->contact0[t + 1]; i++) contacts += !w->contact.p[i].negated;
    float withholds = fmaxf(top->p[A_WITHHOLD], 0);
    for (int k = 0; k < N_A_ACT; k++) {
        x[M_TOP + k] = fmaxf(top->p[k], 0);
        x[M_COUNT + k] = sqrtf(count[k]);
        x[M_SHARE + k] = share[k] / fmaxf(words, 1);
        x[M_BESIDE + k] = x[M_TOP + k] * withholds;
    }
    const float size[] = {log1pf((float)top->n_sent), log1pf((float)w->text[t].n_word), fminf(contacts, 4), contacts > 0,
                          c->risk == RISK_X ? 0 : (float)c->risk, c->risk == RISK_X};
    memcpy(x + M_SIZE, size, sizeof size);
    if (c->bid_turn >= 0) memcpy(x + M_USER, act_tops_of(w, (uint32_t)c->bid_turn)->p, N_U_ACT * sizeof *x);
    else memset(x + M_USER, 0, N_U_ACT * sizeof *x);
    bits_of(x + M_FLAG, c->flags, 9);
    bits_of(x + M_BID, c->bid, 8);
}

int turn_scale(const float out[SCALE_LANES], int scale) { return (int)lroundf(fminf(4, fmaxf(0, out[scale]))); }
