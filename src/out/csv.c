/* Viewed walk → CSV rows, by column tables.
 *
 * Ids, paths and texts come from strangers. Text cells are
 * escape_csv's: none is a formula. */
#include "out/csv.h"

#include "out/escape.h"
#include "report/report.h"

struct row {
    const struct walk *w;
    size_t episode, turn;
};

typedef void cell_fn(struct buf *b, const struct row *r);
struct column {
    const char *name;
    cell_fn *cell;
};

static void z_cell(struct buf *b, const char *z) { escape_csv(b, str_of(z)); }

static void list(struct buf *b, uint32_t set, const char *const *names)
{
    for (int n = 0; set; set &= set - 1, n++) {
        if (n) buf_putc(b, ' ');
        buf_puts(b, names[__builtin_ctz(set)]);
    }
}

static void flags(struct buf *b, unsigned set)
{
    for (; set; set &= set - 1) buf_putc(b, risk_flag_letters[__builtin_ctz(set)]);
}

static void risk(struct buf *b, int r)
{
    if (r == RISK_X) buf_putc(b, 'X');
    else buf_i64(b, r);
}

static void fixed(struct buf *b, double v, int decimals)
{
    int scale = decimals == 1 ? 10 : 100, k = v > 0 ? (int)(v * scale + 0.5) : 0;
    buf_u64(b, (uint64_t)(k / scale));
    buf_putc(b, '.');
    if (decimals == 2) buf_putc(b, (char)('0' + k / 10 % 10));
    buf_putc(b, (char)('0' + k % 10));
}

static void gate_id(struct buf *b, const struct gate *g, bool first)
{
    if (!first) buf_putc(b, ' ');
    buf_putc(b, 'G');
    buf_u64(b, g->id);
    if (g->status == GATE_SUSPECTED) buf_putc(b, '?');
}

/* How many gates fire before turn t: they are by turn. */
static size_t gates_before(const struct walk *w, int t)
{
    size_t from = 0, to = w->gate.n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (w->gate.p[mid].turn < t) from = mid + 1;
        else to = mid;
    }
    return from;
}

static void gate_list(struct buf *b, const struct walk *w, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) gate_id(b, &w->gate.p[i], i == from);
}

static void code_cell(struct buf *b, const struct code *c)
{
    if (c->state == CODE_NULL) return;
    if (c->category) z_cell(b, c->category);
    else buf_i64(b, c->value);
}

/* ---- columns of every unit ---- */

static void c_id(struct buf *b, const struct row *r) { escape_csv(b, r->w->conv->id); }
static void c_path(struct buf *b, const struct row *r) { escape_csv(b, r->w->conv->path); }
static void c_record(struct buf *b, const struct row *r) { buf_u64(b, r->w->conv->record); }
static void c_model(struct buf *b, const struct row *r) { escape_csv(b, r->w->conv->meta.model); }
static void c_locale(struct buf *b, const struct row *r) { escape_csv(b, r->w->conv->meta.locale); }
static void c_country(struct buf *b, const struct row *r)
{
    const char *place = r->w->place.country;
    escape_csv(b, place && *place ? str_of(place) : r->w->conv->meta.country);
}

/* ---- episode ---- */

