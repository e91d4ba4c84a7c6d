"""Which name means which declaration: what an editor goes to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.resolve.scope import Scope
from bpfgen.syntax.parser import parse
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source
from tests.tools import CHECKOUT, require_clang

SAMPLES = sorted((CHECKOUT / "samples").glob("*.dsl"))


def meanings(name: str, text: str) -> dict[str, list[tuple[str, str, str]]]:
    """Return what each used name of a file means: kind, origin, line of the declaration."""
    references = compile(Source(name, text), Options(keep_references=True)).references
    assert references is not None
    result: dict[str, list[tuple[str, str, str]]] = {}
    for reference in references.in_order():
        declared = reference.declaration
        assert reference.span.text == declared.name
        place = ""
        if declared.span is not None:
            assert declared.span.text == declared.name
            place = f"{Path(declared.span.source.name).name}:{declared.span.line}"
        result.setdefault(declared.name, []).append((declared.kind, declared.origin, place))
    return result


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_use_of_a_declared_name_is_known(path: Path) -> None:
    """Every word of a sample that the sample declares is a declaration or a reference to it."""
    text = path.read_text()
    scope = Scope(Report())
    scope.collect(parse(Source(str(path), text), Report()).items)
    entries = [entry for entry in (*scope.tags.values(), *scope.ordinary.values()) if entry.name]
    declared = {entry.span.start: entry.span.text for entry in entries}
    references = compile(Source(str(path), text), Options(keep_references=True)).references
    assert references is not None
    places = {
        reference.span.start: reference.declaration
        for reference in references.in_order()
        if reference.span.source.name == str(path)
    }
    plain = re.sub(
        r'//[^\n]*|/\*.*?\*/|"[^"]*"', lambda match: " " * len(match[0]), text, flags=re.DOTALL
    )
    for match in re.finditer(r"[A-Za-z_]\w*", plain):
        name, start = match[0], match.start()
        is_member = re.search(rf"\benum {name} {name};$", plain[: match.end() + 1]) is not None
        is_kind = re.search(r":\s*$", plain[:start]) is not None and name == "arena"
        if name not in declared.values() or start in declared or is_member or is_kind:
            continue
        place = places[start].span
        assert place is not None
        assert declared.get(place.start) == name


def test_names_of_every_kind() -> None:
    """Types, constants, enumerators, templates, maps, programs, tags and members of structs."""
    text = (
        "const N = 4;\n"
        "enum verdict { PASS = N };\n"
        "typedef __u32 id_t;\n"
        "struct node { struct bpf_list_node link; enum verdict v; };\n"
        "struct head { struct bpf_list_head h __contains(node, link); struct node *p; };\n"
        "int prog(struct __sk_buff *skb);\n"
        "template cells: array<id_t, head>[(id_t)PASS];\n"
        "map cell: cells;\n"
        "map outer: array_of_maps<__u32, cells>[sizeof(struct node)] = { [N] = cell };\n"
        "map calls: prog_array[N] { map_flags = BPF_F_RDONLY; } = { [0] = prog };\n"
    )
    names = meanings("t.dsl", text)
    assert names["N"] == [("const", "declared", "t.dsl:1")] * 3
    assert names["PASS"] == [("enumerator", "declared", "t.dsl:2")]
    assert names["verdict"] == [("enum", "declared", "t.dsl:2")]
    assert names["id_t"] == [("typedef", "declared", "t.dsl:3")] * 2
    assert names["node"] == [("struct", "declared", "t.dsl:4")] * 3
    assert names["link"] == [("member", "declared", "t.dsl:4")]
    assert names["head"] == [("struct", "declared", "t.dsl:5")]
    assert names["prog"] == [("program", "declared", "t.dsl:6")]
    assert names["cells"] == [("template", "declared", "t.dsl:7")] * 2
    assert names["cell"] == [("map", "declared", "t.dsl:8")]
    assert names["__u32"] == [("typedef", "prelude", "")] * 2
    assert names["bpf_list_node"] == [("struct", "prelude", "")]
    assert names["BPF_F_RDONLY"] == [("constant", "prelude", "")]


def test_names_of_imported_files_and_headers(tmp_path: Path) -> None:
    """A name of an import means a place in that file; what a C header has is said to be from one.

    The references inside the imported file are there, too.
    """
    require_clang()
    (tmp_path / "lib.dsl").write_text(
        "const N = 2;\nstruct key { __u32 k[N]; };\ntypedef struct key key_t;\n"
        "template cells: array<__u32, key>[N];\nmap cell: cells;\n"
    )
    (tmp_path / "c.h").write_text("#define DEPTH 7\nstruct packet { int size; };\n")
    text = (
        'import "lib.dsl"; include "c.h";\n'
        "map m: hash<key_t, packet>[DEPTH * N];\n"
        "struct user { struct key *key; };\n"
        "map outer: array_of_maps<__u32, cells>[N] = { cell };\n"
    )
    names = meanings(str(tmp_path / "main.dsl"), text)
    assert names["key_t"] == [("typedef", "declared", "lib.dsl:3")]
    assert names["N"] == [("const", "declared", "lib.dsl:1")] * 4
    assert names["key"] == [("struct", "declared", "lib.dsl:2")] * 3
    assert names["cells"] == [("template", "declared", "lib.dsl:4")] * 2
    assert names["cell"] == [("map", "declared", "lib.dsl:5")]
    assert names["packet"] == [("struct", "included", "")]
    assert names["DEPTH"] == [("constant", "included", "")]


def test_a_cursor_finds_the_name_it_is_in() -> None:
    """`at` takes any character of the name, and the place just after it."""
    text = "const LIMIT = 4; map m: array<__u32, __u64>[LIMIT];"
    references = compile(Source("t.dsl", text), Options(keep_references=True)).references
    assert references is not None
    start = text.rindex("LIMIT")
    for offset in range(start, start + 6):
        reference = references.at("t.dsl", offset)
        assert reference is not None
        assert reference.declaration.span is not None
        assert reference.declaration.span.start == text.index("LIMIT")
    assert references.at("t.dsl", start + 6) is None
    assert references.at("other.dsl", start) is None


def test_nothing_is_kept_unless_asked_for() -> None:
    """A build keeps no references."""
    assert compile(Source("t.dsl", "map m: array<__u32, __u64>[4];")).references is None
