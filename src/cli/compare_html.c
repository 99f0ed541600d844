/* A comparison → one HTML page: no script, nothing from elsewhere, readable in
 * light and dark, on a phone and on paper. */
#include "cli/compare.h"

#include <math.h>

#include "out/escape.h"
#include "out/words.h"

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>refrain: comparison</title>\n<style>\n"
    ":root{--ink:#1d1f24;--soft:#575c66;--page:#fff;--line:#d5d9e0;--bad:#a02c16;--good:#0b5e8a;--warn:#fff3cf}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8eaee;--soft:#a8aeb9;--page:#15171b;--line:#3a3f48;--bad:#ff9c85;"
    "--good:#7cc7f2;--warn:#453a12}}\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:64rem;margin:0 auto;padding:1rem}\n"
    "h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}p.soft,caption{color:var(--soft)}caption{text-align:left}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);"
    "text-align:right;white-space:nowrap}th:first-child{text-align:left;white-space:normal;font-weight:400;min-width:11rem}\n"
    "td:last-child{text-align:left;white-space:normal}thead th{font-weight:600;color:var(--soft)}thead th:last-child{text-align:left}\n"
    ".worse h2{color:var(--bad)}.better h2{color:var(--good)}.warn{background:var(--warn);padding:.5rem .8rem;border-radius:.4rem}\n"
    "code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}\n"
    "@media print{body{max-width:none}.scroll{overflow:visible}}\n</style>\n</head>\n<body>\n<main>\n";

static void code(struct buf *b, const char *z)
{
    buf_puts(b, "<code>");
    escape_xml(b, str_of(z));
    buf_puts(b, "</code>");
}

static void row(struct buf *b, const struct comparison *c, const struct change *x)
{
    char z[4][32], range[80];
    buf_puts(b, "<tr><th scope=\"row\" title=\"");
    escape_xml(b, str_of(x->def->text));
    buf_puts(b, "\">");
    escape_xml(b, str_of(x->def->label));
    buf_printf(b, "</th><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%llu, %llu</td><td>",
               figure_words(z[0], x->def->unit, x->d.a), figure_words(z[1], x->def->unit, x->d.b), figure_signed(z[2], x->def->unit, x->d.diff), compare_range(range, x),
               compare_p(z[3], x->p_corrected), (unsigned long long)x->n_a, (unsigned long long)x->n_b);
    for (size_t i = 0; i < x->n_shown; i++) {
        if (i) buf_puts(b, ", ");
        code(b, c->run_b->corpus->conv.p[x->shown[i]].id);
    }
    buf_puts(b, "</td></tr>\n");
}

static void section(struct buf *b, const struct comparison *c, enum change_verdict v)
{
    size_t n = compare_count(c, v), shown = compare_shown(c, v);
    if (n == 0) return;
    buf_printf(b, "<section class=\"%s\">\n<h2>%zu %s%s</h2>\n", change_verdict_names[v], n, compare_titles[v],
               shown && shown < n ? ", the strongest" : "");
    if (shown)
        buf_printf(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>\n<thead><tr><th scope=\"col\">figure</th><th scope=\"col\">A</th>"
                    "<th scope=\"col\">B</th><th scope=\"col\">B &#8722; A</th><th scope=\"col\">95 %%</th><th scope=\"col\">p</th>"
                    "<th scope=\"col\">n</th><th scope=\"col\">read first</th></tr></thead>\n<tbody>\n", compare_titles[v]);
    for (size_t i = 0, k = shown; i < c->changes->n && k; i++)
        if (c->changes->p[i].verdict == v) row(b, c, &c->changes->p[i]), k--;
    buf_puts(b, shown ? "</tbody></table></div>\n</section>\n" : "</section>\n");
}

static void side(struct buf *b, const char *letter, const char *name, uint64_t n)
{
    buf_printf(b, "<p><strong>%s</strong> ", letter);
    code(b, name);
    buf_printf(b, ", %llu conversation%s</p>\n", (unsigned long long)n, n == 1 ? "" : "s");
}

void compare_html(struct buf *b, const struct comparison *c)
{
    str rest = c->why, line;
    size_t worse = compare_count(c, CHANGE_WORSE);
    buf_puts(b, head);
    if (worse) buf_printf(b, "<h1>%zu figure%s got worse</h1>\n", worse, worse == 1 ? "" : "s");
    else buf_puts(b, "<h1>Nothing got worse by more than chance explains</h1>\n");
    side(b, "A", c->a, c->changes->conversations_a);
    side(b, "B", c->b, c->changes->conversations_b);
    while (compare_next_reason(&rest, &line)) {
        buf_puts(b, "<p class=\"warn\" role=\"note\"><strong>Not comparable:</strong> ");
        escape_xml(b, line);
        buf_puts(b, "</p>\n");
    }
    for (int v = 0; v < N_CHANGE; v++) section(b, c, (enum change_verdict)v);
    buf_puts(b, "<p class=\"soft\">");
    compare_method(b, c);
    buf_printf(b, " Scores describe text, not people or clinical outcome. refrain %s.</p>\n</main>\n</body>\n</html>\n",
               REFRAIN_VERSION);
}
