/* refrain rules test: every cue's own sentences against the cue. */
#include <stdlib.h>

#include "cli/cmd.h"

struct options {
    const char *pack;
    bool quiet;
};

struct bench {
    const struct pack *p;
    struct arena a;
    uint64_t n_sentence, n_failed, n_bare;
};

/* One turn of one role through text/ and match/: does cue `c` hit outside quotations? */
static int hits(struct bench *b, uint32_t c, enum role role, const char *z, bool *hit)
{
    arena_reset(&b->a);
    struct turn turn = {.role = role, .text = str_of(z), .ts = TS_NONE};
    struct conv conv = {.turn = &turn, .n_turn = 1};
    struct walk w = {.a = &b->a, .pack = b->p, .caller_country = "", .caller_jurisdiction = "", .conv = &conv};
    jmp_buf oom;
    if (setjmp(oom)) return REFRAIN_E_NOMEM;
    b->a.on_oom = &oom;
    w.text = arena_array(&b->a, struct text, 1);
    w.tcode = arena_array(&b->a, struct tcode, 1);
    w.turn_codes = arena_array(&b->a, struct reply_codes *, 1);
    text_wash(&w);
    match_scan(&w);
    *hit = false;
    for (size_t i = 0; i < w.hit.n; i++) *hit |= w.hit.p[i].cue == c && !w.hit.p[i].quoted;
    b->a.on_oom = NULL;
    return 0;
}

static int sentence(struct bench *b, uint32_t i, const char *z, bool must)
{
    const struct cue *c = &b->p->cue[i];
    for (int role = 0; role < N_ROLE; role++) {
        if (c->roles ? !(c->roles >> role & 1) : role != ROLE_USER) continue;
        bool hit;
        int rc = hits(b, i, (enum role)role, z, &hit);
        if (rc) return cli_error("out of memory");
        b->n_sentence++;
        if (hit == must) continue;
        b->n_failed++;
        struct buf line = {0};
        const struct term t = cli_term(stdout);
        buf_printf(&line, "%s:%u: cue '%s' %s: ", c->file, c->line, c->id,
                   must ? "does not hit a sentence that must fire" : "hits a near miss");
        term_clean(&line, &t, str_of(z));
        buf_putc(&line, '\n');
        fwrite(line.p, 1, line.n, stdout);
        buf_free(&line);
        return 0;
    }
    return 0;
}

static int run(void *options, const char *const *arg, size_t n_arg)
{
    const struct options *o = options;
    (void)arg;
    (void)n_arg;
    struct pack *p = NULL;
    refrain_error err = {0};
    if (pack_load(&p, o->pack, &err)) return cli_error_of(&err);
    struct bench b = {.p = p};
    arena_init(&b.a, 64u << 20);
    int rc = 0;
    for (uint32_t i = 0; !rc && i < p->n_cue; i++) {
        const struct cue *c = &p->cue[i];
        b.n_bare += c->n_fire == 0 || c->n_near == 0;
        for (size_t k = 0; !rc && k < c->n_fire; k++) rc = sentence(&b, i, c->fire[k], true);
        for (size_t k = 0; !rc && k < c->n_near; k++) rc = sentence(&b, i, c->near[k], false);
    }
    if (!rc && !o->quiet) {
        printf("%zu cues, %llu sentences, %llu failed", p->n_cue, (unsigned long long)b.n_sentence,
               (unsigned long long)b.n_failed);
        if (b.n_bare) printf("; %llu cues lack a sentence that fires or a near miss", (unsigned long long)b.n_bare);
        putchar('\n');
    }
    if (!rc && fflush(stdout)) rc = FAILED;
    arena_free(&b.a);
    pack_free(p);
    return rc ? rc : b.n_failed ? GATE_FAILED : DONE;
}

static const struct opt opts[] = {
    {.name = "pack",
     .kind = OPT_DIR,
     .arg = "DIR",
     .at = offsetof(struct options, pack),
     .help = "a pack of your own, laid over the built-in one"},
    {.name = "quiet", .letter = 'q', .kind = OPT_FLAG, .at = offsetof(struct options, quiet), .help = "only failures"},
    {0},
};
static const struct opt_group groups[] = {{"Options", opts, 0}, {0}};
static const struct options defaults = {0};
static const char *const examples[] = {"refrain rules test --pack mypack",
                                       "before a change of cues is used: failures as file:line, exit 1", NULL};

const struct command cmd_rules_test = {
    .name = "rules test",
    .summary = "run every cue's own sentences: those that must fire, and near misses",
    .text = "Each cue of the pack carries sentences in which it must hit and near misses in which it must not. This "
            "runs them all, prints each failure with file and line, and exits 1 if there is one. docs/packs.md "
            "says how a cue is written.",
    COMMAND_TABLES,
    .no_files = true,
};
