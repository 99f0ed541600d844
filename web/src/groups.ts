// Figures of the run with their intervals, by group, and over time. They come
// computed (cluster bootstrap by conversation); the filter does not change them.
import { axisX, axisY, barY, dot, lineY, plot, ruleX, ruleY } from "@observablehq/plot";
import { App } from "./app";
import { Figure, Group, Value } from "./data";
import { country } from "./referral";
import { capital, Child, Column, figure, h, num, plural, set, table } from "./dom";

export function value(f: Figure, v: number | null): string {
  if (v === null) return "–";
  if (f.unit === "share") return `${(100 * v).toFixed(Math.abs(v) < 0.1 && v !== 0 ? 1 : 0)} %`;
  return v.toFixed(Math.abs(v) < 10 ? 2 : 1).replace(/^-(0\.0+)$/, "$1");
}
export const interval = (f: Figure, v: Value): string => (v.lo === null || v.hi === null ? "–" : `${value(f, v.lo)} to ${value(f, v.hi)}`);
const better = (f: Figure): string => (f.better > 0 ? "higher is better" : f.better < 0 ? "lower is better" : "");

const FAMILIES: Record<string, string> = { gates: "Gates", decision: "Decision", risk: "At risk", phases: "Phase scores", referral: "Referrals",
  outcome: "What came next", episodes: "Kinds of episodes" };

export function metrics(app: App): HTMLElement {
  const list = app.meta.metrics, families = [...new Set(list.map((f) => f.family))];
  const columns: Column[] = [{ head: "Figure" }, { head: "Value", num: true }, { head: "95 % interval", num: true }, { head: "n", num: true }, { head: "Of" }, { head: "" }];
  const row = (f: Figure): Child[] => [h("span", f.name, h("small.def", f.about)), h("b", value(f, f.value)), f.value === null ? "" : interval(f, f), num(f.n),
    [f.of, f.censored ? h("small.def", `${num(f.censored)} not observed to the end`) : null], h("span.muted", f.value === null ? f.reason : better(f))];
  // A gate or a type of which there is none says it above already.
  const told = (f: Figure) => f.value !== null && (f.value !== 0 || !/^(gate\.G|rtype\.|next\.|end\.)/.test(f.id));
  return h("section", { id: "figures", "aria-labelledby": "h-figures" },
    h("h2", { id: "h-figures", tabindex: -1 }, "Figures of the run"),
    h("p.about", `Each with its 95 % interval from ${num(app.meta.draws)} bootstrap draws of conversations, and the number of things counted. Of the whole run, whatever the filter says.`),
    families.map((name, i) => {
      const mine = list.filter((f) => f.family === name), shown = mine.filter(told), title = FAMILIES[name] ?? capital(name);
      return h("details.family", { open: i < 2 }, h("summary", h("b", title), ` ${plural(shown.length, "figure")}`),
        shown.length ? table(title, columns, shown.map(row), "figures") : h("p.muted", "None could be computed."),
        notComputed(mine));
    }));
}

function notComputed(mine: Figure[]): Child {
  const none = mine.filter((f) => f.value === null);
  return none.length ? h("p.about", "Not to be had: ", none.map((f) => `${f.name} (${f.reason || "nothing to count"})`).join("; "), ".") : null;
}

const NAMES: Record<string, string> = { model: "model", locale: "locale", country: "country", population: "stated population", language: "language" };
const groupName = (by: string, g: Group): string => (by === "country" ? country(g.name || null) : g.name || "not stated");

