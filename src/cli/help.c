/* Option tables → --help and manual pages: all that a person reads about an
 * option comes from its table. */
#include <ctype.h>
#include <stdlib.h>

#include "cli/cli.h"

/* ---- one option's left column ---- */

static void option_head(struct buf *b, const struct opt *o)
{
    if (o->letter) buf_printf(b, "-%c, ", o->letter);
    else buf_puts(b, "    ");
    buf_printf(b, "--%s", o->name);
    if (o->kind != OPT_FLAG) buf_printf(b, " %s", o->kind == OPT_CHOICE && strlen(o->arg) > 24 ? "NAME" : o->arg);
}

static void option_line(struct buf *b, const struct term *t, const struct opt *o)
{
    enum { COLUMN = 30 };
    struct buf head = {0};
    option_head(&head, o);
    buf_putc(&head, 0);
    buf_puts(b, "  ");
    term_put(b, t, ST_CYAN, head.p ? head.p : "");
    size_t n = strlen(head.p ? head.p : "") + 2;
    if (n + 1 > COLUMN) {
        buf_putc(b, '\n');
        n = 0;
    }
    term_spaces(b, COLUMN - n);
    struct buf help = {0};
    buf_puts(&help, o->help);
    if (o->kind == OPT_CHOICE && strlen(o->arg) > 24) {
        buf_puts(&help, ": ");
        for (const char *p = o->arg; *p; p++) *p == '|' ? buf_puts(&help, ", ") : buf_putc(&help, *p);
    }
    term_wrap(b, t, (str){help.p, help.n}, COLUMN, COLUMN);
    buf_putc(b, '\n');
    buf_free(&help);
    buf_free(&head);
}

static void paragraphs(struct buf *b, const struct term *t, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t n = end ? (size_t)(end - text) : strlen(text);
        term_wrap(b, t, (str){text, n}, 0, 0);
        buf_puts(b, "\n\n");
        text += n;
        while (*text == '\n') text++;
    }
}

static const struct opt common_opts[] = {
    {.name = "config",
     .kind = OPT_FILE,
     .arg = "FILE",
     .help = "settings to read instead of ./refrain.yaml; a line is 'max-turns: 500', by an option's long name"},
    {.name = "help", .letter = 'h', .kind = OPT_FLAG, .help = "this text"},
    {0},
};

void help_command(struct buf *b, const struct term *t, const struct command *c)
{
    term_put(b, t, ST_BOLD, "usage:");
    buf_printf(b, " refrain %s", c->name);
    if (c->groups && c->groups->title) buf_puts(b, " [options]");
    if (c->args) buf_printf(b, " %s", c->args);
    buf_puts(b, "\n\n");
    paragraphs(b, t, c->text ? c->text : c->summary);
    for (const struct opt_group *g = c->groups; g && g->title; g++) {
        term_put(b, t, ST_BOLD, g->title);
        buf_putc(b, '\n');
        for (const struct opt *o = g->opt; o->name; o++) option_line(b, t, o);
        buf_putc(b, '\n');
    }
    term_put(b, t, ST_BOLD, "Common");
    buf_putc(b, '\n');
    for (const struct opt *o = common_opts; o->name; o++) option_line(b, t, o);
    if (!c->examples) return;
    buf_putc(b, '\n');
    term_put(b, t, ST_BOLD, "Examples");
    buf_putc(b, '\n');
    for (size_t i = 0; c->examples[i]; i += 2) {
        buf_puts(b, "  ");
        term_put(b, t, ST_CYAN, c->examples[i]);
        buf_puts(b, "\n      ");
        term_wrap(b, t, str_of(c->examples[i + 1]), 6, 6);
        buf_putc(b, '\n');
    }
}

void help_line(struct buf *b, const struct term *t, const struct command *c)
{
    buf_puts(b, "  ");
    term_on(b, t, ST_CYAN);
    term_fit(b, t, str_of(c->name), 20, true);
    term_off(b, t);
    term_wrap(b, t, str_of(c->summary), 22, 22);
    buf_putc(b, '\n');
}

void help_all(struct buf *b, const struct term *t)
{
    term_put(b, t, ST_BOLD, "usage:");
    buf_puts(b, " refrain COMMAND [options] …\n\n");
    paragraphs(b, t,
               "refrain reads conversations with a language model and says how each refusal was experienced, over "
               "five phases, with the words that show it. It runs offline.");
    term_put(b, t, ST_BOLD, "Commands");
    buf_putc(b, '\n');
    for (size_t i = 0; commands[i]; i++) help_line(b, t, commands[i]);
    buf_puts(b, "\n");
    paragraphs(b, t,
               "'refrain COMMAND --help' explains one. 'refrain --version' and 'refrain --man COMMAND' exist too.");
    paragraphs(b, t,
               "Settings: a long option may stand in ./refrain.yaml (max-turns: 500) or in the environment "
               "(REFRAIN_MAX_TURNS=500) too, but for names of outputs and what chooses a conversation. Flags win over "
               "the environment, the environment over the file.");
    paragraphs(b, t,
               "Exit status: 0 done; 1 a check of --fail-on failed, or another that the command was asked for; 2 usage "
               "or input/output error; 3 some records were rejected, all others are done.");
    if (b->n > 1 && b->p[b->n - 1] == '\n' && b->p[b->n - 2] == '\n') b->n--;
}

