/* Text transcripts: a turn begins at a line that opens with who speaks, and
 * goes on over the lines that do not: "user: …", "agent: …", "[User]: …",
 * "**Assistant:** …", in any case. VERA-MH writes user: and agent: (later
 * chatbot:), a blank line between turns, and a line in brackets at the end. */
#include "in/read.h"
#include "in/sniff.h"

/* Words that open a line of ordinary talk ("model:", "client:") are left out. */
static const struct role_name speakers[] = {
    {"user", ROLE_USER},         {"agent", ROLE_ASSISTANT}, {"assistant", ROLE_ASSISTANT}, {"chatbot", ROLE_ASSISTANT},
    {"bot", ROLE_ASSISTANT},     {"ai", ROLE_ASSISTANT},    {"chatgpt", ROLE_ASSISTANT},   {"claude", ROLE_ASSISTANT},
    {"gpt", ROLE_ASSISTANT},     {"persona", ROLE_USER},    {"system", ROLE_SYSTEM},       {"developer", ROLE_SYSTEM},
    {"platform", ROLE_PLATFORM}, {"human", ROLE_HUMAN},     {"tool", ROLE_TOOL},           {NULL, 0},
};

static bool letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/* One word and a colon open the line, whoever that is: the word, and how far the label goes. */
static bool labelled(str line, str *name, size_t *label)
{
    size_t i = 0;
    while (i < line.n && i < 4 && (line.p[i] == '*' || line.p[i] == '[' || line.p[i] == ' ')) i++;
    size_t b = i;
    while (i < line.n && i - b < 12 && letter(line.p[i])) i++;
    if (i == b) return false;
    *name = str_sub(line, b, i);
    while (i < line.n && (line.p[i] == '*' || line.p[i] == ']' || line.p[i] == ' ')) i++;
    if (i >= line.n || line.p[i] != ':') return false;
    for (i++; i < line.n && line.p[i] == '*';) i++;
    *label = i;
    return true;
}

bool text_speaker(str line, int *role, size_t *label)
{
    str name;
    if (!labelled(line, &name, label)) return false;
    for (const struct role_name *s = speakers; s->name; s++)
        if (str_ieq(name, str_of(s->name))) {
            *role = (int)s->role;
            return true;
        }
    return false;
}

static int check_bytes(struct reader *r)
{
    size_t good = utf8_valid_prefix(r->bytes.p, r->bytes.n);
    if (good < r->bytes.n) return err_set(r->err, REFRAIN_E_PARSE, "invalid UTF-8 at byte %zu", good);
    const char *nul = memchr(r->bytes.p, 0, r->bytes.n);
    if (nul) return err_set(r->err, REFRAIN_E_PARSE, "NUL byte at byte %zu", (size_t)(nul - r->bytes.p));
    return 0;
}

static void end_turn(struct reader *r, const char *from, const char *to)
{
    if (from) r->c->turn[r->c->n_turn - 1].text = str_trim((str){from, (size_t)(to - from)});
}

/* "Human: … Assistant: …" is the person when nobody else is "user". */
static void settle_humans(struct conv *c)
{
    for (size_t i = 0; i < c->n_turn; i++)
        if (c->turn[i].role == ROLE_USER) return;
    for (size_t i = 0; i < c->n_turn; i++)
        if (c->turn[i].role == ROLE_HUMAN) c->turn[i].role = ROLE_USER;
}

/* "Helper: I can't help with that": written as a speaker is, with words behind, and no speaker that is known. */
static bool stranger(str line)
{
    str name;
    size_t label;
    return labelled(line, &name, &label) && label < line.n && line.p[label] == ' ' && /* "https://" is no speaker */
           str_trim(str_sub(line, label, line.n)).n > 0;
}

/* "Tip: …" is ordinary talk. Where the same side then speaks again, or the person has the last word, a turn that holds
 * such a line may have swallowed another's. */
static void warn_stranger(struct reader *r, size_t turn, bool last)
{
    const struct turn *t = &r->c->turn[turn];
    if (last ? t->role == ROLE_USER : t->role == t[1].role) read_warn(r, "unknown_speaker", (int)turn);
}

/* A side that nobody speaks for, where somebody unknown speaks: the words of one would become another's. */
static int check_sides(struct reader *r, size_t line)
{
    bool person = false, reply = false;
    for (size_t i = 0; i < r->c->n_turn; i++) {
        enum role role = r->c->turn[i].role;
        person |= role == ROLE_USER;
        reply |= role == ROLE_ASSISTANT || role == ROLE_PLATFORM || role == ROLE_HUMAN;
    }
    if (line == 0 || (person && reply)) return 0;
    return err_set(r->err, REFRAIN_E_FORMAT,
                   "line %zu opens with a speaker that is not known, and nobody else %s (docs/formats.md)", line,
                   person ? "replies; right would be agent, assistant, chatbot, bot, ai, chatgpt, claude or gpt"
                          : "asks; right would be user or persona");
}

static int text_read(struct reader *r, yyjson_val *root)
{
    int rc = check_bytes(r);
    if (root || rc) return rc ? rc : err_set(r->err, REFRAIN_E_FORMAT, "a transcript, not JSON, was asked for");
    if (!r->opt->in_situ) r->bytes = arena_str(r->a, r->bytes);
    if ((rc = read_begin(r, 0))) return rc;
    const char *end = r->bytes.p + r->bytes.n, *from = NULL;
    size_t n_line = 0, unknown = 0; /* line of the first stranger */
    bool held = false;              /* the turn in hand holds one */
    for (const char *p = r->bytes.p, *next; p < end; p = next) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        next = nl ? nl + 1 : end;
        str line = {p, (size_t)((nl ? nl : end) - p)};
        int role;
        size_t label;
        n_line++;
        if (text_speaker(line, &role, &label)) {
            end_turn(r, from, p);
            if (r->c->n_turn == r->limits.turns)
                return err_set(r->err, REFRAIN_E_LIMIT, "more than %zu turns, which is the limit", r->limits.turns);
            read_push(r, (enum role)role, (str){"", 0});
            if (held) warn_stranger(r, r->c->n_turn - 2, false);
            from = p + label, held = false;
        } else if (from && str_has_prefix(line, STR("[CONVERSATION ENDED"))) {
            end_turn(r, from, p);
            from = NULL;
        } else {
            bool is = stranger(line);
            if (is && !unknown) unknown = n_line;
            held = held || (is && r->c->n_turn > 0);
            if (r->c->n_turn == 0 && r->c->warnings.n == 0 && str_trim(line).n)
                read_warn(r, "text_before_first_turn", -1);
        }
    }
    end_turn(r, from, end);
    if (held) warn_stranger(r, r->c->n_turn - 1, true);
    if (r->c->n_turn == 0)
        return err_set(r->err, REFRAIN_E_FORMAT, "neither JSON nor a transcript: no line opens with 'user:' or 'agent:'");
    settle_humans(r->c);
    if ((rc = check_sides(r, unknown))) return rc;
    return read_end(r);
}

const struct adapter format_text = {"text", {{NULL, 0}}, NULL, text_read};
