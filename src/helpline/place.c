/* Where the person is: stated in a user turn, else the record's metadata, else
 * the caller's option, else unknown. Never from the language, and a place that
 * belongs to somebody else, to the past or to a wish does not count. */
#include "helpline/self.h"
#include "text/text.h"

#if defined __SSE2__
#include <emmintrin.h>
#endif

enum { MAX_NAME_WORDS = 5 };

static bool name_char(char c)
{
    unsigned char u = (unsigned char)c;
    return (u >= 'a' && u <= 'z') || (u >= '0' && u <= '9') || u == '\'' || u == '-' || u == '.' || (u >= 0xC3 && u <= 0xC5) || (u >= 0x80 && u < 0xC0);
}

static const struct place_name *lookup(const struct directory *d, const char *p, size_t n)
{
    uint64_t h = hash_bytes(p, n, 3);
    for (size_t k = h & (d->place_cap - 1); d->place[k].i; k = (k + 1) & (d->place_cap - 1)) {
        const struct place_name *x = &d->name[d->place[k].i - 1];
        if (d->place[k].h == h && strlen(x->name) == n && memcmp(x->name, p, n) == 0) return x;
    }
    return NULL;
}

#if defined __SSE2__
/* Bit set of name_char among 16 bytes. */
static unsigned names16(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    __m128i letter = _mm_sub_epi8(v, _mm_set1_epi8('a')), digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    __m128i more = _mm_sub_epi8(v, _mm_set1_epi8((char)0x80)), lead = _mm_sub_epi8(v, _mm_set1_epi8((char)0xC3));
    letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
    more = _mm_cmpeq_epi8(_mm_min_epu8(more, _mm_set1_epi8(0x3F)), more);
    lead = _mm_cmpeq_epi8(_mm_min_epu8(lead, _mm_set1_epi8(2)), lead);
    __m128i mark = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\'')), _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
    __m128i sign = _mm_or_si128(mark, _mm_cmpeq_epi8(v, _mm_set1_epi8('.')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(_mm_or_si128(letter, digit), _mm_or_si128(more, lead)), sign));
}
#endif

/* The end of the bytes of names from b on. A fold may be read 16 bytes behind. */
static uint32_t names_end(const char *t, uint32_t b, uint32_t n)
{
#if defined __SSE2__
    for (; b < n; b += 16) {
        unsigned other = ~names16(t + b) & 0xFFFF;
        if (!other) continue;
        b += (uint32_t)__builtin_ctz(other);
        break;
    }
    return b < n ? b : n;
#else
    while (b < n && name_char(t[b])) b++;
    return b;
#endif
}

/* Of a name's first word b..e, without a stop or "'s" behind it. */
static uint32_t word_to(const char *t, uint32_t b, uint32_t e)
{
    while (e > b && (t[e - 1] == '.' || t[e - 1] == '\'' || t[e - 1] == '-')) e--;
    return e > b + 2 && t[e - 1] == 's' && t[e - 2] == '\'' ? e - 2 : e;
}

/* A first word, as a number below 32,768; of a text, whose fold may be read 8 bytes behind, and of a name. */
static unsigned word_number(const char *p, size_t n) { return n ? text_hash(p, n < TEXT_HASH_MAX ? n : TEXT_HASH_MAX) & 32767 : 0; }
static unsigned name_number(const char *p, size_t n) { return n ? text_word_hash((str){p, n}) & 32767 : 0; }

/* A name's first word and the first two bytes of the second, as a number below 32,768. */
static unsigned pair_of(unsigned first, char a, char b) { return (first ^ ((unsigned char)a & 31u) << 10 ^ ((unsigned char)b & 31u) << 5) & 32767; }

const struct place_name *place_at(const struct directory *d, const char *t, uint32_t b, uint32_t n, uint32_t *end)
{
    const struct place_name *best = NULL;
    uint32_t i = b;
    if (!bit_of(d->name3, three_of(t, b, n))) return NULL;
    uint32_t word = word_to(t, b, names_end(t, b, n));
    unsigned first = word_number(t + b, word - b);
    bool one = bit_of(d->name_one, first), more = bit_of(d->name_more, first);
    if (!one && !more) return NULL;
    for (int w = 0; w < MAX_NAME_WORDS && i < n; w++) {
        while (i < n && name_char(t[i])) i++;
        for (uint32_t e = i; (one || w) && e > b && e + 3 > i; e--) { /* "leeds.", "u.s.", "ireland's" */
            const struct place_name *x = lookup(d, t + b, e - b);
            if (x) best = x, *end = e;
            if (t[e - 1] != '.' && t[e - 1] != '\'' && t[e - 1] != '-' && !(t[e - 1] == 's' && e > b + 1 && t[e - 2] == '\'')) break;
        }
        if (!more || i >= n || t[i] != ' ') break;
        i++;
        if (w == 0 && i < n && !bit_of(d->name_pair, pair_of(first, t[i], i + 1 < n ? t[i + 1] : ' '))) break;
    }
    return best;
}

