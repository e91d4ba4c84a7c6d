"""What the kernel says of running maps of all kinds, and what it doesn't: inspect and import.

bpftool is on the other side where it says the same.
"""

from __future__ import annotations

import json
import os
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.decode import Btf
from bpfgen.cli import main
from bpfgen.compiler import Options, compile
from bpfgen.importer import import_object
from bpfgen.inspection.declaration import Declarations
from bpfgen.inspection.running import running_lines, running_record
from bpfgen.kernel.made import kept_name
from bpfgen.kernel.map_kinds import KINDS_BY_NUMBER
from bpfgen.live.source import object_of
from bpfgen.object.running import NEWER_BTF
from bpfgen.text.source import Source
from tests.compiled import MACROS, compile_c
from tests.kernel.bpf_syscall import bpf, create_map, load_btf, update_element
from tests.kernel.random_maps import btf
from tests.kernel.running import bpftool, hold_again, id_of, imported, loaded, running, too_new
from tests.samples import built
from tests.tools import require_file, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.object.running import RunningMap

pytestmark = pytest.mark.kernel

HASH, ARRAY, ARRAY_OF_MAPS, HASH_OF_MAPS, DEVMAP, STRUCT_OPS = 1, 2, 12, 13, 14, 26
RDONLY_PROG = 0x80


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require_root()
    monkeypatch.chdir(tmp_path)


def test_bpftool_says_the_same_of_every_kind() -> None:
    """Id, name, sizes, entries, flags, memory, BTF: as `bpftool map show` has them."""
    with loaded(built("kinds.dsl"), too_new("kinds.dsl")) as descriptors:
        for fd in descriptors.values():
            found = running(fd)
            said = bpftool("map", "show", "id", str(found.id))
            assert said["name"] == found.name
            assert said["type"] in (found.kind_name, found.number)  # an older bpftool's newer kinds
            assert said["flags"] == found.map_flags
            assert (said["bytes_key"], said["bytes_value"]) == (found.key_size, found.value_size)
            assert said["max_entries"] == found.max_entries
            assert said["bytes_memlock"] == found.memlock
            assert bool(said["frozen"]) is found.frozen
            assert said.get("btf_id", 0) == found.btf_id


def test_what_the_kernel_sets_by_itself_is_not_asked_for_again() -> None:
    """It refuses BPF_F_RDONLY_PROG of a devmap, which every devmap has."""
    with create_map(DEVMAP, key_size=4, value_size=8, max_entries=4, map_name="ports") as map:
        found = running(map.fd)
        assert found.map_flags == RDONLY_PROG
        hold_again([map.fd])
        (line,) = [line for line in running_lines(found) if line.startswith("flags")]
        assert "BPF_F_RDONLY_PROG, which the kernel sets by itself" in line


VARIABLES = f"""{MACROS}
enum colour {{ RED, GREEN = 7 }};
struct limits {{ __u32 low, high; enum colour colour; }};
int counter = 5; struct limits bounds = {{ 1, 2, GREEN }};
const volatile int verbose = 1; const volatile char banner[16] = "hi";
unsigned long long zeroed[4];
"""


@pytest.fixture
def variables() -> Iterator[dict[str, RunningMap]]:
    """Yield the maps of global data of a program, by section."""
    with loaded(compile_c(VARIABLES)) as descriptors:
        found = [running(fd) for fd in descriptors.values()]
        yield {object_of(one).internal_maps[0].section: one for one in found}


