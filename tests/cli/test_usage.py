"""Options, settings, help, man pages and completions, all from one table."""
import json
import os
import re
import shutil
import subprocess

from cli import EXAMPLES, REFRAIN, ROOT, Skip, equal, has, main, on_terminal, run

GATES = os.path.join(EXAMPLES, "gates.jsonl")


def commands():
    """Names as --help lists them."""
    text = run("--help")[1].decode()
    block = text.split("Commands\n")[1].split("\n\n")[0]
    return [m.group(1).strip() for m in re.finditer(r"^  (\S+(?: \S+)?) {2,}", block, re.M)]


def fact_wrong_use_exits_2_with_one_line(d):
    for args, part in ((["anlyze"], "did you mean 'analyze'"), (["frobnicate"], "unknown command"),
                       (["analyze", "--treads", "2"], "did you mean '--threads'"), (["analyze", "--out"], "did you mean '--output'"),
                       (["analyze", "-Z"], "unknown option '-Z'"), (["analyze", "-f", "jsnol"], "did you mean 'jsonl'"),
                       (["analyze", "-j", "two"], "not a number"), (["analyze", "-j", "9999"], "0 to 256"),
                       (["analyze", "--max-record", "64Q"], "not a size"), (["analyze", "-j"], "needs a value"),
                       (["analyze", "--input-format", "opnai", GATES], "unknown format"), (["analyze", "--country", "Ireland", GATES], "alpha-2"),
                       (["explain"], "FILE"), (["constructs", "P3.akc"], "did you mean 'P3.ack'"),
                       (["rules", "tset"], "did you mean 'rules test'"), (["rules"], "needs one of"),
                       (["completions", "bsh"], "did you mean 'bash'"), (["constructs", "P1.role", "P1.invite"], "unexpected")):
        code, out, err = run(*args)
        equal((code, out), (2, b""), args)
        assert err.startswith("refrain: ") and err.count("\n") == 1, f"{args}: {err!r}"
        has(err, part)


def fact_limits_in_the_docs_are_those_of_the_command(d):
    text = " ".join(run("analyze", "--help")[1].decode().split())
    of_help = dict(re.findall(r"(--max-[a-z]+) \S+ (?:(?!--).)*?default (\w+)", text))
    rows = re.findall(r"^\| .* \| `(--max-[a-z]+)` \| (\w+) \|$", open(os.path.join(ROOT, "docs", "security.md")).read(), re.M)
    equal(dict(rows), of_help)
    assert len(rows) >= 6, rows


def fact_no_argument_shows_help_and_exits_2(d):
    code, out, _ = run()
    equal(code, 2)
    has(out.decode(), "usage: refrain")


def fact_flags_win_over_environment_over_file(d):
    with open(os.path.join(d, "refrain.yaml"), "w") as f:
        f.write("# settings\nformat: csv\ncsv-unit: conversation\nmax_turns: 5000\n")
    first = lambda *a, **env: run("analyze", *a, GATES, cwd=d, **env)[1].split(b"\n")[0]
    has(first().decode(), "id,path,record")
    assert b"episodes" in first()
    assert first(REFRAIN_FORMAT="jsonl").startswith(b'{"schema_version"')
    assert b"P3.ack" in first(REFRAIN_CSV_UNIT="turn")
    has(first("-f", "csv", REFRAIN_FORMAT="jsonl").decode(), "id,path,record")
    assert first(REFRAIN_CONFIG="").startswith(b'{"schema_version"')


def fact_wrong_settings_name_file_and_line(d):
    for text, part in (("threads: 2\nthraeds: 3\n", "refrain.yaml:2: unknown setting 'thraeds'; did you mean 'threads'"),
                       ("\nformat: cvs\n", "refrain.yaml:2: format: unknown value 'cvs'; did you mean 'csv'"),
                       ("threads: [1]\n", "refrain.yaml:1: a setting is one value"), ("just text\n", "refrain.yaml:1: not a mapping"),
                       ("a: b: c\n", "refrain.yaml:1:"), ("output: x\n", "unknown setting 'output'")):
        with open(os.path.join(d, "refrain.yaml"), "w") as f:
            f.write(text)
        code, out, err = run("analyze", GATES, cwd=d)
        equal((code, out), (2, b""), text)
        has(err, part)
    code, _, err = run("analyze", "--config", os.path.join(d, "none.yaml"), GATES)
    equal(code, 2)
    has(err, "none.yaml")
    code, _, err = run("analyze", GATES, REFRAIN_THREADS="x")
    equal(code, 2)
    has(err, "REFRAIN_THREADS")


