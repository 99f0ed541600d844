"""refrain analyze --resume: a store is whole at any moment, and a run goes on as
if nothing had stopped it."""
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import time

from cli import REFRAIN, Skip, clean_env, equal, has, main, run, sanitized
from store_fixture import GATES, analyze, corpus, dump, records


def start(d, args, **more):
    return subprocess.Popen([REFRAIN, "analyze", "-q", *args], cwd=d, env=clean_env(), stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, **{"stdin": subprocess.DEVNULL, **more})


def under_way(p, path):
    """Waits until the store holds some conversations. The writer holds the file, so its growth has to tell: beyond
    the 120 kB of tables, and at rest, for it grows while a commit is under way."""
    before, last = -1, time.monotonic() + 120
    while p.poll() is None:
        assert time.monotonic() < last, f"no {os.path.basename(path)} of 300 kB at rest within two minutes"
        size = os.path.getsize(path) if os.path.exists(path) else 0
        if size > 300000 and size == before:
            return
        before = size
        time.sleep(0.03)


def stop_under_way(d, args, sig):
    """(exit code, stderr) of a run that was sent the signal on its way"""
    p = start(d, ["-j", "1", *args])
    under_way(p, os.path.join(d, args[1]))
    p.send_signal(sig)
    err = p.communicate()[1].decode()
    return p.returncode, err


def resumed(d, path, code=3):
    got = run("analyze", "-q", "--resume", path, cwd=d)
    equal(got[0], code, got[2])


def stored_records(path):
    try:
        db = sqlite3.connect(path, timeout=1)
        return db.execute("SELECT sum(records), (SELECT finished FROM run) FROM input").fetchone()
    except sqlite3.Error:
        return 0, None


def fact_twenty_kills_and_resumptions_leave_the_bytes_of_one_run(d):
    rng = random.Random(int.from_bytes(os.urandom(4), "big"))
    corpus(d, 6000)
    whole, cut = os.path.join(d, "whole.sqlite"), os.path.join(d, "cut.sqlite")
    began = time.monotonic()
    equal(run("analyze", "-q", "-o", "whole.sqlite", "in", cwd=d)[0], 3)
    took = time.monotonic() - began
    want = dump(whole)
    kills = between = rounds = 0
    enough = 6 if sanitized() else 20
    while kills < enough:
        fresh = not has_run(cut)
        if fresh and os.path.exists(cut):
            os.remove(cut)
        args = ["-o", "cut.sqlite", "in"] if fresh else ["--resume", "cut.sqlite"]
        p = start(d, args)
        try:
            p.wait(rng.uniform(0, 0.7 * took))
        except subprocess.TimeoutExpired:
            p.kill()
        err = p.communicate()[1].decode()
        code = p.returncode
        if code == -signal.SIGKILL:
            kills += 1
            n, finished = stored_records(cut)
            between += bool(n) and not finished
            continue
        equal(code, 3, err)
        equal(dump(cut) == want, True, f"after {kills} kills")
        os.remove(cut)
        rounds += 1
    if has_run(cut):
        resumed(d, cut)
        equal(dump(cut) == want, True, "resumed to the end")
        rounds += 1
    print(f"# {kills} kills, {between} of them in the middle of a run that then went on; {rounds} runs compared, {took:.1f} s a run")
    assert between >= enough // 6 and rounds >= 1, (between, rounds)


def has_run(path):
    """False for a file that was killed before its first commit."""
    if not os.path.exists(path):
        return False
    try:
        return sqlite3.connect(path).execute("SELECT count(*) FROM run").fetchone()[0] == 1
    except sqlite3.Error:
        return False


def cut_short(d, where):
    """A store that a kill left in the middle."""
    path = os.path.join(d, "cut.sqlite")
    for _ in range(8):  # on a busy machine a kill may come before the first commit
        stop_under_way(d, ["-o", "cut.sqlite", where], signal.SIGKILL)
        n, finished = stored_records(path)
        if n and not finished:
            return path
        for name in os.listdir(d):
            if name.startswith("cut.sqlite"):
                os.remove(os.path.join(d, name))
    raise AssertionError((n, finished))


