"""refrain analyze into a store: the same results as JSONL, as sound rows."""
import datetime
import gzip
import json
import os
import sqlite3

from cli import EXAMPLES, ROOT, equal, has, main, run, shared
from store_fixture import GATES, analyze, corpus, dump


# ---- results out of the tables, as JSONL has them ----

class Rebuilt:
    def __init__(self, db):
        db.row_factory = sqlite3.Row
        self.db = db
        self.bits = {}
        for kind, mask, name in db.execute("SELECT kind, mask, name FROM bit ORDER BY kind, mask"):
            self.bits.setdefault(kind, []).append((mask, name))
        self.construct = [r[0] for r in db.execute("SELECT name FROM construct ORDER BY id")]

    def rows(self, table, c):
        return self.db.execute(f"SELECT * FROM {table} WHERE {'id' if table == 'conversation' else 'conversation'} = ?", (c,)).fetchall()

    def names(self, kind, bits):
        return [name for mask, name in self.bits[kind] if bits & mask]

    @staticmethod
    def risk(r):
        return "X" if r == -1 else r

    @staticmethod
    def time(ms):
        if ms is None:
            return None
        t = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)
        return t.strftime("%Y-%m-%dT%H:%M:%S") + (f".{ms % 1000:03d}" if ms % 1000 else "") + "Z"

    def code(self, x, spans):
        if x["reason"]:
            return {"value": None, "reason": x["reason"]}
        value = x["category"] if x["category"] is not None else x["value"]
        if self.construct[x["construct"]] == "P4.time" and x["category"] is not None:
            value = {"category": x["category"], "lag": x["lag"]}
        out = {"value": value, "method": x["method"], "conf": x["conf"]}
        if x["severity"]:
            out["severity"] = x["severity"]
        if x["searched_from"] is not None:
            out["searched"] = [x["searched_from"], x["searched_to"]]
        if spans:
            out["spans"] = [[s["turn"], s["begin"], s["end"]] for s in spans]
        return out

    def codes(self, c):
        spans = {}
        for s in self.rows("span", c):
            spans.setdefault(s["code"], []).append(s)
        of_turn, of_episode = {}, {}
        for x in self.rows("code", c):
            at = of_turn.setdefault(x["turn"], {}) if x["turn"] is not None else of_episode.setdefault(x["episode"], {})
            at[self.construct[x["construct"]]] = self.code(x, spans.get(x["i"]))
        return of_turn, of_episode

    def contact(self, x):
        out = {k: x[k] for k in ("text", "kind", "status", "country", "line", "turn", "begin", "end")}
        out["text"] = out["text"] or None
        out["stale"] = bool(x["stale"])
        if x["negated"]:
            out["negated"] = True
        if x["instead"]:
            out["instead"] = x["instead"]
        return out

    def turn(self, x, codes, contacts):
        out = {"i": x["i"], "role": x["role"], "ts": self.time(x["ts"])}
        if x["role"] == "user":
            out.update(risk=self.risk(x["risk"]), risk_conf=x["risk_conf"], flags=self.names("flag", x["flags"]),
                       acts=self.names("user_act", x["acts"]))
        elif x["bid"] is not None:
            if x["rtype"]:
                out.update(rtype=x["rtype"], hard=x["hard"], conf=x["conf"])
            out.update(decision=x["decision"], acts=self.names("assistant_act", x["acts"]), codes=codes, contacts=[])
        if contacts:
            out["contacts"] = contacts
        if x["text"] is not None:
            out["text"] = x["text"]
        return out

    def episode(self, x, codes, refusals, gates):
        out = {k: x[k] for k in ("start", "anchor", "end", "end_reason", "rtype", "hard", "decision", "pc", "quadrant")}
        out.update(refusals=refusals, risk=self.risk(x["risk"]), flags=self.names("flag", x["flags"]),
                   next=self.names("next", x["next"]), gates=gates, decay=None)
        if x["decay_delta"] is not None:
            out["decay"] = {"k": x["n_refusal"], "delta": x["decay_delta"], "direction": x["decay_direction"]}
        out["constructs"] = {k: codes.get(k, {"value": None, "reason": "not_applicable"}) for k in self.construct}
        out["phases"] = {f"P{p}": None if x[f"P{p}_user"] is None else
                         {k: x[f"P{p}_{k}"] for k in ("user", "mhp", "coverage")} for p in range(1, 6)}
        return out

    def result(self, c):
        head = self.rows("conversation", c)[0]
        path = self.db.execute("SELECT path FROM input WHERE id = ?", (head["input"],)).fetchone()[0]
        meta = {k: head[k] for k in ("model", "locale", "language", "country", "regeneration_group")}
        meta["population"] = [r["name"] for r in self.rows("population", c)]
        of_turn, of_episode = self.codes(c)
        contacts, refusals, gates = {}, {}, []
        for x in self.rows("contact", c):
            contacts.setdefault(x["turn"], []).append(self.contact(x))
        for x in self.rows("refusal", c):
            refusals.setdefault(x["episode"], []).append(x["turn"])
        for x in self.rows("gate", c):
            gates.append({k: x[k] for k in ("id", "turn", "episode", "status")})
        return {
            "schema_version": 1, "id": head["cid"], "source": {"path": path, "record": head["record"]}, "meta": meta,
            "turns": [self.turn(x, of_turn.get(x["i"], {}), contacts.get(x["i"])) for x in self.rows("turn", c)],
            "episodes": [self.episode(x, of_episode.get(x["i"], {}), refusals.get(x["i"], []),
                                      [{k: g[k] for k in ("id", "turn", "status")} for g in gates if g["episode"] == x["i"]])
                         for x in self.rows("episode", c)],
            "gates": gates, "warnings": [{k: x[k] for k in ("code", "turn")} for x in self.rows("warning", c)]}

    def all(self):
        return [self.result(r[0]) for r in self.db.execute("SELECT id FROM conversation ORDER BY id").fetchall()]


