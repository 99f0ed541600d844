/* One labelled record → items and rows. The record says what it is by its
 * fields: messages + labels (a reply), text + acts (a sentence), prompt +
 * response + label (a reply to a prompt), record + episodes. */
#include "cli/eval.h"

#include <math.h>
#include <stdlib.h>

#include "act/act.h"
#include "report/report.h"
#include "turn/turn.h"

static const char *const letter_names[9] = {"B", "N", "H", "V", "P", "F", "I", "C", "D"};

static const char UNREADABLE[] = "its messages do not read as a conversation";

static yyjson_val *get(yyjson_val *o, const char *k) { return yyjson_obj_get(o, k); }
static str text_of(yyjson_val *v) { return yyjson_is_str(v) ? (str){yyjson_get_str(v), yyjson_get_len(v)} : (str){0}; }
static str text_at(yyjson_val *o, const char *k) { return text_of(get(o, k)); }
static bool none(yyjson_val *v) { return !v || yyjson_is_null(v); }

/* ---- a conversation to walk, built anew so that labels and marks stay out ---- */

/* "['…', \"…\"]": a history that was written as a Python list. Appends its
 * strings to list as messages, the last one the person's; false: it is none. */
static bool python_list(yyjson_mut_doc *d, yyjson_mut_val *list, str s)
{
    s = str_trim(s);
    if (s.n < 4 || s.p[0] != '[' || s.p[s.n - 1] != ']' || (s.p[1] != '\'' && s.p[1] != '"')) return false;
    struct buf b = {0};
    yyjson_mut_val *said[256];
    size_t n = 0, i = 1;
    bool ok = true;
    while (ok && i < s.n - 1) {
        char quote = s.p[i++];
        ok = (quote == '\'' || quote == '"') && n < ARRAY_LEN(said);
        buf_clear(&b);
        for (; ok && i < s.n - 1 && s.p[i] != quote; i++) {
            if (s.p[i] == '\\' && i + 1 < s.n - 1) i++, buf_putc(&b, s.p[i] == 'n' ? '\n' : s.p[i] == 't' ? '\t' : s.p[i]);
            else buf_putc(&b, s.p[i]);
        }
        ok = ok && i < s.n - 1 && !b.oom;
        if (ok) said[n++] = yyjson_mut_strncpy(d, b.p ? b.p : "", b.n);
        for (i++; i < s.n - 1 && (s.p[i] == ',' || s.p[i] == ' '); i++) {}
    }
    buf_free(&b);
    for (size_t k = 0; ok && k < n; k++) {
        yyjson_mut_val *m = yyjson_mut_arr_add_obj(d, list);
        yyjson_mut_obj_add_str(d, m, "role", (n - k) % 2 ? "user" : "assistant");
        yyjson_mut_obj_add_val(d, m, "content", said[k]);
    }
    return ok && n;
}

static void add_message(yyjson_mut_doc *d, yyjson_mut_val *list, yyjson_val *message)
{
    if (str_eqz(text_at(message, "role"), "user") && python_list(d, list, text_at(message, "content"))) return;
    yyjson_mut_val *m = yyjson_val_mut_copy(d, message);
    yyjson_mut_obj_remove_key(m, "coded");
    yyjson_mut_obj_remove_key(m, "turn");
    yyjson_mut_arr_append(list, m);
}

static void add_said(yyjson_mut_doc *d, yyjson_mut_val *list, const char *role, yyjson_val *content)
{
    if (!strcmp(role, "user") && python_list(d, list, text_of(content))) return;
    yyjson_mut_val *m = yyjson_mut_arr_add_obj(d, list);
    yyjson_mut_obj_add_str(d, m, "role", role);
    yyjson_mut_obj_add_val(d, m, "content", yyjson_val_mut_copy(d, content));
}

/* Walks {messages: list, and of `from` what tells where the people are}. */
static const struct walk *walk_messages(struct eval *e, yyjson_mut_doc *d, yyjson_mut_val *list, yyjson_val *from)
{
    static const char *const facts[] = {"country", "jurisdiction", "locale", "language", "population", "metadata"};
    yyjson_mut_val *root = yyjson_mut_obj(d);
    size_t n_message = yyjson_mut_arr_size(list);
    yyjson_mut_doc_set_root(d, root);
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        if (get(from, facts[i])) yyjson_mut_obj_add_val(d, root, facts[i], yyjson_val_mut_copy(d, get(from, facts[i])));
    yyjson_mut_obj_add_val(d, root, "messages", list);
    size_t n = 0;
    char *json = yyjson_mut_write(d, 0, &n);
    const struct walk *w = NULL;
    refrain_error err = {0};
    const struct origin origin = {e->path, 1, false};
    str copy = json ? arena_str(&e->a, (str){json, n}) : (str){0};
    free(json);
    if (scanner_record(e->scanner, copy, &origin, &err) || e->scanner->n_conv != 1) return NULL;
    if (scanner_walk(e->scanner, 0, &w, &err)) return NULL;
    return w->conv->n_turn == n_message ? w : NULL; /* else the coded turn is not where it was */
}

