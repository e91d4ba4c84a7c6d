"""Texts in odd clothes: the same tokens, with any comments and blanks between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.format.reading import LINE, TOKEN, Piece, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

BLANKS = (" ", " ", " ", "  ", "\t", "\n", "\n", "\n    ", "\r\n", "\n\n", "\n\n\n", " \f", "\v ")
"""What may stand between two tokens and means nothing, but an empty line to a doc comment."""

LINE_COMMENTS = (
    "// c{}",
    "//c{}",
    "// c{} ends in blanks   ",
    "// c{} ends in a backslash \\",
    "// c{} /* opens nothing",
    "//// c{} is no doc comment",
    "//",
    "/// doc{}",
    "///doc{}",
    "///",
    "///   doc{} is indented",
    "// bpfgen: allow no-such-code because c{}",
    "// bpfgen: allow value-padding because c{}",
)
BLOCK_COMMENTS = (
    "/* c{} */",
    "/*c{}*/",
    "/**/",
    "/***/",
    "/* c{}\n   goes on */",
    "/* c{}\r\n * goes on\r\n */",
    "/*\n\tc{}\n*/",
    "/** doc{} */",
    "/** doc{}\n *  goes on\n */",
    "/* c{} // */",
)

COMMENTS = (*LINE_COMMENTS, *BLOCK_COMMENTS)

PLAIN = tuple(comment for comment in COMMENTS if "allow value-padding" not in comment)
"""Those that allow nothing: between two words of a declaration, what an allowance's line is may
change with the form, as long as it stands where nobody would write one."""


def dressed(text: str, draw: Random, often: float = 1.0, comments: Sequence[str] = COMMENTS) -> str:
    """Return *text* with other blanks, and with *comments* at *often* of all token boundaries.

    Those that *text* has are left as they are, with the blanks around them.
    """
    pieces = read(text)

    def gap(between: str, index: int) -> str:
        """Return what stands between two tokens instead of *between*."""
        if draw.random() >= often:
            return between
        made = between if between or draw.random() < 0.5 else draw.choice(BLANKS)
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            made += _ended(draw.choice(comments).format(index), draw)
        return made

    result = [gap("", 0)]
    for index, piece in enumerate(pieces):
        result.append(piece.text)
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        between = text[piece.end : following.start if following else len(text)]
        if piece.is_comment or (following is not None and following.is_comment):
            result.append(between)
        else:
            result.append(gap(between, index))
    return "".join(result)


def _ended(comment: str, draw: Random) -> str:
    """Return *comment* with blanks after it, and with the line end that it needs."""
    end = draw.choice(("\n", "\r\n", "\n\n")) if comment.startswith("//") else ""
    return comment + end + draw.choice(("", *BLANKS))


def each_commented(text: str) -> Iterator[str]:
    """Yield *text* with one comment more, at each token boundary, in each way that it can stand."""
    pieces = read(text)
    for index in range(len(pieces) + 1):
        before = pieces[index - 1] if index else None
        after = pieces[index] if index < len(pieces) else None
        start = before.end if before else 0
        end = after.start if after else len(text)
        between = text[start:end]
        after_line = before is not None and before.kind == LINE
        for comment in ("/* new */", "// new\n", "\n// new\n", "\n/* new */\n", "\n/* new\n */ "):
            if after_line:
                yield f"{text[:start]}\n{comment.lstrip()}{between}{text[end:]}"
            else:
                yield f"{text[:start]} {comment}{between}{text[end:]}"
                yield f"{text[:start]}{between}{comment}{text[end:]}"


def rumpled(text: str, draw: Random, fixed: frozenset[int] = frozenset()) -> str:
    """Return the formatted *text* with other blanks of which the form isn't made.

    Indentation, blanks within a line and at its end, more empty lines where there is one; lines are
    as they were. The blanks before the pieces at *fixed*, offsets in *text*,
    are left: those in expressions are the writer's.
    """
    end = "\r\n" if "\r" in text else "\n"
    result = []
    pieces = read(text)
    at = 0
    for index, piece in enumerate(pieces):
        between = text[at : piece.start]
        before = pieces[index - 1] if index else None
        if "\n" in between or before is None:
            lines = between.count("\n") + (draw.randrange(3) if piece.ends > 1 else 0)
            if before is None:
                lines = draw.randrange(3)
            tail = draw.choice(("", " ", "\t", " \f"))
            between = tail + end * lines + draw.choice(("", " ", "   ", "\t", "            "))
        elif piece.start not in fixed:
            between = _rumpled_blanks(between, before, piece, draw)
        result += [between, piece.text]
        at = piece.end
    result.append(draw.choice(("", end, " ", f"{end}{end} {end}")))
    return "".join(result)


def relined(text: str, draw: Random) -> str:
    """Return *text* with lines that end elsewhere, but none that begins with a `;`."""
    result = []
    at = 0
    before: Piece | None = None
    for piece in read(text):
        between = text[at : piece.start]
        if before and not before.is_comment and not piece.is_comment and piece.text != ";":
            what = draw.random()
            if what < 0.1:
                between = "\n"
            elif what < 0.2 and "\n" in between:
                between = " "
        result += [between, piece.text]
        at = piece.end
        before = piece
    return f"{''.join(result)}\n"


def _rumpled_blanks(between: str, before: Piece, piece: Piece, draw: Random) -> str:
    """Return blanks that may stand between two pieces of a line instead of *between*."""
    if between:
        may_touch = not (_is_word(before, -1) and _is_word(piece, 0)) and before.kind == TOKEN
        may_touch = may_touch and piece.kind == TOKEN and piece.text not in "<>=&|/*"
        choices: tuple[str, ...] = (" ", "  ", "\t", " \f ", "" if may_touch else " ")
        return draw.choice(choices)
    may_part = not (before.text in "<>" and piece.text in "<>")
    return draw.choice(("", " ", "\t")) if may_part else ""


def _is_word(piece: Piece, end: int) -> bool:
    return re.match(r"[\w'\"]", piece.text[end]) is not None


def damaged(text: str, draw: Random) -> str:
    """Return *text* with a token gone, twice there, somewhere else or another, or cut off."""
    pieces = [piece for piece in read(text) if not piece.is_comment] or [Piece(TOKEN, "", 0, 0, 0)]
    one, other = draw.choice(pieces), draw.choice(pieces)
    what = draw.randrange(6)
    if what == 0:
        return text[: one.start] + text[one.end :]
    if what == 1:
        return f"{text[: one.end]} {other.text} {text[one.end :]}"
    if what == 2:
        return text[: one.start] + other.text + text[one.end :]
    if what == 3:
        return text[: draw.randrange(len(text) + 1)]
    if what == 4:
        return text[: one.start] + draw.choice("{}()[]<>;,:=*&\"'/#\\@\0\ufeff") + text[one.start :]
    return text[: one.start] + text[other.start :]
