/* Does a conversation read like English? Cues and models are English: in any
 * other language they find nothing, and nothing found must not pass for none. */
#include "in/read.h"

enum {
    WORDS_MAX = 120, ENOUGH = 8, /* English words: sure before the end */
    FOREIGN = 3,                 /* words of other languages, and more than English ones: it is one of those */
    LONG = 60, SHARE = 12,       /* in so many words English ones are one in twelve, whatever the subject */
    SCRIPT = 30                  /* bytes in another script */
};

struct tongue { unsigned words, english, foreign, ascii, other; };

/* By length; each in eight bytes, so that it is one number. */
enum { LENGTHS = 6, EACH = 18 };
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
    bool any = false;
    for (size_t i = 0; i < EACH; i++) { /* which it is cannot be foreseen */
        uint64_t x;
        memcpy(&x, list[i], sizeof x);
        any |= x == word;
    }
    return any;
}

static bool letter(char c) { return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80; }

static void listen(struct tongue *x, str s)
{
    for (size_t i = 0; i < s.n && x->words < WORDS_MAX && x->english < ENOUGH;) {
        size_t b = i;
        unsigned other = 0;
        uint64_t word = 0; /* of up to eight bytes: in lower case, as they lie in memory */
        for (; i < s.n && (letter(s.p[i]) || (s.p[i] == '\'' && i > b)); i++) {
            other += (unsigned char)s.p[i] >= 0x80;
            word |= (uint64_t)((unsigned char)s.p[i] | 0x20) << ((i - b) % 8 * 8);
        }
        if (i == b) {
            i++;
            continue;
        }
        x->other += other;
        x->ascii += (unsigned)(i - b) - other;
        x->words++;
        if (other || i - b >= LENGTHS) continue;
        if (listed(english[i - b], word)) x->english++;
        else x->foreign += listed(foreign[i - b], word);
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
