"""Objects against libbpf's open step, bpftool's linker and llvm-readelf."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.ctype.types import INT, Array, Composite, Int, Typedef, underlying
from bpfgen.elf.constants import EM_BPF
from bpfgen.elf.read import ElfFile
from bpfgen.object import read_object
from tests import compiled
from tests.conformance.libbpf import open_object
from tests.tools import require

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.object import Definition, ObjectFile, ObjectMap
    from tests.conformance.libbpf import LibbpfMap

SHAPES = [(c, t) for c in compiled.COMPILERS for t in compiled.TARGETS]


def numbers(definition: Definition) -> tuple[int | None, ...]:
    """Return what libbpf's getters report of a definition, in the order of LibbpfMap."""
    return (
        definition.type,
        definition.key_size,
        definition.value_size,
        definition.max_entries,
        definition.map_flags,
        definition.map_extra,
        definition.numa_node,
        definition.key_type_id,
        definition.value_type_id,
    )


def assert_as_libbpf(found: ObjectMap, told: LibbpfMap) -> None:
    """Compare a map with what libbpf's getters said of it."""
    definition = found.definition
    assert found.name == told.name
    # type … btf_value_type_id
    assert numbers(definition) == told[1:10]
    assert (definition.pinning == 1) == (told.pin_path is not None)
    assert (definition.inner is None) == (told.inner is None)
    if definition.inner is not None and told.inner is not None:
        # libbpf keeps no type ids of inner maps at open
        assert numbers(definition.inner)[:7] == told.inner[1:8]


def compare_with_libbpf(data: bytes) -> ObjectFile:
    """Return *data* read, after every map in it was compared with libbpf's."""
    found = read_object(data)
    with open_object(data) as opened:
        told = [each for each in opened.maps() if not each.name.startswith("object.")]
    assert found.error is None
    assert [each.name for each in found.maps] == [each.name for each in told]
    for ours, theirs in zip(found.maps, told, strict=True):
        assert ours.error is None
        assert_as_libbpf(ours, theirs)
    return found


@pytest.mark.parametrize("compiler", compiled.COMPILERS)
def test_maps_are_what_libbpf_opens(compiler: str) -> None:
    """Order, numbers, type ids, pinning and inner maps are those of libbpf's getters."""
    found = compare_with_libbpf(compiled.compile_c(compiled.MODERN, compiler))
    assert len(found.maps) == 10


@pytest.mark.parametrize("compiler", compiled.COMPILERS)
def test_both_byte_orders_are_the_same(compiler: str) -> None:
    """A big-endian object, which this libbpf refuses, has the maps of the little-endian one."""
    little, big = (
        read_object(compiled.compile_c(compiled.MODERN, compiler, target))
        for target in compiled.TARGETS
    )
    assert (little.byteorder, big.byteorder) == ("little", "big")
    assert little.machine == big.machine == EM_BPF
    assert [whole(each) for each in little.maps] == [whole(each) for each in big.maps]
    assert little.datasec_entries == big.datasec_entries
    assert little.internal_maps == big.internal_maps


def whole(found: ObjectMap) -> dict[str, Any]:
    """Return everything about a map but its bytes."""
    members = (m for m in found.__match_args__ if m != "data")
    return {member: getattr(found, member) for member in members}


@pytest.mark.parametrize("compiler", compiled.COMPILERS)
def test_linked_objects_are_read_too(compiler: str, tmp_path: Path) -> None:
    """After `bpftool gen object` the DATASEC has offsets; the maps are the same and libbpf's."""
    data = compiled.compile_c(compiled.MODERN, compiler)
    linked = link(tmp_path, data)
    found = compare_with_libbpf(linked)
    before = read_object(data)
    assert before.datasec_size == 0
    assert all(entry.offset == 0 for entry in before.datasec_entries)
    assert found.datasec_size > 0
    for entry in found.datasec_entries:
        assert (entry.offset, entry.size) == (entry.symbol_offset, entry.symbol_size)
    assert {each.name: each.slots for each in found.maps} == {
        each.name: each.slots for each in before.maps
    }
    assert {each.name: each.record is not None for each in found.maps} == {
        each.name: each.record is not None for each in before.maps
    }


