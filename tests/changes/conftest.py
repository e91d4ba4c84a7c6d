"""The command in an empty directory, with the real pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from bpfgen.record import Record
from tests.git.repositories import Git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Outcome(Record):
    """What a run of the command came to."""

    status: int
    output: str
    errors: str


@pytest.fixture
def bpfgen(
    capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Outcome]:
    """Give a function that runs the command in an empty directory with the words given."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "BPFGEN_CLANG", "BPFGEN_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> Outcome:
        status = main(words)
        output, errors = capfdbinary.readouterr()
        return Outcome(status, output.decode(), errors.decode())

    return run


@pytest.fixture
def repository(
    bpfgen: Callable[..., Outcome],  # noqa: ARG001 -- it moves into a directory of its own, and has to do so first
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Git:
    """Return an empty repository, in which the test runs."""
    git = Git(tmp_path / "repository")
    monkeypatch.chdir(git.directory)
    return git
