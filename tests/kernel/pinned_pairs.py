"""Random maps that are pinned, and what the next version of their source makes of them.

A map is written twice, in the language and in C, both from the same numbers: whoever loads the C is
a witness that has seen nothing of bpfgen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bpfgen.compiler import Options, compile
from bpfgen.kernel.map_flags import flags_value
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.text.source import Source
from tests import compiled
from tests.kernel.random_maps import DECLARATIONS, NUMBERS, TYPES, memory, random_definition

if TYPE_CHECKING:
    from random import Random

    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from tests.kernel.random_maps import Definition

MOST = 1 << 16
"""Bytes that a map may take: many are there at once."""

_FAMILIES = (
    ("hash", "lru_hash", "percpu_hash", "lru_percpu_hash"),
    ("array", "percpu_array", "hash"),
    ("queue", "stack", "bloom_filter"),
    ("ringbuf", "user_ringbuf"),
    ("sk_storage", "task_storage", "inode_storage", "cgrp_storage"),
    ("devmap", "devmap_hash", "cpumap", "xskmap", "sockmap", "sockhash", "hash"),
    ("perf_event_array", "cgroup_array", "prog_array", "array"),
    ("array_of_maps", "hash_of_maps"),
    ("cgroup_storage", "percpu_cgroup_storage"),
)
"""Kinds of which one can become another."""

_BITS = (0, 1, 2, 3, 4, 6, 7, 8, 10, 11, 12)
_EXTRAS = (0, 1, 3, 5, 15)
_SIZES = (-8, -4, -1, 1, 4, 8)


class PinnedMap(NamedTuple):
    """A map of one version."""

    name: str
    definition: Definition
    is_pinned: bool
    is_short: bool
    """What is 0 isn't mentioned."""

    def text(self) -> str:
        """Return it as the language writes it."""
        attributes = self.definition.attributes()
        if self.definition.inner is not None:
            attributes["value"] = self.definition.inner.shape()
        if self.is_short:
            for name in ("max_entries", "map_flags"):
                if getattr(self.definition, name) == 0:
                    del attributes[name]
        if self.is_pinned:
            attributes["pinning"] = "by_name"
        body = " ".join(f"{name} = {text};" for name, text in attributes.items())
        return f"map {self.name}: {self.definition.kind} {{ {body} }}\n"

    def c_text(self) -> str:
        """Return it as C."""
        pinning = "__uint(pinning, 1);" if self.is_pinned else ""
        return f'struct {{ {pinning} {_members(self.definition)} }} {self.name} SEC(".maps");\n'


def _members(one: Definition) -> str:
    """Return the members of the struct that is *one* in C; a flexible array comes last."""
    members = [f"__uint(type, {one.number});", f"__uint(max_entries, {one.max_entries});"]
    members.append(f"__uint(map_flags, {one.map_flags:#x});")
    for role, type, size in (("key", one.key, one.key_size), ("value", one.value, one.value_size)):
        if type:
            members.append(f"__type({role}, {TYPES[type].text});")
        elif role == "key" or one.inner is None:
            members.append(f"__uint({role}_size, {size});")
    if one.numa_node:
        members.append(f"__uint(numa_node, {one.numa_node});")
    if one.map_extra:
        members.append(f"__uint(map_extra, {one.map_extra});")
    if one.inner is not None:
        members.append(f"__array(values, struct {{ {_members(one.inner)} }});")
    return " ".join(members)


def random_map(random: Random, name: str) -> PinnedMap:
    """Return a random map that isn't large."""
    while True:
        definition = random_definition(random)
        parts = [part for part in (definition, definition.inner) if part]
        fits = all(part.map_extra < 1 << 32 and memory(part, 8) < MOST for part in parts)
        # An arena is mapped by whoever loads it.
        if fits and all(part.kind != "arena" for part in parts):
            return PinnedMap(name, definition, random.random() < 0.95, random.random() < 0.5)


def changed(random: Random, one: PinnedMap, cpus: int) -> PinnedMap:
    """Return the next version of *one*: the same in other words, or with some things changed."""
    definition = one.definition
    for change in random.sample(_CHANGES, random.choice((0, 1, 1, 1, 2, 3))):
        definition = change(random, definition, cpus)
    if memory(definition, 8) >= MOST or _is_left_open(definition):
        definition = one.definition
    is_pinned = one.is_pinned if random.random() < 0.95 else not one.is_pinned
    return PinnedMap(one.name, definition, is_pinned, random.random() < 0.5)


def _is_left_open(one: Definition) -> bool:
    """Return whether no kernel takes *one* as it is, so that a loader must set something first."""
    kind = MAP_KINDS[one.kind]
    if kind.has_record and one.value and one.value_size != (kind.value_size or 0):
        return True
    return (
        (one.max_entries == 0 < kind.entries.least and not kind.entries.filled_by_loader)
        or (one.key_size == 0 < kind.key_sizes.least)
        or (one.value_size == 0 < kind.value_sizes.least)
        or bool(flags_value(kind.required_flags) & ~one.map_flags)
    )


