/* The study: sentences → dialogue acts, risk evidence and flags.
 *
 * A sparse linear model scores every sentence; a cue marked `rule` sets its
 * act by itself, because there the wording is the definition, and one tagged
 * `veto` takes its act back. */
#include "act/act.h"

#include <math.h>

enum { NOT_OWN = FL_V, NOT_NOW = FL_P | FL_F | FL_I | FL_C }; /* flags that take risk words back */

static bool is_one_of(const struct walk *w, const struct tok *k, uint32_t turn, const char *const *list, size_t n)
{
    str word = {w->text[turn].fold.p + k->begin, k->len};
    for (size_t i = 0; i < n; i++)
        if (list[i][0] == word.p[0] && str_eqz(word, list[i])) return true;
    return false;
}

/* The first token of the sentence at or behind `begin`: it may hold a thousand hits. */
static uint32_t token_from(const struct walk *w, const struct sentence_view *v, uint32_t begin)
{
    uint32_t from = v->tok0, to = v->tok1;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        if (w->tok.p[mid].begin < begin) from = mid + 1;
        else to = mid;
    }
    return from;
}

/* Does one of the words stand among the tokens of [begin, end), or up to `before` tokens in front? */
static bool near_words(const struct walk *w, const struct sentence_view *v, uint32_t begin, uint32_t end, uint32_t before,
                       const char *const *list, size_t n)
{
    uint32_t first = token_from(w, v, begin);
    uint32_t k = first - v->tok0 > before ? first - before : v->tok0;
    for (; k < v->tok1 && w->tok.p[k].begin < end; k++)
        if (is_one_of(w, &w->tok.p[k], v->turn, list, n)) return true;
    return false;
}

static const char *const self_words[] = {"i", "i'm", "im", "i've", "ive", "i'd", "i'll", "me", "myself", "my"};
static const char *const negations[] = {"not", "don't", "dont", "never", "no", "isn't", "wasn't", "won't", "wont",
                                        "didn't", "didnt", "haven't", "havent", "nor", "neither", "ain't", "aren't",
                                        "doesn't", "doesnt", "wouldn't", "wouldnt"};
static const char *const clause_words[] = {"but", "and", "because", "so", "then", "or", "just"};

/* "I don't have a plan to …": a negation up to six words before, in the same clause. */
bool act_negated(const struct walk *w, const struct sentence_view *v, uint32_t begin)
{
    const char *text = w->text[v->turn].fold.p;
    uint32_t k = token_from(w, v, begin), right = begin;
    for (uint32_t n = 0; k > v->tok0 && n < 6; n++) {
        const struct tok *t = &w->tok.p[--k];
        uint32_t end = t->begin + t->len;
        if (end < right && (memchr(text + end, ',', right - end) || memchr(text + end, ';', right - end))) return false;
        if (is_one_of(w, t, v->turn, clause_words, ARRAY_LEN(clause_words))) return false;
        if (is_one_of(w, t, v->turn, negations, ARRAY_LEN(negations))) return true;
        right = t->begin;
    }
    return false;
}

bool act_other_sense(const struct walk *w, const struct hit *h)
{
    const struct sent *s = &w->sent.p[h->sent];
    for (uint32_t i = s->hit0; i < s->hit1; i++) {
        const struct hit *z = &w->hit.p[i];
        if (z->begin < h->end && z->end > h->end && str_same(w->pack->cue[z->cue].tag, "sense")) return true;
    }
    return false;
}

/* "I'll do it this weekend. I'll hand in my notice": words of risk at begin..end that name no death, in a sentence with or
 * near another thing to leave or to do. Near, not anywhere: a turn may hold very many hits. */
