"""--watch and progress: what a person at a terminal sees, without waiting for a clock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.commands import UsageError
from bpfgen.commands.arguments import parsed
from bpfgen.commands.build import Build
from bpfgen.commands.destinations import jobs_of
from bpfgen.commands.progress import Progress
from bpfgen.commands.watch import watch
from tests.tools import CHECKOUT, DEFAULT_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.commands.destinations import Job


class Ended(BaseException):
    """The script of a test is at its end."""


def watching(capfd: pytest.CaptureFixture[str], *words: str) -> Callable[..., list[str]]:
    """Return a function that watches while it makes one change after another."""

    def run(*changes: Callable[[], object]) -> list[str]:
        """Make each change when the command waits; return what it said before each."""
        said: list[str] = []
        script = iter(changes)

        def wait() -> None:
            errors = capfd.readouterr().err
            if errors:
                said.append(errors)
            change = next(script, None)
            if change is None:
                raise Ended
            change()

        arguments = parsed("compile", list(words))
        with pytest.raises(Ended):
            watch(arguments, jobs_of(arguments), wait)
        return said

    return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty directory, which is the working one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str) -> Callable[[], object]:
    """Return a change: the file *name* gets *text*."""
    return lambda: Path(name).write_text(text)


@pytest.mark.usefixtures("here")
def test_what_changes_is_compiled_again(capfd: pytest.CaptureFixture[str]) -> None:
    """Inputs and imports; errors don't end it; what didn't change isn't touched."""
    write("c.dsl", "struct k { __u32 id; };\n")()
    write("a.dsl", 'import "c.dsl";\nmap a: hash<k, int>[4];\n')()
    write("b.dsl", "map b: hash<int, int>[4];\n")()
    run = watching(capfd, "a.dsl", "b.dsl", "--out-dir", "gen", "--no-verify", "--watch")
    looked: list[int] = []
    first, broken, mended, second, nothing = run(
        write("c.dsl", "struct k { __u32 id };\n"),
        write("c.dsl", "struct k { __u64 id; };\n"),
        write("b.dsl", "map b: hash<int, int>[8];\n"),
        lambda: os.utime("a.dsl", (1, 1)),
        lambda: looked.append(1),
        lambda: looked.append(2),
    )
    assert first.splitlines() == [
        *("gen/a.h: written", "gen/b.h: written", "watching 3 files; Ctrl-C ends it"),
    ]
    assert "--> c.dsl:1:" in broken
    assert "gen/b.h: unchanged" in broken
    assert "gen/a.h: written" in mended  # it has the size of the key, and the fingerprint
    assert "gen/b.h: written" in second
    assert nothing.splitlines()[:2] == ["gen/a.h: unchanged", "gen/b.h: unchanged"]
    assert looked == [1, 2]


@pytest.mark.usefixtures("here")
def test_what_appears_is_seen(capfd: pytest.CaptureFixture[str]) -> None:
    """A missing input, a missing import, a configuration that wasn't there."""
    run = watching(capfd, "a.dsl", "-o", "a.h", "--no-verify", "--watch", "-I", "lib")
    Path("lib").mkdir()
    missing, lacking, done, styled, wrong = run(
        write("a.dsl", 'import "c.dsl";\nmap a: hash<k, int>[4];\n'),
        write("lib/c.dsl", "struct k { __u32 id; };\n"),
        write("pyproject.toml", '[tool.bpfgen]\nstyle = "initializer"\n'),
        write("pyproject.toml", "[tool.bpfgen]\nstile = 1\n"),
    )
    assert "cannot read `a.dsl`" in missing
    assert "there is no file `c.dsl`" in lacking
    assert "a.h: written" in done
    assert "a.h: written" in styled
    assert "did you mean `style`?" in wrong
    assert ".type = BPF_MAP_TYPE_HASH" in Path("a.h").read_text()


