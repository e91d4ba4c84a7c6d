"""Which map and type of NEW is which of OLD."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.pairs import no_model, pairs_of, pairs_of_files
from bpfgen.compiler import compile
from bpfgen.text.source import Source
from tests.verify.program import model_of

if TYPE_CHECKING:
    from pathlib import Path

TYPES = "struct key { __be32 saddr; __u32 port; };\nstruct value { __u64 packets, bytes; };\n"
FLOWS = "map flows: hash<key, value>[1024] { pinning = by_name; }\n"


def became(old: str, new: str) -> dict[str, str]:
    """Return what each map of *old* is in *new*: `-` where it is gone; new ones are under `-`."""
    pairs = pairs_of(model_of(old), model_of(new))
    names = [(p.old.name if p.old else "-", p.new.name if p.new else "-") for p in pairs.maps]
    gone = {old: new for old, new in names if old != "-"}
    added = [new for old, new in names if old == "-"]
    return gone | ({"-": " ".join(added)} if added else {})


def types_became(old: str, new: str) -> dict[str, str]:
    """Return the same of types."""
    pairs = pairs_of(model_of(old), model_of(new)).types
    names = [(" ".join(p.old_name or "-"), " ".join(p.new_name or "-")) for p in pairs]
    return dict(names)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("map a: array<int, int>[1];", "map a: hash<int, int>[1];", {"a": "a"}),
        ("map a: array<int, int>[1];", "map b: array<int, int>[1];", {"a": "b"}),
        ("map a: array<int, int>[1];", "map b: array<int, int>[2];", {"a": "-", "-": "b"}),
        ("map a: array<int, int>[1];", "map b: hash<int, int>[1];", {"a": "-", "-": "b"}),
        ("map a: array<int, int>[1];", "map b: array<int, unsigned>[1];", {"a": "-", "-": "b"}),
        ("map a: array<int, int>[1];", "extern map b: array<int, int>[1];", {"a": "-", "-": "b"}),
        (
            "map a: array<int, int>[1];",
            "map b: array<int, int>[1] { map_flags = BPF_F_MMAPABLE; }",
            {"a": "-", "-": "b"},
        ),
        # Where the old name is still there, it is no rename.
        (
            "map a: array<int, int>[1];",
            "map a: array<int, int>[2]; map b: array<int, int>[1];",
            {"a": "a", "-": "b"},
        ),
        # Of several the nearest name, then the first.
        (
            "map rx: array<int, int>[1]; map tx: array<int, int>[1];",
            "map tx_count: array<int, int>[1]; map rx_count: array<int, int>[1];",
            {"rx": "rx_count", "tx": "tx_count"},
        ),
        (
            "map a: array<int, int>[1];",
            "map b: array<int, int>[1]; map c: array<int, int>[1];",
            {"a": "b", "-": "c"},
        ),
        # The same, written otherwise.
        (
            "map a: hash<__u32, __s32>[16];",
            "const N = 16; template t: hash<unsigned, int>[N]; map b: t;",
            {"a": "b"},
        ),
        (
            "map a: hash_of_maps<int, array<int, int>[4]>[2];",
            "map b: hash_of_maps<int, array<int, int>[4]>[2];",
            {"a": "b"},
        ),
        (
            "map a: hash_of_maps<int, array<int, int>[4]>[2];",
            "map b: hash_of_maps<int, array<int, int>[5]>[2];",
            {"a": "-", "-": "b"},
        ),
        (
            "struct e { int x; }; map a: ringbuf<e>[4096];",
            "struct f { int x; }; map b: ringbuf<f>[4096];",
            {"a": "b"},
        ),
        ("map a: hash<int, int>[runtime];", "map b: hash<int, int>[1];", {"a": "-", "-": "b"}),
    ],
)
def test_maps(old: str, new: str, expected: dict[str, str]) -> None:
    """A name that is there decides; then the whole shape, whatever the types are called."""
    assert became(old, new) == expected


def test_order() -> None:
    """Maps come in OLD's order, the new ones last, whatever the order of NEW."""
    old = "map a: array<int, int>[1]; map b: array<int, int>[2]; map c: array<int, int>[3];"
    new = (
        "map z: array<int, int>[9]; map c: array<int, int>[3]; map B: array<int, int>[2];"
        "map a: array<int, int>[1];"
    )
    pairs = pairs_of(model_of(old), model_of(new)).maps
    assert [pair.old.name for pair in pairs if pair.old] == ["a", "b", "c"]
    assert [pair.new.name for pair in pairs if pair.new] == ["a", "B", "c", "z"]
    assert [pair.is_renamed for pair in pairs] == [False, True, False, False]


def test_running_names() -> None:
    """A running map has 15 bytes of its name; that is no other name."""
    old = "map flows_by_source: array<int, int>[1];"
    new = "map flows_by_source_address: hash<int, int>[1]; map b: hash<int, int>[2];"
    assert became(old, new) == {"flows_by_source": "-", "-": "flows_by_source_address b"}
    cut = frozenset({"flows_by_source"}), frozenset[str]()
    (pair, _) = pairs_of(model_of(old), model_of(new), cut).maps
    assert pair.new is not None
    assert pair.new.name == "flows_by_source_address"
    assert pair.is_cut
    assert not pair.is_renamed
    several = f"{new} map flows_by_source_port: array<int, int>[1];"
    pairs = pairs_of(model_of(old), model_of(several), cut)
    assert [pair.old for pair in pairs.maps] == [None]
    (unclear,) = pairs.unclear
    assert [map.name for map in unclear.new] == ["flows_by_source_address", "flows_by_source_port"]
    (reverse,) = pairs_of(model_of(several), model_of(old), cut[::-1]).unclear
    assert (reverse.old, reverse.new) == (unclear.new, unclear.old)
    whole = f"{old} map flows_by_source_port: array<int, int>[1];"
    assert pairs_of(model_of(old), model_of(whole), cut).unclear
    assert not pairs_of(model_of(old), model_of(whole)).unclear


