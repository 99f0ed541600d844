/* A viewed walk → one JSON object of the result contract (docs/schema/).
 *
 * On the hot path: room is asked once for a bounded piece, then bytes are
 * copied; no printf. Ratios have two decimals, phase scores one. */
#include "report/put.h"
#include "report/report.h"

#include <emmintrin.h>

/* Names of up to 15 bytes, each in 16. */
static const char a_act_key[N_A_ACT][16] = {A_ACT_NAMES}, u_act_key[N_U_ACT][16] = {U_ACT_NAMES},
                  next_key[][16] = {NEXT_NAMES};
/* The pieces that codes are made of; each begins with its comma, and has spare bytes behind. */
#define PIECE_OF(lit) {lit, sizeof(lit) - 1},
#define METHOD_PIECE(name) PIECE_OF(",\"method\":\"" #name "\",\"conf\":")
#define NULL_PIECE(name) PIECE_OF("null,\"reason\":\"" #name "\"}")
static const struct json_piece construct_key[N_CONSTRUCT] = {CONSTRUCT_KEYS}, method_key[N_METHOD] = {METHODS(METHOD_PIECE)},
                               null_key[N_WHY] = {NULL_REASONS(NULL_PIECE)};
const char risk_flag_letters[10] = "BNHVPFICD";

size_t report_time(char out[static 32], int64_t ms)
{
    int64_t sec = ms / 1000, rest = ms % 1000;
    if (rest < 0) rest += 1000, sec--;
    int64_t day = sec / 86400, s = sec % 86400;
    if (s < 0) s += 86400, day--;
    /* days → civil date, proleptic Gregorian (Hinnant) */
    int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9, year = yoe + era * 400 + (month <= 2);
    if (year < 0 || year > 9999) return 0;
    char *p = put_2(put_2(out, (int)(year / 100)), (int)(year % 100));
    *p++ = '-', p = put_2(p, (int)month);
    *p++ = '-', p = put_2(p, (int)(doy - (153 * mp + 2) / 5 + 1));
    *p++ = 'T', p = put_2(p, (int)(s / 3600));
    *p++ = ':', p = put_2(p, (int)(s / 60 % 60));
    *p++ = ':', p = put_2(p, (int)(s % 60));
    if (rest) *p++ = '.', *p++ = (char)('0' + rest / 100), p = put_2(p, (int)(rest % 100));
    *p++ = 'Z';
    return (size_t)(p - out);
}

/* ---- helpers over the buffer ---- */

enum { PIECE = 512 }; /* more than any bounded piece below */

static inline char *room(struct buf *b, size_t n) { return b->cap - b->n >= n || buf_room(b, n) ? b->p + b->n : NULL; }
static inline void took(struct buf *b, const char *p) { b->n = (size_t)(p - b->p); }
static inline void add(struct buf *b, const char *z, size_t n)
{
    char *p = room(b, n);
    if (p) took(b, put(p, z, n));
}
#define BUF_LIT(b, z) add((b), (z), sizeof(z) - 1)

static inline void member(struct buf *b, const char *key, str v)
{
    add(b, key, strlen(key));
    if (v.n) buf_json(b, v);
    else BUF_LIT(b, "null");
}

static inline void name_or_null(struct buf *b, const char *key, const char *name) { member(b, key, str_of(name)); }

/* A name of up to 15 bytes: all of its 16 at once. */
static inline char *put_name(char *p, const char name[static 16])
{
    __m128i v = _mm_loadu_si128((const __m128i *)name);
    _mm_storeu_si128((__m128i *)p, v);
    return p + __builtin_ctz((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128())));
}

static void bit_names(struct buf *b, uint32_t set, const char (*names)[16])
{
    char *p = room(b, PIECE);
    if (!p) return;
    *p++ = '[';
    for (int n = 0; set; set &= set - 1, n++) {
        if (n) *p++ = ',';
        *p++ = '"', p = put_name(p, names[__builtin_ctz(set)]), *p++ = '"';
    }
    *p++ = ']';
    took(b, p);
}

