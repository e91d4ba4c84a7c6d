"""Fingerprints of models against those of what every clang emits, and against bpftool's reading.

The last is a second implementation of docs/fingerprint.md, over the BTF that bpftool prints.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.btf import kinds
from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.btf.rewritten import is_rewritten
from bpfgen.cli import main
from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.ctype.types import Composite
from bpfgen.elf.read import ElfFile
from bpfgen.model.fingerprint import fingerprint_of_map
from bpfgen.object import read_object
from bpfgen.object.fingerprint import fingerprint_of_object_map
from bpfgen.sources import compile_object
from tests.compiled import COMPILERS, TARGETS, compile_c, newest
from tests.conformance.test_compare_clang import unprefixed
from tests.strategies import CText, many_composites
from tests.tools import CHECKOUT, require
from tests.verify import damages_maps, damages_sections, damages_types, patch
from tests.verify.damages import DAMAGES
from tests.verify.patch import Patch
from tests.verify.program import built, program

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 400
GOLDEN = CHECKOUT / "tests" / "golden" / "samples"

REGISTERED = (damages_maps, damages_sections, damages_types)
"""Importing a module registers its damages."""


def of_object(data: bytes) -> dict[str, int | None]:
    """Return the fingerprints of the maps of an object, by name."""
    fingerprints = Fingerprints()
    maps = read_object(data).maps
    return {map.name: fingerprint_of_object_map(map, fingerprints) for map in maps}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_clang_emits_the_fingerprints_of_the_source(compiler: str, target: str) -> None:
    """A program with everything in it has the same fingerprints in source and object."""
    own = {map.name: fingerprint_of_map(map) for map in program()[0].maps}
    assert of_object(built(compiler, target)) == own


@pytest.mark.parametrize("compiler", COMPILERS)
def test_an_object_as_a_source_has_its_own_fingerprints(compiler: str) -> None:
    """What is read back out of an object as a source has the fingerprints of the object."""
    data = built(compiler)
    opened = compile_object(read_object(data), "program.o")
    assert opened.compilation is not None
    own = {map.name: fingerprint_of_map(map) for map in opened.compilation.model.maps}
    assert own == of_object(data)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_random_types_are_as_compiled(compiler: str, target: str) -> None:
    """Whatever a struct is made of, its fingerprint is that of what clang emits for it."""
    lines, declared = [], []
    for number, composite in enumerate(many_composites(11, COUNT)):
        spelling = CText(f"s{number}_")
        text = spelling.definition(composite, f"s{number}")
        lines += [*spelling.lines, f"{text} {composite.kind} s{number} *v{number};"]
        declared.append(composite)
    section = ElfFile(compile_c("\n".join(lines), compiler, target)).section_named(".BTF")
    assert section is not None
    btf = Btf(bytes(section.data))
    types, fingerprints = BtfTypes(btf), Fingerprints()
    for number, composite in enumerate(declared):
        type_id = btf.find(f"s{number}", kinds.BTF_KIND_STRUCT, kinds.BTF_KIND_UNION)
        assert type_id is not None
        emitted = unprefixed(types.type(type_id))
        assert isinstance(emitted, Composite)
        assert fingerprints.of_type(composite) == fingerprints.of_type(emitted), composite


OF_TYPES = {
    "verify-forward",
    "verify-inner",
    "verify-key-type",
    "verify-kind",
    "verify-record",
    "verify-type",
    "verify-value-type",
}
NOT_OF_LAYOUT = {
    *("const_lost", "volatile_lost", "other_qualifier", "struct_renamed", "members_reordered"),
    *("pointer_to_another", "parameter_lost", "return_type_changed"),
    *("typedef_renamed", "typedef_lost", "kernel_typedef_of_another", "typedef_tag_lost"),
    *("type_tag_lost", "type_tag_changed", "type_tag_added"),
    *("decl_tag_lost", "decl_tag_changed", "decl_tag_moved"),
    *("kptr_target_lost", "listed_struct_changed", "listed_struct_degraded"),
    "inner_max_entries",
    "integer_grown",  # that of a bit-field
    "enum_sign_lost",
    "wide_enumerator_cut",
}
"""Damages to types that leave the layout as it is, or what clang 14 tells of it."""

OF_DEFINITIONS = {"verify-attribute", "verify-datasec", "verify-definition", "verify-linkage"}
OF_SIZES = {
    *("attribute_turned_into_another", "filled_in_size_changed", "value_size_changed"),
    *("legacy_key_size_changed", "unknown_attribute"),
    *("datasec_of_a_type", "symbol_moved_to_another_section", "symbol_without_variable"),
    "variable_is_no_struct",
}
"""Damages to definitions that change a size, or after which a map isn't there."""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", DAMAGES)
def test_what_damages_a_layout_changes_a_fingerprint(name: str, target: str) -> None:
    """And what damages a name, a number or a tag alone changes none."""
    code = DAMAGES[name].code
    if code not in OF_TYPES | OF_DEFINITIONS | {"verify-slot"}:
        return
    patched = Patch(built(newest(), target))
    DAMAGES[name].do(patched)
    own = {map.name: fingerprint_of_map(map) for map in program()[0].maps}
    is_changed = of_object(patched.finish()) != own
    assert is_changed == (name in OF_SIZES or (code in OF_TYPES and name not in NOT_OF_LAYOUT))


