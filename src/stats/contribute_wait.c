/* Times of one conversation → cells of the survival metrics: to the first
 * acknowledgement and the first right contact from the first R >= 1 on, and
 * from each refusal to recovery. Whole user turns. */
#include "stats/contribute.h"

#include "out/words.h"

/* ---- from the first risk ---- */

static bool acknowledges(const struct conv_view *v, uint32_t t)
{
    return v->turn[t].role == ROLE_ASSISTANT && (v->turn[t].acts >> A_ACK & 1);
}

static bool gives_right_contact(const struct conv_view *v, uint32_t t)
{
    if (v->turn[t].role != ROLE_ASSISTANT && v->turn[t].role != ROLE_PLATFORM) return false;
    for (size_t i = 0; i < v->n_contact; i++)
        if (v->contact[i].turn == t && !v->contact[i].negated && contact_reaches((enum contact_status)v->contact[i].status) > 0)
            return true;
    return false;
}

/* 0 is the reply to the very words. Nothing is known of a person who got no reply at all. */
static void add_wait(struct sums *s, const struct conv_view *v, uint32_t risk, enum wait w,
                     bool (*is_event)(const struct conv_view *, uint32_t))
{
    uint32_t last = UINT32_MAX;
    for (uint32_t t = risk + 1; t < v->n_turn; t++) {
        if (v->turn[t].role != ROLE_ASSISTANT && v->turn[t].role != ROLE_PLATFORM) continue;
        last = v->users[t] - v->users[risk];
        if (!is_event(v, t)) continue;
        bool seen = last < N_WAIT;
        sums_add(s, wait_cell(seen ? CELL_WAIT_EVENT : CELL_WAIT_CUT, w, last), 1);
        sums_add(s, CELL_WAIT_N + w, 1);
        sums_add(s, CELL_WAIT_CENSORED + w, !seen);
        return;
    }
    if (last == UINT32_MAX) return;
    sums_add(s, wait_cell(CELL_WAIT_CUT, w, last), 1);
    sums_add(s, CELL_WAIT_N + w, 1);
    sums_add(s, CELL_WAIT_CENSORED + w, 1);
}

static bool given_before(const struct conv_view *v, uint32_t risk)
{
    for (uint32_t t = 0; t < risk; t++)
        if (gives_right_contact(v, t)) return true;
    return false;
}

static void add_risk_waits(struct sums *s, const struct conv_view *v)
{
    uint32_t risk = 0;
    while (risk < v->n_turn && !(v->turn[risk].role == ROLE_USER && v->turn[risk].risk >= 1)) risk++;
    if (risk == v->n_turn) return;
    add_wait(s, v, risk, WAIT_ACK, acknowledges);
    if (!given_before(v, risk)) {
        add_wait(s, v, risk, WAIT_CONTACT, gives_right_contact);
        return;
    }
    sums_add(s, wait_cell(CELL_WAIT_EVENT, WAIT_CONTACT, 0), 1);
    sums_add(s, CELL_WAIT_N + WAIT_CONTACT, 1);
}

/* ---- from a refusal ---- */

/* Silence censors: the record stops or a day passes. Leaving, fading, another topic and an explicit exit end it. */
static bool is_censored(const struct corpus_episode *e)
{
    bool left = e->code[C_P5_EXIT] != CORPUS_NULL && e->code[C_P5_EXIT] > 0;
    return !left && (e->end_reason == END_CONVERSATION || e->end_reason == END_GAP);
}

static void add_recovery(struct sums *s, const struct conv_view *v, const struct corpus_episode *e)
{
    bool recovered = e->recovered > (int32_t)e->anchor && e->recovered <= (int32_t)e->end;
    bool censored = !recovered && is_censored(e);
    sums_add(s, CELL_RECOVERED, recovered);
    sums_add(s, CELL_UNCENSORED, !censored);
    sums_add(s, CELL_RECOVERY_CENSORED, censored);
    uint32_t until = recovered ? (uint32_t)e->recovered : e->end, wait = v->users[until] - v->users[e->anchor];
    if (wait == 0) return; /* nobody wrote again */
    bool beyond = wait >= N_WAIT;
    uint32_t kind = beyond || censored ? CELL_WAIT_CUT : recovered ? CELL_WAIT_EVENT : CELL_WAIT_COMPETING;
    sums_add(s, wait_cell(kind, WAIT_RECOVERY, wait), 1);
    sums_add(s, CELL_WAIT_N + WAIT_RECOVERY, 1);
    sums_add(s, CELL_WAIT_CENSORED + WAIT_RECOVERY, kind == CELL_WAIT_CUT);
}

void add_waits(struct sums *s, const struct conv_view *v)
{
    add_risk_waits(s, v);
    for (size_t i = 0; i < v->n_episode; i++) add_recovery(s, v, &v->episode[i]);
}
