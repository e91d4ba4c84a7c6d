"""One line of the preprocessor, read as C reads it, and what stands for it in the language.

For preprocessor.py, which knows the other lines and the file around them. A comment stays where it
is, between the words that it stands between; a line whose whole isn't understood has nothing that
stands for it.
"""

from __future__ import annotations

import re

from bpfgen.ctype.integers import ConstantError, parse_integer
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.syntax.lexer import scan
from bpfgen.syntax.tables import HARD_WORDS
from bpfgen.syntax.tree import END, SKIPPED
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source
from bpfgen.text.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

BEGINNINGS = frozenset(("if", "ifdef", "ifndef"))
"""What begins a row of branches."""

CONDITIONS = BEGINNINGS | {"elif", "elifdef", "elifndef"}
"""What begins a branch with a condition."""

BRANCHES = CONDITIONS | {"else", "endif"}
"""What begins or ends a branch."""

NO_NAMES = frozenset(("defined", "KERNEL_VERSION"))
"""Words of a condition that look like names of macros."""

COMMENT = "//"
"""The word of a line that is a comment of a shell or of Python."""

DIRECTIVES = BRANCHES | set(
    "include include_next import define undef pragma error warning line embed ident sccs assert"
    " unassert".split()
)
"""The words of C23 (N3220) 6.10, and those of gcc and clang."""

_LIKE_A_DIRECTIVE = ("if", "el", "end", "def", "undef", "inc")
_MEANINGLESS = re.compile(r"\[(?:(?:derive|allow)\([\w,: ]*\)|repr\(C\)|map|btf_map)\]")
_BINARY = frozenset("+ - * / % << >> < <= > >= == != & ^ | && ||".split())
_PREFIXES = frozenset("+-~!")
_MOST_INSIDE = 16
"""Tokens that an operand has in its parentheses, and one more."""

_TRUTHS = frozenset(("true", "false"))
"""Numbers in C23, and names that nothing defines before."""


class Line(Record):
    """A line of the preprocessor.

    Attributes:
        word: The directive's, :data:`COMMENT`, or empty.
        name: The macro that it defines, or empty.
        body: The texts of the tokens after that: a value, or a condition.
        right: What stands for it in the language; None where that takes a person.
        tail: The comment after it, with the blanks before.
    """

    word: str = ""
    name: str = ""
    body: tuple[str, ...] = ()
    right: str | None = None
    tail: str = ""

    @property
    def names(self) -> list[str]:
        """The names in its body."""
        return [text for text in self.body if text.isidentifier() and text not in NO_NAMES]


def read_line(text: str, tables: ModuleType) -> Line:
    """Return what the line *text* is, which begins with its `#`."""
    written = re.match(r"#([ \t]*)(\w*)", text)
    assert written is not None
    if written[2] and written[2] not in DIRECTIVES:
        return Line(COMMENT, right=_comment(text, *written.groups()))
    inside = Source("", text[1:])
    tokens, is_whole = scan(inside, tables, Report())
    spans = [
        (start, end)
        for kind, start, end in zip(tokens.kinds, tokens.starts, tokens.ends, strict=True)
        if kind not in (SKIPPED, END)
    ]
    texts = [inside.text[start:end] for start, end in spans]
    gaps = [
        inside.text[before[1] : after[0]]
        for before, after in zip([(0, 0), *spans], [*spans, (len(inside.text),) * 2], strict=True)
    ]
    if texts and texts[0].startswith("include") and texts[0] not in DIRECTIVES:
        texts[:1] = "include", texts[0].removeprefix("include").strip()  # one token here
        gaps.insert(1, "")
    word = texts[0] if texts and texts[0] in DIRECTIVES else ""
    name = texts[1] if word == "define" and len(texts) > 1 else ""
    line = Line(word, name, tuple(texts[1 + bool(name) :]), tail=gaps[-1].rstrip())
    if not is_whole or tokens.preprocessor or "\n" in text or "\r" in text:
        return line  # the rest of what is open here is on other lines
    if any("///" in gap or "/**" in gap for gap in gaps):
        return line  # its doc comment would be one of what follows
    return replace(line, right=_right(line, texts, gaps))


def _comment(text: str, blanks: str, word: str) -> str | None:
    """Return the comment of a shell *text* as one of C; None where it may be a directive."""
    if "\n" in text or "\r" in text:
        return None
    if not blanks and word.startswith(_LIKE_A_DIRECTIVE):
        return None
    is_slip = (len(word) > 4 or not blanks) and closest(word, DIRECTIVES) is not None
    return None if is_slip else f"//{text[1:].rstrip()}"


