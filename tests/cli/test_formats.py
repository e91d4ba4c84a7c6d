"""Every JSON says its format: what each command prints, what a run reports, what is written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.commands.options import options_of
from bpfgen.commands.table import COMMANDS
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = "map counters: array<__u32, __u64>[4];\n"

PRINTED = {
    "breaking": (("maps.dsl", "maps.dsl"), ("maps.dsl", "prog.o")),
    "inspect": (("maps.dsl",), ("prog.o", "--as", "aya")),
    "kinds": ((), ("hash",), ("--needs", "maps.dsl")),
    "size": (("maps.dsl",),),
    "verify": (("prog.o", "maps.dsl"),),
}
"""What is run of each command, with `--format json`; what is no object has its line, too."""

RUNNING = {"create", "dump", "live"}
"""The commands whose JSON needs a kernel: tests/kernel/test_formats.py runs them."""

WRITERS = {
    "commands/breaking_json.py",
    "commands/creation_output.py",
    "commands/delivery.py",
    "commands/inspect_as.py",
    "commands/kind_formats.py",
    "commands/kind_needs.py",
    "commands/live_json.py",
    "commands/verify.py",
    "dump/json_lines.py",
    "emit/json/model.py",
    "inspection/json.py",
    "inspection/memory_report.py",
    "inspection/seen.py",
    "text/machine_formats.py",
}
"""The modules that make JSON for others. Each has its `format`."""

OTHERS = {
    "clang/compile_commands.py",  # reads
    "commands/kept_messages.py",  # bpfgen's own, read by nobody else
    "dump/references.py",  # a part of what dump/json_lines.py writes
    "editor/jobs.py",  # the Language Server Protocol's
    "editor/messages.py",  # the same
    "emit/json/text.py",  # how a value is written, whatever it is
    "highlighting/textmate.py",  # a grammar as TextMate has it
    "importer/replacing/proof.py",  # compares, and writes nothing
    "text/sarif.py",  # SARIF has a `version`
}


def documents(text: str) -> Iterator[dict[str, Any]]:
    """Yield the documents of *text*: one, or one a line."""
    try:
        yield json.loads(text)
    except ValueError:
        yield from (json.loads(line) for line in text.splitlines())


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run beside a source, a wrong one, and an object that is none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "maps.dsl").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "wrong.dsl").write_text("map m: hash<__u32, nothing>[0];\n", encoding="utf-8")
    (tmp_path / "prog.o").write_bytes(b"no object")


def test_the_lists_are_complete() -> None:
    """A command whose output may be JSON is run here or with a kernel; a module is in a list."""
    with_json = {
        command.name
        for command in COMMANDS.values()
        for option in options_of(command.name)
        if "--format" in option.names and "json" in option.choices
    }
    assert with_json == {*PRINTED, *RUNNING}
    folder = CHECKOUT / "bpfgen"
    writing = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if re.search(r"\bdumps\b|import json$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert writing <= {*WRITERS, *OTHERS}
    for name in WRITERS:
        assert '"format": ' in (folder / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize(
    "words", [(name, *words) for name, runs in PRINTED.items() for words in runs], ids=" ".join
)
def test_what_is_printed(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """The first key of each document is `format`, whatever came of the run."""
    main([*words, "--format", "json"])
    found = list(documents(capsys.readouterr().out))
    assert found
    assert [next(iter(one.items())) for one in found] == [("format", 1)] * len(found)


def test_what_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """A diagnostic is a document, and so is a file that isn't as it would be written."""
    for words in (
        ["wrong.dsl"],
        ["--no-such-option"],
        ["maps.dsl", "-o", "maps.h", "--no-verify", "--check"],
        ["size", "wrong.dsl"],
        ["import", "prog.o"],
    ):
        assert main([*words, "--diagnostics", "json"]) in (1, 2)
        printed = capsys.readouterr()
        found = [*documents(printed.out), *documents(printed.err)]
        assert found
        assert {one["format"] for one in found} == {1}


def test_what_is_written(tmp_path: Path) -> None:
    """The JSON of a model."""
    assert main(["maps.dsl", "-o", "maps.json"]) == 0
    model = json.loads((tmp_path / "maps.json").read_text(encoding="utf-8"))
    assert next(iter(model.items())) == ("format", 1)


def test_the_document_lists_them() -> None:
    """docs/command-line.md has a row for each command."""
    text = (CHECKOUT / "docs" / "command-line.md").read_text(encoding="utf-8")
    section = text.partition("## JSON\n")[2].partition("\n## ")[0]
    for name in (*PRINTED, *RUNNING):
        assert f"`bpfgen {name}" in section, name
