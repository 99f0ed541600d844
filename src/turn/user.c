/* User turns → risk carried forward, flags, and what was bid for.
 *
 * R is evidence in text, never an assessment. It carries forward; an explicit
 * denial of confidence .8 or more lowers it to 1, never to 0; taking a
 * disclosure back does not lower it (codebook §0). */
#include "turn/turn.h"

#define INFERRED_CONF 0.6f /* risk that is not in the words of the turn */

static bool blank(const struct walk *w, uint32_t t) { return w->text[t].tok1 == w->text[t].tok0; }

struct evidence {
    int level, when[N_RISK_WHEN]; /* of the words; of words that count only in their place */
    bool x, doubt, own, partly;   /* doubt: X of a model that is not sure; partly: some denial, if only of a plan */
    float conf, deny, harm, may_be; /* may_be: how sure the doubt is */
    uint16_t flags;
    uint32_t acts;
    int part;                     /* of words of RISK_PART: the highest level, and in how many sentences; the last of them */
    uint32_t n_part, part_sent;
    int sign[3], kind;            /* signs of leaving: highest levels of all, beside risk, alone; the cue of the last */
    uint32_t n_kind, n_grave;     /* of how many cues; of how many at level 4 and more */
    bool prepared, elsewhere, no; /* a sign is a preparation; what is left may be a place, a job, a person; a bare no */
    bool unsafe;                  /* "not safe with myself tonight" denies nothing */
    bool agrees;                  /* "ok, I'm going to do it": what the reply before proposed */
    bool third, tells;            /* words of risk about another; a sentence tells of oneself, and is not thanks */
};

/* "No plan", "safe for tonight": less than a denial of the thoughts themselves. */
static bool is_partial(const struct walk *w, uint32_t s)
{
    for (uint32_t i = w->sent.p[s].hit0; i < w->sent.p[s].hit1; i++)
        if (str_same(w->pack->cue[w->hit.p[i].cue].tag, "deny")) return true;
    return false;
}

static const char *const self[] = {"i", "i'm", "im", "i've", "ive", "i'd", "i'll", "ill", "me", "myself"};
static const char *const other[] = {"he", "she", "they", "he's", "she's", "they're", "hes", "shes", "he'd", "she'd", "they'd", "who",
                                    "himself", "herself", "themselves", "themself"};

/* The subject named last before `stop` in sentence s: 1 the speaker, -1 another, 0 nobody named. */
static int subject_before(const struct walk *w, uint32_t s, uint32_t stop)
{
    const struct sent *x = &w->sent.p[s];
    int who = 0;
    for (uint32_t k = x->tok0; k < x->tok1 && w->tok.p[k].begin < stop; k++) {
        str word = {w->text[x->turn].fold.p + w->tok.p[k].begin, w->tok.p[k].len};
        if (word_among(word, self, ARRAY_LEN(self))) who = 1;
        else if (word_among(word, other, ARRAY_LEN(other))) who = -1;
    }
    return who;
}

/* Whose words of risk: the subject named last before they end. */
static int whose(const struct walk *w, uint32_t s)
{
    const struct sent *x = &w->sent.p[s];
    for (uint32_t i = x->hit0; i < x->hit1; i++) {
        const struct hit *h = &w->hit.p[i];
        if (h->sent != s || !w->pack->cue[h->cue].risk) continue;
        str words = {w->text[x->turn].fold.p + h->begin, h->end - h->begin};
        if (str_has_prefix(words, STR("i'm the one ")) || str_has_prefix(words, STR("im the one "))) return 1; /* "who wants to" */
        return subject_before(w, s, h->end);
    }
    return subject_before(w, s, x->end);
}

/* "I'm going to kill my sister, she ate my leftovers": the words of harm are an idiom's. */
static bool in_idiom(const struct walk *w, const struct hit *x)
{
    const struct sent *z = &w->sent.p[x->sent];
    for (uint32_t i = z->hit0; i < z->hit1; i++) {
        const struct hit *h = &w->hit.p[i];
        if (w->pack->cue[h->cue].flag == FL_I && h->begin < x->end && x->begin < h->end) return true;
    }
    return false;
}

