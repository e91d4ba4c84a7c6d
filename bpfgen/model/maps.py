"""Maps: the table of map kinds (one row a kind) and what a map declaration comes to.

A map's attributes stay apart as *declared* (written in the source), *filled in* (the kernel leaves
no choice, so bpfgen wrote it) and *absent* (not there). An absent `max_entries`, `max_entries = 0`
and `[runtime]` are three things: no entry in `attributes`, an entry of value 0, an entry whose
expression is None.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.model.kernel import KernelVersion
    from bpfgen.model.types import Expression, Type
    from bpfgen.source import Span

DECLARED = "declared"
FILLED_IN = "filled in"

ATTRIBUTES = (
    "type",
    "key",
    "key_size",
    "value",
    "value_size",
    "max_entries",
    "map_flags",
    "numa_node",
    "map_extra",
    "pinning",
    "values",
)
"""Every member that libbpf's parse_btf_map_def understands, by libbpf's names."""

RUNTIME_ATTRIBUTES = (
    "key_size",
    "value_size",
    "max_entries",
    "map_flags",
    "map_extra",
    "numa_node",
)
"""Those that a loader may set between open and load (bpf_map__set_max_entries and friends)."""

PINNING = {"none": 0, "by_name": 1}
"""The values of `pinning`: enum libbpf_pin_type."""


class MapKind(Record):
    """One row of :data:`MAP_KINDS`.

    Attributes:
        name: libbpf's name, as `bpftool map help` prints it.
        number: The value of `constant` in enum bpf_map_type (include/uapi/linux/bpf.h).
        since: The first kernel that has it.
        required_flags: Names of the flags without which the kernel refuses it; filled in.
        key_size: Bytes that the kernel insists on and bpfgen fills in, or None.
        value_size: The same for the value.
        of_maps: The values are maps.
        of_programs: The values are programs, so that it may be initialised with some.
        has_record: `<T>` names the type of the records, not of a value.
        keyless: There is no key, so `<T>` is the type of the values (or of the records).
    """

    name: str
    number: int
    since: KernelVersion
    required_flags: tuple[str, ...] = ()
    key_size: int | None = None
    value_size: int | None = None
    of_maps: bool = False
    of_programs: bool = False
    has_record: bool = False
    keyless: bool = False

    @property
    def constant(self) -> str:
        """The enumerator of enum bpf_map_type."""
        return f"BPF_MAP_TYPE_{self.name.upper()}"


_PREALLOC = ("BPF_F_NO_PREALLOC",)

MAP_KINDS: dict[str, MapKind] = {
    kind.name: kind
    for kind in (
        MapKind("hash", 1, (3, 19)),
        MapKind("array", 2, (3, 19)),
        MapKind("prog_array", 3, (4, 2), key_size=4, value_size=4, of_programs=True),
        MapKind("perf_event_array", 4, (4, 3), key_size=4, value_size=4, has_record=True),
        MapKind("percpu_hash", 5, (4, 6)),
        MapKind("percpu_array", 6, (4, 6)),
        MapKind("stack_trace", 7, (4, 6)),
        MapKind("cgroup_array", 8, (4, 8), key_size=4, value_size=4),
        MapKind("lru_hash", 9, (4, 10)),
        MapKind("lru_percpu_hash", 10, (4, 10)),
        MapKind("lpm_trie", 11, (4, 11), required_flags=_PREALLOC),
        MapKind("array_of_maps", 12, (4, 12), key_size=4, value_size=4, of_maps=True),
        MapKind("hash_of_maps", 13, (4, 12), value_size=4, of_maps=True),
        MapKind("devmap", 14, (4, 14)),
        MapKind("sockmap", 15, (4, 14)),
        MapKind("cpumap", 16, (4, 15)),
        MapKind("xskmap", 17, (4, 18), key_size=4, value_size=4),
        MapKind("sockhash", 18, (4, 18)),
        MapKind("cgroup_storage", 19, (4, 19)),
        MapKind("reuseport_sockarray", 20, (4, 19)),
        MapKind("percpu_cgroup_storage", 21, (4, 20)),
        MapKind("queue", 22, (4, 20), keyless=True),
        MapKind("stack", 23, (4, 20), keyless=True),
        MapKind("sk_storage", 24, (5, 2), required_flags=_PREALLOC),
        MapKind("devmap_hash", 25, (5, 4)),
        MapKind("struct_ops", 26, (5, 6)),
        MapKind("ringbuf", 27, (5, 8), has_record=True, keyless=True),
        MapKind("inode_storage", 28, (5, 10), required_flags=_PREALLOC),
        MapKind("task_storage", 29, (5, 11), required_flags=_PREALLOC),
        MapKind("bloom_filter", 30, (5, 16), keyless=True),
        MapKind("user_ringbuf", 31, (6, 1), has_record=True, keyless=True),
        MapKind("cgrp_storage", 32, (6, 2), required_flags=_PREALLOC),
        MapKind("arena", 33, (6, 9), required_flags=("BPF_F_MMAPABLE",)),
        MapKind("insn_array", 34, (6, 19)),
        MapKind("rhash", 35, (7, 2), required_flags=_PREALLOC),
    )
}
"""Every map kind of libbpf's list, by name, in the order of enum bpf_map_type."""


