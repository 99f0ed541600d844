// One conversation, opened: turns with the evidence marked, codes by phase,
// gates. A dialog, so that focus stays inside and Escape closes it.
import { App, gateBadge, gateBadges, quadrantBadge } from "./app";
import { bits, Code, Construct, Contact, Detail, Turn } from "./data";
import { capital, Child, foreign, h, num, plural, set } from "./dom";
import { Mark, pieces } from "./evidence";
import { badValues } from "./path";
import { country } from "./referral";

interface View { row: number; d: Detail; codes: [Construct, Code][]; picked: string; from: number; to: number }

export class Drill {
  private box = h("dialog.drill", { "aria-labelledby": "drill-title" });
  private returnTo: HTMLElement | null = null;
  private warned = false;
  private request = 0;

  constructor(private app: App, private neighbours: (row: number) => [number, number]) {
    document.body.append(this.box);
    this.box.addEventListener("close", () => {
      if (location.hash.startsWith("#case-")) history.replaceState(null, "", "#");
      this.returnTo?.focus();
    });
    this.box.addEventListener("click", (e) => { if (e.target === this.box) this.box.close(); });
    window.addEventListener("hashchange", () => this.fromHash());
    app.open = (row) => this.open(row);
  }

  fromHash(): void {
    const m = /^#case-(\d+)$/.exec(location.hash);
    if (m && Number(m[1]) < this.app.meta.rows) void this.show(Number(m[1]));
    else if (!m && this.box.open) this.box.close();
  }

  open(row: number): void {
    if (!this.box.open) this.returnTo = document.activeElement as HTMLElement;
    if (location.hash === `#case-${row}`) void this.show(row);
    else location.hash = `#case-${row}`;
  }

  private async show(row: number): Promise<void> {
    const mine = ++this.request, d = await this.app.report.detail(this.app.report.row.conv[row]);
    if (mine !== this.request) return;
    const body = h("div.drillbody"), text = d?.turns.some((t) => t.text !== null) ?? false;
    set(this.box, this.head(row), body);
    if (!this.box.open) this.box.showModal();
    this.box.scrollTop = 0;
    if (!d) set(body, this.leftOut(row));
    else if (text && !this.warned) this.warn(body, row, d);
    else this.fill(body, row, d);
    this.box.querySelector<HTMLElement>("#drill-title")!.focus();
  }

  private head(row: number): HTMLElement {
    const { app } = this, r = app.report, c = r.row, [before, after] = this.neighbours(row);
    const move = (to: number, text: string, label: string) => h("button", { disabled: to < 0, onclick: () => this.open(to), "aria-label": label }, text);
    const facts = [
      r.isEpisode(row) ? `${app.rtypeId(c.rtype[row])} ${app.rtype(c.rtype[row])}${c.refusals[row] > 1 ? `, refused ${c.refusals[row]} times` : ""}` : "no refusal",
      c.decision[row] ? `decision: ${app.decision(c.decision[row])}` : "", `risk ${app.riskOf(row)}`, r.of(row, "model"), r.of(row, "locale"),
      r.of(row, "country") ? country(r.of(row, "country")) : "", r.of(row, "population"),
    ].filter(Boolean);
    return h("header.drillhead",
      h("div.drillnav", move(before, "‹ Previous", "Previous in the list"), move(after, "Next ›", "Next in the list"),
        h("button.close", { onclick: () => this.box.close() }, "Close ", h("span", { "aria-hidden": "true" }, "×"))),
      h("h2", { id: "drill-title", tabindex: -1 }, foreign(r.id(c.conv[row]))),
      h("p.badges", quadrantBadge(app, c.quadrant[row]), gateBadges(app, row)),
      h("p.about", foreign(facts.join(" · ")), h("br"), foreign(`${r.of(row, "path")}, record ${r.conv.record[c.conv[row]]}`)));
  }

  private leftOut(row: number): Child {
    const { meta } = this.app;
    return h("div.notice", h("h3", "Codes and turns of this one were left out"),
      h("p", `To keep the file small, the report holds the details of the ${num(meta.detailed)} worst of ${num(meta.convs)} conversations, and of none that alone is longer than four megabytes. Scores and gates above are complete.`),
      h("p", "Read it with ", h("code", foreign(this.explain(row))), ", or make a report with more: ", h("code", "refrain report RUN.sqlite --details N"), "."));
  }

  private explain(row: number): string {
    const r = this.app.report;
    return `refrain explain ${r.of(row, "path")} --record ${r.conv.record[r.row.conv[row]]}`;
  }

  private warn(body: HTMLElement, row: number, d: Detail): void {
    set(body, h("div.notice.warn", h("h3", "Before you read"),
      h("p", "What follows is somebody's conversation about distress; it may speak of suicide, self-harm, abuse or loss. Take your time, and stop when you need to. findahelpline.com lists lines to talk to, by country."),
      h("button.primary", { onclick: () => { this.warned = true; this.fill(body, row, d); this.box.querySelector<HTMLElement>("#drill-title")!.focus(); } }, "Show the conversation")));
  }

