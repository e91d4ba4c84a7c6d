"""Random sources whose maps a kernel takes: types of every form, and maps of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.changes.program import (
    RUNTIME,
    Composite,
    Constant,
    Enum,
    Map,
    Member,
    Program,
    Shape,
    Typedef,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tests.changes.program import Declaration

UNSIGNED = ("__u8", "__u16", "__u32", "__u64")
SIGNED = ("__s8", "__s16", "__s32", "__s64")
ORDERED = ("__be16", "__be32", "__be64", "__le16", "__le32", "__le64")
OTHERS = (
    *("char", "signed char", "bool", "int", "unsigned int", "long", "unsigned long", "long long"),
    *("short", "float", "double", "__int128", "unsigned __int128", "unsigned long long"),
)
SCALARS = (*UNSIGNED * 3, *SIGNED, *ORDERED, *OTHERS)
SIZES = {"8": 1, "16": 2, "32": 4, "64": 8}

POINTERS = ("void *{}", "struct other *{}", "const char *{}", "int (*{})(void *, int)")
KERNEL = (
    *("struct bpf_spin_lock {}", "struct bpf_timer {}", "struct bpf_wq {}"),
    *("struct task_struct __kptr *{}", "struct cgroup __kptr_untrusted *{}"),
)
"""Fields that the kernel looks after."""

WORDS = (
    *("packets", "bytes", "flags", "saddr", "daddr", "sport", "dport", "proto", "when", "seen"),
    *("count", "total", "mark", "zone", "ifindex", "pid", "tgid", "comm", "state", "ttl", "hash"),
    *("index", "limit", "cookie", "drops", "errors", "last", "first", "kind", "level", "cpu"),
)
RESERVED = ("reserved", "pad", "_reserved", "__pad", "reserved0", "pad1")
MAP_WORDS = ("flows", "events", "config", "stats", "routes", "sessions", "jumps", "cache", "peers")

NO_PREALLOC, NUMA_NODE, RDONLY, WRONLY, RDONLY_PROG = 0x1, 0x4, 0x8, 0x10, 0x80
MMAPABLE, INNER_MAP = 0x400, 0x1000

HASHES = ("hash", "lru_hash", "percpu_hash", "lru_percpu_hash")
ARRAYS = ("array", "percpu_array")
RINGS = ("ringbuf", "user_ringbuf")
STORAGES = ("sk_storage", "inode_storage", "task_storage", "cgrp_storage")
SOCKETS = ("devmap", "devmap_hash", "cpumap", "sockmap", "sockhash", "reuseport_sockarray")
IDS = ("xskmap", "cgroup_array", "prog_array")
KEYLESS = ("queue", "stack", "bloom_filter")
MAPS_OF_MAPS = ("array_of_maps", "hash_of_maps")
KINDS = (
    *(*HASHES, *ARRAYS) * 3,
    *(*KEYLESS, "ringbuf", "perf_event_array", "lpm_trie", *MAPS_OF_MAPS) * 2,
    *("user_ringbuf", *STORAGES, *SOCKETS, *IDS, "stack_trace", "cgroup_storage"),
)
FLAGS = {
    **dict.fromkeys(("hash", "percpu_hash"), (NO_PREALLOC, RDONLY, WRONLY, RDONLY_PROG)),
    **dict.fromkeys(("lru_hash", "lru_percpu_hash"), (RDONLY, RDONLY_PROG)),
    "array": (MMAPABLE, INNER_MAP, RDONLY_PROG, WRONLY),
    "percpu_array": (RDONLY_PROG,),
    **dict.fromkeys(("devmap", "devmap_hash"), (RDONLY, WRONLY)),
    **dict.fromkeys(("queue", "stack"), (RDONLY, WRONLY)),
}
"""Flags that a map may have and needn't."""


def random_program(random: Random, types: int = 5, maps: int = 4) -> Program:
    """Return a source with about so many *types* and *maps*."""
    making = _Making(random)
    for _ in range(types):
        making.type()
    for _ in range(maps):
        making.map()
    return Program(tuple(making.declarations))


def is_reserved(member: Member) -> bool:
    """Return whether *member* only keeps bytes free, or is bits without a name."""
    return member.name.lstrip("_").startswith(("reserved", "pad")) or (
        not member.name and isinstance(member.type, str)
    )


