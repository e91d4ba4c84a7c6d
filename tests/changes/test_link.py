"""The category `link`, rule by rule: what is found, once, and what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import Asked
from bpfgen.changes.linked_types import LinkedTypes
from bpfgen.comparison import compared, compared_files
from bpfgen.ctype.types import INT, Composite, Member
from bpfgen.record import replace
from tests.changes.test_rules import opened

if TYPE_CHECKING:
    from bpfgen.changes.finding import Finding


def findings(old: str, new: str) -> list[Finding]:
    """Return what `link` finds."""
    sides = opened("old.dsl", old, is_ruled=False), opened("new.dsl", new)
    return compared(*sides, Asked(("link",)))


def codes(old: str, new: str) -> list[str]:
    """Return the codes of :func:`findings`."""
    return [finding.code for finding in findings(old, new)]


def valued(members: str, before: str = "") -> str:
    """Return a source with a map whose values have *members*."""
    return f"{before}struct v {{ {members} }};\nmap m: hash<__u32, v>[4];\n"


STRUCTS = "struct x { int n; };\nstruct y { int n; };\n"

SKIPPED = (
    ("__u32 a;", "int a;"),
    ("__u32 a;", "const volatile __u32 a;"),
    ("enum { A, B } a;", "enum { C = 7 } a;"),
    ("struct x *a;", "const struct x *a;"),
    ("int *a;", "__u32 *a;"),
    ("void (*f)(int);", "void (*f)(__u32 named);"),
    ("__u32 a; __u8 b[2];", "__u32 a; __u8 b[3];"),
    ("__u32 a : 3; __u32 : 5; __u32 b : 24;", "__u32 a : 3; int : 2, : 3; __s32 b : 24;"),
    ("struct { int n; } *a;", "struct { long other; } *a;"),
    ("struct { __u32 a; };", "struct { __s32 a; };"),
    ("struct bpf_timer t;", "struct bpf_timer t;"),
    ("struct x __kptr *a;", "struct x *a;"),
    ("int a[2][3];", "unsigned int a[3][2];"),
    ("long a;", "__u64 a;"),
    ("bool a; char b[4];", "__u8 a; __s8 b[4];"),
    ("struct x *(*f)(struct y *, int);", "const struct x *(*f)(struct y *g, __u32 h);"),
)
"""Members that are one to the linker."""


@pytest.mark.parametrize(("old", "new"), SKIPPED)
def test_what_the_linker_skips(old: str, new: str) -> None:
    """Members that are one to it make no finding, in either direction."""
    assert codes(valued(old, STRUCTS), valued(new, STRUCTS)) == []
    assert codes(valued(new, STRUCTS), valued(old, STRUCTS)) == []


CHANGES = (
    ("__u32 a;", "__u32 b;", "member `a` of `struct v` is `b` now"),
    ("__u32 a;", "float a;", "member `a` of `struct v` is `float` now and was `__u32`"),
    ("__u32 a; __u32 b;", "__u32 b; __u32 a;", "`struct v` has its members in another order"),
    ("__u64 a;", "__u64 a; __u8 b;", "`struct v` has `b`, which it hadn't"),
    ("__u64 a; __u8 b;", "__u64 a;", "`struct v` has no `b` any more"),
    (
        "__u64 a; __u8 b;",
        "__u8 c; __u64 a;",
        "`struct v` has `c`, which it hadn't, and no `b` any more",
    ),
    (
        "__u8 a; __u8 b;",
        "__u64 a; __u8 b;",
        "member `a` of `struct v` is `__u64` now and was `__u8`",
    ),
    (
        "struct x a[2];",
        "struct x a[3];",
        "member `a` of `struct v` has 12 bytes now and had 8 bytes",
    ),
    ("float a;", "double a;", "member `a` of `struct v` is `double` now and was `float`"),
    ("int **a;", "int *a;", "member `a` of `struct v` is `int *` now and was `int **`"),
    (
        "int (*f)(int, ...);",
        "int (*f)(int);",
        "member `f` of `struct v` is `int (*)(int)` now and was `int (*)(int, ...)`",
    ),
    (
        "__u8 a; __u64 b;",
        "__u64 a; __u64 b;",
        "member `a` of `struct v` is `__u64` now and was `__u8`",
    ),
    (
        "__u8 a[2]; __u16 b; __u8 c;",
        "__u8 a[4]; __u16 b; __u8 c;",
        "member `a` of `struct v` has 4 bytes now and had 2 bytes",
    ),
    (
        "__u64 a; __u8 b[8];",
        "__u64 a; __u8 b[16];",
        "member `b` of `struct v` has 16 bytes now and had 8 bytes",
    ),
    (
        "__u8 a; __u32 b;",
        "__u8 a; __u32 b __aligned(8);",
        "member `b` of `struct v` is at byte 8 now and was at byte 4",
    ),
    ("__u32 a;", "__u32 a __aligned(16);", "`struct v` has 16 bytes now and had 4 bytes"),
    (
        "__u32 a : 3; __u32 b : 4;",
        "__u32 a : 4; __u32 b : 4;",
        "member `a` of `struct v` is 4 bits wide now and was 3 bits wide",
    ),
    (
        "__u32 a : 32;",
        "__u32 a;",
        "member `a` of `struct v` is no bit-field now and was 32 bits wide",
    ),
    (
        "struct { __u32 a; } s;",
        "struct { __u32 b; } s;",
        "member `a` of the struct of member `s` of `struct v` is `b` now",
    ),
    (
        "struct x *p;",
        "struct y *p;",
        "member `p` of `struct v` is `struct y *` now and was `struct x *`",
    ),
    (
        "union { __u32 a; __u64 b; } u;",
        "union { __u64 b; __u32 a; } u;",
        "the union of member `u` of `struct v` has its members in another order",
    ),
    (
        "void (*f)(int);",
        "void (*f)(int, int);",
        "member `f` of `struct v` is `void (*)(int, int)` now and was `void (*)(int)`",
    ),
    (
        "int a[2][3];",
        "int a[6];",
        "member `a` of `struct v` is `int[6]` now and was `int[2][3]`",
    ),
)
"""Members of OLD and NEW that aren't, and what is said of them."""


