"""The maps that libbpf makes of variables: those of global data, of `.kconfig`, of struct_ops.

Nobody writes their definitions; they follow from sections and types. Beside the maps of `.maps`
they are what an object brings into the kernel.

Source: tools/lib/bpf/libbpf.c, bpf_object__init_global_data_maps, bpf_object__init_kconfig_map,
map_is_mmapable and init_struct_ops_maps.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.elf.constants import STV_HIDDEN, STV_INTERNAL
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kinds import ARENA
from bpfgen.object.records import InternalMap, StructOpsMap
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from bpfgen.btf.decode import Btf
    from bpfgen.elf.tables import Section
    from bpfgen.object.records import Extern, ObjectMap
    from bpfgen.object.symbols import Symbols

KCONFIG = ".kconfig"

READ_ONLY = MAP_FLAGS["BPF_F_RDONLY_PROG"].value
MAPPABLE = MAP_FLAGS["BPF_F_MMAPABLE"].value

PAGE_SIZE = 4096
"""Bytes of a page where the object is loaded; most machines' (libbpf asks the one it runs on)."""


def internal_maps(
    data: list[Section],
    btf: Btf | None,
    symbols: Symbols,
    externs: tuple[Extern, ...],
) -> tuple[InternalMap, ...]:
    """Return the maps of *data* in the order of the file, that of `.kconfig` last."""
    maps = []
    for section in data:
        name = section.name
        flags = READ_ONLY if f"{name}.".startswith(".rodata.") else 0
        flags |= _mmapable(btf, symbols, name)
        maps.append(InternalMap(name, section.size, flags))
    if btf is not None:
        size = _kconfig_size(btf, externs)
        if size:
            # collect_externs makes every variable of the section a global one.
            flags = READ_ONLY if _datasec(btf, KCONFIG) is None else READ_ONLY | MAPPABLE
            maps.append(InternalMap(KCONFIG, size, flags))
    return tuple(maps)


def _mmapable(btf: Btf | None, symbols: Symbols, name: str) -> int:
    """Return BPF_F_MMAPABLE where a variable of section *name* isn't static or hidden, else 0."""
    if btf is None:
        return 0
    datasec_id = _datasec(btf, name)
    if datasec_id is None:
        return 0
    for _var_id, variable, linkage in btf.variables_of(datasec_id):
        if linkage in (-1, kinds.BTF_VAR_STATIC):
            continue
        symbol = symbols.variables.get(variable)
        if symbol is None or symbol.visibility not in (STV_HIDDEN, STV_INTERNAL):
            return MAPPABLE
    return 0


def _datasec(btf: Btf, name: str) -> int | None:
    """Return the first type called *name* if it is a DATASEC (map_fill_btf_type_info)."""
    type_id = btf.find(name)
    if type_id is None or btf.kind(type_id) != kinds.BTF_KIND_DATASEC:
        return None
    return type_id


def _kconfig_size(btf: Btf, externs: tuple[Extern, ...]) -> int:
    """Return the bytes that the externs of `.kconfig` take; 0 where there are none.

    They are laid out by libbpf (cmp_externs): those with the largest alignment first, among them
    the smallest.
    """
    places = []
    for extern in externs:
        if extern.section == KCONFIG and extern.type_id:
            size = btf.size_of(extern.type_id) or 0
            places.append((-_alignment(btf, extern.type_id), size))
    end = 0
    for alignment, size in sorted(places):
        end = end // alignment * alignment + size  # floor division by a negative rounds up
    return end


def _alignment(btf: Btf, type_id: int) -> int:
    """Return how an option is aligned: options are integers, enums and arrays of char."""
    plain = btf.skip_modifiers(btf.target(type_id))
    if btf.kind(plain) == kinds.BTF_KIND_ARRAY:
        plain = btf.array(plain)[0]
    return min(btf.size_of(plain) or 1, btf.pointer_size) or 1


def struct_ops_maps(
    sections: list[Section], btf: Btf | None, symbols: Symbols
) -> tuple[tuple[StructOpsMap, ...], str | None]:
    """Return the maps of *sections*, and the first reason why libbpf refuses one."""
    maps: list[StructOpsMap] = []
    error: str | None = None
    for section in sections:
        datasec_id = None if btf is None else btf.datasec(section.name)
        if btf is None or datasec_id is None:
            error = error or f"BTF says nothing about section `{section.name}` (no DATASEC)"
            continue
        by_offset = []
        for var_id, offset, _size in btf.variables(datasec_id):
            symbol = symbols.variables.get(btf.name(var_id))
            if not btf.size(datasec_id) and symbol is not None:
                offset = symbol.value  # noqa: PLW2901 -- not linked yet: 0 in BTF
            by_offset.append((offset, var_id))
        for offset, var_id in sorted(by_offset, key=lambda pair: pair[0]):
            try:
                struct_ops, why = _struct_ops_map(btf, section, var_id, offset)
            except FormatError as wrong:
                struct_ops, why = None, wrong.what
            if struct_ops is not None:
                maps.append(struct_ops)
            if why is not None:
                error = error or f"struct_ops `{btf.name(var_id)}`: {why}"
    return tuple(maps), error


def _struct_ops_map(
    btf: Btf, section: Section, var_id: int, offset: int
) -> tuple[StructOpsMap | None, str | None]:
    type_id = btf.skip_modifiers(btf.target(var_id))
    name = btf.name(type_id)
    if not name:
        return None, "its type is anonymous; the kernel knows such structs by their names"
    if btf.kind(type_id) != kinds.BTF_KIND_STRUCT:
        return None, f"it is a {btf.kind_name(type_id)}, and should be a struct of the kernel's"
    size = btf.size(type_id)
    is_link = section.name.endswith(".link")
    struct_ops = StructOpsMap(
        btf.name(var_id),
        section.name,
        name,
        size,
        MAP_FLAGS["BPF_F_LINK"].value if is_link else 0,
        autocreate=not section.name.startswith("?"),
    )
    if offset + size > section.size:
        return struct_ops, f"it goes past the end of section `{section.name}`"
    return struct_ops, None


def with_checked_arenas(
    maps: list[ObjectMap], variables: Section | None
) -> tuple[list[ObjectMap], list[str]]:
    """Return *maps* with an error where an arena is refused, and what is wrong with the arena.

    libbpf (1.4 and later) supports one an object. *variables* is the section of those that lie in
    it.
    """
    arenas = [
        place
        for place, read in enumerate(maps)
        if read.definition.type == ARENA.number and not read.is_extern
    ]
    has_variables = variables is not None and variables.size > 0
    if not arenas:
        if variables is None or not has_variables:
            return maps, []
        message = f"section `{variables.name}` holds variables of an arena, and there is no arena"
        return maps, [message]
    first = maps[arenas[0]]
    checked = list(maps)
    for place in arenas[1:]:
        message = f"an object has one arena, and `{first.name}` is one too"
        checked[place] = replace(maps[place], error=maps[place].error or message)
    if variables is not None and has_variables:
        pages = -(-variables.size // PAGE_SIZE)
        if pages > first.definition.max_entries:
            message = (
                f"the arena has {first.definition.max_entries} pages, and the {variables.size} "
                f"bytes of variables in section `{variables.name}` take {pages}"
            )
            checked[arenas[0]] = replace(first, error=first.error or message)
    wrong = [checked[place] for place in arenas if checked[place].error is not None]
    return checked, [f"map `{arena.name}`: {arena.error}" for arena in wrong]
