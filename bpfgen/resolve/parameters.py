"""Parameters whose type is a typedef of an array or a function, which C adjusts to a pointer.

Part of resolving a file; loaded where a parameter's type is a typedef. C17, 6.7.6.3: a parameter
"array of T" is a "pointer to T", and one of a function type is a pointer to it; what qualifies an
array qualifies its elements (6.7.3). Typedefs are seen through first.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    MODIFIERS,
    WRAPPERS,
    Array,
    Const,
    FuncProto,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Volatile,
    underlying,
    unqualified,
)
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.resolve.lookup import by_name
from bpfgen.resolve.scope import TypedefNode
from bpfgen.syntax.names import outermost_of
from bpfgen.syntax.tree import ArraySuffix, FunctionSuffix, Token

if TYPE_CHECKING:
    from bpfgen.ctype.types import Modifier, Type
    from bpfgen.resolve.lookup import Lookup

_QUALIFIERS = (Restrict, Volatile, Const)
"""From the inside out, as clang has them."""


def adjusted(r: Lookup, type: Type) -> Type:
    """Return *type*, of a parameter whose typedefs are names, as C adjusts it."""
    bare = unqualified(type)
    if not isinstance(bare, Named) or bare.kind != "typedef":
        return type
    shape = _shape(r, bare.name)
    if shape == "function":
        return Pointer(bare)  # nothing qualifies a function
    if shape != "array":
        return type
    around = _modifiers(type)
    array = _definition(r, bare.name)
    while isinstance(array, WRAPPERS):
        if not isinstance(array, Typedef):
            around.append(array)
        array = array.underlying
    if not isinstance(array, Array):
        return type  # what is wrong with it is reported at its declaration
    return Pointer(_qualified(_named(r, array.element), around))


def _modifiers(type: Type) -> list[Modifier]:
    """Return the qualifiers and tags around *type*, from the outermost on."""
    found: list[Modifier] = []
    while isinstance(type, MODIFIERS):
        found.append(type)
        type = type.underlying
    return found


def _qualified(element: Type, around: list[Modifier]) -> Type:
    """Return *element* with what stands around its array; of an array, its own elements get it."""
    if isinstance(element, Array):
        return replace(element, element=_qualified(element.element, around))
    every = [*around, *_modifiers(element)]
    type = unqualified(element)
    for qualifier in _QUALIFIERS:
        if any(isinstance(one, qualifier) for one in every):
            type = qualifier(type)
    for one in reversed(every):
        if isinstance(one, TypeTag):
            type = replace(one, underlying=type)
    return type


def _shape(r: Lookup, name: str) -> str:
    """Return whether the typedef *name* is an "array" or a "function"; else an empty text.

    The file's own are looked at as they are written: C needs no more of another one than its name,
    and the struct that it stands for may be just being resolved.
    """
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        entry = r.scope.ordinary.get(name)
        if entry is None:
            foreign = _definition(r, name)
            return "" if foreign is None else _word(underlying(foreign))
        if not isinstance(entry.node, TypedefNode):
            return ""
        outermost = outermost_of(entry.node.declarator)
        if isinstance(outermost, ArraySuffix):
            return "array"
        if isinstance(outermost, FunctionSuffix):
            return "function"
        base = entry.node.specifiers.base
        if outermost is not None or not isinstance(base, Token):
            return ""
        name = base.text
    return ""


def _word(type: Type) -> str:
    if isinstance(type, Array):
        return "array"
    return "function" if isinstance(type, FuncProto) else ""


def _definition(r: Lookup, name: str) -> Type | None:
    """Return the typedef *name*, of this file or another; None if there is none."""
    entry = r.scope.ordinary.get(name)
    if entry is not None:
        return r.entry_type(entry)
    found = (provider.find_type("typedef", name) for provider in r.all_providers())
    return next((type for type in found if type is not None), None)


def _named(r: Lookup, element: Type) -> Type:
    """Return *element*, of an array, as it is behind a pointer; its name is one that is used."""
    if isinstance(element, Array):
        return replace(element, element=_named(r, element.element))
    if isinstance(element, MODIFIERS):
        return replace(element, underlying=_named(r, element.underlying))
    named = by_name(element)
    if isinstance(named, Named):
        names = r.scope.ordinary if named.kind == "typedef" else r.scope.tags
        if named.name not in names:
            r.use_foreign(named.kind, named.name)
    return named
