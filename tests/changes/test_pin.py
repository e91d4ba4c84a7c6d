"""The category `pin`: what is found of pairs of sources, and what is said of it.

That loaders decide so is tests/kernel/test_breaking_pin.py's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import Asked, compare
from bpfgen.changes.pin.words import successor
from bpfgen.changes.rules import PIN
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from bpfgen.changes.finding import Finding
    from bpfgen.model.model import Model

TYPES = "struct value { __u64 packets; __u64 bytes; };\n"


def model(name: str, text: str) -> Model:
    """Return the source *text*, resolved."""
    compilation = compile(Source(name, text), Options(is_ruled=False))
    assert not compilation.failed, compilation.diagnostics
    return compilation.model


def found(old: str, new: str, **asked: object) -> list[Finding]:
    """Return what `pin` finds."""
    wanted = Asked(**{"categories": (PIN,), **asked})  # type: ignore[arg-type]
    return compare(model("old.dsl", old), model("new.dsl", new), wanted)


def pinned(shape: str, more: str = "", name: str = "m") -> str:
    """Return a source with one pinned map."""
    return f"{TYPES}map {name}: {shape} {{ pinning = by_name; {more} }}\n"


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("hash<__u32, value>[4]", "lru_hash<__u32, value>[4]", ["kind"]),
        ("hash<__u32, value>[4]", "hash<__u64, value>[4]", ["key-size"]),
        ("hash<__u32, value>[4]", "hash<__be32, value>[4]", []),
        ("hash<__u32, value>[4]", "hash<__u32, __u64>[4]", ["value-size"]),
        ("hash<__u32, value>[4]", "hash<__u32, __u64[2]>[4]", []),
        ("hash<__u32, value>[4]", "hash<__u32, value>[5]", ["max-entries"]),
        (
            "hash<__u32, value>[4]",
            "hash<__u64, __u64>[5]",
            ["key-size", "value-size", "max-entries"],
        ),
        ("hash<__u32, value>[4]", "hash<__u32, value>[runtime]", []),
        ("hash<__u32, value>[runtime]", "hash<__u32, value>[5]", []),
        # Rounded up, they come to the same.
        ("ringbuf[8192]", "ringbuf[5000]", []),
        ("ringbuf[8192]", "ringbuf[8193]", ["max-entries"]),
        ("ringbuf<value>[8192]", "ringbuf<__u32>[8192]", []),
        ("perf_event_array", "perf_event_array[4]", ["max-entries"]),
        ("perf_event_array", "perf_event_array[0]", []),
        # What follows from the kind is part of that: key and flags here.
        ("hash<__u32, value>[4]", "ringbuf[4096]", ["kind", "max-entries"]),
        ("array<__u32, value>[4]", "percpu_array<__u32, value>[4]", ["kind"]),
        ("hash<__u64, value>[4]", "lpm_trie<__u64, value>[4]", ["kind"]),
        ("hash<__u64, __u32>[4]", "prog_array[4]", ["kind"]),
        # Of maps in maps only what the outer one is counts here.
        (
            "hash_of_maps<__u32, hash<__u32, value>[4]>[2]",
            "hash_of_maps<__u32, array<__u32, __u64>[8]>[2]",
            [],
        ),
    ],
)
def test_what_loaders_compare(old: str, new: str, codes: list[str]) -> None:
    """By parameter, in libbpf's order; a source against itself has no finding."""
    before, after = pinned(old), pinned(new)
    assert [one.code for one in found(before, after)] == [f"break-pin-{code}" for code in codes]
    assert found(before, before) == []
    assert found(after, after) == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "is_found"),
    [
        ("hash<__u32, value>[4]", "", "map_flags = BPF_F_NO_PREALLOC;", True),
        ("hash<__u32, value>[4]", "", "map_flags = 0;", False),
        # The kernel doesn't show the first flag: libbpf takes the map without, and not with it.
        ("hash<__u32, value>[4]", "map_flags = BPF_F_RDONLY;", "", False),
        ("hash<__u32, value>[4]", "", "map_flags = BPF_F_RDONLY;", True),
        ("hash<__u32, value>[4]", "map_flags = BPF_F_WRONLY;", "map_flags = BPF_F_RDONLY;", True),
        # It adds this one.
        ("devmap<__u32, __u32>[4]", "", "map_flags = BPF_F_RDONLY_PROG;", True),
        ("lpm_trie<value, value>[4]", "", "map_flags = BPF_F_NO_PREALLOC;", False),
    ],
)
def test_flags_are_those_that_the_kernel_shows(
    kind: str, old: str, new: str, *, is_found: bool
) -> None:
    """What the kernel keeps of OLD's against what NEW asks for."""
    codes = [one.code for one in found(pinned(kind, old), pinned(kind, new))]
    assert codes == ["break-pin-map-flags"] * is_found