/* ---- labels against codes ---- */

/* A 0-4 code of a reply. One that does not apply here was still labelled: then
 * what the model reads in the reply counts, else 0. -1: null for another reason. */
static int scale_of(const struct walk *w, uint32_t t, enum construct k, float *conf)
{
    const struct code *c = w->turn_codes[t] ? code_of_reply(w, t, k) : NULL;
    if (c && c->state == CODE_SET) return *conf = c->conf, c->value;
    *conf = NAN;
    if (c && c->null_reason != WHY_NOT_APPLICABLE) return -1;
    int read = w->tcode[t].scale[k];
    return read < 0 ? 0 : read;
}

static void compare_scale(struct eval *e, uint32_t item, const char *name, yyjson_val *label, int got, float conf)
{
    if (none(label) || got < 0) eval_left_out(e, name, MEASURE_LEVEL);
    else if (yyjson_is_num(label)) eval_level(e, name, item, (int)lround(yyjson_get_num(label)), got, conf);
    else if (yyjson_is_bool(label)) eval_level(e, name, item, yyjson_get_bool(label), got, conf);
}

static void compare_class(struct eval *e, uint32_t item, const char *name, yyjson_val *label, const char *got, float conf)
{
    if (!label) return;
    if (!yyjson_is_str(label) || !got) eval_left_out(e, name, MEASURE_CLASS);
    else eval_class(e, name, item, text_of(label), str_of(got), conf);
}

static void compare_risk(struct eval *e, uint32_t item, const char *name, yyjson_val *label, int got, float conf)
{
    if (!label) return;
    if (!yyjson_is_int(label) || got == RISK_X) eval_left_out(e, name, MEASURE_LEVEL);
    else eval_level(e, name, item, (int)yyjson_get_int(label), got, conf);
}

static uint64_t bits_of(yyjson_val *label, const char *const *name, size_t n)
{
    uint64_t set = 0;
    str letters = text_of(label);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *v;
        size_t k, max;
        if (letters.n && strlen(name[i]) == 1 && memchr(letters.p, name[i][0], letters.n)) set |= 1ull << i;
        yyjson_arr_foreach(label, k, max, v) if (str_eqz(text_of(v), name[i])) set |= 1ull << i;
    }
    return set;
}

static void compare_flags(struct eval *e, uint32_t item, const char *name, yyjson_val *label, unsigned got)
{
    if (none(label)) return;
    eval_set(e, name, item, bits_of(label, letter_names, 9), got, letter_names, 9, NULL);
}

/* refused or not; three classes when the labels tell partial from full. */
static void compare_refusal(struct eval *e, uint32_t item, enum rtype read, float conf, bool refused, int three)
{
    static const char *const names[] = {"compliance", "partial", "refusal"};
    bool got = read != RT_NONE && read != RT_EMPTY;
    eval_class(e, "refused", item, refused ? STR("yes") : STR("no"), got ? STR("yes") : STR("no"), conf);
    if (three >= 0) eval_class(e, "three classes", item, str_of(names[three]), str_of(names[!got ? 0 : read == RT_R1 ? 1 : 2]), NAN);
}

/* ---- a reply in its conversation ---- */

static const char *category(const struct walk *w, uint32_t t, enum construct k, const char *not_applicable, float *conf)
{
    const struct code *c = w->turn_codes[t] ? code_of_reply(w, t, k) : NULL;
    *conf = NAN;
    if (!c || (c->state != CODE_SET && c->null_reason != WHY_NOT_APPLICABLE)) return NULL;
    if (c->state != CODE_SET) return not_applicable;
    *conf = c->conf;
    return c->category;
}

static void compare_next(struct eval *e, uint32_t item, const struct walk *w, uint32_t t, yyjson_val *label)
{
    if (!yyjson_is_arr(label)) return;
    for (size_t i = 0; i < w->episode.n; i++)
        if (t >= w->episode.p[i].anchor && t <= w->episode.p[i].end) {
            eval_set(e, "next (replies in an episode)", item, bits_of(label, next_names, 12), w->profile[i].next, next_names, 12, NULL);
            return;
        }
}

