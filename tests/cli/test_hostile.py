"""What somebody writes who wants harm: to the machine's memory, to the terminal
of whoever looks, to the spreadsheet that opens the results, to other files."""
import csv
import gzip
import io
import json
import os
import re
import shutil
import sqlite3
import struct
import subprocess

from cli import EXAMPLES, REFRAIN, Skip, clean_env, equal, has, main, on_terminal, run, sanitized

DONE, FAILED, SOME_REJECTED = 0, 2, 3
# Title, clear screen, colour, clipboard; C1; overrides that reorder; a bell and a backspace.
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b]52;c;aGk=\x07\u009b31m\u202egnp.\u2066x\u2069\x08\x7f\u200f\ufeff"
OWN_STYLE = re.compile(r"\x1b\[0(;\d+)*m|\r\x1b\[K")  # what the command itself writes (out/term.c, progress)


def write(path, data):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def record(reply="I can't help with that.", user="I feel low", **more):
    return json.dumps({**more, "messages": [{"role": "user", "content": user}, {"role": "assistant", "content": reply}]},
                      ensure_ascii=False) + "\n"


def within(mb, *args, feed=()):
    """(exit, stdout, stderr) of a run that may not take more than so much memory."""
    limit = "" if sanitized() else f"ulimit -v {mb * 1024}; "
    p = subprocess.Popen(["bash", "-c", limit + 'exec "$@"', "bash", REFRAIN, *args], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env())
    try:
        for piece in feed:
            p.stdin.write(piece)
    except BrokenPipeError:
        pass
    out, err = p.communicate()
    return p.returncode, out, err.decode("utf-8", "replace")


# ---- too much ----

def fact_a_gigabyte_line_is_rejected_without_being_held(d):
    piece = b"x" * (1 << 20)

    def feed():
        yield b'{"messages":[{"role":"user","content":"'
        for _ in range(1024):
            yield piece
        yield b'"}]}\n' + record().encode()
    code, out, err = within(500, "analyze", "-j", "1", "-f", "jsonl", feed=feed())
    equal((code, out.count(b"\n")), (SOME_REJECTED, 1), err)
    has(err, "the limit is 67108864")


def fact_a_million_nested_arrays_are_one_reject(d):
    for opening, closing in (("[", "]"), ('{"messages":', "}")):
        deep = opening * 10**6 + closing * 10**6
        path = write(os.path.join(d, "deep.jsonl"), '{"messages":' + deep + "}\n" + record())
        code, out, err = within(500, "analyze", "-j", "1", "-f", "jsonl", path)
        equal((code, out.count(b"\n")), (SOME_REJECTED, 1), err)
        path = write(os.path.join(d, "deep.json"), deep)
        code, out, err = within(500, "analyze", "-j", "1", "-f", "jsonl", path)
        equal((code, out), (SOME_REJECTED, b""), err)


def fact_bombs_stop_at_the_limit_on_growth(d):
    """One conversation, then a gigabyte of line breaks."""
    first = write(os.path.join(d, "first.jsonl"), record())
    for tool, name in (("gzip -9", "b.gz"), ("zstd -19", "b.zst")):
        if not shutil.which(tool.split()[0]):
            raise Skip(f"no {tool.split()[0]}; ./dev test installs it")
        subprocess.run(["bash", "-c", f"(cat {first}; head -c 1G /dev/zero | tr '\\0' '\\n') | {tool} -c > {d}/{name}"], check=True)
        code, out, err = within(400, "analyze", "-j", "1", "-f", "jsonl", os.path.join(d, name))
        equal((code, out.count(b"\n")), (SOME_REJECTED, 1), err)
        has(err, "unpacks to more than")


