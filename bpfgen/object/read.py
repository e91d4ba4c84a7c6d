"""The walk through an object: ELF, BTF, the maps of `.maps` and `maps`, slots, record types.

Each step says what libbpf would refuse; the first reason in libbpf's own order is the object's
`error`. Reading itself fails only where the file is broken as ELF, or its BTF as BTF.

Source: tools/lib/bpf/libbpf.c, bpf_object__init_user_btf_maps and bpf_object__init_user_btf_map.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain

from bpfgen.btf import kinds
from bpfgen.btf.decode import Btf
from bpfgen.diagnostics import FormatError
from bpfgen.elf.constants import (
    ELFCLASS32,
    SHT_NOBITS,
    STB_LOCAL,
    STB_WEAK,
    STV_HIDDEN,
    STV_INTERNAL,
)
from bpfgen.elf.read import ElfFile
from bpfgen.object import refusals
from bpfgen.object.definition import EMPTY, KINDS_BY_NUMBER, Definitions
from bpfgen.object.internal import internal_maps, struct_ops_maps
from bpfgen.object.legacy import read_legacy_maps
from bpfgen.object.records import (
    INITIALIZER,
    DatasecEntry,
    Definition,
    ObjectFile,
    ObjectMap,
)
from bpfgen.object.slots import read_slots
from bpfgen.object.symbols import Symbols
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from mmap import mmap

    from bpfgen.elf.read import Section, Symbol
    from bpfgen.object.definition import Parsed

ANCHOR_SECTION = "bpfgen.anchor"
RECORD_PREFIX = "bpfgen_record_"
ARENA = 33
ARENA_SECTION = ".addr_space.1"
"""Where clang puts variables of `__arena`: address space 1."""

PAGE_SIZE = 4096
"""Bytes of a page where the object is loaded; most machines' (libbpf asks the one it runs on)."""


def read_object(data: bytes | mmap, *, relax_compat: bool = False) -> ObjectFile:
    """Return the maps of the object *data*; with *relax_compat*, unknown attributes are ignored.

    Raises:
        FormatError: *data* is no ELF file, its tables are broken, or it has maps and broken BTF.
    """
    elf = ElfFile(data)
    section = elf.section_named(".maps")
    legacy_section = elf.section_named("maps")
    btf = _read_btf(elf, is_needed=section is not None)
    symbols = Symbols(elf, (section, legacy_section))
    externs = refusals.externs(btf, symbols)

    maps: list[ObjectMap] = []
    defined_wrong: list[str] = []
    stray: list[str] = []
    entries: tuple[DatasecEntry, ...] = ()
    datasec_id = None if btf is None else btf.datasec(".maps")
    datasec_size = 0
    if btf is not None and datasec_id is not None:
        datasec_size = btf.size(datasec_id)
        reader = _MapReader(elf, btf, section, symbols, relax_compat=relax_compat)
        entries = reader.entries(datasec_id)
        maps = reader.maps(entries, is_linked=datasec_size > 0)
        defined_wrong = _errors(maps)
        if section is not None:
            defined = [found for found in maps if found.linkage != "extern"]
            defined.sort(key=lambda found: found.offset)
            stray = read_slots(elf, section, symbols, defined)
    arenas_wrong = _check_arenas(maps, elf.section_named(ARENA_SECTION))
    struct_ops, struct_ops_error = struct_ops_maps(elf, btf, symbols)
    reasons = chain(
        refusals.of_file(elf),
        refusals.of_sections(elf, btf, symbols),
        refusals.of_externs(externs, btf),
        refusals.of_datasecs(elf, btf, symbols),
        defined_wrong,
        arenas_wrong,
        (struct_ops_error,) if struct_ops_error is not None else (),
        _errors(maps),
        stray,
        refusals.of_references(elf, section, entries, is_linked=datasec_size > 0),
    )
    error = next(reasons, None)
    if legacy_section is not None:
        maps += read_legacy_maps(elf, legacy_section, symbols, btf)
    return ObjectFile(
        elf.byteorder,
        elf.machine,
        btf,
        tuple(maps),
        error,
        externs,
        entries,
        datasec_size,
        internal_maps(elf, btf, symbols, externs),
        elf,
        struct_ops,
    )


def _errors(maps: list[ObjectMap]) -> list[str]:
    """Return what is wrong with *maps*, as far as it is known by now."""
    return [f"map `{found.name}`: {found.error}" for found in maps if found.error is not None]


