/* User turns → w->place, w->population and the person's age.
 *
 * One pass over the words; a word is looked at only when its first three
 * letters open one of the phrases below, so that most cost a table lookup.
 * Only what is said of oneself counts (codebook: unstated traits are never
 * inferred). */
#include "helpline/self.h"

enum { SELF, PLAIN, OPENING }; /* needs "i'm (a)" before it; says by itself whose it is; only at the begin of a sentence, with an age in weeks */
struct phrase { const char *z; unsigned pop; uint8_t how; };

static const struct phrase phrases[] = {
    {"veteran", POP_VETERAN, SELF}, {"vet", POP_VETERAN, SELF}, {"ex-military", POP_VETERAN, SELF}, {"ex-army", POP_VETERAN, SELF},
    {"ex army", POP_VETERAN, SELF}, {"ex-forces", POP_VETERAN, SELF}, {"ex-service", POP_VETERAN, SELF},
    {"i served in the", POP_VETERAN, PLAIN}, {"i was in the army", POP_VETERAN, PLAIN}, {"i was in the navy", POP_VETERAN, PLAIN},
    {"i was in the marines", POP_VETERAN, PLAIN}, {"i was in the military", POP_VETERAN, PLAIN}, {"i was in the air force", POP_VETERAN, PLAIN},
    {"i was deployed", POP_VETERAN, PLAIN}, {"my deployment", POP_VETERAN, PLAIN}, {"i got out of the army", POP_VETERAN, PLAIN},
    {"i got out of the service", POP_VETERAN, PLAIN}, {"i got out of the military", POP_VETERAN, PLAIN}, {"i got out of the marines", POP_VETERAN, PLAIN},
    {"two tours in", POP_VETERAN, PLAIN}, {"three tours in", POP_VETERAN, PLAIN}, {"my tour in", POP_VETERAN, PLAIN}, {"my tours in", POP_VETERAN, PLAIN},
    {"my platoon", POP_VETERAN, PLAIN}, {"my old platoon", POP_VETERAN, PLAIN}, {"my old regiment", POP_VETERAN, PLAIN}, {"when i was deployed", POP_VETERAN, PLAIN},
    {"i left the army", POP_VETERAN, PLAIN}, {"i left the forces", POP_VETERAN, PLAIN}, {"i did two tours", POP_VETERAN, PLAIN},
    {"gay", POP_LGBTQ, SELF}, {"lesbian", POP_LGBTQ, SELF}, {"bisexual", POP_LGBTQ, SELF}, {"bi", POP_LGBTQ, SELF}, {"trans", POP_LGBTQ, SELF},
    {"transgender", POP_LGBTQ, SELF}, {"queer", POP_LGBTQ, SELF}, {"nonbinary", POP_LGBTQ, SELF}, {"non-binary", POP_LGBTQ, SELF}, {"enby", POP_LGBTQ, SELF},
    {"asexual", POP_LGBTQ, SELF}, {"pansexual", POP_LGBTQ, SELF}, {"lgbt", POP_LGBTQ, SELF}, {"lgbtq", POP_LGBTQ, SELF}, {"genderqueer", POP_LGBTQ, SELF},
    {"genderfluid", POP_LGBTQ, SELF}, {"closeted", POP_LGBTQ, SELF}, {"in the closet", POP_LGBTQ, SELF}, {"i came out to my", POP_LGBTQ, PLAIN}, {"i came out as", POP_LGBTQ, PLAIN},
    {"my coming out", POP_LGBTQ, PLAIN}, {"i'm coming out as", POP_LGBTQ, PLAIN},
    {"deaf", POP_DEAF, SELF}, {"hard of hearing", POP_DEAF, SELF}, {"hoh", POP_DEAF, SELF}, {"hearing impaired", POP_DEAF, SELF}, {"deafblind", POP_DEAF, SELF},
    {"i can't hear on the phone", POP_DEAF, PLAIN}, {"i was born deaf", POP_DEAF, PLAIN}, {"i went deaf", POP_DEAF, PLAIN}, {"i use sign language", POP_DEAF, PLAIN}, {"i use bsl", POP_DEAF, PLAIN}, {"i use asl", POP_DEAF, PLAIN}, {"i sign", POP_DEAF, PLAIN},
    {"teenager", POP_TEEN, SELF}, {"teen", POP_TEEN, SELF}, {"minor", POP_TEEN, SELF}, {"underage", POP_TEEN, SELF}, {"thirteen", POP_TEEN, SELF},
    {"fourteen", POP_TEEN, SELF}, {"fifteen", POP_TEEN, SELF}, {"sixteen", POP_TEEN, SELF}, {"seventeen", POP_TEEN, SELF}, {"in middle school", POP_TEEN, SELF},
    {"in high school", POP_TEEN, SELF}, {"in 7th grade", POP_TEEN, SELF}, {"in 8th grade", POP_TEEN, SELF}, {"in 9th grade", POP_TEEN, SELF}, {"in 10th grade", POP_TEEN, SELF},
    {"in 11th grade", POP_TEEN, SELF}, {"in year 8", POP_TEEN, SELF}, {"in year 9", POP_TEEN, SELF}, {"in year 10", POP_TEEN, SELF}, {"in year 11", POP_TEEN, SELF},
    {"pregnant", POP_PERINATAL, SELF}, {"postpartum", POP_PERINATAL, SELF}, {"i gave birth", POP_PERINATAL, PLAIN}, {"i just gave birth", POP_PERINATAL, PLAIN},
    {"i just had a baby", POP_PERINATAL, PLAIN}, {"i had a baby", POP_PERINATAL, PLAIN}, {"i had my baby", POP_PERINATAL, PLAIN}, {"my newborn", POP_PERINATAL, PLAIN},
    {"my postpartum", POP_PERINATAL, PLAIN}, {"my postnatal", POP_PERINATAL, PLAIN}, {"since i had the baby", POP_PERINATAL, PLAIN}, {"since the baby was born", POP_PERINATAL, PLAIN},
    {"my baby is", POP_PERINATAL, OPENING}, {"baby is", POP_PERINATAL, OPENING}, {"after the birth", POP_PERINATAL, PLAIN}, {"my midwife", POP_PERINATAL, PLAIN}, {"my health visitor", POP_PERINATAL, PLAIN},
    {"since the baby came", POP_PERINATAL, PLAIN}, {"i'm breastfeeding", POP_PERINATAL, PLAIN}, {"my pregnancy", POP_PERINATAL, PLAIN},
    {"husband checks my phone", POP_ABUSE, PLAIN}, {"boyfriend checks my phone", POP_ABUSE, PLAIN}, {"partner checks my phone", POP_ABUSE, PLAIN}, {"wife checks my phone", POP_ABUSE, PLAIN},
    {"husband reads my", POP_ABUSE, PLAIN}, {"partner reads my", POP_ABUSE, PLAIN}, {"husband tracks my", POP_ABUSE, PLAIN}, {"partner tracks my", POP_ABUSE, PLAIN}, {"partner controls", POP_ABUSE, PLAIN}, {"husband controls", POP_ABUSE, PLAIN},
    {"being abused", POP_ABUSE, SELF}, {"in an abusive", POP_ABUSE, SELF}, {"my abuser", POP_ABUSE, PLAIN}, {"my abusive", POP_ABUSE, PLAIN},
    {"he hits me", POP_ABUSE, PLAIN}, {"she hits me", POP_ABUSE, PLAIN}, {"he hit me", POP_ABUSE, PLAIN}, {"she hit me", POP_ABUSE, PLAIN}, {"he beats me", POP_ABUSE, PLAIN},
    {"husband hits me", POP_ABUSE, PLAIN}, {"husband beats me", POP_ABUSE, PLAIN}, {"boyfriend hits me", POP_ABUSE, PLAIN}, {"boyfriend hit me", POP_ABUSE, PLAIN},
    {"partner hits me", POP_ABUSE, PLAIN}, {"wife hits me", POP_ABUSE, PLAIN}, {"dad hits me", POP_ABUSE, PLAIN}, {"father hits me", POP_ABUSE, PLAIN}, {"dad beats me", POP_ABUSE, PLAIN},
    {"mom hits me", POP_ABUSE, PLAIN}, {"mum hits me", POP_ABUSE, PLAIN}, {"mother hits me", POP_ABUSE, PLAIN}, {"girlfriend hits me", POP_ABUSE, PLAIN}, {"stepdad hits me", POP_ABUSE, PLAIN},
    {"husband hit me", POP_ABUSE, PLAIN}, {"partner hit me", POP_ABUSE, PLAIN}, {"he chokes me", POP_ABUSE, PLAIN}, {"he abuses me", POP_ABUSE, PLAIN}, {"he threatens to kill me", POP_ABUSE, PLAIN},

    {"i can't make calls", POP_NO_PHONE, PLAIN}, {"i can't make a call", POP_NO_PHONE, PLAIN}, {"i can't make phone calls", POP_NO_PHONE, PLAIN},
    {"i can't talk on the phone", POP_NO_PHONE, PLAIN}, {"i can't speak on the phone", POP_NO_PHONE, PLAIN}, {"i can't use the phone", POP_NO_PHONE, PLAIN}, {"i can't use a phone", POP_NO_PHONE, PLAIN},
    {"i can't do phone calls", POP_NO_PHONE, PLAIN}, {"i can't do calls", POP_NO_PHONE, PLAIN}, {"i can't do the phone", POP_NO_PHONE, PLAIN}, {"i don't do phone calls", POP_NO_PHONE, PLAIN}, {"i can't talk out loud", POP_NO_PHONE, PLAIN},
    {"i can't speak out loud", POP_NO_PHONE, PLAIN}, {"i don't have a phone", POP_NO_PHONE, PLAIN}, {"i have no phone", POP_NO_PHONE, PLAIN},
    {"took my phone", POP_NO_PHONE, PLAIN}, {"took my handset", POP_NO_PHONE, PLAIN},
    {"took my mobile", POP_NO_PHONE, PLAIN}, {"nonverbal", POP_NO_PHONE, SELF}, {"non-verbal", POP_NO_PHONE, SELF}, {"i can't be heard", POP_NO_PHONE, PLAIN},
};

