/* A finished run → a short Markdown page for a pull request: what failed, gates
 * first, figures with intervals, changes, the conversations to read. Ids and
 * paths are strangers' words and stand in code spans, outside of tables. */
#include "out/ci.h"

#include <math.h>
#include <stdio.h>

#include "out/escape.h"
#include "out/words.h"
#include "report/report.h"

enum { LOOK = 10, FIGURES = 60 };

const char *ci_number(char out[static 32], double v)
{
    if (isnan(v)) return "–";
    snprintf(out, 32, fabs(v) >= 10 ? "%.1f" : v == floor(v) && fabs(v) >= 2 ? "%.0f" : "%.3f", v);
    return out;
}

static void n_of(struct buf *b, uint64_t n, const char *one, const char *many)
{
    char z[32];
    buf_printf(b, "%s %s", grouped(z, n), n == 1 ? one : many);
}

/* ---- what failed ---- */

static size_t count_rules(const struct ci *ci, enum ci_verdict v)
{
    size_t n = 0;
    for (size_t i = 0; i < ci->n_rule; i++) n += ci->rule[i].verdict == v;
    return n;
}

static void heading(struct buf *b, const struct ci *ci)
{
    size_t failed = count_rules(ci, CI_FAIL), open = count_rules(ci, CI_UNDEFINED);
    if (ci->n_rule == 0) buf_puts(b, "## refrain: no check was asked for\n\n");
    else if (failed) buf_printf(b, "## refrain: %zu of %zu checks failed\n\n", failed, ci->n_rule);
    else if (open) buf_printf(b, "## refrain: no check failed, %zu of %zu could not be made\n\n", open, ci->n_rule);
    else buf_printf(b, "## refrain: %zu of %zu checks passed\n\n", ci->n_rule, ci->n_rule);
}

static void rules(struct buf *b, const struct ci *ci)
{
    static const char *const word[] = {"passed", "**failed**", "not checked"};
    static const enum ci_verdict order[] = {CI_FAIL, CI_UNDEFINED, CI_PASS};
    for (size_t k = 0; k < ARRAY_LEN(order); k++)
        for (size_t i = 0; i < ci->n_rule; i++) {
            const struct ci_rule *r = &ci->rule[i];
            if (r->verdict != order[k]) continue;
            buf_printf(b, "- %s ", word[r->verdict]);
            escape_md_code(b, str_of(r->text));
            if (r->verdict != CI_PASS) {
                buf_puts(b, ": ");
                escape_md_code(b, str_of(r->reason));
            }
            buf_putc(b, '\n');
        }
    if (ci->n_rule) buf_putc(b, '\n');
    for (size_t i = 0; i < ci->n_note; i++) {
        buf_puts(b, "> ");
        escape_md_code(b, str_of(ci->note[i]));
        buf_puts(b, "\n\n");
    }
}

/* ---- gates ---- */

struct tally { uint64_t n[2], conversations; };

static bool first_of_gate(const struct ci *ci, size_t i)
{
    const struct ci_finding *f = &ci->finding[i];
    for (size_t k = i; k-- > 0 && ci->finding[k].order == f->order;)
        if (ci->finding[k].gate == f->gate) return false;
    return true;
}

static void gates(struct buf *b, const struct ci *ci)
{
    struct tally t[13] = {0};
    for (size_t i = 0; i < ci->n_finding; i++) {
        struct tally *x = &t[ci->finding[i].gate];
        x->n[ci->finding[i].status]++;
        x->conversations += first_of_gate(ci, i);
    }
    buf_puts(b, "### Gates\n\n");
    if (ci->n_finding == 0) {
        buf_puts(b, "No gate fired in ");
        n_of(b, ci->conversations, "conversation", "conversations");
        buf_puts(b, ".\n\n");
        return;
    }
    buf_puts(b, "| gate | | confirmed | suspected | conversations |\n|---|---|--:|--:|--:|\n");
    for (int g = 1; g <= 12; g++)
        if (t[g].conversations)
            buf_printf(b, "| G%d %s | %s | %llu | %llu | %llu |\n", g, gate_kinds[g].critical ? "critical" : "major", gate_kinds[g].title,
                       (unsigned long long)t[g].n[GATE_CONFIRMED], (unsigned long long)t[g].n[GATE_SUSPECTED],
                       (unsigned long long)t[g].conversations);
    buf_puts(b, "\n*Suspected*: a model or a word list decided a part of it, and a person should read it.\n\n");
}

/* ---- figures ---- */

