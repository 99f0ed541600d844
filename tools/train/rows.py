#!/usr/bin/env python3
"""Labelled sentences → rows.jsonl for tools/train: one {set, group, role, prev, text, acts, risk, flags} a line.

Reads ../shared/data (gold, authored; see its README for licences), and of this
project: authored2-*.tsv (our own sentences) and silver.tsv (codes only: source,
conversation, turn, byte range; the text is looked up in ../shared/data and is
not in the project).

usage: rows.py SHARED_DATA OUT.jsonl
"""
import json, os, sys

data, out = sys.argv[1], open(sys.argv[2], "w", encoding="utf-8")
here = os.path.dirname(os.path.abspath(__file__))


def lines(path):
    with open(os.path.join(data, path), encoding="utf-8") as f:
        return [json.loads(x) for x in f]


def put(set_, group, role, prev, text, acts, risk, flags):
    row = {"set": set_, "group": group, "role": role, "prev": prev or "", "text": text, "acts": acts}
    if role == "user" and risk is not None:
        row["risk"], row["flags"] = risk, flags or ""
    out.write(json.dumps(row, ensure_ascii=False) + "\n")


for r in lines("gold/sentences-dev.jsonl"):
    put("gold", r["conversation"], r["role"], r.get("prev"), r["text"], r["acts"], r.get("risk"), r.get("flags"))
for role in ("assistant", "user"):
    for r in lines(f"gold/authored-{role}-dev.jsonl"):
        put("authored", r["id"], role, r.get("prev"), r["text"], r["acts"], r.get("risk"), r.get("flags"))
    path = os.path.join(here, f"authored2-{role}.tsv")
    if os.path.exists(path):
        for i, line in enumerate(open(path, encoding="utf-8")):
            f = [x.strip() for x in line.rstrip("\n").split("|||")]
            if len(f) < 3 or not f[1]:
                continue
            risk = None if role == "assistant" else ("X" if f[3] == "X" else int(f[3] or 0))
            put("authored2", f"{role}2-{i // 8}", role, f[0], f[1], [a for a in f[2].split(",") if a],
                risk, f[4] if len(f) > 4 else "")

texts = {}
for v in lines("conversations/vera-mh-dev.jsonl"):
    for i, m in enumerate(v["messages"]):
        texts["vera", v["id"], i] = m["content"].encode()
for name, path in (("lat", "refusals/llms-as-therapists-dev.jsonl"), ("xstest", "refusals/xstest-dev.jsonl")):
    for r in lines(path):
        p = r["prompt"] if isinstance(r["prompt"], str) else json.dumps(r["prompt"])
        texts[name, r["id"], 0], texts[name, r["id"], 1] = p.encode(), r["response"].encode()
last = None
for line in open(os.path.join(here, "silver.tsv"), encoding="utf-8"):
    src, conv, turn, role, b, e, acts, risk, flags = line.rstrip("\n").split("\t")
    turn, b, e = int(turn), int(b), int(e)
    t = texts[src, conv, turn]
    # The sentence before it: the end of what stands before, else of the turn before.
    prev = t[max(0, b - 300):b].decode("utf-8", "ignore").strip()
    if prev:
        prev = prev.split("\n")[-1][-200:]
    else:
        prev = texts.get((src, conv, turn - 1), b"").decode("utf-8", "ignore").strip()[-200:]
    put("silver", conv, role, prev, t[b:e].decode(), acts.split(","), (int(risk) if risk not in ("X", "") else
        ("X" if risk == "X" else None)), flags)
out.close()
