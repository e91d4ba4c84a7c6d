"""Static assertions: what every compiler must agree with, for types and numbers that are computed.

Comes after the bodies of types, which these follow in a header. The size of a struct without holes
tells where its members are: none can be further on than where it has to be, and if one were, the
end would be. Where there are holes, each member's place is asserted, too.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Array, Composite, Enum, Int, Pointer, underlying
from bpfgen.emit.c import literals
from bpfgen.emit.c.declarators import head_of
from bpfgen.emit.c.expressions import is_plain
from bpfgen.emit.c.type_bodies import defined_by, defined_type, nameless
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Attributes, Type
    from bpfgen.emit.c.declarators import Body
    from bpfgen.emit.c.type_bodies import Known
    from bpfgen.model.model import TypeDeclaration

DISAGREES = "the compiler disagrees with bpfgen"
"""What every static assertion says when it fails."""

NATURAL_ALIGNMENT = 8
"""Alignments beyond this are asserted; up to it the size tells."""

_LONGS = frozenset({"long", "unsigned long"})
"""The integers that have another size on 32-bit hosts."""


def assertion(condition: str, subject: str) -> str:
    """Return the line that stops the compiler where *condition* doesn't hold."""
    return f'_Static_assert({condition}, "{subject}: {DISAGREES}");\n'


def assert_types(declaration: TypeDeclaration, known: Known, *, cplusplus: bool = False) -> str:
    """Return the assertions about every type that *declaration* defines, nested ones first.

    In C++ an empty type has a byte, and nothing is said of it.
    """
    defines = defined_type(declaration)
    lines: list[str] = []
    if defines is not None:
        _assert_nested(defines, known, lines, cplusplus=cplusplus)
        name = head_of(defines) if defines.tag else ""
        if not name:
            name = next((t.name for t in declaration.typedefs if t.underlying == defines), "")
        _assert_type(defines, name, lines, cplusplus=cplusplus)
    lines.extend(
        assertion(f"_Alignof({typedef.name}) == {typedef.align}", typedef.name)
        for typedef in declaration.typedefs
        if typedef.align
    )
    return "".join(lines)


def _assert_nested(type: Body, known: Known, lines: list[str], *, cplusplus: bool) -> None:
    if isinstance(type, Enum):
        return
    previous: Body | None = None
    for member in type.members:
        inner = defined_by(member, known)
        if inner is None or inner is previous:
            continue
        previous = inner
        _assert_nested(inner, known, lines, cplusplus=cplusplus)
        _assert_type(inner, head_of(inner) if inner.tag else "", lines, cplusplus=cplusplus)


def _assert_type(type: Body, name: str, lines: list[str], *, cplusplus: bool) -> None:
    if isinstance(type, Enum):
        if name and type.size != 4:
            lines.append(assertion(f"sizeof({name}) == {type.size}", name))
        for enumerator in type.enumerators:
            if not is_plain(enumerator.expression):
                number = literals.number(enumerator.value)
                lines.append(assertion(f"{enumerator.name} == {number}", enumerator.name))
        return
    if not name or (cplusplus and not type.size):
        return
    lines.append(assertion(f"sizeof({name}) == {type.size}", name))
    moved = _moves(type.attributes) or any(_moves(m.attributes) for m in type.members)
    if type.align and (moved or type.align > NATURAL_ALIGNMENT):
        lines.append(assertion(f"_Alignof({name}) == {type.align}", name))
    if moved or not _size_tells(type):
        for path, offset in _places(type, "", 0):
            lines.append(assertion(f"__builtin_offsetof({name}, {path}) == {offset}", name))


def _moves(attributes: Attributes | None) -> bool:
    return attributes is not None and (attributes.packed or bool(attributes.aligned))


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
        type = underlying(member.type)
        while isinstance(type, Array):
            type = underlying(type.element)
        if isinstance(type, Pointer) or (isinstance(type, Int) and type.name in _LONGS):
            return False
        if isinstance(type, Composite) and type.tag is None and not _size_tells(type):
            return False
        end = member.bit_offset + 8 * (sizeof(member.type) or 0)
    return composite.kind == "union" or end == 8 * composite.size


def _places(composite: Composite, prefix: str, start: int) -> Iterator[tuple[str, int]]:
    """Yield each member of *composite* as `offsetof` takes it, and its offset in bytes.

    Those of nameless types in it, too; bit-fields have none, and what has no bytes may be missing.
    """
    for member in composite.members:
        if member.is_bitfield:
            continue
        offset = start + member.bit_offset // 8
        path = f"{prefix}{member.name}"
        inner = nameless(member)
        bare: Type = underlying(member.type)
        index = ""
        while isinstance(bare, Array):
            index += "[0]"
            bare = underlying(bare.element)
        if member.name is not None:
            yield path, offset
        if isinstance(inner, Composite) and bare == inner and sizeof(member.type):
            yield from _places(inner, f"{path}{index}." if member.name else prefix, offset)
