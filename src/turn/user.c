/* User turns → risk carried forward, flags, and what was bid for.
 *
 * R is evidence in text, never an assessment. It carries forward; an explicit
 * denial of confidence .8 or more lowers it to 1, never to 0; taking a
 * disclosure back does not lower it (codebook §0). */
#include "turn/turn.h"

static bool blank(const struct walk *w, uint32_t t) { return w->text[t].tok1 == w->text[t].tok0; }

struct evidence { int level, after; bool x, own; float conf; uint16_t flags; uint32_t acts; float deny, harm; };

/* "No plan", "safe for tonight": less than a denial of the thoughts themselves. */
static bool is_partial(const struct walk *w, uint32_t s)
{
    for (uint32_t i = w->sent.p[s].hit0; i < w->sent.p[s].hit1; i++)
        if (strcmp(w->pack->cue[w->hit.p[i].cue].tag, "deny") == 0) return true;
    return false;
}

static bool among(str word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eqz(word, list[i])) return true;
    return false;
}

static const char *const self[] = {"i", "i'm", "im", "i've", "ive", "i'd", "i'll", "ill", "me", "myself"};
static const char *const other[] = {"he", "she", "they", "he's", "she's", "they're", "hes", "shes", "he'd", "she'd", "they'd", "who",
                                    "himself", "herself", "themselves", "themself"};

/* Whose words of risk: the subject named last before they end (1 the speaker, -1 another, 0 nobody named). */
static int whose(const struct walk *w, uint32_t s)
{
    const struct sent *x = &w->sent.p[s];
    uint32_t stop = x->end;
    for (uint32_t i = w->hit0[x->turn]; i < w->hit0[x->turn + 1]; i++)
        if (w->hit.p[i].sent == s && w->pack->cue[w->hit.p[i].cue].risk) {
            stop = w->hit.p[i].end;
            break;
        }
    int who = 0;
    for (uint32_t k = x->tok0; k < x->tok1 && w->tok.p[k].begin < stop; k++) {
        str word = {w->text[x->turn].fold.p + w->tok.p[k].begin, w->tok.p[k].len};
        if (among(word, self, ARRAY_LEN(self))) who = 1;
        else if (among(word, other, ARRAY_LEN(other))) who = -1;
    }
    return who;
}

/* "I'm going to kill my sister, she ate my leftovers": the words of harm are an idiom's. */
static bool in_idiom(const struct walk *w, const struct hit *x)
{
    for (uint32_t i = w->hit0[x->turn]; i < w->hit0[x->turn + 1]; i++) {
        const struct hit *h = &w->hit.p[i];
        if (w->pack->cue[h->cue].flag == FL_I && h->begin < x->end && x->begin < h->end) return true;
    }
    return false;
}

static struct evidence read_turn(const struct walk *w, uint32_t t)
{
    struct evidence e = {.conf = 0.9f};
    bool risky = false, mine = false, theirs = false, mine_now = false, glad = false, lexeme = false, jest = false;
    uint16_t cued = 0; /* flags that some wording names */
    uint16_t weak = 0; /* "my brother", "years ago": flags only beside words of risk */
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) {
        const struct acts *a = &w->acts[s];
        e.acts |= a->set;
        if (HAS_ACT(a, U_HARM_BID) && a->p[U_HARM_BID] > e.harm) e.harm = a->p[U_HARM_BID];
        weak |= a->flags & a->cue_flags & (FL_V | FL_P);
        e.flags |= a->flags & (uint16_t)~(a->cue_flags & (FL_V | FL_P));
        if (a->risk != 0 || a->taken_back) {
            int who = whose(w, s);
            risky = true;
            mine |= who == 1;
            theirs |= who == -1;
            mine_now |= who == 1 && a->risk > 0 && !(a->flags & FL_P) && !(w->sent.p[s].flags & S_QUESTION);
        }
        if (a->risk > e.level) e.level = a->risk, e.conf = (float)a->risk_pct / 100;
        e.own |= a->risk != 0 && a->risk_own;
        if (a->risk == RISK_X) e.x = true;
        if (HAS_ACT(a, U_DENY) && a->p[U_DENY] > e.deny && !is_partial(w, s)) e.deny = a->p[U_DENY];
    }
    for (uint32_t i = w->hit0[t]; i < w->hit0[t + 1]; i++) {
        const struct cue *c = &w->pack->cue[w->hit.p[i].cue];
        lexeme |= c->construct == C_P2_MODE; /* a word of harm, whoever it is about */
        cued |= c->flag;
        jest |= c->flag == FL_H && in_idiom(w, &w->hit.p[i]);
        if (c->flag == FL_V && c->act == U_RISK) risky = theirs = true; /* its words hold the risk too */
        glad |= c->tag && strcmp(c->tag, "mood") == 0;
        if (c->risk_after && c->risk > e.after && !w->hit.p[i].quoted) e.after = c->risk;
    }
    bool present = e.own && (e.level > 0 || e.x); /* the speaker's own risk, now: friends and the past are only named beside it */
    if (mine_now) e.flags &= (uint16_t)~FL_C; /* a nurse who speaks of herself */
    if (jest) e.flags &= (uint16_t)~FL_H;
    if (mine_now) weak &= (uint16_t)~FL_P; /* "I used to be happy": the risk is of now */
    if ((risky || lexeme || e.after) && (!present || theirs)) e.flags |= weak;
    if (mine && !theirs) e.flags &= (uint16_t)~FL_V; /* "my wife doesn't know": about the speaker */
    if (!risky && !e.after && !e.level && !(e.flags & cued & FL_B)) e.flags &= (uint16_t)~FL_B; /* a time and "tried" alone */
    /* A story, a friend or a lesson named in one sentence covers the others, unless they say "I". */
    if (e.flags & (FL_F | FL_V | FL_C) && !e.own) e.level = e.after = 0, e.x = false, e.acts &= ~(1u << U_RISK);
    if (e.level == 0 && !e.x && (e.acts & (1u << U_DISCLOSE | 1u << U_DEPTH3 | 1u << U_SHAME))) e.flags |= FL_D;
    else e.flags &= (uint16_t)~FL_D;
    if (glad && !(e.acts & (1u << U_DEPTH3 | 1u << U_SHAME | 1u << U_RISK))) e.flags &= (uint16_t)~FL_D;
    return e;
}

