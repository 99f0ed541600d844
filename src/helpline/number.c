/* One digit of the text → a phone number or short code with its exact bytes,
 * or nothing: years, prices, doses, dates, ages, times and list numbers are
 * none. Directory first: a known number needs little context, an unknown one
 * the shape of a number or a verb that dials. */
#include "helpline/room.h"

enum { MAX_GROUP = 12 };
struct group { uint32_t b, e; char sep; /* before it: 0 ' ' '-' '.' ')' '(' */ };
struct number {
    struct group g[MAX_GROUP];
    uint32_t n_group;
    uint32_t begin;        /* with + or an opening bracket */
    bool plus, spelled;    /* spelled: every group is one digit */
    char digit[20];
    uint8_t upto[MAX_GROUP + 1]; /* digits in the first k groups */
};

/* Length of a dash: - or U+2010..U+2015, U+2212. */
static uint32_t dash(const struct scan *s, uint32_t i)
{
    if (at(s, i) == '-') return 1;
    if ((unsigned char)at(s, i) != 0xE2 || i + 2 >= s->n) return 0;
    unsigned char b = (unsigned char)s->t[i + 1], c = (unsigned char)s->t[i + 2];
    return (b == 0x80 && c >= 0x90 && c <= 0x95) || (b == 0x88 && c == 0x92) ? 3 : 0;
}

/* Separator at i that may stand inside a number; its length, 0 none. */
static uint32_t separator(const struct scan *s, uint32_t i, bool open, char *kind)
{
    uint32_t n = dash(s, i);
    if (n) { *kind = at(s, i + n) == '(' ? '(' : '-'; return at(s, i + n) == '(' ? n + 1 : n; }
    switch (at(s, i)) {
    case ' ':
        *kind = ' ';
        if (at(s, i + 1) == '/' && at(s, i + 2) == ' ') { *kind = '/'; return 3; }
        if (at(s, i + 1) == '(') { *kind = '('; return 2; }
        return 1;
    case '.': *kind = '.'; return 1;
    case '/': *kind = '/'; return 1; /* 0800/111 0 222, as in German; see read_groups */
    case '(': *kind = '('; return 1;
    case ')':
        if (!open) return 0;
        *kind = ')';
        if (at(s, i + 1) == ' ' || at(s, i + 1) == '-') return 2;
        return 1;
    default: return 0;
    }
}

static void read_groups(struct number *m, const struct scan *s, uint32_t i)
{
    uint32_t n = m->n_group = m->upto[0] = 0;
    bool open = m->begin < i && memchr(s->t + m->begin, '(', i - m->begin);
    m->spelled = true;
    for (char sep = 0;;) {
        uint32_t b = i;
        while (digit(at(s, i)) && n < sizeof m->digit - 1) m->digit[n++] = s->t[i++];
        m->g[m->n_group] = (struct group){b, i, sep};
        m->spelled &= i - b == 1;
        m->upto[++m->n_group] = (uint8_t)n;
        char k = 0;
        uint32_t len = separator(s, i, open, &k);
        if (k == '/' && (m->n_group > 1 || n < 3 || m->digit[0] != '0')) break;
        if (!len || !digit(at(s, i + len)) || m->n_group == MAX_GROUP || n >= sizeof m->digit - 1) break;
        if (k == '(') open = true;
        if (k == ')') open = false;
        sep = k;
        i += len;
    }
    m->digit[n] = 0;
}

/* ---- words that say no ---- */

static bool reject_before(const struct scan *s, const struct number *m)
{
    uint32_t b = m->begin;
    if (b == 0) return false;
    char p = s->t[b - 1];
    if (letter(p) || p == '_' || p == '$' || p == '#' || p == '~' || p == '^' || p == '@') return true;
    unsigned char u = (unsigned char)p;
    if (b >= 2 && u == 0xA3 && (unsigned char)s->t[b - 2] == 0xC2) return true;                                   /* £ */
    if (b >= 3 && u == 0xAC && (unsigned char)s->t[b - 2] == 0x82 && (unsigned char)s->t[b - 3] == 0xE2) return true; /* € */
    if (p == '.' && (b < 2 || s->t[b - 2] == ' ')) return true; /* .05 */
    bool word_left = b >= 2 && (letter(s->t[b - 2]) || digit(s->t[b - 2]));
    if ((p == '-' || p == '.' || p == ':' || p == ',') && b >= 2 && digit(s->t[b - 2])) return true;
    if (p == '-' && word_left) return true;                                                                       /* inc-4721 */
    if (p == '/' && word_left) {                                                                                  /* 4/10, but 999/112 */
        uint32_t k = b - 1, n = 0;
        while (k > 0 && digit(s->t[k - 1])) k--, n++;
        return n == 1 || n == 2;
    }
    return false;
}

