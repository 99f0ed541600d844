/* A number and the words right beside it → does its line serve what they name?
 *
 * "The abuse line 988" and "988 (poison control)" send a person to the wrong
 * desk. Only a service named next to the number, in the same clause, counts;
 * "if there is violence at home, 988 can listen too" names none. What a line
 * may be called besides is in its row: its own name is always right. */
#include "helpline/room.h"

enum { /* services that a name does not fit */
    SUICIDE = 1, CRISIS = 2, YOUTH = 4, GENERAL = 8, LGBTQ = 16, VETERANS = 32, VIOLENCE = 64, SUBSTANCE = 128, EATING = 256, EMERGENCY = 512
};
static const struct { const char *name; unsigned bit; } services[] = {
    {"suicide", SUICIDE}, {"crisis", CRISIS}, {"youth", YOUTH}, {"general", GENERAL}, {"lgbtq", LGBTQ}, {"veterans", VETERANS},
    {"domestic-violence", VIOLENCE}, {"substance", SUBSTANCE}, {"eating-disorder", EATING}, {"emergency", EMERGENCY}};

#define N(z) z, sizeof z - 1
/* Longer names before those that they end with. `alone`: a service without "line" or the like behind it. */
static const struct naming { const char *name; uint8_t n; const char *need; unsigned unfit; bool alone; } namings[] = {
    {N("substance abuse"), "substance", SUICIDE | VETERANS | VIOLENCE | EATING, false},
    {N("substance use"), "substance", SUICIDE | VETERANS | VIOLENCE | EATING, false},
    {N("drug abuse"), "substance", SUICIDE | VETERANS | VIOLENCE | EATING, false},
    {N("drug and alcohol"), "substance", SUICIDE | VETERANS | VIOLENCE | EATING, false},
    {N("alcohol and drug"), "substance", SUICIDE | VETERANS | VIOLENCE | EATING, false},
    {N("addiction"), "substance", SUICIDE | VETERANS | VIOLENCE | EATING, false},
    {N("child abuse"), "youth", SUICIDE | VETERANS | SUBSTANCE | EATING, false},
    {N("abuse"), "domestic-violence", SUICIDE | VETERANS | SUBSTANCE | EATING, false},
    {N("domestic violence"), "domestic-violence", SUICIDE | VETERANS | SUBSTANCE | EATING, false},
    {N("family violence"), "domestic-violence", SUICIDE | VETERANS | SUBSTANCE | EATING, false},
    {N("gender-based violence"), "domestic-violence", SUICIDE | VETERANS | SUBSTANCE | EATING, false},
    {N("sexual assault"), "domestic-violence", SUICIDE | VETERANS | SUBSTANCE | EATING, false},
    {N("rape crisis"), "domestic-violence", SUICIDE | VETERANS | SUBSTANCE | EATING, false},
    {N("eating disorder"), "eating-disorder", SUICIDE | VETERANS | VIOLENCE | SUBSTANCE, false},
    {N("eating disorders"), "eating-disorder", SUICIDE | VETERANS | VIOLENCE | SUBSTANCE, false},
    {N("gambling"), "", SUICIDE | VETERANS | VIOLENCE | EATING | LGBTQ | YOUTH, false},
    {N("poison control"), "", ~(unsigned)(EMERGENCY | GENERAL), true},
    {N("poison"), "", ~(unsigned)(EMERGENCY | GENERAL), false},
    {N("poisons"), "", ~(unsigned)(EMERGENCY | GENERAL), false},
    {N("veterans"), "veterans", VIOLENCE | SUBSTANCE | EATING | YOUTH, false},
    {N("suicide"), "suicide", VIOLENCE | SUBSTANCE | EATING | GENERAL | EMERGENCY, false},
    {N("emergency services"), "emergency", ~(unsigned)EMERGENCY, true},
    {N("ambulance"), "emergency", ~(unsigned)EMERGENCY, true},
    {N("police"), "emergency", ~(unsigned)EMERGENCY, true},
};

#undef N

/* What stands between such a name and the number is in words.c, and the words that these names end with. */

static bool word_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || (unsigned char)c >= 0x80; }

static bool one_of(str w, const char *const *set)
{
    for (; *set; set++)
        if ((*set)[0] == w.p[0] && str_eq(w, str_of(*set))) return true;
    return false;
}

static bool str_ends(str s, const char *z)
{
    size_t n = strlen(z);
    return s.n >= n && memcmp(s.p + s.n - n, z, n) == 0;
}

/* The naming that the text ends with. */
static const struct naming *ends_named(str z)
{
    for (size_t i = 0; i < ARRAY_LEN(namings); i++) {
        size_t n = namings[i].n;
        if (z.n < n || z.p[z.n - 1] != namings[i].name[n - 1] || memcmp(z.p + z.n - n, namings[i].name, n) != 0) continue;
        if (z.n == n || !word_char(z.p[z.n - n - 1])) return &namings[i];
    }
    return NULL;
}

static const struct naming *begins_named(str z)
{
    const struct naming *best = NULL;
    for (size_t i = 0; i < ARRAY_LEN(namings); i++) {
        size_t n = namings[i].n;
        if (z.n < n || z.p[0] != namings[i].name[0] || memcmp(z.p, namings[i].name, n) != 0 || (z.n > n && word_char(z.p[n]))) continue;
        if (!best || n > best->n) best = &namings[i];
    }
    return best;
}