function chart(by: string, groups: Group[], f: Figure, width: number): Node {
  const rows = groups.flatMap((g) => {
    const v = g.metrics.find((m) => m.id === f.id);
    return v && v.value !== null ? [{ name: groupName(by, g), v }] : [];
  });
  const percent = f.unit === "share";
  return plot({
    width, height: rows.length * 36 + 46, marginLeft: width < 480 ? 110 : 180, marginRight: 30, marginBottom: 34,
    x: { domain: percent ? [0, 1] : undefined, nice: true, zero: true }, y: { domain: rows.map((r) => r.name) },
    marks: [
      axisX({ ticks: 5, label: null, tickFormat: percent ? (d: number) => `${Math.round(100 * d)} %` : undefined }),
      axisY({ tickSize: 0, label: null, textOverflow: "ellipsis", lineWidth: width < 480 ? 9 : 14 }),
      ruleX([0], { stroke: "currentColor", strokeOpacity: 0.3 }),
      ruleY(rows, { y: "name", x1: (r) => r.v.lo ?? r.v.value, x2: (r) => r.v.hi ?? r.v.value, stroke: "var(--user)", strokeWidth: 3, strokeOpacity: 0.55 }),
      dot(rows, { y: "name", x: (r) => r.v.value, r: 5.5, fill: "var(--user)", stroke: "var(--surface)",
        title: (r) => `${r.name}: ${value(f, r.v.value)} (${interval(f, r.v)}), n ${r.v.n}` }),
    ],
  });
}

function picker(label: string, options: Child, change: (v: string) => void): HTMLElement {
  return h("label.pick", h("span", label), h("select", { onchange: (e: Event) => change((e.target as HTMLSelectElement).value) }, options));
}

export function groups(app: App): HTMLElement {
  const all = app.meta.groups.filter((g) => g.groups.length > 1), many = app.meta.groups.filter((g) => !g.groups.length);
  const tooMany = many.map((g) => h("p.about", `${num(g.n)} groups by ${NAMES[g.by] ?? g.by} are too many for a picture: refrain report RUN.sqlite --by ${g.by} lists them.`));
  const section = (...body: Child[]) => h("section", { id: "groups", "aria-labelledby": "h-groups" },
    h("h2", { id: "h-groups", tabindex: -1 }, "By model, place and population"), body, tooMany);
  if (!all.length) return section(many.length ? null : h("p.muted", "The records name no two models, places or populations to set side by side."));
  const figures = app.meta.metrics, families = [...new Set(figures.map((f) => f.family))];
  let by = all[0], f = figures[0];
  const into = h("div"), draw = () => {
    const title = `${f.name} by ${NAMES[by.by] ?? by.by}`, of = (g: Group) => g.metrics.find((m) => m.id === f.id);
    const columns: Column[] = [{ head: capital(NAMES[by.by] ?? by.by) }, { head: "Conversations", num: true }, { head: "Episodes", num: true },
      { head: "Value", num: true }, { head: "95 % interval", num: true }, { head: "n", num: true }];
    const cells = (v: Value | undefined): Child[] => (v ? [value(f, v.value), interval(f, v), num(v.n)] : ["–", "–", "–"]);
    set(into, figure(title, [f.about, " The dot is the figure, the line its 95 % interval. To say that one group is worse, ask refrain compare: intervals that part are no test."],
      chart(by.by, by.groups, f, Math.min(760, into.clientWidth || 700)),
      table(title, columns, by.groups.map((g) => [groupName(by.by, g), num(g.conversations), num(g.episodes), ...cells(of(g))]))));
  };
  const list = families.map((name) => h("optgroup", { label: FAMILIES[name] ?? capital(name) },
    figures.filter((x) => x.family === name && x.value !== null).map((x) => h("option", { value: x.id }, x.name))));
  app.watch(draw);
  return section(h("p.about", `Of the whole run, whatever the filter says; intervals from ${num(by.draws)} draws.`),
    h("div.picks", picker("Figure", list, (v) => { f = figures.find((x) => x.id === v)!; draw(); }),
      picker("By", all.map((a, i) => h("option", { value: i }, NAMES[a.by] ?? a.by)), (v) => { by = all[Number(v)]; draw(); })), into);
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
  for (const i of app.shown) {
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
