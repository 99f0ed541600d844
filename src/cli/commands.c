/* The commands, in the order of --help. Two-word commands of one family stand
 * together. */
#include "cli/cmd.h"

const struct command *const commands[] = {
    &cmd_analyze,
    &cmd_explain,
    &cmd_report,
    &cmd_compare,
    &cmd_eval,
    &cmd_constructs,
    &cmd_rules_test,
    &cmd_helplines_lookup,
    &cmd_helplines_check,
    &cmd_helplines_list,
    &cmd_helplines_stale,
    &cmd_helplines_export,
    &cmd_helplines_lint,
    &cmd_completions,
    NULL,
};