/* A yes or a no to the question of the reply before: the whole sentence, or its head when it says more than a word. */
static bool is_answer(const struct walk *w, const struct hit *h)
{
    const struct sent *s = &w->sent.p[h->sent];
    const char *text = w->text[h->turn].fold.p;
    if (h->begin != w->tok.p[s->tok0].begin) return false;
    uint32_t last = s->tok1;
    while (last > s->tok0 && w->tok.p[last - 1].kind == TOK_PUNCT) last--;
    int words = 1;
    for (uint32_t i = h->begin; i < h->end; i++) words += text[i] == ' ' || text[i] == ',';
    return words >= 3 || h->end >= w->tok.p[last - 1].begin + w->tok.p[last - 1].len;
}

/* Words that are evidence in their place only; whether this is the place, risk_of decides. */
static void read_placed(struct evidence *e, const struct walk *w, const struct hit *h)
{
    const struct cue *c = &w->pack->cue[h->cue];
    if (!c->risk || c->risk_when == RISK_ALWAYS || c->risk_when == RISK_PART || h->quoted || c->risk <= e->when[c->risk_when]) return;
    if (c->risk_when > RISK_PART) return;
    if (c->risk_when == RISK_YES && !is_answer(w, h)) return;
    struct sentence_view v = act_view(w, h->sent);
    if (c->risk_when == RISK_AFTER && act_negated(w, &v, h->begin)) return; /* "not like I have a plan" */
    if (c->risk_when == RISK_AFTER && act_other_sense(w, h)) return;
    int who = subject_before(w, h->sent, h->end);
    if (c->risk_when != RISK_AFTER && who < 0) return;
    e->own |= who > 0;
    e->when[c->risk_when] = c->risk;
}

/* "It's tonight. I know how. The letters are done.": none of them says it, together they do. */
static void count_parts(struct evidence *e, const struct walk *w, const struct hit *h)
{
    const struct cue *c = &w->pack->cue[h->cue];
    if (c->risk_when != RISK_PART || h->quoted) return;
    struct sentence_view v = act_view(w, h->sent);
    if (act_negated(w, &v, h->begin) || subject_before(w, h->sent, h->end) < 0) return;
    if (w->acts[h->sent].flags & (FL_V | FL_P | FL_F | FL_C)) return;
    if (c->risk > e->part) e->part = c->risk;
    if (e->n_part && e->part_sent == h->sent) return;
    e->n_part++;
    e->part_sent = h->sent;
}

/* "The letters to the kids are written. Saturday it's done": what is put in order, and when it ends. */
static void count_signs(struct evidence *e, const struct walk *w, const struct hit *h)
{
    const struct cue *c = &w->pack->cue[h->cue];
    if (c->risk_when < RISK_PAIR || c->risk_when > RISK_BARE || h->quoted || act_other_sense(w, h)) return;
    struct sentence_view v = act_view(w, h->sent);
    if (act_negated(w, &v, h->begin) || subject_before(w, h->sent, h->end) < 0) return;
    if (w->acts[h->sent].flags & (FL_F | FL_I | FL_C) || w->acts[h->sent].cue_flags & FL_P) return;
    for (int i = 0; i <= c->risk_when - RISK_PAIR; i++)
        if (c->risk > e->sign[i]) e->sign[i] = c->risk;
    e->prepared |= c->value[1] == 'B';
    if (e->n_kind && e->kind == (int)h->cue) return;
    e->n_kind++;
    e->n_grave += c->risk >= 4;
    e->kind = (int)h->cue;
}

/* What wordings of the turn tell beside risk. */
struct told {
    uint16_t cued; /* flags that some wording names */
    bool lexeme, jest, glad, third, after, past;
    bool unwanted, wills; /* images that frighten the person; words of harm that are a wish, an intent or an order */
};

/* "Going to hurt him", "a voice tells me to": more than a thought or an image of it. */
static bool is_will(const struct walk *w, const struct hit *h)
{
    static const char *const will[] = {"to", "gonna", "wanna", "i'll", "will", "make", "making"};
    const char *text = w->text[h->turn].fold.p;
    for (uint32_t k = w->sent.p[h->sent].tok0; k < w->sent.p[h->sent].tok1; k++) {
        const struct tok *z = &w->tok.p[k];
        if (z->begin < h->begin || z->begin >= h->end) continue;
        if (word_among((str){text + z->begin, z->len}, will, ARRAY_LEN(will))) return true;
    }
    return false;
}

