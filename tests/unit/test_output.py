"""Files: whole or not at all, only when they change; diffs for patch, rules for make and ninja."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfgen.files import writing as output
from bpfgen.files.depfile import depfile
from tests.tools import CHECKOUT, DEFAULT_SIGNALS, require, require_root


def test_a_file_is_written_once(tmp_path: Path) -> None:
    """The second write of the same bytes leaves the file alone, inode and time included."""
    path = tmp_path / "maps.h"
    assert output.write(str(path), b"one\n")
    before = path.stat()
    assert not output.write(str(path), b"one\n")
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert output.write(str(path), b"two\n")
    assert path.read_bytes() == b"two\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["maps.h"]


def test_modes(tmp_path: Path) -> None:
    """A new file gets what the umask leaves, an existing one keeps what it has."""
    old = os.umask(0o027)
    try:
        output.write(str(tmp_path / "new"), b"x")
    finally:
        os.umask(old)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640
    (tmp_path / "new").chmod(0o604)
    output.write(str(tmp_path / "new"), b"y")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o604


def test_the_owner_stays(tmp_path: Path) -> None:
    """`sudo make` doesn't take a file away from its owner."""
    require_root("chown")
    path = tmp_path / "maps.h"
    path.write_bytes(b"x")
    os.chown(path, 12, 34)
    path.chmod(0o640)
    output.write(str(path), b"y")
    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (12, 34, 0o640)


