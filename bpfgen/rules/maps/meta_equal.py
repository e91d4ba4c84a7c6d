"""Whether the kernel takes one map for another in the slot of a map of maps, and where it doesn't.

What a slot holds must be like the definition that the map of maps was created with; the rules ask
it of a source's initial values, and `breaking` of the inner maps that an older source described.

Source: bpf_map_meta_equal of kernel/bpf/map_in_map.c, array_map_meta_equal of arraymap.c,
xsk_map_meta_equal of net/xdp/xskmap.c, btf_record_equal of kernel/bpf/syscall.c.
"""

from __future__ import annotations

from bpfgen.ctype.describe import described
from bpfgen.ctype.types import MODIFIERS, Composite, Named, Pointer, underlying
from bpfgen.kernel.made import hidden_flags
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kinds import ARRAY, XSKMAP
from bpfgen.kernel.special_fields import MAX_SPECIAL_FIELDS
from bpfgen.kernel.tags import CONTAINS
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.fields.uses import row_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.record import Uncompared
    from bpfgen.rules.fields.uses import FieldFinder, FieldUse
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.text.source import Span

_INNER_MAP = MAP_FLAGS["BPF_F_INNER_MAP"].value
_SIZES_SINCE: KernelVersion = (5, 10)
"""The first kernel that compares `max_entries` of some kinds only."""

KIND, FIELDS = "type", "fields"
"""What may be unequal beside attributes: the kind, and the special fields of the value."""


class RecordField(Record):
    """One special field of a value, as the kernel's record of the map has it (struct btf_field).

    Attributes:
        offset: In bits from the start of the value.
        row: Of SPECIAL_FIELDS.
        of: What it is of: the struct that a pointer points to, what a list or tree holds; or empty.
        span: Where it is declared.
    """

    offset: int
    row: str
    of: str = ""
    span: Uncompared[Span | None] = None


class Unequal(Record):
    """One thing in which a map isn't what a slot takes.

    Attributes:
        what: An attribute, :data:`KIND` or :data:`FIELDS`.
        offered: What the map has; None for a kind and for fields.
        wanted: What the slot's definition has; likewise.
    """

    what: str
    offered: int | None = None
    wanted: int | None = None


def unequal(
    offered: BpfAttr, wanted: BpfAttr, kernel: KernelVersion, finder: FieldFinder
) -> Iterator[Unequal]:
    """Yield where a map like *offered* isn't what a slot takes that was made with *wanted*.

    What a loader sets, or isn't known, is equal to everything. Of two of one kind the answer is the
    same the other way round.
    """
    if offered.kind != wanted.kind:
        yield Unequal(KIND)
    compared = ["key_size", "value_size", "map_flags"]
    flags = wanted.map_flags if offered.map_flags is not None else None
    if entries_count(wanted.kind, _INNER_MAP if flags is None else flags, kernel):
        compared.append("max_entries")
    # Some belong to the descriptor alone, and some the kernel sets by itself.
    unkept = hidden_flags(wanted.kind)
    for attribute in compared:
        theirs, ours = getattr(offered, attribute), getattr(wanted, attribute)
        if ours is None or theirs is None:
            continue
        differ = (ours ^ theirs) & ~unkept if attribute == "map_flags" else ours != theirs
        if differ:
            yield Unequal(attribute, theirs, ours)
    if special_fields(offered, finder) != special_fields(wanted, finder):
        yield Unequal(FIELDS)


def entries_count(kind: MapKind, flags: int, kernel: KernelVersion) -> bool:
    """Return whether `max_entries` of a stored map must be that of the inner definition.

    That one is of *kind* and has *flags*.
    """
    if kernel < _SIZES_SINCE or kind == XSKMAP:
        return True
    return kind == ARRAY and not flags & _INNER_MAP


def special_fields(attr: BpfAttr, finder: FieldFinder) -> tuple[RecordField, ...]:
    """Return the special fields that the kernel finds in a value of *attr*, by their offsets.

    There are none where it is given no types, or refuses them: libbpf makes the map without types
    then.
    """
    if not has_types(attr) or attr.shape.value is None or not attr.kind.special_fields:
        return ()
    value = underlying(attr.shape.value.type)
    if not isinstance(value, Composite):
        return ()
    found: list[RecordField] = []
    for use in finder.of(value).uses:
        row = row_name(use.name)
        if use.hidden:
            continue
        if row not in attr.kind.special_fields or use.count > MAX_SPECIAL_FIELDS:
            return ()
        found += (RecordField(at, row, _target(use), use.member.span) for at in use.offsets())
    if len(found) > MAX_SPECIAL_FIELDS:
        return ()
    return tuple(sorted(found, key=lambda field: field.offset))


def _target(use: FieldUse) -> str:
    """Return what a pointer, a list or a tree is of, by the name that the kernel looks for."""
    if isinstance(use.type, Pointer):
        pointee = use.type.pointee
        while isinstance(pointee, MODIFIERS):
            pointee = pointee.underlying
        return described(pointee) if isinstance(pointee, (Named, Composite)) else ""
    attributes = use.member.attributes
    tags = attributes.decl_tags if attributes is not None else ()
    contains = [tag.removeprefix(CONTAINS) for tag in tags if tag.startswith(CONTAINS)]
    return contains[0] if contains else ""


def has_types(attr: BpfAttr) -> bool:
    """Return whether libbpf gives the kernel types for a map like *attr*, and it takes them."""
    shape, kind = attr.shape, attr.kind
    if shape.value is None or attr.legacy or kind.btf not in ("optional", "required"):
        return False
    return shape.key is not None or kind.keyless


def has_struct_in_btf(attr: BpfAttr) -> bool:
    """Return whether the kernel is given a type of *attr*'s value that is a struct."""
    if attr.shape.value is None or not has_types(attr):
        return False
    value = underlying(attr.shape.value.type)
    return isinstance(value, Composite) and value.kind == "struct"
