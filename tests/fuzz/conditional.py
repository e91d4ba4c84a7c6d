"""Random sources with conditions, each in two spellings: with `when`, and with C's `#if`.

The second is for a real preprocessor, which cuts the branches out of the text as text. Names are
drawn from a small pool, so that declarations repeat, miss and use one another across branches;
most of these sources are wrong in some case, and many are right in another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

MACROS = ("MAC_A", "MAC_B", "MAC_C", "MAC_D")
"""No program text uses them but its conditions, since a preprocessor replaces them everywhere."""

VALUES = (None, 0, 1, 2, 3, 4, 6, 9, -1)
CONSTANTS = {"LIMIT": 4, "BITS": 2}
"""What every source declares; in C, conditions ask for macros with an underscore more."""

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_TYPES = ("__u32", "__u64", "key", "value", "word")


class Conditional:
    """One source.

    Attributes:
        ours: The text with `when`.
        theirs: The text with `#if`.
    """

    def __init__(self, draw: Random, items: int) -> None:
        self._draw = draw
        self._ours: list[str] = []
        self._theirs: list[str] = []
        self._count = 0
        self._both(f"macro {', '.join(MACROS)};", "")
        for name, value in CONSTANTS.items():
            self._both(f"const {name} = {value};")
        self._block(items, 0)
        self._both("map always: array<__u32, __u64>[1];")
        self.ours = "\n".join(self._ours) + "\n"
        defines = [f"#define {name}_ {value}\n" for name, value in CONSTANTS.items()]
        self.theirs = "".join(defines) + "\n".join(self._theirs) + "\n"

    def _both(self, ours: str, theirs: str | None = None) -> None:
        self._ours.append(ours)
        self._theirs.append(ours if theirs is None else theirs)

    def _block(self, items: int, depth: int) -> None:
        for _ in range(items):
            if depth < 3 and self._draw.random() < 0.35:
                self._when(lambda: self._block(self._draw.randrange(1, 3), depth + 1))
            else:
                self._item()

    def _when(self, fill: object) -> None:
        """Write a `when` with one to four branches, each filled by *fill*."""
        assert callable(fill)
        ours, theirs = self._condition()
        self._both(f"when ({ours}) {{", f"#if {theirs}")
        fill()
        while self._draw.random() < 0.3:
            ours, theirs = self._condition()
            self._both(f"}} else when ({ours}) {{", f"#elif {theirs}")
            fill()
        if self._draw.random() < 0.5:
            self._both("} else {", "#else")
            fill()
        self._both("}", "#endif")

    def _condition(self, depth: int = 2) -> tuple[str, str]:
        draw = self._draw
        kind = draw.random()
        if depth and kind < 0.3:
            (a, c), (b, d) = self._condition(depth - 1), self._condition(depth - 1)
            operator = draw.choice(("&&", "||"))
            return f"({a}) {operator} ({b})", f"({c}) {operator} ({d})"
        if depth and kind < 0.4:
            ours, theirs = self._condition(depth - 1)
            return f"!({ours})", f"!({theirs})"
        name = draw.choice(MACROS)
        if kind < 0.55:
            text = draw.choice((name, f"defined({name})", f"!defined {name}"))
            return text, text
        if kind < 0.7:
            text = f"{name} & {draw.choice((1, 2, 4))}"
            return text, text
        operator = draw.choice(_COMPARISONS)
        if kind < 0.8:
            constant = draw.choice((*CONSTANTS,))
            return f"{name} {operator} {constant}", f"{name} {operator} {constant}_"
        if kind < 0.85:
            constant = draw.choice((*CONSTANTS,))
            number = draw.randrange(6)
            return f"{constant} {operator} {number}", f"{constant}_ {operator} {number}"
        # A macro that is compared with another one is rare in programs, and hard to search.
        other = draw.choice((MACROS[0], "1", "2", "3", "5", "6", "8"))
        text = f"{name} {operator} {other}"
        return text, text

    def _item(self) -> None:
        draw = self._draw
        match draw.randrange(12):
            case 0:
                self._both(f"struct {draw.choice(('key', 'value'))} {{ {self._type()} a; }};")
            case 1:
                self._both(
                    f"struct {self._fresh('s')} {{ {self._type()} a, b[{self._number()}]; }};"
                )
            case 2:
                name = draw.choice(("few", self._fresh("N"), self._fresh("N")))
                self._both(f"const {name} = {draw.choice(('LIMIT', 'BITS + 1', '3'))};")
            case 3:
                self._both(f"typedef {draw.choice(('__u32', '__u64'))} word;")
            case 4:
                self._map(draw.choice(("shared", "table")))
            case 5:
                kind = draw.choice(("array", "hash"))
                shape = f"{kind}<{self._type()}, {self._type()}>[{self._number()}]"
                self._both(f"template {draw.choice(('shape', self._fresh('t')))}: {shape};")
            case _:
                self._map(self._fresh("m"))

    def _map(self, name: str) -> None:
        draw = self._draw
        if draw.random() < 0.1:
            self._both(f"map {name}: shape;")
            return
        shape = f"hash<{self._type()}, {self._type()}>[{self._number()}]"
        if draw.random() < 0.4:
            self._both(f"map {name}: {shape} {{")
            for _ in range(draw.randrange(1, 3)):
                self._when(self._attribute)
            self._both("};")
        else:
            self._both(f"map {name}: {shape};")

    def _attribute(self) -> None:
        attributes = ("map_flags = BPF_F_NO_PREALLOC;", "map_extra = 0;", "pinning = by_name;")
        self._both(self._draw.choice(attributes))

    def _type(self) -> str:
        return self._draw.choice(_TYPES if self._draw.random() < 0.2 else _TYPES[:2])

    def _number(self) -> str:
        return self._draw.choice(
            ("LIMIT", "few" if self._draw.random() < 0.2 else "4", "BITS", "8")
        )

    def _fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"
