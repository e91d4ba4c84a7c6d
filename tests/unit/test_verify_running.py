"""A running map against its declaration, where no kernel at hand would show it.

The facts of the maps are written down here, with the types of an object that clang compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.kernel.made import made_entries
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.memory import Machine
from bpfgen.live.machine import running_kernel
from bpfgen.object import read_object
from bpfgen.object.running import NO_BTF, NO_RIGHT, RunningMap, Unknown
from bpfgen.text.diagnostics import Subject
from bpfgen.verify.fits import fits
from bpfgen.verify.running import verify_running
from tests.compiled import MACROS, compile_c, newest
from tests.verify.program import model_of

if TYPE_CHECKING:
    from bpfgen.verify.running import RunningVerified

C = """
struct value { __u64 packets; int kind; char name[4]; };
struct {
    __uint(type, 1); __uint(max_entries, 16); __type(key, __u32); __type(value, struct value);
} counters SEC(".maps");
"""

SOURCE = """\
struct value { __u64 packets; int kind; char name[4]; };
map counters: hash<__u32, value>[16];
"""

MACHINE = Machine(cpus=6, kernel=(6, 18))


def running(text: str = C, **facts: Any) -> RunningMap:
    """Return the first map of C *text* as if it ran, with *facts*."""
    object = read_object(compile_c(MACROS + text, newest()))
    definition = object.maps[0].definition
    known: dict[str, Any] = {
        "id": 42,
        "name": object.maps[0].name[:15],
        "number": definition.type,
        "kind": definition.kind,
        "key_size": definition.key_size,
        "value_size": definition.value_size,
        "max_entries": definition.max_entries,
        "map_flags": definition.map_flags,
        "types": object.types,
        "btf_id": 7,
        "key_type_id": definition.key_type_id,
        "value_type_id": definition.value_type_id,
    }
    return RunningMap(**{**known, **facts})


def verified(source: str, map: RunningMap, machine: Machine = MACHINE) -> RunningVerified:
    """Return what comes of *map*, held against *source*."""
    return verify_running(model_of(source), map, None, machine)


def messages(result: RunningVerified) -> list[str]:
    """Return the differences in words."""
    return [said.message for said in result.differences]


def left(result: RunningVerified) -> dict[str, str]:
    """Return what wasn't compared, and why."""
    return {one.what: one.why for one in result.uncompared}


def test_as_declared() -> None:
    """The map that everything here is changed from has no differences."""
    result = verified(SOURCE, running())
    assert (result.map, result.differences) == ("counters", ())
    assert list(left(result)) == ["pinning", "numa_node"]


def test_types_that_libbpf_has_replaced() -> None:
    """Names aren't compared then, places are."""
    map = running(rewritten=True)
    other_names = SOURCE.replace("packets", "pkts").replace("value", "of_counters")
    result = verified(other_names, map)
    assert result.differences == ()
    assert left(result)["value.names"] == "for kernels before 6.0 libbpf replaces types"
    moved = verified(SOURCE.replace("int kind; char name[4]", "short a, kind; char name[4]"), map)
    assert [said.subject for said in moved.differences] == [
        Subject("struct", "value", "a"),
        Subject("struct", "value", "kind"),
    ]
    assert {said.code for said in moved.differences} == {"verify-value-type"}


@pytest.mark.parametrize(
    ("declaration", "since"),
    [
        ('__u64 packets __attribute__((btf_decl_tag("user")))', (5, 16)),
        ("struct value __kptr *next; __u64 packets", (5, 17)),
    ],
)
def test_tags_that_an_older_kernel_did_not_take(declaration: str, since: tuple[int, int]) -> None:
    """libbpf keeps them from such a kernel: they are missing there, and not elsewhere."""
    source = SOURCE.replace("__u64 packets", declaration)
    c = C.replace("__u64 packets", declaration.replace("__kptr ", "").partition(" __attr")[0])
    map = running(c)
    newer = verified(source, map, Machine(cpus=6, kernel=since))
    assert len(newer.differences) == 1
    assert "tag" in newer.differences[0].message
    older = verified(source, map, Machine(cpus=6, kernel=(since[0], since[1] - 1)))
    assert older.differences == ()
    assert "value.names" in left(older)


def test_types_that_may_not_be_read() -> None:
    """Sizes are compared all the same, and the reason is the kernel's."""
    unknown = (Unknown("key", "to read its types takes CAP_SYS_ADMIN"),)
    facts: dict[str, Any] = {
        "types": None,
        "key_type_id": 0,
        "value_type_id": 0,
        "unknown": unknown,
    }
    result = verified(SOURCE, running(untyped=NO_RIGHT, **facts))
    assert result.differences == ()
    assert left(result)["key"] == "to read its types takes CAP_SYS_ADMIN"
    assert "value" in left(result)
    longer = verified(SOURCE.replace("[4]", "[9]"), running(untyped=NO_RIGHT, **facts))
    assert messages(longer) == [
        "`value_size` of map `counters` is 24 by its type, and the running map has 16"
    ]


