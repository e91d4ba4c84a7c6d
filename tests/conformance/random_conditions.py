"""Random sources with conditions: what can stand in a `when`, and what uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

CONDITIONS = (
    "MODE == 1",
    "MODE == 2",
    "MODE > LIMIT",
    "defined(FAST)",
    "!defined(FAST)",
    "FAST && MODE",
    "(FLAGS & 2) != 0",
    "defined(FAST) || MODE == 2",
)

TYPES = (
    "__u32",
    "__u64",
    "__be16",
    "__u8",
    "bool",
    "char",
    "unsigned long",
    "__int128",
    "struct shared",
    "enum kind",
    "tag_t",
)

HEAD = """/// A source with conditions.

macro MODE, FAST, FLAGS;

const LIMIT = 1;

enum kind : __u8 { FIRST, SECOND = 4 };
typedef __u64 tag_t;

/// What both sides know.
struct shared {
    __u32 class;
    __u16 port : 4;
    __u16 rest : 12;
    __u16 pad;
};
"""


class Source:
    """A source that is written down piece by piece, from random choices."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._lines = [HEAD]
        self._count = 0

    def text(self, size: int) -> str:
        """Return a source of some *size* declarations."""
        for _ in range(size):
            self._draw.choice((self._constant, self._type, self._map, self._group))()
        return "".join(self._lines)

    def _fresh(self, stem: str) -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def _number(self) -> int:
        return self._draw.choice((1, 2, 3, 8, 16, 100))

    def _either(self, write: Callable[[int], str]) -> str:
        """Return what *write* gives in one branch of a `when` after the other."""
        conditions = self._draw.sample(CONDITIONS, self._draw.randrange(1, 3))
        text = "".join(
            f"{'} else ' if number else ''}when ({condition}) {{\n{write(number)}"
            for number, condition in enumerate(conditions)
        )
        return f"{text}}} else {{\n{write(len(conditions))}}}\n"

    def _constant(self) -> None:
        name = self._fresh("COUNT_")
        self._lines.append(self._either(lambda _: f"const {name} = {self._number()};\n"))
        self._map(self._struct(name), name)

    def _type(self) -> None:
        name = self._fresh("value_")
        self._lines.append(self._either(lambda _: self._definition(name)))
        self._map(name)

    def _struct(self, length: str) -> str:
        name = self._fresh("counted_")
        self._lines.append(
            f"struct {name} {{ __u64 each[{length}]; __u32 last[{length} * 2]; }};\n"
        )
        return name

    def _definition(self, name: str) -> str:
        draw = self._draw
        types = draw.sample(TYPES, draw.randrange(1, 4))
        members = "".join(f"    {type} m{place};\n" for place, type in enumerate(types))
        doc = "/// As it is here.\n" if draw.random() < 0.3 else ""
        return f"{doc}struct {name} {{\n{members}}};\n"

    def _map(self, value: str = "", count: str = "") -> None:
        self._lines.append(self._map_text(self._fresh("map_"), value, count))

    def _map_text(self, name: str, value: str = "", count: str = "") -> str:
        draw = self._draw
        value = value or draw.choice(("__u64", "shared", "tag_t"))
        entries = count or str(self._number())
        kind = draw.choice(("hash<__u32, V>", "array<__u32, V>", "percpu_array<__u32, V>", "inner"))
        if kind == "inner":
            inner = f"hash<__u32, {value}>[{entries}]"
            return f"map {name}: array_of_maps<__u32, {inner}>[{self._number()}];\n"
        attributes = []
        if draw.random() < 0.5:
            attributes.append(f"when ({draw.choice(CONDITIONS)}) {{\n    pinning = by_name;\n}}\n")
        if kind.startswith("hash") and draw.random() < 0.5:
            flags = ("BPF_F_NO_PREALLOC", "BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG")
            chosen = draw.sample(flags, 3)
            attributes.append(self._either(lambda place: f"    map_flags = {chosen[place]};\n"))
        prefix = draw.choice(("", "", "", "weak ", "extern "))
        doc = "/// Counts.\n/// In two lines.\n" if draw.random() < 0.3 else ""
        body = "".join(attributes)
        head = f"{doc}{prefix}map {name}: {kind.replace('V', value)}[{entries}]"
        return f"{head} {{\n{body}}}\n" if body else f"{head};\n"

    def _group(self) -> None:
        """Write some declarations that stand in one branch, or the same map in all."""
        draw = self._draw
        if draw.random() < 0.5:
            name = self._fresh("map_")
            self._lines.append(self._either(lambda _: self._map_text(name)))
            return
        name = self._fresh("only_")
        used = self._map_text(self._fresh("map_"), name)
        inside = f"{self._definition(name)}{used}"
        if draw.random() < 0.5:
            more = self._map_text(self._fresh("map_"))
            inside += f"when ({draw.choice(CONDITIONS)}) {{\n{more}}}\n"
        self._lines.append(f"when ({draw.choice(CONDITIONS)}) {{\n{inside}}}\n")
