/* The words around a number: do they make it a contact, and say what for?
 * In: folded text and a candidate's bytes. Out: cues, negation, keyword, menu. */
#include "helpline/room.h"

#if defined __SSE2__
#include <emmintrin.h>
#endif

#define REACH 200 /* bytes of a sentence that are looked at on each side */

static const bool word_byte[256] = {['a' ... 'z'] = true, ['0' ... '9'] = true, ['\''] = true, [0x80 ... 0xFF] = true};
static inline bool word_char(char c) { return word_byte[(unsigned char)c]; }

static const uint8_t end_mark[256] = {['\n'] = 1, ['.'] = 1, ['!'] = 1, ['?'] = 1};

static inline bool ends_sentence(const char *t, uint32_t i, uint32_t n)
{
    char c = t[i];
    if (!end_mark[(unsigned char)c]) return false;
    if (c == '\n') return true;
    if (c == '.' && i >= 2 && t[i - 2] == '.') return false; /* u.k. */
    if (c == '.' && i >= 3 && memcmp(t + i - 3, "tel", 3) == 0 && (i == 3 || !word_char(t[i - 4]))) return false;
    return (c == '.' || c == '!' || c == '?') && (i + 1 >= n || t[i + 1] == ' ' || t[i + 1] == '\n');
}

#if defined __SSE2__
static unsigned marks16(const char *p) /* bit set of the bytes that may end a sentence */
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    __m128i a = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('.')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));
    __m128i b = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('!')), _mm_cmpeq_epi8(v, _mm_set1_epi8('?')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(a, b));
}
#endif