static void interval(struct buf *b, const struct ci_figure *f)
{
    char x[32], y[32];
    if (isnan(f->lo) || isnan(f->hi)) buf_puts(b, "–");
    else buf_printf(b, "%s to %s", figure_words(x, f->unit, f->lo), figure_words(y, f->unit, f->hi));
}

static void changed(struct buf *b, const struct ci_figure *f)
{
    char x[32], y[32], lo[32], hi[32];
    if (!f->has_base) {
        buf_puts(b, " – | – | – | |");
        return;
    }
    buf_printf(b, " %s | %s (", figure_words(x, f->unit, f->base), figure_signed(y, f->unit, f->diff));
    if (isnan(f->diff_lo) || isnan(f->diff_hi)) buf_puts(b, "–");
    else buf_printf(b, "%s to %s", figure_signed(lo, f->unit, f->diff_lo), figure_signed(hi, f->unit, f->diff_hi));
    if (isnan(f->p)) buf_puts(b, ") | – |");
    else buf_printf(b, ") | %.3f |", f->p);
    buf_puts(b, f->change < 0 ? " **worse** |" : f->change > 0 ? " better |" : " |");
}

static void figures(struct buf *b, const struct ci *ci)
{
    char z[32];
    if (ci->n_figure == 0) return;
    buf_puts(b, "### Figures\n\n| | value | 95 % interval | n |");
    if (ci->baseline) buf_puts(b, " before | change | p (corrected) | |");
    buf_puts(b, "\n|---|--:|---|--:|");
    if (ci->baseline) buf_puts(b, "--:|---|--:|---|");
    buf_putc(b, '\n');
    for (size_t i = 0; i < ci->n_figure && i < FIGURES; i++) {
        const struct ci_figure *f = &ci->figure[i];
        buf_printf(b, "| %s | %s | ", f->name, figure_words(z, f->unit, f->value));
        interval(b, f);
        buf_printf(b, " | %s |", grouped(z, f->n));
        if (ci->baseline) changed(b, f);
        buf_putc(b, '\n');
    }
    buf_putc(b, '\n');
    if (!ci->baseline) return;
    buf_puts(b, "Compared with ");
    escape_md_code(b, str_of(ci->baseline));
    buf_puts(b, ".\n\n");
}

/* ---- conversations ---- */

struct look { size_t begin, end; uint64_t rank; };

static void look_insert(struct look *top, size_t *n, struct look x)
{
    size_t at = *n;
    while (at > 0 && top[at - 1].rank < x.rank) at--;
    if (at == LOOK) return;
    if (*n < LOOK) ++*n;
    memmove(&top[at + 1], &top[at], (*n - at - 1) * sizeof *top);
    top[at] = x;
}

static void look_line(struct buf *b, const struct ci *ci, const struct look *x)
{
    const struct ci_finding *f = &ci->finding[x->begin];
    buf_puts(b, "- ");
    escape_md_code(b, f->id);
    buf_puts(b, " in ");
    escape_md_code(b, f->path);
    buf_printf(b, ", record %llu:", (unsigned long long)f->record);
    for (size_t i = x->begin; i < x->end; i++)
        buf_printf(b, "%s G%d%s at turn %d", i > x->begin ? "," : "", ci->finding[i].gate,
                   ci->finding[i].status == GATE_SUSPECTED ? "?" : "", ci->finding[i].turn);
    buf_putc(b, '\n');
}

static void conversations(struct buf *b, const struct ci *ci)
{
    struct look top[LOOK];
    size_t n = 0, all = 0;
    for (size_t i = 0, end; i < ci->n_finding; i = end, all++) {
        for (end = i; end < ci->n_finding && ci->finding[end].order == ci->finding[i].order;) end++;
        look_insert(top, &n, (struct look){i, end, ci->rank ? ci->rank[i] : 0});
    }
    if (n == 0) return;
    buf_puts(b, "### Conversations to read first\n\n");
    for (size_t i = 0; i < n; i++) look_line(b, ci, &top[i]);
    if (all > n) buf_printf(b, "\n%zu more have a gate.\n", all - n);
    buf_putc(b, '\n');
}

void ci_markdown(struct buf *b, const struct ci *ci)
{
    heading(b, ci);
    rules(b, ci);
    gates(b, ci);
    figures(b, ci);
    conversations(b, ci);
    n_of(b, ci->conversations, "conversation", "conversations");
    if (ci->rejected) {
        buf_puts(b, ", ");
        n_of(b, ci->rejected, "record rejected", "records rejected");
    }
    buf_printf(b, "; refrain %s", ci->version);
    if (ci->pack && *ci->pack) buf_printf(b, ", pack %.12s", ci->pack);
    buf_puts(b, ". What these words mean: docs/scores.md and docs/ci.md of refrain.\n");
}
