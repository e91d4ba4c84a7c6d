"""Records for a program of the kernel, written to a user_ringbuf.

The memory is that of a ring buffer with the parts of its two sides exchanged: the page with the
kernel's position may be read, the one with the writer's and the data written. The program takes the
records out with bpf_user_ringbuf_drain(), whenever it runs.

Source: kernel/bpf/ringbuf.c, __bpf_user_ringbuf_peek and ringbuf_map_mmap_user;
tools/lib/bpf/ringbuf.c, user_ring_buffer__reserve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.live.closing import Closing
from bpfgen.live.ring_memory import HEADER, RingMemory

if TYPE_CHECKING:
    from bpfgen.live.map import Map


class UserRingWriter(Closing):
    """Writes records to a `user_ringbuf` map, as bytes. Two writers of one map must take turns.

    Attributes:
        map: The ring buffer; it isn't closed with the writer.
    """

    def __init__(self, map: Map) -> None:
        """Map the memory of *map*, which was opened for reading and writing.

        Raises:
            ValueError: It is no user_ringbuf.
            OSError: The kernel doesn't let the memory be mapped.
        """
        kind = map.info.kind
        if kind is None or MAP_OPERATIONS[kind.name].records != "user_ringbuf":
            raise ValueError(f"{map.info} is of kind `{map.info.kind_name}`, no user_ringbuf")
        self.map = map
        self._memory = RingMemory(map, is_writer=True)

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()

    def fileno(self) -> int:
        """Return the descriptor that is writable when there is room, for `selectors`."""
        return self.map.fileno()

    def send(self, record: bytes) -> bool:
        """Send *record*; return False where there is no room for it now.

        Raises:
            ValueError: There never will be: it is longer than the buffer. Or the writer was closed.
        """
        memory = self._memory
        length = HEADER + (len(record) + 7 & ~7)
        if length > memory.size:
            raise ValueError(f"a record of {len(record)} bytes is too long for {self.map.info}")
        position = memory.producer[0]
        if length > memory.size - (position - memory.consumer[0] & memory.wrap):
            return False
        memory.fence.pass_()
        offset = position & memory.size - 1
        memory.headers[offset // 4] = len(record)
        memory.headers[offset // 4 + 1] = 0
        memory.data[offset + HEADER : offset + HEADER + len(record)] = record
        memory.fence.pass_()
        memory.producer[0] = position + length & memory.wrap
        return True
