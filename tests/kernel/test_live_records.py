"""Records of ring buffers that a program of the kernel writes, read by `bpfgen.live`."""

from __future__ import annotations

import ctypes
import gc
import os
import selectors
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen import live
from bpfgen.kernel.map_kinds import MAP_KINDS
from tests.kernel.bpf_syscall import create_map
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import (
    clang_program,
    header_flags,
    missing,
    require,
    require_file,
    require_root,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

PROGRAM = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event { __u32 number; __u32 length; __u64 payload[16]; };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} sent SEC(".maps");

/* A record of 8 to 135 bytes; each third one is discarded, what finds no room is counted. */
SEC("xdp") int send(struct xdp_md *context)
{
	__u32 written = 0, lost = 1;
	__u32 *number = bpf_map_lookup_elem(&sent, &written);
	__u32 *dropped = bpf_map_lookup_elem(&sent, &lost);
	struct event event = {};

	if (!number || !dropped)
		return XDP_ABORTED;
	if (*number % 3 == 2) {
		struct event *given_up = bpf_ringbuf_reserve(&events, 16, 0);

		if (given_up)
			bpf_ringbuf_discard(given_up, 0);
	}
	event.number = *number;
	event.length = 8 + (*number & 127);
	for (int i = 0; i < 16; i++)
		event.payload[i] = *number * 1000ull + i;
	bpf_perf_event_output(context, &samples, BPF_F_CURRENT_CPU, &event,
		8 + (*number & 127));
	if (bpf_ringbuf_output(&events, &event, 8 + (*number & 127), 0)) {
		*dropped += 1;
		return XDP_DROP;
	}
	*number += 1;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
"""

RECEIVER = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event { __u32 number; __u32 length; };

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} orders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, __u64);
} taken SEC(".maps");

/* Of each record its number and its last byte. */
static long take(struct bpf_dynptr *record, void *context)
{
	struct event event = {};
	__u64 seen;
	__u8 last = 0;

	bpf_dynptr_read(&event, sizeof(event), record, 0, 0);
	bpf_dynptr_read(&last, 1, record, event.length - 1, 0);
	seen = (__u64)event.number << 8 | last;
	bpf_map_push_elem(&taken, &seen, 0);
	return 0;
}

SEC("xdp") int send(struct xdp_md *context)
{
	return bpf_user_ringbuf_drain(&orders, take, 0, 0) < 0 ? XDP_ABORTED : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
"""
"""The other way round: a program that takes records."""


class Event(ctypes.Structure):
    """The beginning of each record."""

    _fields_ = (("number", ctypes.c_uint32), ("length", ctypes.c_uint32))


class Loaded(NamedTuple):
    """The program, loaded."""

    pins: Path

    def send(self, count: int) -> None:
        """Have *count* records written."""
        bpftool = require("bpftool")
        packet = self.pins.parent / "packet"
        packet.write_bytes(bytes(64))
        command = [bpftool, "prog", "run", "pinned", str(self.pins / "send")]
        command += ["data_in", str(packet), "repeat", str(count)]
        subprocess.run(command, check=True, capture_output=True)

    def count(self, what: int) -> int:
        """Return how many records were written (0) or found no room (1)."""
        with live.open_map(self.pins / "sent") as sent:
            value = sent.lookup(what.to_bytes(4, sys.byteorder))
        assert value is not None
        return int.from_bytes(value, sys.byteorder)

    def samples(self) -> live.PerfBuffer[Event]:
        """Return the perf_event_array, opened anew."""
        return live.PerfBuffer[Event].open(
            self.pins / "samples", name="samples", kind="perf_event_array", record=Event
        )

    def events(self) -> live.RingBuffer[Event]:
        """Return the ring buffer, opened anew."""
        return live.RingBuffer[Event].open(
            self.pins / "events", name="events", kind="ringbuf", record=Event
        )


@pytest.fixture
def loaded(pins: Path, tmp_path: Path) -> Loaded:
    """Return the program that writes, compiled and loaded by bpftool."""
    return load(PROGRAM, pins, tmp_path)


def load(program: str, pins: Path, tmp_path: Path) -> Loaded:
    """Compile and load *program*; it and its maps are pinned below *pins*."""
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    (tmp_path / "send.bpf.c").write_text(program)
    words = [clang_program(), "-target", "bpf", "-g", "-O2", "-Wall", "-Werror", *header_flags()]
    compile_ = [*words, "-c", "send.bpf.c", "-o", "send.o"]
    subprocess.run(compile_, check=True, cwd=tmp_path)
    command = [require("bpftool"), "prog", "load", "send.o", str(pins / "send"), "type", "xdp"]
    subprocess.run([*command, "pinmaps", str(pins)], check=True, cwd=tmp_path)
    return Loaded(pins)


def expected(number: int) -> bytes:
    """Return the record that the program writes with *number*."""
    order = sys.byteorder
    length = 8 + (number & 127)
    payload = [number.to_bytes(4, order), length.to_bytes(4, order)]
    payload += [(number * 1000 + i).to_bytes(8, order) for i in range(16)]
    return b"".join(payload)[:length]


def test_every_record_comes_once_and_in_order(loaded: Loaded) -> None:
    """Records of all lengths come whole and in order, many times around the buffer.

    Given up ones are passed over; what is read makes room for what is to come.
    """
    with live.open_map(loaded.pins / "events") as map, live.RingReader(map) as reader:
        numbers = 0
        for _ in range(60):
            loaded.send(20)
            for record in reader.records(0):
                assert record == expected(numbers)
                numbers += 1
        assert numbers == loaded.count(0) == 1200
        assert loaded.count(1) == 0
        assert reader.read() is None
        assert not reader.wait(0)


def test_records_that_are_written_meanwhile(loaded: Loaded) -> None:
    """While a program writes on another CPU, what is read is whole and in order, to the last."""
    writer = threading.Thread(target=loaded.send, args=[50_000])
    with live.open_map(loaded.pins / "events") as map, live.RingReader(map) as reader:
        writer.start()
        numbers = 0
        while writer.is_alive() or reader.wait(0):
            for record in reader.records(0.001):
                assert record == expected(numbers)
                numbers += 1
        writer.join()
        assert numbers == loaded.count(0)


def test_what_finds_no_room_is_lost_and_the_rest_is_not(loaded: Loaded) -> None:
    """A buffer that nobody reads fills up; what is in it can be read, and more be written."""
    loaded.send(100)
    written, lost = loaded.count(0), loaded.count(1)
    assert written + lost == 100
    assert lost > 0
    with loaded.events() as events:
        assert events.wait(0)
        numbers = [event.number for event in events.records(0)]
        loaded.send(3)
        numbers += [event.number for event in events.records(0)]
    assert numbers == list(range(loaded.count(0)))
    assert loaded.count(1) == lost


def test_a_second_reader_goes_on_where_the_first_was(loaded: Loaded) -> None:
    """The position is the map's: a reader that comes later misses what was read, and no more."""
    loaded.send(5)
    with loaded.events() as events:
        first = [events.read(), events.read()]
        assert [event and event.number for event in first] == [0, 1]
        with loaded.events() as others:
            assert [event.number for event in others.records(0)] == [2, 3, 4]
        assert events.read() is None


def test_waiting(loaded: Loaded) -> None:
    """A wait ends with a record that comes meanwhile, or with its time; selectors see it, too."""
    with loaded.events() as events:
        assert not events.wait(0.01)
        assert list(events.records(0.01)) == []
        writer = threading.Timer(0.05, loaded.send, [2])
        writer.start()
        assert events.wait(10)
        writer.join()
        assert [event.number for event in events.records(0)] == [0, 1]
        with selectors.DefaultSelector() as selector:
            selector.register(events, selectors.EVENT_READ)
            assert selector.select(0) == []
            loaded.send(1)
            assert [key.fileobj for key, _ in selector.select(1)] == [events]


def test_samples_of_a_perf_event_array(loaded: Loaded) -> None:
    """Records come whole, padded, many times around the buffer; what is lost is counted."""
    cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [min(cpus)])  # so that the records are in order
    try:
        with live.open_map(loaded.pins / "samples") as map, live.PerfReader(map, 1) as reader:
            numbers = 0
            with live.open_map(loaded.pins / "events") as events, live.RingReader(events) as ring:
                for _ in range(40):
                    loaded.send(20)
                    assert reader.wait(0)
                    for record in reader.records(0):
                        whole = expected(numbers)
                        assert record[: len(whole)] == whole
                        assert len(record) - len(whole) < 8
                        numbers += 1
                    assert len(list(ring.records(0))) == 20
                assert (numbers, reader.lost) == (800, 0)
                loaded.send(100)
                there = len(list(reader.records(0)))
                loaded.send(1)  # says how many were lost
                assert len(list(reader.records(0))) == 1
                assert there + reader.lost == 100
                assert reader.lost > 0
    finally:
        os.sched_setaffinity(0, cpus)


