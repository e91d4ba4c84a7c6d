"""Many elements in one call, where the kernel and the kind have that; one by one elsewhere.

Source: kernel/bpf/syscall.c, generic_map_lookup_batch, generic_map_update_batch and
generic_map_delete_batch; kernel/bpf/hashtab.c, __htab_map_lookup_and_delete_batch.
"""

from __future__ import annotations

import struct
from errno import EAGAIN, EBUSY, EDEADLK, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP, ETIMEDOUT
from itertools import islice

from bpfgen.live.syscall import DELETE_BATCH, ENOTSUPP, LOOKUP_BATCH, UPDATE_BATCH, failure
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from bpfgen.live.elements import Elements
    from bpfgen.live.syscall import Command

_MOST = 1024
"""Elements of one call."""

_BYTES = 1 << 20
"""Of keys and values in one call, more or less."""

_ATTRIBUTES = struct.Struct("=4Q2I2Q")
"""in_batch, out_batch, keys, values, count, map_fd, elem_flags, flags."""

_COUNT = 32
"""Where count is in them, which the kernel writes."""

_CURSOR = 4
"""Bytes of the cursor of a hash, whatever its keys have; that of the others is a key."""

_UNKNOWN = frozenset((EINVAL, ENOTSUPP, EOPNOTSUPP))
"""What a kernel says that doesn't know a command, or whose kind of map doesn't."""

_HELD = frozenset((EBUSY, EDEADLK, ETIMEDOUT))
"""What it says where a program holds the lock of a bucket (htab_lock_bucket)."""

_TRIES = 100
"""How often a bucket is asked for that is held."""


class Batch(Record):
    """Elements as they came from the kernel, one after the other.

    Attributes:
        count: How many they are.
        keys: Theirs, each of `key_size` bytes.
        values: Theirs, each of :attr:`bpfgen.live.elements.Elements.value_length` bytes.
    """

    count: int
    keys: bytes
    values: bytes


class Batches:
    """Calls of one command on one map."""

    __slots__ = ("_bpf", "_command", "_map")

    def __init__(self, map: Elements, command: Command) -> None:
        self._map = map
        self._command = command
        self._bpf = map.bpf

    def call(
        self, keys: Any, values: Any, count: int, before: Any = None, after: Any = None
    ) -> tuple[int, int]:
        """Return how many elements were done, and the errno; buffers that are None are absent.

        Raises:
            UnknownBatchError: The kernel, or the kind of map, doesn't have the command.
        """
        addresses = [
            0 if buffer is None else self._bpf.address(buffer)
            for buffer in (before, after, keys, values)
        ]
        with self._map.in_use() as fd:
            attributes = self._bpf.buffer(_ATTRIBUTES.pack(*addresses, count, fd, 0, 0))
            _, error = self._bpf.attempt(self._command, attributes)
        done: int = struct.unpack_from("=I", attributes.raw, _COUNT)[0]
        if error and error != ENOENT and done == count:
            # It never got going, and the kernel wrote no count: one that does counts from 0, and
            # only a walk that is through (ENOENT) may have as many as were asked for.
            if error in _UNKNOWN:
                raise UnknownBatchError
            done = 0
        return done, error


class UnknownBatchError(Exception):
    """The kernel, or the kind of map, doesn't have this batch."""


def count_at_once(size: int) -> int:
    """Return how many elements to handle in one call that hands over *size* bytes of each."""
    return max(1, min(_MOST, _BYTES // max(size, 1)))


def read(map: Elements) -> Iterator[Batch | None]:
    """Yield the elements, None where a kind begins anew.

    Raises:
        UnknownBatchError: There is no such command for this map; nothing was yielded.
        OSError: The kernel refuses it for another reason.
    """
    batches, bpf = Batches(map, LOOKUP_BATCH), map.bpf
    key_size, value_length = map.info.key_size, map.value_length
    count = count_at_once(key_size + value_length)
    before: Any = None
    tries = 0
    while True:
        keys, values = bpf.room(count * key_size), bpf.room(count * value_length)
        after = bpf.room(max(_CURSOR, key_size))
        done, error = batches.call(keys, values, count, before, after)
        if error == ENOSPC and count <= map.info.max_entries:
            # The next bucket has more elements than there is room for.
            before = after
            count *= 2
            continue
        if error == EAGAIN:  # the key to go on with was deleted
            before = None
            yield None
            continue
        tries = tries + 1 if error in _HELD and not done else 0
        if error and error != ENOENT and (error not in _HELD or tries > _TRIES):
            raise failure(LOOKUP_BATCH, error, str(map.info))
        if done:
            yield Batch(done, keys.raw[: done * key_size], values.raw[: done * value_length])
        if error == ENOENT:
            return
        before = after


def update_many(map: Elements, items: Iterable[tuple[bytes, bytes]]) -> None:
    """Put each value under its key."""
    bpf, batches = map.bpf, Batches(map, UPDATE_BATCH)
    pending = iter(items)
    at_once = count_at_once(map.info.key_size + map.value_length)
    updated = 0
    while chunk := list(islice(pending, at_once)):
        for key, value in chunk:
            map.check_key(key)
            map.check_value(value)
        keys = bpf.buffer(b"".join(key for key, _ in chunk))
        values = bpf.buffer(b"".join(value for _, value in chunk))
        try:
            done, error = batches.call(keys, values, len(chunk))
        except UnknownBatchError:
            for key, value in chunk:
                map.update(key, value)
            done, error = len(chunk), 0
        updated += done
        if error:
            raise failure(UPDATE_BATCH, error, f"{map.info}, after {updated} of the elements")


def delete_many(map: Elements, keys: Iterable[bytes]) -> int:
    """Remove what is under each of *keys*; return how many of them were there."""
    bpf, batches = map.bpf, Batches(map, DELETE_BATCH)
    pending = iter(keys)
    at_once = count_at_once(map.info.key_size)
    deleted = 0
    chunk: list[bytes] = []
    while chunk := chunk or list(islice(pending, at_once)):
        for key in chunk:
            map.check_key(key)
        try:
            done, error = batches.call(bpf.buffer(b"".join(chunk)), None, len(chunk))
        except UnknownBatchError:
            deleted += sum(map.delete(key) for key in chunk)
            chunk = []
            continue
        deleted += done
        if error and error != ENOENT:
            raise failure(DELETE_BATCH, error, f"{map.info}, after {deleted} of the elements")
        chunk = chunk[done + 1 :]  # the next one wasn't there
    return deleted
