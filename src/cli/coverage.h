/* refrain constructs --coverage: see constructs_coverage.c. */
#ifndef REFRAIN_CLI_COVERAGE_H
#define REFRAIN_CLI_COVERAGE_H

#include "cli/cli.h"

struct coverage_options {
    struct engine_args engine;
    struct input_args input;
    unsigned threads;   /* 0: all cores */
    bool json;
};
/* Analyses the file and prints the page; an exit code. */
int coverage_print(const char *path, const struct coverage_options *o, const struct pack *p);

#endif
