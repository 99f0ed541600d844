"""Files that a command is given: no output replaces an input, and what is not there is named."""
import os
import shutil
import subprocess

from cli import EXAMPLES, REFRAIN, clean_env, equal, has, main, run

GATES = os.path.join(EXAMPLES, "gates.jsonl")


def place(d):
    """A folder with two files of conversations and two stores; all their bytes."""
    for name in ("a.jsonl", "b.jsonl"):
        shutil.copy(GATES, os.path.join(d, name))
    for name in ("p.sqlite", "q.sqlite"):
        equal(run("analyze", "-q", "-o", name, "a.jsonl", cwd=d)[0], 0)
    return content(d)


def content(d):
    return {n: open(os.path.join(d, n), "rb").read() for n in sorted(os.listdir(d))}


def refused(d, part, *args, **more):
    """Exit 2 with one line, and every file is as it was."""
    before = content(d)
    code, out, err = run(*args, cwd=d, **more)
    equal((code, out, err.count("\n")), (2, b"", 1), (args, err))
    has(err, part)
    equal(content(d), before, args)


def fact_no_output_replaces_an_input(d):
    data = place(d)
    os.link(os.path.join(d, "a.jsonl"), os.path.join(d, "link.jsonl"))
    for option in ("-o", "--rejects", "--junit", "--sarif", "--markdown"):
        refused(d, "a.jsonl is an input; name another file", "analyze", "a.jsonl", option, "a.jsonl")
    for args in (["analyze", "a.jsonl", "b.jsonl", "-o", "./b.jsonl"], ["analyze", "a.jsonl", "-o", "link.jsonl"],
                 ["analyze", "?.jsonl", "-o", "b.jsonl"], ["analyze", "--resume", "p.sqlite", "--rejects", "a.jsonl"],
                 ["analyze", "a.jsonl", "--fail-on", "vs:p.sqlite decline>0.9", "-o", "p.sqlite"],
                 ["report", "p.sqlite", "-o", "p.sqlite", "-f", "html"], ["report", "p.sqlite", "--junit", "p.sqlite"],
                 ["report", "p.sqlite", "--fail-on", "vs:q.sqlite decline>0.9", "-o", "q.sqlite"],
                 ["compare", "a.jsonl", "b.jsonl", "-o", "a.jsonl"], ["compare", "p.sqlite", "q.sqlite", "--sarif", "q.sqlite"]):
        refused(d, "is an input; name another file", *args)
    with open(os.path.join(d, "a.jsonl"), "rb") as f:  # as a shell gives it: < a.jsonl
        p = subprocess.run([REFRAIN, "analyze", "-o", "a.jsonl"], stdin=f, capture_output=True, cwd=d, env=clean_env())
    equal((p.returncode, p.stdout), (2, b""))
    has(p.stderr.decode(), "a.jsonl is an input")
    equal({n: content(d)[n] for n in data}, data)


def fact_two_outputs_are_two_files(d):
    place(d)
    for args in (["analyze", "a.jsonl", "-o", "y", "--markdown", "./y"], ["analyze", "a.jsonl", "-o", "y", "--rejects", "y"],
                 ["report", "p.sqlite", "-o", "y", "--junit", "y"], ["compare", "p.sqlite", "q.sqlite", "--junit", "y", "--sarif", "y"]):
        refused(d, "y is named for two outputs", *args)


def fact_a_device_and_a_file_of_an_earlier_run_may_be_written(d):
    place(d)
    equal(run("analyze", "-q", "a.jsonl", "-o", os.devnull, "--junit", os.devnull, cwd=d)[0], 0)
    for _ in range(2):  # the second time its own result is among the inputs, and rejected
        code, _, err = run("analyze", "-q", ".", "-o", "out.jsonl", cwd=d)
        assert code in (0, 3), err
    for _ in range(2):
        equal(run("report", "p.sqlite", "-o", "out.html", cwd=d)[0], 0)


def fact_a_store_that_cannot_be_opened_says_why(d):
    place(d)
    none = "No such file or directory"
    refused(d, f"none.sqlite: {none}", "report", "none.sqlite")
    refused(d, f"none.sqlite: {none}", "analyze", "--resume", "none.sqlite")
    refused(d, f"--fail-on: baseline 'vs:none.sqlite': {none}", "analyze", "a.jsonl", "--fail-on", "vs:none.sqlite decline>0.1")
    refused(d, f"none/x.sqlite: {none}", "analyze", "a.jsonl", "-o", "none/x.sqlite")
    with open(os.path.join(d, "refrain.yaml"), "w") as f:
        f.write("threads: 1\n")
    refused(d, "refrain.yaml/x.sqlite: Not a directory", "analyze", "a.jsonl", "-o", "refrain.yaml/x.sqlite")


def fact_a_place_that_nobody_knows_is_refused_wherever_it_is_named(d):
    refused(d, "--country: no country 'UK'; did you mean GB?", "analyze", "--country", "UK", GATES)
    refused(d, "--country: 'XX' is not an ISO 3166-1 alpha-2 code", "explain", "--country", "XX", GATES)
    refused(d, "REFRAIN_COUNTRY: no country 'uk'; did you mean GB?", "analyze", GATES, REFRAIN_COUNTRY="uk")
    for place in ("Narnia", "US-ZZ", "US-", "XX-1", "GB-", "U-CA", "US-CA-1"):
        refused(d, f"nothing is known as '{place}'", "analyze", "--jurisdiction", place, GATES)
    refused(d, "did you mean GB?", "analyze", GATES, REFRAIN_JURISDICTION="UK")
    for place in ("us-ca", "US-TX", "EU", "IE", "GB-SCT"):
        equal(run("analyze", "--jurisdiction", place, GATES)[0], 0, place)
    equal(run("analyze", "--country", "gb", GATES)[0], 0)
    equal(run("analyze", GATES, REFRAIN_COUNTRY="", REFRAIN_JURISDICTION="")[0], 0)
    with open(os.path.join(d, "refrain.yaml"), "w") as f:
        f.write("threads: 1\ncountry: UK\n")
    refused(d, "refrain.yaml:2: country: no country 'UK'; did you mean GB?", "analyze", GATES)


main(globals())
