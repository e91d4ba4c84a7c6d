"""Going to a definition, to a type, to all uses: in the text, in other files, in headers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bpfgen.editor.analysis import analyse
from bpfgen.editor.navigation import definition, highlights, references, type_definition
from tests.editor.texts import analysed, one
from tests.tools import CHECKOUT, require_clang

if TYPE_CHECKING:
    from bpfgen.text.source import Span

LIBRARY = """\
const N = 2;
enum mode { OFF, ON };
struct key { __u32 k[N]; };
typedef struct key key_t;
template cells: array<__u32, key>[N];
map cell: cells;
"""
MAIN = """\
import "lib.dsl";
struct task_struct;
struct node { struct bpf_list_node link; enum mode mode; struct task_struct *task; };
struct head { struct bpf_list_head all __contains(node, link); key_t own; };
int prog(struct __sk_buff *skb);
map m: hash<key_t, struct node>[N * ON];
map o: array_of_maps<__u32, cells>[N] = { [0] = cell };
map p: prog_array[2] = { prog, prog };
"""
TEXTS = {"/t/lib.dsl": LIBRARY, "/t/main.dsl": MAIN}


def places(spans: tuple[Span, ...]) -> list[str]:
    """Return *spans* as `FILE:LINE:NAME`, those in the prelude without the line."""
    found = []
    for span in spans:
        path = Path(span.source.name)
        line = "" if path.parent.name == "prelude" else span.line
        found.append(f"{path.name}:{line}:{span.text}")
    return found


def test_definitions() -> None:
    """Each use goes to its declaration, in whatever file; a declaration goes to itself."""
    main = analysed(TEXTS)["/t/main.dsl"]
    wanted = {
        "node, link": "main.dsl:3:node",
        "link);": "main.dsl:3:link",
        "mode mode": "lib.dsl:2:mode",
        "key_t own": "lib.dsl:4:key_t",
        "node>": "main.dsl:3:node",
        "N * ON": "lib.dsl:1:N",
        "ON]": "lib.dsl:2:ON",
        "cells>": "lib.dsl:5:cells",
        "cell }": "lib.dsl:6:cell",
        "prog, prog": "main.dsl:5:prog",
        "task_struct *": "main.dsl:2:task_struct",
        '"lib.dsl"': "lib.dsl:1:",
        "m: hash": "main.dsl:6:m",
        "hash<": "",
        "bpf_list_node link": "bpf.dsl::bpf_list_node",
        "__u32, cells": "integers.dsl::__u32",
    }
    for use, place in wanted.items():
        found = places(definition(main, MAIN.index(use)))
        assert found == ([place] if place else []), use
    assert definition(main, MAIN.index("struct node>")) == ()


def test_what_a_prelude_name_goes_to_declares_it() -> None:
    """Types, enumerators and constants of the prelude are found in its own files."""
    text = (
        "struct s { struct bpf_timer t; u64 x; char n[TASK_COMM_LEN]; };\n"
        "map m: array<__u32, s>[1] { map_flags = BPF_F_MMAPABLE; };\n"
    )
    analysis = one(text)
    for name in ("bpf_timer", "u64", "TASK_COMM_LEN", "BPF_F_MMAPABLE", "__u32"):
        (span,) = definition(analysis, text.index(name) + 1)
        assert span.text == name
        assert "prelude" in span.source.name
        line = span.source.line_text(span.line)
        assert f"{name} " in line or f" {name};" in line


def test_types() -> None:
    """A map goes to its key and value, a member to its type, an enumerator to its enum."""
    main = analysed(TEXTS)["/t/main.dsl"]
    wanted = {
        "m: hash": ["lib.dsl:4:key_t", "main.dsl:3:node"],
        "own;": ["lib.dsl:4:key_t"],
        "key_t own": ["lib.dsl:3:key"],
        "mode;": ["lib.dsl:2:mode"],
        "ON]": ["lib.dsl:2:mode"],
        "cell }": ["lib.dsl:5:cells"],
        "o: array": ["integers.dsl::__u32", "lib.dsl:5:cells"],
        "task;": ["main.dsl:2:task_struct"],
        "N * ON": [],
        "node {": ["main.dsl:3:node"],
        "key_t, struct": ["lib.dsl:3:key"],
    }
    for use, found in wanted.items():
        assert places(type_definition(main, MAIN.index(use))) == found, use


def test_references_are_found_in_files_that_import() -> None:
    """From either file, in both; those of a name that is no other's are in its own alone."""
    texts = {**TEXTS, "/t/other.dsl": 'import "lib.dsl";\nmap x: hash<struct key, int>[N];\n'}
    analyses = analysed(texts)
    library, main, other = (analyses[f"/t/{name}.dsl"] for name in ("lib", "main", "other"))
    from_library = references(library, LIBRARY.index("N ="), [main, other])
    assert places(tuple(use.span for use in from_library)) == [
        *("lib.dsl:1:N", "lib.dsl:3:N", "lib.dsl:5:N", "main.dsl:6:N", "main.dsl:7:N"),
        "other.dsl:2:N",
    ]
    assert [use.is_declaration for use in from_library] == [True] + [False] * 5
    from_main = references(main, MAIN.index("N * ON"), [library, other])
    assert {(u.span.source.name, u.span.start) for u in from_main} == {
        (u.span.source.name, u.span.start) for u in from_library
    }
    struct = references(other, texts["/t/other.dsl"].index("key,"), [main], with_declarations=False)
    assert places(tuple(use.span for use in struct)) == [
        *("other.dsl:2:key", "lib.dsl:4:key", "lib.dsl:5:key")
    ]


