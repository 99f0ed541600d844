// Figures of the run with their intervals, by group, and over time. They come
// computed (cluster bootstrap by conversation); the filter does not change them.
import { axisX, axisY, barY, dot, lineY, plot, ruleX, ruleY } from "@observablehq/plot";
import { App } from "./app";
import { Figure, Group } from "./data";
import { country } from "./referral";
import { Column, figure, h, num, set, table } from "./dom";

export function value(m: Figure, v: number | null): string {
  if (v === null || Number.isNaN(v)) return "–";
  if (m.unit === "share") return `${(100 * v).toFixed(Math.abs(v) < 0.1 ? 1 : 0)} %`;
  return v.toFixed(Math.abs(v) < 10 ? 2 : 1);
}
export const interval = (m: Figure): string => (m.lo === null || m.hi === null ? "–" : `${value(m, m.lo)} to ${value(m, m.hi)}`);
const arrow = { low: "lower is better", high: "higher is better", none: "" };

export function metrics(app: App): HTMLElement {
  const list = app.meta.metrics;
  return h("section", { id: "figures", "aria-labelledby": "h-figures" },
    h("h2", { id: "h-figures", tabindex: -1 }, "Figures of the run"),
    h("p.about", "Each with its 95 % interval, by bootstrap over conversations, and the number of things counted. Of the whole run, whatever the filter says."),
    list.length
      ? table("Corpus figures", [{ head: "Figure" }, { head: "Value", num: true }, { head: "95 % interval", num: true }, { head: "n", num: true }, { head: "" }],
          list.map((m) => [h("span", { title: m.about }, m.name), h("b", value(m, m.value)), interval(m), num(m.n), h("span.muted", arrow[m.better])]))
      : h("p.muted", "None was computed."));
}

const NAMES: Record<string, string> = { model: "model", locale: "locale", country: "country", population: "stated population", language: "language" };
const groupName = (by: string, g: Group): string => (by === "country" ? country(g.name || null) : g.name || "not stated");

function chart(by: string, groups: Group[], id: string, width: number): Node {
  const rows = groups.map((g) => ({ name: groupName(by, g), m: g.metrics.find((m) => m.id === id)! })).filter((r) => r.m && r.m.value !== null);
  const unit = rows[0]?.m.unit, percent = unit === "share";
  return plot({
    width, height: rows.length * 36 + 46, marginLeft: width < 480 ? 110 : 180, marginRight: 30, marginBottom: 34,
    x: { domain: percent ? [0, 1] : undefined, nice: true, zero: true }, y: { domain: rows.map((r) => r.name) },
    marks: [
      axisX({ ticks: 5, label: null, tickFormat: percent ? (d: number) => `${Math.round(100 * d)} %` : undefined }),
      axisY({ tickSize: 0, label: null, textOverflow: "ellipsis", lineWidth: width < 480 ? 9 : 14 }),
      ruleX([0], { stroke: "currentColor", strokeOpacity: 0.3 }),
      ruleY(rows, { y: "name", x1: (r) => r.m.lo ?? r.m.value, x2: (r) => r.m.hi ?? r.m.value, stroke: "var(--user)", strokeWidth: 3, strokeOpacity: 0.55 }),
      dot(rows, { y: "name", x: (r) => r.m.value, r: 5.5, fill: "var(--user)", stroke: "var(--surface)", title: (r) => `${r.name}: ${value(r.m, r.m.value)} (${interval(r.m)}), n ${r.m.n}` }),
    ],
  });
}

export function groups(app: App): HTMLElement {
  const all = app.meta.groups.filter((g) => g.groups.length > 1), head = [
    h("h2", { id: "h-groups", tabindex: -1 }, "By model, place and population"),
  ];
  const section = (...body: Node[]) => h("section", { id: "groups", "aria-labelledby": "h-groups" }, head, body);
  if (!all.length) return section(h("p.muted", "The records name no two models, places or populations to set side by side."));
  let by = 0, metric = all[0].groups[0].metrics[0]?.id ?? "";
  const into = h("div");
  const known = (id: string) => all.flatMap((a) => a.groups).flatMap((g) => g.metrics).find((m) => m.id === id);
  const pick = (label: string, options: [string, string][], current: string, change: (v: string) => void) =>
    h("label.pick", h("span", label), h("select", { onchange: (e: Event) => { change((e.target as HTMLSelectElement).value); draw(); } },
      options.map(([v, t]) => h("option", { value: v, selected: v === current }, t))));
  const draw = () => {
    const g = all[by], columns: Column[] = [{ head: NAMES[g.by] ?? g.by }, { head: "Conversations", num: true }, { head: "Episodes", num: true },
      { head: "Value", num: true }, { head: "95 % interval", num: true }, { head: "n", num: true }];
    const m = (x: Group) => x.metrics.find((y) => y.id === metric);
    const title = `${known(metric)?.name ?? metric} by ${NAMES[g.by] ?? g.by}`;
    set(into, figure(title, "The dot is the figure, the line its 95 % interval. Intervals that overlap do not show a difference.",
      chart(g.by, g.groups, metric, Math.min(760, into.clientWidth || 700)),
      table(title, columns, g.groups.map((x) => [groupName(g.by, x), num(x.conversations), num(x.episodes),
        m(x) ? value(m(x)!, m(x)!.value) : "–", m(x) ? interval(m(x)!) : "–", m(x) ? num(m(x)!.n) : "–"]))));
  };
  const ids = [...new Set(all.flatMap((a) => a.groups.flatMap((g) => g.metrics.map((m) => m.id))))];
  const out = section(h("p.about", "Of the whole run, whatever the filter says."),
    h("div.picks", pick("Figure", ids.map((id) => [id, known(id)!.name]), metric, (v) => { metric = v; }),
      pick("By", all.map((a, i) => [String(i), NAMES[a.by] ?? a.by]), "0", (v) => { by = Number(v); })), into);
  app.watch(draw);
  return out;
}

