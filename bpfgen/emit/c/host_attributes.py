"""The attributes with which a member is on every host where it is on the BPF target.

Comes before :mod:`bpfgen.emit.c.host_types`. Compilers differ in what `aligned` of an enum, of a
typedef or of a bit-field means for a bit-field, and in the alignment of `__int128`; with `packed`
and a number they agree.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import DEFAULT_ALIGNED, LAYERS, alignof, is_packed, requested_alignment
from bpfgen.ctype.types import INT, Array, Attributes, Enum, Expression, Int, Typedef
from bpfgen.emit.c.sides import WIDEST
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from bpfgen.ctype.types import Composite, Member, Type


def number(value: int) -> Expression:
    """Return the expression that is *value*."""
    return Expression((str(value),), value, INT)


def aligned_to(align: int) -> Attributes:
    """Return the attribute `aligned(align)`."""
    return Attributes(aligned=(number(align),))


def numbered(attributes: Attributes | None) -> Attributes | None:
    """Return *attributes* with the BPF target's number for an `aligned` that has none."""
    if attributes is None or None not in attributes.aligned:
        return attributes
    default = number(DEFAULT_ALIGNED)
    return replace(attributes, aligned=tuple([one or default for one in attributes.aligned]))


def member_attributes(
    member: Member, holder: Composite, attributes: Attributes | None
) -> Attributes | None:
    """Return *attributes* of *member* with its type's own alignment, where hosts differ."""
    type = _own_alignment(member.type)
    is_enum = isinstance(type, Enum) and _says_alignment(type)
    if is_packed(member, holder) or not (is_enum or _is_wide(type)):
        return attributes
    own = attributes or Attributes()
    # `packed` and `aligned` together set it, downwards too.
    return replace(own, packed=is_enum, aligned=(*own.aligned, number(alignof(type))))


def is_aligned_apart(type: Type) -> bool:
    """Return whether hosts may differ in what a member or bit-field of *type* is aligned to."""
    aligned = _own_alignment(type)
    return _is_wide(aligned) or _says_alignment(aligned)


def is_placed(member: Member, holder: Composite) -> bool:
    """Return whether *member* is a bit-field that `aligned` has a say in, its own or its type's.

    In gcc a type's hasn't, and after its own the bit-field may move on to the next unit.
    """
    if not member.is_bitfield or member.name is None or is_packed(member, holder):
        return False
    own = member.attributes
    return bool(own and own.aligned) or _says_alignment(_own_alignment(member.type))


def bitfield_attributes(
    member: Member, holder: Composite, attributes: Attributes | None, end: int
) -> Attributes | None:
    """Return *attributes* of the bit-field *member* such that it begins where it has to.

    A packed one begins at the bit *end*, or at a multiple of what it is aligned to.
    """
    if not is_placed(member, holder):
        return attributes
    own = attributes or Attributes()
    aligned = own.aligned
    unit = 8 * max(1, requested_alignment(own)) if aligned else 1
    if member.bit_offset != -(-end // unit) * unit:
        aligned = (*aligned, number(alignof(_own_alignment(member.type))))
    return replace(own, packed=True, aligned=aligned)


def _own_alignment(type: Type) -> Type:
    """Return what gives *type* its alignment: a typedef or an enum that says it, or the base."""
    while not isinstance(type, Int) and isinstance(type, LAYERS):
        if isinstance(type, Typedef) and type.align:
            break
        type = type.element if isinstance(type, Array) else type.underlying
    return type


def _is_wide(type: Type) -> bool:
    return isinstance(type, Int) and type.size > WIDEST


def _says_alignment(type: Type) -> bool:
    """Whether the enum or typedef *type* says what it is aligned to."""
    if isinstance(type, Enum):
        return type.attributes is not None and bool(type.attributes.aligned)
    return isinstance(type, Typedef)
