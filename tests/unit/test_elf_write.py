"""The writer of ELF: what it is given is what binutils' readelf finds in the file."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.elf.constants import (
    R_BPF_64_ABS64,
    SHF_ALLOC,
    SHF_WRITE,
    STB_LOCAL,
    STB_WEAK,
    STT_OBJECT,
)
from bpfgen.elf.read import ElfFile
from bpfgen.elf.write import NewRelocation, NewSection, NewSymbol, elf_bytes
from tests.tools import require

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

FLAGS = SHF_ALLOC | SHF_WRITE

SECTIONS = (
    NewSection("one", b"12345", align=1),
    NewSection(
        "two",
        bytes(24),
        FLAGS,
        8,
        (NewRelocation(0, R_BPF_64_ABS64, 3), NewRelocation(16, R_BPF_64_ABS64, 2)),
    ),
    NewSection("three", b"", FLAGS, 8),
    NewSection("four", bytes(8), FLAGS, 8, (NewRelocation(0, R_BPF_64_ABS64, 0),)),
)

SYMBOLS = (
    NewSymbol("elsewhere"),
    NewSymbol("global", "two", 8, 16, type=STT_OBJECT),
    NewSymbol("local", "two", 0, 8, STB_LOCAL, STT_OBJECT),
    NewSymbol("weak", "four", 0, 8, STB_WEAK, STT_OBJECT),
    NewSymbol("other", "four", 0, 0, STB_LOCAL),
    NewSymbol("absent", bind=STB_WEAK),
)


def printed(path: Path, what: str) -> list[list[str]]:
    """Return the words of each numbered line of one of the tables, as binutils' readelf has it."""
    done = subprocess.run([require("readelf"), "-W", what, path], capture_output=True, check=True)
    assert done.stderr == b""
    lines = done.stdout.decode().replace("[ ", "[").splitlines()
    return [line.split() for line in lines if re.match(r"\s*(\[?\d+[:\]]|[0-9a-f]{16} )", line)]


@pytest.mark.parametrize("byteorder", ["little", "big"])
def test_a_file_has_what_was_given(byteorder: Literal["little", "big"], tmp_path: Path) -> None:
    """Sections in order, symbols with the local ones first, relocations of the right symbols."""
    path = tmp_path / "written.o"
    path.write_bytes(elf_bytes(SECTIONS, SYMBOLS, byteorder))
    sections = [words[1:] for words in printed(path, "-S")][1:]
    assert [words[0] for words in sections] == [
        *(".strtab", "one", "two", ".reltwo", "three", "four", ".relfour", ".symtab")
    ]
    assert [int(words[4], 16) for words in sections[1:7]] == [5, 24, 32, 0, 8, 16]
    assert [words[6] for words in sections[1:7]] == ["0", "WA", "I", "WA", "WA", "I"]
    assert all(int(words[3], 16) % int(words[-1]) == 0 for words in sections)
    # What relocations are for and which symbols are local is in sh_info.
    assert [sections[index][-2] for index in (3, 6, 7)] == ["3", "6", "3"]
    assert [tuple(words[1:]) for words in printed(path, "-s")[1:]] == [
        ("0000000000000000", "8", "OBJECT", "LOCAL", "DEFAULT", "3", "local"),
        ("0000000000000000", "0", "NOTYPE", "LOCAL", "DEFAULT", "6", "other"),
        ("0000000000000000", "0", "NOTYPE", "GLOBAL", "DEFAULT", "UND", "elsewhere"),
        ("0000000000000008", "16", "OBJECT", "GLOBAL", "DEFAULT", "3", "global"),
        ("0000000000000000", "8", "OBJECT", "WEAK", "DEFAULT", "6", "weak"),
        ("0000000000000000", "0", "NOTYPE", "WEAK", "DEFAULT", "UND", "absent"),
    ]
    relocations = printed(path, "-r")
    assert [(int(words[0], 16), words[-1]) for words in relocations] == [
        (0, "weak"),
        (16, "local"),
        (0, "elsewhere"),
    ]
    # binutils has names of its own for the types.
    assert {int(words[1], 16) & 0xFFFFFFFF for words in relocations} == {R_BPF_64_ABS64}
    assert bytes(ElfFile(path.read_bytes()).sections[2].data) == b"12345"


def test_a_file_of_nothing_is_a_file(tmp_path: Path) -> None:
    """Without sections and symbols there are the tables, and nothing in them."""
    path = tmp_path / "empty.o"
    path.write_bytes(elf_bytes((), (), "little"))
    assert [words[1] for words in printed(path, "-S")[1:]] == [".strtab", ".symtab"]
