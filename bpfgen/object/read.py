"""The walk through an object: ELF, BTF, the maps of `.maps` and `maps`, and why it is refused.

Each step says what libbpf would refuse; the first reason in libbpf's own order is the object's
`error`. Reading itself fails only where the file is broken as ELF, or its BTF as BTF.

Source: tools/lib/bpf/libbpf.c, bpf_object_open.
"""

from __future__ import annotations

from itertools import chain

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.btf.sanity import sanity_fault
from bpfgen.elf.constants import (
    ELFCLASS32,
    SHT_NOBITS,
)
from bpfgen.elf.read import ElfFile
from bpfgen.object import refusals
from bpfgen.object.collected import Collected
from bpfgen.object.externs import externs, of_externs
from bpfgen.object.internal import internal_maps, struct_ops_maps, with_checked_arenas
from bpfgen.object.legacy import read_legacy_maps
from bpfgen.object.listed_maps import errors_of, read_maps
from bpfgen.object.records import WINDOWS_SECTION, ObjectFile
from bpfgen.object.references import Places, of_programs
from bpfgen.object.symbols import Symbols
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from mmap import mmap

    from bpfgen.object.listed_maps import Listed
    from bpfgen.object.records import Definition


def read_object(data: bytes | mmap, *, relax_compat: bool = False) -> ObjectFile:
    """Return the maps of the object *data*; with *relax_compat*, unknown attributes are ignored.

    Raises:
        FormatError: *data* is no ELF file, its tables are broken, or it has maps and broken BTF.
    """
    elf = ElfFile(data)
    collected = Collected(elf)
    section = collected.maps
    types, broken = _read_types(elf, collected)
    btf = None if types is None else types.btf
    symbols = Symbols(elf, (section, *collected.legacy), collected)
    undefined = externs(btf, symbols)
    listed = read_maps(elf, collected, types, symbols, relax_compat=relax_compat)
    maps, arenas_wrong = with_checked_arenas(
        listed.maps, None if section is None else collected.arena
    )
    struct_ops, struct_ops_error = struct_ops_maps(collected.struct_ops, btf, symbols)
    # In the order in which libbpf comes upon them: the first is the one that it reports.
    reasons = chain(
        refusals.of_file(elf),
        refusals.of_sections(elf, symbols, collected),
        refusals.of_btf(collected, btf, broken),
        of_externs(undefined, btf),
        refusals.of_datasecs(elf, btf, symbols),
        refusals.of_maps_datasec(collected, btf),
        listed.refused,
        arenas_wrong,
        (struct_ops_error,) if struct_ops_error is not None else (),
        errors_of(maps),
        listed.stray,
        of_programs(elf, symbols, collected, _places(collected, listed)),
    )
    error = next(reasons, None)
    for each in collected.legacy:
        maps = maps + read_legacy_maps(elf, each, symbols, types)
    if elf.section_named(WINDOWS_SECTION) is not None:
        maps = [replace(each, definition=_of_no_kind(each.definition)) for each in maps]
    return ObjectFile(
        elf.byteorder,
        elf.machine,
        types,
        tuple(maps),
        error,
        undefined,
        listed.entries,
        listed.datasec_size,
        internal_maps(collected.data, btf, symbols, undefined),
        elf,
        struct_ops,
    )


def _of_no_kind(definition: Definition) -> Definition:
    """Return *definition* without the kind that its number is on Linux."""
    inner = definition.inner
    return replace(definition, kind=None, inner=None if inner is None else _of_no_kind(inner))


def _places(collected: Collected, listed: Listed) -> Places:
    """Return where instructions may point to.

    libbpf finds a map by its place in the DATASEC. The linker of libbpf 1.1 leaves 0 there for a
    map that was extern in the first object that mentions it.
    """
    names: dict[int, str] = {}
    for entry in listed.entries:
        if entry.symbol_offset is not None:
            names.setdefault(entry.symbol_offset, entry.name)
    data = {section.index for section in collected.data}
    if collected.arena is not None:
        data.add(collected.arena.index)
    if collected.jump_tables:
        data.add(collected.jump_tables)
    return Places(
        -1 if collected.maps is None else collected.maps.index,
        frozenset(place for place, _size in listed.extents),
        names,
        frozenset(data),
        collected.text,
    )


def _read_types(elf: ElfFile, collected: Collected) -> tuple[BtfTypes | None, str | None]:
    """Return the types of *elf*, and what is wrong with them, if anything is.

    There are none if nobody needs them and they are broken. Of several sections `.BTF` libbpf takes
    the last.

    Raises:
        FormatError: They are needed, and broken beyond reading.
    """
    section = collected.btf
    if section is None or section.type == SHT_NOBITS:
        return None, None
    is_needed = collected.maps is not None
    try:
        pointer_size = 4 if elf.elf_class == ELFCLASS32 else 8
        types = BtfTypes(Btf(bytes(section.data), pointer_size))
    except FormatError as error:
        if is_needed:
            offset = None if error.offset is None else section.offset + error.offset
            raise FormatError(error.what, offset) from None
        return None, error.what
    fault = sanity_fault(types.btf)
    return types if fault is None or is_needed else None, fault
