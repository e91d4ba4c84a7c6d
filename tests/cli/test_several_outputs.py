"""Several outputs in one run: one compilation, verified once, all of them or none."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.files import writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Pipeline

    Run = Callable[..., Outcome]

SOURCE = "map m: hash<int, int>[4];\n"


@pytest.fixture(autouse=True)
def source(bpfgen: Run) -> None:  # noqa: ARG001 -- it makes the directory
    """Put a source where the runs are."""
    Path("maps.dsl").write_text(SOURCE)


def test_each_o_is_an_output_of_one_compilation(bpfgen: Run, pipeline: Pipeline) -> None:
    """All are written, and clang has seen what it can see once."""
    words = ("-o", "maps.h", "-o", "maps.json", "-o", "maps.o", "-v")
    outcome = bpfgen("maps.dsl", *words, "--depfile", "maps.d")
    assert outcome.status == 0
    assert Path("maps.h").read_text().startswith("header modern: ")
    assert Path("maps.json").read_text().startswith("json modern: ")
    assert Path("maps.o").read_bytes().startswith(b"\x7fELF")
    assert Path("maps.d").read_text().startswith("maps.h maps.json maps.o: maps.dsl\n")
    assert (pipeline.compiled, pipeline.built) == (1, 1)
    assert outcome.errors.split()[::2] == ["maps.h:", "maps.json:", "maps.o:"]
    Path("maps.json").unlink()
    checked = bpfgen("maps.dsl", *words[:-1], "--check")
    assert checked.status == 1
    assert "+++ maps.json" in checked.output
    assert not Path("maps.json").exists()


def test_two_headers_that_are_the_same_are_verified_once(bpfgen: Run, pipeline: Pipeline) -> None:
    """Copies of one output are copies."""
    assert bpfgen("maps.dsl", "-o", "a.h", "-o", "b.h").status == 0
    assert Path("a.h").read_bytes() == Path("b.h").read_bytes()
    assert pipeline.built == 1


def test_a_failure_leaves_nothing(bpfgen: Run, pipeline: Pipeline) -> None:
    """A header that isn't what was declared keeps the JSON back, too."""
    pipeline.mismatch = True
    outcome = bpfgen("maps.dsl", "-o", "maps.json", "-o", "maps.h")
    assert outcome.status == 1
    assert sorted(path.name for path in Path().iterdir()) == ["maps.dsl"]


@pytest.mark.parametrize("old", [None, "old"])
@pytest.mark.parametrize("last", ["taken.json", "missing/maps.json"])
def test_one_that_cannot_be_written_keeps_the_others_back(
    bpfgen: Run, last: str, old: str | None
) -> None:
    """A directory in its place, or none around it: the header before it stays what it was."""
    Path("taken.json").mkdir()
    if old is not None:
        Path("maps.h").write_text(old)
    outcome = bpfgen("maps.dsl", "-o", "maps.h", "-o", last)
    assert outcome.status == 1
    assert f"cannot write `{last}`" in outcome.errors
    assert (Path("maps.h").read_text() if Path("maps.h").exists() else None) == old
    assert not list(Path().glob(".bpfgen-*"))
    words = ("maps.dsl", "-o", "maps.h", "-o", "maps.json")
    assert bpfgen(*words).status == 0
    assert Path("maps.h").read_text().startswith("header modern: ")


@pytest.mark.parametrize("lacks", ["", "_open_nameless", "_name"])
def test_a_disk_that_is_full_halfway_changes_nothing(
    bpfgen: Run, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    """Whatever the filesystem has; several temporary files are removed without a deadlock."""
    words = ("maps.dsl", "-o", "a.h", "-o", "b.h", "-o", "maps.json")
    for name in ("a.h", "b.h"):
        Path(name).write_text("old")
    if lacks:
        without = {"_open_nameless": lambda _: -1, "_name": lambda *_: False}[lacks]
        monkeypatch.setattr(writing, lacks, without)
    write_all = writing._write_all

    def full(descriptor: int, data: bytes) -> None:
        if data.startswith(b"json"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_all(descriptor, data)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_write_all", full)
        assert bpfgen(*words).status == 1
    assert {path.name for path in Path().iterdir()} == {"a.h", "b.h", "maps.dsl"}
    assert Path("a.h").read_text() == Path("b.h").read_text() == "old"
    assert bpfgen(*words).status == 0
    assert {path.name for path in Path().iterdir()} == {"a.h", "b.h", "maps.dsl", "maps.json"}
    assert Path("b.h").read_text().startswith("header modern: ")
    assert bpfgen(*words, "-v").errors.count("unchanged") == 3


def test_a_file_that_would_be_a_directory(bpfgen: Run) -> None:
    """Refused before anything is made."""
    outcome = bpfgen("maps.dsl", "-o", "a.h", "-o", "a.h/b.json")
    assert outcome.status == 2
    assert "`a.h` would be both an output and the directory of `a.h/b.json`" in outcome.errors
    assert not Path("a.h").exists()


def test_several_forms_below_a_directory(bpfgen: Run, pipeline: Pipeline) -> None:
    """`--emit` with commas or more than once: each input in each form."""
    Path("more.dsl").write_text(SOURCE)
    words = ("maps.dsl", "more.dsl", "--emit", "header,json", "--out-dir", "gen")
    assert bpfgen(*words).status == 0
    names = ["maps.h", "maps.json", "more.h", "more.json"]
    assert sorted(path.name for path in Path("gen").iterdir()) == names
    assert pipeline.compiled == 2
    assert (
        bpfgen(*words[:2], "--emit", "header", "--emit", "json", *words[4:], "--check").status == 0
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-o", "a.h", "-o", "./a.h"), "two outputs of `maps.dsl` would be one file"),
        (("-o", "a.h", "-o", "-"), "standard output takes one output alone"),
        (("-o", "a.h", "-o", "a.x"), "the name `a.x` doesn't say what to write"),
        (("-o", "a.h", "-o", "b.h", "--emit", "json"), "--emit says what one file is"),
        (("-o", "a.h", "--emit", "json,header"), "--emit with several forms needs --out-dir"),
        (("--emit", "none,header"), "--emit none writes nothing, and other forms are asked for"),
        (("--emit", "heder", "--out-dir", "gen"), "--emit has no form `heder`"),
        (("-o", "a.h", "-o", "maps.dsl", "--emit", "json"), "--emit says what one file is"),
    ],
)
def test_what_makes_no_sense(words: tuple[str, ...], message: str, bpfgen: Run) -> None:
    """One error each, status 2, nothing written."""
    outcome = bpfgen("maps.dsl", *words)
    assert outcome.status == 2
    assert message in outcome.errors
    assert outcome.errors.count("error[") == 1
    assert sorted(path.name for path in Path().iterdir()) == ["maps.dsl"]


def test_the_differences_are_records_too(bpfgen: Run) -> None:
    """`--check --diagnostics json` has a line for each output that differs."""
    outcome = bpfgen("maps.dsl", "-o", "a.h", "-o", "a.json", "--check", "--diagnostics", "json")
    records = [json.loads(line) for line in outcome.output.splitlines()]
    assert [(record["path"], record["status"]) for record in records] == [
        ("a.h", "missing"),
        ("a.json", "missing"),
    ]