def test_moved_maps() -> None:
    """A map that another file of the run has got is there."""
    shape = "array<int, int>[1];"
    files = [
        (f"map a: {shape} map b: {shape}", f"map b: {shape}"),
        (f"map c: {shape}", f"map c: {shape} map a: hash<int, int>[1];"),
    ]
    first, second = pairs_of_files([(model_of(old), model_of(new)) for old, new in files])
    assert [(p.old and p.old.name, p.new and p.new.name) for p in first.maps] == [
        ("a", "a"),
        ("b", "b"),
    ]
    assert first.maps[0].moved_to is second.new
    assert first.new_model_of(first.maps[0]) is second.new
    assert first.new_model_of(first.maps[1]) is first.new
    assert len(second.maps) == 1


def test_files_that_are_gone_and_new() -> None:
    """A file of one side only declares nothing on the other; its maps may be elsewhere."""
    text = TYPES + FLOWS
    gone, new = model_of(text), model_of(text)
    first, second = pairs_of_files([(gone, no_model("a.dsl")), (no_model("b.dsl"), new)])
    assert [pair.moved_to for pair in first.maps] == [new]
    assert [pair.moved_to for pair in first.types] == [new, new]
    assert second.maps == ()
    assert second.types == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("struct a { int x; };", "struct a { long x; };", {"struct a": "struct a"}),
        ("struct a { int x; };", "struct b { int x; };", {"struct a": "struct b"}),
        ("struct a { int x; };", "struct b { int y; };", {"struct a": "-", "-": "struct b"}),
        ("struct a { int x; };", "union a { int x; };", {"struct a": "-", "-": "union a"}),
        ("struct a { int x; };", "typedef struct { int x; } a;", {"struct a": "typedef a"}),
        ("enum a : __u8 { X };", "enum b : __u8 { X };", {"enum a": "enum b"}),
        ("typedef int a;", "typedef int b;", {"typedef a": "typedef b"}),
        # In place: what it holds may have changed.
        (
            "struct a { int x, y; }; map m: array<int, a>[1];",
            "struct b { int x, y, z; }; map m: array<int, b>[1];",
            {"struct a": "struct b"},
        ),
        (
            "struct a { int x, y; }; map m: array<int, a>[1];",
            "struct b { int p, q, r; }; map m: array<int, b>[1];",
            {"struct a": "-", "-": "struct b"},
        ),
        (
            "struct in { int x; }; struct out { struct in i[2]; };",
            "struct inner { int x, y; }; struct out { struct inner i[3]; };",
            {"struct in": "struct inner", "struct out": "struct out"},
        ),
        (
            "struct out { struct in { int x; } i; int y; };",
            "struct out { struct in { int x; } i; int y; };",
            {"struct in": "struct in", "struct out": "struct out"},
        ),
        # What stands where the old one stood goes before what looks the same.
        (
            "struct a { int x, y; }; map m: array<int, a>[1];",
            "struct b { int x, y; }; struct c { int x, y; }; map m: array<int, c>[1];",
            {"struct a": "struct c", "-": "struct b"},
        ),
        ("typedef unsigned int u32;", "map m: array<u32, u32>[1];", {"typedef u32": "typedef u32"}),
        (
            "struct a { int x; };",
            "struct a; struct b { struct a *p; };",
            {"struct a": "-", "-": "struct b"},
        ),
    ],
)
def test_types(old: str, new: str, expected: dict[str, str]) -> None:
    """By name, by place, by layout."""
    assert types_became(old, new) == expected


def test_types_that_moved_to_an_import(tmp_path: Path) -> None:
    """A type that the file imports now is there, and which file of the run declares it is said."""
    (tmp_path / "types.dsl").write_text(TYPES, encoding="utf-8")
    path = str(tmp_path / "maps.dsl")
    old = compile(Source(path, TYPES + FLOWS)).model
    new = compile(Source(path, 'import "types.dsl";' + FLOWS)).model
    assert [pair.new is not None for pair in pairs_of(old, new).types] == [True, True]
    types = model_of(TYPES)
    first, second = pairs_of_files([(old, new), (no_model("types.dsl"), types)])
    assert [pair.moved_to for pair in first.types] == [types, types]
    assert second.types == ()


def test_many() -> None:
    """Many of one shape are taken in order: work grows with their number."""
    count = 2000
    texts = [
        "".join(f"map {name}{i}: array<int, int>[1];\n" for i in range(count)) for name in "ab"
    ]
    pairs = pairs_of(model_of(texts[0]), model_of(texts[1])).maps
    assert len(pairs) == count
    assert all(p.old and p.new and p.old.name[1:] == p.new.name[1:] for p in pairs)
