"""A map of the running kernel -> a RunningMap: all that the kernel says of it.

Several questions, of which each may be refused alone: the map's info, its fdinfo, its BTF, and of a
map of maps one of those that it holds.

Source: kernel/bpf/syscall.c, bpf_map_get_info_by_fd and bpf_map_show_fdinfo.
"""

from __future__ import annotations

import struct
from errno import EACCES, EPERM
from itertools import islice

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.live.fdinfo import fdinfo_of
from bpfgen.live.fingerprint import btf_of, is_rewritten
from bpfgen.live.kernel_btf import btf_of_kernel
from bpfgen.live.map import open as open_map
from bpfgen.object.running import GONE, NEWER_BTF, NO_BTF, NO_RIGHT, RunningMap, Unknown
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.info import MapInfo
    from bpfgen.live.map import Map

_NUMA_NODE = MAP_FLAGS["BPF_F_NUMA_NODE"].value

_TRIED = 64
"""Slots of a map of maps that are looked at for one that can be opened."""


class _Types(Record):
    """What came of the question for the types.

    Attributes:
        types: None where there are none.
        btf_id: 0 where there are none.
        value_type_id: Of the value; 0 where there is none.
        why: Why there are none; empty where there are some.
        rewritten: See :class:`~bpfgen.object.running.RunningMap`.
    """

    types: BtfTypes | None
    btf_id: int
    value_type_id: int
    why: str
    rewritten: bool = False


def running_map(map: Map) -> RunningMap:
    """Return what the kernel says of *map*.

    What one may not know is missing from it, and `unknown` says so.
    """
    info = map.info
    with map.in_use() as fd:
        more = fdinfo_of(fd)
    typed = _types(map)
    inner, why = (None, "") if info.kind is None or not info.kind.of_maps else _inner(map)
    return RunningMap(
        info.id,
        info.name,
        info.number,
        info.kind,
        info.key_size,
        info.value_size,
        info.max_entries,
        info.map_flags,
        info.map_extra,
        more.frozen,
        more.memlock,
        more.owner_program_type,
        typed.types,
        typed.btf_id,
        info.key_type_id if typed.types is not None else 0,
        typed.value_type_id,
        typed.why,
        typed.rewritten,
        inner,
        tuple(_unknown(info, typed, why)),
    )


def _types(map: Map) -> _Types:
    info = map.info
    is_kernels = bool(info.kernel_type_id)
    btf_id = info.kernel_btf_id if is_kernels else info.btf_id
    value = info.kernel_type_id if is_kernels else info.value_type_id
    if not is_kernels and not (info.btf_id and (info.key_type_id or value)):
        return _Types(None, 0, 0, NO_BTF)
    try:
        data = btf_of_kernel(map.bpf, btf_id) if is_kernels else btf_of(map.bpf, btf_id)
        btf = Btf(data)
        rewritten = not is_kernels and is_rewritten(btf)
        return _Types(BtfTypes(btf), btf_id, value, "", rewritten)
    except FormatError:
        return _Types(None, btf_id, 0, NEWER_BTF)
    except OSError as error:
        return _Types(None, btf_id, 0, NO_RIGHT if error.errno in (EPERM, EACCES) else GONE)


def _inner(map: Map) -> tuple[RunningMap | None, str]:
    """Return the first map in *map* that can be opened; else why there is none."""
    why = "no map is in it now"
    for _key, value in islice(map.items(), _TRIED):
        (id,) = struct.unpack("=I", value)
        try:
            with open_map(id, access="r") as inner:
                return running_map(inner), ""
        except FileNotFoundError:  # it has gone meanwhile
            continue
        except PermissionError:
            return None, "to open a map that is in it takes CAP_SYS_ADMIN"
    return None, why


_WHY_UNTYPED = {
    NO_BTF: "the map was made without types",
    NO_RIGHT: "to read its types takes CAP_SYS_ADMIN",
    NEWER_BTF: "its types are of kinds that this bpfgen doesn't know",
    GONE: "its types have gone, with the module that they are of",
}


def _unknown(info: MapInfo, typed: _Types, why_no_inner: str) -> Iterator[Unknown]:
    """Yield what a declaration of the map says, and the kernel doesn't."""
    kind = info.kind
    if not info.name:
        yield Unknown("name", "the map was made without one")
    if typed.types is None and (kind is None or not kind.has_no_types):
        why = _WHY_UNTYPED[typed.why]
        if typed.why == NO_BTF and kind is not None and kind.btf in ("dropped", "none"):
            why = f"the kernel keeps no types of `{kind.name}` maps"
        if info.key_size:
            yield Unknown("key", why)
        if info.value_size:
            yield Unknown("value", why)
    if kind is not None and kind.has_record:
        yield Unknown("record", "the kernel never sees what the records are")
    if kind is not None and kind.of_maps and why_no_inner:
        yield Unknown("inner", why_no_inner)
    if info.map_flags & _NUMA_NODE:
        yield Unknown("numa_node", "the kernel doesn't say on which node")
    yield Unknown("pinning", "whether the loader was to pin it isn't kept")
