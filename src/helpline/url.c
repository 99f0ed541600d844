/* A full stop inside a word → an address, or nothing: abbreviations, file
 * names and a missing blank after a sentence are none. */
#include "helpline/room.h"

/* Endings that make a bare word an address. Those that are English words need
 * more than their ending ("tired.in bed", "ok.so"). */
static const char *const tlds[] = {"com", "org", "net", "gov", "edu", "info", "int", "chat", "help", "health", "care", "app", "support", "online",
    "uk", "au", "ca", "ie", "nz", "za", "de", "fr", "es", "nl", "pl", "cz", "hu", "se", "dk", "fi", "jp", "kr", "cn", "hk", "tw", "sg", "ph",
    "th", "vn", "br", "ar", "cl", "mx", "pe", "pt", "gr", "ch", "eu", "aw", "ua", "ru", "lv", "lt", "ee", "fj", "io", "ke", "ng", "ug", "lk",
    "np", "bd", "pk", "ae", "eg", "tr", "il", "ro", "bg", "hr", "rs", "si", "sk", "id", "co", "gg", "tv", "org.uk", "org.au", NULL};
static const char *const word_tlds[] = {"in", "it", "at", "be", "no", "us", "me", "so", "is", "to", "my", "am", "do", "as", "by", "pa", "care",
    "help", "health", "chat", "support", "app", "info", "online", "id", "co", "es", "de", "ch", "se", "si", "no", "ae", "la", "ar", NULL};

static bool alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
static uint32_t hyphen(const struct scan *s, uint32_t i) /* U+2010, U+2011 fold to hyphens inside names */
{
    if (at(s, i) == '-') return 1;
    return (unsigned char)at(s, i) == 0xE2 && (unsigned char)at(s, i + 1) == 0x80 &&
           ((unsigned char)at(s, i + 2) == 0x90 || (unsigned char)at(s, i + 2) == 0x91) ? 3 : 0;
}

static bool in_list(str z, const char *const *set)
{
    for (; z.n && *set; set++)
        if ((*set)[0] == z.p[0] && str_eqz(z, *set)) return true; /* most end at their first letter */
    return false;
}

static uint32_t host_left(const struct scan *s, uint32_t i)
{
    while (i > 0) {
        if (alnum(s->t[i - 1]) || s->t[i - 1] == '-' || s->t[i - 1] == '.') i--;
        else if (i >= 3 && hyphen(s, i - 3) == 3) i -= 3;
        else break;
    }
    while (at(s, i) == '.' || at(s, i) == '-') i++;
    return i;
}

static uint32_t host_right(const struct scan *s, uint32_t i)
{
    for (;;) {
        uint32_t h;
        if (alnum(at(s, i))) i++;
        else if (at(s, i) == '.' && alnum(at(s, i + 1))) i++;
        else if ((h = hyphen(s, i)) && alnum(at(s, i + h))) i += h;
        else return i;
    }
}

static uint32_t path_right(const struct scan *s, uint32_t i)
{
    uint32_t b = i;
    bool round = false, square = false; /* a bracket is open */
    while (i < s->n && (unsigned char)s->t[i] > ' ' && !strchr("<>\"`|\\^{}", s->t[i])) {
        if ((s->t[i] == ')' && !round) || (s->t[i] == ']' && !square)) break;
        round |= s->t[i] == '(', square |= s->t[i] == '[';
        if ((unsigned char)s->t[i] == 0xE2) break; /* dashes and ellipses end an address */
        i++;
    }
    while (i > b && strchr(".,;:!?'*_", s->t[i - 1])) i--;
    return i;
}

/* "tired.It" folds to "tired.it": a capital behind the stop opens a sentence. */
static bool capital_after(const struct scan *s, uint32_t stop)
{
    if (!s->map || !s->original.n) return false;
    uint32_t o = text_original(s->map, stop + 1);
    return o < s->original.n && s->original.p[o] >= 'A' && s->original.p[o] <= 'Z' &&
           !(o + 1 < s->original.n && s->original.p[o + 1] >= 'A' && s->original.p[o + 1] <= 'Z');
}

enum { HOST_MAX = 253 }; /* RFC 1035 */

static bool plausible(const struct scan *s, uint32_t b, uint32_t e, bool scheme, bool path)
{
    if (e - b > HOST_MAX) return false;
    uint32_t dot = e;
    while (dot > b && s->t[dot - 1] != '.') dot--;
    if (dot == b) return false;
    str tld = str_sub((str){s->t, s->n}, dot, e), host = str_sub((str){s->t, s->n}, b, e);
    if (scheme || str_has_prefix(host, STR("www."))) return tld.n >= 2 && host.n >= 4;
    if (directory_find(s->d, host_key(host))) return true;
    bool word = in_list(tld, word_tlds);
    if (!word && !in_list(tld, tlds)) return false;
    str label = str_sub(host, 0, dot - b - 1);
    size_t inner = 0;
    bool has_letter = false;
    for (size_t i = 0; i < label.n; i++) inner += label.p[i] == '.', has_letter |= label.p[i] >= 'a';
    if (label.n < 2 || capital_after(s, dot - 1)) return false;
    if (!has_letter && word) return false;
    return !word || inner || path;
}

