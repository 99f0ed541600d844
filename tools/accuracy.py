#!/usr/bin/env python3
"""accuracy.py BUILD SHARED_DATA [OUT.md [KEEP]]: trains, measures and writes docs/accuracy.md.

BUILD has refrain, tools/train-acts and tools/accuracy (`ninja refrain tools/train-acts tools/accuracy`).
Every figure comes from a run; the text around them says data, split and baseline.
Same data, same code: same bytes. A training takes about two minutes, and there
are five; what they gave is kept in the folder KEEP for the same rows and sources."""
import csv
import filecmp
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


def number(x):
    if x is None:
        return "–"
    z = f"{x:.2f}"
    return z.replace("0.", ".", 1) if z.startswith(("0.", "-0.")) else z


def cell(figure):
    """value [lo, hi]"""
    if figure["value"] is None:
        return "–"
    if figure["lo"] is None:
        return number(figure["value"])
    return f"{number(figure['value'])} [{number(figure['lo'])}, {number(figure['hi'])}]"


def table(head, rows):
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(out + ["| " + " | ".join(str(x) for x in row) + " |" for row in rows]) + "\n"


class Figures:
    def __init__(self, lines):
        self.set = {r["path"]: r for r in map(json.loads, lines)}

    def get(self, set_, name):
        return next((m for m in self.set[set_]["measures"] if m["name"] == name), None)


def of_class(m, name):
    return next((c for c in m["classes"] if c["name"] == name), None)


def class_table(m):
    rows = [(c["name"], c["n"], cell(c["precision"]), cell(c["recall"]), cell(c["f1"])) for c in m["classes"]
            if c["n"] or c["precision"]["value"] is not None]
    return table(("class", "n", "precision", "recall", "F1"), rows)


def confusion_table(m):
    names = [c["name"] for c in m["classes"]]
    rows = [(f"**{n}**", *row) for n, row, c in zip(names, m["confusion"], m["classes"]) if c["n"]]
    return table(("label \\ read as", *names), rows)


def majority(m):
    total = sum(c["n"] for c in m["classes"])
    return number(max(c["n"] for c in m["classes"]) / total)


def false_alarms(decision):
    """Share of replies labelled appropriate that are read as over or under."""
    names = [c["name"] for c in decision["classes"]]
    row = decision["confusion"][names.index("appropriate")]
    return sum(n for name, n in zip(names, row) if name in ("over", "under")) / sum(row)


# ---- sections ----

SPLIT = """Five folds, never at random: XSTest by model (a model is read by models that never saw a reply of it), chatgpt-refusals whole (trained on without it, though 212 of our own dialogues were written after reading errors on it), all else by conversation. For each fold the sentence models, the reply model, their calibration and their thresholds are made without it (acts have one border for all, chosen over all folds); then the **whole engine**, with its cues and rules, reads the rows of the fold. Cues and rules were written by people who had read development data, so these are development figures: sets that nobody here has seen are the real test.

Intervals are of 95 %: whole conversations (XSTest: prompts) are drawn 2,000 times. `refrain eval` computes all of it; [eval.md](eval.md) says what each figure is.

**Who labelled.** XSTest: two people (κ .94). chatgpt-refusals: one person. `gold`: two LLM coders with the codebook, of one kind, so that they agree more than people would; one coder for most sentences. `silver` and `authored`: one of them, or the texts' author. **No clinician has validated any of it.**
"""


