/* refrain constructs: the tables of constructs and gates, read to a person or a
 * program. How often each construct is coded: constructs_coverage.c. */
#include <math.h>

#include "cli/cmd.h"
#include "cli/coverage.h"
#include "out/words.h"
#include "score/gate.h"

struct options {
    const char *coverage;
    bool json, markdown;
    uint64_t threads;
    struct engine_args engine;
    struct input_args input;
};

static const char *const polarity_names[] = {"negative", "positive", "descriptive"};
static const char *const polarity_words[] = {"harms when present", "helps when present",
                                             "describes, neither good nor bad"};
static const char *const polarity_signs[] = {"−", "+", "~"};
static const char *const scale_names[] = {"binary", "ordinal", "count", "category"};
static const char *const scale_short[] = {"yes/no", "0–4", "count", "category"};
static const char *const severity_names[] = {"none", "minor", "major", "critical"};

/* "D/J" and the like, spelled out. */
static const char *method_words(const char *m)
{
    static const struct {
        const char *code, *words;
    } table[] = {{"D", "deterministic"},
                 {"DJ", "word list and model, then a judge or a person"},
                 {"J", "judge or person; here a model's estimate"},
                 {"D/J", "deterministic where recorded, else a judge"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strcmp(table[i].code, m)) return table[i].words;
    return m;
}

/* ---- a list ---- */

static const char *gate_level(const struct gate_kind *k) { return k->critical ? "critical" : k->informs ? "informs" : "major"; }

static void gate_list(struct buf *b, const struct term *t)
{
    term_put(b, t, ST_BOLD, "\nGates, which no score outweighs\n");
    for (int g = 1; g < N_GATE; g++) {
        const struct gate_kind *k = &gate_kinds[g];
        buf_puts(b, "  ");
        term_on(b, t, ST_CYAN);
        term_fit(b, t, str_of(k->id), 12, true);
        term_off(b, t);
        term_fit(b, t, str_of(gate_level(k)), 12, true);
        buf_printf(b, "%s\n", k->title);
    }
}

static void list(struct buf *b, const struct term *t, const struct pack *p, int phase)
{
    for (size_t i = 0; i < N_CONSTRUCT; i++) {
        const struct construct_def *d = &p->construct[i];
        if (phase && d->phase != phase) continue;
        if (i == 0 || d->phase != p->construct[i - 1].phase || phase == d->phase) {
            if (i && !phase) buf_putc(b, '\n');
            if (!phase || i == 0 || p->construct[i - 1].phase != d->phase)
                term_printf(b, t, ST_BOLD, "P%d %s\n", d->phase, phase_words[d->phase - 1]);
        }
        buf_puts(b, "  ");
        term_on(b, t, ST_CYAN);
        term_fit(b, t, str_of(d->id), 12, true);
        term_off(b, t);
        buf_printf(b, " %s ", polarity_signs[d->polarity]);
        term_fit(b, t, str_of(scale_short[d->scale]), 9, true);
        term_clean(b, t, str_of(d->name));
        if (d->severity >= SEV_MAJOR)
            term_printf(b, t, d->severity == SEV_CRITICAL ? ST_RED : ST_YELLOW, "  %s", severity_names[d->severity]);
        buf_putc(b, '\n');
    }
    if (!phase) gate_list(b, t);
    buf_puts(b, "\n");
    term_put(b, t, ST_DIM, "− harms, + helps, ~ describes. 'refrain constructs P3.ack' or 'G7' shows one in full.\n");
}

/* ---- one in full ---- */

static void field(struct buf *b, const struct term *t, const char *name, str v)
{
    buf_puts(b, "  ");
    term_on(b, t, ST_DIM);
    term_fit(b, t, str_of(name), 12, true);
    term_off(b, t);
    term_wrap(b, t, v, 14, 14);
    buf_putc(b, '\n');
}

static void sentences(struct buf *b, const struct term *t, const char *name, const char *const *z, size_t n,
                     unsigned style)
{
    for (size_t i = 0; i < n; i++) {
        buf_puts(b, "  ");
        term_on(b, t, ST_DIM);
        term_fit(b, t, str_of(i ? "" : name), 12, true);
        term_off(b, t);
        term_on(b, t, style);
        buf_puts(b, "“");
        term_wrap(b, t, str_of(z[i]), 15, 15);
        buf_puts(b, "”");
        term_off(b, t);
        buf_putc(b, '\n');
    }
}

static void scale(struct buf *z, const struct construct_def *d)
{
    switch ((enum scale)d->scale) {
    case SC_BINARY: buf_puts(z, "1 yes, 0 no"); break;
    case SC_ORDINAL: buf_puts(z, "0 none, 1 trace, 2 partial, 3 clear, 4 full"); break;
    case SC_COUNT: buf_puts(z, "a count"); break;
    case SC_CATEGORY:
        for (size_t i = 0; i < d->n_category; i++) buf_printf(z, "%s%s", i ? ", " : "", d->category[i].name);
    }
}

static void in_full(struct buf *b, const struct term *t, const struct construct_def *d)
{
    struct buf z = {0};
    term_printf(b, t, ST_BOLD, "%s  ", d->id);
    term_put(b, t, ST_BOLD, d->name);
    buf_printf(b, "   phase %d, %s\n", d->phase, phase_words[d->phase - 1]);
    field(b, t, "definition", str_of(d->definition));
    scale(&z, d);
    field(b, t, "scale", (str){z.p, z.n});
    field(b, t, "polarity", str_of(polarity_words[d->polarity]));
    if (d->severity) field(b, t, "severity", str_of(severity_names[d->severity]));
    buf_clear(&z);
    buf_printf(&z, "user %g, professional %g (provisional)%s", (double)d->weight[SH_USER], (double)d->weight[SH_MHP],
               d->scored ? "" : "; not part of a phase score");
    field(b, t, "weight", (str){z.p, z.n});
    field(b, t, "method", str_of(method_words(d->method)));
    if (d->source && *d->source && strcmp(d->source, "—")) field(b, t, "source", str_of(d->source));
    field(b, t, "coded on",
          str_of(d->every_reply ? "every reply of the assistant, and over each episode" : "refusal episodes"));
    if (d->applies && *d->applies) field(b, t, "applies", str_of(d->applies));
    sentences(b, t, "fires", d->fires, d->n_fires, ST_GREEN);
    sentences(b, t, "near miss", d->near, d->n_near, ST_YELLOW);
    if (strstr(d->definition, "R\xE2") || strstr(d->definition, "R is")) field(b, t, "R", STR("the risk that the text shows, 0 to 5"));
    buf_free(&z);
}

/* "P3, P4" */
static void gate_phases(struct buf *b, const struct gate_kind *k)
{
    for (int p = 0, n = 0; p < 5; p++)
        if (k->phases >> p & 1) buf_printf(b, "%sP%d %s", n++ ? ", " : "", p + 1, phase_words[p]);
}

static const char *gate_certainty(const struct gate_kind *k)
{
    return k->confirmable ? "confirmed where the record shows every part, else suspected"
                          : "always suspected without human codes: a model or a word list decides a part";
}

static void gate_in_full(struct buf *b, const struct term *t, const struct gate_kind *k)
{
    struct buf z = {0};
    term_printf(b, t, ST_BOLD, "%s  %s", k->id, k->title);
    buf_printf(b, "   gate, %s\n", gate_level(k));
    field(b, t, "fires on", str_of(k->fires));
    field(b, t, "means", str_of(k->help));
    gate_phases(&z, k);
    field(b, t, "overrides", (str){z.p, z.n});
    field(b, t, "certainty", str_of(gate_certainty(k)));
    field(b, t, "quadrant", str_of(k->informs ? "never enters it" : k->decision ? "about the call, not its delivery" : "the delivery was bad"));
    buf_free(&z);
}

/* ---- for programs ---- */

static void json_strings(struct buf *b, const char *key, const char *const *z, size_t n)
{
    buf_printf(b, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        if (i) buf_putc(b, ',');
        buf_json(b, str_of(z[i]));
    }
    buf_putc(b, ']');
}

static void json_one(struct buf *b, const struct construct_def *d)
{
    buf_printf(b, "{\"id\":\"%s\",\"phase\":%d,\"name\":", d->id, d->phase);
    buf_json(b, str_of(d->name));
    buf_puts(b, ",\"definition\":");
    buf_json(b, str_of(d->definition));
    buf_printf(b, ",\"polarity\":\"%s\",\"scale\":\"%s\",\"severity\":\"%s\"", polarity_names[d->polarity],
               scale_names[d->scale], severity_names[d->severity]);
    buf_printf(b, ",\"weight\":{\"user\":%g,\"mhp\":%g},\"scored\":%s,\"every_reply\":%s,\"method\":",
               (double)d->weight[SH_USER], (double)d->weight[SH_MHP], d->scored ? "true" : "false",
               d->every_reply ? "true" : "false");
    buf_json(b, str_of(d->method));
    buf_puts(b, ",\"source\":");
    buf_json(b, str_of(d->source));
    if (d->scale == SC_CATEGORY) {
        buf_puts(b, ",\"categories\":[");
        for (size_t i = 0; i < d->n_category; i++) {
            if (i) buf_putc(b, ',');
            buf_puts(b, "{\"name\":");
            buf_json(b, str_of(d->category[i].name));
            if (!isnan(d->category[i].good)) buf_printf(b, ",\"good\":%g", (double)d->category[i].good);
            buf_putc(b, '}');
        }
        buf_putc(b, ']');
    }
    json_strings(b, "fires", d->fires, d->n_fires);
    json_strings(b, "near", d->near, d->n_near);
    buf_putc(b, '}');
}

/* ---- docs/constructs.md ---- */

static void md(struct buf *b, const char *z) /* text that must stay text in a table or a line */
{
    for (; *z; z++) {
        if (strchr("|*_<>`", *z)) buf_putc(b, '\\');
        buf_putc(b, *z);
    }
}

static void md_examples(struct buf *b, const char *name, const char *const *z, size_t n)
{
    if (n == 0) return;
    buf_printf(b, "- %s: ", name);
    for (size_t i = 0; i < n; i++) {
        buf_puts(b, i ? "; “" : "“");
        md(b, z[i]);
        buf_puts(b, "”");
    }
    buf_putc(b, '\n');
}

static void gates_markdown(struct buf *b)
{
    buf_puts(b, "\n## Gates\n\nNo score outweighs a gate. How often one was wrong: [gates.md](gates.md).\n");
    for (int g = 1; g < N_GATE; g++) {
        const struct gate_kind *k = &gate_kinds[g];
        buf_printf(b, "\n### %s %s\n\n", k->id, k->title);
        md(b, k->help);
        buf_printf(b, "\n\n- Level: %s\n- Overrides the score of: ", gate_level(k));
        gate_phases(b, k);
        buf_printf(b, "\n- Certainty: %s\n", gate_certainty(k));
    }
}

static void markdown(struct buf *b, const struct pack *p)
{
    buf_puts(
        b, "# The constructs\n\nMade by `refrain constructs --markdown` from `packs/en/constructs.yaml`; do not edit. "
           "Definitions follow the project's codebook after arXiv:2602.01694; only the five phases are that paper's. "
           "Weights are provisional. Codes describe text, not a clinical outcome.\n\n"
           "R is the risk that the text shows, 0 to 5 (X unclear); its flags are B recent attempt or preparation, N self-injury, "
           "H harm to others, V another person, P past, F fiction, I idiom, C clinical or teaching, D distress. "
           "hard is how much a refusal withholds, 1 to 4.\n");
    for (size_t i = 0; i < N_CONSTRUCT; i++) {
        const struct construct_def *d = &p->construct[i];
        if (i == 0 || d->phase != p->construct[i - 1].phase)
            buf_printf(b, "\n## P%d %s\n", d->phase, phase_words[d->phase - 1]);
        struct buf z = {0};
        scale(&z, d);
        buf_printf(b, "\n### %s ", d->id);
        md(b, d->name);
        buf_puts(b, "\n\n");
        md(b, d->definition);
        buf_printf(b, "\n\n- Scale: %.*s\n- Polarity: %s", (int)z.n, z.p, polarity_words[d->polarity]);
        if (d->severity) buf_printf(b, "; severity %s", severity_names[d->severity]);
        buf_printf(b, "\n- Weight: user %g, professional %g%s\n- Method: %s\n", (double)d->weight[SH_USER],
                   (double)d->weight[SH_MHP], d->scored ? "" : "; not part of a phase score", method_words(d->method));
        if (d->source && *d->source && strcmp(d->source, "—")) buf_printf(b, "- Source: %s\n", d->source);
        buf_printf(b, "- Coded on: %s\n", d->every_reply ? "every reply, and over each episode" : "refusal episodes");
        if (d->applies && *d->applies) buf_printf(b, "- Applies: %s\n", d->applies);
        md_examples(b, "Fires", d->fires, d->n_fires);
        md_examples(b, "Near miss", d->near, d->n_near);
        buf_free(&z);
    }
    gates_markdown(b);
}

/* ---- the command ---- */

/* "P3.ack", "p3.ack" → its index; "P3" → its phase in *phase; "G7" → its number in *gate. -2 after a line. */
static int which(const char *arg, int *phase, int *gate)
{
    static const char *const ids[] = {CONSTRUCT_IDS};
    if ((*gate = gate_by_id(arg))) return -1;
    if ((arg[0] == 'G' || arg[0] == 'g') && arg[1] >= '0' && arg[1] <= '9')
        return cli_error("there is no gate '%s'; G1 to G12", arg), -2;
    if ((arg[0] == 'P' || arg[0] == 'p') && arg[1] >= '0' && arg[1] <= '9' && !arg[2] && (arg[1] < '1' || arg[1] > '5'))
        return cli_error("there is no phase '%s'; P1 to P5", arg), -2;
    if ((arg[0] == 'P' || arg[0] == 'p') && arg[1] >= '1' && arg[1] <= '5' && !arg[2]) return *phase = arg[1] - '0', -1;
    for (int i = 0; i < N_CONSTRUCT; i++)
        if (str_ieq(str_of(arg), str_of(ids[i])) || !strcmp(arg, ids[i] + 3)) return i;
    const char *near = err_nearest(arg, ids, N_CONSTRUCT);
    if (near) cli_error("unknown construct '%s'; did you mean '%s'?", arg, near);
    else cli_error("unknown construct '%s'; 'refrain constructs' lists them", arg);
    return -2;
}

static void print_json(struct buf *b, const struct pack *p, int id, int phase)
{
    if (id >= 0) {
        json_one(b, &p->construct[id]);
        buf_putc(b, '\n');
        return;
    }
    buf_putc(b, '[');
    bool first = true;
    for (size_t i = 0; i < N_CONSTRUCT; i++) {
        if (phase && p->construct[i].phase != phase) continue;
        buf_puts(b, first ? "\n" : ",\n");
        first = false;
        json_one(b, &p->construct[i]);
    }
    buf_puts(b, "\n]\n");
}

static int run(void *options, const char *const *arg, size_t n_arg)
{
    const struct options *o = options;
    int phase = 0, gate = 0, id = n_arg ? which(arg[0], &phase, &gate) : -1;
    if (id == -2) return FAILED;
    struct pack *p = NULL;
    refrain_error err = {0};
    if (pack_load(&p, o->engine.pack, &err)) return cli_error_of(&err);
    int rc = 0;
    if (o->coverage) {
        rc = coverage_print(o->coverage, &(struct coverage_options){o->engine, o->input, (unsigned)o->threads, o->json}, p);
    } else {
        struct buf b = {0};
        struct term t = cli_term(stdout);
        if (gate && (o->markdown || o->json)) rc = cli_error("a gate has no %s form: refrain constructs %s", o->json ? "JSON" : "Markdown", arg[0]);
        else if (gate) gate_in_full(&b, &t, &gate_kinds[gate]);
        else if (o->markdown) markdown(&b, p);
        else if (o->json) print_json(&b, p, id, phase);
        else if (id >= 0) in_full(&b, &t, &p->construct[id]);
        else list(&b, &t, p, phase);
        if (rc) buf_free(&b);
        else rc = cli_print(&b);
    }
    pack_free(p);
    return rc;
}

static const struct opt show_opts[] = {
    {.name = "coverage",
     .kind = OPT_FILE,
     .arg = "FILE",
     .at = offsetof(struct options, coverage),
     .here = true,
     .help = "analyse FILE and tell how often each construct is coded where it applies"},
    {.name = "json", .kind = OPT_FLAG, .at = offsetof(struct options, json), .here = true, .help = "for programs"},
    {.name = "markdown",
     .kind = OPT_FLAG,
     .at = offsetof(struct options, markdown),
     .here = true,
     .help = "all of them as a page of documentation"},
    OPT_THREADS("worker threads of --coverage; default all cores"),
    {0},
};
static const struct opt_group groups[] = {
    {"What to show", show_opts, 0},
    {"Analysis", engine_opts, offsetof(struct options, engine)},
    {"Input", input_opts, offsetof(struct options, input)},
    {0},
};
static const struct options defaults = {.input = INPUT_ARGS_DEFAULT, .engine = ENGINE_ARGS_DEFAULT};
static const char *const words[] = {CONSTRUCT_IDS, "P1", "P2", "P3", "P4", "P5", "G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9",
                                    "G10", "G11", "G12", NULL};
static const char *const examples[] = {"refrain constructs P3",
                                   "the constructs of phase 3",
                                   "refrain constructs P3.ack",
                                   "one in full, with an example that fires and a near miss",
                                   "refrain constructs G7",
                                   "what fires a gate, and what it overrides",
                                   "refrain constructs --coverage chats.jsonl",
                                   "what refrain can code in your data",
                                   NULL};

const struct command cmd_constructs = {
    .name = "constructs",
    .args = "[ID]",
    .summary = "list the constructs and gates, or show one in full",
    .text = "Lists the 59 constructs of the codebook by phase and the twelve gates, or shows one: definition, scale, source, what "
            "fires and what only looks like it. With --coverage it analyses a file and tells how often each is coded where it "
            "applies.",
    COMMAND_TABLES,
    .words = words,
    .max_arg = 1,
};
