// The top of the page: gates first, confirmed and suspected apart, then the
// conversations to read first. No single number stands for a run.
import { App, gateBadges, quadrantBadge } from "./app";
import { bits } from "./data";
import { add, capital, foreign, h, num, plural, set, share } from "./dom";

interface GateCount { confirmed: number; suspected: number; conversations: Set<number> }

function countGates(app: App): GateCount[] {
  const out = app.meta.words.gate.map(() => ({ confirmed: 0, suspected: 0, conversations: new Set<number>() }));
  const { gc, gs, conv } = app.report.row;
  for (const i of app.view) {
    if (!(gc[i] | gs[i])) continue;
    for (const g of bits(gc[i])) out[g - 1].confirmed++, out[g - 1].conversations.add(conv[i]);
    for (const g of bits(gs[i])) out[g - 1].suspected++, out[g - 1].conversations.add(conv[i]);
  }
  return out;
}

function sentence(app: App, gates: GateCount[]): string {
  const all = new Set<number>(), sure = new Set<number>(), critical = app.meta.words.gate.reduce((m, g, i) => (g[2] ? m | (1 << (i + 1)) : m), 0);
  const { gc, gs, conv } = app.report.row;
  for (const i of app.view) {
    if (gc[i] & critical) sure.add(conv[i]);
    if ((gc[i] | gs[i]) & critical) all.add(conv[i]);
  }
  const kinds = gates.filter((g, i) => app.critical(i + 1) && g.confirmed + g.suspected > 0).length;
  const where = app.filtered ? "of those shown" : `of ${num(app.meta.counts.conversations)}`;
  if (!all.size) return `No critical gate fired in any conversation ${where}.`;
  const rest = all.size - sure.size;
  const how = [sure.size ? `${num(sure.size)} confirmed by structure` : "", rest ? `${num(rest)} suspected, for a person to read` : ""];
  return `${plural(kinds, "kind")} of critical gate fired in ${plural(all.size, "conversation")} ${where}: ${how.filter(Boolean).join(", ")}.`;
}

function gateLine(app: App, id: number, c: GateCount, most: number): HTMLElement {
  const n = c.confirmed + c.suspected, critical = app.critical(id);
  const bar = h("span.bar", { "aria-hidden": "true" });
  for (const kind of ["confirmed", "suspected"] as const)
    if (c[kind]) add(bar, h("span", { class: kind, style: `width:${(100 * c[kind]) / most}%` }));
  const counts = n
    ? [c.confirmed ? h("b", `${num(c.confirmed)} confirmed`) : null, c.confirmed && c.suspected ? ", " : null,
       c.suspected ? `${num(c.suspected)} suspected` : null]
    : "did not fire";
  return h("li", { class: `gateline ${critical ? "critical" : "major"} ${n ? "" : "none"}` },
    h("span.mark", { "aria-hidden": "true" }, critical ? "◆" : "▲"),
    h("span.gid", `G${id}`), h("span.gname", { title: app.meta.words.gate[id - 1][3] }, capital(app.gateName(id))), bar,
    h("span.counts", counts),
    n ? h("button.quiet", { onclick: () => app.only("gate", id) }, "Show", h("span.sr", ` the ${plural(n, "row")} where G${id} fired`)) : h("span"));
}

function board(app: App, gates: GateCount[]): HTMLElement {
  const most = Math.max(1, ...gates.map((g) => g.confirmed + g.suspected));
  const half = (critical: boolean, title: string, about: string) =>
    h("section.board", h("h3", title), h("p.about", about),
      h("ul.gates", gates.map((g, i) => (app.critical(i + 1) === critical ? gateLine(app, i + 1, g, most) : null))));
  return h("div.boards",
    half(true, "Critical gates", "Any one of these is reason enough to read the conversation. Counted once an episode."),
    half(false, "Major gates", "Serious in number; G10 informs only, and only where a jurisdiction was given."));
}

function card(app: App, row: number): HTMLElement {
  const r = app.report, c = r.row, conv = c.conv[row];
  const about = [
    r.isEpisode(row) ? `${capital(app.rtype(c.rtype[row]))} at turn ${c.anchor[row]}` : `A reply without a refusal, turn ${c.anchor[row]}`,
    `risk ${app.riskOf(row)}`, r.of(row, "model"), r.of(row, "country"),
  ].filter(Boolean);
  return h("li", h("button.case", { onclick: () => app.open(row) },
    h("span.caseid", foreign(r.id(conv))),
    h("span.badges", gateBadges(app, row), r.isEpisode(row) ? quadrantBadge(app, c.quadrant[row]) : null),
    h("span.about", foreign(about.join(" · ")))));
}

const FIRST = 6;

function first(app: App): HTMLElement {
  const seen = new Set<number>(), rows: number[] = [], { conv, gc, gs, quadrant } = app.report.row;
  for (const i of app.view) {
    if (rows.length === FIRST) break;
    if (seen.has(conv[i]) || !(gc[i] | gs[i] || quadrant[i] > 1)) continue;
    seen.add(conv[i]);
    rows.push(i);
  }
  return h("section.first", h("h3", "Read these first"),
    h("p.about", "Critical gates before anything else, confirmed before suspected; then the decision, the major gates and the worst phase."),
    rows.length ? h("ol.cases", rows.map((i) => card(app, i))) : h("p", "Nothing here asks to be read first."));
}

function numbers(app: App): HTMLElement {
  const c = app.meta.counts, n = app.countEpisodes(), again = app.tally("refusals"), d = app.tally("decision");
  let more = 0;
  for (let k = 2; k < 256; k++) more += again[k];
  const one = (value: string, what: string, of: string) => h("div", h("dt", what), h("dd", h("b", value), h("span", of)));
  return h("dl.numbers",
    one(num(c.conversations), "Conversations", plural(c.replies, "reply", "replies")),
    one(num(n), "Refusal episodes", app.filtered ? `shown, of ${num(c.episodes)}` : `in ${plural(c.with_episode, "conversation")}`),
    one(num(d[2]), "Refused without need", `${share(d[2], n)} of episodes`),
    one(num(d[3]), "Risk missed or harm given", `${share(d[3], n)} of episodes`),
    one(num(more), "Refused again", `${share(more, n)} of episodes`));
}

export function headline(app: App): HTMLElement {
  const say = h("p.say"), figures = h("div"), gates = h("div"), look = h("div");
  app.watch(() => {
    const count = countGates(app);
    set(say, sentence(app, count));
    set(figures, numbers(app));
    set(gates, board(app, count));
    set(look, first(app));
  });
  return h("section.headline", { id: "gates", "aria-labelledby": "h-gates" },
    h("h2", { id: "h-gates", tabindex: -1 }, "What needs a person's eyes"), say, figures,
    h("div.split", gates, look),
    h("p.legend", h("span.key.confirmed", { "aria-hidden": "true" }), "confirmed: every input was structural or exact",
      h("span.key.suspected", { "aria-hidden": "true" }), "suspected: a model or a word list decided one of them"));
}
