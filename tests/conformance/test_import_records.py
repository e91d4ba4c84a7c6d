"""Records of ring buffers: cilium's idiom and our own headers, imported from objects and from C.

The witness is the kernel: what comes out loads, where the object of the idiom doesn't.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import compile, emit
from bpfgen.importer.from_c import import_c
from bpfgen.object import read_object
from bpfgen.text.source import Source
from bpfgen.verify import verify
from tests import compiled
from tests.conformance import libbpf
from tests.imported import back, imported, told
from tests.tools import require_root

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.importer import Imported

IDIOM = """
struct event { __u64 when; __u32 pid, pad; };
typedef struct { int id; } small_t;
enum cause { NONE, SIGNAL };
struct { __uint(type, 27); __uint(max_entries, 65536); __type(value, struct event); }
    ring SEC(".maps");
struct { __uint(type, 4); __type(value, struct event); } perf SEC(".maps");
struct { __uint(type, 4); __type(key, int); __type(value, small_t); } keyed SEC(".maps");
struct { __uint(type, 4); __uint(key_size, 4); __type(value, __u64); } wide SEC(".maps");
struct { __uint(type, 4); __type(key, int); __type(value, __u32); } plain SEC(".maps");
struct { __uint(type, 4); __uint(key_size, 4); __uint(value_size, 4); } sized SEC(".maps");
"""
DECLARED = {
    "ring": "ringbuf<event>[65536];",
    "perf": "perf_event_array<event>;",
    "keyed": "perf_event_array<small_t> { key = int; };",
    "wide": "perf_event_array<__u64>;",
    "plain": "perf_event_array<int, __u32>;",
    "sized": "perf_event_array;",
}

OWN = """\
struct event { __u64 when; __u32 pid, pad; };
map ring: ringbuf<event>[64 KiB];
map perf: perf_event_array<event>;
map users: user_ringbuf<__u32[4]>[64 KiB];
map pointers: ringbuf<const struct event *>[64 KiB];
template small: ringbuf<event>[64 KiB];
map one: small;
map other: small;
"""


def declared(found: Imported) -> dict[str, str]:
    """Return the declaration of each map of *found*, as `DECLARED` has them."""
    declarations = found.text.replace("struct event", "event").replace("64 KiB", "65536")
    parts = re.split(r"^(?=map |template )", declarations, flags=re.MULTILINE)
    texts = [" ".join(part.split())[4:] for part in parts if part.startswith("map ")]
    return {name: text for name, _, text in (part.partition(": ") for part in texts)}


def of_c(text: str, path: Path) -> Imported:
    """Return what the C *text* comes to, in a file that is written to *path*."""
    path.write_text(text)
    return import_c(text, str(path))


def test_the_value_of_a_ring_buffer_is_the_type_of_its_records(tmp_path: Path) -> None:
    """It is in objects and in C alike, but for an integer of 4 bytes in a perf_event_array."""
    data = compiled.compile_c(compiled.MACROS + IDIOM, compiled.newest())
    from_object = imported(data)
    from_c = of_c(compiled.MACROS + IDIOM, tmp_path / "program.c")
    assert declared(from_object) == DECLARED
    assert declared(from_c) == {
        **DECLARED,
        "wide": "perf_event_array<__u64> { key_size = 4; };",
        "sized": "perf_event_array { key_size = 4; value_size = 4; };",
    }
    for found in (from_object, from_c):
        assert "allow" not in found.text
        assert len(told(found, "import-style")) == len(found.diagnostics) == 4
        model = compile(Source("maps.dsl", found.text)).model
        assert verify(model, read_object(data), foreign=True) == []


def test_another_record_is_noticed() -> None:
    """Verification holds the value of the idiom against the record that is declared."""
    data = read_object(compiled.compile_c(compiled.MACROS + IDIOM, compiled.newest()))
    for text in (
        "struct event { __u64 when; __u32 pid; int pad; };\nmap ring: ringbuf<event>[65536];\n",
        "map ring: ringbuf[65536];\n",
        "map plain: perf_event_array<__u32>;\n",
    ):
        model = compile(Source("maps.dsl", text)).model
        assert verify(model, data, foreign=True) != []


def test_what_comes_out_loads() -> None:
    """The kernel refuses the object of the idiom, which is for another loader, and takes ours."""
    require_root()
    data = compiled.compile_c(compiled.MACROS + IDIOM, compiled.newest())
    with pytest.raises(libbpf.LibbpfError), libbpf.open_object(data) as opened:
        opened.load()
    with libbpf.open_object(back(imported(data).text)) as opened:
        assert set(opened.load()) == set(DECLARED)


def test_our_own_headers_keep_their_records(tmp_path: Path) -> None:
    """C that includes what bpfgen wrote comes back as what it was written from."""
    header = emit(compile(Source("maps.dsl", OWN)))
    (tmp_path / "maps.h").write_text(header)
    found = of_c('#include "maps.h"\n', tmp_path / "program.c")
    maps = declared(found)
    assert maps == {
        "ring": "ringbuf<event>[64 * 1024];",
        "perf": "perf_event_array<event>;",
        "users": "user_ringbuf<__u32[4]>[64 * 1024];",
        "pointers": "ringbuf<const event *>[64 * 1024];",
        "one": "small;",
        "other": "small;",
    }
    assert [d.message for d in found.diagnostics if d.code != "import-lost"] == []
    data = back(OWN)
    model = compile(Source("maps.dsl", found.text)).model
    assert verify(model, read_object(data), foreign=True) == []