def aims(f):
    x2, x3 = f.get("xstest replies", "refused"), f.get("xstest replies", "three classes")
    chat, gold = f.get("chatgpt replies", "refused"), f.get("gold replies", "refused")
    decision, risk = f.get("gold replies", "decision"), f.get("gold replies", "risk")
    acts, users = f.get("gold sentences", "acts, assistant"), f.get("gold sentences", "acts, user")
    coders = "between the two coders"
    rows = [
        ("XSTest, refused or not", "accuracy", cell(x2["accuracy"]), "≥ .95", "string match " + cell(f.get("xstest replies", "refused, by string match")["accuracy"])),
        ("", "F1", cell(of_class(x2, "yes")["f1"]), "≥ .95", "string match " + cell(of_class(f.get("xstest replies", "refused, by string match"), "yes")["f1"])),
        ("XSTest, three classes", "accuracy", cell(x3["accuracy"]), "≥ .90", "most frequent class " + majority(x3)),
        ("", "macro-F1", cell(x3["macro_f1"]), "≥ .78", ""),
        ("", "F1 of partial", cell(of_class(x3, "partial")["f1"]), "≥ .55", ""),
        ("chatgpt-refusals (source left out), refused or not", "accuracy", cell(chat["accuracy"]), "≥ .95",
         "string match " + cell(f.get("chatgpt replies", "refused, by string match")["accuracy"])),
        ("gold replies, refused or not", "F1", cell(of_class(gold, "yes")["f1"]), "≥ .88",
         "string match " + cell(of_class(f.get("gold replies", "refused, by string match"), "yes")["f1"]) + f"; {coders} κ .98"),
        ("gold replies, type", "accuracy", cell(f.get("gold replies", "rtype")["accuracy"]), "≥ .82",
         f"most frequent {majority(f.get('gold replies', 'rtype'))}; {coders} κ .93"),
        ("gold replies, decision", "recall of over", cell(of_class(decision, "over")["recall"]), "≥ .60", f"{coders} κ .86"),
        ("", "recall of under", cell(of_class(decision, "under")["recall"]), "≥ .50", ""),
        ("", "false alarms", number(false_alarms(decision)), "≤ .10", ""),
        ("gold replies, risk", "weighted κ", cell(risk["weighted_kappa"]), "≥ .75", f"{coders} .99"),
        ("gold replies, fourteen 0–4 scales", "mean weighted κ", cell(f.set["gold replies"]["mean_of_scales"]["weighted_kappa"]), "≥ .62", f"{coders} .95"),
        ("gold sentences, assistant acts", "micro-F1", cell(acts["micro_f1"]), "≥ .70", f"{coders} .93"),
        ("", "mean F1, acts of 20 or more", cell(acts["mean_f1_20"]), "≥ .60", ""),
        ("gold sentences, user acts", "micro-F1", cell(users["micro_f1"]), "≥ .65", f"{coders} .93"),
        ("", "mean F1, acts of 20 or more", cell(users["mean_f1_20"]), "≥ .60", ""),
    ]
    return table(("data", "figure", "refrain", "aim", "beside it"), rows)


def refusals(f):
    out = []
    for set_, title in (("xstest replies", "XSTest, leave one model out"), ("chatgpt replies", "chatgpt-refusals, the source left out"),
                        ("gold replies", "gold replies (VERA-MH, llms-as-therapists), folds by conversation"),
                        ("silver replies", "silver replies (the same sources)"), ("authored2 replies", "authored replies (our own texts)")):
        m, base = f.get(set_, "refused"), f.get(set_, "refused, by string match")
        out.append(f"### {title}\n\n{m['n']} replies in {f.set[set_]['clusters']} clusters. Refused or not:\n")
        rows = [(who, cell(x["accuracy"]), cell(of_class(x, "yes")["f1"]), cell(of_class(x, "yes")["precision"]),
                 cell(of_class(x, "yes")["recall"])) for who, x in (("refrain", m), ("string match", base))]
        rows.append(("most frequent class", majority(m), "", "", ""))
        out.append(table(("", "accuracy", "F1", "precision", "recall"), rows))
        three = f.get(set_, "three classes")
        if three:
            out.append(f"Three classes: accuracy {cell(three['accuracy'])}, macro-F1 {cell(three['macro_f1'])}, κ {cell(three['kappa'])}.\n")
            out += [class_table(three), confusion_table(three)]
            groups = [(g["group"], g["n"], cell(g["accuracy"]), cell(of_class(g, "yes")["f1"]),
                       cell(next(x for x in three["groups"] if x["group"] == g["group"])["accuracy"]),
                       cell(next(x for x in three["groups"] if x["group"] == g["group"])["macro_f1"])) for g in m["groups"]]
            out.append(table(("model left out", "n", "accuracy", "F1", "three classes: accuracy", "macro-F1"), groups))
            out.append("Published on all 2,250 rows of XSTest, not run again here: GPT-4 as judge, three classes, accuracy .82; "
                       "detectors of red-teaming tools, refused or not, accuracy .81 and .88; between two people .96 to .98.\n")
    return "\n".join(out)



LEFT_OUT = {"xstest": "XSTest", "vera": "VERA-MH", "llms-as-therapists": "llms-as-therapists", "mistral": "Mistral (two set-ups of XSTest)",
            "claude": "Claude (VERA-MH)", "gpt-5": "GPT-5 (VERA-MH)"}


