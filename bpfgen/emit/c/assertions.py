"""Static assertions: what clang must agree with, for every type and number that is computed.

Comes after the bodies of types, which these follow in a header.
"""

from __future__ import annotations

from bpfgen.ctype.types import Enum
from bpfgen.emit.c import literals
from bpfgen.emit.c.declarators import head_of
from bpfgen.emit.c.expressions import is_plain
from bpfgen.emit.c.type_bodies import defined_by, defined_type
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Attributes
    from bpfgen.emit.c.declarators import Body
    from bpfgen.emit.c.type_bodies import Known
    from bpfgen.model.model import TypeDeclaration

DISAGREES = "the compiler disagrees with bpfgen"
"""What every static assertion says when it fails."""

NATURAL_ALIGNMENT = 8
"""Alignments beyond this are asserted; up to it the size tells."""


def assertion(condition: str, subject: str) -> str:
    """Return the line that stops the compiler where *condition* doesn't hold."""
    return f'_Static_assert({condition}, "{subject}: {DISAGREES}");\n'


def assert_types(declaration: TypeDeclaration, known: Known) -> str:
    """Return the assertions about every type that *declaration* defines, nested ones first."""
    defines = defined_type(declaration)
    lines: list[str] = []
    if defines is not None:
        _assert_nested(defines, known, lines)
        name = head_of(defines) if defines.tag else ""
        if not name:
            name = next((t.name for t in declaration.typedefs if t.underlying == defines), "")
        _assert_type(defines, name, lines)
    lines.extend(
        assertion(f"_Alignof({typedef.name}) == {typedef.align}", typedef.name)
        for typedef in declaration.typedefs
        if typedef.align
    )
    return "".join(lines)


def _assert_nested(type: Body, known: Known, lines: list[str]) -> None:
    if isinstance(type, Enum):
        return
    previous: Body | None = None
    for member in type.members:
        inner = defined_by(member, known)
        if inner is None or inner is previous:
            continue
        previous = inner
        _assert_nested(inner, known, lines)
        _assert_type(inner, head_of(inner) if inner.tag else "", lines)


def _assert_type(type: Body, name: str, lines: list[str]) -> None:
    if isinstance(type, Enum):
        if name and type.size != 4:
            lines.append(assertion(f"sizeof({name}) == {type.size}", name))
        for enumerator in type.enumerators:
            if not is_plain(enumerator.expression):
                number = literals.number(enumerator.value)
                lines.append(assertion(f"{enumerator.name} == {number}", enumerator.name))
        return
    if not name:
        return
    lines.append(assertion(f"sizeof({name}) == {type.size}", name))
    moved = _moves(type.attributes) or any(_moves(m.attributes) for m in type.members)
    if type.align and (moved or type.align > NATURAL_ALIGNMENT):
        lines.append(assertion(f"_Alignof({name}) == {type.align}", name))
    if moved:
        for member in type.members:
            if member.name is not None and not member.is_bitfield:
                offset = f"__builtin_offsetof({name}, {member.name}) == {member.bit_offset // 8}"
                lines.append(assertion(offset, name))


def _moves(attributes: Attributes | None) -> bool:
    return attributes is not None and (attributes.packed or bool(attributes.aligned))
