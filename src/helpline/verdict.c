/* Raw contact + person → a graded verdict with its row, source and date.
 *
 * Order: an entry of known_bad keyed by contact, keyword, menu and service;
 * then the directory's lines, those of the person's country first; then
 * look-alikes; else unknown, which is never called fake. */
#include "helpline/near.h"

#if defined __SSE2__
#include <emmintrin.h>
#endif

struct look {
    const struct walk *w;
    const struct directory *d;
    const struct raw *r;
    const char *country;   /* the person's, "" unknown */
    str sentence;
    uint32_t turn, begin;  /* of the sentence */
    str text;              /* it stands in */
    struct pairs *pairs;
    enum { UNREAD, CALLS_FOR, CALLS_FOR_NONE } emergency; /* does the sentence name emergency services? */
    uint32_t label[MAX_LABEL]; /* countries named beside the contact */
    size_t n_label;
};

/* Values come from closed lists (yaml.c), so that their first letters tell them apart. */
static bool is_emergency(const struct dir_line *l) { return l->service[0] == 'e' && l->service[1] == 'm'; }
static bool current(const struct dir_line *l) { return l->status[0] == 'c'; }
static inline unsigned pair_at(const char *p) { return ((unsigned char)p[0] * 37u + (unsigned char)p[1]) & 1023; }

/* The pairs of this sentence go to those of the ones before, unless these lie apart. */
static void take_pairs(const struct look *k)
{
    struct pairs *p = k->pairs;
    uint32_t end = k->begin + (uint32_t)k->sentence.n, from = p->end;
    if (p->turn == k->turn && p->begin <= k->begin && end <= p->end) return;
    if (p->turn != k->turn || k->begin < p->begin || k->begin > p->end || end - p->begin > 1000) {
        *p = (struct pairs){.turn = k->turn, .begin = k->begin};
        from = k->begin;
    }
    for (uint32_t i = from > k->begin ? from - 1 : from; i + 1 < end; i++) {
        unsigned x = pair_at(k->text.p + i);
        p->bit[x >> 6] |= 1ull << (x & 63);
    }
    p->end = end;
}

/* Every name of a directory may be asked for, so that most must be denied without a search. */
static bool mentions(const struct look *k, const char *z)
{
    if (!*z) return false;
    take_pairs(k);
    size_t n = 1;
    for (; z[n]; n++) {
        unsigned x = pair_at(z + n - 1);
        if (!(k->pairs->bit[x >> 6] >> (x & 63) & 1)) return false;
    }
    return str_find(k->sentence, (str){z, n}) != SIZE_MAX;
}

/* ---- countries named beside it: "UK: 116 123", "988 (US)" ---- */

/* The next byte from i on behind which a name may stand, or e. A fold may be read 16 bytes behind. */
static uint32_t next_gap(const char *t, uint32_t i, uint32_t e)
{
#if defined __SSE2__
    for (; i < e; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(t + i));
        __m128i a = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(v, _mm_set1_epi8('(')));
        __m128i b = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('/')), _mm_cmpeq_epi8(v, _mm_set1_epi8('*')));
        unsigned gaps = (unsigned)_mm_movemask_epi8(_mm_or_si128(a, b));
        if (!gaps) continue;
        i += (uint32_t)__builtin_ctz(gaps);
        break;
    }
    return i < e ? i : e;
#else
    while (i < e && t[i] != ' ' && t[i] != '(' && t[i] != '/' && t[i] != '*') i++;
    return i;
#endif
}

static void add_labels(struct look *k, str text, uint32_t b, uint32_t e)
{
    for (uint32_t i = b; i < e;) {
        bool start = (text.p[i] >= 'a' && text.p[i] <= 'z') || (unsigned char)text.p[i] >= 0xC0;
        if (!start || (i > 0 && text.p[i - 1] >= 'a' && text.p[i - 1] <= 'z')) { i++; continue; }
        uint32_t end = i;
        bool maybe = bit_of(k->d->name3, three_of(text.p, i, e));
        const struct place_name *p = maybe ? place_at(k->d, text.p, i, e, &end) : NULL;
        bool word = p && ((end - i == 2 && memcmp(text.p + i, "us", 2) == 0) || (end - i == 3 && memcmp(text.p + i, "roi", 3) == 0));
        bool and = i > 1 && text.p[i - 1] == ' ' && (text.p[i - 2] == '&' || memcmp(text.p + i - 2, "r ", 2) == 0);
        if (word && i > 0 && !strchr("(/*\n", text.p[i - 1]) && !and && (end - i == 3 || end >= text.n || !strchr(":/)", text.p[end]))) p = NULL;
        if (p && p->country != 255 && p->kind <= PLACE_REGION && k->n_label < ARRAY_LEN(k->label)) k->label[k->n_label++] = p->country;
        if (p) { i = end; continue; }
        i = next_gap(text.p, i, e) + 1;
    }
}

