// How the figures came about, and what they do not say.
import { App } from "./app";
import { foreign, h, num, plural } from "./dom";

const LIMITS = [
  ["Scores describe text, not people.", "They are codes by a codebook, with the words they rest on. The risk level is evidence in the text; it is no assessment, and not to be used on a person."],
  ["No clinician has validated them.", "The labels behind the models were made by two language models with the codebook. docs/accuracy.md says how close refrain comes to those labels."],
  ["Suspected is not confirmed.", "A gate is confirmed when every input is structural or exact. A model or a word list decided a suspected one: a person should read it before it counts."],
  ["Not clinical outcomes.", "What a person wrote next is no measure of harm or benefit. Silence is censored, not counted as harm. With simulated users the last phase says what a script wrote."],
  ["English only; not legal advice.", "Cues and models are English. G10 speaks only where a jurisdiction was given, from a dated research summary."],
  ["Not the paper's.", "arXiv:2602.01694 names the five phases; constructs, weights and gates are this project's and provisional."],
];

export function method(app: App): HTMLElement {
  const { run, counts } = app.meta;
  const fact = (k: string, ...v: (string | Node | null)[]) => h("div", h("dt", k), h("dd", v));
  // Limits say what is read, not how it is judged.
  const options = Object.entries(run.options).filter(([k, v]) => v !== null && v !== 0 && !k.startsWith("max-"));
  const warnings = Object.entries(counts.warnings);
  return h("section", { id: "method", "aria-labelledby": "h-method" },
    h("h2", { id: "h-method", tabindex: -1 }, "Method and limits"),
    h("div.split.even",
      h("div", h("h3", "What these figures do not say"), h("ul.limits", LIMITS.map(([a, b]) => h("li", h("b", a), ` ${b}`)))),
      h("div", h("h3", "This run"), h("dl.facts",
        fact("Read", foreign(run.source.join(", ")), `: ${plural(counts.conversations, "conversation")}, ${plural(counts.turns, "turn")}`),
        fact("Not read", counts.rejected ? `${plural(counts.rejected, "record")} rejected, to be found in the store's table reject` : "nothing was rejected"),
        warnings.length ? fact("Warnings", warnings.map(([k, n]) => `${k.replaceAll("_", " ")} ${num(n)}`).join(", ")) : null,
        fact("Program", `refrain ${run.version}`), fact("Pack", `${run.pack}, ${run.pack_hash}`),
        fact("Helpline directory", `${run.directory}, judged as of ${run.as_of}`),
        options.length ? fact("Options", h("code", foreign(options.map(([k, v]) => `${k}=${typeof v === "string" ? v : JSON.stringify(v)}`).join(" ")))) : null,
        fact("Run begun", run.started, run.whole ? null : "; it was cut short, so this is not all of it"),
        counts.simulated ? fact("Simulated", `in ${plural(counts.simulated, "conversation")} a model wrote the user's turns`) : null, fact("Text", run.text ? "stored with the run, and in this file: keep it as you keep the conversations" : "not stored; this file holds codes and positions"),
        fact("Details", app.meta.detailed < app.meta.convs
          ? `codes and turns of the ${num(app.meta.detailed)} worst of ${num(app.meta.convs)} conversations; scores and gates of all`
          : "codes and turns of every conversation listed")),
        h("p", "How each figure is defined: docs/scores.md, docs/constructs.md and docs/reading-a-report.md in refrain."))));
}
