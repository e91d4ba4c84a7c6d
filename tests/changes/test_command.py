"""`bpfgen breaking OLD NEW`: how it is asked, what it exits with, and the forms of its output."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.changes.conftest import Outcome

    Run = Callable[..., Outcome]

SOUND = "map flows: hash<__u32, __u64>[64];\n"
REFUSED = "map flows: hash<__u32, __u64>[64] { map_flags = BPF_F_MMAPABLE; }\n"
UNRESOLVED = "map flows: hash<__u32, nothing>[64];\n"


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, with a source of each sort."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("sound", SOUND), ("refused", REFUSED), ("unresolved", UNRESOLVED)):
        (tmp_path / f"{name}.dsl").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("sources")
def test_nothing_is_broken(bpfgen: Run) -> None:
    """A source against itself, in every category."""
    outcome = bpfgen("breaking", "sound.dsl", "sound.dsl", "--all")
    assert (outcome.status, outcome.errors) == (0, "")
    said = "sound.dsl against sound.dsl: nothing breaks of pin, layout, inner, link, source\n"
    assert outcome.output == said


@pytest.mark.usefixtures("sources")
def test_status_of_what_is_wrong_with_a_side(bpfgen: Run) -> None:
    """Rules are asked of NEW alone; what can't be resolved or read can't be compared."""
    assert bpfgen("breaking", "refused.dsl", "refused.dsl").status == 1
    outcome = bpfgen("breaking", "sound.dsl", "unresolved.dsl")
    assert outcome.status == 2
    assert "error[unknown-type]" in outcome.errors
    assert bpfgen("breaking", "unresolved.dsl", "sound.dsl").status == 2
    assert bpfgen("breaking", "missing.dsl", "sound.dsl").status == 2
    outcome = bpfgen("breaking", "sound.dsl", "missing.dsl")
    assert outcome.status == 2
    assert "cannot read `missing.dsl`" in outcome.errors


@pytest.mark.usefixtures("sources")
def test_usage(bpfgen: Run) -> None:
    """Two operands, and categories that there are."""
    assert bpfgen("breaking").status == 2
    assert bpfgen("breaking", "sound.dsl").status == 2
    assert bpfgen("breaking", "-", "-").status == 2
    outcome = bpfgen("breaking", "sound.dsl", "sound.dsl", "--categories", "pin,layuot")
    assert outcome.status == 2
    assert "did you mean `layout`?" in outcome.errors


@pytest.mark.usefixtures("sources")
def test_json(bpfgen: Run) -> None:
    """One object, also where a side can't be read."""
    outcome = bpfgen("breaking", "sound.dsl", "missing.dsl", "--format", "json")
    assert outcome.status == 2
    record = json.loads(outcome.output)
    assert record["format"] == 1
    assert [error["code"] for error in record["sources"][0]["errors"]] == ["file"]


def test_a_pipe_is_read_once(bpfgen: Run, tmp_path: Path) -> None:
    """What rules refuse of NEW is compared though it can't be read again."""
    reader, writer = os.pipe()
    os.write(writer, REFUSED.replace("flows", "others").encode())
    os.close(writer)
    (tmp_path / "old.dsl").write_text(SOUND, encoding="utf-8")
    outcome = bpfgen("breaking", "old.dsl", f"/dev/fd/{reader}", "--all")
    os.close(reader)
    assert outcome.status == 1
    assert "error[map-flags]" in outcome.errors
    assert "error[break-pin-gone]" in outcome.errors
