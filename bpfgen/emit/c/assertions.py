"""Static assertions: what every compiler must agree with, for types and numbers that are computed.

Comes after the bodies of types, which these follow in a header. The size of a struct without holes
tells where its members are: none can be further on than where it has to be, and if one were, the
end would be. Where there are holes, each member's place is asserted, too, and where a member may
have another size on a host, that.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import LAYERS, innermost, sizeof
from bpfgen.ctype.types import (
    MODIFIERS,
    POINTER_SIZE,
    Array,
    Composite,
    Enum,
    Int,
    Pointer,
    Typedef,
)
from bpfgen.emit.c import literals
from bpfgen.emit.c.declarators import head_of
from bpfgen.emit.c.expressions import is_plain
from bpfgen.emit.c.sides import CPLUSPLUS, PROGRAM, is_followed
from bpfgen.emit.c.type_bodies import defined_by, defined_type, nameless
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Attributes, Member, Type
    from bpfgen.emit.c.declarators import Body
    from bpfgen.emit.c.type_bodies import Known
    from bpfgen.model.model import TypeDeclaration

DISAGREES = "the compiler disagrees with bpfgen"
"""What every static assertion says when it fails."""

NATURAL_ALIGNMENT = 8
"""Alignments beyond this are asserted, and every place there; up to it the size tells."""

_LONGS = frozenset({"long", "unsigned long"})
"""The integers that have another size on 32-bit hosts."""


def assertion(condition: str, subject: str) -> str:
    """Return the line that stops the compiler where *condition* doesn't hold."""
    return f'_Static_assert({condition}, "{subject}: {DISAGREES}");\n'


class Assertions:
    """Writes the assertions of one header.

    Attributes:
        known: The types that are defined inside others, by kind and name.
    """

    __slots__ = ("_fixed", "_shrinking", "known")

    def __init__(self, known: Known) -> None:
        self.known = known
        # By identity: the bits of a type that is the same on all hosts, or -1.
        self._fixed: dict[int, int] = {}
        # Likewise: whether a type may have fewer bytes there, in a BPF program and in user space.
        self._shrinking: tuple[dict[int, bool], dict[int, bool]] = ({}, {})

    def of(self, declaration: TypeDeclaration, side: str = PROGRAM) -> str:
        """Return the assertions about every type that *declaration* defines, nested ones first.

        The *side* is one of those in :mod:`bpfgen.emit.c.sides`. In C++ an empty type has a byte,
        and nothing is said of it.
        """
        defines = defined_type(declaration)
        lines: list[str] = []
        if defines is not None:
            self._nested(defines, lines, side)
            name = head_of(defines) if defines.tag else ""
            if not name:
                name = next((t.name for t in declaration.typedefs if t.underlying == defines), "")
            self._type(defines, name, lines, side)
        lines.extend(
            assertion(f"_Alignof({typedef.name}) == {typedef.align}", typedef.name)
            for typedef in declaration.typedefs
            if typedef.align
        )
        return "".join(lines)

    def _nested(self, type: Body, lines: list[str], side: str) -> None:
        if isinstance(type, Enum):
            return
        previous: Body | None = None
        for member in type.members:
            inner = defined_by(member, self.known)
            if inner is None or inner is previous:
                continue
            previous = inner
            self._nested(inner, lines, side)
            self._type(inner, head_of(inner) if inner.tag else "", lines, side)

    def _type(self, type: Body, name: str, lines: list[str], side: str) -> None:
        if isinstance(type, Enum):
            if name and type.size != 4:
                lines.append(assertion(f"sizeof({name}) == {type.size}", name))
            for enumerator in type.enumerators:
                if not is_plain(enumerator.expression):
                    number = literals.number(enumerator.value)
                    lines.append(assertion(f"{enumerator.name} == {number}", enumerator.name))
            return
        if not name or (side == CPLUSPLUS and not type.size):
            return
        lines.append(assertion(f"sizeof({name}) == {type.size}", name))
        if self._is_plain(type):
            return
        moved = _moves(type.attributes) or any(map(_is_moved, type.members))
        if type.align and (moved or type.align > NATURAL_ALIGNMENT):
            lines.append(assertion(f"_Alignof({name}) == {type.align}", name))
        is_told = not moved and type.align <= NATURAL_ALIGNMENT and _size_tells(type)
        for prefix, offset, member in _places(type, "", 0):
            if member.name is None:
                continue
            path = f"{prefix}{member.name}"
            if not is_told:
                lines.append(assertion(f"__builtin_offsetof({name}, {path}) == {offset}", name))
            if self._may_shrink(member.type, side):
                size = f"sizeof((({name} *)0)->{_inside(member, path)}) == {POINTER_SIZE}"
                lines.append(assertion(size, name))

    def _may_shrink(self, type: Type, side: str) -> bool:
        shrinking = self._shrinking[side != PROGRAM]
        shrinks = shrinking.get(id(type))
        if shrinks is None:
            shrinks = shrinking[id(type)] = _may_shrink(type, side)
        return shrinks

    def _is_plain(self, composite: Composite) -> bool:
        """Whether *composite* is a struct whose size surely tells all: what most are."""
        if composite.kind != "struct" or composite.attributes is not None:
            return False
        end = 0
        for member in composite.members:
            if member.bit_offset != end or member.is_bitfield or member.attributes is not None:
                return False
            bits = self._fixed.get(id(member.type))
            if bits is None:
                bits = self._fixed[id(member.type)] = _fixed_bits(member.type)
            if bits < 0:
                return False
            end += bits
        return end == 8 * composite.size and composite.align <= NATURAL_ALIGNMENT


