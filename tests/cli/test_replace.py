"""`bpfgen import --replace`: files, exit status, all or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conformance.test_replace import AFTER, PROGRAM, SOURCE
from tests.tools import clang_program, require

if TYPE_CHECKING:
    from pathlib import Path


def bpfgen(*words: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command in *cwd*."""
    return subprocess.run(
        [sys.executable, "-m", "bpfgen", *words, "--clang", clang_program()],
        cwd=cwd,
        capture_output=True,
        check=False,
    )


def there(folder: Path) -> dict[str, str]:
    """Return what is in *folder*, by name."""
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a directory with a program."""
    (tmp_path / "prog.bpf.c").write_text(PROGRAM)
    return tmp_path


def test_the_difference_is_shown_and_nothing_written(folder: Path) -> None:
    """The three files, as `patch` takes them; what it makes of them is what is written."""
    done = bpfgen("import", "--replace", "--diff", "prog.bpf.c", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert there(folder) == {"prog.bpf.c": PROGRAM}
    names = [line for line in done.stdout.splitlines() if line.startswith(b"+++ ")]
    assert names == [b"+++ prog.maps.dsl", b"+++ prog.maps.h", b"+++ prog.bpf.c"]
    subprocess.run([require("patch"), "-p0", "-s"], cwd=folder, input=done.stdout, check=True)
    patched = there(folder)
    for name in ("prog.maps.dsl", "prog.maps.h"):
        (folder / name).unlink()
    (folder / "prog.bpf.c").write_text(PROGRAM)
    assert bpfgen("import", "--replace", "prog.bpf.c", cwd=folder).returncode == 0
    assert there(folder) == patched
    assert (patched["prog.bpf.c"], patched["prog.maps.dsl"]) == (AFTER, SOURCE)


def test_the_build_makes_the_same_header(folder: Path) -> None:
    """And the source has all that the program's object has."""
    assert bpfgen("import", "--replace", "prog.bpf.c", cwd=folder).returncode == 0
    done = bpfgen("prog.maps.dsl", "-o", "prog.maps.h", "--check", cwd=folder)
    assert done.returncode == 0, done.stdout


def test_the_source_may_be_named(folder: Path) -> None:
    """The header lies beside it, and is included from there."""
    (folder / "maps").mkdir()
    done = bpfgen("import", "--replace", "prog.bpf.c", "-o", "maps/all.dsl", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "maps" / "all.h").exists()
    assert '#include "maps/all.h"\n' in (folder / "prog.bpf.c").read_text()


def test_a_link_and_a_mode_stay(folder: Path) -> None:
    """As with every file that is written."""
    (folder / "real").mkdir()
    (folder / "prog.bpf.c").rename(folder / "real" / "it.c")
    (folder / "real" / "it.c").chmod(0o640)
    (folder / "prog.bpf.c").symlink_to("real/it.c")
    assert bpfgen("import", "--replace", "prog.bpf.c", cwd=folder).returncode == 0
    assert (folder / "prog.bpf.c").readlink().name == "it.c"
    assert (folder / "real" / "it.c").read_text() == AFTER
    assert (folder / "real" / "it.c").stat().st_mode & 0o777 == 0o640


def test_several_are_replaced_or_none(folder: Path) -> None:
    """One that is refused keeps the others as they are."""
    (folder / "other.bpf.c").write_text(PROGRAM)
    (folder / "wrong.bpf.c").write_text(PROGRAM.replace("int total", "missing total"))
    before = there(folder)
    done = bpfgen("import", "--replace", *sorted(before), cwd=folder)
    assert done.returncode == 1
    assert b"error[replace-unproved]: wrong.bpf.c" in done.stderr
    assert there(folder) == before
    done = bpfgen("import", "--replace", "-v", "other.bpf.c", "prog.bpf.c", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert b"4 maps replaced; 2 programs proved the same" in done.stderr
    assert there(folder).keys() - before.keys() == {
        f"{name}.maps.{suffix}" for name in ("prog", "other") for suffix in ("dsl", "h")
    }


def test_what_exists_is_not_written_over(folder: Path) -> None:
    """Unless it is what would be written."""
    (folder / "prog.maps.dsl").write_text("// mine\n")
    done = bpfgen("import", "--replace", "prog.bpf.c", cwd=folder)
    assert done.returncode == 1
    assert b"error[replace-exists]: `prog.maps.dsl` exists already" in done.stderr
    assert there(folder) == {"prog.bpf.c": PROGRAM, "prog.maps.dsl": "// mine\n"}
    (folder / "prog.maps.dsl").write_text(SOURCE)
    assert bpfgen("import", "--replace", "prog.bpf.c", cwd=folder).returncode == 0


def test_a_program_that_has_changed_meanwhile_stays(folder: Path) -> None:
    """Somebody saves it while the proof runs."""
    clang = folder / "clang"
    clang.write_text(f'#!/bin/sh\necho "// saved" >> prog.bpf.c\nexec {clang_program()} "$@"\n')
    clang.chmod(0o755)
    words = [sys.executable, "-m", "bpfgen", "import", "--replace", "prog.bpf.c"]
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, "BPFGEN_CLANG": str(clang)},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert b"`prog.bpf.c` has changed meanwhile; nothing is written" in done.stderr
    assert there(folder).keys() == {"prog.bpf.c", "clang"}


@pytest.mark.parametrize(
    "words",
    [
        ("--replace",),
        ("--replace", "prog.o"),
        ("--replace", "prog.bpf.c", "-o", "maps.h"),
        ("--replace", "prog.bpf.c", "--out-dir", "."),
        ("--replace", "prog.bpf.c", "--check"),
        ("--diff", "prog.bpf.c", "-o", "maps.dsl"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], folder: Path) -> None:
    """What means nothing, or would write one file twice."""
    done = bpfgen("import", *words, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert there(folder) == {"prog.bpf.c": PROGRAM}
