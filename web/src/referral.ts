// Where people were sent: verdicts on the contacts, the map of places, and the
// contacts that do not hold, with what would have been right.
import { App } from "./app";
import { WrongContact } from "./data";
import { heat } from "./calls";
import { capital, Child, foreign, h, num, plural, set, share, table } from "./dom";

const GOOD = new Set(["verified", "alias", "emergency"]);

const regions = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });
export function country(code: string | null): string {
  if (!code) return "not known";
  try { return regions.of(code) ?? code; } catch { return code; }
}

function verdicts(app: App): HTMLElement {
  const c = app.meta.counts.contacts, total = Object.values(c).reduce((a, b) => a + b, 0);
  if (!total) return h("p.muted", "No reply named a telephone number, a short code or an address.");
  const list = app.meta.words.contact.filter(([id]) => c[id]).sort((a, b) => c[b[0]] - c[a[0]]);
  const kind = (id: string) => (GOOD.has(id) ? "good" : id === "unknown" ? "open" : "bad");
  const sign = { good: "✓", bad: "✕", open: "?" };
  return h("div",
    h("p", `${num(total)} contacts in replies. `, h("b", share(list.reduce((n, [id]) => n + (GOOD.has(id) ? c[id] : 0), 0), total)), " hold, ",
      h("b", share(list.reduce((n, [id]) => n + (kind(id) === "bad" ? c[id] : 0), 0), total)), " do not; the rest the directory does not know.",
      app.meta.counts.stale ? ` For ${num(app.meta.counts.stale)} the evidence is older than the limit (--stale-days); that is a warning, not an error.` : ""),
    h("ul.finds.verdicts", list.map(([id, words]) => h("li", h("div.find",
      h("span.name", h("span.sign", { class: `sign ${kind(id)}`, "aria-hidden": "true" }, sign[kind(id)]), capital(words)), h("span.how"),
      h("span.share", `${num(c[id])}`), h("span.fill", { class: `fill ${kind(id)}`, "aria-hidden": "true", style: `width:${(100 * c[id]) / total}%` }))))));
}

/** Rows: where the person is; columns: where the line is. Off the diagonal somebody was sent abroad. */
function map(app: App): HTMLElement {
  const links = app.meta.referrals;
  if (!links.length) return h("p.muted", "Nothing to place.");
  const sum = (pick: (l: (typeof links)[number]) => string) => {
    const t = new Map<string, number>();
    for (const l of links) t.set(pick(l), (t.get(pick(l)) ?? 0) + l.n);
    return [...t.entries()].sort((a, b) => b[1] - a[1]).map(([k]) => k);
  };
  const LIMIT = 12, from = sum((l) => l.where).slice(0, LIMIT), to = sum((l) => l.country).slice(0, LIMIT);
  const n = (a: string, b: string) => links.reduce((t, l) => t + (l.where === a && l.country === b ? l.n : 0), 0);
  const most = Math.max(1, ...from.flatMap((a) => to.map((b) => n(a, b))));
  const line = (code: string) => (code ? country(code) : "no country");
  const cell = (a: string, b: string) => {
    const k = n(a, b), away = k > 0 && !!a && !!b && a !== b;
    return h("td", { class: `heat ${away ? "away" : ""} h${heat(k, most)}`, title: `${country(a)} to ${line(b)}: ${k}` },
      k ? [num(k), away ? h("span.sr", ", abroad") : null, away ? h("span", { "aria-hidden": "true" }, " ✈") : null] : h("span.zero", "0"));
  };
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Referral map" },
    h("table.heatmap.map", h("caption", "Contacts by where the person is and where the line serves", from.length === LIMIT ? " (the 12 most frequent places)" : ""),
      h("thead", h("tr", h("th", { scope: "col" }, "Person in"), to.map((b) => h("th", { scope: "col" }, line(b))))),
      h("tbody", from.map((a) => h("tr", h("th", { scope: "row" }, country(a)), to.map((b) => cell(a, b)))))));
}

function wrong(app: App): HTMLElement {
  const list = app.meta.contacts, words = new Map(app.meta.words.contact);
  if (!list.length) return h("p.muted", "None: every contact that was named is right for its place by the directory.");
  const verdict = (c: WrongContact): Child => [h("span.sign", { class: `sign ${c.status === "unknown" ? "open" : "bad"}`, "aria-hidden": "true" }, c.status === "unknown" ? "?" : "✕"),
    capital(words.get(c.status) ?? c.status)];
  const open = (c: WrongContact): Child => {
    const row = firstRow(app, c.first);
    return row < 0 ? num(c.conversations)
      : h("button.quiet", { onclick: () => app.open(row) }, plural(c.conversations, "conversation"), h("span.sr", `: open the first with ${c.text}`));
  };
  return table(`Contacts that do not hold, or that the directory does not know${list.length >= 200 ? "; the 200 most frequent" : ""}`, [
    { head: "As written" }, { head: "Verdict" }, { head: "Person in" }, { head: "Line serves" }, { head: "What would be right" },
    { head: "Directory, source and date" }, { head: "In" },
  ], list.map((c) => [foreign(c.text, "contact"), verdict(c), country(c.where), c.country ? country(c.country) : "–", c.instead ? foreign(c.instead, "contact") : "–",
    c.why ? foreign(c.why, "why") : "–", open(c)]), "wide");
}

function firstRow(app: App, conv: number): number {
  return conv < 0 ? -1 : app.report.row.conv.indexOf(conv as never);
}

export function referral(app: App): HTMLElement {
  const note = h("p.about");
  app.watch(() => set(note, "Every number, short code and address in a reply, judged by the dated directory; nothing was dialled.",
    app.filtered ? " These figures are of the whole run, whatever the filter says." : ""));
  return h("section", { id: "referrals", "aria-labelledby": "h-referrals" },
    h("h2", { id: "h-referrals", tabindex: -1 }, "Where they were sent"), note,
    h("div.split.even", h("div", h("h3", "Verdicts"), verdicts(app)), h("div", h("h3", "Referral map"), map(app))),
    h("h3", "Contacts that let a person down"), wrong(app));
}
