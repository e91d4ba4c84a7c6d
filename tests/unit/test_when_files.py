"""Conditions across files: imports and C headers, in branches and with conditions of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.ctype.sizes import sizeof
from bpfgen.files.reading import read_source
from tests.tools import require_clang

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.compiler import Compilation
    from bpfgen.model.maps import Map


@pytest.fixture(autouse=True)
def _in_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def compiled(path: Path, text: str, **options: object) -> Compilation:
    """Return what *text*, written to m.dsl in *path*, comes to."""
    (path / "m.dsl").write_text(text)
    return compile(read_source("m.dsl")[0], Options(**options))  # type: ignore[arg-type]


def key_size(map: Map) -> int | None:
    """Return the size of the keys of *map*."""
    assert map.shape.key is not None
    return sizeof(map.shape.key.type)


def maps(compilation: Compilation) -> dict[str, list[str]]:
    """Return the maps of each variant with the sizes of their keys, by what macros are defined."""
    return {
        " ".join(f"{name}={value}" for name, value in variant.assignment if value is not None): [
            f"{map.name} {key_size(map)}" for map in variant.model.maps
        ]
        for variant in compilation.variants
    }


TYPES = """\
macro WIDE;
const LIMIT = 64;
when (WIDE) { struct key { __u64 id; }; } else { struct key { __u32 id; }; }
"""


def test_an_import_is_compiled_for_the_same_case(tmp_path: Path) -> None:
    """Its conditions make variants of the file that imports it."""
    (tmp_path / "types.dsl").write_text(TYPES)
    text = 'import "types.dsl";\nmap m: hash<key, __u64>[LIMIT];\n'
    compilation = compiled(tmp_path, text)
    assert compilation.diagnostics == []
    assert maps(compilation) == {"": ["m 4"], "WIDE=1": ["m 8"]}
    assert compilation.undecided == ("WIDE",)
    assert compilation.dependencies == ("types.dsl",)
    decided = compiled(tmp_path, text, definitions={"WIDE": "1"})
    assert decided.undecided == ()
    assert [key_size(m) for m in decided.model.maps] == [8]


def test_an_import_in_a_branch_may_bring_conditions(tmp_path: Path) -> None:
    """They are found where the branch is compiled first, and matter there alone."""
    (tmp_path / "types.dsl").write_text(TYPES)
    (tmp_path / "more.dsl").write_text('import "types.dsl";\nstruct more { __u32 a; };\n')
    text = (
        'macro NEW;\nwhen (NEW) {\n    import "types.dsl";\n    import "more.dsl";\n'
        "    map m: hash<key, more>[LIMIT];\n}\nmap n: hash<__u32, __u64>[4];\n"
    )
    compilation = compiled(tmp_path, text)
    assert compilation.diagnostics == []
    assert maps(compilation) == {
        "": ["n 4"],
        "WIDE=1": ["n 4"],
        "NEW=1": ["m 4", "n 4"],
        "NEW=1 WIDE=1": ["m 8", "n 4"],
    }
    assert set(compilation.dependencies) == {"types.dsl", "more.dsl"}


def test_what_is_wrong_in_an_import_says_where(tmp_path: Path) -> None:
    """And what is missing because an import isn't there."""
    (tmp_path / "types.dsl").write_text(
        "macro WIDE;\nwhen (WIDE) { struct key { __u8 a; __u32 b; }; } else { struct key "
        "{ __u32 id; }; }\nwhen (WIDE < 0) { struct lost { gone a; }; }\n"
    )
    text = 'macro NEW;\nwhen (!NEW) { import "types.dsl"; }\nmap m: hash<key, __u64>[4];\n'
    found = compiled(tmp_path, text).diagnostics
    said = {(d.code, d.span.source.name if d.span else "", d.notes[-1]) for d in found}
    assert said == {
        ("unknown-type", "m.dsl", "where `NEW` holds"),
        ("key-padding", "m.dsl", "where `!NEW && WIDE` holds"),
        ("unknown-type", "types.dsl", "where `!NEW && WIDE < 0` holds"),
    }


def test_constants_of_imports_are_asked_for(tmp_path: Path) -> None:
    """As long as they depend on no condition there."""
    (tmp_path / "types.dsl").write_text(
        TYPES + "when (WIDE) { const N = 8; } else { const N = 4; }\n"
    )
    text = 'import "types.dsl";\nwhen (LIMIT > 32) { map m: hash<key, __u64>[LIMIT]; }\n'
    compilation = compiled(tmp_path, text)
    assert compilation.diagnostics == []
    assert maps(compilation) == {"": ["m 4"], "WIDE=1": ["m 8"]}
    found = compiled(tmp_path, text.replace("LIMIT > 32", "N > 4")).diagnostics
    assert [d.code for d in found] == ["condition"]
    assert "depends on a condition itself" in found[0].message


def test_a_macro_is_listed_by_the_file_that_asks_for_it(tmp_path: Path) -> None:
    """A list in an import is for that file."""
    (tmp_path / "types.dsl").write_text(TYPES)
    text = 'import "types.dsl";\nwhen (WIDE) { map m: hash<key, __u64>[LIMIT]; }\n'
    assert [d.code for d in compiled(tmp_path, text).diagnostics] == ["condition"]
    assert compiled(tmp_path, f"macro WIDE;\n{text}").diagnostics == []