/* Words that lead to a place. */
static const char *const place_words[] = {"in", "from", "near", "outside", "to", "at", "number", "numbers", "helpline", "helplines", "hotline",
    "hotlines", "line", "lines", "one", "ones"};

enum { WORD_LEAD = 1, WORD_PHRASE = 2, WORD_PAIR = 4 }; /* leads to a place; opens a phrase alone; with the next word */

/* ---- tables: built once, with the tokens that the wash-room makes of our own phrases ---- */

static struct trigger *slot(const struct directory *d, uint64_t h)
{
    size_t k = h & (ARRAY_LEN(d->trigger) - 1);
    while (d->trigger[k].hash && d->trigger[k].hash != h) k = (k + 1) & (ARRAY_LEN(d->trigger) - 1);
    return (struct trigger *)&d->trigger[k];
}

static uint64_t pair_hash(uint64_t a, uint64_t b) { return hash_mix(a, b) | 1; }

static void add_trigger(struct directory *d, uint64_t h, unsigned flags, size_t phrase)
{
    struct trigger *t = slot(d, h);
    t->hash = h;
    set_bit(d->trigger_bit, h & 32767);
    t->flags |= (uint8_t)flags;
    if (phrase == SIZE_MAX) return;
    d->phrase_next[phrase] = t->phrase;
    t->phrase = (uint8_t)(phrase + 1);
}

