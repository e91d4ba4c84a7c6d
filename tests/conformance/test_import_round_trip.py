"""Import, compile, read: the maps and types of an object come back as they were.

The objects are clang's, of programs that are written for it, and those of the samples.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.object import read_object
from tests import compiled, samples
from tests.imported import back, differences, imported, round_trip, told
from tests.tools import CHECKOUT, require

if TYPE_CHECKING:
    from pathlib import Path

HARD = (
    compiled.MACROS
    + """
struct __attribute__((packed)) p1 { __u8 a; __u32 b; __u64 c; };
struct __attribute__((packed, aligned(4))) p2 { __u64 a; __u32 b; };
struct p3 { __u8 a; __u32 b __attribute__((packed)); __u8 c; __u16 d; };
struct p4 { __u8 a; struct p1 in; __u64 x; };
struct a1 { __u32 a; } __attribute__((aligned(64)));
struct a2 { __u32 a; __u32 b __attribute__((aligned(32))); __u8 c; };
struct a3 { __u32 a; struct a1 in; };
struct b1 { __u32 a : 3; __u32 : 5; __u32 b : 8; __u32 : 0; __u32 c : 1; };
struct b2 { __u64 : 64; __u64 : 64; };
struct b3 { __u32 a; __u32 : 32; __u32 b; __u8 c : 2; __u64 d : 40; };
struct __attribute__((packed)) b4 { __u8 x; __u32 a : 7; __u32 b : 30; __u64 c : 50; };
union u1 { __u8 a; __u16 b; } __attribute__((aligned(16)));
union __attribute__((packed)) u2 { __u8 a[5]; __u32 b; };
union u3 { __u8 a; __u64 : 40; };
enum wide { WIDE_A = 1, WIDE_B = 0x8000000000000000ULL };
enum deep { DEEP_A = -1, DEEP_B = 0x123456789aLL };
enum __attribute__((packed)) small { SMALL_A, SMALL_B = 200 };
enum based : short { BASED_A = -3, BASED_B };
enum large : unsigned long { LARGE_A = 5 };
struct enums { enum wide a; enum deep b; enum small c; enum based d; enum large e;
               enum { NAMELESS_X = 7, NAMELESS_Y } f, g; enum based h : 4; };
struct nested { struct { struct { struct { union { struct { struct { struct { struct { struct {
    __u8 deep; __u16 q; } a; } b; } c; }; } d; }; } e; } f; } g[2]; };
struct arrays { struct p1 v[3]; int pad[0]; int q; };
struct e1 { __u32 a; };
struct e2 { struct e1 a; };
union e3 { __u32 a; };
enum e4 { E4_A = 3 };
typedef struct e5 { __u32 a; } e5_t;
typedef struct e6 { __u32 a; } e6_a[4];
typedef e6_a *e6_p;
struct e7 { __u32 a; };
struct e8 { __u32 a; };
struct elements {
    struct e2 (*a)[2]; union e3 (*b[3])[2][4]; enum e4 (*c)[0]; const e5_t (*d)[]; e6_p e;
    void (*f)(struct e7 (*a)[2], e6_a *b); struct e8 (*(*g)(int))[3]; struct elements *h;
};
struct all { struct p1 a; struct p2 b; struct p3 c; struct p4 d; struct a1 e; struct a2 f;
             struct a3 g; struct b1 h; struct b2 i; struct b3 j; struct b4 k; union u1 l;
             union u2 m; union u3 n; struct enums o; struct nested p; struct arrays q;
             struct elements r; };
typedef struct { int x, y; } point_t;
typedef point_t pair_t[2];
typedef int (*callback_t)(struct nested *, const point_t *p, enum small e, ...);
struct misc {
    point_t p; pair_t pr; callback_t f; void (*g)(void); point_t *pp; const volatile int cv;
    int *restrict r; const char *const s; int m[2][3]; __int128 big; _Bool b; char c;
    signed char sc; unsigned char uc; long l; unsigned long ul; double dbl; struct {} empty;
    int (*arr)[4]; int *parr[4]; struct { int v; } *anonp; struct undefined_ *u;
    union undefined_too *uu; int (**ff)(int (*)(long)); int tail[];
};
struct tail { int n; int data[0]; };
typedef struct { int val[2]; } __kernel_fsid_t;
typedef unsigned long __kernel_ulong_t;
struct kernels { __kernel_fsid_t a; __kernel_ulong_t b; };
typedef _Bool bool;
struct both { bool a; _Bool b; bool *c; _Bool *d; int (*e)(bool, _Bool); };
struct { __uint(type, 1); __type(key, struct kernels); __type(value, struct both);
         __uint(max_entries, 1); } bools SEC(".maps")
    __attribute__((btf_decl_tag("first \\"one\\""), btf_decl_tag("second")));
struct { __uint(type, 1); __type(key, int); __type(value, struct all);
         __uint(max_entries, 1); } layouts SEC(".maps");
struct { __uint(type, 1); __type(key, struct { int a; __u16 b; __u16 c; });
         __type(value, struct misc); __uint(max_entries, 1); } shapes SEC(".maps");
struct { __uint(type, 1); __type(key, enum wide); __type(value, struct tail);
         __uint(max_entries, 1); } tails SEC(".maps");
struct { __uint(type, 1); __type(key, pair_t); __type(value, point_t[3][2]);
         __uint(max_entries, 0xffffffff); __uint(map_flags, 0x80000001); } extremes SEC(".maps");
