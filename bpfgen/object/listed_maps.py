"""The DATASEC `.maps` and its variables -> maps: linkage, definitions, slots, types of records.

Source: tools/lib/bpf/libbpf.c, bpf_object__init_user_btf_maps and bpf_object__init_user_btf_map.
"""

from __future__ import annotations

from contextlib import suppress

from bpfgen.btf import kinds
from bpfgen.elf.constants import (
    STB_LOCAL,
    STB_WEAK,
    STV_HIDDEN,
    STV_INTERNAL,
)
from bpfgen.model import anchors
from bpfgen.object.definition import EMPTY, Definitions, initialized
from bpfgen.object.records import (
    EXTERN,
    GLOBAL,
    INITIALIZER,
    STATIC,
    WEAK,
    DatasecEntry,
    ObjectMap,
)
from bpfgen.object.slots import with_slots
from bpfgen.record import TYPE_CHECKING, MutableRecord, Record
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from bpfgen.btf.convert import BtfTypes
    from bpfgen.btf.decode import Btf
    from bpfgen.elf.read import ElfFile
    from bpfgen.elf.tables import Section, Symbol
    from bpfgen.object.collected import Collected
    from bpfgen.object.records import Definition
    from bpfgen.object.symbols import Symbols


_DEEPEST_WRAPPER = 4
"""Structs around a definition; those of aya are two."""


class Listed(Record):
    """What the DATASEC `.maps` lists.

    Attributes:
        maps: With their slots.
        refused: Why libbpf refuses definitions, before it looks at slots.
        stray: What is wrong with the DATASEC, and relocations that are in no map.
        entries: As in BTF.
        datasec_size: As BTF says; 0 in an object that was never linked.
        extents: (offset, size) of each map where libbpf takes it to be, in its order.
    """

    maps: list[ObjectMap]
    refused: list[str]
    stray: list[str]
    entries: tuple[DatasecEntry, ...]
    datasec_size: int
    extents: tuple[tuple[int, int], ...] = ()


def read_maps(
    elf: ElfFile,
    collected: Collected,
    types: BtfTypes | None,
    symbols: Symbols,
    *,
    relax_compat: bool,
) -> Listed:
    """Return the maps of section `.maps`, and of extern ones, which are in none."""
    section = collected.maps
    datasec_id = None if types is None else types.btf.datasec(".maps")
    if types is None or datasec_id is None:
        return Listed([], [], [], (), 0)
    datasec_size = types.btf.size(datasec_id)
    reader = _MapReader(elf, types, section, symbols, relax_compat=relax_compat)
    entries, stray = reader.entries(datasec_id)
    maps = reader.maps(entries, is_linked=datasec_size > 0)
    refused = errors_of(maps)
    extents = reader.extents
    if section is not None:
        maps, stray_slots = with_slots(elf, collected, symbols, maps, extents)
        stray += stray_slots
    return Listed(maps, refused, stray, entries, datasec_size, tuple(extents))


def errors_of(maps: list[ObjectMap]) -> list[str]:
    """Return what is wrong with *maps*, as far as it is known by now."""
    return [f"map `{read.name}`: {read.error}" for read in maps if read.error is not None]