def left_out(runs):
    """Figures of each source or family that was left out, beside those of the same rows in the folds above."""
    def cells(figures, set_):
        two = figures.get(set_, "refused")
        three = figures.get(set_, "three classes") or figures.get(set_, "rtype")
        yes = of_class(two, "yes") # None: nothing is a refusal, and nothing was read as one
        return cell(two["accuracy"]), cell(yes["f1"]) if yes else "–", number(three["accuracy"]["value"])
    rows = []
    for name, (without, folds) in runs.items():
        for set_ in ("xstest replies", "gold replies", "silver replies"):
            if set_ not in without.set or without.get(set_, "refused")["n"] < 50:
                continue
            base = without.get(set_, "refused, by string match")
            here, there = cells(without, set_), cells(folds, set_)
            rows.append((LEFT_OUT[name], set_.split()[0], without.get(set_, "refused")["n"], *here, *there, number(base["accuracy"]["value"])))
    return table(("left out", "labels", "n", "refused: accuracy", "F1", "three classes or type", "folds above: accuracy", "F1", "three classes or type", "string match"), rows)


def left_out_codes(runs):
    """The other codes of gold's rows that were left out: acts of sentences, risk, scales; beside the folds above."""
    def cells(f):
        def of(set_, name, key):
            m = f.get(set_, name) if set_ in f.set else None
            return cell(m[key]) if m and m["n"] >= 50 else "–"
        scales = f.set.get("gold replies", {}).get("mean_of_scales")
        return (of("gold sentences", "acts, assistant", "micro_f1"), of("gold sentences", "acts, user", "micro_f1"),
                of("gold replies", "risk", "weighted_kappa"), cell(scales["weighted_kappa"]) if scales else "–")
    rows = []
    for name, (without, folds) in runs.items():
        here, there = cells(without), cells(folds)
        if any(c != "–" for c in here):
            rows.append((LEFT_OUT[name], *(x for pair in zip(here, there) for x in pair)))
    head = ("left out", "assistant acts: micro-F1", "folds", "user acts: micro-F1", "folds", "risk: weighted κ", "folds", "14 scales: mean κ", "folds")
    return table(head, rows)


def replies(f):
    out = []
    for set_ in ("gold replies", "silver replies", "authored2 replies"):
        out.append(f"### {set_.replace('2', '')}\n")
        t, d, r = (f.get(set_, n) for n in ("rtype", "decision", "risk"))
        out.append(f"Type: accuracy {cell(t['accuracy'])}, macro-F1 {cell(t['macro_f1'])}, κ {cell(t['kappa'])}.\n")
        out += [class_table(t), confusion_table(t)]
        out.append(f"Decision: accuracy {cell(d['accuracy'])} (always the most frequent: {majority(d)}), κ {cell(d['kappa'])}, "
                   f"false alarms {number(false_alarms(d))}.\n")
        out += [class_table(d), confusion_table(d)]
        out.append(f"Risk: weighted κ {cell(r['weighted_kappa'])}, exact {cell(r['accuracy'])}, within one {cell(r['within_one'])}, "
                   f"α {cell(r['alpha'])}; {r['left_out']} rows with X or null left out.\n")
        out.append(confusion_table(r))
        levels = [m for m in f.set[set_]["measures"] if m["kind"] == "level" and m["name"].startswith("P")]
        out.append("Codes with levels (a κ on a handful of rows that are not 0 says little):\n")
        out.append(table(("code", "n", "not 0", "weighted κ", "exact", "within one", "α", "AC2"),
                         [(m["name"], m["n"], m["n"] - m["classes"][0]["n"], cell(m["weighted_kappa"]), cell(m["accuracy"]),
                           cell(m["within_one"]), cell(m["alpha"]), cell(m["ac"])) for m in levels]))
        mean = f.set[set_].get("mean_of_scales")
        if mean:
            out.append(f"Mean weighted κ of the {mean['scales']} scales: {cell(mean['weighted_kappa'])}.\n")
        kinds = [m for m in f.set[set_]["measures"] if m["kind"] == "class" and m["name"].startswith("P")]
        out.append(table(("code", "n", "accuracy", "macro-F1", "κ", "AC1"),
                         [(m["name"], m["n"], cell(m["accuracy"]), cell(m["macro_f1"]), cell(m["kappa"]), cell(m["ac"])) for m in kinds]))
    return "\n".join(out)


