"""The values of a `stack_trace`: addresses, or places in files that have a build id.

Source: kernel/bpf/stackmap.c, bpf_stackmap_extract; include/uapi/linux/bpf.h, struct
bpf_stack_build_id.
"""

from __future__ import annotations

import struct

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADDRESS = struct.Struct("=Q")
_PLACE = struct.Struct("=i20sQ")
"""status, build_id, offset or ip."""

_EMPTY, _BUILD_ID, _IP = 0, 1, 2
"""enum bpf_stack_build_id_status."""


class Addresses:
    """A column of stacks of addresses, the innermost first; zeros behind them are left out."""

    def jsons(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield a list of addresses for each stack."""
        for addresses in _stacks(data, count, stride):
            texts = (f'"0x{address:x}"' for address in addresses)
            yield f"[{', '.join(texts)}]"

    def texts(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the addresses of each stack."""
        for addresses in _stacks(data, count, stride):
            yield " ".join(f"0x{address:x}" for address in addresses) or "-"


def _stacks(data: bytes, count: int, stride: int) -> Iterator[list[int]]:
    for at in range(0, count * stride, stride):
        addresses = [one for (one,) in _ADDRESS.iter_unpack(data[at : at + stride])]
        while addresses and not addresses[-1]:
            addresses.pop()
        yield addresses


class Places:
    """A column of stacks of places in files."""

    def jsons(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield a list of objects for each stack: `build_id` and `offset`, or `address`."""
        for places in _placed(data, count, stride):
            yield f"[{', '.join(_json_place(*place) for place in places)}]"

    def texts(self, data: bytes, count: int, stride: int) -> Iterator[str]:
        """Yield the places of each stack."""
        for places in _placed(data, count, stride):
            yield " ".join(_text_place(*place) for place in places) or "-"


def _json_place(status: int, build_id: bytes, where: int) -> str:
    if status == _BUILD_ID:
        return f'{{"build_id": "{build_id.hex()}", "offset": {where}, "address": null}}'
    return f'{{"build_id": null, "offset": null, "address": "0x{where:x}"}}'


def _text_place(status: int, build_id: bytes, where: int) -> str:
    return f"{build_id.hex()}+0x{where:x}" if status == _BUILD_ID else f"0x{where:x}"


def _placed(data: bytes, count: int, stride: int) -> Iterator[list[tuple[int, bytes, int]]]:
    for at in range(0, count * stride, stride):
        found: list[tuple[int, bytes, int]] = []
        for status, build_id, where in _PLACE.iter_unpack(data[at : at + stride]):
            if status == _EMPTY:
                break
            found.append((status, build_id, where))
        yield found


def frames(map_flags: int) -> Addresses | Places:
    """Return the column for the stacks of a map that was made with *map_flags*."""
    return Places() if map_flags & MAP_FLAGS["BPF_F_STACK_BUILD_ID"].value else Addresses()
