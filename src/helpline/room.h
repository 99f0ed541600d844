/* Inside the annex: the loaded directory, raw contacts, and what passes
 * between its files. Other rooms include helpline.h. */
#ifndef REFRAIN_HELPLINE_ROOM_H
#define REFRAIN_HELPLINE_ROOM_H

#include "helpline/directory.h"
#include "helpline/helpline.h"

/* ---- directory.c ---- */
enum key_how {
    KEY_DIALLED,       /* as dialled, or a usual variant of it */
    KEY_INTERNATIONAL, /* with the calling code */
    KEY_FORCED,        /* a short code made E.164: reaches nobody */
    KEY_PLUS,          /* known-bad contact that was printed with + */
    KEY_SITE,          /* host of the service's site */
};
struct ref {
    uint32_t i;        /* line, or known-bad entry */
    bool bad;
    uint8_t how;
    uint32_t next;     /* ref + 1 of the next with this key, 0 none */
};
struct place_slot { uint64_t h; uint32_t i; }; /* name + 1, 0 free */

struct directory {
    struct arena a;
    const struct dir_line **line;
    bool *stale, *off;          /* by line */
    const char **mention;       /* by line: its name as one writes it in a sentence, folded */
    struct said { const char *name; uint32_t n; char last; } *said; /* by line: what is said before its number (beside.c); n 0: nothing */
    const char **why;           /* by line: its id, and the source that vouches for its newest date */
    const char **bad_mention;   /* by known-bad entry: what it was presented as, folded */
    size_t n_line;
    const struct dir_bad **bad;
    size_t n_bad;
    uint64_t *key;              /* open addressing, 0 free */
    uint32_t *head;             /* ref + 1 */
    size_t cap;
    vec_of(struct ref) ref;
    const struct place_name *name; size_t n_name; /* an overlay's places, then the built-in ones */
    const struct law **law; size_t n_law;          /* an overlay's, the last file first */
    struct place_slot *place; size_t place_cap;
    uint8_t name3[4096];        /* bit set by first three letters (three_of): place names and what may stand before them */
    uint8_t name_one[4096];     /* bit set of place names of one word (word_number) */
    uint8_t name_more[4096];    /* of the first words of others */
    uint8_t name_pair[4096];    /* bit set of what the others begin with (pair_of) */
    uint8_t first_word[4096];   /* bit set of place names' first words, by their token's hash */
    struct trigger { uint64_t hash; uint8_t flags, phrase; } trigger[1024]; /* words that open a phrase or lead to a place (self.c) */
    uint8_t trigger_bit[4096];  /* bit set of their hashes, and of numbers: most words end here */
    uint8_t phrase_next[256];   /* phrase + 1 behind it in its list */
    struct word_slot { uint32_t hash, classes; } word[2048]; /* words beside a number: most looks end at the first slot */
    struct { char digit[20]; uint8_t n, country; bool sms; } *near; /* by line: for look-alikes; n 0: none */
    uint64_t *near_bit;         /* bit set of the look-alikes' digits with none or one left out (near.c) */
    uint64_t *near_call;        /* bit set of their calling codes */
    struct { const char *host; uint8_t n, dot; bool web; } *site; /* by line: for look-alikes of its site; host NULL: none */
    const struct dir_line *offer[26 * 26], *offer_emergency[26 * 26]; /* by country: the line to offer there, or NULL */
    int32_t as_of;              /* days since 1970-01-01 */
    uint32_t stale_days;
    char version[48];
};
/* Digits → key, 0 when there are none or more than 17. */
uint64_t number_key(const char *digits, size_t n);
uint64_t host_key(str host);
const struct ref *directory_find(const struct directory *d, uint64_t key); /* or NULL */
static inline const struct ref *ref_next(const struct directory *d, const struct ref *r)
{
    return r->next ? &d->ref.p[r->next - 1] : NULL;
}
/* YYYY[-MM[-DD]] → its first day, or INT32_MIN. */
int32_t date_days(const char *z);
/* The first three letters at b as a number below 32,768; a shorter word is padded with blanks. */
static inline unsigned three_of(const char *t, size_t b, size_t n)
{
    unsigned x = (unsigned char)t[b], y = b + 1 < n ? (unsigned char)t[b + 1] : ' ', z = b + 2 < n ? (unsigned char)t[b + 2] : ' ';
    return (x & 31) << 10 | (y & 31) << 5 | (z & 31);
}
static inline bool bit_of(const uint8_t *set, unsigned i) { return set[i >> 3] >> (i & 7) & 1; }
static inline void set_bit(uint8_t *set, unsigned i) { set[i >> 3] |= (uint8_t)(1u << (i & 7)); }
size_t country_index(const char *code); /* n_builtin_country when unknown */