def test_what_could_be_compared_is_warned_of() -> None:
    """With a right, or had the map types; not where the kernel keeps none for the kind."""
    none: dict[str, Any] = {"types": None, "key_type_id": 0, "value_type_id": 0}
    for why in (NO_RIGHT, NO_BTF):
        result = verified(SOURCE, running(untyped=why, **none))
        assert result.missed == ("key", "value")
        (said,) = result.warnings
        assert (said.code, said.severity, said.map) == ("verify-uncompared", "warning", "counters")
    devmap = {**none, "number": 14, "kind": MAP_KINDS["devmap"], "value_size": 4, "map_flags": 128}
    result = verified(
        "map counters: devmap<__u32, __u32>[16];\n", running(untyped=NO_BTF, **devmap)
    )
    assert (result.differences, result.missed, result.warnings) == ((), (), ())
    assert "key" in left(result)
    outer = {**none, "number": 12, "kind": MAP_KINDS["array_of_maps"], "value_size": 4}
    source = "map counters: array_of_maps<__u32, array<__u32, __u32>[1]>[16];\n"
    for refused, missed in ((True, ("inner",)), (False, ())):
        result = verified(source, running(untyped=NO_BTF, inner_refused=refused, **outer))
        assert (result.differences, result.missed) == ((), missed)
        assert "inner" in left(result)


def test_a_lock_in_a_map_without_types() -> None:
    """The kernel can't know of it: such a map isn't what was declared."""
    source = SOURCE.replace("int kind", "struct bpf_spin_lock kind")
    facts: dict[str, Any] = {"types": None, "key_type_id": 0, "value_type_id": 0, "btf_id": 0}
    result = verified(source, running(untyped=NO_BTF, **facts))
    (difference,) = messages(result)
    assert difference == (
        "the value of map `counters` has a `bpf_spin_lock`, and the running map has no types: the"
        " kernel takes it for plain bytes"
    )
    assert verified(SOURCE, running(untyped=NO_BTF, **facts)).differences == ()


def test_many_differences_are_counted() -> None:
    """Some twenty are told, of the others how many there are."""
    members = " ".join(f"int m{number};" for number in range(40))
    renamed = members.replace("m", "n")
    c = C.replace("__u64 packets; int kind; char name[4];", members)
    result = verified(SOURCE.replace("__u64 packets; int kind; char name[4];", renamed), running(c))
    assert len(result.differences) == 21
    assert messages(result)[-1] == "map `counters` has 20 more differences"


@pytest.mark.parametrize(
    ("kind", "entries", "flags", "machine", "made"),
    [
        ("hash", 7, 0, MACHINE, (7,)),
        ("ringbuf", 5000, 0, MACHINE, (8192,)),
        ("ringbuf", 8192, 0, MACHINE, (8192,)),
        ("ringbuf", 12288, 0, MACHINE, (16384,)),
        ("ringbuf", 0, 0, MACHINE, (0,)),
        ("ringbuf", 1, 0, Machine(page=65536), (65536,)),
        ("user_ringbuf", 4097, 0, MACHINE, (8192,)),
        ("ringbuf", (1 << 31) + 1, 0, MACHINE, ((1 << 31) + 1,)),
        ("perf_event_array", 0, 0, MACHINE, (6,)),
        ("perf_event_array", 64, 0, MACHINE, (64, 6)),
        ("perf_event_array", 4, 0, MACHINE, (4,)),
        ("cpumap", 64, 0, MACHINE, (64, 6)),
        ("lru_hash", 100, 0, MACHINE, (100,)),
        ("lru_hash", 100, 2, MACHINE, (102,)),
        ("lru_percpu_hash", 102, 2, MACHINE, (102,)),
        ("lru_hash", 0xFFFFFFFF, 2, MACHINE, (0xFFFFFFFC,)),
    ],
)
def test_entries(
    kind: str, entries: int, flags: int, machine: Machine, made: tuple[int, ...]
) -> None:
    """By adjust_ringbuf_sz and map_set_def_max_entries of libbpf, and htab_map_alloc."""
    assert made_entries(MAP_KINDS[kind], entries, flags, machine) == made