def _read_btf(elf: ElfFile, *, is_needed: bool) -> Btf | None:
    """Return the types of *elf*; None if there are none, or broken ones that nobody needs."""
    section = elf.section_named(".BTF")
    if section is None or section.type == SHT_NOBITS:
        return None
    try:
        return Btf(bytes(section.data), 4 if elf.elf_class == ELFCLASS32 else 8)
    except FormatError as error:
        if is_needed:
            offset = None if error.offset is None else section.offset + error.offset
            raise FormatError(error.what, offset) from None
        return None


class _MapReader:
    """Reads the variables of the DATASEC `.maps`."""

    __slots__ = ("_btf", "_by_name", "_data", "_definitions", "_elf", "_records", "_section")

    def __init__(
        self,
        elf: ElfFile,
        btf: Btf,
        section: Section | None,
        symbols: Symbols,
        *,
        relax_compat: bool,
    ) -> None:
        self._elf = elf
        self._btf = btf
        self._section = section
        self._data = memoryview(b"") if section is None else section.data
        self._by_name: dict[str, Symbol] = {} if section is None else symbols.by_name(section)
        self._definitions = Definitions(btf, relax_compat=relax_compat)
        self._records = _record_type_ids(btf)

    def entries(self, datasec_id: int) -> tuple[DatasecEntry, ...]:
        """Return what BTF and symbols say about each variable, in the order of BTF."""
        btf = self._btf
        found = []
        seen: set[int] = set()
        for var_id, offset, size in btf.variables(datasec_id):
            if var_id in seen:
                # 12 bytes for another map: no object of any size needs that.
                raise FormatError(f"the DATASEC `.maps` lists variable {var_id} twice")
            seen.add(var_id)
            name = btf.name(var_id)
            symbol = self._by_name.get(name)
            found.append(
                DatasecEntry(
                    var_id,
                    name,
                    offset,
                    size,
                    None if symbol is None else symbol.value,
                    None if symbol is None else symbol.size,
                )
            )
        return tuple(found)

    def maps(self, entries: tuple[DatasecEntry, ...], *, is_linked: bool) -> list[ObjectMap]:
        """Return the maps in libbpf's order, extern ones last.

        libbpf sorts by the offsets of the DATASEC, where a linker has filled them in. (That of
        libbpf 1.1 leaves 0 for a map that was extern in its first object; symbols are right.)
        """
        found = [(entry.offset, self._map(entry)) for entry in entries]
        found.sort(
            key=lambda each: (each[1].linkage == "extern", each[0] if is_linked else each[1].offset)
        )
        return [each for _offset, each in found]

    def _map(self, entry: DatasecEntry) -> ObjectMap:
        btf = self._btf
        offset = entry.offset if entry.symbol_offset is None else entry.symbol_offset
        # Symbols of assemblers may have no size; the DATASEC knows it then.
        size = entry.symbol_size or entry.size
        found = ObjectMap(
            entry.name,
            ".maps",
            "global",
            EMPTY,
            offset,
            size,
            self._data[offset : offset + size],
            var_id=entry.var_id,
        )
        try:
            found.error = self._read_variable(found, entry)
        except FormatError as error:
            found.error = error.what
        record_id = self._records.get(entry.name)
        if record_id is not None:
            found.record_type_id = record_id
            with suppress(FormatError):  # no concern of libbpf's
                found.record = btf.type(record_id)
        return found

    def _read_variable(self, found: ObjectMap, entry: DatasecEntry) -> str | None:
        """Fill in linkage and definition; return what libbpf refuses, in its own order."""
        btf = self._btf
        if btf.kind(found.var_id) != kinds.BTF_KIND_VAR:
            return f"type {found.var_id} is a {btf.kind_name(found.var_id)}, not a variable"
        error = self._linkage_error(found)
        if found.linkage == "extern":
            found.offset, found.size, found.data = 0, 0, memoryview(b"")
        found.var_type_id = btf.target(found.var_id)
        struct_id = btf.skip_modifiers(found.var_type_id)
        if btf.kind(struct_id) != kinds.BTF_KIND_STRUCT:
            return error or (
                f"a map should be a struct of attributes, and this is a {btf.kind_name(struct_id)}"
            )
        if not found.name:
            error = error or "the map has no name"
        if found.linkage != "extern":
            if found.offset + max(entry.size, found.size) > self._section_size():
                error = error or "the map goes past the end of section `.maps`"
            if btf.size(struct_id) > entry.size:
                error = error or (
                    f"the definition has {btf.size(struct_id)} bytes, and the variable {entry.size}"
                )
        parsed = self._definitions.of_struct(struct_id)
        found.definition = parsed.definition
        if parsed.definition.style == INITIALIZER:
            found.definition = self._initialized(parsed, found)
        return error or parsed.error

    def _section_size(self) -> int:
        return 0 if self._section is None else self._section.size

    def _linkage_error(self, found: ObjectMap) -> str | None:
        symbol = self._by_name.get(found.name)
        linkage = self._btf.linkage(found.var_id)
        if linkage == kinds.BTF_VAR_GLOBAL_EXTERN:
            found.linkage = "extern"
            return "the map is extern: another object defines it, and the two must be linked first"
        if linkage == kinds.BTF_VAR_STATIC or (symbol and symbol.bind == STB_LOCAL):
            found.linkage = "static"
            return "the map is static; libbpf wants it global"
        if linkage != kinds.BTF_VAR_GLOBAL_ALLOCATED:
            return f"linkage {linkage} is not known"
        if symbol is None:
            return "the map has no symbol in section `.maps`"
        if symbol.bind == STB_WEAK:
            found.linkage = "weak"
        if symbol.visibility in (STV_HIDDEN, STV_INTERNAL):
            return "the map has hidden visibility, which makes it static for libbpf"
        return None

    def _initialized(self, parsed: Parsed, found: ObjectMap) -> Definition:
        """Return the definition with the numbers that stand in the variable's bytes."""
        template = parsed.definition
        numbers = dict(template.numbers)
        for name, place in parsed.initialized.items():
            # Past the end of the file (SHT_NOBITS) all bytes are 0, and an extern map has none.
            data = found.data[place.offset : place.offset + place.size]
            numbers[name] = int.from_bytes(data, self._elf.byteorder)
        number = numbers.get("type")
        return Definition(
            INITIALIZER,
            number,
            None if number is None else KINDS_BY_NUMBER.get(number),
            template.declared,
            numbers,
            numbers.get("key_size", 0) or template.key_size,
            numbers.get("value_size", 0) or template.value_size,
            template.key_type_id,
            template.value_type_id,
            template.values,
            template.values_offset,
            template.inner,
            template.struct_id,
            template.struct_name,
            template.btf,
        )