@pytest.mark.parametrize("path", sorted(GOLDEN.rglob("*.json")), ids=lambda path: path.stem)
def test_samples_and_their_objects_have_the_same(path: Path) -> None:
    """The files of each sample, its model and what its object is read as, agree."""
    own = {map["name"]: map["fingerprint"] for map in json.loads(path.read_text())["maps"]}
    table = path.with_suffix(".inspect").read_text()
    rows = [line.split() for line in table.splitlines() if re.search(r" 0x[0-9a-f]{16}$", line)]
    assert {row[0]: row[-1] for row in rows} == own


def test_bpftool_has_the_same(tmp_path: Path) -> None:
    """The page's algorithm, written a second time over the BTF that bpftool prints, agrees."""
    bpftool = require("bpftool")
    path = tmp_path / "a.o"
    path.write_bytes(built(newest()))
    command = [bpftool, "-j", "btf", "dump", "file", str(path)]
    dump = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    witness = Witness({entry["id"]: entry for entry in dump["types"]})
    own = {map.name: fingerprint_of_map(map) for map in program()[0].maps if not map.legacy}
    assert {name: witness.of_map(name) for name in own} == own


def test_a_linked_object_has_the_same(tmp_path: Path) -> None:
    """A static linker, which writes BTF anew and leaves out what is double, changes nothing."""
    bpftool = require("bpftool")
    data = built(newest())
    (tmp_path / "a.o").write_bytes(data)
    command = [bpftool, "gen", "object", "linked.o", "a.o"]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    assert of_object((tmp_path / "linked.o").read_bytes()) == of_object(data)