class _MapReader:
    """Reads the variables of the DATASEC `.maps`."""

    __slots__ = (
        "_btf",
        "_by_name",
        "_data",
        "_definitions",
        "_elf",
        "_is_linked",
        "_records",
        "_section",
        "_types",
        "_variables",
        "extents",
    )

    def __init__(
        self,
        elf: ElfFile,
        types: BtfTypes,
        section: Section | None,
        symbols: Symbols,
        *,
        relax_compat: bool,
    ) -> None:
        self._elf = elf
        self._types = types
        self._btf = types.btf
        self._section = section
        self._data = memoryview(b"")
        if section is not None and section not in elf.cut_off:
            self._data = section.data
        self._by_name: dict[str, Symbol] = {} if section is None else symbols.by_name(section)
        self._variables = symbols.variables
        self._definitions = Definitions(types, relax_compat=relax_compat)
        self._records = _record_type_ids(types.btf)
        self._is_linked = False
        self.extents: list[tuple[int, int]] = []

    def entries(self, datasec_id: int) -> tuple[tuple[DatasecEntry, ...], list[str]]:
        """Return what BTF and symbols say about each variable, in the order of BTF.

        And what is wrong with the DATASEC: a variable that is listed twice is taken once, since 12
        bytes for another map are more than any object needs.
        """
        btf = self._btf
        listed = []
        wrong = []
        seen: set[int] = set()
        for var_id, offset, size in btf.variables(datasec_id):
            if var_id in seen:
                wrong.append(f"the DATASEC `.maps` lists variable {var_id} twice")
                continue
            seen.add(var_id)
            name = btf.name(var_id)
            symbol = self._symbol(name)
            listed.append(
                DatasecEntry(
                    var_id,
                    name,
                    offset,
                    size,
                    None if symbol is None else symbol.value,
                    None if symbol is None else symbol.size,
                )
            )
        return tuple(listed), wrong

    def _symbol(self, name: str) -> Symbol | None:
        """Return the symbol of a variable: the first global one, wherever it is, as for libbpf."""
        return self._variables.get(name) or self._by_name.get(name)

    def maps(self, entries: tuple[DatasecEntry, ...], *, is_linked: bool) -> list[ObjectMap]:
        """Return the maps in libbpf's order, extern ones last.

        libbpf sorts by the offsets of the DATASEC, where a linker has filled them in. (That of
        libbpf 1.1 leaves 0 for a map that was extern in its first object; symbols are right.)
        """
        self._is_linked = is_linked
        maps = [(self._start(entry), entry.size, self._map(entry)) for entry in entries]
        if self._section is None:  # extern ones are in no section, and others can't be without one
            maps = [placed for placed in maps if placed[2].is_extern]
        maps.sort(key=lambda placed: (placed[2].is_extern, placed[0]))
        self.extents = [(start, size) for start, size, _map in maps]
        return [read for _start, _size, read in maps]

    def _start(self, entry: DatasecEntry) -> int:
        """Return where libbpf takes the variable to be; of a symbol it takes the lower 32 bits."""
        if self._is_linked or entry.symbol_offset is None:
            return entry.offset
        if self._btf.kind(entry.var_id) == kinds.BTF_KIND_VAR and self._btf.linkage(
            entry.var_id
        ) in (kinds.BTF_VAR_STATIC, kinds.BTF_VAR_GLOBAL_EXTERN):
            return entry.offset
        return entry.symbol_offset & 0xFFFFFFFF

    def _map(self, entry: DatasecEntry) -> ObjectMap:
        variable = self._variable(entry)
        try:
            variable.error = self._read_variable(variable)
        except FormatError as error:
            variable.error = error.what
        record = variable.definition.record
        record_id = 0 if record is None else variable.definition.record_type_id
        if entry.name in self._records:
            record_id, record = self._records[entry.name], None
            with suppress(FormatError):  # no concern of libbpf's
                record = self._types.type(record_id)
        return ObjectMap(
            entry.name,
            ".maps",
            variable.linkage,
            variable.definition,
            variable.offset,
            variable.size,
            variable.data,
            record=record,
            record_type_id=record_id,
            var_id=entry.var_id,
            var_type_id=variable.type_id,
            error=variable.error,
            attributes=self._types.attributes(entry.var_id),
        )

    def _variable(self, entry: DatasecEntry) -> _Variable:
        """Return where the variable of *entry* is, of which nothing has been read yet."""
        offset = entry.offset if entry.symbol_offset is None else entry.symbol_offset
        # Symbols of assemblers may have no size; the DATASEC knows it then.
        size = entry.symbol_size or entry.size
        return _Variable(entry, offset, size, self._data[offset : offset + size])

    def _read_variable(self, variable: _Variable) -> str | None:
        """Fill in linkage and definition; return what libbpf refuses, in its own order."""
        btf = self._btf
        entry = variable.entry
        if btf.kind(entry.var_id) != kinds.BTF_KIND_VAR:
            return f"type {entry.var_id} is a {btf.kind_name(entry.var_id)}, not a variable"
        error = self._read_linkage(variable)
        variable.type_id = btf.target(entry.var_id)
        struct_id = btf.skip_modifiers(variable.type_id)
        if btf.kind(struct_id) != kinds.BTF_KIND_STRUCT:
            return error or (
                f"a map should be a struct of attributes, and this is a {btf.kind_name(struct_id)}"
            )
        if not entry.name:
            error = error or "the map has no name"
        if variable.linkage != EXTERN:
            if self._start(entry) + entry.size > self._section_size():
                error = error or "the map goes past the end of section `.maps`"
            if btf.size(struct_id) > entry.size:
                error = error or (
                    f"the definition has {btf.size(struct_id)} bytes, and the variable {entry.size}"
                )
        inside, path = self._unwrapped(struct_id)
        if path:
            error = error or (
                f"the definition is in `{'.'.join(path)}`, inside a struct of Rust (aya's "
                "`#[btf_map]` wrote it so), and libbpf takes that for an attribute"
            )
        parsed = self._definitions.of_struct(inside)
        variable.definition = parsed.definition
        if parsed.definition.style == INITIALIZER:
            variable.definition = initialized(parsed, variable.data, self._elf.byteorder)
        return error or parsed.error

    def _unwrapped(self, struct_id: int) -> tuple[int, list[str]]:
        """Return the struct that is all of *struct_id*, and the members that lead there.

        In Rust, a variable that changes is in an `UnsafeCell`, and a map in a struct that is named
        after its kind; aya's loader goes through them.
        """
        btf = self._btf
        path: list[str] = []
        inside = struct_id
        while len(path) < _DEEPEST_WRAPPER:
            if btf.vlen(inside) != 1:
                break
            members = btf.members(inside)
            if members[0][2]:
                break
            member = btf.skip_modifiers(members[0][1])
            if btf.kind(member) != kinds.BTF_KIND_STRUCT:
                break
            path.append(members[0][0])
            inside = member
        if not path or "type" not in self._definitions.of_struct(inside).definition.declared:
            return struct_id, []
        return inside, path

    def _section_size(self) -> int:
        return 0 if self._section is None else self._section.size

    def _read_linkage(self, variable: _Variable) -> str | None:
        """Fill in the linkage of *variable*; return what libbpf refuses about it."""
        symbol = self._symbol(variable.entry.name)
        linkage = self._btf.linkage(variable.entry.var_id)
        if linkage == kinds.BTF_VAR_GLOBAL_EXTERN:
            variable.linkage = EXTERN
            variable.offset, variable.size, variable.data = 0, 0, memoryview(b"")
            return "the map is extern: another object defines it, and the two must be linked first"
        if linkage == kinds.BTF_VAR_STATIC or (symbol and symbol.bind == STB_LOCAL):
            variable.linkage = STATIC
            return "the map is static; libbpf wants it global"
        if linkage != kinds.BTF_VAR_GLOBAL_ALLOCATED:
            return f"linkage {linkage} is not known"
        if symbol is None:
            return "the map has no symbol in section `.maps`"
        if symbol.bind == STB_WEAK:
            variable.linkage = WEAK
        if symbol.visibility in (STV_HIDDEN, STV_INTERNAL):
            return "the map has hidden visibility, which makes it static for libbpf"
        return None


