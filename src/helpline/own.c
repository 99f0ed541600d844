/* The words before a place → is the person there, now?
 *
 * In: the clause up to a preposition ("i teach in a secondary school" in cork). Two ways to yes: an ending that says it
 * outright ("i live"), or, a few words back, a verb of staying that is the person's own and in the present, with nobody
 * else, no past and no journey among the words between. Doubt means no: an unknown place costs less than a wrong
 * one. */
#include "helpline/self.h"

static const char *const adverbs[] = {"currently", "now", "still", "actually", "just", "right now", "over", "out",
    "up", "down", "back", "also", "living",
    "based", "located", "staying", "stuck", "here", "alone", "all alone", "on my own", "by myself", "at the moment",
    "originally", "sitting", "at home", "typing this", "temporarily", "away",
    "posted", "stationed", "recently", "nowadays", "these days", NULL};
static const char *const own[] = {"i'm", "i am", "im", "we're", "we are", "i live", "we live", "i reside",
    "i'm living", "i work", "i study", "i'm studying", "i'm at uni",
    "i'm at university", "i'm at school", "i'm at college", "i'm a student", "i am a student",
    "i'm an international student", "i'm in a hostel", "i'm in hospital", "i'm in a flat", "i'm somewhere",
    "i rent", "i have a flat", "my flat is", "my home is", "my house is", "my country is", "i'm calling",
    "i'm writing", "writing", "i'm texting", "i'm messaging", "i'm typing", "my location is", "i do live", NULL};
static const char *const own_to[] = {"i moved", "i've moved", "i have moved", "i just moved", "i've just moved",
    "we moved", "we've moved", "we have moved", "i recently moved", "i came", "i emigrated",
    "i relocated", "i've relocated", "i have relocated", "we relocated", "i shifted", "i've shifted", "ive shifted",
    "i have shifted", "we shifted", "we have shifted", "i was transferred",
    "i got transferred", "i've been transferred", "i retired", "we retired", "i've retired", "i have come",
    "i've come", "i belong", "we belong",
    "i was posted", "i got posted", "i've been posted", "i had to move", NULL};
static const char *const own_from[] = {"i'm", "i am", "im", "i come", "i'm writing", "i'm calling", "i'm texting",
    "i'm messaging", "i'm typing", "calling", "writing", "messaging", "hello", "hi", "texting", "speaking",
    "i'm typing this", NULL};
static const char *const doubt[] = {"if", "wish", "imagine", "pretend", "whether", "say", "suppose", "when", "think",
    "because if", "dreamed", "dream", "maybe if", NULL};

static bool ends_any(str pre, const char *const *set, size_t *len)
{
    for (; *set; set++)
        if (self_ends(pre, *set)) { *len = strlen(*set); return true; }
    return false;
}

static bool one_of(str w, const char *const *set)
{
    for (; *set; set++)
        if (str_eqz(w, *set)) return true;
    return false;
}

/* ---- by the words of the clause ---- */

enum { WORDS_MAX = 24, BETWEEN_MAX = 9 };
struct words { str w[WORDS_MAX]; size_t n; };

static void split(struct words *x, str z)
{
    x->n = 0;
    for (size_t i = 0; i < z.n && x->n < WORDS_MAX;) {
        while (i < z.n && strchr(" ,:()*\"-", z.p[i])) i++;
        size_t b = i;
        while (i < z.n && !strchr(" ,:()*\"", z.p[i])) i++;
        if (i > b) x->w[x->n++] = str_sub(z, b, i);
    }
}

/* 24, 24f, m24, 20yo: an age as people head a message with it. */
static bool is_age(str w)
{
    if (w.n == 3 && (w.p[0] == 'm' || w.p[0] == 'f')) w = str_sub(w, 1, 3);
    static const char *const sex[] = {"", "f", "m", "yo", "yrs", "y/o", "nb", NULL};
    size_t d = 0;
    while (d < w.n && w.p[d] >= '0' && w.p[d] <= '9') d++;
    return d == 2 && w.p[0] >= '1' && one_of(str_sub(w, d, w.n), sex);
}

