/* Sentences → probabilities: the words of several sentences are looked up
 * before the first is summed, so that memory arrives meanwhile. What an
 * assistant's words weigh in its whole reply is summed on the way. */
#include "act/act.h"

enum { GROUP = 4, TOKENS_MAX = 1100, GRAMS_MAX = 3 * TOKENS_MAX + 2, EVIDENCE_MAX = 256 };

struct study {
    struct walk *w;
    uint16_t *row; size_t n_row; /* the group's rows, those of grams and of evidence; room for GROUP views */
    const struct act_tables *tables[2]; /* of the assistant's model, of a person's */
    const struct weights *reply; /* NULL: no words of replies are summed */
    uint64_t *seen; bool any;  /* bits of the reply's grams so far: each counts once; has it any? */
    bool stale;                /* they are the last reply's: most records have one reply, and nothing to clear */
    uint16_t *word; uint32_t n_word; /* its words' rows so far */
};

struct part {
    struct sentence_view v;
    const struct weights *m;
    const int16_t *form;       /* its row */
    struct score score;        /* rows of grams, then of evidence */
    uint32_t sent, n_gram;
};

/* Asks for what is to be summed; rows of a person's model are two lines of the cache long. Always inline: gcc leaves out
 * a call of a function that does nothing but fetch. */
static inline __attribute__((always_inline)) void ask_rows(const struct score *s, const struct weights *m)
{
    enum { LINE = 64 / sizeof *m->sum_row };
    const size_t width = m->width;
    const uint16_t *row = s->row, *end = row + s->n_row;
    for (; width <= LINE && row < end; row++) __builtin_prefetch(m->sum_row + *row * width);
    for (; row < end; row++) { /* both in one loop: where it ends cannot be foreseen */
        __builtin_prefetch(m->sum_row + *row * width);
        __builtin_prefetch(m->sum_row + *row * width + width - 1);
    }
}

/* A view has at most TOKENS_MAX tokens but for one unbroken run of signs: what is behind is not read. */
static void part_begin(struct study *x, struct part *p)
{
    const struct act_tables *t = x->tables[p->m == x->w->pack->model.user];
    struct sentence_view v = p->v;
    uint16_t *row = x->row + x->n_row;
    uint32_t n_word;
    if (v.tok1 - v.tok0 > TOKENS_MAX) v.tok1 = v.tok0 + TOKENS_MAX;
    p->n_gram = (uint32_t)act_grams(row, &n_word, x->w, &v, p->m);
    p->score = (struct score){.row = row, .n_row = p->n_gram};
    p->score.n_row += act_evidence(row + p->n_gram, EVIDENCE_MAX, x->w, &v, t);
    p->form = t->form + (size_t)act_form(&v, n_word) * p->m->width;
    __builtin_prefetch(p->form);
    x->n_row += p->score.n_row;
    ask_rows(&p->score, p->m);
}

static size_t seen_words(const struct weights *m) { return (m->n_gram + 63) / 64; }

/* Adds the grams of a sentence that was just summed to the reply's rows. A gram counts once in a reply, where it stands
 * first. Branches on which rows a gram has would be guessed wrong one time in three: there are none. */
static void add_words(struct study *x, const struct part *p, enum gram_use use)
{
    const int16_t *const rows = p->m->sum_row + use_lane(p->m, use);
    const size_t width = p->m->width;
    uint64_t *const seen = x->seen;
    if (x->stale) memset(seen, 0, sizeof *seen * seen_words(p->m));
    x->stale = false;
    uint16_t *word = x->word + x->n_word;
    for (const uint16_t *gram = p->score.row, *end = gram + p->n_gram; gram < end; gram++) {
        const uint32_t g = *gram, r = (uint16_t)rows[g * width];
        const uint64_t old = seen[g / 64];
        seen[g / 64] = old | 1ull << g % 64;
        *word = (uint16_t)r;
        word += (r != NO_ROW) & ~(old >> g % 64);
        __builtin_prefetch((const void *)((uintptr_t)x->reply->word_row + r * WORD_OUT * sizeof *x->reply->word_row)); /* r may be NO_ROW */
    }
    x->n_word = (uint32_t)(word - x->word);
    x->any = true;
}

