"""Did you mean, held against a textbook edit distance."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfgen.model.maps import MAP_KINDS
from bpfgen.text.spelling import Speller, closest, did_you_mean, distance, expected_list


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hsah", "hash"),
        ("Hash", "hash"),
        ("HASH", "hash"),
        ("arrray", "array"),
        ("lru_hsh", "lru_hash"),
        ("ring_buffer", "ringbuf"),
        ("ringbuffer", "ringbuf"),
        ("hash_map", "hash"),
        ("perf_event", "perf_event_array"),
        ("perfeventarray", "perf_event_array"),
        ("sk_strage", "sk_storage"),
        ("HashOfMaps", "hash_of_maps"),
        ("bloomfilter", "bloom_filter"),
        ("xyz", None),
        ("q", None),
        ("", None),
    ],
)
def test_what_people_type_for_map_kinds(typed: str, meant: str | None) -> None:
    """Typing slips, other spellings and beginnings lead to the kind; noise leads nowhere."""
    assert closest(typed, MAP_KINDS) == meant


def test_the_name_itself_is_no_suggestion() -> None:
    """Who typed `hash` isn't told to type `hash`."""
    assert closest("hash", ["hash"]) is None
    assert closest("hash", ["hash", "hush"]) == "hush"


def test_the_order_of_the_names_does_not_matter() -> None:
    """Of names equally near, the same one is told whatever the order."""
    names = ["cat", "car", "can", "cap"]
    assert {closest("cax", order) for order in (names, names[::-1], sorted(names))} == {"can"}


def textbook_distance(one: str, other: str) -> int:
    """Return the optimal string alignment distance by the full table."""
    table = [[row + column for column in range(len(other) + 1)] for row in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (one[i - 1] != other[j - 1]),
            )
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


WORDS = st.text(alphabet="abc", max_size=11)


@given(WORDS, WORDS)
def test_distance_is_the_textbook_distance(one: str, other: str) -> None:
    """Within the bound the numbers agree; beyond it there is none."""
    expected = textbook_distance(one, other)
    assert distance(one, other, 3) == (expected if expected <= 3 else None)


@given(st.text(alphabet="abc", min_size=3, max_size=11), st.lists(WORDS, max_size=30))
def test_nothing_near_is_missed(name: str, names: list[str]) -> None:
    """The search by pieces finds what comparing with every name finds."""
    bound = min(len(name) // 3, 3)
    others = {other for other in names if other and other != name}
    near = []
    for other in sorted(others):
        away = textbook_distance(name, other)
        # Of two that are as near, the one that begins alike is meant.
        alike = sum(name.startswith(other[:length]) for length in range(1, len(other) + 1))
        if away <= bound:
            near.append((away, -alike, abs(len(name) - len(other)), other))
    if near:
        assert closest(name, others) == min(near)[3]


def test_many_names_take_no_longer_than_they_must() -> None:
    """Ten thousand unknown names among ten thousand known ones end in seconds, not in hours."""
    chooser = random.Random(7)  # noqa: S311 -- names for a test
    names = [
        "".join(chooser.choice("abcdefghijk_") for _ in range(chooser.randint(4, 16)))
        for _ in range(10_000)
    ]
    speller = Speller(names)
    before = time.process_time()
    assert speller.closest(names[5000] + "z") is not None
    assert time.process_time() - before < 2
    for name in names:
        speller.closest(name + "zqz")
    assert time.process_time() - before < 20


def test_lists_in_human_words() -> None:
    """Commas, then one `or`; each word once, in the order given."""
    assert expected_list(["`;`", "`[`", "a name"]) == "`;`, `[` or a name"
    assert expected_list(["`;`", "`[`", "`;`"]) == "`;` or `[`"
    assert expected_list(["`;`"]) == "`;`"
    assert expected_list([]) == ""
    assert expected_list(["a", "b", "c"], "and") == "a, b and c"


def test_the_help_line() -> None:
    """Ready to be a diagnostic's help, or empty."""
    assert did_you_mean("hsah", MAP_KINDS) == "did you mean `hash`?"
    assert did_you_mean("xyz", MAP_KINDS) == ""
