/* Every command's table. */
#ifndef REFRAIN_CLI_CMD_H
#define REFRAIN_CLI_CMD_H

#include "cli/cli.h"

extern const struct command cmd_analyze;
extern const struct command cmd_explain;
extern const struct command cmd_constructs;
extern const struct command cmd_rules_test;
extern const struct command cmd_completions;

#endif
