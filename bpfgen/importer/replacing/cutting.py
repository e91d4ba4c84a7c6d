"""Stretches cut out of a C text, and an `#include` put in: as a person would, without debris.

First of a replacement. What isn't cut stays as it is, byte by byte: line ends, tabs, comments. A
line of which nothing is left goes as a whole, and with it what separated it from its neighbours;
so does a conditional that has nothing left in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise

from bpfgen.importer.from_c.lines import lines_of
from bpfgen.importer.from_c.preprocessing import BRANCHES
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_DIRECTIVE = re.compile(r"[ \t]*#")


class _Row(Record):
    """A line of the text.

    Attributes:
        start: Where it begins.
        text: What is left of it, with its line end.
        lines: How many lines it was.
        is_cut: Something was cut out of it.
        is_gone: Nothing is left of it.
    """

    start: int
    text: str
    lines: int
    is_cut: bool
    is_gone: bool

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing on it, though it stays."""
        return not self.is_gone and not self.text.strip()


def line_end(text: str) -> str:
    """Return what lines of *text* end in: as the first one does."""
    found = re.search(r"\r\n|\r|\n", text)
    return "\n" if found is None else found[0]


def without(
    text: str,
    stretches: Iterable[tuple[int, int]],
    at: int | None,
    include: str,
    *,
    keep_lines: bool = False,
) -> str:
    """Return *text* without *stretches*, and with the line *include* at the place *at*.

    That is the beginning of a line; None for no such line. With *keep_lines*, all other lines keep
    their numbers.
    """
    rows = _rows(text, merged(stretches))
    end = line_end(text)
    place = -1 if at is None else bisect_left([row.start for row in rows], at)
    if keep_lines:
        texts = [
            end * row.lines if row.is_gone else row.text + end * (row.lines - 1) for row in rows
        ]
        if at is not None:
            number = 1 + sum(row.lines for row in rows[:place])
            texts.insert(place, f"{include}{end}#line {number}{end}")
        return "".join(texts)
    rows = _without_empty_conditionals(text, rows)
    if at is not None:
        rows.insert(place, _Row(at, include + end, 1, is_cut=False, is_gone=False))
    return "".join(_spaced(rows, place, end))


def merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return *stretches* in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _rows(text: str, stretches: list[tuple[int, int]]) -> list[_Row]:
    """Return the lines of *text* without *stretches*, which are in order.

    Lines are one that something was cut out between.
    """
    rows: list[_Row] = []
    lines = [match.span() for match in _LINE.finditer(text) if match[0]]
    index = number = 0
    while index < len(lines):
        start, end = lines[index]
        before = index
        index += 1
        kept = ""
        position = start
        is_cut = False
        while number < len(stretches) and stretches[number][0] < end:
            first, after = stretches[number]
            number += 1
            kept = _joined(kept, text[position:first], is_first=not is_cut)
            position, is_cut = after, True
            while end < after and index < len(lines):
                end = lines[index][1]
                index += 1
        body_end = start + len(text[start:end].rstrip("\r\n"))
        if is_cut:
            kept = _joined(kept, text[position:body_end], is_first=False).rstrip()
        else:
            kept = text[start:body_end]
        is_gone = is_cut and not kept
        rows.append(_Row(start, kept + text[body_end:end], index - before, is_cut, is_gone))
    return rows


def _joined(before: str, after: str, *, is_first: bool) -> str:
    """Return two pieces of a line between which something was cut out."""
    if is_first:
        return after
    after = after.lstrip()
    if not before or before[-1].isspace() or not after or after[0] in ";,)":
        return before.rstrip() + after if after[:1] in (";", ",", ")") else before + after
    return f"{before} {after}"


def _without_empty_conditionals(text: str, rows: list[_Row]) -> list[_Row]:
    """Return *rows* without conditionals from which all that was in them is cut."""
    starts = [row.start for row in rows]
    line_starts = [match.start() for match in _LINE.finditer(text)]
    open_: list[list[int]] = []
    gone: set[int] = set()
    for number, line in enumerate(lines_of(text, "")):
        directive = line.directive
        if directive is None:
            continue
        index = bisect_right(starts, line_starts[number]) - 1
        if rows[index].is_cut:
            continue
        word = directive[0]
        if word in BRANCHES and word.startswith("if"):
            open_.append([index])
        elif word in BRANCHES and open_:
            open_[-1].append(index)
        elif word == "endif" and open_:
            marks = [*open_.pop(), index]
            inside = [
                rows[each]
                for first, last in pairwise(marks)
                for each in range(first + 1, last)
                if each not in gone
            ]
            has_cut = any(row.is_gone for row in inside) or any(
                each in gone for each in range(marks[0], index)
            )
            if has_cut and all(row.is_gone or row.is_blank for row in inside):
                gone.update(range(marks[0], index + 1))
    return [
        replace(row, is_cut=True, is_gone=True) if index in gone else row
        for index, row in enumerate(rows)
    ]


def _spaced(rows: list[_Row], include: int, end: str) -> list[str]:
    """Return the texts of *rows*; where some are gone, one gap is left of those around them.

    The row *include* is set apart from code.
    """
    texts: list[str] = []
    gap: list[str] = []  # blank lines that wait for what comes after them
    was_gone = False
    before: list[str] = []  # the gap before the first row that is gone
    is_after_include = False
    for index, row in enumerate(rows):
        if row.is_gone:
            if not was_gone:
                before, gap = gap, []
            elif len(gap) > len(before):
                before = gap
            gap = []
            was_gone = True
            continue
        if row.is_blank:
            gap.append(row.text)
            continue
        if was_gone:
            gap = max(before, gap, key=len) if texts else []
        if index == include:
            if texts and not gap and not _DIRECTIVE.match(texts[-1]):
                gap = [end]
        elif is_after_include and not gap and not _DIRECTIVE.match(row.text):
            gap = [end]
        texts += gap
        texts.append(row.text)
        gap, before, was_gone = [], [], False
        is_after_include = index == include
    return [*texts, *gap] if not was_gone else texts