/* Byte after a group forbids it: 3am 20mg 10:30 24/7 50% 1,500 */
static bool reject_after(const struct scan *s, uint32_t e)
{
    char c = at(s, e), d = at(s, e + 1);
    bool symbol = (unsigned char)c == 0xF0 || ((unsigned char)c == 0xE2 && (unsigned char)d >= 0x80 && (unsigned char)d <= 0xAF); /* emoji, arrows, dashes */
    if ((letter(c) && !symbol) || c == '%' || c == '_' || c == '@') return true;
    if ((c == ':' || c == ',' || c == '.') && digit(d)) return true;
    if (c == '/' && digit(d)) {
        uint32_t n = 0;
        while (digit(at(s, e + 1 + n))) n++;
        return n < 3;
    }
    if (dash(s, e) && (digit(at(s, e + dash(s, e))) || letter(at(s, e + dash(s, e))))) return true;
    return (unsigned char)c == 0xC2 && (unsigned char)d == 0xB0; /* degree */
}

/* ---- verdict on a candidate ---- */

/* The sentence names the service of this number, or the key to press behind it. */
static bool named(const struct scan *s, const struct around *x, uint64_t key, uint32_t e)
{
    str z = str_sub((str){s->t, s->n}, x->begin, x->end);
    char menu = around_menu(s, x, e);
    for (const struct ref *r = directory_find(s->d, key); r; r = ref_next(s->d, r)) {
        const char *m = r->bad ? s->d->bad[r->i]->menu : s->d->line[r->i]->menu;
        const char *kw = r->bad ? s->d->bad[r->i]->keyword : s->d->line[r->i]->keyword;
        uint32_t arrow = x->n_before > 1 && x->before[0].e - x->before[0].b == 3 && (unsigned char)s->t[x->before[0].b] == 0xE2;
        if (*kw && x->n_before > arrow && e - x->before[arrow].e > 5 && /* HOME → 741741 */
            str_ieq(str_sub((str){s->t, s->n}, x->before[arrow].b, x->before[arrow].e), str_of(kw))) return true;
        if (*kw && x->n_before > 1 && word_in(s, x->before[0], (const char *const[]){"to", NULL}) && /* HELP to 4357 */
            str_ieq(str_sub((str){s->t, s->n}, x->before[1].b, x->before[1].e), str_of(kw))) return true;
        if (menu && *m == menu) return true;
        const char *name = r->bad ? s->d->bad_mention[r->i] : s->d->mention[r->i];
        if (name[0] && name[1] && name[2] && !(name[0] == 'g' && strcmp(name, "general emergency") == 0) && str_find(z, str_of(name)) != SIZE_MAX) return true;
    }
    return false;
}

static bool named_emergency(const struct scan *s, const struct around *x)
{
    str z = str_sub((str){s->t, s->n}, x->begin, x->end);
    return str_find(z, STR("a&e")) != SIZE_MAX || str_find(z, STR("emergency")) != SIZE_MAX || str_find(z, STR("police")) != SIZE_MAX || str_find(z, STR("ambulance")) != SIZE_MAX;
}

static char beside(const struct scan *s, uint32_t i, int step) /* the next byte that is no blank, in one direction */
{
    while (i < s->n && s->t[i] == ' ') i += (uint32_t)step;
    return i < s->n ? s->t[i] : ' ';
}

