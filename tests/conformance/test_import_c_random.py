"""Random C: import's maps are those that clang compiles from it, or import says so."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.compiled import MACROS
from tests.conformance.c_round_trip import compiled_by_clang, round_trip
from tests.conformance.random_c import RandomC

if TYPE_CHECKING:
    from pathlib import Path

SEED = int(os.environ.get("BPFGEN_RANDOM_SEED", "1"))
PROGRAMS = int(os.environ.get("BPFGEN_RANDOM_PROGRAMS", "4"))
MAPS = 25
"""Of each program."""


@pytest.mark.parametrize("number", range(PROGRAMS))
def test_random_c(number: int, tmp_path: Path) -> None:
    """Nothing is lost, and nothing is something else."""
    random = Random(f"{SEED}.{number}")  # noqa: S311 -- any program will do
    path = tmp_path / "program.c"
    path.write_text(f"{MACROS}enum {{ BPF_MAP_TYPE_HASH = 1 }};\n{RandomC(random, MAPS).text()}")
    done = round_trip(path, compiled_by_clang(path, "bpfel", (), {}))
    assert len(done.compiled.maps) == MAPS
    assert done.differences == [], path.read_text()
    assert {each.code for each in done.imported.diagnostics} <= {"import-rule"}