def test_global_data_is_what_libbpf_makes_of_variables(variables: dict[str, RunningMap]) -> None:
    """No definition, but variables by their places; frozen where they are read-only."""
    assert set(variables) == {".data", ".rodata", ".bss"}
    records = {section: running_record(one, Declarations()) for section, one in variables.items()}
    assert [(v["name"], v["type"], v["offset"]) for v in records[".data"]["variables"]] == [
        ("counter", "int", 0),
        ("bounds", "struct limits", 4),
    ]
    assert [v["type"] for v in records[".bss"]["variables"]] == ["unsigned long long[4]"]
    assert [records[section]["frozen"] for section in (".rodata", ".data")] == [True, False]
    for section, one in variables.items():
        said = bpftool("btf", "dump", "map", "id", str(one.id), "value")
        (datasec,) = [type for type in said["types"] if type["kind"] == "DATASEC"]
        assert datasec["name"] == section
        assert len(datasec["vars"]) == len(records[section]["variables"])
        object = object_of(one)
        assert (object.maps, object.internal_maps[0].size) == ((), one.value_size)
        came = import_object(object, "id:1")
        assert came.text == ""
        assert [said.code for said in came.diagnostics] == ["import-map"]


def test_types_of_global_data_are_outputs_where_they_are_asked_for(
    variables: dict[str, RunningMap],
) -> None:
    """`--types` takes them out of the BTF of a map that no source declares."""
    found = variables[".data"]
    assert main([f"id:{found.id}", "--types", "limits", "-o", "limits.h"]) == 0
    assert "struct limits {" in Path("limits.h").read_text()
    assert main([f"id:{found.id}", "-o", "none.h"]) == 1
    assert not Path("none.h").exists()