/* 3 + 988 = …, f(988), 988 out of 1000, flight UA 988 */
static bool counted(const struct scan *s, const struct number *m, uint32_t e, const struct around *x)
{
    static const char *const things[] = {"flight", "title", "password", "order", "ticket", "room", "chapter", "page", "highway", "route", "invoice", "version", "model", "train", NULL};
    uint32_t b = m->begin;
    char p = b ? beside(s, b - 1, -1) : ' ', q = beside(s, e, 1);
    if (strchr("=+<", p) || strchr("=+", q)) return true;
    if (b > 1 && s->t[b - 1] == '(' && at(s, e) == ')' && letter(s->t[b - 2]) && (b == 2 || !(letter(s->t[b - 3]) || digit(s->t[b - 3])))) return true;
    if (x->n_after > 1 && at(s, e) == ' ' && word_in(s, x->after[0], (const char *const[]){"out", NULL}) && word_in(s, x->after[1], (const char *const[]){"of", NULL})) return true;
    for (uint32_t k = 1; k < x->n_before && k < 3; k++)
        if (word_in(s, x->before[k], things) && dialled(s, x) == 0) return true;
    return false;
}

/* Digits and the context of a directory hit of `n` digits in groups 0..k. */
static bool accept_known(const struct scan *s, const struct number *m, uint32_t k, uint32_t n, uint64_t key, const struct around *x)
{
    uint32_t e = m->g[k - 1].e;
    bool star = m->begin > 0 && s->t[m->begin - 1] == '*' && (m->begin < 2 || s->t[m->begin - 2] != '*') && at(s, e) != '*' && n == 4;
    if (n >= 7 || m->plus || star) return true;
    bool dutch = x->n_before && word_in(s, x->before[0], (const char *const[]){"bel", NULL}); /* bel 113 of chat */
    if (!dutch && x->n_after && x->after[0].b == e + 1 && at(s, e) == ' ' && word_is(x->after[0], W_UNIT) && !(n >= 3 && dialled(s, x) == 2 && open_after(s, x, e))) return false;
    if (x->n_before && word_is(x->before[0], W_ORDERING) && !word_in(s, x->before[0], (const char *const[]){"code", "ref", NULL})) return false;
    int d = dialled(s, x);
    if (x->n_before > 1 && word_in(s, x->before[0], (const char *const[]){"number", NULL})) { /* case number, "I was number 17" */
        static const char *const whose[] = {"the", "emergency", "phone", "helpline", "crisis", "hotline", "free", "toll-free", "this", "that", "local",
            "national", "call", "dial", "short", "text", "support", "their", "its", "lifeline", "telephone", "a", "ring", "to", "service", "on", "at", "old", "new", "sms", "same", NULL};
        if (word_is(x->before[1], W_ORDERING) || (n <= 4 && !word_in(s, x->before[1], whose))) return false;
    }
    bool dotted = k == 3 && m->g[1].sep == '.' && m->g[2].sep == '.'; /* 13.11.14 is a date as well */
    if (n >= 5) return (k > 1 && !m->spelled && n == 6 && !dotted) || d || around_cue(s, x, m->begin, e) || named(s,
        x, key, e) || service_before(s, x);
    bool is_988 = n == 3 && memcmp(m->digit, "988", 3) == 0; /* hardly ever a count: no need of a small word behind */
    static const char *const topic[] = {"about", "like", "up", "most", NULL};
    if (x->n_before && word_is(x->before[0], W_AMOUNT) && !(is_988 && word_in(s, x->before[0], topic)) &&
        !(x->n_before > 1 && word_is(x->before[1], W_DIAL_VERB))) return false;
    if (counted(s, m, e, x)) return false;
    bool told = n == 3 && d == 2 && x->n_before && word_is(x->before[0], W_DIAL_VERB) && x->n_after && s->t[x->after[0].e - 1] != 's' && /* dial 999 love */
                (memcmp(m->digit, "911", 3) == 0 || memcmp(m->digit, "999", 3) == 0);
    if (!is_988 && !told && !open_after(s, x, e)) return false;
    if (is_988 && at(s, e) == ' ' && x->n_after && x->n_before && x->after[0].b == e + 1 && s->t[x->after[0].e - 1] == 's') { /* has 988 songs */
        static const char *const owning[] = {"has", "have", "had", "with", "of", "were", "are", "got", "my", "these", "those", "its", "counted", "read", "wrote", NULL};
        if (word_in(s, x->before[0], owning) && !word_in(s, x->after[0], (const char *const[]){"is", "was", "has", "always", "as", NULL})) return false;
    }
    bool iconic = n == 3 && (is_988 || memcmp(m->digit, "911", 3) == 0 || memcmp(m->digit, "999", 3) == 0 || memcmp(m->digit, "112", 3) == 0);
    if (m->spelled && k > 1) return d == 2 || is_988 || (iconic && around_cue(s, x, m->begin, e));
    if (is_988) return true;
    if (n <= 2 && d == 1 && !named_emergency(s, x)) return false;
    if (n <= 2) return d == 2 || (d == 1 && (at(s, e) != ' ' || word_in(s, x->before[0], (const char *const[]){"is", "on", "at", "number", NULL})));
    if (n == 4 && (m->digit[0] == '1' || m->digit[0] == '2') && (m->digit[1] == '9' || m->digit[1] == '0') && x->n_before &&
        word_is(x->before[0], W_YEAR) && d < 2) return false; /* in 1925 */
    if (d || named_after(s, x, e) || named(s, x, key, e)) return true;
    if (s->out->n) { /* call 999 or 112 */
        const struct raw *last = &s->out->p[s->out->n - 1];
        if (last->end <= m->begin && m->begin - last->end <= 6 && memchr(s->t + last->end, '\n', m->begin - last->end) == NULL) return true;
    }
    char p = m->begin > x->begin ? s->t[m->begin - 1] : 0;
    bool labelled = p == '(' || p == '*' || (m->begin >= x->begin + 2 && p == ' ' && (s->t[m->begin - 2] == ':' || s->t[m->begin - 2] == '*')) ||
                    (m->begin == x->begin || (m->begin == x->begin + 2 && (p == ' ' && (s->t[x->begin] == '-' || s->t[x->begin] == '*'))));
    return (iconic || labelled) && (around_cue(s, x, m->begin, e) || (iconic && named_emergency(s, x)));
}

