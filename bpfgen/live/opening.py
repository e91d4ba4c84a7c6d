"""Which class a map of each kind is opened with."""

from __future__ import annotations

from bpfgen.kernel.map_forms import (
    ELEMENTS,
    FILTER,
    MAPS,
    PER_CPU,
    PERF,
    QUEUE,
    RINGBUF,
    USER_RINGBUF,
    form_of,
)
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.live.records import PerfBuffer, RingBuffer, UserRingBuffer
from bpfgen.live.typed import BloomFilter, MapOfMaps, PerCpuMap, Queue, TypedMap
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from bpfgen.live.map import Access
    from bpfgen.live.typed import OwnMap, Source

_CLASSES: dict[str, type[OwnMap]] = {
    ELEMENTS: TypedMap,
    PER_CPU: PerCpuMap,
    MAPS: MapOfMaps,
    QUEUE: Queue,
    FILTER: BloomFilter,
    RINGBUF: RingBuffer,
    PERF: PerfBuffer,
    USER_RINGBUF: UserRingBuffer,
}


def class_of(kind: str) -> type[OwnMap] | None:
    """Return the class for maps of *kind*, libbpf's name.

    None for what has neither elements nor records: an arena.
    """
    return _CLASSES.get(form_of(MAP_KINDS[kind]))


def typed(facts: Any, source: Source, *, access: Access = "rw") -> OwnMap:
    """Return the map at a path, with an id, or an open one, as *facts* say: of whatever kind.

    Args:
        facts: See :meth:`OwnMap.of`.
        source: Where it is.
        access: See :func:`bpfgen.live.open`.

    Raises:
        MapMismatchError: It is another map.
        NotImplementedError: A map of its kind has nothing to be read or written here.
        OSError: There is none, or one may not open it.
    """
    own = class_of(facts.kind)
    if own is None:
        raise NotImplementedError(
            f"`{facts.name}`: there is no typed access to a map of kind `{facts.kind}`"
        )
    return own.of(facts, source, access=access)