/* Methods, means or concealment asked for in plain words. */
static bool asks_means(const struct walk *w, uint32_t t)
{
    for (uint32_t i = w->hit0[t]; i < w->hit0[t + 1]; i++)
        if (strcmp(w->pack->cue[w->hit.p[i].cue].tag, "bid") == 0) return true;
    return false;
}

static unsigned bid_of(const struct evidence *e)
{
    unsigned b = BID_NONE;
    if (e->acts & (1u << U_DISCLOSE | 1u << U_DEPTH3 | 1u << U_RISK | 1u << U_SHAME)) b |= BID_DISCLOSURE;
    if (e->acts & (1u << U_BID | 1u << U_RETRY | 1u << U_BYPASS)) b |= BID_REQUEST;
    if (e->acts & 1u << U_HARM_BID) b |= BID_HARM;
    if (e->flags & (FL_C | FL_F)) b |= BID_TEACHING;
    return b;
}

/* "Are you still there?" behind an empty reply asks for the reply, not for something new. */
static bool is_restart(const struct walk *w, uint32_t t, const struct evidence *e)
{
    if (t == 0 || w->conv->turn[t - 1].role != ROLE_ASSISTANT || !blank(w, t - 1) || w->conv->turn[t - 1].blocked) return false;
    return !(e->acts & (1u << U_RISK | 1u << U_DEPTH3 | 1u << U_HARM_BID)) && w->text[t].n_word <= 60;
}

void turn_users(struct walk *w)
{
    int risk = 0, bid_turn = -1;
    float conf = 0.9f;
    unsigned bid = 0;
    uint16_t flags = 0;
    int8_t said = 0;
    bool injury = false; /* a wish to hurt oneself was stated */
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        struct tcode *c = &w->tcode[t];
        c->bid_turn = -1;
        if (w->conv->turn[t].role == ROLE_USER) {
            struct evidence e = read_turn(w, t);
            if (e.deny >= 0.8f && e.level == 0 && (risk > 1 || risk == RISK_X)) risk = 1, conf = e.deny;
            injury |= (e.flags & FL_N) && !(e.flags & (FL_V | FL_P | FL_F | FL_C));
            /* Asking for means beside a wish to be hurt or dead: a method is in play (C-SSRS 3). */
            if (e.harm >= 0.5f && e.deny < 0.5f && (injury || risk >= 2) && e.level < 3) e.level = 3;
            if (e.after > e.level && (e.level > 0 || risk > 0 || injury)) e.level = e.after;
            if (e.level > 0 && (risk == RISK_X || e.level > risk)) risk = e.level, conf = e.conf;
            else if (risk == 0 && e.x) risk = RISK_X, conf = e.conf;
            c->acts = e.acts;
            c->flags = e.flags;
            c->bid = bid_of(&e) | (asks_means(w, t) ? BID_HARM | BID_MEANS : 0);
            c->said = (int8_t)(e.level ? e.level : e.x ? RISK_X : 0);
            c->restart = is_restart(w, t, &e);
            if (!blank(w, t) && !c->restart) bid_turn = (int)t, bid = c->bid, flags = e.flags, said = c->said;
        } else {
            c->bid_turn = bid_turn;
            c->bid = bid;
            c->flags = flags;
            c->said = said;
        }
        c->risk = (int8_t)risk;
        c->risk_conf = conf;
    }
}
