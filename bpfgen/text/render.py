"""Diagnostics as text for a terminal. The last stage but one: only `terminal` comes after it.

The picture, for which everything here works::

    error[map-key-size]: an `array` is indexed by 4 bytes, and `__u64` has 8
      --> maps.dsl:12:21
       |
    12 | map counters: array<__u64, __u64>[64];
       |                     ^^^^^ 8 bytes
       |
       = note: Linux refuses it with EINVAL (array_map_alloc_check)
       = help: use `__u32`

Carets stand under what a reader sees: tabs are expanded, wide characters take two cells, combining
ones none. Control characters of the source never reach the terminal. A line may have any length:
only a window of it is looked at and shown.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import ERROR, NOTE, WARNING
from bpfgen.text.header_names import REORDERING
from bpfgen.text.source import TAB_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Source, Span

WINDOW_CELLS = 120
"""Cells of a source line that are shown; longer lines are cut around the culprit."""

_LEAD_CELLS = 40
"""Cells shown before the culprit where the line's start has to be cut away."""

_CUT = "..."
_SHOWN_LINES_OF_SPAN = 4
"""A span over more lines than this is shown by its first and its last line."""

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_COLORS = {ERROR: "\x1b[1;31m", WARNING: "\x1b[1;33m", NOTE: "\x1b[1;36m"}
_FRAME = "\x1b[1;34m"


class Mark(Record):
    """An underlined stretch of one line: characters *start* up to *end* of it, from 0."""

    start: int
    end: int
    text: str
    primary: bool


