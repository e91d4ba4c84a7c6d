"""Which type of NEW is which of OLD: by name, then by the place where it stands, then by layout.

Below :mod:`bpfgen.changes.pairs`. A type that is gone under its name is, in this order: one that
another file of the run has got under that name; one that stands where it stood, in a map or in a
type that was paired, and is like it; one of the same layout, of its own name first (`struct flow`
that became a typedef `flow`).
"""

from __future__ import annotations

from bpfgen.changes.matching import matched
from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.ctype.identity import name_of
from bpfgen.ctype.types import (
    MODIFIERS,
    WRAPPERS,
    Array,
    Composite,
    Enum,
    Pointer,
    Typedef,
)
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from bpfgen.ctype.types import Type
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared

    Name: TypeAlias = tuple[str, str]

_NAMELESS = (("struct", ""), ("union", ""), ("enum", ""))
"""What stands for a struct, union or enum without a tag."""


class TypePair(Record):
    """A type that a file of OLD declares, and what has become of it; one may be None, never both.

    Attributes:
        old_name: Its (kind, name): `struct`, `union`, `enum` or `typedef`, and the tag or name;
            None for a type that only NEW has.
        new_name: The same in NEW; None for a type that is gone.
        old: What *old_name* names; a Typedef where it is one.
        new: What *new_name* names, wherever NEW has it from: an import, a C header, the prelude.
        moved_to: The model that declares *new*, where that is another file of the run.
    """

    old_name: Name | None
    new_name: Name | None
    old: Type | None
    new: Type | None
    moved_to: Uncompared[Model | None] = None

    @property
    def is_renamed(self) -> bool:
        """Whether both are there and have different names, or one alone is a typedef."""
        return self.old is not None and self.new is not None and self.old_name != self.new_name


def type_pairs(
    files: Sequence[tuple[Model, Model]],
    known: Sequence[Container[Name]],
    places: Sequence[Iterable[tuple[Type, Type]]],
) -> list[list[TypePair]]:
    """Return the types of the files of a run, OLD and NEW of each side by side.

    Args:
        files: OLD and NEW of each.
        known: For each file names that are never a new name of something else.
        places: For each file types that stand at the same place on both sides: those of a key.
    """
    pairs = _TypePairs(files, known)
    pairs.run(places)
    return [pairs.of_file(index) for index in range(len(files))]


def declared_types(model: Model) -> dict[Name, Type]:
    """Return the types that the file of *model* declares, nested ones after what they are in.

    What has neither a tag nor a typedef isn't among them.
    """
    found: dict[Name, Type] = {}
    for declaration in model.declarations:
        if isinstance(declaration, TypeDeclaration):
            for name, type in types_in(declaration):
                found.setdefault(name, type)
    return found


def types_in(declaration: TypeDeclaration) -> Iterator[tuple[Name, Type]]:
    """Yield the types of *declaration* that have a name, with it; one may come twice."""
    bodies = [typedef.underlying for typedef in declaration.typedefs]
    bodies = [type for type in bodies if name_of(type) in _NAMELESS]
    if declaration.defines is not None:
        bodies.append(declaration.defines)
    for type in _written_in(bodies):
        name = name_of(type)
        if name is not None and name not in _NAMELESS:
            yield name, type
    for typedef in declaration.typedefs:
        yield ("typedef", typedef.name), typedef


def _written_in(bodies: Iterable[Type]) -> Iterator[Composite | Enum]:
    """Yield the structs, unions and enums whose bodies are *bodies*, or stand in them."""
    pending = list(bodies)
    while pending:
        type = pending.pop()
        while isinstance(type, (Array, *MODIFIERS)):
            type = type.element if isinstance(type, Array) else type.underlying
        if not isinstance(type, (Composite, Enum)):
            continue
        yield type
        if isinstance(type, Composite):
            pending += [
                member.type
                for member in reversed(type.members)
                if member.defines or name_of(member.type) in _NAMELESS
            ]


def all_types(model: Model) -> dict[Name, Type]:
    """Return every type that *model* knows, those of imports, headers and the prelude too."""
    found = dict(model.types)
    for used in model.prelude_types:
        for typedef in used.declaration.typedefs:
            found.setdefault(("typedef", typedef.name), typedef)
        defines = used.declaration.defines
        name = None if defines is None else name_of(defines)
        if name is not None and defines is not None:
            found.setdefault(name, defines)
    return found


class _Placed(Record):
    """A type with its name, and which of the files of the run declares it."""

    name: Name
    type: Type
    file: int


