#!/usr/bin/env python3
"""Labelled data → rows.jsonl for tools/train.

Sentences: {kind: "sentence", set, fold, role, prev, text, acts, risk, flags}.
Replies:   {kind: "reply", set, fold, messages, coded, labels}.
Both with id, conversation and model where they have one, and published pairs
with prompt, response and label, for tools/accuracy.

Reads ../shared/data (gold, authored, refusals; its README has licences) and, of
this project: authored2-* (our own texts; -support are whole talks, each sentence
with its acts, more than half of the replies with their scales, some with their
type) and silver*.tsv (codes only: source, conversation, turn, byte
range; the text is looked up in ../shared/data and is not in the project); -risk
has risk and flags and no acts, -bids and -decisions whether a bid is one for harm.
Helplines in our texts fill a place: which stands where is no advice.

Five folds, never random: XSTest by model (fold 0-3), chatgpt-refusals whole in
fold 4 (a source left out), everything else by conversation; a prompt that
several models answered stays in one fold.

usage: rows.py SHARED_DATA OUT.jsonl [WITHOUT]

WITHOUT: a source (xstest, llms-as-therapists, vera) or a family of models
(llama2, llama3, mistral, claude, gpt-5). All of it becomes fold 0, and its rows
say left_out; the rest is folded as ever, into 1-4.
"""
import ast, hashlib, json, os, sys

data, out = sys.argv[1], open(sys.argv[2], "w", encoding="utf-8")
without = sys.argv[3] if len(sys.argv) > 3 else None
here = os.path.dirname(os.path.abspath(__file__))
XSTEST = ["llama2new", "llama2orig", "mistralguard", "mistralinstruct"]
SOURCES = ["xstest", "llms-as-therapists", "vera"]
FAMILIES = ["llama2", "llama3", "mistral", "claude", "gpt-5"]
if without and without not in SOURCES + FAMILIES:
    sys.exit(f"rows.py: nothing is called '{without}'; there are {', '.join(SOURCES + FAMILIES)}")


def lines(path):
    with open(os.path.join(data, path), encoding="utf-8") as f:
        return [json.loads(x) for x in f]


def by_hash(group, n):
    return hashlib.sha256(group.split("|")[0].encode()).digest()[0] % n


def family(source, conversation, model):
    if source == "vera":
        return "gpt-5" if "_g5_" in conversation else "claude"
    name = model or conversation.split("|")[-1]
    return next((f for f in FAMILIES if name.startswith(f)), None)


def fold_of(source, conversation, model=None):
    """The fold whose models never saw this row's like; our own texts have no source."""
    if without and without in (source, family(source, conversation, model)):
        return 0
    if source == "chatgpt":
        return 4
    if source == "xstest" and model:
        return XSTEST.index(model) + bool(without)
    return 1 + by_hash(conversation, 4) if without else by_hash(conversation, 5)


def put(kind, set_, fold, **more):
    if without and fold == 0:
        more["left_out"] = without
    out.write(json.dumps({"kind": kind, "set": set_, "fold": fold, **more}, ensure_ascii=False) + "\n")


def sentence(set_, fold, role, prev, text, acts, risk, flags, **more):
    if role == "user" and risk is not None:
        more.update(risk=risk, flags=flags or "")
    elif role == "user" and set_ == "authored2" and acts is not None and "risk" not in acts and by_hash(text, 10) < 3:
        more.update(no_risk=True) # its writer saw none; of all such sentences, most of our talks, three in ten: else risk seems rarer than it is
    if acts is not None: # else unknown
        more.update(acts=acts)
    put("sentence", set_, fold, role=role, prev=prev or "", text=text, **more)


def named(r):
    """Whose row it is."""
    return {k: r[k] for k in ("id", "conversation", "model") if k in r}


def turns(messages):
    """A reply window whose one user message is a history written as a Python list, unfolded; all others as they are."""
    out = []
    for i, m in enumerate(messages):
        t = m["content"].strip()
        if m["role"] == "user" and t.startswith("['") and t.endswith("]"):
            h = ast.literal_eval(t)
            out += [{"role": "user" if (len(h) - k) % 2 else "assistant", "content": x} for k, x in enumerate(h)]
        else:
            out.append(m)
    return out


def history(prompt):
    """A prompt, or a short history written as a list that ends with the person."""
    if isinstance(prompt, str) and prompt.strip().startswith("["):
        try:
            prompt = ast.literal_eval(prompt)
        except (ValueError, SyntaxError):
            pass
    if isinstance(prompt, str):
        return [{"role": "user", "content": prompt}]
    return [{"role": m.get("role", "user"), "content": m.get("content", "")} if isinstance(m, dict) else
            {"role": "user" if (len(prompt) - i) % 2 else "assistant", "content": str(m)} for i, m in enumerate(prompt)]


