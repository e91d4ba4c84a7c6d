"""Records of a ring buffer, read as they come.

The kernel shares the memory (:mod:`ring_memory`). Reading a record moves the reader's position,
which all readers of a ring buffer share: a record goes to one of them.

A record's length is written last, and the reader's position is moved when a record has been copied;
:mod:`fence` keeps the two in order.

Source: kernel/bpf/ringbuf.c, __bpf_ringbuf_reserve, bpf_ringbuf_commit and ringbuf_map_poll_kern;
tools/lib/bpf/ringbuf.c, ringbuf_process_ring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfgen.kernel.map_flags import flag_names
from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.live.closing import Closing
from bpfgen.live.ring_memory import HEADER, RingMemory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.map import Map

OVERWRITES = "BPF_F_RB_OVERWRITE"
"""The flag of a ring buffer whose oldest records make room for new ones (Linux 6.19)."""

_BUSY = 1 << 31
"""Of a length: the record is being written (BPF_RINGBUF_BUSY_BIT)."""

_DISCARDED = 1 << 30
"""Of a length: the writer gave the record up (BPF_RINGBUF_DISCARD_BIT)."""

_PAUSE = 0.001
"""Seconds between two looks at a record that is being written, which takes far less."""


class RingReader(Closing):
    """The records of a `ringbuf` map, as bytes.

    Attributes:
        map: The ring buffer; it isn't closed with the reader.
    """

    def __init__(self, map: Map) -> None:
        """Map the memory of *map*, which was opened for reading and writing.

        Raises:
            ValueError: It is no ring buffer, or one with BPF_F_RB_OVERWRITE.
            OSError: The kernel doesn't let the memory be mapped.
        """
        kind = map.info.kind
        if kind is None or MAP_OPERATIONS[kind.name].records != "ringbuf":
            raise ValueError(f"{map.info} is of kind `{map.info.kind_name}`, not a ring buffer")
        if OVERWRITES in flag_names(map.info.map_flags):
            raise ValueError(
                f"{map.info} has {OVERWRITES}: a record may be overwritten while it is read"
            )
        self.map = map
        self._memory = RingMemory(map)

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()

    def fileno(self) -> int:
        """Return the descriptor that is readable when there is a record, for `selectors`."""
        return self.map.fileno()

    def read(self) -> bytes | None:
        """Return the next record, without waiting; None if there is none.

        A record that is being written, and whatever comes after it, isn't there yet.

        Raises:
            ValueError: The reader was closed.
        """
        memory = self._memory
        fence = memory.fence
        position = memory.consumer[0]
        end = memory.producer[0]
        while position != end:
            fence.pass_()
            offset = position & memory.size - 1
            header = memory.headers[offset // 4]
            if header & _BUSY:
                return None
            fence.pass_()
            length = header & ~_DISCARDED
            record = bytes(memory.data[offset + HEADER : offset + HEADER + length])
            position = position + (length + HEADER + 7 & ~7) & memory.wrap
            fence.pass_()
            memory.consumer[0] = position
            if not header & _DISCARDED:
                return record
        return None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until there is a record, *timeout* seconds at most; return whether there is one.

        One that is being written counts.
        """
        from select import POLLIN, poll

        # Not epoll: poll looks at the positions itself, so that no wake-up can be missed.
        waiting = poll()
        with self.map.in_use() as fd:
            waiting.register(fd, POLLIN)
            return bool(waiting.poll(None if timeout is None else max(timeout, 0) * 1000))

    def records(self, timeout: float | None = None) -> Iterator[bytes]:
        """Yield records as they come, until none comes for *timeout* seconds; for ever with None.

        With 0 it yields what is there.
        """
        from time import sleep

        while True:
            record = self.read()
            if record is not None:
                yield record
            elif not self.wait(timeout):
                return
            elif (record := self.read()) is not None:
                yield record
            else:
                sleep(_PAUSE)