class TypeArgument(Record):
    """A type given to a map as key, value or record; *span* is where."""

    type: Type
    span: Span | None = None


class Attribute(Record):
    """The value of one attribute of a map.

    Attributes:
        name: One of :data:`ATTRIBUTES`.
        value: The number, or None for `runtime`: a loader sets it before load.
        expression: How the source wrote it; None for `runtime` and where it is filled in.
        origin: `declared` or `filled in`.
        reason: Why it is filled in, for a comment of the output.
    """

    name: str
    value: int | None
    expression: Expression | None = None
    origin: str = DECLARED
    reason: str = ""
    span: Span | None = None


class Slot(Record):
    """An initial value of a map-in-map or prog_array: *target* is a map's or program's name."""

    index: int
    target: str
    expression: Expression | None = None
    span: Span | None = None


class Shape(Record):
    """What a map is, apart from its name: the definition struct.

    Attributes:
        kind: The row of the table.
        key: None where there is none.
        value: None where there is none; never set where the values are maps.
        attributes: `key_size`, `value_size`, `max_entries`, `map_flags`, `numa_node`, `map_extra`,
            `pinning`, as far as they are there; in the order of the source, filled-in ones last.
        inner: For a map-in-map: the definition of the maps in it, or None for a bare one.
        inner_template: The name of the template that *inner* was given by, or empty.
        record: The type of the records of a ringbuf or perf_event_array.
        template: The name of the template that this shape is exactly, or empty; such maps share
            the template's struct.
    """

    kind: MapKind
    key: TypeArgument | None
    value: TypeArgument | None
    attributes: dict[str, Attribute]
    inner: Shape | None = None
    inner_template: str = ""
    record: TypeArgument | None = None
    template: str = ""
    span: Span | None = None


class Template(Record):
    """`template NAME: shape;` — a named shape, in C a named struct."""

    name: str
    shape: Shape
    doc: str = ""
    span: Span | None = None


class Map(Record):
    """One declared map.

    Attributes:
        linkage: `global`, `weak` or `extern`.
        legacy: A `struct bpf_map_def` in section `maps`.
        slots: The initial values, in the order of the source.
        span: Where its name stands.
    """

    name: str
    shape: Shape
    linkage: str = "global"
    legacy: bool = False
    slots: tuple[Slot, ...] = ()
    doc: str = ""
    span: Span | None = None

    @property
    def section(self) -> str:
        """The ELF section that holds it."""
        return "maps" if self.legacy else ".maps"