def test_highlights_stay_in_the_text() -> None:
    """Those of a member are its declaration and `__contains`; of another struct's none."""
    text = MAIN.replace("key_t own;", "key_t own; struct { int link; } other;")
    main = analysed({**TEXTS, "/t/main.dsl": text})["/t/main.dsl"]
    assert [use.span.line for use in highlights(main, text.index("link;"))] == [3, 4]
    assert [use.span.line for use in highlights(main, text.index("link; } other"))] == [4]
    assert [use.span.line for use in highlights(main, text.index("N * ON"))] == [6, 7]
    assert highlights(main, text.index("{ [0]")) == ()


def test_the_cursor_is_in_a_name_or_just_after_it() -> None:
    """Every character of a name, and the place after the last, is the name's."""
    text = "const LIMIT = 4; map m: array<__u32, __u64>[LIMIT];"
    analysis = one(text)
    start = text.rindex("LIMIT")
    for offset in range(start, start + 6):
        assert len(references(analysis, offset)) == 2
    assert references(analysis, start - 1) == references(analysis, start + 6) == ()
    for offset in range(-1, len(text) + 2):
        definition(analysis, offset)


def test_what_is_broken_elsewhere_is_no_matter() -> None:
    """A name is known while another declaration, or its own, is being typed."""
    text = (
        "struct key { __u32 a; };\nmap one: hash<struct key, __u64>[N] { map_fl\n\n"
        "const N = 4;\nmap two: hash<key, nobody>[N];\nstruct val { key k; __u3\n"
    )
    analysis = one(text)
    assert [use.span.line for use in references(analysis, text.index("key"))] == [1, 2, 5, 6]
    assert [use.is_certain for use in references(analysis, text.index("key"))] == [
        *(True, False, True, False)
    ]
    assert places(definition(analysis, text.rindex("N]"))) == ["maps.dsl:4:N"]


def test_names_of_headers_are_looked_for_in_their_text(tmp_path: Path) -> None:
    """A macro, an enumerator, a struct, a typedef: the place that declares it, in no comment."""
    require_clang()
    header = (
        "/* struct packet { no } */\n#ifndef H\n#define H\n#define DEPTH 7\n"
        "enum where { HERE = 1,\n\tTHERE };\n"
        "struct __attribute__((packed)) packet { int size; };\n"
        "typedef unsigned int word_t;\ntypedef struct { struct packet p; } pair_t;\n#endif\n"
    )
    (tmp_path / "c.h").write_text(header)
    text = (
        'include "c.h";\nstruct v { struct packet p; word_t w; pair_t q; };\n'
        "map m: hash<__u32, v>[DEPTH * THERE];\n"
    )
    analysis = analyse(str(tmp_path / "maps.dsl"), text)
    wanted = {"packet": 7, "word_t": 8, "pair_t": 9, "DEPTH": 4, "THERE": 6}
    for name, line in wanted.items():
        assert places(definition(analysis, text.index(name))) == [f"c.h:{line}:{name}"]
    assert places(definition(analysis, text.index('"c.h"'))) == ["c.h:1:"]


def test_a_header_of_the_system() -> None:
    """Its path goes to the file that the compiler read."""
    require_clang()
    path = CHECKOUT / "samples" / "includes.dsl"
    text = path.read_text(encoding="utf-8")
    analysis = analyse(str(path), text)
    (span,) = definition(analysis, text.index("linux/in.h"))
    assert span.source.name.endswith("/linux/in.h")
