"""Going through the elements of a map that changes meanwhile: each once, and an end in any case.

A key that is gone sends the kernel's GET_NEXT_KEY back to the first one, for most kinds and without
a word; whoever goes on sees keys twice, or for ever. So keys that were seen are remembered, and the
steps are bounded. Batches of a hash name the bucket to go on with, and have none of that.

Source: kernel/bpf/hashtab.c, htab_map_get_next_key; kernel/bpf/lpm_trie.c, trie_get_next_key.
"""

from __future__ import annotations

import sys

from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.live.batches import UnknownBatchError, read
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.elements import Elements

_STEPS = 4
"""How often the whole map is gone through, at most."""

_MORE_STEPS = 1000
"""And so many steps more, for small maps."""


def items_of(map: Elements) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of the elements; see :meth:`bpfgen.live.map.Map.items`."""
    # What goes on after a key that is gone begins anew: all but a hash and an array.
    kind = map.info.kind
    is_exact = kind is not None and (kind.indexed or kind.compared_by == "lookup_elem_raw")
    seen: set[bytes] = set()
    steps = 0
    try:
        for item in read(map):
            if not is_exact:
                steps += 1
                _check(map, steps)
                if item is None or item[0] in seen:
                    continue
                seen.add(item[0])
            if item is not None:
                yield item
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
    key = map.next_key()
    steps = 0
    while key is not None:
        steps += 1
        _check(map, steps)
        following = map.next_key(key)
        if key not in seen:
            seen.add(key)
            yield key
        key = following


def _check(map: Elements, steps: int) -> None:
    """Raise a RuntimeError where so many *steps* are too many for *map*."""
    if steps > _STEPS * map.info.max_entries + _MORE_STEPS:
        raise RuntimeError(
            f"{map.info}: elements are deleted faster than they can be read; "
            f"some were not seen after {steps} steps"
        )