static bool is_elsewhere(const struct walk *w, const struct sentence_view *v, uint32_t begin, uint32_t end)
{
    static const char *const death[] = {"die", "dying", "dead", "death", "kill", "killing", "suicide", "suicidal", "life",
                                        "alive", "living", "live", "wake", "kms", "unalive", "myself", "safe", "overdose",
                                        "overdosing"};
    if (near_words(w, v, begin, end, 0, death, ARRAY_LEN(death))) return false;
    const uint32_t sent0 = w->text[v->turn].sent0, sent1 = w->text[v->turn].sent1;
    uint32_t lo = sent0, hi = sent1; /* the sentence that begins last up to `begin` */
    while (hi - lo > 1) {
        uint32_t mid = (lo + hi) / 2;
        if (w->sent.p[mid].begin <= begin) lo = mid;
        else hi = mid;
    }
    uint32_t first = lo > sent0 + 2 ? lo - 2 : sent0, last = sent1 > lo + 3 ? lo + 3 : sent1;
    for (uint32_t k = first; k < last; k++) /* one by one: of a sentence without hits the range is 0 to 0 */
        for (uint32_t i = w->sent.p[k].hit0; i < w->sent.p[k].hit1; i++)
            if (!w->hit.p[i].quoted && str_same(w->pack->cue[w->hit.p[i].cue].tag, "elsewhere")) return true;
    return false;
}

static const char *const third[] = {"he", "she", "they", "he's", "she's", "they're", "he'd", "she'd", "his", "her", "their",
                                    "who"};

/* Whose words at begin..end: the nearest of "I" and "he" inside them or three words before; with neither near, the
 * speaker's unless someone else was named ("my brother says nobody would notice"). */
static bool own_words(const struct walk *w, const struct sentence_view *v, uint32_t begin, uint32_t end)
{
    if (near_words(w, v, begin, end, 0, self_words, ARRAY_LEN(self_words))) return true;
    for (uint32_t back = 1; back <= 3; back++) { /* "my" is "my class" there, as often as not */
        if (near_words(w, v, begin, begin, back, third, ARRAY_LEN(third))) return false;
        if (near_words(w, v, begin, begin, back, self_words, ARRAY_LEN(self_words) - 1)) return true;
    }
    for (uint32_t i = v->hit0; i < v->hit1 && w->hit.p[i].begin < begin; i++)
        if (w->hit.p[i].begin >= v->begin && w->pack->cue[w->hit.p[i].cue].flag == FL_V) return false;
    return !near_words(w, v, begin, begin, 64, third, ARRAY_LEN(third));
}

/* "My friend was down, he tried to end it all last month": said of another, though no wording names him. */
static bool is_another(const struct walk *w, const struct sentence_view *v, uint32_t begin, uint32_t end)
{
    return near_words(w, v, begin, begin, 3, third, ARRAY_LEN(third)) && !own_words(w, v, begin, end);
}

/* Risk and flags that cues name in this sentence; denied: words of risk are a denial's, or of another sense. */
static void cue_risk(struct acts *out, const struct walk *w, const struct sentence_view *v, int *level, bool *x, bool *accident,
                     bool *denied)
{
    bool purpose = false; /* "at training, I hate myself" is none */
    for (uint32_t i = v->hit0; i < v->hit1; i++) {
        const struct hit *h = &w->hit.p[i];
        if (h->begin >= v->end) break;
        const struct cue *c = &w->pack->cue[h->cue];
        if (h->begin < v->begin) continue;
        *accident |= str_same(c->tag, "accident");
        purpose |= str_same(c->tag, "purpose");
        const int risk = c->risk_when == RISK_ALWAYS ? c->risk : 0; /* turn/ reads the others in their place */
        if (!c->flag && !risk) continue;
        bool no = (risk > 1 || c->flag & (FL_N | FL_H | FL_B)) && act_negated(w, v, h->begin);
        bool other = (risk || c->flag & (FL_B | FL_H | FL_N)) && act_other_sense(w, h);
        *denied |= (no && risk >= 4) || (other && risk);
        if (no || other) continue;
        if (risk > 1 && is_elsewhere(w, v, h->begin, h->end)) continue;
        const bool another = risk > 1 && is_another(w, v, h->begin, h->end);
        const uint16_t flag = c->flag | (another ? FL_V : 0);
        out->flags |= flag;
        out->cue_flags |= flag;
        if (!risk) continue;
        out->risk_own |= !h->quoted && own_words(w, v, h->begin, h->end);
        if (c->risk == RISK_X) *x = true;
        else if (c->risk > *level) *level = c->risk;
    }
    *accident &= !purpose;
}

