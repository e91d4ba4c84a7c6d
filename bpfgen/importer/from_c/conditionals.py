"""The `#if`s of a unit: which lines stand in which branch, and what each branch says.

Used by :mod:`variants` in the import of C, on the lines as they were before any of them was
decided. What is active in which run of the preprocessor is not known here.
"""

from __future__ import annotations

import re
from functools import cached_property

from bpfgen.importer.from_c.macros import read_define
from bpfgen.importer.from_c.preprocessing import BRANCHES
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.importer.from_c.lines import Line

_NOT_DEFINED = re.compile(r"!\s*defined\s*(?:\(\s*(\w+)\s*\)|\s(\w+))")
_NAME = re.compile(r"[A-Za-z_]\w*")


class Branch(Record):
    """One branch of a conditional; places are indices of lines.

    Attributes:
        word: That of its directive: `if`, `elifdef`, `else` and so on.
        condition: What follows the word, as written.
        place: The line of its directive; those after it, up to *after*, are the branch's.
        after: The line of the directive that ends it.
    """

    word: str
    condition: str
    place: int
    after: int


class Conditional(Record):
    """From an `#if` to its `#endif`.

    Attributes:
        number: Its place among all of the unit, which are in the order of their `#if`s.
        outer: The conditional and the branch in which it stands, by number, or None.
    """

    number: int
    outer: tuple[int, int] | None
    branches: tuple[Branch, ...]


class Conditionals:
    """Those of *lines*.

    Attributes:
        all: In the order of their `#if`s; one that nothing ends is missing.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self.all: list[Conditional] = []
        self._inside: list[tuple[int, int] | None] = []
        self._read()

    def _read(self) -> None:
        """Find the conditionals, and for each line the branch that it stands in."""
        # Of each open conditional: its number, where it stands, and its directives so far.
        levels: list[tuple[int, tuple[int, int] | None, list[tuple[str, str, int]]]] = []
        found: dict[int, Conditional] = {}
        count = 0
        for place, line in enumerate(self._lines):
            directive = line.directive if "#" in line.code or "%:" in line.code else None
            word, rest = directive or ("", "")
            inside = (levels[-1][0], len(levels[-1][2]) - 1) if levels else None
            if word in BRANCHES:
                if word.startswith("if"):
                    levels.append((count, inside, []))
                    count += 1
                if levels:
                    levels[-1][2].append((word, rest, place))
                    inside = levels[-1][1]
            elif word == "endif" and levels:
                number, inside, directives = levels.pop()
                ends = [*(at for _word, _rest, at in directives[1:]), place]
                branches = (
                    Branch(*branch, after) for branch, after in zip(directives, ends, strict=True)
                )
                found[number] = Conditional(number, inside, tuple(branches))
            self._inside.append(inside)
        # What nothing ends has no number; those in it stand where it does, for all that is known.
        self.all = [found.get(number, Conditional(number, None, ())) for number in range(count)]

    def around(self, place: int) -> list[tuple[int, int]]:
        """Return the branches that the line *place* stands in, by conditional, the outermost first.

        A directive stands where its conditional does.
        """
        path: list[tuple[int, int]] = []
        inside = self._inside[place] if 0 <= place < len(self._inside) else None
        while inside is not None:
            if self.all[inside[0]].branches:
                path.append(inside)
            inside = self.all[inside[0]].outer
        path.reverse()
        return path

    @cached_property
    def defined(self) -> dict[str, list[int]]:
        """The lines that `#define` or `#undef` each macro."""
        places: dict[str, list[int]] = {}
        for place, line in enumerate(self._lines):
            directive = line.directive if "#" in line.code or "%:" in line.code else None
            if directive is None or directive[0] not in ("define", "undef"):
                continue
            macro = read_define(directive[1])
            if macro is not None:
                places.setdefault(macro.name, []).append(place)
        return places

    def is_default(self, name: str) -> bool:
        """Return whether the file gives the macro *name* a value only where it has none."""
        places = self.defined.get(name, [])
        return bool(places) and all(self._is_default(name, place) for place in places)

    def _is_default(self, name: str, place: int) -> bool:
        path = self.around(place)
        if not path:
            return False
        conditional = self.all[path[-1][0]]
        branch = conditional.branches[path[-1][1]]
        inside = self._lines[branch.place + 1 : branch.after]
        return (
            len(conditional.branches) == 1
            and not_defined(branch) == name
            and all(not line.code.strip() or line.directive is not None for line in inside)
        )


def not_defined(branch: Branch) -> str:
    """Return the macro of which *branch* says that it isn't defined, and nothing more, or ``."""
    if branch.word == "ifndef":
        match = _NAME.match(branch.condition)
        return match[0] if match is not None else ""
    match = _NOT_DEFINED.fullmatch(branch.condition) if branch.word == "if" else None
    return "" if match is None else match[1] or match[2]
