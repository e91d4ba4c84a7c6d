"""What depends on which conditions: a declaration on its own, and on those of what it uses.

Names decide, as they stand in the text. That is more than there is, since a member may be called
like a constant: too many combinations are tried then, never too few.
"""

from __future__ import annotations

from bpfgen.conditions.places import Block, Dependence, Places
from bpfgen.model.maps import ATTRIBUTES, MAP_KINDS
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.scope import Scope, declared_name
from bpfgen.syntax.tree import CompositeNode, DeclarationItem, ImportItem, IncludeItem
from bpfgen.text.diagnostics import Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.conditions.evaluation import Guard
    from bpfgen.providers.cases import ConditionalFile
    from bpfgen.syntax.tree import File, Item

    Guards = dict[int, None]
    """Guards by their numbers: comparing long ones over and over would take its time."""


class _Declared:
    """One item: what it declares and uses, and what decides about it.

    Attributes:
        own: The guards around it and in it.
        members: The names of the members in it.
        guards: Those of all that it depends on, once that is known.
    """

    __slots__ = ("guards", "item", "members", "names", "own", "source", "used")

    def __init__(self, item: Item, tree: File, guards: Iterable[int]) -> None:
        self.item = item
        self.source = tree.source.name
        self.own: Guards = dict.fromkeys(guards)
        self.guards: Guards = dict(self.own)
        scope = Scope(Report())
        scope.collect([item])
        self.names = {*scope.tags, *scope.ordinary}
        self.used = _names_in(tree, item) - self.names
        self.members = _members_of(item)


def places_of(trees: Iterable[File], files: dict[str, ConditionalFile]) -> dict[str, Places]:
    """Return the conditions of each of *files* by where they stand.

    Args:
        trees: The file that is compiled, and those that it imports.
        files: Those of them that have conditions.
    """
    blocks: dict[str, tuple[Block, ...]] = {}
    declared: list[_Declared] = []
    foreign: Guards = {}
    imported: list[tuple[str, int]] = []
    numbers: dict[Guard, int] = {}
    for tree in trees:
        file = files.get(tree.source.name)
        branches = () if file is None else file.branches
        own = tuple(Block(b.start, b.end, b.guard) for b in branches if b.guard is not None)
        blocks[tree.source.name] = own
        around = _Around(own, [numbers.setdefault(b.guard, len(numbers)) for b in own])
        for item in tree.items:
            guards = around.of(item.span.start, item.span.end)
            if isinstance(item, ImportItem):
                imported += ((item.path, guard) for guard in guards)
            elif isinstance(item, IncludeItem):
                # Whose names these are, nobody sees here: all that no file declares.
                foreign.update(dict.fromkeys(guards))
            else:
                declared.append(_Declared(item, tree, guards))
    for path, guard in imported:
        for one in declared:
            if one.source == path or one.source.endswith(f"/{path}"):
                one.own[guard] = one.guards[guard] = None
    _spread(declared, foreign)
    in_order = list(numbers)
    dependences: dict[str, list[Dependence]] = {}
    for one in declared:
        span = one.item.span
        guards_of_it = tuple(in_order[number] for number in sorted(one.guards))
        dependence = Dependence(span.start, span.end, guards_of_it)
        dependences.setdefault(one.source, []).append(dependence)
    return {name: Places(own, tuple(dependences.get(name, ()))) for name, own in blocks.items()}


class _Around:
    """The guards of a place, found while places come in the order of the text."""

    def __init__(self, blocks: tuple[Block, ...], numbers: list[int]) -> None:
        self._blocks = [*zip(blocks, numbers, strict=True)]
        self._next = 0
        self._open: list[tuple[Block, int]] = []

    def of(self, start: int, end: int) -> list[int]:
        """Return the guard around what stands from *start* to *end*, and those of blocks in it.

        By their numbers; none where nothing decides about it.
        """
        guards: list[int] = []
        while self._next < len(self._blocks) and self._blocks[self._next][0].start < end:
            block, number = self._blocks[self._next]
            self._next += 1
            if block.start <= start:
                self._open.append((block, number))
            elif block.guard:
                guards.append(number)
        while self._open and self._open[-1][0].end <= start:
            self._open.pop()
        if self._open and self._open[-1][0].guard:
            guards.insert(0, self._open[-1][1])
        return guards


def _spread(declared: list[_Declared], foreign: Guards) -> None:
    """Let each of *declared* have the guards of what it uses, and of others of its names."""
    owners: dict[str, list[_Declared]] = {}
    for one in declared:
        for name in one.names:
            owners.setdefault(name, []).append(one)
    users: dict[str, list[_Declared]] = {}
    for one in declared:
        for name in one.used:
            if name in owners:
                users.setdefault(name, []).append(one)
            elif foreign and name not in one.members and not _is_built_in(name):
                one.guards.update(foreign)
    for same in owners.values():
        if len(same) > 1:
            every = {guard: None for one in same for guard in one.own}
            for one in same:
                one.guards.update(every)
    pending = [one for one in declared if one.guards]
    while pending:
        one = pending.pop()
        for name in one.names:
            for user in users.get(name, ()):
                count = len(user.guards)
                user.guards.update(one.guards)
                if len(user.guards) > count:
                    pending.append(user)


def _is_built_in(name: str) -> bool:
    """Return whether the language itself has *name*, so that no header is asked for it."""
    prelude = Prelude.shared()
    kinds = ("typedef", "struct", "union", "enum")
    return (
        name in MAP_KINDS
        or name in ATTRIBUTES
        or prelude.find_constant(name) is not None
        or any(prelude.find_type(kind, name) is not None for kind in kinds)
    )


def _members_of(item: Item) -> set[str]:
    """Return the names of the members of structs and unions that *item* has bodies of."""
    names: set[str] = set()
    pending = [item.specifiers] if isinstance(item, DeclarationItem) else []
    while pending:
        base = pending.pop().base
        for member in (base.members or ()) if isinstance(base, CompositeNode) else ():
            pending.append(member.specifiers)
            for declarator in member.declarators:
                if declarator.declarator is not None:
                    name = declared_name(declarator.declarator)
                    names |= set() if name is None else {name.text}
    return names


def _names_in(tree: File, item: Item) -> set[str]:
    """Return the names in the text of *item*."""
    from bisect import bisect_left

    tokens = tree.tokens
    if tokens is None:
        return set()
    first = bisect_left(tokens.starts, item.span.start)
    after = bisect_left(tokens.starts, item.span.end, first)
    return {
        text
        for kind, text in zip(tokens.kinds[first:after], tokens.texts[first:after], strict=True)
        if kind == "NAME"
    }