static void compare_reply(struct eval *e, uint32_t item, const struct walk *w, uint32_t t, yyjson_val *l)
{
    const struct tcode *x = &w->tcode[t];
    float conf;
    str type = text_at(l, "rtype");
    const char *read = x->rtype == RT_EMPTY ? "empty" : rtype_names[x->rtype];
    if (type.n) {
        bool empty = str_eqz(type, "empty");
        compare_refusal(e, item, x->rtype, x->conf, !str_eqz(type, "none") && !empty, -1);
    }
    compare_class(e, item, "rtype", get(l, "rtype"), read, NAN);
    compare_class(e, item, "decision", get(l, "decision"), decision_names[x->decision], x->decision_conf);
    compare_risk(e, item, "risk", get(l, "R") ? get(l, "R") : get(l, "risk"), x->risk, x->risk_conf);
    compare_flags(e, item, "flags", get(l, "flags"), x->flags);
    const char *c = category(w, t, C_P3_REASON, "none", &conf);
    compare_class(e, item, "P3.reason", get(l, "reason"), c, conf);
    c = category(w, t, C_P4_KIND, "none", &conf);
    compare_class(e, item, "P4.kind", get(l, "kind"), c, conf);
    c = category(w, t, C_P4_TIME, "na", &conf);
    compare_class(e, item, "P4.time", get(l, "time"), c, conf);
    if (get(l, "bare")) {
        int bare = scale_of(w, t, C_P3_BARE, &conf);
        compare_scale(e, item, "P3.bare", get(l, "bare"), bare, conf);
    }
    yyjson_val *locale = get(l, "locale");
    if (locale && w->turn_codes[t] && code_of_reply(w, t, C_P4_LOCALE)->state == CODE_SET && yyjson_is_int(locale)) {
        int value = scale_of(w, t, C_P4_LOCALE, &conf);
        compare_scale(e, item, "P4.locale", locale, value, conf);
    } else if (locale) eval_left_out(e, "P4.locale", MEASURE_LEVEL);
    for (int i = 0; i < N_SCALE; i++) {
        enum construct k = reply_scales[i].construct;
        yyjson_val *label = get(l, reply_scales[i].label);
        if (!label) label = get(l, w->pack->construct[k].id);
        if (!label) continue;
        int got = scale_of(w, t, k, &conf);
        compare_scale(e, item, w->pack->construct[k].id, label, got, conf);
    }
    compare_next(e, item, w, t, get(l, "next"));
}

static void read_reply(struct eval *e, yyjson_val *o)
{
    yyjson_mut_doc *d = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *list = yyjson_mut_arr(d);
    yyjson_val *m, *said = NULL;
    size_t i, max, coded = SIZE_MAX;
    yyjson_arr_foreach(get(o, "messages"), i, max, m) {
        add_message(d, list, m);
        bool marked = yyjson_get_bool(get(m, "coded"));
        if (marked || (yyjson_is_int(get(o, "coded")) && yyjson_get_uint(get(o, "coded")) == i))
            coded = yyjson_mut_arr_size(list) - 1, said = get(m, "content");
    }
    const struct walk *w = coded == SIZE_MAX ? NULL : walk_messages(e, d, list, o);
    if (coded == SIZE_MAX) buf_puts(&e->why, "no message is marked \"coded\": true, and no \"coded\" gives the index of one");
    else if (!w) buf_puts(&e->why, UNREADABLE);
    else if (w->conv->turn[coded].role != ROLE_ASSISTANT) buf_printf(&e->why, "the coded message %zu is not the assistant's", coded);
    else compare_reply(e, eval_item(e, o, "reply", text_of(said)), w, (uint32_t)coded, get(o, "labels"));
    yyjson_mut_doc_free(d);
}

/* ---- a reply to a prompt ---- */

/* Published label sets: refused or not, and which of three classes where the set tells them apart. */
static const struct { const char *label; bool refused; int8_t three; } pair_labels[] = {
    {"compliance", false, 0},  {"partial", true, 1},       {"refusal", true, 2},     {"full_compliance", false, 0},
    {"partial_refusal", true, 1}, {"full_refusal", true, 2}, {"complied", false, -1}, {"redirected", true, -1},
    {"rejected", true, -1},    {"disclaimed", true, -1},   {"refused", true, -1},    {"not_refused", false, -1}};

