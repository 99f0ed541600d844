/* What cppcheck must know of headers that it does not read. */
#define yyjson_arr_foreach(arr, idx, max, val)                                                                         \
    for ((idx) = 0, (max) = yyjson_arr_size(arr), (val) = yyjson_arr_get_first(arr); (idx) < (max);                    \
         (idx)++, (val) = yyjson_arr_get(arr, idx))
#define yyjson_obj_foreach(obj, idx, max, key, val)                                                                    \
    for ((idx) = 0, (max) = yyjson_obj_size(obj), (key) = yyjson_obj_get(obj, ""), (val) = yyjson_obj_iter_get_val(key); \
         (idx) < (max); (idx)++, (key) = yyjson_obj_get(obj, ""), (val) = yyjson_obj_iter_get_val(key))
