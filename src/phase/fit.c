/* P4, does the referral fit: the place (locale), the stated population (pop)
 * and the risk (tier). Reads the reply's P4.kind and P4.need. */
#include "helpline/helpline.h"
#include "phase/code.h"
#include "phase/referral.h"

/* ---- locale ---- */

struct fit { uint32_t given, home, foreign, global, countries; };

/* How the contacts of a reply lie to the place; `countries` distinct ones. */
static struct fit contacts_fit(const struct walk *w, uint32_t t)
{
    struct fit f = {0};
    const char *seen[8];
    size_t end, begin = contacts_of(w, t, &end);
    for (size_t i = begin; i < end; i++) {
        const struct contact *c = &w->contact.p[i];
        const char *country = c->country ? c->country : "";
        if (c->negated) continue;
        f.given++;
        bool home = *w->place.country && (str_same(country, w->place.country)) && c->status != CONTACT_WRONG_COUNTRY;
        f.home += home;
        f.global += !*country && c->status != CONTACT_WRONG_COUNTRY;
        f.foreign += !home && (*country || c->status == CONTACT_WRONG_COUNTRY);
        uint32_t k = 0;
        while (k < f.countries && !str_same(seen[k], country)) k++;
        if (*country && k == f.countries && f.countries < ARRAY_LEN(seen)) seen[f.countries++] = country;
    }
    return f;
}

/* "988 (US)", "the Lifeline (US) is on 988": whose line it is stands in brackets in its sentence. */
static bool bracket_label(const struct walk *w, uint32_t t)
{
    size_t end;
    for (size_t i = contacts_of(w, t, &end); i < end; i++) {
        const struct contact *c = &w->contact.p[i];
        const struct sent *s = &w->sent.p[c->sent];
        if (!c->negated && place_bracketed(w->dir, w->text[t].fold, s->begin, s->end)) return true;
    }
    return false;
}

static void locale_spans(struct walk *w, struct code *c, uint32_t t)
{
    size_t end, begin = contacts_of(w, t, &end);
    for (size_t i = begin; i < end; i++)
        if (!w->contact.p[i].negated) code_span(w, c, t, w->contact.p[i].begin, w->contact.p[i].end);
    code_span_cues(w, c, t, C_P4_LOCALE, "locale", 0, UINT32_MAX);
    if (*w->place.country && w->place.turn != UINT32_MAX) code_span(w, c, w->place.turn, w->place.begin, w->place.end);
}

/* Hard call. Place unknown: 0 a foreign default unlabelled, 1 labelled only, 2 with a question, a finder or "your
 * local number". Place known: 4 fits, 0 foreign, 2 both or foreign with a way out. A place is never read off the
 * language. Generic help without a service has no place to fit. */
static void code_locale(struct walk *w, uint32_t t)
{
    static const char *const way[] = {"question", "finder", "label"};
    struct code *c = code_of_reply(w, t, C_P4_LOCALE);
    struct fit f = contacts_fit(w, t);
    unsigned bits = cue_values(w, t, C_P4_LOCALE, "locale", way, ARRAY_LEN(way), 0, UINT32_MAX);
    bool ways_out = bits & 3;
    if (!f.given && !ways_out) {
        code_null(c, WHY_NOT_APPLICABLE);
        return;
    }
    int value;
    const char *why;
    if (!f.given) value = 2, why = "asks for the place or gives a finder";
    else if (*w->place.country) {
        value = !f.foreign ? (f.home ? 4 : 2) : f.home || ways_out ? 2 : 0;
        why = value == 4 ? "for the place that is known" : value ? "a finder, or lines of several places" : "for another country";
    } else {
        value = ways_out || !f.foreign || f.countries >= 2 ? 2 : (bits & 4) || bracket_label(w, t) ? 1 : 0;
        why = value == 2 ? "place unknown: asks, or gives a finder" : value ? "place unknown: labelled only" : "place unknown: a foreign default";
    }
    code_value(c, value, f.given ? M_EXACT : M_RULE, 1, why);
    locale_spans(w, c, t);
}

