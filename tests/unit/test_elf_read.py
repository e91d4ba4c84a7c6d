"""The ELF reader against llvm-readelf, and against files that lie."""

from __future__ import annotations

import json
import struct
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.elf.constants import SHT_NULL, STT_SECTION
from bpfgen.elf.read import ElfFile
from bpfgen.text.diagnostics import FormatError
from tests import compiled
from tests.tools import clang_program, missing, require

if TYPE_CHECKING:
    from pathlib import Path

SHDR = "IIQQQQIIQQ"


def readelf(data: bytes, directory: Path) -> dict[str, Any]:
    """Return what llvm-readelf says about *data*."""
    path = directory / "file.o"
    path.write_bytes(data)
    program = [require("llvm-readelf-19"), "--elf-output-style=JSON", "-S", "-s", "-r", str(path)]
    done = subprocess.run(program, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)[0]
    return found


def foreign(triple: str, directory: Path) -> bytes:
    """Return an object for another machine."""
    source, output = directory / "foreign.c", directory / "foreign.o"
    source.write_text("int x = 3; int *pointer = &x; int f(void) { return x; }\n")
    clang = clang_program()
    done = subprocess.run(
        [clang, "-target", triple, "-c", source, "-o", output], capture_output=True, check=False
    )
    if done.returncode:
        missing(triple, "is no target of this clang")
    return output.read_bytes()


def addend_of(relocation: dict[str, Any]) -> int | None:
    """Return the addend, which llvm-readelf prints without its sign."""
    addend: int | None = relocation.get("Addend")
    return None if addend is None else addend - ((addend >> 63) << 64)


def assert_as_readelf(data: bytes, directory: Path) -> None:
    """Compare all that the reader says of *data* with llvm-readelf."""
    elf = ElfFile(data)
    told = readelf(data, directory)
    sections = [entry["Section"] for entry in told["Sections"]]
    assert [
        (s.name, s.type, s.flags, s.offset, s.size, s.link, s.info, s.entsize) for s in elf.sections
    ] == [
        (
            s["Name"]["Name"],
            s["Type"]["Value"],
            s["Flags"]["Value"],
            s["Offset"],
            s["Size"],
            s["Link"],
            s["Info"],
            s["EntrySize"],
        )
        for s in sections
    ]
    symbols = [entry["Symbol"] for entry in told["Symbols"]]
    section_names = {s.index: s.name for s in elf.sections}
    assert [
        (
            # readelf gives a section's name to the symbol of a section
            section_names[s.shndx] if s.type == STT_SECTION else s.name,
            s.value,
            s.size,
            s.bind,
            s.type,
            s.visibility,
            s.shndx,
        )
        for s in elf.symbols()
    ] == [
        (
            s["Name"]["Name"],
            s["Value"],
            s["Size"],
            s["Binding"]["Value"],
            s["Type"]["Value"],
            s["Other"]["Value"] & 3,
            s["Section"]["Value"],
        )
        for s in symbols
    ]
    for table in told["Relocations"]:
        target = elf.sections[elf.sections[table["SectionIndex"]].info]
        entries = [entry["Relocation"] for entry in table["Relocs"]]
        assert [(r.offset, r.type, r.symbol, r.addend) for r in elf.relocations(target)] == [
            (r["Offset"], r["Type"]["Value"], r["Symbol"]["Value"], addend_of(r)) for r in entries
        ]


@pytest.mark.parametrize("compiler", compiled.COMPILERS)
@pytest.mark.parametrize("target", compiled.TARGETS)
def test_reads_what_readelf_reads(compiler: str, target: str, tmp_path: Path) -> None:
    """Sections, symbols and relocations of BPF objects are those that llvm-readelf prints."""
    assert_as_readelf(compiled.compile_c(compiled.MODERN, compiler, target), tmp_path)


@pytest.mark.parametrize("triple", ["i386-linux", "mips-linux", "x86_64-linux", "powerpc64-linux"])
def test_reads_other_machines(triple: str, tmp_path: Path) -> None:
    """ELF32, RELA tables and other machines' objects are read like BPF's."""
    assert_as_readelf(foreign(triple, tmp_path), tmp_path)


@pytest.mark.slow
def test_reads_more_sections_than_fit_into_the_header(tmp_path: Path) -> None:
    """From 0xff00 sections on, e_shnum and e_shstrndx are elsewhere; st_shndx stays."""
    source, output = tmp_path / "many.s", tmp_path / "many.o"
    count = 0xFF10
    lines = [f'.section s{n},"aw",@progbits\n.globl v{n}\nv{n}: .byte 1\n' for n in range(count)]
    source.write_text("".join(lines))
    clang = clang_program()
    subprocess.run([clang, "-target", "bpfel", "-c", source, "-o", output], check=True)
    elf = ElfFile(output.read_bytes())
    last = elf.section_named(f"s{count - 1}")
    assert last is not None
    assert len(elf.sections) > 0xFF00
    symbol = next(s for s in elf.symbols() if s.name == f"v{count - 1}")
    assert (symbol.shndx, elf.in_section(symbol)) == (0xFFFF, False)


