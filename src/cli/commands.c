/* The commands, in the order of --help. Two-word commands of one family stand
 * together. */
#include "cli/cmd.h"

const struct command *const commands[] = {
    &cmd_analyze,
    &cmd_explain,
    &cmd_constructs,
    &cmd_rules_test,
    &cmd_completions,
    NULL,
};
