"""Ring buffers and perf_event_arrays whose records are of a type of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bpfgen.live.perf_reader import PerfReader
from bpfgen.live.ring_reader import RingReader
from bpfgen.live.typed import OwnMap
from bpfgen.live.user_ring_writer import UserRingWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.map import Map

R = TypeVar("R")


class Records(OwnMap, Generic[R]):
    """A map through which programs send records of a type.

    A record that is longer than the type is cut, unless the type has an end that is flexible: a
    writer may send more, and perf_event_arrays pad.
    """

    def __init__(self, map: Map, **facts: Any) -> None:
        """Take over *map*; *facts* are those of :class:`OwnMap`."""
        super().__init__(map, **facts)
        try:
            self.reader: RingReader | PerfReader = self._reader(map)
        except BaseException:
            map.close()
            raise

    def _reader(self, map: Map) -> RingReader | PerfReader:
        raise NotImplementedError

    def close(self) -> None:
        """Give the memory back and close the map."""
        self.reader.close()
        super().close()

    def fileno(self) -> int:
        """Return a descriptor that is readable when there is a record, for `selectors`."""
        return self.reader.fileno()

    def read(self) -> R | None:
        """Return the next record, without waiting; None if there is none."""
        record = self.reader.read()
        return None if record is None else self._decoded(record)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until there is a record, *timeout* seconds at most; return whether there is one."""
        return self.reader.wait(timeout)

    def records(self, timeout: float | None = None) -> Iterator[R]:
        """Yield records as they come, until none comes for *timeout* seconds; for ever with None.

        Raises:
            ValueError: One is shorter than the type.
        """
        return (self._decoded(record) for record in self.reader.records(timeout))

    def _decoded(self, record: bytes) -> R:
        decoded: R = self._record.decode(record)
        return decoded


class RingBuffer(Records[R], Generic[R]):
    """A `ringbuf`. All who read one take records from each other: they share a position."""

    def _reader(self, map: Map) -> RingReader:
        return RingReader(map)


class PerfBuffer(Records[R], Generic[R]):
    """A `perf_event_array`, with a buffer for each CPU; whoever opens it last has the records."""

    def _reader(self, map: Map) -> PerfReader:
        return PerfReader(map)

    @property
    def lost(self) -> int:
        """How many records found no room so far, and are lost."""
        assert isinstance(self.reader, PerfReader)
        return self.reader.lost


class UserRingBuffer(OwnMap, Generic[R]):
    """A `user_ringbuf`: its records are for a program, which takes them whenever it runs."""

    def __init__(self, map: Map, **facts: Any) -> None:
        """Take over *map*; *facts* are those of :class:`OwnMap`."""
        super().__init__(map, **facts)
        try:
            self.writer = UserRingWriter(map)
        except BaseException:
            map.close()
            raise

    def close(self) -> None:
        """Give the memory back and close the map."""
        self.writer.close()
        super().close()

    def send(self, record: R) -> bool:
        """Send *record*; return False where there is no room for it now."""
        return self.writer.send(self._record.encode(record))
