"""Running maps -> the object that they could have come from, and on from there as an object goes.

Maps of several objects are as those of one that was linked of them: their types are put together.
Numbers are those of the running map: what a loader or the kernel has rounded, filled in or added
stays so. Maps that libbpf makes of variables are listed as such, as those of an object are.
"""

from __future__ import annotations

import sys
from itertools import islice

from bpfgen.btf.convert import BtfTypes
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Composite
from bpfgen.elf.constants import EM_BPF
from bpfgen.kernel.made import added_flags, kept_name
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.object.records import (
    GLOBAL,
    RUNNING,
    Definition,
    InternalMap,
    ObjectFile,
    ObjectMap,
    StructOpsMap,
)
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.possible_names import is_name, possible

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from bpfgen.object.running import RunningMap

_WRAPPER = "bpf_struct_ops_"
"""How the kernel's structs around a struct_ops begin (bpf_struct_ops_desc_init)."""

_MEMBER = "data"
"""What it is called in them."""

_SECTION = ".maps"

_LINK = MAP_FLAGS["BPF_F_LINK"].value


def object_of(running: RunningMap) -> ObjectFile:
    """Return an object with the one map *running*, as far as the kernel says what it is."""
    return object_of_several([("", running)])


def object_of_several(found: Sequence[tuple[str, RunningMap]]) -> ObjectFile:
    """Return an object with all maps *found*, each with the name of its pin, empty without one."""
    types = _Types(running for _, running in found)
    maps: list[tuple[RunningMap, ObjectMap]] = []
    internal: list[tuple[RunningMap, InternalMap]] = []
    struct_ops: list[tuple[RunningMap, StructOpsMap]] = []
    taken: set[str] = set()
    for pin, running in found:
        if running.kind is not None and running.kind.from_variable:
            struct_ops.append((running, _struct_ops(running)))
        elif running.section is not None:
            size, flags = running.value_size, running.map_flags
            internal.append((running, InternalMap(running.section, size, flags)))
        else:
            name = _free(running, pin, taken)
            taken.add(name)
            definition = _definition(running, types)
            object_map = ObjectMap(name, _SECTION, GLOBAL, definition, 0, 0, memoryview(b""))
            maps.append((running, object_map))
    return ObjectFile(
        sys.byteorder,
        EM_BPF,
        types.types,
        tuple(map for _, map in maps),
        None,
        (),
        (),
        0,
        tuple(section for _, section in internal),
        None,
        tuple(ops for _, ops in struct_ops),
        tuple(running for running, _ in (*maps, *internal, *struct_ops)),
    )


class _Types:
    """The types of running maps, put together.

    Attributes:
        types: All of them; None where no map has any.
    """

    def __init__(self, maps: Iterable[RunningMap]) -> None:
        declared: dict[int, BtfTypes] = {}
        kernels: dict[int, BtfTypes] = {}
        for map in maps:
            is_kernels = map.kind is not None and map.kind.from_variable
            held: RunningMap | None = map
            while held is not None:
                if held.types is not None:
                    (kernels if is_kernels else declared)[id(held.types)] = held.types
                held = held.inner
        # The kernel's own are a hundred times as many, and of what no source declares.
        sections = declared or dict(islice(kernels.items(), 1))
        if len(sections) > 1:
            # Only who has maps of several objects pays for this import.
            from bpfgen.btf.merge import can_be_merged, merged

            sections = {key: one for key, one in sections.items() if can_be_merged(one.btf)}
        self.types: BtfTypes | None = next(iter(sections.values()), None)
        self._shifts = dict.fromkeys(sections, 0)
        if len(sections) > 1:
            btf, shifts = merged([types.btf for types in sections.values()])
            self.types = BtfTypes(btf)
            self._shifts = dict(zip(sections, shifts, strict=True))

    def shift(self, running: RunningMap) -> int | None:
        """Return what is added to the ids of *running*'s types; None where there are none."""
        return None if running.types is None else self._shifts.get(id(running.types))


def c_name(running: RunningMap, pin: str = "") -> str:
    """Return what a variable of C may be called that stands for *running*.

    The kernel's name, or what is nearest to it among C's; `map_42` where it has none. The name of
    the *pin* is the whole of a name that the kernel has cut, or stands for one that it hasn't.
    """
    is_whole = not running.name or (running.is_cut and kept_name(pin) == running.name)
    if is_whole and is_name(pin):
        return pin
    return possible(running.name) if running.name else f"map_{running.id}"


def _free(running: RunningMap, pin: str, taken: Container[str]) -> str:
    """Return a name for *running* that no other map has; the kernel lets several have one."""
    name = c_name(running, pin)
    if name in taken and is_name(pin):
        name = pin
    return f"{name}_{running.id}" if name in taken else name


def _definition(running: RunningMap, types: _Types) -> Definition:
    """Return what a definition says that makes such a map."""
    kind = running.kind
    inner = None if running.inner is None else _definition(running.inner, types)
    holds_maps = kind is not None and kind.of_maps and inner is not None
    shift = types.shift(running)
    ids = {"key": 0, "value": 0}
    numbers: dict[str, int] = {"type": running.number}
    declared = ["type"]
    for role in ids:
        type_id = getattr(running, f"{role}_type_id")
        if shift is not None and type_id:
            ids[role] = type_id + shift
            declared.append(role)
        elif role == "value" and holds_maps:
            continue  # the inner definition stands for it
        elif size := getattr(running, f"{role}_size"):
            numbers[f"{role}_size"] = size
            declared.append(f"{role}_size")
    flags = running.map_flags & ~(0 if kind is None else added_flags(kind))
    for name, value in (
        ("max_entries", running.max_entries),
        ("map_flags", flags),
        ("map_extra", running.map_extra),
    ):
        if value:
            numbers[name] = value
            declared.append(name)
    return Definition(
        RUNNING,
        running.number,
        kind,
        tuple(declared),
        numbers,
        running.key_size,
        running.value_size,
        ids["key"],
        ids["value"],
        "maps" if holds_maps else "",
        -1,
        inner,
        types=None if shift is None else types.types,
    )


def _struct_ops(running: RunningMap) -> StructOpsMap:
    name, size = "", running.value_size
    value = running.value
    if isinstance(value, Composite):
        name = value.tag or ""
        sizes = (sizeof(member.type) for member in value.members if member.name == _MEMBER)
        size = next(sizes, None) or size
    return StructOpsMap(
        c_name(running),
        ".struct_ops.link" if running.map_flags & _LINK else ".struct_ops",
        name.removeprefix(_WRAPPER),
        size,
        running.map_flags,
        autocreate=True,
    )
