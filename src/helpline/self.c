/* User turns → w->place, w->population and the person's age.
 *
 * One pass over the words; a word is looked at only when its first three
 * letters open one of the phrases below, so that most cost a table lookup.
 * Only what is said of oneself counts (codebook: unstated traits are never
 * inferred). */
#include "helpline/self.h"

enum { SELF, PLAIN }; /* needs "i'm (a)" before it; or says by itself whose it is */
struct phrase { const char *z; unsigned pop; uint8_t how; };

static const struct phrase phrases[] = {
    {"veteran", POP_VETERAN, SELF}, {"vet", POP_VETERAN, SELF}, {"ex-military", POP_VETERAN, SELF}, {"ex-army", POP_VETERAN, SELF},
    {"ex army", POP_VETERAN, SELF}, {"ex-forces", POP_VETERAN, SELF}, {"ex-service", POP_VETERAN, SELF},
    {"i served in the", POP_VETERAN, PLAIN}, {"i was in the army", POP_VETERAN, PLAIN}, {"i was in the navy", POP_VETERAN, PLAIN},
    {"i was in the marines", POP_VETERAN, PLAIN}, {"i was in the military", POP_VETERAN, PLAIN}, {"i was in the air force", POP_VETERAN, PLAIN},
    {"i was deployed", POP_VETERAN, PLAIN}, {"my deployment", POP_VETERAN, PLAIN}, {"i got out of the army", POP_VETERAN, PLAIN},
    {"i got out of the service", POP_VETERAN, PLAIN}, {"i got out of the military", POP_VETERAN, PLAIN}, {"i got out of the marines", POP_VETERAN, PLAIN},
    {"i left the army", POP_VETERAN, PLAIN}, {"i left the forces", POP_VETERAN, PLAIN}, {"i did two tours", POP_VETERAN, PLAIN},
    {"gay", POP_LGBTQ, SELF}, {"lesbian", POP_LGBTQ, SELF}, {"bisexual", POP_LGBTQ, SELF}, {"bi", POP_LGBTQ, SELF}, {"trans", POP_LGBTQ, SELF},
    {"transgender", POP_LGBTQ, SELF}, {"queer", POP_LGBTQ, SELF}, {"nonbinary", POP_LGBTQ, SELF}, {"non-binary", POP_LGBTQ, SELF}, {"enby", POP_LGBTQ, SELF},
    {"asexual", POP_LGBTQ, SELF}, {"pansexual", POP_LGBTQ, SELF}, {"lgbt", POP_LGBTQ, SELF}, {"lgbtq", POP_LGBTQ, SELF}, {"genderqueer", POP_LGBTQ, SELF},
    {"genderfluid", POP_LGBTQ, SELF}, {"closeted", POP_LGBTQ, SELF}, {"in the closet", POP_LGBTQ, SELF}, {"i came out to my", POP_LGBTQ, PLAIN}, {"i came out as", POP_LGBTQ, PLAIN},
    {"my coming out", POP_LGBTQ, PLAIN}, {"i'm coming out as", POP_LGBTQ, PLAIN},
    {"deaf", POP_DEAF, SELF}, {"hard of hearing", POP_DEAF, SELF}, {"hoh", POP_DEAF, SELF}, {"hearing impaired", POP_DEAF, SELF}, {"deafblind", POP_DEAF, SELF},
    {"i can't hear on the phone", POP_DEAF, PLAIN}, {"i use sign language", POP_DEAF, PLAIN}, {"i use bsl", POP_DEAF, PLAIN}, {"i use asl", POP_DEAF, PLAIN}, {"i sign", POP_DEAF, PLAIN},
    {"teenager", POP_TEEN, SELF}, {"teen", POP_TEEN, SELF}, {"minor", POP_TEEN, SELF}, {"underage", POP_TEEN, SELF}, {"thirteen", POP_TEEN, SELF},
    {"fourteen", POP_TEEN, SELF}, {"fifteen", POP_TEEN, SELF}, {"sixteen", POP_TEEN, SELF}, {"seventeen", POP_TEEN, SELF}, {"in middle school", POP_TEEN, SELF},
    {"in high school", POP_TEEN, SELF}, {"in 7th grade", POP_TEEN, SELF}, {"in 8th grade", POP_TEEN, SELF}, {"in 9th grade", POP_TEEN, SELF}, {"in 10th grade", POP_TEEN, SELF},
    {"in 11th grade", POP_TEEN, SELF}, {"in year 8", POP_TEEN, SELF}, {"in year 9", POP_TEEN, SELF}, {"in year 10", POP_TEEN, SELF}, {"in year 11", POP_TEEN, SELF},
    {"pregnant", POP_PERINATAL, SELF}, {"postpartum", POP_PERINATAL, SELF}, {"i gave birth", POP_PERINATAL, PLAIN}, {"i just gave birth", POP_PERINATAL, PLAIN},
    {"i just had a baby", POP_PERINATAL, PLAIN}, {"i had a baby", POP_PERINATAL, PLAIN}, {"i had my baby", POP_PERINATAL, PLAIN}, {"my newborn", POP_PERINATAL, PLAIN},
    {"my postpartum", POP_PERINATAL, PLAIN}, {"my postnatal", POP_PERINATAL, PLAIN}, {"since i had the baby", POP_PERINATAL, PLAIN}, {"since the baby was born", POP_PERINATAL, PLAIN},
    {"since the baby came", POP_PERINATAL, PLAIN}, {"i'm breastfeeding", POP_PERINATAL, PLAIN}, {"my pregnancy", POP_PERINATAL, PLAIN},
    {"being abused", POP_ABUSE, SELF}, {"in an abusive", POP_ABUSE, SELF}, {"my abuser", POP_ABUSE, PLAIN}, {"my abusive", POP_ABUSE, PLAIN},
    {"he hits me", POP_ABUSE, PLAIN}, {"she hits me", POP_ABUSE, PLAIN}, {"he hit me", POP_ABUSE, PLAIN}, {"she hit me", POP_ABUSE, PLAIN}, {"he beats me", POP_ABUSE, PLAIN},
    {"husband hits me", POP_ABUSE, PLAIN}, {"husband beats me", POP_ABUSE, PLAIN}, {"boyfriend hits me", POP_ABUSE, PLAIN}, {"boyfriend hit me", POP_ABUSE, PLAIN},
    {"partner hits me", POP_ABUSE, PLAIN}, {"wife hits me", POP_ABUSE, PLAIN}, {"dad hits me", POP_ABUSE, PLAIN}, {"father hits me", POP_ABUSE, PLAIN}, {"dad beats me", POP_ABUSE, PLAIN},
    {"mom hits me", POP_ABUSE, PLAIN}, {"mum hits me", POP_ABUSE, PLAIN}, {"mother hits me", POP_ABUSE, PLAIN}, {"girlfriend hits me", POP_ABUSE, PLAIN}, {"stepdad hits me", POP_ABUSE, PLAIN},
    {"husband hit me", POP_ABUSE, PLAIN}, {"partner hit me", POP_ABUSE, PLAIN}, {"he chokes me", POP_ABUSE, PLAIN}, {"he abuses me", POP_ABUSE, PLAIN}, {"he threatens to kill me", POP_ABUSE, PLAIN},
    {"i can't phone", POP_NO_PHONE, PLAIN}, {"i can't call", POP_NO_PHONE, PLAIN}, {"i can't ring", POP_NO_PHONE, PLAIN}, {"i cannot phone", POP_NO_PHONE, PLAIN},
    {"i cannot call", POP_NO_PHONE, PLAIN}, {"i can't make calls", POP_NO_PHONE, PLAIN}, {"i can't make a call", POP_NO_PHONE, PLAIN}, {"i can't make phone calls", POP_NO_PHONE, PLAIN},
    {"i can't talk on the phone", POP_NO_PHONE, PLAIN}, {"i can't speak on the phone", POP_NO_PHONE, PLAIN}, {"i can't use the phone", POP_NO_PHONE, PLAIN}, {"i can't use a phone", POP_NO_PHONE, PLAIN},
    {"i can't do phone calls", POP_NO_PHONE, PLAIN}, {"i can't do calls", POP_NO_PHONE, PLAIN}, {"i can't do the phone", POP_NO_PHONE, PLAIN}, {"i don't do phone calls", POP_NO_PHONE, PLAIN}, {"i can't talk out loud", POP_NO_PHONE, PLAIN},
    {"i can't speak out loud", POP_NO_PHONE, PLAIN}, {"i don't have a phone", POP_NO_PHONE, PLAIN}, {"i have no phone", POP_NO_PHONE, PLAIN}, {"no phone credit", POP_NO_PHONE, PLAIN},
    {"no credit on my phone", POP_NO_PHONE, PLAIN}, {"i have no credit", POP_NO_PHONE, PLAIN}, {"i've no credit", POP_NO_PHONE, PLAIN}, {"took my phone", POP_NO_PHONE, PLAIN}, {"took my handset", POP_NO_PHONE, PLAIN},
    {"took my mobile", POP_NO_PHONE, PLAIN}, {"nonverbal", POP_NO_PHONE, SELF}, {"non-verbal", POP_NO_PHONE, SELF}, {"i can't be heard", POP_NO_PHONE, PLAIN},
};

