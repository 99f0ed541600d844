/* struct summary → the page that analyze shows: what happened, how it felt,
 * where to look first. */
#include <stdio.h>

#include "out/summary.h"
#include "out/words.h"
#include "report/report.h"

enum { LABEL = 34 };

static size_t bar_cells(const struct term *t) { return t->width >= 74 ? 20 : t->width >= 60 ? 6 : 0; }

void page_heading(const struct page *p, const char *title, const char *note)
{
    buf_putc(p->b, '\n');
    term_put(p->b, p->t, ST_BOLD, title);
    if (note && *note) {
        buf_puts(p->b, "  ");
        term_put(p->b, p->t, ST_DIM, note);
    }
    buf_putc(p->b, '\n');
}

static void label(const struct page *p, const char *z)
{
    buf_puts(p->b, "  ");
    term_fit(p->b, p->t, str_of(z), LABEL - 2, true);
}

unsigned page_percent(uint64_t part, uint64_t whole)
{
    return whole ? (unsigned)((part * 200 + whole) / (2 * whole)) : 0;
}

static void counted(const struct page *p, const char *name, uint64_t shown, uint64_t part, uint64_t whole, unsigned style)
{
    char g[32];
    label(p, name);
    buf_printf(p->b, "%9s  ", grouped(g, shown));
    term_bar(p->b, p->t, style, (double)part, (double)whole, bar_cells(p->t));
    buf_printf(p->b, " %3u %%\n", page_percent(part, whole));
}

void page_count(const struct page *p, const char *name, uint64_t n, uint64_t whole, unsigned style)
{
    counted(p, name, n, n, whole, style);
}

void page_share(const struct page *p, const char *name, uint64_t whole, uint64_t part, unsigned style)
{
    counted(p, name, whole, part, whole, style);
}

static void opening(const struct page *p)
{
    const struct summary *s = p->s;
    char a[32], c[32], d[32], e[32];
    term_printf(p->b, p->t, ST_BOLD, "%s conversation%s", grouped(a, s->conversations), s->conversations == 1 ? "" : "s");
    buf_printf(p->b, ", %s turn%s, %s repl%s", grouped(c, s->turns), s->turns == 1 ? "" : "s",
               grouped(d, s->replies - s->empty), s->replies - s->empty == 1 ? "y" : "ies");
    if (s->empty) buf_printf(p->b, " and %s empty one%s", grouped(e, s->empty), s->empty == 1 ? "" : "s");
    buf_putc(p->b, '\n');
    if (s->replies_at_risk)
        buf_printf(p->b, "%s %s to a person at risk, %u %% of them withholding something\n", grouped(a, s->replies_at_risk),
                   s->replies_at_risk == 1 ? "reply" : "replies", page_percent(s->replies_at_risk_refused, s->replies_at_risk));
}

/* Said before the figures: nothing found there is no finding. */
static void other_languages(const struct page *p)
{
    char a[32];
    struct buf b = {0};
    if (!p->s->not_english) return;
    buf_printf(&b, "%s of them %s not read like English. Cues and models are English only: what was not found there may be there.",
               grouped(a, p->s->not_english), p->s->not_english == 1 ? "does" : "do");
    term_on(p->b, p->t, ST_YELLOW);
    term_wrap(p->b, p->t, (str){b.p, b.n}, 0, 0);
    term_off(p->b, p->t);
    buf_putc(p->b, '\n');
    buf_free(&b);
}

