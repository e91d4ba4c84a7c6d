"""What loaders found after the five numbers of a legacy map, and how it is said today.

Each loader's struct began like `struct bpf_map_def` and went on its own way; which one it is, its
size tells. A source can't say those members of a legacy map: they are named, with what declares
the same in section `.maps`.

Source: iproute2, include/bpf_elf.h; gobpf, elf/include/bpf_map.h; the kernel's samples/bpf and
v4l-utils, bpf_load.c.
"""

from __future__ import annotations

from bpfgen.object.legacy import MEMBERS
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from bpfgen.object.records import ObjectMap

_WORD = 4
_FIRST = _WORD * len(MEMBERS)

_PIN_OBJECT_NS = 1
_PIN_GLOBAL_NS = 2
"""Values of `pinning` for iproute2: below a directory of the object's own, and for all objects."""


class Loader(Record):
    """The struct of a loader.

    Attributes:
        name: The struct, and whose it is.
        members: Those after `map_flags`, of 4 bytes each.
    """

    name: str
    members: tuple[str, ...]


_LOADERS = {
    _FIRST + 16: Loader(
        "iproute2's `struct bpf_elf_map`", ("id", "pinning", "inner_id", "inner_idx")
    ),
    _FIRST + 8: Loader(
        "the `struct bpf_map_def` of the kernel's samples and of v4l-utils",
        ("inner_map_idx", "numa_node"),
    ),
    _FIRST + 260: Loader("gobpf's `struct bpf_map_def`", ("pinning", "namespace")),
}
"""By the size of the struct, in bytes."""


def loader_of(emitted: ObjectMap) -> Loader | None:
    """Return whose struct the legacy map *emitted* has, or None for one that isn't known."""
    return _LOADERS.get(emitted.size)


def rest_of(
    emitted: ObjectMap, byteorder: Literal["little", "big"], maps: Iterable[ObjectMap]
) -> list[str]:
    """Return the members that aren't 0, each with what says the same; nothing for the unknown.

    *maps* are all legacy ones of the object: iproute2's refer to one another by `id`.
    """
    loader = loader_of(emitted)
    if loader is None:
        return []
    told = []
    for place, member in enumerate(loader.members):
        at = _FIRST + place * _WORD
        if member == "namespace":
            text = bytes(emitted.data[at:]).partition(b"\0")[0]
            if text:
                told.append(f"`namespace` {text.decode('ascii', 'backslashreplace')!r}")
            continue
        number = _number(emitted, at, byteorder)
        if number:
            told.append(f"`{member} = {number}`{_today(loader, member, number, byteorder, maps)}")
    return told


def _today(
    loader: Loader,
    member: str,
    number: int,
    byteorder: Literal["little", "big"],
    maps: Iterable[ObjectMap],
) -> str:
    """Return what says *member* in a map of `.maps`; nothing where nothing does."""
    if member == "numa_node":
        return " (`numa_node` in a map of `.maps`)"
    if member == "pinning" and loader is _LOADERS[_FIRST + 16]:
        if number == _PIN_GLOBAL_NS:
            return " (PIN_GLOBAL_NS: `pinning = by_name;` in a map of `.maps`)"
        if number == _PIN_OBJECT_NS:
            return " (PIN_OBJECT_NS, a directory for each object, which libbpf doesn't have)"
    if member == "inner_id":
        at = _FIRST + loader.members.index("id") * _WORD
        for other in maps:
            if loader_of(other) is loader and _number(other, at, byteorder) == number:
                return f" (map `{other.name}`: make it a template, the value of the outer map)"
    if member == "inner_idx":
        return f" (`= {{ [{number}] = … }}` in the outer map of `.maps`)"
    return ""


def _number(emitted: ObjectMap, at: int, byteorder: Literal["little", "big"]) -> int:
    return int.from_bytes(emitted.data[at : at + _WORD], byteorder)
