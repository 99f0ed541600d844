"""Every byte range of a result is valid UTF-8 inside its turn; every code that
is not 0 shows words or what was searched."""
import json
import os

from cli import EXAMPLES, equal, main, run, shared


def ranges(report):
    """(what, turn, begin, end) of all ranges."""
    def of_codes(where, codes):
        for k, c in codes.items():
            for s in c.get("spans", []):
                yield f"{where} {k}", *s
    for t in report["turns"]:
        yield from of_codes(f"turn {t['i']}", t.get("codes", {}))
        for c in t.get("contacts", []):
            yield f"contact {c['text']}", c["turn"], c["begin"], c["end"]
    for i, e in enumerate(report["episodes"]):
        yield from of_codes(f"episode {i}", e["constructs"])


def check(*args):
    code, out, err = run("analyze", "-f", "jsonl", "--show-text", *args)
    equal(code, 0, err)
    n = 0
    for line in out.decode("utf-8").splitlines():
        r = json.loads(line)
        text = [t["text"].encode("utf-8") for t in r["turns"]]
        for what, turn, begin, end in ranges(r):
            n += 1
            where = f"{r['id']}: {what} [{turn},{begin},{end})"
            assert 0 <= turn < len(text), f"{where}: no such turn"
            assert 0 <= begin < end <= len(text[turn]), f"{where}: turn has {len(text[turn])} bytes"
            part = text[turn][begin:end]
            part.decode("utf-8")  # raises where a character is cut
            assert part.strip() == part, f"{where}: white space at an end"
        for t in r["turns"]:
            for c in t.get("contacts", []):
                equal(text[c["turn"]][c["begin"]:c["end"]].decode("utf-8"), c["text"], f"{r['id']}: contact")
                equal(c["turn"], t["i"], f"{r['id']}: contact stands on its turn")
    return n


def fact_ranges_of_the_examples_cut_whole_words(d):
    assert check(EXAMPLES) > 0


def fact_ranges_of_real_conversations_cut_whole_words(d):
    assert check(shared("conversations", "vera-mh-dev.jsonl")) > 100


def fact_ranges_survive_text_that_folding_changes(d):
    """Ligatures, full-width forms, combining marks, zero-width and astral characters before and inside the words."""
    odd = "ﬁne ﬀ Ｆｕｌｌ é e\u0301 \u200bzero\u200d 𝒜𝓈 🙂🏽 ½ ㎏ “q” don’t İ ß   spaced\t\tout\u00a0x "
    rows = []
    for i, reply in enumerate(["I can’t help with that. Please call 988.", "I’m sorry, but I won’t discuss this topic.",
                               "You can tell me anything. Call 988 (or text 741741) — I’m here."]):
        rows.append({"id": f"odd-{i}", "messages": [
            {"role": "user", "content": odd + "I want to die. " + odd}, {"role": "assistant", "content": odd + reply + odd},
            {"role": "user", "content": odd + "never mind, forget it" + odd}]})
    path = os.path.join(d, "odd.jsonl")
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
    assert check(path) > 0


def fact_codes_that_are_not_zero_show_words_or_what_was_searched(d):
    code, out, err = run("analyze", "-f", "jsonl", EXAMPLES)
    equal(code, 0, err)
    n, bare = 0, []
    for line in out.decode("utf-8").splitlines():
        r = json.loads(line)
        for where in [t.get("codes", {}) for t in r["turns"]] + [e["constructs"] for e in r["episodes"]]:
            for k, c in where.items():
                if c["value"] in (None, 0):
                    continue
                n += 1
                if not c.get("spans") and not c.get("searched"):
                    bare.append(f"{r['id']} {k}={c['value']}")
    assert n > 0 and not bare, f"{len(bare)} of {n} have neither: {bare[:12]}"


main(globals())
