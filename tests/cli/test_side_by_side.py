"""Compilers run side by side, and nobody can tell but by the clock."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bpfgen.cli import main
from tests.tools import clang_program, require_clang

SOURCES = {
    "a.dsl": "struct v { __u8 x; __u32 y; };\nmap a: array<__u32, v>[4];\n",
    "b.dsl": "map b: array<__u64, int>[4];\n",
    "c.dsl": "map c: hash<int, int>[LIMIT];\nconst LIMIT = 4;\n",
    "d.dsl": "map d: hash<int, int>[4]\nmap d: hash<int, int>[4];\n",
    "e.dsl": "struct v { __u8 x; __u32 y; };\nmap e: array<__u32, v>[4];\n",
    "f.dsl": "include <nowhere.h>;\nmap f: array<__u32, v>[4];\n",
    "g.dsl": "map g: array<__u32, long>[4];\n",
}

MOST_LOOKS = 600


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, which has the sources."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BPFGEN_CLANG", require_clang())
    for name, text in SOURCES.items():
        Path(name).write_text(text)
    return tmp_path


def outputs() -> dict[str, bytes]:
    """Return the files that were made."""
    return {path.name: path.read_bytes() for path in Path("gen").iterdir()}


def wrapped(script: str) -> str:
    """Return a compiler that runs *script* before the compiler, in which `$clang` is that."""
    path = Path("clang-wrapped")
    path.write_text(f"#!/bin/sh\nclang={clang_program()}\n{script}")
    path.chmod(0o755)
    return str(path.absolute())


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_all_is_said_and_made_as_one_after_the_other(
    capfd: pytest.CaptureFixture[str], form: str
) -> None:
    """Errors of every stage, warnings, and files between them."""
    words = [*SOURCES, "nowhere.dsl", "--out-dir", "gen", "--emit", "header,json", "-v"]
    found = []
    for jobs in ("1", "2", "20"):
        shutil.rmtree("gen", ignore_errors=True)
        status = main([*words, "--no-cache", "-j", jobs, "--diagnostics", form])
        found.append((status, capfd.readouterr(), outputs()))
    assert found[0][0] == 1
    assert {"a.h", "c.h", "e.h", "g.h"} <= found[0][2].keys()
    assert found[1:] == [found[0], found[0]]


@pytest.mark.usefixtures("place")
def test_what_ends_first_waits_for_its_turn(capfd: pytest.CaptureFixture[str]) -> None:
    """The compiler of the first source ends after that of the second, which began meanwhile."""
    words = ["a.dsl", "e.dsl", "--out-dir", "gen", "--no-cache", "-v"]
    assert main([*words, "-j", "1"]) == 0
    plain = capfd.readouterr().err
    shutil.rmtree("gen")
    script = f"""
case "$*" in
*/e.c*) $clang "$@" && touch ended ;;
*) looks=0
   while [ ! -e ended ]; do
       looks=$((looks + 1)); [ $looks -lt {MOST_LOOKS} ] || exit 9; sleep 0.05
   done
   exec $clang "$@" ;;
esac
"""
    assert main([*words, "-j", "2", "--clang", wrapped(script)]) == 0
    assert capfd.readouterr().err == plain


def test_variants_run_side_by_side(place: Path) -> None:
    """Those of one source, each of which waits until the other has begun."""
    Path("v.dsl").write_text(
        "macro X;\nwhen (X) { map one: array<__u32, int>[1]; }\nmap m: queue<int>[1];\n"
    )
    script = f"""
touch began.$$; looks=0
while [ $(ls began.* | wc -l) -lt 2 ]; do
    looks=$((looks + 1)); [ $looks -lt {MOST_LOOKS} ] || exit 9; sleep 0.05
