"""Relocations of `.maps` -> the initial values of maps of maps and prog_arrays.

Source: tools/lib/bpf/libbpf.c, bpf_object__collect_map_relos.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from bpfgen.elf.constants import STT_SECTION
from bpfgen.kernel.map_kinds import HASH_OF_MAPS, PROG_ARRAY
from bpfgen.object.definition import MAPS_OF_MAPS
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Relocation, Section, Symbol
    from bpfgen.object.collected import Collected
    from bpfgen.object.records import ObjectMap
    from bpfgen.object.symbols import Symbols

POINTER_SIZE = 8


class _Targets:
    """Names the symbol that a relocation of *section* refers to."""

    def __init__(self, elf: ElfFile, section: Section) -> None:
        self.elf = elf
        self.data = section.data
        self._named: dict[tuple[int, int], str] | None = None

    def name(self, relocation: Relocation, symbol: Symbol) -> str:
        """Return the target's name, empty if it has none.

        libbpf takes the symbol, whatever is added to it: gas writes the symbol's own place there.
        Relocations of static functions are against the section, and what they mean stands in the
        place itself (SHT_REL) or in the addend.
        """
        if symbol.type != STT_SECTION:
            return symbol.name
        addend = relocation.addend
        if addend is None:
            place = bytes(self.data[relocation.offset : relocation.offset + POINTER_SIZE])
            addend = int.from_bytes(place, self.elf.byteorder)
        if self._named is None:
            self._named = {}
            for other in self.elf.symbols():
                if other.type != STT_SECTION and other.name:
                    self._named.setdefault((other.shndx, other.value), other.name)
        return self._named.get((symbol.shndx, addend), "")


def with_slots(
    elf: ElfFile,
    collected: Collected,
    symbols: Symbols,
    maps: list[ObjectMap],
    extents: list[tuple[int, int]],
) -> tuple[list[ObjectMap], list[str]]:
    """Return *maps*, those of `.maps`, with their slots and with an error where one is refused.

    And what belongs to no map at all. *extents* are where libbpf takes the maps to be.

    Raises:
        FormatError: A relocation names a symbol that isn't there, or a table is broken.
    """
    section = collected.maps
    assert section is not None
    owners = _Owners(maps, extents)
    names = {known.name for known in maps} | {internal.name for internal in collected.data}
    targets = _Targets(elf, section)
    slots: dict[int, list[tuple[int, str]]] = {}
    errors: dict[int, str] = {}
    stray: list[str] = []
    read = {table.index for table in collected.relocations}
    for relocation in elf.relocations(section, read):
        found = owners.of(relocation.offset)
        if found is None:
            stray.append(f"the relocation at byte {relocation.offset:#x} of `.maps` is in no map")
            continue
        place, at = found
        owner = maps[place]
        symbol = elf.symbol(relocation.symbol)
        name = targets.name(relocation, symbol)
        index, error = _slot_index(owner, at)
        if error is None:
            error = _target_error(section, symbols, owner, symbol, name, names)
        if error is not None:
            errors.setdefault(place, error)
        if index is not None:
            slots.setdefault(place, []).append((index, name or f"<symbol {symbol.index}>"))
    changed = list(maps)
    for place in slots.keys() | errors.keys():
        owner = maps[place]
        # Stable, so that of two relocations for one slot the first stays the first.
        own_slots = tuple(sorted(slots.get(place, ()), key=lambda slot: slot[0]))
        error = owner.error if owner.error is not None else errors.get(place)
        changed[place] = replace(owner, slots=own_slots, error=error)
    return changed, stray


class _Owners:
    """Finds the map that has a byte of the section: of several, libbpf's first."""

    def __init__(self, maps: list[ObjectMap], extents: list[tuple[int, int]]) -> None:
        defined = [place for place, one in enumerate(maps) if not one.is_extern]
        self._places = defined
        self._starts = [extents[place][0] for place in defined]
        # How far the maps up to each reach, so that the first that reaches far enough is found.
        self._ends = list(accumulate((sum(extents[place]) for place in defined), max))

    def of(self, offset: int) -> tuple[int, int] | None:
        """Return the place of the map that holds the pointer at *offset*, and where in it."""
        index = bisect_left(self._ends, offset + POINTER_SIZE)
        if index == len(self._ends) or self._starts[index] > offset:
            return None
        return self._places[index], offset - self._starts[index]


def _slot_index(owner: ObjectMap, at: int) -> tuple[int | None, str | None]:
    """Return the slot that the pointer at byte *at* of *owner* is for, and what is wrong."""
    definition = owner.definition
    if definition.type not in MAPS_OF_MAPS and definition.type != PROG_ARRAY.number:
        error = (
            f"the pointer at byte {at} is of no use: only maps of maps and prog_arrays have slots"
        )
    elif not definition.declared or definition.declared[-1] != "values":
        error = f"the pointer at byte {at} is in no slot: there are no `values`"
    elif at < definition.values_offset:
        error = f"the pointer at byte {at} is before the `values`"
    elif (at - definition.values_offset) % POINTER_SIZE:
        error = f"the pointer at byte {at} is between two slots"
    else:
        return (at - definition.values_offset) // POINTER_SIZE, None
    return None, error


def _target_error(
    section: Section,
    symbols: Symbols,
    owner: ObjectMap,
    symbol: Symbol,
    name: str,
    names: set[str],
) -> str | None:
    """Return why libbpf can't put *symbol* into a slot of *owner*, or None.

    *names* are those that a map has.
    """
    if owner.definition.type in MAPS_OF_MAPS:
        if symbol.shndx != section.index:
            return f"a slot holds `{name}`, which isn't a map of section `.maps` in this object"
        if owner.definition.type == HASH_OF_MAPS.number and owner.definition.key_size != 4:
            return "the key should be of 4 bytes, so that it can be the index of a slot"
        if symbol.type == STT_SECTION:
            return f"a slot holds `{name}`, which is static; libbpf wants it global"
        return None if symbol.name in names else f"a slot holds `{name}`, which is no map"
    program = symbols.functions.get(symbol.name)
    if program is None:
        if any(function.name == symbol.name for function in symbols.programs):
            return f"a slot holds `{name}`, which is a function in `.text`, not a program"
        return f"a slot holds `{name}`, which isn't a global program of this object"
    if (program.shndx, program.value) != (symbol.shndx, symbol.value):
        return f"a slot holds `{name}`, and no program begins there"
    return None
