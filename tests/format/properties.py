"""What the formatter promises of every text, and what it makes of it.

faults          same tokens, same comments in the same places, a tidy text, and itself again
meaning         what compiling the text comes to: equal before and after
is_a_program    whether the text has no syntax error: any other is left alone
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.compiler import Options, compile, emit
from bpfgen.record import Record
from bpfgen.syntax.parser import parse
from bpfgen.syntax.tree import ConditionNode, ExpressionNode, TargetItem
from bpfgen.text.diagnostics import ERROR, Report
from bpfgen.text.source import Source, Span
from tests.format.reading import LINE, comment_text, joined, read, token_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.syntax.tree import File
    from tests.format.reading import Piece

    Format = Callable[[str], str | None]

_ENDS_A_ROW = frozenset(";{")
"""After these, what a comment is about is seen by the line that it stands on."""

_MOST = 5
"""Faults that are told of one text."""


def is_a_program(text: str) -> bool:
    """Whether *text* has no syntax error, whatever else is wrong with it."""
    return not syntax_errors(text)


def syntax_errors(text: str) -> list[str]:
    """Return the errors of the first stage, but those of directives: they are comments."""
    report = Report()
    parse(Source("t.dsl", text), report)
    found = (each for each in report.diagnostics if each.severity == ERROR)
    return [f"{each.span}: {each.message}" for each in found if each.code != "allowance"]


def faults(text: str, format: Format) -> list[str]:
    """Return in what the formatter doesn't keep its promises about *text*; empty if it does."""
    bare = text.removeprefix("\ufeff")
    if bare != text:  # a byte order mark, which is none of the text
        alone, formatted = format(bare), format(text)
        is_kept = formatted == (None if alone is None else f"\ufeff{alone}")
        return [*faults(bare, format), *["a byte order mark matters"] * (not is_kept)][:_MOST]
    if not is_a_program(text):
        formatted = format(text)
        return [] if formatted is None else ["a broken file isn't left alone"]
    formatted = format(text)
    if formatted is None:
        return [f"a program is left alone: {text[:200]!r}"]
    found = [*_line_ends(text, formatted), *_changed(text, formatted)]
    found += _untidy(formatted.replace("\r\n", "\n"))
    again = format(formatted)
    if again != formatted:
        found.append(f"formatted again it is another text: {_difference(formatted, again)}")
    return found[:_MOST]


def _difference(one: str, other: str | None) -> str:
    if other is None:
        return "none"
    for number, (mine, theirs) in enumerate(
        zip(one.split("\n"), other.split("\n"), strict=False), 1
    ):
        if mine != theirs:
            return f"line {number}: {mine!r} became {theirs!r}"
    return f"{len(one)} characters became {len(other)}"


def _changed(text: str, formatted: str) -> Iterator[str]:
    """Yield what is another token or comment, or is somewhere else, in *formatted*."""
    before, after = read(text), read(formatted)
    mine, theirs = ([_said(piece) for piece in pieces] for pieces in (before, after))
    if mine != theirs:
        at = next(
            (
                index
                for index, (one, other) in enumerate(zip(mine, theirs, strict=False))
                if one != other
            ),
            min(len(mine), len(theirs)),
        )
        yield (
            f"after `{joined(mine[max(at - 6, 0) : at])}` came `{joined(mine[at : at + 6])}`, "
            f"and now comes `{joined(theirs[at : at + 6])}`"
        )
        return
    yield from _moved(before, after, _starts(text))
    one, other = _tree(text), _tree(formatted)
    if one != other:
        yield f"the tree is another one: {_first_difference(one, other)}"


def _said(piece: Piece) -> str:
    return comment_text(piece) if piece.is_comment else token_text(piece)


def _starts(text: str) -> set[int]:
    """Return where declarations and conditions begin in *text*."""
    file = parse(Source("t.dsl", text), Report())
    return {one.span.start for one in (*file.items, *file.whens)}


