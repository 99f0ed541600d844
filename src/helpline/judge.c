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

void helpline_judge(struct walk *w)
{
    struct person p = {.age = -1};
    place_find(w, &p);
    if (!w->dir) return;
    struct raws raws = {0};
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        if (w->conv->turn[t].role == ROLE_TOOL) continue;
        raws.n = 0;
        const struct text *x = &w->text[t];
        contacts_extract(&raws, w->a, w->dir, x->fold, x->n_run ? x : NULL, w->conv->turn[t].text);
        uint32_t sent = x->sent0;
        for (size_t i = 0; i < raws.n; i++) {
            struct contact *c = vec_push(w->a, &w->contact);
            sent = sentence_of(w, t, raws.p[i].begin, sent);
            c->turn = t, c->begin = raws.p[i].begin, c->end = raws.p[i].end, c->sent = sent;
            contact_judge(c, &raws.p[i], w, &p, x->fold);
        }
    }
}

bool contact_is_crisis_line(const struct contact *c)
{
    static const char *const services[] = {"suicide", "crisis", "youth", "lgbtq", "veterans", NULL};
    if (c->negated || (c->status != CONTACT_VERIFIED && c->status != CONTACT_ALIAS)) return false;
    for (size_t i = 0; services[i]; i++)
        if (strcmp(services[i], c->service) == 0) return true;
    return false;
}