def fact_an_interrupt_commits_and_says_how_to_go_on(d):
    corpus(d, 5000)
    code, err = stop_under_way(d, ["-o", "cut.sqlite", "in"], signal.SIGINT)
    equal(code, 130, err)
    has(err, "--resume cut.sqlite")
    resumed(d, os.path.join(d, "cut.sqlite"))
    equal(run("analyze", "-q", "-o", "whole.sqlite", "in", cwd=d)[0], 3)
    equal(dump(os.path.join(d, "cut.sqlite")) == dump(os.path.join(d, "whole.sqlite")), True)


def fact_other_options_inputs_or_packs_are_refused(d):
    where = corpus(d, 5000)
    path = cut_short(d, "in")
    before = dump(path)

    def refused(part, *args):
        code, _, err = run("analyze", "--resume", "cut.sqlite", *args, cwd=d)
        equal((code, err.count("\n")), (2, 1), f"{args}: {err}")
        has(err, part)
        equal(dump(path) == before, True, "untouched")
    refused("no --country", "--country", "GB")
    refused("--as-of", "--as-of", "2020-01-01")
    refused("--max-turns 10000, not 7", "--max-turns", "7")
    refused("keeps no text", "--store-text")
    refused("other files", GATES)
    a = os.path.join(where, "a.jsonl")
    kept = open(a, "rb").read()
    open(a, "ab").write(b"{}\n")
    refused("in/a.jsonl has another size")
    open(a, "wb").write(kept.replace(b"I ", b"A ", 1))
    refused("in/a.jsonl holds other records")
    open(a, "wb").write(kept)
    new = os.path.join(where, "aa.jsonl")
    open(new, "w").write("{}\n")
    refused("in/aa.jsonl was not there before")
    os.remove(new)
    os.rename(a, a + ".away")
    refused("in")
    os.rename(a + ".away", a)
    db = sqlite3.connect(path)
    db.execute("UPDATE run SET pack_hash = '0123456789abcdef'")
    db.commit()
    before = dump(path)
    refused("another pack: 0123456789abcdef")


def fact_a_store_that_somebody_changed_is_refused_in_one_line(d):
    """Each of these once ended the run with a signal: rows were written as wide as the tables were found."""
    shutil.copy(GATES, os.path.join(d, "in.jsonl"))
    analyze(os.path.join(d, "whole.sqlite"), os.path.join(d, "in.jsonl")).close()
    no_rule = ["PRAGMA writable_schema = 1", "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'input'"]
    for changes in ([f"ALTER TABLE turn ADD COLUMN c{i}" for i in range(6)], [f"ALTER TABLE turn ADD COLUMN c{i}" for i in range(200)],
                    ["CREATE TRIGGER t AFTER INSERT ON turn BEGIN DELETE FROM gate; END"], no_rule, ["DROP TABLE gate"],
                    ["UPDATE input SET records = 1"]):
        path = os.path.join(d, "changed.sqlite")
        shutil.copy(os.path.join(d, "whole.sqlite"), path)
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("UPDATE run SET finished = NULL")
        db.execute("UPDATE input SET records = 0, hash = NULL")
        for table in ("population", "turn", "episode", "refusal", "code", "span", "contact", "gate", "warning", "conversation"):
            db.execute(f"DELETE FROM {table}")
        for sql in changes:
            db.execute(sql)
        db.close()
        if changes == no_rule:
            db = sqlite3.connect(path)
            db.execute("UPDATE input SET path = NULL")
            db.commit()
            db.close()
        rc, out, err = run("analyze", "-q", "--resume", path)
        assert rc == 2 and not out and err.count("\n") == 1 and "changed.sqlite" in err, (changes[0], rc, err)


