"""What the definition struct of a map holds, in the modern style: its members, as values.

The C header spells them (:mod:`bpfgen.emit.c.map_definitions`), and :mod:`bpfgen.assemble` makes
types of them, so that both are the same definition.

Source: libbpf's bpf_helpers.h for the macros, parse_btf_map_def in libbpf.c for the members.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import alignof, sizeof
from bpfgen.ctype.types import Const, Int, without_const
from bpfgen.model.anchors import NUMBER_ELEMENTS
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from bpfgen.ctype.types import Type
    from bpfgen.model.maps import Attribute, Map, MapKind, Shape

_EARLY = ("max_entries", "map_flags", "map_extra", "numa_node", "pinning")
_SIZES = ("key_size", "value_size")

_MOST_INTS = 0xFFFFFFFF // 4
"""The largest number that is the length of an array of int which BTF can hold."""

_MOST_LENGTH = 0xFFFFFFFF
"""The largest number that is the length of any array in BTF."""

INTS = "ints"
"""A number is the length of an array of int that the member points to: libbpf's `__uint`."""

CHARS = "chars"
"""It is that of an array of char. libbpf reads the number of elements, whatever they are; Linux
refuses the types of an object with an array of more than 32 bits of bytes (btf_array_resolve)."""

ENUMERATOR = "enumerator"
"""It is the one value of an anonymous enum: what libbpf's `__ulong` comes to (1.4)."""

ENUMERATOR_PREFIX = "bpfgen_map_extra_"
"""Before the name of the definition, in the name of that value."""

LOADER = "loader"
"""It isn't there: a loader sets it."""


class KindMember(Record):
    """`type`: a pointer to an array of as many as the kind has for its number.

    Their type is *element*, that of the map's records; libbpf's int where it is None.
    """

    kind: MapKind
    element: Type | None


class NumberMember(Record):
    """An attribute that is a number, and its *form*: INTS, CHARS, ENUMERATOR or LOADER."""

    attribute: Attribute
    form: str


class TypeMember(Record):
    """`key` or `value`: a pointer to *type*."""

    name: str
    type: Type


class ValuesMember(Record):
    """`values`: a flexible array of pointers to *inner*; to functions where it is None."""

    inner: Shape | None


if TYPE_CHECKING:
    DefinitionMember: TypeAlias = KindMember | NumberMember | TypeMember | ValuesMember


def inner_name(name: str) -> str:
    """Return the name of the inner definition in the one called *name*, a map's or template's."""
    return f"{name}_inner"


def has_room(map: Map) -> bool:
    """Return whether the definition of *map* has `values` for programs; maps always have theirs.

    Without slots it has none, which spares libbpf a map creation that the kernel refuses. The maps
    of a template share its struct, and may have slots in files that import it, too.
    """
    return bool(map.shape.template or map.slots or map.has_room)


def definition_members(shape: Shape, *, has_room: bool) -> Iterator[DefinitionMember]:
    """Yield the members of the definition of *shape*, in order.

    With *has_room* a prog_array has `values`.
    """
    yield KindMember(shape.kind, record_element(shape))
    arguments = (("key", shape.key), ("value", shape.value))
    # libbpf takes a size after a type of 0 bytes (`int[0]`), and not before it.
    late = tuple(f"{role}_size" for role, argument in arguments if argument is not None)
    attributes = shape.attributes
    for name in _EARLY + _SIZES:
        if name in attributes and name not in late:
            yield _number(attributes[name])
    for role, argument in arguments:
        if argument is not None:
            yield TypeMember(role, argument.type)
    for name in late:
        if name in attributes:
            yield _number(attributes[name])
    if shape.inner is not None or (shape.kind.of_programs and has_room):
        yield ValuesMember(shape.inner)


def _number(attribute: Attribute) -> NumberMember:
    value = attribute.value
    if value is None:
        form = LOADER
    elif value <= _MOST_INTS:
        form = INTS
    elif attribute.name == "map_extra" and value > _MOST_LENGTH:
        form = ENUMERATOR  # older libbpfs lack `__ulong`; `__uint` would keep 32 bits of the value
    else:
        form = CHARS
    return NumberMember(attribute, form)


def record_element(shape: Shape) -> Type | None:
    """Return what `type` of the definition *shape* points to an array of, to name its records.

    `struct event (*type)[BPF_MAP_TYPE_RINGBUF]` is `__uint(type, …)` with another element. No
    loader looks at it: the length is what counts (get_map_field_int in libbpf, uintFromBTF in
    cilium/ebpf, get_map_field in aya), and every clang keeps the element whole. Records that are an
    `int` or `char`, which other attributes have arrays of, are const, to be told from no records.

    None says that libbpf's int will do: there are no records, or too large ones (the kernel refuses
    the types of the object where an array has more than 4 GiB, btf_array_resolve), or C has no
    array of them.
    """
    if shape.record is None:
        return None
    bare = without_const(shape.record.type)
    size = sizeof(bare) or 0
    if size * shape.kind.number >> 32 or size % alignof(bare):
        return None
    return Const(bare) if isinstance(bare, Int) and bare.name in NUMBER_ELEMENTS else bare
