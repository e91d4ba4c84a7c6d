"""The dump: one line a type, the same for both byte orders."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.decode import Btf
from bpfgen.btf.dump import lines
from tests import compiled
from tests.tools import require
from tests.unit.test_btf_decode import PROGRAMS, blob, btf_of, info, sized

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_line_for_each_type(program: str, tmp_path: Path) -> None:
    """Line N begins as bpftool's does: the id in brackets, the kind, the name."""
    data = compiled.compile_c(PROGRAMS[program], compiled.newest())
    path = tmp_path / "program.o"
    path.write_bytes(data)
    told = subprocess.run(
        [require("bpftool"), "btf", "dump", "file", path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    theirs = [line.split("'")[0].split() for line in told.splitlines() if line.startswith("[")]
    ours = [line.split() for line in lines(btf_of(data))]
    assert [words[:2] for words in ours] == [words[:2] for words in theirs]


@pytest.mark.parametrize("program", PROGRAMS)
def test_both_byte_orders_give_the_same_lines(program: str) -> None:
    """Nothing in the dump depends on the byte order."""
    little, big = (
        list(lines(btf_of(compiled.compile_c(PROGRAMS[program], compiled.newest(), target))))
        for target in compiled.TARGETS
    )
    assert little == big


def test_lines_say_everything() -> None:
    """Members, widths, values, linkage, tags: all in one line each."""
    btf = Btf(
        blob(
            [
                *(1, info(1), 4, 1 << 24 | 32),
                *(5, info(4, 2, flag=True), 8, 5, 1, 0, 0, 3, 3 << 24 | 32),
                *(0, info(6, 1, flag=True), 4, 5, 0xFFFFFFFF),
                *(0, info(13, 2), 1, 5, 2, 0, 0),
                *(5, info(12, 1), 4),
                *(5, info(14), 2, 2),
                *(9, info(15, 1), 0, 6, 16, 8),
                *(11, info(17, flag=True), 2, 1),
                *(11, info(18), 1),
                *(0, info(3), 0, 9, 1, 7),
                *(5, info(7, flag=True), 0),
            ],
            b"\0int\0abc\0d\0a b\0",
        )
    )
    assert list(lines(btf)) == [
        "[1] INT int size=4 bits=32 signed",
        "[2] STRUCT abc size=8 { abc: [1] @0; (anon): [3] @32:3 }",
        "[3] ENUM (anon) size=4 signed { abc=-1 }",
        "[4] FUNC_PROTO (abc: [2], ...) -> [1]",
        "[5] FUNC abc -> [4] global",
        "[6] VAR abc -> [2] extern",
        "[7] DATASEC d size=0 { [6] @16 size=8 }",
        "[8] DECL_TAG 'a b' -> [2] component=1 attribute",
        "[9] TYPE_TAG 'a b' -> [1]",
        "[10] ARRAY -> [9] index=[1] nelems=7",
        "[11] FWD union abc",
    ]


def test_a_dump_stays_in_its_lines() -> None:
    """Names with line ends and quotes can't break the dump."""
    btf = Btf(blob([1, info(8), 1], b"\0a\n'\xff\0"))
    (line,) = lines(btf)
    assert "\n" not in line
    assert line.isascii()
    assert list(lines(sized())) == ["[1] INT int size=4 bits=32"]
