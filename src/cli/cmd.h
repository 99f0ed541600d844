/* Every command's table. */
#ifndef REFRAIN_CLI_CMD_H
#define REFRAIN_CLI_CMD_H

#include "cli/cli.h"

extern const struct command cmd_analyze;
extern const struct command cmd_explain;
extern const struct command cmd_report;
extern const struct command cmd_compare;
extern const struct command cmd_eval;
extern const struct command cmd_constructs;
extern const struct command cmd_rules_test;
extern const struct command cmd_helplines_lookup, cmd_helplines_check, cmd_helplines_list, cmd_helplines_stale,
    cmd_helplines_export, cmd_helplines_lint;
extern const struct command cmd_completions;

/* What has the same name in every file with one command: its groups, options, defaults, run and examples. */
#define COMMAND_TABLES                                                                                                 \
    .groups = groups, .options_size = sizeof(struct options), .defaults = &defaults, .run = run, .examples = examples

/* `--threads N` into `threads` of struct options; 0 (not given): all cores. */
#define OPT_THREADS(help_)                                                                                             \
    {.name = "threads", .letter = 'j', .kind = OPT_NUMBER, .arg = "N", .at = offsetof(struct options, threads), .max = 256, .help = help_}

#endif
