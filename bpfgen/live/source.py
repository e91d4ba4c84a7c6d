"""A running map -> the object that it could have come from, and on from there as an object goes.

Numbers are those of the running map: what a loader or the kernel has rounded, filled in or added
stays so. Maps that libbpf makes of variables are listed as such, as those of an object are.
"""

from __future__ import annotations

import sys

from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Composite
from bpfgen.elf.constants import EM_BPF
from bpfgen.kernel.made import added_flags
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
from bpfgen.resolve.possible_names import possible

if TYPE_CHECKING:
    from bpfgen.object.running import RunningMap

_WRAPPER = "bpf_struct_ops_"
"""How the kernel's structs around a struct_ops begin (bpf_struct_ops_desc_init)."""

_MEMBER = "data"
"""What it is called in them."""

_SECTION = ".maps"

_LINK = MAP_FLAGS["BPF_F_LINK"].value


def object_of(running: RunningMap) -> ObjectFile:
    """Return an object with the one map *running*, as far as the kernel says what it is."""
    # Of one BTF at most: ids of another would mean other types.
    typed = running if running.types is not None else running.inner or running
    maps: tuple[ObjectMap, ...] = ()
    internal: tuple[InternalMap, ...] = ()
    struct_ops: tuple[StructOpsMap, ...] = ()
    if running.kind is not None and running.kind.from_variable:
        struct_ops = (_struct_ops(running),)
    elif running.section is not None:
        internal = (InternalMap(running.section, running.value_size, running.map_flags),)
    else:
        definition = definition_of(running, typed)
        name = c_name(running)
        maps = (ObjectMap(name, _SECTION, GLOBAL, definition, 0, 0, memoryview(b"")),)
    return ObjectFile(
        sys.byteorder,
        EM_BPF,
        typed.types,
        maps,
        None,
        (),
        (),
        0,
        internal,
        None,
        struct_ops,
        (running,),
    )


def c_name(running: RunningMap) -> str:
    """Return what a variable of C may be called that stands for *running*.

    The kernel's name, or what is nearest to it among C's; `map_42` where it has none.
    """
    return possible(running.name) if running.name else f"map_{running.id}"


def definition_of(running: RunningMap, typed: RunningMap) -> Definition:
    """Return what a definition says that makes such a map; its types are those of *typed*'s BTF."""
    kind = running.kind
    inner = None if running.inner is None else definition_of(running.inner, typed)
    holds_maps = kind is not None and kind.of_maps and inner is not None
    is_typed = running.types is not None and running.btf_id == typed.btf_id
    numbers: dict[str, int] = {"type": running.number}
    declared = ["type"]
    for role in ("key", "value"):
        if is_typed and getattr(running, f"{role}_type_id"):
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
        running.key_type_id if is_typed else 0,
        running.value_type_id if is_typed else 0,
        "maps" if holds_maps else "",
        -1,
        inner,
        types=typed.types if is_typed else None,
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
