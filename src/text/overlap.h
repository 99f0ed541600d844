/* How much of one text comes back in another: ov() and J5() of codebook §0.
 * Reads tokens; word sets are made on first use and kept on the walk. */
#ifndef REFRAIN_TEXT_OVERLAP_H
#define REFRAIN_TEXT_OVERLAP_H

#include "walk.h"

/* Content hashes of words met before, by their token's hash: the same for every text, so that a scanner keeps them from
 * walk to walk. All zero at first; a walk without them makes its own. */
enum { STEMS = 8192 };
struct text_stems { struct stem_known { uint64_t hash; uint32_t content; } word[STEMS]; };

/* ov(a,b): share of turn a's content words (distinct, stemmed, stop list left
 * out) that are found in turn b; 0 when a has none. */
float text_ov(struct walk *w, uint32_t a, uint32_t b);
/* The same for the words of sentence s. */
float text_ov_sent(struct walk *w, uint32_t s, uint32_t b);
/* Distinct content words of a turn. */
uint32_t text_content_words(struct walk *w, uint32_t t);

/* J5(a,b): Jaccard of 5-token shingles; 3-token when either has under 20
 * tokens. Texts of under 3 tokens: 1 when equal, else 0. */
float text_j5(struct walk *w, uint32_t a, uint32_t b);
/* Texts in a row, each compared with the ROW_BACK before it: which of them have a shingle stands with the shingle, so
 * that all are told by one look a shingle. Highest J5 of turn t with one of those, if it is `least` or more, else 0, and
 * the first of them that has it; t is added to the row. */
enum { ROW_BACK = 64 };
struct text_row;
struct text_row *text_row_new(struct arena *a);
float text_row_add(struct walk *w, struct text_row *r, uint32_t t, float least, uint32_t *like);
/* The same for content words: turns are added one by one. Bits of those among the last ROW_BACK that turn t has ov of at
 * least `least` with, into ov[]; the same where it is so both ways. Bit and place i: the turn added i + 1 before. */
struct row_index;
struct row_index *text_words_row_new(struct arena *a);
void text_words_row_add(struct walk *w, struct row_index *r, uint32_t t);
uint64_t text_words_row_ov(struct walk *w, const struct row_index *r, uint32_t t, float least, float ov[ROW_BACK]);
uint64_t text_words_row_same(struct walk *w, const struct row_index *r, uint32_t t, float least);

/* Folded bytes that are no turn: a line of a template bank, prepared once in the pack's arena. Has turn t J5 of `least`
 * or more with one of these? */
struct text_line;
const struct text_line *text_line_new(struct arena *a, str folded);
bool text_like_line(struct walk *w, uint32_t t, const struct text_line *const *line, size_t n_line, float least);

/* MinHash of turn t's shingles of k tokens: two sketches agree in about J of
 * their places (J .6: within .09 in 95 of 100 pairs). It keeps no word. Gives
 * the number of tokens; `out` is set only where there are k of them, or for
 * k 3, any: a shorter text is one shingle. Needs no memory of the walk. */
enum { SKETCH_PLACES = 128 };
uint32_t text_sketch(const struct walk *w, uint32_t t, uint32_t k, uint16_t out[static SKETCH_PLACES]);

#endif
