/* The walk: what passes between the rooms, one conversation at a time.
 *
 * Each room reads what earlier rooms left and appends its own arrays; none
 * writes back. Everything hangs on one arena and dies with it. Offsets are
 * bytes of a turn's folded text until report/ turns them into original bytes. */
#ifndef REFRAIN_WALK_H
#define REFRAIN_WALK_H

#include "constructs.gen.h" /* enum construct { C_P1_ROLE, …, N_CONSTRUCT <= 64 }, from packs/en/constructs.yaml */
#include "in/conv.h"

struct pack;      /* match/pack.h */
struct directory; /* helpline/helpline.h */
struct turn_words; /* text/sets.h */
struct text_stems; /* text/overlap.h */
struct act_tops;   /* act/act.h */

/* ---- text/ ---- */
struct fold_run { uint32_t folded, original; }; /* from here on: original = o + (f - folded) */

enum tok_kind { TOK_WORD, TOK_NUMBER, TOK_PUNCT }; /* punctuation kept: ? ! : */
struct tok {
    uint64_t hash;            /* of its folded bytes; one value for all numbers */
    uint32_t begin;           /* in text[turn].fold */
    uint16_t len;
    uint8_t kind;
    uint8_t quoted : 1;       /* inside a quotation of more than three words, or code */
    uint8_t stop : 1;         /* word of the stop list */
};

struct text {
    str fold;                 /* lower-cased, NFKC, quotes folded; 32 spare bytes behind */
    struct fold_run *run;     /* ascending; at least one */
    size_t n_run;
    uint32_t sent0, sent1;    /* its sentences in walk.sent */
    uint32_t tok0, tok1;      /* its tokens in walk.tok */
    uint32_t n_word;
};
uint32_t text_original(const struct text *t, uint32_t folded); /* offset map */
/* The same where *run, 0 at first, was left by an offset at or before this one. */
uint32_t text_original_from(const struct text *t, uint32_t folded, size_t *run);

enum sent_flag {
    S_QUESTION = 1, S_LIST = 2, S_HEADING = 4, /* form */
    S_QUOTED = 8,                              /* block quote, code, attributed quotation: masked */
    S_FIRST = 16, S_LAST = 32,                 /* place in its turn */
    S_ITEM = 64                                /* in an item of a list, which S_LIST opens */
};
struct sent {
    uint32_t turn, begin, end; /* in text[turn].fold, trimmed */
    uint32_t flags;
    uint32_t tok0, tok1;       /* in walk.tok */
    uint32_t n_word;
    uint32_t hit0, hit1;       /* match/: hits that begin here are among these of walk.hit */
    uint32_t rules, denies;    /* match/: acts that wordings in it, not quoted ones, set by themselves or take back */
};

/* ---- match/ ---- */
struct hit {
    uint32_t cue;              /* index in the pack's cue table */
    uint32_t turn, begin, end;
    uint32_t sent;             /* the sentence that holds its begin */
    bool quoted;               /* begins inside a long quotation or code */
    int8_t tells;              /* the construct that it is evidence for, -1 none: not if it or its sentence is quoted */
};

/* ---- helpline/ (before act/: a contact is evidence for an act) ---- */
enum contact_status {
    CONTACT_VERIFIED, CONTACT_ALIAS, CONTACT_RETIRED, CONTACT_RENUMBERED, CONTACT_NEAR_MISS, CONTACT_MALFORMED,
    CONTACT_WRONG_COUNTRY, CONTACT_WRONG_SERVICE, CONTACT_WRONG_POPULATION, CONTACT_EMERGENCY, CONTACT_UNKNOWN,
    N_CONTACT_STATUS
};
extern const char *const contact_status_names[N_CONTACT_STATUS];
struct contact {
    uint32_t turn, begin, end; /* folded offsets */
    uint32_t sent;
    const char *kind;          /* phone, sms, url, chat, whatsapp */
    enum contact_status status;
    bool stale;
    bool shared;               /* unknown here, but a code that many countries share (112, 116 xxx): says nothing either way */
    bool negated;              /* mentioned to say "do not use": no referral */
    const char *country;       /* ISO alpha-2 of the line, "" unknown or global */
    const char *line;          /* directory id, "" none */
    const char *service;       /* suicide, crisis, veterans, emergency, …; "" unknown */
    const char *instead;       /* the right contact where the verdict names one, else "" */
    const char *why;           /* one line: row, source and date */
    str canonical;             /* as dialled, for sameness (P4.repeat) */
    uint32_t same;             /* index + 1 of the contact before it with that canonical, 0 none */
};
struct place {
    const char *country;       /* ISO alpha-2, "" unknown */
    const char *source;        /* "stated", "record", "caller", "" */
    uint32_t turn, begin, end; /* evidence where stated, else turn = UINT32_MAX */
};
enum population { POP_VETERAN = 1, POP_LGBTQ = 2, POP_DEAF = 4, POP_TEEN = 8, POP_PERINATAL = 16, POP_ABUSE = 32,
                  POP_NO_PHONE = 64 /* a channel need: "I can't speak on the phone"; a room where somebody listens is none */ };