struct { __uint(type, 1); __type(key, const int *); __type(value, callback_t);
         __uint(max_entries, 4); __uint(map_flags, 0); __uint(pinning, 0); } zeros SEC(".maps");
struct { __uint(type, 12); __type(key, int); __type(value, int); __uint(max_entries, 4); }
    bare SEC(".maps");
struct { __uint(type, 11); __uint(key_size, 8); __type(value, int); __uint(max_entries, 4); }
    flagless SEC(".maps");
struct { __uint(type, 3); __uint(key_size, 4); __uint(max_entries, 4); } valueless SEC(".maps");
struct { __uint(type, 3); __uint(key_size, 4); __uint(max_entries, 4);
         __array(values, int (void *)); } room SEC(".maps");
struct { __uint(type, 1); __uint(max_entries, 4); __uint(map_flags, 1); } sizeless SEC(".maps");
struct inner { __uint(type, 2); __type(key, int); __type(value, long); __uint(max_entries, 1); };
struct inner held SEC(".maps");
struct { __uint(type, 13); __uint(key_size, 4); __uint(max_entries, 1);
         __array(values, struct inner); } by_any_key SEC(".maps") =
    { .values = { [1917] = (void *)&held } };
"""
)
"""What BTF doesn't record, and every other shape that clang takes."""


@pytest.mark.parametrize("target", compiled.TARGETS)
@pytest.mark.parametrize("program", ["HARD", "MODERN", "EXTERN"])
def test_maps_come_back(program: str, target: str) -> None:
    """Definitions, types, inner maps, slots and linkage, in both byte orders."""
    text = HARD if program == "HARD" else getattr(compiled, program)
    assert round_trip(compiled.compile_c(text, compiled.newest(), target)) == []


@pytest.mark.parametrize("compiler", compiled.COMPILERS)
def test_objects_of_every_clang(compiler: str) -> None:
    """Old BTF has neither signed nor 64-bit enums; the maps compile back all the same."""
    found = imported(compiled.compile_c(compiled.MODERN, compiler))
    assert told(found, "import-map", "import-difference", "import-type") == []
    assert round_trip(compiled.compile_c(compiled.MODERN, compiler)) == []


def test_the_first_form_comes_back() -> None:
    """Objects in the initializer style compile back with that style, as a note says."""
    data = compiled.compile_c(compiled.INITIALIZER, compiled.newest())
    assert told(imported(data), "import-style")
    assert round_trip(data, style="initializer") == []


def test_legacy_maps_come_back() -> None:
    """The five numbers do; what another loader reads behind them is told."""
    data = compiled.compile_c(compiled.LEGACY, compiled.newest())
    found = imported(data)
    assert "legacy map first: hash<int, __u64>[16]" in found.text
    assert len(told(found, "import-lost")) == 1
    assert "`inner_map_idx = 77`, `numa_node = 2`" in told(found, "import-lost")[0]
    assert round_trip(data) == []


@pytest.mark.parametrize("name", samples.GOOD)
def test_samples_come_back(name: str) -> None:
    """The object of every sample, imports and extern maps included."""
    data = samples.built(name)
    found = imported(data)
    assert told(found, "import-map", "import-difference", "import-name", "import-type") == []
    if not read_object(data).maps:
        assert found.text == ""  # a sample of types alone
        return
    assert round_trip(data) == []


def test_linked_twins(tmp_path: Path) -> None:
    """Two types of one name get two names and keep their layout; equal ones are declared once."""
    bpftool = require("bpftool")
    first = """
        enum state { ONE, TWO };
        struct same { long x; };
        struct twin { int a; enum state s; struct twin *next; };
        struct { __uint(type, 1); __type(key, struct twin); __type(value, struct same);
                 __uint(max_entries, 4); } of_first SEC(".maps");
    """
    second = """
        enum state { ZERO, ONE = 5 };
        struct same { long x; };
        union twin { char a; enum state s; __u64 all[3]; };
        struct { __uint(type, 1); __type(key, union twin); __type(value, struct same);
                 __uint(max_entries, 4); } of_second SEC(".maps");
    """
    paths = []
    for index, text in enumerate((first, second)):
        paths.append(tmp_path / f"{index}.o")
        paths[-1].write_bytes(compiled.compile_c(compiled.MACROS + text, compiled.newest()))
    linked = tmp_path / "linked.o"
    subprocess.run([bpftool, "gen", "object", linked, *paths], check=True)
    found = imported(linked.read_bytes())
    assert found.text.count("struct same {") == 1
    assert "union twin___2 {" in found.text
    assert "ONE___2 = 5," in found.text
    names = told(found, "import-name")
    assert any("`union twin` means another type already" in each for each in names)
    wrong = round_trip(linked.read_bytes())
    assert wrong
    assert all("twin" in each for each in wrong), "nothing but the name differs"


def test_the_example_of_the_manual() -> None:
    """The source on docs/import.md is what import writes for its own object, to the letter."""
    page = (CHECKOUT / "docs" / "import.md").read_text(encoding="utf-8")
    example = page.partition("```dsl\n")[2].partition("```")[0]
    assert imported(back(example), "edge.o").text == example


def test_import_of_an_import() -> None:
    """The source of the object of a source has the same text: nothing drifts."""
    data = compiled.compile_c(HARD, compiled.newest())
    once = imported(data)
    again = back(once.text)
    twice = imported(again)
    assert sorted(twice.text.split("\n\n")) == sorted(once.text.split("\n\n"))
    assert differences(read_object(data), read_object(again)) == []
