"""What the store's tests share: a run, all of its rows as text, and a corpus."""
import gzip
import json
import os
import shutil
import sqlite3

from cli import EXAMPLES, equal, run

GATES = os.path.join(EXAMPLES, "gates.jsonl")


def analyze(path, *args, code=0, stdin=b"", **env):
    got = run("analyze", "-q", "-o", path, *args, stdin=stdin, **env)
    equal(got[0], code, got[2])
    return sqlite3.connect(path)


def dump(path):
    """All rows and all tables as text; times apart."""
    copy = path + ".copy"
    shutil.copy(path, copy)
    db = sqlite3.connect(copy)
    db.execute("UPDATE run SET started = '', finished = finished IS NOT NULL")
    text = "\n".join(db.iterdump())
    db.close()
    os.remove(copy)
    return text


def records(n, bad=()):
    """n records out of the examples, with ids of their own; `bad` ones are no JSON, and every 50th id comes twice."""
    rows = []
    for name in sorted(os.listdir(EXAMPLES)):
        if name.endswith(".jsonl"):
            with open(os.path.join(EXAMPLES, name), encoding="utf-8") as f:
                rows += [json.loads(line) for line in f if line.strip()]
    for i in range(n):
        r = dict(rows[i % len(rows)], id=f"c{i - 1 if i % 50 == 49 else i}")
        yield "{broken" if i in bad else json.dumps(r)


def corpus(d, n=600):
    """A directory of plain and packed files, some records bad."""
    os.makedirs(os.path.join(d, "in", "deep"))
    lines = list(records(n, bad={3, 40, n // 2, n - 2}))
    third = n // 3
    for name, part in (("a.jsonl", lines[:third]), ("deep/c.jsonl", lines[2 * third:])):
        with open(os.path.join(d, "in", name), "w", encoding="utf-8") as f:
            f.write("\n".join(part) + "\n")
    with gzip.open(os.path.join(d, "in", "b.jsonl.gz"), "wt", encoding="utf-8") as f:
        f.write("\n".join(lines[third:2 * third]) + "\n")
    return os.path.join(d, "in")
