"""Random C with maps whose names, numbers and types come from macros that change all the time.

A program is valid by construction; what its maps are, clang alone knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_SCALARS = ("int", "__u32", "__u64", "unsigned char", "short")
_COMMENTS = ("", "", "", " /* , } ) */", " // {\n", " /* a\n * comment */", " \\\n")
_HEAD = """
#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
#define ID(x) x
#define PLUS(a, b) ((a) + (b))
struct two { __u32 a; __u64 b; };
"""


class RandomC:
    """One program of *maps* maps; *random* decides all else."""

    def __init__(self, random: Random, maps: int) -> None:
        self._random = random
        self._maps = maps
        self._numbers: list[str] = []
        self._types: list[str] = []
        self._makers: list[str] = []
        self._named: list[str] = []
        self._structs = 0

    def text(self) -> str:
        """Return the program."""
        define = (self._define_number, self._define_type, self._define_maker)
        first = [self._define_number(), *(step() for step in define), self._struct()]
        lines = [_HEAD, *first]
        steps: list[Callable[[], str]] = [*define, self._struct, self._map, self._made_map]
        steps += [self._map, self._map, self._made_map, self._like]
        while len(self._named) < self._maps:
            lines.append(self._random.choice(steps)())
            if self._random.random() < 0.2:
                number = self._random.choice(self._numbers)
                lines.append(f"#if {number} > 9\n#undef L\n#define L {number} - 1\n#else\n")
                lines.append("#undef L\n#define L 3\n#endif")
        return "\n".join(lines) + "\n"

    def _comment(self) -> str:
        return self._random.choice(_COMMENTS)

    def _number(self, numbers: list[str] | None = None) -> str:
        """Return an expression of 1 at least, of macros among *numbers*."""
        names = self._numbers if numbers is None else numbers
        plain = [str(self._random.randint(1, 20)), f"0x{self._random.randint(1, 20):x}u"]
        one, other = (self._random.choice(plain + names) for _ in range(2))
        forms = [one, one, f"PLUS({one}, {other})", f"ID({one})", f"({one} << 1)"]
        return self._random.choice([*forms, f"({one} > {other} ? {one} : {other})"])

    def _unreadable(self) -> str:
        """Return an expression, with some that only a compiler can tell."""
        number = self._number()
        forms = (f"sizeof({self._type()})", f"__builtin_offsetof(struct two, b) + {number}")
        return self._random.choice((number, number, number, *forms))

    def _type(self) -> str:
        return self._random.choice([*_SCALARS, "struct two", *self._types])

    def _define(self, name: str, known: list[str], body: str) -> str:
        undefined = f"#undef {name.partition('(')[0]}\n" if name in known else ""
        if name not in known:
            known.append(name)
        return f"{undefined}#define {name} {body}"

    def _define_number(self) -> str:
        name = f"N{self._random.randrange(5)}"
        # One that comes to itself in the end is no number.
        return self._define(
            name, self._numbers, self._number([n for n in self._numbers if n > name])
        )

    def _define_type(self) -> str:
        body = self._random.choice([*_SCALARS, "struct two"])
        return self._define(f"T{self._random.randrange(3)}", self._types, body)

    def _define_maker(self) -> str:
        members = self._members(f"n + {self._number()}", self._type(), "v", "")
        name = f"MAKE{self._random.randrange(3)}(n, v)"
        return self._define(name, self._makers, f"struct {{ {members} }}")

    def _struct(self) -> str:
        self._structs += 1
        name = f"struct s{self._structs}"
        text = (
            f"{name} {{{self._comment()} {self._random.choice(_SCALARS)} a[{self._number()}];"
            f"{self._comment()} {self._type()} b; }};"
        )
        self._types.append(name)
        return text

    def _members(self, entries: str, key: str, value: str, comment: str) -> str:
        kind = self._random.choice(("1", "2", "BPF_MAP_TYPE_HASH", "ID(9)"))
        return (
            f"__uint(type, {kind});{comment} __uint(max_entries,{comment} {entries});"
            f" __type(key, {'int' if kind == '2' else key}); __type(value, {value});"
        )

    def _name(self) -> str:
        name = f"m{len(self._named)}"
        self._named.append(name)
        return self._random.choice((name, f"CAT(m, {name[1:]})", f"ID({name})"))

    def _map(self) -> str:
        members = self._members(self._unreadable(), self._type(), self._type(), self._comment())
        return f'struct {{ {members} }}{self._comment()} {self._name()} SEC(".maps");'

    def _made_map(self) -> str:
        maker = self._random.choice(self._makers).partition("(")[0]
        arguments = f"{self._number()},{self._comment()} {self._type()}"
        return f'{maker}({arguments}) {self._name()} SEC(".maps");'

    def _like(self) -> str:
        other = self._random.choice([*self._named, ""])
        return f'typeof({other}) {self._name()} SEC(".maps");' if other else ""
