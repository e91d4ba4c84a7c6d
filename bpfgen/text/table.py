"""Tables for people: as wide as they need to be, or as wide as a terminal is.

Beside `render`: what a command prints on standard output, where that isn't for programs.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "  "
_CUT = "…"
_NARROWEST = 6
"""Cells of a column that is cut, at least."""

_INDENT = "    "
_BOLD = "\x1b[1m"
_DIM = "\x1b[2m"
_RESET = "\x1b[0m"


class Page(Record):
    """What is printed on.

    Attributes:
        width: Cells of a line; None where there is no edge: in a file, or a pipe.
        color: Whether ANSI escapes are welcome.
    """

    width: int | None = None
    color: bool = False

    def bold(self, text: str) -> str:
        """Return *text* in bold, where there are colours."""
        return f"{_BOLD}{text}{_RESET}" if self.color and text else text

    def dim(self, text: str) -> str:
        """Return *text* faint, where there are colours."""
        return f"{_DIM}{text}{_RESET}" if self.color and text else text


FILE = Page()
"""What has no edge and takes no colours."""


class Columns(Record):
    """The columns of a table.

    Attributes:
        heads: What stands over them, in order.
        always: Those that stay in the line of a row however narrow the page is. What the others
            have comes below it then, and so does the whole of what was cut.
        right: Those that are aligned to the right; they are never cut.
    """

    heads: tuple[str, ...]
    always: frozenset[str]
    right: frozenset[str] = frozenset()


def table(columns: Columns, rows: Sequence[dict[str, str]], page: Page) -> list[str]:
    """Return the lines of a table of *rows*, which have their cells by head; empty ones may miss.

    A column that would be empty all the way down is left out, unless it is one of the `always`.
    """
    heads = [h for h in columns.heads if h in columns.always or any(h in row for row in rows)]
    widths = {h: max(len(h), *(len(row.get(h, "")) for row in rows)) for h in heads}
    below: list[str] = []
    if page.width is not None and _total(widths) > page.width:
        below = [h for h in heads if h not in columns.always]
        widths = {h: width for h, width in widths.items() if h not in below}
        _narrow(widths, columns, page.width)
    lines = [page.bold(_line({h: h for h in widths}, widths, columns))]
    for row in rows:
        lines.append(_line(row, widths, columns))
        cut = [head for head in widths if len(row.get(head, "")) > widths[head]]
        lines += (page.dim(line) for line in _rest(row, [*cut, *below], page))
    return lines


def _total(widths: dict[str, int]) -> int:
    return sum(widths.values()) + len(_GAP) * (len(widths) - 1)


def _narrow(widths: dict[str, int], columns: Columns, width: int) -> None:
    """Take cells off the widest columns until they fit in *width*, or can't be cut any more."""
    cuttable = [head for head in widths if head not in columns.right]
    while cuttable and _total(widths) > width:
        widest = max(cuttable, key=lambda head: widths[head])
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1


def _line(row: dict[str, str], widths: dict[str, int], columns: Columns) -> str:
    cells = []
    for head, width in widths.items():
        text = row.get(head, "")
        if len(text) > width:
            text = text[: width - 1] + _CUT
        cells.append(text.rjust(width) if head in columns.right else text.ljust(width))
    return _GAP.join(cells).rstrip()


def _rest(row: dict[str, str], heads: list[str], page: Page) -> list[str]:
    """Return the lines below a row: what of it has no column."""
    assert page.width is not None or not heads
    lines: list[str] = []
    for head in heads:
        if head not in row:
            continue
        item = f"{head}: {row[head]}"
        if lines and page.width is not None and len(lines[-1]) + 2 + len(item) <= page.width:
            lines[-1] += f"; {item}"
        else:
            lines.append(f"{_INDENT}{item}")
    return lines


def one_line(text: str, page: Page) -> str:
    """Return *text* as one line of *page*, cut after a word where it would go over its edge."""
    if page.width is None or len(text) <= page.width:
        return text
    cut = text[: page.width - 1]
    words = cut.rpartition(" ")[0].rstrip(" ,;:")
    return (words if len(words) > page.width // 2 else cut) + _CUT