def test_of_two_sections_with_types_the_last_counts() -> None:
    """An object may have a second section `.BTF`; libbpf takes the last, and so do we."""
    text = (
        "struct { __uint(type, 2); __type(key, int); __type(value, int); __uint(max_entries, %s); }"
        ' m SEC(".maps");\n'
    )
    other = ElfFile(compiled.compile_c(compiled.MACROS + text % "4")).section_named(".BTF")
    assert other is not None
    listed = ",".join(map(str, bytes(other.data)))
    second = f'__asm__(".section .BTF,\\"\\",@progbits,unique,1; .byte {listed}; .text");\n'
    data = compiled.compile_c(compiled.MACROS + text % "999" + second)
    assert len(ElfFile(data).sections_named(".BTF")) == 2
    (found,) = compare_with_libbpf(data).maps
    assert found.definition.numbers["max_entries"] in {4, 999}


def link(directory: Path, *objects: bytes) -> bytes:
    """Return *objects* linked statically."""
    paths = []
    for number, data in enumerate(objects):
        paths.append(directory / f"{number}.o")
        paths[-1].write_bytes(data)
    output = directory / "linked.o"
    subprocess.run([require("bpftool"), "gen", "object", output, *paths], check=True)
    return output.read_bytes()


def by_name(text: str, compiler: str, target: str = "bpfel") -> dict[str, ObjectMap]:
    """Return the maps of *text*, compiled."""
    return {
        each.name: each for each in read_object(compiled.compile_c(text, compiler, target)).maps
    }


@pytest.mark.parametrize(("compiler", "target"), SHAPES)
def test_slots_are_sparse_and_by_name(compiler: str, target: str) -> None:
    """Each initial value has its index and the name of its target, in the order of the indices."""
    maps = by_name(compiled.MODERN, compiler, target)
    assert maps["outer"].slots == ((1, "slot_a"), (7, "slot_b"))
    assert maps["jumps"].slots == ((0, "tail"), (2, "tail_too"))
    assert maps["by_id"].slots == ()
    assert (maps["outer"].definition.values, maps["jumps"].definition.values) == (
        "maps",
        "programs",
    )
    assert maps["flows"].definition.values == ""


@pytest.mark.parametrize(("compiler", "target"), SHAPES)
def test_definitions_keep_what_was_written(compiler: str, target: str) -> None:
    """Names in order, numbers as far as there are some, and 0 apart from absent."""
    maps = by_name(compiled.MODERN, compiler, target)
    flows = maps["flows"].definition
    assert flows.style == "modern"
    assert flows.declared == (
        *("type", "key", "value", "max_entries", "map_flags", "numa_node", "pinning"),
    )
    assert flows.numbers == {
        "type": 1,
        "max_entries": 128,
        "map_flags": 1,
        "numa_node": 3,
        "pinning": 1,
    }
    assert flows.kind is not None
    assert flows.kind.name == "hash"
    assert isinstance(flows.key, Composite)
    assert (flows.key.tag, flows.key.size) == ("key", 8)
    strange = maps["strange"].definition
    assert strange.numbers["max_entries"] == 0
    assert "map_flags" not in strange.numbers
    assert strange.key == Array(INT, 0)


@pytest.mark.parametrize(("compiler", "target"), SHAPES)
def test_linkage_sections_and_structs(compiler: str, target: str) -> None:
    """`weak` comes from the symbol, the struct's name from BTF, typedefs and volatile stay."""
    maps = by_name(compiled.MODERN, compiler, target)
    assert {name for name, each in maps.items() if each.linkage == "weak"} == {"slot_b"}
    assert {each.linkage for each in maps.values()} == {"weak", "global"}
    assert {each.section for each in maps.values()} == {".maps"}
    assert maps["slot_a"].definition.struct_name == "counters"
    assert maps["slot_a"].definition is maps["slot_b"].definition
    inner = maps["outer"].definition.inner
    assert inner is not None
    assert inner.struct_id == maps["slot_a"].definition.struct_id
    assert maps["bloom"].var_type_id != maps["bloom"].definition.struct_id
    assert maps["bloom"].definition.map_extra == 5
    anonymous = maps["by_id"].definition.inner
    assert anonymous is not None
    assert (anonymous.struct_name, anonymous.value_size) == ("", 12)


