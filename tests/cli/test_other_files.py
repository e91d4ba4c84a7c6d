"""Files that aren't what a command wants: devices, pipes, other formats, operands the wrong way."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests import compiled

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "map flows: hash<__u32, __u64>[16];\n"

LONGEST = 20
"""Seconds after which a command that should end at once is taken to wait forever."""


def bpfgen(*words: str, cwd: Path, memory: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command in *cwd*, in *memory* MiB of address space at most."""

    def bound() -> None:
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory << 20, memory << 20))

    return subprocess.run(
        [sys.executable, "-m", "bpfgen", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=LONGEST,
        preexec_fn=bound,
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a directory with a file of each format, and a pipe that nobody writes to."""
    (tmp_path / "maps.dsl").write_text(SOURCE)
    (tmp_path / "maps.txt").write_text(SOURCE)
    (tmp_path / "maps.o").write_bytes(compiled.compile_c(compiled.MODERN, compiled.newest()))
    (tmp_path / "maps.json").write_text('{"format": 1}\n')
    (tmp_path / "prog.bpf.c").write_text("#include <linux/bpf.h>\n")
    (tmp_path / "prog.cc").write_text("#include <linux/bpf.h>\n")
    (tmp_path / "lib.a").write_bytes(b"!<arch>\nmaps.o/")
    (tmp_path / "lto.o").write_bytes(b"BC\xc0\xde5\x14\0\0")
    (tmp_path / "vmlinux").write_bytes(b"\x9f\xeb\1\0")
    (tmp_path / "maps.o.gz").write_bytes(b"\x1f\x8b\x08\0")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "noise").write_bytes(b"\0\1\2")
    (tmp_path / "notes").write_text("no object")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("inspect", "/dev/zero"), "not an ELF file"),
        (("import", "/dev/zero", "-o", "-"), "not an ELF file"),
        (("verify", "/dev/zero", "maps.dsl"), "not an ELF file"),
        (("verify", "maps.o", "/dev/zero"), "goes on after 64 MiB"),
        (("/dev/zero", "-o", "x.h"), "goes on after 64 MiB"),
        (("kinds", "--needs", "/dev/zero"), "goes on after 64 MiB"),
        (("@/dev/zero",), "goes on after 64 MiB"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_a_device_without_end(place: Path, words: tuple[str, ...], said: str) -> None:
    """It is read until it is clear that it is none of ours, in bounded memory."""
    done = bpfgen(*words, cwd=place, memory=400)
    assert done.returncode in (1, 2)
    assert said in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("inspect", "pipe"),
        ("import", "pipe", "-o", "-"),
        ("verify", "pipe", "maps.dsl"),
        ("verify", "maps.o", "pipe"),
        ("kinds", "--needs", "pipe"),
        ("pipe", "-o", "x.h"),
        ("@pipe",),
        ("maps.dsl", "-o", "x.h", "--config", "pipe"),
    ],
    ids=" ".join,
)
def test_a_pipe_that_nobody_writes_to(place: Path, words: tuple[str, ...]) -> None:
    """It is an error, not a wait."""
    done = bpfgen(*words, cwd=place)
    assert done.returncode in (1, 2)
    assert "nothing writes to this pipe" in done.stderr


def test_a_pipe_for_a_configuration(place: Path) -> None:
    """One that nobody named holds for nothing."""
    os.mkfifo(place / "pyproject.toml")
    assert bpfgen("maps.dsl", "-o", "x.h", "--no-verify", cwd=place).returncode == 0


@pytest.mark.parametrize(
    ("command", "operand"),
    [("inspect {}", "maps.o"), ("{} --emit header -o - --no-verify", "maps.dsl")],
)
def test_a_pipe_that_somebody_writes_to(place: Path, command: str, operand: str) -> None:
    """The shell's `<(…)`, and a pipe whose writer is slow."""
    for pipe in (f"<(cat {operand})", f"<(sleep 0.1; cat {operand})"):
        line = f"{sys.executable} -m bpfgen {command.format(pipe)}"
        done = subprocess.run(
            ["/bin/bash", "-c", line], cwd=place, capture_output=True, check=False, timeout=LONGEST
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"flows" in done.stdout


WANTED_OBJECT = {
    "maps.dsl": ("a source of bpfgen", "`bpfgen maps.dsl -o maps.o`"),
    "maps.txt": ("a source of bpfgen", "`bpfgen maps.txt -o maps.o`"),
    "maps.json": ("a JSON file", "JSON is written and never read"),
    "prog.bpf.c": ("a C file", "clang -g -O2 -target bpf -c prog.bpf.c -o prog.bpf.o"),
    "lib.a": ("a static library", "ar x lib.a"),
    "lto.o": ("a file of LLVM bitcode", "-flto"),
    "vmlinux": ("a file of BTF alone", "no maps"),
    "maps.o.gz": ("a compressed file", "decompress"),
    "noise": ("a binary file", "clang -g -O2 -target bpf"),
    "notes": ("a text file", "clang -g -O2 -target bpf"),
}


@pytest.mark.parametrize("name", WANTED_OBJECT)
@pytest.mark.parametrize("command", ["inspect {}", "verify {} maps.dsl"])
def test_another_file_for_an_object(place: Path, name: str, command: str) -> None:
    """What it is, and what to type."""
    what, advice = WANTED_OBJECT[name]
    done = bpfgen(*command.format(name).split(), cwd=place)
    assert done.returncode == 1
    assert f"error[object-format]: {name}: not an ELF file but {what}" in done.stderr
    assert advice in done.stderr


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("maps.dsl", "`bpfgen maps.dsl -o maps.h` compiles it"),
        ("maps.txt", "`bpfgen maps.txt -o maps.h` compiles it"),
        ("maps.json", "JSON is written and never read"),
        ("prog.cc", "C is read from files whose names end in `.c` or `.h`"),
        ("empty", "clang -g -O2 -target bpf"),
    ],
)
def test_another_file_for_an_import(place: Path, name: str, advice: str) -> None:
    """A source is one already; C is known by its name."""
    done = bpfgen("import", name, "-o", "new.dsl", cwd=place)
    assert done.returncode == 1
    assert f"error[object-format]: {name}: not an ELF file" in done.stderr
    assert advice in done.stderr
    assert not (place / "new.dsl").exists()


def test_operands_the_wrong_way(place: Path) -> None:
    """The order is said, as text and in JSON; nothing of the object is shown."""
    done = bpfgen("verify", "maps.dsl", "maps.o", cwd=place)
    assert done.returncode == 2
    assert "help: bpfgen verify maps.o maps.dsl" in done.stderr
    assert "\x7f" not in done.stderr
    done = bpfgen("verify", "maps.dsl", "maps.o", "--format", "json", cwd=place)
    assert "the object comes first" in json.loads(done.stdout)["error"]


@pytest.mark.parametrize("command", ["inspect large.o", "import large.o -o -"])
def test_a_large_object_takes_little_memory(place: Path, command: str) -> None:
    """An object of 300 MB of debug information is looked at in far less."""
    with open(place / "maps.o", "rb") as stream:
        data = stream.read()
    with open(place / "large.o", "wb") as stream:
        stream.write(data)
        stream.truncate(300 << 20)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert bpfgen(*command.split(), cwd=place).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert after - before < 100 << 10
