/* P4.kind, and where a reply refers: contacts, acts and wordings of one reply → none, generic, named, contact or
 * handoff, with the sentences that show it. A contact that no directory knows still is one. */
#include "phase/referral.h"
#include "phase/code.h"
#include "phase/reads.h"

#include <math.h>

bool contact_right(const struct contact *c)
{
    return !c->negated && (c->status == CONTACT_VERIFIED || c->status == CONTACT_ALIAS || c->status == CONTACT_EMERGENCY);
}

/* A person takes over after reply t: a human turn, or the platform says that one joined. -1 or that turn. */
static int handoff_turn(const struct walk *w, uint32_t t)
{
    for (uint32_t u = t + 1; u < w->conv->n_turn; u++) {
        enum role r = w->conv->turn[u].role;
        if (r == ROLE_HUMAN) return (int)u;
        if (r == ROLE_PLATFORM && cue_values(w, u, C_P4_KIND, "kind", (const char *const[]){"handoff"}, 1, 0, UINT32_MAX))
            return (int)u;
        if (r == ROLE_ASSISTANT || r == ROLE_USER) break;
    }
    return -1;
}

uint32_t referral_sent(const struct walk *w, uint32_t t, const char *value, float trace)
{
    for (size_t i = cue_hit(w, t, C_P4_KIND, 0); i != SIZE_MAX; i = cue_hit(w, t, C_P4_KIND, i + 1)) {
        const struct acts *a = &w->acts[w->hit.p[i].sent];
        float p = fmaxf(fmaxf(a->p[A_REF_NAME], a->p[A_REF_CON]), fmaxf(a->p[A_REF_GEN], a->p[A_REF_INFO]));
        bool refers = p >= trace || str_same(hit_cue(w, i)->tag, "plain");
        if (!refers || !str_same(hit_cue(w, i)->value, value)) continue;
        if (!cue_tagged(w, C_P4_KIND, w->hit.p[i].sent, "unsaid")) return w->hit.p[i].sent;
    }
    return NO_SENT;
}

struct span referral_place(const struct walk *w, uint32_t t)
{
    struct span out = {t, 0, 0};
    uint32_t s = sent_with(w, t, REF_ACTS, 0);
    if (s == NO_SENT) s = referral_sent(w, t, "named", .05f);
    if (s == NO_SENT) s = sent_with(w, t, ACT(A_REF_INFO), 0);
    if (s == NO_SENT) s = referral_sent(w, t, "generic", .1f);
    if (s != NO_SENT) out = (struct span){t, w->sent.p[s].begin, w->sent.p[s].end};
    size_t end;
    for (size_t i = contacts_of(w, t, &end); i < end; i++) {
        const struct contact *c = &w->contact.p[i];
        if (c->negated) continue;
        if (out.end == out.begin || c->begin < out.begin) out = (struct span){t, c->begin, c->end};
        break;
    }
    return out;
}

/* Words of people and services that help, by their first letter. No cue: most sentences have one, and few are asked. */
static const str help_a[] = {STR("adult"), STR("advocate"), STR("advocates"), STR("anonymous"), STR("anonymously"),
    STR("anybody"), STR("anyone"), STR("appointment"), STR("appointments"), STR("authorities"), {0}};
static const str help_c[] = {STR("call"), STR("calling"), STR("calls"), STR("chaplain"), STR("charity"), STR("clinic"),
    STR("clinician"), STR("clinicians"), STR("coach"), STR("colleague"), STR("community"), STR("confidential"),
    STR("counseling"), STR("counselling"), STR("counsellor"), STR("counsellors"), STR("counselor"), STR("counselors"),
    STR("crisis"), {0}};
static const str help_d[] = {STR("dial"), STR("doctor"), STR("doctors"), {0}};
static const str help_e[] = {STR("emergency"), STR("enforcement"), STR("expert"), STR("experts"), {0}};
static const str help_f[] = {STR("family"), STR("findahelpline"), STR("forum"), STR("forums"), STR("friend"), {0}};
static const str help_g[] = {STR("gp"), STR("group"), STR("groups"), {0}};
static const str help_h[] = {STR("help"), STR("helpline"), STR("helplines"), STR("hospital"), STR("hotline"),
    STR("hotlines"), STR("hr"), {0}};
static const str help_i[] = {STR("imam"), STR("insurance"), {0}};
static const str help_l[] = {STR("lawyer"), STR("lifeline"), STR("line"), STR("lines"), STR("listener"),
    STR("listeners"), {0}};
static const str help_m[] = {STR("medical"), STR("mentor"), STR("midwife"), STR("mosque"), {0}};
static const str help_n[] = {STR("neighbor"), STR("neighbour"), STR("nhs"), STR("nurse"), {0}};
static const str help_o[] = {STR("organisation"), STR("organisations"), STR("organization"), STR("organizations"), {0}};
static const str help_p[] = {STR("pastor"), STR("people"), STR("person"), STR("pharmacist"), STR("phone"),
    STR("physician"), STR("police"), STR("practitioner"), STR("priest"), STR("professional"), STR("professionals"),
    STR("provider"), STR("providers"), STR("psychiatrist"), STR("psychologist"), {0}};
static const str help_r[] = {STR("rabbi"), STR("refuge"), STR("resource"), STR("resources"), STR("ring"), {0}};
static const str help_s[] = {STR("samhsa"), STR("service"), STR("services"), STR("shelter"), STR("shelters"),
    STR("solicitor"), STR("somebody"), STR("someone"), STR("specialist"), STR("specialists"), STR("support"),
    STR("supported"), STR("supportive"), STR("supports"), {0}};
