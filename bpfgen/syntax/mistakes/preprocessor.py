"""Lines of the preprocessor, which the language hasn't: what stands for them here.

What one line is, directives.py says. Edits are offered for all lines of a file or for none: where
what stands for them surely means the same, and stands where a declaration can.
"""

from __future__ import annotations

import re
from itertools import combinations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.directives import (
    BEGINNINGS,
    BRANCHES,
    COMMENT,
    CONDITIONS,
    is_operand,
    is_same_number,
    read_line,
)
from bpfgen.syntax.tree import END, SKIPPED
from bpfgen.text.diagnostics import Diagnostic, Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType

    from bpfgen.syntax.mistakes.directives import Line
    from bpfgen.syntax.tree import Tokens

    _Path = tuple[tuple[int, int], ...]
    """The branches around a line: which `#if` of the file, and which of its branches."""

_TOP, _BLOCK, _MIDDLE = "top", "block", "middle"
"""Places of a line: between declarations, between those of a `when`, and within one."""

_DEEPEST = 100
"""Branches in branches; and definitions of one name."""

_BEFORE_EXPRESSION = frozenset("([=,:")
_AFTER_EXPRESSION = frozenset(")]},;")


def preprocessor_lines(tokens: Tokens, tables: ModuleType) -> tuple[Diagnostic, frozenset[str]]:
    """Return what to say of them all, which have one remedy, and the names that they may define."""
    lines = [read_line(text, tables) for _, text in tokens.preprocessor]
    places = _places(tokens)
    start, text = tokens.preprocessor[0]
    first = text.split("\n", 1)[0].rstrip()
    line = lines[0]
    if text.startswith("#["):
        message, help_ = "an attribute of Rust has no meaning here", "remove it"
    elif line.word == COMMENT:
        message, help_ = "a comment begins with `//`, not with `#`", "write `//`"
    else:
        message = "there is no preprocessor in this language"
        help_ = "`include` the C header that this stands in, and use its names here"
    if line.word in CONDITIONS:
        message = "there is no preprocessor in this language; a condition is a `when`"
    # A comment may keep a machine from it; what becomes of that a person decides.
    right = line.right or read_line(re.split(r"/\*|///", first)[0].rstrip(), tables).right
    if right and line.word != COMMENT:
        help_ = f"write `{right}`"
        if line.word == "define":
            help_ += ", or `include` the header that has it"
    asked = _asked(tokens, lines)
    if line.word in CONDITIONS and asked:
        help_ += f", `}}` at its end, and `macro {', '.join(asked)};` before it"
    inside = [place for place, one in zip(places, lines, strict=True) if one.word in BRANCHES]
    if inside[:1] == ["type"] and line.word in CONDITIONS:
        help_ = "members can't depend on a condition: declare the whole type in each branch,"
        help_ += " `when (…) { struct … } else { … }`"
    names = {name for _, text in tokens.preprocessor for name in re.findall(r"[A-Za-z_]\w*", text)}
    span = Span(tokens.source, start, start + len(first))
    edits = _edits(tokens, lines, places, asked)
    return Diagnostic("preprocessor", message, span, help=help_, edits=edits), frozenset(names)


def _edits(
    tokens: Tokens, lines: Sequence[Line], places: Sequence[str], asked: Sequence[str]
) -> tuple[Edit, ...]:
    """Return what stands for *lines*, with the `macro` of the names *asked*, or nothing."""
    rights = [line.right for line in lines if line.right is not None]
    paths = _paths(lines)
    if len(rights) < len(lines) or paths is None:
        return ()
    if not _Macros(tokens, lines, paths).can_be_constants():
        return ()
    edits: list[Edit] = []
    for (start, text), line, right, place in zip(
        tokens.preprocessor, lines, rights, places, strict=True
    ):
        needed = ""
        if asked and line.word in CONDITIONS:
            needed, asked = f"macro {', '.join(asked)};\n", ()
        if line.word in BRANCHES | {"define", "include"} and place not in {_TOP, _BLOCK}:
            return ()
        if needed and place != _TOP:
            return ()
        tail = line.tail if right else line.tail.strip()
        span = Span(tokens.source, start, start + len(text))
        edits.append(Edit(span, f"{needed}{right}{tail}"))
    return tuple(edits)


