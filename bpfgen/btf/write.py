"""The records of :mod:`bpfgen.btf.encode` -> the bytes of BTF, as BPF_BTF_LOAD takes them.

After the encoder; what gives types to maps of the running kernel comes after it. A kernel refuses
BTF with a kind of type that it doesn't know, so that :func:`replaced` puts older ones in the place
of newer: those that libbpf puts there, so that a map is the same whoever has made it.

Source: Documentation/bpf/btf.rst, struct btf_header; libbpf's bpf_object__sanitize_btf, for kernels
from 5.10 on.
"""

from __future__ import annotations

import struct
import sys
from array import array

from bpfgen.btf import kinds
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Literal

_HEADER = "HBBIIIII"
"""magic, version, flags, hdr_len, type_off, type_len, str_off, str_len."""

_KIND_FLAG = 1 << 31

_PLACEHOLDER = b"enum64_placeholder"
"""The integer that is the type of each member of a union which an enum of 64 bits has become."""


def btf_bytes(
    records: Iterable[Sequence[int]],
    strings: bytes | bytearray,
    byteorder: Literal["little", "big"] = sys.byteorder,
) -> bytes:
    """Return BTF with *records*, the words of each type from 1 on, and the section *strings*."""
    words = array("I")
    for record in records:
        words.extend(record)
    if byteorder != sys.byteorder:
        words.byteswap()
    types = words.tobytes()
    layout = struct.Struct(("<" if byteorder == "little" else ">") + _HEADER)
    header = layout.pack(
        kinds.BTF_MAGIC,
        kinds.BTF_VERSION,
        0,
        layout.size,
        0,
        len(types),
        len(types),
        len(strings),
    )
    return header + types + bytes(strings)


def features_of(records: Iterable[Sequence[int]]) -> frozenset[str]:
    """Return what *records* have that :func:`replaced` can do without.

    By the names of :data:`bpfgen.kernel.btf_features.BTF_FEATURES`.
    """
    features = set()
    for record in records:
        kind, flag = _kind(record), record[1] & _KIND_FLAG
        if kind in _FEATURES:
            features.add(_FEATURES[kind])
        elif kind == kinds.BTF_KIND_ENUM and flag:
            features.add(SIGNED_ENUM)
    return frozenset(features)


SIGNED_ENUM = "sign of an ENUM"

_FEATURES = {
    kinds.BTF_KIND_FLOAT: "FLOAT",
    kinds.BTF_KIND_DECL_TAG: "DECL_TAG",
    kinds.BTF_KIND_TYPE_TAG: "TYPE_TAG",
    kinds.BTF_KIND_ENUM64: "ENUM64",
}

PROBES: Mapping[str, bytes] = {
    name: btf_bytes(((1, kinds.BTF_KIND_INT << 24, 4, 32), *records), b"\0x\0")
    for name, records in (
        ("FLOAT", ((1, kinds.BTF_KIND_FLOAT << 24, 4),)),
        (
            "DECL_TAG",
            (
                (1, kinds.BTF_KIND_STRUCT << 24 | 1, 4, 1, 1, 0),
                (1, kinds.BTF_KIND_DECL_TAG << 24, 2, 0xFFFFFFFF),
            ),
        ),
        (
            "TYPE_TAG",
            ((1, kinds.BTF_KIND_TYPE_TAG << 24, 1), (0, kinds.BTF_KIND_PTR << 24, 2)),
        ),
        (SIGNED_ENUM, ((1, _KIND_FLAG | kinds.BTF_KIND_ENUM << 24 | 1, 4, 1, 0),)),
        ("ENUM64", ((1, kinds.BTF_KIND_ENUM64 << 24 | 1, 8, 1, 0, 0),)),
    )
}
"""For each of these features BTF that a kernel takes exactly if it has the feature."""


def replaced(
    records: Sequence[Sequence[int]], strings: bytes | bytearray, lacking: Iterable[str]
) -> tuple[list[list[int]], bytes]:
    """Return *records* and *strings* for a kernel without the features *lacking*.

    Every type keeps its id, and its size. :func:`features_of` the result has none of *lacking*.
    """
    missing = frozenset(lacking)
    result: list[list[int]] = []
    unions: list[list[int]] = []
    for record in records:
        kind = _kind(record)
        words = list(record)
        result.append(words)
        feature = _FEATURES.get(kind)
        if feature is None:
            if kind == kinds.BTF_KIND_ENUM and SIGNED_ENUM in missing:
                words[1] &= ~_KIND_FLAG
        elif feature not in missing:
            pass
        elif kind == kinds.BTF_KIND_FLOAT:  # a struct of its size, without members or name
            words[:2] = 0, kinds.BTF_KIND_STRUCT << 24
        elif kind == kinds.BTF_KIND_DECL_TAG:  # an integer that nothing refers to
            words[1:] = kinds.BTF_KIND_INT << 24, 1, 8
        elif kind == kinds.BTF_KIND_TYPE_TAG:
            words[:2] = 0, kinds.BTF_KIND_CONST << 24
        else:
            words[1] = kinds.BTF_KIND_UNION << 24 | record[1] & 0xFFFFFF
            unions.append(words)
    section = bytes(strings)
    if unions:
        result.append([len(section), kinds.BTF_KIND_INT << 24, 1, 8])
        section += _PLACEHOLDER + b"\0"
        for union in unions:
            # The name stays; where the halves of a value were, a member has type and offset.
            union[4::3] = [len(result)] * len(union[4::3])
            union[5::3] = [0] * len(union[5::3])
    return result, section


def _kind(record: Sequence[int]) -> int:
    return record[1] >> 24 & 0x7F
