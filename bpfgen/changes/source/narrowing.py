"""Models without what is the same on both sides, so that a small change of a large source is cheap.

Before the surfaces. What a declaration that has changed holds stays with it, and so does whatever a
new name may become one with in some output.
"""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.changes.type_pairs import types_in
from bpfgen.ctype.children import held, walk_once
from bpfgen.ctype.identity import name_of
from bpfgen.ctype.types import Enum
from bpfgen.emit.backend import stem
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never, replace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from bpfgen.ctype.types import Type
    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Declaration, Model

    Key: TypeAlias = tuple[object, ...]


def narrowed(old: Model, new: Model) -> tuple[Model, Model]:
    """Return *old* and *new* with what differs, and with what that needs."""
    if old.names_are_given != new.names_are_given:
        return old, new
    own, other = _by_key(old), _by_key(new)
    changed = {key for key, one in own.items() if key not in other or one != other[key]}
    added = changed | {key for key in other if key not in own}
    if not changed and not added:
        return replace(old, declarations=()), replace(new, declarations=())
    keys = changed | added | _near(new, other, added)
    homes = _homes(own), _homes(other)
    while True:
        # What is on both sides is kept on both.
        more = keys | _closed(own, homes[0], keys) | _closed(other, homes[1], keys)
        if more == keys:
            break
        keys = more
    return _kept(old, own, keys), _kept(new, other, keys)


def _by_key(model: Model) -> dict[Key, Declaration]:
    """Return the declarations of *model* by what they declare."""
    found: dict[Key, Declaration] = {}
    for number, declaration in enumerate(model.declarations):
        key = _key(declaration)
        # Enums without a name have nothing that tells them apart.
        found[key if key not in found else (*key, number)] = declaration
    return found


def _key(declaration: Declaration) -> Key:
    match declaration:
        case ConstantDeclaration():
            return ("constant", declaration.constant.name)
        case Map() | Template() | ProgramDeclaration():
            return (type(declaration).__name__, declaration.name)
        case TypeDeclaration():
            defines = (
                declaration.defines if declaration.defines is not None else declaration.forward
            )
            own = None if defines is None else name_of(defines)
            return ("type", own, *[typedef.name for typedef in declaration.typedefs])
        case _:
            assert_never(declaration)


def _kept(model: Model, declarations: dict[Key, Declaration], keys: set[Key]) -> Model:
    kept = tuple([one for key, one in declarations.items() if key in keys])
    return replace(model, declarations=kept)


def _homes(declarations: dict[Key, Declaration]) -> dict[tuple[str, str], Key]:
    """Return which declaration has each type."""
    homes: dict[tuple[str, str], Key] = {}
    for key, declaration in declarations.items():
        if isinstance(declaration, TypeDeclaration):
            for name, _ in types_in(declaration):
                homes.setdefault(name, key)
    return homes


def _closed(
    declarations: dict[Key, Declaration], homes: dict[tuple[str, str], Key], keys: set[Key]
) -> set[Key]:
    """Return those of *keys* that are among *declarations*, and what they hold."""
    kept: set[Key] = set()
    pending = [key for key in keys if key in declarations]
    while pending:
        key = pending.pop()
        if key in kept:
            continue
        kept.add(key)
        for type in _held_by(declarations[key]):
            home = homes.get(name_of(type) or ("", ""))
            if home is not None and home not in kept:
                pending.append(home)
    return kept


def _held_by(declaration: Declaration) -> Iterator[Type]:
    """Yield each type that *declaration* holds, however deep; what a struct holds, once."""
    tops: list[Type] = []
    if isinstance(declaration, TypeDeclaration):
        tops = [typedef.underlying for typedef in declaration.typedefs]
        if declaration.defines is not None:
            tops.append(declaration.defines)
    elif isinstance(declaration, (Map, Template)):
        shape: Shape | None = declaration.shape
        while shape is not None:
            arguments = (shape.key, shape.value, shape.record)
            tops += [argument.type for argument in arguments if argument is not None]
            shape = shape.inner
    walked: set[int] = set()
    for top in tops:
        yield from walk_once(top, held, walked)


def _near(model: Model, declarations: dict[Key, Declaration], changed: set[Key]) -> set[Key]:
    """Return the declarations whose names in some output may be those of one of *changed*.

    What an output calls something begins with its name, whatever becomes of case and underscores;
    that of an enumerator or of a fact goes on after it.
    """
    names: list[tuple[str, Key]] = []
    wanted: set[str] = set()
    own = _bare(stem(model.name))
    for key, declaration in declarations.items():
        bare = {_bare(name) for name in _names(declaration)}
        if key in changed:
            wanted |= bare | {name.removeprefix("new") for name in bare}
            wanted |= {name.removeprefix(own) for name in bare}
        else:
            names += [(name, key) for name in bare]
    names.sort(key=lambda one: one[0])
    by_name: dict[str, list[Key]] = {}
    for name, key in names:
        by_name.setdefault(name, []).append(key)
    near: set[Key] = set()
    for name in wanted - {""}:
        for end in range(1, len(name) + 1):
            near.update(by_name.get(name[:end], ()))
        at = bisect_left(names, name, key=lambda one: one[0])
        while at < len(names) and names[at][0].startswith(name):
            near.add(names[at][1])
            at += 1
    return near


def _bare(name: str) -> str:
    return "".join([c for c in name.lower() if c.isalnum()])


def _names(declaration: Declaration) -> Iterator[str]:
    """Yield the names that *declaration* gives to types, constants, maps and programs."""
    match declaration:
        case ConstantDeclaration():
            yield declaration.constant.name
        case Map() | Template() | ProgramDeclaration():
            yield declaration.name
        case TypeDeclaration():
            for name, type in types_in(declaration):
                yield name[1]
                if isinstance(type, Enum):
                    yield from (one.name for one in type.enumerators)
            defines = declaration.defines
            if isinstance(defines, Enum) and defines.tag is None:
                yield from (one.name for one in defines.enumerators)
        case _:
            assert_never(declaration)