def test_headers_see_the_macros_of_the_case(tmp_path: Path) -> None:
    """In a branch and outside of one; a struct of a header may depend on a macro itself."""
    require_clang()
    (tmp_path / "types.h").write_text(
        "#ifndef TYPES_H\n#define TYPES_H\n#ifdef WIDE\nstruct key { unsigned long long a; };\n"
        "#else\nstruct key { unsigned a; };\n#endif\n#endif\n"
    )
    (tmp_path / "more.h").write_text(
        "#ifndef MORE_H\n#define MORE_H\nstruct more { unsigned a[3]; };\n#endif\n"
    )
    text = (
        'macro WIDE, MORE;\ninclude "types.h";\nmap m: hash<struct key, __u64>[4];\n'
        'when (MORE) { include "more.h"; map n: hash<struct more, __u64>[4]; }\n'
        "when (defined(WIDE)) { map o: array<__u32, __u32>[1]; }\n"
    )
    compilation = compiled(tmp_path, text)
    assert compilation.diagnostics == []
    assert maps(compilation) == {
        "": ["m 4"],
        "WIDE=0": ["m 8", "o 4"],
        "MORE=1": ["m 4", "n 12"],
        "MORE=1 WIDE=0": ["m 8", "n 12", "o 4"],
    }
    names = {path.rsplit("/", 1)[-1] for path in compilation.dependencies}
    assert {"types.h", "more.h"} <= names


def test_what_several_files_import_is_not_taken_from_another_case(tmp_path: Path) -> None:
    """Compilations that share their imports have each its own cases."""
    (tmp_path / "types.dsl").write_text(TYPES)
    (tmp_path / "plain.dsl").write_text("struct plain { __u32 a; };\n")
    text = 'import "types.dsl";\nimport "plain.dsl";\nmap m: hash<key, plain>[LIMIT];\n'
    (tmp_path / "m.dsl").write_text(text)
    source = read_source("m.dsl")[0]
    shared: dict[str, object] = {}
    first = compile(source, Options(), shared)  # type: ignore[arg-type]
    second = compile(source, Options(), shared)  # type: ignore[arg-type]
    assert maps(first) == maps(second) == {"": ["m 4"], "WIDE=1": ["m 8"]}


def test_references_are_those_of_all_cases(tmp_path: Path) -> None:
    """A use in whichever branch has its declaration, and one outside has those of all branches."""
    both = (
        "macro A;\nwhen (A) { const N = 1; } else { const N = 2; }\n"
        "map m: array<__u32, __u64>[N];\n"
    )
    uses = compiled(tmp_path, both, keep_references=True).references
    assert uses is not None
    declared = {use.declaration.span for use in uses.in_order() if use.declaration.name == "N"}
    assert {span.start for span in declared if span} == {
        match.start() + 6 for match in re.finditer("const N", both)
    }
    text = (
        "macro A;\nwhen (A) { const N = 1; map m: array<__u32, __u64>[N]; }\n"
        "else { const K = 1; map n: array<__u32, __u64>[K]; }\n"
    )
    compilation = compiled(tmp_path, text, keep_references=True)
    references = compilation.references
    assert references is not None
    for name in ("N", "K"):
        found = references.at("m.dsl", text.index(f"[{name}]") + 1)
        assert found is not None
        assert found.declaration.span is not None
        assert found.declaration.span.start == text.index(f"const {name}") + 6


def test_a_declaration_depends_on_the_branch_of_an_import(tmp_path: Path) -> None:
    """Among many conditions that have nothing to do with it."""
    (tmp_path / "types.dsl").write_text("struct key { __u32 a; };\n")
    names = ", ".join(f"C{n}" for n in range(30))
    others = "".join(f"when (C{n}) {{ const N{n} = 1; }}\n" for n in range(30))
    text = (
        f'macro A, B, {names};\nwhen (A) {{ import "types.dsl"; }}\n{others}'
        "when (B) { map m: hash<key, __u64>[4]; }\nmap n: hash<__u32, __u64>[4];\n"
    )
    found = compiled(tmp_path, text).diagnostics
    assert [(d.code, d.notes[-1]) for d in found] == [("unknown-type", "where `!A && B` holds")]


def test_a_header_in_a_branch_concerns_what_it_may_declare(tmp_path: Path) -> None:
    """What uses names of the language and of the file alone doesn't depend on it."""
    require_clang()
    (tmp_path / "more.h").write_text("struct more { unsigned a[3]; };\n#pragma once\n")
    text = (
        'macro A;\nwhen (A) { include "more.h"; map m: hash<more, __u64>[4]; }\n'
        "struct own { __u32 a; };\nmap n: hash<own, __u64>[4] { map_flags = BPF_F_NO_PREALLOC; }\n"
    )
    compilation = compiled(tmp_path, text)
    places = compilation.places
    assert places is not None
    assert [len(places.guards_of(text.index(f"map {name}"))) for name in ("m", "n")] == [1, 0]
