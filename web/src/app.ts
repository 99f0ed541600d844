// What the parts of the page share: the report, the filter in force, the rows
// it lets through, and the words for codes.
import { Child, h } from "./dom";
import { bits, OUTSIDE, REACTIONS, Report, RISK_X } from "./data";
import { apply, empty, Filter, isEmpty, Kind } from "./filter";

export interface Choice { value: number; label: string }

export class App {
  filter: Filter = empty();
  view: Uint32Array; // rows that the filter lets through
  shown: Uint32Array; // those of them that are episodes
  private listeners: (() => void)[] = [];
  private tallies = new Map<string, Uint32Array>(); // of the view in force
  open: (row: number) => void = () => {};

  constructor(readonly report: Report) {
    this.view = apply(report, this.filter);
    this.shown = this.episodesOf(this.view);
  }

  get meta() { return this.report.meta; }
  get filtered(): boolean { return !isEmpty(this.filter); }

  /** Calls `draw` whenever the filter changes; the first time when the page is in place and has its width. */
  watch(draw: () => void): void {
    this.listeners.push(draw);
  }

  changed(): void {
    this.view = apply(this.report, this.filter);
    this.shown = this.episodesOf(this.view);
    this.tallies.clear();
    this.listeners.forEach((f) => f());
  }

  reset(): void {
    this.filter = empty();
    this.changed();
  }

  toggle(kind: Kind, value: number): void {
    const set = this.filter.set[kind];
    if (!set.delete(value)) set.add(value);
    this.changed();
  }

  /** Only these, and down to the list: what a figure in a chart does. */
  show(change: (f: Filter) => void): void {
    change(this.filter);
    this.changed();
    const list = document.getElementById("episodes");
    list?.scrollIntoView();
    list?.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }

  only(kind: Kind, ...values: number[]): void {
    this.show((f) => { f.set[kind] = new Set(values); });
  }

  // ---- counting ----

  private episodesOf(view: Uint32Array): Uint32Array {
    const out = new Uint32Array(view.length), episode = this.report.row.episode;
    let n = 0;
    for (let k = 0; k < view.length; k++) if (episode[view[k]] !== OUTSIDE) out[n++] = view[k];
    return out.subarray(0, n);
  }

  countEpisodes(): number { return this.shown.length; }

  /** How many episodes of the view have each value of a small column. */
  tally(name: string): Uint32Array {
    let out = this.tallies.get(name);
    if (out) return out;
    const column = this.report.row[name], shown = this.shown;
    out = new Uint32Array(256);
    for (let k = 0; k < shown.length; k++) out[column[shown[k]]]++;
    this.tallies.set(name, out);
    return out;
  }

  // ---- words ----

  rtype(i: number): string { return this.meta.words.rtype[i][1]; }
  rtypeId(i: number): string { return this.meta.words.rtype[i][0]; }
  decision(i: number): string { return this.meta.words.decision[i][1]; }
  quadrant(i: number): string { return this.meta.words.quadrant[i][1]; }
  gateName(id: number): string { return this.meta.words.gate[id - 1]?.[1] ?? "unknown gate"; }
  critical(id: number): boolean { return !!this.meta.words.gate[id - 1]?.[2]; }
  next(mask: number): string[] { return bits(mask & REACTIONS).map((b) => this.meta.words.next[b][1]); }
  /** Risk when first refused, and how high it went from there to the end of the episode. */
  riskOf(row: number): string {
    const { risk, top } = this.report.row, rose = risk[row] < RISK_X && top[row] < RISK_X && top[row] > risk[row];
    return `${this.risk(risk[row])}${rose ? `, later ${top[row]}` : ""}`;
  }
  risk(v: number): string { return v === 255 ? "–" : v === RISK_X ? "X" : String(v); }

  values(kind: Kind): Choice[] {
    const w = this.meta.words, names = (list: [string, ...unknown[]][]) => list.map((x, value) => ({ value, label: String(x[1]) }));
    switch (kind) {
      case "gate": return w.gate.map((g, i) => ({ value: i + 1, label: `${g[0]} ${g[1]}` }));
      case "status": return [{ value: 0, label: "confirmed" }, { value: 1, label: "suspected" }, { value: 2, label: "no gate fired" }];
      case "quadrant": return names(w.quadrant).map((c) => (c.value ? c : { value: 0, label: "not placed" }));
      case "decision": return names(w.decision);
      case "rtype": return w.rtype.map((x, value) => ({ value, label: x[0] === "none" || x[0] === "empty" ? x[1] : `${x[0]} ${x[1]}` }));
      case "risk": return [0, 1, 2, 3, 4, 5, RISK_X].map((value) => ({ value, label: value === RISK_X ? "X, unclear" : String(value) }));
      case "next": return names(w.next);
      default: return this.meta.dict[kind].map((label, value) => ({ value, label: label || "not stated" }));
    }
  }
}

export const KIND_NAMES: Record<Kind, string> = {
  gate: "Gate", status: "Gate status", quadrant: "Quadrant", decision: "Decision", rtype: "Refusal type", risk: "Risk in the text",
  next: "What they did next", model: "Model", locale: "Locale", country: "Country", population: "Population",
};

export const QUADRANT_CLASS = ["q0", "q1", "q2", "q3", "q4"];

/** A gate as a small badge: filled when confirmed, hatched when suspected; a diamond when critical. */
export function gateBadge(app: App, id: number, confirmed: boolean): Child {
  const status = confirmed ? "confirmed" : "suspected";
  return h("span.gate", { class: `gate ${app.critical(id) ? "critical" : "major"} ${status}`, title: `G${id}: ${app.gateName(id)}, ${status}` },
    h("span", { "aria-hidden": "true" }, app.critical(id) ? "◆" : "▲"), ` G${id}`,
    h("span.sr", ` ${app.gateName(id)}, ${status}`));
}

export function gateBadges(app: App, row: number): Child {
  const { gc, gs } = app.report.row;
  return [...bits(gc[row]).map((g) => gateBadge(app, g, true)), ...bits(gs[row]).map((g) => gateBadge(app, g, false))];
}

export function quadrantBadge(app: App, q: number): Child {
  return q ? h("span", { class: `quad ${QUADRANT_CLASS[q]}` }, h("i", { "aria-hidden": "true" }), app.quadrant(q))
    : h("span.muted", "not placed");
}
