"""The memory that user space and the kernel share of a ring buffer.

A page with the reader's position, one with the writer's, and the data, mapped twice in a row so
that no record is cut.

Source: kernel/bpf/ringbuf.c, struct bpf_ringbuf and ringbuf_map_mmap_kern.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bpfgen.live.closing import Closing
from bpfgen.live.fence import Fence

if TYPE_CHECKING:
    from mmap import mmap
    from typing import Literal

    from bpfgen.live.map import Map

HEADER = 8
"""Bytes before a record: length, and the distance to the start in pages (BPF_RINGBUF_HDR_SZ)."""

_64_BITS = ("alpha", "s390x")
"""Machines of 64 bits that aren't called so."""


class RingMemory(Closing):
    """The memory of a `ringbuf`, for its reader, or of a `user_ringbuf`, for its writer.

    Attributes:
        size: Bytes of the data, a power of two.
        wrap: The largest position; then comes 0.
        consumer: The reader's position, the first of the numbers there.
        producer: The writer's.
        data: The records, each after a header.
        headers: The same in numbers of 4 bytes.
        fence: Between an access to a position or header and one to a record.
    """

    def __init__(self, map: Map, *, is_writer: bool = False) -> None:
        """Map the memory of *map*, which was opened for reading and writing.

        Raises:
            OSError: The kernel doesn't let it be mapped.
        """
        from mmap import MAP_SHARED, PAGESIZE, PROT_READ, PROT_WRITE, mmap

        self.size = map.info.max_entries
        own, theirs = PROT_READ | PROT_WRITE, PROT_READ
        protections = (theirs, own) if is_writer else (own, theirs)
        length = PAGESIZE + 2 * self.size
        try:
            with map.in_use() as fd:
                first = mmap(fd, PAGESIZE, MAP_SHARED, protections[0])
                rest = mmap(fd, length, MAP_SHARED, protections[1], offset=PAGESIZE)
        except OSError as error:
            reason = f"mmap of {map.info}: {error.strerror}; it takes a map opened with access='rw'"
            raise OSError(error.errno, reason) from error
        # An unsigned long of the kernel's.
        machine = os.uname().machine
        word: Literal["Q", "I"] = "Q" if "64" in machine or machine in _64_BITS else "I"
        self.wrap = (1 << (64 if word == "Q" else 32)) - 1
        self.fence = Fence()
        self.consumer = memoryview(first).cast(word)
        self.producer = memoryview(rest)[:PAGESIZE].cast(word)
        self.data = memoryview(rest)[PAGESIZE:]
        self.headers = self.data.cast("I")
        self._mapped: tuple[mmap, ...] = (first, rest)

    def close(self) -> None:
        """Give the memory back."""
        for view in (self.consumer, self.producer, self.headers, self.data):
            view.release()
        for mapped in self._mapped:
            mapped.close()
        self._mapped = ()
