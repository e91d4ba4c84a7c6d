"""What one program's import came to, cut up into declarations that know what they need.

Third of the import of a whole project. A program is imported with its headers of maps as part of
it; each declaration stands in one of those files, and uses names that others, or headers, declare.
"""

from __future__ import annotations

import os

from bpfgen.importer.branches import said
from bpfgen.importer.from_c.declarations import TAG_WORDS
from bpfgen.importer.from_c.trees import declared_names, parsed, shapes_and_slots, used_names
from bpfgen.importer.items import INCLUDES, MAPS
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.syntax.tree import IncludeItem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from bpfgen.importer.branches import Within
    from bpfgen.importer.items import Imported, Item

    Key: TypeAlias = tuple[int, str]


class Header(Record):
    """A header that a source includes.

    Attributes:
        name: As the program would write it, with its brackets or quotes.
        path: Where clang found it; empty where it didn't.
        within: The branches that it is included in.
    """

    name: str
    path: str
    within: tuple[Within, ...] = ()


class Piece(Record):
    """One declaration as one program has it.

    Attributes:
        item: Its text, and what messages say of it.
        file: The real path of the file that it stands in; empty where it stands in none.
        line: The number of its line there.
        names: What it declares: `flows`, `struct flow`, enumerators.
        uses: The pieces that have the names which it uses, by their place in the program.
        headers: Those that declare what no piece does.
    """

    item: Item
    file: str
    line: int
    names: tuple[str, ...]
    uses: tuple[int, ...]
    headers: tuple[Header, ...]

    @property
    def key(self) -> Key:
        """What tells it from every other of its file."""
        name = self.names[0] if self.names else self.item.text
        return self.item.group, f"{name} {said(self.item.within)}".rstrip()

    @property
    def written(self) -> tuple[object, ...]:
        """What it is and where it is written, whatever the conditions there come to."""
        return self.file, self.line, self.item.group, self.names, self.item.text

    @property
    def is_map(self) -> bool:
        """Whether it is a map."""
        return self.item.group == MAPS


def pieces_of(imported: Imported) -> list[Piece]:
    """Return the declarations of *imported*, in its order, without the includes."""
    places = [placed for placed in imported.located if placed.item.group != INCLUDES]
    trees = [parsed(placed.item.text) for placed in places]
    names = [
        placed.item.names or tuple(declared_names(tree).names)
        for placed, tree in zip(places, trees, strict=True)
    ]
    owners: dict[str, list[int]] = {}
    for number, declared in enumerate(names):
        for name in declared:
            owners.setdefault(name, []).append(number)
    includes = [placed.item for placed in imported.located if placed.item.group == INCLUDES]
    pieces = []
    for number, (placed, tree) in enumerate(zip(places, trees, strict=True)):
        used: dict[int, None] = {}
        outside: list[str] = []
        for name in (*used_names(tree), *shapes_and_slots(tree)):
            declaring = _owners(owners, name)
            if not declaring:
                outside.append(name)
            used.update((owner, None) for owner in declaring if owner != number)
        file = os.path.realpath(placed.path) if placed.path else ""
        headers = tuple(_headers(includes, outside))
        pieces.append(Piece(placed.item, file, placed.line, names[number], tuple(used), headers))
    return pieces


def _owners(owners: dict[str, list[int]], name: str) -> list[int]:
    """Return the pieces that have the *name*; a tag may stand without its word."""
    if name in owners:
        return owners[name]
    tags = (owners.get(f"{word} {name}") for word in TAG_WORDS)
    return next(filter(None, tags), [])


def _headers(includes: list[Item], outside: Iterable[str]) -> Iterator[Header]:
    """Yield the headers among *includes* that declare names *outside*.

    Where one declares nothing that is needed, all stand there for those after them.
    """
    wanted = set(outside)
    wanted.update([f"{word} {name}" for name in wanted for word in TAG_WORDS])
    chosen = [number for number, item in enumerate(includes) if not wanted.isdisjoint(item.names)]
    all_count = not all(item.names for item in includes)
    for number, item in enumerate(includes[: max(chosen, default=-1) + 1]):
        if number in chosen or all_count:
            yield from _header(item)


def _header(item: Item) -> Iterator[Header]:
    for node in parsed(item.text):
        if isinstance(node, IncludeItem):
            yield Header(node.path, item.header, item.within)


def headers_of(imported: Imported) -> Iterator[Header]:
    """Yield all headers that the source of *imported* includes, in its order."""
    for located in imported.located:
        if located.item.group == INCLUDES:
            yield from _header(located.item)
