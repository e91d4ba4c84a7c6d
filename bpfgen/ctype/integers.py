"""C's integer types on the BPF target: ranges, conversions, and how literals are read.

Below :mod:`bpfgen.ctype.constants`, which computes with them. The target is LP64: `int` has 32
bits, `long` and `long long` have 64, plain `char` is signed.

Source: C23 (N3220) 6.3.1 conversions, 6.4.4 constants; clang where C leaves the choice to the
implementation.
"""

from __future__ import annotations

import re

from bpfgen.ctype.types import INT, LLONG, LONG, UINT, ULLONG, ULONG, Int
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.text.source import Span

_RANKS = {"long long": 5, "unsigned long long": 5}
_RANK_OF_SIZE = {1: 1, 2: 2, 4: 3, 8: 4, 16: 6}

_SUFFIXES = {
    "": (INT, LONG),
    "u": (UINT, ULONG),
    "l": (LONG,),
    "ul": (ULONG,),
    "ll": (LLONG,),
    "ull": (ULLONG,),
}
# A literal that isn't decimal may also take the unsigned type of each size (C23 6.4.4.2, table).
_SUFFIXES_NOT_DECIMAL = {
    **_SUFFIXES,
    "": (INT, UINT, LONG, ULONG),
    "l": (LONG, ULONG),
    "ll": (LLONG, ULLONG),
}
_BASES = {"0x": (16, "hexadecimal"), "0b": (2, "binary")}

_ESCAPES = {
    "'": 39,
    '"': 34,
    "?": 63,
    "\\": 92,
    "a": 7,
    "b": 8,
    "f": 12,
    "n": 10,
    "r": 13,
    "t": 9,
    "v": 11,
    "e": 27,
    "E": 27,
}


# Compiled where there is such a type: at import that would cost every run.
_NARROW = r"(?s)(.*):(\d+)(?:@(\d+))?"


def narrow_name(name: str, offset: int, bits: int) -> str:
    """Return what an integer called *name* is called that has *bits* of its bytes, from *offset*.

    C has no such type, and BTF had it for bit-fields: `int:31` isn't `int`, and `long long:32@32`
    isn't `long long`.
    """
    return f"{name}:{bits}@{offset}" if offset else f"{name}:{bits}"


def bits_of(type: Int) -> tuple[str, int, int]:
    """Return the name of *type* without its bits, the first of these, and how many it has."""
    narrow = re.fullmatch(_NARROW, type.name) if ":" in type.name else None
    if narrow is None:
        return type.name, 0, 8 * type.size
    return narrow[1], int(narrow[3] or 0), int(narrow[2])


