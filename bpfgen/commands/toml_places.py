"""Where things stand in a pyproject.toml, which tomllib doesn't say, and what is wrong with them.

Beside `configuration`, which reads the table.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.text.source import Source


class Places:
    """Where the table and its keys stand: tomllib doesn't say. A guess for odd spellings."""

    __slots__ = ("source",)

    def __init__(self, source: Source) -> None:
        self.source = source

    def table(self) -> Span:
        """Return the place of the table's head."""
        head = re.compile(r"""^[^#\n]*\bbpfgen\b[^\n]*""", re.MULTILINE).search(self.source.text)
        return (
            place_at(self.source) if head is None else Span(self.source, head.start(), head.end())
        )

    def entry(self, table: str, number: int, key: str = "") -> Span:
        """Return the place of *key* in the *number*-th `[[tool.bpfgen.TABLE]]`, from 0.

        That of its head where no key is asked for, or it isn't found.
        """
        text = self.source.text
        heads = re.compile(rf"""^[ \t]*\[\[[^\n\]]*\b{table}\b[^\n]*""", re.MULTILINE)
        entries = list(heads.finditer(text))
        if number >= len(entries):  # written in another way
            return self.key(table)
        head = entries[number]
        tables = re.compile(rf"""^[ \t]*\[(?![^\n\[]*\b{table}\b[^\n]*\.)""", re.MULTILINE)
        following = tables.search(text, head.end())
        end = len(text) if following is None else following.start()
        match = self._wanted(key).search(text, head.end(), end) if key else None
        match = match or head
        return Span(self.source, match.start(), match.end())

    def member(self, table: str, key: str) -> Span:
        """Return the place of *key* in `[tool.bpfgen.TABLE]` or one of its own tables.

        That of TABLE where it isn't found.
        """
        text = self.source.text
        heads = re.compile(rf"""^[ \t]*\[[^\n\[]*\bbpfgen\b[^\n]*\b{table}\b""", re.MULTILINE)
        for head in heads.finditer(text):
            following = re.compile(r"""^[ \t]*\[""", re.MULTILINE).search(text, head.end())
            end = len(text) if following is None else following.start()
            match = self._wanted(key).search(text, head.end(), end)
            if match is not None:
                return Span(self.source, match.start(), match.end())
        return self.key(table)

    @staticmethod
    def _wanted(key: str) -> re.Pattern[str]:
        name = re.escape(key)
        return re.compile(rf"""(?<![\w-])(?:{name}|"{name}"|'{name}')(?=[ \t]*[.=\]])""")

    def key(self, key: str) -> Span:
        """Return the place of *key*; that of the table where it isn't found."""
        text = self.source.text
        head = self.table()
        wanted = self._wanted(key)
        tables = re.compile(r"""^[ \t]*\[[^\n]*""", re.MULTILINE)
        for table in (*tables.finditer(text, head.start), None):
            if table is None or not re.search(r"\bbpfgen\b", table.group()):
                end = len(text) if table is None else table.start()
                match = wanted.search(text, head.start, end)
                if match is not None:
                    return Span(self.source, match.start(), match.end())
                break
        return head


def syntax_error(source: Source, message: str) -> Diagnostic:
    """Return what is wrong with the TOML itself, at the place that tomllib's message ends with."""
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    span = place_at(source, len(source.text))
    if place is not None:
        line, column = int(place[1]), int(place[2])
        message = message[: place.start()]
        starts = source.line_starts()
        if line <= len(starts):
            span = place_at(source, min(starts[line - 1] + column - 1, len(source.text)))
    return wrong(f"this is no TOML: {message[:1].lower()}{message[1:]}", span)


def place_at(source: Source, offset: int = 0) -> Span:
    """Return the place of one character, by default the first."""
    return Span(source, offset, offset)


def wrong(message: str, span: Span, help: str = "") -> Diagnostic:
    """Return the error that the table has *message* wrong."""
    return Diagnostic("configuration", message, span, help=help)