/* How long a word is cannot be foreseen: 16 bytes are told at once. */
#if defined __SSE2__
static inline unsigned words16(const char *p) /* bit set of the bytes of words */
{
    __m128i v = _mm_loadu_si128((const __m128i *)p), letter = _mm_sub_epi8(v, _mm_set1_epi8('a'));
    __m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
    __m128i any = _mm_or_si128(_mm_or_si128(letter, digit), _mm_cmpeq_epi8(v, _mm_set1_epi8('\'')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(any, v));
}
#endif

/* Where the word begins that ends at i, not before lo. */
static uint32_t word_begin(const char *t, uint32_t lo, uint32_t i)
{
#if defined __SSE2__
    for (; i >= 16 && i > lo; i -= 16) {
        unsigned other = ~words16(t + i - 16) & 0xFFFF;
        if (!other) continue;
        uint32_t at = i - 16 + 32 - (uint32_t)__builtin_clz(other);
        return at > lo ? at : lo;
    }
    if (i < lo) return lo;
#endif
    while (i > lo && word_char(t[i - 1])) i--;
    return i;
}

/* Where the word ends that begins at i, not behind hi. A fold may be read 16 bytes behind. */
static uint32_t word_end(const char *t, uint32_t i, uint32_t hi)
{
#if defined __SSE2__
    for (; i < hi; i += 16) {
        unsigned other = ~words16(t + i) & 0xFFFF;
        if (!other) continue;
        i += (uint32_t)__builtin_ctz(other);
        break;
    }
    return i < hi ? i : hi;
#else
    while (i < hi && word_char(t[i])) i++;
    return i;
#endif
}

/* Behind the last mark before i, not before lo. */
static uint32_t mark_before(const char *t, uint32_t lo, uint32_t i)
{
#if defined __SSE2__
    for (; i - lo >= 16; i -= 16) {
        unsigned m = marks16(t + i - 16);
        if (m) return i - (uint32_t)__builtin_clz(m << 16);
    }
#endif
    while (i > lo && !end_mark[(unsigned char)t[i - 1]]) i--;
    return i;
}

/* The first mark from i on, or hi. */
static uint32_t mark_after(const char *t, uint32_t i, uint32_t hi)
{
#if defined __SSE2__
    for (; hi - i >= 16; i += 16) {
        unsigned m = marks16(t + i);
        if (m) return i + (uint32_t)__builtin_ctz(m);
    }
#endif
    while (i < hi && !end_mark[(unsigned char)t[i]]) i++;
    return i;
}

void around_sentence(struct around *x, const struct scan *s, uint32_t b, uint32_t e)
{
    uint32_t lo = b > REACH ? b - REACH : 0, hi = e + REACH < s->n ? e + REACH : s->n;
    x->begin = b, x->end = e;
    while ((x->begin = mark_before(s->t, lo, x->begin)) > lo && !ends_sentence(s->t, x->begin - 1, s->n)) x->begin--;
    while ((x->end = mark_after(s->t, x->end, hi)) < hi && !ends_sentence(s->t, x->end, s->n)) x->end++;
    x->n_before = x->n_after = 0;
}

uint32_t sentence_end(const struct scan *s, uint32_t i)
{
    while ((i = mark_after(s->t, i, s->n)) < s->n && !ends_sentence(s->t, i, s->n)) i++;
    return i;
}

void raw_count(struct scan *s, const struct around *x)
{
    size_t n = s->out->n;
    s->n_sentence = n > 1 && x->begin <= s->out->p[n - 2].begin ? s->n_sentence + 1 : 1;
    if (s->n_sentence == CONTACTS_SENTENCE) s->skip = sentence_end(s, x->end);
}

/* The word b..e, without apostrophes at its ends, if anything is left of it. */
static inline void add_word(struct word *list, uint32_t *n, const struct scan *s, uint32_t b, uint32_t e)
{
    while (b < e && s->t[b] == '\'') b++;
    while (e > b && s->t[e - 1] == '\'') e--;
    if (e > b) list[(*n)++] = (struct word){b, e, word_classes(s, b, e)};
}

/* Words that end at or before i, nearest first, as far as 64 bytes tell them; where to go on. */
static uint32_t look_before(struct around *x, const struct scan *s, uint32_t i)
{
#if defined __SSE2__
    if (i < 64) return i;
    uint32_t base = i - 64;
    uint64_t m = 0;
    for (uint32_t k = 0; k < 64; k += 16) m |= (uint64_t)words16(s->t + base + k) << k;
    if (x->begin > base) m &= x->begin == i ? 0 : ~0ull << (x->begin - base);
    while (m && x->n_before < N_BEFORE) {
        uint32_t end = 64 - (uint32_t)__builtin_clzll(m), n = (uint32_t)__builtin_clzll(~(m << (64 - end)) | 1);
        if (end - n == 0 || n == 63) return base + end; /* it may begin before these bytes */
        add_word(x->before, &x->n_before, s, base + end - n, base + end);
        m &= (1ull << (end - n)) - 1;
    }
    return base > x->begin ? base : x->begin;
#else
    return i;
#endif
}

/* The same for words that begin at or behind i. A fold may be read 16 bytes behind. */
static uint32_t look_after(struct around *x, const struct scan *s, uint32_t i)
{
#if defined __SSE2__
    uint32_t left = x->end - i, k = 0;
    uint64_t m = 0;
    for (; k < 64 && k < left; k += 16) m |= (uint64_t)words16(s->t + i + k) << k;
    if (left < 64) m &= (1ull << left) - 1;
    while (m && x->n_after < ARRAY_LEN(x->after)) {
        uint32_t at = (uint32_t)__builtin_ctzll(m), n = (uint32_t)__builtin_ctzll(~(m >> at) | 1ull << 63);
        if (at + n >= 63) return i + at; /* it may end behind these bytes */
        add_word(x->after, &x->n_after, s, i + at, i + at + n);
        m &= ~0ull << (at + n);
    }
    return i + (left < 64 ? left : 64);
#else
    return i;
#endif
}

void around_look(struct around *x, const struct scan *s, uint32_t b, uint32_t e)
{
    around_sentence(x, s, b, e);
    for (uint32_t i = look_before(x, s, b); i > x->begin && x->n_before < N_BEFORE;) {
        while (i > x->begin && !word_char(s->t[i - 1])) i--;
        uint32_t end = i;
        i = word_begin(s->t, x->begin, i);
        add_word(x->before, &x->n_before, s, i, end);
    }
    for (uint32_t i = look_after(x, s, e); i < x->end && x->n_after < ARRAY_LEN(x->after);) {
        while (i < x->end && !word_char(s->t[i])) i++;
        uint32_t begin = i;
        i = word_end(s->t, i, x->end);
        add_word(x->after, &x->n_after, s, begin, i);
    }
}

bool word_in(const struct scan *s, struct word w, const char *const *set)
{
    const char *z = s->t + w.b;
    size_t n = w.e - w.b;
    for (; *set; set++) {
        const char *p = *set;
        if (p[0] != z[0]) continue; /* most end here */
        size_t i = 1;
        while (i < n && p[i] == z[i]) i++; /* stops at p's end: its NUL is no byte of a word */
        if (i >= n && p[n] == 0) return true;
    }
    return false;
}

static bool has(str hay, const char *z)
{
    size_t n = strlen(z);
    for (const char *p = hay.p, *end = hay.p + hay.n; (size_t)(end - p) >= n;) {
        p = memmem(p, (size_t)(end - p), z, n);
        if (!p) return false;
        if ((p == hay.p || !word_char(p[-1])) && (p + n == end || !word_char(p[n]))) return true;
        p++;
    }
    return false;
}

bool around_cue(const struct scan *s, const struct around *x, uint32_t b, uint32_t e)
{
    (void)b, (void)e;
    for (uint32_t i = x->begin; i < x->end;) { /* by word, so that each is compared with the few of its letter */
        while (i < x->end && !(s->t[i] >= 'a' && s->t[i] <= 'z')) i++;
        uint32_t wb = i;
        while (i < x->end && ((s->t[i] >= 'a' && s->t[i] <= 'z') || s->t[i] == '-')) i++;
        if (i - wb >= 3 && word_classes(s, wb, i) >> W_CUE & 1) return true;
        if (i - wb > 4 && memchr(s->t + wb, '-', i - wb)) i = wb + (uint32_t)((const char *)memchr(s->t + wb, '-', i - wb) - (s->t + wb)) + 1;
    }
    return false;
}

/* ---- "do not use" ---- */

static inline bool ends_with(str h, str z)
{
    /* two bytes tell most; no list has shorter ones */
    return h.n >= z.n && h.p[h.n - 1] == z.p[z.n - 1] && h.p[h.n - 2] == z.p[z.n - 2] && memcmp(h.p + h.n - z.n, z.p, z.n) == 0 &&
           (h.n == z.n || !word_char(h.p[h.n - z.n - 1]));
}

/* Lists of words by their last letter, so that what a text ends with is compared with its few. */
static const str *list_of(const str *const by_last[26], str h)
{
    static const str none[] = {{0}};
    const str *list = h.n && h.p[h.n - 1] >= 'a' && h.p[h.n - 1] <= 'z' ? by_last[h.p[h.n - 1] - 'a'] : NULL;
    return list ? list : none;
}

/* Does `pre`, the text before a number, warn of it: "formerly 988", "don't use [the number] 988"? */
static bool negated_before(str pre)
{
    static const str not[] = {STR("do not"), STR("don't"), STR("dont"), STR("never"), STR("not to"), STR("avoid"), STR("stop"), STR("please don't"), STR("shouldn't"), STR("should not"), STR("cannot"), {0}};
    static const str verb_e[] = {STR("use"), STR("phone"), STR("share"), {0}};
    static const str verb_g[] = {STR("using"), STR("calling"), STR("dialing"), STR("dialling"), STR("texting"),
        STR("ring"), {0}};
    static const str verb_l[] = {STR("call"), STR("dial"), {0}};
    static const str verb_t[] = {STR("text"), STR("contact"), STR("trust"), STR("give out"), STR("list"), {0}};
    static const str verb_y[] = {STR("try"), {0}};
    static const str verb_n[] = {STR("rely on"), {0}};
    static const str verb_o[] = {STR("send people to"), {0}};
    static const str verb_d[] = {STR("recommend"), {0}};
    static const str *const verb[26] = {[3] = verb_d, [4] = verb_e, [6] = verb_g, [11] = verb_l, [13] = verb_n,
        [14] = verb_o, [19] = verb_t, [24] = verb_y};
    static const str filler_d[] = {STR("the old"), STR("old"), STR("and"), {0}};
    static const str filler_e[] = {STR("the"), STR("line"), {0}};
    static const str filler_t[] = {STR("that"), STR("at"), STR("it"), {0}};
    static const str filler_r[] = {STR("number"), {0}};
    static const str filler_n[] = {STR("on"), {0}};
    static const str filler_o[] = {STR("to"), {0}};
    static const str filler_f[] = {STR("of"), {0}};
    static const str *const filler[26] = {[3] = filler_d, [4] = filler_e, [5] = filler_f, [13] = filler_n,
        [14] = filler_o, [17] = filler_r, [19] = filler_t};
    static const str before_t[] = {STR("not"), {0}};
    static const str before_f[] = {STR("instead of"), {0}};
    static const str before_n[] = {STR("rather than"), {0}};
    static const str before_y[] = {STR("formerly"), STR("previously"), STR("was previously"), {0}};
    static const str before_e[] = {STR("used to be"), STR("old line"), STR("no longer use"), {0}};
    static const str before_s[] = {STR("replaces"), STR("old number was"), STR("formerly known as"),
        STR("previously known as"), {0}};
    static const str before_d[] = {STR("replaced"), STR("the old"), STR("discontinued"), {0}};
    static const str before_r[] = {STR("old number"), STR("former number"), STR("no longer"), STR("outdated number"),
        STR("retired number"), STR("dead number"), STR("wrong number"), {0}};
    static const str before_l[] = {STR("no longer call"), {0}};
    static const str *const before[26] = {[3] = before_d, [4] = before_e, [5] = before_f, [11] = before_l,
        [13] = before_n, [17] = before_r, [18] = before_s, [19] = before_t, [24] = before_y};
    const str *x;
    for (x = list_of(before, pre); x->n; x++)
        if (ends_with(pre, *x)) return true;
    for (int k = 0; k < 3; k++)
        for (x = list_of(filler, pre); x->n; x++)
            if (ends_with(pre, *x)) { pre = str_trim(str_sub(pre, 0, pre.n - x->n)); break; }
    for (x = list_of(verb, pre); x->n; x++) {
        if (!ends_with(pre, *x)) continue;
        str left = str_trim(str_sub(pre, 0, pre.n - x->n));
        for (size_t i = 0; not[i].n; i++)
            if (ends_with(left, not[i])) return true;
    }
    return false;
}

/* Bit set of the places in the first bytes of p where words begin, up to a number or the end of the clause. */
static uint64_t clause_words(const char *p, size_t n)
{
    enum { MOST = 47 };
    uint64_t word = 0, stop = 0;
    if (n > MOST) n = MOST;
#if defined __SSE2__
    for (size_t i = 0; i < n; i += 16) { /* a fold may be read 17 bytes behind */
        __m128i v = _mm_loadu_si128((const __m128i *)(p + i)), v1 = _mm_loadu_si128((const __m128i *)(p + i + 1));
        __m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
        digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
        __m128i comma = _mm_and_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(',')), _mm_cmpeq_epi8(v1, _mm_set1_epi8(' ')));
        __m128i other = _mm_or_si128(comma, _mm_cmpeq_epi8(v, _mm_set1_epi8(';')));
        word |= (uint64_t)words16(p + i) << i;
        stop |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(digit, other)) << i;
    }
