"""Changes of maps: of their attributes, of inner maps' definitions, and of which maps there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.changes.program import (
    RUNTIME,
    Composite,
    Constant,
    Map,
    Program,
    Shape,
    Typedef,
    replaced,
)
from tests.changes.random_program import (
    ARRAYS,
    FLAGS,
    HASHES,
    INNER_MAP,
    KEYLESS,
    MAPS_OF_MAPS,
    MMAPABLE,
    NO_PREALLOC,
    RDONLY,
    RDONLY_PROG,
    RINGS,
    SOCKETS,
    STORAGES,
)
from tests.changes.what import What

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Changed = tuple[Program, What] | None

_FAMILIES = (
    HASHES,
    ARRAYS,
    KEYLESS[:2],
    ("ringbuf", "user_ringbuf"),
    STORAGES,
    ("hash", "array"),
    ("devmap", "devmap_hash"),
    ("array_of_maps", "hash_of_maps"),
    ("sockmap", "sockhash"),
)
"""Kinds that can stand in each other's place."""


def _in_a_shape(
    random: Random,
    program: Program,
    name: str,
    fits: Callable[[Shape], bool],
    change: Callable[[Shape], Shape],
) -> Changed:
    """Change the shape of a map, or of the maps in one; then the label begins with `inner`."""
    places = [(one, False) for one in program.maps if fits(one.shape)]
    places += [(m, True) for m in program.maps if m.shape.inner is not None and fits(m.shape.inner)]
    if not places:
        return None
    one, is_inner = random.choice(places)
    if is_inner:
        assert one.shape.inner is not None
        inner = change(one.shape.inner)
        shape = one.shape._replace(inner=inner._replace(is_pinned=False))
        before, after = one.shape.inner, inner
        name = name.replace("map-", "inner-")
    else:
        shape = change(one.shape)
        before, after = one.shape, shape
    differing = [
        f"{field} {was!r} {now!r}"
        for field, was, now in zip(Shape._fields, before, after, strict=True)
        if was != now and field != "inner"
    ]
    return replaced(program, one, one._replace(shape=shape)), What(
        name, one.name, ", ".join(differing)
    )


def _declared(program: Program) -> list[str]:
    """Return the types that values may have."""
    found = [f"{d.kind} {d.tag}" for d in program.declarations if isinstance(d, Composite)]
    found += [d.name for d in program.declarations if isinstance(d, Typedef)]
    return found


def map_kind(random: Random, program: Program) -> Changed:
    """A map is of another kind."""

    def change(shape: Shape) -> Shape:
        family = random.choice([kinds for kinds in _FAMILIES if shape.kind in kinds])
        kind = random.choice([kind for kind in family if kind != shape.kind])
        changed = shape._replace(kind=kind)
        if kind in ARRAYS:
            changed = changed._replace(key="__u32", key_size=0)
        if kind == "user_ringbuf":
            changed = changed._replace(record="")
        return changed

    def fits(shape: Shape) -> bool:
        return any(shape.kind in kinds for kinds in _FAMILIES)

    return _in_a_shape(random, program, "map-kind", fits, change)


def map_key(random: Random, program: Program) -> Changed:
    """A map has keys of another type."""

    def change(shape: Shape) -> Shape:
        if shape.kind in ARRAYS:
            return shape._replace(key=random.choice(("int", "unsigned int", "__s32", "__be32")))
        types = ("__u8", "__u32", "__s32", "__be32", "__u64", "char[4]", "__u16[2]", "__u8[16]")
        return shape._replace(key=random.choice((*types, *_declared(program))))

    return _in_a_shape(
        random,
        program,
        "map-key",
        lambda s: bool(s.key) and s.kind in (*HASHES, *ARRAYS, "hash_of_maps"),
        change,
    )


def map_value(random: Random, program: Program) -> Changed:
    """A map has values of another type."""

    def change(shape: Shape) -> Shape:
        types = ("__u32", "__s32", "__be32", "__u64", "__s64", "char[4]", "__u16[4]")
        return shape._replace(value=random.choice((*types, *_declared(program))))

    def fits(shape: Shape) -> bool:
        return bool(shape.value) and shape.kind not in SOCKETS

    return _in_a_shape(random, program, "map-value", fits, change)


def map_record(random: Random, program: Program) -> Changed:
    """A stream has records of another type, or of none that is known."""

    def change(shape: Shape) -> Shape:
        return shape._replace(record=random.choice(("", *_declared(program))))

    def fits(shape: Shape) -> bool:
        return shape.kind in {"ringbuf", "perf_event_array"}

    return _in_a_shape(random, program, "map-record", fits, change)


def map_sizes(random: Random, program: Program) -> Changed:
    """A map has sizes in the place of types."""

    def change(shape: Shape) -> Shape:
        sizes = random.choice((1, 4, 8, 16)), random.choice((4, 8, 16, 24))
        key_size = 4 if shape.kind in ARRAYS else sizes[0]
        return shape._replace(key="", value="", key_size=key_size, value_size=sizes[1])

    def fits(shape: Shape) -> bool:
        return shape.kind in (*HASHES, *ARRAYS)

    return _in_a_shape(random, program, "map-sizes", fits, change)


