"""Random C, compiled by clang, and imported from the C and from the object: both come back.

What is random are the types: declarators of every depth, arrays behind pointers and in parameters,
modes and other attributes, types that stand in a struct like members, tags of maps. The number of
programs and the first seed are those of tests/fuzz/test_programs.py.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from bpfgen.importer import import_object
from bpfgen.object import read_object
from tests.compiled import MACROS, compile_c
from tests.conformance.c_round_trip import round_trip as c_round_trip
from tests.imported import round_trip

if TYPE_CHECKING:
    from pathlib import Path

FIRST = int(os.environ.get("BPFGEN_FUZZ_FIRST", "0"))
COUNT = int(os.environ.get("BPFGEN_FUZZ_PROGRAMS", "24")) // 3

OWN = """
typedef _Bool bool; typedef unsigned long u64; typedef unsigned long __kernel_ulong_t;
typedef struct { int val[2]; } __kernel_fsid_t;
"""
BASES = (
    *("int", "char", "__u32", "u64", "bool", "_Bool", "__kernel_fsid_t", "__kernel_ulong_t"),
    *("unsigned long", "void *", "__u8", "long long"),
)
ATTRIBUTES = ("aligned(8)", "unused", 'btf_decl_tag("t")', "packed", *[""] * 6)
OF_TYPES = ("packed", "aligned(16)", "may_alias", *[""] * 4)
OF_ENUMS = ("packed", "mode(byte)", "mode(word)", "")
MODES = ("mode(HI)", "mode(byte)", "mode(DI)", *[""] * 9)


def _attribute(random: random.Random, of: tuple[str, ...]) -> str:
    chosen = random.choice(of)
    return f" __attribute__(({chosen}))" if chosen else ""


class Program:
    """A C file with random types, and maps of them.

    Attributes:
        lines: Its declarations.
        types: The names of the types that can be used so far.
    """

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.types: list[str] = list(BASES)
        for number in range(random.randrange(2, 7)):
            random.choice((self._typedef, self._enum, *[self._composite] * 4))(number)
        values = [name for name in self.types if name.startswith(("struct", "union"))] or ["int"]
        for number in range(2):
            tag = _attribute(random, ('btf_decl_tag("of the map")', ""))
            self.lines.append(
                "struct { __uint(type, 1); __uint(max_entries, 4); __type(key, int);"
                f' __type(value, {random.choice(values)}); }} map{number} SEC(".maps"){tag};'
            )

    def text(self) -> str:
        """Return the whole file."""
        return "\n".join([MACROS + OWN, *self.lines, ""])

    def _declarator(self, name: str) -> str:
        for _ in range(self.random.randrange(5)):
            length = self.random.randrange(1, 4)
            forms = (
                *(f"*{name}", f"*const {name}", f"(*{name})[{length}]"),
                *(f"(*{name})({self._parameters()})", f"(*{name})(void)"),
                name if name.endswith(")") else f"{name}[{length}]",
            )
            name = self.random.choice(forms)
        return name

    def _parameters(self) -> str:
        forms = ("*q{}", "(*q{})[2]", "q{}[3]", "q{}")
        return ", ".join(
            f"{self.random.choice(self.types)} {self.random.choice(forms).format(number)}"
            for number in range(self.random.randrange(1, 3))
        )

    def _typedef(self, number: int) -> None:
        base = self.random.choice(self.types)
        self.lines.append(f"typedef {base} {self._declarator(f't{number}')};")
        self.types.append(f"t{number}")

    def _enum(self, number: int) -> None:
        first = self.random.randrange(-2, 3)
        attribute = _attribute(self.random, OF_ENUMS)
        self.lines.append(f"enum e{number} {{ E{number} = {first}, F{number} }}{attribute};")
        self.types.append(f"enum e{number}")

    def _composite(self, number: int) -> None:
        kind = self.random.choice(("struct", "struct", "union"))
        members = [
            self._nested(number, place) if self.random.randrange(8) == 0 else self._member(place)
            for place in range(self.random.randrange(1, 5))
        ]
        members.append(f"{kind} s{number} *self;")
        attribute = _attribute(self.random, OF_TYPES)
        self.lines.append(f"{kind} s{number} {{ {' '.join(members)} }}{attribute};")
        self.types.append(f"{kind} s{number}")

    def _nested(self, number: int, place: int) -> str:
        own = f"{number}_{place}"
        return self.random.choice(
            (
                f"struct lone{own} {{ int a; struct deep{own} {{ char c; }}; }};",
                f"enum lone{own} {{ L{own} }};",
                f"struct {{ int a{place}; bool b{place}; }};",
                f"union {{ int a{place}; struct in{own} {{ char c; }} b{place}; }};",
                f"struct forward{own};",
            )
        )

    def _member(self, place: int) -> str:
        base, name = self.random.choice(self.types), f"m{place}"
        declarator = self._declarator(name)
        if declarator == name and base in {"int", "char", "__u32", "long long"}:
            declarator += _attribute(self.random, MODES)
        if declarator == name and base in {"int", "__u32"} and self.random.randrange(3) == 0:
            declarator += f" : {self.random.randrange(1, 20)}"
        qualifier = self.random.choice(("", "const ", "volatile "))
        return f"{qualifier}{base} {declarator}{_attribute(self.random, ATTRIBUTES)};"


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_random_types_come_back(seed: int, tmp_path: Path) -> None:
    """From the C and from the object, without a difference, an error or a warning."""
    text = Program(random.Random(seed)).text()  # noqa: S311 -- not for secrets
    path = tmp_path / "program.c"
    path.write_text(text)
    data = compile_c(text)
    done = c_round_trip(path, data)
    assert done.differences == [], text
    assert round_trip(data) == [], text
    for imported in (done.imported, import_object(read_object(data), "program.o")):
        assert [d.message for d in imported.diagnostics if d.severity != "note"] == [], text
