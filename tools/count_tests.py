#!/usr/bin/env python3
"""testlog.json of meson → how many test cases passed.

A program that speaks TAP counts once for each of its lines "ok" and "not ok";
any other program counts once. The last line is "N passed, N failed"."""
import json
import re
import sys

TAP = re.compile(r"^(not )?ok\b(.*)$", re.M)


def main():
    passed = failed = skipped = known = 0
    broken = []
    with open(sys.argv[1], encoding="utf-8") as f:
        for line in f:
            test = json.loads(line)
            good = test["result"] in ("OK", "EXPECTEDFAIL")
            cases = TAP.findall(test.get("stdout") or "")
            n_bad = sum(1 for bad, rest in cases if bad and "# TODO" not in rest)
            n_todo = sum(1 for bad, rest in cases if bad and "# TODO" in rest)
            n_skip = sum(1 for bad, rest in cases if not bad and "# SKIP" in rest.upper())
            if cases:
                passed += len(cases) - n_bad - n_skip - n_todo
                known += n_todo
                skipped += n_skip
                failed += n_bad
                if not good and not n_bad and test["result"] != "SKIP":
                    failed += 1  # it died between two cases
            elif test["result"] == "SKIP":
                skipped += 1
            elif good:
                passed += 1
            else:
                failed += 1
            if not good and test["result"] != "SKIP":
                broken.append(test["name"])
    for name in broken:
        print(f"failed: {name}")
    if known:
        print(f"{known} known misses: listed beside the cases, not counted as passed")
    if skipped:
        print(f"{skipped} skipped: their data or tool is not here")
    print(f"{passed} passed, {failed} failed")


main()