@pytest.mark.parametrize(("old", "new", "message"), CHANGES)
def test_a_change_of_members(old: str, new: str, message: str) -> None:
    """It is one finding, of what caused it."""
    found = findings(valued(old, STRUCTS), valued(new, STRUCTS))
    assert [finding.message for finding in found] == [message]
    assert [finding.code for finding in found] == ["break-link-type"]
    assert codes(valued(new, STRUCTS), valued(old, STRUCTS)) != []


def test_maps_of_one_type_are_told_apart() -> None:
    """What each says of its key is a finding of its own, whatever type both have."""
    text = "map a: hash<{0}, __u64>[4];\nmap b: hash<{0}, __u64>[4];\n"
    found = findings(text.format("__u32"), text.format("__u64"))
    assert [(one.code, one.maps) for one in found] == [
        ("break-link-key-type", ("a",)),
        ("break-link-key-type", ("b",)),
    ]
    assert found[1].message == "the key of `b` is `__u64` now and was `__u32`"


def test_a_running_map_links_with_nothing() -> None:
    """There is no object of it."""
    old, new = (opened("a.dsl", f"map m: hash<__u32, __u64>[{n}];") for n in (4, 5))
    assert compared(old, new, Asked(("link",), is_running=True)) == []


def test_structs_of_the_kernel() -> None:
    """What is in them is the affair of whoever's header had them: vmlinux.h's have others."""
    own, other = (
        Composite("struct", "bpf_timer", (Member(name, INT, 0),), 16) for name in ("a", "b")
    )
    assert LinkedTypes({}, {}, {}).agree(own, other)
    assert not LinkedTypes({}, {}, {}).agree(replace(own, tag="v"), replace(other, tag="v"))


def test_an_enum_of_another_size() -> None:
    """It is reported as that of the enum, beside another cause."""
    old = "enum e { A };\nstruct v { enum e e; __u32 n; };\n"
    new = "enum e : __u8 { A };\nstruct v { enum e e; __u8 pad[3]; __u32 n; };\n"
    maps = "map m: hash<__u32, v>[4];\n"
    assert [(one.code, one.message) for one in findings(old + maps, new + maps)] == [
        ("break-link-type", "`struct v` has `pad`, which it hadn't"),
        ("break-link-type", "`enum e` has 1 byte now and had 4 bytes"),
    ]


def test_a_type_of_several_maps_is_reported_once() -> None:
    """With all of them; so is what a template says, and a type that has another name."""
    maps = "template t: hash<__u32, v>[%d];\nmap a: t;\nmap b: array<__u32, v>[2];\nmap c: t;\n"
    (found,) = findings("struct v { int x; };\n" + maps % 4, "struct v { int y; };\n" + maps % 4)
    assert found.maps == ("a", "b", "c")
    assert (found.subject.name, found.subject.part) == ("v", "x")
    (found,) = findings("struct v { int x; };\n" + maps % 4, "struct v { int x; };\n" + maps % 5)
    assert found.maps == ("a", "c")
    assert found.subject.kind == "template"
    (found,) = findings(
        "struct v { int x; struct v *next; };\n" + maps % 4,
        "struct w { int x; struct w *next; };\n" + (maps % 4).replace("v>", "w>"),
    )
    assert found.message == "`struct v` is `struct w` now"
    assert found.maps == ("a", "b", "c")