def test_types_of_variables_are_shown(
    variables: dict[str, RunningMap], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each section as a struct of its variables, after the types that they are of."""
    assert main(["inspect", f"id:{variables['.data'].id}", "--types"]) == 0
    shown = capsys.readouterr().out
    assert "struct .data {" in shown
    assert re.search(r"struct limits bounds; +/\* at 4: 12 bytes \*/", shown)
    assert "unknown" not in shown


def test_a_struct_ops_map_has_the_types_of_the_kernel(capsys: pytest.CaptureFixture[str]) -> None:
    """Its value is a struct of vmlinux's around that of the program; it is no map definition."""
    vmlinux = require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF")
    types = Btf(vmlinux.read_bytes())
    type_id = types.find("bpf_struct_ops_tcp_congestion_ops") or 0
    with load_btf(btf()) as held:
        attributes = struct.pack(
            "=IIIIIII16sIIIIIQ",
            *(STRUCT_OPS, 4, types.size(type_id), 1, 0, 0, 0, b"congestion"),
            *(0, held.fd, 0, 0, type_id, 0),
        )
        fd = bpf(0, attributes)
        try:
            found = running(fd)
            (struct_ops,) = object_of(found).struct_ops
            assert (struct_ops.name, struct_ops.type_name) == ("congestion", "tcp_congestion_ops")
            assert struct_ops.size == types.size(types.find("tcp_congestion_ops", 4) or 0)
            assert found.unknown == ()
            assert main(["inspect", f"id:{found.id}", "--types"]) == 0
            shown = capsys.readouterr().out
            assert "struct tcp_congestion_ops {" in shown
            assert "struct bpf_struct_ops_tcp_congestion_ops {" in shown
            assert main(["import", f"id:{found.id}", "-o", "-"]) == 1
            assert "is no map definition" in capsys.readouterr().err
        finally:
            os.close(fd)


def test_inner_maps_are_those_that_are_there() -> None:
    """The first that can be opened stands for the definition, which the kernel doesn't say."""
    with (
        create_map(HASH, key_size=4, value_size=8, max_entries=3, map_name="inner") as inner,
        create_map(
            *(HASH_OF_MAPS,), key_size=8, value_size=4, max_entries=4, inner_map_fd=inner.fd
        ) as outer,
    ):
        empty = running(outer.fd)
        assert empty.inner is None
        assert {one.what: one.why for one in empty.unknown}["inner"] == "no map is in it now"
        update_element(outer.fd, struct.pack("=Q", 7), struct.pack("=I", inner.fd))
        found = running(outer.fd)
        assert found.inner is not None
        assert (found.inner.name, found.inner.max_entries) == ("inner", 3)
        text = imported(found)
        assert "value = hash[3] {" in text
        compilation = compile(Source("again.dsl", text), Options())
        (declared,) = compilation.model.maps
        assert declared.shape.inner is not None
        hold_again([outer.fd])


def test_an_inner_map_that_goes_meanwhile_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was in a slot may be gone when it is opened."""
    with (
        create_map(ARRAY, key_size=4, value_size=8, max_entries=3, map_name="stays") as inner,
        create_map(
            *(ARRAY_OF_MAPS,), key_size=4, value_size=4, max_entries=4, inner_map_fd=inner.fd
        ) as outer,
    ):
        gone = create_map(ARRAY, key_size=4, value_size=8, max_entries=3)
        ids = [id_of(gone), id_of(inner)]
        gone.close()
        monkeypatch.setattr("bpfgen.live.running.inner_ids", lambda _map: iter(ids))
        found = running(outer.fd)
        assert found.inner is not None
        assert found.inner.name == "stays"


def test_a_kind_that_is_newer_than_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is shown by its number, with sizes and types, and can't be declared."""
    kinds = {number: kind for number, kind in KINDS_BY_NUMBER.items() if number != HASH}
    monkeypatch.setattr("bpfgen.live.info.KINDS_BY_NUMBER", kinds)
    with create_map(HASH, key_size=4, value_size=8, max_entries=3, map_name="newer") as map:
        found = running(map.fd)
        assert (found.kind, found.kind_name) == (None, str(HASH))
        assert main(["inspect", f"id:{found.id}"]) == 0
        assert re.search(r"^newer +1 +4 bytes +8 bytes", capsys.readouterr().out, re.MULTILINE)
        assert main(["import", f"id:{found.id}", "-o", "-"]) == 1
        assert "1 is no number of a map kind that bpfgen knows" in capsys.readouterr().err
        assert main([f"id:{found.id}", "-o", "newer.h"]) == 1


@pytest.mark.parametrize("damage", ["newer", "torn"])
def test_types_of_a_newer_kernel_are_left_out(
    damage: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sizes stand for them, and that is said."""
    whole = btf()
    broken = whole[:-1] if damage == "torn" else with_kind(whole, 30)
    monkeypatch.setattr("bpfgen.live.running.btf_of", lambda *_: broken)
    with (
        load_btf(whole) as types,
        create_map(
            *(HASH,),
            key_size=4,
            value_size=16,
            max_entries=3,
            map_name="typed",
            btf_fd=types.fd,
            btf_key_type_id=1,
            btf_value_type_id=9,
        ) as map,
    ):
        assert running(map.fd).untyped == NEWER_BTF
        assert main(["import", f"id:{id_of(map)}", "-o", "-"]) == 0
        shown = capsys.readouterr()
        assert "value_size = 16;" in shown.out
        assert "warning[import-type]" in shown.err
        assert main(["inspect", f"id:{id_of(map)}", "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["running"]["types"] == NEWER_BTF


def with_kind(data: bytes, kind: int) -> bytes:
    """Return the BTF *data* with another kind of its first type."""
    changed = bytearray(data)
    changed[24 + 7] = kind
    return bytes(changed)


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("", "map_{id}"),
        ("prog.cache", "prog_cache"),
        ("int", "int_"),
        ("template", "template"),
        ("1st", "_1st"),
        ("a_name_with_many_bytes", "a_name_with_man"),
    ],
)
def test_names_that_c_has_not(name: str, declared: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A map without a name, and names of other loaders: the nearest that C has, and it is said."""
    with create_map(HASH, key_size=4, value_size=8, max_entries=3, map_name=name) as map:
        id = id_of(map)
        declared = declared.format(id=id)
        assert main(["import", f"id:{id}", "-o", "maps.dsl"]) == 0
        said = capsys.readouterr().err
        assert f"map {declared}: hash[3] {{" in Path("maps.dsl").read_text()
        assert (f"it is `{declared}` here" in said) == (declared != kept_name(name))
        assert ("`name`: the kernel keeps 15 bytes of it" in said) == (len(name) > 15)
        assert main([f"id:{id}", "-o", "maps.o"]) == 0
