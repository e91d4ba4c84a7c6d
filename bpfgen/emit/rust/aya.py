"""Typed access over aya: its own map types, with the types of keys and values filled in.

After the facts. aya compares the sizes when it opens a map. A kind that aya has no type for has no
access.

Source: aya 0.13, src/maps/mod.rs (impl_try_from_map).
"""

from __future__ import annotations

from bpfgen.emit.rust.facts import NO_KEY, RECORD
from bpfgen.emit.rust.form import MAX_WIDTH, function
from bpfgen.emit.rust.structs import USER_FEATURE
from bpfgen.emit.user_space.identifiers import MAP
from bpfgen.emit.user_space.types import FLOATING, Number, Sequence, resolved
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.emit.rust.facts import RustMap
    from bpfgen.emit.user_space.identifiers import Surface
    from bpfgen.emit.user_space.types import UserType

_KEY, _VALUE, _PREFIXED = "key", "value", "what follows the length of the prefix"

_TYPES = {
    "hash": ("HashMap", (_KEY, _VALUE)),
    "lru_hash": ("HashMap", (_KEY, _VALUE)),
    "percpu_hash": ("PerCpuHashMap", (_KEY, _VALUE)),
    "lru_percpu_hash": ("PerCpuHashMap", (_KEY, _VALUE)),
    "array": ("Array", (_VALUE,)),
    "percpu_array": ("PerCpuArray", (_VALUE,)),
    "lpm_trie": ("LpmTrie", (_PREFIXED, _VALUE)),
    "queue": ("Queue", (_VALUE,)),
    "stack": ("Stack", (_VALUE,)),
    "bloom_filter": ("BloomFilter", (_VALUE,)),
    "sockhash": ("SockHash", (_KEY,)),
    "prog_array": ("ProgramArray", ()),
    "perf_event_array": ("PerfEventArray", ()),
    "ringbuf": ("RingBuf", ()),
    "stack_trace": ("StackTraceMap", ()),
    "sockmap": ("SockMap", ()),
    "devmap": ("DevMap", ()),
    "devmap_hash": ("DevMapHash", ()),
    "cpumap": ("CpuMap", ()),
    "xskmap": ("XskMap", ()),
}
"""For each kind that aya has a type for: its name, and what it is generic over, besides the map."""

_PREFIX_LENGTH = 4
"""Bytes in front of the data of an LPM key, which aya adds itself (maps::lpm_trie::Key)."""


def alias_of(map: RustMap) -> str:
    """Return the name of the alias for aya's type of *map*: `FlowsMapOf`."""
    return f"{map.type}Of"


def is_opened(map: RustMap) -> bool:
    """Return whether aya has a type for *map*, with all that it is generic over."""
    row = _TYPES.get(map.facts.kind.name)
    return (
        row is not None
        and bool(map.facts.name)
        and None not in [_argument(map, what) for what in row[1]]
    )


def write_access(map: RustMap, words: dict[str, str], surface: Surface) -> list[str]:
    """Return typed access to *map*, for which :func:`is_opened`."""
    origin = (MAP, map.name)
    name, generics = _TYPES[map.facts.kind.name]
    data = words["D"]
    arguments = [data, *[_argument(map, what) or "" for what in generics]]
    alias = alias_of(map)
    generic = f"<{', '.join(arguments[1:])}>" if arguments[1:] else ""
    surface.add(origin, alias, f"{name}{generic}", f"{map.inside}Of")
    lines = [
        f"/// The map of aya that [`{map.type}`] is opened as.",
        USER_FEATURE,
        "#[allow(dead_code)]",
        *_alias(f"pub type {alias}<{data} = aya::maps::MapData>", f"aya::maps::{name}", arguments),
        "",
        USER_FEATURE,
        "#[allow(dead_code)]",
        f"impl {map.type} {{",
    ]
    for suffix, reference in (("", ""), ("_ref", "&"), ("_mut", "&mut ")):
        generic = f"<{reference}aya::maps::MapData>" if reference else ""
        function_name = f"open{suffix}"
        surface.add(origin, f"{map.type}::{function_name}", alias, f"{map.inside}{function_name}")
        if suffix:
            lines.append("")
        lines += [
            "    /// Opens `map` with the types of its keys and values.",
            "    ///",
            "    /// # Errors",
            "    ///",
            "    /// It is of another kind, or its sizes differ.",
        ]
        lines += function(
            f"pub fn {function_name}",
            [f"map: {reference}aya::maps::Map"],
            f"{words['Result']}<{alias}{generic}, aya::maps::MapError>",
            [f"{alias}::try_from(map)"],
            "    ",
        )
    if map.record is not None:
        signature = f"fn(bytes: &[u8]) -> {words['Option']}<{map.record}>"
        surface.add(origin, f"{map.type}::record", signature, f"{map.inside}record")
        lines += [
            "",
            f"    /// {RECORD}",
            "    #[must_use]",
        ]
        lines += function(
            "pub fn record",
            ["bytes: &[u8]"],
            f"{words['Option']}<{map.record}>",
            [f"{words['Plain']}::from_bytes(bytes)"],
            "    ",
        )
    return [*lines, "}"]


def _alias(left: str, type: str, arguments: list[str]) -> list[str]:
    """Return the lines of a type alias."""
    right = f"{type}<{', '.join(arguments)}>;"
    if len(f"{left} = {right}") <= MAX_WIDTH:
        return [f"{left} = {right}"]
    if 4 + len(right) <= MAX_WIDTH:
        return [f"{left} =", f"    {right}"]
    lines = [f"{type}<", *(f"    {argument}," for argument in arguments), ">;"]
    if len(f"{left} = {lines[0]}") <= MAX_WIDTH:
        return [f"{left} = {lines[0]}", *lines[1:]]
    return [f"{left} =", *(f"    {line}" for line in lines)]


def _argument(map: RustMap, what: str) -> str | None:
    """Return what aya's type is given for *what*; None where it isn't known."""
    facts = map.facts
    if what == _KEY:
        return None if map.key == NO_KEY else _plain(map.key, facts.key, facts.key_size)
    if what == _VALUE:
        return _plain(map.value, facts.value, facts.value_size)
    if facts.key_size is None or facts.key_size <= _PREFIX_LENGTH:
        return None
    return f"[u8; {facts.key_size - _PREFIX_LENGTH}]"


def _plain(spelled: str | None, type: UserType | None, size: int | None) -> str | None:
    """Return *spelled*, or bytes where it is a floating number, which is no `Pod` of aya's."""
    leaf = resolved(type) if type is not None else None
    while isinstance(leaf, Sequence):
        leaf = resolved(leaf.element)
    if isinstance(leaf, Number) and leaf.kind == FLOATING:
        return f"[u8; {size}]"
    return spelled
