"""Running maps without a kernel: words that name them, mounts, and what a source of one is."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.commands import MISSING, USAGE, WRONG
from bpfgen.commands.running import refused, unread
from bpfgen.ctype.fingerprint import hexadecimal
from bpfgen.emit import BACKENDS
from bpfgen.files import pins
from bpfgen.importer import import_object
from bpfgen.inspection.declaration import Declarations
from bpfgen.inspection.json import object_line
from bpfgen.inspection.running import running_lines, running_record
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.live.places import Place, PlaceError, place_of
from bpfgen.live.source import c_name, object_of, object_of_several
from bpfgen.live.syscall import MAP_GET_FD_BY_ID, failure
from bpfgen.model.fingerprint import fingerprint_of_map
from bpfgen.object.running import GONE, NO_BTF, NO_RIGHT, RunningMap, Unknown
from bpfgen.record import replace
from bpfgen.sources import RUNNING, contents_of, is_file, kind_of, open_source
from bpfgen.text.diagnostics import NOTE
from tests.kernel.random_maps import TYPES, btf

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.emit import Backend


def running(kind: str = "hash", **named: Any) -> RunningMap:
    """Return a map of *kind* without types."""
    row = MAP_KINDS[kind]
    found = RunningMap(42, "flows", row.number, row, 4, 8, 16, 0, untyped=NO_BTF)
    return replace(found, **named)


def typed(kind: str = "hash", key: str = "u32", value: str = "pair", **named: Any) -> RunningMap:
    """Return a map of *kind* with types of :data:`TYPES`."""
    return running(
        kind,
        key_size=TYPES[key].size,
        value_size=TYPES[value].size,
        types=BtfTypes(Btf(btf())),
        btf_id=7,
        key_type_id=TYPES[key].id,
        value_type_id=TYPES[value].id,
        untyped="",
        **named,
    )


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("id:42", Place("id:42", id=42)),
        ("id:4294967295", Place("id:4294967295", id=0xFFFFFFFF)),
        ("id:007", Place("id:007", id=7)),
        ("name:flows", Place("name:flows", name="flows")),
        ("name:prog.bss", Place("name:prog.bss", name="prog.bss")),
        ("name:sixteen_letters_", Place("name:sixteen_letters_", name="sixteen_letters")),
        ("maps.dsl", None),
        ("./id:42", None),
        ("-", None),
        ("", None),
        ("no\0path", None),
    ],
)
def test_what_a_word_names(word: str, place: Place | None) -> None:
    """Ids, names as the kernel cuts them; everything else is a file, whether it is there or not."""
    assert place_of(word) == place
    assert is_file("maps.dsl")
    assert not is_file("id:42")
    assert not is_file("-")


@pytest.mark.parametrize("word", ["id:", "id:x", "id:0", "id:-1", "id: 1", "id:1_0", "name:"])
def test_what_no_map_can_be_called(word: str) -> None:
    """The word is named, and a file of that name is given as well."""
    with pytest.raises(PlaceError) as error:
        place_of(word)
    assert f"`{word}`" in str(error.value)
    assert f"./{word}" in error.value.advice
    assert (unread(error.value, word).status, unread(error.value, word).code) == (USAGE, "usage")


MOUNTS = """\
22 1 0:21 / /sys rw,nosuid - sysfs sysfs rw
31 22 0:28 / /sys/fs/bpf rw,nosuid - bpf bpf rw,mode=700
90 1 0:40 / /run/my\\040app/bpf rw shared:3 master:1 - bpf bpffs rw
91 1 0:41 / /srv/\udcff rw - bpf none rw
99 1 8:1 / /bpf rw - ext4 /dev/bpf rw
100 1 0:50 / /x rw
"""


def test_the_mounts_of_bpf_filesystems() -> None:
    """Blanks are in octal, other bytes as they are; optional fields may be there or not."""
    assert pins.filesystems_in(MOUNTS.splitlines()) == [
        ("/sys/fs/bpf", os.makedev(0, 28)),
        ("/run/my app/bpf", os.makedev(0, 40)),
        ("/srv/\udcff", os.makedev(0, 41)),
    ]


def test_files_of_a_build_are_no_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is as a pin is has the mounts read."""

    def unread_mounts() -> None:
        raise AssertionError("the mounts were read")

    path = tmp_path / "maps.dsl"
    path.write_text("map a: array<__u32, __u32>[1];\n")
    monkeypatch.setattr(pins, "bpf_filesystems", unread_mounts)
    assert not pins.is_pin(str(path))
    assert not pins.is_pin(str(tmp_path))
    assert contents_of(str(path)) == path.read_bytes()