static char *put_flags(char *p, unsigned flags)
{
    *p++ = '[';
    for (int n = 0; flags; flags &= flags - 1, n++) {
        if (n) *p++ = ',';
        *p++ = '"', *p++ = risk_flag_letters[__builtin_ctz(flags)], *p++ = '"';
    }
    *p++ = ']';
    return p;
}

static char *put_risk(char *p, int risk) { return risk == RISK_X ? LIT(p, "\"X\"") : put_int(p, risk); }

/* ---- codes ---- */

enum { SPAN_ROOM = 40 };

/* Most are of one turn: "[12," is made once and copied. */
static char *put_spans(char *p, const struct code *c)
{
    char head[24];
    size_t n_head = 0;
    uint32_t turn = 0;
    p = LIT(p, ",\"spans\":[");
    for (const struct span *x = c->span, *end = x + c->n_span; x < end; x++) {
        if (!n_head || x->turn != turn) {
            turn = x->turn;
            *head = '[';
            char *h = put_int(head + 1, turn);
            *h++ = ',', n_head = (size_t)(h - head);
        }
        memcpy(p, head, sizeof head);
        p = put_int(p + n_head, x->begin);
        *p++ = ',', p = put_int(p, x->end);
        *p++ = ']', *p++ = ',';
    }
    p[-1] = ']';
    return p;
}

/* A pack may name its categories as it likes. */
static void category(struct buf *b, const struct code *c, enum construct id)
{
    if (id != C_P4_TIME) {
        buf_json(b, str_of(c->category));
        return;
    }
    BUF_LIT(b, "{\"category\":");
    buf_json(b, str_of(c->category));
    BUF_LIT(b, ",\"lag\":");
    if (c->lag < 0) BUF_LIT(b, "null");
    else buf_i64(b, c->lag);
    buf_putc(b, '}');
}

static void code(struct buf *b, const struct code *c, enum construct id, bool comma)
{
    static const char *const severity[] = {NULL, "minor", "major", "critical"};
    size_t most = PIECE + SPAN_ROOM * (size_t)c->n_span;
    char *p = room(b, most);
    if (!p) return;
    const struct json_piece *key = &construct_key[id];
    if (comma) p = put_piece(p, key);
    else p = put(p, key->z + 1, key->n - 1u);
    if (c->state == CODE_NULL) {
        took(b, put_piece(p, &null_key[c->null_reason]));
        return;
    }
    if (c->category) {
        took(b, p);
        category(b, c, id);
        if (!(p = room(b, most))) return;
    } else p = put_digit(p, c->value);
    p = put_ratio(put_piece(p, &method_key[c->method]), c->conf);
    if (c->severity > 0 && c->severity < ARRAY_LEN(severity))
        p = LIT(p, ",\"severity\":\""), p = putz(p, severity[c->severity]), *p++ = '"';
    if (c->searched) p = LIT(p, ",\"searched\":["), p = put_digit(p, c->s0), *p++ = ',', p = put_digit(p, c->s1), *p++ = ']';
    if (c->n_span) p = put_spans(p, c);
    *p++ = '}';
    took(b, p);
}

static void turn_codes(struct buf *b, const struct walk *w, const struct reply_codes *codes)
{
    BUF_LIT(b, ",\"codes\":{");
    bool first = true;
    uint64_t some = 0; /* which may be shown: a branch on each would be guessed wrong */
    for (size_t i = 0; codes && i < ARRAY_LEN(codes->c); i++)
        some |= (uint64_t)((codes->c[i].state | codes->c[i].null_reason) != 0) << i;
    for (; some; some &= some - 1) {
        size_t i = (size_t)__builtin_ctzll(some);
        if (!report_shows(&codes->c[i], &w->pack->construct[REPLY_CODE0 + i])) continue;
        code(b, &codes->c[i], (enum construct)(REPLY_CODE0 + i), !first);
        first = false;
    }
    buf_putc(b, '}');
}

/* ---- turns ---- */

