"""Lines of Go in columns, as gofmt has them: fields of a struct, constants of a group.

A comment or a blank line between two lines ends the columns (text/tabwriter in go/printer).
"""

from __future__ import annotations

from bpfgen.emit.go.comments import comment
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

INDENT = "\t"


class Line(Record):
    """One line: words in columns, after the comment *doc*, a text a line."""

    words: tuple[str, ...]
    doc: tuple[str, ...] = ()


def columns(lines: Sequence[Line]) -> str:
    """Return *lines*, which all have as many words, indented."""
    parts: list[str] = []
    block: list[tuple[str, ...]] = []
    for line in lines:
        if line.doc:
            parts += (_aligned(block), comment(line.doc, INDENT))
            block = []
        block.append(line.words)
    parts.append(_aligned(block))
    return "".join(parts)


def _aligned(block: list[tuple[str, ...]]) -> str:
    """Return lines of *block* with each column but the last as wide as its longest word."""
    if not block:
        return ""
    widths = [0] * (len(block[0]) - 1)
    for words in block:
        for column, width in enumerate(widths):
            if len(words[column]) > width:
                widths[column] = len(words[column])
    line = f"{INDENT}{''.join([f'%-{width}s ' for width in widths])}%s\n"
    return "".join([line % words for words in block])
