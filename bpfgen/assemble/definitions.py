"""The definition of a map -> the struct that says it, laid out: what C's compiler makes of it.

After :mod:`bpfgen.emit.definitions`, which says what the struct holds.
"""

from __future__ import annotations

from bpfgen.btf.encode_forms import untagged
from bpfgen.ctype.types import (
    CHAR,
    INT,
    POINTER_SIZE,
    VOID,
    Array,
    Composite,
    Enum,
    Enumerator,
    FuncProto,
    Member,
    Parameter,
    Pointer,
)
from bpfgen.emit.definitions import (
    CHARS,
    ENUMERATOR,
    ENUMERATOR_PREFIX,
    INTS,
    LOADER,
    KindMember,
    NumberMember,
    TypeMember,
    ValuesMember,
    definition_members,
    has_room,
    inner_name,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.emit.definitions import DefinitionMember
    from bpfgen.model.maps import Map, Shape

_PROGRAM = FuncProto(INT, (Parameter(None, Pointer(VOID)),))
"""What the values of a prog_array point to."""


class Definitions:
    """Makes the structs of one object; maps share the struct of a template, and equal numbers."""

    __slots__ = ("_numbers", "_of_templates")

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int], Type] = {}
        self._of_templates: dict[str, Composite] = {}

    def of_map(self, map: Map) -> Composite:
        """Return the struct of *map*."""
        if map.shape.template:
            return self._of_template(map.shape.template, map.shape)
        return self._struct(map.shape, map.name, has_room=has_room(map))

    def _of_template(self, name: str, shape: Shape) -> Composite:
        made = self._of_templates.get(name)
        if made is None:
            made = self._struct(shape, name, name, has_room=True)
            self._of_templates[name] = made
        return made

    def _struct(
        self, shape: Shape, name: str, tag: str | None = None, *, has_room: bool
    ) -> Composite:
        members = []
        offset = 0
        for member in definition_members(shape, has_room=has_room):
            made = self._member(member, name)
            if made is not None:
                role, type = made
                members.append(Member(role, type, 8 * offset))
                # All are pointers, or as large; `values` comes last and has no length.
                offset += 0 if isinstance(member, ValuesMember) else POINTER_SIZE
        return Composite("struct", tag, tuple(members), offset, POINTER_SIZE)

    def _member(self, member: DefinitionMember, name: str) -> tuple[str, Type] | None:
        """Return the name and type of *member* of the definition called *name*."""
        match member:
            case KindMember():
                if member.element is None:
                    return "type", self._number(INTS, member.kind.number)
                return "type", Pointer(Array(member.element, member.kind.number))
            case NumberMember():
                value = member.attribute.value
                if value is None or member.form == LOADER:
                    return None
                if member.form == ENUMERATOR:
                    return member.attribute.name, _enum_of(value, name)
                return member.attribute.name, self._number(member.form, value)
            case TypeMember():
                # What C calls `__typeof__(T) *key` points to no tag of T's own.
                return member.name, Pointer(untagged(member.type))
            case ValuesMember():
                return "values", Array(Pointer(self._values(member, name)), 0, flexible=True)
            case _:
                assert_never(member)

    def _number(self, form: str, value: int) -> Type:
        """Return what says *value* in one of the forms that are arrays."""
        made = self._numbers.get((form, value))
        if made is None:
            made = Pointer(Array(CHAR if form == CHARS else INT, value))
            self._numbers[form, value] = made
        return made

    def _values(self, member: ValuesMember, name: str) -> Type:
        """Return what `values` of the definition called *name* points to."""
        inner = member.inner
        if inner is None:
            return _PROGRAM
        if inner.template:
            return self._of_template(inner.template, inner)
        return self._struct(inner, inner_name(name), has_room=False)


def _enum_of(value: int, name: str) -> Type:
    enumerators = (Enumerator(f"{ENUMERATOR_PREFIX}{name}", value),)
    return Enum(None, POINTER_SIZE, signed=False, enumerators=enumerators)
