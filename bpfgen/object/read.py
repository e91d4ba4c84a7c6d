"""The walk through an object: ELF, BTF, the maps of `.maps` and `maps`, and why it is refused.

Each step says what libbpf would refuse; the first reason in libbpf's own order is the object's
`error`. Reading itself fails only where the file is broken as ELF, or its BTF as BTF.

Source: tools/lib/bpf/libbpf.c, bpf_object_open.
"""

from __future__ import annotations

from itertools import chain

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.elf.constants import (
    ELFCLASS32,
    SHT_NOBITS,
)
from bpfgen.elf.read import ElfFile
from bpfgen.object import refusals
from bpfgen.object.externs import externs, of_externs
from bpfgen.object.internal import (
    ARENA_SECTION,
    data_sections,
    internal_maps,
    struct_ops_maps,
    with_checked_arenas,
)
from bpfgen.object.legacy import read_legacy_maps
from bpfgen.object.listed_maps import errors_of, read_maps
from bpfgen.object.records import (
    ObjectFile,
)
from bpfgen.object.references import Places, of_programs
from bpfgen.object.symbols import Symbols
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from mmap import mmap

    from bpfgen.elf.tables import Section
    from bpfgen.object.listed_maps import Listed


def read_object(data: bytes | mmap, *, relax_compat: bool = False) -> ObjectFile:
    """Return the maps of the object *data*; with *relax_compat*, unknown attributes are ignored.

    Raises:
        FormatError: *data* is no ELF file, its tables are broken, or it has maps and broken BTF.
    """
    elf = ElfFile(data)
    section = elf.section_named(".maps")
    legacy_section = elf.section_named("maps")
    types = _read_types(elf, is_needed=section is not None)
    btf = None if types is None else types.btf
    symbols = Symbols(elf, (section, legacy_section))
    undefined = externs(btf, symbols)
    listed = read_maps(elf, section, types, symbols, relax_compat=relax_compat)
    arena_section = elf.section_named(ARENA_SECTION)
    maps, arenas_wrong = with_checked_arenas(listed.maps, arena_section)
    struct_ops, struct_ops_error = struct_ops_maps(elf, btf, symbols)
    data_maps = data_sections(elf)
    variables = [data_section for _name, data_section in data_maps]
    if arena_section is not None:
        variables.append(arena_section)
    # In the order in which libbpf comes upon them: the first is the one that it reports.
    reasons = chain(
        refusals.of_file(elf),
        refusals.of_sections(elf, symbols),
        refusals.of_btf(elf, btf),
        of_externs(undefined, btf),
        refusals.of_datasecs(elf, btf, symbols),
        refusals.of_maps_datasec(elf, btf),
        listed.refused,
        arenas_wrong,
        (struct_ops_error,) if struct_ops_error is not None else (),
        errors_of(maps),
        listed.stray,
        of_programs(elf, symbols, _places(section, listed, variables)),
    )
    error = next(reasons, None)
    if legacy_section is not None:
        maps = maps + read_legacy_maps(elf, legacy_section, symbols, types)
    return ObjectFile(
        elf.byteorder,
        elf.machine,
        types,
        tuple(maps),
        error,
        undefined,
        listed.entries,
        listed.datasec_size,
        internal_maps(data_maps, btf, symbols, undefined),
        elf,
        struct_ops,
    )


def _places(section: Section | None, listed: Listed, variables: list[Section]) -> Places:
    """Return where instructions may point to, the sections of *variables* among it.

    libbpf finds a map by its place in the DATASEC. The linker of libbpf 1.1 leaves 0 there for a
    map that was extern in the first object that mentions it.
    """
    names: dict[int, str] = {}
    for entry in listed.entries:
        if entry.symbol_offset is not None:
            names.setdefault(entry.symbol_offset, entry.name)
    return Places(
        -1 if section is None else section.index,
        frozenset(entry.offset for entry in listed.entries)
        if listed.datasec_size > 0
        else frozenset(names),
        names,
        frozenset(data_section.index for data_section in variables),
    )


def _read_types(elf: ElfFile, *, is_needed: bool) -> BtfTypes | None:
    """Return the types of *elf*; None if there are none, or broken ones that nobody needs.

    Of several sections `.BTF` libbpf takes the last (bpf_object__elf_collect).
    """
    sections = elf.sections_named(".BTF")
    if not sections or sections[-1].type == SHT_NOBITS:
        return None
    section = sections[-1]
    try:
        pointer_size = 4 if elf.elf_class == ELFCLASS32 else 8
        return BtfTypes(Btf(bytes(section.data), pointer_size))
    except FormatError as error:
        if is_needed:
            offset = None if error.offset is None else section.offset + error.offset
            raise FormatError(error.what, offset) from None
        return None