def fact_every_command_has_help_within_80_columns(d):
    names = commands()
    assert {"analyze", "explain", "constructs", "rules test", "completions"} <= set(names), names
    for name in names:
        code, out, err = run(*name.split(), "--help")
        equal((code, err), (0, ""), name)
        text = out.decode()
        has(text, f"usage: refrain {name}")
        wide = max((len(line), line) for line in text.split("\n") if "refrain " not in line)
        assert wide[0] <= 80, f"{name}: {wide}"


def fact_every_command_has_a_man_page_without_warnings(d):
    if not shutil.which("groff"):
        raise Skip("no groff")
    for name in [""] + commands():
        code, out, err = run("--man", *name.split())
        equal((code, err), (0, ""), name)
        p = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-K", "utf8"], input=out, capture_output=True)
        equal(p.stderr.decode(), "", f"man {name}")
        text = re.sub(r".\x08|\x1b\[[0-9;]*m", "", p.stdout.decode())  # bold as overstrike or escape
        for part in ("NAME", "SYNOPSIS", "EXIT STATUS"):
            has(text, part)


def fact_the_build_makes_every_man_page_and_completion(d):
    build = os.path.dirname(REFRAIN)
    for name in [""] + commands():
        path = os.path.join(build, "-".join(["refrain", *name.split()]) + ".1")
        assert os.path.exists(path), f"{os.path.basename(path)}: add '{name}' to cli_commands in src/cli/meson.build"
        equal(open(path, "rb").read(), run("--man", *name.split())[1], path)
    for shell in ("bash", "zsh", "fish"):
        equal(open(os.path.join(build, f"completions-{shell}"), "rb").read(), run("completions", shell)[1], shell)


def fact_completions_are_valid_shell(d):
    for shell, check in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "-n"])):
        code, out, err = run("completions", shell)
        equal((code, err), (0, ""), shell)
        for word in (b"analyze", b"csv-unit", b"episode"):
            assert word in out, f"{shell}: {word}"
        if not shutil.which(shell):
            continue
        path = os.path.join(d, shell)
        open(path, "wb").write(out)
        p = subprocess.run([*check, path], capture_output=True)
        equal((p.returncode, p.stderr), (0, b""), shell)


def bash_completes(d, *words):
    if not shutil.which("bash"):
        raise Skip("no bash")
    path = os.path.join(d, "c")
    open(path, "wb").write(run("completions", "bash")[1])
    quoted = " ".join(f"'{w}'" for w in words)
    script = f"source '{path}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _refrain; echo \"${{COMPREPLY[@]}}\""
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()


def fact_bash_completes_commands_options_and_values(d):
    equal(bash_completes(d, "refrain", "ana"), ["analyze"])
    has(" ".join(bash_completes(d, "refrain", "rules", "")), "test")
    equal(bash_completes(d, "refrain", "analyze", "--csv-"), ["--csv-unit"])
    equal(bash_completes(d, "refrain", "analyze", "--format", "c"), ["csv"])
    equal(bash_completes(d, "refrain", "constructs", "P3.ac"), ["P3.ack"])


def fish_completes(d, line):
    if not shutil.which("fish"):
        raise Skip("no fish")
    path = os.path.join(d, "c.fish")
    open(path, "wb").write(run("completions", "fish")[1])
    p = subprocess.run(["fish", "-c", f"source {path}; complete -C '{line}'"], capture_output=True, text=True, check=True)
    return [x.split("\t") for x in p.stdout.splitlines()]


def fact_fish_completes_commands_options_and_values(d):
    first = {x[0]: x[-1] for x in fish_completes(d, "refrain ")}
    equal(first["helplines"], "lookup check list stale export lint")
    assert "test" not in first and "check" not in first, first
    assert "lookup" in [x[0] for x in fish_completes(d, "refrain helplines ")]
    assert "lookup" not in [x[0] for x in fish_completes(d, "refrain helplines check ")]
    equal(fish_completes(d, "refrain helplines list "), [])  # it takes no file
    equal([x[0] for x in fish_completes(d, "refrain analyze --format c")], ["csv"])
    has(dict(fish_completes(d, "refrain analyze --csv-"))["--csv-unit"], "default episode")
    has(dict(fish_completes(d, "refrain analyze --forma"))["--format"], "default: a summary")


