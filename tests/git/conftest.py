"""A repository for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.git.repositories import Git

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Return an empty repository, which the test runs in."""
    made = Git(tmp_path / "repository")
    monkeypatch.chdir(made.directory)
    return made