static bool is_date(const struct number *m)
{
    if (m->n_group == 1 || m->n_group > 3) return false;
    uint32_t w[3] = {0};
    unsigned v[3] = {0};
    for (uint32_t i = 0; i < m->n_group; i++) {
        w[i] = m->g[i].e - m->g[i].b;
        for (uint32_t k = m->upto[i]; k < m->upto[i + 1] && k < m->upto[i] + 8u; k++) v[i] = v[i] * 10 + (unsigned)(m->digit[k] - '0');
    }
    bool y0 = w[0] == 4 && v[0] >= 1800 && v[0] <= 2100, y1 = m->n_group > 1 && w[1] == 4 && v[1] >= 1800 && v[1] <= 2100;
    if (m->n_group == 2) return y0 && (y1 || w[1] <= 2);
    bool y2 = w[2] == 4 && v[2] >= 1800 && v[2] <= 2100;
    return (y0 && w[1] <= 2 && w[2] <= 2) || ((y2 || w[2] == 2) && w[0] <= 2 && w[1] <= 2 && v[0] <= 31 && v[1] <= 31);
}

static bool shape_is(const struct number *m, uint32_t from, const char *widths)
{
    uint32_t k = 0;
    for (; widths[k]; k++)
        if (from + k >= m->n_group || m->g[from + k].e - m->g[from + k].b != (uint32_t)(widths[k] - '0')) return false;
    return from + k == m->n_group;
}

/* A code of few digits that is no line's, right behind the name of a service: a slip, or another's. */
static bool misdialled(const struct scan *s, const struct number *m, uint32_t n, const struct around *x)
{
    uint32_t e = m->g[m->n_group - 1].e;
    if (n < 5 || n > 6 || m->n_group > 3 || m->spelled) return false;
    for (uint32_t i = 1; i < m->n_group; i++)
        if (m->g[i].sep != ' ' && m->g[i].sep != '-') return false;
    if (m->g[m->n_group - 1].e - m->g[m->n_group - 1].b < 2 || m->g[0].e - m->g[0].b < 2) return false;
    if (x->n_after && x->after[0].b == e + 1 && at(s, e) == ' ' && word_is(x->after[0], W_UNIT)) return false;
    return open_after(s, x, e) && service_before(s, x);
}