/* ---- extract.c ---- */
enum raw_kind { RAW_PHONE, RAW_SMS, RAW_WHATSAPP, RAW_CHAT, RAW_URL, RAW_EMAIL };
struct raw {
    uint32_t begin, end;
    uint32_t sent_begin, sent_end; /* the words around it that may explain it */
    uint8_t kind;
    bool plus;                     /* written with + or 00 */
    bool negated;
    uint8_t n_digit;
    char digit[20];                /* NUL behind; keypad letters as digits */
    uint64_t key;                  /* of the directory entry that it matched, else of its own digits */
    bool known;                    /* key is in the directory */
    uint32_t of;                   /* of a short code that is not: the line named right before it, as index + 1 */
    char menu[4];                  /* "1"; "" none */
    str keyword;                   /* folded; n 0 none */
    str host, path;
};
struct raws { struct raw *p; size_t n, cap; bool cut; /* more may have stood there */ };
enum { CONTACTS_MAX = 256, CONTACTS_SENTENCE = 16 }; /* of a turn, of a sentence; what comes behind is text and no contact */
/* Contacts of one folded text, ascending, within these limits. `map` and `original` tell the case of a
 * letter; both may be absent. */
void contacts_extract(struct raws *out, struct arena *a, const struct directory *d, str fold, const struct text *map,
                      str original);

/* ---- number.c, spelled.c, url.c: one candidate each; they return where to go on ---- */
struct scan {
    struct arena *a;
    const struct directory *d;
    const char *t;
    uint32_t n;
    const struct text *map;
    str original;
    struct raws *out;
    uint32_t skip;    /* before this the sentence has had its contacts */
    uint32_t n_sentence; /* contacts of the sentence so far */
    uint32_t echo;    /* behind the latest contact's number said again, 0 none */
    uint32_t no_host; /* words that begin before this were looked at and are no address */
};
static inline char at(const struct scan *s, uint32_t i) { return i < s->n ? s->t[i] : 0; }
static inline bool digit(char c) { return c >= '0' && c <= '9'; }
static inline bool letter(char c) { return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0xC0; }
uint32_t number_examine(struct scan *s, uint32_t at); /* at: a digit */
uint32_t spelled_examine(struct scan *s, uint32_t at); /* at: the n of "nine" */
uint32_t url_examine(struct scan *s, uint32_t at);    /* at: a full stop inside a word */
bool url_token(struct scan *s, uint32_t at, uint32_t *end); /* a host that begins with a digit */

/* ---- words.c: what a word makes of the number beside it ---- */
enum word_class {
    W_ORDERING,   /* before a number: it orders things */
    W_UNIT,       /* behind a number: it counts things */
    W_YEAR,       /* before a year */
    W_AMOUNT,     /* before an amount */
    W_DIAL_VERB,  /* a verb that dials */
    W_DIAL_NOUN,  /* what is dialled */
    W_LINK,       /* small words between these and the number */
    W_OPEN,       /* behind a short code: it is not what the code would count */
    W_CUE,        /* in the sentence of a number: it may be a telephone number */
    W_TEXT_VERB,  /* a verb that sends a text message */
    W_CALL_VERB,  /* a verb that calls */
    W_DESK,       /* what a service is reached by (service.c) */
    W_TO_DESK,    /* small words between its name, these and the number */
    W_NAMES,      /* ends the name of a service */
    W_NO_KEY,     /* no keyword of a text line */
};
struct word { uint32_t b, e, classes; /* bit set */ };
void word_table(struct directory *d); /* fills word */
uint32_t word_classes_of(const struct directory *d, str word); /* a word of a fold */
static inline uint32_t word_classes(const struct scan *s, uint32_t b, uint32_t e)
{
    return word_classes_of(s->d, (str){s->t + b, e - b});
}
static inline bool word_is(struct word w, enum word_class c) { return w.classes >> c & 1; }