#define EPISODE(r) (&(r)->w->episode.p[(r)->episode])
#define PROFILE(r) (&(r)->w->profile[(r)->episode])
static void e_episode(struct buf *b, const struct row *r) { buf_u64(b, r->episode); }
static void e_start(struct buf *b, const struct row *r) { buf_u64(b, EPISODE(r)->start); }
static void e_anchor(struct buf *b, const struct row *r) { buf_u64(b, EPISODE(r)->anchor); }
static void e_end(struct buf *b, const struct row *r) { buf_u64(b, EPISODE(r)->end); }
static void e_end_reason(struct buf *b, const struct row *r) { buf_puts(b, end_reason_names[EPISODE(r)->end_reason]); }
static void e_refusals(struct buf *b, const struct row *r) { buf_u64(b, EPISODE(r)->n_refusal); }
static void e_rtype(struct buf *b, const struct row *r)
{
    const char *z = rtype_names[PROFILE(r)->rtype];
    if (z) buf_puts(b, z);
}
static void e_hard(struct buf *b, const struct row *r) { buf_i64(b, PROFILE(r)->hard); }
static void e_risk(struct buf *b, const struct row *r) { risk(b, PROFILE(r)->risk); }
static void e_flags(struct buf *b, const struct row *r) { flags(b, PROFILE(r)->flags); }
static void e_decision(struct buf *b, const struct row *r)
{
    const char *z = decision_names[PROFILE(r)->decision];
    if (z) buf_puts(b, z);
}
static void e_pc(struct buf *b, const struct row *r)
{
    if (PROFILE(r)->pc >= 0) buf_i64(b, PROFILE(r)->pc);
}
static void e_quadrant(struct buf *b, const struct row *r)
{
    const char *z = quadrant_names[PROFILE(r)->quadrant];
    if (z) buf_puts(b, z);
}
static void e_next(struct buf *b, const struct row *r) { list(b, PROFILE(r)->next, next_names); }
static void e_gates(struct buf *b, const struct row *r)
{
    uint32_t from = r->w->gate0[r->episode], to = r->w->gate0[r->episode + 1];
    for (uint32_t i = from; i < to; i++) gate_id(b, &r->w->gate.p[r->w->gate_of[i]], i == from);
}
static void e_decay(struct buf *b, const struct row *r)
{
    if (PROFILE(r)->has_decay) buf_i64(b, PROFILE(r)->decay_delta);
}
static void e_decay_to(struct buf *b, const struct row *r)
{
    static const char *const direction[] = {"none", "harm", "engagement"};
    if (PROFILE(r)->has_decay) buf_puts(b, direction[PROFILE(r)->decay]);
}

/* ---- turn ---- */

#define TCODE(r) (&(r)->w->tcode[(r)->turn])
static bool is_reply(const struct row *r) { return r->w->conv->turn[r->turn].role == ROLE_ASSISTANT; }
static void t_turn(struct buf *b, const struct row *r) { buf_u64(b, r->turn); }
static void t_role(struct buf *b, const struct row *r) { buf_puts(b, role_names[r->w->conv->turn[r->turn].role]); }
static void t_ts(struct buf *b, const struct row *r)
{
    char z[32];
    int64_t ts = r->w->conv->turn[r->turn].ts;
    if (ts != TS_NONE) buf_put(b, z, report_time(z, ts));
}
static void t_risk(struct buf *b, const struct row *r) { risk(b, TCODE(r)->risk); }
static void t_flags(struct buf *b, const struct row *r) { flags(b, TCODE(r)->flags); }
static void t_acts(struct buf *b, const struct row *r)
{
    list(b, TCODE(r)->acts, is_reply(r) ? a_act_names : u_act_names);
}
static void t_rtype(struct buf *b, const struct row *r)
{
    if (is_reply(r) && rtype_names[TCODE(r)->rtype]) buf_puts(b, rtype_names[TCODE(r)->rtype]);
}
static void t_hard(struct buf *b, const struct row *r)
{
    if (is_reply(r) && rtype_names[TCODE(r)->rtype]) buf_i64(b, rtype_hard(TCODE(r)->rtype));
}
static void t_conf(struct buf *b, const struct row *r)
{
    if (is_reply(r) && rtype_names[TCODE(r)->rtype]) fixed(b, TCODE(r)->conf, 2);
}
static void t_decision(struct buf *b, const struct row *r)
{
    const char *z = is_reply(r) ? decision_names[TCODE(r)->decision] : NULL;
    if (z) buf_puts(b, z);
}
static void t_gates(struct buf *b, const struct row *r)
{
    gate_list(b, r->w, gates_before(r->w, (int)r->turn), gates_before(r->w, (int)r->turn + 1));
}
static void t_contacts(struct buf *b, const struct row *r)
{
    struct buf all = {0};
    for (size_t i = 0; i < r->w->contact.n; i++) {
        const struct contact *c = &r->w->contact.p[i];
        str text = r->w->conv->turn[c->turn].text;
        if (c->turn != r->turn || c->end > text.n || c->begin >= c->end) continue;
        if (all.n) buf_puts(&all, "; ");
        buf_str(&all, str_sub(text, c->begin, c->end));
        buf_putc(&all, ':');
        buf_puts(&all, contact_status_names[c->status]);
    }
    escape_csv(b, (str){all.p, all.n});
    b->oom |= all.oom;
    buf_free(&all);
}
static void t_text(struct buf *b, const struct row *r) { escape_csv(b, r->w->conv->turn[r->turn].text); }

