"""What clang says, parsed, and turned back into diagnostics at the line of the `.dsl` file.

Comes after `clang`, which runs it, and after `emit`, which knows which line of C came from where.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right

from bpfgen.record import TYPE_CHECKING, Record, replace
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
        match = re.match(_NO_HEADER, self.text)
        return match[1] if match else ""

    @property
    def redefined(self) -> str:
        """The name that C has for something else already, or `the name` where clang says none.

        Empty where that isn't the matter.
        """
        match = re.match(_REDEFINED, self.text)
        if match is None:
            return ""
        return f"`{match[1]}`" if match[1] else "the name"

    @property
    def unknown_type(self) -> str:
        """The name that should be a type and is none; empty where that isn't the matter."""
        match = re.match(_NO_TYPE, self.text)
        return match[1] if match else ""

    @property
    def is_assertion(self) -> bool:
        """Whether an assertion of our own text doesn't hold."""
        return not self.file and self.text.startswith("static assertion failed")


# Compiled where clang says something: at import that would cost every run.
_INCLUDED = r"(?:In file included|\s+) from (.+?):(\d+)[:,]?(?:\d+[:,])?$"
_PLACED = r"(.+?):(\d+):(\d+): (fatal error|error|warning|note|remark): (.*)"
_UNPLACED = r"(?:[^\s:]+: )?(fatal error|error|warning|note): (.*)"
_NO_HEADER = r"'(.+)' file not found"
_REDEFINED = (
    r"(?:redefinition of (?:enumerator )?|conflicting types for |"
    r"incompatible redeclaration of library function )'(\w+)'"
    r"|typedef redefinition with different types"
)
_NO_TYPE = r"unknown type name '(\w+)'"
_UNNAMED = r"\((unnamed|anonymous) (\w+) at [^()]*:\d+:\d+\)"
_SEVERITIES = {"fatal error": "error", "remark": "note"}


_KEPT_BYTES = 1 << 20
"""So much of the beginning and of the end of what a compiler says is read; nobody reads more."""

_LONGEST_LINE = 4096
"""A longer line is cut there: no message needs it, and each is shown whole."""