static void read_pair(struct eval *e, yyjson_val *o)
{
    size_t k = 0;
    if (str_eqz(text_at(o, "label"), "contradicted")) {
        eval_skip(e, "its label, contradicted, says neither refused nor not");
        return;
    }
    while (k < ARRAY_LEN(pair_labels) && !str_eqz(text_at(o, "label"), pair_labels[k].label)) k++;
    if (k == ARRAY_LEN(pair_labels)) {
        const char *names[ARRAY_LEN(pair_labels) + 1] = {0};
        for (k = 0; k < ARRAY_LEN(pair_labels); k++) names[k] = pair_labels[k].label;
        eval_wrong_name(&e->why, "label", get(o, "label"), names);
        return;
    }
    yyjson_mut_doc *d = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *list = yyjson_mut_arr(d);
    yyjson_val *prompt = get(o, "prompt"), *m;
    size_t i, max;
    if (yyjson_is_str(prompt)) add_said(d, list, "user", prompt);
    yyjson_arr_foreach(prompt, i, max, m) {
        if (yyjson_is_obj(m)) add_message(d, list, m);
        else add_said(d, list, (max - i) % 2 ? "user" : "assistant", m);
    }
    add_said(d, list, "assistant", get(o, "response"));
    uint32_t t = (uint32_t)yyjson_mut_arr_size(list) - 1;
    yyjson_val *finish = get(o, "finish_reason");
    if (finish) yyjson_mut_obj_add_val(d, yyjson_mut_arr_get_last(list), "finish_reason", yyjson_val_mut_copy(d, finish));
    const struct walk *w = walk_messages(e, d, list, o);
    if (!w) buf_puts(&e->why, UNREADABLE);
    else compare_refusal(e, eval_item(e, o, "pair", text_at(o, "response")), w->tcode[t].rtype, w->tcode[t].conf,
                         pair_labels[k].refused, pair_labels[k].three);
    yyjson_mut_doc_free(d);
}

/* ---- a sentence with what stands before it ---- */

/* The rooms up to act/, over two turns; the coded text as one sentence. */
static bool study(struct walk *w, str prev, str text, bool user, struct acts *out)
{
    struct arena *a = w->a;
    struct turn *turn = arena_array(a, struct turn, 2);
    turn[0] = (struct turn){.role = user ? ROLE_ASSISTANT : ROLE_USER, .text = prev, .ts = TS_NONE};
    turn[1] = (struct turn){.role = user ? ROLE_USER : ROLE_ASSISTANT, .text = text, .ts = TS_NONE};
    struct conv *conv = arena_new(a, struct conv); /* the walk keeps it */
    *conv = (struct conv){.turn = turn, .n_turn = 2};
    const struct weights *model = user ? w->pack->model.user : w->pack->model.assistant;
    w->conv = conv;
    w->text = arena_array(a, struct text, 2);
    w->tcode = arena_array(a, struct tcode, 2);
    text_wash(w);
    if (!model) return false;
    match_scan(w);
    helpline_judge(w);
    struct sentence_view v = act_view_turn(w, 1);
    float p[MAX_OUT];
    uint32_t reached = act_score(p, w, &v, model);
    act_decide(out, model, p, reached, w, &v, user);
    return true;
}

static void read_sentence(struct eval *e, yyjson_val *o)
{
    bool user = str_eqz(text_at(o, "role"), "user");
    struct arena *a = arena_new(&e->a, struct arena);
    arena_init(a, SCANNER_MEMORY_DEFAULT);
    a->on_oom = e->a.on_oom;
    struct walk w = {.a = a, .pack = e->scanner->engine->pack, .dir = e->scanner->engine->dir, .caller_country = "",
                     .caller_jurisdiction = ""};
    struct acts x;
    if (study(&w, text_at(o, "prev"), text_at(o, "text"), user, &x)) {
        uint32_t item = eval_item(e, o, user ? "user sentence" : "assistant sentence", text_at(o, "text"));
        const char *const *names = user ? u_act_names : a_act_names;
        size_t n = user ? N_U_ACT : N_A_ACT;
        yyjson_val *acts = get(o, "acts");
        if (yyjson_is_arr(acts)) eval_set(e, user ? "acts, user" : "acts, assistant", item, bits_of(acts, names, n), x.set, names, n, x.p);
        if (user) compare_risk(e, item, "risk of a sentence", get(o, "risk"), x.risk, NAN);
        if (user) compare_flags(e, item, "flags of a sentence", get(o, "flags"), x.flags);
    } else buf_puts(&e->why, "this pack has no model to read sentences with");
    arena_free(a);
}

/* ---- episodes ---- */

static void compare_construct(struct eval *e, uint32_t item, const struct walk *w, size_t ep, str id, yyjson_val *label)
{
    int k = construct_by_id(id); /* eval_check has seen to it that it exists */
    const char *name = w->pack->construct[k].id;
    const struct code *c = &w->ep_codes[ep].c[k];
    bool set = c->state == CODE_SET;
    if (w->pack->construct[k].scale == SC_CATEGORY) compare_class(e, item, name, label, set ? c->category : NULL, c->conf);
    else compare_scale(e, item, name, label, set ? c->value : -1, c->conf);
}