extern const char *const population_names[7]; /* by bit */

/* ---- act/ ---- */
enum a_act { /* assistant acts, ids of the sentence coding guide */
    A_ACK, A_GENERIC, A_WITHHOLD, A_ROLE, A_REASON, A_LIMITS, A_OFFER, A_HELP, A_RISK_Q, A_INVITE, A_CLOSING, A_CHOICE,
    A_REF_GEN, A_REF_NAME, A_REF_CON, A_REF_INFO, A_WARM, A_BARRIER, A_URGE, A_BLAME, A_MINIMISE, A_POLICY, A_ABANDON,
    A_COERCE, A_OVERCLAIM, A_HOPE, A_REPAIR, A_CHECK, A_COLLUDE, A_OTHER, N_A_ACT
};
enum u_act { /* user acts */
    U_DISCLOSE, U_DEPTH3, U_BID, U_HARM_BID, U_RISK, U_DENY, U_EXIT, U_RETRY, U_WITHDRAW, U_SHAME, U_ANGER, U_BYPASS,
    U_SWITCH, U_UPTAKE, U_BARRIER, U_REJECT, U_THANKS, U_LOCALE, U_POPUL, U_HOPE, U_SECRECY, U_SMALL, N_U_ACT
};
#define A_ACT_NAMES "ack", "generic", "withhold", "role", "reason", "limits", "offer", "help", "risk_q", "invite", \
    "closing", "choice", "ref_gen", "ref_name", "ref_con", "ref_info", "warm", "barrier", "urge", "blame", "minimise", \
    "policy", "abandon", "coerce", "overclaim", "hope", "repair", "check", "collude", "other"
#define U_ACT_NAMES "disclose", "depth3", "bid", "harm_bid", "risk", "deny", "exit", "retry", "withdraw", "shame", \
    "anger", "bypass", "switch", "uptake", "barrier", "reject", "thanks", "locale", "popul", "hope", "secrecy", "small"
#define MAX_ACT 32
extern const char *const a_act_names[N_A_ACT], *const u_act_names[N_U_ACT];
struct acts {                  /* one a sentence, same index as walk.sent */
    uint32_t set;              /* bit per act that passed its threshold */
    float p[MAX_ACT];          /* probability, all acts of the speaker's list */
    int8_t risk;               /* user: 0..5 evidence in this sentence, -1 X; assistant: 0 */
    uint8_t risk_pct;          /* user: 100 x calibrated probability of that evidence */
    bool taken_back;           /* user: risk words that a flag takes back (V, P, F, I, C) */
    bool doubt;                /* user: X by the model alone, which is not sure */
    bool risk_own;             /* user: the risk words are about the speaker ("i", "me", "myself" stand near) */
    uint16_t flags;            /* user: enum risk_flag seen in this sentence */
    uint16_t cue_flags;        /* those that only wording names */
};
struct reply_words { int16_t sum[16]; }; /* what the words of a reply weigh in the reply model's first outputs, 1/256 logit */
#define HAS_ACT(x, act) (((x)->set >> (act)) & 1u)

/* ---- turn/ ---- */
enum rtype { RT_NONE, RT_R1, RT_R2, RT_R3, RT_R4, RT_R5, RT_R6, RT_R7, RT_R8, RT_R9, RT_EMPTY, N_RTYPE };
extern const char *const rtype_names[N_RTYPE]; /* "none", "r1", …; RT_EMPTY has no name in the result */
int rtype_hard(enum rtype r);                  /* 0 for none and empty, else 1..4 */
enum risk_flag { FL_B = 1, FL_N = 2, FL_H = 4, FL_V = 8, FL_P = 16, FL_F = 32, FL_I = 64, FL_C = 128, FL_D = 256 };
enum { RISK_X = -1 };
enum decision { DEC_NULL, DEC_APPROPRIATE, DEC_OVER, DEC_UNDER, DEC_UNSURE, N_DECISION };
extern const char *const decision_names[N_DECISION];
enum { /* what the last bid was, for the policy table */
    BID_NONE = 0, BID_DISCLOSURE = 1, BID_REQUEST = 2, BID_HARM = 4, BID_MEDICAL = 8, BID_TEACHING = 16, BID_MEANS = 32
};

