"""All that is in a map, as raw bytes in batches: what `bpfgen dump` prints.

After :mod:`walk`, for whoever has a million elements: keys and values stay in one piece for each
call of the kernel's. Nothing here writes to a map or takes anything out of it.

Source: kernel/bpf/syscall.c, map_lookup_elem and map_get_next_key; the struct bpf_map_ops of each
kind says which of these it has.
"""

from __future__ import annotations

import struct
import time
from contextlib import suppress
from errno import ENOENT

from bpfgen.live.batches import Batch, UnknownBatchError, count_at_once
from bpfgen.live.syscall import LOOKUP_ELEM, failure
from bpfgen.live.walk import batches_of, walked_keys
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.elements import Elements

_LOOKUP = struct.Struct("=IIQQQ")
"""map_fd, padding, key, value, flags."""

_SECONDS = 0.5
"""How long elements wait for others of their batch, where the kernel is slow."""


def contents_of(map: Elements) -> Iterator[Batch]:
    """Yield what is in *map*, each element once, while elements may come and go.

    It is no snapshot. Empty slots of an array of descriptors are left out. A map without keys
    (a queue, a stack) gives its next element, which stays there.

    Raises:
        OSError: The kind has no keys that could be listed, or no values that could be read.
        IncompleteError: Elements went faster than they were read; those before are all right.
    """
    if not map.info.key_size:
        value = map.lookup()
        if value is not None:
            yield Batch(1, b"", value)
        return
    with suppress(UnknownBatchError):
        yield from batches_of(map)
        return
    yield from _gathered(map)


def _gathered(map: Elements) -> Iterator[Batch]:
    """Yield the elements of a map that has no batches, which are asked for one by one."""
    most = count_at_once(map.info.key_size + map.value_length)
    keys: list[bytes] = []
    values: list[bytes] = []
    began = time.monotonic()
    for key, value in _one_by_one(map):
        keys.append(key)
        values.append(value)
        if len(keys) >= most or time.monotonic() - began > _SECONDS:
            yield Batch(len(keys), b"".join(keys), b"".join(values))
            keys.clear()
            values.clear()
            began = time.monotonic()
    if keys:
        yield Batch(len(keys), b"".join(keys), b"".join(values))


def _one_by_one(map: Elements) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of the elements, through buffers that are used again and again."""
    bpf, length, key_size = map.bpf, map.value_length, map.info.key_size
    key_room, value_room = bpf.room(key_size), bpf.room(length)
    attributes = bpf.room(_LOOKUP.size)
    addresses = bpf.address(key_room), bpf.address(value_room)
    # A buffer has a byte even where the kernel writes none.
    key_view = memoryview(key_room).cast("B")[:key_size]
    value_view = memoryview(value_room).cast("B")[:length]
    for key in walked_keys(map):
        key_view[:] = key
        with map.in_use() as fd:
            _LOOKUP.pack_into(attributes, 0, fd, 0, *addresses, 0)
            _, error = bpf.attempt(LOOKUP_ELEM, attributes)
        if error == ENOENT:  # an empty slot, or it went meanwhile
            continue
        if error:
            raise failure(LOOKUP_ELEM, error, str(map.info))
        yield key, value_view.tobytes()