@pytest.mark.parametrize("target", compiled.TARGETS)
def test_every_truncation_is_an_error(target: str) -> None:
    """A file that ends too soon is refused with FormatError wherever it ends."""
    data = compiled.compile_c(compiled.INITIALIZER, compiled.newest(), target)
    ElfFile(data)
    for length in range(len(data)):
        with pytest.raises(FormatError):
            # The section headers are the last thing in clang's objects.
            ElfFile(data[:length])


def small() -> bytearray:
    """Return a small object, to be damaged."""
    return bytearray(compiled.compile_c(compiled.INITIALIZER, compiled.newest()))


def shoff(data: bytearray) -> int:
    """Return where the section headers begin."""
    offset: int = struct.unpack_from("<Q", data, 40)[0]
    return offset


def set_header(data: bytearray, index: int, member: int, value: int) -> None:
    """Write *member* of section header *index*."""
    at = shoff(data) + 64 * index
    header = list(struct.unpack_from("<" + SHDR, data, at))
    header[member] = value
    struct.pack_into("<" + SHDR, data, at, *header)


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [
        (0, b"MZ", "not an ELF file"),
        (4, b"\3", "ELF class 3"),
        (5, b"\0", "no byte order"),
        (40, b"\xff" * 8, "past the end"),
        (60, b"\xff\xff", "65535 section headers"),
        (62, b"\xfe\x00", "there is no section 254"),
    ],
)
def test_a_lying_header_is_refused(at: int, value: bytes, why: str) -> None:
    """What is wrong in the ELF header is named."""
    data = small()
    data[at : at + len(value)] = value
    with pytest.raises(FormatError, match=why):
        ElfFile(bytes(data))


def test_a_symbol_table_without_strings() -> None:
    """Its symbols have no names, as for libelf; nobody else is concerned."""
    elf = ElfFile(bytes(small()))
    symtab, maps = elf.section_named(".symtab"), elf.section_named(".maps")
    assert symtab is not None
    assert maps is not None
    data = small()
    set_header(data, symtab.index, 6, maps.index)
    changed = ElfFile(bytes(data))
    assert not changed.has_symbol_names
    assert {symbol.name for symbol in changed.symbols()} == {""}


def test_lying_section_headers_are_refused() -> None:
    """Sections past the end, tables that are none and wrong entry sizes are named."""
    elf = ElfFile(bytes(small()))
    maps = elf.section_named(".maps")
    symtab = elf.section_named(".symtab")
    assert maps is not None
    assert symtab is not None
    for index, member, value, why in (
        (symtab.index, 9, 23, "isn't a table of 24 byte entries"),
        (symtab.index, 5, symtab.size - 1, "isn't a table of 24 byte entries"),
    ):
        data = small()
        set_header(data, index, member, value)
        with pytest.raises(FormatError, match=why):
            ElfFile(bytes(data))


def test_a_section_without_bytes_may_be_any_size() -> None:
    """SHT_NOBITS and SHT_NULL sections have no bytes in the file, whatever size they tell."""
    data = small()
    set_header(data, 0, 5, 1 << 60)
    elf = ElfFile(bytes(data))
    assert elf.sections[0].type == SHT_NULL
    assert bytes(elf.sections[0].data) == b""


def test_unknown_indices_are_errors() -> None:
    """Sections and symbols that aren't there are FormatErrors, negative ones included."""
    elf = ElfFile(bytes(small()))
    for index in (-1, len(elf.sections), 1 << 40):
        with pytest.raises(FormatError):
            elf.section(index)
        with pytest.raises(FormatError):
            elf.symbol(index)


def test_names_on_top_of_each_other_are_bounded() -> None:
    """A string table of one long string can't be made to yield a name at each of its bytes."""
    from bpfgen.elf.strings import StringTable

    table = StringTable(b"\0" + b"a" * 50_000 + b"\0", 0, 50_002)
    with pytest.raises(FormatError, match="overlap"):
        sum(len(table[offset]) for offset in range(1, 50_000))
    tails = StringTable(b"\0barfoo\0", 0, 8)
    assert (tails[1], tails[4], tails[7]) == ("barfoo", "foo", "")
    assert tails.offsets_of("foo") == {4}
    with pytest.raises(FormatError, match="past the table"):
        tails[8]
    with pytest.raises(FormatError, match="past the end"):
        StringTable(b"\0abc", 0, 4)[1]
