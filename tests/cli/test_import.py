"""`bpfgen import`: files, exit status, what is told."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests import compiled

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (
    compiled.MACROS
    + """
struct { __uint(type, 1); __type(key, int); __type(value, __u64); __uint(max_entries, 4); }
    good SEC(".maps");
struct { __uint(type, 999); } unknown SEC(".maps");
"""
)


def bpfgen(*words: str, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command in *cwd*."""
    return subprocess.run(
        [sys.executable, "-m", "bpfgen", *words],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
    )


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Give an object with a map that can be declared and one that can't."""
    path = tmp_path / "program.o"
    path.write_bytes(compiled.compile_c(PROGRAM, compiled.newest()))
    return path


def test_a_source_is_written(program: Path, tmp_path: Path) -> None:
    """It goes to the file or to standard output; what is left out is a warning."""
    done = bpfgen("import", "program.o", "-o", "maps.dsl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "maps.dsl").read_bytes()
    assert text == b"/// The maps of program.o.\n\nmap good: hash<int, __u64>[4];\n"
    assert b"warning[import-map]: map `unknown` is left out" in done.stderr
    assert bpfgen("import", "program.o", "-o", "-", cwd=tmp_path).stdout == text
    piped = bpfgen("import", "-", "-o", "-", cwd=tmp_path, stdin=program.read_bytes())
    assert piped.stdout == text.replace(b"program.o", b"standard input")


@pytest.mark.parametrize("option", ["-Werror", "-Werror=import-map"])
def test_warnings_as_errors(option: str, program: Path, tmp_path: Path) -> None:
    """Then nothing is written."""
    done = bpfgen("import", program.name, "-o", "maps.dsl", option, cwd=tmp_path)
    assert done.returncode == 1
    assert not (tmp_path / "maps.dsl").exists()
    assert (
        bpfgen("import", program.name, "-o", "m.dsl", "-Wno-import-map", cwd=tmp_path).stderr == b""
    )


def test_check(program: Path, tmp_path: Path) -> None:
    """The difference is shown, and nothing is written."""
    words = ("import", program.name, "-o", "maps.dsl", "--check")
    missing = bpfgen(*words, cwd=tmp_path)
    assert missing.returncode == 1
    assert b"+map good: hash<int, __u64>[4];" in missing.stdout
    assert bpfgen(*words[:-1], cwd=tmp_path).returncode == 0
    same = bpfgen(*words, cwd=tmp_path)
    assert (same.returncode, same.stdout) == (0, b"")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", b"object-format"),
        (b"map m: hash<int, int>[4];", b"object-format"),
        (b"\x7fELF\x02\x01\x01", b"object-format"),
    ],
)
def test_what_is_no_object(tmp_path: Path, content: bytes, code: bytes) -> None:
    """One clear error and status 1."""
    (tmp_path / "x.o").write_bytes(content)
    done = bpfgen("import", "x.o", "-o", "maps.dsl", cwd=tmp_path)
    assert done.returncode == 1
    assert b"error[" + code + b"]" in done.stderr
    assert b"Traceback" not in done.stderr


def test_an_object_without_maps(tmp_path: Path) -> None:
    """There is nothing to write, which is an error."""
    (tmp_path / "x.o").write_bytes(compiled.compile_c("int x = 1;", compiled.newest()))
    done = bpfgen("import", "x.o", "-o", "maps.dsl", cwd=tmp_path)
    assert done.returncode == 1
    assert b"there is no map that a source could declare" in done.stderr


def test_usage(program: Path, tmp_path: Path) -> None:
    """Wrong words are status 2; the input is never written over."""
    for words in (
        (),
        (program.name,),
        (program.name, "other.o", "-o", "maps.dsl"),
        (program.name, "-o", program.name),
        (program.name, "-o", "-", "--check"),
        (program.name, "-o", "maps.c"),
        (program.name, "-o", "maps.h"),
        (program.name, "-o", "maps.json"),
        (program.name, "-o", "maps.dsl", "--kernel", "new"),
    ):
        assert bpfgen("import", *words, cwd=tmp_path).returncode == 2, words
    assert bpfgen("import", "--help", cwd=tmp_path).returncode == 0
    assert bpfgen("import", "none.o", "-o", "maps.dsl", cwd=tmp_path).returncode == 1


def test_a_c_source(tmp_path: Path) -> None:
    """A file that is named as C is read as C; its names and expressions are kept."""
    (tmp_path / "old.h").write_text(
        "#define N 4\n"
        "struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, long);"
        ' __uint(max_entries, N * 2); } m SEC(".maps");\n'
    )
    done = bpfgen("import", "old.h", "-o", "maps.dsl", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    text = (tmp_path / "maps.dsl").read_text()
    assert text == "/// The maps of old.h.\n\nconst N = 4;\n\nmap m: hash<int, long>[N * 2];\n"
    (tmp_path / "latin.c").write_bytes(b"// \xe4\n\n" + (tmp_path / "old.h").read_bytes())
    done = bpfgen("import", "latin.c", "-o", "-", "-D", "N=3", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == "\n".join(["/// The maps of latin.c.", *text.split("\n")[1:]])
    (tmp_path / "wide.c").write_bytes("int x;".encode("utf-16"))
    wrong = bpfgen("import", "wide.c", "-o", "-", cwd=tmp_path)
    assert wrong.returncode == 1
    assert b"error[encoding]" in wrong.stderr


def test_c_that_is_none(tmp_path: Path) -> None:
    """Where no map is found in C, what clang said of it is there as well."""
    (tmp_path / "broken.c").write_text("int x = ;\n")
    done = bpfgen("import", "broken.c", "-o", "-", cwd=tmp_path)
    assert done.returncode == 1
    assert b"the C doesn't compile here" in done.stderr
    assert b"broken.c:1: expected expression" in done.stderr
    (tmp_path / "empty.c").write_text("")
    done = bpfgen("import", "empty.c", "-o", "-", cwd=tmp_path)
    assert (done.returncode, done.stderr.count(b"[")) == (1, 1)


def test_macros_of_the_command_line(tmp_path: Path) -> None:
    """`-D` and `-U` decide what the C file leaves to the build; what is left out is told."""
    (tmp_path / "old.c").write_text(
        "#ifdef WIDE\n"
        'struct { __uint(type, BPF_MAP_TYPE_QUEUE); __type(value, long); } wide SEC(".maps");\n'
        "#endif\n"
        "struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, SIZE); }"
        ' m SEC(".maps");\n'
    )
    done = bpfgen("import", "old.c", "-o", "-", "-D", "SIZE=4096", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"when (defined(WIDE)) {\n    map wide: queue<long>[runtime];\n}\n" in done.stdout
    assert (done.stdout.count(b"macro WIDE;"), done.stderr) == (1, b"")
    done = bpfgen("import", "old.c", "-o", "-", "-D", "SIZE=4096", "-U", "WIDE", cwd=tmp_path)
    assert b"const SIZE = 4096;\n\nmap m: ringbuf[SIZE];\n" in done.stdout
    assert b"old.c:1: `#ifdef WIDE` leaves out map `wide`" in done.stderr
    done = bpfgen("import", "old.c", "-o", "-", "-D", "SIZE=4096", "-D", "WIDE", cwd=tmp_path)
    assert b"\nmap wide: queue<long>[runtime];\n" in done.stdout
    missing = bpfgen("import", "old.c", "-o", "-", "-U", "WIDE", cwd=tmp_path)
    assert missing.returncode == 1
    assert b"old.c:4: map `m` is left out: there is no constant `SIZE` here" in missing.stderr
