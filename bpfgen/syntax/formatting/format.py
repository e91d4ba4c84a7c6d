"""A source in the one form that it has, as a text or as the edits that lead there.

Last of the formatter: the tokens stay what they are, and what layout.py found goes between them.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.formatting.comments import hidden_line_end
from bpfgen.syntax.formatting.layout import Layout, styled
from bpfgen.syntax.lexer import LONGEST_LINE
from bpfgen.syntax.parser import current_tables, parse
from bpfgen.text.diagnostics import ERROR, Edit, Report
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.syntax.tree import File, Tokens

_HARMLESS = frozenset(("allowance",))
"""Errors of files that can be formatted all the same: a comment isn't what bpfgen takes it for."""


class Unfaithful(Exception):  # noqa: N818 -- a mistake of bpfgen, not of whoever calls it
    """What came out doesn't have the tokens and comments of what went in."""


_MARK = "\ufeff"
"""A byte order mark as a character: a file's has been taken off, a text may still begin with it."""


def format_text(text: str) -> str | None:
    """Return *text* as the style has it; None where it can't be, say with errors of syntax.

    A byte order mark at the beginning stays.

    Raises:
        Unfaithful: bpfgen itself is wrong.
    """
    bare = text.removeprefix(_MARK)
    formatted = format_source(Source("", bare), Report())
    return None if formatted is None else text[: len(text) - len(bare)] + formatted


def format_source(source: Source, report: Report) -> str | None:
    """Return the text of *source* as the style has it; None where *report* says what is wrong.

    Line ends are those of its first line.

    Raises:
        Unfaithful: bpfgen itself is wrong.
    """
    tree = parse_whole(source, report)
    if tree is None:
        return None
    text = format_tree(tree)
    longest = _longest_line(text)
    if longest <= LONGEST_LINE:
        return text
    # What is written on few lines stays on few: the longest is where to look.
    starts = source.line_starts()
    ends = (*starts[1:], len(source.text))
    start = max(zip(starts, ends, strict=True), key=lambda line: line[1] - line[0])[0]
    report.error(
        "line-too-long",
        f"formatted, this line has {longest:,} characters, and {LONGEST_LINE:,} is the limit",
        Span(source, start, start + 1),
        help="break the line",
    )
    return None


def format_tree(tree: File) -> str:
    """Return the text of *tree*, which :func:`parse_whole` made, as the style has it.

    Raises:
        Unfaithful: bpfgen itself is wrong.
    """
    assert tree.tokens is not None
    parts: list[str] = []
    for before, word in _words(tree.tokens):
        parts += (before, word)
    text = "".join(parts)
    _check(tree.source.text, text)
    return text


def format_edits(tree: File) -> tuple[Edit, ...]:
    """Return what changes where in *tree*, which :func:`parse_whole` made: few characters each.

    Nothing does where a line would be too long to be read again.

    Raises:
        Unfaithful: bpfgen itself is wrong.
    """
    tokens, source = tree.tokens, tree.source
    assert tokens is not None
    edits: list[Edit] = []
    parts: list[str] = []
    end = 0
    for at, (before, word) in enumerate(_words(tokens)):
        parts += (before, word)
        start = tokens.starts[at]
        if source.text[end:start] != before:
            edits.append(Edit(Span(source, end, start), before))
        end = tokens.ends[at]
        if word != tokens.texts[at]:
            edits.append(Edit(Span(source, start, end), word))
    text = "".join(parts)
    _check(source.text, text)
    return tuple(edits) if _longest_line(text) <= LONGEST_LINE else ()


def _longest_line(text: str) -> int:
    """Return how many characters the longest line of *text* has, its end included.

    Of a text that is no longer than a line may be, it is the length.
    """
    if len(text) <= LONGEST_LINE:
        return len(text)
    return max(map(len, text.split("\n"))) + 1


def parse_whole(source: Source, report: Report) -> File | None:
    """Return the tree of *source*; None where *report* says why it can't be formatted."""
    tree = parse(source, report)
    if any(said.severity == ERROR and said.code not in _HARMLESS for said in report):
        return None
    assert tree.tokens is not None
    place = hidden_line_end(tree.tokens)
    if place is None:
        return tree
    report.error(
        "encoding",
        "a carriage return alone ends this comment, and no line: it can't be formatted",
        Span(source, place, place + 1),
        label="text goes on here, which an editor shows on a line of its own",
        help="have the line end in LF or CR LF",
    )
    return None


def _words(tokens: Tokens) -> Iterator[tuple[str, str]]:
    """Yield each token, with what stands before it."""
    layout = Layout(tokens)
    layout.make()
    before = layout.before
    line_end = tokens.source.text.find("\n")
    if line_end > 0 and tokens.source.text[line_end - 1] == "\r":
        before = [text.replace("\n", "\r\n") if "\n" in text else text for text in before]
    if "INCLUDE" in tokens.kinds:
        yield from zip(before, map(styled, tokens.kinds, tokens.texts), strict=True)
    else:
        yield from zip(before, tokens.texts, strict=True)


def _check(before: str, after: str) -> None:
    """Make sure that two texts have the same tokens and comments.

    Raises:
        Unfaithful: They don't.
    """
    if before == after:
        return
    find = re.compile(current_tables().LEXER).findall
    old = [piece for piece in find(before) if not piece.isspace()]
    new = [piece for piece in find(after) if not piece.isspace()]
    if old != new and _bare(old) != _bare(new):
        raise Unfaithful("the formatter would change more than blanks")


def _bare(pieces: list[str]) -> list[str]:
    """Return *pieces* with what the style may change in them left out."""
    result: list[str] = []
    for piece in pieces:
        if piece == ">>":
            result += (">", ">")
        elif piece[0] == "/" or piece.startswith("include"):
            result.append("".join(piece.split()))
        else:
            result.append(piece)
    return result
