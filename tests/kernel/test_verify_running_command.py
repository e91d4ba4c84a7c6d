"""`bpfgen verify MAP FILE`: maps that libbpf loaded, against sources of all kinds."""

from __future__ import annotations

import ctypes
import json
import os
import struct
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.live.map import Map
from bpfgen.live.syscall import Bpf
from bpfgen.record import Record
from tests.compiled import compile_c, newest
from tests.conformance import libbpf
from tests.kernel.bpf_programs import load_program
from tests.kernel.bpf_syscall import bpf
from tests.kernel.rights import run_with
from tests.kernel.running import running as as_running
from tests.kernel.running_maps import built, compiled, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.kernel

MAPS = """\
struct traffic { __u64 packets; __u64 bytes; };
map traffic_by_source: lru_hash<__be32, traffic>[1000] { pinning = by_name; }
map traffic_by_source_and_port: hash<__u64, traffic>[64];
map hellos: ringbuf<traffic>[5000];
map tables: array_of_maps<__u32, array<__u32, traffic>[8]>[4] = { [1] = eight };
map eight: array<__u32, traffic>[8];
"""

SLOTLESS = (" = { [1] = eight }", "")

_OBJ_PIN = 6


class Outcome(Record):
    """What a run of the command came to."""

    status: int
    output: str
    errors: str

    @property
    def record(self) -> dict[str, Any]:
        """The one line of output, as JSON."""
        (line,) = self.output.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found


class Place:
    """A directory with maps.dsl, and `pins/app`, in which its maps are pinned.

    Attributes:
        ids: Of the maps, by name.
    """

    def __init__(self, ids: dict[str, int], capture: pytest.CaptureFixture[bytes]) -> None:
        self.ids = ids
        self._capture = capture

    def verify(self, *words: str) -> Outcome:
        """Run the command there; warnings about the source are left out."""
        self._capture.readouterr()
        status = main(["verify", *words, "-W", "no-map-name-clash", "-W", "no-ringbuf-size"])
        output, errors = self._capture.readouterr()
        return Outcome(status, output.decode(), errors.decode())

    @staticmethod
    def change(*edits: tuple[str, str]) -> str:
        """Write a source with *edits*, and return its name."""
        text = MAPS
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        with open("changed.dsl", "w") as file:
            file.write(text)
        return "changed.dsl"


