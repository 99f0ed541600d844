/* Trained weights, read where they lie in the pack (rodata or an overlay's
 * bytes), and the sums over them. Knows no wording: what a feature is, the
 * rooms that make it know. Made by tools/train/; figures in packs/en/acts.card.md. */
#ifndef REFRAIN_MODEL_H
#define REFRAIN_MODEL_H

#include "walk.h"

/* Outputs of the user model behind its acts: risk levels at or over n, X, then
 * one per flag in the order of enum risk_flag. */
enum { UX_RISK1 = N_U_ACT, UX_RISK2, UX_RISK3, UX_RISK4, UX_RISK5, UX_RISK_X, UX_FLAG0, N_U_OUT = UX_FLAG0 + 9 };
enum { N_A_OUT = N_A_ACT, MAX_OUT = 72 };
enum { LOGISTIC_STEPS = 8192, LOGISTIC_REACH = 16 }; /* from -reach to reach: within .0005 of the true value */
enum { REPLY_MODEL = 16 }; /* in a model's role: the model of whole replies, src/turn/ */

struct weights { /* one model; `struct model` is LIBLINEAR's, with which training shares this header */
    uint32_t n_out, width;     /* outputs; weights a row, a multiple of 8 */
    uint32_t n_row, mask;      /* rows; slots - 1 */
    const uint64_t *filter;    /* 2^18 bits: is a key in the table at all? */
    const struct model_slot { uint32_t key, row; } *slot; /* key 0: empty */
    const int16_t *row;        /* [n_row][width], 1/256 logit */
    const float *bias;         /* [n_out], logit */
    const float *cal_a, *cal_b;/* Platt: p = 1 / (1 + exp(-(a x + b))) */
    const float *threshold;    /* on p */
    const float *scale, *shift;/* [width]: step in `logistic` = scale x sum + shift, made at load */
    const float *logistic;     /* [LOGISTIC_STEPS]: its value at each step */
    uint64_t trained_on;       /* hash of the training rows, for the card */
};
struct models { const struct weights *assistant, *user, *reply; }; /* NULL: not there */

/* Reads acts.model from `bytes`, which must live as long as the models; copied to `a` only when they are not aligned. */
int model_load(struct models *out, struct arena *a, str bytes, refrain_error *err);

/* Feature keys of one thing to be scored, or trained on. */
struct feature_list {
    uint32_t *key;
    size_t n, cap;
    const uint64_t *filter; /* a model's: keys without a row do not enter; model_every_key: all enter */
};
extern const uint64_t model_every_key[4096];

/* A key is 32 bits of a hash, never 0. No branch on the filter: one key in two has a row. */
static inline __attribute__((always_inline)) void feature_add(struct feature_list *out, uint64_t h, uint64_t seed)
{
    uint32_t k = (uint32_t)(hash_mix(h, seed * 0x9E3779B97F4A7C15ull) >> 32);
    k = k ? k : 1;
    if (out->n >= out->cap) return;
    out->key[out->n] = k;
    out->n += out->filter[k >> 20] >> (k >> 14 & 63) & 1;
}

/* Scoring of one view, in steps, so that a caller with several lets the
 * memory of one arrive while it looks at the others. */
struct score {
    const struct weights *m;
    struct feature_list f; /* to be filled between the first step and the second */
    const int16_t **row; uint32_t n_row;
};
struct score model_score_new(struct arena *a, size_t keys); /* room for that many features */
void model_score_begin(struct score *s, const struct weights *m);
void model_score_keys(struct score *s);
void model_score_rows(struct score *s);
void model_score_sum(float *p, const struct score *s); /* calibrated probabilities; p has MAX_OUT places */
/* Bits of the first n outputs (at most 32) that reach their thresholds. */
uint32_t model_reached(const struct weights *m, const float *p, uint32_t n);
/* All that follow the features, at once. */
void model_score(float *p, struct score *s);

#endif