def test_map_extra() -> None:
    """libbpf alone compares it, and nobody compares a NUMA node."""
    old = pinned("bloom_filter<__u32>[4]", "map_extra = 3;")
    (one,) = found(old, pinned("bloom_filter<__u32>[4]", "map_extra = 4;"))
    assert one.code == "break-pin-map-extra"
    assert any(said.startswith("cilium/ebpf takes") for said in one.happens)
    plain, node = "map_flags = BPF_F_NUMA_NODE;", "map_flags = BPF_F_NUMA_NODE; numa_node = 1;"
    assert found(pinned("hash<int, int>[4]", plain), pinned("hash<int, int>[4]", node)) == []


def test_cpus_and_pages_of_the_machine() -> None:
    """Where they are known, numbers are what loaders and the kernel make of them there."""
    old, new = pinned("perf_event_array"), pinned("perf_event_array[4]")
    assert found(old, new, cpus=4) == []
    assert [one.old.value for one in found(old, new, cpus=8)] == ["8"]
    assert [one.old.value for one in found(old, new)] == ["the number of CPUs"]
    rings = pinned("ringbuf[4096]"), pinned("ringbuf[40000]")
    assert [one.new.value for one in found(*rings)] == ["65536 (40000 in pages of 4096 bytes)"]
    assert found(*rings, page=65536) == []
    flags = "map_flags = BPF_F_NO_COMMON_LRU;"
    lists = pinned("lru_hash<int, int>[5]", flags), pinned("lru_hash<int, int>[6]", flags)
    assert len(found(*lists)) == 1
    assert found(*lists, cpus=2) == []
    assert found(lists[0], lists[0], cpus=2) == []  # refused, too, and no change


def test_only_what_is_pinned_is_compared() -> None:
    """By the source, by a pattern, because OLD is a pin, or because all are asked for."""
    pin, no_pin = "pinning = by_name;", "pinning = none;"
    old, new = "map m: hash<int, int>[4]", "map m: hash<int, int>[5]"
    both = f"{old}; ", f"{new}; "
    assert found(*both) == []
    assert found(both[0], f"{new} {{ {pin} }}") == []  # there is no pin yet
    for asked in ({"pinned": ("m*",)}, {"is_pin": True}, {"everything": True}):
        assert [one.code for one in found(*both, **asked)] == ["break-pin-max-entries"], asked
        assert found(both[0], both[0], **asked) == []
    assert found(*both, pinned=("n*", "M")) == []
    by_name = f"{old} {{ {pin} }}"
    (one,) = found(by_name, f"{new} {{ {no_pin} }}")
    assert (one.code, one.old.value, one.new.value) == ("break-pin-unpinned", "`by_name`", "`none`")
    assert [one.code for one in found(by_name, both[1], pinned=("*",))] == ["break-pin-max-entries"]


def test_maps_that_run() -> None:
    """As NEW they don't say what a source would pin; as OLD they are where they are pinned."""
    text = "map m: hash<int, int>[4]"
    by_name = f"{text} {{ pinning = by_name; }}"
    assert found(by_name, f"{text};", is_new_running=True) == []
    assert len(found(by_name, f"{text};".replace("4", "5"), is_new_running=True)) == 1
    assert found(f"{text};", f"{text};".replace("4", "5"), is_new_running=True) == []
    (gone,) = found(f"{text};", "map n: array<int, int>[1];", is_pin=True, pins={"m": "/p/q/m"})
    assert gone.message == "map `m`, which is pinned, is gone"
    assert gone.ways[0].endswith("`rm /p/q/m`")
    pins = {"m": "/p/a;b/m"}
    (gone,) = found(f"{text};", "map n: array<int, int>[1];", is_pin=True, pins=pins)
    assert gone.ways[0].endswith("`rm '/p/a;b/m'`")


def test_what_is_defined_elsewhere_is_compared_there() -> None:
    """An `extern` makes no map; a definition that has become one is still the same map."""
    shape = "m: hash<int, int>[4] { pinning = by_name; }"
    other = shape.replace("4", "5")
    assert found(f"extern map {shape}", f"extern map {other}") == []
    assert found(f"extern map {shape}", "map n: array<int, int>[1];") == []
    assert found(f"map {shape}", f"extern map {shape}") == []
    assert len(found(f"map {shape}", f"extern map {other}")) == 1