/* One line a text → the tokens of each line. */
static void wash_lines(struct walk *w, struct conv *c, struct turn *turn, struct arena *a, str text)
{
    *turn = (struct turn){.role = ROLE_USER, .text = text};
    *c = (struct conv){.turn = turn, .n_turn = 1};
    *w = (struct walk){.a = a, .conv = c, .text = arena_array(a, struct text, 1)};
    text_wash(w);
}

void self_table(struct directory *d)
{
    _Static_assert(ARRAY_LEN(phrases) < 255, "phrase numbers are bytes");
    size_t n_line[3] = {ARRAY_LEN(phrases), ARRAY_LEN(place_words), d->n_name}, size = 0;
    for (size_t i = 0; i < n_line[0]; i++) size += strlen(phrases[i].z) + 1;
    for (size_t i = 0; i < n_line[1]; i++) size += strlen(place_words[i]) + 1;
    for (size_t i = 0; i < n_line[2]; i++) size += strlen(d->name[i].name) + 1;
    for (size_t i = 0; place_fillers[i]; i++) size += strlen(place_fillers[i]) + 1;
    char *text = arena_raw(&d->a, size + 1), *at = text;
    for (size_t i = 0; i < n_line[0]; i++) at = stpcpy(at, phrases[i].z), *at++ = '\n';
    for (size_t i = 0; i < n_line[1]; i++) at = stpcpy(at, place_words[i]), *at++ = '\n';
    for (size_t i = 0; i < n_line[2]; i++) at = stpcpy(at, d->name[i].name), *at++ = '\n';
    for (size_t i = 0; place_fillers[i]; i++) at = stpcpy(at, place_fillers[i]), *at++ = '\n';
    struct walk w;
    struct conv c;
    struct turn turn;
    wash_lines(&w, &c, &turn, &d->a, (str){text, (size_t)(at - text)});
    for (size_t i = 0; i < w.tok.n; i++)
        if (w.tok.p[i].kind == TOK_NUMBER) set_bit(d->trigger_bit, w.tok.p[i].hash & 32767); /* all have one hash */
    uint32_t k = 0;
    size_t line = 0;
    for (uint32_t from = 0; from < (uint32_t)(at - text); line++) {
        uint32_t to = from + (uint32_t)((const char *)memchr(text + from, '\n', size) - (text + from));
        while (k < w.tok.n && w.tok.p[k].begin < from) k++;
        const struct tok *t = &w.tok.p[k];
        bool two = k + 1 < w.tok.n && t[1].begin < to;
        if (k >= w.tok.n || t->begin >= to) { from = to + 1; continue; }
        if (line < n_line[0]) {
            if (two) add_trigger(d, t->hash, WORD_PAIR, SIZE_MAX);
            add_trigger(d, two ? pair_hash(t->hash, t[1].hash) : t->hash, WORD_PHRASE, line);
        } else if (line < n_line[0] + n_line[1])
            add_trigger(d, t->hash, WORD_LEAD, SIZE_MAX);
        else {
            size_t p = line - n_line[0] - n_line[1];
            set_bit(d->first_word, t->hash & 32767);
            if (two && t->len == 3 && memcmp(w.text[0].fold.p + t->begin, "the", 3) == 0) set_bit(d->first_word, t[1].hash & 32767);
            bool service = p < d->n_name && d->name[p].kind == PLACE_SERVICE;
            if (service && two) { /* "the nhs": two words, for every "the" would be looked at */
                add_trigger(d, t->hash, WORD_PAIR, SIZE_MAX);
                add_trigger(d, pair_hash(t->hash, t[1].hash), WORD_LEAD, SIZE_MAX);
            } else if (service)
                add_trigger(d, t->hash, WORD_LEAD, SIZE_MAX);
        }
        from = to + 1;
    }
}

