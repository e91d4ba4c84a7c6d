"""Section `.BTF.ext`: what programs' instructions have to do with types. Only whether it is sound.

libbpf reads it before it looks for maps, and takes an object whose maps need BTF for broken if it
can't; what is in it is the loader's business.

Source: tools/lib/bpf/btf.c, btf_ext_parse and btf_ext_parse_sec_info; struct btf_ext_header.
"""

from __future__ import annotations

from struct import unpack_from

from bpfgen.btf.kinds import BTF_MAGIC, BTF_VERSION
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

_HEADER = 24
"""Bytes of the header up to line_info_len."""

_WITH_CORE = 32
"""Bytes of one with core_relo_off and core_relo_len."""

_PARTS = (("func_info", 8, 8), ("line_info", 16, 16), ("core_relo", 24, 16))
"""Name, where the header has offset and length, and the least bytes of a record."""


def ext_fault(data: bytes, byteorder: Literal["little", "big"]) -> str | None:
    """Return what is wrong with the section *data* of an object of *byteorder*; None if nothing."""
    order = "<" if byteorder == "little" else ">"
    if len(data) < 8:
        return "it is too short for its header"
    magic, version, flags, length = unpack_from(order + "HBBI", data)
    if magic != BTF_MAGIC:
        return "its magic number is wrong"
    if version != BTF_VERSION or flags:
        return f"version {version} with flags {flags:#x} is not known"
    if not _HEADER <= length < len(data):
        return f"a header of {length} bytes in {len(data)}"
    for name, at, least in _PARTS:
        if name == "core_relo" and length < _WITH_CORE:
            break
        offset, size = unpack_from(order + "II", data, at)
        if size:
            why = _part_fault(data, order, length, (offset, size), least)
            if why is not None:
                return f"{name}: {why}"
    return None


def _part_fault(
    data: bytes, order: str, length: int, place: tuple[int, int], least: int
) -> str | None:
    """Return what is wrong with the part at *place*, (offset after the header, size)."""
    offset, size = place
    at = length + offset
    left = size - 4
    if offset % 4:
        return "it isn't aligned to 4 bytes"
    if at + size > len(data):
        return "it goes past the end"
    if left <= 0:
        return "there are no records"
    (record,) = unpack_from(order + "I", data, at)
    if record < least or record % 4:
        return f"records of {record} bytes"
    at += 4
    while left:
        if left < 8:
            return "it is cut off"
        _section, count = unpack_from(order + "II", data, at)
        step = 8 + count * record
        if not count or step > left:
            return f"{count} records, which don't fit"
        at += step
        left -= step
    return None