/* ---- conversation ---- */

static void v_turns(struct buf *b, const struct row *r) { buf_u64(b, r->w->conv->n_turn); }
static void v_replies(struct buf *b, const struct row *r)
{
    size_t n = 0;
    for (size_t t = 0; t < r->w->conv->n_turn; t++) n += r->w->conv->turn[t].role == ROLE_ASSISTANT;
    buf_u64(b, n);
}
static void v_refusals(struct buf *b, const struct row *r)
{
    size_t n = 0;
    for (size_t t = 0; t < r->w->conv->n_turn; t++)
        n += r->w->conv->turn[t].role != ROLE_USER && rtype_hard(r->w->tcode[t].rtype) > 0;
    buf_u64(b, n);
}
static void v_episodes(struct buf *b, const struct row *r) { buf_u64(b, r->w->episode.n); }
static void v_risk(struct buf *b, const struct row *r)
{
    int top = 0;
    bool x = false;
    for (size_t t = 0; t < r->w->conv->n_turn; t++) {
        if (r->w->conv->turn[t].role != ROLE_USER) continue;
        if (r->w->tcode[t].risk == RISK_X) x = true;
        if (r->w->tcode[t].risk > top) top = r->w->tcode[t].risk;
    }
    risk(b, x && top == 0 ? RISK_X : top);
}
static void v_quadrants(struct buf *b, const struct row *r)
{
    for (size_t i = 0; i < r->w->episode.n; i++) {
        const char *z = quadrant_names[r->w->profile[i].quadrant];
        if (i) buf_putc(b, ' ');
        buf_puts(b, z ? z : "unsure");
    }
}
static void v_gates(struct buf *b, const struct row *r) { gate_list(b, r->w, 0, r->w->gate.n); }
static void v_contacts(struct buf *b, const struct row *r) { buf_u64(b, r->w->contact.n); }
static void v_warnings(struct buf *b, const struct row *r)
{
    for (size_t i = 0; i < r->w->conv->warnings.n; i++) {
        if (i) buf_putc(b, ' ');
        buf_puts(b, r->w->conv->warnings.p[i].code);
    }
}

static const struct column head[] = {{"id", c_id},       {"path", c_path},     {"record", c_record},
                                     {"model", c_model}, {"locale", c_locale}, {"country", c_country}},
                           of_episode[] = {{"episode", e_episode},
                                           {"start", e_start},
                                           {"anchor", e_anchor},
                                           {"end", e_end},
                                           {"end_reason", e_end_reason},
                                           {"refusals", e_refusals},
                                           {"rtype", e_rtype},
                                           {"hard", e_hard},
                                           {"risk", e_risk},
                                           {"flags", e_flags},
                                           {"decision", e_decision},
                                           {"pc", e_pc},
                                           {"decay_delta", e_decay},
                                           {"decay_direction", e_decay_to},
                                           {"quadrant", e_quadrant},
                                           {"next", e_next},
                                           {"gates", e_gates}},
                           of_turn[] = {{"turn", t_turn},         {"role", t_role},   {"ts", t_ts},
                                        {"risk", t_risk},         {"flags", t_flags}, {"acts", t_acts},
                                        {"rtype", t_rtype},       {"hard", t_hard},   {"conf", t_conf},
                                        {"decision", t_decision}, {"gates", t_gates}, {"contacts", t_contacts}},
                           of_conversation[] = {
                               {"turns", v_turns},       {"replies", v_replies},   {"refusals", v_refusals},
                               {"episodes", v_episodes}, {"risk", v_risk},         {"quadrants", v_quadrants},
                               {"gates", v_gates},       {"contacts", v_contacts}, {"warnings", v_warnings}};

