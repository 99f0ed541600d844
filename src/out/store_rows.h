/* Rows on their way from the workers to the writer of the store, as bytes:
 * a table, then one value a column; the first column, the conversation's
 * number, is the writer's. */
#ifndef REFRAIN_OUT_STORE_ROWS_H
#define REFRAIN_OUT_STORE_ROWS_H

#include "base/base.h"

enum store_table {
    ST_CONVERSATION, ST_POPULATION, ST_TURN, ST_EPISODE, ST_REFUSAL, ST_CODE, ST_SPAN, ST_CONTACT, ST_GATE, ST_WARNING,
    N_STORE_TABLE
};
extern const char *const store_table_names[N_STORE_TABLE];

/* What stands before a value. A tag of RV_SMALL + n is the number n by itself. */
enum { RV_NULL, RV_INT /* int64 */, RV_REAL /* double */, RV_TEXT, RV_BLOB /* uint32 length, bytes */,
       RV_NAME /* pointer to a static string */, RV_SMALL = 16 };

#endif
