"""The relocations of programs: whether libbpf finds what each instruction refers to.

An instruction refers to a map, to global data, to a subprogram, to what the kernel supplies.
libbpf resolves all of that when it opens an object, and refuses the object if it can't.

Source: tools/lib/bpf/libbpf.c, bpf_object__collect_prog_relos and bpf_program__record_reloc.
"""

from __future__ import annotations

from bpfgen.elf.constants import (
    SHF_EXECINSTR,
    SHN_LORESERVE,
    SHN_UNDEF,
    SHT_REL,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_FUNC,
    STT_NOTYPE,
    STT_SECTION,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Section, Symbol
    from bpfgen.object.symbols import Symbols

INSN_SIZE = 8
"""Bytes of an instruction: struct bpf_insn."""

CALL = 0x85
"""BPF_JMP | BPF_CALL"""

LOAD_64 = 0x18
"""BPF_LD | BPF_IMM | BPF_DW: the one that takes an address."""

_EXTERN = (STB_GLOBAL << 4 | STT_NOTYPE, STB_WEAK << 4 | STT_NOTYPE)
"""st_info of an undefined symbol that libbpf supplies."""


class Places(Record):
    """Where an instruction may point to.

    Attributes:
        maps: The index of section `.maps`; -1 if there is none.
        map_offsets: Where libbpf takes maps to be in it.
        map_names: The maps by where their symbols are.
        data: Indexes of the sections of global data, that of an arena's variables included.
    """

    maps: int
    map_offsets: frozenset[int]
    map_names: dict[int, str]
    data: frozenset[int]


def of_programs(elf: ElfFile, symbols: Symbols, places: Places) -> Iterator[str]:
    """Yield the instructions whose relocations libbpf can't resolve, in the order of the file."""
    for table in elf.tables(SHT_REL):
        if not 0 < table.info < len(elf.sections):
            continue
        user = elf.sections[table.info]
        if user.flags & SHF_EXECINSTR and not _are_sound(elf, symbols, places, table):
            yield from _of_section(elf, symbols, places, user)


def _are_sound(elf: ElfFile, symbols: Symbols, places: Places, table: Section) -> bool:
    """Whether all relocations of *table* are for what an instruction can refer to.

    Each symbol is looked at once, the instructions not at all: no compiler lets them call a map.
    """
    indexes = elf.relocation_symbols(table)
    by_index = elf.symbol_places(indexes)
    return len(by_index) == len(indexes) and all(
        _can_be_loaded(places, place) or _can_be_called(symbols, index, place)
        for index, place in by_index.items()
    )


def _can_be_called(symbols: Symbols, index: int, place: tuple[int, int, int]) -> bool:
    info, shndx, value = place
    if shndx == SHN_UNDEF:
        is_extern = info in _EXTERN
        return is_extern and any(index == undefined.index for undefined in symbols.undefined)
    return shndx == symbols.text and value % INSN_SIZE == 0


def _can_be_loaded(places: Places, place: tuple[int, int, int]) -> bool:
    _info, shndx, value = place
    return shndx in places.data or (shndx == places.maps and value in places.map_offsets)


def _of_section(elf: ElfFile, symbols: Symbols, places: Places, user: Section) -> Iterator[str]:
    """Yield what is wrong with the relocations of section *user*, one by one."""
    code = user.data
    known: dict[tuple[int, int], str | None] = {}
    for relocation in elf.relocations(user):
        offset = relocation.offset
        if offset % INSN_SIZE or offset > len(code) - INSN_SIZE:
            yield f"a relocation of section `{user.name}` is for byte {offset}: no instruction"
            continue
        key = code[offset], relocation.symbol
        if key not in known:
            known[key] = _wrong(elf, symbols, places, *key)
        why = known[key]
        if why is not None and _is_in_program(symbols, user, offset):
            yield f"instruction {offset // INSN_SIZE} of section `{user.name}` {why}"


def _is_in_program(symbols: Symbols, section: Section, offset: int) -> bool:
    """Whether a program has the instruction; libbpf skips what a weak function has left."""
    return any(
        program.shndx == section.index and program.value <= offset < program.value + program.size
        for program in symbols.programs
    )


def _wrong(elf: ElfFile, symbols: Symbols, places: Places, opcode: int, index: int) -> str | None:
    """Return why an instruction of *opcode* can't refer to symbol *index*, or None."""
    if index >= elf.symbol_count:
        return f"refers to symbol {index}, which isn't there"
    symbol = elf.symbol(index)
    name, shndx = _name(elf, symbol), symbol.shndx
    if SHN_LORESERVE > shndx >= len(elf.sections):
        return f"refers to `{name}` of section {shndx}, which isn't there"
    if opcode not in (CALL, LOAD_64):
        return "neither calls nor loads an address, and there is a relocation for it"
    place = elf.symbol_places((index,))[index]
    if _can_be_called(symbols, index, place) and (opcode == CALL or shndx == SHN_UNDEF):
        return None
    if opcode == CALL:
        if shndx == SHN_UNDEF or shndx != symbols.text:
            return f"calls `{name}`, which isn't a function of section `.text`"
        return f"calls `{name}` at byte {symbol.value}, which is between two instructions"
    if _can_be_loaded(places, place):
        return None
    if shndx == SHN_UNDEF or shndx >= SHN_LORESERVE:
        return f"takes the address of `{name}`, which is in no section: was it initialized?"
    if shndx == symbols.text and (
        (symbol.bind == STB_LOCAL and symbol.type == STT_SECTION)
        or (symbol.bind in (STB_GLOBAL, STB_WEAK) and symbol.type == STT_FUNC)
    ):
        return None
    if shndx != places.maps:
        where = elf.section(shndx).name
        return f"takes the address of `{name}` in section `{where}`, where libbpf has no map"
    lost = places.map_names.get(symbol.value)
    if lost is None:
        return f"refers to byte {symbol.value} of section `.maps`, where no map begins"
    return (
        f"looks for map `{lost}` at byte {symbol.value} of section `.maps`, and the DATASEC says "
        "that it is elsewhere"
    )


def _name(elf: ElfFile, symbol: Symbol) -> str:
    if symbol.type == STT_SECTION and not symbol.name and 0 < symbol.shndx < len(elf.sections):
        return elf.sections[symbol.shndx].name
    return symbol.name
