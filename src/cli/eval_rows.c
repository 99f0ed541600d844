/* What was labelled and what was read → rows of a measure. */
#include "cli/eval.h"

#include <math.h>

/* Index, of the old one if it stands. */
static int names_add(struct arena *a, struct names *n, str s)
{
    for (size_t i = n->list.n; i-- > 0;) /* backwards: rows of one conversation stand together */
        if (str_eq(n->list.p[i], s)) return (int)i;
    str *slot = vec_push(a, &n->list);
    *slot = arena_str(a, s);
    return (int)n->list.n - 1;
}

struct measure *eval_measure(struct eval *e, const char *name, enum measure_kind kind)
{
    for (size_t i = 0; i < e->measure.n; i++)
        if (!strcmp(e->measure.p[i]->name, name)) return e->measure.p[i];
    struct measure **slot = vec_push(&e->a, &e->measure);
    *slot = arena_new(&e->a, struct measure);
    (*slot)->name = arena_str(&e->a, str_of(name)).p;
    (*slot)->kind = kind;
    return *slot;
}

/* ---- items: id, cluster, group ---- */

static str field(yyjson_val *o, const char *k)
{
    yyjson_val *v = yyjson_obj_get(o, k);
    return yyjson_is_str(v) ? (str){yyjson_get_str(v), yyjson_get_len(v)} : (str){0};
}

/* The n-th part of a string between separators, from 0; empty when there is none. */
static str part(str s, char sep, int n)
{
    size_t b = 0;
    for (size_t i = 0; i <= s.n; i++) {
        if (i < s.n && s.p[i] != sep) continue;
        if (n-- == 0) return str_sub(s, b, i);
        b = i + 1;
    }
    return (str){0};
}

/* The field itself, or what our conversation ids say: "…|model" and "key_Persona_model_run3". */
static str group_of(yyjson_val *o, const char *by)
{
    str own = field(o, by), id = field(o, "conversation");
    if (own.n || !id.n) return own;
    bool model = !strcmp(by, "model"), persona = !strcmp(by, "persona");
    size_t bar = str_find(id, STR("|"));
    if (bar != SIZE_MAX) return model ? str_sub(id, bar + 1, id.n) : own;
    return model ? part(id, '_', 2) : persona ? part(id, '_', 1) : own;
}

uint32_t eval_item(struct eval *e, yyjson_val *o, const char *unit, str text)
{
    struct eval_item *x = vec_push(&e->a, &e->item);
    uint32_t index = (uint32_t)e->item.n - 1;
    str id = field(o, "id"), cluster = field(o, "conversation");
    if (!cluster.n) cluster = field(o, "prompt"); /* replies of several models to one prompt belong together */
    char *made = arena_printf(&e->a, "row %u", index + 1);
    x->id = id.n ? arena_str(&e->a, id) : str_of(made);
    x->cluster = (uint32_t)names_add(&e->a, &e->cluster, cluster.n ? cluster : x->id);
    str group = e->o->by ? group_of(o, e->o->by) : (str){0};
    x->group = e->o->by ? names_add(&e->a, &e->group, group.n ? group : STR(EVAL_NO_GROUP)) : -1;
    if (e->o->show_text) x->text = arena_str(&e->a, text);
    int u = names_add(&e->a, &e->unit, str_of(unit));
    if ((size_t)u < ARRAY_LEN(e->n_unit)) e->n_unit[u]++;
    return index;
}

static void count(struct eval *e, struct names *names, uint32_t *n, size_t max, const char *name)
{
    int i = names->list.n < max ? names_add(&e->a, names, str_of(name)) : -1;
    for (size_t k = 0; i < 0 && k < max; k++)
        if (str_eqz(names->list.p[k], name)) i = (int)k;
    if (i >= 0) n[i]++;
}

void eval_skip(struct eval *e, const char *why) { count(e, &e->skip_why, e->n_skip, ARRAY_LEN(e->n_skip), why); }

