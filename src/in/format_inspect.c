/* Inspect AI logs in JSON: one record, one conversation a sample. */
#include "in/read.h"

/* Long texts are stored once, as "attachment://<hash>". */
static void resolve(struct reader *r, yyjson_val *attachments)
{
    const str mark = STR("attachment://");
    struct conv *c = r->c;
    if (yyjson_obj_size(attachments) == 0) return;
    struct members by_hash = members_of(r, attachments);
    for (size_t i = 0; i < c->n_turn; i++) {
        str *text = &c->turn[i].text;
        if (!str_has_prefix(*text, mark)) continue;
        yyjson_val *v = members_get(&by_hash, str_sub(*text, mark.n, text->n));
        if (yyjson_is_str(v)) *text = val_str(v);
    }
}

static void set_sample_id(struct reader *r, yyjson_val *sample)
{
    str id = val_text(r, val_get(sample, "id"));
    yyjson_val *epoch = val_get(sample, "epoch");
    if (id.n && yyjson_get_uint(epoch) > 1)
        id = str_of(arena_printf(r->a, "%.*s/%d", STR_ARG(id), (int)yyjson_get_uint(epoch)));
    r->c->id = id;
    r->c->has_id = id.n > 0;
}

/* The last reply's finish reason stands in the sample's output. */
static void read_output(struct reader *r, yyjson_val *output)
{
    struct fields f;
    read_fields(&f, yyjson_arr_get_first(val_get(output, "choices")));
    for (size_t i = r->c->n_turn; i-- > 0;)
        if (r->c->turn[i].role == ROLE_ASSISTANT) {
            read_signs_only(r, &r->c->turn[i], &f, 1u << F_FINISH);
            break;
        }
    read_fields(&f, output);
    f.v[F_ID] = NULL;
    read_meta(r, &f);
}

static int read_sample(struct reader *r, yyjson_val *sample, yyjson_val *eval)
{
    yyjson_val *list = val_get(sample, "messages");
    if (!yyjson_is_arr(list)) return err_set(r->err, REFRAIN_E_FORMAT, "messages: must be a list");
    int rc = read_begin(r, yyjson_arr_size(list));
    if (rc) return rc;
    set_sample_id(r, sample);
    str model = val_str(val_get(eval, "model"));
    r->c->meta.model = model;
    if ((rc = read_list(r, list, roles_common, "messages"))) return rc;
    resolve(r, val_get(sample, "attachments"));
    read_output(r, val_get(sample, "output"));
    struct fields f;
    read_fields(&f, sample);
    read_meta(r, &f);
    return read_end(r);
}

static int inspect_read(struct reader *r, yyjson_val *root)
{
    yyjson_val *samples = val_get(root, "samples"), *eval = val_get(root, "eval"), *sample;
    if (!yyjson_is_arr(samples)) return err_set(r->err, REFRAIN_E_FORMAT, "samples: must be a list");
    if (yyjson_arr_size(samples) == 0) return err_set(r->err, REFRAIN_E_FORMAT, "samples: none in this log");
    refrain_error first = {0}, one, *err = r->err;
    size_t i, max;
    r->err = &one;
    yyjson_arr_foreach(samples, i, max, sample)
    {
        size_t n = r->out.n;
        if (read_sample(r, sample, eval) == 0) continue;
        r->out.n = n; /* the others may be good */
        if (first.status == 0) err_set(&first, one.status, "samples[%zu]: %.200s", i, one.message);
    }
    r->err = err;
    if (first.status && err) *err = first;
    return r->out.n ? 0 : first.status;
}

static bool inspect_is(struct reader *r, yyjson_val *root)
{
    (void)r;
    return yyjson_is_arr(val_get(root, "samples")) || !val_get(root, "messages");
}

const struct adapter format_inspect = {"inspect", {KEY("samples")}, inspect_is, inspect_read};