class ConstantError(Exception):
    """A constant that has no value in C.

    Attributes:
        code: The diagnostic's code: `integer-literal`, `character-literal`, `constant-overflow`,
            `shift-range`, `division-by-zero` or `expression`.
        message: The diagnostic's message.
        help: What to write instead, or empty.
        span: The operator that has no result; None where the whole is wrong.
        instead: What the literal was meant for, or empty.
        suffix: With which one of the operator's literals has a type that holds the result.
    """

    def __init__(
        self,
        code: str,
        message: str,
        help: str = "",
        span: Span | None = None,
        instead: str = "",
        suffix: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help
        self.span = span
        self.instead = instead
        self.suffix = suffix


def _bounds(type: Int) -> tuple[int, int]:
    """Return the least and the greatest value of *type*."""
    if type.bool:
        return 0, 1
    bits = 8 * type.size
    return (-1 << bits - 1, (1 << bits - 1) - 1) if type.signed else (0, (1 << bits) - 1)


def fits(value: int, type: Int) -> bool:
    """Return whether *value* is in the range of *type*."""
    lowest, highest = _bounds(type)
    return lowest <= value <= highest


def convert(value: int, type: Int) -> int:
    """Return *value* as *type*: modulo 2**n, or `value != 0` for `_Bool` (6.3.1.2, 6.3.1.3)."""
    if type.bool:
        return int(value != 0)
    bits = 8 * type.size
    value &= (1 << bits) - 1
    return value - (1 << bits) if type.signed and value >> bits - 1 else value


def promote(type: Int) -> Int:
    """Return *type* after C's integer promotions: `int` for what is narrower (6.3.1.1)."""
    return INT if type.size < INT.size else type


def _rank(type: Int) -> int:
    return _RANKS.get(type.name) or _RANK_OF_SIZE[type.size]


def usual_conversions(left: Int, right: Int) -> Int:
    """Return the type in which an operator computes with *left* and *right* (6.3.1.8)."""
    left, right = promote(left), promote(right)
    if left is right or left == right:
        return left
    if _rank(left) < _rank(right):
        left, right = right, left
    # *left* has the higher rank, or both have the same.
    if left.signed == right.signed or not left.signed:
        return left
    if _rank(left) == _rank(right):
        return right
    if left.size > right.size:
        return left
    return (
        ULLONG
        if left.name == "long long"
        else Int(f"unsigned {left.name}", left.size, signed=False)
    )


def parse_integer(text: str) -> tuple[int, Int]:
    """Return the value and the C type of the literal *text*.

    Integers are decimal, octal, hexadecimal or binary, with the digit separators of C23 and the
    suffixes `u`, `l`, `ll` in either case. Character constants have type `int`; one with several
    characters is clang's number (the first is the most significant).

    Raises:
        ConstantError: `integer-literal` or `character-literal`.
    """
    if text.isdecimal() and (text[0] != "0" or text == "0") and text.isascii():
        value = _to_int(text, 10, text)
        if value < 1 << 31:
            return value, INT
        digits, suffix, types = text, "", _SUFFIXES[""]
    elif text[:1] == "'" or (text[-1:] == "'" and not text[0].isdigit()):
        return _parse_character(text), INT
    else:
        digits = text.rstrip("uUlL")
        base, what, body = 10, "decimal", digits
        if digits[:2].lower() in _BASES:
            base, what = _BASES[digits[:2].lower()]
            body = digits[2:]
        elif len(digits) > 1 and digits[0] == "0":
            base, what, body = 8, "octal", digits[1:].removeprefix("'")
        suffix = _suffix(text, digits)
        _check_digits(text, body, base, what)
        value = _to_int(body.replace("'", ""), base, text)
        types = (_SUFFIXES if base == 10 else _SUFFIXES_NOT_DECIMAL)[suffix]
    for type in types:
        if fits(value, type):
            return value, type
    if value < 1 << 64:
        instead = f"{digits}{'UL' if suffix == 'l' else 'ULL'}"
        is_least = value == 1 << 63
        raise ConstantError(
            "integer-literal",
            f"`{text}` is too large for `{types[-1].name}`, the largest type it can have",
            f"use `{instead}`"
            + (", or `(-9223372036854775807 - 1)` for the least number" if is_least else ""),
            instead="" if is_least else instead,
        )
    raise ConstantError("integer-literal", f"`{_short(text)}` doesn't fit in 64 bits")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:30]}…"


def _to_int(digits: str, base: int, text: str) -> int:
    """Return *digits* as a number; what is too long for 64 bits in any base isn't computed."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > 64:
        raise ConstantError("integer-literal", f"`{_short(text)}` doesn't fit in 64 bits")
    return int(digits, base)


def _suffix(text: str, digits: str) -> str:
    """Return the suffix after *digits* in one of the six spellings of `_SUFFIXES`."""
    written = text[len(digits) :]
    suffix = written.lower()
    if suffix in {"lu", "llu"}:
        suffix = "u" + suffix[:-1]
    if suffix in _SUFFIXES and "lL" not in written and "Ll" not in written:
        return suffix
    raise ConstantError(
        "integer-literal",
        f"`{written}` is no suffix of an integer",
        "the suffixes are `U`, `L`, `UL`, `LL` and `ULL`",
    )


def _check_digits(text: str, body: str, base: int, what: str) -> None:
    """Raise where *body* isn't one or more digits of *base* with separators between them."""
    allowed = "0123456789abcdef"[:base]
    lowered = body.lower()
    previous = "'"
    for position, character in enumerate(lowered):
        if character == "'":
            if previous == "'" or position == len(lowered) - 1:
                raise ConstantError(
                    "integer-literal", f"the `'` in `{_short(text)}` doesn't stand between digits"
                )
        elif character not in allowed:
            decimal = ""
            if base == 8 and character in "89":
                if body.isdecimal():
                    decimal = body.lstrip("0")
                advice = f"write `{body.lstrip('0') or '0'}` if it is meant to be decimal"
            elif base in {8, 10} and character in ".ep":
                raise ConstantError(
                    "integer-literal",
                    f"`{_short(text)}` is a floating constant, and an integer is wanted",
                )
            else:
                _refuse_unit_or_separator(text)
                advice = ""
            raise ConstantError(
                "integer-literal",
                f"`{body[position]}` is no {what} digit in `{_short(text)}`",
                advice,
                instead=decimal if text.isdecimal() else "",
            )
        previous = character
    if not body:
        raise ConstantError("integer-literal", f"`{text}` has no digits")


