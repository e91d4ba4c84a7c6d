"""Objects of other loaders, languages, linkers and systems: read, and said whose they are."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen.cli import main
from bpfgen.elf.constants import EM_NONE
from bpfgen.object import read_object
from tests import compiled
from tests.corpus.compare import compare
from tests.tools import clang_program, require
from tests.verify.patch import Patch

if TYPE_CHECKING:
    from pathlib import Path

SEC = "#define SEC(name) __attribute__((section(name), used))\ntypedef unsigned int u32;\n"

GOBPF = """
struct bpf_map_def {
    u32 type, key_size, value_size, max_entries, map_flags, pinning; char namespace[256];
};
struct bpf_map_def SEC("maps/events") events = { 4, 4, 4, 1024, 0, 2, "opensnitch" };
struct bpf_map_def SEC("maps/conns") conns = { 1, 12, 8, 64 };
"""

V4L_UTILS = """
struct bpf_map_def {
    u32 type, key_size, value_size, max_entries, map_flags, inner_map_idx, numa_node;
};
struct bpf_map_def SEC("lirc_mode2/maps") decoder_state_map = { 2, 4, 24, 1, 0, 0, 1 };
"""

IPROUTE2 = """
struct bpf_elf_map {
    u32 type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
};
struct bpf_elf_map SEC("maps") inner = { 2, 4, 4, 1, 0, 42, 2, 0, 3 };
struct bpf_elf_map SEC("maps") outer = { 12, 4, 4, 8, 0, 7, 1, 42 };
"""

FIELDS = "int (*type)[4]; u32 *key; unsigned long long *value; int (*max_entries)[10];"

AYA = f"""
struct def {{ {FIELDS} }};
struct cell {{ struct def value; }};
struct {{ struct cell __0; }} FOO SEC(".maps");
"""

PLAIN = f'struct {{ {FIELDS} }} m SEC(".maps");'

WINDOWS = f'{PLAIN}\nint marker SEC(".ebpf_for_windows") = 1;\n'


class Outcome(NamedTuple):
    """What a command came to."""

    status: int
    output: str
    errors: str


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bpfgen(capsys: pytest.CaptureFixture[str], *words: str) -> Outcome:
    """Run a command."""
    status = main(words)
    output, errors = capsys.readouterr()
    return Outcome(status, output, errors)


def write(place: Path, name: str, text: str, target: str = "bpfel") -> bytes:
    """Compile *text* to the object *name*."""
    data = compiled.compile_c(SEC + text, compiled.newest(), target)
    (place / name).write_bytes(data)
    return data


@pytest.mark.parametrize("target", compiled.TARGETS)
@pytest.mark.parametrize(
    "case",
    [
        (
            GOBPF,
            "maps/events",
            {"events": (4, 4, 4, 1024), "conns": (1, 12, 8, 64)},
            "gobpf's `struct bpf_map_def`; not kept: `pinning = 2`, `namespace` 'opensnitch'",
        ),
        (
            V4L_UTILS,
            "lirc_mode2/maps",
            {"decoder_state_map": (2, 4, 24, 1)},
            "`numa_node = 1` (`numa_node` in a map of `.maps`)",
        ),
    ],
    ids=["gobpf", "v4l-utils"],
)
def test_sections_of_maps_that_libbpf_passes_over(
    place: Path,
    capsys: pytest.CaptureFixture[str],
    target: str,
    case: tuple[str, str, dict[str, tuple[int, ...]], str],
) -> None:
    """They are shown with their section, imported, and verified against what was imported."""
    text, section, maps, lost = case
    write(place, "prog.o", text, target)
    record = json.loads(bpfgen(capsys, "inspect", "prog.o", "--format", "json").output)
    assert record["error"] is None
    found = {
        one["name"]: tuple(one[key] for key in ("type_id", "key_size", "value_size", "max_entries"))
        for one in record["maps"]
    }
    assert found == maps
    assert record["maps"][0]["section"] == section
    assert f"legacy, in {section}" in bpfgen(capsys, "inspect", "prog.o").output
    imported = bpfgen(capsys, "import", "prog.o", "-o", "maps.dsl")
    assert imported.status == 0
    assert f"moves from section `{section}`" in imported.errors
    assert lost in imported.errors
    assert "import-difference" not in imported.errors
    assert bpfgen(capsys, "verify", "prog.o", "maps.dsl").status == 0


def test_a_program_that_libbpf_refuses_beside_maps_that_it_takes(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """import writes the maps, and says what libbpf has against the object."""
    program = (
        "static void *(*lookup)(void *, const void *) = (void *) 1;\n"
        'SEC("xdp") int reads(void *ctx) { int key = 0; return lookup(&m, &key) != 0; }\n'
    )
    patch = Patch(write(place, "prog.o", PLAIN + program))
    ((_, offset, _),) = patch.relocations("xdp")
    patch.move_relocation("xdp", offset, offset + 1)
    (place / "prog.o").write_bytes(patch.finish())
    bpftool = [require("bpftool"), "gen", "skeleton", "prog.o"]
    assert subprocess.run(bpftool, cwd=place, capture_output=True, check=False).returncode != 0
    outcome = bpfgen(capsys, "import", "prog.o", "-o", "maps.dsl")
    assert outcome.status == 0
    assert "warning[import-refused]: libbpf refuses the object: " in outcome.errors


def test_a_program_that_uses_such_a_map_is_refused(place: Path) -> None:
    """libbpf finds no map at the section that the program refers to, and says so; so do we."""
    program = (
        "static void *(*lookup)(void *, const void *) = (void *) 1;\n"
        'SEC("xdp") int reads(void *ctx) { int key = 0; return lookup(&events, &key) != 0; }\n'
    )
    data = write(place, "prog.o", GOBPF + program)
    error = read_object(data).error
    assert error is not None
    assert "maps/events" in error


def test_iproute2_s_members_are_translated_or_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`pinning`, `inner_id` and `inner_idx` with what says the same today."""
    write(place, "prog.o", IPROUTE2)
    imported = bpfgen(capsys, "import", "prog.o", "-o", "maps.dsl")
    assert imported.status == 0
    for said in (
        "iproute2's `struct bpf_elf_map`; not kept: `id = 42`",
        "`pinning = 2` (PIN_GLOBAL_NS: `pinning = by_name;` in a map of `.maps`)",
        "`pinning = 1` (PIN_OBJECT_NS, a directory for each object, which libbpf doesn't have)",
        "`inner_id = 42` (map `inner`: make it a template, the value of the outer map)",
        "`inner_idx = 3` (`= { [3] = … }` in the outer map of `.maps`)",
    ):
        assert said in imported.errors
    assert bpfgen(capsys, "verify", "prog.o", "maps.dsl").status == 0


