// What people did next, by how they had been refused: a flow from quadrants to
// reactions, and the same as a table whose figures open their episodes.
import { App } from "./app";
import { FOLLOWED } from "./data";
import { capital, figure, h, num, s, set, share } from "./dom";
import { heat } from "./calls";

const FROM = [1, 2, 3, 4, 0];
// From what closes the door to what goes on; order of the table and the flow.
const TO = ["escal", "exit", "withdraw", "shame", "anger", "bypass", "switch", "retry", "barr", "continue", "accept", "uptake"];
const OTHER = 12, SILENT = 13; // wrote again, and none of these was seen; no user turn follows
const PAD = 12; // half a line of words above the first and below the last

interface Flow { n: number[][]; part: number[][]; of: number[] }

/** n counts an episode once for every reaction; part splits it, so that the flow adds up. */
function count(app: App): Flow {
  const { quadrant, next } = app.report.row, grid = () => Array.from({ length: 5 }, () => new Array<number>(14).fill(0));
  const f: Flow = { n: grid(), part: grid(), of: [0, 0, 0, 0, 0] };
  for (const i of app.shown) {
    const q = quadrant[i], mask = next[i];
    f.of[q]++;
    let k = 0;
    for (let b = 0; b < 12; b++) k += (mask >> b) & 1;
    const none = mask & FOLLOWED ? OTHER : SILENT;
    if (!k) f.n[q][none]++, f.part[q][none]++;
    for (let b = 0; b < 12; b++) if ((mask >> b) & 1) f.n[q][b]++, f.part[q][b] += 1 / k;
  }
  return f;
}

function order(app: App, f: Flow): number[] {
  const at = TO.map((id) => app.meta.words.next.findIndex(([x]) => x === id));
  return [...at, OTHER, SILENT].filter((b) => b >= 0 && FROM.some((q) => f.n[q][b]));
}

const label = (app: App, b: number): string => (b === SILENT ? "The record ends" : b === OTHER ? "Wrote something else" : capital(app.meta.words.next[b][1]));
const side = (app: App, q: number): string => (q ? capital(app.quadrant(q)) : "Not placed");

function drawing(app: App, f: Flow, width: number): SVGSVGElement {
  const from = FROM.filter((q) => f.of[q]), to = order(app, f), total = f.of.reduce((a, b) => a + b, 0);
  const narrow = width < 560, left = narrow ? 96 : 218, right = narrow ? 104 : 190, gap = 14;
  const height = Math.max(320, to.length * 34), usable = height - 2 * PAD - gap * Math.max(from.length - 1, to.length - 1), unit = usable / Math.max(1, total);
  const place = (sizes: number[]) => {
    const used = sizes.reduce((a, b) => a + b * unit, 0) + gap * (sizes.length - 1);
    let y = (height - used) / 2;
    return sizes.map((n) => { const at = y; y += n * unit + gap; return at; });
  };
  const sizeTo = to.map((b) => from.reduce((t, q) => t + f.part[q][b], 0));
  const yFrom = place(from.map((q) => f.of[q])), yTo = place(sizeTo), a = [...yFrom], b = [...yTo];
  const x0 = left, x1 = width - right, mid = (x0 + x1) / 2;
  const bands = from.flatMap((q, i) => to.map((t, j) => {
    const n = f.part[q][t] * unit;
    if (!n) return null;
    const ya = a[i] + n / 2, yb = b[j] + n / 2;
    a[i] += n; b[j] += n;
    return s("path", { d: `M${x0 + 10},${ya}C${mid},${ya} ${mid},${yb} ${x1 - 10},${yb}`, "stroke-width": Math.max(n, 0.75), class: `band q${q}` },
      s("title", `${side(app, q)}, then ${label(app, t).toLowerCase()}: ${num(f.n[q][t])}`));
  }));
  const words = (t: string, x: number, y: number, anchor: string, n: number) => {
    const parts = narrow && t.length > 14 ? split(t) : [t];
    return s("text", { x, y: y - (parts.length - 1) * 7, "text-anchor": anchor, "dominant-baseline": "middle" },
      parts.map((p, k) => s("tspan", { x, dy: k ? 14 : 0 }, p + (k === parts.length - 1 ? ` ${num(n)}` : ""))));
  };
  return s("svg", { class: "flow", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, bands,
    from.map((q, i) => [s("rect", { x: x0, y: yFrom[i], width: 10, height: Math.max(f.of[q] * unit, 1), class: `node q${q}` }),
      words(side(app, q), x0 - 8, yFrom[i] + (f.of[q] * unit) / 2, "end", f.of[q])]),
    to.map((t, j) => [s("rect", { x: x1 - 10, y: yTo[j], width: 10, height: Math.max(sizeTo[j] * unit, 1), class: "node" }),
      words(label(app, t), x1 + 8, yTo[j] + (sizeTo[j] * unit) / 2, "start", from.reduce((n, q) => n + f.n[q][t], 0))]));
}

function split(t: string): string[] {
  const at = t.indexOf(" ", t.length / 2 - 3);
  return at < 0 ? [t] : [t.slice(0, at), t.slice(at + 1)];
}

function grid(app: App, f: Flow): HTMLElement {
  const to = order(app, f), from = FROM.filter((q) => f.of[q]), most = Math.max(1, ...from.flatMap((q) => to.map((t) => f.n[q][t] / f.of[q])));
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": "What they did next, by quadrant" },
    h("table.heatmap.map", h("caption", "Episodes of a quadrant after which a person did this. One episode may count in several columns."),
      h("thead", h("tr", h("th", { scope: "col" }, "After"), to.map((t) => h("th", { scope: "col" }, label(app, t))), h("th", { scope: "col" }, "n"))),
      h("tbody", from.map((q) => h("tr", h("th", { scope: "row" }, side(app, q)), to.map((t) => {
        const n = f.n[q][t];
        return h("td", { class: `heat h${heat(n / f.of[q], most)}` }, n
          ? h("button", { disabled: t >= OTHER, onclick: () => app.show((x) => { x.set.quadrant = new Set([q]); x.set.next = new Set([t]); }) },
              num(n), h("small", ` ${share(n, f.of[q])}`), h("span.sr", ` ${side(app, q)}, then ${label(app, t)}; show`))
          : h("span.zero", "0"));
      }), h("td.num", num(f.of[q])))))));
}

export function outcome(app: App): HTMLElement {
  const into = h("div");
  app.watch(() => {
    const f = count(app), n = app.countEpisodes();
    set(into, n ? figure("From how it was refused to what came next",
      "An episode with several reactions is split between them in the drawing; the figures beside the names count it in each.",
      drawing(app, f, into.clientWidth || 900), grid(app, f)) : h("p.muted", "No episode is shown."));
    into.querySelector("details")?.setAttribute("open", "");
  });
  return h("section", { id: "next", "aria-labelledby": "h-next" },
    h("h2", { id: "h-next", tabindex: -1 }, "What people did next"),
    h("p.about", "What they wrote after the refusal. Silence is not harm: it means the record ends. With simulated users this says what a script wrote."), into);
}