def fact_the_limit_on_a_file_s_unpacked_bytes_is_an_option(d):
    path = write(os.path.join(d, "a.gz"), gzip.compress(record().encode() * 1000))
    code, out, err = run("analyze", "-f", "jsonl", "--max-unpacked", "10k", path)
    equal(code, SOME_REJECTED)
    has(err, "more than 10240 bytes in one file, which is the limit; the rest is left out")
    assert 0 < out.count(b"\n") < 1000
    equal(run("analyze", "-f", "jsonl", "--max-unpacked", "1M", path)[0], DONE)


def fact_aliases_in_settings_and_directories_do_not_unfold(d):
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"] + [f"{c}: &{c} [{','.join(['*' + b] * 9)}]" for b, c in zip("abcdefgh", "bcdefghi")]
    os.mkdir(os.path.join(d, "dir"))
    write(os.path.join(d, "dir", "xx.yaml"), "\n".join(lines) + "\n")
    code, out, err = within(400, "analyze", "--directory", os.path.join(d, "dir"), os.path.join(EXAMPLES, "gates.jsonl"))
    equal((code, err.count("\n")), (FAILED, 1), err)
    has(err, "unknown key 'a'")


def fact_a_turn_of_numbers_has_its_first_256_contacts_and_a_warning(d):
    def contacts(n, end=". "):
        path = write(os.path.join(d, "n.jsonl"), record(reply="".join(f"call 555-{1000 + i}{end}" for i in range(n))))
        code, out, err = run("analyze", "-f", "jsonl", path)
        equal(code, DONE, err)
        reply = json.loads(out)
        return len(reply["turns"][1]["contacts"]), [w for w in reply["warnings"] if w["code"] != "not_english"]
    equal(contacts(255), (255, []))
    equal(contacts(1000), (256, [{"code": "contacts_cut", "turn": 1}]))
    equal(contacts(200, "\n"), (200, []))
    equal(contacts(16, ", "), (16, []))
    equal(contacts(40, ", "), (16, [{"code": "contacts_cut", "turn": 1}]))  # of one sentence


def fact_a_count_over_a_megabyte_of_them_stays_a_count(d):
    path = write(os.path.join(d, "many.jsonl"), record(reply="suicide epidemic. " * 50000))
    code, out, err = run("analyze", "-f", "jsonl", path)
    equal((code, json.loads(out)["turns"][1]["codes"]["P3.unsafe"]["value"]), (DONE, 32767), err)


# ---- the terminal ----

def hostile(d):
    """A file whose name, ids, model, texts and broken record all carry escapes."""
    name = os.path.join(d, "a\x1b]0;owned\x07\x1b[2J.jsonl")
    return write(name, record(id="id" + ESCAPES, model="m" + ESCAPES, locale="en" + ESCAPES, country="US",
                              user="I want to die" + ESCAPES, reply="I can't help with that." + ESCAPES + " Call 988." + ESCAPES) +
                 '{"messag' + ESCAPES.replace("\x08", "") + 'es": 1}\n' + '{"messages":[{"role":"' + "u\\u001b[31mser" + '","content":"a"}]}\n')


def clean(text, where):
    rest = OWN_STYLE.sub("", text)
    for c in rest:
        n = ord(c)
        assert not (n < 32 and c not in "\n\r" or 127 <= n < 160 or 0x202a <= n <= 0x202e or 0x2066 <= n <= 0x2069
                    or n in (0x200e, 0x200f, 0x61c, 0xfeff)), f"{where}: {c!r} in {rest[max(0, rest.index(c) - 60):][:120]!r}"


def fact_no_escape_reaches_the_terminal(d):
    path = hostile(d)
    want, store = os.path.join(d, "rejects"), os.path.join(d, "s.sqlite")
    equal(run("analyze", "-q", "-o", store, path)[0], SOME_REJECTED)
    for args in (["analyze", path], ["analyze", "-f", "jsonl", path], ["analyze", "-f", "jsonl", "--show-text", path],
                 ["analyze", "-f", "csv", "--show-text", path], ["analyze", "-o", os.path.join(d, "o.jsonl"), "--rejects", want, path],
                 ["explain", path], ["explain", path, "--id", "no such" + ESCAPES], ["helplines", "check", path],
                 ["constructs", "x" + ESCAPES], ["an" + ESCAPES], ["analyze", "--" + ESCAPES], ["analyze", path + ESCAPES],
                 *(["report", store, "--by", "model", "-f", f] for f in ("csv", "md", "json", "text")),
                 *(["compare", store, store, "-f", f] for f in ("md", "json", "text")),
                 ["analyze", "--input-format", ESCAPES, path], ["analyze", "--fail-on", ESCAPES, path], ["eval", path]):
        code, text = on_terminal(*args)
        clean(text, args[:2])