static void whatsapp_number(struct raw *r, const struct scan *s)
{
    bool wa = str_eqz(r->host, "wa.me") || str_has_prefix(r->host, STR("api.whatsapp"));
    if (!wa) return;
    r->kind = RAW_WHATSAPP;
    uint32_t n = 0;
    for (size_t i = 0; i < r->path.n && n < sizeof r->digit - 1; i++) {
        if (r->path.p[i] >= '0' && r->path.p[i] <= '9') r->digit[n++] = r->path.p[i];
        else if (n) break;
    }
    r->n_digit = (uint8_t)n, r->plus = true;
    uint64_t k = number_key(r->digit, n);
    if (n >= 6) r->key = k, r->known = directory_find(s->d, k) != NULL;
}

/* Host b..e is an address: take in scheme and path, or the name before an @. */
static uint32_t push(struct scan *s, uint32_t b, uint32_t e)
{
    struct raw r = {.begin = b, .kind = RAW_URL, .host = str_sub((str){s->t, s->n}, b, e)};
    bool scheme = b >= 3 && memcmp(s->t + b - 3, "://", 3) == 0;
    if (scheme) {
        r.begin -= 3;
        while (r.begin > 0 && s->t[r.begin - 1] >= 'a' && s->t[r.begin - 1] <= 'z') r.begin--;
    }
    uint32_t end = e;
    if (b > 0 && s->t[b - 1] == '@') {
        r.kind = RAW_EMAIL;
        r.begin = b - 1;
        while (r.begin > 0 && (alnum(s->t[r.begin - 1]) || strchr("._+-", s->t[r.begin - 1]))) r.begin--;
    } else if (at(s, e) == '@') return e; /* the local part of an address: its host comes next */
    else if (at(s, e) == '/' || at(s, e) == '?' || at(s, e) == '#')
        end = path_right(s, e);
    if (!plausible(s, b, e, scheme || r.kind == RAW_EMAIL, end > e + 1)) return end;
    if (s->out->n && r.begin < s->out->p[s->out->n - 1].end) return end; /* "(415) 555-0.com": the number took its bytes */
    r.end = end;
    r.path = str_sub((str){s->t, s->n}, e, end);
    if (str_find(r.path, STR("chat")) != SIZE_MAX || str_has_prefix(r.host, STR("chat."))) r.kind = r.kind == RAW_URL ? RAW_CHAT : r.kind;
    r.key = host_key(r.host);
    for (str h = r.host; r.kind != RAW_EMAIL && !r.known;) { /* a subdomain belongs to its site */
        r.known = directory_find(s->d, host_key(h)) != NULL;
        if (r.known) r.key = host_key(h);
        size_t dot = str_find(h, STR("."));
        if (dot == SIZE_MAX || str_find(str_sub(h, dot + 1, h.n), STR(".")) == SIZE_MAX) break;
        h = str_sub(h, dot + 1, h.n);
    }
    whatsapp_number(&r, s);
    struct around x;
    around_sentence(&x, s, r.begin, r.end);
    r.sent_begin = x.begin, r.sent_end = x.end;
    r.negated = around_negated(s, &x, r.begin, r.end);
    arena_vec_room(s->a, (void **)&s->out->p, s->out->n, &s->out->cap, sizeof *s->out->p);
    s->out->p[s->out->n++] = r;
    raw_count(s, &x);
    return end;
}

uint32_t url_examine(struct scan *s, uint32_t i)
{
    uint32_t b = host_left(s, i), e = host_right(s, i);
    if (e <= i + 1 || b >= i) return i + 1;
    return push(s, b, e);
}

bool url_token(struct scan *s, uint32_t i, uint32_t *end)
{
    uint32_t k = i;
    while (at(s, k) >= '0' && at(s, k) <= '9') k++;
    unsigned char c = (unsigned char)at(s, k), p = i ? (unsigned char)s->t[i - 1] : ' ';
    bool goes_on = alnum((char)c) || c == '-' || c == 0xE2 || (c == '.' && alnum(at(s, k + 1)));
    if (!goes_on && p != '.' && p != '-' && p < 0x80) return false; /* digits alone, as most are */
    if (i < s->no_host) return false; /* 1-1-1-1: each digit stands in the same word */
    uint32_t e = host_right(s, i), b = host_left(s, i);
    bool letters = false, dot = false;
    for (k = b; k < e; k++) {
        dot |= s->t[k] == '.';
        letters |= dot && s->t[k] >= 'a' && s->t[k] <= 'z';
    }
    s->no_host = e;
    if (!letters) return false;
    size_t n = s->out->n;
    *end = push(s, b, e);
    if (s->out->n == n) return false;
    return true;
}
