"""What clang has rejected of a header isn't asked again in the same run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.clang.finder import Finder
from bpfgen.clang.process import Process
from bpfgen.compiler import Options, compile
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source
from tests.tools import clang_program

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.compiler import Compilation

_HEADER = """#pragma once
typedef _Bool bool;
#ifdef WIDE
typedef struct { long a; } record;
#else
struct record { int a; };
#endif
"""
_SOURCE = (
    'include "types.h";\nstruct own { bool is_set; record one; };\nmap m: array<int, own>[1];\n'
)


def _compiled(finder: Finder, directory: Path) -> Compilation:
    compilation = compile(Source(str(directory / "a.dsl"), _SOURCE), Options(clang=finder))
    assert not [said for said in compilation.diagnostics if said.severity == ERROR]
    return compilation


def _count(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    runs: list[int] = []

    def counting(*words: Any, **named: Any) -> Process:
        runs.append(1)
        return Process(*words, **named)

    monkeypatch.setattr("bpfgen.clang.started.Process", counting)
    return runs


@pytest.mark.parametrize("is_remembered", [False, True])
def test_a_second_file_costs_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_remembered: bool
) -> None:
    """`bool` is the header's typedef, and `record` a tag: neither is asked otherwise again."""
    (tmp_path / "types.h").write_text(_HEADER)
    finder = Finder(clang_program())
    if is_remembered:
        finder = finder.remembering()
    first = _compiled(finder, tmp_path)
    runs = _count(monkeypatch)
    assert _compiled(finder, tmp_path).model == first.model
    assert (len(runs) == 1) is is_remembered


def test_other_macros_are_another_header(tmp_path: Path) -> None:
    """What is a tag for one program may be a typedef for the next."""
    (tmp_path / "types.h").write_text(_HEADER)
    finder = Finder(clang_program()).remembering()
    all_flags: tuple[tuple[str, ...], ...] = ((), ("-DWIDE",), ())
    models = [_compiled(finder.given(flags), tmp_path).model for flags in all_flags]
    assert models[0] == models[2] != models[1]
    for flags, model in zip(all_flags, models, strict=True):
        fresh = Finder(clang_program(), arguments=flags)
        assert _compiled(fresh, tmp_path).model == model