def test_fewer_entries_than_declared_where_they_count_cpus() -> None:
    """It can't be known which loader it was: as many as CPUs are none too few, but it is said."""
    source = "map cpus: cpumap<__u32, __u32>[64];\n"
    facts: dict[str, Any] = {"number": 16, "kind": MAP_KINDS["cpumap"], "name": "cpus"}
    sizes: dict[str, Any] = {"value_size": 4, "types": None, "untyped": NO_BTF}
    result = verified(source, running(max_entries=6, **facts, **sizes))
    assert (result.differences, "max_entries" in left(result)) == ((), True)
    as_written = verified(source, running(max_entries=64, **facts, **sizes))
    assert (as_written.differences, "max_entries" in left(as_written)) == ((), False)
    other = verified(source, running(max_entries=5, **facts, **sizes))
    (difference,) = messages(other)
    assert difference == (
        "`max_entries` of map `cpus` is declared as 64, which comes to 64 or 6, and the running"
        " map has 5"
    )


def test_what_aya_makes_of_devmaps() -> None:
    """Values of 8 bytes where 4 are declared are a difference, which has a reason."""
    source = "map devices: devmap<__u32, __u32>[16];\n"
    facts: dict[str, Any] = {"number": 14, "kind": MAP_KINDS["devmap"], "name": "devices"}
    map = running(value_size=8, map_flags=0x80, types=None, untyped=NO_BTF, **facts)
    (difference,) = verified(source, map).differences
    assert difference.message == (
        "`value_size` of map `devices` is 4 by its type, and the running map has 8"
    )
    assert difference.help.startswith("aya makes values of 8 bytes")


def test_a_kind_that_is_newer_than_the_table() -> None:
    """It is called by its number."""
    (difference, *_) = verified(SOURCE, running(number=99, kind=None)).differences
    assert difference.code == "verify-kind"
    assert difference.message == (
        "map `counters` is declared as `hash` (1), and the running map is of kind `99` (99)"
    )


def test_a_map_without_a_name() -> None:
    """Its pin is called like the map, or `--map` has to say which it is."""
    model, map = model_of(SOURCE), running(name="")
    assert verify_running(model, map, None, MACHINE, pin="counters").differences == ()
    assert verify_running(model, map, "counters", MACHINE).differences == ()
    result = verify_running(model, map, None, MACHINE)
    assert result.map is None
    assert messages(result) == ["map 42 has no name, and `damage.dsl` doesn't say which one it is"]
    assert fits(model, map) == list(result.differences)


def test_the_name_of_a_pin_does_not_outweigh_the_kernels() -> None:
    """A file may be called anything."""
    model = model_of(f"{SOURCE}map others: hash<__u32, __u32>[1];\n")
    assert verify_running(model, running(), None, MACHINE, pin="others").map == "counters"


def test_what_fits() -> None:
    """Flags, entries and names don't matter for what is in a map; kind, sizes and places do."""
    map = running()
    more = "struct v { __be64 n; enum e : __u32 { A } e; __u8 b[4]; };\n"
    assert fits(model_of(f"{more}map counters: hash<__be32, v>[1];\n"), map) == []
    assert fits(model_of(f"{more}map other: hash<__be32, v>[1];\n"), map, "other") == []
    assert fits(model_of("map counters: hash[9] { key_size = 4; value_size = 16; }\n"), map) == []
    for source, codes in (
        (SOURCE.replace("hash", "array"), ["verify-kind"]),
        (SOURCE.replace("[4]", "[5]"), ["verify-attribute"]),
        (SOURCE.replace("int kind", "float kind"), ["verify-value-type"]),
        (SOURCE.replace("<__u32", "<__s32"), ["verify-key-type"]),
        (SOURCE.replace("counters", "others"), ["verify-extra-map"]),
    ):
        assert [said.code for said in fits(model_of(source), map)] == codes, source


def test_numbers_that_would_be_others() -> None:
    """A byte order that the kernel knows and the source doesn't is warned of, once a number."""
    c = C.replace("__type(key, __u32)", "__type(key, __be32)").replace("int kind", "__be32 kind")
    source = SOURCE.replace("<__u32", "<__be32").replace("int kind", "__be32 kind")
    map = running(c)
    assert fits(model_of(source), map) == []
    said = fits(model_of(SOURCE.replace("int kind", "__u32 kind")), map)
    assert [(one.code, one.severity) for one in said] == [("byte-order", "warning")] * 2
    has = "isn't declared as big-endian, and the running map has a `__be32` there"
    assert [one.message for one in said] == [
        f"the key of map `counters` {has}",
        f"`kind` in the value of map `counters` {has}",
    ]
    both = source.replace("__be32 kind", "union { __u32 plain; __be32 kind; }")
    assert fits(model_of(both), map) == []
    array = source.replace("__be32 kind", "__u8 kind[4]")
    assert fits(model_of(array), map) == []


def test_releases_of_kernels() -> None:
    """What uname(2) says begins with the version."""
    assert running_kernel("6.1.0-56-amd64") == (6, 1)
    assert running_kernel("5.15.0+") == (5, 15)
    assert running_kernel("7.0-rc1") == (7, 0)
    assert running_kernel("unheard of") == (7, 2)