@pytest.mark.parametrize(("compiler", "target"), SHAPES)
def test_record_types_come_from_anchors(compiler: str, target: str) -> None:
    """`bpfgen_record_<map>` gives the type of the records, without the anchor's own `const`."""
    data = compiled.compile_c(compiled.MODERN, compiler, target)
    found = read_object(data)
    events = found.map_named("events")
    assert events is not None
    assert isinstance(events.record, Composite)
    assert events.record.tag == "event"
    assert found.btf is not None
    assert events.record_type_id == found.btf.find("event")
    assert [each.name for each in found.maps if each.record is not None] == ["events"]


@pytest.mark.parametrize(("compiler", "target"), SHAPES)
def test_initialized_definitions(compiler: str, target: str) -> None:
    """The examples of the first proposal: numbers from the section, types from the pointers."""
    found = read_object(compiled.compile_c(compiled.INITIALIZER, compiler, target))
    assert [each.name for each in found.maps] == ["btf_map", "stackmap"]
    btf_map, stackmap = (each.definition for each in found.maps)
    assert btf_map.style == stackmap.style == "initializer"
    assert btf_map.numbers == {"type": 2, "max_entries": 16}
    assert (btf_map.key_size, btf_map.value_size, btf_map.key) == (4, 12, INT)
    assert isinstance(btf_map.value, Composite)
    assert btf_map.value.tag == "my_value"
    assert stackmap.numbers == {
        "type": 7,
        "max_entries": 128,
        "map_flags": 32,
        "key_size": 4,
        "value_size": 127 * 32,
    }
    assert stackmap.kind is not None
    assert stackmap.kind.name == "stack_trace"
    assert (stackmap.key, stackmap.value) == (None, None)
    assert found.error is not None
    assert "`btf_map`" in found.error
    assert "section's data" in found.error


@pytest.mark.parametrize(("compiler", "target"), SHAPES)
def test_legacy_maps(compiler: str, target: str) -> None:
    """Section `maps`: five numbers each, told apart by symbols, whatever follows them."""
    found = read_object(compiled.compile_c(compiled.LEGACY, compiler, target))
    assert found.error is not None
    assert "legacy" in found.error
    assert [each.name for each in found.maps] == ["first", "second", "third"]
    assert [tuple(each.definition.numbers.values()) for each in found.maps] == [
        (1, 4, 8, 16, 1),
        (2, 4, 16, 32, 0),
        (9, 8, 8, 1024, 0),
    ]
    assert [each.size for each in found.maps] == [20, 28, 20]
    assert {each.section for each in found.maps} == {"maps"}
    assert {each.definition.style for each in found.maps} == {"legacy"}
    first, second, _third = found.maps
    assert first.definition.declared == (
        *("type", "key_size", "value_size", "max_entries", "map_flags"),
    )
    assert first.definition.key == INT
    value = first.definition.value
    assert isinstance(value, Typedef)
    assert underlying(value) == Int("unsigned long long", 8, signed=False)
    assert second.definition.struct_name == "bpf_elf_map"


def test_legacy_maps_without_btf() -> None:
    """Objects of the time had no BTF; symbols and bytes are enough."""
    data = bytearray(compiled.compile_c(compiled.LEGACY, compiled.newest()))
    data = bytearray(bytes(data).replace(b".BTF\0", b".BTX\0"))
    found = read_object(bytes(data))
    assert found.btf is None
    assert [each.definition.max_entries for each in found.maps] == [16, 32, 1024]


@pytest.mark.parametrize(("compiler", "target"), SHAPES)
def test_extern_maps(compiler: str, target: str) -> None:
    """An extern map has its definition and no place; it comes after those that have one."""
    found = read_object(compiled.compile_c(compiled.EXTERN, compiler, target))
    assert [(each.name, each.linkage) for each in found.maps] == [
        ("own", "global"),
        ("shared", "extern"),
    ]
    own, shared = found.maps
    assert own.error is None
    assert shared.error is not None
    assert (shared.offset, shared.size, bytes(shared.data)) == (0, 0, b"")
    assert shared.definition.max_entries == 5
    assert [(each.name, each.section) for each in found.externs] == [("shared", ".maps")]
    assert found.error is not None
    assert "link them first" in found.error