class _TypePairs:
    """The types of the files of a run, as they are being paired."""

    def __init__(
        self, files: Sequence[tuple[Model, Model]], known: Sequence[Container[Name]]
    ) -> None:
        self._files = files
        self._known = known
        self._pairs: list[dict[Name, TypePair]] = []
        self._declared: list[tuple[dict[Name, Type], dict[Name, Type]]] = []
        self._gone: dict[tuple[int, Name], _Placed] = {}
        self._added: dict[tuple[int, Name], _Placed] = {}
        self._fingerprints = Fingerprints()
        for index, (old, new) in enumerate(files):
            own, other = declared_types(old), declared_types(new)
            before, now = all_types(old), all_types(new)
            self._declared.append((own, other))
            self._pairs.append({n: TypePair(n, n, t, now[n]) for n, t in own.items() if n in now})
            self._gone |= {(index, n): _Placed(n, t, index) for n, t in own.items() if n not in now}
            self._added |= {
                (index, n): _Placed(n, t, index) for n, t in other.items() if n not in before
            }

    def run(self, places: Sequence[Iterable[tuple[Type, Type]]]) -> None:
        """Pair what is on one side only."""
        if len(self._files) > 1:
            self._moved_with_import()
            self._match(lambda one: one.name)
        if self._gone and self._added:
            for index, tops in enumerate(places):
                self._by_place(index, tops)
        self._match(lambda one: self._layout(one, one.name[1]))
        self._match(lambda one: self._layout(one, one.name[0]))

    def _moved_with_import(self) -> None:
        """Note of what a file now imports that another file of the run is where it moved."""
        places = {name: index for index, name in self._added}
        for pairs in self._pairs:
            for name, pair in pairs.items():
                at = places.get(name)
                if at is not None and self._added.pop((at, name), None) is not None:
                    pairs[name] = replace(pair, moved_to=self._files[at][1])

    def _match(self, same: Callable[[_Placed], Hashable]) -> None:
        if not self._gone or not self._added:
            return
        gone, added = list(self._gone.values()), list(self._added.values())
        for old, new in matched(gone, added, same, lambda one: one.name[1]):
            self._pair(old, new)

    def _pair(self, old: _Placed, new: _Placed) -> None:
        moved_to = None if old.file == new.file else self._files[new.file][1]
        pair = TypePair(old.name, new.name, old.type, new.type, moved_to)
        self._pairs[old.file][old.name] = pair
        del self._gone[old.file, old.name]
        del self._added[new.file, new.name]

    def _may_be_renamed(self, one: _Placed) -> bool:
        return one.name not in self._known[one.file]

    def _layout(self, one: _Placed, part: str) -> Hashable:
        """Return the layout of a type with *part* of its name; None where it wasn't renamed."""
        if not self._may_be_renamed(one):
            return None
        return one.file, part, self._fingerprints.of_type(one.type)

    def _by_place(self, index: int, tops: Iterable[tuple[Type, Type]]) -> None:
        """Pair the types that stand at the same places of *tops*, and of what has one name."""
        named = ((p.old, p.new) for p in self._pairs[index].values())
        pending = [
            *tops,
            *((old, new) for old, new in named if old is not None and new is not None),
        ]
        pending.reverse()
        seen: set[tuple[int, int]] = set()
        while pending:
            old, new = pending.pop()
            if (id(old), id(new)) not in seen:
                seen.add((id(old), id(new)))
                self._same_place(index, old, new)
                pending += reversed([*_inside(old, new)])

    def _same_place(self, index: int, old: Type, new: Type) -> None:
        names = name_of(old), name_of(new)
        if names[0] is None or names[1] is None or names[0][0] != names[1][0]:
            return
        gone, added = self._gone.get((index, names[0])), self._added.get((index, names[1]))
        if gone is None or added is None:
            return
        both = self._may_be_renamed(gone) and self._may_be_renamed(added)
        if both and _are_alike(gone.type, added.type):
            self._pair(gone, added)

    def of_file(self, index: int) -> list[TypePair]:
        """Return the pairs of the file *index*."""
        own, other = self._declared[index]
        pairs = self._pairs[index]
        return [
            *(pairs.get(name) or TypePair(name, None, type, None) for name, type in own.items()),
            *(
                TypePair(None, name, None, type)
                for name, type in other.items()
                if (index, name) in self._added
            ),
        ]


def _are_alike(old: Type, new: Type) -> bool:
    """Return whether *new* may be *old* under another name: at least half of what is in it is."""
    names = _names_in(old), _names_in(new)
    return 2 * len(names[0] & names[1]) >= len(names[0])


def _names_in(type: Type) -> set[str]:
    if isinstance(type, Composite):
        return {member.name for member in type.members if member.name is not None}
    return {one.name for one in type.enumerators} if isinstance(type, Enum) else set()


def _inside(old: Type, new: Type) -> Iterator[tuple[Type, Type]]:
    """Yield what stands at the same place of *old* and *new*, one step further in."""
    if isinstance(old, Typedef) and isinstance(new, Typedef):
        yield old.underlying, new.underlying
    elif isinstance(old, WRAPPERS):
        yield old.underlying, new
    elif isinstance(new, WRAPPERS):
        yield old, new.underlying
    elif isinstance(old, Array) and isinstance(new, Array):
        yield old.element, new.element
    elif isinstance(old, Pointer) and isinstance(new, Pointer):
        yield old.pointee, new.pointee
    elif isinstance(old, Composite) and isinstance(new, Composite):
        names = {member.name: member for member in new.members if member.name is not None}
        places = {member.bit_offset: member for member in reversed(new.members)}
        for member in old.members:
            other = names.get(member.name) if member.name else None
            other = other or places.get(member.bit_offset)
            if other is not None:
                yield member.type, other.type
