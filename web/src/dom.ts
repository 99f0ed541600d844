// Building the page. Everything that comes from data becomes a text node or an
// attribute value; nothing in this program parses HTML at run time.

export type Child = Node | string | number | null | undefined | false | Child[];
type Props = Record<string, unknown>;

/** h("button.link", {onclick, "aria-label": …}, children…): tag and classes, attributes or on… handlers, content. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K | `${K}.${string}`, ...rest: (Props | Child)[]): HTMLElementTagNameMap[K] {
  const [name, ...classes] = tag.split(".");
  const el = document.createElement(name as K);
  if (classes.length) el.className = classes.join(" ");
  fill(el, rest);
  return el;
}

const SVG = "http://www.w3.org/2000/svg";
export function s<K extends keyof SVGElementTagNameMap>(tag: K, ...rest: (Props | Child)[]): SVGElementTagNameMap[K] {
  const el = document.createElementNS(SVG, tag);
  fill(el, rest);
  return el;
}

function fill(el: Element, rest: (Props | Child)[]): void {
  for (const x of rest) {
    if (x && typeof x === "object" && !(x instanceof Node) && !Array.isArray(x)) attributes(el, x as Props);
    else add(el, x as Child);
  }
}

function attributes(el: Element, props: Props): void {
  for (const [k, v] of Object.entries(props)) {
    if (v === null || v === undefined || v === false) continue;
    if (k.startsWith("on")) el.addEventListener(k.slice(2), v as EventListener);
    else el.setAttribute(k, v === true ? "" : String(v));
  }
}

export function add(el: Element, child: Child): void {
  if (Array.isArray(child)) child.forEach((c) => add(el, c));
  else if (child instanceof Node) el.append(child);
  else if (child !== null && child !== undefined && child !== false) el.append(document.createTextNode(String(child)));
}

export function set(el: Element, ...children: Child[]): void {
  el.replaceChildren();
  add(el, children);
}

/** Text that a stranger wrote: kept apart, so that its direction cannot turn the words around it. */
export const foreign = (text: string, cls = ""): HTMLElement => h("bdi", cls ? { class: cls } : {}, text);

// ---- figures in words ----

const group = new Intl.NumberFormat("en-GB");
export const num = (n: number): string => group.format(n);

export function share(n: number, of: number): string {
  if (!of) return "–";
  const p = (100 * n) / of;
  return p > 0 && p < 1 ? "<1 %" : p > 99 && p < 100 ? ">99 %" : `${Math.round(p)} %`;
}

export const plural = (n: number, one: string, many = one + "s"): string => `${num(n)} ${n === 1 ? one : many}`;
export const capital = (t: string): string => t.charAt(0).toUpperCase() + t.slice(1);

// ---- tables ----

export interface Column { head: Child; num?: boolean; title?: string }

export function table(caption: string, columns: Column[], rows: Child[][], cls = ""): HTMLElement {
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": caption },
    h("table", { class: cls }, h("caption", caption),
      h("thead", h("tr", columns.map((c) => h("th", { scope: "col", class: c.num ? "num" : null, title: c.title }, c.head)))),
      h("tbody", rows.map((r) => h("tr", r.map((v, i) =>
        i === 0 ? h("th", { scope: "row" }, v) : h("td", { class: columns[i].num ? "num" : null }, v)))))));
}

/** A drawing with its words: the drawing is hidden from screen readers, who get the same figures as a table. */
export function figure(title: string, about: Child, drawing: Node, data: HTMLElement, extra?: Child): HTMLElement {
  return h("figure.figure",
    h("figcaption", h("h3", title), about ? h("p.about", about) : null),
    extra, h("div.drawing", { "aria-hidden": "true" }, drawing),
    h("details.data", h("summary", "The figures as a table", h("span.sr", `: ${title}`)), data));
}