static bool is_self(str w)
{
    return one_of(w, (const char *const[]){"i", "i'm", "im", "i've", "ive", "we", "we're", "we've", NULL});
}

static bool is_being(str w)
{
    return one_of(w, (const char *const[]){"i'm", "im", "we're", "am", "are", "been", NULL});
}

static bool is_kin(str w)
{
    static const char *const kin[] = {"mum", "mom", "mother", "mam", "dad", "father", "parents", "family", "sister",
        "brother", "son", "daughter", "wife", "husband", "girlfriend",
        "boyfriend", "friend", "friends", "partner", "cousin", "aunt", "uncle", "kids", "children", "gran", "ex",
        "grandparents", "in-laws", "nan", "nana", "grandad", "grandma", "grandmother", "nephew", "niece", "mate",
        "mates", NULL};
    return one_of(w, kin);
}

/* Words of somebody else, of the past, of a wish, a journey or a subject of study. */
static bool speaks_otherwise(str w)
{
    static const char *const other[] = {"used", "was", "were", "had", "went", "wish", "want", "would", "could",
        "never", "not", "don't", "dont", "hope", "hoping", "holiday",
        "holidays", "vacation", "trip", "visit", "visiting", "honeymoon", "someone", "somebody", "everyone",
        "everybody", "people", "person", "man", "woman", "guy", "girl",
        "boy", "bloke", "lad", "fan", "about", "who", "whose", "whom", "that", "which", "because", "than", "he",
        "she", "they", "is", "are", "has", "lives", "works", "lived",
        "worked", "moved", "love", "interested", "famine", "war", "history", "politics", "partition", "troubles",
        "book", "film", "series", "wedding", "funeral", "to", "from", "watching",
        "reading", "planning", "booking", "looking", "applying", "talking", "dating", "relationship", "touch",
        "contact", "set", "play", "story", "novel", "character", "game",
        "project", "research", "essay", "dissertation", "thesis", "remote", "remotely", "team", "born", "grew",
        "raised", "once", "ago", "his", "her", "their", "when", "where", "until",
        "going", "flying", "moving", "next", "conference", "interview", "thinking", "missing", "wondering", NULL};
    return one_of(w, other) || (w.n > 3 && memcmp(w.p + w.n - 3, "n't", 3) == 0);
}

static bool is_staying(str w)
{
    static const char *const verb[] = {"live", "stay", "reside", "work", "teach", "study", "rent", "lodge", "board",
        "nurse", "drive", "farm", "volunteer", "train", "lecture",
        "living", "staying", "residing", "working", "teaching", "studying", "renting", "lodging", "boarding",
        "nursing", "driving", "farming", "volunteering", "training",
        "lecturing", "doing", "pursuing", "posted", "stationed", "based", "stuck", "hiding", "crashing", "clean",
        "coach", "cook", "deliver", "serve", "cleaning", "coaching", "cooking", "delivering",
        "interning", NULL};
    return one_of(w, verb);
}

/* What may stand between a person and their verb. */
static bool is_small(str w)
{
    static const char *const small[] = {"am", "are", "have", "been", "currently", "now", "still", "actually", "just",
        "also", "both", "mostly", "only", "and", "all", "only", "retired", NULL};
    return is_self(w) || is_age(w) || one_of(w, small);
}

