"""A model -> the variables and functions of its object, in the order in which clang has them.

Of what has an initial value clang writes first what that refers to, and everything else when the
text has ended: so objects of both have their maps at the same places.

Source: clang's CodeGenModule (EmitTentativeDefinition, EmitGlobalVarDefinition).
"""

from __future__ import annotations

from bpfgen.assemble.definitions import Definitions
from bpfgen.btf.kinds import (
    BTF_VAR_GLOBAL_ALLOCATED,
    BTF_VAR_GLOBAL_EXTERN,
    BTF_VAR_STATIC,
)
from bpfgen.ctype.types import POINTER_SIZE, VOID, Const, Pointer
from bpfgen.emit.anchors import anchors_of
from bpfgen.emit.c.options import MODERN
from bpfgen.model.anchors import EXTERN_PREFIX, SECTION
from bpfgen.model.maps import Map
from bpfgen.model.model import ProgramDeclaration
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from bpfgen.ctype.types import FuncProto, Type
    from bpfgen.model.model import Model

MAPS = ".maps"


class Variable(Record):
    """A variable of an object.

    Attributes:
        type: A definition struct, or a pointer: an anchor.
        section: The name of its section, also where another object defines it.
        size: In bytes, with the slots that have something in them.
        linkage: BTF_VAR_*.
        is_weak: Another object may define it, too, or where it is extern: need not.
        pointers: (The place of a pointer in it in bytes, the name of what that points to).
    """

    name: str
    type: Type
    section: str
    size: int
    linkage: int
    is_weak: bool = False
    decl_tags: tuple[str, ...] = ()
    pointers: tuple[tuple[int, str], ...] = ()

    @property
    def is_extern(self) -> bool:
        """Whether another object defines it."""
        return self.linkage == BTF_VAR_GLOBAL_EXTERN


class Program(Record):
    """A function that another object defines, and that is in a slot."""

    name: str
    type: FuncProto


if TYPE_CHECKING:
    Item: TypeAlias = Variable | Program


def items_of(model: Model) -> list[Item]:
    """Return the variables and functions of the object of *model*."""
    collected = _Collected(model)
    for map in model.maps:
        if map.slots:
            for slot in sorted(map.slots, key=lambda slot: slot.index):
                collected.add(slot.name)
            collected.add(map.name)
    for map in model.maps:
        if map.linkage == "extern":
            collected.add(map.name)
            type = Pointer(Const(VOID))
            collected.add_anchor(f"{EXTERN_PREFIX}{map.name}", type, ((0, map.name),))
    for map in model.maps:
        collected.add(map.name)
    for one in _in_order_of_headers(model):
        anchors = anchors_of(one, MODERN)
        # What is imported has its maps extern here.
        lost = (*anchors.types, *(anchors.extern_types if one is not model else ()))
        for anchor in (*anchors.records, *lost):
            collected.add_anchor(anchor.name, Pointer(anchor.target))
    return list(collected.items.values())


def _in_order_of_headers(model: Model) -> Iterator[Model]:
    """Yield what *model* imports, each once and after its own imports, and *model* at the end."""
    begun = {id(model)}
    open = [(model, iter(model.imports))]
    while open:
        current, imports = open[-1]
        following = next(imports, None)
        if following is None:
            open.pop()
            yield current
        elif id(following.model) not in begun:
            begun.add(id(following.model))
            open.append((following.model, iter(following.model.imports)))


class _Collected:
    """The items of one object, each once, when it is first met."""

    __slots__ = ("_declared", "_definitions", "_own", "items")

    def __init__(self, model: Model) -> None:
        self.items: dict[str, Item] = {}
        self._definitions = Definitions()
        self._declared: dict[str, Map | ProgramDeclaration] = {}
        for one in model.with_imports():
            for declaration in one.declarations:
                if isinstance(declaration, (Map, ProgramDeclaration)):
                    self._declared.setdefault(declaration.name, declaration)
        self._own = {map.name for map in model.maps if map.linkage != "extern"}

    def add(self, name: str) -> None:
        """Add the map or program *name*."""
        if name in self.items:
            return
        declared = self._declared[name]
        if isinstance(declared, ProgramDeclaration):
            self.items[name] = Program(name, declared.type)
            return
        definition = self._definitions.of_map(declared)
        is_weak = declared.linkage == "weak"
        if name not in self._own:
            size, linkage = definition.size, BTF_VAR_GLOBAL_EXTERN
            self.items[name] = Variable(name, definition, MAPS, size, linkage, is_weak)
            return
        values = definition.size
        pointers = tuple(
            (values + POINTER_SIZE * slot.index, slot.name)
            for slot in sorted(declared.slots, key=lambda slot: slot.index)
        )
        self.items[name] = Variable(
            name,
            definition,
            MAPS,
            pointers[-1][0] + POINTER_SIZE if pointers else definition.size,
            BTF_VAR_GLOBAL_ALLOCATED,
            is_weak,
            declared.decl_tags,
            pointers,
        )

    def add_anchor(
        self, name: str, type: Pointer, pointers: tuple[tuple[int, str], ...] = ()
    ) -> None:
        """Add the anchor *name*; files that import each other's types may keep one twice."""
        if name in self.items:
            return
        size, linkage = POINTER_SIZE, BTF_VAR_STATIC
        self.items[name] = Variable(name, type, SECTION, size, linkage, pointers=pointers)