def same_as_jsonl(d, *args, text=False):
    db = analyze(os.path.join(d, "a.sqlite"), *(["--store-text"] if text else []), *args)
    got = Rebuilt(db).all()
    want = [json.loads(line) for line in run("analyze", "-f", "jsonl", *(["--show-text"] if text else []), *args)[1].splitlines()]
    equal(len(got), len(want))
    for g, w in zip(got, want):
        equal(first_difference(g, w, w["id"]), None)
    return len(want)


def first_difference(got, want, where):
    """Where, and the two values; None where there is none."""
    if isinstance(got, dict) and isinstance(want, dict) and got.keys() == want.keys():
        parts = [(f"{where}.{k}", got[k], want[k]) for k in want]
    elif isinstance(got, list) and isinstance(want, list) and len(got) == len(want):
        parts = [(f"{where}[{i}]", g, w) for i, (g, w) in enumerate(zip(got, want))]
    else:
        return None if got == want else (where, str(got)[:200], str(want)[:200])
    return next((x for x in (first_difference(g, w, at) for at, g, w in parts) if x), None)


def fact_the_rows_hold_the_same_results_as_jsonl(d):
    assert same_as_jsonl(d, EXAMPLES) > 50


def fact_with_text_they_hold_the_turns_too(d):
    same_as_jsonl(d, "--country", "GB", "--jurisdiction", "US-CA", GATES, text=True)


def fact_real_conversations_give_the_same_rows(d):
    equal(same_as_jsonl(d, shared("conversations", "vera-mh-dev.jsonl")), 60)


# ---- the file ----