def map_entries(random: Random, program: Program) -> Changed:
    """A map has another number of entries, or one that a loader sets."""

    def change(shape: Shape) -> Shape:
        if shape.kind in RINGS:
            return shape._replace(entries=random.choice((4096, 8192, 16384, 65536)))
        entries: list[int | str] = [1, 2, 4, 16, 17, 100, 1024, 1025, RUNTIME]
        entries += [one.name for one in program.declarations if isinstance(one, Constant)]
        return shape._replace(entries=random.choice(entries))

    return _in_a_shape(
        random,
        program,
        "map-entries",
        lambda s: s.entries is not None or s.kind == "perf_event_array",
        change,
    )


def map_flags(random: Random, program: Program) -> Changed:
    """A map has other flags."""

    def change(shape: Shape) -> Shape:
        options = FLAGS.get(shape.kind, (RDONLY, RDONLY_PROG, NO_PREALLOC, MMAPABLE, INNER_MAP))
        return shape._replace(map_flags=shape.map_flags ^ random.choice(options))

    return _in_a_shape(random, program, "map-flags", lambda _: True, change)


def map_extra(random: Random, program: Program) -> Changed:
    """A bloom_filter has another number of hashes."""

    def change(shape: Shape) -> Shape:
        return shape._replace(map_extra=random.randint(0, 15))

    return _in_a_shape(random, program, "map-extra", lambda s: s.kind == "bloom_filter", change)


def map_node(random: Random, program: Program) -> Changed:
    """A map is on another node of memory, or on none in particular."""

    def change(shape: Shape) -> Shape:
        if shape.numa_node is not None:
            return shape._replace(numa_node=None, map_flags=shape.map_flags & ~4)
        return shape._replace(numa_node=0, map_flags=shape.map_flags | 4)

    return _in_a_shape(random, program, "map-node", lambda s: s.kind in {"hash", "array"}, change)


def map_pinning(random: Random, program: Program) -> Changed:
    """A map is pinned, or not any more."""
    return _of_a_map(
        random,
        program,
        "map-pinning",
        lambda m: m._replace(shape=m.shape._replace(is_pinned=not m.shape.is_pinned)),
    )


def map_linkage(random: Random, program: Program) -> Changed:
    """A map has another linkage."""

    def change(map: Map) -> Map:
        return map._replace(linkage=random.choice(("", "weak", "extern")))

    return _of_a_map(random, program, "map-linkage", change)


def _of_a_map(random: Random, program: Program, name: str, change: Callable[[Map], Map]) -> Changed:
    if not program.maps:
        return None
    one = random.choice(program.maps)
    return replaced(program, one, change(one)), What(name, one.name)


def map_renamed(random: Random, program: Program) -> Changed:
    """A map has another name, and so have the slots that it is in."""
    if not program.maps:
        return None
    old = random.choice(program.maps).name
    new = _fresh(random, program, f"{old[:8]}_v")
    declarations = tuple(
        one._replace(
            name=new if one.name == old else one.name,
            slots=tuple(new if slot == old else slot for slot in one.slots),
        )
        if isinstance(one, Map)
        else one
        for one in program.declarations
    )
    return Program(declarations), What("map-renamed", old, new)


def _fresh(random: Random, program: Program, prefix: str) -> str:
    taken = {one.name for one in program.maps}
    while True:
        name = f"{prefix}{random.randrange(1000)}"
        if name not in taken:
            return name


def map_removed(random: Random, program: Program) -> Changed:
    """A map is gone, from slots too."""
    if len(program.maps) < 2:
        return None
    gone = random.choice(program.maps)
    without = replaced(program, gone, None)
    declarations = tuple(
        one._replace(slots=tuple(slot for slot in one.slots if slot != gone.name))
        if isinstance(one, Map)
        else one
        for one in without.declarations
    )
    return Program(declarations), What("map-removed", gone.name)


def map_added(random: Random, program: Program) -> Changed:
    """There is one more map, perhaps of the shape of another."""
    name = _fresh(random, program, "added")
    shape = Shape("array", key="__u32", value="__u64", entries=8)
    if program.maps and random.random() < 0.5:
        shape = random.choice(program.maps).shape
    return Program((*program.declarations, Map(name, shape))), What("map-added", name)


def inner_removed(random: Random, program: Program) -> Changed:
    """A map of maps has no definition of the maps in it any more, or is an ordinary map."""
    outer = [one for one in program.maps if one.shape.inner is not None]
    if not outer:
        return None
    one = random.choice(outer)
    shape = one.shape._replace(inner=None)
    if random.random() < 0.5:
        kind = "array" if one.shape.kind == "array_of_maps" else "hash"
        shape = shape._replace(kind=kind, value="__u32")
    changed = replaced(program, one, one._replace(shape=shape, slots=()))
    return changed, What("inner-removed", one.name, shape.kind)


def maps_reordered(random: Random, program: Program) -> Changed:
    """Two maps have changed names: each has the other's shape."""
    maps = [m for m in program.maps if m.shape.kind not in MAPS_OF_MAPS and not m.slots]
    if len(maps) < 2:
        return None
    first, second = random.sample(maps, 2)
    swapped = {first.name: second.shape, second.name: first.shape}
    declarations = tuple(
        one._replace(shape=swapped[one.name]) if one in (first, second) else one
        for one in program.declarations
    )
    return Program(declarations), What("maps-reordered", first.name, second.name)


ALL = (
    *(map_kind, map_key, map_value, map_record, map_sizes, map_entries, map_flags, map_extra),
    *(map_node, map_pinning, map_linkage, map_renamed, map_removed, map_added),
    *(inner_removed, maps_reordered),
)
"""Every change of a map."""
