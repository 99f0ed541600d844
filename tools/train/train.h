/* Shared by the trainer's files: labelled rows, outputs, fitted models. */
#ifndef TRAIN_H
#define TRAIN_H

#include <linear.h>
#include <stdio.h>
#include <yyjson.h>

#include "act/act.h"
#include "helpline/helpline.h"
#include "match/match.h"
#include "turn/turn.h"

enum { FOLDS = 5 };
enum set { SET_GOLD, SET_AUTHORED, SET_AUTHORED2, SET_SILVER, SET_XSTEST, SET_CHATGPT, SET_TALKS, N_SET };
extern const char *const set_names[N_SET];
typedef unsigned __int128 bits;

struct row {
    uint8_t role, fold, set;    /* role: enum role, or REPLY_MODEL */
    bool shown;                 /* its reading counts in the figures: all, or only those of a source that was left out */
    bits y, known;              /* a bit an output */
    uint32_t *key, n_key;       /* distinct, ascending */
    uint8_t *count;
    uint32_t n_word;            /* replies: words of the reply */
    float measure[N_SCALE_MEASURE]; /* replies: what their scales are read from */
    struct tcode code;          /* replies: risk, flags, bid and acts as the engine sees them */
    int8_t risk, scale[N_SCALE], rtype, refused, decision; /* replies: labels; -1 unknown (risk: -2) */
};
struct data { struct row *row; size_t n; uint32_t *vocab; size_t n_vocab; };
struct fitted { float a, b, t; };
struct family {                 /* one model in the making */
    int role, n_out;
    size_t n_key;                 /* keys that a model keeps */
    float *w[FOLDS + 1][MAX_OUT]; /* [FOLDS]: on all rows */
    float *score[MAX_OUT];        /* out of fold, by row index */
    struct fitted fit[FOLDS + 1][MAX_OUT]; /* [k]: without fold k */
};

void die(const char *what);
/* Adds the keys of the words of one view. */
void sentence_grams(struct feature_list *out, const struct walk *w, const struct sentence_view *v, uint32_t *n_word);
void row_keys(struct row *r, uint32_t *keys, size_t n); /* sorts keys in place */
/* Key of a gram in one of its uses; remembered, so that the writer finds the gram again. */
uint32_t gram_feature(uint32_t gram, enum gram_use use);
struct origin { uint32_t key, gram; enum gram_use use; };
const struct origin *origin_of(uint32_t key); /* NULL: the key is no gram's */
bool of_person(uint32_t key); /* replies: it tells of the person who is answered */
const char *text_of(yyjson_val *o, const char *k);
void rows_show(struct data *d); /* sets `shown` */

/* fit.c */
void family_train(struct family *f, struct data *d, int role, int n_out, size_t n_key);
/* Of the assistant's sentences: with the words of the reply model `r`, when there is one. */
void family_write(FILE *out, const struct family *f, const struct data *d, const struct family *r, const struct data *dr, int fold);
void family_free(struct family *f);
float probability(const struct family *f, const struct row *r, size_t i, int out); /* out of fold */

/* lowrank.c: w[o][n_vocab + 1] of every output, from the rows outside `fold`, the mean of n_net models */
void lowrank_train(float *const w[MAX_OUT], const struct data *d, struct feature_node **x, int role, int n_out, int fold, int n_net);

void put_block(FILE *f, const void *p, size_t n); /* padded to 64 bytes */

/* scales.c; fit[k] is without fold k */
struct scale_fit { float low[N_SCALE_MEASURE], high[N_SCALE_MEASURE], weight[N_SCALE_MEASURE][SCALE_LANES], bias[SCALE_LANES]; };
void scales_train(struct scale_fit fit[FOLDS + 1], const struct data *d);
void scales_read(float out[SCALE_LANES], const struct scale_fit *f, const struct row *r);
void scales_write(FILE *out, const struct scale_fit *f);

/* replies.c */
void replies_read(struct data *d, const char *path, const struct pack *by_fold[FOLDS], const struct directory *dir);
void replies_report(const struct family *f, const struct scale_fit *scales, const struct data *d);

#endif
