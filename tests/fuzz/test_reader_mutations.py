"""Any bytes give maps or one FormatError: objects of all shapes, damaged with a plan and at random.

10,000 mutants here; `python -m tests.fuzz.storm` makes as many as one likes. The number of a mutant
makes it again: `python -m tests.fuzz.storm --seed NAME --first NUMBER 1`.
"""

from __future__ import annotations

import resource
import signal
import struct
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.btf.dump import lines
from bpfgen.object import read_object
from bpfgen.text.diagnostics import FormatError
from tests.fuzz.object_damages import mutant
from tests.fuzz.object_seeds import seeds
from tests.fuzz.object_uses import use

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from bpfgen.object import ObjectFile

MUTANTS = 10_000
BATCH = 1_000

IMPORTED = 4
"""Of so many mutants one is imported and verified too, which takes the longest."""

LONGEST = 20.0
"""Seconds of processor time for one mutant, far above what any takes: only an endless loop does."""

ALLOWANCE = 200 << 20
"""Bytes of address space that a batch may take beside what there is: 50 MB, and the allocator's."""

INTERESTING = (
    *(0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0xFFFF, 0x10000),
    *(0x7FFFFFFF, 0x80000000, 0xFFFFFF00, 0xFFFFFFFF),
)
"""Words that break readers."""


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError("a mutant that takes forever")


@contextmanager
def bounded() -> Iterator[None]:
    """Bound the memory that this process may take from here on; ring a bell for what never ends."""
    with open("/proc/self/statm", encoding="ascii") as stream:
        taken = int(stream.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    handler = signal.signal(signal.SIGVTALRM, _ring)
    resource.setrlimit(resource.RLIMIT_AS, (taken + ALLOWANCE, hard))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGVTALRM, handler)


@pytest.mark.parametrize("first", range(0, MUTANTS, BATCH))
def test_mutants_are_read_or_refused(first: int) -> None:
    """No mutant gives another exception, runs forever or takes memory; each is told in full."""
    sound = seeds()
    outcomes = dict.fromkeys(("read", "refused", "broken"), 0)
    with bounded():
        for number in range(first, first + BATCH):
            seed = sound[number % len(sound)]
            signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
            try:
                outcomes[use(mutant(seed, number), imported=number % IMPORTED == 0)] += 1
            except Exception as error:
                message = f"mutant {number} of `{seed.name}`: {error!r}"
                raise AssertionError(message) from error
    # Damages that libbpf would all accept, or that leave nothing to read, would try nothing.
    assert min(outcomes.values()) > BATCH // 20, outcomes


def test_the_seeds_are_sound() -> None:
    """Taken apart and put together again, each seed has the maps and the reasons it had."""
    for seed in seeds():
        before, after = read_object(seed.data), read_object(seed.draft.build())
        assert [each.name for each in after.maps] == [each.name for each in before.maps]
        assert [each.definition for each in after.maps] == [e.definition for e in before.maps]
        assert after.error == before.error


def test_the_same_number_is_the_same_mutant() -> None:
    """A failure can be had again."""
    seed = seeds()[0]
    assert mutant(seed, 7) == mutant(seed, 7) != mutant(seed, 8)


def read(data: bytes) -> ObjectFile | None:
    """Read all that can be read of *data*: None for a FormatError, else the object."""
    try:
        found = read_object(data)
    except FormatError:
        return None
    if found.btf is not None:
        read_types(found.btf)
    return found


def read_types(btf: Btf) -> None:
    """Ask for each type in every way; FormatErrors are answers."""
    types = BtfTypes(btf)
    for type_id in range(len(btf)):
        for ask in (types.type, btf.size_of, btf.skip_modifiers, btf.decl_tags):
            with suppress(FormatError):
                ask(type_id)
    with suppress(FormatError):
        for line in lines(btf):
            assert "\n" not in line


@given(st.binary(max_size=600))
@settings(max_examples=200)
def test_any_bytes_as_an_object(data: bytes) -> None:
    """Bytes that were never an object, with and without a header in front."""
    read(data)
    read(b"\x7fELF\2\1\1" + data)
    read(b"\x7fELF\1\2\1" + data)


@given(
    st.lists(st.sampled_from((*INTERESTING, 5, 6, 9)) | st.integers(0, 0xFFFFFFFF), max_size=60),
    st.binary(max_size=20),
    st.sampled_from("<>"),
)
@settings(max_examples=300)
def test_any_words_as_types(words: list[int], strings: bytes, order: str) -> None:
    """Words of any kind behind a header that is right."""
    strings = b"\0" + strings + b"\0"
    packed = struct.pack(f"{order}{len(words)}I", *words)
    head = struct.pack(
        order + "HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(packed), len(packed), len(strings)
    )
    try:
        btf = Btf(head + packed + strings)
    except FormatError:
        return
    read_types(btf)


TYPE = st.tuples(
    st.integers(0, 24),
    st.sampled_from(range(1, 20)),
    st.booleans(),
    st.lists(st.integers(0, 40), max_size=4),
    st.integers(0, 40) | st.sampled_from(INTERESTING),
)


@given(st.lists(TYPE, max_size=40))
@settings(max_examples=300)
def test_any_graph_of_types(graph: list[tuple[int, int, bool, list[int], int]]) -> None:
    """Well-formed records that refer to each other at random: circles, nesting, wrong kinds."""
    from bpfgen.btf.kinds import ELEMENT_WORDS, INFO_WORDS

    words: list[int] = []
    for name, kind, flag, elements, third in graph:
        each = ELEMENT_WORDS[kind]
        vlen = len(elements) if each else 0
        words += [name, flag << 31 | kind << 24 | vlen, third]
        words += ([*elements, 1, 2, 3])[: INFO_WORDS[kind]]
        if each:
            words += [word for element in elements for word in (name, element, element)[:each]]
    strings = b"\0type\0key\0value\0values\0max\0"
    packed = struct.pack(f"<{len(words)}I", *words)
    head = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(packed), len(packed), len(strings))
    btf = Btf(head + packed + strings)
    assert len(btf) == len(graph) + 1
    read_types(btf)
