"""What the command line says where it makes no sense, or where a file can't be had."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.files.pins import bpf_mounts
from bpfgen.files.reasons import failure
from bpfgen.kernel.map_kinds import MAP_KINDS
from tests.kernel.bpf_syscall import create_map, pin
from tests.tools import CHECKOUT, clang_program, require, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = "map m: hash<__u32, __u64>[8];\n"


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("maps.dsl").write_text(SOURCE)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("inspct", "inspect"), ("veryfi", "verify"), ("explane", "explain"), ("kind", "kinds")],
)
def test_a_misspelt_command_is_no_missing_file(
    typed: str, meant: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Unless there is a file of that name."""
    assert main([typed, "x"]) == 2
    assert capfd.readouterr().err == (
        f"error[usage]: there is no file or command `{typed}`\n"
        f"  = help: did you mean `bpfgen {meant}`?\n"
    )
    Path(typed).write_text(SOURCE)
    assert main([typed, "-o", "x.h", "--no-verify"]) == 0


def test_the_compiler_is_no_command(capfd: pytest.CaptureFixture[str]) -> None:
    """`compile` is what is done anyway; a name that is like no command is a missing file."""
    for name in ("compile", "compil"):
        assert main([name, "maps.dsl"]) == 2
        assert "help: bpfgen maps.dsl -o maps.h" in capfd.readouterr().err
    assert main(["zebra", "-o", "x.h"]) == 1
    assert "cannot read `zebra`" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("check", "`bpfgen maps.dsl`"),
        ("format", "bpfgen fmt maps.dsl"),
        ("version", "bpfgen --version"),
        ("build", "bpfgen maps.dsl -o maps.h"),
    ],
)
def test_a_command_of_another_tool_has_its_like_here(
    typed: str, instead: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whether files are named after it or not."""
    for words in ([typed], [typed, "maps.dsl"]):
        assert main(words) == 2
        errors = capfd.readouterr().err
        assert f"there is no file or command `{typed}`" in errors
        assert instead in errors


def test_a_file_of_c_without_maps_has_nothing_for_an_output(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """One error, and what would give an output something to say."""
    Path("x.bpf.c").write_text("int f(void) { return 1; }\n")
    assert main(["x.bpf.c", "-o", "x.h"]) == 1
    assert capfd.readouterr().err.rstrip("\n") == (
        "error[import-map]: x.bpf.c: there is no map that an output could have\n"
        "  = help: --types NAME asks for types that no map needs"
    )


def test_nothing_to_import_is_missing(capfd: pytest.CaptureFixture[str]) -> None:
    """None is as wrong as two."""
    assert main(["import", "-o", "x.dsl"]) == 2
    assert "what to import is missing" in capfd.readouterr().err
    assert main(["import", "a.o", "b.o", "-o", "x.dsl"]) == 2
    assert "one object is imported at a time" in capfd.readouterr().err


WRONG_USAGE = (
    ("maps.dsl", "-o", "x.h", "--nope"),
    ("maps.dsl", "-o"),
    ("maps.dsl", "-D", "=5", "-o", "x.h"),
)


@pytest.mark.parametrize("words", WRONG_USAGE, ids=" ".join)
@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_wrong_usage_has_the_form_that_was_asked_for(
    words: tuple[str, ...], form: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Who reads JSON, workflow commands or SARIF can read this, too."""
    assert main([f"--diagnostics={form}", *words]) == 2
    said = capfd.readouterr().err
    if form == "json":
        (line,) = said.splitlines()
        assert json.loads(line)["code"] == "usage"
    elif form == "github":
        assert said.startswith("::error title=usage::")
        assert said.count("\n") == 1
    else:
        (run,) = json.loads(said)["runs"]
        (notification,) = run["invocations"][0]["toolExecutionNotifications"]
        assert notification["descriptor"]["id"] == "usage"


def test_a_definition_without_a_name(capfd: pytest.CaptureFixture[str]) -> None:
    """`-D =5` shows the whole word."""
    assert main(["maps.dsl", "-D", "=5", "-o", "x.h"]) == 2
    assert "`=5` has no name\n  = help: -D NAME=1" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("struct s { int x y; };", "1 error (--fix repairs 1)\n"),
        (
            "struct s { int x y; };\nstruct t { int x y; };\nmap m: nope;",
            "3 errors (--fix repairs 2)\n",
        ),
        (
            "const A = 1; // bpfgen: allow slots because no\n",
            "1 warning (--fix-all repairs 1)\n",
        ),
        (
            f"{SOURCE}struct s {{ int x y; }};\n// bpfgen: allow slots because no\n",
            "1 error, 1 warning (--fix repairs 1)\n",
        ),
    ],
)
def test_the_last_line_counts(text: str, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Errors and warnings, in text alone; a run with nothing to say says nothing."""
    Path("bad.dsl").write_text(text)
    main(["bad.dsl", "--emit", "none", "--no-verify"])
    assert capfd.readouterr().err.endswith(f"\n\n{said}")
    main(["bad.dsl", "--emit", "none", "--no-verify", "--diagnostics", "github"])
    assert said not in capfd.readouterr().err
    assert main(["maps.dsl", "-o", "x.h", "--no-verify"]) == 0
    assert capfd.readouterr().err == ""


def test_a_text_that_is_no_text_is_not_shown_as_a_diff(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """`--check` against an object, or against bytes that a terminal would act on."""
    for old in (b"\x7fELF\0\1", b"\x1b[31mred\n", b"caf\xe9\n"):
        Path("x.h").write_bytes(old)
        assert main(["maps.dsl", "-o", "x.h", "--no-verify", "--check"]) == 1
        assert (
            capfdbinary.readouterr().out == b"Binary file x.h differs from what would be written\n"
        )


def test_directories_that_are_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    """The first one that is missing is named, and how to make it where something is written."""
    assert main(["maps.dsl", "-o", "no/where/x.h", "--no-verify"]) == 1
    assert "there is no directory `no`\n  = help: `mkdir -p no/where`" in capfd.readouterr().err
    assert main(["inspect", "no/x.o"]) == 1
    assert capfd.readouterr().err == (
        "error[file]: no/x.o: cannot read: there is no directory `no`\n"
    )


def test_without_a_bpf_filesystem(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path where one would be says so."""
    monkeypatch.setattr("bpfgen.files.reasons.bpf_mounts", list)
    reason, help_ = failure("/sys/fs/bpf/flows", FileNotFoundError(2, "No such file"))
    assert reason == "no BPF filesystem is mounted at /sys/fs/bpf"
    assert "mount -t bpf" in help_


@pytest.fixture
def bpf_directory(tmp_path: Path) -> Iterator[Path]:
    """Yield a BPF filesystem of our own, of which nothing is left after the test."""
    require_root()
    place = tmp_path / "b p f"
    place.mkdir()
    subprocess.run([require("mount"), "-t", "bpf", "bpf", place], check=True)
    try:
        yield place
    finally:
        subprocess.run([require("umount"), place], check=True)


def test_pinned_maps(bpf_directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What is pinned is no file; without rights, and where nothing is pinned, that is said."""
    assert str(bpf_directory) in bpf_mounts()
    with create_map(2, key_size=4, value_size=8, max_entries=1) as map:
        pin(map.fd, str(bpf_directory / "flows"))
    reason, _help = failure(str(bpf_directory / "flows"), OSError(5, "Input/output error"))
    assert "it is pinned there, and no file" in reason
    assert main(["inspect", str(bpf_directory / "nothing")]) == 1
    assert "nothing is pinned there" in capfd.readouterr().err
    bpf_directory.chmod(0o700)
    os.seteuid(65534)
    try:
        reason, _help = failure(
            str(bpf_directory / "flows"), PermissionError(13, "Permission denied")
        )
    finally:
        os.seteuid(0)
    assert reason == f"only root may look below {bpf_directory}, a BPF filesystem"


@pytest.mark.parametrize(
    ("environment", "words", "widest", "is_colored"),
    [
        ({"COLUMNS": "80"}, (), 80, True),
        ({"COLUMNS": "80", "NO_COLOR": "1"}, (), 80, False),
        ({"COLUMNS": "60"}, ("--color", "never"), 60, False),
        ({"COLUMNS": "200"}, (), 200, True),
    ],
)
def test_tables_fit_the_terminal(
    environment: dict[str, str], words: tuple[str, ...], widest: int, is_colored: bool
) -> None:
    """A terminal has an edge and colours; a pipe has neither (test_kinds_lists_every_kind)."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "bpfgen", "kinds", *words]
    variables = {"PATH": os.environ["PATH"], "TERM": "xterm", **environment}
    try:
        subprocess.run(command, stdout=theirs, env=variables, check=True, cwd=CHECKOUT)
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:  # EIO: nobody writes any more
                break
            if not piece:
                break
            shown += piece
    finally:
        os.close(ours)
    text = shown.decode().replace("\r\n", "\n")
    assert ("\x1b[" in text) == is_colored
    lines = re.sub("\x1b\\[[0-9;]*m", "", text).splitlines()
    assert len(lines) > len(MAP_KINDS)
    assert max(map(len, lines)) <= widest


def test_an_object_without_btf_is_one_error(capfd: pytest.CaptureFixture[str]) -> None:
    """It was compiled without -g, says the one message; that maps are missing follows from that."""
    text = '__attribute__((section(".maps"), used)) struct { int (*type)[1]; } m;\n'
    command = [clang_program(), "-target", "bpf", "-c", "-x", "c", "-", "-o", "no.o"]
    subprocess.run(command, input=text, text=True, check=True)
    for words in (["verify", "no.o", "maps.dsl"], ["inspect", "no.o"]):
        assert main(words) == 1
        errors = capfd.readouterr().err
        assert "compiled without `-g`" in errors
        assert errors.count("error[") == 1
