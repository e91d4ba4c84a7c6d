"""Macros that became constants, beside those that they were made from: clang takes both."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import compile, emit
from bpfgen.importer.from_c import import_c
from bpfgen.text.source import Source
from tests.compiled import MACROS
from tests.tools import clang_program

if TYPE_CHECKING:
    from pathlib import Path

DEFINED = """\
#define ORDER 4
#define SLOTS (1<<ORDER)
#define BYTES ( SLOTS*sizeof(unsigned long long) )  /* all of them */
#define MASK (~(SLOTS-1)|(1\t<<\t3))
#define LESS (1- -1)
#define SPACED ( 1  /* one */  <<3)
#define HUGE_NUMBER 0x100000000ULL
#define LETTER (' '+'a')
#define LONG_ONE (SLOTS + \\
    SPACED)
"""

MAP = """
struct { __uint(type, 2); __uint(key_size, 4); __uint(value_size, BYTES + LETTER + LONG_ONE);
         __uint(max_entries, SLOTS + LESS + SPACED + (MASK & 7) + (HUGE_NUMBER >> 32)); }
    m SEC(".maps");
"""


@pytest.mark.parametrize("order", ["before", "after"])
def test_the_macros_may_stay(order: str, tmp_path: Path) -> None:
    """The header defines them once more, in the same words: -Wmacro-redefined is silent."""
    (tmp_path / "program.c").write_text(MACROS + DEFINED + MAP)
    found = import_c((tmp_path / "program.c").read_text(), str(tmp_path / "program.c"))
    header = emit(compile(Source("maps.dsl", found.text)))
    assert header.count("#define SLOTS (1<<ORDER)\n") == 1
    (tmp_path / "maps.h").write_text(header)
    parts = [DEFINED, '#include "maps.h"\n']
    (tmp_path / "both.c").write_text("".join(parts if order == "before" else reversed(parts)))
    command = [clang_program(), "--target=bpf", "-g", "-Wall", "-Werror", "-c", "both.c"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", ["(1--1)", "(1++1)", "(1-/**/-1)", "(1\n<<4)", "(2 KiB)"])
def test_what_c_would_read_otherwise_is_spelled_anew(text: str) -> None:
    """Blanks are the source's only where the tokens are C's."""
    header = emit(compile(Source("maps.dsl", f"const N = {text};\nmap m: array<int, int>[N];\n")))
    (line,) = [line for line in header.splitlines() if line.startswith("#define N ")]
    assert text not in line
