// The framing profile: how the refusals were worded, construct by construct.
import { barX, plot, text, axisX, axisY } from "@observablehq/plot";
import { App } from "./app";
import { Construct, NONE8 } from "./data";
import { figure, h, num, set, share, table } from "./dom";

const STEPS = ["none", "trace", "partial", "clear", "full"];

interface Row { c: Construct; counts: number[]; n: number; names: string[] }

function profile(app: App, polarity: string): Row[] {
  return app.meta.constructs.filter((c) => c.phase === 3 && c.polarity === polarity && (c.scale === "ordinal" || c.scale === "binary")).map((c) => {
    const t = app.tally(c.id), binary = c.scale === "binary";
    // "Yes" is drawn as "full": a binary construct has no steps between.
    const counts = binary ? [t[0], 0, 0, 0, t[1]] : [0, 1, 2, 3, 4].map((v) => t[v]);
    return { c, counts, n: counts.reduce((a, b) => a + b, 0), names: binary ? ["no", "", "", "", "yes"] : STEPS };
  }).filter((r) => r.n > 0);
}

interface Part { y: string; from: number; to: number; v: number; n: number; of: number; word: string; short: string }

function parts(rows: Row[]): Part[] {
  return rows.flatMap((r) => {
    let at = 0;
    return r.counts.map((n, v) => {
      const from = at;
      at += (100 * n) / r.n;
      const word = r.names[v], binary = r.c.scale === "binary";
      return { y: r.c.name, from, to: at, v, n, of: r.n, word, short: binary ? word : String(v) };
    }).filter((p) => p.n);
  });
}

function chart(rows: Row[], ramp: string, width: number): Node {
  const all = parts(rows);
  return plot({
    width, height: rows.length * 34 + 40, marginLeft: width < 420 ? 128 : 178, marginTop: 4, marginRight: 24, marginBottom: 32,
    x: { domain: [0, 100] }, y: { domain: rows.map((r) => r.c.name), padding: 0.28 },
    marks: [
      axisX({ ticks: 5, tickFormat: (d: number) => `${d} %`, label: null }),
      axisY({ tickSize: 0, label: null, lineWidth: width < 420 ? 10 : 14 }),
      barX(all, {
        x1: "from", x2: "to", y: "y", fill: (p: Part) => `var(--${ramp}${p.v})`, stroke: "var(--edge)", strokeWidth: 0.75,
        title: (p: Part) => `${p.y}: ${p.word} in ${p.n} of ${p.of}`,
      }),
      text(all.filter((p) => p.to - p.from >= 7), {
        x: (p: Part) => (p.from + p.to) / 2, y: "y", text: "short", fill: (p: Part) => `var(--${ramp}${p.v}-ink)`, fontWeight: 600,
      }),
    ],
  });
}

function legend(ramp: string): HTMLElement {
  return h("p.ramp", { "aria-hidden": "true" }, STEPS.map((w, v) =>
    h("span", h("i", { style: `background:var(--${ramp}${v})` }), `${v} ${w}`)));
}

function data(app: App, caption: string, rows: Row[]): HTMLElement {
  return table(caption, [{ head: "Construct" }, ...STEPS.map((w, v) => ({ head: `${v} ${w}`, num: true })), { head: "n", num: true }],
    rows.map((r) => [h("span", { title: r.c.definition }, r.c.name), ...r.counts.map((n, v) => n
      ? h("button.quiet", { onclick: () => app.show((f) => { f.code = { id: r.c.id, values: r.c.scale === "binary" && v === 4 ? [1] : [v] }; }) },
          `${num(n)} (${share(n, r.n)})`, h("span.sr", " show"))
      : "0"), num(r.n)]));
}

function categories(app: App): HTMLElement[] {
  return app.meta.constructs.filter((c) => c.phase === 3 && c.scale === "category").map((c) => {
    const t = app.tally(c.id);
    let n = 0;
    for (let v = 0; v < NONE8; v++) n += t[v];
    return h("div.cats", h("h4", { title: c.definition }, c.id === "P3.order" ? "The acknowledgement comes" : c.name), n ? h("ul.finds", c.categories.map((name, v) => t[v] ? h("li",
      h("button.find", { onclick: () => app.show((f) => { f.code = { id: c.id, values: [v] }; }) }, h("span.name", name.replaceAll("_", " ")), h("span.how"),
        h("span.share", `${num(t[v])} of ${num(n)}`), h("span.fill.neutral", { "aria-hidden": "true", style: `width:${(100 * t[v]) / n}%` }))) : null))
      : h("p.muted", "Not coded in the episodes shown."));
  });
}

export function framing(app: App): HTMLElement {
  const harms = h("div"), supports = h("div"), more = h("div.split.even");
  const half = (into: HTMLElement, polarity: string, ramp: string, title: string, about: string) => {
    const rows = profile(app, polarity), width = into.clientWidth || 480;
    rows.sort((a, b) => mean(b) - mean(a));
    set(into, rows.length
      ? figure(title, about, chart(rows, ramp, width), data(app, title, rows), legend(ramp))
      : h("p.muted", "No episode is shown."));
  };
  app.watch(() => {
    half(harms, "negative", "harm", "What hurts", "Darker is more of it; 0 means looked for and not there.");
    half(supports, "positive", "help", "What holds", "Darker is more of it; here a pale bar is what was missing.");
    set(more, categories(app));
  });
  return h("section", { id: "framing", "aria-labelledby": "h-framing" },
    h("h2", { id: "h-framing", tabindex: -1 }, "How the refusals were worded"),
    h("p.about", "The framing phase, each construct from 0 (none) to 4 (full) in every episode where it applies."),
    h("div.split.even", harms, supports), more);
}

const mean = (r: Row): number => r.counts.reduce((a, n, v) => a + n * v, 0) / r.n;
