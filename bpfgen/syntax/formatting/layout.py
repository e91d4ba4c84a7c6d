"""What stands before each token of a formatted file, comments included.

Follows gaps.py, which says what the style wants there; here are the lines and how far they are
indented. The rules, each of which comes to the same with its own result:

- Braces that were opened and closed on one line stay so, but not those that hold a `when`; else
  each thing in them has a line of its own, one level in.
- Elsewhere lines end where they were ended, as far as the style has a place for that: in
  expressions, after a comma or an opening bracket, before an attribute. What follows is one level
  in. A bracket after which the line ends is closed on a line of its own.
- Several empty lines are one, and none is left after an opening brace, before a closing one, and at
  the beginning and the end of the file.
- A line that an allowance speaks of isn't divided, see allowances.py.
"""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.formatting.allowances import undivided
from bpfgen.syntax.formatting.comments import INDENT, Comments, column_at, line_ends, written
from bpfgen.syntax.formatting.gaps import gaps
from bpfgen.syntax.formatting.wanted import (
    BLOCK,
    CLOSE,
    LINE,
    NONE,
    OPEN,
    SEMICOLON,
    SPACE,
    SPACE_OR_LINE,
    WRITTEN,
)
from bpfgen.syntax.tree import END

if TYPE_CHECKING:
    from bpfgen.syntax.tree import Tokens

_LINES = "\n", "\n\n"
_APART = frozenset((SPACE, SPACE_OR_LINE, LINE, BLOCK))
_OPENING = frozenset("([")
_CLOSING = frozenset(")]")
_PARTS = frozenset(("LBRACE", "ELSE", "WHEN"))
_ENDING = frozenset(",;)]>")


class _Frame:
    """What is open: the file, a brace, or another bracket.

    Attributes:
        base: The level of the line that closes it.
        inner: That of what it holds.
        further: That of a line that goes on with what it holds.
        has_lines: What it holds has lines of its own; of a bracket: it is closed on its own line.
        is_brace: It holds declarations, members and the like.
    """

    __slots__ = ("base", "further", "has_lines", "inner", "is_brace")

    def __init__(self, base: int, inner: int, further: int, *, lines: bool, brace: bool) -> None:
        self.base = base
        self.inner = inner
        self.further = further
        self.has_lines = lines
        self.is_brace = brace


