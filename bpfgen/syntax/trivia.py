"""What stands between the tokens: comments, blanks, line ends; for what edits or formats a text.

Nothing is kept while a file is compiled but its tokens; what is between two of them is looked at
when somebody asks, with the lexer's own expression. The tokens of a file, each between its leading
and its trailing trivia, are its text to the last character, whatever is wrong with it:

    leading     what stands before a token, from where the trailing trivia of the token before ends
    trailing    what stands after a token on its line, with the line end; nothing where another
                token follows on the line
"""

from __future__ import annotations

import re
from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.syntax.lexer import Pieces, is_directive, is_doc_comment, scan
from bpfgen.syntax.parser import current_tables
from bpfgen.syntax.tree import SKIPPED
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.syntax.tree import File, Tokens

BLANK = "blank"
"""Spaces, tabs, form feeds."""

LINE_END = "line end"
"""`\\n`, `\\r\\n` or `\\r`."""

LINE_COMMENT = "line comment"
"""`// …`, without the line end."""

BLOCK_COMMENT = "block comment"
"""`/* … */`, on one line or several."""

DOC_COMMENT = "doc comment"
"""`/// …` or `/** … */`."""

DIRECTIVE = "directive"
"""`// bpfgen: …`, an allowance say."""

PREPROCESSOR = "preprocessor"
"""`# …` with the lines that continue it; the language has none, and says so."""

UNREADABLE = "unreadable"
"""Characters that start no token."""

COMMENTS = frozenset((LINE_COMMENT, BLOCK_COMMENT, DOC_COMMENT, DIRECTIVE))
"""The kinds that are comments."""

_BLANKS = re.compile(r"(?P<end>\r\n?|\n)|[ \t\f\v]+")


class Piece(Record):
    """Characters between two tokens, all of one of the kinds above."""

    kind: str
    span: Span

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.span.text


class Comment(Record):
    """A comment, and how it stands.

    Attributes:
        kind: One of :data:`COMMENTS`.
        span: Where it is; its text is all of it.
        is_alone: No token and no other comment stands before it on its line.
        blank_lines: How many empty lines are between it and what stands before it.
    """

    kind: str
    span: Span
    is_alone: bool
    blank_lines: int


class Trivia:
    """What stands between the tokens of one file.

    Attributes:
        tokens: Those of the file; their indices are what the methods take and return.
    """

    __slots__ = ("_known", "_match_at", "_text", "tokens")

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._text = tokens.source.text
        self._known = Pieces(current_tables())
        self._match_at = re.compile(current_tables().LEXER).match

    def leading(self, index: int) -> list[Piece]:
        """Return what belongs to token *index* of what stands before it."""
        return self._gap(index)[1]

    def trailing(self, index: int) -> list[Piece]:
        """Return what belongs to token *index* of what stands after it; the end has nothing."""
        return self._gap(index + 1)[0] if index + 1 < len(self.tokens.starts) else []

    def comments_before(self, index: int) -> list[Comment]:
        """Return the comments that token *index* leads with."""
        trailing, leading = self._gap(index)
        return list(_comments(leading, at_line_start=index == 0 or bool(trailing)))

    def comments_after(self, index: int) -> list[Comment]:
        """Return the comments that trail token *index* on its line."""
        return list(_comments(self.trailing(index), at_line_start=False))

    def comments(self) -> list[Comment]:
        """Return every comment of the file, in order."""
        result: list[Comment] = []
        for index in range(len(self.tokens.starts)):
            if not self._is_blank(index):
                trailing, leading = self._gap(index)
                result.extend(_comments(trailing, at_line_start=False))
                at_line_start = index == 0 or bool(trailing)
                result.extend(_comments(leading, at_line_start=at_line_start))
        return result

    def blank_lines_before(self, index: int) -> int:
        """Return how many empty lines stand right before token *index*."""
        trailing, leading = self._gap(index)
        lines = int(index == 0 or bool(trailing))
        for piece in leading:
            if piece.kind == LINE_END:
                lines += 1
            elif piece.kind != BLANK:
                lines = 0
        return max(lines - 1, 0)

    def range(self, span: Span) -> range:
        """Return the tokens of the node that has *span*: their indices."""
        starts, kinds = self.tokens.starts, self.tokens.kinds
        first = bisect_left(starts, span.start)
        after = bisect_left(starts, span.end, first)
        while first < after and kinds[first] == SKIPPED and not self.tokens.texts[first]:
            first += 1
        return range(first, after)

    def _is_blank(self, index: int) -> bool:
        start, end = self._bounds(index)
        return start == end or self._text[start:end].isspace()

    def _bounds(self, index: int) -> tuple[int, int]:
        """Return where what stands before token *index* starts and ends."""
        return self.tokens.end(index - 1) if index else 0, self.tokens.starts[index]

    def _gap(self, index: int) -> tuple[list[Piece], list[Piece]]:
        """Return what stands before token *index*: what trails the one before, and the rest."""
        pieces = list(self._pieces(*self._bounds(index)))
        if index:
            for count, piece in enumerate(pieces, 1):
                if piece.kind == LINE_END:
                    return pieces[:count], pieces[count:]
        return [], pieces

    def _pieces(self, start: int, end: int) -> Iterator[Piece]:
        """Yield what stands from *start* to *end*, where no token is."""
        text, source = self._text, self.tokens.source
        while start < end:
            blanks = _BLANKS.match(text, start, end)
            if blanks is not None:
                kind, after = LINE_END if blanks["end"] else BLANK, blanks.end()
            else:
                match = self._match_at(text, start)
                assert match is not None  # it matches anywhere
                kind, after = _kind(*self._known[match[0]]), min(match.end(), end)
            yield Piece(kind, Span(source, start, after))
            start = after


def trivia(file: File) -> Trivia:
    """Return what stands between the tokens of *file*, also where it isn't a program."""
    tokens = file.tokens
    if tokens is None:
        tokens, _is_whole = scan(file.source, current_tables(), Report())
    return Trivia(tokens)


def _kind(terminal: str, text: str) -> str:
    """Return what *text*, which the lexer takes for *terminal*, is between two tokens."""
    if terminal == "PREPROCESSOR":
        return PREPROCESSOR
    if terminal not in ("LINE_COMMENT", "BLOCK_COMMENT"):
        return UNREADABLE
    if is_doc_comment(text):
        return DOC_COMMENT
    if terminal == "BLOCK_COMMENT":
        return BLOCK_COMMENT
    return DIRECTIVE if is_directive(text) else LINE_COMMENT


def _comments(pieces: list[Piece], *, at_line_start: bool) -> Iterator[Comment]:
    """Yield the comments among *pieces*, which begin a line or don't."""
    lines = int(at_line_start)  # line ends since the last thing that isn't blank
    for piece in pieces:
        if piece.kind == LINE_END:
            lines += 1
        elif piece.kind != BLANK:
            if piece.kind in COMMENTS:
                yield Comment(piece.kind, piece.span, lines > 0, max(lines - 1, 0))
            lines = 0
