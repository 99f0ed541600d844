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


def fact_no_output_replaces_a_conversation_of_a_directory(d):
    os.makedirs(os.path.join(d, "in", "deep"))
    for name in ("a.jsonl", "deep/b.json.gz"):
        shutil.copy(GATES, os.path.join(d, "in", name))
    for name in ("in/a.jsonl", "in/deep/b.json.gz"):
        before = open(os.path.join(d, name), "rb").read()
        for args in [["i*", "-o", name]] + [["in", o, name] for o in ("-o", "--rejects", "--sarif", "--junit", "--markdown")]:
            code, out, err = run("analyze", *args, cwd=d)
            equal((code, out, err), (2, b"", f"refrain: {name} is an input; name another file\n"), args)
            equal(open(os.path.join(d, name), "rb").read() == before, True, args)
    equal(run("compare", "in", GATES, "-o", "in/a.jsonl", cwd=d)[0], 2)
    for _ in range(2):  # results of an earlier run are no input
        equal(run("analyze", "-q", "in", "-o", "in/out.jsonl", "--rejects", "in/none.jsonl", cwd=d)[0], 0)


def fact_no_output_replaces_the_settings_or_what_sqlite_writes(d):
    place(d)
    for name in ("refrain.yaml", "own.yaml"):
        with open(os.path.join(d, name), "w") as f:
            f.write("threads: 1\n")
    refused(d, "refrain.yaml holds the settings; name another file", "analyze", "a.jsonl", "-o", "refrain.yaml")
    refused(d, "own.yaml holds the settings", "analyze", "a.jsonl", "--config", "own.yaml", "--rejects", "own.yaml")
    for name in ("run.sqlite-journal", "run.sqlite-wal", "run.sqlite-shm"):
        refused(d, f"{name} is a name that SQLite uses beside run.sqlite", "analyze", "a.jsonl", "-o", "run.sqlite",
                "--rejects", name)


def fact_a_link_leads_to_what_is_written(d):
    place(d)
    want = run("analyze", "a.jsonl", "-f", "jsonl", cwd=d)[1]
    for target, link, args in (("r.jsonl", "r", ["-f", "jsonl"]), ("r.sqlite", "s.sqlite", [])):
        open(os.path.join(d, target), "w").close()
        os.chmod(os.path.join(d, target), 0o600)
        os.symlink(target, os.path.join(d, link))
        for _ in range(2):
            equal(run("analyze", "-q", "a.jsonl", *args, "-o", link, cwd=d)[0], 0)
            equal(os.readlink(os.path.join(d, link)), target)
            st = os.stat(os.path.join(d, target))
            equal((st.st_mode & 0o777, st.st_size > 10000), (0o600, True), link)
    equal(content(d)["r.jsonl"], want)
    os.symlink("nothing", os.path.join(d, "gone"))
    code, _, err = run("analyze", "-q", "a.jsonl", "-o", "gone", cwd=d)
    equal((code, err), (2, "refrain: gone: a symbolic link to nothing\n"))


def fact_standard_output_by_another_name_is_standard_output(d):
    """/dev/stdout is such a link, which root could replace: never tried with that one."""
    place(d)
    want = run("analyze", "a.jsonl", "-f", "jsonl", cwd=d)[1]
    for fd, more in ((1, {}), (2, {})):
        link = os.path.join(d, f"own{fd}")
        os.symlink(f"/proc/self/fd/{fd}", link)
        with open(os.path.join(d, "got"), "wb") as f:
            p = subprocess.run([REFRAIN, "analyze", "-q", "a.jsonl", "-f", "jsonl", "-o", link], cwd=d, env=clean_env(),
                               stdout=f if fd == 1 else subprocess.DEVNULL, stderr=f if fd == 2 else subprocess.DEVNULL)
            equal((p.returncode, f.seek(0, 2)), (0, len(want)))
        equal((os.path.islink(link), open(os.path.join(d, "got"), "rb").read() == want), (True, True))


def fact_a_pipe_where_a_file_should_be_is_one_line(d):
    place(d)
    os.mkfifo(os.path.join(d, "pipe.sqlite"))
    none = "pipe.sqlite: no refrain store"
    for args in (["report", "pipe.sqlite"], ["analyze", "--resume", "pipe.sqlite"]):
        code, out, err = run(*args, cwd=d)
        equal((code, out, err.count("\n")), (2, b"", 1), err)
        has(err, none)
    os.remove(os.path.join(d, "pipe.sqlite"))
    os.mkfifo(os.path.join(d, "refrain.yaml"))
    equal(run("analyze", "a.jsonl", cwd=d), (2, b"", "refrain: refrain.yaml: settings should be a file\n"))


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
