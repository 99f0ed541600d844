/* The study's insides: features of a sentence, and what their probabilities mean.
 *
 * One feature extractor serves training (tools/train/) and the engine, so
 * that the two can't drift apart. */
#ifndef REFRAIN_ACT_ACT_H
#define REFRAIN_ACT_ACT_H

#include "match/pack.h"
#include "model/model.h"

/* Feature keys of one sentence: tokens tok0..tok1, with the tokens before it as context. */
struct sentence_view {
    uint32_t turn;
    uint32_t tok0, tok1;       /* the sentence */
    uint32_t prev0, prev1;     /* what stands before: previous sentence, else the end of the turn before */
    uint32_t flags;            /* enum sent_flag */
    uint32_t begin, end;       /* folded bytes, for hits and contacts */
    uint32_t hit0, hit1;       /* its hits are among these */
    bool prev_question;
};
void act_features(struct feature_list *out, const struct walk *w, const struct sentence_view *v);
/* View of sentence s with its context. */
struct sentence_view act_view(const struct walk *w, uint32_t s);
/* View of a whole turn as if it were one sentence (labelled sentences may span several of ours). */
struct sentence_view act_view_turn(const struct walk *w, uint32_t t);
/* Probabilities → acts, risk and flags, with the rules of cues on top. */
void act_decide(struct acts *out, const struct weights *m, const float *p, const struct walk *w,
                const struct sentence_view *v, bool user);

/* Do the words at `begin` stand behind a negation in their clause ("I don't have a plan to …")? */
bool act_negated(const struct walk *w, const struct sentence_view *v, uint32_t begin);

#endif
