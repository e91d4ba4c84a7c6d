"""`bpfgen import --replace`: files, exit status, what is left as it is."""

from __future__ import annotations

import json
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


def test_what_cant_be_replaced_keeps_nobody_back(folder: Path) -> None:
    """It stays as it is, with its error; `--diff` says the same of what would be."""
    (folder / "other.bpf.c").write_text(PROGRAM)
    wrong = PROGRAM.replace("int total", "missing total")
    (folder / "wrong.bpf.c").write_text(wrong)
    (folder / "taken.bpf.c").write_text(PROGRAM)
    (folder / "taken.maps.h").write_text("// mine\n")
    before = there(folder)
    shown = bpfgen("import", "--replace", "--diff", ".", cwd=folder)
    assert there(folder) == before
    done = bpfgen("import", "--replace", ".", cwd=folder)
    assert shown.returncode == done.returncode == 1
    assert shown.stderr.replace(b" to be replaced", b" replaced") == done.stderr
    assert b"error[replace-unproved]: wrong.bpf.c" in done.stderr
    assert b"error[replace-exists]: `taken.maps.h` exists already" in done.stderr
    assert b"4 maps replaced in 2 programs and 0 headers; 2 programs proved" in done.stderr
    assert b"2 files left as they were, with the reason above: taken.bpf.c, w" in done.stderr
    after = there(folder)
    assert after["wrong.bpf.c"] == wrong
    assert after["taken.bpf.c"] == PROGRAM
    assert after["prog.bpf.c"] == AFTER
    assert after.keys() - before.keys() == {
        f"{name}.maps.{suffix}" for name in ("prog", "other") for suffix in ("dsl", "h")
    }


def test_a_file_that_no_build_compiles_is_left_out(folder: Path) -> None:
    """With a warning where it was found, with an error where it was named."""
    (folder / "windows.bpf.c").write_text(PROGRAM)
    entry = {"directory": str(folder), "file": "prog.bpf.c", "arguments": ["cc", "prog.bpf.c"]}
    (folder / "compile_commands.json").write_text(json.dumps([entry]))
    done = bpfgen("import", "--replace", "-p", ".", "windows.bpf.c", cwd=folder)
    assert done.returncode == 2
    assert b"error[compile-commands]: `windows.bpf.c` isn't listed" in done.stderr
    words = ("windows.bpf.c", "prog.bpf.c", "--diff")
    done = bpfgen("import", "--replace", "-p", ".", *words, cwd=folder)
    assert done.returncode == 1
    assert done.stderr.count(b"error[compile-commands]: `windows.bpf.c` isn't listed") == 1
    assert b"+++ prog.bpf.c" in done.stdout
    done = bpfgen("import", "--replace", "-p", ".", ".", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert b"warning[compile-commands]: `windows.bpf.c` isn't among what" in done.stderr
    assert there(folder)["windows.bpf.c"] == PROGRAM
    assert there(folder)["prog.bpf.c"] == AFTER


def test_what_exists_is_not_written_over(folder: Path) -> None:
    """Unless it is what would be written."""
    (folder / "prog.maps.dsl").write_text("// mine\n")
    done = bpfgen("import", "--replace", "prog.bpf.c", cwd=folder)
    assert done.returncode == 1
    assert b"error[replace-exists]: `prog.maps.dsl` exists already" in done.stderr
    assert there(folder) == {"prog.bpf.c": PROGRAM, "prog.maps.dsl": "// mine\n"}
    (folder / "prog.maps.dsl").write_text(SOURCE)
    assert bpfgen("import", "--replace", "prog.bpf.c", cwd=folder).returncode == 0


@pytest.mark.parametrize("name", ["prog.maps.dsl", "prog.maps.h"])
def test_a_link_is_not_written_through(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """It may lead anywhere, be there or not; one to the same thing inside stays."""
    outside = tmp_path_factory.mktemp("outside")
    link = folder / name
    link.symlink_to(outside / "rc")
    done = bpfgen("import", "--replace", ".", cwd=folder)
    assert done.returncode == 1
    assert f"error[replace-exists]: `{name}` exists already".encode() in done.stderr
    assert (folder / "prog.bpf.c").read_text() == PROGRAM
    assert not (outside / "rc").exists()
    link.unlink()
    assert bpfgen("import", "--replace", ".", cwd=folder).returncode == 0
    link.rename(folder / "inside")
    link.symlink_to("inside")
    (folder / "prog.bpf.c").write_text(PROGRAM)
    done = bpfgen("import", "--replace", ".", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert link.is_symlink()
    (folder / "inside").rename(outside / "rc")
    link.unlink()
    link.symlink_to(outside / "rc")
    (folder / "prog.bpf.c").write_text(PROGRAM)
    assert bpfgen("import", "--replace", ".", cwd=folder).returncode == 1


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