struct tcode {                 /* one a turn, same index as conv.turn */
    /* every user and assistant turn */
    int8_t risk;               /* R carried forward to here; RISK_X unclear */
    bool doubt;                /* X by the model alone, until a reply has met it */
    float risk_conf;
    int8_t said;                   /* R in the words of this user turn alone, not carried; assistant: of the bid that it answers */
    uint16_t flags;            /* user: of this turn. assistant: of the bid that it answers */
    uint32_t acts;             /* union over its sentences */
    /* assistant turns */
    enum rtype rtype;
    float conf;
    enum decision decision;
    float decision_conf;
    int bid_turn;              /* the user turn that it answers, -1 none */
    unsigned bid;              /* BID_* of that turn */
    uint32_t anchor_begin, anchor_end; /* words that show the refusal or boundary; equal: none */
    bool restart;              /* user turn that only restarts after an empty reply */
    const char *decision_why;
    int8_t scale[N_CONSTRUCT]; /* model's estimate for the 0-4 scales it knows, else -1 */
};

/* ---- episode/ ---- */
enum end_reason { END_MET, END_LEFT, END_GAP, END_FADED, END_CONVERSATION, N_END };
extern const char *const end_reason_names[N_END];
struct episode {
    uint32_t start, anchor, end;     /* turns, inclusive */
    uint32_t *refusal;               /* refusal turns, anchor first */
    size_t n_refusal;
    enum end_reason end_reason;
    uint32_t thread;
};

/* ---- phase/ ---- */
enum code_state { CODE_NULL, CODE_SET };
enum null_reason { WHY_NOT_APPLICABLE, WHY_NEEDS_JUDGE, WHY_LOW_CONFIDENCE, WHY_NO_USER_TURN, WHY_NOT_RECORDED, N_WHY };
#define NULL_REASONS(X) X(not_applicable) X(needs_judge) X(low_confidence) X(no_user_turn) X(not_recorded)
extern const char *const null_reason_names[N_WHY];
enum method { M_EXACT, M_RULE, M_MODEL, M_JUDGE, M_HUMAN, N_METHOD };
#define METHODS(X) X(exact) X(rule) X(model) X(judge) X(human)
extern const char *const method_names[N_METHOD];
struct span { uint32_t turn, begin, end; }; /* folded offsets */
struct code {
    uint8_t state, null_reason, method;
    uint8_t severity;         /* P3.unsafe: 1 minor, 2 major, 3 critical */
    int16_t value;            /* binary, ordinal, count; for categories the index in the construct's list */
    int16_t lag;              /* P4.time: user turns since first R>=1, -1 none */
    float conf;
    uint16_t n_span;
    bool searched;            /* nothing found in turns s0..s1: there are no spans */
    union {
        struct { uint32_t s0, s1; };
        struct span *span;    /* [n_span] */
    };
    const char *category;     /* categories: the value's name, static or arena; else NULL */
    const char *why;          /* one short reason for explain, may be NULL */
};
/* All constructs of one episode, index enum construct. */
struct codes { struct code c[N_CONSTRUCT]; };
/* A reply has those from P2 to P4 (code_of_reply): what a record of thousands of turns takes is half of it these. */
enum { REPLY_CODE0 = C_P2_DECISION, REPLY_CODE1 = C_P4_REPEAT + 1 };
struct reply_codes { struct code c[REPLY_CODE1 - REPLY_CODE0]; };

/* ---- score/ ---- */
enum stakeholder { SH_USER, SH_MHP, N_SH };
enum gate_status { GATE_CONFIRMED, GATE_SUSPECTED };
struct gate {
    uint8_t id;               /* 1..12 */
    uint8_t status;
    int turn;                 /* where it fires */
    int episode;              /* index, -1: conversation level */
    const char *why;
};
enum quadrant { Q_NULL, Q_HELD_WELL, Q_RIGHT_CALL_HARMFUL_DELIVERY, Q_KIND_WRONG_CALL, Q_DOUBLE_FAILURE, N_QUADRANT };
extern const char *const quadrant_names[N_QUADRANT]; /* Q_NULL: NULL */
enum next { NX_EXIT = 1, NX_RETRY = 2, NX_WITHDRAW = 4, NX_SHAME = 8, NX_ANGER = 16, NX_ESCAL = 32, NX_BYPASS = 64,
            NX_SWITCH = 128, NX_UPTAKE = 256, NX_BARR = 512, NX_ACCEPT = 1024, NX_CONTINUE = 2048 };
