"""Going through the elements of a map that changes meanwhile: each once, and an end in any case.

A key that is gone sends the kernel's GET_NEXT_KEY back to the first one, for most kinds and without
a word; whoever goes on sees keys twice, or for ever. So keys that were seen are remembered, and the
steps are bounded. Batches of a hash name the bucket to go on with, and have none of that.

Source: kernel/bpf/hashtab.c, htab_map_get_next_key; kernel/bpf/lpm_trie.c, trie_get_next_key.
"""

from __future__ import annotations

import struct
import sys
from errno import ENOENT

from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.live.batches import Batch, UnknownBatchError, read
from bpfgen.live.syscall import GET_NEXT_KEY, failure
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.elements import Elements

_NEXT = struct.Struct("=IIQQ")
"""map_fd, padding, key, next_key."""

_STEPS = 4
"""How often the whole map is gone through, at most."""

_MORE_STEPS = 1000
"""And so many steps more, for small maps."""


class IncompleteError(RuntimeError):
    """Elements were deleted faster than they could be read: some were not seen."""


def batches_of(map: Elements) -> Iterator[Batch]:
    """Yield the elements in batches, each once; see :meth:`bpfgen.live.map.Map.items`.

    Raises:
        UnknownBatchError: The kernel has no batches of this map; nothing was yielded.
        IncompleteError: Elements went faster than they were read.
    """
    # What goes on after a key that is gone begins anew: all but a hash and an array.
    kind = map.info.kind
    is_exact = kind is not None and (kind.indexed or kind.compared_by == "lookup_elem_raw")
    seen: set[bytes] = set()
    steps = 0
    for batch in read(map):
        if is_exact:
            if batch is not None:
                yield batch
            continue
        steps += 1 if batch is None else batch.count
        _check(map, steps)
        if batch is not None and (rest := _unseen(batch, map.info.key_size, seen)).count:
            yield rest


def _unseen(batch: Batch, key_size: int, seen: set[bytes]) -> Batch:
    """Return what of *batch* has keys that are not among *seen*, to which they are added."""
    keys = _pieces(batch.keys, key_size, batch.count)
    before = len(seen)
    if seen.isdisjoint(keys):
        seen.update(keys)
        if len(seen) == before + batch.count:
            return batch
        seen.difference_update(keys)  # one is there twice
    size = len(batch.values) // batch.count
    kept: list[int] = []
    for at, key in enumerate(keys):
        if key not in seen:
            seen.add(key)
            kept.append(at)
    return Batch(
        len(kept),
        b"".join(keys[at] for at in kept),
        b"".join(batch.values[at * size : (at + 1) * size] for at in kept),
    )


def _pieces(data: bytes, size: int, count: int) -> list[bytes]:
    """Return the *count* pieces of *data*, each of *size* bytes."""
    return [data[at : at + size] for at in range(0, count * size, size)]


def items_of(map: Elements) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of the elements; see :meth:`bpfgen.live.map.Map.items`."""
    key_size, value_length = map.info.key_size, map.value_length
    try:
        for batch in batches_of(map):
            count = batch.count
            keys = _pieces(batch.keys, key_size, count)
            yield from zip(keys, _pieces(batch.values, value_length, count), strict=True)
    except UnknownBatchError:
        for key in walked_keys(map):
            value = map.lookup(key)
            if value is not None:
                yield key, value


def keys_of(map: Elements) -> Iterator[bytes]:
    """Yield the keys; see :meth:`bpfgen.live.map.Map.keys`."""
    kind = map.info.kind
    if kind is not None and not kind.indexed and MAP_OPERATIONS[kind.name].lookup:
        for key, _ in items_of(map):
            yield key
    else:
        yield from walked_keys(map)


def walked_keys(map: Elements) -> Iterator[bytes]:
    """Yield the keys, one call each.

    The next one is asked for before a key is handed out, so that it may be deleted at once.
    """
    kind = map.info.kind
    if kind is not None and kind.indexed:
        for index in range(map.info.max_entries):
            yield index.to_bytes(map.info.key_size, sys.byteorder)
        return
    seen: set[bytes] = set()
    following = _in_kernels_order(map)
    key = next(following, None)
    steps = 0
    while key is not None:
        steps += 1
        _check(map, steps)
        after = next(following, None)
        if key not in seen:
            seen.add(key)
            yield key
        key = after


def _in_kernels_order(map: Elements) -> Iterator[bytes]:
    """Yield what the kernel gives as the next key, again and again, in a buffer that is used again.

    The kernel reads the key before and writes the next one to the same place.
    """
    bpf, size = map.bpf, map.info.key_size
    room, attributes = bpf.room(size), bpf.room(_NEXT.size)
    view = memoryview(room).cast("B")[:size]
    before, address = 0, bpf.address(room)
    while True:
        with map.in_use() as fd:
            _NEXT.pack_into(attributes, 0, fd, 0, before, address)
            _, error = bpf.attempt(GET_NEXT_KEY, attributes)
        if error == ENOENT:
            return
        if error:
            raise failure(GET_NEXT_KEY, error, str(map.info))
        yield view.tobytes()
        before = address


def _check(map: Elements, steps: int) -> None:
    """Raise an IncompleteError where so many *steps* are too many for *map*."""
    if steps > _STEPS * map.info.max_entries + _MORE_STEPS:
        raise IncompleteError(
            f"{map.info}: elements are deleted faster than they can be read; "
            f"some were not seen after {steps} steps"
        )