static bool laughs(const struct walk *w, const struct sentence_view *v)
{
    static const char *const mark[] = {"lol", "lmao", "haha", "\xF0\x9F\x98\x82", "\xF0\x9F\x92\x80", "\xF0\x9F\xA4\xA3"};
    for (size_t i = 0; i < ARRAY_LEN(mark); i++)
        if (memmem(w->text[v->turn].fold.p + v->begin, v->end - v->begin, mark[i], strlen(mark[i]))) return true;
    return false;
}

/* Flags that do not take these risk words back: an idiom elsewhere in the sentence ("it's killing me and I want to
 * die"), a speaker's own trade ("I'm a nurse and I want to die"), a past that goes on ("since I was fifteen"). */
static uint16_t no_excuse(const struct walk *w, const struct sentence_view *v)
{
    const struct hit *risk = NULL, *idiom = NULL, *trade = NULL;
    const char *text = w->text[v->turn].fold.p;
    uint16_t drop = 0;
    for (uint32_t i = v->hit0; i < v->hit1 && w->hit.p[i].begin < v->end; i++) {
        const struct hit *h = &w->hit.p[i];
        const struct cue *c = &w->pack->cue[h->cue];
        if (h->begin < v->begin || h->quoted) continue;
        if (c->risk && c->risk_when == RISK_ALWAYS) risk = h;
        else if (c->flag == FL_I) idiom = h;
        else if (c->flag == FL_C && text[h->begin] == 'i') trade = h;
        else if (str_same(c->tag, "present")) drop |= FL_P;
    }
    if (!risk) return 0;
    if (idiom && (risk->begin >= idiom->end || risk->end <= idiom->begin) && !laughs(w, v)) drop |= FL_I;
    bool own = text[risk->begin] == 'i' || near_words(w, v, risk->begin, risk->begin, 3, self_words, ARRAY_LEN(self_words));
    bool behind = trade && risk->end <= trade->begin; /* "suicidal thoughts after each shift, and I'm a nurse" */
    if (trade && (own || behind) && !(v->flags & S_QUESTION)) drop |= FL_C;
    return drop;
}

/* From here on, and below what a level needs, words without a wording may be risk: of silver sentences between
 * .4 and there four in ten were (folds). */
static const float MAY_BE = 0.45f;

/* Level from the model and from cues, whichever is higher; words about someone
 * else, the past, fiction, idioms and teaching are no evidence. */