def fact_no_escape_stands_in_files_that_are_looked_at(d):
    path = hostile(d)
    for form, more in (("jsonl", ["--show-text"]), ("csv", ["--show-text"]), ("csv", ["--csv-unit", "turn", "--show-text"]), ("summary", [])):
        rejects = os.path.join(d, "rejects.jsonl")
        code, out, err = run("analyze", "-f", form, *more, "--rejects", rejects, path)
        text = out.decode("utf-8") + err + open(rejects, encoding="utf-8").read()
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]", text), form


def fact_names_that_are_no_utf8_give_results_that_are(d):
    odd = os.path.join(os.fsencode(d), b"caf\xe9\xff.jsonl")
    with open(odd, "wb") as f:
        f.write(record(locale="en").encode().replace(b'"locale"', b'"x"') + b"broken\n")
    rejects = os.path.join(d, "rejects.jsonl")
    for form in ("jsonl", "csv"):
        p = subprocess.run([REFRAIN, "analyze", "-f", form, "--rejects", rejects, odd], capture_output=True, env=clean_env())
        equal(p.returncode, SOME_REJECTED)
        has(p.stdout.decode("utf-8"), "caf\ufffd\ufffd.jsonl")
        json.loads(open(rejects, encoding="utf-8").read())


# ---- stores of strangers ----

def store_with(d, name, *sql):
    """A sound store, then what somebody did to it."""
    path = os.path.join(d, name + ".sqlite")
    equal(run("analyze", "-q", "-o", path, os.path.join(EXAMPLES, "gates.jsonl"))[0], DONE)
    db = sqlite3.connect(path)
    for line in sql:
        db.execute(line)
    db.commit()
    db.close()
    return path


def read_in_every_way(path):
    out = path + ".html"
    for args in (["report", path], ["report", path, "-o", out], ["compare", path, path], ["analyze", "-q", "--resume", path]):
        yield args[0], *within(1000, *args)
        assert not os.path.exists(out) or os.path.getsize(out) > 10000, "half a page"


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "


def fact_tables_that_are_none_are_refused_in_one_line(d):
    """Each would be read for ever, or as something that no writer put there."""
    for name, was, sql in (
            ("view", "warning", f"CREATE VIEW warning AS {ENDLESS} i AS conversation, i, 'x' AS code, 0 AS turn FROM n"),
            ("virtual", "warning", "CREATE VIRTUAL TABLE warning USING fts5(conversation, i, code, turn)"),
            ("generated", "reject", "CREATE TABLE reject (id INTEGER PRIMARY KEY, input, record, offset, reason AS (printf('%.*c', 1000000, 'x')))"),
            ("no key", "gate", "CREATE TABLE gate (conversation, i, gate, turn, episode, status, why)"),
            ("gone", "code", "SELECT 1")):
        path = store_with(d, name, f"DROP TABLE {was}", sql)
        for how, code, out, err in read_in_every_way(path):
            equal((code, out, err.count("\n")), (FAILED, b"", 1), (name, how, err))
            has(err, "is not that of this refrain's stores")