def fact_the_file_says_what_it_is_and_is_sound(d):
    db = analyze(os.path.join(d, "a.sqlite"), EXAMPLES)
    equal(db.execute("PRAGMA application_id").fetchone()[0], 0x7266726E)
    equal(db.execute("PRAGMA user_version").fetchone()[0], 1)
    equal(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    equal(db.execute("PRAGMA foreign_key_check").fetchall(), [])
    equal(sorted(os.listdir(d)), ["a.sqlite"])


def fact_checks_of_the_tables_hold_for_every_row(d):
    db = analyze(os.path.join(d, "a.sqlite"), EXAMPLES)
    for what, wrong in {
            "counts": "SELECT count(*) FROM conversation c WHERE n_turn <> (SELECT count(*) FROM turn WHERE conversation = c.id) "
                      "OR n_episode <> (SELECT count(*) FROM episode WHERE conversation = c.id) "
                      "OR n_refusal <> (SELECT count(*) FROM turn WHERE conversation = c.id AND hard > 0)",
            "refusals": "SELECT count(*) FROM episode e WHERE n_refusal <> "
                        "(SELECT count(*) FROM refusal WHERE conversation = e.conversation AND episode = e.i)",
            "values": "SELECT count(*) FROM code WHERE (value IS NOT NULL) + (category IS NOT NULL) + (reason IS NOT NULL) <> 1",
            "ranges": "SELECT count(*) FROM span WHERE begin > end"}.items():
        equal(db.execute(wrong).fetchone()[0], 0, what)
    assert db.execute("SELECT count(*) FROM code").fetchone()[0] > 1000


def fact_every_view_answers(d):
    db = analyze(os.path.join(d, "a.sqlite"), EXAMPLES)
    views = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")]
    assert len(views) > 5
    for v in views:
        assert db.execute(f"SELECT count(*) FROM {v}").fetchone()[0] > 0, v


def fact_queries_of_the_page_run(d):
    db = analyze(os.path.join(d, "a.sqlite"), EXAMPLES)
    with open(os.path.join(ROOT, "docs", "store.md"), encoding="utf-8") as f:
        queries = [block.split("```")[0] for block in f.read().split("```sql\n")[1:]]
    assert len(queries) >= 5
    for q in queries:
        assert db.execute(q).fetchall(), q


def fact_the_run_tells_what_made_it(d):
    db = analyze(os.path.join(d, "a.sqlite"), "--country", "GB", "--as-of", "2026-08-01", GATES)
    db.row_factory = sqlite3.Row
    r = db.execute("SELECT * FROM run").fetchone()
    equal((r["as_of"], json.loads(r["options"])["country"], json.loads(r["arguments"])), ("2026-08-01", "GB", [GATES]))
    assert r["finished"] and len(r["pack_hash"]) == 16 and r["pack_hash"] != r["model_hash"]
    i = db.execute("SELECT * FROM input").fetchone()
    equal((i["path"], i["bytes"]), (GATES, os.path.getsize(GATES)))
    with open(GATES, encoding="utf-8") as f:
        equal(i["records"], sum(1 for line in f if line.strip()))


def fact_a_packed_copy_has_the_hash_of_the_plain_file(d):
    packed = os.path.join(d, "g.jsonl.gz")
    with open(GATES, "rb") as f, gzip.open(packed, "wb") as z:
        z.write(f.read())
    hashes = {analyze(os.path.join(d, f"{i}.sqlite"), p).execute("SELECT hash FROM input").fetchone()[0]
              for i, p in enumerate((GATES, packed))}
    equal(len(hashes), 1)
    with open(GATES, "rb") as f:
        other = f.read().replace(b"988", b"989", 1)
    open(os.path.join(d, "h.jsonl"), "wb").write(other)
    hashes |= set(analyze(os.path.join(d, "h.sqlite"), os.path.join(d, "h.jsonl")).execute("SELECT hash FROM input").fetchone())
    equal(len(hashes), 2)


def fact_any_number_of_threads_gives_the_same_rows(d):
    where = corpus(d)
    dumps = set()
    for n in (1, 2, 5):
        path = os.path.join(d, f"{n}.sqlite")
        analyze(path, "-j", n, where, code=3)
        dumps.add(dump(path))
    equal(len(dumps), 1)


def fact_no_text_is_stored_unless_asked_for(d):
    word = "zyzzyva"
    path = os.path.join(d, "t.jsonl")
    with open(path, "w", encoding="utf-8") as f:
        f.write(json.dumps({"id": "t", "messages": [
            {"role": "user", "content": f"I feel so low tonight, {word}, and nobody is there."},
            {"role": "assistant", "content": f"I can't help with that, {word}."},
            {"role": "user", "content": f"Then forget it, {word}."}]}) + "\n")
    for args, there in (((), False), (("--store-text",), True)):
        out = os.path.join(d, "t.sqlite")
        db = analyze(out, *args, path)
        equal(db.execute("SELECT n_refusal FROM conversation").fetchone()[0], 1)
        with open(out, "rb") as f:
            equal(word.encode() in f.read(), there, str(args))


def fact_rejects_and_repeated_ids_are_rows(d):
    where = corpus(d)
    db = analyze(os.path.join(d, "a.sqlite"), where, code=3)
    equal(db.execute("SELECT count(*) FROM reject").fetchone()[0], 4)
    listed = [json.loads(line) for line in open(rejects_of(d, where), encoding="utf-8")]
    equal([dict(zip(("path", "record", "offset", "reason"), r)) for r in db.execute(
        "SELECT path, record, offset, reason FROM reject r JOIN input i ON i.id = r.input ORDER BY r.id")], listed)
    again = db.execute("SELECT count(*) FROM warning WHERE code = 'repeated_id' AND turn IS NULL").fetchone()[0]
    equal(again, db.execute("SELECT count(*) - count(DISTINCT cid) FROM conversation").fetchone()[0])
    assert again > 5


def rejects_of(d, where):
    path = os.path.join(d, "rejects.jsonl")
    equal(run("analyze", "-q", "-f", "jsonl", "--rejects", path, where)[0], 3)
    return path


# ---- how it is asked for ----

def fact_the_name_or_the_format_asks_for_a_store(d):
    for args in (("-o", "x.sqlite"), ("-f", "sqlite", "-o", "x.db"), ("-f", "sqlite", "-o", ":memory:")):
        equal(run("analyze", "-q", *args, GATES, cwd=d)[0], 0)
        equal(open(os.path.join(d, args[-1]), "rb").read(15), b"SQLite format 3")
        equal(run("report", args[-1], cwd=d)[0], 0)


def fact_wrong_uses_are_one_line(d):
    for args, part in ((("-f", "sqlite", GATES), "needs a file: -o run.sqlite"),
                       (("-f", "sqlite", "-o", "-", GATES), "needs a file"),
                       (("-f", "sqlite", "-o", "", GATES), "needs a file"),
                       (("-o", "x.sqlite", "--show-text", GATES), "--store-text"),
                       (("-o", "x.jsonl", "--store-text", GATES), "--show-text"),
                       (("--resume", "x.sqlite", "-f", "csv"), "--format csv"),
                       (("--resume", "x.sqlite", "-o", "y.sqlite"), "leave --output out"),
                       (("--resume", "none.sqlite"), "none.sqlite"),
                       (("-o", "no/such/x.sqlite", GATES), "no/such/x.sqlite"),
                       (("-o", d, "-f", "sqlite", GATES), "not a file")):
        code, out, err = run("analyze", *args, cwd=d)
        equal((code, out, err.count("\n")), (2, b"", 1), f"{args}: {err}")
        has(err, part)
        equal(os.listdir(d), [], str(args))


def fact_only_a_finished_store_is_replaced(d):
    path = os.path.join(d, "a.sqlite")
    analyze(path, EXAMPLES)
    analyze(path, GATES)
    equal(sqlite3.connect(path).execute("SELECT count(*) FROM input").fetchone()[0], 1)
    db = sqlite3.connect(path)
    db.execute("UPDATE run SET finished = NULL")
    db.commit()
    db.close()
    code, _, err = run("analyze", "-o", path, GATES)
    equal((code, err.count("\n")), (2, 1), err)
    has(err, "--resume")
    for name, what in (("b.sqlite", b"my notes\n" * 1000), ("c.sqlite", None)):
        other = os.path.join(d, name)
        if what:
            open(other, "wb").write(what)
        else:
            sqlite3.connect(other).executescript("CREATE TABLE mine (x); INSERT INTO mine VALUES (1)")
        before = open(other, "rb").read()
        code, _, err = run("analyze", "-o", other, GATES)
        equal((code, err.count("\n")), (2, 1), err)
        equal(open(other, "rb").read() == before, True, "untouched")


def fact_what_was_killed_at_its_first_step_is_begun_again(d):
    path = os.path.join(d, "a.sqlite")
    open(path, "wb").close()
    analyze(path, GATES).close()
    db = sqlite3.connect(path)
    tables = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    for t in tables:
        if t not in ("run", "input", "construct", "bit", "gate_kind"):
            db.execute(f"DELETE FROM {t}")
    db.execute("UPDATE run SET finished = NULL")
    db.commit()
    db.close()
    equal(analyze(path, GATES).execute("SELECT finished IS NOT NULL FROM run").fetchone()[0], 1)


def fact_a_store_of_the_future_is_refused(d):
    path = os.path.join(d, "a.sqlite")
    db = analyze(path, GATES)
    db.execute("PRAGMA user_version = 99")
    db.close()
    code, _, err = run("analyze", "--resume", path)
    equal((code, err.count("\n")), (2, 1), err)
    has(err, "version 99")


def fact_gates_fail_a_run_into_a_store_and_its_resumption(d):
    path = os.path.join(d, "a.sqlite")
    equal(run("analyze", "-q", "-o", path, "--fail-on", "critical", GATES)[0], 1)
    code, _, err = run("analyze", "--resume", path, "--fail-on", "critical")
    equal(code, 1, err)
    has(err, "fail: critical")
    equal(run("analyze", "--resume", path)[0], 0)


main(globals())