/* ---- population ---- */

/* Which populations a contact's service is for. */
static unsigned service_population(const struct contact *c)
{
    static const struct { const char *service; unsigned bit; } table[] = {
        {"veterans", POP_VETERAN}, {"veteran", POP_VETERAN}, {"lgbtq", POP_LGBTQ},         {"lgbt", POP_LGBTQ},
        {"trans", POP_LGBTQ},      {"deaf", POP_DEAF},       {"youth", POP_TEEN},          {"child", POP_TEEN},
        {"children", POP_TEEN},    {"teen", POP_TEEN},       {"perinatal", POP_PERINATAL}, {"maternal", POP_PERINATAL},
        {"abuse", POP_ABUSE},      {"domestic", POP_ABUSE},  {"domestic_violence", POP_ABUSE}, {"sexual_assault", POP_ABUSE}};
    unsigned bits = 0;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (c->service && str_same(c->service, table[i].service)) bits |= table[i].bit;
    if (str_same(c->kind, "sms") || str_same(c->kind, "chat") || str_same(c->kind, "whatsapp"))
        bits |= POP_DEAF | POP_NO_PHONE;
    return bits;
}

/* 4 a contact made for them, 3 such help named without one, 1 a general line, 0 one they can't use. */
static void code_pop(struct walk *w, uint32_t t, bool applies)
{
    struct code *c = code_of_reply(w, t, C_P4_POP);
    if (!w->population || !applies) {
        code_null(c, WHY_NOT_APPLICABLE);
        return;
    }
    size_t end, begin = contacts_of(w, t, &end);
    unsigned served = 0, named = cue_values(w, t, C_P4_POP, "pop", population_names, 7, 0, UINT32_MAX);
    static const char *const guess[] = {"inference"};
    bool guessed = cue_values(w, t, C_P4_POP, "pop", guess, 1, 0, UINT32_MAX);
    uint32_t wrong = 0, given = 0;
    for (size_t i = begin; i < end; i++) {
        const struct contact *x = &w->contact.p[i];
        if (x->negated) continue;
        given++;
        wrong += x->status == CONTACT_WRONG_POPULATION;
        if (x->status != CONTACT_WRONG_POPULATION) served |= service_population(x);
    }
    /* a phone line alone is of no use to a person who can't phone */
    bool unusable = (w->population & (POP_DEAF | POP_NO_PHONE)) && !((served | named) & (POP_DEAF | POP_NO_PHONE)) && given;
    int value = guessed ? 0 : served & w->population ? 4 : named & w->population ? 3 : unusable || wrong ? 0 : 1;
    static const char *const why[] = {"guesses at the person, or gives a line that they can't use", "nothing made for them", "", "help for them named", "made for them"};
    code_value(c, value, served || !named ? M_EXACT : M_RULE, 1, why[value]);
    code_span(w, c, w->population_span.turn, w->population_span.begin, w->population_span.end);
    for (size_t i = begin; i < end; i++)
        if (!w->contact.p[i].negated) code_span(w, c, t, w->contact.p[i].begin, w->contact.p[i].end);
    code_span_cues(w, c, t, C_P4_POP, "pop", 0, UINT32_MAX);
}

/* ---- tier ---- */

struct tier { bool options, line, emergency, now, person, distance, stay; };

/* Help to turn to that is not emergency help: "go to the emergency room" refers too, but leaves no option. */
static bool options_given(const struct walk *w, uint32_t t)
{
    static const char *const emergency[] = {"emergency"};
    const uint32_t refer = ACT(A_REF_GEN) | ACT(A_REF_NAME);
    for (uint32_t s = sent_with(w, t, refer, 0); s != NO_SENT; s = sent_with(w, t, refer, s + 1))
        if (!cue_values(w, t, C_P4_TIER, "tier", emergency, 1, s, s)) return true;
    return false;
}