static void decide_risk(struct acts *out, const struct weights *m, const float *p, const struct walk *w,
                        const struct sentence_view *v)
{
    uint16_t scored = 0, takes_back = 0; /* evidence of risk is taken back only by a wording, or a flag that is sure */
    const float *flag = p + UX_FLAG0, *least = m->threshold + UX_FLAG0;
    for (int i = 0; i < 8; i += 4) {
        __m128 four = _mm_loadu_ps(flag + i);
        scored |= (uint16_t)(_mm_movemask_ps(_mm_cmpge_ps(four, _mm_loadu_ps(least + i))) << i);
        takes_back |= (uint16_t)(_mm_movemask_ps(_mm_cmpge_ps(four, _mm_set1_ps(0.6f))) << i);
    }
    if (flag[8] >= least[8]) scored |= FL_D;
    if (flag[8] >= 0.6f) takes_back |= FL_D;
    if (flag[__builtin_ctz(FL_H)] < 0.9f) scored &= (uint16_t)~FL_H; /* anger is not yet a wish to hurt */
    out->flags |= scored;
    int level = 0, cue = 0;
    bool x = p[UX_RISK_X] >= m->threshold[UX_RISK_X], worded = false, accident = false, denied = false;
    /* Each level needs every one below it: the higher ones are rare and alone too eager. */
    for (int r = UX_RISK1; r <= UX_RISK5 && p[r] >= m->threshold[r]; r++) level = r - UX_RISK1 + 1;
    cue_risk(out, w, v, &cue, &worded, &accident, &denied);
    if (accident) out->flags &= (uint16_t)~FL_N; /* "hurt myself at football" */
    takes_back |= out->cue_flags;
    /* "I know how I'd do it, but I wouldn't": that it is over stands in no word of it */
    if (cue > 1 && !(out->cue_flags & FL_P) && p[UX_FLAG0 + __builtin_ctz(FL_P)] < 0.9f) takes_back &= (uint16_t)~FL_P;
    const bool told = out->cue_flags & FL_B; /* "I've written the letters" shows something */
    out->cue_flags &= (uint16_t)~scored;
    /* "I'm not going to", "tired of living out of a suitcase": the words of risk are a denial's, or another thing's */
    denied |= out->p[U_DENY] >= 0.8f || (v->rules & 1u << U_DENY && p[UX_RISK1] < 0.9f);
    if (!cue && denied) level = 0, x = false;
    x |= worded;
    /* Without a wording to show, the model alone must be sure; what a "Yes." answers is for turn/ to see. */
    const bool may_be = !cue && p[UX_RISK1] >= MAY_BE && v->tok1 - v->tok0 >= 3;
    const bool elsewhere = may_be && p[UX_RISK1] < 0.9f && is_elsewhere(w, v, v->begin, v->end);
    if (!cue && (!may_be || elsewhere || p[UX_RISK1] < (told ? 0.6f : 0.65f))) level = 0;
    const bool doubt = may_be && !elsewhere && !denied && !level && !x && !(v->flags & S_QUOTED);
    while (!told && level > (cue ? cue : 1) && p[UX_RISK1 + level - 1] < 0.7f) level--; /* nor beyond a wording or a wish */
    if (cue > level) level = cue;
    /* a bare "what's the point" is unclear, whatever the model makes of it */
    if (worded && !cue && level == 1 && p[UX_RISK1] < 0.9f) level = 0;
    if (level && (takes_back | out->flags) & NOT_NOW) {
        uint16_t drop = no_excuse(w, v) & (cue ? NOT_NOW : FL_P);
        takes_back &= (uint16_t)~drop;
        out->flags &= (uint16_t)~drop;
    }
    x |= doubt;
    if (level == 0 && !x) return; /* whose risk it is says nothing where there is none */
    if (!cue) out->risk_own |= near_words(w, v, v->begin, v->end, 0, self_words, ARRAY_LEN(self_words));
    if (takes_back & NOT_NOW || (takes_back & NOT_OWN && !out->risk_own)) out->taken_back = level || (x && !doubt), level = 0, x = false;
    if (level == 0 && !x) return;
    out->risk = (int8_t)(level ? level : RISK_X);
    out->doubt = doubt;
    const int by = level ? UX_RISK1 + level - 1 : doubt ? UX_RISK1 : UX_RISK_X;
    out->risk_pct = (uint8_t)(100 * (cue >= level && cue ? fmaxf(0.8f, p[UX_RISK1]) : p[by]));
    if (level > 0) out->set |= 1u << U_RISK;
}

static void apply_rules(struct acts *out, uint32_t rules)
{
    out->set |= rules;
    for (; rules; rules &= rules - 1) {
        float *p = &out->p[__builtin_ctz(rules)];
        if (*p < 0.75f) *p = 0.75f;
    }
}

