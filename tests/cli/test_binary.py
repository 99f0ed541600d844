"""The binary itself: hardened, free of the builder's paths, and without a way
to the network."""
import os
import re
import shutil
import subprocess
import sys

from cli import EXAMPLES, REFRAIN, ROOT, Skip, clean_env, equal, has, main, run

SHIM = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else ""
LIBRARY = os.path.join(os.path.dirname(REFRAIN), "librefrain.so")
GATES = os.path.join(EXAMPLES, "gates.jsonl")
# Whatever opens, names or resolves a connection. (libc functions; a raw syscall would need its own import.)
NETWORK = {"socket", "connect", "bind", "listen", "accept", "accept4", "send", "sendto", "sendmsg", "recv", "recvfrom", "recvmsg",
           "getaddrinfo", "gethostbyname", "gethostbyname2", "gethostbyaddr", "getnameinfo", "res_query", "res_search",
           "syscall", "dlopen", "dlsym", "dlmopen", "system", "popen", "execve", "execvp", "execv", "execl", "execlp", "posix_spawn"}


def readelf(*args):
    if not shutil.which("readelf"):
        raise Skip("no readelf; ./dev test installs it")
    return subprocess.run(["readelf", "-W", *args], capture_output=True, check=True, env=clean_env()).stdout.decode()


def plain():
    if not SHIM:
        raise Skip("built with a sanitizer")


def imports(path):
    return {m.group(1) for m in re.finditer(r"UND (\w+)(?:@|\s|$)", readelf("--dyn-syms", path), re.M)}


def fact_the_command_is_position_independent_and_read_only_after_loading(d):
    has(readelf("-h", REFRAIN), "DYN")
    for path in (REFRAIN, LIBRARY):
        has(readelf("-l", path), "GNU_RELRO")
        assert re.search(r"FLAGS.*BIND_NOW|Flags:.*NOW", readelf("-d", path)), path


def fact_no_memory_is_both_written_and_run(d):
    for path in (REFRAIN, LIBRARY):
        for line in readelf("-l", path).splitlines():
            assert "RWE" not in line, line
        assert re.search(r"GNU_STACK.*RW ", readelf("-l", path)), path


def fact_stack_and_buffers_are_guarded(d):
    plain()
    for path in (REFRAIN, LIBRARY):
        names = imports(path)
        assert "__stack_chk_fail" in names, path
        assert any(n.endswith("_chk") for n in names - {"__stack_chk_fail"}), f"{path}: no fortified function"


def fact_branches_are_tracked_where_the_processor_can(d):
    plain()
    if "X86-64" not in readelf("-h", REFRAIN):
        raise Skip("not x86-64")
    # Not the note in the file: the linker drops it, for the system's own start files are built without.
    code = subprocess.run(["objdump", "-d", "--no-show-raw-insn", LIBRARY], capture_output=True, check=True).stdout
    marks = code.count(b"endbr64")
    assert marks > 100, f"{marks} marked entries"


def fact_the_binary_does_not_know_where_it_was_built(d):
    plain()
    for path in (REFRAIN, LIBRARY):
        assert os.fsencode(ROOT) not in open(path, "rb").read(), path


def fact_nothing_that_opens_a_connection_is_imported(d):
    plain()
    for path in (REFRAIN, LIBRARY):
        equal(sorted(imports(path) & NETWORK), [], path)


def fact_analyze_runs_where_there_is_no_network_at_all(d):
    inside = ["unshare", "--user", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*inside, "true"], capture_output=True).returncode:
        raise Skip("no empty network namespace to be had")
    whole = run("analyze", "-f", "jsonl", EXAMPLES)[1]
    p = subprocess.run([*inside, REFRAIN, "analyze", "-f", "jsonl", EXAMPLES], capture_output=True, env=clean_env())
    equal((p.returncode, p.stdout), (0, whole), p.stderr)


def fact_no_library_opens_a_connection_for_it(d):
    plain()
    gold = os.path.join(d, "gold.jsonl")
    with open(gold, "w") as f:
        f.write('{"id":"b","prompt":"x","response":"Sure.","label":"compliance"}\n')
    for args in (["analyze", "-f", "jsonl", EXAMPLES], ["explain", GATES, "--id", "g12-hotline-instead-of-a-reply"], ["eval", gold], ["helplines", "lookup", "--country", "IE"]):
        p = subprocess.run([REFRAIN, *args], capture_output=True, env=clean_env(LD_PRELOAD=SHIM, FAULT_SOCKET="1"), timeout=120)
        equal(p.returncode, 0, f"{args[0]}: 77 is a socket")


if __name__ == "__main__":
    main(globals())