static bool word_byte(char c)
{
    unsigned char u = (unsigned char)c;
    return (u >= 'a' && u <= 'z') || (u >= '0' && u <= '9') || u == '\'' || u >= 0x80;
}

static inline bool ends_with(str pre, str words)
{
    if (pre.n < words.n || pre.p[pre.n - 1] != words.p[words.n - 1]) return false;
    const char *p = pre.p + pre.n - words.n;
    return memcmp(p, words.p, words.n) == 0 && (pre.n == words.n || !word_byte(p[-1]));
}

bool self_ends(str pre, const char *words) { return ends_with(pre, str_of(words)); }

#define Z(lit) {(lit), sizeof(lit) - 1}

static const char *const adjectives[] = {"combat", "army", "navy", "marine", "marines", "disabled", "retired", "former", "us", "female", "male", "young", "closeted", "trans",
    "iraq", "afghanistan", "vietnam", "gulf war", "single", "new", "proud", "half", "still", "also", "profoundly", "completely", "partially", "actually", "just", "only", "openly",
    "military", "wounded", "homeless", "black", "asian", "a bit", "pretty sure i'm", "months", "weeks", "week", "month", "six months", "now", "newly", "recently", "born", "totally", "severely", "nearly", "married", "old", "disabled army", NULL};