// ---- over time ----

export function time(app: App): HTMLElement {
  const t = app.meta.time, head = h("h2", { id: "h-time", tabindex: -1 }, "Over time");
  const section = (...body: Node[]) => h("section", { id: "time", "aria-labelledby": "h-time" }, head, body);
  if (t.buckets.length < 2) return section(h("p.muted", "The records carry no times, or all of one period, so there is no trend to draw."));
  const into = h("div.split.even");
  const draw = () => {
    const width = Math.min(620, Math.max(300, (into.clientWidth || 1100) / (into.clientWidth > 900 ? 2 : 1) - 24));
    set(into, rate(t, width), volume(app, t, width));
  };
  app.watch(draw);
  return section(into);
}

type Time = App["meta"]["time"];
const day = (iso: string) => new Date(`${iso}T00:00:00Z`);
const short = (unit: string, d: Date) => d.toLocaleDateString("en-GB", unit === "month" ? { month: "short", year: "2-digit", timeZone: "UTC" } : { day: "numeric", month: "short", timeZone: "UTC" });

function rate(t: Time, width: number): HTMLElement {
  const rows = t.buckets.map((b) => ({ d: day(b.start), v: b.replies ? (100 * b.refusals) / b.replies : null, ...b }));
  const drawing = plot({
    width, height: 240, marginLeft: 44, marginRight: 16, y: { domain: [0, Math.max(5, ...rows.map((r) => r.v ?? 0)) * 1.1] }, x: { type: "utc" },
    marks: [axisX({ label: null, ticks: width < 420 ? 4 : 6, tickFormat: (d: Date) => short(t.unit, d) }), axisY({ ticks: 4, label: null, tickFormat: (d: number) => `${d} %` }),
      ruleY([0], { stroke: "currentColor" }), lineY(rows, { x: "d", y: "v", stroke: "var(--user)", strokeWidth: 2.5 }),
      dot(rows, { x: "d", y: "v", r: 4, fill: "var(--user)", stroke: "var(--surface)", title: (r) => `${r.start}: ${r.refusals} of ${r.replies} replies` })],
  });
  return figure("Refusals among replies", `By ${t.unit}, of the whole run.`, drawing as Element,
    table(`Refusals among replies by ${t.unit}`, [{ head: capitalUnit(t.unit) }, { head: "Conversations", num: true }, { head: "Replies", num: true }, { head: "Refusals", num: true }],
      t.buckets.map((b) => [b.start, num(b.conversations), num(b.replies), num(b.refusals)])));
}
const capitalUnit = (u: string) => `${u[0].toUpperCase()}${u.slice(1)} from`;

function volume(app: App, t: Time, width: number): HTMLElement {
  const starts = t.buckets.map((b) => day(b.start).getTime()), count = starts.map(() => [0, 0, 0, 0, 0]);
  const { conv, quadrant } = app.report.row, times = app.report.conv.time;
  for (const i of app.episodes()) {
    const k = bucket(starts, times[conv[i]]);
    if (k >= 0) count[k][quadrant[i]]++;
  }
  const order = [1, 3, 2, 4, 0], name = (q: number) => (q ? app.quadrant(q) : "not placed");
  const rows = count.flatMap((c, k) => order.map((q) => ({ d: short(t.unit, new Date(starts[k])), q, n: c[q] }))).filter((r) => r.n);
  const drawing = plot({
    width, height: 240, marginLeft: 44, marginRight: 16, marginBottom: 34, x: { domain: starts.map((x) => short(t.unit, new Date(x))), padding: 0.2 },
    marks: [axisX({ label: null, tickSize: 0, ticks: 6, tickFormat: (d: string, i: number) => (i % Math.ceil(starts.length / (width < 420 ? 4 : 7)) ? "" : d) }), axisY({ ticks: 4, label: null }),
      barY(rows, { x: "d", y: "n", fill: (r) => `var(--q${r.q})`, stroke: "var(--surface)", strokeWidth: 0.6, order: order.map(String), z: "q", title: (r) => `${r.d}: ${r.n} ${name(r.q)}` }),
      ruleY([0], { stroke: "currentColor" })],
  });
  const legend = h("p.ramp", { "aria-hidden": "true" }, order.map((q) => h("span", h("i", { style: `background:var(--q${q})` }), name(q))));
  return figure("Episodes by quadrant", `By ${t.unit}, of the episodes shown.`, drawing as Element,
    table(`Episodes by ${t.unit} and quadrant`, [{ head: capitalUnit(t.unit) }, ...order.map((q) => ({ head: name(q), num: true }))],
      t.buckets.map((b, k) => [b.start, ...order.map((q) => num(count[k][q]))])), legend);
}

function bucket(starts: number[], time: number): number {
  if (Number.isNaN(time) || time < starts[0]) return -1;
  let k = 0;
  while (k + 1 < starts.length && starts[k + 1] <= time) k++;
  return k;
}
