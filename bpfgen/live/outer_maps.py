"""Which maps are in the maps of maps of the running kernel.

Before :mod:`holders`. A kernel without batches waits for its readers with every slot that is asked
for, some 20 ms of Linux 5.10, so that slots are bounded there.

Source: kernel/bpf/syscall.c, maybe_wait_bpf_programs; kernel/bpf/map_in_map.c.
"""

from __future__ import annotations

import struct
from itertools import islice

from bpfgen.live.batches import UnknownBatchError
from bpfgen.live.ids import ids_of, opened_by_id
from bpfgen.live.map import Map
from bpfgen.live.syscall import MAP_GET_FD_BY_ID
from bpfgen.live.walk import IncompleteError, batches_of, walked_keys
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.live.info import MapInfo
    from bpfgen.live.syscall import Bpf

_RDONLY = 1 << 3

_SLOTS = 256
"""How many are asked for one by one."""

_ID = struct.Struct("=I")


class OuterMaps(Record):
    """Which maps are in others.

    Attributes:
        holders: By the id of a map: the maps that it is in, by id.
        unread: The maps of maps that weren't read to their end, by id.
    """

    holders: dict[int, tuple[MapInfo, ...]]
    unread: tuple[MapInfo, ...]


def outer_maps(bpf: Bpf, step: Callable[[str], object] | None = None) -> OuterMaps:
    """Return what is in the maps of maps that there are.

    Args:
        step: Called with what is looked at next.

    Raises:
        OSError: One may not list maps, or open them: it takes CAP_SYS_ADMIN.
    """
    holders: dict[int, list[MapInfo]] = {}
    unread: list[MapInfo] = []
    for id in ids_of(bpf):
        opened = opened_by_id(bpf, MAP_GET_FD_BY_ID, id, _RDONLY)
        if opened is None:
            continue
        with Map(opened, bpf) as map:
            kind = map.info.kind
            if kind is None or not kind.of_maps:
                continue
            if step is not None:
                step(str(map.info))
            found: set[int] = set()
            try:
                found.update(inner_ids(map))
            except (OSError, IncompleteError):
                unread.append(map.info)
        for inner in found:
            holders.setdefault(inner, []).append(map.info)
    return OuterMaps({id: tuple(those) for id, those in holders.items()}, tuple(unread))


def inner_ids(map: Map) -> Iterator[int]:
    """Yield the ids of the maps in *map*, as often as they are in it.

    Raises:
        OSError: The kernel refuses it.
        IncompleteError: There were more slots than one waits for, or they changed too quickly.
    """
    try:
        for batch in batches_of(map):
            yield from struct.unpack(f"={batch.count}I", batch.values)
    except UnknownBatchError:
        keys = walked_keys(map)
        for key in islice(keys, _SLOTS):
            value = map.lookup(key)
            if value is not None:
                yield from _ID.unpack(value)
        if next(keys, None) is not None:
            raise IncompleteError(f"{map.info} has more than {_SLOTS} slots") from None