  private codesOf(row: number, d: Detail): [Construct, Code][] {
    const { app } = this, e = app.report.row.episode[row];
    const codes = app.report.isEpisode(row) ? d.episodes[e]?.codes : d.outside;
    return app.meta.constructs.flatMap((c): [Construct, Code][] => {
      const code = codes?.get(c.id);
      return code ? [[c, code]] : [];
    });
  }

  private fill(body: HTMLElement, row: number, d: Detail): void {
    const { app } = this, ep = app.report.isEpisode(row) ? d.episodes[app.report.row.episode[row]] : null;
    const v: View = { row, d, codes: this.codesOf(row, d), picked: "", from: ep?.start ?? 0, to: ep?.end ?? d.turns.length };
    const turns = h("div.turns"), codes = h("div.codes");
    const pick = (id: string) => {
      v.picked = v.picked === id ? "" : id;
      const colour = v.picked ? `p${app.report.construct.get(v.picked)!.phase}` : "";
      for (const el of body.querySelectorAll("mark")) {
        const on = (el.dataset.ids ?? "").split(" ").includes(v.picked);
        el.classList.toggle("picked", on);
        for (const [part, end] of [["--k", ""], ["--m", "-soft"]]) // words for several codes take the colour of the chosen one
          if (on) el.style.setProperty(part, `var(--${colour}${end})`);
          else el.style.removeProperty(part);
      }
      for (const el of body.querySelectorAll("button.code")) el.setAttribute("aria-pressed", String((el as HTMLElement).dataset.id === v.picked));
      const first = body.querySelector("mark.picked");
      first?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    };
    set(turns, h("h3", "The conversation"), this.turns(v));
    set(codes, h("h3", "What it was coded as"), this.gates(v), [1, 2, 3, 4, 5].map((p) => this.phase(v, p, pick)));
    set(body, h("div.drillsplit", turns, codes));
  }

  private gates(v: View): Child {
    const of = this.app.report.isEpisode(v.row) ? this.app.report.row.episode[v.row] : null;
    const list = v.d.gates.filter((g) => g.episode === of);
    if (!list.length) return h("p.muted", "No gate fired.");
    return h("ul.gatelist", list.map((g) => {
      const id = Number(g.id.slice(1));
      return h("li", gateBadge(this.app, id, g.status === "confirmed"), h("span", ` ${capital(this.app.gateName(id))}, ${g.status}, turn ${g.turn}`, g.why ? h("small", foreign(g.why)) : null));
    }));
  }

  private phase(v: View, p: number, pick: (id: string) => void): Child {
    const { app } = this, mine = v.codes.filter(([c]) => c.phase === p), coded = mine.filter(([, x]) => x.value !== null && x.value !== undefined);
    if (!mine.length) return null;
    const u = app.report.score(v.row, p, "u"), m = app.report.score(v.row, p, "m");
    const tells = ([c, x]: [Construct, Code]) => x.spans.length > 0 || badValues(c).includes(Number(x.value));
    const here = coded.filter(tells), rest = coded.filter((y) => !tells(y)), none = mine.filter(([, x]) => x.value === null || x.value === undefined);
    const held = app.report.isEpisode(v.row) ? v.d.gates.filter((g) => g.episode === app.report.row.episode[v.row] && (app.meta.words.gate[Number(g.id.slice(1)) - 1][4] >> (p - 1)) & 1) : [];
    const cover = app.report.isEpisode(v.row) ? v.d.episodes[app.report.row.episode[v.row]]?.coverage[p - 1] : null;
    return h("section.phase", { class: `phase ph${p}` },
      h("h4", h("i", { "aria-hidden": "true" }), `P${p} ${app.meta.words.phase[p - 1]}`,
        u === null || m === null ? h("small", "no score: too little to go by") : h("small", `users ${Math.round(u)} · professionals ${Math.round(m)}`, cover !== null && cover !== undefined ? ` · coverage ${Math.round(cover * 100)} %` : ""),
        held.length ? h("small.held", "overridden by ", [...new Map(held.map((g) => [Number(g.id.slice(1)), g.status])).entries()].sort((a, b) => a[0] - b[0]).map(([id, status]) => gateBadge(app, id, status === "confirmed"))) : null),
      h("ul", here.map(([c, x]) => h("li", this.code(c, x, x.spans.length ? pick : null)))),
      rest.length ? h("details", h("summary", `Looked for, nothing to tell: ${rest.length}`), h("ul", rest.map(([c, x]) => h("li", this.code(c, x, null))))) : null,
      none.length ? h("details", h("summary", `Not coded: ${none.length}`), h("ul.plain", none.map(([c, x]) =>
        h("li", c.name, h("small", ` ${new Map(app.meta.words.reason).get(x.reason ?? "") ?? "does not apply"}`))))) : null);
  }

  private code(c: Construct, x: Code, pick: ((id: string) => void) | null): Child {
    const body: Child[] = [h("span.name", c.name), this.value(c, x),
      h("span.how", x.method, x.conf !== undefined && x.method !== "exact" ? ` ${Math.round(x.conf * 100)} %` : "", x.searched ? `, turns ${x.searched[0]} to ${x.searched[1]}` : ""),
      h("span.def", c.definition)];
    return pick ? h("button.code", { "data-id": c.id, "aria-pressed": "false", onclick: () => pick(c.id) }, body, h("span.sr", " Show the words.")) : h("div.code", body);
  }

