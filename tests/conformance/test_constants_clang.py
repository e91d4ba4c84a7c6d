"""bpfgen's constant arithmetic against clang's: thousands of random expressions in one compilation.

clang computes each expression's value (`_Static_assert`) and its type (`_Generic`). Where bpfgen
says that C has no value, clang must have a warning or an error about that very line.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bpfgen.ctype.constants import (
    Cast,
    ConstantError,
    Operand,
    Operator,
    enumerator_type,
    evaluate,
    fits,
    next_enumerator,
    parse_integer,
)
from bpfgen.ctype.enums import enum_size
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
from tests.strategies import Drawn, Seeded
from tests.tools import CLANGS, clang_program, clangs, compilers, newest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bpfgen.ctype.constants import Item
    from bpfgen.ctype.types import Int
    from tests.strategies import Choices

COUNT = 3000
COMPILERS = compilers()
CASTS = (INT, UINT, LONG, ULONG, LLONG, ULLONG, CHAR, SCHAR, UCHAR, SHORT, USHORT, BOOL)
LITERALS = (
    *("0", "1", "2", "3", "7", "8", "31", "32", "33", "63", "64", "100", "255", "4096", "65536"),
    *("2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807"),
    *("0x7fffffff", "0x80000000", "0xffffffff", "0x100000000", "0x7fffffffffffffff"),
    *("0x8000000000000000", "0XFFFFFFFFFFFFFFFF", "017", "00", "037777777777", "0b101", "0B1"),
    *("1u", "1U", "1l", "1L", "1ul", "1LU", "1ll", "1LL", "1ull", "1LLU", "1uLL", "5llu"),
    *("0x80000000u", "0xffffffffL", "0x8000000000000000ll", "18446744073709551615u"),
    *(
        "'a'",
        r"'\n'",
        r"'\0'",
        r"'\xff'",
        r"'\377'",
        r"'\''",
        "'ab'",
        "'abcd'",
        r"'\xff\xff\xff\xff'",
    ),
)
BINARY = (
    *("+", "-", "*", "/", "%", "<<", ">>", "<", "<=", ">", ">=", "==", "!="),
    *("&", "^", "|", "&&", "||"),
)
WARNINGS = (
    *("integer-overflow", "shift-count-overflow", "shift-count-negative", "shift-overflow"),
    *("shift-sign-overflow", "shift-negative-value", "division-by-zero"),
)


class Row:
    """A random expression, both as C text and as what :func:`evaluate` takes."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.text = ""
        self.items: list[Item] = []
        self.may_skip = False

    def operator(self, text: str) -> None:
        """Append an operator."""
        self.text += f" {text} "
        self.items.append(Operator(text))

    def expression(self, depth: int) -> None:
        """Append a whole expression, nested up to *depth* levels."""
        self.unary(depth)
        for _ in range(self.choices.upto(2) if depth else 0):
            operator = self.choices.one_of(BINARY)
            self.may_skip = self.may_skip or operator in {"&&", "||"}
            self.operator(operator)
            self.unary(depth)
        if depth and self.choices.upto(7) == 7:
            self.may_skip = True
            self.operator("?")
            self.expression(depth - 1)
            self.operator(":")
            self.expression(depth - 1)

    def unary(self, depth: int) -> None:
        """Append an operand with what stands before it."""
        while (what := self.choices.upto(9)) >= 7:
            if what == 9:
                type = self.choices.one_of(CASTS)
                self.text += f"({type.name})"
                self.items.append(Cast(type))
            else:
                self.operator(self.choices.one_of(("-", "~", "!", "+")))
        if depth and what >= 3:
            self.operator("(")
            self.expression(depth - 1)
            self.operator(")")
        else:
            literal = self.choices.one_of(LITERALS)
            self.text += literal
            self.items.append(Operand(*parse_integer(literal)))


def assertion(text: str, value: int, type: Int) -> str:
    """Return C that holds if *text* has this value and type."""
    bits = value & (1 << 64) - 1
    return (
        f"_Static_assert(({text}) == ({type.name}){bits:#x}ull"
        f' && _Generic(({text}), {type.name}: 1, default: 0), "");'
    )


