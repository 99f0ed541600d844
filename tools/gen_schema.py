#!/usr/bin/env python3
"""`refrain constructs --json` on stdin → docs/schema/report.schema.json on stdout
(draft 2020-12). The shape is the result contract; ids and categories are the pack's.

usage: refrain constructs --json | tools/gen_schema.py > docs/schema/report.schema.json
"""
import json
import sys

RTYPES = ["none"] + [f"r{i}" for i in range(1, 10)]
ROLES = ["system", "user", "assistant", "tool", "platform", "human"]
FLAGS = list("BNHVPFICD")
NEXT = ["exit", "retry", "withdraw", "shame", "anger", "escal", "bypass", "switch", "uptake", "barr", "accept", "continue"]
A_ACTS = ("ack generic withhold role reason limits offer help risk_q invite closing choice ref_gen ref_name ref_con ref_info warm "
          "barrier urge blame minimise policy abandon coerce overclaim hope repair check collude other").split()
U_ACTS = ("disclose depth3 bid harm_bid risk deny exit retry withdraw shame anger bypass switch uptake barrier reject thanks "
          "locale popul hope secrecy small").split()
STATUS = ["verified", "alias", "retired", "renumbered", "near_miss", "malformed", "wrong_country", "wrong_service",
          "wrong_population", "emergency", "unknown"]
REASONS = ["not_applicable", "needs_judge", "low_confidence", "no_user_turn", "not_recorded"]
METHODS = ["exact", "rule", "model", "judge", "human"]
QUADRANTS = ["held_well", "right_call_harmful_delivery", "kind_wrong_call", "double_failure"]


def ref(name):
    return {"$ref": f"#/$defs/{name}"}


def closed(properties, optional=(), **more):
    """An object whose keys are all known and, but for the optional ones, all there."""
    return {"type": "object", "properties": properties, "required": [k for k in properties if k not in optional],
            "additionalProperties": False, **more}


def nullable(schema):
    return {"anyOf": [schema, {"type": "null"}]}


INDEX = {"type": "integer", "minimum": 0}
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
RATIO = {"type": "number", "minimum": 0, "maximum": 1}


def code(value, severity=False):
    """A code with a value, or null with the reason."""
    props = {"value": value, "method": {"enum": METHODS}, "conf": RATIO,
             "searched": {"description": "first and last turn in which nothing was found", "type": "array",
                          "prefixItems": [INDEX, INDEX], "items": False, "minItems": 2},
             "spans": {"type": "array", "items": ref("span"), "minItems": 1}}
    if severity:
        props["severity"] = {"enum": ["minor", "major", "critical"]}
    return {"oneOf": [closed(props, ["severity", "searched", "spans"]), ref("null")]}


def shape(c):
    """The construct's own shape, or one that many share."""
    if c["id"] == "P3.unsafe":
        return code(INDEX, severity=True)
    if c["id"] == "P4.time":
        return code(closed({"category": {"enum": [x["name"] for x in c["categories"]]}, "lag": nullable(INDEX)}))
    if c["id"] == "P3.order":  # letters of the moves, in order
        return code({"type": "string", "pattern": "^[ABEORK]*$"})
    if c["scale"] == "category":
        return code({"enum": [x["name"] for x in c["categories"]]})
    return ref(c["scale"])


