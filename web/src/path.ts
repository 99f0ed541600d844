// The five phases as a person's path through an episode, each with the scores
// by the weights of users and of professionals side by side, and what stands out.
import { App } from "./app";
import { Construct, FOLLOWED, NONE16, NONE8 } from "./data";
import { capital, h, num, plural, set, share } from "./dom";

const STAGES = [
  ["What was promised", "before the refusal"],
  ["What set it off", "and was it the right call"],
  ["How it was said", "the words of the refusal"],
  ["Where they were sent", "referrals, and whether they exist"],
  ["What they did next", "after the reply"],
] as const;

interface Spread { n: number; below: number; q: number[] }

/** Quartiles of a score column over the view, from a count of tenths of points. */
function spread(app: App, phase: number, who: "u" | "m"): Spread {
  const column = app.report.row[`p${phase}${who}`], count = new Uint32Array(1001);
  let n = 0, below = 0;
  for (const i of app.shown) {
    const v = column[i];
    if (v === NONE16) continue;
    n++;
    count[v]++;
    if (v < 600) below++;
  }
  const q: number[] = [];
  for (let v = 0, seen = 0; v <= 1000 && q.length < 3; v++) {
    seen += count[v];
    while (q.length < 3 && n && seen >= Math.max(1, Math.ceil((n * (q.length + 1)) / 4))) q.push(v / 10);
  }
  return { n, below, q };
}

function track(s: Spread, who: "u" | "m"): HTMLElement {
  const name = who === "u" ? "Users" : "Professionals";
  if (!s.n) return h("div.range", h("span.who", name), h("span.muted", "no score"));
  const [a, m, b] = s.q;
  return h("div.range", { class: `range ${who}` },
    h("span.who", h("i", { "aria-hidden": "true" }), name),
    h("span.value", h("b", Math.round(m)), h("span.sr", ` median; the middle half from ${Math.round(a)} to ${Math.round(b)}`)),
    h("span.track", { "aria-hidden": "true" },
      h("span.iqr", { style: `left:${a}%;width:${Math.max(b - a, 0.5)}%` }), h("span.median", { style: `left:${m}%` })));
}

export interface Finding { c: Construct; bad: number; n: number; values: number[] }

/** Values of a construct that speak against the reply: a harm that is there, a support that is not. */
export function badValues(c: Construct): number[] {
  if (c.polarity === "negative") return c.scale === "binary" || c.scale === "count" ? range(1, 250) : c.scale === "ordinal" ? range(2, 4) : [];
  if (c.polarity === "positive") return c.scale === "binary" ? [0] : c.scale === "ordinal" ? [0, 1] : [];
  return [];
}
const range = (a: number, b: number): number[] => Array.from({ length: b - a + 1 }, (_, i) => a + i);

function findings(app: App, phase: number): Finding[] {
  return app.meta.constructs.filter((c) => c.phase === phase && badValues(c).length).map((c) => {
    const values = badValues(c), t = app.tally(c.id);
    let n = 0, bad = 0;
    for (let v = 0; v < NONE8; v++) n += t[v];
    for (const v of values) bad += t[v];
    return { c, bad, n, values };
  }).filter((f) => f.bad > 0).sort((a, b) => b.bad - a.bad);
}

export function how(c: Construct): string {
  if (c.polarity === "positive") return c.scale === "binary" ? "missing" : "missing or a trace";
  return c.scale === "ordinal" ? "partial to full" : "present";
}

function finding(app: App, f: Finding): HTMLElement {
  return h("li", h("button.find", { onclick: () => app.show((x) => { x.code = { id: f.c.id, values: f.values }; }), title: f.c.definition },
    h("span.name", f.c.name), h("span.how", how(f.c)),
    h("span.share", `${num(f.bad)} of ${num(f.n)}`), h("span.fill", { "aria-hidden": "true", style: `width:${(100 * f.bad) / f.n}%` })));
}

function next(app: App): HTMLElement {
  const names = app.meta.words.next, count = names.map(() => 0), column = app.report.row.next;
  let n = 0;
  for (const i of app.shown) {
    if (!(column[i] & FOLLOWED)) continue;
    n++;
    for (let b = 0; b < names.length; b++) count[b] += (column[i] >> b) & 1;
  }
  const order = names.map((_, i) => i).filter((i) => count[i]).sort((a, b) => count[b] - count[a]).slice(0, 5);
  if (!order.length) return h("p.muted", n ? "Wrote again, and nothing of this kind." : "No user turn follows: the records end.");
  return h("ul.finds", order.map((b) => h("li", h("button.find", { onclick: () => app.only("next", b) },
    h("span.name", capital(names[b][1])), h("span.how"), h("span.share", `${num(count[b])} of ${num(n)}`),
    h("span.fill.neutral", { "aria-hidden": "true", style: `width:${(100 * count[b]) / n}%` })))));
}

function stage(app: App, phase: number): HTMLElement {
  const u = spread(app, phase, "u"), m = spread(app, phase, "m"), found = findings(app, phase);
  const low = (who: "u" | "m", s: Spread, name: string) => s.below
    ? h("button.quiet", { onclick: () => app.show((f) => { f.phase = { p: phase, who, below: 60 }; }) },
        `${num(s.below)} of ${num(s.n)} below 60 for ${name}`)
    : null;
  return h("li.stage",
    h("div.stagehead", h("span.step", { "aria-hidden": "true" }, phase),
      h("h3", STAGES[phase - 1][0], h("small", `P${phase} ${app.meta.words.phase[phase - 1]}: ${STAGES[phase - 1][1]}`))),
    h("div.ranges", track(u, "u"), track(m, "m"), h("div.lows", low("u", u, "users"), low("m", m, "professionals"))),
    phase === 5
      ? [h("h4", "They"), next(app)]
      : [h("h4", "What stands out"), found.length ? h("ul.finds", found.slice(0, 4).map((f) => finding(app, f))) : h("p.muted", "Nothing in the episodes shown.")]);
}

export function path(app: App): HTMLElement {
  const list = h("ol.path"), line = h("p.about");
  app.watch(() => {
    const n = app.countEpisodes(), refused = app.tally("decision");
    set(line, `${plural(n, "episode")}. Scores run from 0 (bad) to 100; the mark is the median, the bar the middle half. `,
      "Users and professionals weigh the same codes differently and are never averaged.",
      n ? ` The call itself was right in ${share(refused[1], n)}.` : "");
    set(list, [1, 2, 3, 4, 5].map((p) => stage(app, p)));
  });
  return h("section", { id: "path", "aria-labelledby": "h-path" },
    h("h2", { id: "h-path", tabindex: -1 }, "A person's path through a refusal"), line, list);
}
