/* The landing's insides: reply features, the reply model's outputs. */
#ifndef REFRAIN_TURN_TURN_H
#define REFRAIN_TURN_TURN_H

#include "act/act.h"

/* Outputs of the reply model (acts.model, role REPLY_MODEL): refusal types,
 * decision, reasons. R1 is "partial, if it is refused". */
enum { RO_REFUSED, RO_R1, RO_R2, RO_R3, RO_R4, RO_R5, RO_R6, RO_R7, RO_R9, RO_OVER, RO_UNDER,
       RO_REASON_CARE, RO_REASON_CAPABILITY, RO_REASON_POLICY, RO_REASON_ETHICS };
_Static_assert((int)RO_REASON_ETHICS + 1 == (int)N_REPLY_OUT, "the last output of the reply model");
enum { FEATURES_MAX = 4096 };
enum { N_SCALE = 14, LANE_REFUSED = N_SCALE };

/* The fourteen scales of the reply coding guide, in the order of the outputs. */
struct scale_name { const char *label; enum construct construct; };
extern const struct scale_name reply_scales[N_SCALE];

/* Seeds of the features of a reply. */
enum reply_seed { T_ACT_P = 101, T_FIRST_ACT, T_LAST_ACT, T_PLACE, T_AFTER, T_SIZE, T_CONTACT,
                  T_OV, T_BID, T_RISK, T_FLAG, T_CUE, T_BID_X, T_PAIR, T_ASKED };

/* Measures that count as "at least this much", on the steps of a ladder each. */
enum ladder_id {
    L_ACT_P,                       /* of each act: the likeliest sentence */
    L_BID,                         /* the user's acts: the likeliest sentence */
    L_SENTENCES, L_WORDS, L_CONTACTS, L_OV, L_RISK,
    L_AFTER,                       /* behind the refusing sentence: helps, talks, sentences */
    L_WORDS_AFTER, L_WORDS_BEHIND, /* words there, where it is sure and where it is not */
    N_LADDER
};
enum { N_MEASURE = N_A_ACT + N_U_ACT + 10, N_STEP = 8 };

struct reply_features {
    struct feature_list plain;
    uint16_t *rung;  /* room for N_MEASURE + 1; rows of turn_ladders, what each measure reaches */
    uint32_t n_rung;
};
/* The measures x of a ladder, one or one an act. */
void turn_reach(struct reply_features *out, enum ladder_id which, const float *x);
/* The features of assistant turn t in its context, but for its words, plain ones at most FEATURES_MAX; acts and user
 * codes of earlier turns must stand. Returns its most refusing sentence, or UINT32_MAX. */
uint32_t turn_features(struct reply_features *out, struct walk *w, uint32_t t);
/* The same as keys alone, for training. */
uint32_t turn_feature_keys(struct feature_list *out, struct walk *w, uint32_t t);
/* What the rungs weigh in the reply model, [N_MEASURE * N_STEP][m->width], in the arena; NULL where it has no more memory. */
const int16_t *turn_ladders(struct arena *a, const struct weights *m);
/* What act/ and turn/ read of a pack's models, where it does not stand ready. */
void turn_add_up(struct pack *p);
/* Reading of the reply model's outputs p at thresholds t, and of turn_refused; tools/train reports with the same. */
enum rtype turn_refusal(const float *p, const float *t, float refused, uint32_t n_word, bool discloses);
/* What the dense model reads of assistant turn t; its acts and codes of the person must stand. */
void turn_measures(float x[N_SCALE_MEASURE], const struct walk *w, uint32_t t);
bool turn_of_person(int measure); /* of what the person does, their risk and flags */
/* Levels of the scales, 0..4, of the dense model's outputs for the measures x. */
void turn_scales(int8_t level[N_SCALE], const float out[SCALE_LANES], const float x[N_SCALE_MEASURE]);
/* Is a word one of n? */
static inline bool word_among(str word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i][0] == word.p[0] && str_eqz(word, list[i])) return true;
    return false;
}
/* Do plain words of turn t, quotations apart, say so: a cue with this tag and value (NULL: any)? */
bool turn_says(const struct walk *w, uint32_t t, const char *tag, const char *value);
/* The person tells of themself: the reply answers a disclosure, or risk. */
static inline bool turn_discloses(const struct tcode *c) { return c->bid & BID_DISCLOSURE || c->risk != 0; }
enum { LONG_REPLY = 80 }; /* words; from there on a refusal is a sentence among many */
/* Whether the reply coded c, of n_word words, takes up less than the bid: p of the reply model; to a disclosure together
 * with the dense model's logit, which is among its outputs `out`. */
float turn_refused(float p, const float out[SCALE_LANES], const struct tcode *c, uint32_t n_word);
/* Sets rtype and conf of assistant turn t: what the model read, at refused (p), held against its words. Its acts and
 * scales must stand. */
void turn_type(struct walk *w, uint32_t t, enum rtype read, float refused);
/* Sets c->decision by the policy table; c has rtype, risk, flags and bid, `acts` is the reply's union. */
void turn_decide(struct tcode *c, const float *p, const float *t, uint32_t acts);
/* Risk, flags and bids of every turn (before replies are coded). */
void turn_users(struct walk *w);

#endif