def _fixed_bits(type: Type) -> int:
    """Return the bits of *type*, if it has a name and they are the same everywhere; else -1."""
    element = innermost(type)
    if isinstance(element, Int):
        is_fixed = element.name not in _LONGS
    else:
        is_fixed = isinstance(element, (Composite, Enum)) and element.tag is not None
    return 8 * (sizeof(type) or 0) if is_fixed else -1


def _moves(attributes: Attributes | None) -> bool:
    return attributes is not None and (attributes.packed or bool(attributes.aligned))


def _is_moved(member: Member) -> bool:
    """Whether attributes have a say in where *member* is."""
    if member.is_bitfield and isinstance(member.type, Enum):
        return _moves(member.attributes) or _moves(member.type.attributes)
    return _moves(member.attributes)


def _size_tells(composite: Composite) -> bool:
    """Whether members of *composite* can be nowhere else, if it has the size that it should have.

    That of a nameless type in it is a part of its own.
    """
    end = 0
    for member in composite.members:
        if composite.kind == "struct" and member.bit_offset != end:
            return False
        if member.is_bitfield:
            end = member.bit_offset + member.bitfield_size
            continue
        inner = innermost(member.type)
        if isinstance(inner, Composite) and inner.tag is None and not _size_tells(inner):
            return False
        end = member.bit_offset + 8 * (sizeof(member.type) or 0)
    return composite.kind == "union" or end == 8 * composite.size


def _may_shrink(type: Type, side: str) -> bool:
    """Whether *type*, or an array of it, has fewer bytes on a host with 32 bits."""
    inner = innermost(type)
    if isinstance(inner, Pointer):
        # One that is written here is one that user space follows: any other is a number there.
        return is_followed(inner) or (side != PROGRAM and _is_written(type))
    return isinstance(inner, Int) and inner.name in _LONGS


def _is_written(type: Type) -> bool:
    """Whether no typedef has a part in *type*."""
    while isinstance(type, (Array, *MODIFIERS)):
        type = type.element if isinstance(type, Array) else type.underlying
    return not isinstance(type, Typedef)


def _places(composite: Composite, prefix: str, start: int) -> Iterator[tuple[str, int, Member]]:
    """Yield each member of *composite*: what `offsetof` has before it, its offset in bytes, itself.

    Those of nameless types in it, too; bit-fields have no place.
    """
    for member in composite.members:
        if member.is_bitfield:
            continue
        offset = start + member.bit_offset // 8
        yield prefix, offset, member
        inner = nameless(member)
        if isinstance(inner, Composite) and innermost(member.type) is inner:
            inside = prefix
            if member.name is not None:
                inside = f"{_inside(member, f'{prefix}{member.name}')}."
            yield from _places(inner, inside, offset)


def _inside(member: Member, path: str) -> str:
    """Return how C names the *member* at *path*, or the first element of the array that it is."""
    type = member.type
    while isinstance(type, LAYERS):
        if isinstance(type, Array):
            path += "[0]"
            type = type.element
        else:
            type = type.underlying
    return path
