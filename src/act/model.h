/* Trained weights, read where they lie in the pack (rodata or an overlay's
 * bytes). Made by tools/train.c; formats and figures in packs/en/acts.card.md. */
#ifndef REFRAIN_ACT_MODEL_H
#define REFRAIN_ACT_MODEL_H

#include "walk.h"

struct act_model;
struct turn_model;

int act_model_load(const struct act_model **assistant, const struct act_model **user, struct arena *a, str bytes,
                   refrain_error *err);
int turn_model_load(const struct turn_model **out, struct arena *a, str bytes, refrain_error *err);

#endif
