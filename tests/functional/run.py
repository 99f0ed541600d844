#!/usr/bin/env python3
"""run.py REFRAIN [options]: the functional suite. Reads the cases beside it
(README.md has their form), analyses all their records in one run of REFRAIN and
prints what passed by capability, one capability a file.

  --tap         TAP instead of the report; a known failure is a TODO case, so that
                meson fails both on a new failure and on one that is gone
  --tsv         the figures by capability as TSV, for docs/accuracy.md
  --show-text   with the messages of each failing case
  --only WORD   capabilities whose name contains WORD
  --suite DIR   another folder of cases, such as ../heldout, without known failures
  --write-known rewrite known-failures.tsv: reasons are kept, new ones say TO DO"""
import argparse
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
KNOWN = os.path.join(HERE, "known-failures.tsv")
FIXED = ["--as-of", "2026-10-01"]  # staleness must not change with the day of the run
ABSENT = {"value": None, "reason": "not_applicable"}
OF_TURN = {"rtype", "hard", "risk", "flags", "decision"}
OF_EPISODE = OF_TURN | {"end_reason", "quadrant", "next"}


def load(only, folder):
    cases = []
    for path in sorted(glob.glob(os.path.join(folder, "*.jsonl"))):
        name = os.path.splitext(os.path.basename(path))[0]
        if only in name:
            with open(path, encoding="utf-8") as f:
                cases += [dict(json.loads(line), capability=name) for line in f if line.strip()]
    ids = [c["id"] for c in cases]
    if len(set(ids)) != len(ids):
        sys.exit("run.py: an id stands twice: " + next(i for i in ids if ids.count(i) > 1))
    for c in cases:
        if "as" in c:
            c["record"] = cases[ids.index(c["as"])]["record"]
    return cases


def analyse(refrain, cases):
    records = "".join(json.dumps(dict(c["record"], id=c["id"])) + "\n" for c in cases)
    run = subprocess.run([refrain, "analyze", "--quiet", *FIXED, "-"], input=records, capture_output=True,
                         encoding="utf-8", check=False)
    if run.returncode not in (0, 3):
        sys.exit("run.py: refrain analyze failed\n" + run.stderr)
    return {r["id"]: r for r in map(json.loads, run.stdout.splitlines())}


def code_of(codes, name):
    """A code as {"value", "reason"}; P4.time by its category."""
    code = codes.get(name, ABSENT)
    value = code.get("value")
    if isinstance(value, dict):
        value = value.get("category")
    return {"value": value, "reason": code.get("reason")}


def look(result, case):
    """What stands where the case looks: (value, null reason), or an error as text."""
    name = case["construct"]
    if name.startswith("gate:"):
        return ("fires" if any(g["id"] == name[5:] for g in result["gates"]) else "absent"), None
    if name == "episodes":
        return len(result["episodes"]), None
    turn, episode = case.get("turn"), case.get("episode")
    if turn is not None:
        if turn >= len(result["turns"]):
            return None, f"no turn {turn}"
        unit = result["turns"][turn]
        if name in OF_TURN:
            return unit.get(name), None
        code = code_of(unit.get("codes", {}), name)
        return code["value"], code["reason"]
    if (episode or 0) >= len(result["episodes"]):
        return None, "not_applicable" if case["expect"].get("null") == "not_applicable" else "no episode"
    unit = result["episodes"][episode or 0]
    if name == "decay":
        return (unit["decay"] or {}).get("direction"), None
    if name in OF_EPISODE:
        return unit.get(name), None
    code = code_of(unit["constructs"], name)
    return code["value"], code["reason"]


def holds(expect, got, reason):
    if "null" in expect:
        return got is None and reason == expect["null"]
    if reason in ("no episode",) or (reason or "").startswith("no turn"):
        return False
    if "value" in expect:
        return got == expect["value"] and type(got) is type(expect["value"])
    if "in" in expect:
        return got in expect["in"]
    if "has" in expect:
        return isinstance(got, list) and expect["has"] in got
    if "hasnot" in expect:
        return isinstance(got, list) and expect["hasnot"] not in got
    if not isinstance(got, (int, float)):
        return False
    return expect.get("min", got) <= got <= expect.get("max", got)


