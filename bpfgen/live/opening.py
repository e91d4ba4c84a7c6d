"""Which class a map of each kind is opened with, by a source's types or by the kernel's."""

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
from bpfgen.live.map import Map, open_map
from bpfgen.live.records import PerfBuffer, RingBuffer, UserRingBuffer
from bpfgen.live.typed import BloomFilter, MapOfMaps, PerCpuMap, Queue, TypedMap
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    import os
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
        access: See :func:`bpfgen.live.open_map`.

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


def open(source: Source, *, access: Access = "rw") -> Any:
    """Return a map of the running kernel with the types that the kernel has of it.

    Its class is that of its kind, a :class:`TypedMap` of most, which no type checker can know.
    Structs and unions are :class:`~bpfgen.values.views.View`, arrays
    :class:`~bpfgen.values.views.Items`, a `char[N]` is bytes up to the NUL; a dict does for a
    struct that is given. Where the kernel has no types of the map, or one may not read them,
    elements are bytes: `has_types` says so.

    Args:
        source: A path below a BPF filesystem, an id, `id:42`, `name:flows`, or an open map, which
            is closed with this object.
        access: See :func:`bpfgen.live.open_map`.

    Raises:
        NotImplementedError: A map of its kind has nothing to be read or written here.
        OSError: There is none, or several have that name, or one may not open it.
    """
    map = source if isinstance(source, Map) else _opened(source, access)
    try:
        own = _class_for(map)
        from bpfgen.live.kernel_codecs import codecs_of  # generated code has types of its own

        codecs = codecs_of(map)
    except BaseException:
        map.close()
        raise
    return own.by_kernel(map, codecs)


def _class_for(map: Map) -> type[OwnMap]:
    info = map.info
    own = None if info.kind is None else class_of(info.kind.name)
    if own is None:
        raise NotImplementedError(
            f"{info}: there is no typed access to a map of kind `{info.kind_name}`"
        )
    return own


def _opened(source: str | os.PathLike[str] | int, access: Access) -> Map:
    if not isinstance(source, str):
        return open_map(source, access=access)
    from bpfgen.live.places import opened, place_of

    place = place_of(source)
    return open_map(source, access=access) if place is None else opened(place, access)