def render_all(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """Return *diagnostics* as text, an empty line after each; empty if there are none."""
    return "".join(render(diagnostic, color=color) + "\n" for diagnostic in diagnostics)


def summary(
    counts: Mapping[str, int], fixes: int = 0, all_fixes: int = 0, *, color: bool = False
) -> str:
    """Return the last line of a run: how many errors and warnings it had, by severity.

    *fixes* of them `--fix` would repair, and *all_fixes* `--fix-all`.
    """
    parts = []
    for severity in (ERROR, WARNING):
        number = counts.get(severity, 0)
        if number:
            text = f"{number:,} {severity}{'s' * (number > 1)}"
            parts.append(_Paint(severity, color).severity(text))
    ways = [f"--fix repairs {fixes:,}"] if fixes else []
    if all_fixes > fixes:
        ways.append(f"--fix-all {all_fixes:,}" if ways else f"--fix-all repairs {all_fixes:,}")
    return ", ".join(parts) + (f" ({', '.join(ways)})" if ways else "") + "\n"


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """Return *diagnostic* as lines of text, each with its line end; with *color*, ANSI escapes."""
    paint = _Paint(diagnostic.severity, color)
    head = paint.severity(f"{diagnostic.severity}[{diagnostic.code}]")
    lines = [head + paint.bold(f": {printable(diagnostic.message)}")]
    snippets = _snippets(diagnostic)
    numbers = [line for _, marks, _ in snippets for line in marks]
    gutter = len(str(max(numbers))) if numbers else 1
    blank = paint.frame(" " * (gutter + 1) + "|")
    for index, (source, marks, start) in enumerate(snippets):
        arrow = "-->" if index == 0 else ":::"
        if index:
            lines.append(blank)
        line, column = source.position(start)
        place = f"{printable(source.name)}:{line}:{column}"
        lines += (f"{paint.frame(' ' * gutter + arrow)} {place}", blank)
        lines += _snippet(source, marks, gutter, paint)
    remarks = [("note", note) for note in diagnostic.notes]
    if diagnostic.help:
        remarks.append(("help", diagnostic.help))
    if remarks and snippets:
        lines.append(blank)
    for kind, text in remarks:
        first, *rest = printable(text, keep_newlines=True).split("\n")
        lines.append(f"{paint.frame(' ' * (gutter + 1) + '=')} {paint.bold(kind)}: {first}")
        lines += (" " * (gutter + 9) + line for line in rest)
    return "\n".join(lines) + "\n"


def printable(text: str, *, keep_newlines: bool = False) -> str:
    """Return *text* with all that would move a terminal's cursor or reorder it made visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character == "\n" and keep_newlines else _visible(character)
        for character in text
    )


def _visible(character: str) -> str:
    """Return what is shown for *character*: itself, a control picture, or U+FFFD."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code < 0x7F:
        return character
    # C1 controls, line and paragraph separators, what reorders a line, lone surrogates.
    if (
        code < 0xA0
        or code in {0x2028, 0x2029, 0xFEFF}
        or code in REORDERING
        or 0xD800 <= code <= 0xDFFF
    ):
        return "\ufffd"
    return character


def _cells(character: str) -> int:
    """Return the terminal cells that the non-ASCII *character* takes: 0, 1 or 2."""
    # 4 ms of import that only a source with other characters pays for.
    import unicodedata

    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


class _Paint:
    """Wraps text in ANSI escapes, or leaves it alone."""

    __slots__ = ("_color", "_severity")

    def __init__(self, severity: str, color: bool) -> None:
        self._color = color
        self._severity = _COLORS.get(severity, _BOLD)

    def _wrap(self, escape: str, text: str) -> str:
        return f"{escape}{text}{_RESET}" if self._color and text else text

    def severity(self, text: str) -> str:
        """Paint *text* in the colour of the diagnostic's severity."""
        return self._wrap(self._severity, text)

    def bold(self, text: str) -> str:
        """Paint *text* bold."""
        return self._wrap(_BOLD, text)

    def frame(self, text: str) -> str:
        """Paint *text* as a part of the frame: line numbers, bars, arrows, related places."""
        return self._wrap(_FRAME, text)

    def mark(self, text: str, *, primary: bool) -> str:
        """Paint underlines and labels: *primary* ones in the severity's colour."""
        return self.severity(text) if primary else self.frame(text)


def _snippets(diagnostic: Diagnostic) -> list[tuple[Source, dict[int, list[Mark]], int]]:
    """Return for each file, the culprit's first: its source, marks by line, and where it starts."""
    places: list[tuple[Span, str, bool]] = []
    if diagnostic.span is not None:
        places.append((diagnostic.span, diagnostic.label, True))
    places += ((label.span, label.text, False) for label in diagnostic.labels)
    snippets: list[tuple[Source, dict[int, list[Mark]], int]] = []
    for span, text, primary in places:
        marks = next((marks for source, marks, _ in snippets if source is span.source), None)
        if marks is None:
            marks = {}
            snippets.append((span.source, marks, _clamp(span)[0]))
        _add_marks(span, printable(text), primary, marks)
    return snippets


def _clamp(span: Span) -> tuple[int, int]:
    """Return the span's offsets, forced into its text and into order."""
    length = len(span.source.text)
    start = min(max(span.start, 0), length)
    return start, min(max(span.end, start), length)


def _add_marks(span: Span, text: str, primary: bool, marks: dict[int, list[Mark]]) -> None:
    """Add what *span* underlines to *marks*; a span over several lines marks its first and last."""
    source = span.source
    starts = source.line_starts()
    start, end = _clamp(span)
    first = source.line_number(start)
    last = source.line_number(end)
    if last > first and end == starts[last - 1]:
        last -= 1  # the span ends with the line end: the next line isn't part of it
        end = _line_end(source, last)
    if first == last:
        base = starts[first - 1]
        marks.setdefault(first, []).append(Mark(start - base, end - base, text, primary))
        return
    lines = range(first, last + 1)
    shown = lines if len(lines) <= _SHOWN_LINES_OF_SPAN else (first, last)
    for line in shown:
        base = starts[line - 1]
        line_end = _line_end(source, line)
        stripped = base
        if line != first:
            while stripped < line_end and source.text[stripped] in " \t":
                stripped += 1
        mark_start = start if line == first else stripped
        mark_end = min(end, line_end) if line == last else line_end
        if line in {first, last} or mark_end > mark_start:
            mark_end = max(mark_start, mark_end)
            said = text if line == last else ""
            mark = Mark(mark_start - base, mark_end - base, said, primary)
            marks.setdefault(line, []).append(mark)
        else:
            marks.setdefault(line, [])


def _line_end(source: Source, line: int) -> int:
    """Return the offset after the last character of *line* that is no line end."""
    starts = source.line_starts()
    end = starts[line] - 1 if line < len(starts) else len(source.text)
    if end > starts[line - 1] and source.text[end - 1] == "\r":
        end -= 1
    return end


def _snippet(source: Source, marks: dict[int, list[Mark]], gutter: int, paint: _Paint) -> list[str]:
    """Return the marked lines of one file with their underlines and what stands between them."""
    lines: list[str] = []
    previous = 0
    for line in sorted(marks):
        if previous and line == previous + 2:
            lines += _source_line(source, line - 1, [], gutter, paint)
        elif previous and line > previous + 2:
            lines.append(paint.frame(_CUT))
        lines += _source_line(source, line, marks[line], gutter, paint)
        previous = line
    return lines


def _source_line(
    source: Source, line: int, marks: list[Mark], gutter: int, paint: _Paint
) -> list[str]:
    """Return the line with its number, and the rows of underlines and labels below it."""
    text, placed = _window(source, line, marks)
    number = paint.frame(f"{line:>{gutter}} |")
    bar = paint.frame(" " * (gutter + 1) + "|")
    rows = [f"{number} {text}".rstrip()]
    rows += (f"{bar} {row}".rstrip() for row in _underlines(placed, paint))
    return rows


def _window(source: Source, line: int, marks: list[Mark]) -> tuple[str, list[Mark]]:
    """Return the line as it is shown, and *marks* in cells of it.

    No more characters are looked at than a window can hold, so a line of 50 MB costs nothing.
    """
    base = source.line_starts()[line - 1]
    length = _line_end(source, line) - base
    focus = next((mark for mark in marks if mark.primary), marks[0] if marks else None)
    anchor = min(focus.start, length) if focus else 0
    last = min(max(anchor, focus.end if focus else 0), length)
    # The line's start is kept as long as the culprit is seen with it.
    first = 0 if min(last, anchor + _LEAD_CELLS) < WINDOW_CELLS - 10 else anchor - _LEAD_CELLS
    stop = min(length, first + WINDOW_CELLS)
    shown, cells = _expand(source.text[base + first : base + stop])
    if cells[-1] > WINDOW_CELLS + _LEAD_CELLS:  # tabs and wide characters: cut by cells, not count
        first = max(first, anchor - _LEAD_CELLS // TAB_WIDTH)
        stop = first
        shown, cells = _expand(source.text[base + first : base + min(length, first + WINDOW_CELLS)])
        while stop - first < len(cells) - 1 and cells[stop - first + 1] <= WINDOW_CELLS:
            stop += 1
        shown, cells = _expand(source.text[base + first : base + stop])
    lead = _CUT if first else ""
    placed = []
    for mark in marks:
        start = cells[min(max(mark.start - first, 0), stop - first)]
        end = cells[min(max(mark.end - first, 0), stop - first)]
        start += len(lead)
        placed.append(Mark(start, max(end + len(lead), start + 1), mark.text, mark.primary))
    return lead + shown + (_CUT if stop < length else ""), placed


def _expand(text: str) -> tuple[str, list[int]]:
    """Return *text* as shown, and the cell at which each character (and the end) stands."""
    if text.isascii() and text.isprintable():
        return text, list(range(len(text) + 1))
    shown: list[str] = []
    cells = [0]
    cell = 0
    for character in text:
        if character == "\t":
            width = TAB_WIDTH - cell % TAB_WIDTH
            shown.append(" " * width)
        else:
            visible = _visible(character)
            width = 1 if visible.isascii() else _cells(visible)
            shown.append(visible)
        cell += width
        cells.append(cell)
    return "".join(shown), cells


def _underlines(marks: list[Mark], paint: _Paint) -> list[str]:
    """Return the row of carets and dashes, and the rows of labels that hang below it."""
    if not marks:
        return []
    width = max(mark.end for mark in marks)
    row = [" "] * width
    owner = [False] * width
    for mark in sorted(marks, key=lambda mark: mark.primary):  # carets win over dashes
        for cell in range(mark.start, mark.end):
            row[cell] = "^" if mark.primary else "-"
            owner[cell] = mark.primary
    first = _painted(row, owner, paint)
    labelled = sorted((mark for mark in marks if mark.text), key=lambda mark: mark.start)
    if not labelled:
        return [first]
    rows = [first]
    last = labelled[-1]
    # The rightmost label continues the row, if nothing else is underlined after it.
    if last.end == width and all(mark.start < last.start for mark in labelled[:-1]):
        rows[0] = f"{first} {paint.mark(last.text, primary=last.primary)}"
        labelled.pop()
    if labelled:
        rows.append(_hanging(labelled, "|", paint))
    while labelled:
        mark = labelled.pop()
        before = _hanging([other for other in labelled if other.start < mark.start], "|", paint)
        seen = len({other.start for other in labelled if other.start < mark.start})
        column = max((other.start for other in labelled if other.start < mark.start), default=-1)
        gap = " " * (mark.start - column - 1)
        rows.append((before if seen else "") + gap + paint.mark(mark.text, primary=mark.primary))
    return rows


def _hanging(marks: list[Mark], character: str, paint: _Paint) -> str:
    """Return a row with *character* below the start of each of *marks*."""
    row: list[str] = []
    column = 0
    for mark in marks:
        if mark.start < column:
            continue
        row.append(" " * (mark.start - column) + paint.mark(character, primary=mark.primary))
        column = mark.start + 1
    return "".join(row)


def _painted(row: list[str], primary: list[bool], paint: _Paint) -> str:
    """Return *row* as text, each stretch of one kind painted at once."""
    parts: list[str] = []
    start = 0
    for cell in range(1, len(row) + 1):
        if cell == len(row) or (row[cell], primary[cell]) != (row[start], primary[start]):
            stretch = "".join(row[start:cell])
            parts.append(
                stretch if row[start] == " " else paint.mark(stretch, primary=primary[start])
            )
            start = cell
    return "".join(parts)
