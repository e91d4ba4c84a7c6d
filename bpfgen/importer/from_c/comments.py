"""Comments of C: those above a declaration become its doc comment."""

from __future__ import annotations

import re
from bisect import bisect_right

from bpfgen.importer.from_c.lines import GONE, comments_in

_NO_DOC = re.compile(
    r"SPDX-License|copyright|\blicen[cs]e\b|clang-format|NOLINT|bpfgen:", re.IGNORECASE
)
_MOST_LINES = 400
_TOP = re.compile(r"/\*[*!]?<?|//[/!]?<?")
_MEMBER = re.compile(r"(?:\b__\w+\s*\(\s*|\*\s*)([A-Za-z_]\w*)")
_DOC_INSIDE = re.compile(r"///+<?|/\*\*+(?!/)|//!")


class Comments:
    """The comments of one text, and the doc comments that come of them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans = [span for span in comments_in(text) if not self._is_trailing(span[0])]
        self._ends = [end for _start, end in self._spans]

    def _is_trailing(self, start: int) -> bool:
        line = self._text.rfind("\n", 0, start) + 1
        return bool(self._text[line:start].strip(" \t\0"))

    def above(self, start: int) -> str:
        """Return the doc comment, with `///` and line ends, of what begins at *start*."""
        return self._found(start)[0]

    def span_above(self, start: int) -> tuple[int, int] | None:
        """Return where the comments begin and end that are :meth:`above` *start*, or None."""
        return self._found(start)[1]

    def _found(self, start: int) -> tuple[str, tuple[int, int] | None]:
        """Return the doc comment of what begins at *start*, and where it was written."""
        first = self._text.rfind("\n", 0, start) + 1
        if self._text[first:start].strip():
            return "", None
        index = bisect_right(self._ends, start) - 1
        comments: list[str] = []
        top = start
        after = self._ends[index] if index >= 0 else start
        while index >= 0:
            begin, end = self._spans[index]
            between = self._text[end:start]
            if between.strip() or between.count("\n") > 1 or GONE in between:
                break
            comment = self._text[begin:end]
            comments.append(comment)
            top = begin
            if comment.startswith("/*") or len(comments) > _MOST_LINES:
                break
            start, index = begin, index - 1
        comments.reverse()
        lines = [line for comment in comments for line in _lines(comment)]
        while lines and not lines[0]:
            lines.pop(0)
        while lines and not lines[-1]:
            lines.pop()
        if not any(map(_says_something, lines)) or any(map(_NO_DOC.search, lines)):
            return "", None
        text = "".join(f"/// {line}".rstrip() + "\n" for line in lines)
        return text, (top, after)


def _says_something(line: str) -> bool:
    return any(map(str.isalnum, line))


def _lines(comment: str) -> list[str]:
    """Return the lines of *comment* without what makes them one."""
    lines = comment.removesuffix("*/").split("\n")
    lines[0] = _TOP.sub("", lines[0], count=1)
    lines[1:] = [re.sub(r"\s*\*+(?!\w)", "", line, count=1) for line in lines[1:]]
    return [line.replace("\t", " ").replace(GONE, "").strip() for line in lines]


def inside(text: str) -> str:
    """Return the comments in the definition *text* as lines of a doc comment.

    One that stands after a member of it, on its line, begins with the member's name.
    """
    lines: list[str] = []
    for start, end in comments_in(text):
        said = [line for line in _lines(text[start:end]) if _says_something(line)]
        if not said or any(map(_NO_DOC.search, said)):
            continue
        members = _MEMBER.findall(text[text.rfind("\n", 0, start) + 1 : start])
        if members:
            said[0] = f"{members[-1]}: {said[0]}"
        lines += (f"/// {line}\n" for line in said)
    return "".join(lines)


def plain(text: str) -> str:
    """Return *text* with doc comments as comments; in a body, they would be misplaced."""
    parts: list[str] = []
    position = 0
    for start, end in comments_in(text):
        comment = text[start:end]
        new = _DOC_INSIDE.sub("//" if comment.startswith("//") else "/*", comment, count=1)
        if not new.endswith("*/") and new.startswith("/*"):
            new += " */"
        parts += (text[position:start], new)
        position = end
    return "".join([*parts, text[position:]])


def trailing(code: str, text: str) -> str:
    """Return the comment at the end of the line *text*, whose code is *code*, as `// …` or ``."""
    at = len(code.rstrip())
    comment = text[at:].strip()
    if not comment.startswith(("//", "/*")) or _NO_DOC.search(comment):
        return ""
    if comment.startswith("/*") and not comment.endswith("*/"):
        return ""
    said = " ".join(" ".join(_lines(comment)).split())
    return f"  // {said}" if said else ""
