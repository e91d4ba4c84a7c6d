"""The category `inner`, rule by rule: what is found, once, and what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import Asked, compare
from bpfgen.changes.finding import UNCOMPARED
from bpfgen.comparison import compared
from bpfgen.model.maps import Map
from bpfgen.record import replace
from tests.changes.test_rules import opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bpfgen.changes.finding import Finding
    from tests.changes.conftest import Outcome

LOCKED = "struct v { struct bpf_spin_lock lock; __u32 n; };\n"


def findings(old: str, new: str, *, kernel: tuple[int, int] | None = None) -> list[Finding]:
    """Return what `inner` finds."""
    sides = opened("old.dsl", old, is_ruled=False), opened("new.dsl", new)
    return compared(*sides, Asked(("inner",), kernel=kernel))


def codes(old: str, new: str, *, kernel: tuple[int, int] | None = None) -> list[str]:
    """Return the codes of :func:`findings`."""
    return [finding.code for finding in findings(old, new, kernel=kernel)]


def outer(inner: str) -> str:
    """Return a map of maps of *inner*."""
    return f"map m: array_of_maps<__u32, {inner}>[2];\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("array<__u32, __u64>[4]", "array<int, __s64>[2 + 2]"),
        ("array<__u32, __u64>[4]", "array { key_size = 4; value_size = 8; max_entries = 4; }"),
        ("hash<__u32, __u64>[4]", "hash<__u32, __u64>[5]"),
        ("percpu_array<__u32, __u64>[4]", "percpu_array<__u32, __u64>[5]"),
        (
            "array<__u32, __u64>[4] { map_flags = BPF_F_INNER_MAP; }",
            "array<__u32, __u64>[5] { map_flags = BPF_F_INNER_MAP; }",
        ),
        ("hash<__u32, __u64>[4]", "hash<__u32, __u64>[4] { map_flags = BPF_F_RDONLY; }"),
        ("array<__u32, __u64>[runtime]", "array<__u32, __u64>[5]"),
        ("array<__u32, __u64>[4] { map_flags = runtime; }", "array<__u32, __u64>[5]"),
        (
            "hash<__u32, __u64>[4] { map_flags = BPF_F_NUMA_NODE; numa_node = 0; }",
            "hash<__u32, __u64>[4] { map_flags = BPF_F_NUMA_NODE; numa_node = 1; }",
        ),
        ("bloom_filter<__u32>[4]", "bloom_filter<__u32>[4] { map_extra = 3; }"),
        ("ringbuf[4096]", "ringbuf[8192]"),
    ],
)
def test_what_the_kernel_does_not_compare(old: str, new: str) -> None:
    """There is no finding in either direction."""
    assert codes(outer(old), outer(new)) == codes(outer(new), outer(old)) == []


def test_a_template_is_reported_once() -> None:
    """What several maps of maps have from one template is one finding, with all of them."""
    text = "template t: array<__u32, __u64>[%d];\n" + "".join(
        f"map m{n}: array_of_maps<__u32, t>[2];\n" for n in range(3)
    )
    (found,) = findings(text % 4, text % 8)
    assert found.code == "break-inner-max-entries"
    assert found.maps == ("m0", "m1", "m2")
    assert (found.old.value, found.new.value) == ("4", "8")
    assert found.subject.kind == "template"
    assert found.old.span is not None
    assert found.old.span.text == "4"
    assert found.new.span is not None
    assert found.new.span.text == "8"


def test_a_struct_is_reported_once() -> None:
    """A lock that moved in a struct is one finding, whatever inner maps have it."""
    text = "".join(f"map m{n}: array_of_maps<__u32, hash<__u32, v>[{n + 1}]>[2];\n" for n in (0, 1))
    (found,) = findings(LOCKED + text, "struct v { __u32 n; struct bpf_spin_lock lock; };\n" + text)
    assert found.code == "break-inner-fields"
    assert found.maps == ("m0", "m1")
    assert (found.subject.kind, found.subject.name) == ("struct", "v")


def test_a_struct_that_grew_is_one_finding() -> None:
    """Of its size, whatever moved in it; a field that is new is another one."""
    text = "".join(f"map m{n}: array_of_maps<__u32, hash<__u32, v>[{n + 1}]>[2];\n" for n in (0, 1))
    grown = "struct v { __u64 first; struct bpf_spin_lock lock; __u32 n; };\n"
    (found,) = findings(LOCKED + text, grown + text)
    assert found.code == "break-inner-value-size"
    assert found.message == (
        "`struct v`, the value of inner maps, has 16 bytes now and had 8 bytes"
    )
    assert found.maps == ("m0", "m1")
    timed = "struct v { struct bpf_spin_lock lock; __u32 n; struct bpf_timer timer; };\n"
    sizes, fields = findings(LOCKED + text, timed + text)
    assert sizes.code == "break-inner-value-size"
    assert (fields.old.value, fields.new.value) == ("", "`bpf_timer` at byte 8")
    assert fields.new.span is not None
    assert fields.new.span.text == "timer"


def test_what_follows_from_the_kind_is_not_reported() -> None:
    """Flags and sizes that bpfgen fills in, entries and fields belong to the kind."""
    key = "struct k { __u32 prefixlen; __u32 data; };\n"
    old = key + outer("hash<k, __u64>[4]")
    assert codes(old, key + outer("lpm_trie<k, __u64>[4]")) == ["break-inner-kind"]
    arrays = outer("array<__u32, __u64>[4]"), outer("hash<__u32, __u64>[8]")
    assert codes(*arrays) == codes(*reversed(arrays)) == ["break-inner-kind"]
    assert codes(
        LOCKED + outer("hash<__u32, v>[4]"), LOCKED + outer("percpu_hash<__u32, __u64>[4]")
    ) == ["break-inner-kind"]


def test_of_old_kernels() -> None:
    """Before 5.10 all entries count; from 5.15 to 6.1 whether the value is a struct."""
    old, new = outer("hash<__u32, __u64>[4]"), outer("hash<__u32, __u64>[8]")
    assert codes(old, "target kernel >= 5.10;\n" + new) == []
    assert codes(old, "target kernel >= 5.9;\n" + new) == ["break-inner-max-entries"]
    assert codes(old, new, kernel=(5, 9)) == ["break-inner-max-entries"]
    assert codes(old, "target kernel >= 5.9;\n" + new, kernel=(5, 10)) == []
    struct = "struct v { __u64 n; };\n" + outer("hash<__u32, v>[4]")
    assert codes(old, struct) == []
    assert codes(old, struct, kernel=(6, 1)) == ["break-inner-fields"]
    assert codes(struct, struct, kernel=(6, 1)) == []


@pytest.mark.parametrize(
    ("old", "new", "is_broken"),
    [
        ("struct task_struct __kptr *p;", "struct task_struct __kptr *q;", False),
        ("struct task_struct __kptr *p;", "struct cgroup __kptr *p;", True),
        ("struct task_struct __kptr *p;", "struct task_struct __kptr_untrusted *p;", True),
        ("struct task_struct __kptr *p;", "struct task_struct *p;", True),
        ("struct bpf_timer t;", "struct bpf_timer u;", False),
        ("struct bpf_timer t;", "struct bpf_wq t;", True),
        ("struct { struct bpf_timer t; } s;", "struct bpf_timer t;", False),
        (
            "struct { struct task_struct __kptr *p; __u64 n; } s[2];",
            "struct { struct task_struct __kptr *p; } s[2]; __u64 n[2];",
            True,
        ),
        (
            "struct { struct task_struct __kptr *p; } s[2];",
            "struct task_struct __kptr *p[2];",
            False,
        ),
    ],
)
def test_special_fields(old: str, new: str, *, is_broken: bool) -> None:
    """They are compared by kind, place and what they are of, as the kernel finds them."""
    shape = outer("hash<__u32, v>[4]")
    sides = [
        f"struct task_struct;\nstruct cgroup;\nstruct v {{ {one} }};\n{shape}" for one in (old, new)
    ]
    wanted = ["break-inner-fields"] if is_broken else []
    assert codes(*sides) == codes(*reversed(sides)) == wanted


def test_flags_that_the_kernel_sets_by_itself() -> None:
    """A devmap that runs has one that no definition may have."""
    running = outer("devmap<__u32, __u32>[4] { map_flags = BPF_F_RDONLY_PROG; }")
    assert codes(running, outer("devmap<__u32, __u32>[4]")) == []
    running = outer("hash<__u32, __u32>[4] { map_flags = BPF_F_RDONLY_PROG; }")
    assert codes(running, outer("hash<__u32, __u32>[4]")) == ["break-inner-map-flags"]


def test_entries_of_sockets() -> None:
    """Those of an xskmap count."""
    assert codes(outer("xskmap[4]"), outer("xskmap[8]")) == ["break-inner-max-entries"]


@pytest.mark.parametrize(
    ("kind", "members", "size"),
    [
        ("hash", "struct task_struct __kptr *p[12];", 96),  # more than the kernel takes
        ("hash", "struct task_struct __kptr *p[6], *q[6];", 96),
        ("hash", "lock_t l;", 4),  # a typedef hides it
        ("percpu_hash", "struct bpf_timer t;", 16),  # the kind takes none
    ],
)
def test_fields_that_the_kernel_does_not_find(kind: str, members: str, size: int) -> None:
    """libbpf makes such an old map without types, so that there is nothing to compare."""
    types = "struct task_struct;\ntypedef struct bpf_spin_lock lock_t;\nstruct v {{ {} }};\n"
    map = outer(f"{kind}<__u32, v>[4]")
    plain = types.format(f"__u8 bytes[{size}];")
    assert codes(types.format(members) + map, plain + map) == []


def test_fields_that_are_not_known() -> None:
    """Of a running map without types nothing is said of what is in its values."""
    old = opened("old.dsl", LOCKED + outer("hash<__u32, v>[4]")).compilation
    new = opened("new.dsl", outer("hash<__u32, __u64>[4]")).compilation
    assert old is not None
    assert new is not None
    unknown = tuple(
        replace(
            one, shape=replace(one.shape, inner=replace(one.shape.inner, is_layout_known=False))
        )
        if isinstance(one, Map) and one.shape.inner is not None
        else one
        for one in new.model.declarations
    )
    asked = Asked(("inner",))
    assert [one.code for one in compare(old.model, new.model, asked)] == ["break-inner-fields"]
    assert compare(old.model, replace(new.model, declarations=unknown), asked) == []


def test_the_kernel_of_the_command_line(bpfgen: Callable[..., Outcome], tmp_path: Path) -> None:
    """`--kernel` is the one that both versions must work on, whatever NEW says."""
    for name, text in (("old", "hash<__u32, __u64>[4]"), ("new", "hash<__u32, __u64>[8]")):
        (tmp_path / f"{name}.dsl").write_text(outer(text), encoding="utf-8")
    assert bpfgen("breaking", "old.dsl", "new.dsl").status == 0
    outcome = bpfgen("breaking", "old.dsl", "new.dsl", "--kernel", "5.9")
    assert outcome.status == 1
    assert "error[break-inner-max-entries]" in outcome.errors


def test_an_outer_map_that_is_none_now() -> None:
    """Whatever it is instead; one that becomes a map of maps, is fine."""
    old, bare = outer("hash<__u32, __u64>[4]"), "map m: array_of_maps<__u32>[2];\n"
    array = "map m: array<__u32, __u32>[2];\n"
    hash = "map m: hash_of_maps<__u32, hash<__u32, __u64>[4]>[2];\n"
    assert codes(old, array) == codes(bare, array) == ["break-inner-outer"]
    assert codes(array, old) == codes(old, hash) == codes(bare, bare) == []
    assert codes(old, bare) == codes(bare, old) == [UNCOMPARED]


def test_inner_maps_that_one_side_alone_defines() -> None:
    """Nothing can be compared: said once a map, whichever category asks for inner maps."""
    old, bare = outer("hash<__u32, __u64>[4]"), "map m: array_of_maps<__u32>[2];\n"
    sides = opened("old.dsl", bare, is_ruled=False), opened("new.dsl", old)
    for categories, count in ((("layout", "inner"), 1), (("layout",), 1), (("pin", "link"), 0)):
        said = [one for one in compared(*sides, Asked(categories)) if one.code == UNCOMPARED]
        assert len(said) == count
        for one in said:
            assert one.message == (
                "what the inner maps of map `m` are isn't known of OLD, and they weren't compared"
            )