static bool denied(str before)
{
    str z = before.n > 16 ? str_sub(before, before.n - 16, before.n) : before;
    return str_find(z, STR("not ")) != SIZE_MAX || str_find(z, STR("n't ")) != SIZE_MAX || str_find(z, STR("than ")) != SIZE_MAX;
}

static bool is_a(uint32_t classes, enum word_class c) { return classes >> c & 1; }

/* "the abuse hotline on **988": backwards over small words of the same clause. */
static const struct naming *named_before(const struct directory *d, str z)
{
    static const bool passed[256] = {[0] = 1, [' '] = 1, ['*'] = 1, ['_'] = 1, ['('] = 1, ['"'] = 1, ['['] = 1, [':'] = 1, ['-'] = 1};
    bool noun = false;
    for (int words = 0; words < 7; words++) {
        while (z.n && passed[(unsigned char)z.p[z.n - 1]]) z.n--;
        size_t b = z.n;
        while (b && word_char(z.p[b - 1])) b--;
        uint32_t classes = word_classes_of(d, str_sub(z, b, z.n));
        const struct naming *k = is_a(classes, W_NAMES) ? ends_named(z) : NULL;
        if (k && (noun || k->alone)) {
            str left = {z.p, z.n - k->n};
            return denied(left) ? NULL : k;
        }
        bool is_noun = is_a(classes, W_DESK);
        if (!is_noun && !is_a(classes, W_TO_DESK)) {
            if (!k || noun) return NULL;
            str left = {z.p, z.n - k->n}; /* "the number for suicide prevention" is none of ours; "the line for gambling" is */
            return str_ends(left, "line for ") || str_ends(left, "number for ") ? k : NULL;
        }
        noun |= is_noun;
        z.n = b;
    }
    return NULL;
}

/* "988 (the national abuse line)", "988 is the suicide hotline". */
static const struct naming *naming_after(const struct directory *d, str z)
{
    while (z.n && strchr("*_\"]", z.p[0])) z = str_sub(z, 1, z.n);
    static const char *const lead[] = {" (", " is the ", " is a ", ", the ", " - the ", " – the ", " — the ", " - ", " – ", " — ", NULL};
    if (z.n < 2 || (z.p[0] != ' ' && z.p[0] != ',') || (z.p[1] >= 'a' && z.p[1] <= 'z' && z.p[1] != 'i')) return NULL; /* most: " or" */
    size_t i = 0;
    while (lead[i] && !str_has_prefix(z, str_of(lead[i]))) i++;
    if (!lead[i]) return NULL;
    z = str_sub(z, strlen(lead[i]), z.n);
    static const char *const adjectives[] = {"the", "a", "an", "national", "free", "uk", "us", "uk's", "local", "main", "dedicated", "american", "british", NULL};
    for (int k = 0; k < 4; k++) {
        const struct naming *found = begins_named(z);
        size_t e = 0;
        while (e < z.n && word_char(z.p[e])) e++;
        if (!found) {
            if (!e || !one_of(str_sub(z, 0, e), adjectives)) return NULL;
            z = str_trim(str_sub(z, e, z.n));
            continue;
        }
        z = str_sub(z, found->n, z.n);
        for (int w = 0; w < 3 && !found->alone; w++) {
            z = str_trim(z);
            for (e = 0; e < z.n && word_char(z.p[e]);) e++;
            uint32_t classes = word_classes_of(d, str_sub(z, 0, e));
            if (is_a(classes, W_DESK)) return found;
            if (!is_a(classes, W_TO_DESK)) return NULL;
            z = str_sub(z, e, z.n);
        }
        return found->alone ? found : NULL;
    }
    return NULL;
}

static bool has_name(str sentence, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; n > 2 && i + n <= sentence.n; i++)
        if (str_ieq(str_sub(sentence, i, i + n), str_of(name))) return true;
    return false;
}

static unsigned bit_of_service(const struct dir_line *l)
{
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        if (strcmp(services[i].name, l->service) == 0) return services[i].bit;
    return 0;
}

const char *service_misnamed(const struct directory *d, const struct raw *r, const struct dir_line *l, str text, uint32_t prev_end, const char **need)
{
    uint32_t b = r->sent_begin > prev_end ? r->sent_begin : prev_end;
    const struct naming *k = named_before(d, str_sub(text, b < r->begin ? b : r->begin, r->begin));
    if (!k) k = naming_after(d, str_sub(text, r->end, r->sent_end));
    if (!k || !(bit_of_service(l) & k->unfit)) return NULL;
    /* another line of that number in that country may be the one that is meant */
    for (const struct ref *x = directory_find(d, r->key); x; x = ref_next(d, x)) {
        const struct dir_line *o = x->bad ? NULL : d->line[x->i];
        if (o && strcmp(o->country, l->country) == 0 && o->status[0] == 'c' && !(bit_of_service(o) & k->unfit)) return NULL;
    }
    str sentence = str_sub(text, r->sent_begin, r->sent_end);
    if (has_name(sentence, l->name)) return NULL;
    for (dir_list a = l->aka; *a; a++)
        if (has_name(sentence, *a)) return NULL;
    *need = k->need;
    return k->name;
}