class _Making:
    """Declarations, each of which may use those before it."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.declarations: list[Declaration] = []
        self.names = 0
        self.usable: list[str] = []  # types that can be members and elements
        self.values: list[str] = []  # types that a value may have
        self.keys: list[str] = []  # types without padding
        self.constants: list[str] = []
        self.taken: set[str] = set()

    def number(self) -> int:
        self.names += 1
        return self.names

    def chance(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def one(self, options: Sequence[str]) -> str:
        return self.random.choice(options)

    def word(self, words: Sequence[str] = WORDS) -> str:
        name = self.one(words)
        if name in self.taken:
            name = f"{name}_{self.number()}"
        self.taken.add(name)
        return name

    # Types.

    def type(self) -> None:
        self.taken = set()
        what = self.random.randrange(12)
        if what == 0:
            self.constant()
        if what in {1, 2}:
            self.enum()
        elif what == 3:
            self.typedef()
        elif what == 4:
            self.key()
        else:
            self.composite()

    def constant(self) -> None:
        name = f"N{self.number()}"
        self.declarations.append(Constant(name, self.random.choice((2, 3, 4, 8, 16))))
        self.constants.append(name)

    def enum(self) -> None:
        tag = f"e{self.number()}"
        base = self.one(("", "", "__u8", "__u16", "__u32", "__u64", "__s8", "__s32"))
        least = -2 if not base.startswith("__u") and self.chance(2) else 0
        values = self.random.sample(range(least, 20), self.random.randint(2, 5))
        if base in {"", "__u64"} and self.chance(6):
            values.append(2**33)
        named = tuple((f"E{self.number()}", value) for value in sorted(values))
        self.declarations.append(Enum(tag, base, named))
        self.usable.append(f"enum {tag}")

    def typedef(self) -> None:
        name = f"t{self.number()}"
        lengths = (self.length(),) if self.chance(2) else ()
        self.declarations.append(Typedef(name, self.plain(), lengths))
        self.usable.append(name)

    def key(self) -> None:
        """Declare a struct without padding."""
        size = self.random.choice((1, 2, 4, 8))
        spellings = [
            name for name in (*UNSIGNED, *SIGNED, *ORDERED) if SIZES[name.lstrip("_abelsu")] == size
        ]
        members = [
            Member(self.word(), self.one(spellings)) for _ in range(self.random.randint(1, 4))
        ]
        if self.chance(3):
            members.append(Member(self.word(RESERVED), "__u8", (size,)))
        tag = f"s{self.number()}"
        self.declarations.append(Composite("struct", tag, tuple(members)))
        for known in (self.usable, self.values, self.keys):
            known.append(f"struct {tag}")

    def composite(self) -> None:
        kind = "union" if self.chance(6) else "struct"
        members = self.members(2, self.random.randint(1, 7))
        is_special = kind == "struct" and self.chance(8)
        is_open = kind == "struct" and not is_special and self.chance(12)
        if is_open:
            members += [Member(self.word(), "__u32"), Member(self.word(), self.one(SCALARS), (-1,))]
        if is_special:
            field = self.one(KERNEL)
            members.insert(self.random.randrange(len(members) + 1), Member(self.word(), field))
        attributes = "" if is_special else self.attributes()
        tag = f"{kind[0]}{self.number()}"
        self.declarations.append(Composite(kind, tag, tuple(members), attributes))
        self.values.append(f"{kind} {tag}")
        if not (is_special or is_open):
            self.usable.append(f"{kind} {tag}")

    def attributes(self) -> str:
        if not self.chance(6):
            return ""
        texts = ("packed", "packed", "packed, aligned(4)", "aligned(8)", "aligned(16)")
        return f" __attribute__(({self.one(texts)}))"

    def members(self, depth: int, count: int) -> list[Member]:
        """Return about *count* members, one of which isn't reserved."""
        members = [self.member(depth) for _ in range(count)]
        if all(is_reserved(member) for member in members):
            members.append(Member(self.word(), self.plain()))
        return members

    def member(self, depth: int) -> Member:
        what = self.random.randrange(20)
        if what < 3:
            return self.bits()
        if what == 3 and depth:
            return self.nested(depth)
        if what in {4, 5}:
            length = self.random.randint(1, 16)
            return Member(self.word(RESERVED), self.one(("__u8", "__u8", "__u32")), (length,))
        if what == 6:
            return Member(self.word(RESERVED), self.one(UNSIGNED))
        if what == 7:
            return Member(self.word(), self.one(POINTERS))
        if what in {8, 9}:
            lengths = tuple(self.length() for _ in range(self.random.choice((1, 1, 2))))
            return Member(self.word(), self.plain(), lengths)
        if what == 10:
            return Member(self.word(), "char", (self.random.choice((1, 8, 16)),))
        attributes = ""
        if self.chance(16):
            attributes = self.one((" __attribute__((aligned(8)))", " __attribute__((packed))"))
        return Member(self.word(), self.plain(), (), None, attributes)

    def bits(self) -> Member:
        enums = [one for one in self.declarations if isinstance(one, Enum)]
        if enums and self.chance(6):
            enum = self.random.choice(enums)
            width = self.random.randint(3, SIZES.get(enum.base.lstrip("_us"), 4) * 8)
            return Member(self.word(), f"enum {enum.tag}", (), width)
        type = self.one((*UNSIGNED, "int", "bool", "unsigned int", "__s32"))
        most = 1 if type == "bool" else SIZES.get(type.lstrip("_us"), 4) * 8
        if self.chance(10) and type != "bool":
            return Member("", type, (), self.random.choice((0, 1, 3)))
        widths = (1, most // 2 or 1, most, self.random.randint(1, most))
        return Member(self.word(), type, (), self.random.choice(widths))

    def nested(self, depth: int) -> Member:
        kind = self.one(("struct", "union"))
        is_nameless = self.chance(2)
        outer = self.taken
        if not is_nameless:
            self.taken = set()
        members = self.members(depth - 1, self.random.randint(1, 4))
        if not is_nameless:
            self.taken = outer
        body = Composite(kind, "", tuple(members), self.attributes() if self.chance(4) else "")
        if is_nameless:
            return Member("", body)
        lengths = (self.random.randint(1, 3),) if self.chance(4) else ()
        return Member(self.word(), body, lengths)

    def plain(self) -> str:
        if self.usable and self.chance(4):
            return self.one(self.usable[-6:])
        return self.one(SCALARS)

    def length(self) -> int | str:
        if self.constants and self.chance(3):
            return self.one(self.constants)
        return self.random.randint(1, 5)

    # Maps.

    def map(self) -> None:
        self.taken = {one.name for one in self.declarations if isinstance(one, Map)}
        shape = self.shape(self.one(KINDS))
        linkage = self.one(("weak", "extern")) if self.chance(10) and shape.inner is None else ""
        name = self.word(MAP_WORDS)
        slots: tuple[str, ...] = ()
        if shape.inner is not None and shape.kind == "array_of_maps" and self.chance(3):
            slot = self.word(MAP_WORDS)
            self.declarations.append(Map(slot, shape.inner))
            slots = (slot,)
        self.declarations.append(Map(name, shape, linkage, slots))

    def shape(self, kind: str, *, is_inner: bool = False) -> Shape:
        key, value = self.key_type(), self.value_type()
        entries: int | str | None = self.random.choice((1, 4, 16, 100, 1024))
        if self.constants and self.chance(5):
            entries = self.one(self.constants)
        elif self.chance(12) and not is_inner and kind not in MAPS_OF_MAPS:
            entries = RUNTIME
        shape = Shape(kind, entries=entries)
        if kind in (*ARRAYS, *STORAGES):
            shape = shape._replace(key="__u32", value=value)
        elif kind in HASHES:
            shape = shape._replace(key=key, value=value)
            if self.chance(8):
                shape = Shape(kind, entries=entries, key_size=8, value_size=24)
        elif kind in KEYLESS:
            shape = shape._replace(value=value if kind != "bloom_filter" else key)
            if kind == "bloom_filter" and self.chance(2):
                shape = shape._replace(map_extra=self.random.randint(1, 15))
        elif kind in RINGS:
            shape = shape._replace(entries=self.random.choice((4096, 8192, 65536)))
            if kind == "ringbuf" and self.values and not self.chance(4):
                shape = shape._replace(record=self.one(self.values))
        elif kind == "perf_event_array":
            shape = shape._replace(entries=None if self.chance(2) else 16)
            if self.values and not self.chance(4):
                shape = shape._replace(record=self.one(self.values))
        elif kind == "lpm_trie":
            shape = shape._replace(key=self.prefix(), value=value, map_flags=NO_PREALLOC)
        elif kind in SOCKETS:
            shape = shape._replace(key="__u32", value=self.one(("__u32", "__u64")))
            if kind == "devmap" and self.chance(2):
                shape = shape._replace(value="struct bpf_devmap_val")
            if kind in {"devmap", "devmap_hash", "cpumap"}:
                shape = shape._replace(value=shape.value.replace("__u64", "__u32"))
        elif kind == "stack_trace":
            shape = shape._replace(key_size=4, value_size=8 * self.random.choice((16, 127)))
        elif kind == "cgroup_storage":
            shape = shape._replace(key="struct bpf_cgroup_storage_key", value=value)
        elif kind in MAPS_OF_MAPS:
            inner = self.shape(self.one((*HASHES, *ARRAYS, "lpm_trie", "ringbuf")), is_inner=True)
            key = "__u32" if kind == "array_of_maps" else key
            shape = shape._replace(key=key, inner=inner._replace(is_pinned=False))
        if kind in STORAGES:
            shape = shape._replace(entries=None, key="int", map_flags=NO_PREALLOC)
        if kind == "cgroup_storage":
            shape = shape._replace(entries=None)
        if kind in FLAGS and self.chance(4):
            shape = shape._replace(map_flags=shape.map_flags | self.random.choice(FLAGS[kind]))
        if kind == "hash" and self.chance(16):
            shape = shape._replace(map_flags=shape.map_flags | NUMA_NODE, numa_node=0)
        return shape._replace(is_pinned=not is_inner and self.chance(3))

    def key_type(self) -> str:
        if self.keys and self.chance(2):
            return self.one(self.keys)
        return self.one(("__u8", "__u16", "__u32", "__u64", "__be32", "int", "__u8[16]", "char[8]"))

    def value_type(self) -> str:
        if self.values and not self.chance(4):
            return self.one(self.values[-5:])
        return self.one(("__u32", "__u64", "__s64", "char[16]", "__u64[4]", "__be32", "int"))

    def prefix(self) -> str:
        """Declare the key of an lpm_trie."""
        self.taken = set()
        tag = f"s{self.number()}"
        members = (Member("prefixlen", "__u32"), Member(self.word(), self.one(("__be32", "__u32"))))
        self.declarations.append(Composite("struct", tag, members))
        self.taken = {one.name for one in self.declarations if isinstance(one, Map)}
        return f"struct {tag}"