def fact_numbers_that_lead_out_of_their_conversation_are_refused_in_one_line(d):
    """Metrics find turns and cells by them."""
    for name, sql in (("anchor", 'UPDATE episode SET anchor = 100000, "end" = 100000'), ("end", 'UPDATE episode SET "end" = -1'),
                      ("no turns", "DELETE FROM turn"), ("risk", "UPDATE turn SET risk = 77"), ("said", "UPDATE turn SET said = -9"),
                      ("bid", "UPDATE turn SET bid_turn = 5000"), ("gap", "UPDATE turn SET i = i + 9"),
                      ("refusal", "UPDATE refusal SET turn = 99999"),
                      ("contact", "UPDATE contact SET turn = 1000000000"),
                      ("contact before the first", "UPDATE contact SET turn = -1")):
        path = store_with(d, name, sql)
        for how, code, out, err in read_in_every_way(path):
            if how == "analyze":
                continue  # a finished run: its conversations are not read
            equal((code, err.count("\n")), (FAILED, 1), (name, how, err))
            has(err, "the store is damaged")
    path = store_with(d, "before the first", "UPDATE refusal SET episode = -1", "UPDATE code SET episode = -1 WHERE episode IS NOT NULL")
    for how, code, out, err in read_in_every_way(path):
        equal((code, err), (DONE, ""), how)


def fact_gates_that_are_none_are_refused_or_left_out(d):
    """Each once led out of a table of twelve: onto the stack, or into whatever stood behind it."""
    for name in ("G0", "G13", "G33", "G64", "G255", "G-1", "G4294967297", "x", ""):
        path = store_with(d, "gate", f"UPDATE gate SET id = '{name}'")
        for more in (["--fail-on", "any"], ["--sarif", os.path.join(d, "s.sarif")], ["--junit", os.path.join(d, "j.xml")]):
            code, out, err = run("analyze", "-q", "--resume", path, *more)
            equal((code, out, err.count("\n")), (FAILED, b"", 1), (name, err))
            has(err, f"gate '{name}' is none of G1 to G12; the store is damaged")
        equal(run("report", path, "-o", path + ".html")[0], DONE)
        os.remove(path + ".html")
        equal(run("report", path, "--fail-on", "any")[0], DONE)
    equal(sorted(n for n in os.listdir(d) if "sqlite" not in n), [])


def fact_options_of_a_store_are_checked_as_those_of_a_command_line(d):
    for change, part in ((("as-of", None), "name no day"), (("max-memory", 0), "--max-memory is damaged"),
                         (("max-turns", "x"), "--max-turns is damaged"), (("country", 7), "--country is damaged"),
                         (("max-ratio", -1), "--max-ratio is damaged")):
        path = store_with(d, "options", "UPDATE run SET finished = NULL")
        db = sqlite3.connect(path)
        options = json.loads(db.execute("SELECT options FROM run").fetchone()[0])
        options.update([change])
        db.execute("UPDATE run SET options = ?", (json.dumps(options),))
        db.commit()
        db.close()
        code, out, err = run("analyze", "-q", "--resume", path)
        equal((code, out, err.count("\n")), (FAILED, b"", 1), (change, err))
        has(err, part)
        os.remove(path)