def _asked(tokens: Tokens, lines: Iterable[Line]) -> list[str]:
    """Return the names in the conditions of *lines* that the file has no constant for, in order."""
    constants = {*_constants(tokens), *(line.name for line in lines if line.name)}
    names = (name for line in lines if line.word in CONDITIONS for name in line.names)
    return [name for name in dict.fromkeys(names) if name not in constants]


def _constants(tokens: Tokens) -> set[str]:
    """Return the names of the constants in *tokens*: `const N = 1;`, `const __u32 N = 1;`."""
    names: set[str] = set()
    before, is_const = "", False
    for text in tokens.texts:
        if text == "=" and is_const:
            names.add(before)
        is_const = text not in {";", "{", "}", "="} and (is_const or text == "const")
        before = text
    return names


def _enumerators(tokens: Tokens) -> set[str]:
    """Return the names that may be enumerators: those in the bodies of enums."""
    names: set[str] = set()
    state = ""
    for kind, text in zip(tokens.kinds, tokens.texts, strict=True):
        if kind == "ENUM":
            state = "head"
        elif text in {";", "}"}:
            state = ""
        elif text == "{":
            state = "body" if state == "head" else ""
        elif state == "body" and text.isidentifier():
            names.add(text)
    return names


def _paths(lines: Iterable[Line]) -> list[_Path] | None:
    """Return the branches around each line; None where they don't begin and end as they should."""
    paths: list[_Path] = []
    path: _Path = ()
    ended: set[int] = set()  # those that had their `#else`
    for at, line in enumerate(lines):
        if line.word in BEGINNINGS:
            paths.append(path)
            path = (*path, (at, 0))
            if len(path) > _DEEPEST:
                return None
        elif line.word in BRANCHES:
            if not path or (path[-1][0] in ended and line.word != "endif"):
                return None
            *outer, (beginning, branch) = path
            path = (*outer, (beginning, branch + 1)) if line.word != "endif" else tuple(outer)
            if line.word == "else":
                ended.add(beginning)
            paths.append(tuple(outer))
        else:
            paths.append(path)
    return None if path else paths


class _Macros:
    """The macros that the lines of a file define, and what it has constants for."""

    def __init__(self, tokens: Tokens, lines: Sequence[Line], paths: Sequence[_Path]) -> None:
        self._tokens = tokens
        self._lines = lines
        self._paths = paths
        self._constants = _constants(tokens)
        self._enumerators = _enumerators(tokens)
        self._numbers = self._constants | self._enumerators
        self._defined: dict[str, list[int]] = {}
        for at, line in enumerate(lines):
            if line.name:
                self._defined.setdefault(line.name, []).append(at)

    def can_be_constants(self) -> bool:
        """Return whether each of them means as a constant what it means as text."""
        if not all(self._is_one(name, ats) for name, ats in self._defined.items()):
            return False
        for at, line in enumerate(self._lines):
            names = set(line.names)
            if line.word in CONDITIONS:
                if not all(self._is_number(name, at) for name in names):
                    return False
                if any(name in self._defined or name in self._constants for name in _sought(line)):
                    return False  # it is not to be asked of a constant whether it is one
            elif line.name and not all(self._is_operand(name, at) for name in names):
                return False
        return self._are_expressions()

    def _is_one(self, name: str, ats: Sequence[int]) -> bool:
        """Return whether *name* has one definition wherever it has one."""
        if name in self._numbers or len(ats) > _DEEPEST:
            return False
        paths = [self._paths[at] for at in ats]
        return all(_exclude(one, other) for one, other in combinations(paths, 2))

    def _is_number(self, name: str, at: int) -> bool:
        """Return whether *name* is in the condition of line *at* what it is in C's."""
        if name in self._enumerators:
            return False
        ats = self._defined.get(name, [])
        is_there = len(ats) == 1 and self._is_known(ats[0], at)
        return not ats or (is_there and is_same_number(self._lines[ats[0]].body))

    def _is_known(self, definition: int, at: int) -> bool:
        """Return whether what line *definition* defines is there wherever line *at* is."""
        path = self._paths[definition]
        return definition < at and self._paths[at][: len(path)] == path

    def _is_operand(self, name: str, at: int) -> bool:
        """Return whether *name* is a constant, or a type, in the value that line *at* defines."""
        body = self._lines[at].body
        if "sizeof" in body and name not in self._defined:
            return True  # of a type, say; what is unknown there is reported
        is_defined = any(self._is_known(other, at) for other in self._defined.get(name, ()))
        return is_defined or name in self._numbers

    def _are_expressions(self) -> bool:
        """Return whether those whose operators are open stand alone, wherever they stand."""
        names = {line.name for line in self._lines if line.name and not is_operand(line.body)}
        if not names:
            return True
        texts = self._tokens.texts
        for at, text in enumerate(texts):
            if text in names and not (
                texts[at - 1] in _BEFORE_EXPRESSION and texts[at + 1] in _AFTER_EXPRESSION
            ):
                return False
        return not any(
            text in names and (before, after) != ("(", ")")
            for line in self._lines
            for before, text, after in zip(
                ("", *line.body), line.body, (*line.body[1:], ""), strict=False
            )
        )