#else
    for (size_t i = 0; i < n; i++) {
        bool comma = p[i] == ',' && p[i + 1] == ' '; /* another clause, of something else */
        word |= (uint64_t)word_char(p[i]) << i;
        stop |= (uint64_t)(comma || p[i] == ';' || (p[i] >= '0' && p[i] <= '9')) << i;
    }
#endif
    stop |= 1ull << n;
    return word & ~(word << 1) & ((stop & -stop) - 1); /* before the first stop */
}

/* Does the text behind a number: "988 … no longer works"? */
static bool negated_after(str post, str pre)
{
    /* by first letter: each word behind the number is compared with its few */
    static const str after_n[] = {STR("no longer works"), STR("no longer active"), STR("no longer in service"), STR("no longer in use"),
        STR("no longer exists"), STR("no longer operates"), STR("no longer connects"), STR("no longer available"), STR("no longer valid"),
        STR("no longer answers"), STR("no longer reachable"), STR("no longer runs"), STR("not in service"), {0}};
    static const str after_i[] = {STR("is no longer"), STR("is retired"), STR("is closed"), STR("is discontinued"),
        STR("is disconnected"),
        STR("is out of service"), STR("is dead"), STR("is defunct"), STR("is outdated"), STR("is out of date"),
            STR("isn't in service"),
        STR("isn't active"), STR("is the old"), STR("is an old"), STR("is not a helpline"), STR("isn't a helpline"),
            STR("is not in use"),
        STR("is us-only"), STR("is us only"), STR("is only for the us"), STR("is only in the us"), STR("is no use"),
            STR("is no good"),
        STR("isn't a thing here"), STR("isn't a thing there"), STR("is wrong"), STR("is the wrong number"),
            STR("is a wrong number"), {0}};
    static const str after_w[] = {STR("was retired"), STR("was closed"), STR("was discontinued"), STR("was the old"),
        STR("was replaced"),
        STR("won't connect from"), STR("won't connect there"), STR("won't connect outside"), STR("won't work from"),
        STR("won't work there"), STR("won't work outside"), {0}};
    static const str after_h[] = {STR("has closed"), STR("has been retired"), STR("has been replaced"), STR("has been discontinued"),
        STR("has shut down"), {0}};
    static const str after_b[] = {STR("been disconnected"), {0}};
    static const str after_o[] = {STR("out of service"), {0}};
    static const str after_d[] = {STR("doesn't work any more"), STR("doesn't work anymore"), STR("does not work any"), STR("doesn't exist"),
        STR("does not exist"), STR("doesn't work"), STR("does not work"), STR("doesn't connect from"), {0}};
    static const str after_s[] = {STR("stopped working"), STR("shut down"), {0}};
    static const str *const after[26] = {['n' - 'a'] = after_n, ['i' - 'a'] = after_i, ['w' - 'a'] = after_w, ['h' - 'a'] = after_h, ['b' - 'a'] = after_b, ['o' - 'a'] = after_o, ['d' - 'a'] = after_d, ['s' - 'a'] = after_s};
    for (uint64_t left = clause_words(post.p, post.n); left; left &= left - 1) {
        size_t at = (size_t)__builtin_ctzll(left);
        char c = post.p[at];
        const str *set = c >= 'a' && c <= 'z' ? after[c - 'a'] : NULL;
        for (; set && set->n; set++) {
            size_t n = set->n;
            if (post.n - at < n || post.p[at + 3] != set->p[3] || memcmp(post.p + at, set->p, n) != 0) continue;
            /* "if 988 doesn't work for you" keeps the referral */
            str tail = str_sub(post, at + n, post.n);
            return !str_has_prefix(tail, STR(" for you")) && !has(pre, "if");
        }
    }
    return false;
}

