"""Types of records: whole with every clang, silent for libbpf, kept by a linker and by strip."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, compile, emit
from bpfgen.ctype.describe import described
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Composite, underlying
from bpfgen.importer import import_object
from bpfgen.importer.from_c import import_c
from bpfgen.object import read_object
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.tools import compilers, find, require, require_clang

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.ctype.types import Type

RECORDS = """\
struct event {
    __u64 a;
    __u32 b;
    struct {
        __u32 c;
    } d[3];
    struct peer *p;
    __u8 tail[];
};

struct item {
    __u32 a;
};

struct peer {
    struct item *k;
};

typedef struct {
    __u8 q;
} small_t;

enum word { ONE, TWO };

template shared: ringbuf<small_t>[64 KiB];

map keyed: hash<item, __u32>[4];
map events: ringbuf<event>[64 KiB];
map ints: ringbuf<int>[64 KiB];
map chars: ringbuf<char>[2 GiB];
map large: ringbuf<__u8>[2 GiB];
map uints: user_ringbuf<__u32>[64 KiB];
map words: perf_event_array<word>;
map bytes: perf_event_array<__u8[16]>;
map ptrs: perf_event_array<struct item *>;
map fns: ringbuf<int (*)(struct item *)>[64 KiB];
map one: shared;
map two: shared;
map plain: ringbuf[64 KiB];
map inner: array_of_maps<__u32, ringbuf<event>[64 KiB]>[2];
map inner_plain: array_of_maps<__u32, ringbuf[64 KiB]>[2];
"""

SOURCE = Source("records.dsl", RECORDS)


@cache
def _object(compiler: str, target: str = "bpfel") -> bytes:
    options = Options(target=target, clang=Finder(require_clang(compiler)))
    data, diagnostics = build_object(compile(SOURCE, options), options)
    assert data is not None, diagnostics
    return data


def _told(data: bytes) -> dict[str, object]:
    """Return name, size and members of the types of records by map, inner ones as `x.inner`."""
    told: dict[str, object] = {}
    for read in read_object(data).maps:
        told[read.name] = _summary(read.record)
        if read.definition.inner is not None:
            told[f"{read.name}.inner"] = _summary(read.definition.inner.record)
    return told


def _summary(record: Type | None) -> object:
    if record is None:
        return None
    whole = underlying(record)
    members = whole.members if isinstance(whole, Composite) else ()
    return described(record), sizeof(record), [(m.name, described(m.type)) for m in members]


@pytest.mark.parametrize("compiler", compilers())
def test_every_clang_keeps_them_and_libbpf_says_nothing(compiler: str) -> None:
    """No section of ours, no word from libbpf on opening, and the source comes back."""
    data = _object(compiler)
    assert b"bpfgen.anchor" not in data
    with libbpf.open_object(data) as opened:
        assert [message for message in opened.messages if "skipping" in message] == []
        assert {one.name for one in opened.maps()} == set(_told(data)) - {
            "inner.inner",
            "inner_plain.inner",
        }
    told = _told(data)
    none = {name for name, record in told.items() if record is None}
    assert none == {"plain", "keyed", "inner", "inner_plain", "inner_plain.inner"}
    assert told == _told(_object(compiler, "bpfeb"))
    imported = import_object(read_object(data), "records.o")
    maps = RECORDS[RECORDS.index("template") :]
    assert imported.text.endswith(maps)


def test_a_linker_and_strip_leave_them(tmp_path: Path) -> None:
    """`bpftool gen object` and `llvm-strip -g`; types are deduplicated, and stay whole."""
    bpftool = require("bpftool")
    strip = find("llvm-strip") or find("llvm-strip-19") or require("llvm-strip")
    data = _object(compilers()[0])
    (tmp_path / "a.o").write_bytes(data)
    for words in ([bpftool, "gen", "object", "linked.o", "a.o"], [strip, "-g", "linked.o"]):
        subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
        linked = (tmp_path / "linked.o").read_bytes()
        assert _told(linked) == _told(data)


def test_the_header_comes_back() -> None:
    """Import of our own header: the same types of records, templates' and inner maps' too."""
    header = emit(compile(SOURCE))
    imported = import_c(header, "records.h")
    options = Options()
    anew, diagnostics = build_object(compile(Source("anew.dsl", imported.text), options), options)
    assert anew is not None, diagnostics
    assert _told(anew) == _told(_object(compilers()[-1]))


@pytest.mark.parametrize("compiler", compilers())
def test_a_type_that_c_has_no_array_of_is_kept_all_the_same(compiler: str) -> None:
    """A typedef with a larger alignment than its size: clang refuses `wide_t (*type)[27]`."""
    text = (
        "typedef _Bool wide_t __attribute__((aligned(8)));\n"
        "typedef __u64 fits_t __attribute__((aligned(8)));\n"
        "map flags: ringbuf<wide_t>[64 KiB];\n"
        "map numbers: ringbuf<fits_t>[64 KiB];\n"
    )
    options = Options(clang=Finder(require_clang(compiler)))
    data, diagnostics = build_object(compile(Source("records.dsl", text)), options)
    assert data is not None, diagnostics
    assert _told(data) == {"flags": ("wide_t", 1, []), "numbers": ("fits_t", 8, [])}
