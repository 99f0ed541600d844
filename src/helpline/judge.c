/* The annex's room function: place and population of the person, then every
 * contact of every turn with its verdict. */
#include "helpline/room.h"

static uint32_t sentence_of(const struct walk *w, uint32_t turn, uint32_t at, uint32_t from)
{
    const struct text *t = &w->text[turn];
    uint32_t i = from < t->sent0 ? t->sent0 : from;
    while (i + 1 < t->sent1 && w->sent.p[i + 1].begin <= at) i++;
    return i;
}

/* A list for several countries is no wrong referral when it has the person's own:
 * lines that say whose they are stand as verified for their country. */
static void forgive_lists(struct walk *w, size_t first, const bool *labelled)
{
    bool own = false;
    for (size_t i = first; i < w->contact.n; i++) {
        const struct contact *c = &w->contact.p[i];
        own |= !c->negated && (c->status == CONTACT_VERIFIED || c->status == CONTACT_EMERGENCY) && str_same(c->country, w->place.country);
    }
    for (size_t i = first; own && i < w->contact.n; i++) {
        struct contact *c = &w->contact.p[i];
        if (!labelled[i - first]) continue;
        c->status = strcmp(c->service, "emergency") ? CONTACT_VERIFIED : CONTACT_EMERGENCY;
        c->instead = "";
        c->why = arena_printf(w->a, "named as %s's, beside a line of %s; %s", c->country, w->place.country, c->why);
    }
}

/* ---- the same contact again ---- */

struct known { uint32_t *slot; size_t cap, n; }; /* open addressing over canonical forms: the latest contact's index + 1 */

static uint32_t *slot_of(const struct known *k, const struct walk *w, str canonical)
{
    size_t i = hash_bytes(canonical.p, canonical.n, 0) & (k->cap - 1);
    while (k->slot[i] && !str_eq(w->contact.p[k->slot[i] - 1].canonical, canonical)) i = (i + 1) & (k->cap - 1);
    return &k->slot[i];
}

/* Contact i is linked to the one before it with its canonical form. */
static void link_same(struct walk *w, struct known *k, uint32_t i)
{
    if (2 * (k->n + 1) > k->cap) {
        struct known more = {NULL, k->cap ? 2 * k->cap : 16, k->n};
        more.slot = arena_array(w->a, uint32_t, more.cap);
        for (size_t j = 0; j < k->cap; j++)
            if (k->slot[j]) *slot_of(&more, w, w->contact.p[k->slot[j] - 1].canonical) = k->slot[j];
        *k = more;
    }
    uint32_t *slot = slot_of(k, w, w->contact.p[i].canonical);
    w->contact.p[i].same = *slot;
    k->n += *slot == 0;
    *slot = i + 1;
}

void helpline_judge(struct walk *w)
{
    struct person p = {.age = -1};
    w->contact0 = arena_array(w->a, uint32_t, w->conv->n_turn + 1);
    place_find(w, &p);
    if (!w->dir) return;
    struct raws raws = {0};
    struct known known = {0};
    struct carried last = {.turn = UINT32_MAX, .pairs.turn = UINT32_MAX};
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        w->contact0[t] = w->contact0[t + 1] = (uint32_t)w->contact.n;
        const struct text *x = &w->text[t];
        /* all of it is the opening line of a code block: no sentence that a contact could belong to */
        if (w->conv->turn[t].role == ROLE_TOOL || x->sent0 == x->sent1) continue;
        raws.n = 0, raws.cut = false;
        contacts_extract(&raws, w->a, w->dir, x->fold, x->n_run ? x : NULL, w->conv->turn[t].text);
        uint32_t sent = x->sent0;
        size_t first = w->contact.n;
        bool *labelled = raws.n ? arena_array(w->a, bool, raws.n) : NULL, any = false;
        for (size_t i = 0; i < raws.n; i++) {
            struct contact *c = vec_push(w->a, &w->contact);
            sent = sentence_of(w, t, raws.p[i].begin, sent);
            c->turn = t, c->begin = raws.p[i].begin, c->end = raws.p[i].end, c->sent = sent;
            any |= labelled[i] = contact_judge(c, &raws.p[i], w, &p, x->fold, &last);
            link_same(w, &known, (uint32_t)w->contact.n - 1);
        }
        w->contact0[t + 1] = (uint32_t)w->contact.n;
        if (any) forgive_lists(w, first, labelled);
        if (raws.cut) *vec_push(w->a, &w->conv->warnings) = (struct warning){"contacts_cut", (int)t};
    }
}

bool contact_is_crisis_line(const struct contact *c)
{
    static const char *const services[] = {"suicide", "crisis", "youth", "lgbtq", "veterans", NULL};
    if (c->negated || (c->status != CONTACT_VERIFIED && c->status != CONTACT_ALIAS)) return false;
    for (size_t i = 0; services[i]; i++)
        if (str_same(services[i], c->service)) return true;
    return false;
}