static bool accept_unknown(const struct scan *s, const struct number *m, uint32_t n, const struct around *x)
{
    uint32_t e = m->g[m->n_group - 1].e;
    if (m->plus) return n >= 7 && n <= 17;
    if (misdialled(s, m, n, x)) return true;
    int d = dialled(s, x);
    if (x->n_before && d < 2 && word_is(x->before[0], W_ORDERING)) return false;
    if (x->n_before > 1 && d < 2 && word_is(x->before[1], W_ORDERING) && !word_is(x->before[0], W_DIAL_NOUN)) return false;
    if (is_date(m) || (x->n_after && x->after[0].b == e + 1 && at(s, e) == ' ' && word_is(x->after[0], W_UNIT))) return false;
    if (m->spelled && m->n_group > 1) return d == 2 && n == 3 && open_after(s, x, e);
    uint32_t dots = 0, spaces = 0;
    for (uint32_t i = 1; i < m->n_group; i++) dots += m->g[i].sep == '.', spaces += m->g[i].sep == ' ';
    if (dots && dots != m->n_group - 1) return false;
    if (shape_is(m, 0, "334") || (shape_is(m, 0, "1334") && m->digit[0] == '1')) return true;
    if (dots) return d && n >= 8 && n <= 12;
    bool toll = n >= 10 && n <= 11 && (memcmp(m->digit, "1800", 4) == 0 || memcmp(m->digit, "1300", 4) == 0);
    if (toll && m->n_group > 1) return true;
    bool few = true; /* groups of two or more digits: not a list of small numbers */
    for (uint32_t i = 0; i < m->n_group; i++) few &= m->g[i].e - m->g[i].b >= 2 || i == 0 || m->n_group <= 5;
    if (m->digit[0] == '0' && m->n_group > 1 && n >= 8 && n <= 12 && few) return true;
    bool cue = d || around_cue(s, x, m->begin, e);
    if (n >= 7 && n <= 13 && m->n_group <= 5 && few && cue && (d || m->n_group > 1)) {
        if (spaces == m->n_group - 1 && m->n_group > 1 && n < 8 && d < 2) return false;
        return true;
    }
    if (n >= 9 && n <= 12 && m->n_group == 1 && cue) return true;
    bool pair = m->n_group == 2 && n >= 5 && (m->g[1].sep == '-' || (n == 6 && shape_is(m, 0,
        "33"))); /* call 116 132 */
    if (n >= 3 && n <= 6 && (m->n_group == 1 || pair) && d == 2) {
        uint32_t v = 0; /* text STOP to 12345: the verb governs the number itself */
        while (v < x->n_before && !word_is(x->before[v], W_DIAL_VERB)) v++;
        static const char *const direct[] = {"to", "on", "at", "number", "the", "code", NULL};
        if (v > 0 && !word_in(s, x->before[0], direct)) return false;
        if (n == 4 && (m->digit[0] == '1' || m->digit[0] == '2') && (m->digit[1] == '9' || m->digit[1] == '0') && v > 0 && !word_in(s, x->before[0], (const char *const[]){"to", "number", NULL})) return false;
        return open_after(s, x, e);
    }
    return false;
}

/* ---- keypad letters ---- */

static char keypad(char c) { return "22233344455566677778889999"[c - 'a']; }

static bool capitals(const struct scan *s, uint32_t b, uint32_t e)
{
    if (!s->map || !s->original.n) return true; /* the case is not known */
    uint32_t ob = text_original(s->map, b), oe = text_original(s->map, e);
    for (uint32_t i = ob; i < oe && i < s->original.n; i++)
        if (s->original.p[i] >= 'a' && s->original.p[i] <= 'z') return false;
    return true;
}

/* 1-800-273-TALK, 13YARN, 0800 LIFELINE: digits with letters behind. True and fills r when it is one. */
static bool vanity(struct raw *r, const struct scan *s, const struct number *m)
{
    static const char *const heads[] = {"1800", "1888", "1877", "1866", "1855", "1844", "1833", "1300", "800", "888", "877", "866",
        "855", "844", "833", "0800", "0508", "0808", "13", NULL};
    uint32_t n = m->upto[m->n_group], i = m->g[m->n_group - 1].e;
    size_t h = 0;
    while (heads[h] && (heads[h][0] != m->digit[0] || strncmp(m->digit, heads[h], strlen(heads[h])) != 0)) h++;
    if (!heads[h] || n > 10) return false;
    uint32_t sep = dash(s, i);
    bool hyphen = sep > 0;
    if (!sep && at(s, i) == ' ') sep = 1;
    char dg[20];
    memcpy(dg, m->digit, n);
    uint32_t b = i + sep, e = b, k = n;
    while (e - b < 16 && k < sizeof dg - 1) {
        char c = at(s, e);
        if (c >= 'a' && c <= 'z') dg[k++] = keypad(c), e++;
        else if (e > b && dash(s, e) && letter(at(s, e + dash(s, e)))) e += dash(s, e);
        else break;
    }
    if (k - n < 3 || k - n > 8 || letter(at(s, e)) || digit(at(s, e))) return false;
    for (uint32_t cut = 0; cut <= 3 && k - cut > n && k - cut >= 6; cut++) { /* letters beyond the last digit are dialled in vain */
        uint64_t key = number_key(dg, k - cut);
        if (!directory_find(s->d, key)) continue;
        *r = (struct raw){.begin = m->begin, .end = e, .kind = RAW_PHONE, .plus = m->plus, .n_digit = (uint8_t)(k - cut), .key = key, .known = true};
        memcpy(r->digit, dg, k - cut);
        return true;
    }
    if (!hyphen || k < 10 || k > 12 || !capitals(s, b, e)) return false; /* 1-800-GAMBLER, not "800-numbers" */
    *r = (struct raw){.begin = m->begin, .end = e, .kind = RAW_PHONE, .n_digit = (uint8_t)k, .key = number_key(dg, k)};
    memcpy(r->digit, dg, k);
    return true;
}

