/* User turns → threads (codebook §0, "Same thread"). In: acts and folded text.
 * Out: walk.thread. Runs only where a refusal was found.
 *
 * A turn stays with the thread before it unless it opens a new request that
 * shares no content word with the last three user turns and does not reach
 * back by a pronoun or a connective; it returns to an old thread when ov with
 * that thread's bid is .30 or more. */
#include "episode/episode.h"
#include "find/find.h"
#include "text/overlap.h"
#include "turn/turn.h"

#define OV_NEW .05f
#define OV_BACK .30f
#define OLD_THREADS 16 /* looked at for a return, latest first: keeps the pass linear */
#define HEAD_BYTES 240 /* where a reach back is looked for: later words have their antecedent in the turn */

/* ---- reaching back ---- */

enum word_class { W_PLAIN, W_CONNECT, W_PERSON, W_THING, W_DET, W_EMPTY, W_TIME };

enum { WORD_MOST = 9 }; /* letters of the longest below */
static const struct { char word[16]; enum word_class class; } word_table[] = {
    {"and", W_CONNECT},   {"but", W_CONNECT},   {"so", W_CONNECT},      {"also", W_CONNECT},  {"because", W_CONNECT},
    {"cos", W_CONNECT},   {"then", W_CONNECT},  {"still", W_CONNECT},   {"again", W_CONNECT}, {"or", W_CONNECT},
    {"yes", W_CONNECT},   {"no", W_CONNECT},    {"yeah", W_CONNECT},    {"nah", W_CONNECT},   {"like", W_CONNECT},
    {"instead", W_CONNECT}, {"exactly", W_CONNECT},
    {"he", W_PERSON},     {"she", W_PERSON},    {"him", W_PERSON},      {"her", W_PERSON},    {"they", W_PERSON},
    {"them", W_PERSON},   {"his", W_PERSON},    {"hers", W_PERSON},     {"their", W_PERSON},
    {"it", W_THING},      {"this", W_THING},    {"that", W_THING},      {"these", W_THING},   {"those", W_THING},
    {"my", W_DET},        {"a", W_DET},         {"an", W_DET},          {"the", W_DET},       {"our", W_DET},
    {"some", W_DET},      {"is", W_EMPTY},      {"was", W_EMPTY},       {"when", W_EMPTY},    {"if", W_EMPTY},
    {"does", W_EMPTY},    {"will", W_EMPTY},    {"how", W_EMPTY},       {"would", W_EMPTY},   {"takes", W_EMPTY},
    {"take", W_EMPTY},    {"week", W_TIME},     {"weekend", W_TIME},    {"morning", W_TIME},  {"evening", W_TIME},
    {"year", W_TIME},     {"month", W_TIME},    {"afternoon", W_TIME},  {"summer", W_TIME},   {"winter", W_TIME}};

/* The first eight bytes of a word, as a number; a fold may be read behind. */
static uint64_t packed(const char *p, size_t n)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return n < 8 ? v & ((1ull << 8 * n) - 1) : v;
}

static enum word_class class_of(str word)
{
    if (word.n > WORD_MOST) return W_PLAIN;
    const uint64_t head = packed(word.p, word.n);
    for (size_t i = 0; i < ARRAY_LEN(word_table); i++)
        if (packed(word_table[i].word, 8) == head && str_eqz(word, word_table[i].word)) return word_table[i].class;
    return W_PLAIN;
}

static size_t head_words(str head, str *word, size_t room)
{
    size_t n = 0, i = 0;
    while (n < room) {
        while (i < head.n && !(head.p[i] >= 'a' && head.p[i] <= 'z')) i++;
        size_t b = i;
        while (i < head.n && head.p[i] >= 'a' && head.p[i] <= 'z') i++;
        if (i == b) break;
        word[n++] = str_sub(head, b, i);
    }
    return n;
}

/* "it", "this", "that": a pointer back unless it fills a slot ("is it noon"),
 * joins a clause to a noun ("a film that ends well") or names a time. */
static bool thing_points(const str *word, size_t n, size_t i)
{
    enum word_class before = i ? class_of(word[i - 1]) : W_CONNECT, after = i + 1 < n ? class_of(word[i + 1]) : W_PLAIN;
    if (after == W_TIME) return false;
    if (str_eqz(word[i], "it")) return before != W_EMPTY && after != W_EMPTY;
    if (str_eqz(word[i], "that")) return i + 1 >= n || before != W_PLAIN || after == W_EMPTY;
    return true;
}

