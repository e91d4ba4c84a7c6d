"""Which `#if`s of a unit concern its maps: what is in them, or decides on what is in them.

Used by :mod:`variants` in the import of C. A conditional concerns a declaration of the source that
stands in it or around it, or that has a name in it which a branch gives its meaning. Branches that
have signs of maps concern them, whether anybody has read them or not.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from bpfgen.importer.from_c.attributes import SIGNS_OF_MAPS
from bpfgen.importer.from_c.macros import read_define
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bpfgen.importer.from_c.conditionals import Conditionals
    from bpfgen.importer.from_c.lines import Line

_NAME = re.compile(r"[A-Za-z_]\w*")
_TAG = re.compile(
    r"\b(?:struct|union|enum)\s+(?:__attribute__\s*\(\(.*?\)\)\s*)?(\w+)\s*(?:[{:]|$)"
)
_TYPEDEF = re.compile(
    r"(?:^\s*\}|\btypedef\b.*[\s*])\s*(?:__attribute__\s*\(\(.*?\)\)\s*)?(\w+)"
    r"\s*(?:\[[^\]]*\]\s*)*;"
)
_ENUMERATORS = re.compile(r"^\s*([A-Za-z_]\w*)\s*(?:=[^,;(){}]*)?,")
_DIRECTIVES = ("define", "undef")


class Relevance:
    """What the conditionals of *lines* decide on.

    The lines of *bodies*, first and last, are those of functions, which declare nothing. Of an
    `#include`, *brings_maps* says whether its header seems to define maps.

    Attributes:
        of_maps: The conditionals that concern what seems to be a map, whether it is active or not.
    """

    def __init__(
        self,
        conditionals: Conditionals,
        lines: Sequence[Line],
        bodies: Iterable[tuple[int, int]],
        brings_maps: Callable[[Line], bool],
    ) -> None:
        self._brings_maps = brings_maps
        self._conditionals = conditionals
        self._lines = lines
        self._starts = [one.branches[0].place if one.branches else -1 for one in conditionals.all]
        self._named: dict[str, set[int]] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._packing: list[tuple[int, frozenset[int]]] = []
        self.of_maps: set[int] = set()
        self._read({place for first, last in bodies for place in range(first + 1, last)})

    def _read(self, in_bodies: set[int]) -> None:
        """Note what the lines may declare that stand in conditionals, and where maps may be."""
        makers = self._makers()
        places: list[int] = []
        for place, line in enumerate(self._lines):
            numbers = [number for number, _branch in self._conditionals.around(place)]
            directive = line.directive if "#" in line.code or "%:" in line.code else None
            if directive is not None:
                if numbers:
                    self._read_directive(place, line, directive, numbers)
            elif place not in in_bodies:
                if SIGNS_OF_MAPS.search(line.code) is not None or (
                    makers and not makers.isdisjoint(_NAME.findall(line.code))
                ):
                    places.append(place)
                if numbers:
                    for pattern in (_TAG, _TYPEDEF, _ENUMERATORS):
                        for name in pattern.findall(line.code):
                            self._named.setdefault(name, set()).update(numbers)
        self.of_maps = self.of_maps.union(*(self.of(place, place) for place in places))

    def _read_directive(
        self, place: int, line: Line, directive: tuple[str, str], numbers: list[int]
    ) -> None:
        word, rest = directive
        if word in _DIRECTIVES:
            macro = read_define(rest)
            if macro is not None:
                self._named.setdefault(macro.name, set()).update(numbers)
        elif word.startswith("include"):
            if self._brings_maps(line):
                self.of_maps.update(numbers)
        elif word == "pragma" and rest.startswith("pack"):
            self._packing.append((place, frozenset(numbers)))

    def _makers(self) -> set[str]:
        """Return the macros of the unit whose bodies have signs of maps, or of such macros."""
        makers: set[str] = set()
        users: dict[str, set[str]] = {}
        for name, places in self._conditionals.defined.items():
            for place in places:
                directive = self._lines[place].directive
                if directive is not None and SIGNS_OF_MAPS.search(directive[1]) is not None:
                    makers.add(name)
            for word in self._body_words(name):
                users.setdefault(word, set()).add(name)
        pending = list(makers)
        while pending:
            fresh = users.get(pending.pop(), set()) - makers
            makers |= fresh
            pending += fresh
        return makers

    def of(self, first: int, last: int) -> set[int]:
        """Return the conditionals that concern the declaration on the lines *first* to *last*."""
        found = {number for number, _branch in self._conditionals.around(first)}
        inside = range(bisect_left(self._starts, first), bisect_left(self._starts, last + 1))
        found.update(number for number in inside if self._conditionals.all[number].branches)
        words = self.words(first, last)
        for word in words:
            found |= self._named.get(word, set())
        if not words.isdisjoint(("struct", "union", "typedef")):
            for place, numbers in self._packing:
                if place < first:
                    found |= numbers
        return found

    def words(self, first: int, last: int) -> set[str]:
        """Return all names on the lines *first* to *last*, and in the macros that they use."""
        words: set[str] = set()
        for line in self._lines[first : last + 1]:
            directive = line.directive
            if directive is None:
                words.update(_NAME.findall(line.code))
            elif directive[0] in _DIRECTIVES:
                words.update(_NAME.findall(directive[1]))
        pending = list(words)
        while pending:
            fresh = self._body_words(pending.pop()) - words
            words |= fresh
            pending += fresh
        return words

    def _body_words(self, name: str) -> frozenset[str]:
        """Return the names in the bodies of the macro *name*."""
        if name not in self._words:
            names: set[str] = set()
            for place in self._conditionals.defined.get(name, ()):
                directive = self._lines[place].directive
                macro = read_define(directive[1]) if directive is not None else None
                if macro is not None:
                    names.update(_NAME.findall(macro.body))
            self._words[name] = frozenset(names)
        return self._words[name]