def fact_a_gate_is_explained_like_a_construct(d):
    code, out, _ = run("constructs", "g7")
    equal(code, 0)
    has(out.decode(), "over-refusal, hard")
    has(out.decode(), "overrides   P2 trigger")
    has(run("constructs")[1].decode(), "G12         major")
    for args, why in ((("G13",), "there is no gate 'G13'; G1 to G12"), (("P6",), "there is no phase 'P6'; P1 to P5"), (("G7", "--json"), "no JSON")):
        code, out, err = run("constructs", *args)
        equal((code, out), (2, b""))
        has(err, why)


def fact_a_number_says_what_it_may_be(d):
    for n in ("0", "-1", "x"):
        code, _, err = run("explain", EXAMPLES, "--record", n)
        equal((code, err), (2, f"refrain: --record: '{n}' is not a number from 1 on\n"))


def fact_version_is_one_line(d):
    code, out, _ = run("--version")
    equal(code, 0)
    assert re.fullmatch(rb"refrain \d+\.\d+\.\d+\n", out), out


def fact_no_color_and_pipes_get_no_escapes(d):
    assert b"\033" not in run("constructs")[1]
    assert "\033" in on_terminal("constructs")[1]
    assert "\033" not in on_terminal("constructs", NO_COLOR="1")[1]


def fact_constructs_are_shown_in_full(d):
    code, out, _ = run("constructs", "P3.ack")
    equal(code, 0)
    for part in ("definition", "scale", "method", "source", "fires", "near miss", "I understand your concern"):
        has(out.decode(), part)
    text = run("constructs")[1].decode()
    equal(len(re.findall(r"^  P[1-5]\.\w+", text, re.M)), 59)
    text = run("constructs", "P4")[1].decode()
    equal(set(re.findall(r"^  (P[1-5])\.", text, re.M)), {"P4"})


def fact_coverage_counts_each_construct_where_it_applies(d):
    import json
    code, out, _ = run("constructs", "--coverage", EXAMPLES, "--json")
    equal(code, 0)
    rows = [json.loads(x) for x in out.decode().splitlines()]
    equal(len(rows), 59)
    reports = [json.loads(x) for x in run("analyze", EXAMPLES)[1].decode().splitlines()]
    for row in rows:
        codes = [e["constructs"][row["id"]] for r in reports for e in r["episodes"]]
        equal(row["episodes"]["coded"], sum(c["value"] is not None for c in codes), row["id"])
        equal(row["episodes"]["applies"],
              sum(c["value"] is not None or c["reason"] in ("needs_judge", "low_confidence") for c in codes), row["id"])
    code, out, _ = run("constructs", "--coverage", EXAMPLES)
    equal(code, 0)
    has(out.decode(), "P5.check")


def fact_rules_test_finds_a_cue_that_fails_its_own_sentences(d):
    code, out, err = run("rules", "test")
    equal((code, err), (0, ""), out.decode())
    assert re.search(rb"\d+ cues, \d+ sentences, 0 failed", out), out
    os.mkdir(os.path.join(d, "cues"))
    with open(os.path.join(d, "cues", "mine.yaml"), "w") as f:
        f.write("version: 1\ncues:\n  - id: mine.frog\n    role: [user]\n    phrases: [\"green frog\"]\n"
                "    fire: [\"a green frog sat\", \"a blue frog sat\"]\n    near: [\"a greener frogs\", \"one green frog\"]\n")
    code, out, err = run("rules", "test", "--pack", d)
    equal(code, 1, err)
    text = out.decode()
    has(text, "mine.yaml:3: cue 'mine.frog' does not hit a sentence that must fire: a blue frog sat")
    has(text, "mine.yaml:3: cue 'mine.frog' hits a near miss: one green frog")
    has(text, "2 failed")


def fact_the_least_size_is_named(d):
    code, _, err = run("analyze", "--max-memory", "1K", GATES)
    equal((code, err), (2, "refrain: --max-memory: '1K' is not a size from 64k on, such as 64M\n"))


def fact_help_tells_of_settings_and_of_status_1(d):
    text = " ".join(run("--help")[1].decode().split())
    has(text, "1 a check of --fail-on failed")
    has(text, "./refrain.yaml (max-turns: 500) or in the environment (REFRAIN_MAX_TURNS=500)")
    open(os.path.join(d, "refrain.yaml"), "w").write("max-turns: 1\n")
    for cwd, env in ((d, {}), (None, {"REFRAIN_MAX_TURNS": "1"})):
        equal(run("analyze", "-q", GATES, cwd=cwd, **env)[0], 3)
    has(run("analyze", "--help")[1].decode(), "major")


def own_cues(d, text):
    os.makedirs(os.path.join(d, "cues"), exist_ok=True)
    with open(os.path.join(d, "cues", "own.yaml"), "w", encoding="utf-8") as f:
        f.write(text)