/* Where the verb of staying (or "i'm in", "i'm a", "i've been with") stands whose subject is word s; n none. */
static size_t stays_at(const struct words *x, size_t s)
{
    static const char *const there[] = {"in", "at", "on", "with", "a", "an", "near", "year", "grade", "class", "sat",
        "sitting", "parked", "lying", "sleeping", NULL};
    static const char *const schools[] = {"school", "uni", "university", "college", "class", "church", "work",
        "sixth", "high", "secondary", "primary", "middle",
        "community", "art", "med", "medical", "law", NULL};
    for (size_t i = s + 1; i < x->n && i < s + 6; i++) {
        /* i've lived here for years; "i lived" is over */
        bool since = one_of(x->w[i], (const char *const[]){"lived", "worked", "taught", "started", NULL});
        bool newly = one_of(x->w[i - 1], (const char *const[]){"just", "recently", NULL});
        if (since && one_of(x->w[i - 1], (const char *const[]){"have", "i've", "ive", "we've", NULL})) return i;
        if (newly && str_eqz(x->w[i], "started")) return i;
        if (since) return x->n;
        if (is_staying(x->w[i]) && (is_small(x->w[i - 1]) || str_eqz(x->w[i - 1], "and"))) return i;
        if (is_being(x->w[i - 1]) && one_of(x->w[i], there)) return i;
        if (str_eqz(x->w[i], "go") && is_self(x->w[i - 1]) && i + 2 < x->n && one_of(x->w[i + 2],
            schools)) return i + 2;
        if (speaks_otherwise(x->w[i]) && !str_eqz(x->w[i], "are")) return x->n;
    }
    return x->n;
}

/* "i teach in a secondary school", "i am seventy-six and live on my own". */
static bool situated(str pre, str rest)
{
    struct words x;
    split(&x, pre);
    size_t s = x.n;
    while (s > 0 && !is_self(x.w[s - 1])) s--;
    if (!s) return false;
    if (s > 1 && one_of(x.w[s - 2], doubt)) return false;
    size_t v = stays_at(&x, s - 1), last = v;
    if (v >= x.n) return false;
    bool with = str_eqz(x.w[v], "with"), a = x.w[v].p[0] == 'a'; /* "a stay at home mum" is oneself */
    bool lasting = str_has_prefix(rest, STR(" for ")) || str_has_prefix(rest, STR(" since")) ||
                   str_has_prefix(rest, STR(" all my life"));
    bool once = one_of(x.w[v], (const char *const[]){"worked", "taught", NULL}); /* "i've worked in london" */
    if (once && !lasting) return false;
    for (size_t i = v + 1; i < x.n; i++) {
        bool again = is_staying(x.w[i]) && str_eqz(x.w[i - 1], "and");
        if (again) last = i; /* counted from the last verb that is theirs */
        bool becomes = str_eqz(x.w[i], "to") && i + 1 < x.n && one_of(x.w[i + 1], (const char *const[]){"be",
            "become", NULL});
        bool visa = i + 1 < x.n && str_eqz(x.w[i + 1], "visa"); /* a working holiday visa */
        if (visa) continue;
        if (speaks_otherwise(x.w[i]) && !(becomes && one_of(x.w[i - 1], (const char *const[]){"training", "studying",
            NULL}))) return false;
        a &= !one_of(x.w[i], (const char *const[]){"my", "of", "for", NULL});
        with |= str_eqz(x.w[i], "with");
        if (is_kin(x.w[i]) && !with && !a) return false;
        if (str_eqz(x.w[i], "my") && !with && !one_of(x.w[i - 1], (const char *const[]){"on", "at", "in", "for", "of",
            "doing", NULL})) return false;
    }
    return x.n - last - 1 <= BETWEEN_MAX;
}

/* "been living", "currently", "doing job": a clause that leaves its person out. */
static bool subjectless(str pre, str rest)
{
    static const char *const open[] = {"been", "currently", "presently", "now", "just", "still", NULL};
    static const char *const goes_on[] = {".", ",", "!", "\n", " and i", " since", " for", " with", " now", " at ",
        " on ", " alone", " atm", " but", NULL};
    struct words x;
    split(&x, pre);
    size_t i = 0;
    while (i < x.n && one_of(x.w[i], open)) i++;
    if (!x.n || x.n > 6 || (i < x.n && !is_staying(x.w[i]))) return false;
    bool put = i < x.n && one_of(x.w[i], (const char *const[]){"stuck", "posted", "stationed", "based", NULL});
    if (i < x.n && !put && memcmp(x.w[i].p + x.w[i].n - 3, "ing", 3) != 0) return false; /* "work in" orders */
    for (size_t k = i; k < x.n; k++)
        if (speaks_otherwise(x.w[k]) || is_kin(x.w[k])) return false;
    if (!rest.n) return true;
    for (size_t k = 0; goes_on[k]; k++)
        if (str_has_prefix(rest, str_of(goes_on[k]))) return true;
    return false;
}