  private value(c: Construct, x: Code): Child {
    if (c.scale === "ordinal" && typeof x.value === "number") {
      const k = x.value, bad = c.polarity === "negative" ? k >= 2 : c.polarity === "positive" ? k <= 1 : false;
      return h("span.pips", { class: `pips ${bad ? "bad" : ""} ${c.polarity}` }, h("b", `${k}/4`), h("span", { "aria-hidden": "true" }, [1, 2, 3, 4].map((i) => h("i", { class: i <= k ? "on" : "" }))));
    }
    if (c.scale === "binary") return h("b", x.value ? "yes" : "no");
    return h("b", foreign(String(x.value).replaceAll("_", " ")), x.lag !== undefined ? `, after ${plural(x.lag, "turn")}` : "");
  }

  // ---- turns ----

  private turns(v: View): Child {
    const by = new Map<number, Mark[]>();
    for (const [c, x] of v.codes)
      for (const [turn, begin, end] of x.spans) {
        if (!by.has(turn)) by.set(turn, []);
        by.get(turn)!.push({ id: c.id, begin, end });
      }
    const item = (t: Turn, i: number) => this.turn(t, i, by.get(i) ?? []);
    const before = v.d.turns.slice(0, v.from).map((t, i) => item(t, i));
    const inside = v.d.turns.slice(v.from, v.to + 1).map((t, i) => item(t, v.from + i));
    const after = v.d.turns.slice(v.to + 1).map((t, i) => item(t, v.to + 1 + i));
    const fold = (list: Child[], what: string) => (list.length ? h("details.fold", h("summary", `${plural(list.length, "turn")} ${what}`), h("ol", list)) : null);
    return [this.hasText(v) ? null : h("p.notice", "Text was not stored; marks are positions, in bytes. To see the words: ", h("code", foreign(this.explain(v.row)))),
      fold(before, "before the episode"), h("ol", inside), fold(after, "after the episode")];
  }

  private hasText(v: View): boolean {
    return v.d.turns.some((t) => t.text !== null);
  }

  private turn(t: Turn, i: number, marks: Mark[]): HTMLElement {
    const facts = t.role === "assistant"
      ? [t.rtype && t.rtype !== "none" ? `${t.rtype} ${this.app.meta.words.rtype.find(([id]) => id === t.rtype)?.[1] ?? ""}` : "", t.decision ? this.app.meta.words.decision.find(([id]) => id === t.decision)?.[1] ?? "" : ""]
      : t.role === "user" ? [`risk ${t.risk === null ? "–" : t.risk < 0 ? "X" : t.risk}`, ...bits(t.flags).map((b) => this.app.meta.words.flag[b]?.[1] ?? "")] : [];
    const refused = t.role === "assistant" && !!t.rtype && t.rtype !== "none";
    return h("li", { class: `turn ${t.role} ${refused ? "refused" : ""}` },
      h("p.who", h("b", `${i} `, t.role), foreign(facts.filter(Boolean).join(" · "), "facts"), t.time ? h("time", t.time.replace("T", " ").replace("Z", "")) : null),
      t.text === null ? this.positions(marks) : t.text === "" ? h("p.muted", "(empty)") : h("p.said", { dir: "auto" }, this.marked(t.text, marks)),
      t.contacts.map((c) => this.contact(c)));
  }

  private marked(text: string, marks: Mark[]): Child {
    return pieces(text, marks).map((p) => {
      if (!p.ids.length) return p.text;
      const names = p.ids.map((id) => this.app.report.construct.get(id)!), about = names.map((c) => c.name).join(", ");
      return h("mark", { class: `ph${names[0].phase}`, "data-ids": p.ids.join(" "), title: about }, p.text, h("span.sr", ` (evidence: ${about}) `));
    });
  }

  private positions(marks: Mark[]): Child {
    if (!marks.length) return h("p.muted", "no evidence here");
    return h("ul.positions", marks.map((m) => {
      const c = this.app.report.construct.get(m.id)!;
      return h("li", h("mark", { class: `ph${c.phase}`, "data-ids": m.id }, c.name), ` bytes ${m.begin} to ${m.end}`);
    }));
  }

  private contact(c: Contact): HTMLElement {
    const words = this.app.meta.words.contact.find(([id]) => id === c.status)?.[1] ?? c.status, good = ["verified", "alias", "emergency"].includes(c.status);
    return h("p.contactline", h("span.sign", { class: `sign ${good ? "good" : c.status === "unknown" ? "open" : "bad"}`, "aria-hidden": "true" }, good ? "✓" : c.status === "unknown" ? "?" : "✕"),
      foreign(c.text, "contact"), `: ${words}`, c.country ? `, ${country(c.country)}` : "", c.stale ? ", evidence is old" : "",
      c.instead ? ["; right would be ", foreign(c.instead, "contact")] : null);
  }
}
