"""What the CLI tests share: run the command, tell facts in TAP.

A test is a function whose name begins with `fact_` and reads as a fact. The
command's path is the first argument of the script."""
import os
import subprocess
import sys
import tempfile
import traceback

REFRAIN = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "build/refrain"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.path.normpath(os.path.join(ROOT, "..", "shared", "data"))
EXAMPLES = os.path.join(ROOT, "examples")


class Skip(Exception):
    pass


def shared(*path):
    """A file of the shared data, or the fact is skipped."""
    p = os.path.join(SHARED, *path)
    if not os.path.exists(p):
        raise Skip(f"no {os.path.join('..', 'shared', 'data', *path)}")
    return p


def sanitized():
    """A sanitizer makes runs ten times as long, and reserves terabytes for its shadow: no limit of memory can be set."""
    code = open(REFRAIN, "rb").read()
    return b"__asan" in code or b"__tsan" in code


def clean_env(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("REFRAIN_") and k not in ("NO_COLOR", "COLUMNS")}
    env.update(LC_ALL="C.UTF-8", **more)
    return env


def run(*args, stdin=b"", cwd=None, **env):
    """(exit code, stdout bytes, stderr text)"""
    p = subprocess.run([REFRAIN, *map(str, args)], input=stdin, capture_output=True, timeout=300, cwd=cwd, env=clean_env(**env))
    return p.returncode, p.stdout, p.stderr.decode("utf-8", "replace")


def on_terminal(*args, columns=80, cwd=None, **env):
    """(exit code, text) of the command with a terminal as stdout and stderr."""
    import pty
    import struct
    import fcntl
    import termios
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    p = subprocess.Popen([REFRAIN, *map(str, args)], stdin=subprocess.DEVNULL, stdout=side, stderr=side, cwd=cwd,
                         env=clean_env(TERM="xterm-256color", **env))
    os.close(side)
    out = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    os.close(main)
    return p.wait(), out.decode("utf-8", "replace").replace("\r\n", "\n")


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def has(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text[:2000]!r}")


def main(facts):
    names = [n for n in facts if n.startswith("fact_")]
    print(f"1..{len(names)}")
    failed = 0
    for i, name in enumerate(names, 1):
        with tempfile.TemporaryDirectory() as d:
            try:
                facts[name](d)
                print(f"ok {i} - {name[5:]}", flush=True)
            except Skip as s:
                print(f"ok {i} - {name[5:]} # SKIP {s}", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {i} - {name[5:]}", flush=True)
                for line in traceback.format_exc().splitlines():
                    print(f"# {line}", flush=True)
    sys.exit(failed > 0)
