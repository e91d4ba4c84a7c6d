"""The fingerprint of a map: which changes of a source change it, and which don't."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.ctype.fingerprint import Fingerprints, MapLayout, hexadecimal
from bpfgen.ctype.types import INT, Array, Composite, Member, Typedef
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.special_fields import OPAQUE_STRUCTS
from bpfgen.model.fingerprint import fingerprint_of_map
from tests.tools import CHECKOUT
from tests.verify.program import model_of

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type

SOURCE = """\
enum verdict : __u8 { PASS, DROP = 4 };
struct key { __be32 saddr; __be32 daddr; };
union either { __u32 number; char text[8]; };
struct value {
    struct bpf_spin_lock lock;
    __u32 packets;
    __u64 bytes;
    unsigned int version : 3, mode : 5;
    enum verdict verdict;
    union { int v4; int v6[4]; };
    struct { __u16 in, out; } ports[2];
    union either either;
    const char *label;
    bool flag;
    char name[15];
    double ratio;
};
struct event { __u64 when; struct key key; };
map flows: hash<key, value>[1024] { map_flags = BPF_F_NO_PREALLOC; }
map events: ringbuf<event>[4096];
map sized: hash[8] { key_size = 4; value_size = 12; }
map slots: array_of_maps<__u32, array<__u32, event>[8]>[4];
legacy map old: array<__u32, struct key>[4];
"""
NAMES = ("flows", "events", "sized", "slots", "old")

CHANGES = {
    # what is replaced, by what, and the maps that are no longer the same
    "kind": ("flows: hash<", "flows: lru_hash<", "flows"),
    "member renamed": ("bytes;", "octets;", "flows"),
    "members of one type exchanged": ("__be32 saddr; __be32 daddr", "__be32 daddr; __be32 saddr",
                                      "flows events slots"),
    "sign": ("__u64 bytes", "__s64 bytes", "flows"),
    "width": ("__u64 when", "__u32 when", "events slots"),
    "byte order": ("__be32 saddr", "__le32 saddr", "flows events slots"),
    "no byte order": ("__be32 saddr", "__u32 saddr", "flows events slots"),
    "bool": ("bool flag", "__u8 flag", "flows"),
    "char": ("char name", "__s8 name", "flows"),
    "float": ("double ratio", "__u64 ratio", "flows"),
    "array": ("name[15]", "name[14]", "flows"),
    "array of anonymous": ("ports[2]", "ports[1]", "flows"),
    "member of anonymous": ("in, out", "in, away", "flows"),
    "bit-field": ("version : 3, mode : 5", "version : 4, mode : 4", "flows"),
    "sign of a bit-field": ("unsigned int version", "int version", "flows"),
    "enum size": ("verdict : __u8", "verdict", "flows"),
    "enumerator's value": ("DROP = 4", "DROP = 5", "flows"),
    "enumerator's name": ("DROP = 4", "DRIP = 4", "flows"),
    "new enumerator": ("DROP = 4", "DROP = 4, LATE", "flows"),
    "union": ("union { int v4; int v6[4]; }", "struct { int v4; int v6[4]; }", "flows"),
    "union member": ("int v4;", "unsigned int v4;", "flows"),
    "packed": ("double ratio;\n}", "double ratio;\n} __packed", "flows"),
    "padding with a name": ("bool flag;", "bool flag; char pad;", "flows"),
    "kernel's field": ("struct bpf_spin_lock lock", "struct bpf_refcount lock", "flows"),
    "pointer": ("const char *label", "__u64 label", "flows"),
    "size": ("value_size = 12", "value_size = 16", "sized"),
    "type instead of a size": ("key_size = 4; value", "key = __u32; value", "sized"),
    "record": ("ringbuf<event>", "ringbuf<key>", "events"),
    "no record": ("ringbuf<event>", "ringbuf", "events"),
    "inner kind": ("__u32, array<__u32, event>", "__u32, hash<__u32, event>", "slots"),
    "inner value": ("array<__u32, event>", "array<__u32, __u64>", "slots"),
    "size of a legacy map": ("array<__u32, struct key>", "array<__u32, struct value>", "old"),
}  # fmt: skip

NO_CHANGES = {
    "name of the map": ("map flows", "map streams"),
    "max_entries": ("[1024]", "[2048]"),
    "runtime": ("[1024]", "[runtime]"),
    "flags": ("{ map_flags = BPF_F_NO_PREALLOC; }", "{ map_flags = 0; pinning = by_name; }"),
    "inner entries": ("event>[8]", "event>[16]"),
    "tag": ("struct event { __u64 when;", "struct occurrence { __u64 when;"),
    "typedef": ("__u64 bytes;", "unsigned long long bytes;"),
    "long": ("__u64 bytes;", "unsigned long bytes;"),
    "typedef of a byte order": ("struct key {", "typedef __be32 ip4; struct key {"),
    "qualifier": ("__u32 packets", "volatile __u32 packets"),
    "pointee": ("const char *label", "struct task_struct __kptr *label"),
    "comment": ("__u32 packets;", "/// So many.\n__u32 packets;"),
    "alignment that moves nothing": ("__u64 bytes;", "__u64 bytes __attribute__((aligned(8)));"),
    "type before a bit-field": ("unsigned int version : 3", "unsigned char version : 3"),
    "packed where there is no hole": ("struct key key; }", "struct key key; } __packed"),
    "nameless bit-field": ("double ratio;", "double ratio; int : 0;"),
    "order in an enum": ("PASS, DROP = 4", "DROP = 4, PASS = 0"),
    "order in a union": ("int v4; int v6[4];", "int v6[4]; int v4;"),
    "weak": ("map flows", "weak map flows"),
    "tag of a declaration": ("__u64 bytes;", '__u64 bytes __attribute__((btf_decl_tag("x")));'),
    "types of a legacy map": ("array<__u32, struct key>", "array<int, __u64>"),
}  # fmt: skip
"""What is replaced, and by what."""


def fingerprints(text: str) -> list[int]:
    """Return the fingerprints of the maps of a source, in order: all of them have one."""
    shared = Fingerprints()
    numbers = [fingerprint_of_map(map, shared) for map in model_of(text).maps]
    assert None not in numbers
    return [number for number in numbers if number is not None]


ORIGINAL = dict(zip(NAMES, fingerprints(SOURCE), strict=True))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_layout_changes_it(name: str) -> None:
    """Each change of kind or layout changes the fingerprints of the maps that hold it, alone."""
    old, new, changed = CHANGES[name]
    after = dict(zip(NAMES, fingerprints(_replaced(old, new)), strict=True))
    assert [n for n in NAMES if after[n] != ORIGINAL[n]] == changed.split()


@pytest.mark.parametrize("name", NO_CHANGES)
def test_another_change_does_not(name: str) -> None:
    """What is no layout changes no fingerprint."""
    text = _replaced(*NO_CHANGES[name])
    if name == "tag":
        text = text.replace("<event>", "<occurrence>").replace(", event>", ", occurrence>")
    if name == "typedef of a byte order":
        text = text.replace("__be32 saddr", "ip4 saddr")
    assert fingerprints(text) == list(ORIGINAL.values())


def _replaced(old: str, new: str) -> str:
    assert SOURCE.count(old) == 1, old
    return SOURCE.replace(old, new)


def test_all_maps_are_distinct() -> None:
    """Five maps have five fingerprints."""
    assert len(set(ORIGINAL.values())) == len(NAMES)
    assert all(re.fullmatch("0x[0-9a-f]{16}", hexadecimal(n)) for n in ORIGINAL.values())


def test_sharing_and_depth_cost_nothing() -> None:
    """A struct of two of a struct of two of …, 150 deep, is gone through once."""
    type_: Type = INT
    for _ in range(150):
        pair = Member("a", type_, 0), Member("b", Typedef("t", Array(type_, 1)), 0)
        type_ = Composite("struct", None, pair, 4)
    layout = MapLayout(1, MAP_KINDS["hash"], type_, type_, 4, 4)
    assert Fingerprints().of_map(layout) == Fingerprints().of_map(layout)


def test_the_page_names_the_structs_of_the_kernel() -> None:
    """docs/fingerprint.md names every struct of which the name counts, and no other."""
    page = (CHECKOUT / "docs" / "fingerprint.md").read_text()
    line = next(line for line in page.splitlines() if line.startswith("The kernel's structs are"))
    assert set(re.findall(r"`(\w+)`", line)) == OPAQUE_STRUCTS
