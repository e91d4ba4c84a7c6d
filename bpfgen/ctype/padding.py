"""Where a laid-out type has bytes that no member covers.

The rules about keys ask: the kernel compares and hashes all bytes of a key, those too that nobody
has set.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Array, Composite, underlying
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type


class Hole(Record):
    """Bits of a composite that belong to no member.

    Attributes:
        bit_offset: From the start of the composite.
        bit_size: How many bits; not always whole bytes after a bit-field.
        after: The member in front of it; None at the start and in a composite without members.
    """

    bit_offset: int
    bit_size: int
    after: Member | None


def holes(composite: Composite, *, unnamed: bool = True) -> Iterator[Hole]:
    """Yield the gaps between the members of *composite* in order, padding at its end included.

    An unnamed bit-field is a gap, since no assignment to members sets it and BTF doesn't mention
    it; with *unnamed* false it is none, since somebody put it there. A member of size 0 fills
    nothing. Of a union, only what is after its longest member is a gap. Gaps inside a member are
    that member's own, see :func:`first_hole`.
    """
    filled = 0
    after: Member | None = None
    is_union = composite.kind == "union"
    for member in composite.members:
        bit_size = member.bitfield_size
        if member.is_bitfield or bit_size:
            if member.name is None and unnamed:
                continue
        else:
            bit_size = 8 * (sizeof(member.type) or 0)
        if is_union:
            if after is None or bit_size > filled:
                filled, after = bit_size, member
            continue
        if member.bit_offset > filled:
            yield Hole(filled, member.bit_offset - filled, after)
        filled, after = member.bit_offset + bit_size, member
    if 8 * composite.size > filled:
        yield Hole(filled, 8 * composite.size - filled, after)


def first_hole(type: Type, *, unnamed: bool = True) -> tuple[Composite, Hole] | None:
    """Return the first padding in *type*, looking into members and array elements; None if none.

    Returned are the composite in which it is and the hole, whose offset counts from the start of
    that composite. A union has no padding if one of its members fills it all. With *unnamed* false,
    an unnamed bit-field is no padding.
    """
    root = _held(type)
    if root is None:
        return None
    # By identity: equality would look through each struct once for every one that holds it.
    padding: dict[int, tuple[Composite, Hole] | None] = {}
    pending = [root]
    while pending:
        composite = pending[-1]
        if id(composite) in padding:
            pending.pop()
            continue
        inner = [
            (member, held)
            for member in composite.members
            if (held := _held(member.type)) is not None
        ]
        unvisited = [held for _, held in inner if id(held) not in padding]
        if unvisited:
            pending.extend(unvisited)
            continue
        pending.pop()
        hole = next(holes(composite, unnamed=unnamed), None)
        if hole is not None:
            padding[id(composite)] = (composite, hole)
            continue
        holders = {id(member): padding[id(held)] for member, held in inner}
        if composite.kind == "union":
            whole = [m for m in composite.members if _fills(m, composite, unnamed=unnamed)]
            padded = [holders.get(id(member)) for member in whole]
            padding[id(composite)] = None if None in padded or not padded else padded[0]
        else:
            padding[id(composite)] = next(filter(None, holders.values()), None)
    return padding[id(root)]


def has_padding(type: Type) -> bool:
    """Return whether *type* holds bits that no member covers; see :func:`first_hole`."""
    return first_hole(type) is not None


def _fills(member: Member, composite: Composite, *, unnamed: bool) -> bool:
    """Return whether *member* of a union is as long as the union."""
    if member.is_bitfield or member.bitfield_size:
        return not (member.name is None and unnamed) and member.bitfield_size == 8 * composite.size
    return (sizeof(member.type) or 0) == composite.size


def _held(type: Type) -> Composite | None:
    """Return the composite of which values of *type* consist, or None."""
    type = underlying(type)
    while isinstance(type, Array):
        if type.length == 0:
            return None
        type = underlying(type.element)
    return type if isinstance(type, Composite) else None
