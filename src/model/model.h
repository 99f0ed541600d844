/* Trained weights, read where they lie in the pack (rodata or an overlay's
 * bytes), but for those of grams, which are laid out anew (the built-in ones
 * when the program is built), and the sums over them. Knows no wording: what a feature is, the rooms that make it know.
 * Made by tools/train/; figures in packs/en/acts.card.md. */
#ifndef REFRAIN_MODEL_H
#define REFRAIN_MODEL_H

#include <emmintrin.h>

#include "walk.h"

/* Outputs of the user model behind its acts: risk levels at or over n, X, then
 * one per flag in the order of enum risk_flag. */
enum { UX_RISK1 = N_U_ACT, UX_RISK2, UX_RISK3, UX_RISK4, UX_RISK5, UX_RISK_X, UX_FLAG0, N_U_OUT = UX_FLAG0 + 9 };
enum { N_A_OUT = N_A_ACT, MAX_OUT = 40 };
enum { REPLY_MODEL = 16 }; /* in a model's role: the model of whole replies, src/turn/ */

/* Words, pairs of them and openings, each with a row for every place where it may count: found once, added wherever
 * the sentence or the reply wants it. */
enum gram_use {
    USE_SENTENCE,                      /* a row of the table's own model */
    USE_HEAD, USE_WORD, USE_REFUSING,  /* word rows of the reply model: among a reply's first words; first met behind them; in its
                                          most refusing sentence */
    N_USE
};
enum { NO_ROW = UINT16_MAX };
/* In the file; key 0: free, behind those in use. */
struct grams { uint32_t key[4]; uint16_t row[4][N_USE]; uint32_t spare[4]; };
enum { GRAM_BUCKETS = 4096 }; /* their steps are 8 kB */

struct weights { /* one model; `struct model` is LIBLINEAR's, with which training shares this header */
    uint32_t n_out, width;     /* outputs; weights a row, a multiple of 8 */
    uint32_t n_row, mask;      /* rows of sum_row; slots - 1 */
    const uint64_t *filter;    /* 2^18 bits: is a key in the table at all? */
    const struct model_slot { uint32_t key, row; } *slot; /* features that are no words; key 0: empty */
    uint32_t n_gram;           /* models of sentences only: places for grams, fewer than 2^16 */
    const uint16_t *gram_step; /* [GRAM_BUCKETS], made at load so that no two keys of the table have one place */
    const uint32_t *gram_key;  /* [n_gram]; 0: free */
    const int16_t *sum_row;    /* [n_row][width], 1/256 logit: what is summed. A reply model's are its rows; in one of sentences a gram's row
                                  stands at its place, 0 where it has none, and in an assistant's, whose last lanes are
                                  no outputs, its rows of USE_HEAD and USE_WORD, or NO_ROW. Behind them: rows of slots */
    uint32_t slot_place;       /* place of a slot's row: this + row */
    const uint16_t *gram_refusing; /* [n_gram]: its row of USE_REFUSING, or NO_ROW */
    uint32_t n_word_row;       /* reply model: rows of words, for the first WORD_OUT outputs */
    const int16_t *word_row;   /* [n_word_row][WORD_OUT] */
    const float *threshold;    /* [width], on p */
    const float *scale, *shift;/* [width]: p = 1 / (1 + exp(scale x sum + shift)), of bias and calibration */
    uint64_t trained_on;       /* hash of the training rows, for the card */
};
enum { WORD_OUT = 16, N_REPLY_OUT = 15 };
_Static_assert(N_REPLY_OUT <= WORD_OUT, "words count for all outputs of a reply");
_Static_assert(N_A_OUT % 8 >= 1 && N_A_OUT % 8 <= 6, "two lanes of an assistant's rows are no outputs");

/* What a reply is like, on scales and whether it refuses (a lane each, turn/turn.h): sums over measures, each held
 * between what is usual of it. In the file, as read. What is measured, and in which order, is turn/scale.c's: another
 * order is another version of the file. */