MAPS = (
    ("map m: hash<__u32, __u64>[4];", "extern map m: hash<__u32, __u64>[4];", "linkage"),
    ("weak map m: hash<__u32, __u64>[4];", "extern map m: hash<__u32, __u64>[4];", "linkage"),
    ("weak map m: hash<__u32, __u64>[4];", "map m: hash<__u32, __u64>[4];", "linkage"),
    ("extern map m: hash<__u32, __u64>[4];", "map m: hash<__u32, __u64>[4];", "linkage"),
    ("map m: hash<__u32, __u64>[4];", "weak map m: hash<__u32, __u64>[4];", ""),
    ("extern map m: hash<__u32, __u64>[4];", "weak map m: hash<__u32, __u64>[4];", ""),
    ("map m: hash<__u32, __u64>[4];", "map n: hash<__u32, __u64>[4];", "renamed"),
    ("extern map m: hash<__u32, __u64>[4];", "extern map n: hash<__u32, __u64>[4];", "renamed"),
    ("map m: hash<__u32, __u64>[4];", "map n: array<__u32, __u64>[4];", "gone"),
    ("extern map m: hash<__u32, __u64>[4];", "map n: array<__u32, __u64>[4];", ""),
    ("map m: hash<__u32, __u64>[4];", "map m: hash<__u32, __u64>[runtime];", "max-entries"),
    ("map m: ringbuf[runtime];", "map m: ringbuf { max_entries = runtime; };", ""),
    (
        "map m: hash<__u32, __u64>[4];",
        "map m: hash<__s32, __s64>[2 + 2] { pinning = none; };",
        "",
    ),
    (
        "map m: hash { key_size = 4; value_size = 8; max_entries = 4; };",
        "map m: hash<__u32, __u64>[4];",
        "key-type value-type",
    ),
    ("map m: hash<__u32, __u64>[4];", "map m: ringbuf[4096];", "kind"),
    ("map m: ringbuf<__u32>[4096];", "map m: ringbuf<__u64>[4096];", ""),
    (
        "map m: bloom_filter<__u32>[64];",
        "map m: bloom_filter<__u32>[64] { map_extra = 3; };",
        "",
    ),
    (
        "map m: array_of_maps<__u32, array<__u32, __u64>[4]>[2];",
        "map m: array_of_maps<__u32, array<__u32, __u64>[5]>[2];",
        "max-entries",
    ),
    (
        "map m: array_of_maps<__u32, array<__u32, __u64>[4]>[2];",
        "map m: array_of_maps<__u32, array<__u32, float>[4]>[2];",
        "value-type",
    ),
    (
        "map m: array_of_maps<__u32>[2];",
        "map m: array_of_maps { key_size = 4; value_size = 4; max_entries = 2; };",
        "key-type",
    ),
)
"""Maps of OLD and NEW, and the codes of what is found."""


@pytest.mark.parametrize(("old", "new", "code"), MAPS)
def test_maps(old: str, new: str, code: str) -> None:
    """What a map is is compared as the linker does, and its linkage by what went with it."""
    assert codes(old, new) == [f"break-link-{one}" for one in code.split()]
    assert codes(old, old) == codes(new, new) == []


def test_programs_in_slots() -> None:
    """Their parameters are compared by what pointers point to; a slot that is gone asks nothing."""
    text = (
        "struct a;\nstruct b;\nint tail(struct {} *c);\nmap m: prog_array[4] = {{ [0] = tail }};\n"
    )
    assert codes(text.format("a"), text.format("a")) == []
    (found,) = findings(text.format("a"), text.format("b"))
    assert found.code == "break-link-program"
    assert found.subject.name == "tail"
    gone = "struct b;\nint tail(struct b *c);\nmap m: prog_array[4];\n"
    assert codes(text.format("a"), gone) == []


def test_a_definition_that_moved_to_another_file() -> None:
    """Of a run of several files, with a declaration left behind or made of the definition."""
    defined, declared = "map m: hash<__u32, __u64>[4];", "extern map m: hash<__u32, __u64>[4];"
    asked, other = Asked(("link",)), "map other: hash<__u32, __u64>[4];"
    for one, two in (
        ((defined, declared), (other, other + defined)),
        ((declared, defined), (defined + other, other)),
        ((declared, other), (defined, defined)),
        ((defined, other), (declared, defined)),
    ):
        files = [(opened("a.dsl", one[0]), opened("a.dsl", one[1]))]
        files.append((opened("b.dsl", two[0]), opened("b.dsl", two[1])))
        assert [found.findings for found in compared_files(files, asked)] == [(), ()], (one, two)
    files = [(opened("a.dsl", declared), opened("a.dsl", defined))]
    files.append((opened("b.dsl", defined), opened("b.dsl", defined)))
    (found, rest) = compared_files(files, asked)
    assert [finding.code for finding in found.findings] == ["break-link-linkage"]
    assert rest.findings == ()