enum { LINE_MAX_BYTES = 2000 };

/* "If you're in the UK:\n- Samaritans: 116 123": the heading of a list, at most 300 bytes above. */
static void heading_labels(struct look *k, str text, uint32_t at)
{
    uint32_t line = at, far = at > LINE_MAX_BYTES ? at - LINE_MAX_BYTES : 0;
    const char *nl = line > far ? memrchr(text.p + far, '\n', line - far) : NULL;
    line = nl ? (uint32_t)(nl + 1 - text.p) : far;
    if (line && line == far) return; /* no list item is that long, and a turn may be one line */
    uint32_t stop = line > 300 ? line - 300 : 0;
    bool bullet = line < text.n && strchr("-*+", text.p[line]);
    while (bullet && line > stop) {
        uint32_t e = line - 1, b;
        while (e > stop && (text.p[e - 1] == '\n' || text.p[e - 1] == ' ' || text.p[e - 1] == '*')) e--;
        const char *above = e > stop ? memrchr(text.p + stop, '\n', e - stop) : NULL;
        b = above ? (uint32_t)(above + 1 - text.p) : stop;
        if (e > b && text.p[e - 1] == ':') { add_labels(k, text, b, e); return; }
        bullet = b < e && strchr("-*+ ", text.p[b]);
        line = b;
    }
}

static void find_labels(struct look *k, str text, uint32_t prev_end)
{
    const struct raw *r = k->r;
    uint32_t b = r->sent_begin > prev_end ? r->sent_begin : prev_end, e = r->end;
    if (prev_end && b == prev_end && b + 1 < text.n && (text.p[b] == '(' || text.p[b + 1] == '(')) /* that bracket is the earlier one's */
        while (b < r->begin && text.p[b] != ')') b++;
    if (e + 1 < text.n && (text.p[e] == '(' || (text.p[e] == ' ' && text.p[e + 1] == '('))) {
        uint32_t close = e;
        bool other = false; /* "(Ireland: text 50808)" is about another number */
        while (close < r->sent_end && text.p[close] != ')') other |= text.p[close] >= '0' && text.p[close] <= '9', close++;
        if (!other) add_labels(k, text, e, close);
    }
    if (!k->n_label && b < r->begin) add_labels(k, text, b, r->begin);
    if (!k->n_label) heading_labels(k, text, r->sent_begin);
}

/* "UK: 116 123, samaritans.org": the label of a contact holds for the next one of its clause. */
static void inherit_labels(struct look *k, uint32_t turn, str text, struct carried *last)
{
    const struct raw *r = k->r;
    if (!k->n_label && last->turn == turn && last->n && r->begin >= last->end && r->begin - last->end < 60) {
        bool apart = false;
        for (uint32_t i = last->end; i < r->begin; i++) apart |= text.p[i] == '\n' || text.p[i] == ';' || (text.p[i] == '.' && text.p[i + 1] == ' ');
        if (!apart) {
            k->n_label = last->n;
            memcpy(k->label, last->country, sizeof k->label);
        }
    }
    last->turn = turn, last->end = r->end, last->n = k->n_label;
    memcpy(last->country, k->label, sizeof k->label);
}

static bool labelled(const struct look *k, const char *country)
{
    for (size_t i = 0; i < k->n_label; i++)
        if (str_same(builtin_country[k->label[i]].code, country)) return true;
    return false;
}

/* ---- known bad ---- */

static bool iequal(str s, const char *z) { return str_ieq(s, str_of(z)); }

