"""refrain report: from a store to a page and to figures, and what it says when it cannot."""
import base64
import json
import os
import re
import sqlite3
import tempfile
import zlib

from cli import EXAMPLES, Skip, main, run

DIR = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(DIR.name, name)


def store(name="run.sqlite", *options):
    p = path(name)
    if not os.path.exists(p):
        if b"sqlite" not in run("analyze", "--help")[1]:
            raise Skip("analyze makes no store")
        rc, _, err = run("analyze", EXAMPLES, "-o", p, "--quiet", *options)
        assert rc == 0, err
    return p


def blocks(html):
    found = re.findall(r'<script type="(?:text/plain|application/json)" id="(\w+)">([^<]*)</script>', html)
    meta = json.loads(dict(found)["meta"])
    return meta, {k: zlib.decompress(base64.b64decode(v)) for k, v in found if k != "meta"}


def page(*options, of=None):
    out = path("page.html")
    rc, _, err = run("report", of or store(), "-o", out, *options)
    assert rc == 0, err
    with open(out, encoding="utf-8") as f:
        return f.read()


def fact_a_page_holds_every_episode_and_its_scores(d):
    meta, data = blocks(page())
    db = sqlite3.connect(store())
    n, total = db.execute("SELECT count(*), sum(P3_user) FROM episode").fetchone()
    assert meta["counts"]["episodes"] == n
    kind, at, k = meta["columns"]["row"]["p3u"]
    assert kind == "u16" and k == meta["rows"] >= n
    scores = [int.from_bytes(data["columns"][at + 2 * i:at + 2 * i + 2], "little") for i in range(k)]
    assert abs(sum(s for s in scores if s != 65535) / 10 - total) < 0.01


def fact_codes_in_the_columns_are_those_of_the_store(d):
    meta, data = blocks(page())
    db = sqlite3.connect(store())
    for name in ("P3.ack", "P3.blame", "P1.viol", "P5.uptake"):
        kind, at, k = meta["columns"]["row"][name]
        got = sorted(v for v in data["columns"][at:at + k] if v != 255)
        want = sorted(v for (v,) in db.execute("SELECT value FROM codes WHERE construct = ? AND episode IS NOT NULL AND value IS NOT NULL", (name,)))
        assert kind == "u8" and got == want, name


def fact_the_worst_conversation_comes_first(d):
    meta, data = blocks(page())
    first = json.loads(data["d0"])[0]
    assert any(g[0] in ("G1", "G2", "G3", "G4", "G5", "G6") for g in first["gates"]), first["gates"]
    assert meta["detailed"] == meta["convs"]


def fact_text_is_in_the_page_only_when_it_was_stored(d):
    for options, has in (((), False), (("--store-text",), True)):
        _, data = blocks(page(of=store(f"text{has}.sqlite", *options)))
        texts = [t[6] for k, v in data.items() if k != "columns" for c in json.loads(v) for t in c["turns"]]
        assert any(texts) == has


def fact_details_can_be_limited(d):
    meta, data = blocks(page("--details", "1"))
    assert meta["detailed"] == 1 and len(json.loads(data["d0"])) == 1


def fact_a_conversation_too_long_for_the_page_is_left_out_and_the_others_are_not(d):
    long = os.path.join(d, "long.jsonl")
    with open(long, "w", encoding="utf-8") as f:
        for name, words in (("long", 900000), ("short", 3)):
            turns = [{"role": "user", "content": "i wish i wouldn't wake up. " + "word " * (words // 5)},
                     {"role": "assistant", "content": "I can't help with that."}] * 5
            f.write(json.dumps({"id": name, "messages": turns}) + "\n")
    made = os.path.join(d, "long.sqlite")
    rc, _, err = run("analyze", long, "-o", made, "--quiet", "--store-text")
    assert rc == 0, err
    meta, data = blocks(page(of=made))
    details = [c for i in range(len(meta["chunks"])) for c in json.loads(data[f"d{i}"])]
    assert meta["detailed"] == 2 and sorted(c is None for c in details) == [False, True], details


def fact_figures_come_as_text_markdown_json_and_csv(d):
    rc, out, err = run("report", store())
    assert rc == 0 and b"Gates" in out, err
    rc, out, err = run("report", store(), "--format", "json")
    assert rc == 0 and json.loads(out)["conversations"] > 0, err
    for ending, begins in ((".md", "#"), (".csv", "")):
        rc, _, err = run("report", store(), "-o", path("figures" + ending))
        assert rc == 0, err
        with open(path("figures" + ending), encoding="utf-8") as f:
            assert f.read().startswith(begins)


def fact_a_file_that_is_no_store_gives_one_clear_line(d):
    for name, content in (("text.sqlite", b"hello"), ("empty.sqlite", b""), ("results.jsonl", b'{"id": 1}\n')):
        with open(path(name), "wb") as f:
            f.write(content)
        rc, out, err = run("report", path(name), "-o", path("never.html"))
        assert rc == 2 and not out and err.count("\n") == 1 and name in err and "store" in err, (rc, err)
        assert not os.path.exists(path("never.html"))
    rc, _, err = run("report", path("missing.sqlite"), "-o", path("never.html"))
    assert rc == 2 and "missing.sqlite" in err and not os.path.exists(path("never.html"))


def fact_another_database_is_no_store(d):
    db = sqlite3.connect(path("other.sqlite"))
    db.execute("CREATE TABLE t (x)")
    db.commit()
    db.close()
    rc, _, err = run("report", path("other.sqlite"))
    assert rc == 2 and "no refrain store" in err, err


def fact_a_damaged_store_leaves_no_half_page(d):
    p = path("damaged.sqlite")
    with open(store(), "rb") as f:
        whole = f.read()
    with open(p, "wb") as f:
        f.write(whole[:len(whole) // 2])
    rc, _, err = run("report", p, "-o", path("half.html"))
    assert rc == 2 and err.count("\n") == 1 and "damaged.sqlite" in err, (rc, err)
    assert not os.path.exists(path("half.html"))


def fact_odd_numbers_in_a_store_do_no_harm(d):
    p = path("odd.sqlite")
    with open(store(), "rb") as f, open(p, "wb") as g:
        g.write(f.read())
    db = sqlite3.connect(p)
    db.execute("PRAGMA ignore_check_constraints = ON")
    db.execute("UPDATE code SET value = -7 WHERE value = 3")
    db.execute("UPDATE code SET episode = 99999999999 WHERE i = 5 AND episode IS NOT NULL")
    db.execute("UPDATE episode SET rtype = 'r99', risk = 77, quadrant = '</script>', next = -1, P3_user = 1e300 WHERE conversation % 2")
    db.execute("UPDATE gate SET turn = -5, id = 'G999' WHERE conversation % 3 = 0")
    db.execute("UPDATE conversation SET model = '</script><script>alert(1)</script>', cid = x'00ff' WHERE id = 1")
    db.execute("UPDATE run SET options = '</script>', arguments = '[\"</script>\"]'")
    db.commit()
    db.close()
    html = page(of=p)
    blocks(html)
    assert html.count("</script>") == len(re.findall(r"<script(?=[ >])", html)), "an element ended early"


def fact_an_unknown_group_says_what_would_be_right(d):
    rc, _, err = run("report", store(), "--by", "moddel")
    assert rc == 2 and "model" in err, err


main(globals())
