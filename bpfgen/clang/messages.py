"""What clang says, parsed, and turned back into diagnostics at the line of the `.dsl` file.

Comes after `clang`, which runs it, and after `emit`, which knows which line of C came from where.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.text.source import Span


class ClangMessage(Record):
    """One message of clang.

    Attributes:
        line: The line of our text, from 1, that is concerned: where the culprit stands, or what
            included the file where it stands; 0 where there is none (a driver's error, a crash).
        column: The column in bytes, from 1; 0 where the culprit isn't in our text itself.
        severity: `error`, `warning` or `note`; a fatal error is an error.
        text: The message.
        file: The header where the culprit stands; empty for our own text.
        file_line: The line in that header, from 1, or 0.
    """

    line: int
    column: int
    severity: str
    text: str
    file: str = ""
    file_line: int = 0

    @property
    def is_error(self) -> bool:
        """Whether it kept clang from making an object."""
        return self.severity == ERROR

    @property
    def missing_header(self) -> str:
        """The header that clang looked for and didn't find; empty where that isn't the matter."""
        match = _NO_HEADER.match(self.text)
        return match[1] if match else ""


_INCLUDED = re.compile(r"(?:In file included|\s+) from (.+?):(\d+)[:,]?(?:\d+[:,])?$")
_PLACED = re.compile(r"(.+?):(\d+):(\d+): (fatal error|error|warning|note|remark): (.*)")
_UNPLACED = re.compile(r"(?:[^\s:]+: )?(fatal error|error|warning|note): (.*)")
_NO_HEADER = re.compile(r"'(.+)' file not found")
_SEVERITIES = {"fatal error": "error", "remark": "note"}


def parse_messages(stderr: str, main: str, base: str) -> list[ClangMessage]:
    """Return the messages in what clang wrote to standard error.

    *main* is the path of our text as clang was given it, *base* the directory of our own
    temporary headers, which are named relative to it. Lines that are no messages are left out.
    """
    messages: list[ClangMessage] = []
    included_at = 0
    placed_at = 0
    for line in stderr.splitlines():
        match = _INCLUDED.match(line)
        if match:
            if match[1] == main:
                included_at = int(match[2])
            continue
        match = _PLACED.match(line)
        if match:
            severity = _SEVERITIES.get(match[4], match[4])
            if match[1] == main:
                message = ClangMessage(int(match[2]), int(match[3]), severity, match[5])
            else:
                # A note in a header belongs to what was said before it.
                at = included_at or (placed_at if severity == "note" else 0)
                file = match[1].removeprefix(base + "/")
                message = ClangMessage(at, 0, severity, match[5], file, int(match[2]))
            placed_at = message.line
            included_at = 0
            messages.append(message)
            continue
        match = _UNPLACED.match(line)
        if match:
            severity = _SEVERITIES.get(match[1], match[1])
            messages.append(ClangMessage(0, 0, severity, match[2].replace(main, "the text")))
    return messages


def diagnostics_from_messages(
    messages: Iterable[ClangMessage],
    line_map: Sequence[tuple[int, Span | None]],
    text: str = "",
) -> list[Diagnostic]:
    """Return clang's complaints as diagnostics at the declarations that they are about.

    Args:
        messages: What clang said.
        line_map: (line of the generated C, span of the declaration that starts there), ascending
            by line; a span of None is for lines that come from no declaration.
        text: The generated C; the culprit's line of it is quoted in a note.
    """
    lines = [line for line, _ in line_map]
    generated = text.split("\n") if text else []
    reported: list[Diagnostic] = []
    for message in messages:
        if message.severity == "note":
            if reported:
                reported[-1] = _with_note(reported[-1], f"clang: {message.text}{_place(message)}")
            continue
        index = bisect_right(lines, message.line) - 1 if message.line else -1
        span = line_map[index][1] if index >= 0 else None
        notes: list[str] = []
        if message.file:
            notes.append(f"in the C header {message.file}, line {message.file_line}")
        elif 0 < message.line <= len(generated):
            notes.append(f"in the generated C: {generated[message.line - 1].strip()}")
        severity = ERROR if message.is_error else WARNING
        said = f"clang: {message.text}" if message.line or message.file else message.text
        reported.append(Diagnostic("clang", said, span, notes=tuple(notes), severity=severity))
    return reported


def _place(message: ClangMessage) -> str:
    return f" ({message.file}:{message.file_line})" if message.file else ""


def _with_note(diagnostic: Diagnostic, note: str) -> Diagnostic:
    return Diagnostic(
        diagnostic.code,
        diagnostic.message,
        diagnostic.span,
        notes=(*diagnostic.notes, note),
        severity=diagnostic.severity,
    )
