"""C's constants as bpfgen computes them; clang itself is asked in tests/conformance."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from bpfgen.ctype.constants import (
    Cast,
    ConstantError,
    Operand,
    Operator,
    convert,
    enumerator_type,
    evaluate,
    fits,
    next_enumerator,
    parse_integer,
    promote,
    usual_conversions,
)
from bpfgen.ctype.types import (
    BOOL,
    CHAR,
    INT,
    LLONG,
    LONG,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    ULLONG,
    ULONG,
    USHORT,
)
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from bpfgen.ctype.constants import Item
    from bpfgen.ctype.types import Int

TYPES = {type.name: type for type in (BOOL, CHAR, INT, LONG, SCHAR, UCHAR, UINT, ULONG, USHORT)}


def row(text: str) -> list[Item]:
    """Return the items of an expression; each has the span of its characters."""
    source = Source("test", text)
    items: list[Item] = []
    cast = r"\(((?:unsigned |signed )?(?:int|char|long|short)|_Bool)\)"
    pattern = rf"{cast}|[\d'][\w']*|[KM]iB|<<|>>|[<>=!]=|&&|\|\||\S"
    for match in re.finditer(pattern, text):
        span = Span(source, match.start(), match.end())
        token = match[0]
        if match[1]:
            items.append(Cast(TYPES[match[1]], span))
        elif token[0].isdigit() or token[0] == "'":
            items.append(Operand(*parse_integer(token), span))
        else:
            items.append(Operator(token, span))
    return items


@pytest.mark.parametrize(
    ("text", "value", "type"),
    [
        ("42", 42, INT),
        ("1 + 2 * 3", 7, INT),
        ("(1 + 2) * 3", 9, INT),
        ("8 - 4 - 2", 2, INT),
        ("1 << 2 + 3", 32, INT),
        ("1 | 2 ^ 3 & 6", 1, INT),
        ("1 < 2 == 1", 1, INT),
        ("-7 / 2", -3, INT),
        ("-7 % 2", -1, INT),
        ("7 % -2", 1, INT),
        ("-8 >> 1", -4, INT),
        ("- - 3", 3, INT),
        ("!5 + ~0", -1, INT),
        ("-1 < 1U", 0, INT),
        ("5U - 6", 0xFFFFFFFF, UINT),
        ("-1 + 0UL", (1 << 64) - 1, ULONG),
        ("1UL + 1LL", 2, ULLONG),
        ("1L + 1U", 2, LONG),
        ("1U << 31", 1 << 31, UINT),
        ("1 << 30", 1 << 30, INT),
        ("1ULL << 63", 1 << 63, ULLONG),
        ("(unsigned char)300", 44, UCHAR),
        ("(char)200", -56, CHAR),
        ("(_Bool)5 + 1", 2, INT),
        ("(unsigned char)1 + (unsigned char)2", 3, INT),
        ("(unsigned int)-1", 0xFFFFFFFF, UINT),
        ("-(unsigned int)1", 0xFFFFFFFF, UINT),
        ("(int)0x80000000", -(1 << 31), INT),
        ("-2147483647 - 1", -(1 << 31), INT),
        ("-2147483648", -(1 << 31), LONG),
        ("1 ? 2 : 3", 2, INT),
        ("0 ? 2 : 0 ? 3 : 4", 4, INT),
        ("1 ? 0 ? 5 : 6 : 7", 6, INT),
        ("0 ? 1U : -1", 0xFFFFFFFF, UINT),
        ("1 || 0 && 0", 1, INT),
        ("256 KiB", 1 << 18, INT),
        ("-1 MiB + 1", 1 - (1 << 20), INT),
        ("4096UL MiB", 1 << 32, ULONG),
    ],
)
def test_arithmetic(text: str, value: int, type: Int) -> None:
    """Precedence, conversions and results are C's."""
    assert evaluate(row(text)) == (value, type)


@pytest.mark.parametrize(
    "text",
    [
        "0 && 1 / 0",
        "1 || 1 / 0",
        "1 ? 2 : 1 / 0",
        "0 ? 1 << 99 : 2",
        "0 && (1 ? 2147483647 + 1 : 0)",
        "1 || (0 || 1 % 0) || 1 << -1",
        "0 && 1 / 0 && 1 / 0 || 1",
        "1 ? 1 ? 1 : 1 / 0 : 1 / 0",
    ],
)
def test_what_is_not_evaluated_does_not_fail(text: str) -> None:
    """The other side of `&&`, `||` and `?:` may divide by zero."""
    evaluate(row(text))


