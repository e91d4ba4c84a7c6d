"""What builds and hooks ask of the command: stamps in depfiles, checks without output, CMake."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.kernel.memory import Machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Pipeline

    Run = Callable[..., Outcome]


def _source(text: str = "good", name: str = "maps.dsl") -> str:
    Path(name).write_text(text)
    return name


def test_the_depfile_can_name_a_stamp(bpfgen: Run) -> None:
    """The rule has the target that was asked for instead of the outputs; the rest is the same."""
    words = (_source("import"), "-o", "maps.h", "--depfile")
    assert bpfgen(*words, "plain.d").status == 0
    assert bpfgen(*words, "stamp.d", "--depfile-target", "maps.stamp").status == 0
    plain = Path("plain.d").read_text()
    assert plain.startswith("maps.h: maps.dsl")
    assert Path("stamp.d").read_text() == plain.replace("maps.h:", "maps.stamp:", 1)


def test_emit_none_checks_and_writes_nothing(bpfgen: Run) -> None:
    """Any number of inputs, each with its errors; no file appears."""
    names = [_source(name="a.dsl"), _source(name="b.dsl")]
    before = sorted(os.listdir())
    for words in (("--emit", "none"), ()):
        done = bpfgen(*words, *names)
        assert (done.status, done.output, done.errors) == (0, "", "")
    done = bpfgen("--emit", "none", *names, _source("bad", "c.dsl"))
    assert done.status == 1
    assert "error" in done.errors
    assert sorted(os.listdir()) == [*before, "c.dsl"]


def test_emit_none_writes_a_depfile_for_a_stamp(bpfgen: Run) -> None:
    """A build can check a source and remember with a stamp of its own that it did."""
    words = ("--emit", "none", _source("import"), "--depfile", "maps.d")
    assert bpfgen(*words, "--depfile-target", "maps.ok").status == 0
    assert Path("maps.d").read_text().startswith("maps.ok: maps.dsl")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-o", "maps.h"), "--emit none writes nothing, so that -o has no meaning"),
        (("--out-dir", "gen"), "--emit none writes nothing, so that --out-dir has no meaning"),
        (("--check",), "--emit none writes nothing that --check could compare"),
        (("--depfile", "maps.d"), "--depfile says what a file depends on, and none is written"),
        (("maps.dsl",), "`maps.dsl` is given twice"),
        (("--depfile-target", "x"), "--depfile-target is for --depfile"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_emit_none_refuses_what_makes_no_sense(
    bpfgen: Run, words: tuple[str, ...], message: str
) -> None:
    """Usage errors, exit status 2."""
    done = bpfgen("--emit", "none", _source(), *words)
    assert done.status == 2
    assert message in done.errors


def test_cmake_dir_holds_the_package_file(bpfgen: Run) -> None:
    """What is printed can be bpfgen_DIR: the file that find_package reads is there."""
    done = bpfgen("--cmake-dir")
    assert done.status == 0
    assert (Path(done.output.strip()) / "bpfgen-config.cmake").is_file()


@pytest.mark.parametrize(
    ("words", "machine"),
    [
        ((), Machine()),
        (("--cpus", "64"), Machine(64)),
        (("--memory-limit", "64MiB"), Machine(limit=64 << 20)),
        (("--memory-limit", "2 GiB", "--cpus", "2"), Machine(2, limit=2 << 30)),
    ],
)
def test_the_machine_is_described(
    bpfgen: Run, pipeline: Pipeline, words: tuple[str, ...], machine: Machine
) -> None:
    """What the maps are loaded on is said, and never taken from the machine that compiles."""
    assert bpfgen(_source(), "-o", "maps.h", *words).status == 0
    assert pipeline.options is not None
    assert pipeline.options.machine == machine


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--cpus", "0"), "`0` is no number of CPUs"),
        (("--cpus", "many"), "`many` is no number of CPUs"),
        (("--memory-limit", "0"), "`0` is no amount of memory"),
        (("--memory-limit", "1.5GiB"), "`1.5GiB` is no amount of memory"),
    ],
)
def test_a_machine_that_makes_no_sense(bpfgen: Run, words: tuple[str, ...], message: str) -> None:
    """Wrong usage, with an example."""
    done = bpfgen(_source(), "-o", "maps.h", *words)
    assert done.status == 2
    assert message in done.errors
