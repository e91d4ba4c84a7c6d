"""`bpfgen inspect` on damaged files, as the command is run: a line each, and never a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bpfgen.cli import main
from tests.fuzz.object_damages import mutant
from tests.fuzz.object_seeds import seeds
from tests.fuzz.object_uses import KEYS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MUTANTS = 400
FIRST = 1_000_000


def test_damaged_files_have_a_line_each(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """400 files in one run: JSON in order for each of them, status 1, nothing on standard error."""
    monkeypatch.chdir(tmp_path)
    sound = seeds()
    names = []
    for number in range(FIRST, FIRST + MUTANTS):
        names.append(f"{number}.o")
        data = mutant(sound[number % len(sound)], number)
        (tmp_path / names[-1]).write_bytes(data)
    assert main(["inspect", "--format", "json", *names]) == 1
    output, errors = capfd.readouterr()
    assert errors == ""
    records = [json.loads(line) for line in output.splitlines()]
    assert [record["path"] for record in records] == names
    assert all(list(record) == KEYS for record in records)
    refused = [record for record in records if record["error"] is not None]
    assert 0 < len(refused) < MUTANTS
    assert any(record["maps"] for record in refused)


def test_damaged_files_have_a_table_each(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text form tells what it can, and why not the rest; control characters don't come out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    sound = seeds()
    names = []
    for number in range(FIRST, FIRST + MUTANTS // 4):
        names.append(f"{number}.o")
        (tmp_path / names[-1]).write_bytes(mutant(sound[number % len(sound)], number))
    assert main(["inspect", "--types", *names]) == 1
    output, errors = capfd.readouterr()
    assert "Traceback" not in errors
    assert "\x1b" not in output + errors
    for name in names:
        assert f"{name}: " in output + errors
