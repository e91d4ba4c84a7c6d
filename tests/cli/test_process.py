"""The command as a process: streams, signals, and what it loads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bpfgen.cli import main
from bpfgen.commands.signals import Signals, hold_to_the_end
from tests.tools import CHECKOUT, DEFAULT_SIGNALS, require_clang

COMMAND = [sys.executable, "-m", "bpfgen"]
CODED = (("explain", "unverified"), ("kinds",), ("--help",))


@pytest.mark.parametrize("words", CODED)
def test_nobody_reads(words: tuple[str, ...]) -> None:
    """A reader that has gone away ends the command quietly, as SIGPIPE would."""
    reader, writer = os.pipe()
    os.close(reader)
    run = subprocess.run(
        [*COMMAND, *words], cwd=CHECKOUT, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (run.returncode, run.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.parametrize("words", CODED)
def test_a_full_disk(words: tuple[str, ...]) -> None:
    """What can't be written to standard output is one line and status 1."""
    with open("/dev/full", "wb") as full:
        run = subprocess.run(
            [*COMMAND, *words], cwd=CHECKOUT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert run.returncode == 1
    assert run.stderr == b"error[file]: standard output: No space left on device\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str) -> None:
    """Without a standard stream there is still no traceback."""
    command = f"'{sys.executable}' -m bpfgen kinds {closed}"
    run = subprocess.run(
        ["/bin/sh", "-c", command], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert run.returncode in {0, 1}
    assert "Traceback" not in run.stderr


def test_an_encoding_that_lacks_characters() -> None:
    """Messages reach a terminal of ASCII too."""
    run = subprocess.run(
        [*COMMAND, "kinds", "日本"],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "there is no map kind `\\u65e5\\u672c`" in run.stderr


def test_importing_the_package_is_cheap() -> None:
    """`import bpfgen` loads nothing of the pipeline; its public names are there nevertheless."""
    script = (
        "import sys; before = set(sys.modules); import bpfgen\n"
        "print(sorted(name for name in set(sys.modules) - before if name.startswith('bpfgen')))\n"
        "assert {'compile', 'read_object', 'Compilation', 'FormatError'} <= set(dir(bpfgen))\n"
        "print(bpfgen.Diagnostic.__module__, bpfgen.FormatError.__module__)\n"
        "try: bpfgen.nothing\n"
        "except AttributeError as error: print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [
        "['bpfgen', 'bpfgen.record', 'bpfgen.record_initializers']",
        "bpfgen.text.diagnostics bpfgen.text.diagnostics",
        "module 'bpfgen' has no attribute 'nothing'",
    ]


def test_what_the_command_line_loads() -> None:
    """Help, usage and finding no compiler load neither renderers nor dataclasses nor subprocess."""
    script = (
        "import sys; from bpfgen.cli import main; main(['--help']); import bpfgen.clang\n"
        "unwanted = 'subprocess dataclasses inspect typing json difflib tempfile shutil'"
        " ' unicodedata bpfgen.text.render bpfgen.clang.search'\n"
        "sys.exit(' '.join({*unwanted.split()} & {*sys.modules}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert run.stderr.strip() == ""


class Going:
    """What is ended while it goes: CPython drops the exception."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        signal.raise_signal(self.number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("holds", [False, True])
def test_a_signal_whose_exception_is_dropped(
    number: signal.Signals,
    holds: bool,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The status tells of it, no traceback does, and what mustn't be half done isn't begun."""
    done = []

    def run(_words: list[str]) -> int:
        Going(number)
        done.append("dropped")
        if holds:
            hold_to_the_end()
            done.append("held")
        return 0

    monkeypatch.setattr("bpfgen.cli._run", run)
    assert main([]) == 128 + number
    assert (done, capfd.readouterr()) == (["dropped"], ("", ""))
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_when_all_is_done(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The status tells of it, and no traceback does."""
    give_back = Signals.give_back

    def late(signals: Signals, *, keeps_held: bool) -> None:
        signal.raise_signal(number)
        give_back(signals, keeps_held=keeps_held)

    monkeypatch.setattr(Signals, "give_back", late)
    before = [signal.getsignal(each) for each in signal.valid_signals()]
    assert main(["--version"]) == 128 + number
    assert not capfd.readouterr().err
    assert [signal.getsignal(each) for each in signal.valid_signals()] == before


def test_what_else_is_dropped_is_reported_as_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error in a destructor has nothing to do with signals."""
    ignored: list[sys.UnraisableHookArgs] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)

    class Wrong:
        def __del__(self) -> None:
            raise ValueError

    def run(_words: list[str]) -> int:
        Wrong()
        return 0

    monkeypatch.setattr("bpfgen.cli._run", run)
    assert main([]) == 0
    assert [type(one.exc_value) for one in ignored] == [ValueError]


def test_a_signal_while_the_compiler_runs(tmp_path: Path) -> None:
    """The compiler and what it started are ended, and its directory is removed."""
    compiler = tmp_path / "clang"
    compiler.write_text(f"#!/bin/sh\nsleep 97 &\necho $! >{tmp_path}/pid\nwait\n")
    compiler.chmod(0o755)
    (tmp_path / "maps.dsl").write_text("map m: array<__u32, __u64>[1];\n")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    words = [f"{tmp_path}/maps.dsl", "-o", f"{tmp_path}/m.o"]
    process = subprocess.Popen(
        [*DEFAULT_SIGNALS, *COMMAND, *words, "--clang", str(compiler)],
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
    )
    pid = tmp_path / "pid"
    end = time.monotonic() + 60
    while not (pid.exists() and pid.read_text().strip()):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    assert len(list(temporary.iterdir())) == 1
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (128 + signal.SIGTERM, b"")
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "m.o").exists()
    # Once told to end it has no command line; when it is gone is the kernel's affair, and its
    # number may be another's by then.
    words_of_child = Path(f"/proc/{int(pid.read_text())}/cmdline")
    while b"sleep\0" + b"97\0" in _read(words_of_child):
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("map m: array<__u32, __u64>[1];\n", 0),
        ("map m: array<__u64, __u64>[1];\n", 1),
        ("map m: nothing[1];\n", 1),
        ("const A = 1; // include, import\nmap m: array<__u32, __u64>[A];\n", 0),
    ],
)
def test_a_compiler_that_waits_for_the_header(tmp_path: Path, source: str, status: int) -> None:
    """It is started while the source is read; nothing is left of it, whatever comes of that."""
    compiler = require_clang()
    (tmp_path / "maps.dsl").write_text(source)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    words = [f"{tmp_path}/maps.dsl", "-o", f"{tmp_path}/m.h", "--verify", "--clang", compiler]
    run = subprocess.run(
        [*COMMAND, *words],
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert run.returncode == status, run.stderr
    assert (tmp_path / "m.h").exists() == (status == 0)
    assert "clang" not in run.stderr
    assert list(temporary.iterdir()) == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.mark.parametrize(
    ("terminal", "environment", "options", "colored"),
    [
        (True, {"TERM": "xterm"}, (), True),
        (True, {"TERM": "dumb"}, (), False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, (), False),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, (), True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, ("--color", "always"), True),
        (True, {"TERM": "xterm"}, ("--color", "never"), False),
        (True, {"TERM": "dumb", "FORCE_COLOR": "1"}, (), True),
        (True, {"TERM": "xterm"}, ("--diagnostics", "json"), False),
        (True, {"TERM": "xterm", "FORCE_COLOR": "1"}, ("--diagnostics", "github"), False),
        (False, {"TERM": "xterm"}, (), False),
        (False, {"TERM": "xterm", "FORCE_COLOR": "1"}, (), True),
        (False, {"TERM": "xterm", "FORCE_COLOR": ""}, (), False),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        (False, {"FORCE_COLOR": "1"}, ("--color", "never"), False),
        (False, {"NO_COLOR": "1"}, ("--color", "always"), True),
    ],
)
def test_colours(
    terminal: bool, environment: dict[str, str], options: tuple[str, ...], colored: bool
) -> None:
    """A terminal that knows escapes gets colours; NO_COLOR, FORCE_COLOR and `--color` come first.

    The terminal is a real one, and what programs read has no colours at all.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"NO_COLOR", "FORCE_COLOR", "TERM"}
    }
    ours, theirs = os.openpty() if terminal else os.pipe()
    subprocess.run(
        [*COMMAND, "missing.dsl", "-o", "m.h", *options],
        cwd=CHECKOUT,
        env={**inherited, **environment},
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 4096)
    os.close(ours)
    assert b"cannot read" in shown
    assert (b"\x1b[" in shown) == colored