def read_said(path: str) -> str:
    """Return what a compiler wrote to standard error, the file *path*; only LF ends a line there.

    What is beyond measure comes without its middle, and with a warning that says so there.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(2 * _KEPT_BYTES + 1)
            if len(data) > 2 * _KEPT_BYTES:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(-_KEPT_BYTES, os.SEEK_END)
                data = _shortened(data[:_KEPT_BYTES], stream.read(_KEPT_BYTES), size)
    except FileNotFoundError:
        return ""
    said = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    if len(said) > _LONGEST_LINE:
        lines = said.split("\n")
        if any(len(line) > _LONGEST_LINE for line in lines):
            cut = (f"{line[:_LONGEST_LINE]}…" if line[_LONGEST_LINE:] else line for line in lines)
            said = "\n".join(cut)
    return said


def _shortened(first: bytes, last: bytes, size: int) -> bytes:
    """Return the whole lines of *first* and *last*, and between them what is missing of *size*."""
    # A line that fills either is cut later on, and is as good from its middle.
    first = first[: first.rfind(b"\n") + 1 or len(first)]
    last = last[last.find(b"\n", 0, -1) + 1 :]
    left_out = size - len(first) - len(last)
    note = f"warning: the compiler said {size:,} bytes; {left_out:,} in the middle are left out"
    return first.rstrip(b"\n") + b"\n" + note.encode() + b"\n" + last


def parse_messages(stderr: str, main: str, base: str) -> list[ClangMessage]:
    """Return the messages in what clang wrote to standard error.

    *main* is the path of our text as clang was given it, *base* the directory of our own
    temporary headers, which are named relative to it. Lines that are no messages are left out.
    """

    def said(text: str) -> str:
        """Return *text* without our temporary paths: nobody can look into them."""
        text = re.sub(_UNNAMED, r"(\1 \2)", text)
        return text.replace(main, "the text").replace(base + "/", "")

    messages: list[ClangMessage] = []
    included_at = 0
    placed_at = 0
    included: dict[str, int] = {}  # clang says once where a header was included
    for line in stderr.splitlines():
        match = re.match(_INCLUDED, line)
        if match:
            if match[1] == main:
                included_at = int(match[2])
            continue
        match = re.match(_PLACED, line)
        if match:
            severity = _SEVERITIES.get(match[4], match[4])
            if match[1] == main:
                message = ClangMessage(int(match[2]), int(match[3]), severity, said(match[5]))
            else:
                if included_at:
                    included[match[1]] = included_at
                # A note in a header belongs to what was said before it.
                again = placed_at if severity == "note" else included.get(match[1], 0)
                at = included_at or again
                file = match[1].removeprefix(base + "/")
                message = ClangMessage(at, 0, severity, said(match[5]), file, int(match[2]))
            placed_at = message.line
            included_at = 0
            messages.append(message)
            continue
        match = re.match(_UNPLACED, line)
        if match:
            severity = _SEVERITIES.get(match[1], match[1])
            messages.append(ClangMessage(0, 0, severity, said(match[2])))
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
        text: The generated C; the culprit's line of it is quoted in a note. Its assertions about a
            declaration whose name is taken say nothing.
    """
    lines = [line for line, _ in line_map]
    generated = text.split("\n") if text else []
    reported: list[tuple[Diagnostic, list[str]]] = []
    clashing: set[Span] = set()
    redefined = ""
    is_left_out = False
    for message in messages:
        if message.severity == "note":
            if not reported or is_left_out or message.text.startswith(_UNGUARDED):
                continue
            note = f"clang: {message.text}{_place(message)}"
            diagnostic, notes = reported[-1]
            notes.append(note)
            if redefined and message.text.startswith(_PREVIOUS):
                help_ = _rename(redefined, message.file)
                reported[-1] = replace(diagnostic, help=help_), notes
            continue
        index = bisect_right(lines, message.line) - 1 if message.line else -1
        span = line_map[index][1] if index >= 0 else None
        redefined = message.redefined if not message.file else ""
        # What a declaration that isn't the one of its name comes to says nothing new.
        is_left_out = bool(generated) and message.is_assertion and span in clashing
        if is_left_out:
            continue
        if redefined and span is not None:
            clashing.add(span)
        notes = []
        if message.file:
            notes.append(f"in the C header {message.file}, line {message.file_line}")
        elif 0 < message.line <= len(generated):
            notes.append(f"in the generated C: {generated[message.line - 1].strip()}")
        severity = ERROR if message.is_error else WARNING
        said = f"clang: {message.text}" if message.line or message.file else message.text
        help_ = _rename(redefined, "") if redefined else ""
        diagnostic = Diagnostic("clang", said, span, help=help_, severity=severity)
        reported.append((diagnostic, notes))
    return [replace(diagnostic, notes=tuple(notes)) for diagnostic, notes in reported]


_PREVIOUS = ("previous definition", "previous declaration", "'")
"""How a note begins that says where a name was declared first, or what the library declares."""

_UNGUARDED = "unguarded header"
"""How a note begins that takes our text for a header which was included twice."""


def _rename(name: str, header: str) -> str:
    """Return what to do about *name*, which *header* declares, or the compiler itself if empty."""
    if not header:
        return f"rename it: {name} is C's own or the compiler's"
    path = header.removeprefix("/usr/include/")
    if path.startswith("bpf/"):
        return f"rename it: {name} is libbpf's, and the generated header includes <{path}>"
    if path.startswith(("asm/", "asm-generic/")):
        path = "linux/types.h"  # what programs include
    if path.startswith("linux/"):
        return f"rename it: {name} is the kernel's; if that is meant, write `include <{path}>;`"
    return f"rename it: {path} declares {name}"


def _place(message: ClangMessage) -> str:
    return f" ({message.file}:{message.file_line})" if message.file else ""