def _right(line: Line, texts: Sequence[str], gaps: Sequence[str]) -> str | None:
    """Return what stands for *line*, whose tokens are *texts* with *gaps* before and after."""
    lead = f"{gaps[0].strip()} ".lstrip()
    if line.word in CONDITIONS:
        return _branch(line, lead, "".join(_alternating(gaps[1:-1], texts[1:])).strip())
    if line.word in BRANCHES:
        right = "} else {" if line.word == "else" else "}"
        return f"{lead}{right}" if not line.body else None
    if line.word == "include" and len(texts) == 2 and not gaps[1].strip():
        is_path = re.fullmatch(r"<[^<>]+>|\"[^\"\\]+\"", texts[1])
        return f"{lead}include {texts[1]};" if is_path else None
    if line.word == "define":
        return _constant(line, lead, texts, gaps)
    rest = "".join(texts)
    if not texts or texts == ["pragma", "once"]:
        return " ".join(filter(None, (gap.strip() for gap in gaps[:-1])))
    if _MEANINGLESS.fullmatch(rest) and not any(gap.strip() for gap in gaps[:-1]):
        return ""
    return None


def _alternating(gaps: Sequence[str], texts: Sequence[str]) -> list[str]:
    return [piece for pair in zip(gaps, texts, strict=True) for piece in pair]


def _branch(line: Line, lead: str, written: str) -> str | None:
    """Return the beginning of the branch that *line* begins, whose condition is *written*."""
    if line.word.endswith("def"):
        if len(line.body) != 1 or not _is_name(line.body[0]):
            return None
        written = f"{'!' if 'n' in line.word else ''}defined({written})"
    elif not _is_expression(line.body, in_condition=True):
        return None
    return f"{lead}{'} else ' if line.word.startswith('el') else ''}when ({written}) {{"


def _constant(line: Line, lead: str, texts: Sequence[str], gaps: Sequence[str]) -> str | None:
    """Return the constant that stands for the macro of *line*."""
    takes_arguments = line.body[:1] == ("(",) and not gaps[2]
    if not _is_name(line.name) or takes_arguments:
        return None
    if not _is_expression(line.body, in_condition=False):
        return None
    before_name = gaps[1] if gaps[1].strip() else " "
    before_value = gaps[2].rstrip() if gaps[2].strip() else ""
    value = "".join(_alternating(["", *gaps[3:-1]], texts[2:]))
    return f"{lead}const{before_name}{line.name}{before_value} = {value};"


def _is_name(text: str) -> bool:
    return text.isidentifier() and text not in HARD_WORDS and text not in _TRUTHS | NO_NAMES


def _is_number(text: str) -> bool:
    if not (text[0].isdigit() or text.endswith("'")):
        return False
    try:
        parse_integer(text)
    except ConstantError:
        return False
    return True


def is_operand(body: Sequence[str]) -> bool:
    """Return whether the expression *body* stays whole wherever it is put: no operator is open."""
    first = next(at for at, text in enumerate(body) if text not in _PREFIXES)
    depth = 0
    for at in range(first + (body[first] == "sizeof"), len(body) - 1):
        depth += (body[at] == "(") - (body[at] == ")")
        if depth == 0:
            return False
    return True


def is_same_number(body: Sequence[str]) -> bool:
    """Return whether *body* is one number, which the preprocessor takes as C does."""
    inside = len(body) // 2
    around = {*body[:inside], *body[inside + 1 :]}
    if not around <= {"(", ")"} or not _is_number(body[inside]):
        return False
    _value, type = parse_integer(body[inside])
    return type.signed or "u" in body[inside].lower()


def _is_expression(body: tuple[str, ...], *, in_condition: bool) -> bool:
    """Return whether *body* is an expression of integers: of an `#if`, or of a macro's value."""
    open_: list[str] = []
    wants_operand = True
    at = 0
    while at < len(body):
        text = body[at]
        at += 1
        if not wants_operand:
            if text in (")", ":"):
                if not open_ or open_.pop() != ("(" if text == ")" else "?"):
                    return False
            elif text == "?":
                open_.append(text)
            elif text not in _BINARY:
                return False
            wants_operand = text != ")"
        elif text == "(":
            open_.append(text)
        elif text not in _PREFIXES:
            taken = _operand(body, at - 1, in_condition=in_condition)
            if not taken:
                return False
            at += taken - 1
            wants_operand = False
    return not wants_operand and not open_


def _operand(body: tuple[str, ...], at: int, *, in_condition: bool) -> int:
    """Return of how many tokens the operand is that *body* has from *at*; 0 where it is none."""
    text = body[at]
    if _is_number(text):
        return 1
    is_call = body[at + 1 : at + 2] == ("(",)
    inside: tuple[str, ...] = ()
    if is_call:
        inside = body[at + 2 : at + 2 + _MOST_INSIDE]
        inside = inside[: inside.index(")")] if ")" in inside else ()
    if in_condition and text == "defined":
        if not is_call:
            return 2 if at + 1 < len(body) and _is_name(body[at + 1]) else 0
        return 4 if len(inside) == 1 and _is_name(inside[0]) else 0
    if in_condition and text == "KERNEL_VERSION":
        is_version = len(inside) == 5 and all(map(_is_number, inside[::2]))
        return 8 if is_version and inside[1::2] == (",", ",") else 0
    if not in_condition and text == "sizeof":
        is_type = all(word.isidentifier() or word == "*" for word in inside)
        return len(inside) + 3 if inside and is_type else 0
    return 1 if _is_name(text) and not is_call else 0