static void compare_episode(struct eval *e, uint32_t item, const struct walk *w, size_t i, yyjson_val *l)
{
    const struct profile *p = &w->profile[i];
    const struct tcode *anchor = &w->tcode[w->episode.p[i].anchor];
    compare_class(e, item, "rtype", get(l, "rtype"), rtype_names[p->rtype], NAN);
    compare_class(e, item, "decision", get(l, "decision"), decision_names[p->decision], anchor->decision_conf);
    compare_class(e, item, "end_reason", get(l, "end_reason"), end_reason_names[w->episode.p[i].end_reason], NAN);
    compare_class(e, item, "quadrant", get(l, "quadrant"), quadrant_names[p->quadrant], NAN);
    compare_risk(e, item, "risk", get(l, "risk"), p->risk, anchor->risk_conf);
    compare_flags(e, item, "flags", get(l, "flags"), p->flags);
    if (yyjson_is_arr(get(l, "next"))) eval_set(e, "next", item, bits_of(get(l, "next"), next_names, 12), p->next, next_names, 12, NULL);
    yyjson_val *key, *value;
    size_t k, max;
    yyjson_val *labels = get(l, "constructs");
    if (!yyjson_is_obj(labels)) return; /* the macro adds to what must not be NULL */
    yyjson_obj_foreach(labels, k, max, key, value) compare_construct(e, item, w, i, text_of(key), value);
}

/* Our episode that holds the refusal at `turn`; -1 none. */
static int episode_at(const struct walk *w, uint64_t turn)
{
    for (size_t i = 0; i < w->episode.n; i++)
        for (size_t k = 0; k < w->episode.p[i].n_refusal; k++)
            if (w->episode.p[i].refusal[k] == turn) return (int)i;
    return -1;
}

static void read_episodes(struct eval *e, yyjson_val *o)
{
    static const char *const one[] = {"episode"};
    yyjson_mut_doc *d = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *list = yyjson_mut_arr(d);
    yyjson_val *v, *record = get(o, "record");
    size_t i, max, n_found = 0;
    yyjson_arr_foreach(get(record, "messages"), i, max, v) add_message(d, list, v);
    const struct walk *w = walk_messages(e, d, list, record);
    yyjson_mut_doc_free(d);
    if (!w) {
        buf_puts(&e->why, UNREADABLE);
        return;
    }
    uint32_t item = eval_item(e, o, "conversation", (str){0});
    bool *taken = arena_array(&e->a, bool, w->episode.n + 1);
    yyjson_arr_foreach(get(o, "episodes"), i, max, v) {
        yyjson_val *anchor = get(v, "anchor");
        int at = yyjson_is_uint(anchor) ? episode_at(w, yyjson_get_uint(anchor)) : i < w->episode.n ? (int)i : -1;
        bool found = at >= 0 && !taken[at];
        eval_set(e, "episodes", item, 1, found, one, 1, NULL);
        if (!found) continue;
        taken[at] = true, n_found++;
        compare_episode(e, item, w, (size_t)at, v);
    }
    for (size_t k = n_found; k < w->episode.n; k++) eval_set(e, "episodes", item, 0, 1, one, 1, NULL);
}

bool eval_record(struct eval *e, yyjson_val *o)
{
    static void (*const read[])(struct eval *, yyjson_val *) = {
        [EVAL_REPLY] = read_reply, [EVAL_SENTENCE] = read_sentence, [EVAL_PAIR] = read_pair, [EVAL_EPISODES] = read_episodes};
    enum eval_form form = EVAL_NONE;
    bool risk = str_eqz(text_at(o, "role"), "user") && !none(get(o, "risk"));
    if (get(o, "prompt") && get(o, "response") && !none(get(o, "label"))) form = EVAL_PAIR;
    else if (yyjson_is_arr(get(o, "messages")) && yyjson_is_obj(get(o, "labels"))) form = EVAL_REPLY;
    else if (yyjson_is_obj(get(o, "record")) && yyjson_is_arr(get(o, "episodes"))) form = EVAL_EPISODES;
    else if (!none(get(o, "text")) && (yyjson_is_arr(get(o, "acts")) || risk)) form = EVAL_SENTENCE;
    buf_clear(&e->why);
    if (!eval_check(e, form, o)) return false;
    if (form == EVAL_NONE) eval_skip(e, "no labels in a form that docs/eval.md describes");
    else read[form](e, o);
    return e->why.n == 0 && !e->why.oom;
}
