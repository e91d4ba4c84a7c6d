"""Words that are read by the table of options alone: argparse makes the same of them."""

from __future__ import annotations

import os
import random

import pytest

from bpfgen.commands import UsageError
from bpfgen.commands.option import FLAG, LIST, OPTIONAL, SWITCH
from bpfgen.commands.options import options_of
from bpfgen.commands.parser import parsed_values
from bpfgen.commands.plain_words import plain_values
from bpfgen.commands.table import COMMANDS

SEED = int(os.environ.get("BPFGEN_RANDOM_SEED", "1"))
LINES = int(os.environ.get("BPFGEN_RANDOM_LINES", "40"))

VALUES = (
    *("maps.h", "-", "", "a b", "-x", "--", "=", "x=1", "NAME=VALUE", "-1", "-1.5", "é", "all"),
    *("text", "json", "bpfel", "clang", "no-empty", "error=layout", "--check", "-o", "-=", "--x y"),
)
"""Values, operands, and what may be taken for one or the other."""


def words_of(command: str, randomly: random.Random) -> list[str]:
    """Return a command line, right or wrong."""
    options = options_of(command)
    words: list[str] = []
    for _ in range(randomly.randrange(5)):
        option = randomly.choice(options)
        name = randomly.choice(option.spellings)
        value = randomly.choice((*VALUES, *option.choices))
        forms = [[name, value], [f"{name}={value}"], [f"{name}{value}"], [name], [value]]
        weights = [1, 1, 1, 6, 1] if option.kind in {FLAG, SWITCH, OPTIONAL} else [6, 3, 3, 1, 1]
        words += randomly.choices(forms, weights)[0]
    return [word for word in words if word != "--"]


@pytest.mark.parametrize("command", list(COMMANDS))
def test_argparse_makes_the_same_of_them(command: str) -> None:
    """Whatever is taken for plain; what isn't may be anything."""
    randomly = random.Random(f"{SEED} {command}")  # noqa: S311 -- the same in every run
    options = options_of(command)
    plain = 0
    for _ in range(LINES):
        words = words_of(command, randomly)
        values = plain_values(options, words)
        if values is None:
            continue
        plain += 1
        try:
            assert values == parsed_values(command, options, words), words
        except UsageError as refused:
            pytest.fail(f"{words}: {refused}")
    assert plain > LINES // 5


@pytest.mark.parametrize(
    "line",
    [
        "maps.dsl -o maps.h",
        "maps.dsl -o maps.h -o maps.go --go-package maps --accessors= --no-verify -v",
        "-Iinclude -I lib -DN=1 -D M=2 --kernel 5.15 -Wall -Werror a.dsl --out-dir gen b.dsl",
        "maps.dsl --emit=header -o - --depfile maps.d --clang /usr/bin/clang-19 --diagnostics json",
    ],
)
def test_what_builds_type_is_plain(line: str) -> None:
    """It needs no argparse."""
    options, words = options_of("compile"), line.split()
    assert plain_values(options, words) == parsed_values("compile", options, words)


@pytest.mark.parametrize(
    "words",
    [
        ["--verfiy"],
        ["-o"],
        ["-o", "-x"],
        ["--check=yes"],
        ["-vo"],
        ["-I=x"],
        ["--target", "arm"],
        ["--out-d", "x"],
        ["-I--"],
        ["-1"],
    ],
)
def test_what_is_wrong_is_left_to_argparse(words: list[str]) -> None:
    """It says why."""
    assert plain_values(options_of("compile"), words) is None


def test_lists_are_the_lines_own() -> None:
    """What one line adds to isn't there in the next."""
    options = options_of("compile")
    lists = [option.attribute for option in options if option.kind == LIST]
    first = plain_values(options, [])
    assert first is not None
    for attribute in lists:
        first[attribute].append("x")
    second = plain_values(options, [])
    assert second is not None
    assert all(second[attribute] == [] for attribute in lists)
