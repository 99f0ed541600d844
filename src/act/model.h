/* Trained weights, read where they lie in the pack (rodata or an overlay's
 * bytes). Made by tools/train.c; formats and figures in packs/en/acts.card.md. */
#ifndef REFRAIN_ACT_MODEL_H
#define REFRAIN_ACT_MODEL_H

#include "walk.h"

struct pack;

/* Fills p->assistant, p->user and p->reply; copies `bytes` only when they are not aligned. */
int act_model_load(struct pack *p, str bytes, refrain_error *err);

#endif
