"""Real results against docs/schema, by a real validator (python3-jsonschema)."""
import json
import os
import subprocess
import sys

from cli import EXAMPLES, ROOT, Skip, equal, main, run, shared

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = os.path.join(ROOT, "docs", "schema", "report.schema.json")


def validator():
    if jsonschema is None:
        raise Skip("no python3-jsonschema; ./dev test installs it")
    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check(*args):
    v = validator()
    code, out, err = run("analyze", "-f", "jsonl", *args)
    equal(code, 0, err)
    lines = out.decode("utf-8").splitlines()
    for line in lines:
        for e in v.iter_errors(json.loads(line)):
            inner = "; ".join(f"{list(c.absolute_path)} {c.message[:160]}" for c in (e.context or [])[:8])
            raise AssertionError(f"{json.loads(line)['id']}: {list(e.absolute_path)} {e.message[:300]} ({inner})")
    return lines


def fact_results_of_the_examples_follow_the_schema(d):
    assert len(check(EXAMPLES)) >= 24


def fact_results_with_text_follow_the_schema(d):
    assert check("--show-text", os.path.join(EXAMPLES, "gates.jsonl"))


def fact_results_of_real_conversations_follow_the_schema(d):
    equal(len(check(shared("conversations", "vera-mh-dev.jsonl"))), 60)


def fact_repeated_id_notes_follow_the_schema(d):
    f = os.path.join(EXAMPLES, "gates.jsonl")
    lines = check(f, f)
    n = len(lines) // 2
    for a, b in zip(lines[:n], lines[n:]):
        a, b = json.loads(a), json.loads(b)
        equal(b["warnings"], a["warnings"] + [{"code": "repeated_id", "turn": None}])


def fact_the_schema_rejects_what_is_no_result(d):
    v = validator()
    code, out, _ = run("analyze", "-f", "jsonl", os.path.join(EXAMPLES, "gates.jsonl"))
    good = json.loads(out.decode("utf-8").splitlines()[0])
    assert v.is_valid(good)
    for spoil in (lambda r: r.update(schema_version=2), lambda r: r.update(extra=1), lambda r: r["turns"][0].update(risk=6),
                  lambda r: r["turns"][0].update(role="bot"), lambda r: r.pop("gates"),
                  lambda r: r["warnings"].append({"code": "x"})):
        bad = json.loads(json.dumps(good))
        spoil(bad)
        assert not v.is_valid(bad), "a spoilt result passed"


def fact_the_schema_is_what_the_pack_makes(d):
    code, out, err = run("constructs", "--json")
    equal(code, 0, err)
    made = subprocess.run([sys.executable, os.path.join(ROOT, "tools", "gen_schema.py")], input=out, capture_output=True, check=True)
    with open(SCHEMA, "rb") as f:
        assert f.read() == made.stdout, "stale: refrain constructs --json | tools/gen_schema.py > docs/schema/report.schema.json"


def fact_the_page_of_constructs_is_what_the_pack_makes(d):
    code, out, err = run("constructs", "--markdown")
    equal(code, 0, err)
    with open(os.path.join(ROOT, "docs", "constructs.md"), "rb") as f:
        assert f.read() == out, "stale: refrain constructs --markdown > docs/constructs.md"


main(globals())