/* ---- context.c: the words around a candidate ---- */
enum { N_BEFORE = 8 };
struct around {
    uint32_t begin, end;           /* the sentence, by punctuation, at most 200 bytes each way */
    struct word before[N_BEFORE];  /* nearest first */
    uint32_t n_before;
    struct word after[4];
    uint32_t n_after;
};
void around_look(struct around *x, const struct scan *s, uint32_t b, uint32_t e);
uint32_t sentence_end(const struct scan *s, uint32_t i); /* of the one that i stands in, however long */
void raw_count(struct scan *s, const struct around *x);  /* the contact just taken, of that sentence */
void around_sentence(struct around *x, const struct scan *s, uint32_t b, uint32_t e); /* the same without words */
bool word_in(const struct scan *s, struct word w, const char *const *set);
bool around_cue(const struct scan *s, const struct around *x, uint32_t b, uint32_t e); /* hotline, call, … near */
bool around_negated(const struct scan *s, const struct around *x, uint32_t b, uint32_t e);
char around_menu(const struct scan *s, const struct around *x, uint32_t end);            /* the key to press, 0 none */
void around_fill(struct raw *r, const struct scan *s, const struct around *x);         /* kind, keyword, menu */
void raw_push(struct scan *s, struct raw *r, const struct around *x); /* number.c */

/* ---- beside.c: words that say a number is dialled ---- */
int dialled(const struct scan *s, const struct around *x); /* 2: a verb that dials, with small words between; 1: a noun; 0 no */
bool named_after(const struct scan *s, const struct around *x, uint32_t e); /* "helpline", "crisis" … behind e */
/* "samaritans are on", "tele-manas can be reached on": whose number it is said to be, as a line's index + 1; 0 nobody's. */
uint32_t service_before(const struct scan *s, const struct around *x);
/* Behind a short code stands punctuation or a small word, never the thing counted. */
bool open_after(const struct scan *s, const struct around *x, uint32_t e);
void said_table(struct directory *d); /* fills said */

/* ---- place.c ---- */
/* Longest place name that begins at word `b` of t, or NULL; *end behind it. */
const struct place_name *place_at(const struct directory *d, const char *t, uint32_t b, uint32_t n, uint32_t *end);
struct person { int age; bool not_veteran; }; /* age -1: not stated */
void place_find(struct walk *w, struct person *p); /* w->place, w->population */
void self_table(struct directory *d);              /* fills trigger, first_word, phrase_next */
extern const char *const place_fillers[];          /* "rural ", "the north of "; NULL ends */
void place_table(struct directory *d);             /* fills name3 */

/* ---- service.c ---- */
/* The service named right beside contact r when line l serves another one ("the abuse line 988"), else NULL; *need: the
 * directory's word for it, "" when no line serves it. */
const char *service_misnamed(const struct directory *d, const struct raw *r, const struct dir_line *l, str text, uint32_t prev_end,
                             const char **need);

/* ---- verdict.c ---- */
void offer_table(struct directory *d); /* fills offer */
enum { MAX_LABEL = 6 };
struct pairs { uint32_t turn, begin, end; uint64_t bit[16]; }; /* neighbouring bytes that stand in these, and perhaps others */
struct carried { /* from contact to contact */
    uint32_t turn, end, country[MAX_LABEL]; /* countries named beside the one before */
    size_t n;
    struct pairs pairs;
};
/* True when the words beside a foreign line say whose it is ("UK: 116 123"). */
bool contact_judge(struct contact *c, const struct raw *r, const struct walk *w, const struct person *p, str text,
                   struct carried *last);

#endif
