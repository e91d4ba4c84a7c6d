"""Texts of variants as one: the real preprocessor makes of it, for each, what that variant has."""

from __future__ import annotations

import random
import subprocess
from itertools import product

import pytest

from bpfgen.conditions import Block, Places, holds, parse
from bpfgen.conditions.assignments import showing_each
from bpfgen.emit.c.variants.alignment import aligned, in_order
from bpfgen.emit.c.variants.branches import Item, branched, directive_of, merged
from bpfgen.emit.c.variants.choices import Choices
from bpfgen.emit.c.variants.pieces import Group, pieces_of, text_of
from tests.tools import clang_program

CONDITIONS = tuple(map(parse, ("defined(BIG)", "MODE == 1", "MODE == 2", "MODE && defined(BIG)")))
ASSIGNMENTS = tuple(
    (("BIG", big), ("MODE", mode)) for big, mode in product((None, 1), (None, 1, 2))
)
PLACES = Places(tuple(Block(0, 0, ((one, True),)) for one in CONDITIONS), ())
LINES = (
    "int a;\n",
    "}\n",
    "/* a comment\n * of two lines\n */\n",
    "f(1,\n  2);\n",
    "#define X 1 \\\n\t+ 2\n",
    "#undef X\n",
    's = "/* no comment ( ";\n',
    "c = '(';\n",
    "\n",
)


def random_text(draw: random.Random, depth: int = 2) -> str:
    """Return a text with lines of its own and of others, and balanced `#if`s."""
    parts = []
    for _ in range(draw.randrange(6)):
        if depth and draw.random() < 0.3:
            condition = draw.choice(("#ifdef SIDE", "#ifndef SIDE", "#if defined(SIDE) || OTHER"))
            parts += [f"{condition}\n", random_text(draw, depth - 1)]
            if draw.random() < 0.4:
                parts += ["#else\n", random_text(draw, depth - 1)]
            parts.append("#endif\n")
        elif draw.random() < 0.4:
            parts.append(f"unique{draw.randrange(8)};\n")
        else:
            parts.append(draw.choice(LINES))
    return "".join(parts)


def random_variants(draw: random.Random) -> dict[int, str]:
    """Return a text for each assignment; what it is, conditions decide."""
    texts: dict[tuple[bool, ...], str] = {}
    decisive = draw.sample(CONDITIONS, draw.randrange(1, 4))
    base = random_text(draw)
    result = {}
    for number, assignment in enumerate(ASSIGNMENTS):
        row = tuple(holds(condition, assignment) for condition in decisive)
        if row not in texts:
            lines = list(pieces_of(base))
            if lines and draw.random() < 0.5:
                del lines[draw.randrange(len(lines))]
            more = text_of(tuple(lines))
            texts[row] = draw.choice((more, f"{more}{random_text(draw)}", random_text(draw)))
        result[number] = texts[row]
    return result


def preprocessed(text: str, *defined: str) -> list[str]:
    """Return the lines that clang's preprocessor leaves of *text*, without blank ones."""
    command = [clang_program(), "-E", "-CC", "-P", "-dD", "-x", "c", "-undef", *defined, "-"]
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return [line for line in ran.stdout.splitlines() if line.strip()]


def flags(assignment: tuple[tuple[str, int | None], ...]) -> list[str]:
    """Return what defines the macros of *assignment*."""
    return [f"-D{name}={value}" for name, value in assignment if value is not None]


def test_merged_texts_are_each_of_them() -> None:
    """Random texts, 150 times six variants, come out of clang's preprocessor as they went in."""
    draw = random.Random(20)  # noqa: S311 -- reproducible, nothing secret
    choices = Choices(ASSIGNMENTS, PLACES)
    cases = [random_variants(draw) for _ in range(150)]
    one = "".join(
        f"case{number};\n{merged(texts, choices, paragraphs=number % 2 == 0)}"
        for number, texts in enumerate(cases)
    )
    for number, assignment in enumerate(ASSIGNMENTS):
        own = "".join(f"case{case};\n{texts[number]}" for case, texts in enumerate(cases))
        for side in ([], ["-DSIDE"]):
            defined = [*flags(assignment), *side]
            assert preprocessed(one, *defined) == preprocessed(own, *defined), assignment