def test_a_program_has_it_in_its_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of docs/fingerprint.md compiles in a BPF program; every output has the number."""
    (tmp_path / "maps.dsl").write_text("map flows: hash<__be32, __u64>[1024];\n")
    monkeypatch.chdir(tmp_path)
    outputs = ("maps.h", "maps.go", "maps.rs", "maps.py")
    assert main(["maps.dsl", "--no-verify", *(f"-o{name}" for name in outputs)]) == 0
    page = (CHECKOUT / "docs" / "fingerprint.md").read_text()
    line = next(line for line in page.splitlines() if line.startswith("const volatile"))
    data = compile_c((tmp_path / "maps.h").read_text() + line, newest())
    section = ElfFile(data).section_named(".rodata")
    assert section is not None
    number = int.from_bytes(bytes(section.data), "little")
    assert of_object(data) == {"flows": number}
    for name in outputs:
        text = (tmp_path / name).read_text().lower().replace("_", "")
        assert f"{number:#018x}" in text, name


def test_types_that_libbpf_replaces_are_recognised() -> None:
    """What libbpf writes for an older kernel instead of a type isn't taken for the type."""

    def is_replaced(patched: Patch) -> bool:
        section = ElfFile(patched.finish()).section_named(".BTF")
        assert section is not None
        return is_rewritten(Btf(bytes(section.data)))

    data = built(newest())
    assert not is_replaced(Patch(data))
    of_float = Patch(data)
    double = of_float.types[of_float.find(patch.FLOAT, "double")]
    double[:2] = [0, patch.STRUCT << 24]
    assert is_replaced(of_float)
    of_enum = Patch(data)
    of_enum.add(of_enum.string("enum64_placeholder"), patch.INT << 24, 1, 8)
    assert is_replaced(of_enum)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Witness:
    """docs/fingerprint.md over the JSON of bpftool, for one object of a clang of 16 or later."""

    def __init__(self, types: dict[int, dict[str, Any]]) -> None:
        self.types = types

    def of_map(self, name: str) -> int:
        """Return the fingerprint of the map *name*."""
        variable = next(t for t in self.types.values() if (t["kind"], t["name"]) == ("VAR", name))
        struct = self.types[variable["type_id"]]
        records = {
            t["name"]: self.types[t["type_id"]]["type_id"]
            for t in self.types.values()
            if t["kind"] == "VAR" and t["name"].startswith("bpfgen_record_")
        }
        record = records.get(f"bpfgen_record_{name}")
        return int(_digest(self.map_text(struct, record))[:16], 16)

    def map_text(self, struct: dict[str, Any], record: int | None = None) -> str:
        """Return the text of the map whose definition is *struct*."""
        members = {m["name"]: self.types[m["type_id"]]["type_id"] if m["name"] != "values"
                   else m["type_id"] for m in struct["members"]}  # fmt: skip
        number = self.types[members["type"]]["nr_elems"]
        lines = ["bpfgen map 1", f"kind {number}"]
        for role in ("key", "value"):
            if role == "value" and number in {3, 12, 13}:  # programs and maps
                lines.append("value 4")
            elif role in members:
                lines.append(f"{role} {self.of_type(members[role])}")
            else:
                size = members.get(f"{role}_size")
                lines.append(f"{role} {self.types[size]['nr_elems'] if size else 0}")
        element = self.types[self.types[members["type"]]["type_id"]]
        if number in {4, 27} and (record or element["name"] != "int"):
            lines.append(f"record {self.of_type(record or element['id'])}")
        if number in {12, 13} and "values" in members:
            pointer = self.types[self.types[members["values"]]["type_id"]]
            lines.append(f"inner {_digest(self.map_text(self.types[pointer['type_id']]))}")
        return "\n".join(lines)

    def bottom(self, type_id: int) -> tuple[dict[str, Any], str]:
        """Return what is below typedefs, qualifiers and tags, and the byte order on the way."""
        order, current = "", self.types[type_id]
        while current["kind"] in {"TYPEDEF", "CONST", "VOLATILE", "RESTRICT", "TYPE_TAG"}:
            if current["name"] in {"__be16", "__be32", "__be64", "__le16", "__le32", "__le64"}:
                order = {"b": "big", "l": "little"}[current["name"][2]]
            current = self.types[current["type_id"]]
        return current, order

    def values(self, type: dict[str, Any]) -> str:
        """Return which values the integer *type* has."""
        if type["encoding"] == "BOOL":
            return "bool"
        if type["name"] == "char":
            return "char"
        return "signed" if type["encoding"] == "SIGNED" else "unsigned"

    def of_type(self, type_id: int) -> str:
        """Return what stands for the layout of a type."""
        type, order = self.bottom(type_id)
        lines: list[str] = []
        match type["kind"]:
            case "INT":
                first = f"int {type['size']} {order or self.values(type)}"
            case "FLOAT":
                first = f"float {type['size']}"
            case "PTR":
                first = "pointer"
            case "ARRAY":
                first = f"array {type['nr_elems']} {self.of_type(type['type_id'])}"
            case "ENUM" | "ENUM64":
                first = f"enum {type['size']}"
                lines = [f"{value['val'] % 2**32} {value['name']}" for value in type["values"]]
            case "STRUCT" | "UNION" if type["name"].startswith("bpf_"):
                first = f"kernel {type['size']} {type['name']}"
            case "STRUCT" | "UNION":
                first = f"{type['kind'].lower()} {type['size']}"
                for member in type["members"]:
                    width = member.get("bitfield_size", 0)
                    of_bits, _ = self.bottom(member["type_id"])
                    what = self.of_type(member["type_id"])
                    if width and of_bits["kind"] == "INT":
                        what = self.values(of_bits)
                    name = member["name"].replace("(anon)", "")
                    lines.append(f"{member['bits_offset']} {width} {what} {name}")
            case _:
                first = "incomplete"
        return _digest("\n".join((first, *sorted(lines))))
