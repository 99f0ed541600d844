/* Words beside a number that say it is dialled: verbs, nouns, keywords of a text line, names of services before it and
 * behind it. What says that it is none is number.c's. */
#include "helpline/room.h"

/* Names of lines and telephones in other languages, by how their words end. */
static bool line_word(const struct scan *s, struct word w)
{
    static const str end[] = {STR("linjen"), STR("linje"), STR("lijn"), STR("telefon"), STR("telefoon"), STR("hotline"), STR("linha"), STR("línea"), STR("linea"), STR("ligne"),
        STR("telefono"), STR("telefonu"), STR("電話"), STR("專線"), STR("专线"), STR("热线"), STR("熱線"), STR("전화"), STR("ライン"), STR("ダイヤル")};
    str z = str_sub((str){s->t, s->n}, w.b, w.e);
    if (z.n < 5) return false;
    for (size_t i = 0; i < ARRAY_LEN(end); i++)
        if (z.n >= end[i].n && memcmp(z.p + z.n - end[i].n, end[i].p, end[i].n) == 0) return true;
    return false;
}

static bool verb_before(const struct scan *s, const struct around *x, uint32_t b)
{
    static const char *const verbs[] = {"call ", "dial ", "ring ", "phone ", "text ", "reach ", "calling ", "contact ", "answer", "available ", "reachable ", "reached ", "open ", NULL};
    str z = str_sub((str){s->t, s->n}, x->begin, b);
    for (size_t i = 0; verbs[i]; i++)
        if (str_find(z, str_of(verbs[i])) != SIZE_MAX) return true;
    return false;
}

/* "text shout to": a verb of texting and the word that is sent. */
static bool keyword_before(const struct scan *s, const struct around *x)
{
    static const char *const to[] = {"to", NULL}, *const things[] = {"money", "cash", "donations", "mum", "mom",
        "dad", "him", "her", "emails", "letters", NULL};
    static const char *const word_[] = {"word", "keyword", "letters", NULL};
    if (x->n_before < 3 || !word_in(s, x->before[0], to)) return false;
    bool said = x->n_before > 4 && word_in(s, x->before[2], word_) && word_is(x->before[4],
        W_TEXT_VERB); /* text the word hello to */
    if (!said && !word_is(x->before[2], W_TEXT_VERB)) return false;
    return letter(s->t[x->before[1].b]) && !word_is(x->before[1], W_NO_KEY) && !word_in(s, x->before[1], things);
}

int dialled(const struct scan *s, const struct around *x)
{
    if (x->n_before && word_in(s, x->before[0], (const char *const[]){"on", "at", NULL}) && verb_before(s, x,
        x->before[0].b)) return 2;
    if (keyword_before(s, x)) return 2;
    for (uint32_t k = 0; k < x->n_before && k < 5; k++) {
        if (word_is(x->before[k], W_DIAL_VERB)) return 2;
        if (word_is(x->before[k], W_DIAL_NOUN) || line_word(s, x->before[k])) return 1;
        if (!word_is(x->before[k], W_LINK) && k > 0) return 0;
        if (k == 0 && !word_is(x->before[k], W_LINK)) {
            /* a quoted or bold keyword: text HOME to … is caught by "to"; a name before: Samaritans (UK) */
            continue;
        }
    }
    return 0;
}

bool named_after(const struct scan *s, const struct around *x, uint32_t e)
{
    static const char *const names[] = {"helpline", "hotline", "lifeline", "crisis", "suicide", "emergency", "line", "samaritans", "police", "answers", NULL};
    for (uint32_t k = 0; k < x->n_after && k < 2; k++)
        if (x->after[k].b - e < 24 && word_in(s, x->after[k], names)) return true;
    return false;
}

/* "lifeline" will do for "lifeline australia". */
void said_table(struct directory *d)
{
    static const str spoken[] = {STR("lifeline"), STR("papyrus"), STR("sadag"), STR("samaritans")};
    d->said = arena_array(&d->a, struct said, d->n_line + 1);
    for (size_t i = 0; i < d->n_line; i++) {
        str name = str_of(d->mention[i]);
        for (size_t k = 0; k < ARRAY_LEN(spoken); k++)
            if (str_has_prefix(name, spoken[k]) && name.p[spoken[k].n] == ' ') name.n = spoken[k].n;
        while (name.n && name.p[name.n - 1] == '-') name.n--;
        if (name.n >= 5 && strcmp(d->line[i]->service, "emergency") != 0)
            d->said[i] = (struct said){name.p, (uint32_t)name.n, name.p[name.n - 1]};
    }
}

/* A name of the directory that ends at e, a blank or hyphen more or less ("telemanas"). */
static bool ends_as_name(const struct scan *s, uint32_t b, uint32_t e, const struct said *x)
{
    const char *name = x->name;
    size_t n = x->n, i = n;
    uint32_t p = e;
    while (i > 0) {
        bool gap = name[i - 1] == ' ' || name[i - 1] == '-';
        if (gap) i--;
        while (gap && p > b && (s->t[p - 1] == ' ' || s->t[p - 1] == '-')) p--;
        if (gap) continue;
        if (p > b && s->t[p - 1] == '-' && i < n) { p--; continue; }
        if (p == b || s->t[p - 1] != name[--i]) return false;
        p--;
    }
    return p == 0 || !(letter(s->t[p - 1]) || digit(s->t[p - 1]));
}

uint32_t service_before(const struct scan *s, const struct around *x)
{
    static const char *const between[] = {"on", "at", "is", "are", "number", "can", "be", "reached", "via", "by",
        "phone", "text", "helpline", "line", "free", "uk", "us", "ireland", "india",
        "australia", "calling", "ringing", "texting", "national", "available", "their", "the", "called", "to",
        "email", "contacted", "code", "will", "answer", "pick", "up", NULL};
    for (uint32_t k = 0; k < x->n_before && k < 5; k++) {
        bool whose = x->before[k].e > x->begin + 2 && memcmp(s->t + x->before[k].e - 2, "'s",
            2) == 0; /* lifeline's number */
        uint32_t e = x->before[k].e - (whose ? 2 : 0), next = k ? x->before[k - 1].b : x->before[0].e;
        for (uint32_t i = e; k && i < next; i++)
            if (s->t[i] == ';' || s->t[i] == ',') return 0; /* another clause */
        const char last = e > x->begin ? s->t[e - 1] : ' ';
        for (size_t i = 0; i < s->d->n_line; i++)
            if (s->d->said[i].last == last && ends_as_name(s, x->begin, e, &s->d->said[i])) return (uint32_t)i + 1;
        if (!word_in(s, x->before[k], between)) return 0;
    }
    return 0;
}

bool open_after(const struct scan *s, const struct around *x, uint32_t e)
{
    char c = at(s, e);
    if (c != ' ') return true;
    if (x->n_after == 0 || x->after[0].b != e + 1) return true; /* "988 (…", "988 — …" */
    return word_is(x->after[0], W_OPEN);
}