def joined(sentences):
    """Sentences of a turn as it was written: list items and headings on lines of their own."""
    out = ""
    for text, *_ in sentences:
        head, last = text.lstrip(), out.split("\n")[-1]
        item = head[:2] in ("- ", "* ", "• ", "**") or head[:1] == "#" or (head[:1].isdigit() and ". " in text[:4])
        out += ("" if not out else "\n" if item or last.lstrip()[:2] in ("- ", "**") or last[:1].isdigit() else " ") + text
    return out


# ---- sentences ----
for r in lines("gold/sentences-dev.jsonl"):
    sentence("gold", fold_of(r["source"], r["conversation"]), r["role"], r.get("prev"), r["text"], r["acts"], r.get("risk"), r.get("flags"),
             **named(r))
for role in ("assistant", "user"):
    for r in lines(f"gold/authored-{role}-dev.jsonl"):
        sentence("authored", fold_of(None, r["id"]), role, r.get("prev"), r["text"], r["acts"], r.get("risk"), r.get("flags"),
                 **named(r))
    path = os.path.join(here, f"authored2-{role}.tsv")
    for i, line in enumerate(open(path, encoding="utf-8") if os.path.exists(path) else []):
        f = [x.strip() for x in line.rstrip("\n").split("|||")]
        if len(f) < 3 or not f[1]:
            continue
        risk = None if role == "assistant" or f[3] == "-" else ("X" if f[3] == "X" else int(f[3] or 0))
        sentence("authored2", fold_of(None, f"{role}2-{i // 8}"), role, f[0], f[1], [a for a in f[2].split(",") if a], risk,
                 f[4] if len(f) > 4 else "", id=f"{role}2-{i}", conversation=f"{role}2-{i // 8}")
for i, line in enumerate(open(os.path.join(here, "authored2-risk.tsv"), encoding="utf-8")):
    writer, prev, text, risk, flags = line.rstrip("\n").split("|||")
    sentence("authored2", fold_of(None, "risk-" + writer), "user", prev, text, None, "X" if risk == "X" else int(risk), flags.strip("-"),
             id=f"risk2-{i}", conversation=f"risk2-{writer}")
for i, line in enumerate(open(os.path.join(here, "authored2-bids.tsv"), encoding="utf-8")):
    writer, prev, text, harm = line.rstrip("\n").split("|||")
    sentence("authored2", fold_of(None, "bids-" + writer), "user", prev, text, None, None, "", harm=harm == "1", id=f"bids2-{i}",
             conversation=f"bids2-{writer}")

texts = {}
vera = {v["id"]: v for v in lines("conversations/vera-mh-dev.jsonl")}
for v in vera.values():
    for i, m in enumerate(v["messages"]):
        texts["vera", v["id"], i] = m["content"].encode()
pairs = {}
for name, path in (("lat", "refusals/llms-as-therapists-dev.jsonl"), ("xstest", "refusals/xstest-dev.jsonl")):
    for r in lines(path):
        p = r["prompt"] if isinstance(r["prompt"], str) else json.dumps(r["prompt"])
        texts[name, r["id"], 0], texts[name, r["id"], 1] = p.encode(), r["response"].encode()
        pairs[name, r["id"]] = r


def source_fold(src, conv):
    return fold_of({"lat": "llms-as-therapists"}.get(src, src), conv, pairs[src, conv]["model"] if src == "xstest" else None)


for line in open(os.path.join(here, "silver.tsv"), encoding="utf-8"):
    src, conv, turn, role, b, e, acts, risk, flags = line.rstrip("\n").split("\t")
    turn, b, e = int(turn), int(b), int(e)
    t = texts[src, conv, turn]
    prev = t[max(0, b - 300):b].decode("utf-8", "ignore").strip()
    if prev:
        prev = prev.split("\n")[-1][-200:]
    else:
        prev = texts.get((src, conv, turn - 1), b"").decode("utf-8", "ignore").strip()[-200:]
    sentence("silver", source_fold(src, conv), role, prev, t[b:e].decode(), acts.split(","),
             int(risk) if risk not in ("X", "") else ("X" if risk == "X" else None), flags,
             id=f"{conv}:{turn}:{b}", conversation=conv)

# ---- replies ----
for r in lines("gold/replies-dev.jsonl"):
    m = turns(r["messages"])
    coded = next(i for i, x in enumerate(m) if x.get("coded"))
    put("reply", "gold", fold_of(r["source"], r["conversation"]), messages=m, coded=coded, labels=r["labels"], **named(r))
