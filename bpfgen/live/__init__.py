"""Maps of the running kernel through bpf(2): no libbpf, no compiler, no package.

After everything that compiles; it takes a map where something else has left it, by path or id.
:func:`open_map` gives a :class:`Map`, whose elements are bytes; the typed classes give those of a
source, and :func:`open` one of these by the kernel's types (docs/live.md shows all three).

In order: :mod:`syscall` is the call itself, :mod:`info` what the kernel says of a map,
:mod:`descriptor` what keeps it open, :mod:`elements` one element, :mod:`batches` and :mod:`walk`
many, :mod:`map` an open map,
:mod:`ring_reader`, :mod:`perf_reader` and :mod:`user_ring_writer` records, :mod:`fingerprint` the
kernel's types, :mod:`own` whether a map is that of a source, :mod:`codec` values instead of bytes,
:mod:`typed` and :mod:`records` maps with both, :mod:`opening` which of these a kind has,
:mod:`kernel_codecs` values by the kernel's types. Maps are made by :mod:`planned`, what libbpf
would ask for, :mod:`type_loading`, :mod:`pinning` and :mod:`creating`.

Beside them, for the command line: :mod:`places` what names a map, :mod:`running` all that the
kernel says of one, :mod:`source` a map as an object; :mod:`fdinfo`, :mod:`ids`, :mod:`programs`,
:mod:`links`, :mod:`outer_maps`, :mod:`processes` and :mod:`pins` what there is, and :mod:`holders`
which of these hold a map.
"""

from __future__ import annotations

from bpfgen.live.codec import Codec
from bpfgen.live.elements import ANY, EXIST, LOCK, NOEXIST
from bpfgen.live.fingerprint import fingerprint_of
from bpfgen.live.info import MapInfo, possible_cpus
from bpfgen.live.map import Map, open_map
from bpfgen.live.opening import class_of, open, typed
from bpfgen.live.own import MapMismatchError
from bpfgen.live.perf_reader import PerfReader
from bpfgen.live.records import PerfBuffer, RingBuffer, UserRingBuffer
from bpfgen.live.ring_reader import RingReader
from bpfgen.live.typed import BloomFilter, MapOfMaps, OwnMap, PerCpuMap, Queue, TypedMap
from bpfgen.live.user_ring_writer import UserRingWriter

__all__ = [
    "ANY",
    "EXIST",
    "LOCK",
    "NOEXIST",
    "BloomFilter",
    "Codec",
    "Map",
    "MapInfo",
    "MapMismatchError",
    "MapOfMaps",
    "OwnMap",
    "PerCpuMap",
    "PerfBuffer",
    "PerfReader",
    "Queue",
    "RingBuffer",
    "RingReader",
    "TypedMap",
    "UserRingBuffer",
    "UserRingWriter",
    "class_of",
    "fingerprint_of",
    "open",
    "open_map",
    "possible_cpus",
    "typed",
]