@pytest.mark.parametrize("as_written", [False, True])
def test_items_stand_in_their_variants(*, as_written: bool) -> None:
    """Random items, for programs and for both sides, are there in their variants and no others."""
    draw = random.Random(7)  # noqa: S311 -- reproducible, nothing secret
    choices = Choices(ASSIGNMENTS, PLACES)
    texts = []
    expected: dict[tuple[int, bool], list[str]] = {}
    for case in range(200):
        items = []
        for place in range(draw.randrange(1, 7)):
            decisive = tuple(draw.sample(CONDITIONS, draw.randrange(1, 3)))
            wanted = [draw.random() < 0.5 for _ in decisive]
            variants = frozenset(
                number
                for number, assignment in enumerate(ASSIGNMENTS)
                if [holds(condition, assignment) for condition in decisive] == wanted
            )
            variants = draw.choice((variants, choices.everything))
            if not variants:
                continue
            text, for_bpf = f"item_{case}_{place};", draw.random() < 0.5
            items.append(Item(variants, f"{text}\n", draw.random() < 0.5, for_bpf, decisive))
            for number in variants:
                for is_bpf in {True, for_bpf}:
                    expected.setdefault((number, is_bpf), []).append(text)
        chunks = branched(items, choices.everything, choices, as_written=as_written)
        texts += [chunk.text for chunk in chunks]
    for number, assignment in enumerate(ASSIGNMENTS):
        for is_bpf in (False, True):
            side = ["-DBPFGEN_BPF"] if is_bpf else []
            found = preprocessed("".join(texts), *flags(assignment), *side)
            lines = [line for line in found if line.startswith("item_")]
            # What excludes one another may change places, which no variant sees.
            assert lines == expected[number, is_bpf]


def test_many_alternatives_are_halved() -> None:
    """A text that is another one in each of many variants: one condition after the other."""
    names = "ABCDE"
    conditions = [parse(f"defined({name})") for name in names]
    places = Places(tuple(Block(0, 0, ((one, True),)) for one in conditions), ())
    rows = [
        tuple(zip(names, values, strict=True)) for values in product((1, None), repeat=len(names))
    ]
    texts = {number: f"int n{number};\nint same;\n" for number in range(len(rows))}
    one = merged(texts, Choices(rows, places))
    assert max(line.count("&&") for line in one.splitlines()) == 1
    for number, row in enumerate(rows):
        lines = [line for line in preprocessed(one, *flags(row)) if line.startswith("int")]
        assert lines == [f"int n{number};", "int same;"]


def test_few_rows_show_each_condition() -> None:
    """Of all combinations some are enough for every condition to hold once, and not to once."""
    guards = [((parse(f"defined({name})"), True),) for name in "ABCDEFG"]
    rows = [tuple(zip("ABCDEFG", values, strict=True)) for values in product((None, 1), repeat=7)]
    chosen = [rows[number] for number in showing_each(guards, rows)]
    assert len(chosen) <= len(guards) + 1
    for guard in guards:
        assert {holds(condition, row) for row in chosen for condition, _ in guard} == {True, False}


def test_no_directive_comes_into_a_comment_or_parentheses() -> None:
    """What a comment, parentheses or a backslash go over is one piece, whatever is in it."""
    texts = ["/* a\n#if 1\n*/\n", "f(a,\n#ifdef X\n  b,\n#endif\n  c);\n", "#define A \\\n#if\n"]
    assert [len(pieces_of(text)) for text in texts] == [1, 1, 1]
    assert [text_of(pieces_of(text)) for text in texts] == texts


def test_a_group_is_one_piece_with_branches() -> None:
    """From `#if` to its `#endif` is a group, and groups nest."""
    text = "#if A\nint a;\n\n#ifdef B\nint b;\n#endif\n#elif C\n#else\nint c;\n#endif\n"
    (group,) = pieces_of(text)
    assert isinstance(group, Group)
    assert group.directives == ("#if A\n", "#elif C\n", "#else\n")
    assert group.text == text


def test_contradicting_orders_cost_a_repetition() -> None:
    """A key that two sequences have in contradicting orders comes twice, once for each."""
    sequences = {0: ["a", "b", "c"], 1: ["b", "a", "c"]}
    result = list(in_order(sequences, {"a": 0, "b": 1, "c": 2}))
    for number, keys in sequences.items():
        assert [key for key, numbers in result if number in numbers] == keys
    assert result[-1] == ("c", (0, 1))


def test_columns_read_downwards_are_the_sequences() -> None:
    """Whatever is aligned, each sequence is still there, in order."""
    draw = random.Random(3)  # noqa: S311 -- reproducible, nothing secret
    for _ in range(200):
        texts = {number: random_text(draw) for number in range(3)}
        pieces = {number: pieces_of(text) for number, text in texts.items()}
        columns = aligned(pieces)
        for number, own in pieces.items():
            assert tuple(column[number] for column in columns if number in column) == own


@pytest.mark.parametrize(
    ("condition", "directive"),
    [
        ("defined(A)", "#ifdef A"),
        ("!defined(A)", "#ifndef A"),
        ("defined(A) && defined(B)", "#if defined(A) && defined(B)"),
        ("A == 1", "#if A == 1"),
    ],
)
def test_the_short_forms_of_if(condition: str, directive: str) -> None:
    """One name that is defined or not has a directive of its own."""
    assert directive_of(condition) == directive