def test_a_map_that_is_gone_or_renamed() -> None:
    """One finding each, with what becomes of the pin."""
    old = pinned("hash<int, int>[4]", name="flows")
    other = "map other: array<int, int>[1];\n"
    (gone,) = found(old + other, other)
    assert (gone.code, gone.maps, gone.new.value) == ("break-pin-gone", ("flows",), "")
    (renamed,) = found(old, old.replace("flows", "streams"))
    assert renamed.code == "break-pin-renamed"
    assert renamed.message == "map `flows`, which is pinned, is `streams` now"
    assert any("mv /sys/fs/bpf/flows /sys/fs/bpf/streams" in way for way in renamed.ways)
    assert found("map a: hash<int, int>[4];", other) == []
    for asked, which in (({"pinned": ("a",)}, "is"), ({"everything": True}, "may be")):
        (one,) = found("map a: hash<int, int>[4];", other, **asked)
        assert one.message == f"map `a`, which {which} pinned, is gone"


def test_one_cause_is_one_finding() -> None:
    """A struct, a constant and a template that several maps have; equal numbers are no cause."""
    text = """\
    const MOST = 16;
    struct value { __u64 packets; };
    template counters: array<__u32, __u64>[8] { pinning = by_name; }
    map a: hash<__u32, value>[MOST] { pinning = by_name; }
    map b: lru_hash<__u64, value>[MOST * 2] { pinning = by_name; }
    map c: hash<__u32, __u32>[MOST] { pinning = by_name; }
    map d: counters;
    map e: counters;
    typedef __u32 number;
    map h: hash<__u32, number>[1] { pinning = by_name; }
    map i: hash<__u32, number>[1] { pinning = by_name; }
    map j: queue[1] { value_size = sizeof(struct value); pinning = by_name; }
    map k: stack[1] { value_size = sizeof(struct value); pinning = by_name; }
    map f: hash<__u32, __u32>[7] { pinning = by_name; }
    map g: hash<__u32, __u32>[7] { pinning = by_name; }
    """
    changed = (
        text.replace("MOST = 16", "MOST = 32")
        .replace("packets;", "packets, bytes;")
        .replace("[8]", "[9]")
        .replace("typedef __u32", "typedef __u64")
        .replace("[7]", "[6]")
    )
    told = [(one.code.removeprefix("break-pin-"), one.maps) for one in found(text, changed)]
    assert told == [
        ("value-size", ("a", "b")),
        ("max-entries", ("a", "c")),
        ("max-entries", ("b",)),
        ("max-entries", ("d", "e")),
        ("value-size", ("h", "i")),
        ("value-size", ("j", "k")),
        ("max-entries", ("f",)),
        ("max-entries", ("g",)),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hash<int, int>[4]", "lru_hash<int, int>[4]"),
        ("hash<int, int>[N]", "hash<int, int>[N + 1]"),
        ("hash<int, int>[N]", "hash<int, int>[M]"),
        ("hash<int, __u64>[4]", "hash<int, __u32>[4]"),
        ("hash<int, struct narrow>[4]", "hash<int, struct wide>[4]"),
    ],
)
def test_the_same_change_twice_is_two_findings(old: str, new: str) -> None:
    """Two maps that were written anew have two causes."""
    text = """\
    const N = 4;
    const M = 5;
    struct narrow { __u16 one; };
    struct wide { __u64 one; };
    map a: SHAPE { pinning = by_name; }
    map b: SHAPE { pinning = by_name; }
    """
    sides = [text.replace("SHAPE", shape) for shape in (old, new)]
    assert [one.maps for one in found(*sides)] == [("a",), ("b",)]
    rings = [text.replace("SHAPE", shape) for shape in ("ringbuf[5000]", "hash<int, int>[5000]")]
    entries = [one.maps for one in found(*rings) if one.code == "break-pin-max-entries"]
    assert entries == [("a",), ("b",)]


def test_the_kind_of_a_template() -> None:
    """It is one cause, and stands in the template."""
    text = "template t: hash<int, int>[4] { pinning = by_name; } map a: t; map b: t;"
    (one,) = found(text, text.replace("hash", "lru_hash"))
    assert (one.code, one.maps) == ("break-pin-kind", ("a", "b"))
    assert one.message == "map `a` is an `lru_hash`, and was a `hash`"
    assert [side.span and side.span.text for side in (one.old, one.new)] == ["hash", "lru_hash"]


