"""Maps of section `maps` and its like: `struct bpf_map_def`, the form before BTF.

libbpf 1.0 removed it; other loaders had sections of their own for it.

The struct is five 32-bit numbers. Loaders appended members of their own (iproute2's bpf_elf_map,
bcc, the kernel's samples); the first five are the same in all of them. Several maps in one section
are told apart by their symbols.

Source: libbpf 0.8's libbpf.h, struct bpf_map_def, and libbpf.c, bpf_object__init_user_maps;
BPF_ANNOTATE_KV_PAIR of its bpf_helpers.h for the types.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.elf.constants import STB_LOCAL, STB_WEAK, STT_NOTYPE, STT_OBJECT
from bpfgen.kernel.map_kinds import KINDS_BY_NUMBER
from bpfgen.object.records import LEGACY, Definition, ObjectMap
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from bpfgen.btf.convert import BtfTypes
    from bpfgen.btf.decode import Btf
    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Section, Symbol
    from bpfgen.object.symbols import Symbols

MEMBERS = ("type", "key_size", "value_size", "max_entries", "map_flags")
_LEAST = 16
"""Bytes of a definition: the earliest had no map_flags."""

_PAIR = "____btf_map_"
_REFUSED = "libbpf has not supported section `maps` since 1.0"
_PASSED_OVER = (
    "libbpf passes over section `{}`: it belongs to another loader, such as gobpf, "
    "cilium/ebpf, aya or v4l-utils"
)


def read_legacy_maps(
    elf: ElfFile, section: Section, symbols: Symbols, types: BtfTypes | None
) -> list[ObjectMap]:
    """Return the maps of *section*, by offset."""
    defined = [
        symbol
        for symbol in symbols.in_maps[section.index]
        if symbol.type in (STT_OBJECT, STT_NOTYPE)
    ]
    defined.sort(key=lambda symbol: (symbol.value, symbol.index))
    btf = None if types is None else types.btf
    variables = _variables(btf)
    pairs = _key_value_pairs(btf)
    maps = []
    for place, symbol in enumerate(defined):
        end = defined[place + 1].value if place + 1 < len(defined) else section.size
        size = symbol.size or max(end - symbol.value, 0)
        var_id = variables.get(symbol.name, 0)
        legacy = _legacy_map(elf, section, symbol, size, var_id)
        if types is not None:
            try:
                legacy = _annotated(types, legacy, pairs.get(symbol.name))
            except FormatError as wrong:
                legacy = replace(legacy, error=wrong.what)
        maps.append(legacy)
    return maps


def _variables(btf: Btf | None) -> dict[str, int]:
    """Return the VARs of the DATASEC `maps` by name; there are none in objects of the time."""
    if btf is None:
        return {}
    datasec_id = btf.datasec("maps")
    if datasec_id is None:
        return {}
    return {btf.name(var_id): var_id for var_id, _offset, _size in btf.variables(datasec_id)}


def _key_value_pairs(btf: Btf | None) -> dict[str, tuple[int, int]]:
    """Return the ids of (key, value) that BPF_ANNOTATE_KV_PAIR gives, by the name of the map."""
    pairs: dict[str, tuple[int, int]] = {}
    if btf is None:
        return pairs
    for struct_id in btf.ids_of_kind(kinds.BTF_KIND_STRUCT):
        name = btf.name(struct_id)
        if name.startswith(_PAIR) and btf.vlen(struct_id) == len(("key", "value")):
            members = {name: type_id for name, type_id, _offset, _width in btf.members(struct_id)}
            if "key" in members and "value" in members:
                pair = members["key"], members["value"]
                pairs.setdefault(name.removeprefix(_PAIR), pair)
    return pairs


def _legacy_map(
    elf: ElfFile, section: Section, symbol: Symbol, size: int, var_id: int
) -> ObjectMap:
    data = section.data[symbol.value : symbol.value + size]
    name = section.name
    error = _REFUSED if name == "maps" else _PASSED_OVER.format(name)
    if len(data) < max(size, _LEAST):
        error = f"{len(data)} bytes are too few for a struct bpf_map_def"
    numbers = {
        name: int.from_bytes(data[at * 4 : at * 4 + 4], elf.byteorder)
        for at, name in enumerate(MEMBERS)
        if at * 4 + 4 <= len(data)
    }
    number = numbers.get("type")
    definition = Definition(
        LEGACY,
        number,
        None if number is None else KINDS_BY_NUMBER.get(number),
        tuple(numbers),
        numbers,
        numbers.get("key_size", 0),
        numbers.get("value_size", 0),
    )
    return ObjectMap(
        symbol.name,
        name,
        {STB_LOCAL: "static", STB_WEAK: "weak"}.get(symbol.bind, "global"),
        definition,
        symbol.value,
        size,
        data,
        var_id=var_id,
        error=error,
    )


def _annotated(types: BtfTypes, legacy: ObjectMap, pair: tuple[int, int] | None) -> ObjectMap:
    """Return *legacy* with what BTF knows: its struct, and the types of BPF_ANNOTATE_KV_PAIR.

    Raises:
        FormatError: The BTF of the variable is broken.
    """
    btf = types.btf
    definition = legacy.definition
    var_type_id = 0
    if legacy.var_id:
        var_type_id = btf.target(legacy.var_id)
        struct_id = btf.skip_modifiers(var_type_id)
        if btf.kind(struct_id) == kinds.BTF_KIND_STRUCT:
            name = btf.name(struct_id)
            definition = replace(definition, struct_id=struct_id, struct_name=name)
    if pair is not None:
        key, value = pair
        definition = replace(definition, types=types, key_type_id=key, value_type_id=value)
    attributes = types.attributes(legacy.var_id) if legacy.var_id else None
    return replace(legacy, var_type_id=var_type_id, definition=definition, attributes=attributes)
