"""Every way to write a map in C: import's source compiles to what clang makes of the C itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.importer.from_c import import_c
from tests.compiled import MACROS
from tests.conformance.c_forms import FORMS, KINDS, STYLES
from tests.conformance.c_round_trip import compiled_by_clang, round_trip

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
def test_a_form(name: str, target: str, tmp_path: Path) -> None:
    """The maps that clang compiles from the C are those that it compiles from the source."""
    path = tmp_path / "program.c"
    path.write_text(f"{MACROS}{KINDS}#define N_BYTES 3\n{FORMS[name]}")
    data = compiled_by_clang(path, target, (), {})
    done = round_trip(path, data, style=STYLES.get(name, "modern"))
    assert done.compiled.maps
    different = [each for each in done.differences if "linkage static became" not in each]
    assert different == [], done.imported.text
    told = [(each.severity, each.message) for each in done.imported.diagnostics]
    assert [message for severity, message in told if severity == "warning"] == []
    assert [message for _severity, message in told if "doesn't compile here" in message] == []


def test_a_header_of_one_map(tmp_path: Path) -> None:
    """It may be included with other macros each time."""
    (tmp_path / "map.h").write_text(
        "struct { __uint(type, 1); __uint(max_entries, SIZE); __type(key, int);"
        ' __type(value, struct value); } NAME SEC(".maps");\n'
    )
    path = tmp_path / "program.c"
    uses = (
        f'#define NAME {name}\n#define SIZE {size}\n#include "map.h"\n#undef NAME\n#undef SIZE\n'
        for name, size in (("one", 4), ("two", 8))
    )
    path.write_text(f"{MACROS}struct value {{ int a; }};\n{''.join(uses)}")
    done = round_trip(path, compiled_by_clang(path, "bpfel", (), {}))
    assert done.differences == []


def test_a_header_that_says_something_else_alone(tmp_path: Path) -> None:
    """A macro of the file decides what is in the header: it is read where it stands."""
    (tmp_path / "types.h").write_text(
        "struct value {\n    int a;\n#ifdef WIDE\n    int b;\n#endif\n};\n"
        "#define TWICE (2 * ONCE)\n"
    )
    path = tmp_path / "program.c"
    path.write_text(
        f'{MACROS}#define WIDE\n#define ONCE 4\n#include "types.h"\n'
        "struct { __uint(type, 1); __uint(max_entries, TWICE); __type(key, int);"
        ' __type(value, struct value); } m SEC(".maps");\n'
    )
    done = round_trip(path, compiled_by_clang(path, "bpfel", (), {}))
    assert done.differences == []


def test_what_differs_is_an_error(tmp_path: Path) -> None:
    """A source that declares something else than the C is not left."""
    path = tmp_path / "program.c"
    path.write_text(
        f"{MACROS}#pragma pack(2)\nstruct value {{ char a; int b; }};\n"
        "struct { __uint(type, 1); __uint(max_entries, 1); __type(key, int);"
        ' __type(value, struct value); } m SEC(".maps");\n'
    )
    found = import_c(path.read_text(), str(path))
    assert {(each.code, each.severity) for each in found.diagnostics} == {
        ("import-difference", "error")
    }


def test_macros_of_the_command_line(tmp_path: Path) -> None:
    """`-D` decides conditionals and gives numbers, as for the compiler."""
    path = tmp_path / "program.c"
    path.write_text(MACROS + KINDS + FORMS["conditionals"])
    definitions = {"BIGGER": "1", "SIZE": "6"}
    done = round_trip(path, compiled_by_clang(path, "bpfel", (), definitions), (), definitions)
    assert {each.name for each in done.compiled.maps} == {"chosen", "also"}
    assert done.differences == []
    assert "const SIZE = 6;\n" in done.imported.text


def test_headers(tmp_path: Path) -> None:
    """Headers of types stay `include`s; one that defines maps is read as part of the file."""
    include = tmp_path / "include"
    (include / "sub").mkdir(parents=True)
    (include / "sub/types.h").write_text(
        "#pragma once\n#define COUNT 12\n"
        "struct shared { __u32 a, b; };\ntypedef struct shared s_t;\n"
    )
    (include / "sub/map_of.h").write_text(
        '#pragma once\n#include "types.h"\n'
        "#define MAP_OF(n, k, v) struct { __uint(type, BPF_MAP_TYPE_HASH);"
        ' __uint(max_entries, COUNT); __type(key, k); __type(value, v); } n SEC(".maps")\n'
    )
    (tmp_path / "maps.h").write_text(
        '#ifndef MAPS_H\n#define MAPS_H\n#include "sub/map_of.h"\n'
        "struct local { s_t held; };\n/* From the header. */\nMAP_OF(first, __u32, struct local);\n"
        "#endif\n"
    )
    path = tmp_path / "program.c"
    path.write_text(
        MACROS
        + KINDS
        + '#include "maps.h"\n#include <sub/types.h>\nMAP_OF(second, s_t, enum mode *);\n'
    )
    data = compiled_by_clang(path, "bpfel", (include,), {})
    done = round_trip(path, data, (include,))
    assert [each.name for each in done.compiled.maps] == ["first", "second"]
    assert done.differences == [], done.imported.text
    assert (
        "/// From the header.\nmap first: hash<__u32, struct local>[COUNT];" in done.imported.text
    )
    assert any(
        each.message.startswith("maps.h is read as part of the file, not included")
        for each in done.imported.diagnostics
    )


def test_variables_that_have_the_names_of_other_things(tmp_path: Path) -> None:
    """`typeof` of a variable is what clang says, whatever else in the headers has its name."""
    (tmp_path / "types.h").write_text(
        "#pragma once\ntypedef struct { int x; struct { int y; } inner; } pair_t, *pair_at;\n"
        "typedef __u8 address_t[6]; typedef int (*handler_t)(int count, int size);\n"
        "struct tagged { struct { int a; } event; int cnt, len; union { int b; } *flags; };\n"
        "enum kind { KIND_A = 3, KIND_B = (KIND_A << 1) };\n"
        "struct kind_of; int call(int value, struct kind_of *id);\n"
    )
    names = "cnt event inner len flags count size value id a y tagged kind own kind_of".split()
    types = ("pair_t", "address_t", "pair_at", "__u8[KIND_B]", "enum kind", "struct tagged")
    shapes = [
        *(f"typeof({name})" for name in names),
        *("typeof(id + 1)", "typeof(&cnt)", "typeof(many[1])", "typeof(many[1].own)"),
        *(f"typeof(*({type_} *)0)" if "[" not in type_ else type_ for type_ in types),
        *(type_ for type_ in types if type_ != "pair_at"),
    ]
    maps = "".join(
        f"struct {{ __uint(type, 2); __uint(max_entries, sum); __type(key, int);"
        f' __type(value, {shape}); }} map_{number} SEC(".maps");\n'
        for number, shape in enumerate(shapes)
    )
    path = tmp_path / "program.c"
    path.write_text(
        f'{MACROS}#include "types.h"\nstruct own {{ __u64 own; }};\n'
        f"static __u64 {', '.join(names[1:])};\nextern __u64 cnt;\nstatic struct own many[2];\n"
        f"static const int sum = 4;\n{maps}"
        "struct { __uint(type, 2); __uint(max_entries, sum * 2); __uint(key_size, 4);"
        ' __uint(value_size, sizeof(many)); } sizes SEC(".maps");\n'
    )
    done = round_trip(path, compiled_by_clang(path, "bpfel", (), {}))
    assert len(done.compiled.maps) == len(shapes) + 1
    assert done.differences == [], done.imported.text
    assert [each.message for each in done.imported.diagnostics if each.severity != "note"] == []
    assert "<int, address_t>" in done.imported.text
    assert "<int, __u8[KIND_B]>" in done.imported.text


def test_what_nothing_tells_is_left_out(tmp_path: Path) -> None:
    """Where the C doesn't compile, a variable isn't taken for the struct that has its name."""
    path = tmp_path / "program.c"
    path.write_text(
        f"{MACROS}struct stats {{ __u64 a; }};\nstatic __u32 stats;\nstruct unknown gone;\n"
        "struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int);"
        ' __type(value, typeof(stats)); } m SEC(".maps");\n'
    )
    found = import_c(path.read_text(), str(path))
    assert found.text == ""
    assert [each.map for each in found.diagnostics if each.code == "import-map"] == ["m"]