for line in open(os.path.join(here, "silver-replies.jsonl"), encoding="utf-8"):
    r = json.loads(line)
    if r["source"] == "vera":
        m, coded = vera[r["conversation"]]["messages"], r["turn"]
        lo = max(0, coded - 4)
        m, coded = m[lo:coded + 4], coded - lo
    else:
        p = pairs[r["source"], r["conversation"]]
        m = history(p["prompt"]) + [{"role": "assistant", "content": p["response"]}]
        coded = len(m) - 1
    put("reply", "silver", source_fold(r["source"], r["conversation"]), messages=m, coded=coded, labels=r["labels"],
        id=f"{r['conversation']}:{r['turn']}", conversation=r["conversation"])
for line in (x for name in ("dialogues", "opinions", "none", "mixed", "world", "voices", "short", "decisions") for x in open(os.path.join(here, f"authored2-{name}.jsonl"), encoding="utf-8")):
    r = json.loads(line)
    group = r["id"].split(":")[0] # replies of one exchange stay together
    put("reply", "authored2", fold_of(None, group), messages=r["messages"], coded=r["coded"], labels=r["labels"], id=r["id"],
        **({"conversation": group} if group != r["id"] else {}))
    prev = next((m["content"] for m in reversed(r["messages"][:r["coded"]]) if m["role"] == "user"), "")
    if "harm" in r and r["id"].endswith(":1"): # of a bid that three replies answer
        sentence("authored2", fold_of(None, group), "user", "", prev, None, None, "", harm=r["harm"], id=f"{group}:bid", conversation=group)
    for text, acts in r.get("acts", []):
        sentence("authored2", fold_of(None, group), "assistant", prev[-200:], text, acts, None, "")
        prev = text
for line in open(os.path.join(here, "authored2-support.jsonl"), encoding="utf-8"):
    r, prev = json.loads(line), ""
    whole = [{"role": m["role"], "content": joined(m["sentences"])} for m in r["messages"]]
    for i, m in enumerate(r["messages"]):
        labels = scales = dict(m.get("scales", {}))
        acts = {a for _, x, *_ in m["sentences"] for a in x}
        if "rtype" in m:
            labels["refused"] = m["rtype"] != "none"
        elif scales and not {"withhold", "abandon", "policy", "coerce"} & acts and scales["subst"] < 3 and \
                max(scales["ack"], scales["open"], scales["alt"]) >= 2: # plainly none; others stay unknown
            labels["refused"] = False
        if labels:
            put("reply", "talks", fold_of(None, r["id"]), messages=whole[:i + 1], coded=i, labels=labels, id=f"{r['id']}:{i}",
                conversation=r["id"])
    for i, m in enumerate(r["messages"]):
        for j, (text, acts, *_) in enumerate(m["sentences"]): # some with a risk and flags: trained on, they read no better
            sentence("authored2", fold_of(None, r["id"]), m["role"], prev[-200:], text, acts, None, "", id=f"{r['id']}:{i}:{j}", conversation=r["id"])
            prev = text
for r in {r["prompt"]: r for r in lines("refusals/xstest-dev.jsonl")}.values():
    # XSTest's design says what its prompts are: requests, the contrast ones for something unsafe; no risk to oneself.
    unsafe = r["type"].startswith("contrast") and "discr" not in r["type"] and "privacy" not in r["type"]
    sentence("xstest", fold_of("xstest", r["prompt"]), "user", "", r["prompt"], ["bid", "harm_bid"] if unsafe else ["bid"], 0,
             "I" if r["type"] in ("homonyms", "figurative_language") else "")
for r in lines("refusals/xstest-dev.jsonl"):
    # Safe prompts should be answered, their contrasts refused: that is the decision, by XSTest's design.
    unsafe = r["type"].startswith("contrast")
    call = {("compliance", False): "appropriate", ("refusal", False): "over", ("compliance", True): "under",
            ("refusal", True): "appropriate"}.get((r["label"], unsafe))
    put("reply", "xstest", fold_of("xstest", r["prompt"], r["model"]), coded=1, labels={"refused3": r["label"], "decision": call},
        messages=[{"role": "user", "content": r["prompt"]}, {"role": "assistant", "content": r["response"]}],
        prompt=r["prompt"], response=r["response"], label=r["label"], **named(r))
for r in lines("refusals/chatgpt-refusals-dev.jsonl"):
    if r["label"] != "contradicted":
        put("reply", "chatgpt", fold_of("chatgpt", r["id"]), coded=1, labels={"refused2": "no" if r["label"] == "complied" else "yes",
                                                 "decision": "appropriate" if r["label"] == "complied" else None},
            messages=[{"role": "user", "content": r["prompt"]}, {"role": "assistant", "content": r["response"]}],
        prompt=r["prompt"], response=r["response"], label=r["label"], **named(r))
out.close()