/* "i am from up, staying in pg": a clause of the same person behind a comma. */
static bool appended(str pre, str rest)
{
    size_t comma = pre.n;
    while (comma > 0 && pre.p[comma - 1] != ',') comma--;
    struct words x;
    split(&x, str_sub(pre, 0, comma));
    bool self = false;
    for (size_t i = 0; i < x.n; i++) {
        self |= is_self(x.w[i]) || str_eqz(x.w[i], "myself");
        if (is_kin(x.w[i]) || one_of(x.w[i], (const char *const[]){"he", "she", "they", "you", "who",
            NULL})) return false;
    }
    return self && subjectless(str_sub(pre, comma, pre.n), rest);
}

/* "i live about an hour" from denver */
static bool lives_off(str pre)
{
    static const char *const far[] = {"hour", "hours", "miles", "mins", "minutes", "far", "km", NULL};
    size_t n;
    bool live = str_has_prefix(pre, STR("i live ")) || str_find(pre, STR(" i live ")) != SIZE_MAX ||
                str_has_prefix(pre, STR("we live "));
    return live && ends_any(pre, far, &n);
}

/* "i moved from lagos" to toronto */
static bool moved_from(str pre)
{
    size_t n, at = SIZE_MAX;
    for (size_t i = 0; i + 6 < pre.n; i++)
        if (memcmp(pre.p + i, " from ", 6) == 0) at = i;
    if (at == SIZE_MAX || pre.n - at > 30 || !ends_any(str_sub(pre, 0, at), own_to, &n)) return false;
    return !ends_any(str_trim(str_sub(pre, 0, at - n)), doubt, &n);
}

/* "i'm doing my btech" from nagpur, as one says in India */
static bool does_there(str pre, str rest)
{
    static const char *const does[] = {"doing", "pursuing", "studying", NULL};
    struct words x;
    split(&x, pre);
    for (size_t i = 1; i < x.n && i < 4; i++)
        if (one_of(x.w[i], does) && is_small(x.w[i - 1]) && x.n - i < 5) return situated(pre, rest);
    return false;
}

/* "my flat", "my uni halls"; "school in brissy is": what one has or goes to where one is. */
static bool has_there(str pre)
{
    static const char *const mine[] = {"flat", "house", "home", "job", "office", "work", "school", "college", "uni",
        "university", "hostel", "room", "ward", "shop", "apartment", "dorm",
        "halls", "bedsit", "class", "shift", "practice", NULL};
    static const char *const goes[] = {"school", "uni", "college", "work", NULL};
    static const char *const over[] = {"sold", "left", "quit", "leave", "leaving", "miss", "missed", "missing",
        "thinking", "wondering", "remember", "dream", "old", "former",
        "childhood", "was", "back", "holiday", "for", NULL};
    static const char *const opens[] = {"just", "and", "but", "honestly", "well", "so", "because", "cos", "bc",
        "even", NULL};
    struct words x;
    split(&x, pre);
    if (!x.n) return false;
    for (size_t i = 0; i < x.n; i++)
        if (one_of(x.w[i], over)) return false;
    size_t k = x.n - 1;
    bool my = (k >= 1 && str_eqz(x.w[k - 1], "my")) || (k >= 2 && str_eqz(x.w[k - 2], "my") && one_of(x.w[k - 1],
        mine));
    if (my && one_of(x.w[k], mine)) return true;
    bool got = k >= 2 && str_eqz(x.w[k - 1], "a") && one_of(x.w[k - 2], (const char *const[]){"got", "have", "rent",
        "renting", NULL});
    if (got && is_self(x.w[0]) && k <= 4) return one_of(x.w[k], (const char *const[]){"flat", "bedsit", "room",
        "studio", NULL});
    return one_of(x.w[k], goes) && (k == 0 || (k == 1 && one_of(x.w[0], opens)));
}