def test_an_empty_file_is_a_pin_where_a_bpf_filesystem_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the device that tells."""
    path = tmp_path / "flows"
    path.touch()
    device = path.stat().st_dev
    monkeypatch.setattr(pins, "bpf_filesystems", lambda: [("/somewhere", device)])
    assert pins.is_pin(str(path)) == (os.major(device) == 0)
    monkeypatch.setattr(pins, "bpf_filesystems", lambda: [("/somewhere", device + 1)])
    assert not pins.is_pin(str(path))


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        (errno.EPERM, MISSING, "no-right"),
        (errno.EACCES, MISSING, "no-right"),
        (errno.ENOENT, WRONG, "running-map"),
        (errno.EINVAL, WRONG, "running-map"),
        (errno.ENOSYS, WRONG, "running-map"),
    ],
)
def test_what_an_error_of_the_kernel_comes_to(number: int, status: int, code: str) -> None:
    """A missing right has its own status, and its name."""
    refusal = refused(failure(MAP_GET_FD_BY_ID, number, "id 42"), "id:42")
    assert (refusal.status, refusal.code) == (status, code)
    assert refusal.message.startswith("cannot read `id:42`: ")
    assert ("it takes CAP_SYS_ADMIN" in refusal.message) == (status == MISSING)


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("flows", "flows"),
        ("", "map_42"),
        ("prog.cache", "prog_cache"),
        ("while", "while_"),
        ("9lives", "_9lives"),
        ("...", "unnamed"),
        ("map", "map"),
    ],
)
def test_what_a_map_is_called_in_a_source(name: str, declared: str) -> None:
    """C's names, the nearest; a source of it compiles."""
    found = running(name=name)
    assert c_name(found) == declared
    came = import_object(object_of(found), "id:42")
    assert f"map {declared}: hash[16] {{" in came.text
    codes = [said.code for said in came.diagnostics if said.severity != NOTE]
    assert codes == ([] if name in ("", declared) else ["import-name"])


@pytest.mark.parametrize(
    ("found", "section"),
    [
        (running("array", name="prog.bss", max_entries=1), ".bss"),
        (running("array", name="prog.rodata", max_entries=1), ".rodata"),
        (running("array", name=".rodata.str1.1", max_entries=1), ".rodata.str1.1"),
        (running("array", name="prog.bss", max_entries=2), None),
        (running("hash", name="prog.bss", max_entries=1), None),
        (running("array", name="prog.cache", max_entries=1), None),
        (running("array", name="prog.dataset", max_entries=1), None),
        (running("array", name="data", max_entries=1), None),
        (typed("array", name="prog.bss", max_entries=1), None),
    ],
)
def test_a_section_without_its_types_is_known_by_its_name(
    found: RunningMap, section: str | None
) -> None:
    """libbpf gives it, and nobody else a map with one element."""
    assert found.section == section
    object = object_of(found)
    assert [internal.section for internal in object.internal_maps] == [section] * bool(section)
    assert bool(object.maps) == (section is None)


def test_a_source_of_a_running_map_is_a_source() -> None:
    """It is opened like any other; what comes out says where it is from."""
    object = object_of(typed(map_flags=1))
    assert kind_of("id:42", object) == RUNNING
    opened = open_source("id:42", object)
    assert (opened.kind, opened.failed, opened.diagnostics) == (RUNNING, False, [])
    assert opened.compilation is not None
    (declared,) = opened.compilation.model.maps
    assert (declared.name, declared.shape.kind.name) == ("flows", "hash")
    assert declared.shape.attributes["map_flags"].value == 1


def test_types_of_two_btfs_are_not_mixed() -> None:
    """Ids of one mean nothing in the other: they are put together."""
    inner = typed(value="pair")
    outer = running("hash_of_maps", value_size=4, inner=inner)
    (map,) = object_of(outer).maps
    assert map.definition.inner is not None
    assert map.definition.inner.value is not None
    assert "value = hash<unsigned int, pair>[16];" in import_object(object_of(outer), "x").text
    other = typed("hash_of_maps", value="number", inner=replace(inner, btf_id=8))
    object = object_of(other)
    assert object.types is not None
    assert other.types is not None
    assert len(object.types.btf) == 2 * len(other.types.btf) - 1
    (map,) = object.maps
    assert map.definition.inner is not None
    assert map.definition.inner.value == inner.value


def test_several_maps_are_one_source() -> None:
    """Each has a name of its own, and what is equal in two BTFs is declared once."""
    full = "flows_of_each_source"
    found = [
        ("one", typed(name="flows", id=1)),
        ("two", typed(name="flows", id=2)),
        ("", typed(name="flows", id=3)),
        (full, typed(name=full[:15], id=4, unknown=(Unknown("name", "it is cut"),))),
        ("three", running("array", name="prog.bss", max_entries=1, id=5)),
        ("nameless", typed(name="", id=6)),
    ]
    object = object_of_several(found)
    names = ["flows", "two", "flows_3", full, "nameless"]
    assert [map.name for map in object.maps] == names
    assert [map.id for map in object.running] == [1, 2, 3, 4, 6, 5]
    opened = open_source("app", object)
    assert [said.code for said in opened.diagnostics] == ["import-name", "import-name"]
    came = import_object(object, "app")
    assert came.text.count("struct pair {") == 1
    codes = [said.code for said in came.diagnostics if said.severity != NOTE]
    assert codes == ["import-name", "import-name"]
    (lost,) = (said for said in came.diagnostics if said.code == "import-lost")
    assert "map `prog.bss` (id 5) is left out" in lost.message
    assert opened.compilation is not None
    assert [map.name for map in opened.compilation.model.maps] == names
    (line,) = object_line("app", object, None)
    record = json.loads(line)
    assert record["running"] is None
    assert [one["id"] for one in record["running_maps"]] == [1, 2, 3, 4, 6, 5]


