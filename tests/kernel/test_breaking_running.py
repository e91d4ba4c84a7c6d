"""`bpfgen breaking` with maps that run as OLD: by their pins, a directory of them, or an id."""

from __future__ import annotations

import io
import json
import os
import subprocess
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen import live
from bpfgen.changes.categories import Asked
from bpfgen.cli import main
from bpfgen.comparison import compared_files
from bpfgen.compiler import Options
from bpfgen.live.machine import this_machine
from bpfgen.sides.places import Trees, opened
from tests.compiled import MACROS, compile_c
from tests.conformance import libbpf
from tests.tools import require, require_clang, require_root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.kernel

LONG = "breaking_name_that_is_cut"


@pytest.fixture(autouse=True)
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_root()
    require_clang()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def breaking(
    pins: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Callable[..., list[dict[str, Any]]]:
    """Give a function that returns what a source breaks of what is pinned, or of what is named."""

    def run(text: str, old: str = "", *words: str) -> list[dict[str, Any]]:
        (tmp_path / "new.dsl").write_text(text)
        capfd.readouterr()
        status = main(["breaking", old or str(pins), "new.dsl", "--format", "json", *words])
        output = capfd.readouterr().out
        assert status in (0, 1), output
        (source,) = json.loads(output)["sources"]
        found: list[dict[str, Any]] = source["findings"]
        assert status == bool(found or source["errors"])
        return found

    return run


def pin(pins: Path, *definitions: str) -> None:
    """Have libbpf make and pin the maps of *definitions*, in C."""
    text = "".join(f'struct {{ {one.replace("@", "} ")} SEC(".maps");' for one in definitions)
    with libbpf.open_object(compile_c(MACROS + text), pin_root_path=str(pins)) as opened:
        opened.load()


def uncompared(text: str, *words: str) -> list[dict[str, Any]]:
    """Return what of the source *text* can't be compared with what the first of *words* names."""
    old, *others = words
    with open("new.dsl", "w", encoding="utf-8") as file:
        file.write(text)
    with redirect_stdout(io.TextIOWrapper(io.BytesIO())) as output:
        assert main(["breaking", old, "new.dsl", "--format", "json", *others]) == 0
    output.flush()
    written = output.buffer
    assert isinstance(written, io.BytesIO)
    (source,) = json.loads(written.getvalue())["sources"]
    found: list[dict[str, Any]] = source["uncompared"]
    return found


def hash_of(name: str, entries: int) -> str:
    """Return a hash in C, as :func:`pin` takes it."""
    return (
        "__uint(type, 1); __type(key, __u32); __type(value, __u64);"
        f"__uint(pinning, 1); __uint(max_entries, {entries}); @{name}"
    )


def test_maps_in_a_directory(pins: Path, breaking: Callable[..., list[dict[str, Any]]]) -> None:
    """Names that the kernel has cut are whole again; what loaders made of numbers is no change."""
    cpus = this_machine().cpus
    pin(
        pins,
        hash_of("breaking_one", 4),
        hash_of(LONG, 4),
        "__uint(type, 27); __uint(pinning, 1); __uint(max_entries, 5000); @breaking_ring",
        "__uint(type, 4); __uint(key_size, 4); __uint(value_size, 4); __uint(pinning, 1);"
        "@breaking_perf",
        "__uint(type, 14); __uint(key_size, 4); __uint(value_size, 4); __uint(pinning, 1);"
        "__uint(max_entries, 2); @breaking_dev",
    )
    same = f"""\
    map breaking_one: hash<__u32, __u64>[4] {{ pinning = by_name; }}
    map {LONG}: hash<__u32, __u64>[4] {{ pinning = by_name; }}
    map breaking_ring: ringbuf<__u64>[5000] {{ pinning = by_name; }}
    map breaking_perf: perf_event_array {{ pinning = by_name; }}
    map breaking_dev: devmap<__u32, __u32>[2] {{ pinning = by_name; }}
    """
    assert breaking(same) == []
    changed = (
        same.replace("[4]", "[5]")
        .replace("perf_event_array", f"perf_event_array[{cpus + 1}]")
        .replace("[5000]", "[9000]")
        .replace("map breaking_dev: devmap<__u32, __u32>[2] { pinning = by_name; }", "")
    )
    found = breaking(changed)
    assert {(one["code"], *one["maps"]) for one in found} == {
        ("break-pin-max-entries", "breaking_one"),
        ("break-pin-max-entries", LONG),
        ("break-pin-max-entries", "breaking_ring"),
        ("break-pin-max-entries", "breaking_perf"),
        ("break-pin-gone", "breaking_dev"),
    }
    (gone,) = (one for one in found if one["code"] == "break-pin-gone")
    assert f"`rm {pins}/breaking_dev`" in gone["ways"][0]
    (one,) = breaking(changed, str(pins / LONG))
    assert one["maps"] == [LONG]
    assert f"'{pins}/{LONG}'" in one["happens"][0]


def test_a_map_by_its_id(pins: Path, breaking: Callable[..., list[dict[str, Any]]]) -> None:
    """Of its name the kernel has 15 bytes, and whether it is pinned nobody says."""
    pin(pins, hash_of(LONG, 4))
    with live.open_map(str(pins / LONG), access="r") as map:
        word = f"id:{map.info.id}"
    assert breaking(f"map {LONG}: hash<__u32, __u64>[4];", word) == []
    (one,) = breaking(f"map {LONG}: hash<__u32, __u64>[5];", word)
    assert one["code"] == "break-pin-max-entries"
    assert LONG in one["happens"][0]


def test_a_map_that_runs_as_new(pins: Path, tmp_path: Path) -> None:
    """Nobody says whether it was to be pinned; its numbers are those that loaders have made."""
    pin(
        pins,
        hash_of("breaking_made", 4),
        "__uint(type, 27); __uint(pinning, 1); __uint(max_entries, 5000); @breaking_made_ring",
    )
    text = """\
    map breaking_made: hash<__u32, __u64>[4] { pinning = by_name; }
    map breaking_made_ring: ringbuf[5000] { pinning = by_name; }
    """
    (tmp_path / "old.dsl").write_text(text)
    assert main(["breaking", "old.dsl", str(pins)]) == 0
    (tmp_path / "old.dsl").write_text(text.replace("[4]", "[5]"))
    assert main(["breaking", "old.dsl", str(pins)]) == 1


def test_pins_that_are_called_otherwise(
    pins: Path, breaking: Callable[..., list[dict[str, Any]]]
) -> None:
    """A loader goes by the name of the pin, whatever the kernel calls the map."""
    pin(pins, hash_of("breaking_same", 4), hash_of("breaking_two", 8))
    os.rename(pins / "breaking_same", pins / "breaking_aside")
    os.rename(pins / "breaking_two", pins / "breaking_same")
    both = """\
    map breaking_same: hash<__u32, __u64>[8];
    map breaking_aside: hash<__u32, __u64>[4];
    """
    assert breaking(both) == []
    (one,) = breaking("map breaking_same: hash<__u32, __u64>[4];", str(pins / "breaking_same"))
    assert (one["code"], one["maps"]) == ("break-pin-max-entries", ["breaking_same"])
    kernels = "map breaking_two: hash<__u32, __u64>[8];"
    (one,) = breaking(kernels, str(pins / "breaking_same"))
    assert (one["code"], one["maps"]) == ("break-pin-renamed", ["breaking_same"])
    with live.open_map(str(pins / "breaking_same"), access="r") as map:
        assert breaking(kernels, f"id:{map.info.id}") == []


def test_names_that_the_kernel_cuts_to_the_same(
    pins: Path, breaking: Callable[..., list[dict[str, Any]]]
) -> None:
    """A pin says which map it is; an id doesn't, and nobody guesses."""
    pin(
        pins,
        hash_of("breaking_table_v4", 4),
        hash_of("breaking_table_v6", 4).replace("__u32", "__u64"),
        hash_of("breaking_sessions_by_address", 4),
    )
    sessions = "map breaking_sessions_by_address: hash<__u32, __u64>[4];"
    v4 = "map breaking_table_v4: hash<__u32, __u64>[4];"
    v6 = "map breaking_table_v6: hash<__u64, __u64>[4];"
    assert breaking(v4 + v6 + sessions) == []
    (one,) = breaking(v4 + v6 + sessions.replace("address", "addr"))
    assert (one["code"], one["maps"]) == ("break-pin-renamed", ["breaking_sessions_by_address"])
    assert one["new"]["value"] == "`breaking_sessions_by_addr`"
    (one,) = breaking(v6, str(pins / "breaking_table_v4"))
    assert (one["code"], one["maps"]) == ("break-pin-gone", ["breaking_table_v4"])
    with live.open_map(str(pins / "breaking_table_v4"), access="r") as map:
        word = f"id:{map.info.id}"
    assert breaking(v4, word) == []
    assert breaking(v4 + v6, word) == []
    (unclear,) = uncompared(v4 + v6, word)
    assert unclear["message"] == (
        "the running map `breaking_table_` may be NEW's `breaking_table_v4` or"
        " `breaking_table_v6`, and wasn't compared"
    )


def test_several_files_of_one_run(pins: Path, tmp_path: Path) -> None:
    """What holds of maps that run is said of their file alone, and each has the pins of its own."""
    definition = hash_of("breaking_several", 4)
    for name in ("one", "other"):
        (pins / name).mkdir()
        pin(pins / name, definition)
    (tmp_path / "changed.dsl").write_text("map breaking_several: hash<__u32, __u64>[5];")
    (tmp_path / "file.dsl").write_text("map breaking_source: hash<__u32, __u64>[4];")
    (tmp_path / "file2.dsl").write_text("map breaking_source: hash<__u32, __u64>[5];")
    words = [
        (str(pins / "one"), "changed.dsl"),
        (str(pins / "other"), "changed.dsl"),
        ("file.dsl", "file2.dsl"),
    ]
    trees = Trees()
    sides = [tuple(opened(trees.place_of(word), Options()) for word in both) for both in words]
    first, second, third = compared_files([(old, new) for old, new in sides], Asked())
    for found, name in ((first, "one"), (second, "other")):
        (finding,) = found.findings
        assert finding.code == "break-pin-max-entries"
        assert f"{pins}/{name}/breaking_several" in " ".join((*finding.happens, *finding.ways))
    assert not third.findings


def test_what_the_kernel_does_not_tell(
    pins: Path, breaking: Callable[..., list[dict[str, Any]]], capfd: pytest.CaptureFixture[str]
) -> None:
    """What records are, and what an empty map of maps is to hold: said once a map, and counted."""
    size = this_machine().page
    pin(
        pins,
        f"__uint(type, 27); __uint(pinning, 1); __uint(max_entries, {size}); @breaking_ring",
        "__uint(type, 12); __type(key, __u32); __uint(pinning, 1); __uint(max_entries, 2);"
        "__array(values, struct { __uint(type, 1); __type(key, __u32); __type(value, __u64);"
        "__uint(max_entries, 3); }); @breaking_outer",
    )
    text = f"""\
    map breaking_ring: ringbuf<__u64>[{size}] {{ pinning = by_name; }}
    map breaking_outer: array_of_maps<__u32, hash<__u32, __u64>[3]>[2] {{ pinning = by_name; }}
    """
    assert breaking(text) == []
    found = uncompared(text, str(pins))
    assert {one["maps"][0]: one["message"] for one in found} == {
        "breaking_ring": "the records of map `breaking_ring` have no type in OLD, and weren't"
        " compared",
        "breaking_outer": "what the inner maps of map `breaking_outer` are isn't known of OLD, and"
        " they weren't compared",
    }
    assert len(found) == 2
    assert main(["breaking", str(pins), "new.dsl", "-Werror=break-uncompared"]) == 1
    assert "; 2 not compared" in capfd.readouterr().out
    assert main(["breaking", str(pins), "new.dsl"]) == 0
    assert uncompared(text, str(pins), "--categories", "pin") == []


def test_a_map_without_types(pins: Path, breaking: Callable[..., list[dict[str, Any]]]) -> None:
    """Sizes are compared all the same."""
    words = "type hash key 4 value 8 entries 4 name breaking_bare".split()
    command = [require("bpftool"), "map", "create", str(pins / "breaking_bare"), *words]
    subprocess.run(command, check=True)
    alone = "--categories", "pin"
    assert breaking("map breaking_bare: hash<__u32, __u64>[4];", "", *alone) == []
    (one,) = breaking("map breaking_bare: hash<__u32, __u32>[4];", "", *alone)
    assert (one["code"], one["old"]["value"]) == ("break-pin-value-size", "8 bytes")


def test_what_is_never_taken_up_again(
    pins: Path, breaking: Callable[..., list[dict[str, Any]]]
) -> None:
    """The pin that the same source has made isn't, and it is said why."""
    shape = "__type(key, __u32); __type(value, __u64); __uint(pinning, 1);"
    entries = this_machine().cpus + 1
    pin(
        pins,
        f"__uint(type, 9); {shape} __uint(max_entries, {entries}); __uint(map_flags, 2);"
        "@breaking_lists",
        f"__uint(type, 1); {shape} __uint(max_entries, 4); __uint(map_flags, 8); @breaking_read",
    )
    found = breaking(
        f"""\
    map breaking_lists: lru_hash<__u32, __u64>[{entries}] {{ map_flags = BPF_F_NO_COMMON_LRU; }}
    map breaking_read: hash<__u32, __u64>[4] {{ map_flags = BPF_F_RDONLY; }}
    """
    )
    codes = {one["maps"][0]: one["code"] for one in found}
    expected = {"breaking_read": "break-pin-map-flags"}
    if this_machine().cpus > 1:
        expected["breaking_lists"] = "break-pin-max-entries"
    assert codes == expected
    assert all("taken up again, changed or not" in one["happens"][-1] for one in found)


def test_a_renamed_pin_is_found(pins: Path) -> None:
    """The way out that a renamed map has: the pin is renamed, and libbpf takes the map up."""
    pin(pins, hash_of("breaking_before", 4))
    with live.open_map(str(pins / "breaking_before"), access="r") as map:
        before = map.info.id
    os.rename(pins / "breaking_before", pins / "breaking_after")
    pin(pins, hash_of("breaking_after", 4))
    with live.open_map(str(pins / "breaking_after"), access="r") as map:
        assert map.info.id == before