def test_places_and_words() -> None:
    """Both places are those of the parameter, or of the kind where nothing says it."""
    old = pinned("hash<__u32, value>[1024]", name="flows")
    new = pinned("hash<__u32, value>[4096]", "map_flags = BPF_F_NO_PREALLOC;", name="flows")
    entries, flags = found(old, new)
    assert entries.message == "`max_entries` of map `flows` is 4096, and was 1024"
    assert [side.span and side.span.text for side in (entries.old, entries.new)] == ["1024", "4096"]
    spans = [side.span and side.span.text for side in (flags.old, flags.new)]
    assert spans == ["hash", "BPF_F_NO_PREALLOC"]
    assert (flags.old.value, flags.new.value) == ("`0`", "`BPF_F_NO_PREALLOC`")
    assert "MaxEntries: 1024 changed to 4096" in " ".join(entries.happens)
    assert "couldn't reuse pinned map at '/sys/fs/bpf/flows'" in entries.happens[0]


@pytest.mark.parametrize(
    ("name", "next_name"),
    [("flows", "flows_v2"), ("flows_v2", "flows_v3"), ("ctV9", "ctV10"), ("v", "v_v2")],
)
def test_the_next_name(name: str, next_name: str) -> None:
    """A version at the end is counted up."""
    assert successor(name) == next_name


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        # No kernel takes a 0 here: a loader sets the number.
        ("hash { key_size = 0; value_size = 8; max_entries = 4;", "hash<int, __u64>[4] {", []),
        ("hash<int, __u64>[0] {", "hash<int, __u64>[4] {", []),
        ("hash<int, __u64>[4] {", "hash<int, __u64> { value_size = 0;", []),
        ("lpm_trie<__u64, int>[4] { map_flags = 0;", "lpm_trie<__u64, int>[4] {", []),
        ("lpm_trie<__u64, int>[4] {", "lpm_trie<__u64, int>[4] { map_flags = runtime;", []),
        # Here it does.
        ("sk_storage<int, int>[0] {", "sk_storage<int, int>[4] {", ["max-entries"]),
        ("queue<int>[4] { key_size = 0;", "queue<int>[4] { key_size = 4;", ["key-size"]),
        ("hash<int, int>[4] {", "hash<int, int>[4] { map_flags = runtime;", []),
        # A value type is that of the records.
        (
            "ringbuf { value = value; max_entries = 4096;",
            "ringbuf { value = __u32; max_entries = 4096;",
            [],
        ),
        ("ringbuf { value = value; max_entries = 4096;", "ringbuf[4096] {", []),
        (
            "ringbuf { value = value; max_entries = 4096;",
            "ringbuf[4096] { value_size = 8;",
            ["value-size"],
        ),
        ("perf_event_array { value = value;", "perf_event_array {", []),
        ("perf_event_array { value = value;", "perf_event_array { value_size = 8;", ["value-size"]),
    ],
)
def test_what_is_left_to_a_loader_is_not_compared(old: str, new: str, codes: list[str]) -> None:
    """Neither what is `runtime` nor what no kernel takes, in which a loader has its hand."""
    sides = [f"{TYPES}map m: {text} pinning = by_name; }}\n" for text in (old, new)]
    for before, after in (sides, sides[::-1]):
        found_codes = [one.code for one in found(before, after)]
        assert found_codes == [f"break-pin-{code}" for code in codes]


def test_what_follows_from_the_kind() -> None:
    """It is in the words of that finding; what both sources say differs for itself."""
    kind, entries = found(pinned("hash<__u32, value>[4]"), pinned("ringbuf[4096]"))
    assert "`key_size` and `value_size` differ with it" in kind.happens
    assert not any("with it" in said for said in entries.happens)
    (trie,) = found(pinned("hash<__u64, value>[4]"), pinned("lpm_trie<__u64, value>[4]"))
    assert "`map_flags` differs with it" in trie.happens
    assert any("it is of another type" in said for said in trie.happens)
    flag = pinned("array<__u32, value>[4]", "map_flags = BPF_F_MMAPABLE;")
    plain = pinned("hash<__u32, value>[4]")
    for one in (*found(plain, flag), *found(flag, plain)):
        assert one.code == "break-pin-kind"
        assert "`map_flags` differs with it" in one.happens
