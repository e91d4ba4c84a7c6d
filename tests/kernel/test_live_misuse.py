"""What would be memory damage, or an error without a word, if `bpfgen.live` let it pass."""

from __future__ import annotations

import copy
import ctypes
import errno
import gc
import os
import pickle
import struct
import sys
import threading
from array import array
from contextlib import nullcontext
from errno import EBADF, EPERM
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen import live
from bpfgen.cli import main
from bpfgen.kernel.map_kinds import KINDS_BY_NUMBER, MAP_KINDS
from bpfgen.live import info
from bpfgen.live.codec import codec_of
from bpfgen.live.syscall import LOOKUP_BATCH, LOOKUP_ELEM, UPDATE_BATCH, Bpf
from tests.kernel.bpf_syscall import create_map
from tests.kernel.test_live import number, taken
from tests.tools import require_root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bpfgen.live.descriptor import Descriptor
    from bpfgen.live.syscall import Command

pytestmark = pytest.mark.kernel

ELEMENT = {LOOKUP_ELEM: "=I", LOOKUP_BATCH: "=36xI", UPDATE_BATCH: "=36xI"}
"""Where the descriptor is in the attributes of a command."""


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()


@pytest.mark.parametrize(
    ("command", "use"),
    [
        (LOOKUP_ELEM, lambda own: own.lookup(number(0)) == number(7)),
        (LOOKUP_BATCH, lambda own: list(own.items()) == [(number(0), number(7))]),
        (UPDATE_BATCH, lambda own: own.update_many([(number(0), number(7))]) is None),
    ],
)
def test_a_map_that_is_closed_while_the_kernel_is_asked(
    command: Command, use: Callable[[live.Map], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call gets its answer; its descriptor is closed after it, and nobody has it before."""
    seen: list[tuple[int, int]] = []
    attempt = Bpf.attempt

    def closing(bpf: Bpf, asked: Command, attributes: Any) -> tuple[int, int]:
        if asked is command:
            (fd,) = struct.unpack_from(ELEMENT[command], bytes(attributes))
            map.close()
            assert str(map.info) in repr(map)
            assert "closed" in repr(map)
            seen.append((fd, other := os.dup(made.fd)))
            os.close(other)
        return attempt(bpf, asked, attributes)

    with create_map(2, key_size=4, value_size=4, max_entries=1) as made:
        map = taken(made)
        map.update(number(0), number(7))
        monkeypatch.setattr(Bpf, "attempt", closing)
        assert use(map)
        [(fd, other)] = seen
        assert other != fd
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)
        with pytest.raises(ValueError, match="was closed"):
            map.lookup(number(0))


def test_threads_that_use_a_map_while_it_is_closed_and_larger_ones_are_opened() -> None:
    """Each call is answered by its own map, or refused as closed."""
    interval = sys.getswitchinterval()
    answers: list[bytes | None] = []
    ends = False

    def read() -> None:
        while not ends:
            try:
                answer = current.lookup(number(0))
            except ValueError:
                continue
            if answer != bytes(8):
                answers.append(answer)

    with (
        create_map(2, key_size=4, value_size=8, max_entries=1) as small,
        create_map(2, key_size=4, value_size=1 << 20, max_entries=1) as large,
    ):
        current = taken(small)
        readers = [threading.Thread(target=read) for _ in range(2)]
        sys.setswitchinterval(1e-6)
        try:
            for reader in readers:
                reader.start()
            for _ in range(300):
                current.close()
                taken(large).close()
                current = taken(small)
        finally:
            ends = True
            for reader in readers:
                reader.join()
            sys.setswitchinterval(interval)
    assert not answers


def test_closing_does_not_wait_for_a_reader_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A map is closed at once while a thread waits for a record, which goes on to wait."""
    in_use = live.Map.in_use
    begun = threading.Event()

    def telling(own: live.Map) -> Descriptor:
        descriptor = in_use(own)
        begun.set()
        return descriptor

    with create_map(MAP_KINDS["ringbuf"].number, max_entries=4096) as made:
        map = taken(made)
        with live.RingReader(map) as reader:
            monkeypatch.setattr(live.Map, "in_use", telling)
            answers: list[bool] = []
            thread = threading.Thread(target=lambda: answers.append(reader.wait(0.5)))
            thread.start()
            assert begun.wait(60)
            map.close()
            assert not answers
            thread.join()
            assert answers == [False]


def test_a_kind_that_is_too_new_to_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its values may be those of all CPUs: they are neither read nor written; its keys are read."""
    kind = MAP_KINDS["percpu_hash"].number
    with create_map(kind, key_size=4, value_size=64, max_entries=4) as made:
        known = taken(made)
        known.update(number(1), bytes(known.value_length))
        rest = {number: row for number, row in KINDS_BY_NUMBER.items() if number != kind}
        monkeypatch.setattr(info, "KINDS_BY_NUMBER", rest)
        map = taken(made)
        for operation in (
            lambda: map.lookup(number(1)),
            lambda: map.take(number(1)),
            lambda: map.update(number(1), bytes(64)),
            lambda: map.update_many([(number(1), bytes(64))]),
            lambda: map.may_contain(bytes(64)),
            lambda: list(map.items()),
        ):
            with pytest.raises(NotImplementedError, match="newer than this bpfgen"):
                operation()
        assert list(map.keys()) == [number(1)]
        assert map.delete_many([number(1), number(2)]) == 1
        assert list(map.keys()) == []


class Nothing(ctypes.Structure):
    """A type without bytes, of which an array has a length all the same."""


@pytest.mark.parametrize("data", [array("I", range(4)), (Nothing * 4)(), bytearray(4), "four", 4])
def test_keys_and_values_are_bytes(data: Any) -> None:
    """What has the length of a key and isn't bytes is refused, one by one and in batches."""
    with create_map(1, key_size=4, value_size=4, max_entries=4) as made:
        map = taken(made)
        for operation in (
            lambda: map.update(data, bytes(4)),
            lambda: map.update(bytes(4), data),
            lambda: map.lookup(data),
            lambda: map.delete(data),
            lambda: map.next_key(data),
            lambda: map.update_many([(bytes(4), bytes(4)), (data, bytes(4))]),
            lambda: map.update_many([(bytes(4), data)]),
            lambda: map.delete_many([data]),
        ):
            with pytest.raises(TypeError, match="given as bytes, and this is of type"):
                operation()
        assert list(map) == []
        with pytest.raises(ValueError, match="has 4 bytes, and 5 given"):
            map.update_many([(bytes(5), bytes(4)), (bytes(3), bytes(4))])


@pytest.mark.parametrize("id", [-1, 1 << 32, 1 << 40])
def test_what_is_no_id(id: int) -> None:
    """An id that no map can have is refused before the kernel is asked."""
    with pytest.raises(ValueError, match="the id of a map is a number of 32 bits"):
        live.open_map(id)


def test_a_bool_is_no_id() -> None:
    """Where True would be the map with the id 1."""
    id: int = True
    for opened in (live.open, live.open_map):
        with pytest.raises(TypeError, match="by a path or an id: not by True"):
            opened(id)


@pytest.mark.parametrize("flags", [-1, 1 << 64])
def test_what_are_no_flags(flags: int) -> None:
    """Flags that the kernel has no room for are named, with those that there are."""
    with create_map(1, key_size=4, value_size=4, max_entries=4) as made:
        map = taken(made)
        why = f"ANY, NOEXIST, EXIST or LOCK.*: not {flags}"
        with pytest.raises(ValueError, match=why):
            map.update(bytes(4), bytes(4), flags)
        with pytest.raises(ValueError, match=why):
            map.lookup(bytes(4), flags)
        with pytest.raises(ValueError, match=why):
            map.take(bytes(4), flags)


@pytest.mark.parametrize("why", ["frozen", "read-only", "no descriptor"])
@pytest.mark.parametrize("count", [1, 10, 3000])
def test_batches_that_never_got_going(
    why: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel writes no count then, and what it was given isn't what was done."""
    elements = [(number(at), bytes(4)) for at in range(count)]
    with create_map(1, key_size=4, value_size=4, max_entries=3000) as made:
        map = taken(made)
        if why == "frozen":
            map.freeze()
        elif why == "read-only":
            map = live.open_map(map.info.id, access="r")
        else:
            monkeypatch.setattr(live.Map, "in_use", lambda _map: nullcontext(1 << 20))
        for use in (
            lambda: map.update_many(elements),
            lambda: map.delete_many(key for key, _ in elements),
        ):
            with pytest.raises(OSError, match="after 0 of the elements: ") as refused:
                use()
            assert refused.value.errno == (EBADF if why == "no descriptor" else EPERM)


def test_batches_count_what_was_done() -> None:
    """Of all elements, not of those of one call."""
    elements = [(number(at), bytes(4)) for at in range(3000)]
    with create_map(1, key_size=4, value_size=4, max_entries=2500) as made:
        map = taken(made)
        with pytest.raises(OSError, match="after 2500 of the elements: it is full"):
            map.update_many(elements)
        assert len(list(map.keys())) == 2500


def test_the_kernels_own_lists_are_no_maps(pins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands at the path is said, where the kernel says that there is no such file."""
    if not (pins / "maps.debug").exists():
        pytest.skip("this kernel lists no maps in a BPF filesystem")
    for opened in (live.open, live.open_map):
        with pytest.raises(OSError, match=r"maps\.debug` is no map: it is a list of the kernel's"):
            opened(pins / "maps.debug")
    for command in ("dump", "live", "inspect"):
        assert main([command, str(pins / "maps.debug")]) == 1
        said = capsys.readouterr().err
        assert "no map is pinned there: it is a list of the kernel's own" in said


def test_what_is_no_access() -> None:
    """The words for `access` are named."""
    with pytest.raises(ValueError, match="`access` is one of 'rw', 'r', 'w': not 'x'"):
        live.open_map(1, access="x")  # type: ignore[arg-type]


@pytest.mark.parametrize("fd", [-1, 1 << 31, 1 << 40, (1 << 31) - 1])
def test_what_is_no_descriptor(fd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an OSError, and nothing is printed when the object goes."""
    ignored: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    with pytest.raises(OSError, match=r"no descriptor|BPF_OBJ_GET_INFO_BY_FD of descriptor"):
        live.Map(fd)
    assert not ignored


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_copy_would_close_the_descriptor_of_another(
    copied: Callable[[object], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither an open map, bytes or typed, nor its descriptor is copied; it stays open."""
    ignored: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    with create_map(1, key_size=4, value_size=4, max_entries=4) as made:
        map = taken(made)
        typed = live.open(map)
        for one in (map, typed, map.in_use()):
            with pytest.raises(TypeError, match="can't be copied or pickled: open the map again"):
                copied(one)
        gc.collect()
        typed.map.update(number(1), number(2))
        assert map.lookup(number(1)) == number(2)
    assert not ignored


def test_a_closed_map_enters_no_block() -> None:
    """It is said by `with`, and not by the first use in the block."""
    with create_map(1, key_size=4, value_size=4, max_entries=4) as made:
        map = taken(made)
        typed = live.open(map)
        with typed:
            pass
        for one in (map, typed):
            with pytest.raises(ValueError, match="was closed"), one:
                pytest.fail("it was entered")


def test_what_is_frozen_already() -> None:
    """It is said, whatever the kernel answers; a descriptor for reading is another reason."""
    with create_map(2, key_size=4, value_size=4, max_entries=4) as made:
        map = taken(made)
        with live.open_map(map.info.id, access="r") as reader:
            with pytest.raises(PermissionError, match="the descriptor is read-only"):
                reader.freeze()
            map.freeze()
            for one in (map, reader):
                with pytest.raises(OSError, match="it is frozen already") as refused:
                    one.freeze()
                assert refused.value.errno in (errno.EBUSY, errno.EPERM)


def test_a_signal_that_comes_while_a_map_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exception of its handler arrives: nothing of a descriptor's end runs Python code."""
    ignored: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)

    class Ended(BaseException):
        pass

    def end(event: str, _arguments: object) -> None:
        if event == "call":
            raise Ended

    descriptor: Descriptor | None = None
    with create_map(1, key_size=4, value_size=4, max_entries=4) as made:
        descriptor = taken(made).in_use()
        with descriptor as fd:
            pass
        sys.setprofile(lambda _frame, event, argument: end(event, argument))
        try:
            descriptor = None
        finally:
            sys.setprofile(None)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)
    assert descriptor is None
    assert not ignored


def test_what_is_no_form() -> None:
    """The forms of a key, value or record are named."""
    with pytest.raises(TypeError, match="a form is a ctypes type, a codec, a size or None"):
        codec_of("u32")  # type: ignore[arg-type]


def test_records_of_a_closed_reader() -> None:
    """A closed reader of either kind says so."""
    with (
        create_map(27, max_entries=4096) as ring,
        create_map(4, key_size=4, value_size=4, max_entries=64) as perf,
    ):
        for reader in (live.RingReader(taken(ring)), live.PerfReader(taken(perf))):
            reader.close()
            with pytest.raises(ValueError, match=r"was closed|released"):
                reader.read()