static void contact(struct buf *b, const struct walk *w, const struct contact *c)
{
    str text = w->conv->turn[c->turn].text;
    BUF_LIT(b, "{\"text\":");
    buf_json(b, c->begin < c->end && c->end <= text.n ? str_sub(text, c->begin, c->end) : (str){0});
    name_or_null(b, ",\"kind\":", c->kind);
    name_or_null(b, ",\"status\":", contact_status_names[c->status]);
    buf_puts(b, c->stale ? ",\"stale\":true" : ",\"stale\":false");
    if (c->negated) BUF_LIT(b, ",\"negated\":true");
    name_or_null(b, ",\"country\":", c->country);
    name_or_null(b, ",\"line\":", c->line);
    if (c->instead && *c->instead) name_or_null(b, ",\"instead\":", c->instead);
    char *p = room(b, PIECE);
    if (!p) return;
    p = LIT(p, ",\"turn\":"), p = put_int(p, c->turn);
    p = LIT(p, ",\"begin\":"), p = put_int(p, c->begin);
    p = LIT(p, ",\"end\":"), p = put_int(p, c->end), *p++ = '}';
    took(b, p);
}

/* Contacts are by turn: `*at` runs along. */
static void contacts(struct buf *b, const struct walk *w, size_t t, size_t *at, bool always)
{
    while (*at < w->contact.n && w->contact.p[*at].turn < t) ++*at;
    bool any = *at < w->contact.n && w->contact.p[*at].turn == t;
    if (!any && !always) return;
    BUF_LIT(b, ",\"contacts\":[");
    for (bool first = true; *at < w->contact.n && w->contact.p[*at].turn == t; ++*at, first = false) {
        if (!first) buf_putc(b, ',');
        contact(b, w, &w->contact.p[*at]);
    }
    buf_putc(b, ']');
}

static void user_turn(struct buf *b, const struct tcode *c)
{
    char *p = room(b, PIECE);
    if (!p) return;
    p = LIT(p, ",\"risk\":"), p = put_risk(p, c->risk);
    p = LIT(p, ",\"risk_conf\":"), p = put_ratio(p, c->risk_conf);
    p = LIT(p, ",\"flags\":"), p = put_flags(p, c->flags);
    p = LIT(p, ",\"acts\":");
    took(b, p);
    bit_names(b, c->acts, u_act_key);
}

static void reply_turn(struct buf *b, const struct walk *w, const struct tcode *c, const struct reply_codes *codes)
{
    char *p = room(b, PIECE);
    if (!p) return;
    if (c->rtype != RT_EMPTY) {
        p = LIT(p, ",\"rtype\":\""), p = putz(p, rtype_names[c->rtype]);
        p = LIT(p, "\",\"hard\":"), p = put_int(p, rtype_hard(c->rtype));
        p = LIT(p, ",\"conf\":"), p = put_ratio(p, c->conf);
    }
    took(b, p);
    name_or_null(b, ",\"decision\":", decision_names[c->decision]);
    BUF_LIT(b, ",\"acts\":");
    bit_names(b, c->acts, a_act_key);
    turn_codes(b, w, codes);
}

static void turn(struct buf *b, const struct walk *w, size_t t, size_t *contact_at, unsigned flags)
{
    const struct turn *x = &w->conv->turn[t];
    const struct tcode *c = &w->tcode[t];
    char *p = room(b, PIECE), ts[32];
    if (!p) return;
    p = LIT(p, "{\"i\":"), p = put_int(p, (int64_t)t);
    p = LIT(p, ",\"role\":\""), p = putz(p, role_names[x->role]), p = LIT(p, "\",\"ts\":");
    size_t n_ts = x->ts == TS_NONE ? 0 : report_time(ts, x->ts);
    if (n_ts) *p++ = '"', p = put(p, ts, n_ts), *p++ = '"';
    else p = LIT(p, "null");
    took(b, p);
    bool reply = x->role == ROLE_ASSISTANT || (x->role == ROLE_PLATFORM && rtype_hard(c->rtype) > 0);
    if (x->role == ROLE_USER) user_turn(b, c);
    if (reply) reply_turn(b, w, c, w->turn_codes[t]);
    contacts(b, w, t, contact_at, reply);
    if (flags & REPORT_TEXT) {
        BUF_LIT(b, ",\"text\":");
        buf_json(b, x->text);
    }
    buf_putc(b, '}');
}

