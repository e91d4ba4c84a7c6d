"""Conditions, against the real preprocessor: what it says of random ones, and of random values."""

from __future__ import annotations

import random
import subprocess
from itertools import product

import pytest

from bpfgen.conditions import (
    ConditionError,
    TooManyCases,
    assignments,
    conjunction,
    describe,
    guard_holds,
    holds,
    parse,
)
from tests.tools import clang_program

NAMES = ("A", "B", "C_2")
NUMBERS = ("0", "1", "2", "3U", "010", "0x10", "100", "'a'", "0xffffffff", "9223372036854775807")
VALUES = (None, 0, 1, 2, 3, 16, 255, -1, 1 << 32, (1 << 64) - 1)
BINARY = "* / % + - << >> < <= > >= == != & ^ | && ||".split()


def expression(draw: random.Random, depth: int) -> str:
    """Return a random condition, with blanks and parentheses where C allows them."""
    kind = draw.random()
    if depth == 0 or kind < 0.15:
        leaf = draw.choice((*NAMES, *NAMES, *NUMBERS, "defined", "defined("))
        if leaf.startswith("defined"):
            name = draw.choice(NAMES)
            return f"defined({name})" if leaf.endswith("(") else f"defined {name}"
        return leaf
    if kind < 0.3:
        return f"{draw.choice('!~-+')} {expression(draw, depth - 1)}"
    if kind < 0.45:
        return f"({expression(draw, depth - 1)})"
    if kind < 0.55:
        then, otherwise = expression(draw, depth - 1), expression(draw, depth - 1)
        return f"{expression(draw, depth - 1)} ? {then} : {otherwise}"
    operator = draw.choice(BINARY)
    right = str(draw.randrange(64)) if operator in ("<<", ">>") else expression(draw, depth - 1)
    return f"{expression(draw, depth - 1)} {operator} {right}"


def preprocessed(cases: list[tuple[str, dict[str, int | None]]]) -> list[bool]:
    """Return what clang's preprocessor says of each case: a condition, and what macros are."""
    lines = []
    for number, (text, macros) in enumerate(cases):
        for name, value in macros.items():
            lines.append(f"#undef {name}")
            if value is not None:
                lines.append(f"#define {name} {value}{'U' if value > (1 << 63) - 1 else ''}")
        lines += [f"#if {text}", f"yes {number}", "#else", f"no {number}", "#endif"]
    command = [clang_program(), "-E", "-P", "-w", "-x", "c", "-"]
    ran = subprocess.run(
        command, input="\n".join(lines), capture_output=True, text=True, check=True
    )
    answers = [line.split() for line in ran.stdout.splitlines() if line.strip()]
    assert [int(number) for _word, number in answers] == list(range(len(cases)))
    return [word == "yes" for word, _number in answers]


def test_a_condition_holds_where_the_preprocessor_says_so() -> None:
    """Random conditions; the text that comes out is held against it as well as that goes in."""
    draw = random.Random(12)  # noqa: S311 -- reproducible, nothing secret
    cases: list[tuple[str, dict[str, int | None]]] = []
    ours: list[bool] = []
    while len(cases) < 4000:
        text = expression(draw, draw.randrange(5))
        macros = {name: draw.choice(VALUES) for name in NAMES}
        condition = parse(text)
        try:
            ours += 2 * [holds(condition, tuple(macros.items()))]
        except ConditionError:
            continue  # clang refuses it, too: see below
        cases += [(text, macros), (condition.text, macros)]
    theirs = preprocessed(cases)
    wrong = [case for case, our, their in zip(cases, ours, theirs, strict=True) if our is not their]
    assert not wrong


@pytest.mark.parametrize("text", ["1 / A", "7 % A > 1", "A || 1 % 0", "(A ? 1 : 2 / 0) && 1"])
def test_what_has_no_value_is_refused_as_by_the_preprocessor(text: str) -> None:
    """Clang says that it divides by zero."""
    with pytest.raises(ConditionError):
        holds(parse(text), ())
    command = [clang_program(), "-E", "-x", "c", "-"]
    source = f"#if {text}\n#endif\n"
    ran = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "by zero in preprocessor expression" in ran.stderr