@pytest.fixture
def place(
    pins: Path,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    """Give a place in which all maps are loaded by libbpf, and pinned by their whole names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "maps.dsl").write_text(MAPS)
    compilation = compiled(MAPS)
    data = built(compilation)
    (tmp_path / "maps.o").write_bytes(data)
    (pins / "app").mkdir()
    with loaded(compilation.model, data) as descriptors:
        for name, fd in descriptors.items():
            with Map(os.dup(fd), Bpf()) as map:
                map.pin(pins / "app" / name)
        ids = {name: as_running(fd).id for name, fd in descriptors.items()}
        yield Place(ids, capfdbinary)


def test_a_pinned_map_is_as_declared(place: Place) -> None:
    """The answer names the map of the source, and lists what the kernel doesn't say."""
    outcome = place.verify("pins/app/hellos", "maps.dsl")
    assert (outcome.status, outcome.errors) == (0, "")
    assert outcome.output == (
        "pins/app/hellos: map `hellos` is as maps.dsl declares it\n"
        "pins/app/hellos: not compared: record: the kernel doesn't know the records, declared as"
        " `struct traffic`\n"
        "pins/app/hellos: not compared: pinning, numa_node: the kernel doesn't say\n"
    )


def test_by_id_and_by_name(place: Place) -> None:
    """A map that isn't pinned is named by its id."""
    word = f"id:{place.ids['eight']}"
    outcome = place.verify(word, "maps.dsl")
    assert (outcome.status, outcome.errors) == (0, "")
    assert outcome.output.startswith(f"{word}: map `eight` is as maps.dsl declares it\n")


def test_differences_have_both_places(place: Place) -> None:
    """Status 1; the line of the source, and the running map with its types."""
    source = place.change(("[1000]", "[1001]"), ("__u64 packets;", "__s64 packets;"))
    outcome = place.verify("pins/app/traffic_by_source", source, "--diagnostics", "json")
    assert outcome.status == 1
    first, second = (json.loads(line) for line in outcome.errors.splitlines())
    assert first["message"] == (
        "`max_entries` of map `traffic_by_source` is declared as 1001, and the running map has 1000"
    )
    assert first["line"] == 2
    running = f"running: map `traffic_by_sour` (id {place.ids['traffic_by_source']})"
    assert first["notes"] == ["declared: changed.dsl:2", running]
    assert (first["code"], second["code"]) == ("verify-attribute", "verify-value-type")
    assert second["notes"][1].startswith(f"{running}, BTF type [")
    assert second["message"] == (
        "member `packets` of `struct traffic` is declared as `__s64` and loaded as `__u64`"
    )


def test_json_lists_what_was_not_compared(place: Place) -> None:
    """The keys of objects are there too, and a record of the running map."""
    outcome = place.verify("pins/app/traffic_by_source", "maps.dsl", "--format", "json")
    record = outcome.record
    assert (outcome.status, outcome.errors) == (0, "")
    assert (record["verified"], record["maps"]) == (True, ["traffic_by_source"])
    assert record["running"] == [
        {
            "path": "pins/app/traffic_by_source",
            "id": place.ids["traffic_by_source"],
            "name": "traffic_by_sour",
            "type": "lru_hash",
            "type_id": 9,
            "map": "traffic_by_source",
            "verified": True,
            "complete": True,
            "uncompared": [
                {"what": "name", "why": "the kernel keeps 15 bytes of it"},
                {"what": "pinning", "why": "the kernel doesn't say"},
                {"what": "numa_node", "why": "the kernel doesn't say"},
            ],
        }
    ]


def test_a_directory_of_pins(place: Place) -> None:
    """Each map that is pinned there is the one of its name, which the kernel has cut."""
    outcome = place.verify("pins/app", "maps.dsl")
    assert (outcome.status, outcome.errors) == (0, "")
    lines = outcome.output.splitlines()
    assert [line for line in lines if "is as" in line] == [
        f"pins/app/{name}: map `{name}` is as maps.dsl declares it" for name in sorted(place.ids)
    ]
    assert lines[-1] == "not compared of any map: pinning, numa_node: the kernel doesn't say"
    record = place.verify("pins/app", "maps.dsl", "--format", "json").record
    assert [one["id"] for one in record["running"]] == [
        place.ids[name] for name in sorted(place.ids)
    ]


def test_pins_that_are_not_declared(place: Place) -> None:
    """They are listed, and errors with --exact; a pinned program is no map."""
    source = place.change(("map hellos: ringbuf<traffic>[5000];\n", ""))
    with load_program() as program:
        path = ctypes.create_string_buffer(b"pins/app/program")
        bpf(_OBJ_PIN, struct.pack("=QII", ctypes.addressof(path), program.fd, 0))
    outcome = place.verify("pins/app", source)
    assert (outcome.status, outcome.errors) == (0, "")
    not_declared = f"pins/app/hellos: not declared: map `hellos` (id {place.ids['hellos']})"
    assert not_declared in outcome.output.splitlines()
    exact = place.verify("pins/app", source, "--exact")
    assert exact.status == 1
    assert exact.errors.startswith(
        f"error[verify-extra-map]: map `hellos` (id {place.ids['hellos']}) isn't declared in"
        " `changed.dsl`\n"
    )


def test_a_pin_that_is_missing(place: Place) -> None:
    """What the source pins by name has to be in the directory; other maps needn't."""
    os.unlink("pins/app/traffic_by_source")
    os.unlink("pins/app/eight")
    outcome = place.verify("pins/app", "maps.dsl")
    assert outcome.status == 1
    assert outcome.errors.startswith(
        "error[verify-missing-map]: map `traffic_by_source` is declared to be pinned by its name,"
        " and isn't in `pins/app`\n"
    )
    assert "pins/app: not pinned there: traffic_by_source, eight\n" in outcome.output


def test_maps_that_are_not_pinned(place: Place) -> None:
    """They are listed, since a directory may lack what it should have; which, nobody says."""
    for name in set(place.ids) - {"hellos"}:
        os.unlink(f"pins/app/{name}")
    source = place.change((" { pinning = by_name; }", ";"))
    outcome = place.verify("pins/app", source)
    others = ["traffic_by_source", "traffic_by_source_and_port", "eight", "tables"]
    assert (outcome.status, outcome.errors) == (0, "")
    assert f"pins/app: not pinned there: {', '.join(others)}\n" in outcome.output
    assert place.verify("pins/app", source, "--format", "json").record["unpinned"] == others
    assert place.verify("pins/app/hellos", source, "--format", "json").record["unpinned"] == []


@pytest.mark.usefixtures("place")
def test_warnings_about_other_maps(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """What the rules say of maps that weren't asked about is left out."""
    found = []
    for path in ("pins/app/eight", "pins/app/hellos", "pins/app"):
        capfdbinary.readouterr()
        assert main(["verify", path, "maps.dsl", "--diagnostics", "json"]) == 0
        said = capfdbinary.readouterr().err.splitlines()
        found.append(sorted({json.loads(line)["code"] for line in said}))
    assert found == [[], ["ringbuf-size"], ["map-name-clash", "ringbuf-size"]]


def test_a_directory_without_maps(place: Place) -> None:
    """There is nothing to compare."""
    outcome = place.verify("pins", place.change((" { pinning = by_name; }", ";")))
    assert outcome.status == 1
    assert outcome.errors.startswith("error[running-map]: no map is pinned in `pins`\n")


def test_a_directory_of_other_maps(place: Place) -> None:
    """Nothing was compared, which is no success; the maps are listed all the same."""
    with open("other.dsl", "w") as file:
        file.write("map other: hash<__u32, __u32>[4];\n")
    outcome = place.verify("pins/app", "other.dsl")
    assert outcome.status == 1
    assert outcome.errors.startswith(
        "error[verify-missing-map]: none of the maps that are pinned in `pins/app` is declared\n"
    )
    assert outcome.output.count(": not declared: ") == len(place.ids)


def test_what_a_loader_makes_of_variables(place: Place) -> None:
    """Global data is no map of a source: it is passed over, and differs from any that is."""
    text = "__attribute__((used)) int counter = 1;\n"
    with libbpf.open_object(compile_c(text, newest())) as opened:
        ((name, fd),) = opened.load().items()
        assert name.endswith(".data")
        with Map(os.dup(fd), Bpf()) as map:
            map.pin("pins/app/data")
    exact = place.verify("pins/app", "maps.dsl", "--exact")
    assert (exact.status, exact.errors) == (0, "")
    assert "pins/app/data" not in exact.output
    with open("data.dsl", "w") as file:
        file.write("map m: array<__u32, __u32>[1] { map_flags = BPF_F_MMAPABLE; }\n")
    alone = place.verify("pins/app/data", "data.dsl", "--map", "m")
    assert alone.status == 1
    assert (
        "error[verify-value-type]: the value of map `m` is declared as `__u32`, and the running map"
        " holds the variables of section `.data`\n"
    ) in alone.errors


def test_names_that_the_kernel_cuts(place: Place) -> None:
    """By id alone two maps of the source are in question; `--map` says which."""
    word = f"id:{place.ids['traffic_by_source']}"
    outcome = place.verify(word, "maps.dsl")
    assert outcome.status == 1
    assert outcome.errors.startswith(
        f"error[verify-name]: the kernel keeps 15 bytes of a name, and map `traffic_by_sour` (id"
        f" {place.ids['traffic_by_source']}) may be `traffic_by_source` and"
        " `traffic_by_source_and_port`\n  = help: say which: `--map traffic_by_source`\n"
    )
    assert place.verify(word, "maps.dsl", "--map", "traffic_by_source").status == 0
    assert place.verify(word, "maps.dsl", "--map", "traffic_by_source_and_port").status == 1


def test_maps_of_other_names(place: Place) -> None:
    """A map that the source calls otherwise, an inner one, and one that isn't declared."""
    source = place.change(("eight", "of_eight"))
    outcome = place.verify("pins/app/eight", source)
    assert outcome.status == 1
    assert f"map `eight` (id {place.ids['eight']}) isn't declared in `changed.dsl`" in (
        outcome.errors
    )
    assert place.verify("pins/app/eight", source, "--map", "of_eight").status == 0
    inner = place.verify("pins/app/eight", source, "--map", "tables.inner")
    assert inner.status == 0
    assert "map `tables.inner` is as changed.dsl declares it" in inner.output
    nothing = place.verify("pins/app/eight", source, "--map", "of_eigth")
    assert nothing.status == 1
    assert nothing.errors == (
        "error[verify-missing-map]: `changed.dsl` declares no map `of_eigth`\n"
        "  = help: did you mean `of_eight`?\n\n"
    )


def test_the_maps_in_a_map(place: Place) -> None:
    """The template is held against a map that is there."""
    source = place.change(("array<__u32, traffic>[8]>", "array<__u32, traffic>[9]>"), SLOTLESS)
    outcome = place.verify("pins/app/tables", source)
    assert outcome.status == 1
    assert outcome.errors.startswith(
        "error[verify-inner]: `max_entries` of the inner map of map `tables` is declared as 9, and"
        " the running map has 8\n"
    )


@pytest.mark.parametrize(
    ("words", "status", "code", "words_of_error"),
    [
        (("id:", "maps.dsl"), 2, "usage", "id:"),
        (("name:", "maps.dsl"), 2, "usage", "name:"),
        (("id:4294967295", "maps.dsl"), 1, "running-map", "4294967295"),
        (("name:bpfgen_none", "maps.dsl"), 1, "running-map", "bpfgen_none"),
        (("pins/app/none", "maps.dsl"), 1, "running-map", "pins/app/none"),
        (("maps.dsl", "pins/app/hellos"), 2, "usage", "the running map comes first"),
        (("pins/app/hellos", "none.dsl"), 1, "file", "none.dsl"),
        (("pins/app/hellos", "maps.dsl", "--exact"), 2, "usage", "--exact"),
        (("pins/app/none", "maps.dsl", "--exact"), 1, "running-map", "pins/app/none"),
        (("maps.o", "maps.dsl", "--map", "hellos"), 2, "usage", "--map"),
        (("pins/app", "maps.dsl", "--map", "hellos"), 2, "usage", "--map"),
    ],
)
def test_what_can_not_be_compared(
    place: Place, words: tuple[str, ...], status: int, code: str, words_of_error: str
) -> None:
    """Nothing is written but one error, which says what to type."""
    outcome = place.verify(*words)
    assert (outcome.status, outcome.output) == (status, "")
    assert outcome.errors.startswith(f"error[{code}]: ")
    assert words_of_error in outcome.errors
    assert outcome.errors.count("error[") == 1


def test_types_that_may_not_be_read(place: Place, tmp_path: Path) -> None:
    """It is a warning of its own, an error if asked for; no line says more than is known."""
    other = place.change(("__u64 packets;", "__s64 packets;"))
    path, source = "pins/app/eight", tmp_path / other
    words = ("verify", str(tmp_path / path), str(source))
    rights = ("bpf", "dac_override")  # to open any pin, and no map by its id
    done = run_with(rights, (*words, "-W", "no-map-name-clash"), tmp_path / "trace")
    assert done.status == 0
    why = "to read its types takes CAP_SYS_ADMIN"
    said = f"`key` and `value` of map `eight` weren't compared: {why}"
    assert f"warning[verify-uncompared]: {said}\n" in done.errors
    assert done.output.startswith(
        f"{tmp_path / path}: map `eight` is as {source} declares it, but for key and value, which"
        f" couldn't be compared\n{tmp_path / path}: not compared: key, value: {why}\n"
    )
    strict = (*words, "--format", "json", "-W", "error=verify-uncompared")
    done = run_with(rights, strict, tmp_path / "trace")
    assert done.status == 1
    record = json.loads(done.output)
    assert record["verified"] is False
    assert [one["complete"] for one in record["running"]] == [False]
    (error,) = (one for one in record["diagnostics"] if one["severity"] == "error")
    assert (error["code"], error["message"]) == ("verify-uncompared", said)


def test_maps_that_differ_have_their_line(place: Place) -> None:
    """Standard output alone has each map, in the order of pins; flags are called by their names."""
    source = place.change(
        ("[64]", "[64] { map_flags = BPF_F_RDONLY_PROG; }"),
        ("hellos: ringbuf<traffic>[5000]", "bytes: ringbuf<traffic>[9000]"),
    )
    outcome = place.verify("pins/app", source)
    assert outcome.status == 1
    names = [line for line in outcome.output.splitlines() if "not compared" not in line]
    ids, longest = place.ids, "traffic_by_source_and_port"
    assert names == [
        "pins/app/eight: map `eight` is as changed.dsl declares it",
        f"pins/app/hellos: not declared: map `hellos` (id {ids['hellos']})",
        "pins/app/tables: map `tables` is as changed.dsl declares it",
        "pins/app/traffic_by_source: map `traffic_by_source` is as changed.dsl declares it",
        f"pins/app/{longest}: map `{longest}` differs from changed.dsl",
        "pins/app: not pinned there: bytes",
    ]
    assert (
        f"`map_flags` of map `{longest}` is declared as BPF_F_RDONLY_PROG, and the running map has"
        " 0\n"
    ) in outcome.errors
    word = f"id:{ids['traffic_by_source']}"
    assert place.verify(word, source).output == (
        f"{word}: not compared, since its map of the source isn't known: map `traffic_by_sour` (id"
        f" {ids['traffic_by_source']})\n"
    )


def test_any_source_will_do(place: Place) -> None:
    """An object, C and a running map are sources as well."""
    with open("maps.c", "w") as file:
        file.write(
            "typedef unsigned int __u32; typedef __u32 __be32; typedef unsigned long long __u64;\n"
            "struct traffic { __u64 packets; __u64 bytes; };\n"
            "struct { int (*type)[2]; int (*max_entries)[8]; __u32 *key; struct traffic *value; }\n"
            'eight __attribute__((section(".maps"), used));\n'
        )
    for source in ("maps.o", "maps.c", "pins/app/eight"):
        outcome = place.verify("pins/app/eight", source)
        assert (outcome.status, outcome.errors) == (0, ""), source
        assert f"pins/app/eight: map `eight` is as {source} declares it" in outcome.output
    other = place.verify("pins/app/eight", "pins/app/hellos", "--map", "hellos")
    assert other.status == 1
    assert "error[verify-kind]" in other.errors


def test_the_variant_that_runs(place: Place) -> None:
    """Of a source with conditions the running map is one variant, which is named."""
    with open("variants.dsl", "w") as file:
        file.write(
            "struct traffic { __u64 packets; __u64 bytes; };\n"
            "macro MODE;\n"
            "when (MODE == 2) { map eight: array<__u32, traffic>[8]; }\n"
            "else { map eight: array<__u32, traffic>[16]; }\n"
        )
    outcome = place.verify("pins/app/eight", "variants.dsl")
    assert (outcome.status, outcome.errors) == (0, "")
    assert outcome.output.startswith(
        "pins/app/eight: map `eight` is as variants.dsl declares it, where `MODE == 2` holds\n"
    )
    other = place.verify("pins/app/eight", "variants.dsl", "-D", "MODE=1", "--format", "json")
    assert other.status == 1
    assert other.record["variants"] == [{"MODE": 1}]
    none = place.verify("pins/app/hellos", "variants.dsl")
    assert none.status == 1
    assert none.errors.count("error[") == 1
    assert "isn't declared in `variants.dsl`" in none.errors


def test_the_variant_that_is_pinned(place: Place) -> None:
    """A directory of pins is a variant as well; maps of others are none of its business."""
    with open("variants.dsl", "w") as file:
        file.write(
            "struct traffic { __u64 packets; __u64 bytes; };\n"
            "macro MODE, MORE;\n"
            "when (MODE == 2) { map eight: array<__u32, traffic>[8]; }\n"
            "else { map eight: array<__u32, traffic>[16]; }\n"
            "when (MORE) { map hellos: ringbuf<traffic>[8 KiB]; }\n"
        )
    outcome = place.verify("pins/app", "variants.dsl", "--format", "json")
    assert (outcome.status, outcome.errors) == (0, "")
    assert sorted(outcome.record["maps"]) == ["eight", "hellos"]
    assert {"MODE": 2, "MORE": 1} in outcome.record["variants"]
    assert all(one["MODE"] == 2 and one["MORE"] for one in outcome.record["variants"])
    os.unlink("pins/app/hellos")
    less = place.verify("pins/app", "variants.dsl")
    assert (less.status, less.errors) == (0, "")
    assert "map `eight` is as variants.dsl declares it" in less.output