@pytest.mark.usefixtures("here")
def test_a_change_during_a_run_is_not_lost(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is compared with what it was before the run."""
    write("a.dsl", "map a: hash<int, int>[4];\n")()
    changes = iter([None, write("a.dsl", "map a: hash<int, int>[16];\n"), None])
    finished = Build.run

    def run_and_change(self: Build, jobs: list[Job]) -> int:
        status = finished(self, jobs)
        change = next(changes, None)
        if change is not None:
            change()
        return status

    monkeypatch.setattr(Build, "run", run_and_change)
    run = watching(capfd, "a.dsl", "-o", "a.h", "--no-verify", "--watch")
    run(write("a.dsl", "map a: hash<int, int>[8];\n"), lambda: None)
    assert "16" in Path("a.h").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-", "-o", "a.h"], "standard input can't be watched"),
        (["a.dsl", "-o", "a.h", "--check"], "--watch and --check exclude each other"),
    ],
)
def test_what_cannot_be_watched(words: list[str], said: str) -> None:
    """Wrong usage, before anything is compiled."""
    arguments = parsed("compile", [*words, "--watch"])
    with pytest.raises(UsageError, match=said):
        watch(arguments, jobs_of(arguments), lambda: None)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_ends_by_a_signal(tmp_path: Path, number: int, status: int) -> None:
    """Ctrl-C and SIGTERM: no traceback, the status that a shell expects."""
    (tmp_path / "a.dsl").write_text("map a: hash<int, int>[4];\n")
    words = ["-m", "bpfgen", "a.dsl", "-o", "a.h", "--no-verify", "--watch"]
    process = subprocess.Popen(
        [*DEFAULT_SIGNALS, sys.executable, *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = [process.stderr.readline(), process.stderr.readline()]
    process.send_signal(number)
    _, rest = process.communicate(timeout=60)
    assert (said[0], process.returncode, rest) == ("a.h: written\n", status, "")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_progress_waits_two_seconds() -> None:
    """A short run shows nothing; a long one the input at hand, cleared at the end."""
    clock, written = Clock(), list[str]()
    with Progress(3, clock, written.append, 80) as progress:
        progress.step("a.dsl")
        clock.now += 1.9
        progress.step("b.dsl")
        assert written == []
        clock.now += 0.2
        progress.tick()
        progress.tick()
        assert written == ["\r\x1b[K[2/3] b.dsl"]
        progress.clear()
        progress.clear()
        progress.step("c\x1b[31m.dsl")
    assert written[1:] == ["\r\x1b[K", "\r\x1b[K[3/3] c\u241b[31m.dsl", "\r\x1b[K"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL


def test_progress_within_one_input() -> None:
    """Where one input has many parts, they are what is counted."""
    clock, written = Clock(), list[str]()
    with Progress(1000, clock, written.append, 80) as progress:
        clock.now += 3
        progress.at(512, "map `flows` (id 42)")
        progress.at(1000, "map `flows` (id 42)")
    erase = "\r\x1b[K"
    shown = [f"{erase}[{done}/1000] map `flows` (id 42)" for done in (512, 1000)]
    assert written == [*shown, erase]


def test_progress_fits_the_terminal() -> None:
    """A line that would wrap is cut: it couldn't be erased."""
    clock, written = Clock(), list[str]()
    progress = Progress(10, clock, written.append, 20)
    clock.now += 3
    progress.step("a/very/long/path/of/a.dsl")
    assert written == ["\r\x1b[K[1/10] a/very/long…"]


def test_progress_of_nobody_knows_how_many() -> None:
    """Where the inputs aren't counted before, the line says how many there were."""
    clock, written = Clock(), list[str]()
    progress = Progress(None, clock, written.append, 80)
    progress.step("process 1")
    clock.now += 3
    progress.step("process 7")
    assert written == ["\r\x1b[K[2] process 7"]


def test_progress_is_for_terminals(tmp_path: Path) -> None:
    """One slow input on a terminal is shown while its compiler runs; a pipe gets nothing."""
    reached = tmp_path / "reached"
    os.mkfifo(reached)
    compiler = tmp_path / "clang"
    compiler.write_text(f"#!/bin/sh\ncat {reached} >/dev/null\nexit 1\n")
    compiler.chmod(0o755)
    (tmp_path / "a.dsl").write_text("map a: hash<int, int>[4];\n")
    script = (
        "import bpfgen.commands.progress, sys; bpfgen.commands.progress.PATIENCE_SECONDS = 0.001\n"
        "from bpfgen.cli import main\n"
        "sys.exit(main(['a.dsl', '-o', 'a.h', '--clang', './clang', '--color', 'never']))\n"
    )
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "TERM": "xterm"},
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while b"[1/1] a.dsl" not in shown:
        shown += os.read(ours, 4096)
    reached.write_text("go on")
    while b"error" not in shown:
        shown += os.read(ours, 4096)
    assert b"[1/1] a.dsl\r\x1b[Kerror" in shown
    process.wait(timeout=60)
    os.close(ours)