def _record_type_ids(btf: Btf) -> dict[str, int]:
    """Return the record types by the name of their map.

    An anchor `static const T *bpfgen_record_<map>` names T; the `const` is the anchor's own.
    """
    found: dict[str, int] = {}
    datasec_id = btf.datasec(ANCHOR_SECTION)
    if datasec_id is None:
        return found
    for var_id, _offset, _size in btf.variables(datasec_id):
        name = btf.name(var_id)
        if not name.startswith(RECORD_PREFIX) or btf.kind(var_id) != kinds.BTF_KIND_VAR:
            continue
        pointer = btf.skip_modifiers(btf.target(var_id))
        if btf.kind(pointer) != kinds.BTF_KIND_PTR:
            continue
        pointee = btf.target(pointer)
        if btf.kind(pointee) == kinds.BTF_KIND_CONST:
            pointee = btf.target(pointee)
        found.setdefault(name.removeprefix(RECORD_PREFIX), pointee)
    return found


def _check_arenas(maps: list[ObjectMap], variables: Section | None) -> list[str]:
    """Return what is wrong with the arena, of which libbpf (1.4 and later) supports one an object.

    *variables* is the section of those that lie in it.
    """
    arenas = [
        found for found in maps if found.definition.type == ARENA and found.linkage != "extern"
    ]
    for second in arenas[1:]:
        second.error = second.error or (
            f"an object has one arena, and `{arenas[0].name}` is one too"
        )
    if variables is None or not variables.size:
        return _errors(arenas)
    if not arenas:
        return [f"section `{variables.name}` holds variables of an arena, and there is no arena"]
    pages = -(-variables.size // PAGE_SIZE)
    if pages > arenas[0].definition.max_entries:
        arenas[0].error = arenas[0].error or (
            f"the arena has {arenas[0].definition.max_entries} pages, and the {variables.size} "
            f"bytes of variables in section `{variables.name}` take {pages}"
        )
    return _errors(arenas)