done
exec $clang "$@"
"""
    words = ["v.dsl", "-o", "v.h", "--no-cache", "-j", "2", "--clang", wrapped(script)]
    assert main(words) == 0
    assert len(list(place.glob("began.*"))) == 2


@pytest.mark.usefixtures("place")
def test_one_that_reads_what_another_writes(capfd: pytest.CaptureFixture[str]) -> None:
    """It finds that as it would if one was done after the other."""
    Path("late.dsl").write_text('include "gen/g.h";\nconst SIZE = sizeof(long);\n')
    Path("later.dsl").write_text('include "gen/late.h";\nmap m: array<__u32, __u8[SIZE]>[1];\n')
    found = []
    for jobs in ("1", "8"):
        shutil.rmtree("gen", ignore_errors=True)
        words = ["g.dsl", "late.dsl", "later.dsl", "-I", ".", "--out-dir", "gen", "--no-cache"]
        found.append((main([*words, "-j", jobs]), capfd.readouterr(), outputs()))
    assert found[0][2].keys() >= {"g.h", "late.h"}
    assert found[0] == found[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_them_all(place: Path, number: signal.Signals) -> None:
    """Neither a compiler nor a file of one is left."""
    scratch = place / "tmp"
    scratch.mkdir()
    compiler = wrapped("echo $$ >pid.$$.new; mv pid.$$.new pid.$$; exec sleep 300\n")
    words = ["a.dsl", "e.dsl", "g.dsl", "--out-dir", "gen", "--no-cache", "-j", "3"]
    command = [sys.executable, "-m", "bpfgen", *words, "--clang", compiler]
    environment = dict(os.environ, TMPDIR=str(scratch))
    run = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    eventually(lambda: len(list(place.glob("pid.*[0-9]"))) == 3)
    pids = [int(path.read_text()) for path in place.glob("pid.*[0-9]")]
    run.send_signal(number)
    assert run.wait() == {signal.SIGTERM: 143, signal.SIGINT: 130}.get(number, -number)
    eventually(lambda: not list(scratch.iterdir()))
    eventually(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in pids))


def eventually(holds: object) -> None:
    """Wait until *holds* does; a machine may be busy."""
    assert callable(holds)
    for _ in range(MOST_LOOKS):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("word", ["0", "-1", "x", "", "1.5", "²"])
def test_no_number_is_wrong_usage(word: str, capfd: pytest.CaptureFixture[str]) -> None:
    """It is said with an example."""
    assert main(["a.dsl", f"--jobs={word}"]) == 2
    assert "-j 4" in capfd.readouterr().err


FOO = "struct foo { int a[6]; };\nmap m: hash<__u32, foo>[8];\n"
ASKS = """\
#ifndef W_H
#define W_H
#if __has_include("gen/a.h")
#define N 9
#else
#define N 2
#endif
struct bar { int x[N]; };
#endif
"""
BAR = 'include "w.h";\nmap k: hash<__u32, struct bar>[8];\n'
READS: dict[str, dict[str, str]] = {
    "looks for it": {"a.dsl": FOO, "b.dsl": BAR},
    "through a link": {
        "a.dsl": FOO,
        "b.dsl": 'include "s/alias.h";\nmap k: hash<__u32, __u8[sizeof(struct foo)]>[8];\n',
    },
    "an import looks for it": {
        "common.dsl": 'include "w.h";\nstruct of_bar { __u8 a[sizeof(struct bar)]; };\n',
        "o.dsl": 'import "common.dsl";\nmap o: hash<__u32, of_bar>[8];\n',
        "a.dsl": FOO,
        "b.dsl": 'import "common.dsl";\nmap k: hash<__u32, of_bar>[8];\n',
    },
    "in C": {
        "a.dsl": FOO,
        "b.c": '#include "w.h"\nstruct { int (*type)[1]; int (*max_entries)[4]; int *key;'
        ' struct bar *value; } k __attribute__((section(".maps"), used));\n',
    },
}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("how", READS)
def test_one_that_may_see_what_another_writes(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, how: str, keeps: bool
) -> None:
    """Whether it is there yet, and under another name; once it was another one, too."""
    Path("w.h").write_text(ASKS)
    Path("s").mkdir()
    Path("s/alias.h").symlink_to("../gen/a.h")
    for name, text in READS[how].items():
        Path(name).write_text(text)
    words = [name for name in READS[how] if name != "common.dsl"]
    words += ["--out-dir", "gen", "--emit", "header,json", "-I", "."]
    found = []
    for jobs in ("1", "4"):
        shutil.rmtree("gen", ignore_errors=True)
        monkeypatch.setenv("XDG_CACHE_HOME", os.path.abspath(f"home{jobs}"))
        for text in (FOO, FOO.replace("6", "7")):
            Path("a.dsl").write_text(text)
            more = [] if keeps else ["--no-cache"]
            status = main([*words, "-j", jobs, *more])
            found.append((status, capfd.readouterr(), outputs()))
    assert found[0][0] == 0, found[0]
    assert found[2:] == found[:2]
    size = b": 24," if how == "through a link" else b": 36,"
    assert size in found[0][2]["b.json"]