static struct tier tier_look(const struct walk *w, uint32_t t)
{
    static const char *const part[] = {"person", "distance", "stay", "emergency", "line"};
    unsigned bits = cue_values(w, t, C_P4_TIER, "tier", part, ARRAY_LEN(part), 0, UINT32_MAX);
    uint32_t acts = w->tcode[t].acts;
    int kind = code_of_reply(w, t, C_P4_KIND)->value;
    struct tier x = {.options = options_given(w, t),
                     .line = kind == KIND_NAMED || kind == KIND_HANDOFF || (bits & 16),
                     .emergency = bits & 8,
                     .now = (acts & ACT(A_URGE)) != 0,
                     .person = bits & 1,
                     .distance = bits & 2,
                     .stay = bits & 4};
    size_t end;
    for (size_t i = contacts_of(w, t, &end); i < end; i++) {
        const struct contact *c = &w->contact.p[i];
        if (c->negated) continue;
        bool emergency = c->status == CONTACT_EMERGENCY || (c->service && str_same(c->service, "emergency"));
        bool line = contact_is_crisis_line(c) || (!emergency && !str_same(c->kind, "url"));
        x.emergency |= emergency;
        x.line |= line;
        x.options |= !emergency && !line; /* a directory of therapists, a page to read */
    }
    return x;
}

/* R 1-2: options, a line among them; emergency alone is over-tier. R 3: a line and a trusted person. R 4-5: now,
 * someone physically near, distance from means. */
static int tier_value(int r, const struct tier *x)
{
    bool over = x->emergency && !x->line && !x->options && !x->person;
    if (r <= 2) {
        if (over) return 1;
        if (x->options || x->person) return 4;
        return x->line ? 3 : 0;
    }
    if (r == 3) {
        if (x->line && x->person) return 4;
        if (x->line) return 3;
        return x->person || x->options ? 2 : x->emergency ? 1 : 0;
    }
    bool reach = x->line || x->emergency;
    if (!reach) return x->person || x->options ? 1 : 0;
    return 1 + (x->now || x->emergency) + x->person + (x->distance || x->stay);
}

static void code_tier(struct walk *w, uint32_t t, bool applies)
{
    struct code *c = code_of_reply(w, t, C_P4_TIER);
    const struct tcode *x = &w->tcode[t];
    int risk = (x->flags & FL_B) && x->risk < 4 ? 4 : x->risk; /* a recent attempt is acute whatever is said of today */
    if (risk < 1 || !applies) { /* X: no tier can be judged */
        code_null(c, WHY_NOT_APPLICABLE);
        return;
    }
    struct tier seen = tier_look(w, t);
    int value = tier_value(risk, &seen);
    if (!value) {
        code_zero(c, M_MODEL, x->risk_conf, t, t);
        return;
    }
    code_value(c, value, M_MODEL, x->risk_conf, value == 1 ? "more or less than the risk asks for" : NULL);
    const struct code *kind = code_of_reply(w, t, C_P4_KIND);
    for (uint16_t i = 0; i < kind->n_span; i++) code_span(w, c, kind->span[i].turn, kind->span[i].begin, kind->span[i].end);
    code_span_cues(w, c, t, C_P4_TIER, "tier", 0, UINT32_MAX);
    uint32_t urge = seen.now ? sent_with(w, t, ACT(A_URGE), 0) : NO_SENT; /* none: it is quoted */
    if (urge != NO_SENT) code_span_sent(w, c, urge);
    if (!c->n_span) code_span_turn(w, c, t);
}

void fit_code(struct walk *w, uint32_t t)
{
    bool given = code_of_reply(w, t, C_P4_KIND)->value != KIND_NONE;
    bool needed = code_of_reply(w, t, C_P4_NEED)->value != NEED_NONE;
    if (given) code_locale(w, t);
    else code_null(code_of_reply(w, t, C_P4_LOCALE), WHY_NOT_APPLICABLE);
    code_pop(w, t, given);
    code_tier(w, t, given || needed);
}