/* Its words in the whole reply. */
static void part_words(struct study *x, const struct part *p)
{
    unsigned use = gram_use(p->v.tok0 - x->w->text[p->v.turn].tok0);
    if (x->reply && x->w->conv->turn[p->v.turn].role == ROLE_ASSISTANT && use != N_USE) add_words(x, p, use);
}

/* The pack's, or made for this walk. */
static const struct act_tables *tables_of(const struct walk *w, bool user)
{
    const struct weights *m = user ? w->pack->model.user : w->pack->model.assistant;
    return w->pack->acts[user] || !m ? w->pack->acts[user] : act_tables_make(w->a, w->pack, m);
}

static struct study study_new(struct walk *w, uint32_t group)
{
    struct study x = {.w = w, .row = arena_raw(w->a, sizeof *x.row * (GRAMS_MAX + EVIDENCE_MAX + 1) * group)};
    for (int user = 0; user < 2; user++) x.tables[user] = tables_of(w, user);
    return x;
}

uint32_t act_score(float *p, struct walk *w, const struct sentence_view *v, const struct weights *m)
{
    struct study x = study_new(w, 1);
    struct part part = {.v = *v, .m = m};
    part_begin(&x, &part);
    return model_score_sum(p, &part.score, m, part.form);
}

/* What the words of turn t weigh in the reply model. */
static void end_turn(struct study *x, uint32_t t)
{
    if (!x->any) return;
    model_sum_words(x->w->said[t].sum, x->reply, x->word, x->n_word);
    x->stale = true;
    x->any = false;
    x->n_word = 0;
}

void act_add_refusing(struct walk *w, uint32_t s)
{
    const struct weights *m = w->pack->model.assistant;
    if (!m || !w->pack->model.reply) return;
    struct sentence_view v = act_view(w, s);
    if (v.tok1 - v.tok0 > REFUSING_TOKENS) v.tok1 = v.tok0 + REFUSING_TOKENS;
    uint32_t n_word, n_row = 0;
    uint16_t gram[3 * REFUSING_TOKENS + 2], row[3 * REFUSING_TOKENS + 2];
    size_t n = act_grams(gram, &n_word, w, &v, m);
    for (size_t i = 0; i < n; i++) {
        row[n_row] = m->gram_refusing[gram[i]];
        n_row += row[n_row] != NO_ROW;
    }
    model_sum_words(w->said[v.turn].sum, w->pack->model.reply, row, n_row);
}

static const struct weights *weights_of(const struct walk *w, uint32_t s)
{
    enum role role = w->conv->turn[w->sent.p[s].turn].role;
    if (role == ROLE_USER) return w->pack->model.user;
    return role == ROLE_ASSISTANT || role == ROLE_SYSTEM ? w->pack->model.assistant : NULL;
}

void act_score_all(struct walk *w, act_take *take)
{
    struct study x = study_new(w, GROUP);
    w->said = arena_array(w->a, struct reply_words, w->conv->n_turn);
    if (w->pack->model.assistant && w->pack->model.reply) {
        x.reply = w->pack->model.reply;
        x.seen = arena_array(w->a, uint64_t, seen_words(w->pack->model.assistant));
        x.word = arena_raw(w->a, sizeof *x.word * 2 * GRAMS_MAX); /* for sentences that begin among the first 400 tokens */
    }
    struct part part[GROUP];
    uint32_t turn = 0;
    for (uint32_t s = 0; s < w->sent.n;) {
        uint32_t n = 0;
        x.n_row = 0;
        for (; s < w->sent.n && n < GROUP; s++, n++) {
            part[n].v = act_view(w, s), part[n].m = weights_of(w, s), part[n].sent = s;
            if (part[n].m) part_begin(&x, &part[n]);
        }
        for (uint32_t i = 0; i < n; i++) {
            float p[MAX_OUT];
            for (; turn < part[i].v.turn; turn++) end_turn(&x, turn);
            uint32_t reached = part[i].m ? model_score_sum(p, &part[i].score, part[i].m, part[i].form) : 0;
            if (part[i].m) part_words(&x, &part[i]);
            take(w, part[i].sent, &part[i].v, part[i].m, p, reached);
        }
    }
    for (; turn < w->conv->n_turn; turn++) end_turn(&x, turn);
}
