/* The command line: tables in, exit codes out. A command is a `struct command`
 * in its cmd_*.c, listed in commands.c; --help, man pages, completions, the
 * environment (REFRAIN_NAME) and refrain.yaml all come from its option table.
 *
 * Data goes to stdout, words to stderr. */
#ifndef REFRAIN_CLI_H
#define REFRAIN_CLI_H

#include <stdio.h>

#include "engine.h"
#include "in/door.h"
#include "out/term.h"
#include "pool.h"

enum exit_code { DONE = 0, GATE_FAILED = 1, FAILED = 2 /* usage or I/O */, SOME_REJECTED = 3 };

/* ---- tables ---- */

enum opt_kind {
    OPT_FLAG,   /* bool */
    OPT_STRING, /* const char * */
    OPT_LIST,   /* struct opt_list: may be given again; the command line replaces what a setting gave */
    OPT_COUNTRY, /* const char *, a code that the directory knows, or "" */
    OPT_FILE,   /* const char *, completed as a file */
    OPT_DIR,    /* const char *, completed as a directory */
    OPT_CHOICE, /* const char *, one of arg: "jsonl|csv|summary" */
    OPT_NUMBER, /* uint64_t, min..max */
    OPT_SIZE    /* uint64_t bytes, with k, M, G */
};
enum { OPT_LIST_MAX = 32 };
struct opt_list {
    const char *v[OPT_LIST_MAX];
    size_t n;
    int from;           /* file, environment or command line */
};
struct opt {
    const char *name;   /* without dashes; NULL ends a table */
    char letter;        /* 0: none */
    uint8_t kind;       /* enum opt_kind */
    const char *arg;    /* metavariable, or the choices */
    const char *help;   /* lower case, no full stop; the default is named here */
    size_t at;          /* offsetof in the options struct */
    uint64_t min, max;  /* OPT_NUMBER; max 0: none */
    bool here;          /* only on the command line, not from environment or file */
};
struct opt_group {
    const char *title;  /* "Output"; NULL ends */
    const struct opt *opt;
    size_t at;          /* offset of the group's struct in the command's options */
};
struct command {
    const char *name;             /* "analyze"; or two words: "helplines lookup" */
    const char *args;             /* synopsis of its arguments, "FILE…"; NULL: it takes none */
    const char *summary;          /* one line, lower case */
    const char *text;             /* paragraphs for --help and man, "\n\n" between; may be NULL */
    const struct opt_group *groups;
    size_t options_size;
    const void *defaults;         /* options_size bytes */
    int (*run)(void *options, const char *const *arg, size_t n_arg);
    const char *const *words;     /* what its first argument may be, for completions; NULL: files */
    const char *const *examples;  /* "command line", "what it does", …; NULL-terminated; may be NULL */
    unsigned min_arg, max_arg;    /* max 0: any number */
    bool no_files;                /* its arguments are no files */
};
extern const struct command *const commands[];   /* NULL-terminated */

/* ---- options ---- */

/* Fills `options` from defaults, refrain.yaml, environment, then argv[first…];
 * the rest goes to arg (n of argv size). Returns 0; -1 help was asked; else an
 * exit code after one line on stderr. */
int options_read(const struct command *c, void *options, int argc, char **argv, int first, const char **arg,
                 size_t *n_arg);

/* ---- help ---- */
void help_command(struct buf *b, const struct term *t, const struct command *c);
void help_line(struct buf *b, const struct term *t, const struct command *c); /* name and summary */
void help_all(struct buf *b, const struct term *t);
void help_man(struct buf *b, const struct command *c);       /* NULL: refrain(1) */
int help_completions(struct buf *b, const char *shell);      /* bash, zsh, fish; else non-zero */

/* ---- what commands share ---- */

struct engine_args {       /* group "Analysis" */
    const char *pack, *directory, *as_of, *country, *jurisdiction;
    uint64_t stale_days;
};
extern const struct opt engine_opts[];
#define ENGINE_ARGS_DEFAULT {0}
int cli_engine(refrain_engine **out, const struct engine_args *a);   /* 0, or FAILED after its line */

struct input_args {        /* group "Input" */
    const char *format;
    uint64_t max_record, max_turns, max_turn, max_memory, max_ratio, max_unpacked;
};
extern const struct opt input_opts[];
#define INPUT_ARGS_DEFAULT {NULL, 64u << 20, 10000, 1u << 20, (uint64_t)1 << 30, 1000, (uint64_t)1 << 40}
struct scanner_options cli_scanner_options(const struct input_args *a);
int cli_door(struct door **out, const char *const *path, size_t n, const struct input_args *a);

/* The file that settings came from; NULL: there is none. */
extern const char *cli_config;
/* No output (NULL and "-" are none) may be an input, a file of a directory that is one, the settings or another
 * output. 0, or FAILED after a line. */
int cli_files_apart(const char *const *in, size_t n_in, const char *const *out, size_t n_out);

/* ---- places ---- */
bool cli_country(char out[3], const char *given);                  /* in capitals; is it known? */
int cli_country_check(const char *where, const char *given);      /* 0, or FAILED after its line */
int cli_jurisdiction_check(const char *given, const struct directory *d);

/* `refrain: …` on stderr; returns FAILED. */
/* Where the arenas of a command's own thread leave to when memory runs out: one line, status 2. */
extern jmp_buf cli_out_of_memory;
int cli_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* An error of the library, with its line and column. */
int cli_error_of(const refrain_error *e);
/* Words for a person on stderr, cleaned of control characters. */
void cli_say(const char *fmt, ...) PRINTF_LIKE(1, 2);
struct term cli_term(FILE *f);
extern const char *cli_program; /* as a person can call it again: argv[0] when it is a path, else "refrain" */
/* All bytes to stdout and free; FAILED after a line, but a closed pipe ends the program quietly. */
int cli_print(struct buf *b);

/* ---- an output file: written beside, renamed at the end ---- */
struct sink {
    FILE *f;
    const char *path;    /* NULL: stdout */
    char *temp;
    char *real;          /* where `path` leads, when it is a symbolic link */
    bool clean;          /* a terminal reads it: what it could act on is taken out */
};
int sink_open(struct sink *s, const char *path);      /* NULL or "-": stdout */
int sink_write(struct sink *s, const void *p, size_t n); /* 0; FAILED after a line; SINK_CLOSED: the reader left */
int sink_close(struct sink *s, bool keep);            /* keep false: the file is not made */
enum { SINK_CLOSED = 100 };

#endif
