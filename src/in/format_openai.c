/* OpenAI chat messages, as a record's "messages" or as the bare list. */
#include "in/read.h"

static int openai_read(struct reader *r, yyjson_val *root)
{
    yyjson_val *list = yyjson_is_arr(root) ? root : val_get(root, "messages");
    if (!yyjson_is_arr(list)) return err_set(r->err, REFRAIN_E_FORMAT, "messages: must be a list");
    int rc = read_begin(r, yyjson_arr_size(list));
    if (rc || (rc = read_list(r, list, roles_common, "messages"))) return rc;
    read_top_signs(r, 0);
    return read_end(r);
}

const struct adapter format_openai = {"openai", {KEY("messages")}, NULL, openai_read};
