"""A repository for each test that asks for one."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.git.repositories import Git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Return an empty repository, which the test runs in."""
    made = Git(tmp_path / "repository")
    monkeypatch.chdir(made.directory)
    return made


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have temporary files in a directory of its own, which is empty in the end."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield place
    assert list(place.iterdir()) == []