static bool bad_applies(const struct look *k, const struct ref *ref, const struct dir_line *line)
{
    const struct dir_bad *b = k->d->bad[ref->i];
    bool keyed = *b->keyword || *b->menu;
    if (*b->keyword && !iequal(k->r->keyword, b->keyword)) return false;
    if (*b->menu && !str_same(b->menu, k->r->menu)) return false;
    if (ref->how == KEY_PLUS && !k->r->plus) return false;
    if (b->only_as[0]) {
        size_t i = 0;
        while (b->only_as[i] && !mentions(k, b->only_as[i])) i++;
        if (!b->only_as[i]) return false;
    }
    bool here = (*k->country && str_same(k->country, b->country)) || labelled(k, b->country);
    if (here) return true;
    if (str_same(b->verdict, "wrong_country")) return !*k->country && !k->n_label && !line;
    bool shape = str_same(b->verdict, "malformed") || str_same(b->verdict, "near_miss");
    bool right = line && current(line) && (!*k->country || str_same(line->country, k->country));
    if (*k->country || k->n_label) return !right && (keyed || shape || k->r->n_digit >= 7);
    return keyed || !line || !current(line) || b->only_as[0];
}

static enum contact_status status_of(const char *verdict)
{
    enum contact_status s = 0;
    while (s < CONTACT_UNKNOWN && !str_same(contact_status_names[s], verdict)) s++;
    return s;
}

static const struct dir_line *line_of_country(const struct directory *d, const char *country, bool emergency);
static const char *dial_text(const struct walk *w, const struct dir_line *l);

static void judge_bad(struct contact *c, const struct look *k, const struct dir_bad *b, const struct dir_line *line)
{
    c->status = status_of(b->verdict);
    c->country = b->country;
    c->instead = b->instead;
    c->why = arena_printf(k->w->a, "known bad (%s): %s, %s", b->problem, b->evidence->source, b->evidence->date);
    if (line && str_same(line->country, b->country)) c->line = line->id, c->service = line->service;
    for (size_t i = 0; !*c->service && b->lines[0] && i < k->d->n_line; i++)
        if (str_same(k->d->line[i]->id, b->lines[0])) c->service = k->d->line[i]->service;
    if (!*k->country || str_same(k->country, b->country)) return;
    /* it still connects, but to another country's line; and what is right there is wrong here */
    if (c->status == CONTACT_ALIAS) c->status = CONTACT_WRONG_COUNTRY;
    const struct dir_line *right = line_of_country(k->d, k->country, false);
    c->instead = right ? dial_text(k->w, right) : "";
}

/* ---- lines ---- */

static bool names_emergency(struct look *k)
{
    if (k->emergency == UNREAD)
        k->emergency = mentions(k, "emergency") || mentions(k, "police") || mentions(k, "ambulance") ? CALLS_FOR : CALLS_FOR_NONE;
    return k->emergency == CALLS_FOR;
}

static int score(struct look *k, const struct ref *ref, const struct dir_line *l, bool ask_names)
{
    const struct raw *r = k->r;
    int s = 0;
    if (*k->country && (str_same(l->country, k->country) || !*l->country)) s += 400;
    if (labelled(k, l->country)) s += 200;
    if (*l->menu) s += str_same(l->menu, r->menu) ? 80 : -60;
    if (*l->keyword) s += r->keyword.n && iequal(r->keyword, l->keyword) ? 60 : -6;
    if (ask_names && !is_emergency(l) && mentions(k, k->d->mention[ref->i])) s += 40;
    if (current(l)) s += 15;
    bool sms = l->channel[0] == 's', phone = l->channel[0] == 'p';
    switch (r->kind) {
    case RAW_SMS: s += sms ? 10 : 0; break;
    case RAW_WHATSAPP: s += str_same(l->channel, "whatsapp") ? 10 : 0; break;
    case RAW_CHAT: s += str_same(l->channel, "chat") ? 10 : phone ? 2 : 0; break;
    default: s += phone ? 8 : 0; break;
    }
    if (is_emergency(l)) {
        if (names_emergency(k)) s += 12;
    } else
        s += 10;
    if (ref->how == KEY_FORCED) s -= 30;
    /* a number of several countries and nothing that tells: the largest service, as its own country's line */
    if (l->country[0] == 'U' && l->country[1] == 'S') s += 4;
    if (l->country[0] == 'G' && l->country[1] == 'B') s += 3;
    return s;
}