const char *const place_fillers[] = {"rural ", "northern ", "southern ", "eastern ", "western ", "central ", "north ",
    "south ", "east ", "west ",
    "downtown ", "upstate ", "greater ", "inner ", "outer ", "the middle of ", "the north of ", "the south of ",
    "the west of ", "the east of ", "a small town in ", "a village in ",
    "a town in ", "the countryside in ", "a suburb of ", "the suburbs of ", "a flat in ", "good old ", "bloody ",
    "sunny ", "cold ", "lovely ", "central ",
    "regional ", "remote ", "north-west ", "the outskirts of ", "the city of ", "county ", "a hostel in ",
    "hospital in ", "a little town in ", "of ", "country ", NULL};

void place_table(struct directory *d)
{
    for (size_t i = 0; i < d->n_name; i++) {
        const char *z = d->name[i].name;
        size_t n = strlen(z);
        set_bit(d->name3, three_of(z, 0, n));
        uint32_t e = 0;
        while (e < n && name_char(z[e])) e++;
        unsigned first = name_number(z, word_to(z, 0, e));
        const char *second = strchr(z, ' ');
        set_bit(second ? d->name_more : d->name_one, first);
        if (second) set_bit(d->name_pair, pair_of(first, second[1], second[2]));
        for (char c = 0; second && second[1] && !second[2] && c < 32; c++) set_bit(d->name_pair, pair_of(first, second[1], c));
        if (n < 3) /* uk, nz: any mark may follow */
            for (char c = 0; c < 32; c++) set_bit(d->name3, three_of((const char[]){z[0], z[1], c}, 0, 3));
    }
    for (size_t i = 0; place_fillers[i]; i++) set_bit(d->name3, three_of(place_fillers[i], 0, 3));
}

/* "perth (the scottish one)", "perth (scotland)": the country of what stands in brackets at q; 255 none. */
static uint8_t in_brackets(const struct directory *d, str t, uint32_t q)
{
    uint32_t end;
    if (q + 1 >= t.n || t.p[q] != '(') return 255;
    q++;
    bool one = t.n - q > 4 && memcmp(t.p + q, "the ", 4) == 0;
    const struct place_name *y = place_at(d, t.p, one ? q + 4 : q, (uint32_t)t.n, &end);
    if (!y) return 255;
    str rest = str_sub(t, end, t.n);
    if (one && y->kind == PLACE_DEMONYM) return str_has_prefix(rest, STR(" one")) ? y->country : 255;
    return y->kind <= PLACE_REGION && str_has_prefix(rest, STR(")")) ? y->country : 255;
}

bool place_bracketed(const struct directory *d, str t, uint32_t b, uint32_t e)
{
    uint32_t end;
    for (uint32_t i = b; i + 3 < e; i++) {
        if (t.p[i] != '(') continue;
        const struct place_name *p = place_at(d, t.p, i + 1, (uint32_t)t.n, &end);
        if (!p || p->kind > PLACE_REGION || end >= t.n) continue;
        if (t.p[end] == ')' || str_has_prefix(str_sub(t, end, t.n), STR(" only)"))) return true;
    }
    return false;
}