def test_typed_samples(loaded: Loaded) -> None:
    """A perf_event_array has the same as a ring buffer, from whatever CPUs."""
    with loaded.samples() as samples, selectors.DefaultSelector() as selector:
        assert samples.read() is None
        assert not samples.wait(0.01)
        selector.register(samples, selectors.EVENT_READ)
        loaded.send(10)
        assert [key.fileobj for key, _ in selector.select(1)] == [samples]
        assert sorted(event.number for event in samples.records(0)) == list(range(10))
        assert samples.lost == 0
    loaded.send(10)  # nobody has them
    with loaded.samples() as samples:
        assert samples.read() is None


def test_records_for_a_program(pins: Path, tmp_path: Path) -> None:
    """A program takes what was written, whole and in order, many times around the buffer."""
    require_root()
    if MAP_KINDS["user_ringbuf"].since > running_kernel():
        missing("user_ringbuf", "isn't known to this kernel")
    loaded = load(RECEIVER, pins, tmp_path)
    with (
        live.open_map(pins / "orders") as map,
        live.UserRingWriter(map) as orders,
        live.Queue[int].open(
            pins / "taken", name="taken", kind="queue", value=ctypes.c_uint64
        ) as taken,
    ):
        number, written = 0, []
        for _ in range(30):
            for _ in range(25):
                length = 9 + number % 120
                last = number * 7 % 256
                record = bytes(Event(number, length)).ljust(length - 1, b"x") + bytes([last])
                assert orders.send(record)
                written.append(number << 8 | last)
                number += 1
            loaded.send(1)
        assert list(taken.drain()) == written
        count = 0
        while orders.send(bytes(Event(count, 8))):
            count += 1
        assert count == 4096 // 16
        loaded.send(1)
        assert len(list(taken.drain())) == count
        assert orders.send(bytes(Event(0, 8)))
        with pytest.raises(ValueError, match="a record of 4096 bytes is too long"):
            orders.send(bytes(4096))
        with pytest.raises(ValueError, match="not a ring buffer"):
            live.RingReader(map)
    with live.UserRingBuffer[Event].open(
        pins / "orders", name="orders", kind="user_ringbuf", record=Event
    ) as typed:
        assert typed.send(Event(1, 8))