@pytest.mark.parametrize(
    ("text", "code", "operator", "help"),
    [
        ("1 << 31", "shift-range", "<<", "use `1U << 31`"),
        ("1 << 40", "shift-range", "<<", "use `1ULL << 40`"),
        ("3 << 31", "shift-range", "<<", "use `3LL << 31`"),
        ("1L << 63", "shift-range", "<<", "use `1ULL << 63`"),
        ("1ULL << 64", "shift-range", "<<", ""),
        ("1 >> 32", "shift-range", ">>", "use `1ULL >> 32`"),
        ("1 << -1", "shift-range", "<<", ""),
        ("~0 << 4", "shift-range", "<<", "shift an unsigned number, as in `~0U << 4`, or multiply"),
        ("1 / 0", "division-by-zero", "/", ""),
        ("1 % (2 - 2)", "division-by-zero", "%", ""),
        ("2147483647 + 1", "constant-overflow", "+", "give one of the numbers the suffix `U`"),
        ("65536 * 65536", "constant-overflow", "*", "give one of the numbers the suffix `LL`"),
        ("-2147483647 - 2", "constant-overflow", "-", "give one of the numbers the suffix `LL`"),
        ("(-2147483647 - 1) / -1", "constant-overflow", "/", None),
        ("(-2147483647 - 1) % -1", "constant-overflow", "%", None),
        ("-(-2147483647 - 1)", "constant-overflow", "-", None),
        ("9223372036854775807 + 1", "constant-overflow", "+", None),
        ("9223372036854775807 * 9", "constant-overflow", "*", ""),
        ("1 && 1 / 0", "division-by-zero", "/", ""),
        ("0 && 1 / 0 || 2 % 0", "division-by-zero", "%", ""),
        ("0 ? 1 : 1 / 0", "division-by-zero", "/", ""),
        ("4096 MiB", "constant-overflow", "MiB", None),
    ],
)
def test_what_has_no_value(text: str, code: str, operator: str, help: str | None) -> None:
    """What C leaves undefined is an error at its operator, with a suffix that would do."""
    with pytest.raises(ConstantError) as caught:
        evaluate(row(text))
    assert caught.value.code == code
    assert caught.value.span is not None
    assert caught.value.span.text == operator
    if help is not None:
        assert caught.value.help == help
        if help.startswith("use `"):
            evaluate(row(help.removeprefix("use `").removesuffix("`")))


@pytest.mark.parametrize(
    "text",
    [
        *("", "1 +", "1 2", "(1", "1)", "()", "1 ? 2", "1 : 2", "1 ? (2 : 3)", "* 1"),
        *("(1 ? 2) : 3", "1 (int)2", "1 ! 2", "1 + * 2", "KiB", "(int)", "1 ? : 2"),
    ],
)
def test_incomplete_expressions(text: str) -> None:
    """An operand or a parenthesis too few is an error of its own, never a traceback."""
    with pytest.raises(ConstantError) as caught:
        evaluate(row(text))
    assert caught.value.code == "expression"


@pytest.mark.slow
def test_long_and_deep_expressions() -> None:
    """A hundred thousand terms or parentheses are no problem, and take time in proportion."""
    one: Item = Operand(1, UINT)
    plus, opening, closing = Operator("+"), Operator("("), Operator(")")
    count = 100_000
    assert evaluate([one] + [plus, one] * count) == (count + 1, UINT)
    deep: list[Item] = [opening] * count + [one] + [closing] * count
    assert evaluate(deep) == (1, UINT)
    minus: list[Item] = [Operator("-")]
    assert evaluate(minus * count + [one]) == (1, UINT)
    cast: list[Item] = [Cast(CHAR)]
    assert evaluate(cast * count + [one]) == (1, CHAR)
    conditional = [one, Operator("?"), one, Operator(":")] * count
    assert evaluate([*conditional, one]) == (1, UINT)
    nested = [one, Operator("?")] * count + [one] + [Operator(":"), one] * count
    assert evaluate(nested) == (1, UINT)
    assert evaluate([one, Operator("&&")] * count + [one]) == (1, INT)


