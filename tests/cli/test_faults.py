"""When the machine fails the command: memory, reads, writes, closed streams.
One clear line, the right exit status, and never a result that looks whole and
is not. The second argument is the shim of tests/fault/, loaded before it."""
import json
import os
import signal
import subprocess
import sys
import time

from cli import EXAMPLES, REFRAIN, ROOT, Skip, clean_env, equal, has, main, run, sanitized

SHIM = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else ""
GATES = os.path.join(EXAMPLES, "gates.jsonl")
DONE, FAILED, SOME_REJECTED = 0, 2, 3


def shimmed(*args, stdin=subprocess.DEVNULL, cwd=None, **env):
    """(exit code, stdout, stderr) with the shim."""
    if not SHIM:
        raise Skip("no shim: a sanitizer has its own malloc")
    p = subprocess.run([REFRAIN, *map(str, args)], stdin=stdin, capture_output=True, timeout=120, cwd=cwd,
                       env=clean_env(LD_PRELOAD=SHIM, **{k: str(v) for k, v in env.items()}))
    return p.returncode, p.stdout, p.stderr.decode("utf-8", "replace")


def shell(line, cwd=None):
    p = subprocess.run(["bash", "-c", line], capture_output=True, timeout=300, cwd=cwd,
                       env=clean_env(R=REFRAIN, GATES=GATES, EXAMPLES=EXAMPLES))
    return p.returncode, p.stdout, p.stderr.decode("utf-8", "replace")


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


def conversation(i=0, reply="I can't help with that."):
    return json.dumps({"id": f"c{i}", "messages": [{"role": "user", "content": "I feel low"},
                                                   {"role": "assistant", "content": reply}]}).encode() + b"\n"


# ---- memory ----

def allocations(d, *args):
    count = os.path.join(d, "count")
    code, out, err = shimmed(*args, FAULT_COUNT=count)
    return int(open(count).read()), code, out


def small_pack(d):
    """The pack without its wordings: loads in a tenth of the time, and of the allocations."""
    pack = os.path.join(d, "pack")
    os.makedirs(os.path.join(pack, "cues"))
    for name in os.listdir(os.path.join(ROOT, "packs", "en", "cues")):
        write(os.path.join(pack, "cues", name), b"cues: []\n")
    return ["--pack", pack]


