"""Edits applied to texts: what is changed, what stays, and which go together."""

from __future__ import annotations

import random

import pytest

from bpfgen.text.diagnostics import Diagnostic, Edit
from bpfgen.text.edits import applied, edited, together
from bpfgen.text.source import Source, Span


def edit(source: Source, start: int, end: int, text: str) -> Edit:
    """Return an edit of *source*."""
    return Edit(Span(source, start, end), text)


def wanting(*edits: Edit) -> Diagnostic:
    """Return a diagnostic with *edits*."""
    return Diagnostic("syntax", "wrong", edits[0].span if edits else None, edits=edits)


def test_random_edits_change_their_places_alone() -> None:
    """Applied in any order they give what slices from the back give."""
    chosen = random.Random(1)  # noqa: S311 -- places, no secrets
    for _ in range(500):
        text = "".join(chosen.choices("ab ;\n", k=chosen.randrange(30)))
        source = Source("t.dsl", text)
        places = sorted(chosen.sample(range(40), 2 * chosen.randrange(6)))
        edits = [
            edit(source, start, end, chosen.choice(["", "x", "yz"]))
            for start, end in zip(places[::2], places[1::2], strict=True)
            if end <= len(text)
        ]
        expected = text
        for each in reversed(edits):
            expected = expected[: each.span.start] + each.text + expected[each.span.end :]
        chosen.shuffle(edits)
        assert applied(text, edits) == expected


def test_insertions_at_one_place_keep_their_order() -> None:
    """They come before what replaces the characters there."""
    source = Source("t.dsl", "flows")
    edits = [edit(source, 0, 5, "FLOWS"), edit(source, 0, 0, "a "), edit(source, 0, 0, "b ")]
    assert applied(source.text, edits) == "a b FLOWS"


@pytest.mark.parametrize("places", [((0, 3), (2, 4)), ((0, 9),), ((3, 2),)])
def test_edits_that_make_no_sense_are_refused(places: tuple[tuple[int, int], ...]) -> None:
    """No text comes of edits that overlap or lie outside."""
    source = Source("t.dsl", "flows")
    with pytest.raises(ValueError, match="overlap"):
        applied(source.text, [edit(source, start, end, "x") for start, end in places])


def test_new_lines_end_as_the_text_has_it() -> None:
    """CR LF stays CR LF; a text without a line end gets LF."""
    for text, line in (
        ("a\r\nb\r\n", "x\r\n"),
        ("a\nb\n", "x\n"),
        ("a", "x\n"),
        ("\na\r\n", "x\n"),
    ):
        assert applied(text, [edit(Source("t.dsl", text), 0, 0, "x\n")]) == line + text


def test_the_first_at_a_place_wins() -> None:
    """What overlaps or touches it waits, whole; what is elsewhere doesn't."""
    source = Source("t.dsl", "map a hash;\nmap b hash;\n")
    other = Source("u.dsl", source.text)
    first = wanting(edit(source, 5, 5, ":"))
    touching = wanting(edit(source, 12, 12, "x"), edit(source, 4, 5, "b"))
    elsewhere = wanting(edit(source, 17, 17, ":"))
    in_other = wanting(edit(other, 5, 5, ":"))
    none = wanting()
    chosen = together([first, touching, none, elsewhere, in_other])
    assert chosen == [first, elsewhere, in_other]
    assert edited(chosen) == {
        source: "map a: hash;\nmap b: hash;\n",
        other: "map a: hash;\nmap b hash;\n",
    }


def test_lines_at_one_place_go_together() -> None:
    """Each is there once, in order; a word inserted there waits."""
    source = Source("t.dsl", "// Mine.\nmap a: hash;\n")
    at = 9
    one = wanting(edit(source, at, at, "include <a.h>;\n"), edit(source, 16, 20, "x"))
    two = wanting(edit(source, at, at, "include <b.h>;\n"))
    again = wanting(edit(source, at, at, "include <a.h>;\n"))
    word = wanting(edit(source, at, at, "weak "))
    chosen = together([one, two, again, word])
    assert chosen == [one, two, again]
    text = "// Mine.\ninclude <a.h>;\ninclude <b.h>;\nmap a: x;\n"
    assert edited(chosen) == {source: text}
