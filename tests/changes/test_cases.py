"""Sources with conditions: what a change breaks, in which cases."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.cases import found_in_cases
from bpfgen.changes.finding import Finding, Side
from bpfgen.changes.pairs import pairs_of_files
from bpfgen.comparison import version_of
from bpfgen.compiler import Options, compile
from bpfgen.conditions import holds, parse
from bpfgen.text.diagnostics import Subject
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bpfgen.changes.cases import Version
    from bpfgen.changes.pairs import Pairs
    from bpfgen.conditions import Assignment
    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from tests.changes.conftest import Outcome


def version(text: str, *defined: str, undefined: tuple[str, ...] = ()) -> Version:
    """Return *text* with `-D` of each of *defined*."""
    definitions = dict(word.split("=") for word in defined)
    options = Options(definitions=definitions, undefined=undefined, is_ruled=False)
    compilation = compile(Source("t.dsl", text), options)
    assert not compilation.failed, compilation.diagnostics
    return version_of(compilation)


def what(map: Map) -> str:
    """Return what of a map is compared here."""
    entries = map.shape.attributes["max_entries"].value
    return f"{map.shape.kind.name}[{entries}]"


def differences(pairs: Pairs, _file: int) -> list[Finding]:
    """Stand in for the categories: a map is another one, or gone."""
    found = []
    for pair in pairs.maps:
        if pair.old is None:
            continue
        old, new = what(pair.old), "" if pair.new is None else what(pair.new)
        name = pair.old.name
        if old != new:
            sides = Side(old, pair.old.span), Side(new, None if pair.new is None else pair.new.span)
            found.append(Finding("break-test", name, *sides, Subject("map", name), (name,)))
    return found


def said(old: Version, new: Version) -> list[str]:
    """Return what is found, each as `map: old -> new | where`."""
    (found,) = found_in_cases([(old, new)], differences)
    return [_text(one) + (f" | {one.where}" if one.where else "") for one in found]


def _text(finding: Finding) -> str:
    return f"{finding.message}: {finding.old.value} -> {finding.new.value or '-'}"


TWO = """\
macro LRU, BIG;
when (LRU) { map flows: lru_hash<__u32, __u64>[64]; }
else { map flows: hash<__u32, __u64>[64]; }
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (TWO, TWO, []),
        # The same, written the other way round.
        (
            TWO,
            """macro LRU; when (!LRU) { map flows: hash<__u32, __u64>[64]; }
            else { map flows: lru_hash<__u32, __u64>[64]; }""",
            [],
        ),
        (
            TWO,
            TWO.replace("lru_hash<__u32, __u64>[64]", "lru_hash<__u32, __u64>[32]"),
            ["flows: lru_hash[64] -> lru_hash[32] | `LRU` holds"],
        ),
        (
            TWO,
            TWO.replace("[64]", "[32]"),
            [
                "flows: hash[64] -> hash[32] | `!LRU` holds",
                "flows: lru_hash[64] -> lru_hash[32] | `LRU` holds",
            ],
        ),
        # One side has no condition.
        (
            "map flows: hash<__u32, __u64>[64];",
            TWO,
            ["flows: hash[64] -> lru_hash[64] | `LRU` holds"],
        ),
        (
            TWO,
            "map flows: hash<__u32, __u64>[64];",
            ["flows: lru_hash[64] -> hash[64] | `LRU` holds"],
        ),
        # Gone in some cases.
        (
            "map flows: hash<int, int>[64]; map rest: array<int, int>[1];",
            "macro NO; when (!NO) { map flows: hash<int, int>[64]; } map rest: array<int, int>[1];",
            ["flows: hash[64] -> - | `NO` holds"],
        ),
        # Another macro decides.
        (
            TWO,
            TWO.replace("(LRU)", "(BIG)"),
            [
                "flows: hash[64] -> lru_hash[64] | `!LRU && BIG` holds",
                "flows: lru_hash[64] -> hash[64] | `LRU && !BIG` holds",
            ],
        ),
        # Another number.
        (
            TWO.replace("(LRU)", "(BIG > 2)"),
            TWO.replace("(LRU)", "(BIG > 3)"),
            ["flows: lru_hash[64] -> hash[64] | `BIG > 2 && BIG <= 3` holds"],
        ),
        # A new name, in one case or in all.
        (
            "macro A; when (A) { map p: array<int, int>[1]; } map q: array<int, int>[1];",
            "macro A; when (A) { map r: array<int, int>[1]; } map q: array<int, int>[1];",
            [],
        ),
        # What the other side has in another case is no new name.
        (
            "macro A; when (A) { map p: array<int, int>[1]; } else { map q: array<int, int>[1]; }",
            "macro A; when (A) { map q: array<int, int>[1]; } else { map p: array<int, int>[1]; }",
            ["q: array[1] -> - | `!A` holds", "p: array[1] -> - | `A` holds"],
        ),
        # In all cases.
        (
            "macro A; when (A) { map x: array<int, int>[1]; } map y: array<int, int>[1];",
            "macro A; when (A) { map x: array<int, int>[1]; } map y: array<int, int>[2];",
            ["y: array[1] -> array[2]"],
        ),
    ],
)
def test_cases(old: str, new: str, expected: list[str]) -> None:
    """Each combination that macros can bring about is compared, and each finding told once."""
    assert said(version(old), version(new)) == expected


