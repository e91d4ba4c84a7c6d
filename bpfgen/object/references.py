"""The relocations of programs: whether libbpf finds what each instruction refers to.

An instruction refers to a map, to global data, to a subprogram, to what the kernel supplies.
libbpf resolves all of that when it opens an object, and refuses the object if it can't.

Source: tools/lib/bpf/libbpf.c, bpf_object__collect_prog_relos and bpf_program__record_reloc.
"""

from __future__ import annotations

from bpfgen.elf.constants import (
    SHN_UNDEF,
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
    from bpfgen.object.collected import Collected
    from bpfgen.object.symbols import Symbols

INSN_SIZE = 8
"""Bytes of an instruction: struct bpf_insn."""

CALL = 0x85
"""BPF_JMP | BPF_CALL"""

LOAD_64 = 0x18
"""BPF_LD | BPF_IMM | BPF_DW: the one that takes an address."""

PSEUDO_CALL = 1
"""BPF_PSEUDO_CALL, the source register of a call of a subprogram."""

_EXTERN = (STB_GLOBAL << 4 | STT_NOTYPE, STB_WEAK << 4 | STT_NOTYPE)
"""st_info of an undefined symbol that libbpf supplies."""

_SUBPROGRAM = (STB_LOCAL << 4 | STT_SECTION, STB_GLOBAL << 4 | STT_FUNC, STB_WEAK << 4 | STT_FUNC)
"""st_info of a symbol of `.text` whose address may be taken (sym_is_subprog)."""


class Places(Record):
    """Where an instruction may point to.

    Attributes:
        maps: The index of section `.maps`; -1 if there is none.
        map_offsets: Where libbpf takes maps to be in it.
        map_names: The maps by where their symbols are.
        data: Indexes of the sections of global data, those of an arena's variables and of jump
            tables included.
        text: The index of `.text` with subprograms in it; 0 if there is none.
    """

    maps: int
    map_offsets: frozenset[int]
    map_names: dict[int, str]
    data: frozenset[int]
    text: int


def of_programs(
    elf: ElfFile, symbols: Symbols, collected: Collected, places: Places
) -> Iterator[str]:
    """Yield the relocations of programs that libbpf can't resolve, in the order of the file."""
    others = {places.maps, *(section.index for section in collected.struct_ops)}
    room = len(elf.data)
    for table in collected.relocations:
        if table.info in others:
            continue
        # Tables that lie on top of each other would be read again and again.
        room -= table.size
        if room < 0:
            yield "the relocation tables overlap"
            return
        yield from _Table(elf, symbols, places, elf.sections[table.info]).wrong(table)


class _Table:
    """Looks at the relocations of one section of code, *user*."""

    __slots__ = ("_code", "_elf", "_places", "_programs", "_source_shift", "_undefined", "_user")

    def __init__(self, elf: ElfFile, symbols: Symbols, places: Places, user: Section) -> None:
        self._elf = elf
        self._places = places
        self._user = user
        self._code = user.data
        self._undefined = {symbol.index for symbol in symbols.undefined}
        self._programs = [one for one in symbols.programs if one.shndx == user.index]
        # struct bpf_insn has the registers as bit-fields.
        self._source_shift = 4 if elf.byteorder == "little" else 0

    def wrong(self, table: Section) -> Iterator[str]:
        """Yield what libbpf refuses in *table*, in its order."""
        code = self._code
        last = len(code) - INSN_SIZE
        known: dict[tuple[int, int, int], str | None] = {}
        for offset, index in self._elf.relocation_pairs(table):
            if offset % INSN_SIZE or offset > last:
                section = self._user.name
                yield f"a relocation of section `{section}` is for byte {offset}: no instruction"
                continue
            key = code[offset], code[offset + 1], index
            if key not in known:
                known[key] = self._fault(*key)
            why = known[key]
            if why is None and self._is_address_between(offset, index):
                why = "takes the address of a place between two instructions"
            # libbpf skips what a weak function has left, if the symbol makes sense.
            if why is not None and (self._is_nowhere(index) or self._is_in_program(offset)):
                yield f"instruction {offset // INSN_SIZE} of section `{self._user.name}` {why}"

    def _is_in_program(self, offset: int) -> bool:
        return any(
            program.value <= offset < program.value + program.size for program in self._programs
        )

    def _is_nowhere(self, index: int) -> bool:
        """Whether there is no symbol *index*, or its section isn't there."""
        place = self._elf.symbol_place(index)
        return place is None or place[1] >= len(self._elf.sections)

    def _is_address_between(self, offset: int, index: int) -> bool:
        """Whether the instruction takes the address of no instruction of `.text`."""
        place = self._elf.symbol_place(index)
        if place is None or self._code[offset] != LOAD_64 or not self._is_subprogram(place):
            return False
        immediate = self._code[offset + 4 : offset + INSN_SIZE]
        number = int.from_bytes(immediate, self._elf.byteorder)
        return bool(place[2] % INSN_SIZE or number % INSN_SIZE)

    def _is_subprogram(self, place: tuple[int, int, int]) -> bool:
        info, shndx, _value = place
        return shndx != SHN_UNDEF and shndx == self._places.text and info in _SUBPROGRAM

    def _fault(self, opcode: int, registers: int, index: int) -> str | None:
        """Return why an instruction that begins so can't refer to symbol *index*, or None."""
        elf, places = self._elf, self._places
        place = elf.symbol_place(index)
        if place is None:
            return f"refers to symbol {index}, which isn't there"
        info, shndx, value = place
        name = _name(elf, elf.symbol(index))
        if self._is_nowhere(index):
            return f"refers to `{name}`, which is in no section: was it initialized?"
        if opcode not in (CALL, LOAD_64):
            return "neither calls nor loads an address, and there is a relocation for it"
        if shndx == SHN_UNDEF and info in _EXTERN:
            return None if index in self._undefined else f"refers to `{name}`, which isn't there"
        if opcode == CALL:
            if registers >> self._source_shift & 15 != PSEUDO_CALL:
                return f"calls `{name}` as if it were a helper"
            if shndx == SHN_UNDEF or shndx != places.text:
                return f"calls `{name}`, which isn't a function of section `.text`"
            if value % INSN_SIZE:
                return f"calls `{name}` at byte {value}, which is between two instructions"
            return None
        if shndx == SHN_UNDEF:
            return f"takes the address of `{name}`, which is in no section: was it initialized?"
        if self._is_subprogram(place) or shndx in places.data:
            return None
        if shndx != places.maps:
            where = elf.section(shndx).name
            return f"takes the address of `{name}` in section `{where}`, where libbpf has no map"
        if value in places.map_offsets:
            return None
        lost = places.map_names.get(value)
        if lost is None:
            return f"refers to byte {value} of section `.maps`, where no map begins"
        return (
            f"looks for map `{lost}` at byte {value} of section `.maps`, and the DATASEC says that "
            "it is elsewhere"
        )


def _name(elf: ElfFile, symbol: Symbol) -> str:
    if symbol.type == STT_SECTION and not symbol.name and 0 < symbol.shndx < len(elf.sections):
        return elf.sections[symbol.shndx].name
    return symbol.name
