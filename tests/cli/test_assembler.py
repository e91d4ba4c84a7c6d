"""Who makes objects: `--assembler`, what a project says, and what holds where neither does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Pipeline

    Run = Callable[..., Outcome]

BY_CLANG, BY_ITSELF = b"\x7fELF\0map m;", b"\x7fELF\1map m;"
"""What the stand-in makes of the source."""

PROJECT = '[tool.bpfgen]\nassembler = "builtin"\n'


def source(name: str = "maps.dsl", text: str = "map m;") -> str:
    """Write a source and return its name."""
    Path(name).write_text(text)
    return name


def test_clang_makes_objects_where_there_is_one(bpfgen: Run) -> None:
    """By default and by name; the builtin assembler is asked for."""
    source()
    for words, made in (
        ([], BY_CLANG),
        (["--assembler", "clang"], BY_CLANG),
        (["--assembler=builtin"], BY_ITSELF),
    ):
        outcome = bpfgen("maps.dsl", "-o", "maps.o", *words)
        assert (outcome.status, outcome.errors) == (0, "")
        assert Path("maps.o").read_bytes() == made


def test_a_note_says_that_there_was_no_clang(bpfgen: Run, pipeline: Pipeline) -> None:
    """Once in a run, whatever the number of files, and nothing where it was asked for."""
    pipeline.clang = False
    outcome = bpfgen(source(), source("b.dsl"), "--emit", "object", "--out-dir", "gen")
    assert outcome.status == 0
    assert outcome.errors.count("note[assembler]") == 1
    assert Path("gen/maps.o").read_bytes() == Path("gen/b.o").read_bytes() == BY_ITSELF
    for words in (["--assembler", "builtin"], ["-W", "no-assembler"], ["--check"]):
        quiet = bpfgen("maps.dsl", "-o", "gen/maps.o", *words)
        assert quiet.status == 0
        assert ("note" in quiet.errors) == (words == ["--check"])
    assert bpfgen("maps.dsl", "-o", "maps.o", "-Werror").status == 0
    record = json.loads(bpfgen("maps.dsl", "-o", "maps.o", "--diagnostics", "json").errors)
    assert (record["code"], record["severity"]) == ("assembler", "note")


def test_a_clang_that_was_asked_for_is_missing(bpfgen: Run, pipeline: Pipeline) -> None:
    """By its name, or as the assembler: status 3, and nothing is written."""
    pipeline.clang = False
    source()
    for words in (["--assembler", "clang"], ["--clang", "no-such"]):
        outcome = bpfgen("maps.dsl", "-o", "maps.o", *words)
        assert outcome.status == 3
        assert outcome.errors.startswith("error[tool-missing]: ")
    assert bpfgen(source("i.dsl", "include"), "-o", "i.o", "--assembler=builtin").status == 3
    assert sorted(os.listdir()) == ["i.dsl", "maps.dsl"]


def test_a_header_beside_it_is_verified_by_clang(bpfgen: Run, pipeline: Pipeline) -> None:
    """The object that clang makes of a header proves that one; any other doesn't."""
    source()
    both = ["maps.dsl", "-o", "maps.h", "-o", "maps.o"]
    for words, built in (
        ([], 1),
        (["--assembler", "builtin"], 2),
        (["--assembler", "builtin", "--no-verify"], 1),
    ):
        pipeline.built = 0
        assert bpfgen(*both, *words).errors == ""
        assert pipeline.built == built
    pipeline.clang = False
    outcome = bpfgen(*both)
    assert outcome.status == 0
    assert "note[assembler]" in outcome.errors
    assert "warning[unverified]" in outcome.errors
    Path("maps.h").unlink()
    Path("maps.o").unlink()
    assert bpfgen(*both, "--verify").status == 3
    assert os.listdir() == ["maps.dsl"]


def test_what_a_project_says(bpfgen: Run, pipeline: Pipeline) -> None:
    """Its assembler is that of all runs; the command line wins, and a wrong word has its line."""
    Path("pyproject.toml").write_text(PROJECT)
    assert bpfgen(source(), "-o", "maps.o").errors == ""
    assert Path("maps.o").read_bytes() == BY_ITSELF
    assert bpfgen("maps.dsl", "-o", "maps.o", "--assembler", "clang").status == 0
    assert Path("maps.o").read_bytes() == BY_CLANG
    pipeline.clang = False
    assert bpfgen("maps.dsl", "-o", "maps.o").errors == ""
    Path("pyproject.toml").write_text(PROJECT.replace("builtin", "bultin"))
    wrong = bpfgen("maps.dsl", "-o", "maps.o")
    assert wrong.status == 2
    assert "pyproject.toml:2:" in wrong.errors
    assert "did you mean `builtin`" in wrong.errors


def test_a_word_that_is_no_assembler(bpfgen: Run) -> None:
    """What there is to choose from is said."""
    outcome = bpfgen(source(), "-o", "maps.o", "--assembler", "gcc")
    assert outcome.status == 2
    assert "clang" in outcome.errors
    assert "builtin" in outcome.errors


def test_the_depfile_lists_what_was_read(bpfgen: Run) -> None:
    """No header of clang's where clang read none."""
    words = [source(text="import"), "-o", "maps.o", "--depfile", "maps.d"]
    assert bpfgen(*words).status == 0
    assert "kernel.h" in Path("maps.d").read_text()
    assert bpfgen(*words, "--assembler", "builtin").status == 0
    written = Path("maps.d").read_text()
    assert "kernel.h" not in written
    assert "common.dsl" in written