def _refuse_unit_or_separator(text: str) -> None:
    """Raise where the literal *text* has a unit, or the digit separators of other languages."""
    # Only a literal that is none pays for this import.
    from bpfgen.text.spelling import unit_meant

    unit = unit_meant(text.lstrip("0123456789_'"), or_itself=True)
    if unit is not None:
        number = text.rstrip("KkMmGgIiBb").replace("_", "'")
        instead = f"{number} {unit}"
        raise ConstantError(
            "integer-literal",
            f"`{_short(text)}` is a number with a unit, and there must be a space between the two",
            f"write `{instead}`; the units are `KiB`, `MiB` and `GiB`, which are powers of 1024",
            instead=instead,
        )
    plain = text.replace("_", "")
    if "_" in text and plain.isdecimal() and not text.endswith("_"):
        instead = text.replace("_", "'") if "__" not in text else plain
        raise ConstantError(
            "integer-literal",
            f"`{_short(text)}`: digits are separated by `'`, as in C23",
            f"write `{instead}`, or `{plain}`",
            instead=instead,
        )


def _parse_character(text: str) -> int:
    """Return the value of the character constant *text*, quotes included."""
    if not text.startswith("'") or len(text) < 2:
        prefix = text.partition("'")[0]
        raise ConstantError(
            "character-literal",
            f"`{_short(text)}`: character constants with a prefix are not supported",
            f"leave `{prefix}` out" if prefix.isalnum() else "",
            instead=text.removeprefix(prefix) if prefix.isalnum() else "",
        )
    characters = list(_characters(text))
    if not characters:
        raise ConstantError("character-literal", "a character constant holds a character")
    if len(characters) > 4:
        raise ConstantError(
            "character-literal", f"`{_short(text)}` has more characters than an `int` has bytes"
        )
    value = 0
    for character in characters:
        value = value << 8 | character
    # One character has the value of a `char`, which is signed on the BPF target.
    return value - 256 if len(characters) == 1 and value > 127 else convert(value, INT)


def _characters(text: str) -> Iterator[int]:
    """Yield the bytes that the character constant *text* stands for."""
    body, position = text[1:-1], 0
    while position < len(body):
        character = body[position]
        position += 1
        if character != "\\":
            if character == "'" or character in "\r\n" or ord(character) > 127:
                raise ConstantError(
                    "character-literal",
                    f"{character!r} can't stand in a character constant",
                    "write its number",
                )
            yield ord(character)
            continue
        escape = body[position : position + 1]
        digits = ""
        if escape == "x":
            position += 1
            while position < len(body) and body[position] in "0123456789abcdefABCDEF":
                digits += body[position]
                position += 1
            base = 16
        else:
            while len(digits) < 3 and position < len(body) and body[position] in "01234567":
                digits += body[position]
                position += 1
            base = 8
        if digits:
            if len(digits.lstrip("0")) > 3 or int(digits, base) > 255:
                raise ConstantError("character-literal", f"`{_short(text)}` is no byte: over 255")
            yield int(digits, base)
        elif escape in _ESCAPES and escape:
            position += 1
            yield _ESCAPES[escape]
        else:
            raise ConstantError(
                "character-literal", f"`\\{escape}` in `{_short(text)}` is no escape sequence"
            )
