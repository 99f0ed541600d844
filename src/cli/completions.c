/* Option tables → completion scripts of bash, zsh and fish. */
#include "cli/cli.h"

/* ---- bash ---- */

static void bash_words(struct buf *b, const struct command *c)
{
    buf_puts(b, "--help --config");
    for (const struct opt_group *g = c->groups; g && g->title; g++)
        for (const struct opt *o = g->opt; o->name; o++) buf_printf(b, " --%s", o->name);
}

static void bash_values(struct buf *b, const struct command *c)
{
    for (const struct opt_group *g = c->groups; g && g->title; g++)
        for (const struct opt *o = g->opt; o->name; o++) {
            if (o->kind == OPT_FLAG) continue;
            buf_printf(b, "      --%s", o->name);
            if (o->letter) buf_printf(b, "|-%c", o->letter);
            buf_puts(b, ") ");
            if (o->kind == OPT_CHOICE) {
                buf_puts(b, "COMPREPLY=($(compgen -W \"");
                for (const char *p = o->arg; *p; p++) buf_putc(b, *p == '|' ? ' ' : *p);
                buf_puts(b, "\" -- \"$cur\"))");
            } else if (o->kind == OPT_FILE) {
                buf_puts(b, "COMPREPLY=($(compgen -f -- \"$cur\"))");
            } else if (o->kind == OPT_DIR) {
                buf_puts(b, "COMPREPLY=($(compgen -d -- \"$cur\"))");
            } else {
                buf_puts(b, "COMPREPLY=()");
            }
            buf_puts(b, "; return ;;\n");
        }
}

static void first_words(struct buf *b)
{
    for (size_t i = 0; commands[i]; i++) {
        size_t n = strcspn(commands[i]->name, " ");
        if (i && strncmp(commands[i - 1]->name, commands[i]->name, n) == 0 && commands[i - 1]->name[n] == ' ') continue;
        if (i) buf_putc(b, ' ');
        buf_put(b, commands[i]->name, n);
    }
}

/* "helplines" → "lookup check list …" */
static void second_words(struct buf *b, const char *first, size_t n)
{
    for (size_t i = 0; commands[i]; i++)
        if (strncmp(commands[i]->name, first, n) == 0 && commands[i]->name[n] == ' ')
            buf_printf(b, "%s ", commands[i]->name + n + 1);
}

