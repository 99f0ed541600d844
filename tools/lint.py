#!/usr/bin/env python3
"""The house rules that no compiler knows. `lint.py RULE`: rooms, paths, space
fail with file:line: what; length only remarks."""
import re
import subprocess
import sys

ROOMS = "base in text model match helpline act turn find episode phase score report out stats cli".split()
TOP = {"walk.h": "in", "constructs.gen.h": "base"}  # contracts above the rooms, and the last room that they may need
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
MACHINE = re.compile(r"(?<![\w.~-])/(?:work|root|farm|home)/\w")
CODE = (".c", ".h")


def files(*suffix):
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True,
                         capture_output=True).stdout
    names = [n for n in out.decode().split("\0") if n]
    return [n for n in names if not suffix or n.endswith(suffix)]


def lines(name):
    try:
        with open(name, encoding="utf-8") as f:
            return f.read().split("\n")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return []


def rooms():
    """An include may point only to an earlier room, or to the file's own."""
    rank = {room: i for i, room in enumerate(ROOMS)}
    for name in files(*CODE):
        parts = name.split("/")
        if parts[0] != "src" or len(parts) != 3:
            continue
        here = rank.get(parts[1])
        if here is None:
            yield name, 1, f"'{parts[1]}' is no room; rooms are {' '.join(ROOMS)}"
            continue
        for i, line in enumerate(lines(name), 1):
            m = INCLUDE.match(line)
            if not m:
                continue
            room = m.group(1).split("/")[0]
            if room in rank and rank[room] > here and "/" in m.group(1):
                yield name, i, f"room '{parts[1]}' includes the later room '{room}'"
            last = TOP.get(m.group(1))
            if last and here < rank[last]:
                yield name, i, f"room '{parts[1]}' comes before the contract {m.group(1)}"


def paths():
    """No path of one machine."""
    for name in files():
        for i, line in enumerate(lines(name), 1):
            if MACHINE.search(line):
                yield name, i, "a path of one machine"


def space():
    """No tabs in C, no blanks at the end of a line, a newline at the end."""
    for name in files(*CODE, ".py", ".build", ".sh", ".yaml", "dev", ".ci/run"):
        text = lines(name)
        if text and text[-1] != "":
            yield name, len(text), "no newline at the end"
        for i, line in enumerate(text, 1):
            if line.endswith((" ", "\t")):
                yield name, i, "blank at the end of the line"
            if name.endswith(CODE) and "\t" in line:
                yield name, i, "tab"


def length():
    """Remarks on files over 600 lines, and how many lines have over 120 columns."""
    wide = where = 0
    for name in files(*CODE, ".py"):
        text = lines(name)
        if len(text) - 1 > 600:
            print(f"remark: {name} has {len(text) - 1} lines; aim for 150 to 500")
        n = sum(len(line) > 120 for line in text)
        wide += n
        where += n > 0
    if wide:
        print(f"remark: {wide} lines over 120 columns in {where} files")


def main():
    rule = globals()[sys.argv[1]]
    found = list(rule() or ())
    for name, line, what in found:
        print(f"{name}:{line}: {what}")
    return 1 if found else 0


sys.exit(main())
