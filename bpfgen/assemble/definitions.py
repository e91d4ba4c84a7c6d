"""The definition of a map -> the struct that says it, laid out: what C's compiler makes of it.

After :mod:`bpfgen.emit.definitions`, which says what the struct holds.
"""

from __future__ import annotations

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
    """Makes the structs of one object; the maps of one template share its struct."""

    __slots__ = ("_of_templates",)

    def __init__(self) -> None:
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
                element = INT if member.element is None else member.element
                return "type", Pointer(Array(element, member.kind.number))
            case NumberMember():
                value = member.attribute.value
                if value is None or member.form == LOADER:
                    return None
                return member.attribute.name, _number(member.form, value, name)
            case TypeMember():
                return member.name, Pointer(member.type)
            case ValuesMember():
                return "values", Array(Pointer(self._values(member, name)), 0, flexible=True)
            case _:
                assert_never(member)

    def _values(self, member: ValuesMember, name: str) -> Type:
        """Return what `values` of the definition called *name* points to."""
        inner = member.inner
        if inner is None:
            return _PROGRAM
        if inner.template:
            return self._of_template(inner.template, inner)
        return self._struct(inner, inner_name(name), has_room=False)


def _number(form: str, value: int, name: str) -> Type:
    if form == ENUMERATOR:
        enumerators = (Enumerator(f"{ENUMERATOR_PREFIX}{name}", value),)
        return Enum(None, POINTER_SIZE, signed=False, enumerators=enumerators)
    return Pointer(Array(CHAR if form == CHARS else INT, value))
