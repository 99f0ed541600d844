/* The annex: contacts in text → canonical form → verdict by the dated
 * directory. Numbers come only from the directory, never from memory. */
#ifndef REFRAIN_HELPLINE_HELPLINE_H
#define REFRAIN_HELPLINE_HELPLINE_H

#include "walk.h"

struct directory;

struct directory_options {
    const char *overlay;   /* DIR with the same files; NULL none */
    const char *as_of;     /* YYYY-MM-DD; NULL today */
    uint32_t stale_days;   /* 0: 90 */
};
/* Built-in directory (helplines/CC.yaml, compiled in) plus overlay. */
int directory_load(struct directory **out, const struct directory_options *opt, refrain_error *err);
void directory_free(struct directory *d);
const char *directory_version(const struct directory *d); /* newest evidence and hash */

/* A right contact of a service for people in crisis (suicide, crisis, youth,
 * lgbtq, veterans), not said to be out of use. Emergency numbers are
 * status CONTACT_EMERGENCY and answer false here. */
bool contact_is_crisis_line(const struct contact *c);

/* Duty of a jurisdiction ("US-CA") by packs/en/law.yaml: "referral" (expressed
 * suicidality or self-harm calls for one), "other", "" none known or not yet in
 * force on the directory's as-of date. */
const char *law_duty(const char *jurisdiction, const struct directory *d);
struct law { const char *place, *name, *since, *duty, *text, *source, *date; };
const struct law *law_find(const char *jurisdiction, const struct directory *d); /* NULL none; d NULL: the built-in ones */

/* Does a country or region stand in brackets in bytes b..e of a fold: "988 (us)"? */
bool place_bracketed(const struct directory *d, str t, uint32_t b, uint32_t e);

#endif