def diagnose(
    compiler: str, lines: Sequence[str], directory: Path, standard: str = "-std=gnu11"
) -> dict[int, str]:
    """Compile *lines*; return the first error or warning about each line, counted from 0."""
    command = [clang_program(compiler), "-target", "bpf"]
    source = directory / "all.c"
    source.write_text("\n".join(lines), encoding="utf-8")
    flags = [standard, "-ferror-limit=0", "-Wno-everything", "-fno-caret-diagnostics"]
    flags += [f"-W{warning}" for warning in WARNINGS]
    run = subprocess.run(
        [*command, *flags, "-c", source, "-o", directory / "all.o"],
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[int, str] = {}
    for line, said in re.findall(r"all\.c:(\d+):\d+: ((?:error|warning): .*)", run.stderr):
        number = int(line) - 1
        if number not in found or said.startswith("error"):
            found[number] = said
    assert found or run.returncode == 0, run.stderr
    return found


def check(rows: Sequence[Row], compiler: str, directory: Path) -> tuple[int, int]:
    """Hold :func:`evaluate` against *compiler*; return how many have a value and how many none."""
    lines: list[str] = []
    raised: list[str] = []
    for row in rows:
        try:
            value, type = evaluate(row.items)
        except ConstantError as error:
            # Inside a function, since clang is silent about shifts in what must be constant.
            lines.append(f"int f{len(lines)}(void) {{ return ({row.text}) != 0; }}")
            # clang may be silent about the least number divided by -1, and before 18 about its
            # negative, which `-(` shows.
            silent = [
                " / -1`",
                " % -1`",
                *(["`-("] if compiler in {"clang-14", "clang-16"} else []),
            ]
            least = any(text in error.message for text in silent)
            raised.append("?" if least else error.code)
        else:
            lines.append(
                assertion(row.text, value, type)
                + f" int f{len(lines)}(void) {{ return ({row.text}) != 0; }}"
            )
            raised.append("")
    said = diagnose(compiler, lines, directory)
    wrong = []
    for number, (row, code) in enumerate(zip(rows, raised, strict=True)):
        message = said.get(number, "")
        if code == "?":
            agrees = True
        elif code:
            agrees = bool(message)
        elif row.may_skip:
            # clang warns about operands too that are never evaluated.
            agrees = not message.startswith("error")
        else:
            agrees = not message
        if not agrees:
            wrong.append(f"{lines[number]}\n  ours: {code}, clang's: {message}")
    wrong.sort(key=len)
    assert not wrong, f"{len(wrong)} of {len(rows)}; the shortest:\n" + "\n".join(wrong[:5])
    return raised.count(""), len(raised) - raised.count("")


@pytest.mark.parametrize("compiler", COMPILERS)
def test_random_expressions(compiler: str, tmp_path: Path) -> None:
    """Values and types are clang's, and what we call undefined clang complains about."""
    choices = Seeded(sum(compiler.encode()))
    rows = [Row(choices) for _ in range(COUNT)]
    for row in rows:
        row.expression(2)
    valued, raised = check(rows, compiler, tmp_path)
    assert valued > COUNT // 3
    assert raised > COUNT // 20


def test_drawn_expressions(tmp_path: Path) -> None:
    """The same for expressions that hypothesis makes."""
    rows: list[Row] = []

    @settings(
        max_examples=150,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        row = Row(Drawn(data.draw))
        row.expression(2)
        rows.append(row)

    collect()
    check(rows, newest(), tmp_path)


def test_comparison_notices_a_wrong_value(tmp_path: Path) -> None:
    """The comparison above can fail: a value off by one, or another type, is an error of clang."""
    lines = [
        assertion("1 + 1", 2, INT),
        assertion("1 + 1", 3, INT),
        assertion("1 + 1", 2, UINT),
        assertion("1U - 2", (1 << 32) - 1, UINT),
        assertion("1UL + 1LL", 2, ULLONG),
        assertion("1L + 1LL", 2, LONG),
    ]
    assert sorted(diagnose(newest(), lines, tmp_path)) == [1, 2, 5]


def test_literals_that_clang_refuses(tmp_path: Path) -> None:
    """clang refuses each literal that :func:`parse_integer` refuses, and no other."""
    accepted = (
        "0",
        "00",
        "0'7",
        "1'000",
        "0b1'0",
        "0x1'f",
        "1llu",
        "1Ull",
        "'\\e'",
        "'\\177'",
        "'\"'",
    )
    refused = ("08", "0b2", "0x", "0xg", "1uu", "1lL", "1lul", "1'", "1''0", "0x'1", "12ab", "1_0")
    refused_too = (
        "18446744073709551616",
        "0x10000000000000000",
        "''",
        "'\\400'",
        "'\\x100'",
        "'é'",
    )
    for literal in accepted:
        parse_integer(literal)
    for literal in refused + refused_too:
        with pytest.raises(ConstantError) as caught:
            parse_integer(literal)
        assert caught.value.code in {"integer-literal", "character-literal"}
    literals = accepted + refused + refused_too
    # The second semicolon is for clang to recover at.
    lines = [line for i, text in enumerate(literals) for line in (f"long long v{i} = {text};", ";")]
    said = diagnose(newest(), lines, tmp_path, "-std=gnu2x")
    found = {number // 2 for number, text in said.items() if text.startswith("error")}
    assert [literals[number] for number in sorted(found)] == list(refused + refused_too)


VALUES = (0, 5, -1, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, -(2**63), -(2**31))


@pytest.mark.parametrize("compiler", clangs() or CLANGS[-1:])  # clang 22 types them as C23 does
def test_enumerator_types(compiler: str, tmp_path: Path) -> None:
    """Types of enumerators, inside their enum and after it, and of those without a value."""
    lines: list[str] = []
    for one in VALUES:
        for two in VALUES:
            number = len(lines)
            name = f"e{number}"
            size, signed = enum_size([one, two])
            given = [f"a{number} = {literal(one)}", f"b{number} = {literal(two)}"]
            lines.append(f"enum {name} {{ {', '.join(given)} }};")
            for letter, value in zip("ab", (one, two), strict=True):
                type = enumerator_type(value, size, signed=signed)
                lines[-1] += assertion(f"{letter}{number}", value, type)
    for one in VALUES:
        for type in (INT, UINT, LONG, ULONG, LLONG, ULLONG, SHORT, UCHAR):
            if not fits(one, type):
                continue
            number = len(lines)
            inside = INT if fits(one, INT) else type
            try:
                value, following = next_enumerator(one, inside)
            except ConstantError:
                continue  # clang wraps, with a warning
            lines.append(
                f"enum {{ a{number} = ({type.name}){literal(one)}, b{number},"
                f" c{number} = _Generic(b{number}, {following.name}: 1, default: 0) }};"
                f'_Static_assert(c{number} && b{number} == {literal(value)}, "");'
            )
    wrong = diagnose(compiler, lines, tmp_path)
    assert not wrong, [(lines[number], text) for number, text in wrong.items()][:5]


def literal(value: int) -> str:
    """Return *value* as a C expression of a 64-bit type."""
    if value == -(2**63):
        return "(-0x7fffffffffffffffll - 1)"
    return f"{value}ll" if value < 2**63 else f"{value}ull"