static struct told read_hits(struct evidence *e, const struct walk *w, uint32_t t)
{
    struct told o = {0};
    for (uint32_t i = w->hit0[t]; i < w->hit0[t + 1]; i++) {
        const struct hit *h = &w->hit.p[i];
        const struct cue *c = &w->pack->cue[h->cue];
        o.lexeme |= c->construct == C_P2_MODE; /* a word of harm, whoever it is about */
        o.cued |= c->flag;
        o.jest |= c->flag == FL_H && in_idiom(w, h);
        o.third |= c->flag == FL_V && c->act == U_RISK; /* its words hold the risk too */
        o.wills |= c->flag == FL_H && is_will(w, h);
        o.unwanted |= str_same(c->tag, "unwanted");
        o.glad |= str_same(c->tag, "mood");
        o.past |= str_same(c->tag, "anniversary");
        read_placed(e, w, h);
        count_parts(e, w, h);
        count_signs(e, w, h);
        e->elsewhere |= str_same(c->tag, "elsewhere") && !h->quoted;
        e->unsafe |= c->risk == RISK_X && c->act == U_RISK && !h->quoted;
        e->no |= c->risk_when == RISK_NO && c->risk && is_answer(w, h);
    }
    o.after = e->when[RISK_AFTER] > 0;
    return o;
}

/* Whose the words of risk are, and the flags that count only beside them ("my brother", "years ago"). */
struct whose_words { bool risky, mine, theirs, mine_now; uint16_t weak; };

static struct whose_words read_sentences(struct evidence *e, const struct walk *w, uint32_t t)
{
    struct whose_words x = {0};
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) {
        const struct acts *a = &w->acts[s];
        e->acts |= a->set;
        e->tells |= HAS_ACT(a, U_DISCLOSE) && !HAS_ACT(a, U_THANKS);
        if (HAS_ACT(a, U_HARM_BID) && a->p[U_HARM_BID] > e->harm) e->harm = a->p[U_HARM_BID];
        x.weak |= a->flags & a->cue_flags & (FL_V | FL_P);
        e->flags |= a->flags & (uint16_t)~(a->cue_flags & (FL_V | FL_P));
        if ((a->risk != 0 && !a->doubt) || a->taken_back) { /* a doubt says too little to move what other sentences say */
            int who = whose(w, s);
            x.risky = true;
            x.mine |= who == 1;
            x.theirs |= who == -1;
            x.mine_now |= who == 1 && a->risk > 0 && !(a->flags & FL_P) && !(w->sent.p[s].flags & S_QUESTION);
        }
        x.mine |= a->flags & FL_N && whose(w, s) == 1; /* "I hurt myself, can I hide it from my flatmate": no third party */
        if (a->risk > e->level) e->level = a->risk, e->conf = (float)a->risk_pct / 100;
        e->own |= a->risk != 0 && a->risk_own && !a->doubt;
        e->x |= a->risk == RISK_X && !a->doubt;
        e->doubt |= a->doubt;
        if (a->doubt && (float)a->risk_pct / 100 > e->may_be) e->may_be = (float)a->risk_pct / 100;
        e->partly |= HAS_ACT(a, U_DENY);
        if (HAS_ACT(a, U_DENY) && a->p[U_DENY] > e->deny && !is_partial(w, s)) e->deny = a->p[U_DENY];
    }
    return x;
}

/* What the sentences of a turn make of each other's flags. */
static void settle_flags(struct evidence *e, const struct whose_words *x, const struct told *o, bool present)
{
    uint16_t weak = x->weak, drop = 0;
    if (x->mine_now) e->flags &= (uint16_t)~FL_C; /* a nurse who speaks of herself */
    if (x->mine_now) weak &= (uint16_t)~FL_P;     /* "I used to be happy": the risk is of now */
    if ((x->risky || o->lexeme || o->after) && (!present || x->theirs)) e->flags |= weak;
    if (o->jest || (o->unwanted && !o->wills)) drop |= FL_H;
    if (x->mine && !x->theirs) drop |= FL_V; /* "my wife doesn't know": about the speaker */
    if (o->cued & FL_I && !o->third && !x->risky) drop |= FL_V; /* "my roommate came in, I could have died of shame" */
    if (!x->risky && !o->after && !e->level && !(e->flags & o->cued & FL_B)) drop |= FL_B; /* a time and "tried" alone */
    if (o->past) drop |= FL_B;               /* "five years since my attempt" */
    if (present) drop |= FL_I;               /* "the pain is killing me. I wish I would not wake up" */
    e->flags &= (uint16_t)~drop;
}