def test_an_extern_map_is_resolved_by_the_linker(tmp_path: Path) -> None:
    """Linked with the object that defines it, the map is there and libbpf opens the result."""
    defines = compiled.MACROS + (
        "struct { __uint(type, 1); __type(key, int); __type(value, __u64);"
        ' __uint(max_entries, 5); } shared SEC(".maps");'
    )
    compiler = compiled.newest()
    linked = link(
        tmp_path,
        compiled.compile_c(compiled.EXTERN, compiler),
        compiled.compile_c(defines, compiler),
    )
    found = compare_with_libbpf(linked)
    assert {each.name: each.linkage for each in found.maps} == {"own": "global", "shared": "global"}


def test_static_targets_of_relocations_are_named() -> None:
    """A slot that holds a static function is relocated against its section; the offset decides."""
    text = compiled.MACROS + (
        'static SEC("xdp") int one(void *c) { return 1; }'
        'static SEC("xdp") int two(void *c) { return 2; }'
        "struct { __uint(type, 3); __uint(key_size, 4); __uint(max_entries, 2);"
        ' __array(values, int(void *)); } jumps SEC(".maps")'
        " = { .values = { (void *)&one, (void *)&two } };"
    )
    for target in compiled.TARGETS:
        (jumps,) = read_object(compiled.compile_c(text, compiled.newest(), target)).maps
        assert jumps.slots == ((0, "one"), (1, "two"))
        assert jumps.error is not None
        assert "isn't a global program" in jumps.error


def test_the_bytes_of_a_map_are_those_of_its_symbol() -> None:
    """`data` is what `.maps` holds between the symbol's value and its end."""
    for target in compiled.TARGETS:
        found = read_object(compiled.compile_c(compiled.INITIALIZER, compiled.newest(), target))
        section = found.file.section_named(".maps")
        assert section is not None
        for each in found.maps:
            assert each.data == section.data[each.offset : each.offset + each.size]
            assert len(each.data) == each.size
        assert sum(each.size for each in found.maps) <= section.size


def test_internal_maps_are_listed_apart() -> None:
    """Sections of global data are no maps of the source."""
    found = read_object(compiled.compile_c(compiled.MODERN, compiled.newest()))
    assert [(each.section, each.size) for each in found.internal_maps] == [(".data", 4)]


def test_map_extra_of_64_bits() -> None:
    """`__ulong` is an enum of one value: 64 bits wide from clang 15 on."""
    text = compiled.MACROS + (
        "struct { __uint(type, 30); __uint(value_size, 8); __uint(max_entries, 4);"
        ' __ulong(map_extra, 0x900000001ULL); } bloom SEC(".maps");'
    )
    for target in compiled.TARGETS:
        (bloom,) = read_object(compiled.compile_c(text, compiled.newest(), target)).maps
        assert bloom.error is None
        assert bloom.definition.map_extra == 0x900000001


def test_unknown_attributes_can_be_relaxed() -> None:
    """Strictly an unknown attribute is an error; with relax_compat libbpf and we ignore it."""
    text = compiled.MACROS + (
        "struct { __uint(type, 2); __type(key, int); __type(value, int); __uint(max_entries, 1);"
        ' __uint(colour, 3); } m SEC(".maps");'
    )
    data = compiled.compile_c(text, compiled.newest())
    assert read_object(data).error == "map `m`: unknown attribute `colour`"
    relaxed = read_object(data, relax_compat=True)
    assert relaxed.error is None
    assert relaxed.maps[0].definition.declared[-1] == "colour"
    with open_object(data, relaxed_maps=True) as opened:
        assert_as_libbpf(relaxed.maps[0], opened.maps()[0])


def test_an_object_without_maps() -> None:
    """No maps, no error."""
    found = read_object(compiled.compile_c("int x;", compiled.newest()))
    assert (found.maps, found.error, found.externs) == ((), None, ())