/* ---- one candidate ---- */

static uint64_t known_key(const struct scan *s, const struct number *m, uint32_t n)
{
    uint64_t k = number_key(m->digit, n);
    const struct ref *r = directory_find(s->d, k);
    for (; r; r = ref_next(s->d, r)) /* a calling code before a short code counts only where it was written as one */
        if (m->plus || (r->how != KEY_FORCED && r->how != KEY_PLUS)) return k;
    uint32_t skip = n > 8 && memcmp(m->digit, "00", 2) == 0 ? 2 : n > 10 && memcmp(m->digit, "011", 3) == 0 ? 3 : 0;
    if (skip && directory_find(s->d, k = number_key(m->digit + skip, n - skip))) return k;
    /* +44 (0)800 …: the trunk prefix in brackets */
    for (uint32_t i = 1; m->plus && i < m->n_group && i < 3; i++) {
        if (m->upto[i] >= n || m->g[i].sep != '(' || m->digit[m->upto[i]] != '0') continue;
        char dg[20];
        memcpy(dg, m->digit, m->upto[i]);
        memcpy(dg + m->upto[i], m->digit + m->upto[i] + 1, n - m->upto[i] - 1);
        if (directory_find(s->d, k = number_key(dg, n - 1))) return k;
    }
    return 0;
}

void raw_push(struct scan *s, struct raw *r, const struct around *x)
{
    if (s->out->n && r->begin < s->out->p[s->out->n - 1].end) return; /* contacts never overlap */
    around_fill(r, s, x);
    arena_vec_room(s->a, (void **)&s->out->p, s->out->n, &s->out->cap, sizeof *s->out->p);
    s->out->p[s->out->n++] = *r;
    raw_count(s, x);
}

static uint32_t skip_digits(const struct scan *s, uint32_t i)
{
    while (digit(at(s, i))) i++;
    return i;
}

/* "988, 988": right behind the contact its number again, which is no other contact; its end, 0 none. */
static uint32_t echo_end(const struct scan *s, const struct number *m)
{
    const struct raw *last = s->out->n ? &s->out->p[s->out->n - 1] : NULL;
    if (!last || !last->n_digit || last->plus != m->plus) return 0;
    uint32_t from = s->echo > last->end ? s->echo : last->end, k = 1;
    if (m->begin <= from || m->begin - from > 3) return 0;
    for (uint32_t i = from; i < m->begin; i++)
        if (s->t[i] == '\n' || digit(s->t[i]) || letter(s->t[i])) return 0;
    while (k < m->n_group && m->upto[k] < last->n_digit) k++;
    if (m->upto[k] != last->n_digit || memcmp(m->digit, last->digit, last->n_digit) != 0) return 0;
    uint32_t e = m->g[k - 1].e;
    return (k == m->n_group || m->g[k].sep == ' ') && !reject_after(s, e) ? e : 0;
}

/* One digit that is the whole of its number, and no part of a host: "3 times", "1. ". A fold may be read 8 bytes
 * behind. */