/* Words that lead to a place, and first words of service names, by their first three letters. */
static const char *const place_words[] = {"in ", "from", "near", "outside", "to ", "number", "helpline", "hotline", "line", "one"};

static void mark_word(uint8_t *set, const char *z)
{
    size_t n = strlen(z);
    set_bit(set, three_of(z, 0, n));
    if (n < 3) /* "bi": any mark may follow */
        for (char c = 0; c < 32; c++) {
            const char w[3] = {z[0], n > 1 ? z[1] : ' ', c};
            set_bit(set, three_of(w, 0, 3));
        }
}

static unsigned list_of(unsigned three) { return (three * 2654435761u) >> 24; }

void self_table(struct directory *d)
{
    _Static_assert(ARRAY_LEN(phrases) < 255, "phrase numbers are bytes");
    for (size_t i = ARRAY_LEN(phrases); i-- > 0;) {
        mark_word(d->phrase3, phrases[i].z);
        uint8_t *head = &d->phrase_head[(unsigned char)phrases[i].z[0]];
        if (strlen(phrases[i].z) >= 3) head = &d->phrase_head[list_of(three_of(phrases[i].z, 0, 3))];
        d->phrase_next[i] = *head;
        *head = (uint8_t)(i + 1);
    }
    for (size_t i = 0; i < ARRAY_LEN(place_words); i++) mark_word(d->lead3, place_words[i]);
    for (size_t i = 0; i < n_builtin_place; i++)
        if (builtin_place[i].kind == PLACE_SERVICE) mark_word(d->lead3, builtin_place[i].name);
}