static bool reaches_back(const struct walk *w, uint32_t t)
{
    str head = w->text[t].fold, word[48];
    if (head.n > HEAD_BYTES) head.n = HEAD_BYTES;
    size_t n = head_words(head, word, ARRAY_LEN(word));
    bool antecedent = false;
    for (size_t i = 0; i < n; i++) {
        enum word_class c = class_of(word[i]);
        if (i == 0 && c == W_CONNECT) return true;
        if (c == W_PERSON && !antecedent) return true;
        if (c == W_THING && !antecedent && thing_points(word, n, i)) return true;
        if (i && c == W_PLAIN && class_of(word[i - 1]) == W_DET) antecedent = true;
    }
    return false;
}

/* ---- threads ---- */

struct threads {
    vec_of(uint32_t) bid; /* the user turn that opened each thread */
    struct row_index *row; /* of those */
    uint32_t last[3];     /* user turns, latest first */
    size_t n_last;
    uint32_t now;
};

bool thread_says(const struct walk *w, uint32_t t, const char *what)
{
    return w->pack && w->hit.n && turn_says(w, t, "thread", what);
}

/* The act model misses plain everyday requests, which are most of those that change the topic. */
bool thread_requests(const struct walk *w, uint32_t t)
{
    return (w->tcode[t].acts & (ACT(U_BID) | ACT(U_HARM_BID))) || thread_says(w, t, "request");
}

static bool opens(struct walk *w, const struct threads *x, uint32_t t)
{
    uint32_t acts = w->tcode[t].acts;
    if (acts & ACT(U_RETRY)) return false;
    if (thread_says(w, t, "new")) return true;
    if (!thread_requests(w, t) || text_content_words(w, t) < 2) return false;
    for (size_t i = 0; i < x->n_last; i++)
        if (text_ov(w, t, x->last[i]) >= OV_NEW) return false;
    return !reaches_back(w, t);
}

/* The old thread that t goes back to, or THREAD_NONE. */
static uint32_t goes_back(struct walk *w, const struct threads *x, uint32_t t)
{
    uint32_t best = THREAD_NONE;
    if (text_content_words(w, t) < 2) return best;
    float here = text_ov(w, t, x->bid.p[x->now]);
    for (size_t i = 0; i < x->n_last; i++) { /* what carries on the talk of just now has not gone back */
        float ov = x->last[i] != x->bid.p[x->now] && w->thread[x->last[i]] == x->now ? text_ov(w, t, x->last[i]) : 0;
        if (ov > here) here = ov;
    }
    float top = here > OV_BACK ? here : OV_BACK - 1e-6f;
    float ov[ROW_BACK];
    for (uint64_t old = text_words_row_ov(w, x->row, t, top, ov) & ((1ull << OLD_THREADS) - 1); old; old &= old - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(old), k = (uint32_t)x->bid.n - 1 - i; /* the latest first */
        if (k != x->now && ov[i] > top) top = ov[i], best = k;
    }
    return best;
}

static void open_thread(struct walk *w, struct threads *x, uint32_t t)
{
    x->now = (uint32_t)x->bid.n;
    *vec_push(w->a, &x->bid) = t;
    text_words_row_add(w, x->row, t);
}

static void place_turn(struct walk *w, struct threads *x, uint32_t t)
{
    if (x->bid.n == 0) {
        open_thread(w, x, t);
    } else {
        uint32_t back = x->bid.n > 1 ? goes_back(w, x, t) : THREAD_NONE;
        if (back != THREAD_NONE) {
            x->now = back;
        } else if (opens(w, x, t)) {
            open_thread(w, x, t);
        }
    }
    w->thread[t] = x->now;
    for (size_t i = ARRAY_LEN(x->last) - 1; i > 0; i--) x->last[i] = x->last[i - 1];
    x->last[0] = t;
    if (x->n_last < ARRAY_LEN(x->last)) x->n_last++;
}

void thread_map(struct walk *w)
{
    struct threads x = {.row = text_words_row_new(w->a)};
    w->thread = arena_array(w->a, uint32_t, w->conv->n_turn);
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        int bid = w->tcode[t].bid_turn;
        if (is_user(w, t)) place_turn(w, &x, t);
        else if (x.bid.n == 0) w->thread[t] = THREAD_NONE;
        else w->thread[t] = bid >= 0 && (uint32_t)bid < t ? w->thread[bid] : x.now;
    }
}