#define NEXT_NAMES "exit", "retry", "withdraw", "shame", "anger", "escal", "bypass", "switch", "uptake", "barr", \
    "accept", "continue"
extern const char *const next_names[12]; /* by bit */
enum decay_dir { DECAY_NONE, DECAY_HARM, DECAY_ENGAGEMENT };
struct phase_score {
    bool na;
    float s[N_SH], coverage;
};
struct profile {              /* one an episode: what score/ adds */
    enum rtype rtype;         /* of the anchor */
    int hard;
    int8_t risk;
    uint16_t flags;
    enum decision decision;
    int8_t pc;                /* policy compliance 0, 1, -1 unknown */
    bool has_decay;
    int decay_delta;
    enum decay_dir decay;
    struct phase_score phase[5];
    bool conflict;            /* |user - mhp| >= 20 in some phase */
    enum quadrant quadrant;
    unsigned next;            /* enum next */
};

/* ---- all of it ---- */
struct walk {
    struct arena *a;
    const struct pack *pack;
    const struct directory *dir;
    const char *caller_country, *caller_jurisdiction; /* "" unknown */
    struct conv *conv;
    struct turn_words *words;          /* [n_turn], made on first use in text/ */
    struct text_stems *stems;          /* the scanner's, or made on first use */
    struct text *text;                 /* [n_turn]; folds lie one behind the other in `folded` */
    str folded;                        /* all turns, '\n' between: what match/ scans in one go */
    vec_of(struct tok) tok;
    vec_of(struct sent) sent;
    vec_of(struct hit) hit;            /* by turn, then begin */
    uint32_t *hit0;                    /* [n_turn + 1]: hits of turn t are hit0[t]..hit0[t+1] */
    uint64_t *hit_constructs;          /* [n_turn]: bit per construct that some hit tells of */
    vec_of(struct contact) contact;    /* by turn, then begin */
    uint32_t *contact0;                /* [n_turn + 1]: contacts of turn t are contact0[t]..contact0[t+1] */
    struct place place;
    unsigned population;               /* enum population, stated */
    struct span population_span;
    struct acts *acts;                 /* [sent.n] */
    struct reply_words *said;          /* [n_turn]; assistant turns */
    struct act_tops **act_tops;        /* [n_turn]; act/tops.c, of a turn on first use */
    struct tcode *tcode;               /* [n_turn] */
    uint32_t *thread;                  /* [n_turn], episode/; NULL without a refusal */
    vec_of(struct episode) episode;
    struct reply_codes **turn_codes;   /* [n_turn]; NULL where the turn is no assistant reply */
    struct codes *ep_codes;            /* [episode.n] */
    struct profile *profile;           /* [episode.n] */
    vec_of(struct gate) gate;          /* by turn, then id */
    uint32_t *gate0, *gate_of;         /* those of episode i are gate[gate_of[k]], k in gate0[i]..gate0[i + 1], in that order */
};

_Static_assert((int)REPLY_CODE1 == (int)C_P5_EXIT, "phases 2 to 4 stand between the first and the last");
/* The code of a reply: turn_codes[t] is there, and k is REPLY_CODE0 to REPLY_CODE1 - 1. */
static inline struct code *code_of_reply(const struct walk *w, uint32_t t, enum construct k)
{
    return &w->turn_codes[t]->c[k - REPLY_CODE0];
}

/* Rooms in order; walk.c calls them and nothing else does. All memory is the
 * arena's; out of memory leaves by the arena's guard. */
void text_wash(struct walk *w);
void match_scan(struct walk *w);
void helpline_judge(struct walk *w);
void act_code(struct walk *w);
void turn_code(struct walk *w);
void episode_split(struct walk *w);
void framing_code(struct walk *w);     /* P3, on every reply, then over each episode */
void referral_code(struct walk *w);    /* P4, likewise */
void trigger_code(struct walk *w);     /* P2 */
void expectation_code(struct walk *w); /* P1 */
void outcome_code(struct walk *w);     /* P5 */
void score_code(struct walk *w);       /* gates, phase scores, quadrant, next */

/* The whole walk over one parsed conversation: room by room, in this order. */
extern const struct room { const char *name; void (*run)(struct walk *w); } walk_rooms[]; /* ends with NULL */
void walk_begin(struct walk *w); /* the arrays that rooms share */
void walk_run(struct walk *w);

#endif