/* Country of the name at b, with "X, Y" and "X (Y)" decided by Y. 255: none. */
static uint8_t country_at(const struct walk *w, uint32_t turn, str t, uint32_t b, uint32_t *end)
{
    const struct directory *d = w->dir;
    for (int again = 0; again < 3; again++) {
        if (!bit_of(d->name3, three_of(t.p, b, t.n))) return 255; /* no name, no filler, and "the" is one of these */
        const struct place_name *p = place_at(d, t.p, b, (uint32_t)t.n, end);
        if (!p && t.n - b > 4 && memcmp(t.p + b, "the ", 4) == 0) p = place_at(d, t.p, b + 4, (uint32_t)t.n, end);
        if (p && *end - b == 2 && memcmp(t.p + b, "us", 2) == 0) { /* the pronoun: only capitals are a country */
            const str o = w->conv->turn[turn].text;
            uint32_t at = w->text[turn].n_run ? text_original(&w->text[turn], b) : b;
            if (at + 1 >= o.n || o.p[at] != 'U' || o.p[at + 1] != 'S') p = NULL;
        }
        if (p && p->kind != PLACE_SERVICE) {
            uint32_t q = *end, e2;
            if (q < t.n && t.p[q] == ',') q++;
            if (q < t.n && t.p[q] == ' ') q++;
            uint8_t meant = p->kind == PLACE_TOWN || p->kind == PLACE_AMBIGUOUS ? in_brackets(d, t, q) : 255;
            if (meant != 255) return meant;
            const struct place_name *y = q > *end ? place_at(d, t.p, q, (uint32_t)t.n, &e2) : NULL;
            if (y && y->kind <= PLACE_REGION && (p->kind != PLACE_COUNTRY) && (t.p[*end] == ',' || p->kind == PLACE_AMBIGUOUS || y->country == p->country)) { *end = e2; return y->country; }
            if (p->kind == PLACE_DEMONYM || p->kind == PLACE_AMBIGUOUS) return 255;
            return p->country;
        }
        size_t f = 0, n = 0;
        for (; place_fillers[f]; f++) {
            if (place_fillers[f][0] != t.p[b]) continue;
            n = strlen(place_fillers[f]);
            if (t.n - b > n && memcmp(t.p + b, place_fillers[f], n) == 0) break;
        }
        if (!place_fillers[f]) return 255;
        b += (uint32_t)n;
    }
    return 255;
}

/* ---- is it the person's own place, now? (own.c) ---- */

static str clause_before(str t, uint32_t b)
{
    static const bool ends[256] = {[0] = 1, ['.'] = 1, ['!'] = 1, ['?'] = 1, ['\n'] = 1, [';'] = 1};
    uint32_t i = b;
    while (i > 0 && b - i < 90 && !ends[(unsigned char)t.p[i - 1]]) i--;
    return str_sub(t, i, b);
}

static void set_place(struct walk *w, uint8_t country, uint32_t turn, uint32_t b, uint32_t e)
{
    w->place = (struct place){builtin_country[country].code, "stated", turn, b, e};
}

/* Does the reply before name a number, of three digits or more? */
static bool number_offered(const struct walk *w, uint32_t turn)
{
    if (turn == 0 || w->conv->turn[turn - 1].role != ROLE_ASSISTANT) return false;
    str q = w->text[turn - 1].fold;
    for (size_t i = 0, run = 0; i < q.n; i++) {
        run = q.p[i] >= '0' && q.p[i] <= '9' ? run + 1 : 0;
        if (run == 3) return true;
    }
    return false;
}

/* "i'm in leeds": a preposition at b..e, the place behind it. */
static void try_preposition(struct walk *w, uint32_t turn, str t, uint32_t b, uint32_t e, const char *prep)
{
    uint32_t end = 0;
    if (e + 2 >= t.n || t.p[e] != ' ' || !bit_of(w->dir->name3, three_of(t.p, e + 1, t.n))) return;
    if (memcmp(t.p + e + 1, "the ", 4) == 0 && e + 8 < t.n && !bit_of(w->dir->name3, three_of(t.p, e + 5, t.n))) return;
    uint8_t c = country_at(w, turn, t, e + 1, &end);
    if (c == 255) return;
    str pre = clause_before(t, b);
    str rest = str_sub(t, end, t.n);
    if (!own_after(rest, prep)) return;
    if (own_place(pre, rest, prep) || (*prep == 'i' && own_rejected(pre, number_offered(w, turn))))
        set_place(w, c, turn, b, end);
}

static bool wants(str pre)
{
    static const char *const yes[] = {"need", "any", "have", "there", "want", "know", "find", "got", "give me", "looking for", "is there a", NULL};
    static const char *const no[] = {"stop", "don't", "not", "isn't", "no more", "these", "n't", NULL};
    bool ok = false;
    for (size_t i = 0; no[i]; i++)
        if (str_find(pre, str_of(no[i])) != SIZE_MAX) return false;
    for (size_t i = 0; yes[i]; i++) ok |= str_find(pre, str_of(yes[i])) != SIZE_MAX;
    return ok;
}