static bool word_byte(char c)
{
    unsigned char u = (unsigned char)c;
    return (u >= 'a' && u <= 'z') || (u >= '0' && u <= '9') || u == '\'' || u >= 0x80;
}

bool self_ends(str pre, const char *words)
{
    size_t n = strlen(words);
    return pre.n >= n && memcmp(pre.p + pre.n - n, words, n) == 0 && (pre.n == n || !word_byte(pre.p[pre.n - n - 1]));
}

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
    uint32_t i = b;
    while (i > 0 && b - i < 60 && !strchr(".!?\n", t.p[i - 1])) i--;
    return str_sub(t, i, b);
}

static void try_phrases(struct walk *w, struct person *p, uint32_t turn, str t, uint32_t b)
{
    const struct directory *d = w->dir;
    uint8_t list[2] = {d->phrase_head[list_of(three_of(t.p, b, t.n))], d->phrase_head[(unsigned char)t.p[b]]};
    for (unsigned k = 0, i = list[0]; k < 2; i = i ? d->phrase_next[i - 1] : ++k < 2 ? list[1] : 0) {
        if (!i) continue;
        const struct phrase *x = &phrases[i - 1];
        size_t n = strlen(x->z);
        if (t.n - b < n || memcmp(t.p + b, x->z, n) != 0 || (b + n < t.n && (word_byte(t.p[b + n]) || (t.p[b + n] == '-' && x->how == SELF)))) continue;
        int c = x->how == PLAIN ? 1 : claimed(line_before(t, b));
        if (c < 0 && x->pop == POP_VETERAN) p->not_veteran = true;
        if (c <= 0) continue;
        str after = str_sub(t, b + n, t.n);
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
    static const char *const yes[] = {"i'm", "i am", "im", "i'm only", "i'm just", "i am only", "i'm a", "i am a", "im a", "as a", "im only", "i'm turning", "i just turned", "i turned", NULL};
    size_t i = 0;
    while (yes[i] && !self_ends(pre, yes[i])) i++;
    if (!yes[i]) return;
    static const char *const tails[] = {" years old", " year old", "-year-old", " yrs old", " yo", "yo", " y/o", "y/o", " and", " but", " so", " i ", " now", " years of age", " ok", " in ", " with", NULL};
    bool ok = after.n == 0 || strchr(".,;!?)\n", after.p[0]);
    if (after.n > 1 && after.p[0] == '.' && after.p[1] >= '0' && after.p[1] <= '9') ok = false;
    bool article = self_ends(pre, "a");
    for (size_t k = 0; tails[k]; k++)
        if (str_has_prefix(after, str_of(tails[k])) && (k < 8 || !article)) ok = true;
    if (article && ok && !(after.n && (after.p[0] == '-' || after.p[0] == ' ' || after.p[0] == 'y'))) ok = false;
    size_t left_n = strlen(yes[i]);
    str left = str_trim(str_sub(pre, 0, pre.n - left_n));
    if (!ok || self_ends(left, "if") || self_ends(left, "when") || self_ends(left, "until")) return;
    p->age = v;
    if (v <= 17) mark(w, POP_TEEN, turn, b, e);
}

static void read_turn(struct walk *w, struct person *p, uint32_t turn)
{
    str t = w->text[turn].fold;
    place_turn(w, turn, t);
    bool open = true; /* at the begin of a word */
    for (uint32_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.p[i];
        bool in_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c >= 0x80;
        if (!in_word) { open = true; continue; }
        if (!open) continue;
        open = false;
        if (c >= '0' && c <= '9') {
            if (i >= 3 && t.p[i - 1] == ' ') try_age(w, p, turn, t, i);
            if (c != '1') continue;
        }
        unsigned three = three_of(t.p, i, t.n);
        if (bit_of(w->dir->lead3, three)) {
            uint32_t e = i;
            while (e < t.n && word_byte(t.p[e])) e++;
            place_word(w, turn, t, i, e);
        }
        if (bit_of(w->dir->phrase3, three)) try_phrases(w, p, turn, t, i);
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
