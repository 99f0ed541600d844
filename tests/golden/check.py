#!/usr/bin/env python3
"""check.py REFRAIN EXAMPLES EXPECT: analyses EXAMPLES/NAME.jsonl and compares
the result with NAME.expect (README.md has the form). Speaks TAP: one case a
conversation, and one TODO case for each line marked `miss`. With --mark it
rewrites EXPECT instead: what does not hold gets the mark, what holds loses it."""
import json
import os
import re
import subprocess
import sys

TERM = re.compile(r"^([A-Za-z0-9_.+-]+?)(!=|>=|<=|!~|\^=|~|=)(.*)$")
CODE = re.compile(r"^P[1-5]\.[a-z]+")
FIXED = ["--as-of", "2026-10-01"]  # staleness must not change with the day of the run


def expectations(path):
    """{id: [(line number, kind, rest)]} in file order."""
    out, here = {}, None
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            line = line.split("#", 1)[0].rstrip() if line.startswith("#") else line.rstrip()
            if not line:
                continue
            if not line[0].isspace():
                here = out.setdefault(line.strip(), [])
            else:
                words = line.split(None, 1)
                here.append((n, words[0], words[1].strip() if len(words) > 1 else ""))
    return out


def contact_key(text):
    digits = re.sub(r"\D", "", text)
    return digits if len(digits) >= 3 else re.sub(r"^(https?://)?(www\.)?|/$", "", text.lower())


def field(unit, name):
    """(found, value) of a field, a code (`P3.unsafe.severity` for a part of one) or a path."""
    m = CODE.match(name)
    if m:
        codes = unit.get("codes", unit.get("constructs", {}))
        if m.group(0) not in codes:
            return False, None
        code, rest = codes[m.group(0)], name[m.end():].lstrip(".")
        value = code.get(rest) if rest else code.get("value")
        return True, value.get("category") if isinstance(value, dict) else value
    value = unit
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return False, None
        value = value[part]
    return True, value


def holds(unit, term):
    """None when the term holds, else what was there instead."""
    m = TERM.match(term)
    if not m:
        return "not a term"
    name, op, want = m.groups()
    found, got = field(unit, name)
    shown = json.dumps(got) if found else "absent"
    if op in ("~", "!~"):
        has = isinstance(got, list) and want in got
        return None if has == (op == "~") else shown
    if op == "^=":
        return None if isinstance(got, str) and got.startswith(want) else shown
    if op in (">=", "<="):
        if not isinstance(got, (int, float)) or isinstance(got, bool):
            return shown
        return None if (got >= float(want) if op == ">=" else got <= float(want)) else shown
    if isinstance(got, list):
        text = ",".join(str(x) for x in got)
    else:
        text = "absent" if not found else "null" if got is None else str(got)
    same = text in want.split("|")
    return None if same == (op == "=") else shown


def check_gates(result, rest):
    fired = {(g["id"], g["turn"]) for g in result["gates"]}
    ids = {g for g, _ in fired}
    shown = ", ".join(f"{g}@{t}" for g, t in sorted(fired)) or "none"
    for term in rest.split():
        if term == "none":
            good = not fired
        elif term.startswith("!"):
            good = term[1:] not in ids
        elif "@" in term:
            gate, turn = term.split("@")
            good = (gate, int(turn)) in fired
        else:
            good = term in ids
        if not good:
            yield f"gates {term}: fired are {shown}"


def check_line(result, kind, rest):
    """Problems of one line."""
    if kind == "gates":
        yield from check_gates(result, rest)
    elif kind == "warnings":
        have = {f"{w['code']}@{w['turn']}" for w in result["warnings"]}
        for term in rest.split():
            if term not in have:
                yield f"warning {term}: there are {sorted(have)}"
    elif kind == "episodes":
        if len(result["episodes"]) != int(rest):
            yield f"episodes {rest}: there are {len(result['episodes'])}"
    elif kind in ("turn", "episode", "contact"):
        words = rest.split()
        units = result["episodes"] if kind == "episode" else result["turns"]
        i = int(words[0])
        if i >= len(units):
            yield f"{kind} {i}: there is none"
            return
        unit = units[i]
        if kind == "contact":
            unit = {contact_key(c["text"]): c["status"] for c in unit.get("contacts", [])}
        for term in words[1:]:
            if kind == "contact":
                name, want = term.split("=")
                got = unit.get(name)
                bad = None if got in want.split("|") else json.dumps(unit)
            else:
                bad = holds(unit, term)
            if bad is not None:
                yield f"{kind} {i} {term}: is {bad}"
    else:
        yield f"'{kind}' is no kind of line"


def mark(path, results):
    """Rewrites the file line by line; terms that fail stand on a `miss` line of their own."""
    out, here = [], None
    with open(path, encoding="utf-8") as f:
        for line in f.read().split("\n"):
            if line and not line[0].isspace() and not line.startswith("#"):
                here = line.strip()
            words = line.split()
            if not line[:1].isspace() or not words or here not in results:
                out.append(line)
                continue
            if words[0] == "miss":
                words = words[1:]
            head = words[:2] if words[0] in ("turn", "episode", "contact") else words[:1]
            good, bad = [], []
            for term in words[len(head):]:
                rest = " ".join(head[1:] + [term])
                (bad if list(check_line(results[here], head[0], rest)) else good).append(term)
            if good:
                out.append("    " + " ".join(head).ljust(10) + " " + " ".join(good))
            if bad:
                out.append("    miss " + " ".join(head + bad))
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out))


def main():
    marking = "--mark" in sys.argv
    refrain, examples, expect = [a for a in sys.argv[1:] if a != "--mark"]
    want = expectations(expect)
    name = os.path.splitext(os.path.basename(expect))[0]
    source = os.path.join(examples, name + ".jsonl")
    run = subprocess.run([refrain, "analyze", source, "--format", "jsonl", *FIXED], capture_output=True, text=True)
    results = {}
    for line in run.stdout.splitlines():
        r = json.loads(line)
        results[r["id"]] = r
    with open(source, encoding="utf-8") as f:
        records = [json.loads(line) for line in f]

    if marking:
        mark(expect, results)
        return 0
    cases = []  # (good, title, problems, todo)
    problems = [] if run.returncode == 0 else [f"refrain exits {run.returncode}: {run.stderr.strip()[:300]}"]
    problems += [f"{r['id']}: no lesson" for r in records if not r.get("lesson")]
    problems += [f"{r['id']}: no expectation" for r in records if not want.get(r["id"])]
    problems += [f"{i}: no such example" for i in want if i not in {r["id"] for r in records}]
    cases.append((not problems, f"{name}: every example has a lesson, a result and an expectation", problems, ""))
    for i, lines in want.items():
        if i not in results:
            cases.append((False, i, ["no result"], ""))
            continue
        problems = []
        for n, kind, rest in lines:
            if kind == "miss":
                sub, *more = rest.split(None, 1)
                bad = list(check_line(results[i], sub, more[0] if more else ""))
                cases.append((not bad, f"{i}: line {n}", bad, "the engine does not see this yet" if bad else ""))
            else:
                problems += [f"line {n}: {p}" for p in check_line(results[i], kind, rest)]
        cases.append((not problems, i, problems, ""))

    print(f"1..{len(cases)}")
    for k, (good, title, problems, todo) in enumerate(cases, 1):
        print(f"{'ok' if good else 'not ok'} {k} - {title}" + (f" # TODO {todo}" if todo else ""))
        for p in problems:
            print(f"#   {p}")
    return 0


sys.exit(main())
