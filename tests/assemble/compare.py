"""In what two objects differ, beyond what has no meaning.

Types are compared as graphs from what has a name: variables, functions, sections, and then every
named definition. Ids, the order of types, and how often one is written play no part. What a clang
is known to lack is no difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.assemble.view import (
    DATASEC,
    DECL_TAG,
    ENUM,
    ENUM64,
    FUNC,
    FUNC_PROTO,
    FWD,
    KINDS,
    STRUCT,
    TYPE_TAG,
    TYPEDEF,
    UNION,
    VAR,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.assemble.view import Elf, Node, Section, View

_WITHOUT_MEANING = (".debug", ".rel", ".llvm_addrsig", ".strtab", ".symtab", ".shstrtab", ".text")
"""What sections begin with that are not for loaders, or that are compared in another way."""

_COMPOSITES = {STRUCT: 0, UNION: 1}
"""The kind_flag of a FWD of each."""

_NAMED = (STRUCT, UNION, ENUM, ENUM64, TYPEDEF)


class Compared(NamedTuple):
    """What came of it.

    Attributes:
        differences: One a line.
        whole: What is a forward declaration in the first and whole in the second: (kind, tag).
    """

    differences: list[str]
    whole: frozenset[tuple[str, str]]


class Lacks(NamedTuple):
    """What the BTF of a clang lacks.

    Attributes:
        functions: FUNCs of what only data refers to, which clang 19 and later have.
        enums: Signed enums and ENUM64, which clang 15 and later have.
        tags: Some tags of types: clang 14 has none of parameters, nor of pointers to a struct that
            it knows, and takes pointers to one type with and without a tag for the same.
        typedef_tags: The declaration tags of typedefs of structs that only members point to, which
            clang 21 and later have.
        whole: What only the definition of an inner map points to is a forward declaration; not so
            in clang 22.
    """

    functions: bool = False
    enums: bool = False
    tags: bool = False
    typedef_tags: bool = False
    whole: bool = False

    @classmethod
    def of(cls, version: int) -> Lacks:
        """Return what is known of clang *version*."""
        return cls(version < 19, version < 15, version < 15, version < 21, version < 22)


def compare(one: View, other: View, lacks: Lacks = Lacks()) -> Compared:  # noqa: B008 -- immutable
    """Compare *one*, the object of a clang that *lacks* something, with *other*."""
    types = _Types(one, other, lacks)
    types.compare()
    return Compared([*_elf(one.elf, other.elf), *types.differences], frozenset(types.whole))


def _elf(one: Elf, other: Elf) -> Iterator[str]:
    if one.header != other.header:
        yield f"header {one.header} is {other.header}"
    sections = {each.name: each for each in _meaningful(one)}
    others = {each.name: each for each in _meaningful(other)}
    for name in sorted(sections.keys() ^ others.keys()):
        yield f"section {name} is {'added' if name in others else 'missing'}"
    for name in sorted(sections.keys() & others.keys()):
        mine, theirs = sections[name], others[name]
        for what in ("type", "flags", "alignment", "data"):
            if name == ".BTF" and what in {"alignment", "data"}:
                continue
            if getattr(mine, what) != getattr(theirs, what):
                yield f"{name}: {what} {getattr(mine, what)} is {getattr(theirs, what)}"
        if name != ".BTF" and sorted(mine.relocations) != sorted(theirs.relocations):
            yield f"{name}: relocations {mine.relocations} are {theirs.relocations}"
    symbols = {each.name: each for each in one.symbols}
    for symbol in other.symbols:
        known = symbols.pop(symbol.name, None)
        if known != symbol:
            yield f"symbol {known} is {symbol}"
    for symbol in symbols.values():
        yield f"symbol {symbol} is missing"


def _meaningful(elf: Elf) -> Iterable[Section]:
    return (one for one in elf.sections if one.name and not one.name.startswith(_WITHOUT_MEANING))


class _Types:
    """Compares the types of two views."""

    def __init__(self, one: View, other: View, lacks: Lacks) -> None:
        self.one, self.other = one.types, other.types
        self.lacks = lacks
        self.composites = _by_name(self.one, (STRUCT, UNION))
        self.tags = _decl_tags(self.one), _decl_tags(self.other)
        self.differences: list[str] = []
        self.whole: set[tuple[str, str]] = set()
        self.reached: set[int] = set()
        self.pairs: set[tuple[int, int]] = set()
        self.pending: list[tuple[int, int, str]] = []

    def compare(self) -> None:
        for kinds in ((VAR,), (FUNC,), (DATASEC,), _NAMED):
            self.roots(kinds)
            while self.pending:
                self.pair(*self.pending.pop())
        for number, node in enumerate(self.other):
            if number and number not in self.reached and node.kind != DECL_TAG:
                self.note(f"nothing needs type {number}, {_shown(node)}")

    def note(self, text: str) -> None:
        self.differences.append(text)

    def roots(self, kinds: tuple[int, ...]) -> None:
        """Take as pairs what has the same name on both sides."""
        mine, theirs = _by_name(self.one, kinds), _by_name(self.other, kinds)
        if self.lacks.enums:  # the values of an enum of 64 bits are cut
            for kind, name in [key for key in mine if key[0] == ENUM]:
                if (ENUM64, name) in theirs:
                    mine[ENUM64, name] = mine.pop((kind, name))
        for key in sorted(mine.keys() | theirs.keys()):
            kind, name = key
            label = f"{KINDS[kind]} {name}"
            if key not in theirs:
                self.note(f"{label} is missing")
            elif key in mine:
                self.pending += [(one, other, label) for one in mine[key] for other in theirs[key]]
            elif kind == FUNC and self.lacks.functions:
                self.reach(theirs[key])
            elif not self.reached.issuperset(theirs[key]):
                # What is whole there may hold what the first has nothing of.
                self.note(f"{label} is added")
                self.reach(theirs[key])

    def reach(self, ids: Iterable[int]) -> None:
        """Note that *ids*, and what they refer to, are needed."""
        pending = list(ids)
        while pending:
            id = pending.pop()
            if id not in self.reached:
                self.reached.add(id)
                pending += self.other[id].targets

    def pair(self, one: int, other: int, label: str) -> None:
        """Compare two types, and note what they refer to as pairs."""
        if (one, other) in self.pairs:
            return
        self.pairs.add((one, other))
        mine, theirs = self.one[one], self.other[other]
        if self.lacks.tags:
            while mine.kind == TYPE_TAG:
                (one,) = mine.targets
                mine = self.one[one]
            while theirs.kind == TYPE_TAG:
                self.reached.add(other)
                (other,) = theirs.targets
                theirs = self.other[other]
        if mine.kind == FWD and mine.facts[0] == _COMPOSITES.get(theirs.kind):
            self.forward(mine, theirs, other, label)
            return
        self.reached.add(other)
        facts, other_facts = mine.facts, theirs.facts
        kind = mine.kind
        if self.lacks.enums and kind == ENUM and theirs.kind in (ENUM, ENUM64):
            kind, facts, other_facts = theirs.kind, _cut(mine), _cut(theirs)
        if kind == DATASEC:
            # clang leaves the size to the linker, or to libbpf.
            facts, other_facts = facts[2:], other_facts[2:]
            label += f" {[self.one[id].name for id in mine.targets]}"
            other_names = [self.other[id].name for id in theirs.targets]
            if not label.endswith(f" {other_names}"):
                self.note(f"{label} are {other_names}")
                return
        if (kind, mine.name, facts, len(mine.targets)) != (
            *theirs[:2],
            other_facts,
            len(theirs.targets),
        ):
            self.note(f"{label}: {_shown(mine)} is {_shown(theirs)}")
            return
        tags = [tags.get(id, []) for tags, id in zip(self.tags, (one, other), strict=True)]
        is_lacking = self.lacks.typedef_tags and kind == TYPEDEF and not tags[0]
        if tags[0] != tags[1] and not is_lacking:
            self.note(f"{label}: the tags {tags[0]} are {tags[1]}")
        for number, targets in enumerate(zip(mine.targets, theirs.targets, strict=True)):
            self.pending.append((*targets, f"{label}.{_step(mine, number)}"))

    def forward(self, mine: Node, theirs: Node, other: int, label: str) -> None:
        """Note that a forward declaration of the first is a whole type of the second.

        If the first has that whole as well, libbpf's btf__dedup would make them one.
        """
        known = self.composites.get((theirs.kind, theirs.name), [])
        self.pending += [(one, other, label) for one in known]
        if mine.name != theirs.name or not (known or self.lacks.whole):
            self.note(f"{label}: {_shown(mine)} is {_shown(theirs)}")
        self.whole.add((KINDS[theirs.kind].lower(), theirs.name))
        self.reach([other])


def _cut(node: Node) -> tuple[object, ...]:
    """Return what clang 14 knows of an enum: values of 32 bits without a sign."""
    cut: list[object] = [node.facts[1]]
    for fact in node.facts[2:]:
        assert isinstance(fact, tuple)
        name, value = fact
        cut.append((name, value & 0xFFFFFFFF))
    return tuple(cut)


def _shown(node: Node) -> str:
    return f"{KINDS[node.kind]} {node.name} {node.facts} ({len(node.targets)})"


def _step(node: Node, number: int) -> str:
    if node.kind in (STRUCT, UNION):
        fact = node.facts[2 + number]
        assert isinstance(fact, tuple)
        return str(fact[0])
    return str(number) if node.kind in (FUNC_PROTO, DATASEC) else "*"


def _by_name(types: tuple[Node, ...], kinds: tuple[int, ...]) -> dict[tuple[int, str], list[int]]:
    found: dict[tuple[int, str], list[int]] = {}
    for number, node in enumerate(types):
        if node.kind in kinds and node.name:
            found.setdefault((node.kind, node.name), []).append(number)
    return found


def _decl_tags(types: tuple[Node, ...]) -> dict[int, list[tuple[object, str]]]:
    """Return the declaration tags of each type: (component, tag)."""
    found: dict[int, list[tuple[object, str]]] = {}
    for node in types:
        if node.kind == DECL_TAG:
            found.setdefault(node.targets[0], []).append((node.facts, node.name))
    return found