static const struct dir_line *best_line(struct look *k, const struct ref **out, size_t *n_country)
{
    const struct dir_line *best = NULL;
    const char *seen[9]; /* more are as good as nine */
    int top = 0;
    *n_country = 0;
    /* names cost a search each: they are asked only where no country decides */
    bool ask_names = !*k->country && !k->n_label;
    for (const struct ref *ref = directory_find(k->d, k->r->key); ref; ref = ref_next(k->d, ref)) {
        if (ref->bad || (ref->how == KEY_FORCED && !k->r->plus)) continue;
        const struct dir_line *l = k->d->line[ref->i];
        size_t i = *n_country < ARRAY_LEN(seen) ? 0 : *n_country;
        while (i < *n_country && (seen[i][0] != l->country[0] || (seen[i][0] && seen[i][1] != l->country[1]))) i++; /* codes of two letters */
        if (i == *n_country && i < ARRAY_LEN(seen)) seen[(*n_country)++] = l->country;
        int s = score(k, ref, l, ask_names);
        if (!best || s >= top) best = l, top = s, *out = ref;
    }
    return best;
}

/* ---- the line to offer in a country ---- */

static size_t offer_of(const char *country)
{
    bool code = country[0] >= 'A' && country[0] <= 'Z' && country[1] >= 'A' && country[1] <= 'Z' && !country[2];
    return code ? (size_t)(country[0] - 'A') * 26 + (size_t)(country[1] - 'A') : SIZE_MAX;
}

/* Suicide, then crisis; an emergency service apart. */
void offer_table(struct directory *d)
{
    static const char *const want[] = {"suicide", "crisis", "general", "emergency"};
    for (size_t p = 0; p < ARRAY_LEN(want); p++)
        for (size_t i = 0; i < d->n_line; i++) {
            const struct dir_line *l = d->line[i];
            size_t at = offer_of(l->country);
            if (at == SIZE_MAX || !str_same(l->service, want[p]) || !current(l) || d->off[i] || (*l->menu && p == 0)) continue;
            const struct dir_line **offer = p == 3 ? &d->offer_emergency[at] : &d->offer[at];
            if (!*offer) *offer = l;
        }
}

static const struct dir_line *line_of_country(const struct directory *d, const char *country, bool emergency)
{
    size_t at = offer_of(country);
    return at == SIZE_MAX ? NULL : emergency ? d->offer_emergency[at] : d->offer[at];
}

static const char *dial_text(const struct walk *w, const struct dir_line *l)
{
    if (*l->menu) return arena_printf(w->a, "%s then %s", l->dial, l->menu);
    if (*l->keyword) return arena_printf(w->a, "%s keyword %s", l->dial, l->keyword);
    return *l->dial ? l->dial : l->how;
}

static const char *replacements(const struct look *k, const struct dir_line *l)
{
    char out[240] = "";
    size_t n = 0;
    for (dir_list id = l->replaced_by; *id; id++)
        for (size_t i = 0; i < k->d->n_line; i++) {
            if (!str_same(k->d->line[i]->id, *id)) continue;
            const char *z = dial_text(k->w, k->d->line[i]);
            size_t m = strlen(z);
            if (n + m + 4 >= sizeof out) break;
            if (n) memcpy(out + n, " / ", 3), n += 3;
            memcpy(out + n, z, m), n += m;
        }
    return arena_str(k->w->a, (str){out, n}).p;
}

/* CEPT countries share 116 xxx; a missing row there is a gap of ours, not a wrong number. */
static bool harmonised_116(const char *country)
{
    static const char cept[] = "AD AL AT AX AZ BA BE BG BY CH CY CZ DE DK EE ES FI FR GB GE GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL "
                               "PT RO RS SE SI SK SM TR UA XK";
    return strstr(cept, country) != NULL;
}

/* 116 xxx in Europe, and 112, which mobile networks take to the local emergency service nearly everywhere (3GPP TS 22.101):
 * where no row lists them they are neither right nor wrong. */
static bool shared_code(const struct raw *r, const char *country)
{
    if (r->n_digit == 3 && str_same(r->digit, "112")) return true;
    return r->n_digit == 6 && memcmp(r->digit, "116", 3) == 0 && *country && harmonised_116(country);
}

/* A line of another country, and the person's is known: is the contact wrong there, or just not listed? */
static bool wrong_abroad(const struct look *k, const struct dir_line *l, const char *place)
{
    const char *dg = k->r->digit;
    size_t n = k->r->n_digit;
    if (n == 0 || n >= 7) return true;
    if (shared_code(k->r, place)) return false;
    if (is_emergency(l)) /* codes are reused: only the best known are certainly another country's */
        return (str_same(dg, "911") || str_same(dg, "999") || str_same(dg, "000")) && line_of_country(k->d, place, true);
    if (n > 4 || str_same(dg, "988")) return true;
    if (!line_of_country(k->d, place, false)) return false; /* the code may be theirs too: we know no line there */
    return !((mentions(k, "police") || mentions(k, "ambulance") || mentions(k, "emergency number")) && !mentions(k, "suicid") && !mentions(k, "crisis"));
}