def schema(constructs):
    codes = {c["id"]: ref(c["id"]) for c in constructs}
    defs = {c["id"]: {"title": c["name"], "description": c["definition"], **shape(c)} for c in constructs}
    defs["binary"] = code({"enum": [0, 1]})
    defs["ordinal"] = code({"type": "integer", "minimum": 0, "maximum": 4})
    defs["count"] = code(INDEX)
    defs["null"] = closed({"value": {"type": "null"}, "reason": {"enum": REASONS}})
    defs["span"] = {"description": "[turn, begin, end): bytes of the original UTF-8", "type": "array",
                    "prefixItems": [INDEX, INDEX, INDEX], "items": False, "minItems": 3}
    defs["risk"] = {"enum": [0, 1, 2, 3, 4, 5, "X"]}
    defs["flags"] = {"type": "array", "items": {"enum": FLAGS}, "uniqueItems": True}
    defs["decision"] = {"enum": ["appropriate", "over", "under", "unsure", None]}
    defs["contact"] = closed(
        {"text": TEXT, "kind": TEXT_OR_NULL, "status": {"enum": STATUS}, "stale": {"type": "boolean"},
         "negated": {"const": True}, "country": TEXT_OR_NULL, "line": TEXT_OR_NULL, "instead": TEXT,
         "turn": INDEX, "begin": INDEX, "end": INDEX}, ["negated", "instead"])
    turn = {"i": INDEX, "role": {"enum": ROLES}, "ts": nullable({"type": "string", "format": "date-time"})}
    more = {"contacts": {"type": "array", "items": ref("contact")}, "text": TEXT}
    user = {"risk": ref("risk"), "risk_conf": RATIO, "flags": ref("flags"),
            "acts": {"type": "array", "items": {"enum": U_ACTS}, "uniqueItems": True}}
    reply = {"rtype": {"enum": RTYPES}, "hard": {"enum": [0, 1, 2, 3, 4]}, "conf": RATIO, "decision": ref("decision"),
             "acts": {"type": "array", "items": {"enum": A_ACTS}, "uniqueItems": True},
             "codes": {"type": "object", "properties": codes, "additionalProperties": False}}
    absent_when_empty = {"dependentRequired": {"rtype": ["hard", "conf"], "hard": ["rtype"], "conf": ["rtype"]}}
    defs["turn"] = {"oneOf": [
        closed({**turn, "role": {"const": "user"}, **user, **more}, ["contacts", "text"]),
        closed({**turn, "role": {"const": "assistant"}, **reply, **more}, ["rtype", "hard", "conf", "text"], **absent_when_empty),
        closed({**turn, "role": {"enum": [r for r in ROLES if r not in ("user", "assistant")]}, **reply, **more},
               [*reply, *more], **absent_when_empty)]}
    gate = {"id": {"enum": [f"G{i}" for i in range(1, 13)]}, "turn": INDEX}
    status = {"enum": ["confirmed", "suspected"]}
    score = {"type": "number", "minimum": 0, "maximum": 100}
    phase = nullable(closed({"user": score, "mhp": score, "coverage": RATIO}))
    defs["episode"] = closed({
        "start": INDEX, "anchor": INDEX, "refusals": {"type": "array", "items": INDEX, "minItems": 1}, "end": INDEX,
        "end_reason": {"enum": ["met", "left", "gap", "faded", "conversation_end"]},
        "rtype": {"enum": RTYPES[1:]}, "hard": {"enum": [1, 2, 3, 4]}, "risk": ref("risk"), "flags": ref("flags"),
        "decision": ref("decision"), "pc": {"enum": [0, 1, None]},
        "decay": nullable(closed({"k": {"type": "integer", "minimum": 2}, "delta": {"type": "integer"},
                                  "direction": {"enum": ["harm", "engagement", "none"]}})),
        "constructs": closed(codes),
        "phases": closed({f"P{i}": phase for i in range(1, 6)}),
        "gates": {"type": "array", "items": closed({**gate, "status": status})},
        "quadrant": {"enum": [*QUADRANTS, None]},
        "next": {"type": "array", "items": {"enum": NEXT}, "uniqueItems": True}})
    meta = closed({"model": TEXT_OR_NULL, "locale": TEXT_OR_NULL, "language": TEXT_OR_NULL, "country": TEXT_OR_NULL,
                   "population": {"type": "array", "items": TEXT}, "regeneration_group": TEXT_OR_NULL})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "refrain report",
        "description": "One conversation as `refrain analyze` reports it, one object a line, in input order. Codes never "
                       "become 0 for want of evidence: 0 means looked and not there. Made by tools/gen_schema.py.",
        **closed({
            "schema_version": {"const": 1}, "id": TEXT, "source": closed({"path": TEXT, "record": {"type": "integer", "minimum": 1}}),
            "meta": meta, "turns": {"type": "array", "items": ref("turn")},
            "episodes": {"type": "array", "items": ref("episode")},
            "gates": {"type": "array", "items": closed({**gate, "episode": nullable(INDEX), "status": status})},
            "warnings": {"type": "array", "items": closed({"code": TEXT, "turn": nullable(INDEX)})}}),
        "$defs": defs,
    }


if __name__ == "__main__":
    json.dump(schema(json.load(sys.stdin)), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
