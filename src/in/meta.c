/* Meta of a conversation from the fields of an object: id, model, place,
 * language, population. What is set stays; later objects fill gaps. */
#include "in/read.h"

static void fill(struct reader *r, str *to, yyjson_val *v)
{
    if (v && to->n == 0) *to = val_text(r, v);
}

static void fill_population(struct reader *r, yyjson_val *v)
{
    struct conv_meta *m = &r->c->meta;
    if (m->n_population || !v || yyjson_is_null(v)) return;
    size_t n = yyjson_is_arr(v) ? yyjson_arr_size(v) : 1, i, max;
    m->population = arena_array(r->a, str, n);
    if (!yyjson_is_arr(v)) {
        str s = val_text(r, v);
        if (s.n) m->population[m->n_population++] = s;
        return;
    }
    yyjson_val *one;
    yyjson_arr_foreach(v, i, max, one)
    {
        str s = val_text(r, one);
        if (s.n) m->population[m->n_population++] = s;
    }
}

static void fill_country(struct reader *r, yyjson_val *v)
{
    str given = val_str(v);
    if (r->c->meta.country.n || given.n == 0) return;
    const char *code = country_code(given);
    if (*code) r->c->meta.country = str_of(code);
    else read_warn(r, "unknown_country", -1);
}

static void fill_language(struct reader *r, yyjson_val *v)
{
    str given = val_str(v);
    if (r->c->meta.language.n || given.n == 0) return;
    const char *code = language_code(given);
    r->c->meta.language = *code ? str_of(code) : given;
}

void read_meta(struct reader *r, const struct fields *f)
{
    struct conv_meta *m = &r->c->meta;
    fill(r, &m->model, f->v[F_MODEL]);
    fill(r, &m->locale, f->v[F_LOCALE]);
    if (f->v[F_LANGUAGE]) fill_language(r, f->v[F_LANGUAGE]);
    if (f->v[F_COUNTRY]) fill_country(r, f->v[F_COUNTRY]);
    fill(r, &m->jurisdiction, f->v[F_JURISDICTION]);
    fill(r, &m->regeneration_group, f->v[F_GROUP]);
    fill(r, &m->session, f->v[F_SESSION]);
    if (f->v[F_POPULATION]) fill_population(r, f->v[F_POPULATION]);
    if (yyjson_is_true(f->v[F_SIMULATED]) || yyjson_get_len(f->v[F_SIMULATED])) m->simulated = true;
    if (yyjson_is_obj(f->v[F_META])) {
        struct fields inner;
        read_fields(&inner, f->v[F_META]);
        inner.v[F_META] = NULL;
        read_meta(r, &inner);
    }
}

void read_meta_of_request(struct reader *r, yyjson_val *request)
{
    struct fields f;
    read_fields(&f, request);
    f.v[F_ID] = NULL;
    read_meta(r, &f);
}
