"""What is left of a C text once definitions are cut out of it: no debris, and all else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfgen.importer.replacing.cutting import without
from bpfgen.importer.replacing.placing import Layout, places

INCLUDE = '#include "prog.maps.h"'

CASES = {
    "the first definition's place": (
        "#include <a.h>\n\n⟦int m;⟧\n\nint f;\n",
        "#include <a.h>\n\n@\n\nint f;\n",
    ),
    "one gap is left of two": (
        "⟦int m;⟧\n\nint f;\n\n\n⟦int n;⟧\n\nint g;\n",
        "@\n\nint f;\n\n\nint g;\n",
    ),
    "a run of definitions goes with its blank lines": (
        "⟦int m;⟧\nint f;\n⟦int n;⟧\n\n⟦int o;⟧\n\n⟦int p;⟧\nint g;\n",
        "@\n\nint f;\n\nint g;\n",
    ),
    "neighbours on a line": (
        "int a;⟦ int m;⟧ int b; ⟦int n;⟧\n\t⟦int o;⟧ int c;\n",
        "@\n\nint a; int b;\n\tint c;\n",
    ),
    "lines between which something goes are one": (
        "int a; ⟦int m\n= 1;⟧ int b;\n",
        "@\n\nint a; int b;\n",
    ),
    "a body": ("struct a ⟦{\n\tint b;\n}⟧ c;\n", "@\n\nstruct a c;\n"),
    "a comment stays": ("⟦int m;⟧ /* why */\n⟦int n;⟧\n// done\n", "@\n\n/* why */\n// done\n"),
    "the end of the file": ("int f;\n\n⟦int m;⟧", "@\n\nint f;\n"),
    "blank lines at the end": ("int f;\n\n⟦int m;⟧\n\n", "@\n\nint f;\n"),
    "an empty conditional": (
        "⟦int m;⟧\n#ifdef A\n⟦int n;⟧\n#else\n\n⟦int o;⟧\n#endif\nint f;\n",
        "@\n\nint f;\n",
    ),
    "a conditional within one": (
        "#if A\n#if B\n⟦int n;⟧\n#endif\n#endif\nint f;\n",
        "@\n\nint f;\n",
    ),
    "a conditional with something else": (
        "#if A\n⟦int n;⟧\n#else\nint f;\n#endif\n",
        "@\n#if A\n#else\nint f;\n#endif\n",
    ),
    "no line end": ("int f;\n⟦int n;⟧ int g;", "@\n\nint f;\nint g;"),
}


def cut(marked: str, **options: bool) -> str:
    """Return *marked* without what stands in brackets, the include at its first line."""
    plain, stretches = _unmarked(marked)
    return without(plain, stretches, _first_place(plain, stretches), INCLUDE, **options)


def _unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """Return *marked* without brackets, and what stands in them."""
    stretches = []
    plain = ""
    for part in marked.split("⟦"):
        inside, bracket, rest = part.partition("⟧")
        if bracket:
            stretches.append((len(plain), len(plain + inside)))
        plain += inside + rest
    return plain, stretches


def _first_place(plain: str, stretches: list[tuple[int, int]]) -> int:
    first = plain.rfind("\n", 0, stretches[0][0]) + 1
    return first if plain.startswith("#include") else 0


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("what", CASES)
def test_what_is_left(what: str, end: str) -> None:
    """Whatever lines end in."""
    before, after = (each.replace("\n", end) for each in CASES[what])
    assert cut(before) == after.replace("@", INCLUDE)


PARTS = ("int a;", "⟦int m;⟧", "\n", "\n\n", "⟦int\nn;⟧", " ", "//c\n")


@given(st.lists(st.sampled_from(PARTS)))
def test_all_else_stays(parts: list[str]) -> None:
    """Blanks apart, what isn't cut is there, in order, and nothing else; and so are lines."""
    marked = "#include <a.h>\n" + "".join(parts) + "⟦int z;⟧"
    left = "".join("".join(part for part in parts if "⟦" not in part).split())
    assert "".join(cut(marked).replace(INCLUDE, "").split()) == f"#include<a.h>{left}"
    numbered = cut(marked, keep_lines=True).replace(f"{INCLUDE}\n", "")
    lines = [line for line in numbered.splitlines() if not line.startswith("#line")]
    assert "".join("".join(lines).split()) == f"#include<a.h>{left}"
    if "⟦int\nn;⟧" not in parts:
        before = marked.replace("⟦int m;⟧", "").replace("⟦int z;⟧", "").splitlines()
        same = ["".join(line.split()) for line in lines]
        assert same[: len(before)] == ["".join(line.split()) for line in before]


PLACES = {
    "where the first definition was": "#include <a.h>\nint f;\n▶⟦int m;⟧\nint g;\n",
    "after the includes that follow": "⟦#define N 4⟧\n#include <a.h>\n▶int f;\n⟦int m;⟧\n",
    "after a conditional include": "⟦#define N 4⟧\n#if A\n#include <a.h>\n#endif\n▶\n⟦int m;⟧\n",
    "before the first use": "#include <a.h>\n▶⟦#define N 4⟧\nint f[N];\n#include <b.h>\n⟦int m;⟧\n",
    "bodies of macros use nothing": "⟦#define N 4⟧\n#define M N\n#include <b.h>\n▶int f[M];\n",
    "comments use nothing": "⟦#define N 4⟧\n// N\n#include <b.h>\n▶int f;\n",
    "a condition uses it": "▶⟦#define N 4⟧\n#if N\n#endif\n#include <b.h>\nint f;\n",
    "outside of a condition": "int f;\n▶#if A\n⟦int m;⟧\n#endif\nint g;\n",
    "inside an include guard": "#ifndef H\n#define H\n▶⟦int m;⟧\n#endif\n",
}


@pytest.mark.parametrize("what", PLACES)
def test_where_the_header_goes(what: str) -> None:
    """As early as the first definition, and after the includes, as long as nothing needs it."""
    before, _mark, after = PLACES[what].partition("▶")
    plain, stretches = _unmarked(before + after)
    place = len(_unmarked(before)[0])
    assert places(Layout(plain), stretches, {"N", "m"}, stretches[0][0])[0] == place
