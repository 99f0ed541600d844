/* refrain explain: one conversation of a file, as a timeline. */
#include <stdlib.h>

#include "cli/cmd.h"
#include "out/explain.h"

struct options {
    const char *id;
    uint64_t record;
    bool show_all;
    struct engine_args engine;
    struct input_args input;
};

enum { NEAR = 6 };
struct search {
    const struct options *o;
    refrain_scanner *scanner;
    struct buf bytes; /* of the record in hand */
    struct buf best;  /* of the only conversation so far that fits in part */
    struct record rec, best_rec;
    size_t index, best_index;
    uint64_t n_conv, n_part, n_rejected;
    char near[NEAR][128]; /* ids that fit in part; while none does, the first ones */
    size_t n_near;
    char reason[600];
};

static bool contains(str hay, const char *needle) { return str_find(hay, str_of(needle)) != SIZE_MAX; }

static void remember(struct search *s, const struct conv *c)
{
    if (s->n_near < NEAR) snprintf(s->near[s->n_near++], sizeof s->near[0], "%.*s", STR_ARG(c->id));
}

/* Exact ids win at once, in the record where one is named; else a conversation that fits in part is kept. */
static bool look_at(struct search *s, size_t i)
{
    const struct conv *c = &s->scanner->conv[i];
    s->n_conv++;
    bool here = !s->o->record || s->rec.number == s->o->record;
    bool exact = s->o->id ? str_eqz(c->id, s->o->id) : s->o->record > 0;
    if (here && exact) {
        s->index = i;
        return true;
    }
    if (!here) return false;
    bool part = !s->o->id || contains(c->id, s->o->id);
    if (part && s->n_part == 0) s->n_near = 0;
    if (part || s->n_part == 0) remember(s, c);
    if (!part) return false;
    if (s->n_part++ == 0) {
        buf_clear(&s->best);
        buf_put(&s->best, s->bytes.p, s->bytes.n);
        if (buf_room(&s->best, 16)) memset(s->best.p + s->best.n, 0, 16);
        s->best_rec = s->rec;
        s->best_index = i;
    }
    return false;
}

static bool find(struct search *s, struct door *door)
{
    while (door_next(door, &s->rec, &s->bytes) > 0) {
        refrain_error err = {0};
        const struct origin from = {s->rec.path, s->rec.number};
        int rc = s->rec.status ? s->rec.status : scanner_record(s->scanner, s->rec.bytes, &from, &err);
        if (rc) {
            if (s->n_rejected++ == 0 || (s->o->record && s->rec.number == s->o->record)) {
                const char *why = s->rec.status ? s->rec.reason : err.message;
                if (door_about_file(why)) snprintf(s->reason, sizeof s->reason, "%s: %s", s->rec.path, why);
                else snprintf(s->reason, sizeof s->reason, "%s: record %llu: %s", s->rec.path, (unsigned long long)s->rec.number, why);
            }
            continue;
        }
        for (size_t i = 0; i < s->scanner->n_conv; i++)
            if (look_at(s, i)) return true;
    }
    if (s->n_part != 1) return false;
    refrain_error err = {0};
    const struct origin from = {s->best_rec.path, s->best_rec.number};
    s->index = s->best_index;
    return scanner_record(s->scanner, (str){s->best.p, s->best.n}, &from, &err) == 0;
}

static int not_found(const struct search *s)
{
    if (s->n_conv == 0 && s->n_rejected) return cli_error("no conversation could be read; %s", s->reason);
    if (s->n_conv == 0) return cli_error("no conversation in the input");
    if (s->o->record && s->n_near)
        return cli_error("record %llu has the id '%s', not '%s'", (unsigned long long)s->o->record, s->near[0],
                         s->o->id);
    if (s->o->record)
        return cli_error("there is no conversation at record %llu%s%s", (unsigned long long)s->o->record,
                         s->n_rejected ? "; rejected: " : "", s->n_rejected ? s->reason : "");
    int rc;
    if (s->o->id && s->n_part == 0) {
        rc = cli_error("no conversation has the id '%s'; %llu have others", s->o->id, (unsigned long long)s->n_conv);
    } else {
        rc = s->o->id
                 ? cli_error("%llu ids contain '%s'; which one?", (unsigned long long)s->n_part, s->o->id)
                 : cli_error("%llu conversations; which one? --id ID or --record N", (unsigned long long)s->n_conv);
    }
    uint64_t n = s->n_part ? s->n_part : s->n_conv;
    for (size_t i = 0; i < s->n_near; i++) cli_say("  --id %s", s->near[i]);
    if (n > s->n_near) cli_say("  and %llu more", (unsigned long long)(n - s->n_near));
    return rc;
}

static int show(struct search *s)
{
    const struct walk *w;
    refrain_error err = {0};
    if (scanner_walk(s->scanner, s->index, &w, &err)) return cli_error_of(&err);
    struct buf page = {0};
    struct term t = cli_term(stdout);
    explain_print(&page, &t, w, s->o->show_all ? EXPLAIN_ALL : 0);
    return cli_print(&page);
}

static int run(void *options, const char *const *arg, size_t n_arg)
{
    const struct options *o = options;
    struct search s = {.o = o};
    struct door *door = NULL;
    refrain_engine *engine = NULL;
    refrain_error err = {0};
    const struct scanner_options scan = cli_scanner_options(&o->input);
    int rc = cli_door(&door, arg, n_arg, &o->input);
    if (!rc) rc = cli_engine(&engine, &o->engine);
    if (!rc && scanner_new(&s.scanner, engine, &scan, &err)) rc = cli_error_of(&err);
    if (!rc) rc = find(&s, door) ? show(&s) : not_found(&s);
    scanner_free(s.scanner);
    buf_free(&s.bytes);
    buf_free(&s.best);
    door_close(door);
    engine_free(engine);
    return rc;
}

static const struct opt find_opts[] = {
    {.name = "id",
     .kind = OPT_STRING,
     .arg = "ID",
     .at = offsetof(struct options, id),
     .here = true,
     .help = "which conversation: its id, or a part of it that no other id has; where several have that very id, "
             "the first, or that of --record"},
    {.name = "record",
     .kind = OPT_NUMBER,
     .arg = "N",
     .at = offsetof(struct options, record),
     .here = true,
     .min = 1,
     .help = "which conversation: the N-th record of the file; with --id the one of that id in it"},
    {.name = "show-all",
     .letter = 'a',
     .kind = OPT_FLAG,
     .at = offsetof(struct options, show_all),
     .help = "every code and the whole text, not only what stands out"},
    {0},
};
static const struct opt_group groups[] = {
    {"What to show", find_opts, 0},
    {"Analysis", engine_opts, offsetof(struct options, engine)},
    {"Input", input_opts, offsetof(struct options, input)},
    {0},
};
static const struct options defaults = {.input = INPUT_ARGS_DEFAULT, .engine = ENGINE_ARGS_DEFAULT};
static const char *const examples[] = {"refrain explain chats.jsonl --id 84c113",
                                       "the conversation whose id contains 84c113, turn by turn",
                                       "refrain explain chat.txt | less", "a transcript in a file of its own", NULL};

const struct command cmd_explain = {
    .name = "explain",
    .args = "FILE…",
    .summary = "show one conversation with the words behind every code",
    .text =
        "Shows one conversation as a timeline: turns with risk and refusal, the very words that led to each code "
        "underlined, with the reason; then, for each refusal episode, the five phases with their scores, the gates, "
        "and what the person did next. It prints text of the conversation: content may be distressing.",
    COMMAND_TABLES,
    .min_arg = 1,
};
