/* Does a conversation read like English? Cues and models are English: in any
 * other language they find nothing, and nothing found must not pass for none. */
#include "in/read.h"

#include <emmintrin.h>

enum {
    WORDS_MAX = 120, ENOUGH = 8, /* English words: sure before the end */
    FOREIGN = 3,                 /* words of other languages, and more than English ones: it is one of those */
    LONG = 60, SHARE = 12,       /* in so many words English ones are one in twelve, whatever the subject */
    SCRIPT = 30                  /* bytes in another script */
};

struct tongue { unsigned words, english, foreign, ascii, other; };

/* By length; each in eight bytes, so that it is one number. */
enum { LENGTHS = 6, EACH = 20 };
typedef const char word_list[LENGTHS][EACH][8];

/* Frequent in English, and rare in what else is written in Latin letters. */
static const word_list english = {
    [1] = {"i"},
    [2] = {"it", "my", "be", "to", "if", "of"},
    [3] = {"the", "and", "you", "are", "but", "not", "how", "can", "i'm"},
    [4] = {"that", "with", "this", "what", "your", "just", "they", "from", "feel", "know", "it's", "i've", "like"},
    [5] = {"don't", "can't", "think", "about", "would", "there", "could"}};

/* Frequent elsewhere, and no English words: Spanish, Portuguese, French, Italian, German, Dutch, Polish, Turkish. */
static const word_list foreign = {
    [2] = {"de", "la", "el", "en", "se", "lo", "mi", "yo", "un", "le", "et", "je", "tu", "il", "di", "eu", "ik", "ve"},
    [3] = {"que", "por", "muy", "una", "los", "las", "les", "des",
           "une", "est", "pas", "che", "ich", "und", "ist", "ein", "het", "nie"},
    [4] = {"para", "pero", "como", "esto", "vous", "suis", "avec",
           "mais", "sono", "aber", "mich", "eine", "niet", "jest", "voor", "mein", "nous"},
    [5] = {"estoy", "puedo", "nicht", "tengo", "dormo", "avoir"}};

static bool listed(const char list[EACH][8], uint64_t word)
{
    const __m128i both = _mm_set1_epi64x((long long)word), whole = _mm_set1_epi32(-1);
    __m128i any = _mm_setzero_si128();
    for (size_t i = 0; i < EACH; i += 4) { /* four by their halves; which it is cannot be foreseen */
        __m128i a = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)list[i]), both);
        __m128i b = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)list[i + 2]), both);
        any = _mm_or_si128(any, _mm_cmpeq_epi32(_mm_packs_epi32(a, b), whole));
    }
    return _mm_movemask_epi8(any) != 0;
}

static bool letter(char c) { return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80; }

/* Bytes of the word that begins at b, 0 none; *other: those of another script. */
static size_t word_at(str s, size_t b, unsigned *other)
{
    size_t i = b;
    for (; i < s.n && (letter(s.p[i]) || (s.p[i] == '\'' && i > b)); i++) *other += (unsigned char)s.p[i] >= 0x80;
    return i - b;
}

/* The same of 16 bytes at once: 0 where they are not all of it, or it is not all ASCII. */
static inline size_t short_word_at(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    __m128i off = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    __m128i letter = _mm_cmpeq_epi8(_mm_min_epu8(off, _mm_set1_epi8('z' - 'a')), off);
    __m128i mark = _mm_cmpeq_epi8(v, _mm_set1_epi8('\''));
    unsigned other = (unsigned)_mm_movemask_epi8(v), begins = (unsigned)_mm_movemask_epi8(letter) & 1;
    unsigned in = (unsigned)_mm_movemask_epi8(_mm_or_si128(letter, mark)) | other, n = (unsigned)__builtin_ctz(~in);
    return begins && n < 16 && !(other & ((1u << n) - 1)) ? n : 0;
}

static void listen(struct tongue *x, str s)
{
    for (size_t i = 0, n; i < s.n && x->words < WORDS_MAX && x->english < ENOUGH; i += n + 1) { /* no letter is behind it */
        unsigned other = 0;
        n = s.n - i >= 16 ? short_word_at(s.p + i) : 0;
        if (!n && !(n = word_at(s, i, &other))) continue;
        x->other += other;
        x->ascii += (unsigned)n - other;
        x->words++;
        if (other || n >= LENGTHS) continue;
        uint64_t word = 0; /* in lower case, as it lies in memory */
        if (s.n - i >= sizeof word) memcpy(&word, s.p + i, sizeof word);
        else memcpy(&word, s.p + i, n);
        word = (word | 0x2020202020202020ull) & ~0ull >> (64 - 8 * n);
        if (listed(english[n], word)) x->english++;
        else x->foreign += listed(foreign[n], word);
    }
}

/* True where it cannot be told. */
static bool is_english(const struct tongue *x)
{
    if (x->english >= ENOUGH) return true;
    if (x->other >= SCRIPT && x->other >= 2 * x->ascii) return false;
    if (x->foreign >= FOREIGN && x->foreign > x->english) return false;
    return x->words < LONG || x->english * SHARE >= x->words;
}

/* Each speaker alone, and where neither says enough, both together. */
bool read_english(const struct conv *c)
{
    static const enum role role[] = {ROLE_USER, ROLE_ASSISTANT};
    struct tongue both = {0};
    for (size_t i = 0; i < ARRAY_LEN(role); i++) {
        struct tongue x = {0};
        for (size_t t = 0; t < c->n_turn && x.english < ENOUGH && x.words < WORDS_MAX; t++)
            if (c->turn[t].role == role[i]) listen(&x, c->turn[t].text);
        if (!is_english(&x)) return false;
        both.words += x.words, both.english += x.english, both.foreign += x.foreign;
        both.ascii += x.ascii, both.other += x.other;
    }
    return is_english(&both);
}