/* "24f from leeds", "im 15 and from brisbane": by the age before it. */
static bool aged(str pre)
{
    struct words x;
    split(&x, pre);
    size_t k = x.n;
    if (k && str_eqz(x.w[k - 1], "and")) k--;
    if (!k || !is_age(x.w[k - 1])) return false;
    return k == 1 || (k <= 4 && (is_self(x.w[k - 2]) || is_being(x.w[k - 2]) || one_of(x.w[k - 2],
        (const char *const[]){"hi", "hello", "hey", NULL})));
}

/* "sat in the car park of a shop in": where somebody sits and writes, if nobody else and nothing missed is named. */
static bool placed_by_posture(str pre)
{
    static const char *const posture[] = {"sat in ", "sat on ", "sat outside ", "i'm sat in ", "im sat in ",
        "sitting in ", "sitting on ",
        "i'm sitting in ", "im sitting in ", "i'm sitting on ", "parked ", "i'm parked ", "im parked ", NULL};
    static const char *const other[] = {" about ", " over ", " because ", " my ", " with ", " for ", " from ",
        " missing ", " lecture ", NULL};
    enum { CLAUSE_MAX = 60 };
    bool sits = false;
    if (pre.n > CLAUSE_MAX) return false;
    for (size_t i = 0; other[i]; i++)
        if (str_find(pre, str_of(other[i])) != SIZE_MAX) return false;
    for (size_t i = 0; posture[i]; i++) sits |= str_has_prefix(pre, str_of(posture[i]));
    return sits;
}

/* i'm a nurse in leeds */
static bool is_a_there(str near)
{
    static const char *const subj[] = {"i'm a ", "i am a ", "i'm an ", "i am an ", "im a ", NULL};
    for (size_t i = 0; subj[i]; i++) {
        size_t at = str_find(near, str_of(subj[i])), words = 1;
        if (at == SIZE_MAX) continue;
        str rest = str_sub(near, at + strlen(subj[i]), near.n);
        for (size_t k = 0; k < rest.n; k++) {
            words += rest.p[k] == ' ';
            if (strchr(".,;:!?", rest.p[k])) words = 9;
        }
        if (words <= 3) return true;
    }
    return false;
}

/* "as a junior doctor" in manchester: by one's work or standing; "as a child" and "as a student" may be long ago. */
static bool as_one(str pre)
{
    static const char *const standing[] = {"nurse", "midwife", "paramedic", "medic", "gp", "immigrant", "migrant",
        "refugee", "tenant", "widow", "parent", "pensioner", NULL};
    struct words x;
    split(&x, pre);
    if (x.n < 3 || x.n > 6 || !str_eqz(x.w[0], "as") || x.w[1].p[0] != 'a') return false;
    for (size_t i = 2; i < x.n; i++)
        if (speaks_otherwise(x.w[i])) return false;
    str last = x.w[x.n - 1];
    if (one_of(last, (const char *const[]){"teenager", "toddler", "matter", "youngster", "number", NULL})) return false;
    const char *end = last.p + last.n;
    return one_of(last, standing) || (last.n > 4 && end[-1] == 'r' && (end[-2] == 'e' || end[-2] == 'o'));
}

/* By an ending that says it outright: 1; said and taken back by a doubt: -1; 0 neither. */
static int outright(str pre, const char *prep)
{
    size_t n, m;
    bool here = false;
    if (strcmp(prep, "in") == 0 && str_eqz(pre, "live")) return 1;
    for (int k = 0; k < 3 && ends_any(pre, adverbs, &n); k++) {
        here |= self_ends(pre, "here");
        pre = str_trim(str_sub(pre, 0, pre.n - n));
        while (pre.n && pre.p[pre.n - 1] == ',') pre.n--;
    }
    if (here && strcmp(prep, "in") == 0) return 1;
    const char *const *set = *prep == 't' ? own_to : *prep == 'f' ? own_from : own;
    if (!ends_any(pre, set, &n)) return 0;
    return ends_any(str_trim(str_sub(pre, 0, pre.n - n)), doubt, &m) ? -1 : 1;
}

