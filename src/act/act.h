/* The study's insides: features of a sentence, and what their probabilities mean.
 *
 * One feature extractor serves training (tools/train/) and the engine, so
 * that the two can't drift apart. */
#ifndef REFRAIN_ACT_ACT_H
#define REFRAIN_ACT_ACT_H

#include "match/pack.h"
#include "model/model.h"

/* One sentence: tokens tok0..tok1. */
struct sentence_view {
    uint32_t turn;
    uint32_t tok0, tok1;       /* the sentence */
    uint32_t flags;            /* enum sent_flag */
    uint32_t begin, end;       /* folded bytes, for hits and contacts */
    uint32_t hit0, hit1;       /* its hits are among these */
    uint32_t rules, denies;    /* acts that they set by themselves, and that they take back */
    uint32_t prev_question;    /* 1: the sentence before, or the end of the turn before, asks; a word, as one byte would be
                                  waited for when the view is copied */
};

/* The view's word sequences, words single and in pairs with its edges, that are in the table of m: their places, into
 * place[3 x tokens + 2]; how many. n_word: its words, a quotation being one. */
size_t act_grams(uint16_t *place, uint32_t *n_word, const struct walk *w, const struct sentence_view *v,
                 const struct weights *m);
/* Keys of all of them, for training; kind: GRAM_* of each. */
enum gram_kind { GRAM_WORDS, GRAM_ENDS };
size_t act_grams_all(uint32_t *key, uint8_t *kind, uint32_t *n_word, const struct walk *w, const struct sentence_view *v);
/* Where the words of a sentence that begins at token `place` of a reply count: USE_HEAD, USE_WORD, or N_USE: nowhere. */
static inline unsigned gram_use(uint32_t place)
{
    enum { HEAD_TOKENS = 64, WORD_TOKENS = 400 };
    return place < HEAD_TOKENS ? USE_HEAD : place < WORD_TOKENS ? USE_WORD : N_USE;
}
/* Adds what is no word: length, form, cues, contacts; for training. */
void act_features(struct feature_list *out, const struct walk *w, const struct sentence_view *v, uint32_t n_word);
/* What is made of a model of sentences when it is loaded. */
enum { N_FORM = 256 };
struct act_tables {
    const int16_t *form;       /* [N_FORM][m->width]: what each form weighs together */
    const uint16_t *cue;       /* [pack->n_cue]: place of the cue's row, or NO_ROW */
    uint16_t contact[2];       /* of a contact's, a negated one's */
};
const struct act_tables *act_tables_make(struct arena *a, const struct pack *p, const struct weights *m);
/* Places of the rows of a view's cues and contacts, at most `most` into place[most + 1]; how many. */
uint32_t act_evidence(uint16_t *place, uint32_t most, const struct walk *w, const struct sentence_view *v,
                      const struct act_tables *t);
/* A view's among the forms. */
uint32_t act_form(const struct sentence_view *v, uint32_t n_word);

/* View of sentence s with its context. */
struct sentence_view act_view(const struct walk *w, uint32_t s);
/* View of a whole turn as if it were one sentence (labelled sentences may span several of ours). */
struct sentence_view act_view_turn(const struct walk *w, uint32_t t);
/* Probabilities of one view alone; p has MAX_OUT places. Gives bits of the outputs that reach their thresholds. */
uint32_t act_score(float *p, struct walk *w, const struct sentence_view *v, const struct weights *m);
enum { REFUSING_TOKENS = 40 };
/* Adds to walk.said what the words of sentence s weigh as the most refusing one of their reply. */
void act_add_refusing(struct walk *w, uint32_t s);
/* Every sentence of the walk: probabilities and what reached to `take`, in order; leaves walk.said. */
typedef void act_take(struct walk *w, uint32_t s, const struct sentence_view *v, const struct weights *m,
                      const float *p, uint32_t reached);
void act_score_all(struct walk *w, act_take *take);
/* Probabilities → acts, risk and flags, with the rules of cues on top. */
void act_decide(struct acts *out, const struct weights *m, const float *p, uint32_t reached, const struct walk *w,
                const struct sentence_view *v, bool user);

/* Over the sentences of a turn that are not quoted: how many, which acts some carries, and of each act its likeliest
 * sentence, the first among equals; UINT32_MAX and -1 where there are none. Side by side the acts of each sentence,
 * quoted ones none, and those that are plain: the sentences themselves lie far apart. */
#define ACT_SURE .8f /* an act at or above it is plain, not a trace */
struct act_tops {
    uint32_t n_sent, set, sent[MAX_ACT];
    float p[MAX_ACT];
    uint32_t *sure, own[];     /* by sentence; three zeros behind own's last */
};
const struct act_tops *act_tops_make(const struct walk *w, uint32_t t);
static inline const struct act_tops *act_tops_of(const struct walk *w, uint32_t t) /* the walk's */
{
    return w->act_tops[t] ? w->act_tops[t] : act_tops_make(w, t);
}

/* Do the words at `begin` stand behind a negation in their clause ("I don't have a plan to …")? */
bool act_negated(const struct walk *w, const struct sentence_view *v, uint32_t begin);
/* "I do not wish to live" goes on "in the city": words of the tag sense overlap those of h and end behind them. */
bool act_other_sense(const struct walk *w, const struct hit *h);

#endif
