"""What an object is made of, as values: the result of :func:`bpfgen.object.read_object`."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Literal

    from bpfgen.btf.convert import BtfTypes
    from bpfgen.btf.decode import Btf
    from bpfgen.ctype.types import Attributes, Type
    from bpfgen.elf.read import ElfFile
    from bpfgen.model.maps import MapKind
    from bpfgen.object.running import RunningMap
    from bpfgen.record import Uncompared

MODERN = "modern"
INITIALIZER = "initializer"
LEGACY = "legacy"
RUNNING = "running"
"""The styles of a definition."""

GLOBAL = "global"
WEAK = "weak"
STATIC = "static"
EXTERN = "extern"
"""The linkages of a map."""


def _type(types: BtfTypes | None, type_id: int) -> Type | None:
    """Return a type, made when it is asked for: most readers of an object want its name alone."""
    return None if types is None else types.finite(type_id)


class Definition(Record):
    """The definition of a map: what its struct says.

    Attributes:
        style: `modern` (numbers in the types), `initializer` (numbers in the section's data) or
            `legacy` (struct bpf_map_def); `running` where nobody wrote it: what the kernel says.
        type: The number of the map type as written; None if it isn't there.
        kind: The row of MAP_KINDS, or None for a number it doesn't have.
        declared: The members' names as written, in order.
        numbers: Every integer attribute written: `type`, `key_size`, `value_size`, `max_entries`,
            `map_flags`, `numa_node`, `map_extra`, `pinning`. A number written twice is the last.
        key_size: In bytes, as libbpf has it after open: from `key_size` or the size of `key`.
        value_size: Likewise; 4 for a map-in-map or prog_array with `values`.
        key_type_id: BTF id of what `key` points to, 0 if there is none.
        value_type_id: Of what `value` points to, likewise.
        values: `maps` or `programs` where there is a `values` member, else empty.
        values_offset: Of the `values` member, in bytes; -1 if there is none.
        inner: The definition of the maps held, where `values` gives one.
        struct_id: BTF id of the struct; 0 in a legacy map without BTF.
        struct_name: Its tag; empty if anonymous.
        record_type_id: BTF id of what `type` points to an array of, where that isn't the int of
            libbpf's `__uint`: the type of the records; 0 otherwise.
        types: What the ids are of; None without BTF.
    """

    style: str
    type: int | None
    kind: MapKind | None
    declared: tuple[str, ...]
    numbers: dict[str, int]
    key_size: int
    value_size: int
    key_type_id: int = 0
    value_type_id: int = 0
    values: str = ""
    values_offset: int = -1
    inner: Definition | None = None
    struct_id: int = 0
    struct_name: str = ""
    record_type_id: Uncompared[int] = 0
    types: Uncompared[BtfTypes | None] = None

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, of whatever objects they are."""
        if not isinstance(other, Definition):
            return NotImplemented
        members = (*self._compared, "key", "value", "record")
        return all(getattr(self, name) == getattr(other, name) for name in members)

    __hash__ = Record.__hash__

    @property
    def key(self) -> Type | None:
        """What `key` points to; None if there is none, or none that is a finite C type."""
        return _type(self.types, self.key_type_id)

    @property
    def value(self) -> Type | None:
        """What `value` points to, likewise."""
        return _type(self.types, self.value_type_id)

    @property
    def record(self) -> Type | None:
        """What the records are, of a kind that has some, where the definition says so."""
        if self.kind is None or not self.kind.has_record:
            return None
        return _type(self.types, self.record_type_id)

    @property
    def max_entries(self) -> int:
        """0 where the definition is silent."""
        return self.numbers.get("max_entries", 0)

    @property
    def map_flags(self) -> int:
        """0 where the definition is silent."""
        return self.numbers.get("map_flags", 0)

    @property
    def numa_node(self) -> int:
        """0 where the definition is silent."""
        return self.numbers.get("numa_node", 0)

    @property
    def map_extra(self) -> int:
        """Up to 64 bits; 0 where the definition is silent."""
        return self.numbers.get("map_extra", 0)

    @property
    def pinning(self) -> int:
        """0 (LIBBPF_PIN_NONE) where the definition is silent."""
        return self.numbers.get("pinning", 0)


class ObjectMap(Record):
    """One map of an object.

    Attributes:
        section: `.maps` or `maps`.
        linkage: `global`, `weak`, `static` or `extern`.
        definition: What it is.
        slots: The initial values: (index, name of the map or program), by index.
        record: The type of the records of a ringbuf or perf_event_array, where the definition
            names it, or an anchor variable `bpfgen_record_<map>`; else None.
        record_type_id: Its BTF id, 0 if there is none.
        offset: In the section, in bytes; that of the symbol, or of the DATASEC if there is none.
        size: Of the variable, in bytes; 0 for an extern map.
        data: The bytes of the variable, not copied.
        var_id: BTF id of the VAR, 0 in a legacy map without BTF.
        var_type_id: BTF id of the variable's type, typedefs and qualifiers and all.
        attributes: The declaration tags of the variable, or None; clang keeps none of extern maps.
        error: Why libbpf (1.0 and later) would refuse this map, or None. Maps of `initializer` and
            `legacy` style and extern ones it always refuses: they need a linker or an older libbpf.
    """

    name: str
    section: str
    linkage: str
    definition: Definition
    offset: int
    size: int
    data: memoryview
    slots: tuple[tuple[int, str], ...] = ()
    record: Type | None = None
    record_type_id: int = 0
    var_id: int = 0
    var_type_id: int = 0
    error: str | None = None
    attributes: Attributes | None = None

    @property
    def decl_tags(self) -> tuple[str, ...]:
        """The strings of `btf_decl_tag` at the variable."""
        return () if self.attributes is None else self.attributes.decl_tags

    @property
    def is_extern(self) -> bool:
        """Whether another object defines it."""
        return self.linkage == EXTERN


class DatasecEntry(Record):
    """What BTF and the symbol table say about one variable of `.maps`.

    Attributes:
        var_id: BTF id of the VAR.
        offset: As in the DATASEC; 0 in an object that was never linked.
        size: As in the DATASEC.
        symbol_offset: The symbol's value, or None without a symbol of the section.
        symbol_size: The symbol's size, or None.
    """

    var_id: int
    name: str
    offset: int
    size: int
    symbol_offset: int | None
    symbol_size: int | None


class Extern(Record):
    """A symbol that another object, or the kernel, defines.

    Attributes:
        section: The section that BTF gives it (`.ksyms`, `.kconfig`, `.maps`), or empty.
        type_id: BTF id of its VAR or FUNC, 0 if there is none.
    """

    name: str
    section: str
    type_id: int
    weak: bool


class InternalMap(Record):
    """A section that libbpf turns into a map of its own: an array of one value.

    Attributes:
        section: `.data`, `.rodata`, `.bss`, one of their like (`.data.x`), or `.kconfig`.
        size: Of the value, in bytes.
        map_flags: BPF_F_RDONLY_PROG and BPF_F_MMAPABLE, as libbpf sets them (1.1 and later; before,
            every such map was mappable).
    """

    section: str
    size: int
    map_flags: int = 0


class StructOpsMap(Record):
    """A variable of a struct_ops section: libbpf makes a map of it, of kind `struct_ops`.

    Attributes:
        type_name: The tag of its struct, which the kernel knows by that name.
        size: Of the struct, in bytes.
        map_flags: BPF_F_LINK in `.struct_ops.link`, else 0.
        autocreate: Whether libbpf creates it unasked; not in a section that begins with `?`.
    """

    name: str
    section: str
    type_name: str
    size: int
    map_flags: int
    autocreate: bool


WINDOWS_SECTION = ".ebpf_for_windows"
"""What every object for eBPF for Windows has (its bpf_helpers.h)."""


class ObjectFile(Record):
    """A BPF object, read.

    Attributes:
        byteorder: `little` or `big`.
        machine: EM_*; EM_BPF (247) in what clang and gcc write.
        types: The types of its BTF, or None.
        maps: Those of `.maps` by offset, then extern ones, then those of `maps` by offset.
        error: The first reason why libbpf 1.0 and later would refuse the object, or None.
        externs: The undefined symbols.
        datasec_entries: Of `.maps`, in the order of BTF.
        datasec_size: Of the DATASEC `.maps`, as BTF says; 0 in an object that was never linked.
        internal_maps: `.data`, `.rodata`, `.bss` and their like, and `.kconfig`.
        elf: The file itself; None of running maps, which are in no file.
        struct_ops: The maps of struct_ops sections.
        running: The running maps that stand for an object: those of *maps*, then those of
            *internal_maps* and *struct_ops*; empty where there is a file.
    """

    byteorder: Literal["little", "big"]
    machine: int
    types: BtfTypes | None
    maps: tuple[ObjectMap, ...]
    error: str | None
    externs: tuple[Extern, ...]
    datasec_entries: tuple[DatasecEntry, ...]
    datasec_size: int
    internal_maps: tuple[InternalMap, ...]
    elf: ElfFile | None
    struct_ops: tuple[StructOpsMap, ...] = ()
    running: tuple[RunningMap, ...] = ()

    @property
    def file(self) -> ElfFile:
        """The file itself, for whoever looks at sections.

        Raises:
            ValueError: It is a running map, which has none.
        """
        if self.elf is None:
            raise ValueError("a running map has no sections")
        return self.elf

    @property
    def btf(self) -> Btf | None:
        """The BTF itself, by ids, or None."""
        return None if self.types is None else self.types.btf

    @property
    def is_windows(self) -> bool:
        """Whether it is for eBPF for Windows, where the same numbers are other kinds of maps."""
        return self.elf is not None and self.elf.section_named(WINDOWS_SECTION) is not None

    def map_named(self, name: str) -> ObjectMap | None:
        """Return the first map called *name*, or None."""
        return next((one for one in self.maps if one.name == name), None)