bool own_place(str pre, str rest, const char *prep)
{
    static const char *const acts[] = {"do", "call", "ring", "text", "phone", "reach", "get help", "help", "dial",
        "use", NULL};
    size_t n;
    pre = str_trim(pre);
    int said = outright(pre, prep);
    if (said) return said > 0;
    if (*prep == 't') return moved_from(pre);
    if ((*prep == 'i' || *prep == 'n') && placed_by_posture(pre)) return true;
    str near = str_sub(pre, pre.n > 40 ? pre.n - 40 : 0, pre.n);
    if (*prep == 'f') /* what can i even do from manila */
        return aged(pre) || does_there(pre, rest) || lives_off(pre) || (ends_any(pre, acts, &n) && (str_find(near,
            STR(" i ")) != SIZE_MAX || str_has_prefix(near, STR("i "))));
    return (*prep != 'a' && is_a_there(near)) || aged(pre) || situated(pre, rest) || subjectless(pre, rest) ||
        as_one(pre) ||
        appended(pre, rest) || has_there(pre);
}

/* ---- what stands behind the name ---- */

static bool begins_any(str rest, const char *const *set)
{
    for (; *set; set++)
        if (str_has_prefix(rest, str_of(*set))) return true;
    return false;
}

bool own_after(str rest, const char *prep)
{
    static const char *const no[] = {" united", " city", " rovers", " marathon", " derby", " festival", " in 19",
        " years ago", " as a child", " as a kid", " when i was", " next ", " remote", " but remote", NULL};
    static const char *const site[] = {" depot", " office", " branch", " site", " campus", " hospital", " infirmary",
        " uni", " college", " school", " warehouse", " station", " store", " plant",
        " factory", " yard", " prison", " court", " clinic", " centre", " center", " general", " and ", " but ",
        " at the moment", " now", ",", ".", "\n", "!", "?", NULL};
    if (*prep != 't' && begins_any(rest, no)) return false;
    return *prep != 'a' || !rest.n || begins_any(rest, site); /* "at london drugs" is a firm's name */
}

/* "that number isn't a thing" in ireland, "we don't have 988" in ireland: what was offered is not to be had there. */
bool own_rejected(str pre, bool offered)
{
    static const char *const no[] = {"a thing", "doesn't work", "doesnt work", "does not work", "don't work",
        "dont work", "won't work", "wont work", "doesn't exist", "doesnt exist",
        "don't exist", "isn't available", "not available", "isn't valid", "not valid", "no good", "no use",
        "not a number", "isn't a number", "a real number", "an american number",
        "does that work", "does it work", "do those work", "will that work", "will it work", "would that work",
        "does 988 work", "anything like that", "something like that", "one of those", NULL};
    static const char *const lacks[] = {"don't have", "dont have", "do not have", "haven't got", "have no",
        "there's no", "there is no", "there isn't a", "isn't any", NULL};
    static const char *const what[] = {"988", "911", "that", "those", "that number", "that line", "number", "numbers",
        "it", NULL};
    static const char *const denies[] = {"not ", "n't ", "isnt ", NULL};
    size_t n;
    pre = str_trim(pre);
    if (ends_any(pre, what, &n) && ends_any(str_trim(str_sub(pre, 0, pre.n - n)), lacks, &n)) return offered ||
        self_ends(pre, "988") || self_ends(pre, "911");
    if (!offered || !ends_any(pre, no, &n)) return false;
    if (!self_ends(pre, "a thing") && !self_ends(pre, "a real number")) return true;
    for (size_t i = 0; denies[i]; i++)
        if (str_find(pre, str_of(denies[i])) != SIZE_MAX) return true;
    return false;
}
