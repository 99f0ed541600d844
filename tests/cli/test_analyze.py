"""refrain analyze as a program among programs: order, threads, formats, bad
input, exit codes, files."""
import csv
import gzip
import io
import json
import os
import random
import re
import subprocess

from cli import EXAMPLES, REFRAIN, clean_env, equal, has, main, on_terminal, run, shared

GATES = os.path.join(EXAMPLES, "gates.jsonl")


def conv(i, turns=4, text="I feel low tonight."):
    return {"id": f"c{i}", "messages": [{"role": "assistant" if k % 2 else "user",
                                         "content": f"{text} {k}" if k % 2 == 0 else "I can't help with that. Please call 988."}
                                        for k in range(turns)]}


def write(d, name, rows):
    path = os.path.join(d, name)
    with open(path, "w", encoding="utf-8") as f:
        f.writelines((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows)
    return path


def results(out):
    return [json.loads(line) for line in out.decode("utf-8").splitlines()]


def fact_results_stand_in_input_order(d):
    code, out, _ = run("analyze", write(d, "a.jsonl", [conv(i) for i in range(200)]))
    equal(code, 0)
    equal([r["id"] for r in results(out)], [f"c{i}" for i in range(200)])


def fact_any_number_of_threads_gives_the_same_bytes(d):
    rng = random.Random(7)  # records of very different length finish out of order
    path = write(d, "a.jsonl", [conv(i, rng.choice([1, 2, 3, 200]), "low " * rng.randrange(300)) for i in range(300)])
    for form in ("jsonl", "csv", "summary"):
        one = run("analyze", "-f", form, "-j", "1", path, EXAMPLES)
        equal(one[0], 0, one[2])
        for n in (2, 5):
            equal(run("analyze", "-f", form, "-j", n, path, EXAMPLES)[1] == one[1], True, f"{form}, {n} threads")


def fact_real_conversations_give_the_same_bytes_on_any_threads(d):
    path = shared("conversations", "vera-mh-dev.jsonl")
    one = run("analyze", "-j", "1", path)[1]
    equal(len(results(one)), 60)
    for n in (2, 5):
        equal(run("analyze", "-j", n, path)[1] == one, True, f"{n} threads")


def fact_compressed_files_and_stdin_give_the_same_results(d):
    def told(out):  # where a record came from differs
        return [{**r, "source": None} for r in results(out)]
    plain = told(run("analyze", GATES)[1])
    data = open(GATES, "rb").read()
    gz = os.path.join(d, "a.bin")
    with gzip.open(gz, "wb") as f:
        f.write(data)
    equal(told(run("analyze", gz)[1]), plain, "gzip, by content")
    zst = subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout
    open(os.path.join(d, "b.bin"), "wb").write(zst)
    equal(told(run("analyze", os.path.join(d, "b.bin"))[1]), plain, "zstd, by content")
    equal(told(run("analyze", stdin=data)[1]), plain, "stdin")
    equal(told(run("analyze", "-", stdin=zst)[1]), plain, "zstd on stdin")


def fact_broken_records_are_listed_and_the_others_written(d):
    rows = [conv(0), '{"id": "half', conv(1), '"a string"', '{"messages": [{"role": "wizard", "content": "x"}]}', conv(2)]
    path = write(d, "a.jsonl", rows)
    rejects = os.path.join(d, "rejects.jsonl")
    code, out, err = run("analyze", "--rejects", rejects, path)
    equal(code, 3)
    equal([r["id"] for r in results(out)], ["c0", "c1", "c2"])
    listed = [json.loads(x) for x in open(rejects, encoding="utf-8")]
    equal([r["record"] for r in listed], [2, 4, 5])
    offset = 0
    begins = []
    for r in rows:
        begins.append(offset)
        offset += len((r if isinstance(r, str) else json.dumps(r)).encode()) + 1
    for r in listed:
        equal(sorted(r), ["offset", "path", "reason", "record"])
        equal(r["offset"], begins[r["record"] - 1])
        equal(r["path"], path)
        assert r["reason"]
    has(err, "rejected")
    assert "low tonight" not in err, "an error shows text"


def fact_broken_bytes_never_stop_a_run(d):
    path = os.path.join(d, "a.jsonl")
    bad = [b'{"id":"u","messages":[{"role":"user","content":"\xff\xfe"}]}', b'{"id":"n","messages":[{"role":"user","content":"a\x00b"}]}',
           b'{"id":"s","messages":[{"role":"user","content":"\\ud800"}]}', b"\x00\x01\x02", b"[" * 5000, b"{}"]
    with open(path, "wb") as f:
        for i, b in enumerate(bad):
            f.write(json.dumps(conv(i)).encode() + b"\n" + b + b"\n")
    code, out, err = run("analyze", path)
    equal(code, 3, err)
    got = [r["id"] for r in results(out)]
    equal([i for i in got if i.startswith("c")], [f"c{i}" for i in range(len(bad))])


def fact_a_truncated_gzip_keeps_its_good_records(d):
    rng = random.Random(3)
    rows = [conv(i, 4, "".join(rng.choice("abcdefgh ") for _ in range(400))) for i in range(400)]
    data = gzip.compress("".join(json.dumps(r) + "\n" for r in rows).encode())
    path = os.path.join(d, "a.gz")
    open(path, "wb").write(data[:len(data) // 2])
    code, out, err = run("analyze", path)
    equal(code, 3, err)
    got = [r["id"] for r in results(out)]
    assert len(got) > 20
    equal(got, [f"c{i}" for i in range(len(got))])


def fact_limits_reject_clearly(d):
    path = write(d, "a.jsonl", [conv(0, 2), conv(1, 50), conv(2, 2, "x" * 5000), conv(3, 2)])
    for flag, value, gone in (("--max-turns", "10", "c1"), ("--max-turn", "1000", "c2"), ("--max-record", "2k", "c2")):
        code, out, err = run("analyze", flag, value, path)
        equal(code, 3, flag)
        ids = [r["id"] for r in results(out)]
        assert gone not in ids and "c0" in ids and "c3" in ids, f"{flag}: {ids}"
        has(err, "rejected")


def fact_memory_of_one_record_is_limited(d):
    path = write(d, "a.jsonl", [conv(0), conv(1, 4000, "a. b. c. d. e. f. g. h. i. j. " * 8), conv(2)])
    code, out, err = run("analyze", "--max-memory", "4M", path)
    equal(code, 3)
    equal([r["id"] for r in results(out)], ["c0", "c2"])
    has(err, "needs more than 4 MiB")


def fact_a_missing_file_is_a_usage_error(d):
    code, out, err = run("analyze", os.path.join(d, "none.jsonl"))
    equal((code, out), (2, b""))
    has(err, "none.jsonl")


def fact_output_appears_whole_or_not_at_all(d):
    target = os.path.join(d, "out.jsonl")
    open(target, "w").write("old")
    code, _, _ = run("analyze", "-o", target, os.path.join(d, "none.jsonl"))
    equal(code, 2)
    equal(open(target).read(), "old")
    code, out, _ = run("analyze", "-o", target, GATES)
    equal(code, 0)
    has(out.decode(), "conversations")
    assert len(results(open(target, "rb").read())) > 5
    equal(sorted(os.listdir(d)), ["out.jsonl"])
    code, out, _ = run("analyze", "-q", "-o", target, GATES)
    equal((code, out), (0, b""))


def fact_output_into_a_missing_directory_is_an_error(d):
    code, _, err = run("analyze", "-o", os.path.join(d, "no", "out.jsonl"), GATES)
    equal(code, 2)
    has(err, "no/out.jsonl")


def fact_csv_has_one_row_an_episode_turn_or_conversation(d):
    reports = results(run("analyze", EXAMPLES)[1])
    want = {"episode": sum(len(r["episodes"]) for r in reports), "conversation": len(reports),
            "turn": sum(t["role"] in ("user", "assistant") for r in reports for t in r["turns"])}
    for unit, n in want.items():
        code, out, _ = run("analyze", "-f", "csv", "--csv-unit", unit, EXAMPLES)
        equal(code, 0)
        rows = list(csv.reader(io.StringIO(out.decode("utf-8"))))
        equal({len(r) for r in rows}, {len(rows[0])}, f"{unit}: all rows as long as the head")
        equal(len(rows) - 1, n, unit)


def fact_csv_agrees_with_jsonl(d):
    reports = {r["id"]: r for r in results(run("analyze", EXAMPLES)[1])}
    out = run("analyze", "-f", "csv", EXAMPLES)[1].decode("utf-8")
    for row in csv.DictReader(io.StringIO(out)):
        e = reports[row["id"]]["episodes"][int(row["episode"])]
        equal(row["rtype"], e["rtype"])
        equal(row["quadrant"], e["quadrant"] or "")
        equal(int(row["end"]), e["end"])
        for k, c in e["constructs"].items():
            v = c["value"]["category"] if isinstance(c["value"], dict) else c["value"]
            equal(row[k], "" if v is None else str(v), f"{row['id']} {k}")
        for p, s in e["phases"].items():
            equal(row[f"{p}_user"], "" if s is None else f"{s['user']:.1f}")


def fact_csv_cells_are_never_formulas(d):
    ids = ["=1+1", "+2", "-3", "@x", "\tt", "a,b", 'q"q', "n\nn", "'s"]
    path = write(d, "a.jsonl", [{**conv(0), "id": i} for i in ids])
    out = run("analyze", "-f", "csv", "--csv-unit", "conversation", path)[1].decode("utf-8")
    got = [r["id"] for r in csv.DictReader(io.StringIO(out, newline=""))]
    equal(got, ["'" + i if i[0] in "=+-@\t" else i for i in ids])


def fact_text_stays_out_of_results_unless_asked(d):
    path = write(d, "a.jsonl", [conv(0, 4, "zyzzyva")])
    for form in ("jsonl", "csv", "summary"):
        code, out, err = run("analyze", "-f", form, path)
        assert b"zyzzyva" not in out and "zyzzyva" not in err, form
    assert b"zyzzyva" in run("analyze", "--show-text", path)[1]
    assert b"zyzzyva" in run("analyze", "-f", "csv", "--csv-unit", "turn", "--show-text", path)[1]


def fact_a_record_without_id_is_named_by_its_place(d):
    row = conv(0)
    del row["id"]
    path = write(d, "a.jsonl", [row, conv(1), row])
    equal([r["id"] for r in results(run("analyze", path)[1])], [f"{path}#1", "c1", f"{path}#3"])


def fact_a_repeated_id_is_a_warning(d):
    path = write(d, "a.jsonl", [conv(0), conv(1), conv(0)])
    code, out, err = run("analyze", path)
    equal(code, 0, err)
    equal([[w["code"] for w in r["warnings"] if w["code"] == "repeated_id"] for r in results(out)], [[], [], ["repeated_id"]])


def fact_an_id_is_kept_to_its_last_digit(d):
    path = os.path.join(d, "a.jsonl")
    rows = ",".join(f'{{"role":"{r}","content":"hi"}}' for r in ("user", "assistant"))
    with open(path, "w") as f:
        f.write(f'{{"id":123456789012345678901234567890,"messages":[{rows}]}}\n{{"id":-1.5,"messages":[{rows}]}}\n')
    equal([r["id"] for r in results(run("analyze", path)[1])], ["123456789012345678901234567890", "-1.5"])


def fact_one_of_a_thing_is_singular(d):
    path = write(d, "a.jsonl", [conv(0, turns=1)])
    has(run("analyze", "-f", "summary", path)[1].decode(), "1 conversation, 1 turn, 0 replies\n")


def fact_fail_on_sets_the_exit_code(d):
    reports = results(run("analyze", GATES)[1])
    fired = sorted({g["id"] for r in reports for g in r["gates"]})
    assert fired
    quiet = sorted({f"G{i}" for i in range(1, 13)} - set(fired))
    code, out, err = run("analyze", "--fail-on", fired[0], GATES)
    equal(code, 1)
    has(err, fired[0])
    equal(results(out), reports, "all results are written")
    if quiet:
        equal(run("analyze", "--fail-on", quiet[0], GATES)[0], 0)
    equal(run("analyze", "--fail-on", "any", GATES)[0], 1)
    code, _, err = run("analyze", "--fail-on", "critcal", GATES)
    equal(code, 2)
    has(err, "did you mean 'critical'")


def fact_a_closed_pipe_ends_quietly(d):
    path = write(d, "a.jsonl", [conv(i, 40) for i in range(2000)])
    p = subprocess.Popen([REFRAIN, "analyze", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env())
    p.stdout.read(10)
    p.stdout.close()
    err = p.stderr.read()
    equal(err, b"")
    equal(p.wait(), 0)


def fact_a_terminal_gets_a_summary(d):
    code, text = on_terminal("analyze", EXAMPLES)
    equal(code, 0)
    has(text, "conversations")
    has(text, "Refusal episodes")
    has(text, "\033[")
    code, plain = on_terminal("analyze", EXAMPLES, NO_COLOR="1")
    assert "\033[" not in plain.replace("\r\033[K", "")
    lines = [line.split("\r\033[K")[-1] for line in plain.split("\n")]  # progress comes and goes on a slow machine
    wide = max(len(line) for line in lines if "refrain explain" not in line)  # that one is to be copied
    assert wide <= 80, f"a line of {wide} columns"


def fact_a_narrow_terminal_gets_the_whole_summary(d):
    for columns in 40, 59, 60:
        code, text = on_terminal("analyze", EXAMPLES, columns=columns, NO_COLOR="1")
        equal(code, 0)
        has(text, "went on")
        has(text, "refrain explain")


def fact_the_summary_names_the_command_as_it_was_called(d):
    folder = os.path.join(d, "a b")
    os.mkdir(folder)
    os.symlink(os.path.abspath(REFRAIN), os.path.join(folder, "refrain"))
    path = write(d, "a.jsonl", [{"id": "c1", "messages": [{"role": "user", "content": "I want to die. I have a plan."},
                                                           {"role": "assistant", "content": "I can't help with that."}]}])
    def hint(command, **env):
        p = subprocess.run([command, "analyze", "-f", "summary", path], capture_output=True, cwd=d, env={**clean_env(), **env})
        return re.search(r"^  (.*refrain'? explain .*)$", p.stdout.decode(), re.M)[1]
    equal(hint("a b/refrain"), f"'a b/refrain' explain {path} --id c1")
    equal(hint("refrain", PATH=folder), f"refrain explain {path} --id c1")
    code = subprocess.run(hint("a b/refrain"), shell=True, capture_output=True, cwd=d, env=clean_env()).returncode
    equal(code, 0)


def fact_the_summary_tells_models_and_countries_apart(d):
    def talk(i, model, country, reply):
        return {"id": f"m{i}", "model": model, "country": country,
                "messages": [{"role": "user", "content": "I want to die."}, {"role": "assistant", "content": reply}]}
    one = [talk(i, "alpha", "US", "Please call 988.") for i in range(3)]
    _, out, _ = run("analyze", "-f", "summary", write(d, "one.jsonl", one))
    out = out.decode()
    assert "by model" not in out and "country" not in out, out
    two = one + [talk(9, "beta", "ID", "Please call 988, or look at example.org.")]
    _, out, _ = run("analyze", "-f", "summary", write(d, "two.jsonl", two))
    out = out.decode()
    for part in ("3 of 4 contacts in replies are right (75 %)", "Referrals by model", "Referrals by the person's country", "1 sites, 0 numbers"):
        has(out, part)
    assert out.index("beta") < out.index("alpha"), out
    assert max(len(x) for x in out.split("\n") if REFRAIN not in x) <= 80, out  # the command to type is as long as its path


def fact_control_characters_never_reach_a_terminal(d):
    evil = "a\033]0;owned\007b\u009b31mc\u202ed"
    path = write(d, "a.jsonl", [{"id": f"id{evil}", "messages": [{"role": "user", "content": f"I want to die {evil}"},
                                                                 {"role": "assistant", "content": f"I can't help with that. {evil}"}]}])
    for args in (("analyze", path), ("analyze", "-f", "jsonl", path), ("analyze", "-f", "csv", path), ("explain", path), ("explain", "--show-all", path), ("analyze", os.path.join(d, "no" + evil))):
        _, text = on_terminal(*args, NO_COLOR="1")
        text = text.replace("\r\033[K", "")
        for c in "\033\007\u009b\u202e":
            assert c not in text, f"{args[0]}: {c!r} in the output"


def fact_memory_does_not_follow_the_input(d):
    """Peak memory of 60 MB of input stays near that of 6 MB."""
    row = [json.dumps(conv(i, 30, "I feel low tonight and I do not know what to do. " * 10)) for i in range(50)]
    peak = {}
    for n in (20, 200):
        path = os.path.join(d, f"{n}.jsonl")
        with open(path, "w", encoding="utf-8") as f:
            for _ in range(n):
                f.writelines(r + "\n" for r in row)
        p = subprocess.Popen([REFRAIN, "analyze", "-q", "-j", "2", "-o", os.devnull, path], env=clean_env())
        _, status, usage = os.wait4(p.pid, 0)
        equal(os.waitstatus_to_exitcode(status), 0)
        peak[n] = usage.ru_maxrss / 1024
    assert peak[200] < peak[20] * 1.5 + 10 and peak[200] < 200, f"MiB: {peak}"


def fact_results_of_its_own_are_left_out_with_a_note(d):
    inside = os.path.join(d, "runs")
    os.makedirs(inside)
    line = json.dumps({"id": "c1", "messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "Hi."}]})
    with open(os.path.join(inside, "a.jsonl"), "w") as f:
        f.write(line + "\n")
    own = os.path.join(inside, "results.jsonl")
    equal(run("analyze", "-q", "--show-text", "-o", own, inside)[0], 0)
    for _ in range(2):
        code, out, err = run("analyze", "-f", "jsonl", inside)
        equal((code, len(out.splitlines())), (0, 1))
        equal(err, f"refrain: note: {own} holds results of refrain itself and was left out\n")
    code, out, err = run("analyze", "-f", "jsonl", own, os.path.join(inside, "a.jsonl"))
    equal((code, len(out.splitlines())), (3, 1))
    equal(err, f"refrain: rejected: {own}: results of refrain itself, no conversations; the file was left out\n")
    with open(own, "w") as f: # a conversation that begins like one is a conversation
        f.write(line.replace('{"id"', '{"schema_version":1,"id"', 1) + "\n")
    equal(run("analyze", "-f", "jsonl", inside)[1].count(b"\n"), 2)


def fact_a_file_that_cannot_be_opened_says_why_and_names_no_record(d):
    inside = os.path.join(d, "broken")
    os.makedirs(inside)
    path = os.path.join(inside, "a.jsonl")
    os.symlink("nowhere", path)
    code, _, err = run("analyze", "-f", "jsonl", inside)
    equal((code, err), (3, f"refrain: rejected: {path}: cannot open: No such file or directory\n"))


def fact_other_languages_are_said_before_any_figure(d):
    def talk(i, *texts):
        return {"id": i, "messages": [{"role": ("user", "assistant")[k % 2], "content": x} for k, x in enumerate(texts)]}
    other = [talk("es", "Estoy muy triste, no quiero seguir viviendo", "Lo siento, no puedo ayudarte con eso."),
             talk("de", "Ich will nicht mehr, mir geht es sehr schlecht", "Es tut mir leid, dabei kann ich dir nicht helfen."),
             talk("ja", "もう疲れました。消えてしまいたいです", "申し訳ありませんが、お手伝いできません。"),
             talk("half", "Estoy muy triste y no quiero vivir, estoy sola", "I'm sorry you feel that way. I can't help with that.")]
    english = [talk("en", "cant sleep. nobody cares anymore tbh", "I'm sorry. What is keeping you awake?"),
               talk("names", "When was Angela Merkel born?", "Angela Merkel was born on July 17, 1954, in Hamburg, West Germany."),
               talk("place", "My family is from La Paz and I miss it", "Tell me about La Paz."), talk("short", "ok", "ok"),
               talk("accents", "I’m at the café and I can’t stop crying 😔😔😔😔😔😔😔😔", "That sounds hard.")]
    path = os.path.join(d, "many.jsonl")
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(r) + "\n" for r in other + english)
    rows = [json.loads(x) for x in run("analyze", "-f", "jsonl", path)[1].decode().splitlines()]
    equal([r["id"] for r in rows if {"code": "not_english", "turn": None} in r["warnings"]], [r["id"] for r in other])
    has(" ".join(run("analyze", "-f", "summary", path)[1].decode().split()), "4 of them do not read like English")
    said = " ".join(run("explain", path, "--id", "es")[1].decode().split())
    has(said, "This does not read like English.")
    assert "Warning: not_english" not in said
    assert "English" not in run("explain", path, "--id", "names")[1].decode()


main(globals())