/* "i'm a", "as a disabled": does the text before say it of the speaker? -1: denied. */
static int claimed(str pre)
{
    static const char *const yes[] = {"i'm a", "i'm an", "i am a", "i am an", "im a", "im an", "i'm", "i am", "im", "as a", "as an", "being a", "being", "i was born", "i identify as", "i'm the", "because i'm", NULL};
    static const char *const no[] = {"i'm not a", "i'm not an", "i'm not", "i am not a", "i am not", "im not a", "im not", "i wasn't a", "not a", NULL};
    pre = str_trim(pre);
    for (int k = 0; k < 3; k++) {
        size_t i = 0, n = 0;
        for (; adjectives[i]; i++)
            if (self_ends(pre, adjectives[i])) { n = strlen(adjectives[i]); break; }
        if (!adjectives[i]) break;
        pre = str_trim(str_sub(pre, 0, pre.n - n));
        while (pre.n && pre.p[pre.n - 1] >= '0' && pre.p[pre.n - 1] <= '9') pre.n--; /* 20 weeks pregnant */
        pre = str_trim(pre);
    }
    for (size_t i = 0; no[i]; i++)
        if (self_ends(pre, no[i])) return -1;
    for (size_t i = 0; yes[i]; i++) {
        if (!self_ends(pre, yes[i])) continue;
        str left = str_trim(str_sub(pre, 0, pre.n - strlen(yes[i])));
        return !(self_ends(left, "if") || self_ends(left, "think") || self_ends(left, "thinks") || self_ends(left, "say") || self_ends(left, "wish"));
    }
    return 0;
}

static void mark(struct walk *w, unsigned pop, uint32_t turn, uint32_t b, uint32_t e)
{
    if (!w->population) w->population_span = (struct span){turn, b, e};
    w->population |= pop;
}

static str line_before(str t, uint32_t b)
{
    static const bool ends[256] = {[0] = 1, ['.'] = 1, ['!'] = 1, ['?'] = 1, ['\n'] = 1};
    uint32_t i = b;
    while (i > 0 && b - i < 60 && !ends[(unsigned char)t.p[i - 1]]) i--;
    return str_sub(t, i, b);
}

