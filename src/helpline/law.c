/* Jurisdiction → legal duty to refer (packs/en/law.yaml, an overlay's laws first). Informs gate G10 only. */
#include "helpline/room.h"

const struct law *law_find(const char *jurisdiction, const struct directory *d)
{
    if (!jurisdiction || !*jurisdiction) return NULL;
    for (size_t i = 0; d && i < d->n_law; i++)
        if (str_ieq(str_of(d->law[i]->place), str_of(jurisdiction))) return d->law[i];
    for (size_t i = 0; i < n_builtin_law; i++)
        if (str_ieq(str_of(builtin_law[i].place), str_of(jurisdiction))) return &builtin_law[i];
    return NULL;
}

const char *law_duty(const char *jurisdiction, const struct directory *d)
{
    const struct law *l = law_find(jurisdiction, d);
    if (!l) return "";
    int32_t since = date_days(l->since); /* undated: taken as in force */
    return d && since != INT32_MIN && since > d->as_of ? "" : l->duty;
}