static bool lone_digit(const struct scan *s, uint32_t i)
{
    const uint64_t five = 0x8080808080ull;
    uint64_t v;
    memcpy(&v, s->t + i + 1, sizeof v);
    unsigned char c = (unsigned char)v, d = (unsigned char)(v >> 8), p = i ? (unsigned char)s->t[i - 1] : ' ';
    v ^= 0x3030303030303030ull;
    v = ((v & 0x7F7F7F7F7F7F7F7Full) + 0x7676767676767676ull) | v; /* the high bit of each byte: it is no digit */
    if ((v & five) != five) return false;
    if (c >= 0x80 || c == '-' || (c >= 'a' && c <= 'z') || (c == '.' && d >= 'a' && d <= 'z')) return false;
    return p != '.' && p != '-' && p < 0x80;
}

uint32_t number_examine(struct scan *s, uint32_t i)
{
    if (i > 0 && (letter(s->t[i - 1]) || digit(s->t[i - 1]))) return skip_digits(s, i);
    if (lone_digit(s, i) && !(s->out->n && s->out->p[s->out->n - 1].n_digit == 1)) return i + 1;
    uint32_t end;
    if (url_token(s, i, &end)) return end;
    struct number m; /* the rest is read_groups' */
    m.begin = i, m.plus = false;
    if (i > 0 && s->t[i - 1] == '(') {
        uint32_t close = skip_digits(s, i); /* (604) 444 4448: the bracket belongs to the number */
        if (close - i <= 4 && at(s, close) == ')' && (at(s, close + 1) == ' ' || at(s, close + 1) == '-' || digit(at(s, close + 1))) &&
            digit(at(s, close + (digit(at(s, close + 1)) ? 1 : 2)))) m.begin--;
    }
    if (m.begin > 0 && s->t[m.begin - 1] == '+') m.begin--, m.plus = true;
    read_groups(&m, s, i);
    uint32_t total = m.upto[m.n_group], last = m.g[m.n_group - 1].e;
    if (reject_before(s, &m)) return last;
    uint32_t again = echo_end(s, &m);
    if (again) return s->echo = again;
    struct raw r;
    struct around x;
    if (total >= 2 && (letter(at(s, last)) || dash(s, last) || at(s, last) == ' ') && vanity(&r, s, &m)) {
        around_look(&x, s, r.begin, r.end);
        raw_push(s, &r, &x);
        uint32_t in = r.end + (at(s, r.end) == ' '), out = in + 1; /* 1-800-662-HELP (4357): the same digits again */
        while (at(s, in) == '(' && digit(at(s, out))) out++;
        return at(s, in) == '(' && at(s, out) == ')' ? out : r.end;
    }
    if (total < 2) return last;
    uint32_t k = m.n_group;
    uint64_t key = 0;
    for (; k > 0; k--) {
        uint32_t e = m.g[k - 1].e, n = m.upto[k];
        if (n < 2 || reject_after(s, e)) continue;
        if (k < m.n_group && m.g[k].sep == ')') continue;
        if ((key = known_key(s, &m, n)) == 0) continue;
        around_look(&x, s, m.begin, e);
        bool sp = m.spelled;
        if (k == 1) m.spelled = false;
        if (accept_known(s, &m, k, n, key, &x)) break;
        m.spelled = sp;
    }
    if (k == 0) {
        for (k = m.n_group; k > 0 && (reject_after(s, m.g[k - 1].e) || (k < m.n_group && m.g[k].sep != ' ' && m.g[k].sep != '(')); k--) {}
        if (k == 0 || m.upto[k] < 3) return last;
        m.n_group = k;
        around_look(&x, s, m.begin, m.g[k - 1].e);
        if (!accept_unknown(s, &m, m.upto[k], &x)) return last;
        key = 0;
    }
    uint32_t n = m.upto[k];
    bool star = !m.plus && m.begin > 0 && s->t[m.begin - 1] == '*' && (m.begin < 2 || s->t[m.begin - 2] != '*') && at(s, m.g[k - 1].e) != '*' && n == 4;
    r = (struct raw){.begin = m.begin - star, .end = m.g[k - 1].e, .kind = RAW_PHONE, .n_digit = (uint8_t)n, .known = key != 0,
                     .plus = m.plus || (n > 8 && memcmp(m.digit, "00", 2) == 0)};
    r.key = key ? key : number_key(m.digit, n);
    r.of = !key && n < 7 ? service_before(s, &x) : 0;
    memcpy(r.digit, m.digit, n);
    raw_push(s, &r, &x);
    return r.end;
}