/* ---- man pages: roff from the same tables ---- */

static void roff(struct buf *b, const char *z)
{
    bool line = true;
    for (; *z; z++) {
        if (line && (*z == '.' || *z == '\'')) buf_puts(b, "\\&");
        if (*z == '-') buf_puts(b, "\\-");
        else if (*z == '\\') buf_puts(b, "\\e");
        else buf_putc(b, *z);
        line = *z == '\n';
    }
}

static void roff_paragraphs(struct buf *b, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t n = end ? (size_t)(end - text) : strlen(text);
        char *copy = strndup(text, n);
        buf_puts(b, ".PP\n");
        if (copy) roff(b, copy);
        buf_putc(b, '\n');
        free(copy);
        text += n;
        while (*text == '\n') text++;
    }
}

static void roff_option(struct buf *b, const struct opt *o)
{
    buf_puts(b, ".TP\n.B ");
    if (o->letter) buf_printf(b, "\\-%c, ", o->letter);
    buf_puts(b, "\\-\\-");
    roff(b, o->name);
    if (o->kind != OPT_FLAG) {
        buf_puts(b, " \\fI");
        roff(b, o->arg);
        buf_puts(b, "\\fR");
    }
    buf_putc(b, '\n');
    roff(b, o->help);
    buf_putc(b, '\n');
}

#define MAN_DATE "2026-12-01" /* when commands or options last changed; not of the build, which is reproducible */

static void man_head(struct buf *b, const char *name, const char *summary)
{
    char title[64];
    size_t n = 0;
    for (const char *p = name; *p && n + 1 < sizeof title; p++)
        title[n++] = (char)toupper((unsigned char)(*p == ' ' ? '-' : *p));
    title[n] = 0;
    buf_printf(b, ".TH %s 1 \"%s\" \"refrain %s\" \"User Commands\"\n.SH NAME\n", title, MAN_DATE, REFRAIN_VERSION);
    for (const char *p = name; *p; p++) buf_putc(b, *p == ' ' ? '-' : *p);
    buf_puts(b, " \\- ");
    roff(b, summary);
    buf_putc(b, '\n');
}

static void man_tail(struct buf *b)
{
    buf_puts(b, ".SH FILES AND ENVIRONMENT\n.PP\nEvery option may be set by a variable \\fBREFRAIN_NAME\\fR "
                "(\\-\\-max\\-turns: REFRAIN_MAX_TURNS) or in \\fIrefrain.yaml\\fR of the working directory "
                "(max\\-turns: 500), unless it is marked otherwise. Flags win over the environment, the environment "
                "over the file.\n.PP\n\\fBNO_COLOR\\fR switches colours off.\n"
                ".SH EXIT STATUS\n.TP\n0\ndone\n.TP\n1\na check of \\-\\-fail\\-on failed, or another that "
                "the command was asked for\n.TP\n2\nusage or "
                "input/output error\n.TP\n3\nsome records were rejected; all others are done\n");
}

static void man_main(struct buf *b)
{
    man_head(b, "refrain", "how the refusals of a language model are experienced");
    buf_puts(b, ".SH SYNOPSIS\n.B refrain\n.I command\n[\\fIoptions\\fR] ...\n.SH DESCRIPTION\n");
    roff_paragraphs(b, "refrain reads conversations with a language model and says how each refusal was experienced, "
                       "over five phases, with the words that show it. It runs offline. Scores describe text, not "
                       "clinical outcome.");
    buf_puts(b, ".SH COMMANDS\n");
    for (size_t i = 0; commands[i]; i++) {
        buf_puts(b, ".TP\n.B ");
        roff(b, commands[i]->name);
        buf_putc(b, '\n');
        roff(b, commands[i]->summary);
        buf_putc(b, '\n');
    }
    man_tail(b);
}

void help_man(struct buf *b, const struct command *c)
{
    if (!c) {
        man_main(b);
        return;
    }
    char name[64];
    snprintf(name, sizeof name, "refrain %s", c->name);
    man_head(b, name, c->summary);
    buf_printf(b, ".SH SYNOPSIS\n.B refrain %s\n", c->name);
    if (c->groups && c->groups->title) buf_puts(b, "[\\fIoptions\\fR]\n");
    if (c->args) roff(b, c->args), buf_putc(b, '\n');
    buf_puts(b, ".SH DESCRIPTION\n");
    roff_paragraphs(b, c->text ? c->text : c->summary);
    buf_puts(b, ".SH OPTIONS\n");
    for (const struct opt_group *g = c->groups; g && g->title; g++) {
        buf_puts(b, ".SS ");
        roff(b, g->title);
        buf_putc(b, '\n');
        for (const struct opt *o = g->opt; o->name; o++) roff_option(b, o);
    }
    buf_puts(b, ".SS Common\n");
    for (const struct opt *o = common_opts; o->name; o++) roff_option(b, o);
    if (c->examples) buf_puts(b, ".SH EXAMPLES\n");
    for (size_t i = 0; c->examples && c->examples[i]; i += 2) {
        buf_puts(b, ".TP\n.B ");
        roff(b, c->examples[i]);
        buf_putc(b, '\n');
        roff(b, c->examples[i + 1]);
        buf_putc(b, '\n');
    }
    man_tail(b);
}