def _moved(before: list[Piece], after: list[Piece], starts: set[int]) -> Iterator[str]:
    """Yield which comments stand otherwise to what is around them, and which empty lines go.

    Declarations begin at *starts*. What a comment is about is said by where it stands: on the line
    of the token before or on one of its own, with an empty line around it or none; inside a row
    (`a /* b */ * c`), by the tokens around it.
    """
    for index, (one, other) in enumerate(zip(before, after, strict=True)):
        previous = before[index - 1] if index else None
        told = f"`{joined(_said(piece) for piece in before[max(index - 3, 0) : index + 1])}`"
        is_row_start = previous is None or _starts_a_row(before, index, starts)
        if not one.is_comment:
            if previous is None or not is_row_start:
                continue
            if previous.is_comment or previous.text == ";" or one.start in starts:
                yield from _apart(one, other, told)
            continue
        if previous is None or not is_row_start:
            continue
        following = before[index + 1] if index + 1 < len(before) else None
        ends_its_line = following is None or following.ends > 0 or one.kind == LINE
        if one.ends == 0 and ends_its_line and other.ends:
            yield f"the comment at the end of a line is on another: {told}"
        if one.ends and not other.ends:
            yield f"the comment on a line of its own stands after something: {told}"
        if previous.text != "{" or previous.is_comment:
            yield from _apart(one, other, told)


def _starts_a_row(pieces: list[Piece], index: int, starts: set[int]) -> bool:
    """Whether nothing but comments is between piece *index* and the end of a row.

    A `}` ends one where another declaration begins after it, or nothing comes.
    """
    for piece in reversed(pieces[:index]):
        if not piece.is_comment:
            if piece.text != "}":
                return piece.text in _ENDS_A_ROW
            following = next((one for one in pieces[index:] if not one.is_comment), None)
            return following is None or following.text == "}" or following.start in starts
    return True


def _apart(one: Piece, other: Piece, told: str) -> Iterator[str]:
    """Yield that an empty line before a piece is gone, or new."""
    if one.text == "}":
        return  # none is kept before the end of a body
    if one.ends > 1 and other.ends < 2:
        yield f"an empty line is gone: {told}"
    elif one.ends < 2 and other.ends > 1:
        yield f"an empty line is new: {told}"


class _Tree(NamedTuple):
    """What of a file its text's form doesn't touch; spans are left out of equality."""

    doc: object
    items: object
    macros: object
    whens: object
    allowances: object


def _tree(text: str) -> _Tree:
    file = parse(Source("t.dsl", text), Report())
    allowances = [(each.code, each.reason) for each in file.allowances]
    allowances += [(each.code, each.reason) for each in file.break_allowances]
    return _Tree(file.doc, file.items, file.macros, list(_conditions(file)), allowances)


def _conditions(file: File) -> Iterator[object]:
    """Yield each branch: what it asks, and which tokens are in it."""
    assert file.tokens is not None
    starts = file.tokens.starts
    for when in file.whens:
        for branch in when.branches:
            inside = sum(branch.span.start <= start < branch.span.end for start in starts)
            yield branch.condition, inside


def written_blanks(text: str) -> frozenset[int]:
    """Return the offsets of the tokens in *text* before which blanks are as written.

    They are those in expressions, conditions and versions, but for the first of each.
    """
    file = parse(Source("t.dsl", text), Report())
    pending: list[object] = [file.items, file.whens]
    written: set[int] = set()
    starts = [piece.start for piece in read(text)]
    while pending:
        value = pending.pop()
        if isinstance(value, (list, tuple)):
            pending.extend(value)
        elif isinstance(value, (ExpressionNode, ConditionNode, TargetItem)):
            first, after = bisect(starts, value.span.start), bisect_left(starts, value.span.end)
            written.update(starts[first:after])
        elif isinstance(value, Record) and not isinstance(value, Span):
            pending.extend(getattr(value, name) for name in value.__match_args__ if name != "span")
    return frozenset(written)


