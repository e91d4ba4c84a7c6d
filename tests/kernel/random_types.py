"""Random types near the limits of what the kernel takes, each with the declarations it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

INTEGERS = (
    *("char", "signed char", "__u8", "short", "__u16", "int", "unsigned int", "long", "__u64"),
    *("long long", "__int128", "unsigned __int128", "_Bool"),
)
FLOATS = ("float", "double", "long double")
BASES = ("", "", ": __u8 ", ": __s16 ", ": unsigned int ", ": __u64 ", ": bool ")
NAME_LENGTHS = (127, 128, 129, 511, 512, 513, 600)
DEPTHS = (14, 15, 16, 29, 30, 31, 32, 33, 40)


class RandomType:
    """One type: *text* declares what it needs, *name* is what a map calls it.

    All names end in *number*, so that many can stand in one file.
    """

    def __init__(self, chance: Random, number: int) -> None:
        self.chance = chance
        self.number = number
        self._count = 0
        # Chains of pointers end at a type of their own, lest clang has had their ends before.
        self._lines = [f"typedef int own_{number};"]
        self.name = self._any()

    @property
    def text(self) -> str:
        """The declarations, a line each."""
        return "".join(f"{line}\n" for line in self._lines)

    def _new(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}_{self.number}"

    def _any(self) -> str:
        chance = self.chance
        what = chance.randrange(20)
        if what < 12:
            return self._struct(chance.choice((0, 1, 2)))
        if what < 14:
            return self._deep()
        if what == 14:
            return self._long_name()
        if what == 15:
            return self._typedef(self._struct(1))
        if what == 16:
            return f"{self._struct(0)}[{chance.choice((1, 2, 7))}]"
        if what == 17:
            return self._enum()
        return self._function_holder()

    def _scalar(self) -> str:
        chance = self.chance
        what = chance.randrange(8)
        if what < 4:
            return chance.choice(INTEGERS)
        if what < 6:
            return chance.choice(FLOATS)
        return self._typedef(chance.choice(FLOATS)) if what == 6 else self._enum()

    def _typedef(self, type: str) -> str:
        name = self._new("t")
        qualifier = self.chance.choice(("", "", "const ", "volatile "))
        self._lines.append(f"typedef {qualifier}{type} {name};")
        return name

    def _enum(self) -> str:
        tag = self._new("e")
        base = self.chance.choice(BASES)
        values = ("", "") if base else ("", "= -1", "= 1ULL << 40")
        packed = "" if base or self.chance.random() < 0.6 else " __attribute__((packed))"
        body = f"{tag}_A {self.chance.choice(values)}"
        self._lines.append(f"enum {tag} {base}{{ {body} }}{packed};")
        return f"enum {tag}"

    def _struct(self, depth: int) -> str:
        chance = self.chance
        kind = "union" if chance.random() < 0.15 else "struct"
        tag = self._new("s")
        with_bits = chance.random() < 0.5
        body = " ".join(
            self._member(f"m{n}", depth, with_bits=with_bits) for n in range(chance.randint(1, 5))
        )
        packed = " __attribute__((packed))" if chance.random() < 0.5 else ""
        self._lines.append(f"{kind} {tag} {{ {body} }}{packed};")
        return f"{kind} {tag}"

    def _member(self, name: str, depth: int, *, with_bits: bool) -> str:
        chance = self.chance
        what = chance.randrange(12)
        if with_bits and what < 5:
            return self._bit_field(name)
        if what < 6:
            return f"{self._scalar()} {name};"
        if what == 6:
            return f"{self._scalar()} {name}[{chance.choice((1, 2, 3))}];"
        if what == 7 and depth:
            return f"{self._struct(depth - 1)} {name};"
        if what == 8 and depth:
            inner = self._member(f"{name}_inner", 0, with_bits=with_bits)
            return f"struct {{ {inner} }};" if chance.random() < 0.5 else f"union {{ {inner} }};"
        if what == 9:
            return self._pointer(name)
        if what == 10:
            return self._function(name)
        return f"{chance.choice(INTEGERS)} {name};"

    def _bit_field(self, name: str) -> str:
        chance = self.chance
        type, most = chance.choice(
            (
                ("__u8", 8),
                ("int", 32),
                ("unsigned int", 32),
                ("__u64", 64),
                ("_Bool", 1),
                ("unsigned __int128", 128),
                (None, 8),
            )
        )
        if type is None:
            type = self._enum()
            most = 40
        width = chance.choice((1, 3, most, max(1, most - 1)))
        if chance.random() < 0.1:
            return f"unsigned int : {min(width, 32)};"
        return f"{type} {name} : {width};"

    def _pointer(self, name: str) -> str:
        chance = self.chance
        target = chance.choice(("void", "const char", "struct nowhere", "float", "struct self *"))
        tag = chance.choice(("", "", '__attribute__((btf_type_tag("tag"))) '))
        qualifier = chance.choice(("", "const ", "restrict "))
        return f"{target} {tag}*{qualifier}{name};"

    def _function(self, name: str) -> str:
        chance = self.chance
        returns = chance.choice(
            ("void", "int", "const void", "struct nowhere", "struct nowhere *", "float", "void *")
        )
        taken = ("void", "int", "struct nowhere x", "struct nowhere *", "enum nothing *", "double")
        parameters = chance.choice(taken)
        more = ", ..." if parameters != "void" and chance.random() < 0.2 else ""
        return f"{returns} (*{name})({parameters}{more});"

    def _function_holder(self) -> str:
        tag = self._new("f")
        self._lines.append(f"struct {tag} {{ {self._function('call')} int x; }};")
        return f"struct {tag}"

    def _deep(self) -> str:
        """Return a type that is a chain of structs, arrays, typedefs or pointers."""
        chance = self.chance
        depth = chance.choice(DEPTHS)
        what = chance.randrange(5)
        if what == 0:
            tag = self._new("p")
            self._lines.append(f"struct {tag} {{ own_{self.number} {'*' * depth}p; }};")
            return f"struct {tag}"
        inner = "int"
        for _ in range(depth):
            if what == 1 or (what == 4 and chance.random() < 0.5):
                inner = self._typedef(inner)
                continue
            tag = self._new("d")
            array = "[1]" if what == 3 else ""
            pointer = (
                f" own_{self.number} {'*' * chance.choice((1, 20))}q;"
                if chance.random() < 0.1
                else ""
            )
            self._lines.append(f"struct {tag} {{ {inner} m{array};{pointer} }};")
            inner = f"struct {tag}"
        return inner

    def _long_name(self) -> str:
        chance = self.chance
        name = self._new("n")
        long = name + "x" * (chance.choice(NAME_LENGTHS) - len(name))
        tag = self._new("l")
        what = chance.randrange(4)
        if what == 0:
            self._lines.append(f"struct {long} {{ int x; }};")
            return f"struct {long}"
        if what == 1:
            self._lines.append(f"struct {tag} {{ int {long}; }};")
        elif what == 2:
            self._lines.append(f"struct {tag} {{ enum {{ {long} }} x; }};")
        else:
            self._lines += (f"typedef int {long};", f"struct {tag} {{ {long} *x; }};")
        return f"struct {tag}"