def sentences(f):
    out = []
    for who in ("assistant", "user"):
        names = ("gold", "silver", "authored", "authored2")
        sets = {n: f.get(f"{n} sentences", f"acts, {who}") for n in names}
        out.append(f"### Acts, {who}\n")
        out.append(table(("set", "sentences", "micro-F1", "precision", "recall", "mean F1, acts of 20 or more"),
                         [(n + (" (real)" if n in ("gold", "silver") else " (ours)"), m["n"], cell(m["micro_f1"]), cell(m["micro_precision"]),
                           cell(m["micro_recall"]), cell(m["mean_f1_20"])) for n, m in sets.items()]))
        acts = sorted({c["name"]: c for m in sets.values() for c in m["classes"]})
        gold, own = sets["gold"], sets["authored"]
        rows = []
        for a in acts:
            g, o = of_class(gold, a), of_class(own, a)
            rows.append((a, g["n"] if g else 0, cell(g["precision"]) if g else "–", cell(g["recall"]) if g else "–", cell(g["f1"]) if g else "–",
                         o["n"] if o else 0, cell(o["f1"]) if o else "–"))
        rows.sort(key=lambda r: -r[1])
        out.append(table(("act", "n, gold", "precision", "recall", "F1", "n, authored", "F1"), rows))
    rows = []
    for n in ("gold", "silver", "authored", "authored2"):
        m, g = f.get(f"{n} sentences", "risk of a sentence"), f.get(f"{n} sentences", "flags of a sentence")
        rows.append((n, m["n"], m["n"] - m["classes"][0]["n"], cell(m["weighted_kappa"]), cell(m["accuracy"]), cell(g["micro_f1"])))
    out.append("### Risk and flags of a user sentence\n\n" + table(("set", "n", "risk not 0", "risk, weighted κ", "exact", "flags, micro-F1"), rows))
    return "\n".join(out)


def calibration(f):
    chosen = [("gold replies", "refused"), ("xstest replies", "refused"), ("chatgpt replies", "refused"), ("gold replies", "decision"),
              ("gold replies", "risk"), ("gold sentences", "acts, assistant"), ("gold sentences", "acts, user")]
    rows = []
    for set_, name in chosen:
        c = f.get(set_, name)["calibration"]
        bins = [f"{number(b['said'])} → {number(b['right'])} ({b['n']})" if b["n"] else "" for b in c["bins"]]
        rows.append((f"{set_}: {name}", f"{c['ece']:.3f}", f"{c['brier']:.3f}", *bins))
    return table(("", "ECE", "Brier", *(f".{i}–" for i in range(10))), rows)


def functional(build):
    run = subprocess.run(["/usr/bin/python3", os.path.join(ROOT, "tests", "functional", "run.py"), os.path.join(build, "refrain"), "--tsv"],
                         check=True, capture_output=True, encoding="utf-8").stdout
    rows = list(csv.DictReader(io.StringIO(run), delimiter="\t"))
    total = {k: sum(int(r[k]) for r in rows) for k in ("passed", "cases", "near_passed", "near_cases")}
    total["capability"] = "**all**"

    def line(r):
        near = f"{r['near_passed']} of {r['near_cases']}" if int(r["near_cases"]) else "–"
        return (r["capability"], f"{r['passed']} of {r['cases']}", f"{100 * int(r['passed']) / int(r['cases']):.0f} %", near)
    with open(os.path.join(ROOT, "tests", "functional", "known-failures.tsv"), encoding="utf-8") as f:
        known = sum(1 for x in f if x.strip() and not x.startswith("#"))
    text = f"Aim: 95 % or more. {known} failures are listed as known, each with its reason, in `tests/functional/known-failures.tsv`.\n\n"
    return text + table(("capability", "passed", "", "near misses"), [line(r) for r in [total] + rows])


def held_out(build):
    """Our own replies in tests/heldout/replies, of which nothing was trained on; read by the shipped models."""
    rows = []
    for name in ("world", "partial", "distress", "three", "decision", "under"):
        path = os.path.join(ROOT, "tests", "heldout", "replies", name + ".jsonl")
        out = run(os.path.join(build, "refrain"), "eval", "--json", path, capture_output=True, encoding="utf-8").stdout
        measures = {m["name"]: m for m in json.loads(out.splitlines()[0])["measures"]}
        two, kind = measures["refused"], measures["rtype"]
        yes = of_class(two, "yes")
        partial = of_class(kind, "r1")
        rows.append((name, two["n"], cell(two["accuracy"]), cell(yes["f1"]), cell(yes["precision"]), cell(yes["recall"]), cell(kind["accuracy"]),
                     cell(partial["f1"])))
    return table(("texts", "n", "refused: accuracy", "F1", "precision", "recall", "type: accuracy", "F1 of r1"), rows)