def _other_kind(random: Random, one: Definition, _cpus: int) -> Definition:
    families = [family for family in _FAMILIES if one.kind in family]
    if not families:
        return one
    kind = random.choice(random.choice(families))
    return one._replace(kind=kind, number=NUMBERS[kind])


def _other_types(random: Random, one: Definition, _cpus: int) -> Definition:
    """Say one of the sizes in other words, with another type or without any."""
    role = random.choice(("key", "value"))
    if role == "value" and one.inner is not None:
        return one
    size = getattr(one, f"{role}_size")
    names = [name for name, type in TYPES.items() if type.size == size]
    name = random.choice(["", *names])
    return one._replace(key=name) if role == "key" else one._replace(value=name)


def _other_size(random: Random, one: Definition, _cpus: int) -> Definition:
    role = random.choice(("key", "value"))
    if role == "value" and one.inner is not None:
        return one
    size = abs(getattr(one, f"{role}_size") + random.choice(_SIZES))
    names = [name for name, type in TYPES.items() if type.size == size]
    name = random.choice(["", *names])
    if role == "key":
        return one._replace(key=name, key_size=size)
    return one._replace(value=name, value_size=size)


def _other_entries(random: Random, one: Definition, cpus: int) -> Definition:
    """Change the entries, as often as not to a number that comes to the same."""
    entries = one.max_entries
    near: tuple[int, ...]
    if one.kind in ("ringbuf", "user_ringbuf"):
        near = (entries - 1, entries - 100, entries + 1, 5000, 8192, 12288, 16384, 0)
    elif one.kind == "perf_event_array":
        near = (0, cpus, cpus + 1, entries)
    elif "lru" in one.kind and one.map_flags & 2:
        near = (entries + 1, entries - 1, -(-entries // cpus) * cpus)
    else:
        near = (entries + 1, entries - 1, entries * 2, 0)
    return one._replace(max_entries=abs(random.choice(near)))


def _other_flags(random: Random, one: Definition, _cpus: int) -> Definition:
    return one._replace(map_flags=one.map_flags ^ 1 << random.choice(_BITS))


def _other_extra(random: Random, one: Definition, _cpus: int) -> Definition:
    return one._replace(map_extra=random.choice(_EXTRAS))


def _other_inner(random: Random, one: Definition, cpus: int) -> Definition:
    if one.inner is None:
        return one._replace(numa_node=random.choice((0, 0xFFFFFFFF)))
    return one._replace(inner=_other_entries(random, one.inner, cpus))


_CHANGES = (
    _other_kind,
    _other_types,
    _other_size,
    _other_entries,
    _other_entries,
    _other_flags,
    _other_flags,
    _other_extra,
    _other_inner,
)


class Versions(NamedTuple):
    """Two versions of a source, each as a model and as the C of which an object is made."""

    old: Model
    new: Model
    old_c: str
    new_c: str


def versions(random: Random, count: int, cpus: int, kernel: KernelVersion) -> Versions:
    """Return *count* maps or fewer, those of OLD such as no rule has anything against."""
    drawn = [random_map(random, f"m{number}") for number in range(count)]
    wrong = _wrong(drawn, kernel)
    maps = [one for one in drawn if one.name not in wrong]
    following = [changed(random, one, cpus) for one in maps]
    return Versions(
        _model("old.dsl", maps, kernel),
        _model("new.dsl", following, kernel),
        _c_text(maps),
        _c_text(following),
    )


def _wrong(maps: list[PinnedMap], kernel: KernelVersion) -> set[str | None]:
    text = DECLARATIONS + "".join(one.text() for one in maps)
    said = compile(Source("old.dsl", text), Options(kernel=kernel)).diagnostics
    return {one.map for one in said if one.severity == "error"}


def _model(name: str, maps: list[PinnedMap], kernel: KernelVersion) -> Model:
    text = DECLARATIONS + "".join(one.text() for one in maps)
    compilation = compile(Source(name, text), Options(kernel=kernel, is_ruled=False))
    assert not compilation.failed, compilation.diagnostics
    return compilation.model


_KEPT = "".join(
    f'static const struct {tag} *keeps_{tag} SEC("bpfgen.anchor");\n'
    for tag in ("four", "prefix", "group_key", "pair", "nothing")
)
"""Of a struct that only a definition of inner maps mentions, clang only says that there is one."""


def _c_text(maps: list[PinnedMap]) -> str:
    return compiled.MACROS + DECLARATIONS + _KEPT + "".join(one.c_text() for one in maps)