def _first_difference(one: _Tree, other: _Tree) -> str:
    for name, mine, theirs in zip(_Tree._fields, one, other, strict=True):
        if mine == theirs:
            continue
        if isinstance(mine, list) and isinstance(theirs, list):
            for before, after in zip(mine, theirs, strict=False):
                if before != after:
                    return f"{name}: {before!r} became {after!r}"
        return f"{name}: {mine!r} became {theirs!r}"
    return ""


def _line_ends(text: str, formatted: str) -> Iterator[str]:
    """Yield that *formatted* has others than the first of *text*."""
    first = text.find("\n")
    end = "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"
    others = re.sub(end, "", formatted)
    if "\r" in others or "\n" in others:
        yield f"lines don't all end in {end!r}"


def _untidy(text: str) -> Iterator[str]:
    """Yield what no formatted text has."""
    if not text:
        return
    if not text.endswith("\n"):
        yield "no line end at the end"
    if text.startswith("\n") or "\n\n\n" in text or text.endswith("\n\n"):
        yield "empty lines at an end, or several"
    pieces = read(text)
    if not pieces:
        yield f"blanks alone: {text!r}"
    at = 0
    for piece in pieces:
        blanks = text[at : piece.start]
        if re.search(r"[^ \n]|[ ]\n|\n\n\n", blanks):
            yield f"the blanks before `{piece.text}` are {blanks!r}"
        elif "\n" in blanks and len(blanks.rpartition("\n")[2]) % 4:
            yield f"`{piece.text}` is indented by {len(blanks.rpartition(chr(10))[2])}"
        if piece.kind == LINE and piece.text[-1] in " \t\f\v":
            yield f"blanks after `{piece.text}`"
        if "\r" in piece.text:
            yield f"a carriage return in `{piece.text!r}`"
        at = piece.end


class Meaning(NamedTuple):
    """What a text comes to.

    Attributes:
        said: Each diagnostic: its code, its message and the token that it points to, by number.
        header: The C header; empty with errors.
        json: The model, docs and all; empty with errors.
    """

    said: list[tuple[str, str, int, int]]
    header: str
    json: str


def meaning(text: str, name: str = "maps.dsl", options: Options | None = None) -> Meaning:
    """Return what compiling *text*, which is read as the file *name*, comes to."""
    source = Source(name, text)
    options = options or Options()
    compilation = compile(source, options)
    starts = [piece.start for piece in read(text) if not piece.is_comment]
    said = []
    for each in compilation.diagnostics:
        places = [-1, -1]
        if each.span is not None and each.code not in _OF_COMMENTS:
            places = [_token_at(each.span, starts, source), len(each.labels)]
        said.append((each.code, _plain(each.message), places[0], places[1]))
    if compilation.failed:
        return Meaning(sorted(said), "", "")
    json = "" if compilation.undecided else emit(compilation, options, "json")
    json = re.sub(r',\n *"line": \d+', "", json)
    return Meaning(sorted(said), _blanks_apart(emit(compilation, options)), _blanks_apart(json))


def _blanks_apart(text: str) -> str:
    """Return *text* with one blank for several: outputs quote expressions as they are written."""
    return re.sub(r"[ \t\f\v]+", " ", text)


def other_meaning(before: Meaning, after: Meaning) -> str:
    """Return in what *after* is another meaning than *before*; nothing if it isn't."""
    if before.said != after.said:
        gone = [each for each in before.said if each not in after.said]
        return f"said: {gone} became {[each for each in after.said if each not in before.said]}"
    for one, other in ((before.header, after.header), (before.json, after.json)):
        if one != other:
            return _difference(one, other)
    return ""


_OF_COMMENTS = frozenset(("unused-allowance", "allowance"))
"""They point to comments."""


def _token_at(span: Span, starts: list[int], source: Source) -> int:
    if span.source is not source:
        return -1
    return sum(start < span.start for start in starts)


def _plain(message: str) -> str:
    """Return *message* without the numbers of lines and the blanks that are quoted in it."""
    return " ".join(re.sub(r"\bline \d+|:\d+(:\d+)?", "N", message).split())
