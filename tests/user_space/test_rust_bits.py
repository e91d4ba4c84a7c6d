"""Rust's bit-fields in the byte order of other machines, as clang has them for bpfeb.

The methods ask for the byte order in one place, so that what they do on a big-endian machine can be
tried on any: bits are taken from bytes one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.user_space.differential import operations, slots_of, wrong_answers
from tests.user_space.test_differential import SEED, facts, proof

if TYPE_CHECKING:
    from pathlib import Path

ORDER = 'cfg!(target_endian = "big")'


def test_bit_fields_of_a_big_endian_machine(tmp_path: Path) -> None:
    """Each bit-field is read and written where clang puts it in an object of that byte order."""
    from tests.user_space.drivers import rust as driver

    known = proof(80)
    text = known.text("rust")
    assert text.count(ORDER) == 2
    slots = [slot for slot in slots_of(known.subjects) if slot.member.bit_width is not None]
    assert len(slots) > 60
    built = driver.driver(text.replace(ORDER, "true"), known.subjects, known.slots, tmp_path)
    asked = list(operations(slots, facts(known, "bpfeb"), SEED))
    wrong = wrong_answers(built, known.subjects, asked)
    assert not wrong, f"{len(wrong)} of {len(asked)}:\n" + "\n".join(wrong[:20])
    assert {slot.number for slot in slots} <= built.reads & built.writes