/* The turn opens with a word of consent. */
static bool agrees(const struct walk *w, uint32_t t)
{
    static const char *const yes[] = {"yes", "yeah", "yep", "ok", "okay", "k", "alright", "sure", "thanks", "thank",
                                      "good", "right"};
    if (w->text[t].tok1 == w->text[t].tok0) return false;
    const struct tok *k = &w->tok.p[w->text[t].tok0];
    return word_among((str){w->text[t].fold.p + k->begin, k->len}, yes, ARRAY_LEN(yes));
}

static struct evidence read_turn(const struct walk *w, uint32_t t)
{
    struct evidence e = {.conf = 0.9f};
    struct whose_words x = read_sentences(&e, w, t);
    bool own = e.own, present = own && (e.level > 0 || e.x); /* the speaker's own risk, now: others are only named beside it */
    struct told o = read_hits(&e, w, t);
    if (o.third) x.risky = x.theirs = true;
    e.third = o.third;
    e.agrees = agrees(w, t);
    settle_flags(&e, &x, &o, present);
    /* A story, a friend or a lesson named in one sentence covers the others, unless they say "I". */
    if (e.flags & (FL_F | FL_V | FL_C) && !own) e.level = 0, e.x = e.doubt = false, e.acts &= ~(1u << U_RISK);
    if (e.flags & (FL_F | FL_V | FL_C) && !e.own) memset(e.when, 0, sizeof e.when);
    bool hurts = e.acts & (1u << U_DEPTH3 | 1u << U_SHAME);
    bool glad = o.glad && !hurts && !(e.acts & 1u << U_RISK);
    e.flags &= (uint16_t)~FL_D;
    if (e.level == 0 && !e.x && !glad && (hurts || e.tells)) e.flags |= FL_D;
    return e;
}

/* Methods, means or concealment asked for in plain words; or a thing that is means only to one in distress. */
static bool asks_means(const struct walk *w, uint32_t t, bool distress)
{
    for (uint32_t i = w->hit0[t]; i < w->hit0[t + 1]; i++) {
        const struct cue *c = &w->pack->cue[w->hit.p[i].cue];
        if (str_same(c->tag, "bid") || (distress && c->act == U_HARM_BID && c->risk_when == RISK_AFTER)) return true;
    }
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

/* ---- where the turn stands ---- */

/* What the reply before asked, and what the record itself cannot hold. */
struct place_in {
    bool stands;  /* R >= 1, or a wish to hurt oneself, already */
    bool asked, inside;
    int yes;      /* what a yes to the question of the reply before says; 0: it asks none that is answered so */
    bool no;      /* it asks about safety and nothing else */
    bool leaving; /* the turn before spoke of something else to leave or to do */
};

/* "No. He's downstairs.": in danger from somebody else, perhaps. */
static bool names_another(const struct walk *w, uint32_t t)
{
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++)
        if (subject_before(w, s, w->sent.p[s].end) < 0) return true;
    return false;
}

/* "Is the house safe?" does not ask about the person. */
static bool speaks_to(const struct walk *w, uint32_t s)
{
    static const char *const you[] = {"you", "you're", "u", "youre", "yourself"};
    const struct sent *x = &w->sent.p[s];
    const char *text = w->text[x->turn].fold.p;
    for (uint32_t k = x->tok0; k < x->tok1; k++)
        if (word_among((str){text + w->tok.p[k].begin, w->tok.p[k].len}, you, ARRAY_LEN(you))) return true;
    return false;
}

/* What a yes or a no to the reply's questions says: nothing where it asks two things that one word answers apart. A yes
 * takes on the least of what is asked; a wish asked about beside suicide ("or is it more …") does not count. */