class Layout:
    """The layout of one file, as long as it is being made.

    Attributes:
        before: What stands before each token so far.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._text = tokens.source.text
        self._gaps = gaps(tokens)
        self._undivided = undivided(tokens, self._gaps)
        self._ends_of_braces = _ends_of_braces(tokens)
        self._whens = [
            start for start, k in zip(tokens.starts, tokens.kinds, strict=True) if k == "WHEN"
        ]
        self._frames = [_Frame(0, 0, 1, lines=True, brace=True)]
        self._level = 0  # of the line that is being made
        self.before: list[str] = []

    def make(self) -> None:
        """Fill :attr:`before`."""
        tokens, text, gaps = self._tokens, self._text, self._gaps
        starts, ends = tokens.starts, tokens.ends
        append = self.before.append
        end = 0
        for at, word in enumerate(tokens.texts):
            gap = gaps[at]
            between = text[end : starts[at]]
            if "/" in between:
                append(self._commented(at, gap, Comments(text, end, starts[at])))
            elif gap == NONE:
                append("")
            elif gap == SPACE or (gap == SPACE_OR_LINE and between == " "):
                append(" ")
            elif gap == LINE and word != "}":
                append(self._new_line(at, line_ends(between)))
            elif gap == SEMICOLON:
                is_first = at > 0 and tokens.texts[at - 1] == "{"
                append(self._new_line(at, line_ends(between)) if is_first else "")
            else:
                append(self._bare(at, gap, between))
            end = ends[at]
            if word == "{":
                self._open_brace(at, is_block=gap == BLOCK)

    def _new_line(self, at: int, line_ends: int) -> str:
        """Return what is before token *at*, which begins a thing in braces, or in the file."""
        if not at:
            return ""
        frame = self._frames[-1]
        if self._tokens.kinds[at] == END:
            return "\n"
        if not frame.has_lines or at in self._undivided:
            return " "
        return self._line(frame.inner, blank=line_ends > 1 and self._tokens.texts[at - 1] != "{")

    def _bare(self, at: int, gap: int, blanks: str) -> str:
        """Return what is before token *at*, where there were *blanks* and no comment."""
        begins_line, level, _ = self._place(at, gap, has_line_end=line_ends(blanks) > 0)
        is_empty = gap == LINE and self._tokens.texts[at - 1] == "{"
        if begins_line and not (is_empty and self._gaps[at - 1] != BLOCK):
            return self._line(level)
        if is_empty:
            return ""
        return " " if gap in _APART or (gap == WRITTEN and blanks) else ""

    def _commented(self, at: int, gap: int, comments: Comments) -> str:
        """Return what is before token *at*, where there were *comments*."""
        texts, lines, columns = comments.texts, comments.lines, comments.columns
        begins_line, level, comment_level = self._place(at, gap, has_line_end=any(lines))
        previous = self._tokens.texts[at - 1] if at else ""
        word, is_end = self._tokens.texts[at], self._tokens.kinds[at] == END
        keeps_blanks = gap in (LINE, SEMICOLON)
        is_last = gap == CLOSE or is_end or (gap == LINE and word == "}")
        # Comments on one line with both tokens: to whom do they belong?
        trailing = comments.trailing
        if trailing is None:
            trailing = 0 if begins_line and not is_last else len(texts)
        parts: list[str] = []
        for index, (text, column) in enumerate(zip(texts, columns, strict=True)):
            ends = lines[index]
            if index < trailing or not (ends or index == trailing):
                if index or (at and not _is_opening(previous, gap)):
                    parts.append("  " if text.startswith("//") else " ")
                at_end = self._column(parts) if "\n" in text else 0
                parts.append(written(text, column, at_end))
            else:
                is_first = not index and previous in ("", "{")
                if index or at:
                    is_apart = keeps_blanks and ends > 1 and not is_first
                    parts.append(self._line(comment_level, blank=is_apart))
                parts.append(written(text, column, len(INDENT) * comment_level))
        if is_end:
            parts.append("\n")
        elif lines[-1] or (begins_line and is_last):
            is_apart = keeps_blanks and lines[-1] > 1 and not is_last
            parts.append(self._line(level, blank=is_apart))
        elif not _is_ending(word, gap):
            parts.append(" ")
        return "".join(parts)

    def _column(self, parts: list[str]) -> int:
        """Return the column after what is laid out so far, and after *parts*."""
        line = ["".join(parts)]
        at = len(self.before)
        while at and "\n" not in line[-1]:
            at -= 1
            line += (styled(self._tokens.kinds[at], self._tokens.texts[at]), self.before[at])
        text = "".join(reversed(line))
        return column_at(text, len(text))

    def _place(self, at: int, gap: int, *, has_line_end: bool) -> tuple[bool, int, int]:
        """Return where token *at* stands; the brackets that it opens and closes are noted.

        That is whether it begins a line, its level if so, and that of comments before it.
        """
        frames, texts = self._frames, self._tokens.texts
        frame, word = frames[-1], texts[at]
        if gap in (LINE, SEMICOLON):
            has_lines = frame.has_lines and at not in self._undivided
            if word != "}":
                return has_lines, frame.inner, frame.inner
            frames.pop()
            return has_lines, frame.base, frame.inner
        if gap == OPEN:
            frame = self._open_bracket(at - 1, has_line_end=has_line_end)
            return has_line_end, frame.inner, frame.inner
        if gap == CLOSE:
            frames.pop()
            has_lines = frame.has_lines and at not in self._undivided
            return has_lines, frame.base, frame.inner
        if gap == WRITTEN:
            if texts[at - 1] in _OPENING:
                frame = self._open_bracket(at - 1, has_line_end=has_line_end)
            if word not in _CLOSING:
                return has_line_end, frame.further, frame.further
            frames.pop()
            return has_line_end, frame.base, frame.inner
        is_divided = gap == SPACE_OR_LINE and has_line_end
        # What goes on with a `when`, or opens a body, is on the level of what it goes on with.
        is_part = frame.is_brace and self._tokens.kinds[at] in _PARTS
        level = frame.inner if is_part else frame.further
        return is_divided, level, level

    def _open_bracket(self, at: int, *, has_line_end: bool) -> _Frame:
        """Note that the bracket *at* is open; return its frame."""
        base = self._level
        inner = base + 1
        if not has_line_end and self._tokens.kinds[at - 1] == "WHEN":
            inner += 1  # or the condition would look as if it were in the block
        frame = _Frame(base, inner, inner, lines=has_line_end, brace=False)
        self._frames.append(frame)
        return frame

    def _open_brace(self, at: int, *, is_block: bool) -> None:
        """Note that the brace *at* is open."""
        around = self._frames[-1]
        base = around.inner if around.is_brace else self._level
        lines = is_block or self._is_divided(at)
        self._frames.append(_Frame(base, base + 1, base + 2, lines=lines, brace=True))

    def _is_divided(self, at: int) -> bool:
        """Return whether what is in the brace *at* was written on several lines, or has to be."""
        start, end = self._tokens.ends[at], self._ends_of_braces[at]
        if self._text.find("\n", start, end) >= 0:
            return True
        return bisect_left(self._whens, start) < bisect_left(self._whens, end)

    def _line(self, level: int, *, blank: bool = False) -> str:
        """Return the beginning of a line on *level*, after an empty one if *blank*."""
        self._level = level
        return _LINES[blank] + INDENT * level


def styled(kind: str, text: str) -> str:
    """Return the token *text* of *kind* as it is written; blanks are in an include alone."""
    if kind != "INCLUDE":
        return text
    return f"include {text.removeprefix('include').strip()}"


def _is_opening(previous: str, gap: int) -> bool:
    """Return whether a comment follows the token *previous* without a space."""
    return gap == OPEN or (gap == WRITTEN and previous in _OPENING)


def _is_ending(word: str, gap: int) -> bool:
    """Return whether the token *word* follows a comment without a space."""
    if gap == WRITTEN:
        return word in _CLOSING
    return word in _ENDING and gap not in _APART


def _ends_of_braces(tokens: Tokens) -> dict[int, int]:
    """Return where what is in each `{` ends: its index -> the offset of its `}`."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for at, text in enumerate(tokens.texts):
        if text == "{":
            opened.append(at)
        elif text == "}":
            ends[opened.pop()] = tokens.starts[at]
    return ends
