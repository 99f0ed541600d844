#!/usr/bin/env python3
"""picture.py REFRAIN FOLDER: writes FOLDER/summary.svg and FOLDER/explain.svg,
pictures of what the command really prints on a terminal for the examples. Run
by `./dev picture` from the source root; needs nothing but Python."""
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from xml.sax.saxutils import escape

COLUMNS = 92
ROWS = 64  # a longer one is cut, with an ellipsis
CELL, LINE, PAD, SIZE = 8.43, 19, 16, 14  # pixels; a monospaced font at SIZE is about CELL wide
PICTURES = {
    "summary": ["analyze", "examples/", "--as-of", "2026-10-01"],
    "explain": ["explain", "examples/gates.jsonl", "--id", "g12-hotline-instead-of-a-reply", "--as-of", "2026-10-01"],
}
COLORS = {31: "#f47067", 32: "#57ab5a", 33: "#c69026", 34: "#6cb6ff", 35: "#dcbdfb", 36: "#56d4dd"}
SGR = re.compile(r"\x1b\[([0-9;]*)m")


def on_a_terminal(argv):
    """What argv prints on a terminal of COLUMNS columns."""
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LC_ALL": "C.UTF-8"}
        env.pop("NO_COLOR", None)
        os.execve(argv[0], argv, env)
    out = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:  # the terminal closes with the program
            break
        if not part:
            break
        out += part
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status:
        sys.exit(f"picture: {' '.join(argv)} exits {status}: {out.decode(errors='replace')[-300:]}")
    text = out.decode().replace("\r\n", "\n")
    # progress lines are erased by what follows them
    return "\n".join(line.rsplit("\r", 1)[-1].replace("\x1b[K", "") for line in text.split("\n")).strip("\n")


def runs(line, style):
    """[(text, style)] of one line; style is changed in place."""
    at = 0
    for m in SGR.finditer(line):
        if m.start() > at:
            yield line[at:m.start()], dict(style)
        for code in (int(c or 0) for c in m.group(1).split(";")):
            if code == 0:
                style.clear()
            elif code in (1, 2, 4):
                style[code] = True
            elif code in COLORS:
                style["fill"] = COLORS[code]
        at = m.end()
    if at < len(line):
        yield line[at:], dict(style)


def svg(command, text):
    lines = [f"$ {command}", ""] + text.split("\n")
    if len(lines) > ROWS:
        lines[ROWS - 1:] = ["  \x1b[2m…\x1b[0m"]
    width, height = PAD * 2 + COLUMNS * CELL, PAD * 2 + len(lines) * LINE
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
           f'viewBox="0 0 {width:.0f} {height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="{SIZE}">',
           f'<rect width="100%" height="100%" rx="8" fill="#1c2128"/>',
           '<g fill="#cdd9e5" xml:space="preserve">']
    style = {}
    for row, line in enumerate(lines):
        y, column = PAD + (row + 1) * LINE - 5, 0
        for part, s in runs(line, style):
            if part.strip():
                look = ""
                if s.get(1):
                    look += ' font-weight="bold"'
                if s.get(4):
                    look += ' text-decoration="underline"'
                fill = s.get("fill") or ("#909dab" if s.get(2) else None)
                if fill:
                    look += f' fill="{fill}"'
                lead = len(part) - len(part.lstrip())
                shown = part.strip()
                out.append(f'<text x="{PAD + (column + lead) * CELL:.1f}" y="{y}" textLength="{len(shown) * CELL:.1f}"'
                           f'{look}>{escape(shown)}</text>')
            column += len(part)
    return "\n".join(out + ["</g>", "</svg>", ""])


def main():
    refrain, folder = sys.argv[1:3]
    for name, argv in PICTURES.items():
        text = on_a_terminal([refrain, *argv])
        with open(os.path.join(folder, name + ".svg"), "w", encoding="utf-8") as f:
            f.write(svg(" ".join(["refrain", *argv[:-2]]), text))


main()