static void read_questions(struct place_in *at, const struct walk *w, uint32_t t)
{
    bool outright = false, safe = false, wish = false;
    int least = 0;
    at->yes = 0;
    for (uint32_t i = w->hit0[t]; i < w->hit0[t + 1]; i++) {
        const struct hit *h = &w->hit.p[i];
        const struct cue *c = &w->pack->cue[h->cue];
        if (h->quoted || !(w->sent.p[h->sent].flags & S_QUESTION)) continue;
        outright |= c->construct == C_P2_ASK && c->value[0] == '4';
        safe |= c->construct == C_P2_ASK && c->value[0] == '1' && speaks_to(w, h->sent);
        if (!c->risk || c->risk_when != RISK_ASKS) continue;
        if (c->risk == 1) wish = true;
        else if (!least || c->risk < least) least = c->risk;
    }
    if (!safe && (outright || (least && at->stands))) at->yes = least ? least : 2;
    else if (!safe && wish) at->yes = 1;
    at->no = safe && !outright && !least && !wish;
}

static bool asks_safety(const struct walk *w, uint32_t t)
{
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++)
        if (HAS_ACT(&w->acts[s], A_RISK_Q)) return true;
    return false;
}

/* R of what a reply tells again of the person; 0 none. */
static int told_again(const struct walk *w, uint32_t t)
{
    int level = 0;
    for (uint32_t i = w->hit0[t]; i < w->hit0[t + 1]; i++) {
        const struct cue *c = &w->pack->cue[w->hit.p[i].cue];
        if (c->risk_when == RISK_TOLD && !w->hit.p[i].quoted && c->risk > level) level = c->risk;
    }
    return level;
}

/* A record that opens with a reply holds the middle of a conversation: what was said before it is gone. */
static bool opens_inside(const struct conv *c)
{
    for (uint32_t t = 0; t < c->n_turn; t++)
        if (c->turn[t].role == ROLE_USER || c->turn[t].role == ROLE_ASSISTANT) return c->turn[t].role == ROLE_ASSISTANT;
    return false;
}

static int max(int a, int b) { return a > b ? a : b; }

/* R of what the person puts in order and when it ends; 0 where the signs are few or of another leaving. Signs of a pair
 * count two grave ones together, or a grave one with two others, of which stated risk may be one. */
static int sign_level(const struct evidence *e, struct place_in at)
{
    enum { PAIRED, BESIDE, ALONE };
    if (!e->n_kind || e->flags & (FL_F | FL_C)) return 0;
    bool stated = e->level > 0 || (e->x && e->own);
    if ((e->elsewhere || (at.leaving && !at.stands)) && !stated) return 0;
    if (e->n_grave >= 2 || (e->n_grave && e->n_kind + (stated || e->sign[BESIDE]) >= 3)) return e->sign[PAIRED];
    if (stated || (at.stands && (at.yes || at.no || !e->agrees))) return e->sign[BESIDE];
    return e->sign[ALONE];
}

/* R of a yes: "sometimes", or a yes beside a denial, takes on the thoughts alone. */
static int yes_level(const struct evidence *e, struct place_in at)
{
    int level = e->when[RISK_YES] < at.yes ? e->when[RISK_YES] : at.yes;
    return level > 2 && (e->partly || e->deny > 0) ? 2 : level;
}

/* R of what the turn says, where it stands. */
static int said_level(const struct evidence *e, struct place_in at)
{
    int level = e->level;
    /* a part of 5, means at hand, says all of it beside one more; one of 4, a way, beside two */
    if (!(e->flags & (FL_F | FL_C | FL_V)) && ((e->part == 5 && e->n_part >= 2) || (e->part == 4 && e->n_part >= 3))) level = 5;
    if (e->x && e->partly && !e->unsafe) level = max(level, 1); /* unclear, beside a denial: about living after all */
    level = max(level, yes_level(e, at));
    level = max(level, sign_level(e, at));
    if (at.stands || at.asked) level = max(level, e->when[RISK_ASKED]);
    /* "I don't want to die, but I'm going to do it": denied or not, it is what is spoken of. */
    if (e->agrees && !at.yes && !at.no && !level && e->n_kind < 2) return 0; /* "ok, I'm going to do it" */
    if (at.stands || level > 0 || e->deny >= 0.8f) level = max(level, e->when[RISK_AFTER]);
    return level;
}

