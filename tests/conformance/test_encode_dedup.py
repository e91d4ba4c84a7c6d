"""The BTF of our own objects is deduplicated: libbpf's btf__dedup finds nothing to do in it."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.assemble.object import assemble
from bpfgen.assemble.refusals import refusals
from bpfgen.btf.kinds import BTF_KIND_STRUCT
from bpfgen.compiler import Options, compile
from bpfgen.elf.read import ElfFile
from bpfgen.object import read_object
from bpfgen.text.source import Source
from bpfgen.verify import verify
from tests.fuzz.programs import program
from tests.rulebook.test_rulebook import programs as rulebook_programs
from tests.samples import GOOD, compiled
from tests.tools import missing

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.model.model import Model

FIRST = int(os.environ.get("BPFGEN_DEDUP_SEED", "0"))
COUNT = int(os.environ.get("BPFGEN_DEDUP_COUNT", "60"))


def _libbpf() -> Any:
    try:
        library = ctypes.CDLL("libbpf.so.1", use_errno=True)
    except OSError:
        missing("libbpf.so.1")
    library.btf__new.restype = ctypes.c_void_p
    library.btf__new.argtypes = (ctypes.c_char_p, ctypes.c_uint32)
    library.btf__dedup.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.btf__type_cnt.argtypes = library.btf__free.argtypes = (ctypes.c_void_p,)
    return library


def _dropped(data: bytes) -> int:
    """Return how many types of the object *data* libbpf takes for others."""
    section = ElfFile(data).section_named(".BTF")
    if section is None:
        return 0
    library, types = _libbpf(), bytes(section.data)
    btf = library.btf__new(types, len(types))
    assert btf, os.strerror(ctypes.get_errno())
    try:
        before = library.btf__type_cnt(btf)
        assert library.btf__dedup(btf, None) == 0
        return int(before - library.btf__type_cnt(btf))
    finally:
        library.btf__free(btf)


def _is_ours(model: Model) -> bool:
    return not model.includes and not refusals(model, "modern")


@pytest.mark.parametrize("name", GOOD)
def test_samples_are_deduplicated(name: str) -> None:
    """In both byte orders."""
    model = compiled(name).model
    if compiled(name).variants or not _is_ours(model):
        return
    assert _dropped(assemble(model, "little")) == 0
    assert _dropped(assemble(model, "big")) == 0


def test_the_rule_book_is_deduplicated() -> None:
    """Its programs have what no sample has; those that break a rule are encoded as well."""
    number = 0
    for name, text in rulebook_programs():
        compilation = compile(Source(f"{name}.dsl", text), Options(is_ruled=False))
        if compilation.failed or compilation.variants or not _is_ours(compilation.model):
            continue
        number += 1
        assert _dropped(assemble(compilation.model, "little")) == 0, text
    assert number > 300


def test_random_programs_are_deduplicated(tmp_path: Path) -> None:
    """Those of BPFGEN_DEDUP_SEED on, as many as BPFGEN_DEDUP_COUNT says."""
    number = 0
    for seed in range(FIRST, FIRST + COUNT):
        made = program(seed)
        (tmp_path / "common.dsl").write_text(made.imported)
        source = Source(str(tmp_path / "main.dsl"), made.text)
        model = compile(source, Options(is_ruled=False)).model
        if _is_ours(model):
            number += 1
            assert _dropped(assemble(model, "little")) == 0, f"seed {seed}:\n{made.text}"
    assert number > COUNT // 4


def test_equal_types_without_names_are_one() -> None:
    """Also where they hold others or are pointed to; different ones stay apart."""
    text = """\
struct a {
    struct { int x; union { int y; enum { ONE } e; }; } first;
    struct { int x; union { int y; enum { TWO } e; }; } second;
    struct { int x; } *pointer, *again;
    int (*call)(struct { int x; } *, ...), (*back)(struct { int x; } *, ...);
};
map m: hash<__u32, struct a>[1];
map n: hash<__u32, struct { int x; }>[1];
map o: hash<__u32, struct { int x; }>[1];
"""
    model = compile(Source("m.dsl", text), Options(is_ruled=False)).model
    assert len(model.maps) == 3
    assert _dropped(assemble(model, "little")) == 0


def test_equal_types_are_one_whatever_they_bring() -> None:
    """Where the second of two is the first to need a struct that both point to, it isn't last."""
    text = """\
struct later { int a; struct later *next; };
struct first { struct { struct later *p; int (*f)(struct later **); } x; };
struct second { struct { struct later *p; int (*f)(struct later **); } x; int more; };
map m: hash<__u32, struct first>[1];
map n: hash<__u32, struct second>[1];
map o: hash<__u32, struct later *>[1];
"""
    model = compile(Source("m.dsl", text), Options(is_ruled=False)).model
    assert len(model.maps) == 3
    assert _dropped(assemble(model, "little")) == 0


def test_tags_tell_types_without_names_apart() -> None:
    """libbpf, which looks at no tags here, would give both structs the tags of either."""
    text = """\
struct a {
    struct { int x __attribute__((btf_decl_tag("one"))); } first, second;
    struct { int x __attribute__((btf_decl_tag("two"))); } third;
};
map m: hash<__u32, struct a>[1];
"""
    model = compile(Source("m.dsl", text), Options(is_ruled=False)).model
    data = assemble(model, "little")
    assert _dropped(data) == 1
    btf = read_object(data).btf
    assert btf is not None
    holder = btf.find("a", BTF_KIND_STRUCT)
    assert holder is not None
    tags = [btf.decl_tags(type_id, 0) for _name, type_id, _at, _width in btf.members(holder)]
    assert tags == [("one",), ("one",), ("two",)]


def test_a_type_deep_in_others_is_whole() -> None:
    """As deep as a source may nest them, whatever Python's stack would bear."""
    depth = 190
    text = "struct s { " + "struct { " * depth + "int x; " + "} a; " * depth + "};\n"
    text += "struct d { int (*p)" + "[1]" * 150 + "; int **********q; };\n"
    text += "map m: hash<__u32, struct s>[1];\nmap n: hash<__u32, struct d>[1];\n"
    model = compile(Source("m.dsl", text), Options(is_ruled=False)).model
    assert len(model.maps) == 2
    data = assemble(model, "little")
    assert _dropped(data) == 0
    assert verify(model, read_object(data)) == []
