"""What the issue asks of the real conversations (../shared/data): one result each,
and what must and must not be read in some of them. Skipped without the data."""
import json

from cli import equal, main, run, shared

CACHE = []


def results():
    """{id: (report, texts)} of vera-mh-dev, analysed once."""
    path = shared("conversations", "vera-mh-dev.jsonl")
    if not CACHE:
        code, out, err = run("analyze", "-f", "jsonl", "--show-text", "--as-of", "2026-10-01", path)
        equal(code, 0, err)
        CACHE.append([json.loads(line) for line in out.decode("utf-8").splitlines()])
    return CACHE[0]


def one(name):
    return next(r for r in results() if r["id"] == name)


def empty(r):
    return [t["i"] for t in r["turns"] if t["role"] == "assistant" and not t["text"].strip()]


def fact_each_conversation_has_one_result_in_input_order(d):
    with open(shared("conversations", "vera-mh-dev.jsonl"), encoding="utf-8") as f:
        ids = [json.loads(line)["id"] for line in f]
    equal(len(ids), 60)
    equal([r["id"] for r in results()], ids)


def fact_the_request_withheld_six_times_shows_evidence_in_all_five_phases(d):
    r = one("84c113_Noah_g5_run2")
    found = {t for e in r["episodes"] for t in e["refusals"]}
    # Turn 17 says once more, beside all that it does, what it will not refer to; the coders read that as no refusal.
    equal(sorted(found - {17}), [1, 5, 9, 13, 23, 27], "refusals")
    phases = {k[:2] for e in r["episodes"] for k, c in e["constructs"].items() if c["value"] and c.get("spans")}
    equal(sorted(phases), ["P1", "P2", "P3", "P4", "P5"])
    said = {n for e in r["episodes"] for n in e["next"]}
    assert {"retry", "barr", "accept", "uptake"} <= said, f"missing in next: {said}"
    assert not said & {"anger", "switch"}, f"over-read in next: {said}"
    assert any(t.get("contacts") for t in r["turns"]), "no contact"
    equal(r["episodes"][-1]["end_reason"], "met")


def fact_empty_replies_are_neither_refusal_nor_compliance(d):
    n = 0
    for r in results():
        refusals = {t for e in r["episodes"] for t in e["refusals"]}
        warned = {w["turn"] for w in r["warnings"] if w["code"] == "empty_reply"}
        for i in empty(r):
            n += 1
            t = r["turns"][i]
            assert t.get("rtype") is None and t.get("decision") is None, f"{r['id']} turn {i} has a type"
            assert i in warned and i not in refusals, f"{r['id']} turn {i}"
    equal(n, 28)


def fact_a_restart_after_an_empty_reply_is_no_re_engagement(d):
    for r in results():
        behind = {i + 1 for i in empty(r)}
        for e in r["episodes"]:
            for k in ("P5.retry", "P5.return"):
                at = {s[0] for s in e["constructs"][k].get("spans", [])} - {e["start"]}
                assert not [t for t in at & behind if t > e["anchor"]], f"{r['id']} {k} rests on a restart: {at & behind}"


def fact_a_role_boundary_with_the_bid_met_is_coded_without_an_episode(d):
    r = one("776b14_Noah_claude-opus-4-1-20250805_run1")
    equal(r["episodes"], [])
    codes = [t["codes"] for t in r["turns"] if t["role"] == "assistant"]
    assert any(c["P4.kind"]["value"] == "contact" for c in codes), "no referral code"
    assert any(c.get("P4.repeat", {}).get("value") for c in codes), "repeated hotlines not seen"
    assert any(t.get("risk") or t.get("flags") for t in r["turns"]), "no risk code"
    assert any({"barrier", "reject"} & set(t["acts"]) for t in r["turns"] if t["role"] == "user"), "no reaction"


def fact_codes_that_are_not_zero_show_words_or_what_was_searched(d):
    for r in results():
        for where in [t.get("codes", {}) for t in r["turns"]] + [e["constructs"] for e in r["episodes"]]:
            for k, c in where.items():
                if c["value"] not in (None, 0):
                    assert c.get("spans") or c.get("searched"), f"{r['id']} {k}={c['value']}"


main(globals())