class _Variable(MutableRecord):
    """A variable of `.maps` while it is read: what is known when its BTF turns out to be broken.

    The members are those of :class:`ObjectMap`; `type_id` is its `var_type_id`.
    """

    entry: DatasecEntry
    offset: int
    size: int
    data: memoryview
    linkage: str = GLOBAL
    definition: Definition = EMPTY
    type_id: int = 0
    error: str | None = None


def _record_type_ids(btf: Btf) -> dict[str, int]:
    """Return the record types by the name of their map.

    An anchor `static const T *bpfgen_record_<map>` names T; the `const` is the anchor's own.
    """
    record_ids: dict[str, int] = {}
    datasec_id = btf.datasec(anchors.SECTION)
    if datasec_id is None:
        return record_ids
    for var_id, _offset, _size in btf.variables(datasec_id):
        name = btf.name(var_id)
        if not name.startswith(anchors.RECORD_PREFIX) or btf.kind(var_id) != kinds.BTF_KIND_VAR:
            continue
        pointer = btf.skip_modifiers(btf.target(var_id))
        if btf.kind(pointer) != kinds.BTF_KIND_PTR:
            continue
        pointee = btf.target(pointer)
        if btf.kind(pointee) == kinds.BTF_KIND_CONST:
            pointee = btf.target(pointee)
        record_ids.setdefault(name.removeprefix(anchors.RECORD_PREFIX), pointee)
    return record_ids
