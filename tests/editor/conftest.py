"""One server for the tests of a module, each with files of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.editor.client import Editor

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor with a server that asks no clang about whole files."""
    with Editor(tmp_path_factory.mktemp("editor"), options={"clang": False}) as editor:
        yield editor
    assert editor.status == 0


@pytest.fixture
def editor(running: Editor, request: pytest.FixtureRequest) -> Iterator[Editor]:
    """The same, with no file open, and none on disk."""
    root = running.directory
    running.directory = root / request.node.name
    running.directory.mkdir()
    yield running
    running.close_all()
    shutil.rmtree(running.directory)
    running.directory = root
    assert not running.shown
