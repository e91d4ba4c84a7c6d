"""Where in a C file the header goes that has what was cut out of it.

Second of a replacement. The definitions stood in an order that compiled: what stands before the
first one needs none of them. So the header may stand where the first one did, and as far down as
the first line that uses what it declares; in between, it goes after the `#include`s, which bring
the kernel's types in the form that the program wants.
"""

from __future__ import annotations

from bpfgen.importer.from_c.lines import lines_of
from bpfgen.importer.from_c.macros import TOKEN
from bpfgen.importer.from_c.preprocessing import BRANCHES
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from bpfgen.importer.from_c.lines import Line

_INCLUDES = ("include", "include_next", "import")


class Conditional(Record):
    """A conditional of a file.

    Attributes:
        conditions: Its directives, from `#if` on, without the `#`: `ifdef DEBUG`, `else`.
        marks: The lines that they stand on, from 0, and that of `#endif`.
    """

    conditions: tuple[str, ...]
    marks: tuple[int, ...]

    @property
    def first(self) -> int:
        """The line of its `#if`."""
        return self.marks[0]

    @property
    def last(self) -> int:
        """The line of its `#endif`."""
        return self.marks[-1]


class Layout:
    """The lines of one C file: where they begin, and what its directives enclose.

    Attributes:
        lines: As :func:`lines_of` has them.
        starts: Where each begins.
        conditionals: All of them but the include guard, outer ones before those inside of them.
    """

    def __init__(self, text: str) -> None:
        self.lines: list[Line] = lines_of(text, "")
        self.starts = line_starts(text)
        self.conditionals = sorted(_conditionals(self.lines), key=lambda each: each.first)
        self._drop_guard()

    def line_of(self, place: int) -> int:
        """Return the line, from 0, that the character *place* stands in."""
        from bisect import bisect_right

        return max(bisect_right(self.starts, place) - 1, 0)

    def around(self, place: int) -> list[Conditional]:
        """Return the conditionals that the character *place* stands in, the outer ones first."""
        line = self.line_of(place)
        return [each for each in self.conditionals if each.first < line < each.last]

    def _drop_guard(self) -> None:
        """Leave out the conditional that all code of the file stands in: its include guard."""
        if not self.conditionals or not self.conditionals[0].conditions[0].startswith("ifndef "):
            return
        guard = self.conditionals[0]
        outside = (*self.lines[: guard.first], *self.lines[guard.last + 1 :])
        if len(guard.marks) == 2 and not any(line.code.strip() for line in outside):
            self.conditionals.pop(0)


def line_starts(text: str) -> list[int]:
    """Return where each line of *text* begins, whatever lines end in."""
    import re

    return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]


def _conditionals(lines: Iterable[Line]) -> list[Conditional]:
    found: list[Conditional] = []
    open_: list[tuple[list[str], list[int]]] = []
    for number, line in enumerate(lines):
        directive = line.directive
        word, rest = directive if directive is not None else ("", "")
        if word in BRANCHES and word.startswith("if"):
            open_.append(([f"{word} {rest}"], [number]))
        elif word in BRANCHES and open_:
            open_[-1][0].append(f"{word} {rest}".rstrip())
            open_[-1][1].append(number)
        elif word == "endif" and open_:
            conditions, marks = open_.pop()
            found.append(Conditional(tuple(conditions), (*marks, number)))
    return found


def places(
    layout: Layout, stretches: Sequence[tuple[int, int]], names: Container[str], start: int
) -> list[int]:
    """Return where the header may stand: beginnings of lines, the best first.

    *stretches* are cut out, in order; *names* are those that the header declares, the first of
    them, as far as it is cut out, at *start*.
    """
    first = layout.line_of(start)
    outer = layout.around(start)
    if outer:
        first = outer[0].first
    use = _first_use(layout, stretches, names, first)
    include = first
    for number in range(first, use):
        directive = layout.lines[number].directive
        if directive is None or directive[0] not in _INCLUDES:
            continue
        around = [each for each in layout.conditionals if each.first < number < each.last]
        after = around[0].last + 1 if around else number + 1
        if after <= use:
            include = max(include, after)
    starts = [*layout.starts, layout.starts[-1]]
    return list(dict.fromkeys(starts[line] for line in (include, first)))


def _first_use(
    layout: Layout, stretches: Sequence[tuple[int, int]], names: Container[str], first: int
) -> int:
    """Return the first line from *first* on that has one of *names* outside of *stretches*.

    The bodies of macros use nothing by themselves. Where nothing does, it is the line after all.
    """
    for number in range(first, len(layout.lines)):
        line = layout.lines[number]
        directive = line.directive
        if directive is not None and directive[0] == "define":
            continue
        start = layout.starts[number] if number < len(layout.starts) else 0
        for match in TOKEN.finditer(line.code):
            if match["name"] is None or match[0] not in names:
                continue
            place = start + match.start()
            if not any(begin <= place < end for begin, end in stretches):
                return number
    return len(layout.lines)