def test_one_operand_is_returned_at_once() -> None:
    """The common case, one number, costs next to nothing."""
    items = [Operand(7, INT)]
    start = time.process_time()
    for _ in range(20_000):
        evaluate(items)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("text", "value", "type"),
    [
        ("0", 0, INT),
        ("2147483647", (1 << 31) - 1, INT),
        ("2147483648", 1 << 31, LONG),
        ("0x7fffffff", (1 << 31) - 1, INT),
        ("0x80000000", 1 << 31, UINT),
        ("0x100000000", 1 << 32, LONG),
        ("0xFFFFFFFFFFFFFFFF", (1 << 64) - 1, ULONG),
        ("037777777777", (1 << 32) - 1, UINT),
        ("0b11", 3, INT),
        ("1'000'000", 1_000_000, INT),
        ("0x1'F", 31, INT),
        ("0'17", 15, INT),
        ("1u", 1, UINT),
        ("4294967296U", 1 << 32, ULONG),
        ("1L", 1, LONG),
        ("1lu", 1, ULONG),
        ("1LL", 1, LLONG),
        ("1LLu", 1, ULLONG),
        ("0xFFFFFFFFFFFFFFFFll", (1 << 64) - 1, ULLONG),
        ("18446744073709551615u", (1 << 64) - 1, ULONG),
        ("'a'", 97, INT),
        (r"'\n'", 10, INT),
        (r"'\0'", 0, INT),
        (r"'\x41'", 65, INT),
        (r"'\xff'", -1, INT),
        (r"'\\'", 92, INT),
        ("'ab'", 0x6162, INT),
    ],
)
def test_literals(text: str, value: int, type: Int) -> None:
    """Literals have the value and the first type of C's list that holds it."""
    assert parse_integer(text) == (value, type)


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("08", "write `8` if it is meant to be decimal"),
        ("0192", "write `192` if it is meant to be decimal"),
        ("0x", None),
        ("0b2", None),
        ("12ab", None),
        ("1uu", "the suffixes are `U`, `L`, `UL`, `LL` and `ULL`"),
        ("1lL", None),
        ("1'", None),
        ("1''0", None),
        ("1.5", None),
        ("1e3", None),
        ("9223372036854775809", "use `9223372036854775809ULL`"),
        ("9223372036854775808L", "use `9223372036854775808UL`, or `(-9223372036854775807 - 1)`"),
        ("18446744073709551616", None),
        ("9" * 100_000, None),
        ("0x" + "f" * 100_000, None),
        ("''", None),
        ("'", None),
        (r"'\q'", None),
        (r"'\400'", None),
        ("'é'", None),
        ("'abcde'", None),
        ("L'a'", "leave `L` out"),
        ("١٢", None),
        ("²", None),
        ("", None),
        ("x", None),
    ],
)
def test_bad_literals(text: str, help: str | None) -> None:
    """A literal that C doesn't have is an error that says what is wrong with it, in few words."""
    with pytest.raises(ConstantError) as caught:
        parse_integer(text)
    assert caught.value.code in {"integer-literal", "character-literal"}
    assert len(caught.value.message) < 120
    if help is not None:
        assert caught.value.help.startswith(help)


def test_leading_zeros() -> None:
    """Any number of zeros in front is fine."""
    assert parse_integer("0x" + "0" * 1000 + "1") == (1, INT)
    assert parse_integer("0" * 1000 + "17") == (15, INT)


def test_conversions() -> None:
    """Ranges, promotions and the usual conversions are those of LP64."""
    assert fits(255, UCHAR)
    assert not fits(256, UCHAR)
    assert not fits(128, CHAR)
    assert not fits(2, BOOL)
    assert convert(-1, ULLONG) == (1 << 64) - 1
    assert convert(1 << 40, BOOL) == 1
    assert convert(128, SCHAR) == -128
    assert all(promote(type) is INT for type in (BOOL, CHAR, UCHAR, SHORT, USHORT, INT))
    assert promote(UINT) is UINT
    assert usual_conversions(CHAR, USHORT) == INT
    assert usual_conversions(INT, UINT) == UINT
    assert usual_conversions(LONG, UINT) == LONG
    assert usual_conversions(LLONG, LONG) == LLONG
    assert usual_conversions(LLONG, ULONG) == ULLONG
    assert usual_conversions(ULONG, LLONG) == ULLONG


def test_enumerators() -> None:
    """Enumerators are `int` where they fit; the one after the largest takes a wider type."""
    assert enumerator_type(5, 8, signed=True) == INT
    assert enumerator_type(1 << 31, 4, signed=False) == UINT
    assert enumerator_type(1 << 31, 8, signed=True) == LONG
    assert enumerator_type(1 << 63, 8, signed=False) == ULONG
    assert next_enumerator(4, INT) == (5, INT)
    assert next_enumerator((1 << 31) - 1, INT) == (1 << 31, LONG)
    assert next_enumerator((1 << 32) - 1, UINT) == (1 << 32, ULONG)
    with pytest.raises(ConstantError) as caught:
        next_enumerator((1 << 64) - 1, ULLONG)
    assert caught.value.code == "constant-overflow"
