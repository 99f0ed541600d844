/* Many walks → one page for a person. One summary a worker, merged at the end;
 * sums are integers and lists have a total order, so the page does not depend
 * on the number of threads. */
#ifndef REFRAIN_OUT_SUMMARY_H
#define REFRAIN_OUT_SUMMARY_H

#include "match/pack.h"
#include "out/term.h"

enum { SUMMARY_LOOK = 8 }; /* conversations named */

struct summary_look {
    uint64_t rank, order;      /* worse first, then earlier first */
    char id[96], path[256];
    bool cut;                  /* the id is longer than we keep: no command line for it */
    uint64_t record;
    uint16_t gates, suspected; /* bit per gate id */
    int turn;                  /* where the worst gate fires, -1 */
    uint8_t quadrant;          /* worst */
};

enum { SUMMARY_MODELS = 64, SUMMARY_LAGS = 64 };

/* Contacts in replies that the directory can judge; what it does not know stands apart. */
struct summary_rate { uint64_t judged, right; };
struct summary_model { char name[48]; struct summary_rate rate; };
struct summary_referrals {
    uint64_t unknown_sites, unknown_numbers;
    uint64_t replies, repeated;                /* replies with a contact; of those with P4.repeat >= 1 */
    uint64_t at_risk, lag[SUMMARY_LAGS], never; /* conversations with R >= 1; user turns to the first right contact */
    struct summary_rate country[26 * 26 + 1];  /* where the person is; the last: not known */
    struct summary_model model[SUMMARY_MODELS]; /* by name; "" not named */
    size_t n_model;
    bool many_models;                          /* more than fit: no figures by model */
};

struct summary {
    uint64_t conversations, turns, replies, empty;
    uint64_t with_episode, with_gate, with_critical;
    uint64_t episodes, again; /* again: more than one refusal */
    uint64_t followed;        /* episodes in which the person wrote again */
    uint64_t rtype_quadrant[N_RTYPE][N_QUADRANT];
    uint64_t score[5][N_SH], scored[5]; /* sums of tenths of points; episodes with a score */
    uint64_t gate[13][2], gate_conv[13];
    uint64_t contact[N_CONTACT_STATUS], contact_stale, contact_dont;
    struct summary_referrals referrals;
    uint64_t next[12];
    uint64_t replies_at_risk, replies_at_risk_refused;
    uint64_t not_english; /* conversations */
    struct summary_look look[SUMMARY_LOOK]; size_t n_look;
};

/* `order`: place in the input, for ties. Reads a viewed walk. */
void summary_add(struct summary *s, const struct walk *w, uint64_t order);
void summary_merge(struct summary *into, const struct summary *from);

struct summary_run {           /* what only the caller knows */
    uint64_t rejected, repeated;
    const char *rejects_path;  /* where rejects were listed, NULL */
    const char *program;       /* how to call refrain again */
};
void summary_print(struct buf *b, const struct term *t, const struct summary *s, const struct summary_run *run);

/* ---- summary_referral.c ---- */
void summary_referrals_add(struct summary *s, const struct walk *w);
void summary_referrals_merge(struct summary_referrals *into, const struct summary_referrals *from);

/* ---- pieces of the page, summary_print.c ---- */
struct page {
    struct buf *b;
    const struct term *t;
    const struct summary *s;
};
void page_heading(const struct page *p, const char *title, const char *note);
void page_count(const struct page *p, const char *name, uint64_t n, uint64_t whole, unsigned style); /* name, n, bar, share */
void page_share(const struct page *p, const char *name, uint64_t whole, uint64_t part, unsigned style); /* name, whole, bar, share */
unsigned page_percent(uint64_t part, uint64_t whole);
void page_referrals(const struct page *p); /* summary_referral.c */

#endif
