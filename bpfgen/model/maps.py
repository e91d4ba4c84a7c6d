"""Maps: what a map declaration comes to; the table of kinds is :mod:`bpfgen.kernel.map_kinds`.

A map's attributes stay apart as *declared* (written in the source), *filled in* (the kernel leaves
no choice, so bpfgen wrote it) and *absent* (not there). An absent `max_entries`, `max_entries = 0`
and `[runtime]` are three things: no entry in `attributes`, an entry of value 0, an entry whose
expression is None.
"""

from __future__ import annotations

from bpfgen.kernel.map_kind import ATTRIBUTES, MapKind
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.ctype.types import Expression, Type
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span

__all__ = [
    "ATTRIBUTES",
    "DECLARED",
    "FILLED_IN",
    "MAP_KINDS",
    "PINNING",
    "RUNTIME_ATTRIBUTES",
    "Attribute",
    "Map",
    "MapKind",
    "Shape",
    "Slot",
    "Template",
    "TypeArgument",
]

DECLARED = "declared"
FILLED_IN = "filled in"

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


class TypeArgument(Record):
    """A type given to a map as key, value or record; *span* is where."""

    type: Type
    span: Uncompared[Span | None] = None


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
    span: Uncompared[Span | None] = None


class Slot(Record):
    """An initial value of a map-in-map or prog_array: *name* is a map's or program's name."""

    index: int
    name: str
    expression: Expression | None = None
    span: Uncompared[Span | None] = None


class Shape(Record):
    """What a map is, apart from its name: the definition struct.

    Attributes:
        kind: The row of the table.
        key: None where there is none.
        value: None where there is none; where the values are maps, that of their ids, if written.
        attributes: `key_size`, `value_size`, `max_entries`, `map_flags`, `numa_node`, `map_extra`,
            `pinning`, as far as they are there; in the order of the source, filled-in ones last.
        inner: For a map-in-map: the definition of the maps in it, or None for a bare one.
        inner_template: The name of the template that *inner* was given by, or empty.
        record: The type of the records of a ringbuf or perf_event_array.
        template: The name of the template that this shape is exactly, or empty; such maps share
            the template's struct.
        is_layout_known: Not so of a running map whose types aren't all known: sizes stand for what
            has a type, and the fingerprint would be another map's.
        span: Where its kind stands, or the template that it adds to.
        whole: All of it, from there to the closing brace; None where no source has it.
    """

    kind: MapKind
    key: TypeArgument | None
    value: TypeArgument | None
    attributes: dict[str, Attribute]
    inner: Shape | None = None
    inner_template: str = ""
    record: TypeArgument | None = None
    template: str = ""
    span: Uncompared[Span | None] = None
    is_layout_known: Uncompared[bool] = True
    whole: Uncompared[Span | None] = None


class Template(Record):
    """`template NAME: shape;` — a named shape, in C a named struct."""

    name: str
    shape: Shape
    doc: str = ""
    span: Uncompared[Span | None] = None


class Map(Record):
    """One declared map.

    Attributes:
        linkage: `global`, `weak` or `extern`.
        legacy: A `struct bpf_map_def` in section `maps`.
        slots: The initial values, in the order of the source.
        span: Where its name stands.
        has_room: It has initial values, if only `= {}`: a prog_array with `values`, none filled.
        decl_tags: The strings of `btf_decl_tag` at the variable, in the order of the source.
    """

    name: str
    shape: Shape
    linkage: str = "global"
    legacy: bool = False
    slots: tuple[Slot, ...] = ()
    doc: str = ""
    span: Uncompared[Span | None] = None
    has_room: bool = False
    decl_tags: tuple[str, ...] = ()

    @property
    def section(self) -> str:
        """The ELF section that holds it."""
        return "maps" if self.legacy else ".maps"