def test_what_is_not_closed_is_closed_with_its_object() -> None:
    """No descriptor is left of a map or a reader that is forgotten, nor after an error."""
    require_root()

    def descriptors() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    with (
        create_map(27, max_entries=4096) as ring,
        create_map(4, key_size=4, value_size=4, max_entries=64) as perf,
    ):
        during = descriptors()
        live.RingReader(live.Map(os.dup(ring.fd)))
        live.PerfReader(live.Map(os.dup(perf.fd)))
        with pytest.raises(live.MapMismatchError):
            live.RingBuffer[bytes].open(live.Map(os.dup(perf.fd)), name="x", kind="ringbuf")
        assert descriptors() == during
    assert descriptors() == before


def test_what_is_no_ring_buffer() -> None:
    """A map of another kind, and a ring buffer that was opened for reading only, are refused."""
    require_root()
    with create_map(1, key_size=4, value_size=4, max_entries=1) as made:
        map = live.Map(os.dup(made.fd))
        with pytest.raises(ValueError, match="not a ring buffer"):
            live.RingReader(map)
        with pytest.raises(ValueError, match="no perf_event_array"):
            live.PerfReader(map)
    with create_map(4, key_size=4, value_size=4, max_entries=1) as made:
        map = live.Map(os.dup(made.fd))
        with pytest.raises(ValueError, match="a power of two of pages"):
            live.PerfReader(map, 3)
    with create_map(27, max_entries=4096) as made:
        map = live.Map(os.dup(made.fd))
        reading = live.open_map(map.info.id, access="r")
        with pytest.raises(OSError, match="opened with access='rw'"):
            live.RingReader(reading)