def test_a_definition_inside_structs_of_rust(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is read through them; libbpf refuses it, and the message says whose it is."""
    compared = compare(write(place, "prog.o", AYA))
    assert compared.differences == []
    assert compared.refused
    shown = bpfgen(capsys, "inspect", "prog.o")
    assert shown.status == 1
    assert "percpu" not in shown.output
    assert "perf_event_array" in shown.output
    assert "the definition is in `__0.value`, inside a struct of Rust" in shown.errors
    write(place, "hash.o", AYA.replace("[4]", "[1]"))
    assert bpfgen(capsys, "import", "hash.o", "-o", "maps.dsl").status == 0
    assert "map FOO: hash<u32, unsigned long long>[10];" in (place / "maps.dsl").read_text()
    verified = bpfgen(capsys, "verify", "hash.o", "maps.dsl").errors
    assert "libbpf-refuses" in verified  # as inspect says; and nothing but that
    assert "verify-" not in verified


def test_a_struct_of_one_member_is_no_wrapper(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a definition inside, the reason is what libbpf says."""
    write(place, "prog.o", 'struct { struct { int x; } y; } m SEC(".maps");')
    assert "unknown attribute `y`" in bpfgen(capsys, "inspect", "prog.o").errors


def test_objects_for_windows(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their numbers are no kinds of Linux: shown as numbers, neither imported nor verified."""
    write(place, "prog.o", WINDOWS)
    (place / "maps.dsl").write_text("map m: perf_event_array[10];\n")
    shown = bpfgen(capsys, "inspect", "prog.o").output
    assert "for eBPF for Windows" in shown
    assert "perf_event_array" not in shown
    record = json.loads(bpfgen(capsys, "inspect", "prog.o", "--format", "json").output)
    assert record["platform"] == "windows"
    assert (record["maps"][0]["type"], record["maps"][0]["type_id"]) == (None, 4)
    imported = bpfgen(capsys, "import", "prog.o", "-o", "new.dsl")
    assert imported.status == 1
    assert "for eBPF for Windows" in imported.errors
    verified = bpfgen(capsys, "verify", "prog.o", "maps.dsl")
    assert verified.status == 1
    assert "for eBPF for Windows" in verified.errors
    write(place, "linux.o", PLAIN)
    record = json.loads(bpfgen(capsys, "inspect", "linux.o", "--format", "json").output)
    assert record["platform"] == "linux"


@pytest.mark.parametrize(("machine", "status"), [(EM_NONE, 0), (62, 1)])
def test_objects_without_a_machine(
    place: Path, capsys: pytest.CaptureFixture[str], machine: int, status: int
) -> None:
    """Old LLVM wrote EM_NONE, which libbpf takes; another machine it doesn't."""
    data = bytearray(write(place, "prog.o", PLAIN.replace("[4]", "[1]")))
    data[18:20] = machine.to_bytes(2, "little")
    (place / "prog.o").write_bytes(data)
    (place / "maps.dsl").write_text("map m: hash<u32, unsigned long long>[10];\n")
    assert bpfgen(capsys, "inspect", "prog.o").status == status
    assert bpfgen(capsys, "verify", "prog.o", "maps.dsl").status == status
    assert compare(bytes(data)).differences == []


def test_an_object_without_btf(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names `-g`, in each command that wants types."""
    source = place / "prog.c"
    source.write_text(SEC + PLAIN)
    words = [clang_program(), "-O2", "-target", "bpf", "-c", "prog.c", "-o", "prog.o"]
    subprocess.run(words, check=True, cwd=place)
    (place / "maps.dsl").write_text("map m: hash<unsigned int, unsigned long long>[10];\n")
    for command in ("inspect prog.o", "import prog.o -o new.dsl", "verify prog.o maps.dsl"):
        outcome = bpfgen(capsys, *command.split())
        assert outcome.status == 1
        assert "`-g`" in outcome.errors, command


LEFT = """
struct v { int x; };
enum e { A, B };
typedef struct { char c; } t;
struct h { struct v v; struct v *p; enum e e; t t; };
struct { int (*type)[1]; int *key; struct h *value; int (*max_entries)[10]; } one SEC(".maps");
"""

RIGHT = """
struct v { long long y; int z; };
enum e { C, D = 9 };
typedef struct { short c; } t;
struct h { struct v v[2]; struct v *p; enum e e; t t; };
struct { int (*type)[1]; int *key; struct h *value; int (*max_entries)[10]; } two SEC(".maps");
"""


def test_linked_types_of_one_name(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What import renames is verified under its new name, down to its members."""
    bpftool = require("bpftool")
    write(place, "left.o", LEFT)
    write(place, "right.o", RIGHT)
    words = [bpftool, "gen", "object", "prog.o", "left.o", "right.o"]
    subprocess.run(words, check=True, cwd=place)
    assert bpfgen(capsys, "import", "prog.o", "-o", "maps.dsl").status == 0
    text = (place / "maps.dsl").read_text()
    assert "v___2" in text
    assert bpfgen(capsys, "verify", "prog.o", "maps.dsl").status == 0
    for old, new, said in (
        ("    int z;", "    short z;", "member `z` of `struct v___2`"),
        ("    D = 9,", "    D = 8,", "enumerator `D` of `enum e___2`"),
        ("    short c;", "    int c;", "member `c` of `t___2`"),
    ):
        assert old in text
        (place / "maps.dsl").write_text(text.replace(old, new))
        changed = bpfgen(capsys, "verify", "prog.o", "maps.dsl")
        assert changed.status == 1
        assert said in changed.errors
