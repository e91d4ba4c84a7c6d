"""The differential proof: values that C put into members are read, and others are written.

A *driver* is a program in one language over what bpfgen generated. It gets a stream of operations
on its standard input and answers each on its standard output:

    operation   number of a slot (4 bytes), 0 to read or 1 to write, the bytes of the struct, and to
                write the value
    answer      to a read the value, to a write the bytes of the struct

A value of a number has 16 bytes, little-endian and as wide as the sign needs it; that of a floating
number is a `double`. A value of anything else is its bytes. Numbers of operations are little-endian
on every machine. What has to come back is composed of what C's objects hold (`witness`), between
bits that are random, and never of what bpfgen says.
"""

from __future__ import annotations

import random
import struct
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen.emit.user_space.types import (
    CHARACTER,
    Enumeration,
    Number,
    resolved,
    size_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Sequence as Listed

    from bpfgen.emit.user_space.types import UserMember
    from tests.user_space.witness import Facts, Leaf, Subject

VALUE_SIZE = 16


class Slot(NamedTuple):
    """What a driver reads and writes at once: a number, or all bytes of a member.

    Attributes:
        number: By which the stream names it.
        subject: The index of its struct.
        position: That of the number among the struct's leaves, of the member among its members.
        leaf: The number; None for bytes.
    """

    number: int
    subject: int
    position: int
    member: UserMember
    leaf: Leaf | None

    @property
    def value_size(self) -> int:
        """The bytes of a value in the stream."""
        return size_of(self.member.type) if self.leaf is None else VALUE_SIZE


class Operation(NamedTuple):
    """One question to a driver, and what is right.

    Attributes:
        size: The bytes of the answer.
        title: What is asked, for people.
    """

    slot: Slot
    writes: bool
    sent: bytes
    answer: bytes
    size: int
    title: str


class Driver(NamedTuple):
    """A program that was built, and what it has of the slots.

    Attributes:
        reads: The numbers of the slots that it reads.
        writes: Of those that it writes.
    """

    command: tuple[str, ...]
    reads: frozenset[int]
    writes: frozenset[int]


def slots_of(subjects: Listed[Subject]) -> list[Slot]:
    """Return all that can be read and written in *subjects*."""
    slots: list[Slot] = []
    for number, subject in enumerate(subjects):
        for index, leaf in enumerate(subject.leaves):
            slots.append(Slot(len(slots), number, index, leaf.member, leaf))
        for index, member in enumerate(subject.type.members):
            bare = resolved(member.type)
            if not isinstance(bare, (Number, Enumeration)) and size_of(bare):
                slots.append(Slot(len(slots), number, index, member, None))
    return slots


def operations(slots: Iterable[Slot], facts: Listed[Facts], seed: int) -> Iterator[Operation]:
    """Yield what is asked of a driver that has *slots*."""
    noise = random.Random(seed)  # noqa: S311 -- test data
    for slot in slots:
        own = facts[slot.subject]
        if slot.leaf is None:
            yield from _of_bytes(slot, own, noise)
        else:
            yield from _of_number(slot, slot.leaf, own, noise)


def _of_number(slot: Slot, leaf: Leaf, facts: Facts, noise: random.Random) -> Iterator[Operation]:
    mask = int.from_bytes(facts.masks[slot.position], "little")
    compared = VALUE_SIZE
    if isinstance(leaf.type, Number) and leaf.type.kind == CHARACTER and leaf.bits == 8:
        compared = 1  # whether a byte of text has a sign is the language's affair
    for value, content in zip(leaf.values, facts.contents[slot.position], strict=True):
        own = int.from_bytes(content, "little")
        packed = _packed(value)
        for around in (noise.randbytes(facts.size), b"\xff" * facts.size):
            mixed = int.from_bytes(around, "little") & ~mask | own & mask
            whole = mixed.to_bytes(facts.size, "little")
            yield _read(slot, whole, packed[:compared], f"{value}")
            yield _write(slot, around + packed, whole, f"{value}")


def _of_bytes(slot: Slot, facts: Facts, noise: random.Random) -> Iterator[Operation]:
    start, size = facts.places[slot.position]
    before, value = noise.randbytes(facts.size), noise.randbytes(size)
    after = before[:start] + value + before[start + size :]
    yield _read(slot, after, value, "bytes")
    yield _write(slot, before + value, after, "bytes")


def _read(slot: Slot, sent: bytes, answer: bytes, what: str) -> Operation:
    """Return the question what the value is in the struct *sent*."""
    return Operation(slot, False, sent, answer, slot.value_size, f"read {what}")  # noqa: FBT003


def _write(slot: Slot, sent: bytes, answer: bytes, what: str) -> Operation:
    """Return the demand to write a value, the end of *sent*."""
    return Operation(slot, True, sent, answer, len(answer), f"write {what}")  # noqa: FBT003


def _packed(value: int | float) -> bytes:  # noqa: PYI041 -- they are told apart
    if isinstance(value, float):
        return struct.pack("<d8x", value)
    return (value % (1 << 128)).to_bytes(VALUE_SIZE, "little")


def wrong_answers(
    driver: Driver, subjects: Listed[Subject], asked: Iterable[Operation]
) -> list[str]:
    """Ask *driver*, and return what is wrong about its answers, a line each."""
    put = [op for op in asked if op.slot.number in (driver.writes if op.writes else driver.reads)]
    stream = b"".join(struct.pack("<IB", op.slot.number, op.writes) + op.sent for op in put)
    done = subprocess.run(driver.command, input=stream, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.fail(done.stderr.decode(errors="replace")[-4000:], pytrace=False)
    assert len(done.stdout) == sum(op.size for op in put)
    wrong, position = [], 0
    for op in put:
        answer = done.stdout[position : position + op.size]
        position += op.size
        if answer[: len(op.answer)] != op.answer:
            place = op.slot.leaf.designator if op.slot.leaf else f".{op.slot.member.name}"
            wrong.append(
                f"{subjects[op.slot.subject].c_type} {place} {op.title}:"
                f" {answer.hex()}, not {op.answer.hex()} (of {op.sent.hex()})"
            )
    return wrong
