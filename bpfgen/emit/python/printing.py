"""Pieces of Python text, laid out as black and ruff lay them out: lists, docstrings, literals."""

from __future__ import annotations

from bpfgen.emit.user_space.docs import doc_lines
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE_LENGTH = 88
"""What formatters of Python take for the longest line, unless they are told otherwise."""

INDENT = "    "


def bracketed(
    head: str, items: Sequence[str], tail: str, depth: int = 0, *, always: bool = False
) -> list[str]:
    """Return *items* between *head* and *tail*, on one line or, where that is too long, on many.

    Args:
        head: What stands before them, the opening bracket included.
        items: Each without a comma.
        tail: The closing bracket and what follows it.
        depth: Levels of indentation of the line.
        always: One line an item, however short they are.
    """
    indent = INDENT * depth
    line = f"{indent}{head}{', '.join(items)}{tail}"
    if not items or (not always and len(line) <= LINE_LENGTH):
        return [line]
    return [f"{indent}{head}", *(f"{indent}{INDENT}{item}," for item in items), f"{indent}{tail}"]


def pair(first: str, second: str, depth: int) -> list[str]:
    """Return the tuple of two as an item of a list, with its comma; over several lines if long."""
    lines = bracketed("(", [first, second], ")", depth)
    lines[-1] += ","
    return lines


def docstring(text: str, depth: int = 0) -> list[str]:
    """Return *text* as a docstring; no line at all for an empty one.

    Nothing in it can end the literal, act as an escape, or reorder what is seen.
    """
    lines = [_escaped(line) for line in doc_lines(text.expandtabs(len(INDENT)))]
    if not lines:
        return []
    indent = INDENT * depth
    first = lines[0].lstrip()
    if first.startswith('"'):
        first = f"\\{first}"
    rest = lines[1:]
    common = min((len(line) - len(line.lstrip()) for line in rest if line), default=0)
    if not rest:
        return [f'{indent}"""{_closed(first)}"""']
    return [
        f'{indent}"""{first}',
        *(f"{indent}{line[common:]}" if line else "" for line in rest),
        f'{indent}"""',
    ]


def module_docstring(text: str) -> list[str]:
    """Return *text* as the docstring of a module, below a comment of one line.

    The second line of a file may name its encoding (PEP 263): only in a comment, but other readers
    than Python are less exact, so that what reads like it has an escape.
    """
    lines = docstring(text)
    if lines:
        lines[0] = lines[0].replace("coding:", "coding\\x3a").replace("coding=", "coding\\x3d")
    return lines


def _escaped(line: str) -> str:
    """Return *line* as it stands in a literal of three quotes, with no quote of its own at risk."""
    return line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _closed(line: str) -> str:
    """Return the last line of a docstring such that its closing quotes stand alone."""
    bare = line[:-1]
    if not line.endswith('"') or (len(bare) - len(bare.rstrip("\\"))) % 2:
        return line
    return f'{bare}\\"'


def string(text: str) -> str:
    """Return *text* as a string literal, in double quotes where a formatter wants them."""
    literal = ascii(text)
    if literal.startswith("'") and '"' not in literal:
        return f'"{literal[1:-1]}"'
    return literal