void eval_not_compared(struct eval *e, const char *key)
{
    count(e, &e->unread, e->n_unread, ARRAY_LEN(e->n_unread), key);
}

/* ---- rows ---- */

static void add(struct eval *e, struct measure *m, uint32_t item, int want, int got, float conf)
{
    struct eval_row *r = vec_push(&e->a, &m->row);
    *r = (struct eval_row){item, (int16_t)want, (int16_t)got, conf};
}

/* A name's class; those beyond what a table holds share the last one. */
static int class_of(struct eval *e, struct measure *m, str name)
{
    bool full = m->class.list.n >= STATS_MAX_CLASS - 1;
    for (size_t i = 0; full && i < m->class.list.n; i++)
        if (str_eq(m->class.list.p[i], name)) return (int)i;
    return names_add(&e->a, &m->class, full ? STR("(others)") : name);
}

void eval_class(struct eval *e, const char *name, uint32_t item, str want, str got, float conf)
{
    struct measure *m = eval_measure(e, name, MEASURE_CLASS);
    int w = class_of(e, m, want), g = class_of(e, m, got);
    add(e, m, item, w, g, conf);
    m->n_item++;
    if (!isnan(conf)) stats_calibrate(&m->sure, conf, w == g);
}

void eval_level(struct eval *e, const char *name, uint32_t item, int want, int got, float conf)
{
    struct measure *m = eval_measure(e, name, MEASURE_LEVEL);
    enum { TOP = 9 }; /* counts above it are one level */
    want = want > TOP ? TOP : want, got = got > TOP ? TOP : got;
    for (int i = (int)m->class.list.n; i <= want || i <= got; i++) names_add(&e->a, &m->class, str_of(arena_printf(&e->a, "%d", i)));
    add(e, m, item, want, got, conf);
    m->n_item++;
    if (!isnan(conf)) stats_calibrate(&m->sure, conf, want == got);
}

void eval_left_out(struct eval *e, const char *name, enum measure_kind kind) { eval_measure(e, name, kind)->n_left_out++; }

void eval_set(struct eval *e, const char *measure, uint32_t item, uint64_t want, uint64_t got, const char *const *name,
              size_t n, const float *p)
{
    struct measure *m = eval_measure(e, measure, MEASURE_SET);
    m->n_item++;
    for (size_t i = 0; i < n; i++) {
        bool w = want >> i & 1, g = got >> i & 1;
        if (p) stats_calibrate(&m->sure, p[i], w);
        if (!w && !g) continue;
        add(e, m, item, class_of(e, m, str_of(name[i])), w && g ? SET_FOUND : w ? SET_MISSED : SET_EXTRA, p ? p[i] : NAN);
    }
}

/* Names in alphabetical order, whatever row came first; levels stand in theirs. */
static void sort_classes(struct arena *a, struct measure *m)
{
    size_t n = m->class.list.n;
    int16_t *new_of = arena_array(a, int16_t, n + 1);
    str *sorted = arena_array(a, str, n + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            str x = m->class.list.p[i], y = m->class.list.p[j];
            int c = memcmp(y.p, x.p, x.n < y.n ? x.n : y.n);
            new_of[i] = (int16_t)(new_of[i] + (c < 0 || (c == 0 && y.n < x.n)));
        }
    for (size_t i = 0; i < n; i++) sorted[new_of[i]] = m->class.list.p[i];
    for (size_t i = 0; i < m->row.n; i++) {
        struct eval_row *r = &m->row.p[i];
        r->want = new_of[r->want];
        if (m->kind == MEASURE_CLASS) r->got = new_of[r->got];
    }
    m->class.list.p = sorted;
}

void eval_settle(struct eval *e)
{
    for (size_t i = 0; i < e->measure.n; i++)
        if (e->measure.p[i]->kind != MEASURE_LEVEL) sort_classes(&e->a, e->measure.p[i]);
}
