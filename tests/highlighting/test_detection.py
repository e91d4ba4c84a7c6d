"""Whose a `.dsl` is: what decides it, here and in the files of editors."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from bpfgen.files.formats import is_source_file, is_source_text
from bpfgen.kernel.targets import TARGETS
from tests.highlighting.detected import DETECTED
from tests.highlighting.texts import texts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("text", "is_ours"), DETECTED)
def test_what_a_file_begins_with(text: str, *, is_ours: bool) -> None:
    """The first declaration says it."""
    assert is_source_text(text) == is_ours


def test_a_file(tmp_path: Path) -> None:
    """The suffix that is ours alone is enough; a `.dsl` may begin with a mistake."""
    for name, text, is_ours in (
        ("marked.dsl", "\ufeffmap m: hash<int, int>[1];\n", True),
        ("a.bpfmap", "workspace {}", True),
        ("a.dsl", "workspace {}", False),
        ("b.dsl", "stuct s { int a; };\n\nweak map m: hash<int, int>[1];\n", True),
        ("c.dsl", "/// Types alone.\nstruct s { int a; };\n", True),
    ):
        path = tmp_path / name
        path.write_text(text)
        assert is_source_file(str(path)) == is_ours, name
    assert is_source_file(str(tmp_path / "missing.dsl"))
    os.mkfifo(tmp_path / "pipe.dsl")
    assert is_source_file(str(tmp_path / "pipe.dsl"))


def test_every_program_is_one() -> None:
    """What the language has is known, and each target by its name."""
    for name, text in texts().items():
        assert "dressed" in name or is_source_text(text), name
    for name in TARGETS:
        assert is_source_text(f"target {name} >= 1;")


MAPS = (
    "map /*\nmap */\n" * 5_000,
    ("map /*" + "\nmap " * 39 + "*/\n") * 300,
    "x\n" + "map a:\n" * 9_000,
    "map" + " \n" * 30_000 + "map",
)
"""Texts with many lines that begin like a map, and none that is one."""


def test_a_long_file_of_somebody_else() -> None:
    """The work grows with the length, however much looks like a comment."""
    for text in (
        "/* " * 20_000,
        "//\n" * 20_000 + "x",
        "*" * 60_000,
        "/**/" * 15_000 + "/*",
        *MAPS,
    ):
        begun = time.process_time()
        assert not is_source_text(text)
        assert time.process_time() - begun < 5
