// The filter bar: search by id, choices by heading, what is in force as chips.
import { App, Choice, KIND_NAMES } from "./app";
import { NONE8, REACTIONS } from "./data";
import { KINDS, Kind } from "./filter";
import { Child, foreign, h, num, plural, set } from "./dom";

/** Only what occurs is offered, with how often. */
function occurring(app: App, kind: Kind): (Choice & { n: number })[] {
  const { report } = app, count = new Map<number, number>();
  const bump = (v: number) => count.set(v, (count.get(v) ?? 0) + 1);
  const { row, conv } = report;
  for (let i = 0; i < report.meta.rows; i++) {
    if (kind === "gate" || kind === "next") {
      const mask = kind === "gate" ? row.gc[i] | row.gs[i] : row.next[i] & REACTIONS;
      for (let b = 0; mask >> b; b++) if ((mask >> b) & 1) bump(b);
    } else if (kind === "status") {
      if (row.gc[i]) bump(0);
      if (row.gs[i]) bump(1);
      if (!(row.gc[i] | row.gs[i])) bump(2);
    } else bump(kind in conv ? conv[kind][row.conv[i]] : row[kind][i]);
  }
  return app.values(kind).filter((c) => count.has(c.value)).map((c) => ({ ...c, n: count.get(c.value)! }));
}

const MANY = 40;

function heading(app: App, kind: Kind): Child {
  const choices = occurring(app, kind).sort((a, b) => (kind in app.meta.dict ? b.n - a.n : 0));
  if (choices.length < 2) return null;
  const boxes = choices.slice(0, MANY).map((c) => {
    const box = h("input", { type: "checkbox", "data-kind": kind, "data-value": c.value, onchange: () => app.toggle(kind, c.value) });
    return h("label.choice", box, h("span", foreign(c.label), h("small", num(c.n))));
  });
  return h("fieldset", h("legend", KIND_NAMES[kind]), h("div.choices", boxes),
    choices.length > MANY ? h("p.muted", `and ${num(choices.length - MANY)} more, less frequent`) : null);
}

function phaseHeading(app: App): HTMLElement {
  const phases = app.meta.words.phase;
  const p = h("select", { "aria-label": "Phase", id: "f-phase" }, h("option", { value: 0 }, "any score"), phases.map((w, i) => h("option", { value: i + 1 }, `P${i + 1} ${w}`)));
  const who = h("select", { "aria-label": "Weights of", id: "f-who" }, h("option", { value: "u" }, "for users"), h("option", { value: "m" }, "for professionals"));
  const below = h("input", { type: "number", min: 1, max: 100, step: 5, value: 60, "aria-label": "Below, points", id: "f-below" });
  const change = () => {
    const k = Number(p.value);
    app.filter.phase = k ? { p: k, who: who.value as "u" | "m", below: Math.min(100, Math.max(1, Number(below.value) || 60)) } : null;
    app.changed();
  };
  for (const el of [p, who, below]) el.addEventListener("change", change);
  app.watch(() => {
    const f = app.filter.phase;
    p.value = String(f?.p ?? 0);
    if (f) who.value = f.who, below.value = String(f.below);
  });
  return h("fieldset", h("legend", "Phase score"), h("div.phasepick", p, " below ", below, who));
}

function chips(app: App): Child[] {
  const f = app.filter, out: Child[] = [];
  const chip = (text: string, drop: () => void) =>
    out.push(h("button.chip", { onclick: () => { drop(); app.changed(); } }, foreign(text), h("span", { "aria-hidden": "true" }, " ×"), h("span.sr", ", remove this filter")));
  for (const kind of KINDS)
    for (const c of app.values(kind)) if (f.set[kind].has(c.value)) chip(`${KIND_NAMES[kind]}: ${c.label}`, () => f.set[kind].delete(c.value));
  if (f.phase) chip(`P${f.phase.p} below ${f.phase.below} for ${f.phase.who === "u" ? "users" : "professionals"}`, () => { f.phase = null; });
  if (f.code) chip(codeWords(app), () => { f.code = null; });
  if (f.search.trim()) chip(`id has “${f.search.trim()}”`, () => { f.search = ""; });
  if (out.length) out.push(h("button.quiet", { onclick: () => app.reset() }, "Clear all"));
  return out;
}

function codeWords(app: App): string {
  const { id, values } = app.filter.code!, c = app.report.construct.get(id)!;
  const word = (v: number) => (c.categories.length ? c.categories[v]?.replaceAll("_", " ") : c.scale === "binary" ? (v ? "yes" : "no") : `${v}`);
  const range = values.filter((v) => v !== NONE8);
  return `${c.name}: ${range.length > 5 ? `${range[0]} or more` : range.map(word).join(" or ")}`;
}

export function bar(app: App): HTMLElement {
  const search = h("input", { type: "search", placeholder: "Search ids", "aria-label": "Search conversation ids", id: "f-search", autocomplete: "off", spellcheck: "false" });
  const count = h("p.count", { role: "status" }), active = h("div.chips");
  const panel = h("div.panel", { id: "filters", hidden: true });
  const toggle = h("button.filterbutton", { "aria-expanded": "false", "aria-controls": "filters" }, "Filters");
  let built = false, timer = 0;
  toggle.addEventListener("click", () => {
    if (!built) set(panel, h("div.fieldsets", KINDS.map((k) => heading(app, k)), phaseHeading(app))), built = true;
    panel.hidden = !panel.hidden;
    toggle.setAttribute("aria-expanded", String(!panel.hidden));
    sync();
  });
  panel.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    panel.hidden = true;
    toggle.setAttribute("aria-expanded", "false");
    toggle.focus();
  });
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => { app.filter.search = search.value; app.changed(); }, 150);
  });
  const sync = () => {
    for (const box of panel.querySelectorAll<HTMLInputElement>("input[type=checkbox]"))
      box.checked = app.filter.set[box.dataset.kind as Kind].has(Number(box.dataset.value));
  };
  app.watch(() => {
    set(active, chips(app));
    const outside = app.view.length - app.countEpisodes();
    set(count, h("b", num(app.countEpisodes())), ` of ${num(app.meta.counts.episodes)} episodes`, outside ? ` and ${plural(outside, "other reply", "other replies")}` : "");
    if (document.activeElement !== search) search.value = app.filter.search;
    sync();
  });
  return h("div.filterbar", { role: "search", "aria-label": "Filter the report" }, h("div.barrow", search, toggle, count), active, panel);
}
