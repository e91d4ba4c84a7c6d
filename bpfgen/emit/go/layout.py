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
            parts.append(_aligned(block))
            block = []
            parts.append(comment(line.doc, INDENT))
        block.append(line.words)
    parts.append(_aligned(block))
    return "".join(parts)


def _aligned(block: list[tuple[str, ...]]) -> str:
    if not block:
        return ""
    widths = [max(map(len, column)) for column in zip(*block, strict=True)][:-1]
    return "".join(
        [
            INDENT
            + "".join([word.ljust(width) + " " for word, width in zip(words, widths, strict=False)])
            + words[-1]
            + "\n"
            for words in block
        ]
    )
