"""Where a laid-out type has bits that no member covers.

The rules about keys and values ask: the kernel compares and hashes all bytes of a key, and user
space reads all bytes of a value, those too that nobody has set.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import WRAPPERS, Array, Composite, underlying
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type


class Hole(Record):
    """Bits of a composite that belong to no member with a name.

    Attributes:
        bit_offset: From the start of the composite.
        bit_size: How many bits; not always whole bytes after a bit-field.
        after: The member in front of it; None at the start and in a composite without members.
        unnamed: The unnamed bit-fields that stand in it, in order.
    """

    bit_offset: int
    bit_size: int
    after: Member | None
    unnamed: tuple[Member, ...] = ()


class Padding(Record):
    """The holes of one composite, in order; never none."""

    composite: Composite
    holes: tuple[Hole, ...]


def holes(composite: Composite) -> Iterator[Hole]:
    """Yield the gaps between the members of *composite* in order, padding at its end included.

    An unnamed bit-field is a gap, since no assignment to members sets it and BTF doesn't mention
    it. A member of size 0 fills nothing. Of a union, only what is after its longest member is a
    gap. Gaps inside a member are that member's own, see :func:`paddings`.
    """
    filled = 0
    after: Member | None = None
    unnamed: list[Member] = []
    is_union = composite.kind == "union"
    for member in composite.members:
        bit_size = member.bitfield_size
        if member.is_bitfield or bit_size:
            if member.name is None:
                unnamed.append(member)
                continue
        else:
            bit_size = 8 * (sizeof(member.type) or 0)
        if is_union:
            if after is None or bit_size > filled:
                filled, after = bit_size, member
            continue
        if member.bit_offset > filled:
            yield Hole(filled, member.bit_offset - filled, after, tuple(unnamed))
        filled, after = member.bit_offset + bit_size, member
        unnamed = []
    if 8 * composite.size > filled:
        yield Hole(filled, 8 * composite.size - filled, after, tuple(unnamed))


def paddings(type: Type, known: dict[int, bool] | None = None) -> Iterator[Padding]:
    """Yield each composite with padding that values of *type* consist of, the outermost first.

    A union has no padding if one of its members fills it all, without padding of its own. Who asks
    about many types gives a dict *known*, empty at first, and keeps the types alive.
    """
    padded = {} if known is None else known
    root = _held(type)
    if root is None or not _is_padded(root, padded):
        return
    pending, seen = [root], set[int]()  # by identity
    while pending:
        composite = pending.pop()
        if id(composite) in seen:
            continue
        seen.add(id(composite))
        own = tuple(holes(composite))
        if own:
            yield Padding(composite, own)
            if composite.kind == "union":
                continue
        inner = [
            held
            for member in composite.members
            if composite.kind == "struct" or _fills(member, composite)
            if (held := _held(member.type)) is not None and _is_padded(held, padded)
        ]
        pending += inner[:1] if composite.kind == "union" else reversed(inner)


def has_padding(type: Type) -> bool:
    """Return whether *type* holds bits that no member covers; see :func:`paddings`."""
    root = _held(type)
    return root is not None and _is_padded(root, {})


def _is_padded(root: Composite, padded: dict[int, bool]) -> bool:
    """Return whether *root* has padding, at any depth; what is found out is entered in *padded*."""
    # By identity: equality would look through each struct once for every one that holds it.
    pending = [root]
    while pending:
        composite = pending[-1]
        if id(composite) in padded:
            pending.pop()
            continue
        if next(holes(composite), None) is not None:
            pending.pop()
            padded[id(composite)] = True
            continue
        inner = [
            (member, held)
            for member in composite.members
            if (held := _held(member.type)) is not None
        ]
        unvisited = [held for _, held in inner if id(held) not in padded]
        if unvisited:
            pending.extend(unvisited)
            continue
        pending.pop()
        within = {id(member): padded[id(held)] for member, held in inner}
        if composite.kind == "union":
            whole = [member for member in composite.members if _fills(member, composite)]
            padded[id(composite)] = bool(whole) and all(within.get(id(m), False) for m in whole)
        else:
            padded[id(composite)] = any(within.values())
    return padded[id(root)]


def _fills(member: Member, composite: Composite) -> bool:
    """Return whether *member* of a union is as long as the union."""
    if member.is_bitfield or member.bitfield_size:
        return member.name is not None and member.bitfield_size == 8 * composite.size
    return (sizeof(member.type) or 0) == composite.size


def _held(type: Type) -> Composite | None:
    """Return the composite of which values of *type* consist, or None."""
    while True:
        if isinstance(type, Array):
            if type.length == 0:
                return None
            type = type.element
        elif isinstance(type, WRAPPERS):
            type = type.underlying
        else:
            return type if isinstance(type, Composite) else None


def fillers(composite: Composite, hole: Hole, names: Iterator[str]) -> list[str]:
    """Return the members to write in *hole*, without semicolons, instead of what is unnamed there.

    They cover it bit by bit and move no other member: pieces of a byte, whole bytes between them.
    Each takes the next one of *names*. In a union it is one member that fills it all.
    """
    if composite.kind == "union":
        return [f"__u8 {next(names)}[{composite.size}]"]
    start, end = hole.bit_offset, hole.bit_offset + hole.bit_size
    declarations = []
    first = min(-start % 8, end - start)
    if first:
        declarations.append(f"__u8 {next(names)} : {first}")
        start += first
    size = (end - start) // 8
    if size:
        aligned = size in (1, 2, 4) and size <= (composite.align or 1) and start % (8 * size) == 0
        name = next(names)
        declarations.append(f"__u{8 * size} {name}" if aligned else f"__u8 {name}[{size}]")
        start += 8 * size
    if start < end:
        declarations.append(f"__u8 {next(names)} : {end - start}")
    return declarations


def free_names(composite: Composite) -> Iterator[str]:
    """Yield names for members of padding that *composite* hasn't yet: `pad`, `pad2` and so on."""
    taken = _names(composite)
    number = 1
    while True:
        name = "pad" if number == 1 else f"pad{number}"
        if name not in taken:
            yield name
        number += 1


def _names(composite: Composite) -> set[str]:
    """Return the names of *composite*'s members, those of its anonymous structs among them."""
    names: set[str] = set()
    pending = [composite]
    while pending:
        for member in pending.pop().members:
            if member.name is not None:
                names.add(member.name)
            elif isinstance(inner := underlying(member.type), Composite):
                pending.append(inner)
    return names
