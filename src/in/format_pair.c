/* One prompt and one response: {prompt, response}. The prompt may be a short
 * history, as a list or as a string that holds one; its last item is the
 * user's and the items before alternate. */
#include "in/read.h"

static yyjson_val *response_of(yyjson_val *root)
{
    static const char *const names[] = {"response", "completion", "reply", "answer", "output"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        yyjson_val *v = yyjson_obj_get(root, names[i]);
        if (v) return v;
    }
    return NULL;
}

static void push_history(struct reader *r, const str *item, size_t n)
{
    for (size_t i = 0; i < n; i++) read_push(r, (n - i) % 2 ? ROLE_USER : ROLE_ASSISTANT, item[i]);
}

static int read_prompt_list(struct reader *r, yyjson_val *list)
{
    if (yyjson_is_obj(yyjson_arr_get_first(list))) return read_list(r, list, roles_common, "prompt");
    size_t n = yyjson_arr_size(list), i, max;
    yyjson_val *one;
    if (n > r->limits.turns) return err_set(r->err, REFRAIN_E_LIMIT, "%zu turns; the limit is %zu", n, r->limits.turns);
    str *item = arena_array(r->a, str, n);
    yyjson_arr_foreach(list, i, max, one)
    {
        if (!yyjson_is_str(one)) return err_set(r->err, REFRAIN_E_FORMAT, "prompt[%zu]: must be a string", i);
        item[i] = val_str(one);
    }
    push_history(r, item, n);
    return 0;
}

static int pair_read(struct reader *r, yyjson_val *root)
{
    yyjson_val *prompt = val_get(root, "prompt"), *response = response_of(root);
    if (!yyjson_is_str(prompt) && !yyjson_is_arr(prompt))
        return err_set(r->err, REFRAIN_E_FORMAT, "prompt: must be a string or a list");
    if (!response) return err_set(r->err, REFRAIN_E_FORMAT, "a prompt without its response");
    if (!yyjson_is_str(response) && !yyjson_is_null(response))
        return err_set(r->err, REFRAIN_E_FORMAT, "response: must be a string");
    int rc = read_begin(r, 4);
    if (rc) return rc;
    str system = val_str(val_get(root, "system")), *item;
    if (!system.n) system = val_str(val_get(root, "system_prompt"));
    if (system.n) read_push(r, ROLE_SYSTEM, system);
    size_t n;
    if (yyjson_is_arr(prompt)) rc = read_prompt_list(r, prompt);
    else if (read_quoted_list(r, val_str(prompt), &item, &n)) push_history(r, item, n);
    else read_push(r, ROLE_USER, val_str(prompt));
    if (rc) return rc;
    struct turn *t = read_push(r, ROLE_ASSISTANT, val_str(response));
    read_signs_only(r, t, &r->top, yyjson_is_str(r->top.v[F_REFUSAL]) ? 1u << F_REFUSAL : 0);
    read_top_signs(r, 0);
    return read_end(r);
}

const struct adapter format_pair = {"pair", {KEY("prompt")}, NULL, pair_read};
