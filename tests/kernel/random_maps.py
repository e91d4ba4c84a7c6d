"""Random map definitions, as the language writes them and as bpf(2) is given them.

A definition is numbers and names of types; both forms come from it independently of bpfgen. Sizes
crowd around every boundary, flags are mostly those that some kind takes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

NO_TYPE = ""


class Definition(NamedTuple):
    """One random map. A type is a key of :data:`TYPES`, or empty where only a size is given."""

    kind: str
    number: int
    key: str
    value: str
    key_size: int
    value_size: int
    max_entries: int
    map_flags: int
    numa_node: int
    map_extra: int
    inner: Definition | None = None

    def attributes(self) -> dict[str, str]:
        """Return what stands between the braces, by name."""
        found = {}
        for role, type, size in (
            ("key", self.key, self.key_size),
            ("value", self.value, self.value_size),
        ):
            if type:
                found[role] = TYPES[type].text
            elif not (role == "value" and self.inner is not None):
                found[f"{role}_size"] = str(size)
        found["max_entries"] = str(self.max_entries)
        found["map_flags"] = f"{self.map_flags:#x}"
        if self.numa_node:
            found["numa_node"] = str(self.numa_node)
        if self.map_extra:
            found["map_extra"] = f"{self.map_extra:#x}"
        return found

    def shape(self) -> str:
        """Return the definition as the language writes it, without its name."""
        attributes = self.attributes()
        if self.inner is not None:
            attributes["value"] = self.inner.shape()
        body = " ".join(f"{name} = {text};" for name, text in attributes.items())
        return f"{self.kind} {{ {body} }}"


class KnownType(NamedTuple):
    """A type: its id in :func:`btf`, its size, and how the language writes it."""

    id: int
    size: int
    text: str


DECLARATIONS = """\
enum choice { ONE, TWO };
struct four { __u32 a; };
struct prefix { __u32 prefixlen; __u32 data; };
struct group_key { __u64 a; __u32 b; };
struct pair { __u64 a; __u64 b; };
struct nothing { };
typedef __u32 number;
"""

TYPES = {
    "u32": KnownType(1, 4, "unsigned int"),
    "s32": KnownType(2, 4, "int"),
    "u64": KnownType(3, 8, "unsigned long long"),
    "u8": KnownType(4, 1, "unsigned char"),
    "choice": KnownType(5, 4, "enum choice"),
    "four": KnownType(6, 4, "struct four"),
    "prefix": KnownType(7, 8, "struct prefix"),
    "group_key": KnownType(8, 16, "struct group_key"),
    "pair": KnownType(9, 16, "struct pair"),
    "nothing": KnownType(10, 0, "struct nothing"),
    "number": KnownType(11, 4, "number"),
    "bytes8": KnownType(12, 8, "unsigned char [8]"),
    "const": KnownType(13, 4, "const unsigned int"),
    "pointer": KnownType(14, 8, "void *"),
    "most": KnownType(15, 65407, "unsigned char [65407]"),
    "over": KnownType(16, 65408, "unsigned char [65408]"),
}
"""What keys and values may be; the ids are those of :func:`btf`."""


def btf() -> bytes:
    """Return BTF with :data:`TYPES`, written by hand (Documentation/bpf/btf.rst)."""
    strings = b"\0"
    types = b""

    def name(text: str) -> int:
        nonlocal strings
        offset = len(strings)
        strings += text.encode() + b"\0"
        return offset

    def add(text: str, kind: int, count: int, size: int, rest: bytes = b"") -> None:
        nonlocal types
        offset = name(text) if text else 0
        types += struct.pack("=III", offset, kind << 24 | count, size) + rest

    def members(*found: tuple[str, int, int]) -> bytes:
        return b"".join(struct.pack("=III", name(n), type, bit) for n, type, bit in found)

    integer, array, composite, enum, typedef, const, pointer = 1, 3, 4, 6, 8, 10, 2
    signed = 1 << 24
    add("unsigned int", integer, 0, 4, struct.pack("=I", 32))
    add("int", integer, 0, 4, struct.pack("=I", signed | 32))
    add("unsigned long long", integer, 0, 8, struct.pack("=I", 64))
    add("unsigned char", integer, 0, 1, struct.pack("=I", 8))
    add("choice", enum, 2, 4, struct.pack("=IiIi", name("ONE"), 0, name("TWO"), 1))
    add("four", composite, 1, 4, members(("a", 1, 0)))
    add("prefix", composite, 2, 8, members(("prefixlen", 1, 0), ("data", 1, 32)))
    add("group_key", composite, 2, 16, members(("a", 3, 0), ("b", 1, 64)))
    add("pair", composite, 2, 16, members(("a", 3, 0), ("b", 3, 64)))
    add("nothing", composite, 0, 0)
    add("number", typedef, 0, 1)
    add("", array, 0, 0, struct.pack("=III", 4, 1, 8))
    add("", const, 0, 1)
    add("", pointer, 0, 0)
    add("", array, 0, 0, struct.pack("=III", 4, 1, 65407))
    add("", array, 0, 0, struct.pack("=III", 4, 1, 65408))
    header = struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings))
    return header + types + strings


NUMBERS = {
    "hash": 1,
    "array": 2,
    "prog_array": 3,
    "perf_event_array": 4,
    "percpu_hash": 5,
    "percpu_array": 6,
    "stack_trace": 7,
    "cgroup_array": 8,
    "lru_hash": 9,
    "lru_percpu_hash": 10,
    "lpm_trie": 11,
    "array_of_maps": 12,
    "hash_of_maps": 13,
    "devmap": 14,
    "sockmap": 15,
    "cpumap": 16,
    "xskmap": 17,
    "sockhash": 18,
    "cgroup_storage": 19,
    "reuseport_sockarray": 20,
    "percpu_cgroup_storage": 21,
    "queue": 22,
    "stack": 23,
    "sk_storage": 24,
    "devmap_hash": 25,
    "ringbuf": 27,
    "inode_storage": 28,
    "task_storage": 29,
    "bloom_filter": 30,
    "user_ringbuf": 31,
    "cgrp_storage": 32,
    "arena": 33,
    "insn_array": 34,
    "rhash": 35,
}
"""Every kind that can be defined; enum bpf_map_type."""

STORAGES = ("sk_storage", "inode_storage", "task_storage", "cgrp_storage")
HASHES = ("hash", "percpu_hash", "lru_hash", "lru_percpu_hash", "hash_of_maps")
RINGS = ("ringbuf", "user_ringbuf")
FORTY_EIGHT = 4194304 - 48

_GOOD_KEY = {
    **dict.fromkeys(("queue", "stack", "bloom_filter", "arena", *RINGS), (0,)),
    **dict.fromkeys(("cgroup_storage", "percpu_cgroup_storage"), (8, 16)),
    **dict.fromkeys(HASHES, (1, 4, 8, 16, 512, 513)),
    "lpm_trie": (5, 8, 20, 260),
    "sockhash": (1, 4, 8, 511, 512),
    "rhash": (1, 4, 16),
}
_GOOD_VALUE = {
    **dict.fromkeys(("arena", *RINGS), (0,)),
    **dict.fromkeys(("hash", "array", "lru_hash", "queue", "stack", "rhash"), (1, 4, 8, 64, 4096)),
    **dict.fromkeys(("bloom_filter", *STORAGES, "lpm_trie"), (1, 4, 8, 64, 4096)),
    **dict.fromkeys(("percpu_hash", "percpu_array", "lru_percpu_hash"), (1, 8, 32767, 32768)),
    **dict.fromkeys(("cgroup_storage", "percpu_cgroup_storage"), (1, 8, 4096)),
    **dict.fromkeys(("devmap", "devmap_hash", "sockmap", "sockhash", "cpumap"), (4, 8)),
    "reuseport_sockarray": (4, 8),
    "stack_trace": (8, 32, 64, 1016),
    "insn_array": (16,),
}
_KEYS = (0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 20, 24, 32, 260, 261, 511, 512, 513, 65535, 65536)
_KEYS_LARGE = (FORTY_EIGHT - 6, FORTY_EIGHT - 5, FORTY_EIGHT - 2, FORTY_EIGHT - 1, 1 << 31)
_VALUES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 32, 40, 1008, 1016, 1024, 4064, 4096)
_VALUES_LARGE = (
    *(32767, 32768, 32769, 65406, 65407, 65408, 4194023, 4194024, 4194025),
    *(FORTY_EIGHT - 2, FORTY_EIGHT - 1, FORTY_EIGHT, 4194304, 4194305, 0x7FFFFFFF, 0x80000000),
)
_ENTRIES = (1, 2, 3, 4, 5, 8, 16, 100, 255, 256)
_ENTRIES_ODD = (
    *(0, 0, 257, 4096, 4097, 8192, 8193, 12288, 65536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1),
    *((1 << 27) + 1, (1 << 28) + 1, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, 0xFFFFFFFF),
)
_FLAG_SETS = (
    *(0, 0, 0, 1, 1, 2, 4, 8, 0x10, 0x18, 0x20, 0x40, 0x80, 0x100, 0x180, 0x200, 0x201, 0x400),
    *(0x800, 0x1000, 0x1400, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000, 0x20400, 0x40400, 0x60400),
    *(0x80000, 0x100000, 0x80000000, 0x6, 0x5, 0x9, 0x81, 0x11, 0x101, 0x88, 0x110, 0x44),
)
_EXTRAS = (0,) * 12 + (1, 5, 8, 15, 16, 255, 4096, 4097, 1 << 32, (1 << 32) - 4096, 1 << 44)
_NODES = (0,) * 12 + (0xFFFFFFFF, 1024, 5000)


def random_definition(random: Random, kind: str | None = None, depth: int = 0) -> Definition:
    """Return a random map, of *kind* if it is given; about half are ones that a kernel takes."""
    kind = kind or random.choice(list(NUMBERS))
    wild = random.random()  # how many things are likely to be wrong
    odd = 0.06 if wild < 0.5 else 0.3

    def pick(good: tuple[int, ...], any_: tuple[int, ...], large: tuple[int, ...]) -> int:
        if random.random() >= odd:
            return random.choice(good)
        if random.random() < 0.4:  # beside what is right
            return abs(random.choice((min(good), max(good))) + random.choice((-8, -4, -1, 1, 4, 8)))
        return random.choice(any_ if random.random() < 0.6 else large)

    key_size = pick(_GOOD_KEY.get(kind, (4,)), _KEYS, _KEYS_LARGE)
    value_size = pick(_GOOD_VALUE.get(kind, (4,)), _VALUES, _VALUES_LARGE)
    key = value = NO_TYPE
    typed = random.random()
    if typed < 0.45 or kind in STORAGES:
        key = _fitting(random, key_size)
        value = _fitting(random, value_size)
        if typed < 0.05:
            key, value = random.choice(((key, NO_TYPE), (NO_TYPE, value)))
    good_entries: tuple[int, ...] = _ENTRIES
    if kind in (*STORAGES, "cgroup_storage", "percpu_cgroup_storage"):
        good_entries = (0,)
    if kind in RINGS:
        good_entries = (4096, 8192, 65536)
    entries = pick(good_entries, _ENTRIES_ODD, _ENTRIES_ODD)
    flags = random.choice(_FLAG_SETS) if random.random() < 0.4 else 0
    if kind in (*STORAGES, "lpm_trie", "rhash") and random.random() > odd:
        flags |= 1
    if kind == "arena" and random.random() > odd:
        flags |= 0x400
    if random.random() < odd:
        flags |= 1 << random.randrange(32)
    node = random.choice(_NODES) if flags & 4 else 0
    extra = random.choice(_EXTRAS) if random.random() < (0.5 if kind in _EXTRA else 0.04) else 0
    inner = None
    if kind.endswith("_of_maps"):
        value, value_size = NO_TYPE, 4
        inner = random_definition(random, depth=depth + 1) if depth == 0 else None
    return Definition(
        kind=kind,
        number=NUMBERS[kind],
        key=key,
        value=value,
        key_size=TYPES[key].size if key else key_size,
        value_size=TYPES[value].size if value else value_size,
        max_entries=entries,
        map_flags=flags,
        numa_node=node,
        map_extra=extra,
        inner=inner,
    )


_EXTRA = ("bloom_filter", "arena", "rhash")


def _fitting(random: Random, size: int) -> str:
    fitting = [name for name, type in TYPES.items() if type.size == size]
    return (
        random.choice(fitting) if fitting and random.random() < 0.9 else random.choice(list(TYPES))
    )


def plain(kind: str) -> Definition:
    """Return a map of *kind* that every kernel takes which has the kind."""
    flags = 1 if kind in (*STORAGES, "lpm_trie", "rhash") else 0x400 if kind == "arena" else 0
    key_size = _GOOD_KEY.get(kind, (4,))[1 if kind in HASHES else 0]
    value_size = _GOOD_VALUE.get(kind, (4,))[0]
    typed = kind in STORAGES
    key_size = 8 if kind == "lpm_trie" else key_size
    entries = 0 if kind in (*STORAGES, "cgroup_storage", "percpu_cgroup_storage") else 4
    inner = None
    if kind.endswith("_of_maps"):
        inner = plain("array")
    return Definition(
        kind=kind,
        number=NUMBERS[kind],
        key="s32" if typed else NO_TYPE,
        value="u64" if typed else NO_TYPE,
        key_size=key_size,
        value_size=8 if typed else value_size,
        max_entries=65536 if kind in RINGS else entries,
        map_flags=flags,
        numa_node=0,
        map_extra=0,
        inner=inner,
    )


def boundaries() -> Iterator[Definition]:
    """Yield a plain map of each kind, and it with one thing changed: every value of every list."""
    for kind in NUMBERS:
        base = plain(kind)
        yield base
        for bit in range(32):
            yield base._replace(map_flags=base.map_flags ^ 1 << bit)
        for flags in _FLAG_SETS:
            yield base._replace(map_flags=base.map_flags | flags)
        for entries in (*_ENTRIES, *_ENTRIES_ODD):
            yield base._replace(max_entries=entries)
        for extra in _EXTRAS:
            yield base._replace(map_extra=extra)
        if kind not in STORAGES:
            for size in (*_KEYS, *_KEYS_LARGE):
                yield base._replace(key_size=size)
            if base.inner is None:
                for size in (*_VALUES, *_VALUES_LARGE):
                    yield base._replace(value_size=size, max_entries=min(base.max_entries, 1))
        for key, key_type in TYPES.items():
            value = "u64" if base.value_size == 8 else "u32"
            if base.inner is None:
                yield base._replace(
                    key=key, key_size=key_type.size, value=value, value_size=TYPES[value].size
                )
        yield base._replace(key="u32", key_size=4)
        if base.inner is not None:
            for size in (*_VALUES, *_VALUES_LARGE):  # without a definition, a size can stand there
                yield base._replace(inner=None, value_size=size, max_entries=1)
            yield base._replace(inner=None, key="u32", key_size=4)
        else:
            yield base._replace(key="nothing", key_size=0, value="nothing", value_size=0)
            yield base._replace(key="nothing", key_size=0)
            yield base._replace(value="u64", value_size=8)
            yield base._replace(value="u32", value_size=4)
            yield plain("array_of_maps")._replace(inner=base)
            yield plain("hash_of_maps")._replace(inner=base)
            for value, value_type in TYPES.items():
                key = "s32" if base.key_size == 4 else "u64"
                yield base._replace(
                    key=key, key_size=TYPES[key].size, value=value, value_size=value_type.size
                )


def memory(definition: Definition, cpus: int) -> int:
    """Return a generous bound, in bytes, of what the kernel allocates for *definition*.

    0 where a limit that is checked before any allocation is exceeded, whatever bpfgen says.
    """
    kind, entries = definition.kind, definition.max_entries
    key, value = definition.key_size, definition.value_size
    per_cpu = "percpu" in kind
    refused = (
        (kind in HASHES and (entries > 1 << 27 or key + value > FORTY_EIGHT))
        or (kind in (*STORAGES, "cgroup_storage", "percpu_cgroup_storage") and entries)
        or (kind in RINGS and (entries & (entries - 1) or entries < 4096))
        or (kind == "cpumap" and entries > 8192)
        or (kind in ("sockhash", "devmap_hash") and entries > 1 << 31)
        or (kind == "stack_trace" and (value > 4064 or value % 8))
        or (kind == "arena" and entries > 1 << 20)
        or (per_cpu and value > 32768)
        or (kind in ("queue", "stack", "bloom_filter") and value > 4194304)
        or kind in ("insn_array", "rhash")
    )
    if refused:
        return 0
    if kind in RINGS:
        return 4 * entries
    if kind == "arena":
        return 1 << 20
    if kind == "bloom_filter":
        return 8 * entries
    return (128 + key + value * (cpus if per_cpu else 1)) * (entries + cpus) * 2