def test_what_is_not_evaluated_can_divide_by_zero() -> None:
    """Neither side of it is asked for."""
    cases: list[tuple[str, dict[str, int | None]]] = [
        (text, {"A": None}) for text in ("A && 1 / A", "1 || 1 / A", "A ? 1 / A : 3")
    ]
    assert [holds(parse(text), ()) for text, _macros in cases] == preprocessed(cases)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a condition is missing"),
        ("A &&", "something must follow `&&`"),
        ("&& A", "something must stand before `&&`"),
        ("A B", "an operator must stand before `B`"),
        ("(A", "`)` is missing"),
        ("A)", "`)` without a `(` before it"),
        ("A ? 1", "`:` is missing"),
        ("A : 1", "`:` without a `?` before it"),
        ("defined", "`defined` asks for one name"),
        ("defined(A", "`)` is missing"),
        ("defined(1)", "`defined` asks for one name"),
        ("MAX(1, 2)", "`MAX` would be a macro with arguments"),
        ("KERNEL_VERSION(5)", "`KERNEL_VERSION` takes three numbers"),
        ("A = 1", "`=` has no meaning in a condition"),
        ('A == "x"', '`"` has no meaning in a condition'),
        ("1.5", "is a floating constant"),
        ("08", "is no octal digit"),
    ],
)
def test_what_is_no_condition_is_said(text: str, message: str) -> None:
    """With the place of the culprit in the text."""
    with pytest.raises(ConditionError) as error:
        parse(text)
    assert message in error.value.message
    assert 0 <= error.value.start <= error.value.end <= len(text)


def test_texts_are_as_c_takes_them() -> None:
    """One spelling, whatever was typed."""
    texts = {
        "defined A&&!defined(B)": "defined(A) && !defined(B)",
        "A>=KERNEL_VERSION(5,4,300)": "A >= 0x504ff",
        "- -A == + +B": "- -A == + +B",
        "A /* why */ + 1'000": "A + 1000",
        "a?b:c?d:e": "a ? b : c ? d : e",
    }
    assert {text: parse(text).text for text in texts} == texts
    assert parse("B + A + defined(C) + B").macros == ("B", "A", "C")


def test_a_long_and_a_deep_condition_take_no_stack() -> None:
    """Five thousand of each."""
    deep = parse("(" * 5000 + "A" + ")" * 5000 + " || B" * 5000)
    assert holds(deep, (("B", 2),))
    assert holds(parse("!" * 4001 + "A"), ())


CHAIN = (
    "VERSION > 3; VERSION == 2; VERSION % 4 == 1; MODE & 4; MODE & 6; "
    "A && !B; A + B > 7; M << 2 == 64"
)


def test_each_condition_is_seen_to_hold_and_not_to_hold() -> None:
    """Comparisons, masks, arithmetic: what turns them is found."""
    conditions = [parse(text) for text in CHAIN.split("; ")]
    rows = assignments([((condition, True),) for condition in conditions])
    for condition in conditions:
        assert {holds(condition, row) for row in rows} == {True, False}, condition.text
    assert rows[0] == tuple((name, None) for name in sorted(("A", "B", "M", "MODE", "VERSION")))


def test_a_row_of_exclusive_branches_is_gone_through() -> None:
    """`else when` eighty times: as many cases, and one more."""
    chain = [parse(f"VERSION == {number}") for number in range(80)]
    guards = [
        (*((earlier, False) for earlier in chain[:at]), (condition, True))
        for at, condition in enumerate(chain)
    ]
    guards.append(tuple((condition, False) for condition in chain))
    rows = assignments(guards, [guards])
    active = [[guard_holds(guard, row) for guard in guards].index(True) for row in rows]
    # Without a value, VERSION is 0.
    assert sorted(active) == sorted([*range(81)])


def test_independent_conditions_need_no_more_cases_each() -> None:
    """Two hundred groups of three: eight cases, and no case for each group."""
    guards = [((parse(f"defined(CONFIG_{number})"), True),) for number in range(600)]
    rows = assignments(guards, [guards[at : at + 3] for at in range(0, 600, 3)])
    assert len(rows) <= 10
    for at in range(0, 600, 3):
        seen = {tuple(guard_holds(guard, row) for guard in guards[at : at + 3]) for row in rows}
        assert seen == set(product((False, True), repeat=3))


def test_too_many_combinations_of_what_belongs_together_are_refused() -> None:
    """Two to the ninth; two to the eighth are tried."""
    guards = [((parse(f"A{number}"), True),) for number in range(9)]
    with pytest.raises(TooManyCases):
        assignments(guards, [guards])
    assert len(assignments(guards, [guards[:8]])) in range(256, 260)


def test_what_is_given_is_what_the_first_case_has() -> None:
    """A value that nothing is compared with, too."""
    guards = [((parse(text), True),) for text in ("A > 4", "defined(B)", "C", "D", "E")]
    first = assignments(guards, [guards], {"A": 77, "B": 0, "Z": 3})[0]
    assert dict(first) == {"A": 77, "B": 0, "C": None, "D": None, "E": None}


def test_no_case_divides_by_zero() -> None:
    """Though that is what most values would do."""
    guards = [((parse(text), True),) for text in ("1024 / A > 2", "B", "C", "D", "E % (A - 2)")]
    rows = assignments(guards, [guards[2:4], [guards[0], guards[4]]])
    assert len(rows) > 1
    for row in rows:
        assert [guard_holds(guard, row) for guard in guards]
    assert any(guard_holds(guards[0], row) for row in rows)