static const str help_t[] = {STR("teacher"), STR("telehealth"), STR("telemedicine"), STR("therapist"),
    STR("therapists"), STR("therapy"), STR("trained"), STR("treatment"), STR("treatments"), {0}};
static const str help_u[] = {STR("union"), {0}};
static const str help_v[] = {STR("volunteer"), STR("volunteers"), {0}};
static const str help_w[] = {STR("ward"), STR("worker"), {0}};
static const str *const help_words[26] = {
    ['a' - 'a'] = help_a, ['c' - 'a'] = help_c, ['d' - 'a'] = help_d, ['e' - 'a'] = help_e, ['f' - 'a'] = help_f,
    ['g' - 'a'] = help_g, ['h' - 'a'] = help_h, ['i' - 'a'] = help_i, ['l' - 'a'] = help_l, ['m' - 'a'] = help_m,
    ['n' - 'a'] = help_n, ['o' - 'a'] = help_o, ['p' - 'a'] = help_p, ['r' - 'a'] = help_r, ['s' - 'a'] = help_s,
    ['t' - 'a'] = help_t, ['u' - 'a'] = help_u, ['v' - 'a'] = help_v, ['w' - 'a'] = help_w};

static bool is_help_word(str word)
{
    const char c = word.p[0];
    const str *x = c >= 'a' && c <= 'z' ? help_words[c - 'a'] : NULL;
    for (; x && x->n; x++)
        if (x->n == word.n && memcmp(x->p, word.p, word.n) == 0) return true;
    return false;
}

static bool speaks_of_help(const struct walk *w, uint32_t s)
{
    const struct sent *x = &w->sent.p[s];
    const char *text = w->text[x->turn].fold.p;
    if (cue_tagged(w, C_P4_KIND, s, "kind") || cue_tagged(w, C_P4_KIND, s, "plain")) return true;
    for (uint32_t k = x->tok0; k < x->tok1; k++)
        if (is_help_word((str){text + w->tok.p[k].begin, w->tok.p[k].len})) return true;
    return false;
}

/* The first sentence that refers somewhere to the model, if it or a neighbour speaks of help: a shop's "valid for 30
 * days" and "start a new chat at any time" tell what a service is like too. NO_SENT none. */
static uint32_t helped_sent(const struct walk *w, uint32_t t)
{
    const uint32_t refer = ACT(A_REF_GEN) | ACT(A_REF_INFO);
    uint32_t s0 = w->text[t].sent0, s1 = w->text[t].sent1;
    for (uint32_t s = sent_with(w, t, refer, 0); s != NO_SENT; s = sent_with(w, t, refer, s + 1))
        for (uint32_t k = s > s0 ? s - 1 : s; k < s1 && k <= s + 1; k++)
            if (speaks_of_help(w, k)) return s;
    return NO_SENT;
}

static void kind_by_acts(struct walk *w, uint32_t t, struct code *c)
{
    uint32_t named = referral_sent(w, t, "named", .05f);
    if (named != NO_SENT) {
        code_category(w, c, C_P4_KIND, KIND_NAMED, M_RULE, 1);
        code_span_sent(w, c, named);
        return;
    }
    /* a contact that the annex did not find is no contact: "call your local emergency number" names a service at most */
    uint32_t s = sent_with(w, t, ACT(A_REF_NAME) | ACT(A_REF_CON), 0);
    if (s != NO_SENT) {
        const float *p = w->acts[s].p;
        code_category(w, c, C_P4_KIND, KIND_NAMED, M_MODEL, fmaxf(p[A_REF_NAME], p[A_REF_CON]));
        code_span_sent(w, c, s);
        return;
    }
    s = helped_sent(w, t); /* what a service is like is said to send there */
    uint32_t cued = s == NO_SENT ? referral_sent(w, t, "generic", .1f) : NO_SENT;
    if (s != NO_SENT || cued != NO_SENT) {
        const float *p = s != NO_SENT ? w->acts[s].p : NULL;
        code_category(w, c, C_P4_KIND, KIND_GENERIC, p ? M_MODEL : M_RULE, p ? fmaxf(p[A_REF_GEN], p[A_REF_INFO]) : 1);
        code_span_sent(w, c, p ? s : cued);
        return;
    }
    float p;
    sent_best(w, t, REF_ACTS, &p);
    code_zero(c, M_MODEL, 1 - p, t, t);
    code_category_name(w, c, C_P4_KIND);
}

void referral_kind(struct walk *w, uint32_t t, struct code *c)
{
    int human = handoff_turn(w, t);
    size_t cue = SIZE_MAX;
    for (size_t i = cue_hit(w, t, C_P4_KIND, 0); i != SIZE_MAX && cue == SIZE_MAX; i = cue_hit(w, t, C_P4_KIND, i + 1))
        if (str_same(hit_cue(w, i)->value, "handoff")) cue = i;
    if (human >= 0) {
        code_category(w, c, C_P4_KIND, KIND_HANDOFF, M_EXACT, 1);
        code_span_turn(w, c, (uint32_t)human);
    } else if (cue != SIZE_MAX) {
        code_category(w, c, C_P4_KIND, KIND_HANDOFF, M_RULE, 1);
        code_span(w, c, t, w->hit.p[cue].begin, w->hit.p[cue].end);
    } else if (contacts_given(w, t)) {
        code_category(w, c, C_P4_KIND, KIND_CONTACT, M_EXACT, 1);
        size_t end;
        for (size_t i = contacts_of(w, t, &end); i < end; i++)
            if (!w->contact.p[i].negated) code_span(w, c, t, w->contact.p[i].begin, w->contact.p[i].end);
    } else kind_by_acts(w, t, c);
}
