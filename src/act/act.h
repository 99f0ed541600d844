/* The study's insides: features, weights and the outputs they score.
 *
 * One feature extractor serves training (tools/train.c) and the engine, so
 * that the two can't drift apart. */
#ifndef REFRAIN_ACT_ACT_H
#define REFRAIN_ACT_ACT_H

#include "act/model.h"
#include "match/pack.h"

/* Outputs of the user model behind its acts: risk levels at or over n, X, then
 * one per flag in the order of enum risk_flag. */
enum { UX_RISK1 = N_U_ACT, UX_RISK2, UX_RISK3, UX_RISK4, UX_RISK5, UX_RISK_X, UX_FLAG0, N_U_OUT = UX_FLAG0 + 9 };
enum { N_A_OUT = N_A_ACT, MAX_OUT = 72 };
enum { REPLY_MODEL = 16 }; /* in a model's role: the model of whole replies, src/turn/ */

struct act_model {
    uint32_t n_out, width;     /* outputs; weights a row, a multiple of 8 */
    uint32_t n_row, mask;      /* rows; slots - 1 */
    const uint64_t *filter;    /* 2^18 bits: is a key in the table at all? */
    const struct act_slot { uint32_t key, row; } *slot; /* key 0: empty */
    const int16_t *row;        /* [n_row][width], 1/256 logit */
    const float *bias;         /* [n_out], logit */
    const float *cal_a, *cal_b;/* Platt: p = 1 / (1 + exp(-(a x + b))) */
    const float *threshold;    /* on p */
    uint64_t trained_on;       /* hash of the training rows, for the card */
};

/* Feature keys of one sentence: tokens tok0..tok1, with the tokens before it as context. */
struct feature_list { uint32_t *key; size_t n, cap; };
struct sentence_view {
    uint32_t turn;
    uint32_t tok0, tok1;       /* the sentence */
    uint32_t prev0, prev1;     /* what stands before: previous sentence, else the end of the turn before */
    uint32_t flags;            /* enum sent_flag */
    uint32_t begin, end;       /* folded bytes, for hits and contacts */
    bool prev_question;
};
void act_features(struct feature_list *out, const struct walk *w, const struct sentence_view *v);
/* View of sentence s with its context. */
struct sentence_view act_view(const struct walk *w, uint32_t s);
/* View of a whole turn as if it were one sentence (labelled sentences may span several of ours). */
struct sentence_view act_view_turn(const struct walk *w, uint32_t t);
/* Scoring of one view, in three steps, so that a caller with several lets the
 * memory of one arrive while it looks at the others. */
struct score {
    const struct act_model *m;
    uint32_t *key, n_key, n_row; /* keys that may have a row */
    const int16_t **row;
};
struct score act_score_new(struct arena *a, size_t keys); /* room for that many features */
void act_score_keys(struct score *s, const struct act_model *m, const struct feature_list *f);
void act_score_rows(struct score *s);
void act_score_sum(float *p, const struct score *s); /* calibrated probabilities; p has MAX_OUT places */
/* The three at once. */
void act_score(float *p, struct score *s, const struct act_model *m, const struct feature_list *f);
/* Probabilities → acts, risk and flags, with the rules of cues on top. */
void act_decide(struct acts *out, const struct act_model *m, const float *p, const struct walk *w,
                const struct sentence_view *v, bool user);

#endif