/* ---- gates ---- */

static void gate(struct buf *b, const struct gate *g, bool comma, bool with_episode)
{
    char *p = room(b, PIECE);
    if (!p) return;
    if (comma) *p++ = ',';
    p = LIT(p, "{\"id\":\"G"), p = put_int(p, g->id);
    p = LIT(p, "\",\"turn\":"), p = put_int(p, g->turn);
    if (with_episode) {
        p = LIT(p, ",\"episode\":");
        p = g->episode < 0 ? LIT(p, "null") : put_int(p, g->episode);
    }
    p = LIT(p, ",\"status\":");
    p = g->status == GATE_CONFIRMED ? LIT(p, "\"confirmed\"}") : LIT(p, "\"suspected\"}");
    took(b, p);
}

static void episode_gates(struct buf *b, const struct walk *w, size_t episode)
{
    uint32_t from = w->gate0[episode], to = w->gate0[episode + 1];
    BUF_LIT(b, "\"gates\":[");
    for (uint32_t i = from; i < to; i++) gate(b, &w->gate.p[w->gate_of[i]], i > from, false);
    buf_putc(b, ']');
}

static void all_gates(struct buf *b, const struct walk *w)
{
    BUF_LIT(b, "\"gates\":[");
    for (size_t i = 0; i < w->gate.n; i++) gate(b, &w->gate.p[i], i > 0, true);
    buf_putc(b, ']');
}

/* ---- episodes ---- */

static void decay(struct buf *b, const struct episode *e, const struct profile *x)
{
    static const char *const direction[] = {"none", "harm", "engagement"};
    if (!x->has_decay) {
        BUF_LIT(b, "null");
        return;
    }
    BUF_LIT(b, "{\"k\":");
    buf_u64(b, e->n_refusal);
    BUF_LIT(b, ",\"delta\":");
    buf_i64(b, x->decay_delta);
    name_or_null(b, ",\"direction\":", direction[x->decay]);
    buf_putc(b, '}');
}

static void phases(struct buf *b, const struct profile *x)
{
    char *p = room(b, PIECE);
    if (!p) return;
    p = LIT(p, "\"phases\":{");
    for (int i = 0; i < 5; i++) {
        const struct phase_score *s = &x->phase[i];
        if (i) *p++ = ',';
        p = LIT(p, "\"P"), *p++ = (char)('1' + i), p = LIT(p, "\":");
        if (s->na) {
            p = LIT(p, "null");
            continue;
        }
        p = LIT(p, "{\"user\":"), p = put_score(p, s->s[SH_USER]);
        p = LIT(p, ",\"mhp\":"), p = put_score(p, s->s[SH_MHP]);
        p = LIT(p, ",\"coverage\":"), p = put_ratio(p, s->coverage), *p++ = '}';
    }
    *p++ = '}';
    took(b, p);
}

static void episode_head(struct buf *b, const struct episode *e, const struct profile *x)
{
    char *p = room(b, PIECE + 24 * e->n_refusal);
    if (!p) return;
    p = LIT(p, "{\"start\":"), p = put_int(p, e->start);
    p = LIT(p, ",\"anchor\":"), p = put_int(p, e->anchor);
    p = LIT(p, ",\"refusals\":[");
    for (size_t i = 0; i < e->n_refusal; i++) {
        if (i) *p++ = ',';
        p = put_int(p, e->refusal[i]);
    }
    p = LIT(p, "],\"end\":"), p = put_int(p, e->end);
    p = LIT(p, ",\"end_reason\":\""), p = putz(p, end_reason_names[e->end_reason]);
    p = LIT(p, "\",\"rtype\":\""), p = putz(p, rtype_names[x->rtype] ? rtype_names[x->rtype] : "none");
    p = LIT(p, "\",\"hard\":"), p = put_int(p, x->hard);
    p = LIT(p, ",\"risk\":"), p = put_risk(p, x->risk);
    p = LIT(p, ",\"flags\":"), p = put_flags(p, x->flags);
    took(b, p);
    name_or_null(b, ",\"decision\":", decision_names[x->decision]);
    BUF_LIT(b, ",\"pc\":");
    if (x->pc < 0) BUF_LIT(b, "null");
    else buf_i64(b, x->pc);
    BUF_LIT(b, ",\"decay\":");
    decay(b, e, x);
}

