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
    from collections.abc import Iterable, Sequence

    from bpfgen.importer.from_c.conditionals import Conditionals
    from bpfgen.importer.from_c.lines import Line

_NAME = re.compile(r"[A-Za-z_]\w*")
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
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

    The lines of *bodies*, first and last, are those of functions, which declare nothing.
    """

    def __init__(
        self,
        conditionals: Conditionals,
        lines: Sequence[Line],
        bodies: Iterable[tuple[int, int]],
    ) -> None:
        self._conditionals = conditionals
        self._lines = lines
        self._starts = [one.branches[0].place if one.branches else -1 for one in conditionals.all]
        self._named: dict[str, set[int]] = {}
        self._words: dict[str, frozenset[str]] = {}
        self.of_maps: set[int] = set()
        self._read({place for first, last in bodies for place in range(first + 1, last)})

    def _read(self, in_bodies: set[int]) -> None:
        """Note what the lines in conditionals may declare."""
        makers = self._makers()
        for place, line in enumerate(self._lines):
            path = self._conditionals.around(place)
            if not path:
                continue
            numbers = [number for number, _branch in path]
            directive = line.directive if "#" in line.code or "%:" in line.code else None
            if directive is not None:
                macro = read_define(directive[1]) if directive[0] in _DIRECTIVES else None
                if macro is not None:
                    self._named.setdefault(macro.name, set()).update(numbers)
            elif place not in in_bodies:
                if SIGNS_OF_MAPS.search(line.code) is not None or (
                    makers and not makers.isdisjoint(_CALL.findall(line.code))
                ):
                    self.of_maps.update(numbers)
                for pattern in (_TAG, _TYPEDEF, _ENUMERATORS):
                    for name in pattern.findall(line.code):
                        self._named.setdefault(name, set()).update(numbers)

    def _makers(self) -> set[str]:
        """Return the macros of the unit whose bodies have signs of maps."""
        makers: set[str] = set()
        for name, places in self._conditionals.defined.items():
            for place in places:
                directive = self._lines[place].directive
                if directive is not None and SIGNS_OF_MAPS.search(directive[1]) is not None:
                    makers.add(name)
        return makers

    def of(self, first: int, last: int) -> set[int]:
        """Return the conditionals that concern the declaration on the lines *first* to *last*."""
        found = {number for number, _branch in self._conditionals.around(first)}
        inside = range(bisect_left(self._starts, first), bisect_left(self._starts, last + 1))
        found.update(number for number in inside if self._conditionals.all[number].branches)
        for word in self.words(first, last):
            found |= self._named.get(word, set())
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