/* "do you have an irish number": the word number at b; the name before it. */
static void try_wanted(struct walk *w, uint32_t turn, str t, uint32_t b)
{
    uint32_t i = b;
    for (int words = 0; words < 2 && i > 0; words++) {
        if (t.p[i - 1] != ' ') return;
        i--;
        while (i > 0 && name_char(t.p[i - 1])) i--;
        uint32_t end;
        const struct place_name *p = place_at(w->dir, t.p, i, b, &end);
        if (!p || end + 1 != b || p->country == 255 || p->kind == PLACE_SERVICE) continue;
        if (end - i == 2 && memcmp(t.p + i, "us", 2) == 0) continue;
        if (wants(clause_before(t, i))) set_place(w, p->country, turn, i, end);
        return;
    }
}

/* "manchester, raining, 3am": what a letter has above it. */
static bool heads_letter(str rest)
{
    static const char *const then[] = {"raining", "can't sleep", "cant sleep", "still awake", NULL};
    if (!str_has_prefix(rest, STR(", "))) return false;
    rest = str_sub(rest, 2, rest.n);
    size_t digits = 0;
    while (digits < 2 && digits < rest.n && rest.p[digits] >= '0' && rest.p[digits] <= '9') digits++;
    str hour = str_sub(rest, digits, rest.n);
    if (digits && (str_has_prefix(hour, STR("am")) || str_has_prefix(hour, STR("pm")))) return true;
    for (size_t i = 0; then[i]; i++)
        if (str_has_prefix(rest, str_of(then[i]))) return true;
    return false;
}

enum { ANSWER_MAX = 60 }; /* bytes; what is longer is no mere answer */

/* Did the reply before ask where the person is? */
static bool asked_where(const struct walk *w, uint32_t turn)
{
    static const char *const asks[] = {"what country", "which country", "where are you", "where you are",
        "where do you live", "where you live", "your location",
        "your country", "what part of the world", "where in the world", "country you're in", "country are you",
        "where you're", "what city", "which city", "are you in ", "are you based",
        "do you live in", "are you somewhere in", "are you living in", NULL};
    if (turn == 0 || w->conv->turn[turn - 1].role != ROLE_ASSISTANT) return false;
    str q = w->text[turn - 1].fold;
    if (!memchr(q.p, '?', q.n)) return false;
    for (size_t i = 0; asks[i]; i++)
        if (str_find(q, str_of(asks[i])) != SIZE_MAX) return true;
    return false;
}

/* "ireland." after "which country are you in?" · "uk here" · "uk-based" */
static void try_opening(struct walk *w, uint32_t turn, str t)
{
    static const char *const lead[] = {"i'm ", "in ", "the ", "it's ", "i am ", "im ", "um, ", "yes, ", "yeah, ",
        "well, ", "ok, ", "sorry, ", "sure, ", "from ", "yes ", "yeah ", "yep ", "yep, ", "yup ",
        "yup, ", "aye ", "aye, ", "no, ", "no ", "nope, ", "nope ", "nah, ", "nah ", "near ", NULL};
    uint32_t b = 0, end;
    for (uint32_t k = 0, was = UINT32_MAX; k < 3 && b != was; k++) {
        was = b;
        for (size_t i = 0; lead[i]; i++)
            if (b < t.n && lead[i][0] == t.p[b] && t.n - b > strlen(lead[i]) && memcmp(t.p + b, lead[i], strlen(lead[i])) == 0) b += (uint32_t)strlen(lead[i]);
    }
    uint8_t c = b < t.n ? country_at(w, turn, t, b, &end) : 255;
    if (c == 255) return;
    str rest = str_sub(t, end, t.n);
    if (heads_letter(rest) || str_has_prefix(rest, STR(" here")) || str_has_prefix(rest, STR("-based")) ||
        str_has_prefix(rest, STR(" based"))) {
        set_place(w, c, turn, b, end);
        return;
    }
    if (t.n <= ANSWER_MAX && asked_where(w, turn)) set_place(w, c, turn, b, end);
}