/* Said of a number that nobody is told to dial in this sentence: "988 only works in the us", "i gave you 988". */
static bool taken_back(str pre, str post)
{
    static const char *const dials[] = {"call", "text", "dial", "ring", "phone", "reach", "contact", "try", "use",
        NULL};
    static const str limits[] = {STR(" only works in"), STR(" works only in"), STR(" only works if you're in"),
        STR(" is only available in"), STR(" is an american number"), STR(" is an american line"), STR(" is a us number"),
        STR(" is a us line"), STR(" is a british number"), STR(" is a uk number"), STR(" is a uk line"),
        STR(", which is an american"), STR(", which is a us"), STR(", which is only"), STR(", which only works"),
        STR(", an american number"), STR(", a us number")};
    static const str gave[] = {STR("gave you"), STR("given you"), STR("sent you"), STR("handed you"), STR("offered you"),
        STR("told you"), STR("sending you"), STR("giving you")};
    const str said = str_trim(pre);
    bool back = false;
    for (size_t i = 0; !back && post.n > 1 && i < ARRAY_LEN(limits); i++)
        back = post.p[1] == limits[i].p[1] && str_has_prefix(post, limits[i]);
    for (size_t i = 0; !back && i < ARRAY_LEN(gave); i++)
        back = ends_with(said, gave[i]) && (has(pre, "i") || has(pre, "i've") || has(pre, "sorry"));
    for (size_t i = 0; back && dials[i]; i++) back = !has(pre, dials[i]);
    return back;
}