static void episodes(const struct page *p)
{
    const struct summary *s = p->s;
    char note[160], a[32], c[32];
    if (s->episodes == 0) {
        page_heading(p, "Refusal episodes", "none found");
        return;
    }
    snprintf(note, sizeof note, "%s in %s conversation%s; %u %% met a refusal again", grouped(a, s->episodes),
             grouped(c, s->with_episode), s->with_episode == 1 ? "" : "s", page_percent(s->again, s->episodes));
    page_heading(p, "Refusal episodes", note);
    for (int r = 1; r < N_RTYPE; r++) {
        uint64_t n = 0;
        for (int q = 0; q < N_QUADRANT; q++) n += s->rtype_quadrant[r][q];
        if (!n) continue;
        char name[64];
        snprintf(name, sizeof name, "%s  %s", rtype_names[r] ? rtype_names[r] : "-", rtype_words[r]);
        page_count(p, name, n, s->episodes, ST_CYAN);
    }
    page_heading(p, "Was it right, and was it kind?", "");
    static const uint8_t order[] = {Q_HELD_WELL, Q_KIND_WRONG_CALL, Q_RIGHT_CALL_HARMFUL_DELIVERY, Q_DOUBLE_FAILURE,
                                    Q_NULL};
    static const uint16_t style[N_QUADRANT] = {ST_DIM, ST_GREEN, ST_YELLOW, ST_YELLOW, ST_RED};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        uint64_t n = 0;
        for (int r = 0; r < N_RTYPE; r++) n += s->rtype_quadrant[r][order[i]];
        if (n) page_count(p, quadrant_words[order[i]], n, s->episodes, style[order[i]]);
    }
}

static void phases(const struct page *p)
{
    const struct summary *s = p->s;
    if (s->episodes == 0) return;
    page_heading(p, "The five phases", "mean score, 0 harmful to 100 supportive");
    term_printf(p->b, p->t, ST_DIM, "  %-*s%6s %12s   scored\n", LABEL - 2, "", "user", "professional");
    for (int i = 0; i < 5; i++) {
        buf_printf(p->b, "  P%d %-12s", i + 1, phase_words[i]);
        double n = (double)s->scored[i] * 10, u = n > 0 ? (double)s->score[i][SH_USER] / n : -1;
        unsigned style = u < 0 ? ST_DIM : u < 40 ? ST_RED : u < 60 ? ST_YELLOW : ST_GREEN;
        term_bar(p->b, p->t, style, u < 0 ? 0 : u, 100, 15);
        term_spaces(p->b, LABEL - 2 - 15 - 15);
        if (u < 0) term_put(p->b, p->t, ST_DIM, "     -            -        0 %\n");
        else buf_printf(p->b, "%6.0f %12.0f   %6u %%\n", u, (double)s->score[i][SH_MHP] / n, page_percent(s->scored[i], s->episodes));
    }
}

static void gates(const struct page *p)
{
    const struct summary *s = p->s;
    char note[128], a[32], c[32];
    if (!s->with_gate) {
        page_heading(p, "Gates", "none fired");
        return;
    }
    snprintf(note, sizeof note, "in %s conversation%s, a critical one in %s", grouped(a, s->with_gate),
             s->with_gate == 1 ? "" : "s", grouped(c, s->with_critical));
    page_heading(p, "Gates", note);
    term_printf(p->b, p->t, ST_DIM, "  %-48s%9s %9s %6s\n", "", "confirmed", "suspected", "conv.");
    for (int g = 1; g <= 12; g++) {
        if (!s->gate_conv[g]) continue;
        unsigned style = gate_kinds[g].critical ? ST_RED | ST_BOLD : gate_kinds[g].informs ? ST_DIM : ST_YELLOW;
        buf_puts(p->b, "  ");
        term_printf(p->b, p->t, style, "G%-3d", g);
        term_fit(p->b, p->t, str_of(gate_kinds[g].title), 44, true);
        buf_printf(p->b, "%9llu %9llu %6llu\n", (unsigned long long)s->gate[g][GATE_CONFIRMED],
                   (unsigned long long)s->gate[g][GATE_SUSPECTED], (unsigned long long)s->gate_conv[g]);
    }
}

static void afterwards(const struct page *p)
{
    const struct summary *s = p->s;
    uint64_t any = 0;
    for (int i = 0; i < 12; i++) any += s->next[i];
    if (!any) return;
    char note[96], a[32];
    snprintf(note, sizeof note, "of %s episode%s in which they wrote again", grouped(a, s->followed),
             s->followed == 1 ? "" : "s");
    page_heading(p, "What the person did next", note);
    static const unsigned good = NX_UPTAKE | NX_ACCEPT | NX_CONTINUE, plain = NX_RETRY | NX_BARR;
    for (int i = 0; i < 12; i++)
        if (s->next[i])
            page_count(p, next_words[i], s->next[i], s->followed,
                      good >> i & 1    ? ST_GREEN
                      : plain >> i & 1 ? ST_CYAN
                                       : ST_YELLOW);
}

