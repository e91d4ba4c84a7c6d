"""Random C with maps between `#if`s that stand anywhere: around, inside, in what macros come to.

A program compiles whatever its macros are; what its maps are then, clang alone knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_DEEPEST = 3


class RandomConditions:
    """One program; *random* decides all of it.

    Attributes:
        values: The macros that it asks for, and what they are to be tried as.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self.values: dict[str, tuple[int | None, ...]] = {
            "A": (None, 1),
            "B": (None, 0),
            "V": (None, 0, 2, 5, 6),
        }
        self._count = 0
        self._constants = ["3"]
        self._types = ["int", "long"]

    def text(self) -> str:
        """Return the program."""
        lines = ["#define N0 2", "struct s0 { int a; };"]
        self._constants.append("N0")
        self._types.append("struct s0")
        steps = (self._constant, self._struct, self._map, self._map, self._exclusive, self._maker)
        count = self._random.randint(4, 7)
        lines += (self._random.choice(steps)() for _ in range(count))
        lines.append(self._map())
        return "\n".join(lines) + "\n"

    def _name(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _condition(self) -> str:
        one = ("defined(A)", "!defined(A)", "defined(B)", "V > 1", "V == 5", "V & 2", "B", "V - 5")
        first, second = (self._random.choice(one) for _ in range(2))
        both = (f"{first} && {second}", f"{first} || {second}", f"!({first})")
        return self._random.choice((first, first, first, *both))

    def _branches(self, make: Callable[[int], str], depth: int = 0) -> str:
        """Return a conditional whose branches are what *make* makes, each by a number of its own.

        One branch is always there, so that what *make* declares is.
        """
        lines = [f"#if {self._condition()}", self._inside(make, 1, depth)]
        if self._random.random() < 0.3:
            lines += (f"#elif {self._condition()}", self._inside(make, 2, depth))
        lines += ("#else", self._inside(make, 3, depth), "#endif")
        return "\n".join(lines)

    def _inside(self, make: Callable[[int], str], number: int, depth: int) -> str:
        if depth < _DEEPEST and self._random.random() < 0.25:
            return self._branches(lambda other: make(number * 10 + other), depth + 1)
        return make(number)

    def _maybe(self, text: str) -> str:
        """Return *text* under a condition."""
        return f"\n#if {self._condition()}\n{text}\n#endif\n"

    def _constant(self) -> str:
        name = self._name("N")
        other = self._random.choice(self._constants)
        text = self._branches(lambda number: f"#define {name} ({number} + {other})")
        self._constants.append(name)
        return text

    def _struct(self) -> str:
        name = self._name("s")
        size = self._random.choice(self._constants)
        inner = self._random.choice(self._types)
        choice = self._random.randrange(3)
        if choice == 0:
            text = self._branches(lambda number: f"struct {name} {{ char a[{number}]; }};")
        elif choice == 1:
            text = f"struct {name} {{ int a[{size}]; {self._maybe(f'{inner} more;')} }};"
        else:
            text = f"struct {name} {{ {inner} a; char b[{size}]; }};"
        self._types.append(f"struct {name}")
        return text

    def _members(self) -> str:
        entries, value = self._random.choice(self._constants), self._random.choice(self._types)
        flags = "__uint(map_flags, 1);"
        node = "__uint(numa_node, 0);"
        return (
            f"__uint(type, 1); __uint(max_entries, {entries}); __type(key, int);"
            f" __type(value, {value});"
            f" {self._maybe(flags) if self._random.random() < 0.4 else ''}"
            f" {self._maybe(node) if self._random.random() < 0.2 else ''}"
        )

    def _map(self) -> str:
        name = self._name("m")
        text = f'struct {{ {self._members()} }} {name} SEC(".maps");'
        return self._maybe(text) if self._random.random() < 0.5 else text

    def _exclusive(self) -> str:
        name = self._name("m")
        return self._branches(
            lambda number: (
                f"struct {{ __uint(type, {1 + number % 2}); __uint(max_entries, {number});"
                f' __type(key, int); __type(value, long); }} {name} SEC(".maps");'
            )
        )

    def _maker(self) -> str:
        maker, first, second = self._name("MAKE"), self._name("m"), self._name("m")
        makes = self._branches(
            lambda number: (
                f"#define {maker}(n, v) struct {{ __uint(type, 2); __uint(max_entries, {number});"
                ' __type(key, int); __type(value, v); } n SEC(".maps")'
            )
        )
        value = self._random.choice(self._types)
        return f"{makes}\n{maker}({first}, {value});\n{self._maybe(f'{maker}({second}, int);')}"
