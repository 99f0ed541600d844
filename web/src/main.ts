// The page that `refrain report` writes: reads the data in it, draws the parts
// in the order in which somebody would ask, and keeps one filter for all.
import { App } from "./app";
import { bar } from "./bar";
import { calls } from "./calls";
import { Report } from "./data";
import { Drill } from "./detail";
import { add, foreign, h, num, plural, set } from "./dom";
import { episodes } from "./episodes";
import { framing } from "./framing";
import { groups, metrics, time } from "./groups";
import { headline } from "./headline";
import { method } from "./method";
import { outcome } from "./outcome";
import { path } from "./path";
import { referral } from "./referral";

const PARTS = [
  ["gates", "Gates"], ["path", "Path"], ["calls", "Calls"], ["framing", "Wording"], ["referrals", "Referrals"], ["next", "Next"],
  ["time", "Time"], ["groups", "Groups"], ["figures", "Figures"], ["episodes", "Episodes"], ["method", "Method"],
] as const;

// ---- light and dark: the system's choice until somebody makes another ----

const system = matchMedia("(prefers-color-scheme: dark)");
let chosen: "auto" | "light" | "dark" = "auto";

function applyTheme(): void {
  document.documentElement.dataset.theme = chosen === "auto" ? (system.matches ? "dark" : "light") : chosen;
}

function themeButton(): HTMLElement {
  const label = h("span", "Theme: auto");
  return h("button.quiet", { id: "theme", onclick: () => {
    chosen = chosen === "auto" ? "light" : chosen === "light" ? "dark" : "auto";
    label.textContent = `Theme: ${chosen}`;
    applyTheme();
  } }, label);
}

function masthead(app: App): HTMLElement {
  const { run, counts } = app.meta, models = app.meta.dict.model.filter(Boolean);
  const name = run.source.join(", ") || "a run";
  document.title = `refrain: ${name}`;
  return h("header.masthead",
    h("div.brand", h("span.word", "refrain"), themeButton()),
    h("h1", "How refusals were experienced"),
    h("p.source", foreign(name), ` · ${plural(counts.conversations, "conversation")}, ${plural(counts.episodes, "refusal episode")}`,
      models.length ? [" · ", foreign(models.length > 4 ? `${num(models.length)} models` : models.join(", "))] : null, ` · ${run.started.slice(0, 10)}`),
    h("p.caution", "This report is about conversations in distress. It shows words only after you ask for them. Scores describe text; no clinician has validated them."));
}

function nav(): HTMLElement {
  return h("nav.parts", { "aria-label": "Parts of the report" }, h("ul", PARTS.map(([id, name]) => h("li", h("a", { href: `#${id}` }, name)))));
}

function redrawOnResize(app: App): void {
  let width = innerWidth, timer = 0;
  addEventListener("resize", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => { if (innerWidth !== width) width = innerWidth, app.changed(); }, 200);
  });
}

async function start(): Promise<void> {
  const root = document.getElementById("app")!, app = new App(await Report.read());
  const list = episodes(app), main = h("main", { id: "main", tabindex: -1 });
  set(root, masthead(app), nav(), bar(app), main);
  for (const part of [headline, path, calls, framing, referral, outcome, time, groups, metrics]) add(main, part(app));
  add(main, [list.element, method(app)]);
  app.changed();
  const drill = new Drill(app, list.neighbours);
  redrawOnResize(app);
  drill.fromHash();
  document.documentElement.dataset.ready = "yes";
}

system.addEventListener("change", applyTheme);
applyTheme();
start().catch((e: unknown) => {
  set(document.getElementById("app")!, h("main", { id: "main", class: "wait" },
    h("h1", "This report cannot be shown"), h("p", { role: "alert" }, e instanceof Error ? e.message : String(e)),
    h("p", "The file may have been cut short, or the browser is older than 2023. ", h("code", "refrain report RUN.sqlite --format md"), " says the same in words.")));
});
