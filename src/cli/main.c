/* argv → one command of the table. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>

#include "cli/cli.h"

static const struct command *command_find(const char *const *word, size_t n_word, size_t *used)
{
    for (size_t i = 0; commands[i]; i++) {
        const char *name = commands[i]->name, *space = strchr(name, ' ');
        size_t n = space ? (size_t)(space - name) : strlen(name);
        if (n_word < 1 || strlen(word[0]) != n || strncmp(word[0], name, n)) continue;
        if (space && (n_word < 2 || strcmp(word[1], space + 1))) continue;
        *used = space ? 2 : 1;
        return commands[i];
    }
    return NULL;
}

/* "helplines" alone, or with a word that it does not have. */
static int half_command(const char *first, const char *second)
{
    const char *names[32];
    size_t n = 0, len = strlen(first);
    struct buf list = {0};
    for (size_t i = 0; commands[i] && n < ARRAY_LEN(names); i++)
        if (!strncmp(commands[i]->name, first, len) && commands[i]->name[len] == ' ') {
            names[n++] = commands[i]->name + len + 1;
            if (list.n) buf_puts(&list, ", ");
            buf_puts(&list, names[n - 1]);
        }
    const char *near = second ? err_nearest(second, names, n) : NULL;
    int rc;
    if (near) rc = cli_error("unknown command '%s %s'; did you mean '%s %s'?", first, second, first, near);
    else rc = cli_error("'%s' needs one of: %.*s", first, (int)list.n, list.p);
    buf_free(&list);
    return rc;
}

/* `refrain helplines --help`: the commands of that name; false where there is none. */
static bool show_family(const char *const *word, size_t n_word)
{
    if (n_word != 2 || (strcmp(word[1], "--help") && strcmp(word[1], "-h"))) return false;
    struct buf b = {0};
    struct term t = cli_term(stdout);
    size_t len = strlen(word[0]);
    for (size_t i = 0; commands[i]; i++)
        if (!strncmp(commands[i]->name, word[0], len) && commands[i]->name[len] == ' ') help_line(&b, &t, commands[i]);
    bool any = b.n > 0;
    if (any) buf_printf(&b, "\n'refrain %s COMMAND --help' explains one.\n", word[0]);
    if (any) cli_print(&b);
    return any;
}

static int unknown_command(const char *const *word, size_t n_word)
{
    const char *names[64];
    size_t n = 0;
    for (size_t i = 0; commands[i] && n + 1 < ARRAY_LEN(names); i++) {
        size_t len = strcspn(commands[i]->name, " ");
        if (commands[i]->name[len] && strlen(word[0]) == len && !strncmp(commands[i]->name, word[0], len))
            return half_command(word[0], n_word > 1 && word[1][0] != '-' ? word[1] : NULL);
        names[n++] = commands[i]->name;
    }
    if (word[0][0] == '-') return cli_error("unknown option '%s'; 'refrain --help' explains", word[0]);
    const char *near = err_nearest(word[0], names, n);
    if (near) return cli_error("unknown command '%s'; did you mean '%s'?", word[0], near);
    return cli_error("unknown command '%s'; 'refrain --help' lists them", word[0]);
}

static int show_help(const struct command *c)
{
    struct buf b = {0};
    struct term t = cli_term(stdout);
    if (c) help_command(&b, &t, c);
    else help_all(&b, &t);
    return cli_print(&b);
}

static int show_man(const char *const *word, size_t n)
{
    size_t used;
    const struct command *c = n ? command_find(word, n, &used) : NULL;
    if (n && !c) return unknown_command(word, n);
    struct buf b = {0};
    help_man(&b, c);
    return cli_print(&b);
}

jmp_buf cli_out_of_memory;

static int run_command(const struct command *c, int argc, char **argv, int first)
{
    void *options = calloc(1, c->options_size + 1);
    const char **arg = calloc((size_t)argc + 1, sizeof *arg);
    size_t n_arg;
    int rc = options && arg ? options_read(c, options, argc, argv, first, arg, &n_arg) : cli_error("out of memory");
    if (rc == 0 && setjmp(cli_out_of_memory)) return cli_error("out of memory"); /* the process ends, and all it holds */
    if (rc == 0) rc = c->run(options, arg, n_arg);
    if (rc == -1) rc = show_help(c);
    free(arg);
    free(options);
    return rc;
}

/* Where the caller closed a standard stream, the next file opened would take its
 * number, and messages would be written into it. Something that can be neither
 * read nor written stands in, so that use of it is still an error. */
static void keep_standard_numbers(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    keep_standard_numbers();
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error code of write, not a death */
    signal(SIGXFSZ, SIG_IGN); /* likewise a file that may not grow */
    if (argc > 0 && strchr(argv[0], '/')) cli_program = argv[0];
    const char *const *word = (const char *const *)argv + 1;
    size_t n_word = (size_t)(argc > 0 ? argc - 1 : 0), used;
    if (n_word == 0) {
        show_help(NULL);
        return FAILED;
    }
    if (!strcmp(word[0], "--version") || !strcmp(word[0], "-V")) {
        struct buf b = {0};
        buf_puts(&b, "refrain " REFRAIN_VERSION "\n");
        return cli_print(&b);
    }
    if (!strcmp(word[0], "--man")) return show_man(word + 1, n_word - 1);
    if (!strcmp(word[0], "--help") || !strcmp(word[0], "-h") || !strcmp(word[0], "help")) {
        const struct command *c = n_word > 1 ? command_find(word + 1, n_word - 1, &used) : NULL;
        if (n_word > 1 && !c) return unknown_command(word + 1, n_word - 1);
        return show_help(c);
    }
    const struct command *c = command_find(word, n_word, &used);
    if (!c) return show_family(word, n_word) ? DONE : unknown_command(word, n_word);
    return run_command(c, argc, argv, 1 + (int)used);
}
