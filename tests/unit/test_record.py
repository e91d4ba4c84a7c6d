"""Records: values that stay as they are, and what makes two of them the same."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.record import MutableRecord, Record, replace
from bpfgen.text.diagnostics import Diagnostic
from bpfgen.text.source import Source, Span
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.record import Uncompared


class Point(Record):
    """Two numbers, and where they were read."""

    x: int
    y: int = 0
    span: Uncompared[Span | None] = None


class Draft(MutableRecord):
    """A number that is filled in."""

    x: int = 0


SPAN = Span(Source("a", "text"), 0, 4)


def test_what_is_left_out_of_equality_is_declared_so() -> None:
    """A member declared as uncompared makes no difference to equality, hash or repr."""
    here, there = Point(1, 2), Point(1, 2, SPAN)
    assert here == there
    assert hash(here) == hash(there)
    assert repr(there) == "Point(x=1, y=2)"
    assert here != Point(2, 2)


def test_two_diagnostics_at_two_places_are_two() -> None:
    """Nothing is left out for its name alone: where a diagnostic points is part of it."""
    other = Span(SPAN.source, 1, 4)
    assert Diagnostic("code", "words", SPAN) == Diagnostic("code", "words", SPAN)
    assert Diagnostic("code", "words", SPAN) != Diagnostic("code", "words", other)


def test_replace_makes_another_one() -> None:
    """The copy has the new values, uncompared members are kept, the record is as it was."""
    point = Point(1, 2, SPAN)
    moved = replace(point, x=5)
    assert (moved.x, moved.y, moved.span) == (5, 2, SPAN)
    assert point.x == 1


def test_replace_knows_its_members() -> None:
    """A name that is no member is refused."""
    with pytest.raises(TypeError, match="z"):
        replace(Point(1), z=1)


@pytest.mark.slow
def test_a_type_checker_refuses_to_change_a_record(tmp_path: Path) -> None:
    """Assigning to a member of a record is an error, of a mutable record isn't."""
    script = tmp_path / "script.py"
    script.write_text(
        "from bpfgen.text.diagnostics import Label\n"
        "from bpfgen.text.source import Source, Span\n"
        "from bpfgen.record import MutableRecord\n"
        "class Draft(MutableRecord):\n"
        "    x: int\n"
        "label = Label(Span(Source('', ''), 0, 0), 'a')\n"
        "label.text = 'b'\n"
        "Draft(1).x = 2\n"
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--cache-dir",
        str(tmp_path),
        "--follow-imports=silent",
    ]
    run = subprocess.run(
        [*command, str(script)], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert run.stdout.splitlines() == [
        f'{script}:7: error: Property "text" defined in "Label" is read-only  [misc]',
        "Found 1 error in 1 file (checked 1 source file)",
    ]


def test_a_mutable_record_is_filled_in() -> None:
    """It has the same equality, and members that can be set."""
    draft = Draft()
    draft.x = 3
    assert draft == Draft(3)