def fact_a_journal_that_names_another_file_takes_no_file_away(d):
    """What a journal of several files ends in: SQLite rolls such a one back, and deletes the file that it names."""
    path = store_with(d, "journal")
    victim = write(os.path.join(d, "victim"), "kept\n")
    size, magic, name = 4096, bytes.fromhex("d9d505f920a163d7"), os.fsencode(victim)
    pages = os.path.getsize(path) // size
    head = (magic + struct.pack(">IIIII", 0, 1234, pages, 512, size)).ljust(512, b"\0")
    tail = struct.pack(">I", 0x40000000 // size + 1) + name + struct.pack(">II", len(name), sum(name)) + magic
    journal = write(path + "-journal", head + tail)
    link = os.path.join(d, "link.sqlite")
    os.symlink(path, link)
    before = open(path, "rb").read()
    base = f"vs:{path} decline>0.9"
    gates = os.path.join(EXAMPLES, "gates.jsonl")
    for args in (["report", path], ["report", link], ["compare", path, path], ["analyze", "-q", "--resume", path],
                 ["analyze", "-q", "-o", path, gates],
                 ["analyze", "-q", "-o", os.path.join(d, "o.jsonl"), "--fail-on", base, gates]):
        code, out, err = run(*args)
        equal((code, out, err.count("\n")), (FAILED, b"", 1), (args, err))
        assert "-journal: names a file other than" in err or "it stays as it is" in err, err
        equal((open(victim).read(), open(path, "rb").read() == before, os.path.exists(journal)), ("kept\n", True, True), args)
    os.remove(journal)
    equal(run("report", path)[0], DONE)


def fact_views_triggers_and_tables_beside_ours_are_left_alone(d):
    path = store_with(d, "more", f"CREATE VIEW extra AS {ENDLESS} i FROM n", "CREATE TABLE notes (id, text)",
                      "CREATE TRIGGER t AFTER INSERT ON turn BEGIN INSERT INTO notes SELECT i, '' FROM extra; END")
    for how, code, out, err in read_in_every_way(path):
        equal((code, err), (DONE, ""), how)


def fact_pages_in_a_ring_are_an_error_and_not_rows_for_ever(d):
    """Every child of an inner page is the same leaf: a small file of more rows than can ever be read."""
    path = os.path.join(d, "ring.sqlite")
    equal(run("analyze", "-q", "-o", path, EXAMPLES)[0], DONE)
    db = sqlite3.connect(path)
    db.execute("DROP INDEX conversation_cid")  # so that counting rows is counting these
    db.execute("DROP INDEX conversation_group")
    size, = db.execute("PRAGMA page_size").fetchone()
    root, = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'conversation'").fetchone()
    db.execute("CREATE TABLE filler (x)")
    db.executemany("INSERT INTO filler VALUES (?)", [("x" * 1000,)] * 200)
    db.commit()
    spare = [p for p, in db.execute("SELECT pageno FROM dbstat WHERE name = 'filler' AND pagetype = 'leaf' LIMIT 16")]
    db.close()
    for depth in (4, 16):  # the deeper one cannot even be counted
        in_a_ring(path, size, root, spare[:depth])
        for how, code, out, err in read_in_every_way(path):
            if how == "analyze" and depth == 4:
                continue  # a finished run: its conversations are not read
            equal((code, err.count("\n")), (FAILED, 1), (how, err))
            assert "damaged" in err or "malformed" in err, err


def in_a_ring(path, size, root, spare):
    with open(path, "r+b") as f:
        def page(n):
            f.seek((n - 1) * size)
            return f.read(size)

        def inner(children):
            cells = [struct.pack(">I", c) + b"\x01" for c in children[:-1]]
            body = b"".join(cells)
            at = [size - len(body) + 5 * i for i in range(len(cells))]
            head = struct.pack(">BHHHBI", 5, 0, len(cells), at[0], 0, children[-1])
            return (head + b"".join(struct.pack(">H", a) for a in at)).ljust(size - len(body), b"\0") + body
        leaf = page(root)
        while leaf[0] == 5:  # down to the first leaf of the table
            leaf = page(struct.unpack(">I", leaf[struct.unpack(">H", leaf[12:14])[0]:][:4])[0])
        pages = [root] + spare
        for up, down in zip(pages, pages[1:]):
            f.seek((up - 1) * size)
            f.write(inner([down] * 400))
        f.seek((pages[-1] - 1) * size)
        f.write(leaf)


def fact_as_many_populations_as_words_stay_cheap(d):
    names = [f"p{i}" for i in range(32000)]
    path = write(os.path.join(d, "p.jsonl"), record(user="I want to die", population=names))
    store = os.path.join(d, "p.sqlite")
    equal(run("analyze", "-q", "-o", store, path)[0], DONE)
    equal(sqlite3.connect(store).execute("SELECT count(*) FROM population").fetchone()[0], len(names))
    for args in (["report", store], ["report", store, "-o", store + ".html"],
                 ["analyze", "-q", "-o", store + ".jsonl", "--markdown", store + ".md", path]):
        code, out, err = within(600, *args)
        equal((code, err), (DONE, ""), args)


# ---- spreadsheets, paths ----

def fact_no_cell_of_csv_is_a_formula(d):
    starts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", '"=1"', "\n=1"]
    path = write(os.path.join(d, "f.jsonl"), "".join(record(id=s, model=s, locale=s, reply=s, user=s) for s in starts))
    for unit in ("episode", "turn", "conversation"):
        code, out, err = run("analyze", "-f", "csv", "--csv-unit", unit, "--show-text", path)
        equal(code, DONE, err)
        for row in csv.reader(io.StringIO(out.decode("utf-8"), newline="")):
            for cell in row:
                assert not cell.startswith(("=", "@", "\t", "\r")), (unit, cell)
                assert not cell.startswith(("+", "-")) or re.fullmatch(r"[+-]?[\d.]+", cell) and cell not in ("+1", "-1"), (unit, cell)


def fact_no_cell_of_an_exported_directory_is_a_formula(d):
    where = os.path.join(d, "own")
    os.mkdir(where)
    write(os.path.join(where, "zw.yaml"), "country: ZW\nlines:\n" + "".join(
        f'  - {{id: zw-x{i}, name: {json.dumps(z)}, service: suicide, channel: phone, dial: "+26312345678{i}", '
        f'status: current, agreement: single, evidence: [{{source: {json.dumps(z)}, date: 2026-01-01, family: x}}]}}\n'
        for i, z in enumerate(['=HYPERLINK("http://example.org","x")', "@SUM(A1)", "-1+1", "+1+1"])))
    code, out, err = run("helplines", "export", "--format", "csv", "--directory", where)
    equal(code, DONE, err)
    cells = [c for row in csv.reader(io.StringIO(out.decode("utf-8"), newline="")) for c in row]
    has(cells, "'+263123456780")
    assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))]


