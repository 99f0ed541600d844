/* refrain completions: a script for the user's shell. */
#include "cli/cmd.h"

static int run(void *options, const char *const *arg, size_t n_arg)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    (void)options;
    (void)n_arg;
    struct buf b = {0};
    if (help_completions(&b, arg[0]) == 0) return cli_print(&b);
    const char *near = err_nearest(arg[0], shells, ARRAY_LEN(shells));
    if (near) return cli_error("unknown shell '%s'; did you mean '%s'?", arg[0], near);
    return cli_error("unknown shell '%s'; one of bash, zsh, fish", arg[0]);
}

static const char *const words[] = {"bash", "zsh", "fish", NULL};
static const char *const examples[] = {"refrain completions bash > ~/.local/share/bash-completion/completions/refrain",
                                       "completion for bash, from the next shell on",
                                       "refrain completions fish > ~/.config/fish/completions/refrain.fish", "the same for fish",
                                       "refrain completions zsh > ~/.zfunc/_refrain", "for zsh, where ~/.zfunc is in fpath", NULL};

const struct command cmd_completions = {
    .name = "completions",
    .args = "SHELL",
    .summary = "print a completion script for bash, zsh or fish",
    .text = "Prints what a shell needs to complete commands, options and their values, made from the same tables as --help.",
    .run = run,
    .words = words,
    .examples = examples,
    .min_arg = 1,
    .max_arg = 1,
    .defaults = "",
};