static bool wrong_people(const struct dir_line *l, const struct person *p)
{
    if (p->not_veteran && str_same(l->population, "veteran")) return true;
    if (p->age < 0) return false;
    if (l->age_max) return p->age < l->age_min || p->age > l->age_max;
    return str_same(l->population, "teen") && p->age >= 30; /* no age stated for the line: only when it is plain */
}

static void judge_line(struct contact *c, const struct look *k, const struct dir_line *l, const struct ref *ref, size_t n_country,
                       const struct person *p)
{
    c->line = l->id, c->country = l->country, c->service = l->service;
    c->stale = k->d->stale[ref->i];
    c->why = k->d->why[ref->i];
    if (str_same(l->channel, "sms") && c->kind[0] == 'p') c->kind = "sms";
    if (str_same(l->channel, "chat") && str_same(c->kind, "url") && str_same(l->dial, l->url)) c->kind = "chat";
    const char *place = *k->country ? k->country : "";
    if (!*place && k->n_label == 1) place = builtin_country[k->label[0]].code;
    if (*l->country && *place && !str_same(l->country, place) && !(k->n_label && !*k->country && labelled(k, l->country))) {
        bool emergency = is_emergency(l);
        const struct dir_line *right = line_of_country(k->d, place, emergency);
        c->status = wrong_abroad(k, l, place) ? CONTACT_WRONG_COUNTRY : CONTACT_UNKNOWN;
        if (c->status == CONTACT_UNKNOWN) {
            c->why = arena_printf(k->w->a, "not listed for %s; %s", place, c->why);
            c->country = c->line = c->service = "", c->stale = false;
            c->shared = shared_code(k->r, place);
        } else if (right)
            c->instead = dial_text(k->w, right);
        return;
    }
    if (k->d->off[ref->i]) {
        c->status = CONTACT_UNKNOWN;
        c->why = arena_printf(k->w->a, "%s is switched off by the overlay", l->id);
        return;
    }
    if (ref->how == KEY_FORCED) {
        c->status = CONTACT_MALFORMED, c->instead = dial_text(k->w, l);
        c->why = arena_printf(k->w->a, "a short code is dialled without a calling code; %s", c->why);
        return;
    }
    if (!current(l)) {
        c->status = str_same(l->status, "retired") ? CONTACT_RETIRED : CONTACT_RENUMBERED;
        c->instead = replacements(k, l);
        return;
    }
    if (is_emergency(l)) {
        c->status = CONTACT_EMERGENCY;
        if (!*place && n_country > 8 && !str_same(k->r->digit, "911") && !str_same(k->r->digit, "999")) c->country = c->line = ""; /* 112 is shared by many */
        return;
    }
    c->status = CONTACT_VERIFIED;
    if (wrong_people(l, p)) {
        c->status = CONTACT_WRONG_POPULATION;
        c->why = arena_printf(k->w->a, "%s is for %s; %s", l->id, *l->population ? l->population : "other ages", c->why);
    }
}

/* It reaches a service, but not the one that the words beside it name. */
static void judge_named(struct contact *c, const struct look *k, const struct dir_line *l, str text, uint32_t prev_end)
{
    const char *need = "";
    const char *said = service_misnamed(k->d, k->r, l, text, prev_end, &need);
    if (!said) return;
    c->status = CONTACT_WRONG_SERVICE;
    c->why = arena_printf(k->w->a, "named as %s, listed as %s; %s", said, l->service, c->why);
    for (size_t i = 0; *need && i < k->d->n_line; i++) {
        const struct dir_line *o = k->d->line[i];
        if (!str_same(o->country, l->country) || !str_same(o->service, need) || !current(o) || k->d->off[i] || *o->menu) continue;
        c->instead = dial_text(k->w, o);
        return;
    }
}

/* ---- nothing in the directory ---- */

static size_t line_index(const struct directory *d, const struct dir_line *l)
{
    size_t i = 0;
    while (d->line[i] != l) i++;
    return i;
}