def memory_short(d, *args, points=20):
    """Fails one allocation, or all from one on, at points spread over the run: never a crash, never a
    whole-looking result that differs."""
    n, code, whole = allocations(d, *args)
    equal(code, DONE, args)
    tail = 12  # what comes last is the report and the writing: every point there
    steps = sorted({1 + k * n // points for k in range(points)} | set(range(max(1, n - tail), n + 1)))
    told = 0
    for k in steps:
        for on in ({}, {"FAULT_MALLOC_ON": 1}):
            code, out, err = shimmed(*args, FAULT_MALLOC=k, **on)
            where = f"{args[0]}: allocation {k} of {n} {on}"
            assert code in (DONE, FAILED, SOME_REJECTED), f"{where}: exit {code}\n{err}"
            if code == DONE:
                equal(out, whole, f"{where}: exit 0 with another result")
            else:
                told += 1
                assert "memory" in err or on, f"{where}: {err!r}"
                assert len(err.splitlines()) <= 7, f"{where}: {err!r}"
    assert told > 5, f"{told} of {len(steps)} points failed"


def fact_analyze_survives_the_end_of_memory(d):
    memory_short(d, "analyze", *small_pack(d), "-j", "1", "-f", "jsonl", GATES)


def fact_csv_and_summary_survive_the_end_of_memory(d):
    pack = small_pack(d)
    memory_short(d, "analyze", *pack, "-j", "1", "-f", "csv", "--show-text", GATES, points=6)
    memory_short(d, "analyze", *pack, "-j", "1", "-f", "summary", GATES, points=6)


def fact_explain_survives_the_end_of_memory(d):
    memory_short(d, "explain", *small_pack(d), GATES, "--id", "g12-hotline-instead-of-a-reply", points=6)


def fact_helplines_survive_the_end_of_memory(d):
    memory_short(d, "helplines", "lookup", "--country", "IE", points=8)


def fact_eval_survives_the_end_of_memory(d):
    rows = write(os.path.join(d, "gold.jsonl"), b'{"id":"a","messages":[{"role":"user","content":"hi"},{"role":"assistant",'
                 b'"content":"I can\'t help with that.","coded":true}],"labels":{"rtype":"r5","ack":0}}\n'
                 b'{"id":"b","model":"m","prompt":"x","response":"Sure.","label":"compliance"}\n'
                 b'{"id":"s","role":"user","prev":"","text":"I feel low","acts":["disclose"],"risk":1}\n')
    memory_short(d, "eval", *small_pack(d), rows, points=8)


# ---- reads ----

def fact_short_reads_and_signals_change_nothing(d):
    whole = run("analyze", "-f", "jsonl", EXAMPLES)[1]
    for how in ("short", "eintr"):
        code, out, err = shimmed("analyze", "-f", "jsonl", EXAMPLES, FAULT_READ=how)
        equal((code, out), (DONE, whole), f"{how}: {err}")
        gz = os.path.join(d, "g.jsonl.gz")
        subprocess.run(["gzip", "-c", GATES], stdout=open(gz, "wb"), check=True)
        code, out, err = shimmed("analyze", "-f", "jsonl", gz, FAULT_READ=how)
        equal(code, DONE, err)
        equal(out.count(b"\n"), open(GATES, "rb").read().count(b"\n"), how)


def fact_a_file_that_shrinks_while_read_ends_in_a_reject(d):
    path = write(os.path.join(d, "big.jsonl"), b"".join(conversation(i, "I'm listening. " * 2000) for i in range(200)))
    lines = open(path, "rb").read().count(b"\n")
    code, out, err = shimmed("analyze", "-j", "1", "-f", "jsonl", path, FAULT_TRUNCATE=path)
    equal(code, SOME_REJECTED, err)
    assert 0 < out.count(b"\n") < lines
    has(err, "broken JSON: ends early")
    for line in out.splitlines():
        json.loads(line)


def fact_a_directory_of_100000_files_is_read(d):
    sub = os.path.join(d, "many")
    os.mkdir(sub)
    line = conversation()
    n = 10000 if sanitized() else 100000
    for i in range(n):
        fd = os.open(f"{sub}/{i:06d}.json", os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(fd, line)
        os.close(fd)
    code, out, err = run("analyze", "-f", "csv", sub)
    equal(code, DONE, err[:500])
    equal(out.count(b"\n"), n + 1)
    has(out.decode().splitlines()[-1], f"{n - 1:06d}.json")


def fact_a_fifo_or_a_circle_in_a_directory_does_not_hold_the_run(d):
    os.mkfifo(os.path.join(d, "pipe.jsonl"))
    os.symlink(d, os.path.join(d, "again"))
    os.symlink("nowhere", os.path.join(d, "gone.jsonl"))
    write(os.path.join(d, "a.jsonl"), conversation())
    code, out, err = run("analyze", "-f", "jsonl", d)
    equal((code, out.count(b"\n")), (SOME_REJECTED, 1), err)
    has(err, "gone.jsonl")


# ---- streams ----

def fact_closed_streams_are_one_line_and_status_2(d):
    code, out, err = shell('"$R" analyze "$GATES" -f jsonl >&-')
    equal((code, err), (FAILED, "refrain: standard output: Bad file descriptor\n"))
    code, out, err = shell('"$R" --help >&-')
    equal((code, err), (FAILED, "refrain: standard output: Bad file descriptor\n"))
    code, out, err = shell('"$R" analyze -f jsonl <&-')
    equal((code, out), (SOME_REJECTED, b""))
    has(err, "cannot read: Bad file descriptor")


def fact_messages_never_land_in_the_results(d):
    """A file that is opened where stderr was closed must not get what is said on stderr."""
    write(os.path.join(d, "in.jsonl"), conversation() + b"broken\n")
    want = shell('"$R" analyze in.jsonl -o want.jsonl --rejects want.rejects', cwd=d)[0]
    equal(want, SOME_REJECTED)
    for closed in ("2>&-", "0<&- 2>&-", "0<&- 1>&- 2>&-"):
        shell(f'"$R" analyze in.jsonl -o got.jsonl --rejects got.rejects {closed}', cwd=d)
        for kind in ("jsonl", "rejects"):
            equal(open(os.path.join(d, f"got.{kind}"), "rb").read(), open(os.path.join(d, f"want.{kind}"), "rb").read(), closed)
            os.remove(os.path.join(d, f"got.{kind}"))


def fact_a_full_disk_is_one_line_and_status_2(d):
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full")
    for args in ('analyze "$GATES" -f jsonl', 'analyze "$GATES" -f csv', 'analyze "$GATES" -f summary',
                 'explain "$GATES" --id g12-hotline-instead-of-a-reply', "constructs", "helplines list", "--help", "--version"):
        code, out, err = shell(f'"$R" {args} >/dev/full')
        equal((code, err), (FAILED, "refrain: standard output: No space left on device\n"), args)
    code, out, err = shell('"$R" analyze "$GATES" -o /dev/full')
    equal(code, FAILED)
    has(err, "refrain: /dev/full: No space left on device")


def fact_a_reader_that_goes_away_is_no_error(d):
    big = write(os.path.join(d, "big.jsonl"), b"".join(conversation(i) for i in range(3000)))
    for form in ("jsonl", "csv"):
        code, out, err = shell(f'"$R" analyze {big} -f {form} | head -n 1; exit "${{PIPESTATUS[0]}}"')
        equal((code, err, out.count(b"\n")), (DONE, "", 1), form)


def fact_a_run_that_is_told_to_end_leaves_nothing_half_written(d):
    """A side store, temporary outputs: all there is while records are read from a pipe that stays open."""
    temp, work = os.path.join(d, "temp"), os.path.join(d, "work")
    os.mkdir(temp)
    os.mkdir(work)
    for sig in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        p = subprocess.Popen([REFRAIN, "analyze", "-q", "--markdown", "m.md", "-o", "o.jsonl", "-"],
                             stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=work, env=clean_env(TMPDIR=temp))
        p.stdin.write(conversation() * 3)
        p.stdin.flush()
        last = time.monotonic() + 60
        while not (os.listdir(temp) and os.listdir(work)):
            assert p.poll() is None and time.monotonic() < last, (os.listdir(temp), os.listdir(work))
            time.sleep(0.02)
        time.sleep(0.3)
        p.send_signal(sig)
        code = p.wait(30)
        p.stdin.close()
        equal((code, os.listdir(temp), os.listdir(work)), (130, [], []), (sig, p.stderr.read()))


if __name__ == "__main__":
    main(globals())
