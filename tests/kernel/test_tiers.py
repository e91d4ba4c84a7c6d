"""Where a code belongs, error or warning, asked of libbpf and the running kernel.

What is a warning or style loads: an object with all of it. What is an error doesn't: the example
of each code's explanation is built in spite of it, and the load fails.
"""

from __future__ import annotations

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import compile
from bpfgen.rules import RULES
from bpfgen.rules.manual import explanations
from bpfgen.text.codes import ALLOWABLE, CODES
from bpfgen.text.diagnostics import ERROR, STYLE, WARNING
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.tools import require_clang, require_root

pytestmark = pytest.mark.kernel

TOLERATED = """\
struct padded { __u64 id; __u8 proto; };
struct locked { struct bpf_spin_lock lock; __u32 count; };
struct names { __u32 count; __u32 ids[]; };
struct odd_prefix { __u8 address[4]; __u8 bits; __u8 pad[3]; };
struct nested { __u8 x; struct locked inner; __u8 pad[3]; } __attribute__((packed));
struct request { void *object; };
struct name { __u32 length; __u8 text[]; };
struct wide { __u64 in, out; } __attribute__((aligned(16)));
struct numbers { char level; long double share; __int128 total __attribute__((packed)); };
enum slot { FIRST, SECOND };

map padded_key: hash<padded, __u64>[4];
map padded_value: array<__u32, padded>[4];
map connections_by_source: hash<__u32, __u64>[8];
map connections_by_target: hash<__u32, __u64>[8];
map by_slot: array<enum slot, __u64>[2];
map routes: lpm_trie<__u8[8], __u64>[2];
map odd_routes: lpm_trie<odd_prefix, __u64>[2];
map resized: hash<__u32, __u64>[0];
map half: hash[16] { key_size = 4; value = __u64; };
map rounded: ringbuf[5000];
map small: ringbuf[4096];
map nowhere: array<__u32, __u64>[1] { numa_node = 1; };
map hits: percpu_array<__u32, __u32>[8];
map flexible: array<__u32, names>[1];
map queued: queue<locked>[4];
map sized: queue[4] { value_size = sizeof(struct locked); };
map absent: hash<__u32, __u64>[4] { map_flags = BPF_NOEXIST; };
map records: ringbuf<locked>[64 KiB];
map mapped: array<__u32, locked>[1] { map_flags = BPF_F_MMAPABLE; };
map unaligned: array<__u32, nested>[1];
map requests: hash<request, long>[4];
map by_path: hash<name, __u64>[4];
map aligned: hash<__u32, wide>[4];
map names: hash<__u32, const char *>[4];
map numbers: hash<__u32, struct numbers>[4];
"""
"""A map for every warning that one map of a new kernel can get."""

ALONE = (
    "struct file;\nstruct value { struct file __kptr *f; };\nmap m: hash<__u32, value>[1];\n",
    "struct v { __u8 a; float x; } __attribute__((packed));\nmap m: hash<__u32, v>[1];\n",
)
"""Each by itself, since the kernel refuses the types of the whole object."""

OF_OTHER_VERSIONS = {
    *("btf-version", "bit-field-version", "enum64-version", "future-version", "kernel-version"),
    *("loader-version", "kptr-meaning", "inner-map-types", "arena-twice", "lru-batches"),
}
"""Codes about other kernels than the one that runs, and other versions of libbpf."""

TOO_LARGE = {"map-memory"}
"""Warnings of what would take more than a test may."""


def _codes(text: str) -> dict[str, str]:
    """Return what is said of *text*: the severity of each code."""
    return {d.code: d.severity for d in compile(Source("tiers.dsl", text)).diagnostics}


def _object(text: str) -> bytes | None:
    """Return the object of *text*, whatever the rules say of it; None if there can be none."""
    require_clang()
    return build_object(compile(Source("tiers.dsl", text)))[0]


def test_every_warning_is_asked_about() -> None:
    """No code can become a warning, or style, without an object that shows that it loads."""
    tolerated = {code: said for text in (TOLERATED, *ALONE) for code, said in _codes(text).items()}
    assert ERROR not in tolerated.values()
    owned = {code for codes in RULES.values() for code in codes}
    lenient = {code for code in owned if {WARNING, STYLE} & set(CODES[code].severities)}
    assert lenient - OF_OTHER_VERSIONS - TOO_LARGE == set(tolerated)


@pytest.mark.parametrize("text", [TOLERATED, *ALONE])
def test_what_is_warned_of_loads(text: str) -> None:
    """libbpf opens the object, the loader sets what is to be set, and the kernel makes each map."""
    require_root()
    data = _object(text)
    assert data is not None
    with libbpf.open_object(data) as opened:
        maps = [map.name for map in opened.maps()]
        if "resized" in maps:
            opened.set_max_entries("resized", 16)
        descriptors = opened.load()
    assert set(descriptors) == set(maps)
    assert len(maps) == text.count("\nmap ")


ERRORS = sorted(
    code
    for codes in RULES.values()
    for code in codes
    if code in ALLOWABLE and not code.startswith(("special-field-", "kptr-"))
)
"""Fields that no program can use are errors too: test_differential_fields asks about those."""

SEVERER = {
    "btf-refused": "struct v { __u8 a; float x; } __attribute__((packed));\n"
    "map m: task_storage<int, v>;\n",
    "map-key-type": "enum slot { FIRST };\nmap m: task_storage<enum slot, __u64>;\n",
    "map-memory": "map m: array<__u32, __u8[1 << 30]>[0x80000000];\n",
    "numa-node": "map m: array<int, int>[1] { map_flags = BPF_F_NUMA_NODE; numa_node = 5000; };\n",
    "ringbuf-size": "map m: ringbuf[0xc0000000];\n",
}
"""Errors of codes whose example is a warning."""


@pytest.mark.parametrize("code", [code for code in ERRORS if code not in OF_OTHER_VERSIONS])
def test_what_is_refused_does_not_load(code: str) -> None:
    """The example of each error fails in libbpf or in the kernel, if there is an object at all."""
    require_root()
    wrong = SEVERER.get(code) or explanations()[code].wrong
    assert _codes(wrong)[code] == ERROR
    data = _object(wrong)
    if data is None:
        return
    with pytest.raises(libbpf.LibbpfError), libbpf.open_object(data) as opened:
        opened.load()
