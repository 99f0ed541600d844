/* A comparison → Markdown and JSON (docs/schema/compare.schema.json). */
#include "cli/compare.h"

#include <math.h>

#include "out/escape.h"
#include "out/words.h"

/* ---- Markdown ---- */

static void md_names(struct buf *b, const struct comparison *c, const struct change *x)
{
    buf_printf(b, "- %s: ", x->def->label);
    for (size_t i = 0; i < x->n_shown; i++) {
        if (i) buf_puts(b, ", ");
        escape_md_code(b, str_of(c->run_b->corpus->conv.p[x->shown[i]].id));
    }
    buf_putc(b, '\n');
}

static void md_row(struct buf *b, const struct change *x)
{
    char z[4][32], range[80];
    buf_printf(b, "| %s | %s | %s | %s | %s | %s | %llu, %llu |\n", x->def->label, figure_words(z[0], x->def->unit, x->d.a),
               figure_words(z[1], x->def->unit, x->d.b), figure_signed(z[2], x->def->unit, x->d.diff), compare_range(range, x),
               compare_p(z[3], x->p_corrected), (unsigned long long)x->n_a, (unsigned long long)x->n_b);
}

static void md_section(struct buf *b, const struct comparison *c, enum change_verdict v)
{
    size_t n = compare_count(c, v), shown = compare_shown(c, v);
    if (n == 0) return;
    buf_printf(b, "### %zu %s%s\n\n", n, compare_titles[v], shown && shown < n ? ", the strongest" : "");
    if (shown) buf_puts(b, "| | A | B | B - A | 95 % | p | n |\n|---|--:|--:|--:|---|--:|---|\n");
    for (size_t i = 0, k = shown; i < c->changes->n && k; i++)
        if (c->changes->p[i].verdict == v) md_row(b, &c->changes->p[i]), k--;
    if (shown) buf_putc(b, '\n');
    if (v != CHANGE_WORSE && v != CHANGE_MOVED) return;
    buf_puts(b, "Read first:\n\n");
    for (size_t i = 0; i < c->changes->n; i++)
        if (c->changes->p[i].verdict == v && c->changes->p[i].n_shown) md_names(b, c, &c->changes->p[i]);
    buf_putc(b, '\n');
}

static void md_side(struct buf *b, const char *letter, const char *name, uint64_t n)
{
    buf_printf(b, "- %s: ", letter);
    escape_md_code(b, str_of(name));
    buf_printf(b, ", %llu conversation%s\n", (unsigned long long)n, n == 1 ? "" : "s");
}

void compare_markdown(struct buf *b, const struct comparison *c)
{
    str rest = c->why, line;
    size_t worse = compare_count(c, CHANGE_WORSE);
    if (worse) buf_printf(b, "## refrain: %zu figure%s got worse\n\n", worse, worse == 1 ? "" : "s");
    else buf_puts(b, "## refrain: nothing got worse by more than chance explains\n\n");
    md_side(b, "A", c->a, c->changes->conversations_a);
    md_side(b, "B", c->b, c->changes->conversations_b);
    buf_putc(b, '\n');
    while (compare_next_reason(&rest, &line)) {
        buf_puts(b, "> **Not comparable:** ");
        escape_md_code(b, line);
        buf_puts(b, "\n\n");
    }
    for (int v = 0; v < N_CHANGE; v++) md_section(b, c, (enum change_verdict)v);
    compare_method(b, c);
    buf_putc(b, '\n');
}

/* ---- JSON ---- */

static void number(struct buf *b, const char *key, double v)
{
    if (isnan(v)) buf_printf(b, ",\"%s\":null", key);
    else buf_printf(b, ",\"%s\":%.12g", key, v);
}

static void js_run(struct buf *b, const char *key, const char *name, const struct run *r, uint64_t conversations, uint64_t units)
{
    buf_printf(b, "\"%s\":{\"name\":", key);
    escape_json(b, str_of(name));
    buf_printf(b, ",\"conversations\":%llu,\"units\":%llu,\"refrain_version\":", (unsigned long long)conversations,
               (unsigned long long)units);
    escape_json(b, str_of(r->about.refrain_version));
    buf_puts(b, ",\"pack_hash\":");
    escape_json(b, str_of(r->about.pack_hash));
    buf_puts(b, ",\"directory_version\":");
    escape_json(b, str_of(r->about.directory_version));
    buf_putc(b, '}');
}

static void js_shown(struct buf *b, const struct comparison *c, const struct change *x)
{
    buf_puts(b, ",\"conversations\":[");
    for (size_t i = 0; i < x->n_shown; i++) {
        const struct corpus_conv *v = &c->run_b->corpus->conv.p[x->shown[i]];
        buf_puts(b, i ? ",{\"id\":" : "{\"id\":");
        escape_json(b, str_of(v->id));
        buf_puts(b, ",\"path\":");
        escape_json(b, str_of(v->path));
        buf_printf(b, ",\"record\":%llu", (unsigned long long)v->record);
        number(b, "effect", x->effect[i]);
        buf_putc(b, '}');
    }
    buf_putc(b, ']');
}

static void js_metric(struct buf *b, const struct comparison *c, const struct change *x)
{
    buf_printf(b, "{\"id\":\"%s\",\"label\":\"%s\",\"family\":\"%s\",\"unit\":\"%s\",\"better\":%d,\"verdict\":\"%s\"", x->def->id,
               x->def->label, x->def->family, x->def->unit, x->def->better, change_verdict_names[x->verdict]);
    number(b, "a", x->d.a);
    number(b, "b", x->d.b);
    buf_printf(b, ",\"n_a\":%llu,\"n_b\":%llu", (unsigned long long)x->n_a, (unsigned long long)x->n_b);
    number(b, "difference", x->d.diff);
    number(b, "lo", x->d.lo);
    number(b, "hi", x->d.hi);
    number(b, "p", x->d.p);
    number(b, "p_corrected", x->p_corrected);
    buf_printf(b, ",\"testable\":%s", x->d.testable ? "true" : "false");
    js_shown(b, c, x);
    buf_putc(b, '}');
}

void compare_json(struct buf *b, const struct comparison *c)
{
    const struct changes *x = c->changes;
    str rest = c->why, line;
    bool first = true;
    buf_puts(b, "{\"schema_version\":1,");
    js_run(b, "a", c->a, c->run_a, x->conversations_a, x->units_a);
    buf_putc(b, ',');
    js_run(b, "b", c->b, c->run_b, x->conversations_b, x->units_b);
    buf_printf(b, ",\"paired\":%s,\"pairs\":%llu,\"not_comparable\":[", x->paired ? "true" : "false", (unsigned long long)x->units);
    while (compare_next_reason(&rest, &line)) {
        if (!first) buf_putc(b, ',');
        first = false;
        escape_json(b, line);
    }
    buf_printf(b, "],\"correction\":\"%s\",\"tests\":%llu,\"draws\":%u,\"permutations\":%u,\"seed\":%llu,\"metrics\":[\n",
               changes_correction_names[c->opts->correction], (unsigned long long)x->tests, c->opts->draws,
               c->opts->permutations, (unsigned long long)c->opts->seed);
    for (size_t i = 0; i < x->n; i++) {
        if (i) buf_puts(b, ",\n");
        js_metric(b, c, &x->p[i]);
    }
    buf_puts(b, "\n]}\n");
}