def fact_rejects_and_exit_code_survive_a_resumption(d):
    corpus(d, 5000)
    cut_short(d, "in")
    code, _, err = run("analyze", "--resume", "cut.sqlite", "--rejects", "r.jsonl", cwd=d)
    equal(code, 3, err)
    has(err, "of them from before")
    equal(run("analyze", "-q", "-f", "jsonl", "-o", "x.jsonl", "--rejects", "s.jsonl", "in", cwd=d)[0], 3)
    equal(open(os.path.join(d, "r.jsonl")).read(), open(os.path.join(d, "s.jsonl")).read())
    code, _, err = run("analyze", "--resume", "cut.sqlite", cwd=d)
    equal(code, 3, err)
    has(err, "6")


def fact_standard_input_goes_on_only_with_the_same_bytes(d):
    lines = ("\n".join(records(1000)) + "\n").encode()
    path = os.path.join(d, "cut.sqlite")
    p = start(d, ["-j", "1", "-o", path], stdin=subprocess.PIPE)
    try:
        part = len(lines) * 3 // 4 // 8
        for i in range(8): # a commit, four a second, comes with the records behind it: a pipe that falls silent gets none
            p.stdin.write(lines[i * part:(i + 1) * part])
            p.stdin.flush()
            time.sleep(0.3)
        under_way(p, path)
    finally:
        p.kill()
        p.stdin.close()
        p.stderr.close()
        p.wait()
    assert stored_records(path)[0]
    code, _, err = run("analyze", "--resume", path)
    equal((code, err.count("\n")), (2, 1), err)
    has(err, "standard input")
    code, _, err = run("analyze", "--resume", path, "-", stdin=lines.replace(b"the", b"teh", 1))
    equal(code, 2, err)
    has(err, "other records")
    equal(run("analyze", "-q", "--resume", path, "-", stdin=lines)[0], 0)
    whole = os.path.join(d, "whole.sqlite")
    analyze(whole, stdin=lines)
    equal(dump(path).replace('["-"]', "") == dump(whole).replace('["-"]', ""), True)


def fact_two_writers_at_once_are_refused(d):
    corpus(d, 5000)
    path = cut_short(d, "in")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    code, _, err = run("analyze", "--resume", path, cwd=d)
    equal((code, err.count("\n")), (2, 1), err)
    has(err, "another process")


# ---- no room ----

def fact_a_limit_of_file_size_leaves_a_whole_store_that_goes_on(d):
    corpus(d, 400)
    equal(run("analyze", "-q", "-o", "whole.sqlite", "in", cwd=d)[0], 3)
    size = os.path.getsize(os.path.join(d, "whole.sqlite"))
    for share in (0.1, 0.6, 0.99):
        path = os.path.join(d, "cut.sqlite")
        limit = int(size * share)
        p = subprocess.run([REFRAIN, "analyze", "-q", "-o", "cut.sqlite", "in"], cwd=d, env=clean_env(), capture_output=True,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), timeout=300)
        err = p.stderr.decode()
        equal((p.returncode, err.count("\n")), (2, 1), f"{share}: {err}")
        has(err, "could not be written further")
        db = sqlite3.connect(path)
        equal(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        db.close()
        equal("cut.sqlite-journal" in os.listdir(d), False)
        resumed(d, path)
        equal(dump(path) == dump(os.path.join(d, "whole.sqlite")), True, f"{share}")
        os.remove(path)


def fact_a_full_disk_leaves_a_whole_store_that_goes_on(d):
    disk = os.path.join(d, "disk")
    os.mkdir(disk)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        raise Skip("no right to mount a small disk")
    try:
        corpus(d, 400)
        code, out, err = run("analyze", "-q", "-o", "disk/a.sqlite", "in", cwd=d)
        equal((code, out, err.count("\n")), (2, b"", 1), err)
        has(err, "no room left on the disk")
        has(err, "--resume disk/a.sqlite")
        path = os.path.join(d, "a.sqlite")
        shutil.copy(os.path.join(disk, "a.sqlite"), path)
        equal(sqlite3.connect(path).execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    finally:
        subprocess.run(["umount", disk], check=True)
    resumed(d, path)
    equal(run("analyze", "-q", "-o", "whole.sqlite", "in", cwd=d)[0], 3)
    equal(dump(path) == dump(os.path.join(d, "whole.sqlite")), True)


main(globals())