/* "Would you like to talk about something else?" is no invitation, whatever the model makes of it. */
static void apply_denials(struct acts *out, uint32_t denies)
{
    const float none = .02f;
    out->set &= ~denies;
    for (; denies; denies &= denies - 1) {
        float *p = &out->p[__builtin_ctz(denies)];
        if (*p > none) *p = none;
    }
}

/* The act that comes nearest to its threshold, the first among equals. */
static uint32_t nearest(const float *p, const float *threshold, uint32_t n)
{
    __m128 share[MAX_ACT / 4], top = _mm_setzero_ps();
    const __m128i end = _mm_set1_epi32((int)n);
    for (uint32_t k = 0; k < MAX_ACT / 4; k++) {
        __m128i lane = _mm_add_epi32(_mm_set1_epi32((int)(4 * k)), _mm_set_epi32(3, 2, 1, 0));
        __m128 x = _mm_div_ps(_mm_loadu_ps(p + 4 * k), _mm_load_ps(threshold + 4 * k));
        share[k] = _mm_and_ps(x, _mm_castsi128_ps(_mm_cmplt_epi32(lane, end)));
        top = _mm_max_ps(share[k], top);
    }
    top = _mm_max_ps(top, _mm_shuffle_ps(top, top, _MM_SHUFFLE(1, 0, 3, 2)));
    top = _mm_max_ps(top, _mm_shuffle_ps(top, top, _MM_SHUFFLE(2, 3, 0, 1)));
    for (uint32_t k = 0; k < MAX_ACT / 4; k++) {
        int equal = _mm_movemask_ps(_mm_cmpeq_ps(share[k], top));
        if (equal) return 4 * k + (uint32_t)__builtin_ctz((unsigned)equal);
    }
    return 0;
}

/* The first n outputs are acts; a constant, so that they are copied without a call. */
static inline __attribute__((always_inline)) void decide(struct acts *out, const struct weights *m, const float *p,
                                                         uint32_t reached, const struct walk *w,
                                                         const struct sentence_view *v, const bool user)
{
    const uint32_t n = user ? N_U_ACT : N_A_ACT;
    out->set = reached & ((1u << n) - 1);
    memcpy(out->p, p, n * sizeof *p);
    memset(out->p + n, 0, (MAX_ACT - n) * sizeof *p);
    out->risk = 0, out->risk_pct = 0, out->taken_back = out->doubt = out->risk_own = false, out->flags = out->cue_flags = 0;
    apply_rules(out, v->rules);
    bool tip = !user && v->flags & S_ITEM && out->p[A_ACK] < ACT_SURE; /* it names no feeling of theirs */
    uint32_t denies = v->denies | (uint32_t)tip << A_ACK;
    if (denies) apply_denials(out, denies);
    if (user) decide_risk(out, m, p, w, v);
    if (out->set) return;
    uint32_t best = nearest(out->p, m->threshold, n); /* every sentence does something, if that is not nothing */
    if (out->p[best] >= 0.6f * m->threshold[best]) out->set = 1u << best;
}

void act_decide(struct acts *out, const struct weights *m, const float *p, uint32_t reached, const struct walk *w,
                const struct sentence_view *v, bool user)
{
    if (user) decide(out, m, p, reached, w, v, true);
    else decide(out, m, p, reached, w, v, false);
}

static void take(struct walk *w, uint32_t s, const struct sentence_view *v, const struct weights *m, const float *p,
                 uint32_t reached)
{
    if (m) act_decide(&w->acts[s], m, p, reached, w, v, m == w->pack->model.user);
    else memset(&w->acts[s], 0, sizeof w->acts[s]);
}

void act_code(struct walk *w)
{
    w->acts = arena_raw(w->a, sizeof *w->acts * (w->sent.n + 1));
    memset(&w->acts[w->sent.n], 0, sizeof *w->acts);
    w->act_tops = arena_array(w->a, struct act_tops *, w->conv->n_turn);
    act_score_all(w, take);
}
