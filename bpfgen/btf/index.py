"""The bytes of BTF -> its words, its strings, and where each type begins.

BTF is a row of records of 4-byte words, without an index: the place of type N is known when types 1
to N-1 have been stepped over. One pass does that, over an array of words in the machine's own byte
order, which is the fastest thing that Python has for it.

Source: Documentation/bpf/btf.rst, "BTF Type and String Encoding"; struct btf_header.
"""

from __future__ import annotations

import sys
from array import array
from struct import iter_unpack, unpack_from

from bpfgen.btf.kinds import (
    BTF_KIND_VOID,
    BTF_MAGIC,
    BTF_VERSION,
    ELEMENT_WORDS,
    INFO_WORDS,
)
from bpfgen.elf.strings import StringTable
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from typing import Literal

_HEADER_SIZE = 24
_LAYOUT_HEADER_SIZE = 32


class TypeSection:
    """The two halves of BTF, types and strings, found by the header.

    Attributes:
        byteorder: `little` or `big`, as the magic says.
        words: The types, in words of 4 bytes.
        offsets: The index in *words* of each type, by id; the first is a stand-in for `void`.
        tops: The upper byte of each type's info, by id: BTF_KIND_*, and kind_flag as 0x80.
        strings: The names.
    """

    __slots__ = ("byteorder", "offsets", "strings", "tops", "words")

    def __init__(self, data: bytes) -> None:
        """Read the header of *data* and step over its types; FormatError as in Btf."""
        data = bytes(data)
        if len(data) < 8:
            raise FormatError("BTF is too short for its header", len(data))
        self.byteorder: Literal["little", "big"]
        if data[0] == BTF_MAGIC & 0xFF and data[1] == BTF_MAGIC >> 8:
            self.byteorder = "little"
        elif data[1] == BTF_MAGIC & 0xFF and data[0] == BTF_MAGIC >> 8:
            self.byteorder = "big"
        else:
            raise FormatError("BTF has a wrong magic number", 0)
        order = "<" if self.byteorder == "little" else ">"
        version, flags, hdr_len = unpack_from(order + "2xBBI", data)
        if version != BTF_VERSION:
            raise FormatError(f"BTF version {version} is not known", 2)
        if flags:
            raise FormatError(f"BTF flags {flags:#x} are not known", 3)
        if hdr_len < _HEADER_SIZE or hdr_len > len(data):
            raise FormatError(f"a BTF header of {hdr_len} bytes", 4)
        type_off, type_len, str_off, str_len = unpack_from(order + "8x4I", data)
        if type_off % 4 or type_len % 4:
            raise FormatError("the BTF types aren't aligned to 4 bytes", 8)
        if hdr_len + type_off + type_len > len(data):
            raise FormatError("the BTF types go past the end", 8)
        if type_off + type_len > str_off:
            raise FormatError("the BTF types go on after the strings begin", 8)
        if hdr_len + str_off + str_len > len(data):
            raise FormatError("the BTF strings go past the end", 16)
        strings = hdr_len + str_off
        if str_len == 0 or data[strings] != 0 or data[strings + str_len - 1] != 0:
            raise FormatError("the BTF strings don't begin and end with a NUL", strings)
        self.strings = StringTable(data, strings, str_len)
        self.words = array("I")
        types = hdr_len + type_off
        self.words.frombytes(memoryview(data)[types : types + type_len])
        if self.byteorder != sys.byteorder:
            self.words.byteswap()
        self.tops = bytearray((BTF_KIND_VOID,))
        self.offsets = _offsets(self.words, _layout(data, order, hdr_len), self.tops)


def _layout(data: bytes, order: str, hdr_len: int) -> list[tuple[int, int]]:
    """Return (words once, words per element) of each kind: ours, then those that *data* adds.

    A header of 32 bytes points to the layout section (Linux 7.1): one struct btf_layout a kind, so
    that kinds to come can be stepped over.
    """
    if hdr_len < _LAYOUT_HEADER_SIZE:
        return _KNOWN
    known = list(_KNOWN)
    layout_off, layout_len = unpack_from(order + "24x2I", data)
    if hdr_len + layout_off + layout_len > len(data):
        raise FormatError("the BTF layout section goes past the end", 24)
    table = memoryview(data)[hdr_len + layout_off : hdr_len + layout_off + layout_len // 4 * 4]
    for info_size, element_size, _flags in list(iter_unpack(order + "BBH", table))[
        len(known) : 0x80
    ]:
        if info_size % 4 or element_size % 4:
            raise FormatError("the BTF layout section has sizes that aren't words", 24)
        known.append((info_size // 4, element_size // 4))
    return known


def _steps(layout: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Return the words that a type takes, and those for each element, by the upper byte of info.

    That byte has kind and kind_flag, so that the loop below, which runs 126,000 times for a kernel,
    has one look-up a type.
    """
    once = [3 + info for info, _element in layout] + [0] * (128 - len(layout))
    each = [element for _info, element in layout] + [0] * (128 - len(layout))
    once[BTF_KIND_VOID] = 0
    return once + once, each + each


_KNOWN = list(zip(INFO_WORDS, ELEMENT_WORDS, strict=True))
_KNOWN_STEPS = _steps(_KNOWN)


def _offsets(words: array[int], layout: list[tuple[int, int]], tops: bytearray) -> array[int]:
    """Return where in *words* each type begins, by id; the first is a stand-in for `void`.

    The upper byte of each type's info is appended to *tops*.
    """
    offsets = array("I", (0,))
    append = offsets.append
    append_top = tops.append
    once, each = _KNOWN_STEPS if layout is _KNOWN else _steps(layout)
    at = 0
    end = len(words)
    # A type has three words, and an element may follow: beyond the end only in a broken section.
    last = end - 3
    while at <= last:
        info = words[at + 1]
        top = info >> 24
        step = once[top]
        if step == 0:
            raise FormatError(f"BTF kind {top & 0x7F} is not known", at * 4)
        append(at)
        append_top(top)
        elements = each[top]
        if elements:
            step += elements * (info & 0xFFFFFF)
        at += step
    if at != end:
        raise FormatError("the last BTF type is cut off", end * 4)
    return offsets
