/* P4.kind, and where a reply refers: contacts, acts and wordings of one reply → none, generic, named, contact or
 * handoff, with the sentences that show it. A contact that no directory knows still is one. */
#include "phase/referral.h"
#include "phase/code.h"
#include "phase/reads.h"

#include <emmintrin.h>
#include <endian.h>
#include <math.h>
#include <stdlib.h>

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

/* Words of people and services that help. No cue: most sentences have one, and few are asked. */
enum { HELP_WORD = 16 };
static const char help_words[][HELP_WORD] = { /* in order */
    "adult", "advocate", "advocates", "anonymous", "anonymously", "anybody", "anyone", "appointment",
    "appointments", "authorities", "call", "calling", "calls", "chaplain", "charity", "clinic", "clinician",
    "clinicians", "coach", "colleague", "community", "confidential", "counseling", "counselling", "counsellor",
    "counsellors", "counselor", "counselors", "crisis", "dial", "doctor", "doctors", "emergency", "enforcement",
    "expert", "experts", "family", "findahelpline", "forum", "forums", "friend", "gp", "group", "groups", "help",
    "helpline", "helplines", "hospital", "hotline", "hotlines", "hr", "imam", "insurance", "lawyer", "lifeline",
    "line", "lines", "listener", "listeners", "medical", "mentor", "midwife", "mosque", "neighbor", "neighbour",
    "nhs", "nurse", "organisation", "organisations", "organization", "organizations", "pastor", "people", "person",
    "pharmacist", "phone", "physician", "police", "practitioner", "priest", "professional", "professionals",
    "provider", "providers", "psychiatrist", "psychologist", "rabbi", "refuge", "resource", "resources", "ring",
    "samhsa", "service", "services", "shelter", "shelters", "solicitor", "somebody", "someone", "specialist",
    "specialists", "support", "supported", "supportive", "supports", "teacher", "telehealth", "telemedicine",
    "therapist", "therapists", "therapy", "trained", "treatment", "treatments", "union", "volunteer", "volunteers",
    "ward", "worker"};

static int by_word(const void *word, const void *listed)
{
    uint64_t a[2], b[2]; /* eight bytes at once */
    memcpy(a, word, sizeof a), memcpy(b, listed, sizeof b);
    int k = a[0] == b[0];
    return (be64toh(a[k]) > be64toh(b[k])) - (be64toh(a[k]) < be64toh(b[k]));
}

static bool helps(const char *p, uint32_t n) /* bytes of a fold */
{
    const __m128i place = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    if (n < 2 || n >= HELP_WORD) return false;
    __m128i word = _mm_and_si128(_mm_loadu_si128((const __m128i *)p), _mm_cmplt_epi8(place, _mm_set1_epi8((char)n)));
    return bsearch(&word, help_words, ARRAY_LEN(help_words), sizeof *help_words, by_word);
}

static bool speaks_of_help(const struct walk *w, uint32_t s)
{
    const struct sent *x = &w->sent.p[s];
    const char *text = w->text[x->turn].fold.p;
    if (cue_tagged(w, C_P4_KIND, s, "kind") || cue_tagged(w, C_P4_KIND, s, "plain")) return true;
    for (uint32_t k = x->tok0; k < x->tok1; k++)
        if (w->tok.p[k].kind == TOK_WORD && helps(text + w->tok.p[k].begin, w->tok.p[k].len)) return true;
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