def fact_a_key_of_evidence_that_is_no_word_is_one_line(d):
    where = os.path.join(d, "own")
    os.mkdir(where)
    path = write(os.path.join(where, "zw.yaml"), 'country: ZW\nlines:\n  - {id: zw-x, name: x, service: suicide, '
                 'channel: phone, dial: "112", status: current, agreement: single, evidence: [{[]: x, source: a, date: 2026-01-01, family: x}]}\n')
    code, out, err = run("helplines", "lint", path)
    has(out.decode() + err, "a key is a word; evidence has source, date, family")


def fact_ids_are_names_and_never_paths(d):
    work = os.path.join(d, "work")
    os.mkdir(work)
    path = write(os.path.join(work, "in.jsonl"), "".join(record(id=i) for i in (
        "../../escape", "/tmp/refrain-escape", "-o", "a/b", "..", "con", "a" * 100000)))
    before = set(os.listdir(d)) | set(os.listdir("/tmp"))
    code, out, err = run("analyze", "-o", "out.jsonl", path, cwd=work)
    equal(code, DONE, err)
    for i in ("../../escape", "-o", "a" * 100000):
        equal(run("explain", path, "--id", i, cwd=work)[0], DONE, i[:20])
    new = set(os.listdir(d)) | set(os.listdir("/tmp"))
    assert not [n for n in new - before if "escape" in n]
    equal(sorted(os.listdir(work)), ["in.jsonl", "out.jsonl"])


def fact_archives_are_not_unpacked(d):
    """A zip or tar could name paths of its own; what is inside is never written."""
    import zipfile
    z = os.path.join(d, "a.zip")
    with zipfile.ZipFile(z, "w") as f:
        f.writestr("../../evil.jsonl", record())
    code, out, err = run("analyze", z)
    equal(code, SOME_REJECTED)
    has(err, "a zip file; unpack it first")
    equal(sorted(os.listdir(d)), ["a.zip"])


if __name__ == "__main__":
    main(globals())