static void bash(struct buf *b)
{
    buf_puts(b,
             "# bash completion for refrain; made by 'refrain completions bash'\n_refrain() {\n"
             "  local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\" cmd=\"${COMP_WORDS[1]}\"\n"
             "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"");
    first_words(b);
    buf_puts(b, " --help --version --man\" -- \"$cur\")); return; fi\n  case \"$cmd\" in\n");
    for (size_t i = 0; commands[i]; i++) {
        const char *space = strchr(commands[i]->name, ' ');
        size_t n = space ? (size_t)(space - commands[i]->name) : 0;
        if (!space || (i && strncmp(commands[i - 1]->name, commands[i]->name, n + 1) == 0)) continue;
        buf_printf(b, "    %.*s) if [ \"$COMP_CWORD\" -eq 2 ]; then COMPREPLY=($(compgen -W \"", (int)n,
                   commands[i]->name);
        second_words(b, commands[i]->name, n);
        buf_puts(b, "\" -- \"$cur\")); return; fi; cmd=\"$cmd ${COMP_WORDS[2]}\" ;;\n");
    }
    buf_puts(b, "  esac\n  case \"$cmd\" in\n");
    for (size_t i = 0; commands[i]; i++) {
        buf_printf(b,
                   "  '%s')\n    case \"$prev\" in\n      --config) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n",
                   commands[i]->name);
        bash_values(b, commands[i]);
        buf_puts(b, "    esac\n    case \"$cur\" in\n      -*) COMPREPLY=($(compgen -W \"");
        bash_words(b, commands[i]);
        buf_puts(b, "\" -- \"$cur\")) ;;\n      *) ");
        if (commands[i]->words) {
            buf_puts(b, "COMPREPLY=($(compgen -W \"");
            for (size_t k = 0; commands[i]->words[k]; k++) buf_printf(b, "%s ", commands[i]->words[k]);
            buf_puts(b, "\" -- \"$cur\"))");
        } else {
            buf_puts(b, commands[i]->no_files ? "COMPREPLY=()" : "COMPREPLY=($(compgen -f -- \"$cur\"))");
        }
        buf_puts(b, " ;;\n    esac ;;\n");
    }
    buf_puts(b, "  esac\n}\ncomplete -o filenames -F _refrain refrain\n");
}

/* ---- zsh ---- */

static void zsh_quoted(struct buf *b, const char *z) /* inside the '…[…]' of _arguments */
{
    for (; *z; z++) {
        if (*z == '\'') buf_puts(b, "’");
        else if (*z == ':') buf_puts(b, "\\:");
        else if (*z == '[' || *z == ']') buf_putc(b, *z == '[' ? '(' : ')');
        else buf_putc(b, *z);
    }
}

static void zsh_option(struct buf *b, const struct opt *o)
{
    buf_puts(b, " \\\n      '");
    if (o->letter) buf_printf(b, "(-%c --%s)'{-%c,--%s}'", o->letter, o->name, o->letter, o->name);
    else buf_printf(b, "--%s", o->name);
    if (o->kind != OPT_FLAG && !o->letter) buf_putc(b, '=');
    buf_putc(b, '[');
    zsh_quoted(b, o->help);
    buf_putc(b, ']');
    if (o->kind == OPT_CHOICE) {
        buf_puts(b, ":value:(");
        for (const char *p = o->arg; *p; p++) buf_putc(b, *p == '|' ? ' ' : *p);
        buf_putc(b, ')');
    } else if (o->kind == OPT_FILE) {
        buf_puts(b, ":file:_files");
    } else if (o->kind == OPT_DIR) {
        buf_puts(b, ":directory:_files -/");
    } else if (o->kind != OPT_FLAG) {
        buf_puts(b, ":value: ");
    }
    buf_putc(b, '\'');
}

static void zsh(struct buf *b)
{
    buf_puts(b, "#compdef refrain\n# made by 'refrain completions zsh'\n_refrain() {\n  local cmd=\"$words[2]\"\n"
                "  if (( CURRENT == 2 )); then compadd -- ");
    first_words(b);
    buf_puts(b, "; return; fi\n  case \"$cmd\" in\n");
    for (size_t i = 0; commands[i]; i++) {
        const char *space = strchr(commands[i]->name, ' ');
        size_t n = space ? (size_t)(space - commands[i]->name) : 0;
        if (!space || (i && strncmp(commands[i - 1]->name, commands[i]->name, n + 1) == 0)) continue;
        buf_printf(b, "    %.*s) if (( CURRENT == 3 )); then compadd -- ", (int)n, commands[i]->name);
        second_words(b, commands[i]->name, n);
        buf_puts(b, "; return; fi; cmd=\"$cmd $words[3]\"; shift words; (( CURRENT-- )) ;;\n");
    }
    buf_puts(b, "  esac\n  shift words; (( CURRENT-- ))\n  case \"$cmd\" in\n");
    for (size_t i = 0; commands[i]; i++) {
        buf_printf(b, "    '%s') _arguments -s", commands[i]->name);
        for (const struct opt_group *g = commands[i]->groups; g && g->title; g++)
            for (const struct opt *o = g->opt; o->name; o++) zsh_option(b, o);
        if (commands[i]->words) {
            buf_puts(b, " \\\n      '1:what:(");
            for (size_t k = 0; commands[i]->words[k]; k++) buf_printf(b, "%s%s", k ? " " : "", commands[i]->words[k]);
            buf_puts(b, ")'");
        } else if (!commands[i]->no_files) {
            buf_puts(b, " \\\n      '*:file:_files'");
        }
        buf_puts(b, " ;;\n");
    }
    buf_puts(b, "  esac\n}\n_refrain \"$@\"\n");
}

/* ---- fish ---- */

static void fish_quoted(struct buf *b, const char *z) /* inside '…' */
{
    for (; *z; z++) {
        if (*z == '\'' || *z == '\\') buf_putc(b, '\\');
        buf_putc(b, *z);
    }
}

/* The beginning of a line that holds once command c stands there. */
static void fish_condition(struct buf *b, const struct command *c)
{
    size_t n = strcspn(c->name, " ");
    buf_printf(b, "complete -c refrain -n '__fish_seen_subcommand_from %.*s", (int)n, c->name);
    if (c->name[n]) buf_printf(b, "; and __fish_seen_subcommand_from %s", c->name + n + 1);
    buf_putc(b, '\'');
}

static void fish_says(struct buf *b, const char *z)
{
    buf_puts(b, " -d '");
    fish_quoted(b, z);
    buf_puts(b, "'\n");
}

static void fish_option(struct buf *b, const struct command *c, const struct opt *o)
{
    fish_condition(b, c);
    buf_printf(b, " -l %s", o->name);
    if (o->letter) buf_printf(b, " -s %c", o->letter);
    if (o->kind == OPT_CHOICE) {
        buf_puts(b, " -x -a '");
        for (const char *p = o->arg; *p; p++) buf_putc(b, *p == '|' ? ' ' : *p);
        buf_putc(b, '\'');
    } else if (o->kind == OPT_FILE) buf_puts(b, " -r -F");
    else if (o->kind == OPT_DIR) buf_puts(b, " -x -a '(__fish_complete_directories)'");
    else if (o->kind != OPT_FLAG) buf_puts(b, " -x");
    fish_says(b, o->help);
}

/* "helplines": offered first with its commands as words, then each of them until one stands there. */
static void fish_second(struct buf *b, size_t i, size_t n)
{
    const char *name = commands[i]->name;
    if (i == 0 || strncmp(commands[i - 1]->name, name, n + 1)) {
        buf_printf(b, "complete -c refrain -f -n '__fish_use_subcommand' -a '%.*s' -d '", (int)n, name);
        second_words(b, name, n);
        b->n--; /* the last blank */
        buf_puts(b, "'\n");
    }
    buf_printf(b, "complete -c refrain -f -n '__fish_seen_subcommand_from %.*s; ", (int)n, name);
    buf_puts(b, "and not __fish_seen_subcommand_from ");
    second_words(b, name, n);
    buf_printf(b, "' -a '%s'", name + n + 1);
    fish_says(b, commands[i]->summary);
}

static void fish(struct buf *b)
{
    buf_puts(b, "# fish completion for refrain; made by 'refrain completions fish'\n"
                "complete -c refrain -n '__fish_use_subcommand' -l help -d 'what there is'\n"
                "complete -c refrain -n '__fish_use_subcommand' -l version -d 'of refrain'\n"
                "complete -c refrain -n '__fish_use_subcommand' -l man -d 'the manual page, for man -l -'\n"
                "complete -c refrain -n 'not __fish_use_subcommand' -l help -d 'explain this command'\n"
                "complete -c refrain -n 'not __fish_use_subcommand' -l config -r -F -d 'read settings from FILE'\n");
    for (size_t i = 0; commands[i]; i++) {
        const struct command *c = commands[i];
        size_t n = strcspn(c->name, " ");
        if (c->name[n]) {
            fish_second(b, i, n);
        } else {
            buf_printf(b, "complete -c refrain -f -n '__fish_use_subcommand' -a '%s'", c->name);
            fish_says(b, c->summary);
        }
        for (const struct opt_group *g = c->groups; g && g->title; g++)
            for (const struct opt *o = g->opt; o->name; o++) fish_option(b, c, o);
        if (c->no_files || c->words) {
            fish_condition(b, c);
            buf_puts(b, " -f\n");
        }
        for (size_t k = 0; c->words && c->words[k]; k++) {
            fish_condition(b, c);
            buf_printf(b, " -f -a '%s'\n", c->words[k]);
        }
    }
}

int help_completions(struct buf *b, const char *shell)
{
    static const struct {
        const char *name;
        void (*make)(struct buf *);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t i = 0; i < ARRAY_LEN(shells); i++)
        if (!strcmp(shell, shells[i].name)) {
            shells[i].make(b);
            return 0;
        }
    return -1;
}
