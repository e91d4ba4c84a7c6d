"""A map of the running kernel -> a RunningMap: all that the kernel says of it.

Several questions, of which each may be refused alone: the map's info, its fdinfo, its BTF, and of a
map of maps one of those that it holds.

Source: kernel/bpf/syscall.c, bpf_map_get_info_by_fd and bpf_map_show_fdinfo.
"""

from __future__ import annotations

from errno import EACCES, EPERM
from itertools import islice

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.btf.rewritten import is_rewritten
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import NAME_BYTES
from bpfgen.live.fdinfo import fdinfo_of
from bpfgen.live.fingerprint import btf_of
from bpfgen.live.ids import ids_of, opened_by_id
from bpfgen.live.kernel_btf import btf_of_kernel
from bpfgen.live.map import Map
from bpfgen.live.outer_maps import inner_ids
from bpfgen.live.syscall import MAP_GET_FD_BY_ID
from bpfgen.live.walk import IncompleteError
from bpfgen.object.running import (
    GONE,
    NEWER_BTF,
    NO_BTF,
    NO_RIGHT,
    RunningMap,
    Unknown,
    why_untyped,
)
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.info import MapInfo
    from bpfgen.live.syscall import Bpf

_NUMA_NODE = MAP_FLAGS["BPF_F_NUMA_NODE"].value

_RDONLY = 1 << 3

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


class LoadedTypes:
    """The types that the kernel has, by the id of their BTF: each is read once.

    Most maps of an object share theirs. Where one may not read one, no other is asked for.
    """

    __slots__ = ("_bpf", "_read", "_refused")

    def __init__(self, bpf: Bpf) -> None:
        self._bpf = bpf
        self._read: dict[tuple[int, bool], tuple[BtfTypes, bool]] = {}
        self._refused: PermissionError | None = None

    def of(self, btf_id: int, *, is_kernels: bool = False) -> tuple[BtfTypes, bool]:
        """Return the types in the BTF *btf_id*, and whether libbpf has put others into it.

        Args:
            is_kernels: It is that of a module, or of the kernel for 0.

        Raises:
            OSError: It is gone, or one may not read it.
            FormatError: It is of a newer kernel.
        """
        key = btf_id, is_kernels
        if key not in self._read:
            if self._refused is not None:
                raise self._refused
            try:
                data = btf_of_kernel(self._bpf, btf_id) if is_kernels else btf_of(self._bpf, btf_id)
            except PermissionError as error:
                self._refused = error
                raise
            btf = Btf(data)
            self._read[key] = BtfTypes(btf), not is_kernels and is_rewritten(btf)
        return self._read[key]


def running_maps(bpf: Bpf, loaded: LoadedTypes) -> Iterator[RunningMap]:
    """Yield what the kernel says of each map, by id; one that goes meanwhile is left out.

    Raises:
        OSError: One may not list them: it takes CAP_SYS_ADMIN.
    """
    for id in ids_of(bpf):
        fd = opened_by_id(bpf, MAP_GET_FD_BY_ID, id, _RDONLY)
        if fd is not None:
            with Map(fd, bpf) as map:
                running = running_map(map, loaded)
            yield running


def running_map(map: Map, loaded: LoadedTypes | None = None) -> RunningMap:
    """Return what the kernel says of *map*.

    What one may not know is missing from it, and `unknown` says so.

    Args:
        loaded: Types that were read already, for who asks about several maps.
    """
    loaded = loaded or LoadedTypes(map.bpf)
    info = map.info
    with map.in_use() as fd:
        more = fdinfo_of(fd)
    typed = _types(info, loaded)
    holds_maps = info.kind is not None and info.kind.of_maps
    inner, why, refused = _inner(map, loaded) if holds_maps else (None, "", False)
    running = RunningMap(
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
        inner_refused=refused,
    )
    return replace(running, unknown=tuple(_unknown(running, why)))


def _types(info: MapInfo, loaded: LoadedTypes) -> _Types:
    is_kernels = bool(info.kernel_type_id)
    btf_id = info.kernel_btf_id if is_kernels else info.btf_id
    value = info.kernel_type_id if is_kernels else info.value_type_id
    if not is_kernels and not (info.btf_id and (info.key_type_id or value)):
        return _Types(None, 0, 0, NO_BTF)
    try:
        types, rewritten = loaded.of(btf_id, is_kernels=is_kernels)
    except FormatError:
        return _Types(None, btf_id, 0, NEWER_BTF)
    except OSError as error:
        return _Types(None, btf_id, 0, NO_RIGHT if error.errno in (EPERM, EACCES) else GONE)
    return _Types(types, btf_id, value, "", rewritten)


def _inner(map: Map, loaded: LoadedTypes) -> tuple[RunningMap | None, str, bool]:
    """Return the first map in *map* that can be opened, and what is to be known of that.

    Last comes whether there is none for want of a right.
    """
    why, refused = "no map is in it now", False
    try:
        for id in islice(inner_ids(map), _TRIED):
            fd = opened_by_id(map.bpf, MAP_GET_FD_BY_ID, id, _RDONLY)
            if fd is not None:  # else it has gone meanwhile
                with Map(fd, map.bpf) as inner:
                    why = f"it is as map {id} is, which is in it"
                    return running_map(inner, loaded), why, False
    except IncompleteError:
        why = "no map was found in it"
    except OSError as error:
        why = f"what is in it can't be read: {error.strerror}"
        refused = error.errno in (EPERM, EACCES)
        if refused:
            why = "to open a map that is in it takes CAP_SYS_ADMIN"
    return None, why, refused


def _unknown(running: RunningMap, inner: str) -> Iterator[Unknown]:
    """Yield what a declaration of the map says, and the kernel doesn't.

    *inner* is what there is to say of the maps in it, or empty.
    """
    kind = running.kind
    if kind is not None and kind.from_variable:
        return
    if not running.name:
        yield Unknown("name", "it was made without one")
    elif running.is_cut:
        yield Unknown("name", f"the kernel keeps {NAME_BYTES} bytes of it")
    why = why_untyped(running.untyped, kind)
    is_given = kind is not None and kind.indexed
    if running.key_size and not running.key_type_id and not is_given:
        yield Unknown("key", why)
    is_given = kind is not None and (kind.value_size is not None or kind.of_maps)
    if running.value_size and not running.value_type_id and not is_given:
        yield Unknown("value", why)
    if kind is not None and kind.has_record:
        yield Unknown("record", "the kernel never sees what the records are")
    if inner:
        yield Unknown("inner", inner)
    if kind is not None and (kind.of_maps or kind.of_programs):
        yield Unknown("slots", "what the loader has put into it isn't told from what came later")
    if running.map_flags & _NUMA_NODE:
        yield Unknown("numa_node", "the kernel doesn't say on which node it is")
    if running.section is None:
        yield Unknown("pinning", "whether the loader was to pin it isn't kept")