static void episode(struct buf *b, const struct walk *w, size_t i)
{
    const struct profile *x = &w->profile[i];
    episode_head(b, &w->episode.p[i], x);
    BUF_LIT(b, ",\"constructs\":{");
    for (size_t k = 0; k < N_CONSTRUCT; k++) code(b, &w->ep_codes[i].c[k], (enum construct)k, k > 0);
    BUF_LIT(b, "},");
    phases(b, x);
    buf_putc(b, ',');
    episode_gates(b, w, i);
    name_or_null(b, ",\"quadrant\":", quadrant_names[x->quadrant]);
    BUF_LIT(b, ",\"next\":");
    bit_names(b, x->next, next_key);
    buf_putc(b, '}');
}

/* ---- the whole ---- */

static void meta(struct buf *b, const struct walk *w)
{
    const struct conv_meta *m = &w->conv->meta;
    member(b, "\"meta\":{\"model\":", m->model);
    member(b, ",\"locale\":", m->locale);
    member(b, ",\"language\":", m->language);
    /* stated, record or caller, as helpline/ settled it */
    member(b, ",\"country\":", w->place.country && *w->place.country ? str_of(w->place.country) : m->country);
    BUF_LIT(b, ",\"population\":[");
    size_t n = 0;
    for (size_t i = 0; i < m->n_population; i++) {
        if (n++) buf_putc(b, ',');
        buf_json(b, m->population[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(population_names); i++) {
        if (!(w->population >> i & 1)) continue;
        bool known = false;
        for (size_t k = 0; k < m->n_population; k++) known |= str_eqz(m->population[k], population_names[i]);
        if (known) continue;
        if (n++) buf_putc(b, ',');
        buf_json(b, str_of(population_names[i]));
    }
    member(b, "],\"regeneration_group\":", m->regeneration_group);
    buf_putc(b, '}');
}

static void warnings(struct buf *b, const struct conv *c)
{
    BUF_LIT(b, "\"warnings\":[");
    for (size_t i = 0; i < c->warnings.n; i++) {
        const struct warning *x = &c->warnings.p[i];
        if (i) buf_putc(b, ',');
        name_or_null(b, "{\"code\":", x->code);
        BUF_LIT(b, ",\"turn\":");
        if (x->turn < 0) BUF_LIT(b, "null");
        else buf_i64(b, x->turn);
        buf_putc(b, '}');
    }
    buf_putc(b, ']');
}

void report_json_with(struct buf *b, const struct walk *w, unsigned flags)
{
    const struct conv *c = w->conv;
    BUF_LIT(b, "{\"schema_version\":1,\"id\":");
    buf_json(b, c->id);
    BUF_LIT(b, ",\"source\":{\"path\":");
    buf_json(b, c->path);
    BUF_LIT(b, ",\"record\":");
    buf_u64(b, c->record);
    BUF_LIT(b, "},");
    meta(b, w);
    BUF_LIT(b, ",\"turns\":[");
    size_t contact_at = 0;
    for (size_t t = 0; t < c->n_turn; t++) {
        if (t) buf_putc(b, ',');
        turn(b, w, t, &contact_at, flags);
    }
    BUF_LIT(b, "],\"episodes\":[");
    for (size_t i = 0; i < w->episode.n; i++) {
        if (i) buf_putc(b, ',');
        episode(b, w, i);
    }
    BUF_LIT(b, "],");
    all_gates(b, w);
    buf_putc(b, ',');
    warnings(b, c);
    buf_putc(b, '}');
}

void report_json(struct buf *b, const struct walk *w) { report_json_with(b, w, 0); }