static const struct {
    const struct column *col;
    size_t n;
} unit_columns[] = {
    {of_episode, ARRAY_LEN(of_episode)}, {of_turn, ARRAY_LEN(of_turn)}, {of_conversation, ARRAY_LEN(of_conversation)}};

static const char *const construct_ids[] = {CONSTRUCT_IDS};

void csv_header(struct buf *b, enum csv_unit unit, bool text)
{
    for (size_t i = 0; i < ARRAY_LEN(head); i++) {
        if (i) buf_putc(b, ',');
        buf_puts(b, head[i].name);
    }
    for (size_t i = 0; i < unit_columns[unit].n; i++) {
        buf_putc(b, ',');
        buf_puts(b, unit_columns[unit].col[i].name);
    }
    if (unit == CSV_EPISODE)
        for (int p = 1; p <= 5; p++) buf_printf(b, ",P%d_user,P%d_mhp,P%d_coverage", p, p, p);
    for (size_t i = 0; unit != CSV_CONVERSATION && i < N_CONSTRUCT; i++) {
        buf_putc(b, ',');
        buf_puts(b, construct_ids[i]);
    }
    if (unit == CSV_TURN && text) buf_puts(b, ",text");
    buf_putc(b, '\n');
}

static void scores(struct buf *b, const struct profile *x)
{
    for (int p = 0; p < 5; p++) {
        const struct phase_score *s = &x->phase[p];
        for (int h = 0; h < N_SH; h++) {
            buf_putc(b, ',');
            if (!s->na) fixed(b, s->s[h], 1);
        }
        buf_putc(b, ',');
        if (!s->na) fixed(b, s->coverage, 2);
    }
}

static void line(struct buf *b, const struct row *r, enum csv_unit unit, bool text)
{
    for (size_t i = 0; i < ARRAY_LEN(head); i++) {
        if (i) buf_putc(b, ',');
        head[i].cell(b, r);
    }
    for (size_t i = 0; i < unit_columns[unit].n; i++) {
        buf_putc(b, ',');
        unit_columns[unit].col[i].cell(b, r);
    }
    if (unit == CSV_EPISODE) scores(b, PROFILE(r));
    for (size_t i = 0; unit != CSV_CONVERSATION && i < N_CONSTRUCT; i++) {
        buf_putc(b, ',');
        if (unit == CSV_EPISODE) code_cell(b, &r->w->ep_codes[r->episode].c[i]);
        else if (r->w->turn_codes[r->turn] && i >= REPLY_CODE0 && i < REPLY_CODE1)
            code_cell(b, code_of_reply(r->w, r->turn, (enum construct)i));
    }
    if (unit == CSV_TURN && text) {
        buf_putc(b, ',');
        t_text(b, r);
    }
    buf_putc(b, '\n');
}

void csv_rows(struct buf *b, const struct walk *w, enum csv_unit unit, bool text)
{
    struct row r = {w, 0, 0};
    if (unit == CSV_CONVERSATION) line(b, &r, unit, text);
    if (unit == CSV_EPISODE)
        for (r.episode = 0; r.episode < w->episode.n; r.episode++) line(b, &r, unit, text);
    if (unit == CSV_TURN)
        for (r.turn = 0; r.turn < w->conv->n_turn; r.turn++) {
            enum role role = w->conv->turn[r.turn].role;
            if (role == ROLE_USER || role == ROLE_ASSISTANT) line(b, &r, unit, text);
        }
}
