#!/usr/bin/env python3
"""gcc's analyzer and clang-tidy over src/, as many at once as there are cores.

usage: analyze.py gcc|tidy BUILD

BUILD holds generated headers and compile_commands.json. Prints each finding that
tools/analyze.txt does not explain, and says which explanations nothing
needed; status 1 when there is a finding."""
import glob, os, re, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

tool, build = sys.argv[1], sys.argv[2]
files = sorted(glob.glob("src/*.c") + glob.glob("src/*/*.c"))
GCC = ["gcc", "-std=gnu11", "-O1", "-D_GNU_SOURCE", "-fno-math-errno", "-Isrc", "-Iinclude", f"-I{build}", "-fanalyzer", "-c", "-o", os.devnull]
FINDING = re.compile(r"^(?:\S*\.\./|" + re.escape(os.getcwd()) + r"/)?(src/[^:\s]+):(\d+):\d+: warning: (.*) \[([^\]]+)\]$")


def explained():
    out = {}
    for line in open("tools/analyze.txt"):
        if line.strip() and not line.startswith("#"):
            path, check, reason = line.strip().split(" ", 2)
            if check.startswith("-W") == (tool == "gcc"):
                out[path, check] = reason
    return out


def run(batch):
    command = GCC + batch if tool == "gcc" else ["clang-tidy", "--quiet", "-p", build, *batch]
    p = subprocess.run(command, capture_output=True, text=True, errors="replace")
    text = p.stderr if tool == "gcc" else p.stdout
    found = [m.groups() for m in map(FINDING.match, text.splitlines()) if m]
    failed = p.returncode and not found
    return found, f"{batch[0]}: {tool} ended with status {p.returncode}\n{p.stderr[-2000:]}" if failed else ""


reasons, used, bad = explained(), set(), 0
size = 1 if tool == "gcc" else 5
with ThreadPoolExecutor(os.cpu_count()) as pool:
    for found, failed in pool.map(run, [files[i:i + size] for i in range(0, len(files), size)]):
        for path, line, what, check in dict.fromkeys(found):
            if path not in files:
                continue
            if any((path, c) in reasons for c in check.split(",")):
                used |= {(path, c) for c in check.split(",")}
            else:
                print(f"{path}:{line}: {what} [{check}]")
                bad += 1
        if failed:
            print(failed)
            bad += 1
for path, check in sorted(set(reasons) - used):
    print(f"tools/analyze.txt: {path} {check} is no longer found here")  # another compiler may still find it
sys.exit(bad > 0)
