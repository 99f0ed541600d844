// The list: one row an episode, or a gate outside any; worst first unless
// sorted. A page at a time, so that 100,000 rows cost what 25 do.
import { App, gateBadges, quadrantBadge } from "./app";
import { NONE16 } from "./data";
import { Child, foreign, h, num, set } from "./dom";

const PAGE = 25;

interface Col { id: string; head: string; about?: string; cls?: string; key?: (row: number) => number | string; cell: (row: number) => Child }

function columns(app: App): Col[] {
  const r = app.report, c = r.row;
  const models = app.meta.dict.model.length > 1;
  const score = (p: number) => (row: number): Child => {
    const u = r.score(row, p, "u"), m = r.score(row, p, "m");
    if (u === null || m === null) return h("span.muted", "–");
    return h("span.pair", h("span", { class: u < 60 ? "low" : "" }, h("span.sr", "users "), Math.round(u)), h("span.bar2", { "aria-hidden": "true" }, "|"),
      h("span", { class: m < 60 ? "low" : "" }, h("span.sr", "professionals "), Math.round(m)));
  };
  const scoreKey = (p: number) => (row: number) => Math.min(c[`p${p}u`][row], c[`p${p}m`][row]);
  return [
    { id: "id", head: "Conversation", key: (i) => r.id(c.conv[i]), cell: (i) => h("button.rowlink", { onclick: () => app.open(i), "data-row": i }, foreign(r.id(c.conv[i])), h("small", where(app, i))) },
    ...(models ? [{ id: "model", head: "Model", cls: "wide", key: (i: number) => r.of(i, "model"), cell: (i: number) => foreign(r.of(i, "model") || "–") }] : []),
    { id: "risk", head: "Risk", cls: "num", key: (i) => (c.risk[i] === 6 ? 1.5 : c.risk[i]), cell: (i) => app.riskOf(i) },
    { id: "rtype", head: "Refusal", key: (i) => c.rtype[i], cell: (i) => (r.isEpisode(i) ? h("span", h("b", app.rtypeId(c.rtype[i])), h("span.wide", ` ${app.rtype(c.rtype[i])}`), c.refusals[i] > 1 ? h("small", ` ×${c.refusals[i]}`) : null) : h("span.muted", "none")) },
    { id: "quadrant", head: "Quadrant", key: (i) => c.quadrant[i], cell: (i) => (r.isEpisode(i) ? quadrantBadge(app, c.quadrant[i]) : h("span.muted", "–")) },
    { id: "gates", head: "Gates", key: (i) => -(bitsum(c.gc[i]) * 16 + bitsum(c.gs[i])), cell: (i) => h("span.badges", gateBadges(app, i)) },
    ...[1, 2, 3, 4, 5].map((p) => ({ id: `p${p}`, head: `P${p}`, about: `${app.meta.words.phase[p - 1]}: users | professionals`, cls: "num wide", key: scoreKey(p), cell: score(p) })),
    { id: "next", head: "Next", cls: "wide", cell: (i) => app.next(c.next[i]).join(", ") || h("span.muted", "–") },
  ];
}

const bitsum = (m: number): number => { let n = 0; for (; m; m &= m - 1) n++; return n; };

function where(app: App, row: number): string {
  const { anchor, episode } = app.report.row;
  return app.report.isEpisode(row) ? `turn ${anchor[row]}${episode[row] ? `, episode ${episode[row] + 1}` : ""}` : `turn ${anchor[row]}, outside an episode`;
}

function sorted(app: App, col: Col | undefined, down: boolean): Uint32Array {
  if (!col?.key) return app.view;
  const keys = new Map<number, number | string>();
  for (const i of app.view) {
    let k = col.key(i);
    if (k === NONE16) k = down ? -1 : Infinity; // no score goes last either way
    keys.set(i, k);
  }
  const sign = down ? -1 : 1;
  return Uint32Array.from(app.view).sort((a, b) => {
    const x = keys.get(a)!, y = keys.get(b)!;
    return x < y ? -sign : x > y ? sign : a - b;
  });
}

export interface List { element: HTMLElement; neighbours: (row: number) => [number, number] }

export function episodes(app: App): List {
  const cols = columns(app);
  let sort = "", down = false, page = 0, order = app.view;
  const into = h("div"), pager = h("nav.pager", { "aria-label": "Pages of the list" });
  const sortBy = (id: string) => {
    if (sort === id && down) sort = "", down = false;
    else if (sort === id) down = true;
    else sort = id, down = false;
    page = 0;
    order = sorted(app, cols.find((c) => c.id === sort), down);
    draw();
    into.querySelector<HTMLElement>(`[data-sort="${id}"]`)?.focus();
  };
  const head = (c: Col) => {
    const on = sort === c.id;
    return h("th", { scope: "col", class: c.cls ?? null, "aria-sort": on ? (down ? "descending" : "ascending") : null, title: c.about },
      c.key ? h("button.sort", { "data-sort": c.id, onclick: () => sortBy(c.id) }, c.head, h("span", { "aria-hidden": "true" }, on ? (down ? " ↓" : " ↑") : "")) : c.head);
  };
  const go = (p: number) => { page = p; draw(); into.querySelector<HTMLElement>("table")?.scrollIntoView({ block: "nearest" }); };
  const draw = () => {
    const pages = Math.max(1, Math.ceil(order.length / PAGE)), rows = Array.from(order.subarray(page * PAGE, (page + 1) * PAGE));
    set(into, order.length
      ? h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Episodes" },
          h("table.episodes", h("caption", { class: "sr" }, `Episodes ${page * PAGE + 1} to ${page * PAGE + rows.length} of ${order.length}`),
            h("thead", h("tr", cols.map(head))),
            h("tbody", rows.map((i) => h("tr", cols.map((c, k) => k ? h("td", { class: c.cls ?? null }, c.cell(i)) : h("th", { scope: "row" }, c.cell(i))))))))
      : h("p.empty", "Nothing passes this filter. ", h("button.quiet", { onclick: () => app.reset() }, "Clear all")));
    const button = (text: string, to: number, label: string) => h("button", { disabled: to < 0 || to >= pages || to === page, onclick: () => go(to), "aria-label": label }, text);
    set(pager, pages > 1 ? [button("« First", 0, "First page"), button("‹ Previous", page - 1, "Previous page"),
      h("span", `Page ${num(page + 1)} of ${num(pages)}`), button("Next ›", page + 1, "Next page"), button("Last »", pages - 1, "Last page")] : null);
  };
  app.watch(() => {
    page = 0;
    order = sorted(app, cols.find((c) => c.id === sort), down);
    draw();
  });
  const element = h("section", { id: "episodes", "aria-labelledby": "h-episodes" },
    h("h2", { id: "h-episodes", tabindex: -1 }, "Every episode"),
    h("p.about", "Worst first: critical gates, confirmed before suspected, then the decision, major gates and the worst phase. Scores: users | professionals; below 60 is underlined. Choose a conversation to open it."),
    into, pager);
  return { element, neighbours: (row) => { const at = order.indexOf(row); return [at > 0 ? order[at - 1] : -1, at >= 0 && at + 1 < order.length ? order[at + 1] : -1]; } };
}