def shown(got, reason):
    return f"null ({reason})" if got is None and reason else json.dumps(got)


def judge(refrain, cases):
    results = analyse(refrain, cases)
    for case in cases:
        result = results.get(case["id"])
        got, reason = look(result, case) if result else (None, "record rejected")
        case["pass"] = bool(result) and holds(case["expect"], got, reason)
        case["got"] = shown(got, reason)


def read_known():
    with open(KNOWN, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]
    return {row[0]: row[1] for row in rows}


def by_capability(cases):
    groups = {}
    for case in cases:
        groups.setdefault(case["capability"], []).append(case)
    return groups


def rate(cases):
    n = sum(c["pass"] for c in cases)
    return f"{n}/{len(cases)}", f"{n / len(cases):.0%}" if cases else "-"


def print_report(cases, known, show_text):
    groups = by_capability(cases)
    print(f"{'capability':26}{'passed':>9}{'':>6}{'near miss':>11}{'':>6}")
    for name, group in groups.items():
        print("{:26}{:>9}{:>6}{:>11}{:>6}".format(name, *rate(group), *rate([c for c in group if c["near"]])))
    print("{:26}{:>9}{:>6}{:>11}{:>6}".format("all", *rate(cases), *rate([c for c in cases if c["near"]])))
    print("\nFailing (* known):")
    for case in cases:
        if case["pass"]:
            continue
        where = f" turn {case['turn']}" if "turn" in case else ""
        print("{}{:24} {:11}{} expected {}, got {}: {}".format(
            "*" if case["id"] in known else " ", case["id"], case["construct"], where,
            json.dumps(case["expect"]), case["got"], case["why"]))
        if show_text:
            for i, m in enumerate(case["record"]["messages"]):
                print(f"      {i} {m['role']}: {m['content']}")
    gone = [c["id"] for c in cases if c["pass"] and c["id"] in known]
    if gone:
        print("\nPassing, yet listed as known failures: " + ", ".join(gone))


def print_tap(cases, known):
    print("TAP version 13")
    print(f"1..{len(cases)}")
    for i, case in enumerate(cases, 1):
        todo = f" # TODO {known[case['id']]}" if case["id"] in known else ""
        print(f"{'ok' if case['pass'] else 'not ok'} {i} {case['id']}{todo}")
        if not case["pass"]:
            print(f"# {case['construct']} expected {json.dumps(case['expect'])}, got {case['got']}")


def print_tsv(cases):
    print("capability\tpassed\tcases\tnear_passed\tnear_cases")
    for name, group in by_capability(cases).items():
        near = [c for c in group if c["near"]]
        print(name, sum(c["pass"] for c in group), len(group), sum(c["pass"] for c in near), len(near), sep="\t")


def write_known(cases, known):
    with open(KNOWN, "w", encoding="utf-8") as f:
        f.write("# Cases that fail today, each with its own reason, read case by case. "
                "A case leaves this list when it passes, never the suite.\n")
        for case in cases:
            if not case["pass"]:
                f.write(f"{case['id']}\t{known.get(case['id'], 'TO DO')}\n")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("refrain")
    p.add_argument("--only", default="")
    p.add_argument("--suite", default=HERE)
    for flag in ("--tap", "--tsv", "--show-text", "--write-known"):
        p.add_argument(flag, action="store_true")
    a = p.parse_args()
    cases, known = load(a.only, a.suite), read_known() if a.suite == HERE else {}
    if not cases:
        sys.exit(f"run.py: no capability contains '{a.only}'")
    judge(a.refrain, cases)
    if a.write_known and a.suite != HERE:
        sys.exit("run.py: --write-known is for the functional suite alone")
    unknown = set(known) - {c["id"] for c in cases} if not a.only else set()
    if unknown:
        sys.exit("run.py: known-failures.tsv names cases that do not exist: " + ", ".join(sorted(unknown)))
    if a.write_known:
        write_known(cases, known)
    elif a.tap:
        print_tap(cases, known)
    elif a.tsv:
        print_tsv(cases)
    else:
        print_report(cases, known, a.show_text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