bool around_negated(const struct scan *s, const struct around *x, uint32_t b, uint32_t e)
{
    str all = {s->t, s->n}, pre = str_sub(all, x->begin, b), near = pre;
    while (near.n && !word_char(near.p[near.n - 1])) {
        char c = near.p[near.n - 1];
        if (c == ';' || c == ',' || c == ':') break; /* another clause */
        near.n--;
    }
    if (ends_with(near, STR("if not")) || ends_with(near, STR("why not"))) return false;
    str post = str_sub(all, e, x->end);
    return negated_before(near) || negated_after(post, pre) || taken_back(pre, post);
}

/* ---- kind, keyword, menu ---- */


/* Is `w` the keyword of a line or known-bad entry of this number? */
static bool known_keyword(const struct raw *r, const struct scan *s, struct word w)
{
    str z = str_sub((str){s->t, s->n}, w.b, w.e);
    for (const struct ref *ref = r->known ? directory_find(s->d, r->key) : NULL; ref; ref = ref_next(s->d, ref)) {
        const char *k = ref->bad ? s->d->bad[ref->i]->keyword : s->d->line[ref->i]->keyword;
        if (*k && str_ieq(z, str_of(k))) return true;
    }
    return false;
}

static void find_keyword(struct raw *r, const struct scan *s, const struct around *x)
{
    static const char *const to[] = {"to", NULL};
    uint32_t k = 0;
    static const char *const number[] = {"number", "code", "shortcode", "short", "the", NULL};
    while (k < x->n_before && k < 3 && word_in(s, x->before[k], number)) k++;
    if (k + 1 < x->n_before && word_in(s, x->before[k], to)) {
        struct word key = x->before[k + 1];
        for (uint32_t v = k + 2; v < x->n_before && v < k + 6; v++) {
            static const char *const word_[] = {"word", "keyword", "type", "typing", "letters", NULL};
            if (!word_is(x->before[v], W_TEXT_VERB) && !word_in(s, x->before[v], word_)) continue;
            r->kind = RAW_SMS;
            if (!word_is(key, W_NO_KEY) && key.e - key.b <= 20) r->keyword = str_sub((str){s->t, s->n}, key.b, key.e);
            return;
        }
        if (word_is(key, W_TEXT_VERB)) r->kind = RAW_SMS;
        else if (known_keyword(r, s, key)) {
            r->keyword = str_sub((str){s->t, s->n}, key.b, key.e);
            r->kind = RAW_SMS;
        } else if (k + 2 >= x->n_before && key.e - key.b <= 12 && !word_is(key, W_NO_KEY) && r->n_digit <= 6 &&
                 !word_is(key, W_CALL_VERB)) { /* "HOME to 741741" opens the sentence */
            r->keyword = str_sub((str){s->t, s->n}, key.b, key.e);
            r->kind = RAW_SMS;
        }
        return;
    }
    /* 741741 keyword HOME · 741741 with the word HOME */
    static const char *const fill[] = {"with", "and", "the", "using", "type", "send", "then", NULL};
    static const char *const word_[] = {"keyword", "word", "message", NULL};
    uint32_t i = 0;
    while (i < x->n_after && word_in(s, x->after[i], fill)) i++;
    bool named = i < x->n_after && word_in(s, x->after[i], word_);
    if (named && i + 1 < x->n_after && x->after[i].b - r->end < 24) {
        r->keyword = str_sub((str){s->t, s->n}, x->after[i + 1].b, x->after[i + 1].e);
        r->kind = RAW_SMS;
    } else if (i == 1 && i < x->n_after && word_in(s, x->after[0], (const char *const[]){"with", NULL}) && r->kind == RAW_SMS) {
        struct word w = x->after[i];
        static const char *const not_key[] = {"your", "a", "any", "someone", "trained", "questions", "them", "me", "you", "an", NULL};
        if (!word_in(s, w, not_key)) r->keyword = str_sub((str){s->t, s->n}, w.b, w.e);
    }
}