static void try_phrases(struct walk *w, struct person *p, const struct trigger *g, uint32_t turn, str t, uint32_t b)
{
    for (unsigned i = g->phrase; i; i = w->dir->phrase_next[i - 1]) {
        const struct phrase *x = &phrases[i - 1];
        size_t n = strlen(x->z);
        if (t.n - b < n || t.p[b + n - 1] != x->z[n - 1] || memcmp(t.p + b, x->z, n) != 0 || (b + n < t.n && (word_byte(t.p[b + n]) || (t.p[b + n] == '-' && x->how == SELF)))) continue;
        str pre = str_trim(line_before(t, b)), after = str_sub(t, b + n, t.n);
        bool opens = pre.n == 0 && (str_has_prefix(after, STR(",")) || str_has_prefix(after, STR(" here")) || str_has_prefix(after, STR(" teen")) || str_has_prefix(after, STR(" and ")));
        int c = x->how == PLAIN || (x->how == SELF && opens) ? 1 : x->how == SELF ? claimed(pre) : 0;
        if (x->how == OPENING) { /* "(my) baby is 5 weeks old" */
            size_t k = 1;
            while (k < after.n && ((after.p[k] >= '0' && after.p[k] <= '9') || (after.p[k] >= 'a' && after.p[k] <= 'z'))) k++;
            str unit = str_sub(after, k < after.n ? k : after.n, after.n);
            c = (pre.n == 0 || self_ends(pre, "my")) && (str_has_prefix(unit, STR(" week")) || str_has_prefix(unit, STR(" month")) || str_has_prefix(unit, STR(" day")));
        }
        if (c < 0 && x->pop == POP_VETERAN) p->not_veteran = true;
        if (c <= 0) continue;
        if (x->pop == POP_NO_PHONE && (str_has_prefix(after, STR(" my ")) || str_has_prefix(after, STR(" him")) || str_has_prefix(after, STR(" her")) || str_has_prefix(after, STR(" it ")) || str_has_prefix(after, STR(" them")) || str_has_prefix(after, STR(" in sick")))) continue;
        if (x->pop == POP_VETERAN && (str_has_prefix(after, STR(" tech")) || str_has_prefix(after, STR(" nurse")) || str_has_prefix(after, STR(" student")) || str_has_prefix(after, STR(" teacher")))) continue;
        if (x->pop == POP_LGBTQ && (str_has_prefix(after, STR(" ally")) || str_has_prefix(after, STR("-lingual")))) continue;
        if (x->pop == POP_TEEN && (str_has_prefix(after, STR(" character")) || str_has_prefix(after, STR(" teacher")) || str_has_prefix(after, STR(" minutes")) || str_has_prefix(after, STR(" weeks")) || str_has_prefix(after, STR(" hours")))) continue;
        mark(w, x->pop, turn, b, b + (uint32_t)n);
        return;
    }
}

/* "i'm 15", "a 44-year-old": digits at b. */
static void try_age(struct walk *w, struct person *p, uint32_t turn, str t, uint32_t b)
{
    uint32_t e = b;
    int v = 0;
    while (e < t.n && t.p[e] >= '0' && t.p[e] <= '9' && e - b < 3) v = v * 10 + (t.p[e++] - '0');
    if (e - b > 2 || v < 8 || v > 99) return;
    str pre = str_trim(line_before(t, b)), after = str_sub(t, e, t.n);
    static const str yes[] = {Z("i'm"), Z("i am"), Z("im"), Z("i'm only"), Z("i'm just"), Z("i am only"), Z("i'm a"), Z("i am a"), Z("im a"), Z("as a"), Z("im only"), Z("i'm turning"), Z("i just turned"), Z("i turned")};
    size_t i = 0;
    while (i < ARRAY_LEN(yes) && !ends_with(pre, yes[i])) i++;
    if (i == ARRAY_LEN(yes)) return;
    static const str tails[] = {Z(" years old"), Z(" year old"), Z("-year-old"), Z(" yrs old"), Z(" yo"), Z("yo"), Z(" y/o"), Z("y/o"), Z(" and"), Z(" but"), Z(" so"), Z(" i "), Z(" now"), Z(" years of age"), Z(" ok"), Z(" in "), Z(" with"), Z(" from "), Z(" girl"), Z(" boy"), Z(" btw")};
    bool ok = after.n == 0 || strchr(".,;!?)\n", after.p[0]);
    if (after.n > 1 && after.p[0] == '.' && after.p[1] >= '0' && after.p[1] <= '9') ok = false;
    bool article = self_ends(pre, "a");
    for (size_t k = 0; k < ARRAY_LEN(tails); k++)
        if (str_has_prefix(after, tails[k]) && (k < 8 || !article) && !str_has_prefix(after, STR(" from the "))) ok = true;
    if (article && ok && !(after.n && (after.p[0] == '-' || after.p[0] == ' ' || after.p[0] == 'y'))) ok = false;
    str left = str_trim(str_sub(pre, 0, pre.n - yes[i].n));
    if (!ok || self_ends(left, "if") || self_ends(left, "when") || self_ends(left, "until")) return;
    p->age = v;
    if (v <= 17) mark(w, POP_TEEN, turn, b, e);
}