/* "yes" after "are you in the uk?": the place is the question's, the words are the person's. */
static void try_yes(struct walk *w, uint32_t turn, str t)
{
    static const char *const yes[] = {"yes", "yeah", "yep", "yup", "yea", "ya", "aye", "correct", "that's right",
        "i am", "i do", "right", NULL};
    static const char *const are_you[] = {"are you in ", "are you based in ", "are you living in ",
        "are you currently in ", "are you still in ", "are you somewhere in ", "do you live in ",
        "you're in ", "you're based in ", "you live in ", NULL};
    if (turn == 0 || t.n > ANSWER_MAX || w->conv->turn[turn - 1].role != ROLE_ASSISTANT) return;
    size_t i = 0, n = 0;
    for (; yes[i]; i++)
        if (str_has_prefix(t, str_of(yes[i])) && ((n = strlen(yes[i])) == t.n || !name_char(t.p[n]) ||
            t.p[n] == '.')) break;
    if (!yes[i]) return;
    str q = w->text[turn - 1].fold;
    uint32_t mark = (uint32_t)q.n, from, end;
    while (mark > 0 && q.p[mark - 1] != '?') mark--; /* the last question is the one that is answered */
    if (!mark) return;
    str ask = clause_before(q, mark - 1);
    from = mark - 1 - (uint32_t)ask.n;
    for (i = 0; are_you[i]; i++) {
        size_t at = str_find(ask, str_of(are_you[i]));
        if (at == SIZE_MAX) continue;
        uint8_t c = country_at(w, turn - 1, q, from + (uint32_t)(at + strlen(are_you[i])), &end);
        if (c == 255 || end > mark || str_find(str_sub(q, end, mark), STR(" or ")) != SIZE_MAX) return;
        set_place(w, c, turn, 0, (uint32_t)n);
        return;
    }
}

/* "lcsw, community clinic, ohio.": who one is and where, above what one has to say. */
static void try_letterhead(struct walk *w, uint32_t turn, str t)
{
    static const char *const who[] = {"lcsw", "lmft", "lpc", "nurse", "teacher", "social worker", "student", "mum ",
        "mom ", "dad ", "carer", "single", "widow", "retired", "engineer", "doctor",
        "paramedic", "counsellor", "counselor", "therapist", "psychologist", "gp,", "veteran", NULL};
    enum { HEAD_MAX = 70 };
    uint32_t stop = 0, end;
    bool comma = false;
    for (; stop < t.n && stop < HEAD_MAX; stop++) {
        const char c = t.p[stop];
        if (c == '.' || c == '!' || c == '?' || c == '\n' || !c) break;
        comma |= c == ',';
    }
    if (stop >= t.n || !comma || t.p[stop] == '!' || t.p[stop] == '?') return;
    uint32_t d = t.n > 3 && (t.p[0] == 'm' || t.p[0] == 'f'); /* 34, m34 */
    bool someone = t.n > 3 && t.p[d] >= '1' && t.p[d] <= '9' && t.p[d + 1] >= '0' && t.p[d + 1] <= '9';
    for (size_t i = 0; !someone && who[i]; i++)
        someone = str_find(str_sub(t, 0, 24 < stop ? 24 : stop), str_of(who[i])) != SIZE_MAX;
    for (uint32_t i = 0; someone && i + 2 < stop; i++) {
        if (t.p[i] != ',' || t.p[i + 1] != ' ') continue;
        uint8_t c = country_at(w, turn, t, i + 2, &end);
        if (c == 255 || end != stop) continue;
        set_place(w, c, turn, i + 2, end);
        return;
    }
}

static void try_service(struct walk *w, uint32_t turn, str t, uint32_t b)
{
    uint32_t end;
    const struct place_name *p = place_at(w->dir, t.p, b, (uint32_t)t.n, &end);
    if (!p || p->kind != PLACE_SERVICE) return;
    if (w->place.country && *w->place.country) return; /* a name places a person only where nothing was said */
    set_place(w, p->country, turn, b, end);
}

static const struct { const char *word, *prep; } locative[] = {{"in", "in"}, {"from", "from"}, {"near", "near"},
    {"outside", "near"}, {"to", "to"}, {"at", "at"}};

void place_word(struct walk *w, uint32_t turn, str t, uint32_t b, uint32_t e)
{
    static const char *const numbers[] = {"number", "numbers", "helpline", "helplines", "hotline", "hotlines", "line", "lines", "one", "ones", NULL};
    str z = str_sub(t, b, e);
    for (size_t i = 0; i < ARRAY_LEN(locative); i++)
        if (str_eqz(z, locative[i].word)) { try_preposition(w, turn, t, b, e, locative[i].prep); return; }
    for (size_t i = 0; numbers[i]; i++)
        if (str_eqz(z, numbers[i])) { try_wanted(w, turn, t, b); return; }
    try_service(w, turn, t, b);
}

void place_turn(struct walk *w, uint32_t turn, str t)
{
    try_opening(w, turn, t);
    try_yes(w, turn, t);
    if (turn <= 1) try_letterhead(w, turn, t);
}