enum { SCALE_LANES = 16, N_SCALE_MEASURE = 4 * N_A_ACT + 4 + 6 + 2 + 9 + N_U_ACT + 8 + 14 };
struct scale_model {
    const float *low, *high;   /* [N_SCALE_MEASURE] */
    const float *weight;       /* [N_SCALE_MEASURE][SCALE_LANES] */
    const float *bias;         /* [SCALE_LANES] */
};
struct models { const struct weights *assistant, *user, *reply; const struct scale_model *scales; }; /* NULL: not there */

/* Reads acts.model from `bytes`, which must live as long as the models; copied to `a` only when they are not aligned. */
int model_load(struct models *out, struct arena *a, str bytes, refrain_error *err);

/* ---- features ---- */

/* A key is 32 bits of a hash, never 0. */
static inline uint32_t feature_key(uint64_t h) { return (uint32_t)(h >> 32) ? (uint32_t)(h >> 32) : 1; }
static inline uint64_t feature_hash(uint64_t h, uint64_t seed) { return hash_mix(h, seed * 0x9E3779B97F4A7C15ull); }
static inline unsigned filter_has(const uint64_t *filter, uint32_t key) { return filter[key >> 20] >> (key >> 14 & 63) & 1; }
extern const uint64_t model_every_key[4096]; /* a filter that lets all through, for training */

/* Feature keys of one thing to be scored, or trained on. */
struct feature_list {
    uint32_t *key;
    size_t n, cap;
    const uint64_t *filter; /* a model's: keys without a row do not enter */
};
static inline __attribute__((always_inline)) void feature_add(struct feature_list *out, uint64_t h, uint64_t seed)
{
    uint32_t k = feature_key(feature_hash(h, seed));
    if (out->n >= out->cap) return;
    out->key[out->n] = k;
    out->n += filter_has(out->filter, k);
}

/* ---- scoring ---- */

static inline uint32_t bucket_of(uint32_t key) { return key / (UINT32_MAX / GRAM_BUCKETS + 1); }
/* Where a gram of this key stands, if it is in the table: one look tells. */
static inline __attribute__((always_inline)) uint32_t gram_place(const struct weights *m, uint32_t key)
{
    return (uint32_t)((uint64_t)(key * m->gram_step[bucket_of(key)]) * m->n_gram >> 32);
}

/* Where in a gram's row that of a use among a reply's words stands, and that row. */
static inline uint32_t use_lane(const struct weights *m, enum gram_use use) { return m->width - USE_REFUSING + use; }
static inline uint16_t gram_word(const struct weights *m, uint32_t place, enum gram_use use)
{
    return (uint16_t)m->sum_row[(size_t)place * m->width + use_lane(m, use)];
}

/* What is to be summed: rows of m->sum_row. */
struct score { uint16_t *row; uint32_t n_row, cap; };
struct score model_score_new(struct arena *a, size_t rows); /* room for so many */
/* Adds the rows of the features that have one, while there is room. */
void model_score_features(struct score *s, const struct weights *m, const struct feature_list *f);
/* Probabilities (those of acts as learnt, others calibrated), p[MAX_OUT], of the sum of rows and `more`, [m->width].
 * Gives bits of the first 32 outputs, of those that reach their thresholds. */
uint32_t model_score_sum(float *p, const struct score *s, const struct weights *m, const int16_t *more);
/* Adds `rows`, [..][m->width], of these numbers to a sum of the model's outputs. */
void model_add_rows(int16_t sum[MAX_OUT], const struct weights *m, const int16_t *rows, const uint16_t *row,
                    uint32_t n);
/* Scales of the measures x, [N_SCALE_MEASURE]. */
void model_scales(float out[SCALE_LANES], const struct scale_model *m, const float *x);
void model_sum_words(int16_t sum[WORD_OUT], const struct weights *m, const uint16_t *row, uint32_t n);

#endif