static void judge_stranger(struct contact *c, const struct look *k)
{
    const struct raw *r = k->r;
    bool number = r->n_digit > 0;
    const struct dir_line *l = number ? near_find(k->d, r, k->country) : r->kind == RAW_EMAIL ? NULL : near_site(k->d, r->host);
    if (!l && number) l = near_named(k->d, r, k->country);
    if (l) {
        c->status = CONTACT_NEAR_MISS;
        c->country = l->country, c->service = l->service, c->line = l->id;
        c->instead = number ? dial_text(k->w, l) : l->url;
        c->why = arena_printf(k->w->a, "looks like %s", k->d->why[line_index(k->d, l)]);
        return;
    }
    c->status = CONTACT_UNKNOWN;
    c->why = "not in the directory";
    if (r->of) { /* a shared code or not: its own numbers are listed, and this is none of them */
        c->why = arena_printf(k->w->a, "named as %s, which is not listed with it", k->d->line[r->of - 1]->name);
        return;
    }
    if (number && shared_code(r, k->country)) {
        c->shared = true;
        c->why = arena_printf(k->w->a, "a number shared by many countries; not listed%s%s", *k->country ? " for " : "", k->country);
        return;
    }
    if (!number || r->kind == RAW_WHATSAPP) return;
    bool nanp = (!r->plus && r->n_digit != 11 && r->n_digit > 8 && (memcmp(r->digit, "1800", 4) == 0 || memcmp(r->digit, "1888", 4) == 0) && r->n_digit != 10) ||
                (r->plus && r->digit[0] == '1' && r->n_digit != 11);
    if (nanp || (r->plus && (r->n_digit < 8 || r->n_digit > 16))) {
        c->status = CONTACT_MALFORMED;
        c->why = "not the length of a number that can be dialled; not in the directory";
    }
}

static const char *const kinds[] = {"phone", "sms", "whatsapp", "chat", "url", "email"};

static str canonical(const struct look *k, const struct contact *c, const struct dir_line *l, str text)
{
    const struct raw *r = k->r;
    if (l && r->n_digit) return str_of(dial_text(k->w, l));
    if (r->n_digit) return arena_str(k->w->a, (str){r->digit, r->n_digit});
    str s = r->host.n && r->kind != RAW_EMAIL ? (str){r->host.p, r->host.n + r->path.n} : str_sub(text, c->begin, c->end);
    if (str_has_prefix(s, STR("www."))) s = str_sub(s, 4, s.n);
    while (s.n && s.p[s.n - 1] == '/') s.n--;
    return s;
}

bool contact_judge(struct contact *c, const struct raw *r, const struct walk *w, const struct person *p, str text,
                   struct carried *last)
{
    struct look k = {.w = w, .d = w->dir, .r = r, .country = w->place.country ? w->place.country : "",
                     .sentence = str_sub(text, r->sent_begin, r->sent_end), .turn = c->turn, .begin = r->sent_begin,
                     .text = text, .pairs = &last->pairs};
    c->kind = kinds[r->kind];
    c->negated = r->negated;
    c->country = c->line = c->service = c->instead = c->why = "";
    uint32_t prev = 0;
    if (w->contact.n > 1 && w->contact.p[w->contact.n - 2].turn == c->turn) prev = w->contact.p[w->contact.n - 2].end;
    const struct dir_line *line = NULL;
    const struct ref *ref = NULL;
    size_t n_country = 0;
    if (r->known && r->kind != RAW_EMAIL) {
        find_labels(&k, text, prev);
        inherit_labels(&k, c->turn, text, last);
        line = best_line(&k, &ref, &n_country);
        for (const struct ref *b = directory_find(k.d, r->key); b; b = ref_next(k.d, b)) {
            if (!b->bad || !bad_applies(&k, b, line)) continue;
            judge_bad(c, &k, k.d->bad[b->i], line);
            c->canonical = str_of(k.d->bad[b->i]->contact);
            return false;
        }
    }
    if (line) {
        judge_line(c, &k, line, ref, n_country, p);
        if (c->status == CONTACT_VERIFIED || c->status == CONTACT_EMERGENCY) judge_named(c, &k, line, text, prev);
    } else judge_stranger(c, &k);
    c->canonical = canonical(&k, c, line, text);
    return line && current(line) && c->status == CONTACT_WRONG_COUNTRY && labelled(&k, line->country);
}