def test_the_command_line_decides() -> None:
    """`-D` and `-U` leave what they leave; with all decided there is one case."""
    new = TWO.replace("[64]", "[32]")
    for given, undefined, expected in (
        (("LRU=1",), (), ["flows: lru_hash[64] -> lru_hash[32]"]),
        ((), ("LRU",), ["flows: hash[64] -> hash[32]"]),
    ):
        sides = (version(text, *given, undefined=undefined) for text in (TWO, new))
        assert said(*sides) == expected
    both = "macro A, B; when (A && B) { map m: array<int, int>[1]; } map n: array<int, int>[1];"
    other = both.replace("m: array<int, int>[1]", "m: array<int, int>[2]")
    assert said(version(both), version(other)) == ["m: array[1] -> array[2] | `A && B` holds"]
    sides = (version(text, "A=1") for text in (both, other))
    assert said(*sides) == ["m: array[1] -> array[2] | `A && B` holds"]
    assert said(version(both, "A=0"), version(other, "A=0")) == []


def test_files_that_have_nothing_in_common() -> None:
    """Conditions of one file don't multiply the cases of another."""
    files = []
    for number in range(8):
        text = f"macro A{number}; when (A{number}) {{ map m: array<int, int>[1]; }}"
        text += "map n: array<int, int>[1];"
        files.append((version(text), version(text.replace("[1]", "[2]"))))
    found = found_in_cases(files, differences)
    assert [[_text(one) for one in findings] for findings in found] == [
        ["n: array[1] -> array[2]", "m: array[1] -> array[2]"]
    ] * 8
    assert [findings[1].where for findings in found] == [f"`A{n}` holds" for n in range(8)]


CONDITIONS = ("A", "!A", "A && B", "A || B", "B", "defined(A)", "C > 1", "C == 2", "A && C > 1")


def random_source(rng: Random) -> str:
    """Return a source whose maps depend on conditions."""
    lines = ["macro A, B, C;"]
    for name in "pqr":
        shape = rng.choice(("array<int, int>[1]", "array<int, int>[2]", "hash<int, int>[1]"))
        plain = f"map {name}: {shape};"
        kind = rng.randrange(4)
        condition = rng.choice(CONDITIONS)
        if kind == 0:
            lines.append(plain)
        elif kind == 1:
            lines.append(f"when ({condition}) {{ {plain} }}")
        else:
            other = rng.choice(("array<int, int>[3]", "hash<int, int>[1]"))
            lines.append(f"when ({condition}) {{ {plain} }} else {{ map {name}: {other}; }}")
    return "\n".join([*lines, "map always: array<int, int>[1];"])


def with_macros(text: str, row: Assignment) -> Model:
    """Return what *text* is with the macros of *row*."""
    definitions = {name: str(value) for name, value in row if value is not None}
    undefined = tuple(name for name, value in row if value is None)
    return compile(
        Source("t.dsl", text), Options(definitions=definitions, undefined=undefined)
    ).model


@pytest.mark.parametrize("seed", range(8))
def test_against_every_case(seed: int) -> None:
    """What is found, and where it is said to hold, is what each case by itself shows."""
    rng = Random(seed)  # noqa: S311 -- test data
    texts = random_source(rng), random_source(rng)
    (found,) = found_in_cases([(version(texts[0]), version(texts[1]))], differences)
    # The same may be found at two places, of which at most one is there.
    conditions = [
        (_text(one), parse(one.where.split("`")[1] if one.where else "1")) for one in found
    ]
    for values in product((None, 0, 1), (None, 1), (0, 1, 2, 3)):
        row = tuple(zip("ABC", values, strict=True))
        sides = with_macros(texts[0], row), with_macros(texts[1], row)
        (pairs,) = pairs_of_files([sides], known=[[("map", name) for name in "pqr"]])
        expected = {_text(one) for one in differences(pairs, 0)}
        assert sorted(text for text, where in conditions if holds(where, row)) == sorted(expected)


def test_no_case_of_both() -> None:
    """Where no macros give the conditions of both a value, the first cases are compared."""
    text = "macro A; when (1 / {}) {{ map m: array<int, int>[{}]; }} map n: array<int, int>[{}];"
    old, new = version(text.format("A", 1, 1)), version(text.format("(A == 0)", 1, 2))
    assert "n: array[1] -> array[2]" in said(old, new)


def test_the_command(
    bpfgen: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each form says where a finding holds; a map is found in the file that has it now."""
    moved = "map moved: array<int, int>[1] { pinning = by_name; };"
    for folder, entries in (("old", 64), ("new", 32)):
        (tmp_path / folder).mkdir()
        texts = {
            "a": f"macro LRU; when (LRU) {{ map m: hash<int, int>[{entries}]"
            " { pinning = by_name; }; } map n: array<int, int>[1];",
            "b": "map o: array<int, int>[1];",
        }
        texts["a" if folder == "old" else "b"] += moved
        for name, text in texts.items():
            (tmp_path / folder / f"{name}.dsl").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "new")
    words = ("breaking", "a.dsl", "b.dsl", "--against", "../old")
    ran = bpfgen(*words)
    assert ran.status == 1
    assert ran.errors.count("error[") == 1
    assert "where `LRU` holds" in ran.errors
    assert '"where": "`LRU` holds"' in bpfgen(*words, "--format", "json").output
    assert "break-pin-gone" in bpfgen("breaking", "../old/a.dsl", "a.dsl").errors