def page(f, runs, build):
    return f"""# Accuracy

Made by `tools/accuracy.py`; not written by hand.

## How it was measured

{SPLIT}
## Figures against their aims

{aims(f)}
## Refusals

The baseline matches the usual strings of refusals ("I’m sorry", "I cannot", "as an AI", …; after Zou et al. 2023) in the first 400 bytes.

{refusals(f)}
## Sources left out

How far the figures above may fall on data of another kind: a whole source, or all replies of one family of models, is taken out of everything that is trained (sentences, replies, calibration, thresholds), and then read. Cues and rules are the same as ever: they were written with these sources in sight. The source chatgpt-refusals is left out above already. VERA-MH holds nearly all that is known here of long talks about distress with today's models, four fifths of the sentences; without it there is next to nothing to learn them from but our own texts. Of its 628 silver replies 5 are refusals: their accuracy is how seldom an answer is called one. [What was chosen with these tables in sight](#chosen-with-left-out-figures-in-sight) stands below.

{left_out(runs)}
The other codes of the same rows of gold, with 50 or more of them:

{left_out_codes(runs)}
### Chosen with left-out figures in sight

So these figures, too, are read a little too well:

* Of our texts, 86 were written after it had been counted which kinds of XSTest’s prompts are misread without it (definitions, privacy, discrimination; no reply had been looked at), 364 talks because acts of a family never seen were read badly, 120 more after reading which warm replies of Claude were taken for refusals and which refusals of GPT-5 were missed. On 1 December answers that look like refusals and refusals without a refusing word were asked for (1,470 replies) after reading 22 of XSTest’s replies that are misread without it.
* Writers and coders had seen the coding guides; of gold, 130 to 160 sentences of all families as examples of how freely a second act is given (talks, silver sentences), 113 (192 talks, 200 short exchanges); the writers of 1 December none.
* Rules: unsure, long and without a refusing act is an answer; to decline in the first person is to withhold; in a talk a partial refusal needs a sentence that withholds; at 80 words or more a refusal of one who tells of themself is said in words (.7 or more) or nearly certain (.9).
* Shares and borders: how much our own texts weigh and XSTest’s (6 times); the dense model’s say where the person tells of themself (.8, below 80 words .4); one border for all acts and no calibration of theirs; C .5; how many keys; the share of the models that learn all outputs together (half of acts, risk and flags, three tenths of “refused” and “partial”), their dropout and size; the borders of risk (.65 without a wording, .7 above one; unclear from .45) and of bids for harm (.3); that three in ten of our talks’ sentences stand as “no risk”.
* Scales are read from fewer, denser measures since these tables showed how far they fall; 728 replies were coded (silver) for the same reason, and 15,246 sentences for acts, left out with their source or family.
* Wordings and rules of all rooms were widened on 1 December after six writers had written 100 ordinary talks and read what refrain made of them; codes that changed on VERA-MH were looked through by those who changed them.

### Our own texts that nothing was trained on

Six sets of [tests/heldout/replies](../tests/heldout/README.md): requests of the wide world (refusals without "sorry" or "can't", answers that moralise); the same request answered, partly answered and refused (`partial`, and `three` by another writer); talks about distress in many voices; bids that feed harm and their benign twins (`decision`, and `under` by another writer). Written to be hard, labelled by their writers (LLM). The shipped models never saw them, but their totals were read while shares and borders were chosen: those of `world`, `partial` and `distress` some forty times from 30 November on, of `decision` twenty, of `three` and `under` (1 December, evening) ten.

{held_out(build)}
## Replies in conversations

{replies(f)}
## Sentences

Real text and text that we wrote are never pooled: ours was written to be hard and to hold what is rare.

{sentences(f)}
## Calibration

What was said, what came true, and how many, by tenths of the confidence. For acts every act of every sentence counts.

{calibration(f)}
## Functional suite

Short dialogues of our own, each asking for one code ([tests/functional](../tests/functional/README.md)); read with the shipped models. No case is a training row, though stock sentences ("I'm sorry, but I can't help with that") stand in both. Its failures were what the engine was mended by: it guards against falling back and is no unseen test.

{functional(build)}
## What these figures cannot tell

* The labelled replies hold few refusals of the kinds r2, r3, r4, r6, r7, r9; their figures rest on our own texts.
* VERA-MH's people are simulated and write alike; real people do not.
* Gold and silver replies are windows that mostly open in the middle of a conversation. A good part of the agreement on risk there rests on traces of what was said before (what a reply tells again, what the person does against it); whole conversations hold the words themselves and need them less. The rules for risk and for `under` were written after reading the misses on these very rows: the models never saw a fold, the rules did. Five of the eight gold rows `under` are replies to one prompt.
* English only. No figure here says anything about harm or benefit to a person.
"""


