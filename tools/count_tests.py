#!/usr/bin/env python3
"""testlog.json of meson → how many test cases passed, and why others were skipped.

usage: count_tests.py [--installed] TESTLOG

A program that speaks TAP counts once for each of its lines "ok" and "not ok";
any other program counts once. With --installed all that `./dev test` installs
is there, and a skip that says "./dev test installs" is a failure: it would hide
tests. The last line is "N passed, N failed"."""
import collections
import json
import re
import sys

TAP = re.compile(r"^(not )?ok\b(.*)$", re.M)
WHY = re.compile(r"# SKIP\b[ :]*(.*)", re.I)
INSTALLS = "./dev test installs"


def why(text):
    found = WHY.search(text)
    return found.group(1).strip() if found and found.group(1).strip() else "no reason given"


def main():
    passed = failed = known = 0
    skipped = collections.Counter()  # by reason
    broken = []
    with open(sys.argv[-1], encoding="utf-8") as f:
        for line in f:
            test = json.loads(line)
            out = test.get("stdout") or ""
            good = test["result"] in ("OK", "EXPECTEDFAIL")
            cases = TAP.findall(out)
            n_bad = sum(1 for bad, rest in cases if bad and "# TODO" not in rest)
            n_todo = sum(1 for bad, rest in cases if bad and "# TODO" in rest)
            skips = [why(rest) for bad, rest in cases if not bad and "# SKIP" in rest.upper()]
            if cases:
                passed += len(cases) - n_bad - len(skips) - n_todo
                known += n_todo
                failed += n_bad
                if not good and not n_bad and test["result"] != "SKIP":
                    failed += 1  # it died between two cases
            elif test["result"] == "SKIP":
                skips = [why(out)]
            elif good:
                passed += 1
            else:
                failed += 1
            if not good and test["result"] != "SKIP":
                broken.append(test["name"])
            for reason in skips:
                if "--installed" in sys.argv and INSTALLS in reason:
                    failed += 1
                    broken.append(f"{test['name']}: skipped: {reason}")
                else:
                    skipped[reason] += 1
    for name in broken:
        print(f"failed: {name}")
    if known:
        print(f"{known} known misses: listed beside the cases, not counted as passed")
    for reason, n in skipped.most_common():
        print(f"{n} skipped: {reason}")
    print(f"{passed} passed, {failed} failed")


main()