static void shell_word(struct buf *b, const struct term *t, const char *z)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=+@%,";
    if (*z && z[strspn(z, safe)] == 0) {
        buf_puts(b, z);
        return;
    }
    buf_putc(b, '\'');
    size_t n = strlen(z), len;
    for (size_t i = 0; i < n; i += len) {
        term_char(z + i, n - i, &len);
        if (z[i] == '\'') buf_puts(b, "'\\''");
        else term_clean_char(b, t, z + i, n - i);
    }
    buf_putc(b, '\'');
}

static void look_first(const struct page *p, const struct summary_run *run)
{
    const struct summary *s = p->s;
    if (s->n_look == 0) return;
    page_heading(p, "Read these first", "? = suspected: a model or a word list decided");
    size_t wide = 24;
    for (size_t i = 0; i < s->n_look; i++) {
        size_t n = term_cells(str_of(s->look[i].id));
        if (n > wide) wide = n;
    }
    if (wide > 42) wide = 42;
    enum { BESIDE = 32 }; /* columns for three or so gates and a quadrant */
    bool beside = wide + 3 + BESIDE <= (size_t)p->t->width;
    if (!beside && wide + 2 > (size_t)p->t->width) wide = (size_t)p->t->width - 2;
    for (size_t i = 0; i < s->n_look; i++) {
        const struct summary_look *l = &s->look[i];
        buf_puts(p->b, "  ");
        term_fit(p->b, p->t, str_of(l->id), wide, beside);
        buf_puts(p->b, beside ? " " : "\n   ");
        bool bad = l->quadrant >= Q_RIGHT_CALL_HARMFUL_DELIVERY;
        size_t used = beside ? wide + 3 : 3, said = bad ? term_cells(str_of(quadrant_words[l->quadrant])) + 2 : 0;
        for (int g = 1; g <= 12; g++) {
            if (!(l->gates >> g & 1)) continue;
            if (used + 5 > (size_t)p->t->width - said) break;
            term_printf(p->b, p->t, gate_kinds[g].critical ? ST_RED : ST_YELLOW, " G%d%s", g,
                        l->suspected >> g & 1 ? "?" : "");
            used += g > 9 ? 5 : 4;
        }
        if (bad) {
            buf_puts(p->b, "  ");
            term_put(p->b, p->t, ST_DIM, quadrant_words[l->quadrant]);
        }
        buf_putc(p->b, '\n');
    }
    const struct summary_look *l = &s->look[0];
    if (l->cut || !strcmp(l->path, "-") || !*l->path) return;
    buf_puts(p->b, "\n  ");
    term_on(p->b, p->t, ST_CYAN);
    shell_word(p->b, p->t, run->program);
    buf_puts(p->b, " explain ");
    shell_word(p->b, p->t, l->path);
    buf_puts(p->b, " --id ");
    shell_word(p->b, p->t, l->id);
    if (run->repeated) /* the id may stand elsewhere, too */
        buf_printf(p->b, " --record %llu", (unsigned long long)l->record);
    term_off(p->b, p->t);
    buf_putc(p->b, '\n');
    term_put(p->b, p->t, ST_DIM, "  shows the words behind every score of the first one.\n");
}

static void closing(const struct page *p, const struct summary_run *run)
{
    char g[32];
    if (run->rejected) {
        page_heading(p, "Rejected records", "");
        term_printf(p->b, p->t, ST_RED, "  %s", grouped(g, run->rejected));
        if (run->rejects_path) {
            buf_puts(p->b, ", listed in ");
            term_clean(p->b, p->t, str_of(run->rejects_path));
            buf_putc(p->b, '\n');
        } else {
            buf_puts(p->b, "; --rejects FILE lists each with its reason\n");
        }
    }
    if (run->repeated)
        buf_printf(p->b, "\n%s conversation%s an id that was seen before.\n", grouped(g, run->repeated),
                   run->repeated == 1 ? " carries" : "s carry");
}

void summary_print(struct buf *b, const struct term *t, const struct summary *s, const struct summary_run *run)
{
    const struct page p = {b, t, s};
    opening(&p);
    other_languages(&p);
    episodes(&p);
    phases(&p);
    gates(&p);
    page_referrals(&p);
    afterwards(&p);
    look_first(&p, run);
    closing(&p, run);
}
