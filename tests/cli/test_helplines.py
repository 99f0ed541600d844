#!/usr/bin/env python3
"""refrain helplines … as a program. TAP."""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

REFRAIN = sys.argv[1]
AS_OF = ["--as-of", "2026-11-01"]
cases = []


def case(f):
    cases.append(f)
    return f


def run(*args, rc=0):
    p = subprocess.run([REFRAIN, "helplines", *args], capture_output=True, text=True, timeout=60)
    assert p.returncode == rc, f"exit {p.returncode}, not {rc}: {p.stderr}"
    return p


def objects(p):
    return [json.loads(line) for line in p.stdout.splitlines()]


@case
def lookup_offers_the_text_line_of_ireland_first():
    out = objects(run("lookup", "--country", "ie", "--need", "suicide", "--channel", "sms", "--lang", "en", "--now", "--json"))
    assert out[0]["line"]["id"] == "ie-50808" and out[0]["open"] is True
    assert out[-1]["line"]["service"] == "finder"


@case
def lookup_without_a_country_offers_only_a_finder():
    p = run("lookup", "--json")
    assert [o["line"]["service"] for o in objects(p)] == ["finder"] and "which country" in p.stderr


@case
def lookup_rejects_a_country_that_is_none():
    assert "ISO 3166" in run("lookup", "--country", "UK1", rc=2).stderr
    assert "did you mean GB?" in run("lookup", "--country", "UK", rc=2).stderr


@case
def lookup_and_list_take_a_country_by_its_option_only():
    for command in ("lookup", "list", "stale"):
        assert "unexpected argument 'GB'" in run(command, "GB", rc=2).stderr
    for command in ("lookup", "list"):
        assert "unexpected argument 'gb'; did you mean --country GB?" in run(command, "gb", rc=2).stderr


@case
def check_takes_a_mistyped_file_for_no_text():
    for name in ("missing.txt", "chats.jsonl", "./notes", "data/notes", "/nowhere", "w.jsonl.gz"):
        p = run("check", "--fail", name, rc=2)
        assert f"{name}: no such file" in p.stderr and not p.stdout and "no contact" not in p.stderr, p.stderr
    for text in ("988", "988/112", "wa.me/353861800280", "samaritans.org/how", "www.samaritans.org/how", "https://988lifeline.org/chat.txt", "see missing.txt"):
        run("check", text)


@case
def check_judges_a_text():
    (c,) = objects(run("check", "--json", "--country", "ID", *AS_OF, "You can call 988."))
    assert (c["status"], c["country"], c["text"], c["begin"], c["end"]) == ("wrong_country", "US", "988", 13, 16)


@case
def check_reads_conversations_and_text_files():
    with tempfile.TemporaryDirectory() as d:
        a, b = os.path.join(d, "a.jsonl"), os.path.join(d, "b.txt")
        with open(a, "w", encoding="utf-8") as f:
            f.write(json.dumps({"id": "x", "messages": [{"role": "user", "content": "I'm in Leeds"},
                                                        {"role": "assistant", "content": "Samaritans: 116 123"}]}) + "\n")
        with open(b, "w", encoding="utf-8") as f:
            f.write("A leaflet. Call Childline on 0800 1111.\n")
        out = objects(run("check", "--json", *AS_OF, a, b))
    assert [(c["source"].split("/")[-1], c["turn"], c["status"], c["country"]) for c in out] == [
        ("x", 1, "verified", "GB"), ("b.txt#1", 0, "verified", "GB")], out


@case
def check_fails_only_when_asked_and_wrong():
    run("check", "--fail", "Call 1-800-931-2237.", rc=1)
    run("check", "Call 1-800-931-2237.")
    run("check", "--fail", "Call 988 or 211.")
    assert "no such file" in run("check", "/nowhere/chat.jsonl", rc=2).stderr


@case
def list_filters_by_country_service_and_status():
    out = objects(run("list", "--json", "--country", "US", "--need", "lgbtq", "--status", "current"))
    assert out and all(o["country"] == "US" and o["service"] == "lgbtq" and o["status"] == "current" for o in out)
    assert len(objects(run("list", "--json"))) == 392


@case
def stale_depends_on_the_day():
    few, many = (len(objects(run("stale", "--json", "--as-of", d))) for d in ("2024-11-10", "2026-11-01"))
    assert few < many


@case
def export_is_json_csv_and_hsds():
    data = json.loads(run("export").stdout)
    assert len(data["lines"]) == 392 and len(data["known_bad"]) == 61 and data["license"] == "CC0-1.0"
    rows = list(csv.DictReader(io.StringIO(run("export", "--format", "csv").stdout)))
    assert len(rows) == 392 and all(r["id"] and None not in r for r in rows)
    hsds = json.loads(run("export", "--format", "hsds").stdout)
    ids = [s["id"] for s in hsds["services"]]
    assert len(ids) == len(set(ids)) == 392
    assert all(s["status"] in ("active", "defunct") and s["organization"]["name"] for s in hsds["services"])


@case
def lint_accepts_ours_and_names_mistakes():
    files = sorted(os.path.join("helplines", f) for f in os.listdir("helplines"))
    run("lint", *files)
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "x.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write('country: FR\nlines:\n  - {id: fr-x, name: X, service: suicide, channel: phone, dial: "+33 3114", status: current,\n'
                    '     agreement: single, last_verified: "2031", replaced_by: [fr-nothing], evidence: [{source: s, date: "2031"}]}\n')
        err = run("lint", path, rc=1).stderr
    assert "never E.164" in err and "fr-nothing" in err and "future" in err, err


@case
def overlay_switches_a_line_off():
    with tempfile.TemporaryDirectory() as d:
        with open(os.path.join(d, "ie.yaml"), "w", encoding="utf-8") as f:
            f.write("country: IE\noff: [ie-50808]\n")
        out = objects(run("lookup", "--country", "IE", "--channel", "sms", "--json", "--directory", d))
        (c,) = objects(run("check", "--json", "--country", "IE", "--directory", d, "Text 50808."))
    assert all(o["line"]["id"] != "ie-50808" for o in out) and c["status"] == "unknown" and "switched off" in c["why"]


print(f"1..{len(cases)}")
failed = 0
for n, f in enumerate(cases, 1):
    try:
        f()
        print(f"ok {n} - {f.__name__}")
    except Exception as e:  # noqa: BLE001 - a test reports whatever went wrong
        failed += 1
        print(f"not ok {n} - {f.__name__}\n# {type(e).__name__}: {e}".replace("\n#", "\n# "))
sys.exit(failed != 0)