def fact_the_cue_of_the_documentation_works(d):
    text = open(os.path.join(ROOT, "docs", "packs.md"), encoding="utf-8").read()
    own_cues(d, text.split("```yaml cue\n")[1].split("```")[0])
    code, out, err = run("rules", "test", "--pack", d)
    equal((code, err), (0, ""), out.decode())
    has(out.decode(), " 0 failed")
    said = b'{"messages":[{"role":"user","content":"I feel so low"},{"role":"assistant","content":"Let\'s keep this chat sunny!"}]}'
    acts = [json.loads(run("analyze", *args, "-", stdin=said)[1])["turns"][1]["acts"] for args in ((), ("--pack", d))]
    assert "withhold" in acts[1] and "withhold" not in acts[0], acts


def fact_the_documentation_lists_every_key_and_act_of_a_cue(d):
    text = open(os.path.join(ROOT, "docs", "packs.md"), encoding="utf-8").read()
    keys = re.findall(r'"(\w+)", struct y_cue,', open(os.path.join(ROOT, "src", "match", "schema.h")).read())
    source = open(os.path.join(ROOT, "src", "walk.h")).read()
    acts = [a for list_ in re.findall(r"define [AU]_ACT_NAMES ((?:.*\\\n)*.*)", source) for a in re.findall(r'"(\w+)"', list_)]
    assert len(keys) > 8 and len(acts) == 52, (keys, acts)
    for name in keys + acts:
        has(text, f"`{name}`")


def fact_a_folder_of_another_level_is_no_pack(d):
    own_cues(os.path.join(d, "en"), "cues: []\n")
    empty = os.path.join(d, "empty")
    os.mkdir(empty)
    equal(run("rules", "test", "-q", "--pack", os.path.join(d, "en"))[0], 0)
    for wrong in (empty, os.path.join(d, "en", "cues"), d):
        code, out, err = run("rules", "test", "--pack", wrong)
        equal((code, out, err), (2, b"", f"refrain: {wrong}: no pack: neither constructs.yaml nor acts.model nor cues/NAME.yaml stands in it\n"))


def fact_a_wrong_key_of_a_pack_is_named_with_its_line(d):
    for text, words in (("version: 1\ncues:\n  - id: a.b\n    role: [user]\n    fires: [x]\n", "5: unknown key 'fires'; did you mean 'fire'?"),
                        ("cues:\n  - {id: a, near: [x], phrase: [y]}\n", "2: unknown key 'phrase'; did you mean 'phrases'?"),
                        ("# mine\ncue:\n  - id: a.b\n", "2: unknown key 'cue'; did you mean 'cues'?"),
                        ("cues:\n  - id: a\n    zebra: 1\n", "3: unknown key 'zebra'; docs/packs.md lists the keys"),
                        ("cues:\n  - role: [user]\n", "2:11: missing required mapping field: id"),
                        ("cues:\n  - id: a\n    phrases: [\"b\n", "3:14: ")):
        own_cues(d, text)
        code, _, err = run("rules", "test", "--pack", d)
        equal((code, err.count("\n")), (2, 1), err)
        has(err, f"refrain: {d}/cues/own.yaml:{words}")


def fact_a_cue_whose_act_cannot_be_meant_is_refused(d):
    os.mkdir(os.path.join(d, "cues"))
    path = os.path.join(d, "cues", "mine.yaml")
    for role, act, words in (
            ("[user, assistant]", "", "mine.yaml:3: cue 'mine.frog' is a rule and names no act"),
            ("[user, assistant]", "    act: collude\n", "mine.yaml:3: cue 'mine.frog' has an act for user and others at once"),
            ("[assistant]", "    act: thanks\n", "mine.yaml:3: unknown assistant act 'thanks'"),
            ("[assistant, platform]", "    act: collude\n", None)):
        with open(path, "w") as f:
            f.write(f"version: 1\ncues:\n  - id: mine.frog\n    role: {role}\n    rule: true\n{act}    phrases: [\"green frog\"]\n")
        code, out, err = run("analyze", "--pack", d, os.devnull)
        equal(code, 2 if words else 0, err)
        if words:
            has(err, words)


def fact_the_first_word_of_a_family_has_help(d):
    code, out, err = run("helplines", "--help")
    equal((code, err), (0, ""))
    has(out.decode(), "helplines lookup")


def fact_input_without_a_conversation_is_said(d):
    code, out, err = run("analyze", os.devnull)
    equal((code, out), (0, b""))
    has(err, "no conversation in the input")
    equal(run("analyze", "-q", os.devnull), (0, b"", ""))

main(globals())
