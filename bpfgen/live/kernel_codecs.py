"""Codecs by the types that the kernel has of a map, for :func:`bpfgen.live.open`.

What reads types is imported here, and this module only when a map is opened without a source's.
"""

from __future__ import annotations

import sys

from bpfgen.live.codec import Codec
from bpfgen.live.running import running_map
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.values.access import access_of
from bpfgen.values.sections import type_of
from bpfgen.values.shapes import Raw, shape_of

if TYPE_CHECKING:
    from typing import Any

    from bpfgen.ctype.types import Type
    from bpfgen.live.map import Map


class KernelCodecs(Record):
    """How keys and values of a map are made of bytes; None where the kernel has no type of them."""

    key: Codec[Any] | None
    value: Codec[Any] | None


def codecs_of(map: Map) -> KernelCodecs:
    """Return the codecs by the kernel's types of *map*, where it has some and one may read them.

    Raises:
        OSError: One may not ask anything of the map.
    """
    running = running_map(map)
    types = running.types
    if types is None:
        return KernelCodecs(None, None)
    key = type_of(types, running.key_type_id, running.key_size)
    value = type_of(types, running.value_type_id, running.value_size)
    return KernelCodecs(
        codec_by(key, running.key_size, is_key=True), codec_by(value, running.value_size)
    )


def codec_by(type: Type | None, size: int, *, is_key: bool = False) -> Codec[Any] | None:
    """Return the codec of values of *type* that have *size* bytes; None where they stay bytes.

    What is read as a key can be a key of a dict, and isn't changed; what is read as a value can be.
    """
    shape = shape_of(type, size)
    if isinstance(shape, Raw):
        return None
    access = access_of(shape, sys.byteorder)
    of = bytes if is_key else bytearray

    def decode(data: bytes) -> Any:
        return access.get(of(data[:size]), 0)

    def encode(value: Any) -> bytes:
        data = bytearray(size)
        access.put(data, 0, value)
        return bytes(data)

    return Codec(size, decode, encode)