/* The tokens of a turn that may be a trigger, without a branch on it. Gives their number. */
static uint32_t triggers(const struct walk *w, uint32_t k, uint32_t k1, uint32_t *out)
{
    uint32_t n = 0;
    for (; k < k1; k++) {
        out[n] = k;
        n += bit_of(w->dir->trigger_bit, w->tok.p[k].hash & 32767);
    }
    return n;
}

static void read_turn(struct walk *w, struct person *p, uint32_t turn)
{
    const struct directory *d = w->dir;
    const struct text *x = &w->text[turn];
    str t = x->fold;
    place_turn(w, turn, t);
    uint32_t *at = arena_raw(w->a, sizeof *at * (x->tok1 - x->tok0 + 1)), n = triggers(w, x->tok0, x->tok1, at);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = at[i];
        const struct tok *o = &w->tok.p[k];
        if (o->kind == TOK_PUNCT || o->quoted) continue; /* a quotation is somebody else's */
        if (o->kind == TOK_NUMBER && o->begin >= 3) try_age(w, p, turn, t, o->begin);
        const struct trigger *g = slot(d, o->hash);
        if (!g->hash) continue;
        const struct tok *next = k + 1 < x->tok1 ? o + 1 : NULL;
        if (g->flags & WORD_LEAD) {
            bool the = next && next->len == 3 && memcmp(t.p + next->begin, "the", 3) == 0;
            const struct tok *name = the && k + 2 < x->tok1 ? o + 2 : next;
            bool prep = o->len <= 4 || *(t.p + o->begin) == 'o'; /* in, to, from, near, outside lead forward; others look back */
            if (!prep || (name && bit_of(d->first_word, name->hash & 32767))) place_word(w, turn, t, o->begin, o->begin + o->len);
            else if (bit_of(d->first_word, o->hash & 32767)) place_word(w, turn, t, o->begin, o->begin + o->len);
        }
        if (g->flags & WORD_PHRASE) try_phrases(w, p, g, turn, t, o->begin);
        if ((g->flags & WORD_PAIR) && next) {
            uint64_t pair = pair_hash(o->hash, next->hash);
            if (!bit_of(d->trigger_bit, pair & 32767)) continue;
            const struct trigger *two = slot(d, pair);
            if (two->flags & WORD_LEAD) place_word(w, turn, t, o->begin, o->begin + o->len);
            if (two->hash) try_phrases(w, p, two, turn, t, o->begin);
        }
    }
}

static void from_record(struct walk *w)
{
    const struct conv_meta *m = &w->conv->meta;
    for (size_t i = 0; i < m->n_population; i++)
        for (unsigned b = 0; b < 7; b++)
            if (str_ieq(m->population[i], str_of(population_names[b]))) w->population |= 1u << b;
    if (w->place.country && *w->place.country) return;
    const char *country = "", *source = "";
    if (m->country.n == 2) {
        char *z = (char *)arena_str(w->a, m->country).p;
        for (int i = 0; i < 2; i++)
            if (z[i] >= 'a' && z[i] <= 'z') z[i] = (char)(z[i] - 32);
        country = z, source = "record";
    } else if (w->caller_country && *w->caller_country)
        country = w->caller_country, source = "caller";
    w->place = (struct place){country, source, UINT32_MAX, 0, 0};
}

void place_find(struct walk *w, struct person *p)
{
    w->place = (struct place){"", "", UINT32_MAX, 0, 0};
    if (w->dir)
        for (uint32_t t = 0; t < w->conv->n_turn; t++)
            if (w->conv->turn[t].role == ROLE_USER) read_turn(w, p, t);
    from_record(w);
}