def test_a_condition_of_many_macros_is_searched_step_by_step() -> None:
    """Three values of each would be 3 to the 16th rows."""
    text = " && ".join(f"(A{number} == {number} || defined(B{number}))" for number in range(8))
    rows = assignments([((parse(text), True),), ((parse("defined(B3)"), True),)])
    assert any(holds(parse("defined(B3)"), row) for row in rows)


def test_a_guard_is_the_conjunction_of_its_conditions() -> None:
    """As text and as a computation."""
    a, b, c = parse("A || B"), parse("!C"), parse("A ? B : C")
    both = conjunction([(a, True), (b, False), (c, True)])
    assert both.text == "(A || B) && C && (A ? B : C)"
    assert conjunction([]).text == "1"
    assert conjunction([(a, False)]).text == "!(A || B)"
    for values in product((None, 1), repeat=3):
        row = tuple(zip("ABC", values, strict=True))
        expected = holds(a, row) and not holds(b, row) and holds(c, row)
        assert holds(both, row) is expected
        assert holds(parse(both.text), row) is expected


def test_cases_are_described_by_what_tells_them_from_the_others() -> None:
    """As short as a person would write it."""
    a, b, c = parse("A"), parse("B > 2"), parse("defined(C)")
    rows = assignments([((condition, True),) for condition in (a, b, c)])
    assert len(rows) == 8

    def described(text: str) -> str:
        chosen = [row for row in rows if holds(parse(text), row)]
        return describe(chosen, rows, (a, b, c)).text

    assert described("1") == "1"
    assert described("0") == "0"
    assert described("A") == "A"
    assert described("!(B > 2)") == "B <= 2"
    assert described("A && !defined(C)") == "A && !defined(C)"
    assert described("A || B > 2") == "A || B > 2"
    assert described("!(A && B > 2)") in ("!A || B <= 2", "B <= 2 || !A")
    with pytest.raises(ValueError, match="the same"):
        describe(rows[:1], rows, (b,))


def test_random_cases_are_described_exactly() -> None:
    """Any choice of what the conditions tell apart."""
    draw = random.Random(7)  # noqa: S311 -- reproducible, nothing secret
    conditions = [parse(text) for text in ("A", "B == 2", "A && defined(C)", "D & 6", "!A || E")]
    rows = assignments(
        [((condition, True),) for condition in conditions],
        [[((condition, True),) for condition in conditions]],
    )
    truths = {row: tuple(holds(condition, row) for condition in conditions) for row in rows}
    for _attempt in range(200):
        wanted = {truth: draw.random() < 0.5 for truth in truths.values()}
        chosen = [row for row in rows if wanted[truths[row]]]
        condition = describe(chosen, rows, conditions)
        assert [row for row in rows if holds(condition, row)] == chosen


def test_a_guard_turned_round_is_its_opposite() -> None:
    """Random conditions, once and twice round, alone and with others: text and parts agree."""
    draw = random.Random(3)  # noqa: S311 -- reproducible, nothing secret
    for _attempt in range(1500):
        condition, other = parse(expression(draw, 2)), parse(draw.choice(("A", "B != 2", "!C_2")))
        row = tuple((name, draw.choice(VALUES[:6])) for name in NAMES)
        try:
            expected = holds(condition, row)
        except ConditionError:
            continue
        once = conjunction([(condition, False)])
        twice = conjunction([(once, False)])
        both = conjunction([(once, True), (other, False)])
        for made, wanted in (
            (once, not expected),
            (twice, expected),
            (both, not expected and not holds(other, row)),
        ):
            assert holds(made, row) is wanted, (condition.text, made.text)
            assert holds(parse(made.text), row) is wanted, (condition.text, made.text)


def test_what_takes_many_macros_at_once_is_reached() -> None:
    """Twenty conditions inside one another: more values together than could be tried."""
    chain = [parse(f"C{number} == {number + 2}") for number in range(20)]
    guards = [tuple((condition, True) for condition in chain[: at + 1]) for at in range(20)]
    rows = assignments(guards, [guards])
    seen = {sum(guard_holds(guard, row) for guard in guards) for row in rows}
    assert seen == set(range(21))
    joined = parse(" && ".join(condition.text for condition in chain) + " && !(X || Y)")
    assert any(holds(joined, row) for row in assignments([((joined, True),)]))


def test_thresholds_of_one_macro_take_few_cases() -> None:
    """A hundred of them: one value is above all."""
    guards = [((parse(f"VERSION >= {number}"), True),) for number in range(1, 100)]
    rows = assignments(guards)
    assert len(rows) == 2
    assert all(any(guard_holds(guard, row) for row in rows) for guard in guards)