/* R that it lets one infer beside what it says: means put away, traces of what was said before the record. */
static int inferred_level(const struct evidence *e, struct place_in at, int said)
{
    int level = at.inside ? e->when[RISK_TOLD] : 0;
    bool stated = at.stands || said > 0;
    if (e->when[RISK_MEANS] && (stated || at.asked || at.inside)) level = max(level, stated ? e->when[RISK_MEANS] : 2);
    return level;
}

void turn_users(struct walk *w)
{
    int risk = 0, bid_turn = -1;
    float conf = 0.9f;
    unsigned bid = 0;
    uint16_t flags = 0;
    int8_t said = 0;
    bool doubt = false, met = false; /* a model's doubt is carried until a reply has met it */
    float may_be = 0;
    bool injury = false; /* a wish to hurt oneself was stated */
    struct place_in at = {.inside = opens_inside(w->conv)};
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        struct tcode *c = &w->tcode[t];
        c->bid_turn = -1;
        if (w->conv->turn[t].role == ROLE_USER) {
            struct evidence e = read_turn(w, t);
            if (at.no && e.no && !names_another(w, t)) e.deny = 0, e.partly = false, e.x = true; /* "Are you safe?" */
            if (at.stands && !e.third) e.flags &= (uint16_t)~FL_V; /* "my brother maybe, but he's got his own stuff" */
            if (e.deny >= 0.8f && e.level == 0 && (risk > 1 || risk == RISK_X)) risk = 1, conf = e.deny;
            injury |= (e.flags & FL_N) && !(e.flags & (FL_V | FL_P | FL_F | FL_C));
            at.stands = risk > 0 || injury;
            /* Asking for means beside a wish to be hurt or dead: a method is in play (C-SSRS 3). */
            if (e.harm >= 0.8f && e.deny < 0.5f && (injury || risk >= 2) && e.level < 3) e.level = 3;
            int level = said_level(&e, at), inferred = inferred_level(&e, at, level);
            if (level > 0 && (risk == RISK_X || level > risk)) risk = level, conf = e.conf;
            else if (risk == 0 && e.x) risk = RISK_X, conf = e.conf;
            if (inferred && (inferred > risk || risk == RISK_X)) risk = inferred, conf = INFERRED_CONF;
            if (e.prepared && sign_level(&e, at)) e.flags |= FL_B;
            if (sign_level(&e, at) && !e.third) e.flags &= (uint16_t)~FL_V; /* "the letter to my son is written" */
            if (level) e.flags &= (uint16_t)~FL_D;
            at.leaving = e.elsewhere;
            const bool now = e.doubt && !e.third;
            doubt = (now || (doubt && !met)) && !e.x && !level && e.deny < 0.5f;
            if (now) may_be = e.may_be;
            met = false;
            if (doubt) e.flags &= (uint16_t)~FL_D;
            c->acts = e.acts;
            c->flags = e.flags;
            c->bid = bid_of(&e) | (asks_means(w, t, risk != 0 || doubt || e.flags & FL_D) ? BID_HARM | BID_MEANS : 0);
            c->said = (int8_t)(level ? level : e.x || doubt ? RISK_X : 0);
            c->restart = is_restart(w, t, &e);
            if (!blank(w, t) && !c->restart) bid_turn = (int)t, bid = c->bid, flags = e.flags, said = c->said;
        } else {
            c->bid_turn = bid_turn;
            c->bid = bid;
            c->flags = flags;
            c->said = said;
            if (w->conv->turn[t].role == ROLE_ASSISTANT && !blank(w, t)) {
                met = true;
                int told = at.inside ? told_again(w, t) : 0;
                if (told && (told > risk || risk == RISK_X)) risk = told, conf = INFERRED_CONF;
                at.asked = asks_safety(w, t);
                at.stands = risk > 0 || injury;
                read_questions(&at, w, t);
            }
        }
        c->doubt = risk == 0 && doubt;
        c->risk = (int8_t)(c->doubt ? RISK_X : risk);
        c->risk_conf = c->doubt ? may_be : conf;
    }
}