def test_what_is_known_of_no_map_is_said_once() -> None:
    """Of a hundred maps nobody reads the same line a hundred times."""
    pinning, slots = Unknown("pinning", "nobody says"), Unknown("slots", "who knows")
    found = [
        ("", typed(name="a", id=1, unknown=(pinning,))),
        ("", typed(name="b", id=2, unknown=(slots, pinning))),
    ]
    came = import_object(object_of_several(found), "app")
    lost = [(one.map, one.notes) for one in came.diagnostics if one.code == "import-lost"]
    assert lost == [("b", ("`slots`: who knows",)), (None, ("`pinning`: nobody says",))]


@pytest.mark.parametrize(
    ("untyped", "code"), [(NO_BTF, None), (NO_RIGHT, "no-right"), (GONE, "import-type")]
)
def test_why_there_are_no_types(untyped: str, code: str | None) -> None:
    """That the map has none is no news; that one may not read them is, for outputs too."""
    object = object_of(running(untyped=untyped))
    came = import_object(object, "id:42")
    assert [s.code for s in came.diagnostics if s.severity != NOTE] == [code] * bool(code)
    assert "value_size = 8;" in came.text
    assert [said.code for said in open_source("id:42", object).diagnostics] == [code] * bool(code)


def test_a_missing_right_is_said_once() -> None:
    """However many maps there are."""
    found = [("", running(name=name, untyped=NO_RIGHT)) for name in ("a", "b", "c")]
    came = import_object(object_of_several(found), "app")
    (said,) = (one for one in came.diagnostics if one.severity != NOTE)
    assert (said.code, "of 3 maps" in said.message) == ("no-right", True)


def test_what_libbpf_has_replaced_is_said() -> None:
    """The types of an older kernel aren't those that were declared."""
    came = import_object(object_of(typed(rewritten=True)), "id:42")
    assert "import-type" in [said.code for said in came.diagnostics]
    assert running_record(typed(rewritten=True), Declarations())["types"] == "rewritten"


def test_what_is_known_of_it_is_shown() -> None:
    """A line a fact, and one for each that isn't known."""
    found = typed(
        memlock=12345,
        frozen=True,
        owner_type=1,
        unknown=(Unknown("pinning", "nobody says"), Unknown("slots", "\x1b[31mred")),
    )
    assert running_lines(found) == [
        "id        42",
        "name      flows",
        "memory    12,345 bytes",
        "frozen    yes: user space can't write to it",
        "programs  those of type `socket_filter` alone",
        "types     BTF 7",
        "unknown   pinning: nobody says",
        "          slots: \N{SYMBOL FOR ESCAPE}[31mred",
    ]
    assert running_lines(running(name=""))[:2] == ["id    42", "name  none"]


def test_the_fingerprint_is_that_of_the_source_or_none() -> None:
    """Without all of its types the kernel doesn't know it: another number would be wrong."""

    def shown(found: RunningMap) -> str | None:
        (line,) = object_line("id:42", object_of(found), None)
        fingerprint: str | None = json.loads(line)["maps"][0]["fingerprint"]
        return fingerprint

    assert shown(typed()) is not None
    assert shown(running()) is None
    assert shown(replace(typed(), key_type_id=0)) is None
    assert shown(typed("perf_event_array")) is None
    compilation = open_source("id:42", object_of(typed())).compilation
    assert compilation is not None
    (declared,) = compilation.model.maps
    number = fingerprint_of_map(declared)
    assert number is not None
    assert shown(typed()) == hexadecimal(number)


INNER = typed(name="slot")
HIDDEN = running(untyped=NO_RIGHT)
RINGBUF = running("ringbuf", key_size=0, value_size=0, max_entries=4096)
OF_MAPS = running("array_of_maps", value_size=4)


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=list(BACKENDS))
@pytest.mark.parametrize(
    ("found", "is_there"),
    [
        (typed(), True),
        (HIDDEN, False),
        (running(), False),
        (RINGBUF, False),
        (replace(OF_MAPS, inner=INNER), True),
        (replace(OF_MAPS, inner=HIDDEN), False),
    ],
)
def test_outputs_have_the_fingerprint_of_the_source_or_none(
    backend: Backend, found: RunningMap, *, is_there: bool
) -> None:
    """That of sizes, where types aren't known, would refuse the very map that it was made of."""
    compilation = open_source("id:42", object_of(found)).compilation
    assert compilation is not None
    text = "".join(file.text for file in backend.emit(compilation.model))
    if backend.name == "json":
        (map,) = json.loads(text)["maps"]
        assert (map["fingerprint"] is not None) is (is_there and found.inner is None)
    else:
        assert ("fingerprint" in text.lower()) is is_there
