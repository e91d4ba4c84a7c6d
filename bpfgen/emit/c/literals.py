"""Numbers and strings as C text: what they can't do is change value or end early."""

from __future__ import annotations

from bpfgen.ctype.types import INT, UINT
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Int

INT_MAX = (1 << 31) - 1
LONG_MAX = (1 << 63) - 1

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def suffix(type: Int) -> str:
    """Return the suffix that gives a decimal or hexadecimal literal the C type *type*."""
    wide = "L" if type.size == 8 else ""
    unsigned = "" if type.signed or type.size < UINT.size else "U"
    if type.size == 8 and "long long" in type.name:
        wide = "LL"
    return unsigned + wide


def integer(value: int, type: Int = INT, *, hexadecimal: bool = False) -> str:
    """Return *value* as a C expression of type *type* that needs no parentheses around it.

    The smallest value of a signed type has no literal in C; it is spelled as a difference.
    Where *value* doesn't fit an `int` type, the type is widened, as C itself does.
    """
    if type.size < INT.size or type.bool:
        type = INT
    if not type.signed and value < 0:
        value += 1 << (type.size * 8)
    ending = suffix(type)
    if type.size == INT.size and type.signed and not -INT_MAX - 1 <= value <= INT_MAX:
        ending = "L" if -LONG_MAX - 1 <= value <= LONG_MAX else "UL"
    if value < 0:
        smallest = -LONG_MAX - 1 if "L" in ending else -INT_MAX - 1
        if value == smallest:
            return f"(-{-(value + 1)}{ending} - 1)"
        return f"-{-value}{ending}"
    return f"{value:#x}{ending}" if hexadecimal else f"{value}{ending}"


def number(value: int, *, hexadecimal: bool = False) -> str:
    """Return *value* as the plainest C literal that has it: what an assertion compares with."""
    if value < 0:
        return integer(value)
    ending = "U" if value > LONG_MAX else ""
    return f"{value:#x}{ending}" if hexadecimal and value > 9 else f"{value}{ending}"


def without_trigraphs(literal: str) -> str:
    r"""Return the C *literal* such that strict C11 finds no trigraph in it: `'?\?/'` for `'??/'`.

    What clang reads as two question marks in GNU C would end, or not end, the literal there.
    """
    while "??" in literal:
        literal = literal.replace("??", "?\\?")
    return literal


def string(text: str) -> str:
    """Return *text* as a C string literal; nothing in it can end the literal or form a trigraph."""
    spelled = []
    previous = ""
    for character in text:
        if character == "?" and previous == "?":
            spelled.append("\\?")  # strict C11 replaces trigraphs inside strings too
        elif character in _ESCAPES:
            spelled.append(_ESCAPES[character])
        elif character < " " or character == "\x7f":
            spelled.append(f"\\{ord(character):03o}")
        else:
            spelled.append(character)
        previous = character
    return f'"{"".join(spelled)}"'