static void find_kind(struct raw *r, const struct scan *s, const struct around *x)
{
    static const char *const wa[] = {"whatsapp", NULL};
    for (uint32_t k = 0; k < x->n_before && k < 4; k++) {
        struct word w = x->before[k];
        uint32_t gap_at = k ? x->before[k - 1].b : r->begin;
        bool clause = false;
        for (uint32_t i = w.e; i < gap_at; i++) clause |= s->t[i] == ';' || (s->t[i] == ',' && k > 0);
        if (clause) return;
        if (word_is(w, W_CALL_VERB)) return;
        if (word_in(s, w, wa)) { r->kind = RAW_WHATSAPP; return; }
        if (word_is(w, W_TEXT_VERB) && !word_in(s, w, (const char *const[]){"send", "message", "sending", "messaging", NULL})) {
            if (k + 2 < x->n_before && word_in(s, x->before[k + 1], (const char *const[]){"or", "and", NULL}) &&
                word_is(x->before[k + 2], W_CALL_VERB)) return; /* call or text 988 */
            r->kind = RAW_SMS;
            return;
        }
    }
}

/* 988 then 1 · 988 (press 1) · 988, then press 1 · 111, option 2 · 119 ext 8 */
char around_menu(const struct scan *s, const struct around *x, uint32_t end)
{
    static const char *const fill[] = {"and", "then", "the", NULL};
    static const char *const press[] = {"press", "option", "choose", "select", "ext", "extension", "pick", "pressing", "push", NULL};
    uint32_t i = 0;
    bool pressed = false, then = false;
    while (i < x->n_after && i < 3) {
        if (word_in(s, x->after[i], press)) pressed = true;
        else if (word_in(s, x->after[i], fill)) then |= s->t[x->after[i].b] == 't' && s->t[x->after[i].b + 3] == 'n';
        else break;
        i++;
    }
    if ((!pressed && !then) || i >= x->n_after || x->after[i].b - end > 28) return 0;
    struct word w = x->after[i];
    return w.e - w.b == 1 && s->t[w.b] >= '0' && s->t[w.b] <= '9' ? s->t[w.b] : 0;
}

void around_fill(struct raw *r, const struct scan *s, const struct around *x)
{
    r->sent_begin = x->begin, r->sent_end = x->end;
    find_kind(r, s, x);
    find_keyword(r, s, x);
    r->menu[0] = around_menu(s, x, r->end);
    r->negated = around_negated(s, x, r->begin, r->end);
}