def _sought(line: Line) -> set[str]:
    """Return the names of which the condition *line* asks whether they are defined."""
    if line.word.endswith("def"):
        return set(line.names)
    body = line.body
    after = zip(body, body[1:], (*body[2:], ""), strict=False)
    return {other if text == "(" else text for word, text, other in after if word == "defined"}


def _exclude(one: _Path, other: _Path) -> bool:
    """Return whether only one of two places is ever there: they are branches of one `#if`."""
    first = next((pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]), None)
    return first is not None and first[0][0] == first[1][0]


def _places(tokens: Tokens) -> list[str]:
    """Return where each line is: :data:`_TOP` or one of its like, or in a `type` or a `map`."""
    kinds, texts, starts = tokens.kinds, tokens.texts, tokens.starts
    places: list[str] = []
    stack: list[str] = []
    head = closed = ""
    at = 0
    for offset, _ in tokens.preprocessor:
        while starts[at] < offset:
            kind, text = kinds[at], texts[at]
            at += 1
            if text in {"{", "(", "["}:
                stack.append(head if text == "{" else _MIDDLE)
            elif text in {"}", ")", "]"} and stack:
                closed = stack.pop()
            if text in {";", "{", "}"}:
                head = ""
            elif not head:
                head = _HEADS.get(kind, "")
        outer = next((one for one in reversed(stack) if one != "when"), "")
        if outer or stack[-1:] == [""]:
            places.append(outer or _MIDDLE)
        elif not _is_between(tokens, at, head, closed):
            places.append(_MIDDLE)
        else:
            places.append(_BLOCK if stack else _TOP)
    return places


_HEADS = {
    **dict.fromkeys(("COMPOSITE", "ENUM"), "type"),
    **dict.fromkeys(("MAP", "TEMPLATE"), "map"),
    **dict.fromkeys(("WHEN", "ELSE"), "when"),
}


def _is_between(tokens: Tokens, at: int, head: str, closed: str) -> bool:
    """Return whether a declaration may stand before token *at*.

    Args:
        head: What the one begins with that token *at* is in.
        closed: What the block was of that was closed last.
    """
    if tokens.kinds[at] == "ELSE":
        return False
    before = tokens.texts[at - 1] if at else ";"
    if before in {";", "{"} or (before == "}" and closed == "when"):
        return True
    if before == "}":
        head = closed
    after = tokens.texts[at]
    is_word = tokens.kinds[at] == END or after in {"}", ";"} or after.isidentifier()
    is_end = before in {"}", "]", ">"} or tokens.kinds[at - 1] == SKIPPED
    return head == "map" and is_end and is_word