def run(*args, **more):
    return subprocess.run(args, check=True, **more)


def digest(rows):
    """Of all that a training rests on: the rows, the rooms up to turn/, the pack but for the model, which has no say in it."""
    h = hashlib.sha256()
    parts = ["src/" + x for x in "base in text model match helpline act turn".split()] + ["packs", "helplines", "tools/train"]
    found = [os.path.join(d, n) for part in parts for d, _, names in os.walk(os.path.join(ROOT, part)) for n in names]
    for p in [rows] + sorted(p for p in found if p.endswith((".c", ".h", ".yaml", ".txt", ".tsv"))):
        with open(p, "rb") as f:
            h.update(f.read())
    return h.hexdigest()[:16]


class Trainer:
    """Rows, the models without each of their folds, and what the whole engine reads with them."""

    def __init__(self, build, data, keep):
        self.programs = [os.path.join(build, "tools", x) for x in ("train-acts", "accuracy")]
        self.data, self.keep = data, keep

    def train(self, without=None):
        """→ folder with rows.jsonl, acts.model and folds"""
        name = os.path.join(self.keep, without or "all")
        os.makedirs(name, exist_ok=True)
        rows = os.path.join(name, "rows.jsonl")
        run(sys.executable, os.path.join(HERE, "train", "rows.py"), self.data, rows, *([without] if without else []))
        done = os.path.join(name, "done")
        state = digest(rows)
        if not os.path.exists(done) or open(done, encoding="ascii").read() != state:
            run(self.programs[0], rows, os.path.join(name, "acts.model"), os.path.join(name, "folds"), stdout=subprocess.DEVNULL)
            with open(done, "w", encoding="ascii") as f:
                f.write(state)
        return name

    def read(self, folder, only=lambda row: True):
        """Figures of the rows that `only` lets pass."""
        few = os.path.join(folder, "few.jsonl")
        with open(os.path.join(folder, "rows.jsonl"), encoding="utf-8") as f, open(few, "w", encoding="utf-8") as to:
            to.writelines(line for line in f if only(json.loads(line)))
        return Figures(run(self.programs[1], few, os.path.join(folder, "folds"), capture_output=True, encoding="utf-8").stdout.splitlines())

    def left_out(self, name, folds):
        """Figures of what is called `name`, left out as a whole; and of the same replies in the folds of `folds`."""
        folder = self.train(name)
        with open(os.path.join(folder, "rows.jsonl"), encoding="utf-8") as f:
            taken = {(r["kind"], r["set"], r["id"]) for r in map(json.loads, f) if "left_out" in r and "id" in r}

        def mine(row):
            return (row["kind"], row["set"], row.get("id")) in taken
        return self.read(folder, mine), self.read(folds, mine)


def main():
    if len(sys.argv) not in (3, 4, 5):
        sys.exit(__doc__)
    build, data = sys.argv[1], sys.argv[2]
    out = sys.argv[3] if len(sys.argv) > 3 else os.path.join(ROOT, "docs", "accuracy.md")
    with tempfile.TemporaryDirectory() as d:
        t = Trainer(build, data, sys.argv[4] if len(sys.argv) == 5 else d)
        folds = t.train()
        if not filecmp.cmp(os.path.join(folds, "acts.model"), os.path.join(ROOT, "packs", "en", "acts.model"), shallow=False):
            print("accuracy.py: packs/en/acts.model is not what train-acts makes of today's rows and features: train again", file=sys.stderr)
        figures = t.read(folds)
        runs = {name: t.left_out(name, folds) for name in LEFT_OUT}
    text = page(figures, runs, build)
    with open(out, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