@pytest.mark.parametrize("lacks", ["_open_nameless", "_name"])
@pytest.mark.parametrize("old", [None, b"old"])
def test_filesystems_that_lack_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacks: str, old: bytes | None
) -> None:
    """Where files need a name, or links are forbidden, the file is written nevertheless."""
    monkeypatch.setattr(output, lacks, lambda *_: -1 if lacks == "_open_nameless" else False)
    path = tmp_path / "maps.h"
    if old is not None:
        path.write_bytes(old)
        path.chmod(0o600)
    assert output.write(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert old is None or path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["maps.h"]


def test_a_symbolic_link_to_nothing(tmp_path: Path) -> None:
    """The file that it promises is made."""
    (tmp_path / "maps.h").symlink_to("real.h")
    output.write(str(tmp_path / "maps.h"), b"new")
    assert (tmp_path / "maps.h").is_symlink()
    assert (tmp_path / "real.h").read_bytes() == b"new"


def test_another_hard_link_keeps_its_bytes(tmp_path: Path) -> None:
    """As a cache of build outputs wants it."""
    (tmp_path / "cached").write_bytes(b"old")
    os.link(tmp_path / "cached", tmp_path / "maps.h")
    output.write(str(tmp_path / "maps.h"), b"new")
    assert (tmp_path / "cached").read_bytes() == b"old"


def test_a_program_with_threads(tmp_path: Path) -> None:
    """It can't have a janitor, since it must not fork, and writes all the same."""
    path = tmp_path / "maps.h"
    path.write_bytes(b"old")
    thread = threading.Thread(target=output.write, args=(str(path), b"new"))
    thread.start()
    thread.join()
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["maps.h"]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    """Its target is rewritten, in the target's directory."""
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "real.h"
    target.write_bytes(b"old")
    link = tmp_path / "maps.h"
    link.symlink_to(target)
    output.write(str(link), b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    """The temporary file's name isn't longer than the final one may be."""
    path = tmp_path / ("m" * 253 + ".h")
    output.write(str(path), b"x")
    assert path.read_bytes() == b"x"


def test_what_is_no_regular_file_is_written_to() -> None:
    """`-o /dev/null` neither fails nor replaces the device."""
    assert output.write("/dev/null", b"x")
    assert not Path("/dev/null").is_file()


def test_directories_are_refused(tmp_path: Path) -> None:
    """Neither a directory as the file nor a missing directory leaves anything behind."""
    with pytest.raises(IsADirectoryError):
        output.write(str(tmp_path), b"x")
    with pytest.raises(FileNotFoundError):
        output.write(str(tmp_path / "missing" / "maps.h"), b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_failing_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk in the middle changes nothing and leaves no temporary file."""
    path = tmp_path / "maps.h"
    path.write_bytes(b"old")

    def full(_descriptor: int, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output, "_write_all", full)
    with pytest.raises(OSError, match="No space left"):
        output.write(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["maps.h"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_the_middle_leaves_no_temporary_file(tmp_path: Path, number: int) -> None:
    """Ended while it writes, the process takes its temporary file along; no traceback.

    It is about filesystems where a file must have a name; tests/cli/test_crash_safety.py has more.
    """
    (tmp_path / "maps.dsl").write_text("map m: array<__u32, __u64>[1];\n")
    place = tmp_path / "out"
    place.mkdir()
    words = [str(tmp_path / "maps.dsl"), "-o", str(place / "maps.h"), "--no-verify"]
    script = textwrap.dedent(f"""
        import os, sys, time
        from bpfgen import cli
        from bpfgen.files import writing as output
        def slow(descriptor, data):
            os.write(descriptor, b"half")
            print("writing", flush=True)
            time.sleep(30)
        output._write_all = slow
        output._open_nameless = lambda directory: -1
        sys.exit(cli.main({words}))
    """)
    process = subprocess.Popen(
        [*DEFAULT_SIGNALS, sys.executable, "-c", script],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    assert len(list(place.iterdir())) == 1
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert errors == ""
    assert list(place.iterdir()) == []


LINES = st.lists(st.sampled_from(["a", "b", "c", "d", "", "e\r"]), max_size=25)


@given(LINES, LINES, st.booleans(), st.booleans())
def test_a_diff_has_the_form_of_diff_u(
    old: list[str], new: list[str], old_end: bool, new_end: bool
) -> None:
    """Applied by the rules of the format (a little `patch` below), it gives the new text."""
    before = ("\n".join(old) + "\n" * old_end).encode()
    after = ("\n".join(new) + "\n" * new_end).encode()
    if before == after:
        return
    assert patched(before, output.unified_diff(b"f", before, after)) == after


def patched(text: bytes, diff: bytes) -> bytes:
    """Apply *diff* to *text*, insisting on every context and removed line."""
    lines = text.split(b"\n")
    lines = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    entries = diff.split(b"\n")[2:-1]
    made: list[bytes] = []
    position = 0
    for index, entry in enumerate(entries):
        if entry.startswith(b"@@"):
            start, _, count = entry.split()[1][1:].partition(b",")
            first = int(start) - (count != b"0")
            made += lines[position:first]
            position = first
            continue
        if entry.startswith(b"\\"):
            continue
        unended = index + 1 < len(entries) and entries[index + 1].startswith(b"\\")
        line = entry[1:] + (b"" if unended else b"\n")
        if entry[:1] in {b" ", b"-"}:
            assert lines[position] == line
            position += 1
        if entry[:1] in {b" ", b"+"}:
            made.append(line)
    return b"".join([*made, *lines[position:]])


@pytest.mark.parametrize("changed", [1, 30, 30_000])
def test_patch_applies_a_diff(tmp_path: Path, changed: int) -> None:
    """patch(1) makes the new file of the old one, for a small and for a huge difference."""
    patch = require("patch")
    chooser = random.Random(changed)  # noqa: S311 -- lines for a test
    old = [f"line {number}" for number in range(40_000)]
    new = list(old)
    for _ in range(changed):
        new[chooser.randrange(len(new))] = "changed"
    before, after = ("\n".join(lines).encode() for lines in (old, new))
    path = tmp_path / "maps.h"
    path.write_bytes(before)
    start = time.process_time()
    diff = output.check(str(path), after)
    assert time.process_time() - start < 20
    subprocess.run([patch, "--silent", str(path)], input=diff, check=True)
    assert path.read_bytes() == after


def test_check_of_missing_and_binary_files(tmp_path: Path) -> None:
    """A missing file is a diff from /dev/null; of objects it is only said that they differ."""
    path = tmp_path / "maps.h"
    shown = output.check(str(path), b"a\n").decode()
    assert shown == f"--- /dev/null\n+++ {path}\n@@ -0,0 +1 @@\n+a\n"
    assert not path.exists()
    path.write_bytes(b"\x7fELF\0\1")
    assert output.check(str(path), b"\x7fELF\0\1") == b""
    assert b"differs" in output.check(str(path), b"\x7fELF\0\2")


AWKWARD = ["plain.h", "with space.h", "hash#.h", "dollar$.h", "back\\slash.h", "b\\ s.h", "é.h"]


@pytest.mark.parametrize("tool", ["make", "ninja"])
def test_make_and_ninja_read_the_depfile(tmp_path: Path, tool: str) -> None:
    """Each awkward name is understood as it is: touching that file, and no other, rebuilds."""
    program = require(tool)
    names = [name for name in AWKWARD if tool == "make" or "\\" not in name]
    for name in names:
        (tmp_path / name).write_text("")
    (tmp_path / "maps.dsl").write_text("")
    rule = depfile(["maps.h", "maps.o"], ["maps.dsl"], [*names, "maps.dsl", *names])
    assert rule.endswith("\n")
    if tool == "make":
        (tmp_path / "deps.d").write_text(rule)
        recipe = "maps.h maps.o:\n\t@echo BUILD; touch maps.h maps.o\n"
        (tmp_path / "Makefile").write_text(f"{recipe}include deps.d\n")
    else:
        (tmp_path / "deps.src").write_text(rule)
        (tmp_path / "build.ninja").write_text(
            "rule gen\n"
            "  command = cp deps.src deps.d && touch maps.h maps.o && echo BUILD\n"
            "  depfile = deps.d\n"
            "build maps.h maps.o: gen maps.dsl\n"
        )

    def builds() -> bool:
        run = subprocess.run(
            [program, "maps.h"] if tool == "make" else [program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return "BUILD" in run.stdout

    assert builds()
    assert not builds()
    for name in ["maps.dsl", *names]:
        time.sleep(0.02)  # so that it is newer than what was built
        (tmp_path / name).touch()
        assert builds(), name
        assert not builds(), name
    (tmp_path / names[0]).unlink()
    assert builds(), "a deleted header rebuilds instead of failing"
