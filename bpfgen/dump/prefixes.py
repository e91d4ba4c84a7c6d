"""The keys of an `lpm_trie` as prefixes: `10.0.0.0/8`, `2001:db8::/32`, `0a00/12`.

Source: include/uapi/linux/bpf.h, struct bpf_lpm_trie_key: the number of bits, in the machine's byte
order, and then the bits, in that of the network.
"""

from __future__ import annotations

import struct

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LENGTH_SIZE = 4
"""Bytes of the number in front."""

_IPV4_SIZE, _IPV6_SIZE = 4, 16


def is_address(key_size: int) -> bool:
    """Return whether the data of keys of *key_size* bytes are as long as an address."""
    return key_size - LENGTH_SIZE in (_IPV4_SIZE, _IPV6_SIZE)


class Prefixes:
    """A column of keys as prefixes, all bits as they were stored."""

    def jsons(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the prefixes as JSON strings: nothing in them has to be escaped."""
        return (f'"{text}"' for text in self.texts(data, count, stride))

    def texts(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the prefixes."""
        data_text = _text_of(stride - LENGTH_SIZE)
        one = struct.Struct(f"=I{stride - LENGTH_SIZE}s")
        return (
            f"{data_text(bits)}/{length}"
            for length, bits in one.iter_unpack(data[: count * stride])
        )


def _text_of(size: int) -> Callable[[bytes], str]:
    if size == _IPV4_SIZE:
        return lambda data: f"{data[0]}.{data[1]}.{data[2]}.{data[3]}"
    if size == _IPV6_SIZE:
        from socket import AF_INET6, inet_ntop

        return lambda data: inet_ntop(AF_INET6, data)
    return bytes.hex
