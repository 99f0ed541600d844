/* What api.c and live.c share. */
#ifndef REFRAIN_API_H
#define REFRAIN_API_H

#include "engine.h"

int api_limits(struct conv_limits *out, const refrain_limits *limits, refrain_error *err);
/* Record → report in the scanner's buffer; several conversations of one record stand on a line each. */
int api_report(refrain_str *report, refrain_scanner *s, str record, const struct origin *from, refrain_error *err);

#endif
