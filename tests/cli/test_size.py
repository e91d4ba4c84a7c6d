"""`bpfgen size`: what maps cost, of every kind of source, and its limit."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.live import possible_cpus
from bpfgen.record import Record
from tests.compiled import compile_c, newest
from tests.tools import clang_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOURCE = """\
target kernel >= 6.12;
struct flow { __u32 saddr; __u32 daddr; };
map flows: hash<__u32, __u64>[1000];
map counters: percpu_array<__u32, __u64>[10];
map later: hash<flow, __u64>[1000] { map_flags = BPF_F_NO_PREALLOC; };
"""
FLOWS, LATER = 81488, 17344
"""What Debian's kernel 6.12 shows of maps like those, with 2 CPUs."""

PROGRAM = """\
#define SEC(name) __attribute__((section(name), used))
struct { int (*type)[1]; int (*max_entries)[1000]; int *key; long *value; } flows SEC(".maps");
struct { int (*type)[1]; int *key; long *value; } open SEC(".maps");
struct { int (*type)[27]; int (*max_entries)[5000]; } ring SEC(".maps");
long counters[100];
SEC("xdp") int program(void *context) { return counters[0]; }
"""


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

    def map(self, name: str) -> dict[str, Any]:
        """The record of the map *name*."""
        (found,) = (one for one in self.record["maps"] if one["name"] == name)
        return dict(found)


if TYPE_CHECKING:
    Size = Callable[..., Outcome]


@pytest.fixture
def size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Size:
    """Return a function that runs the command beside maps.dsl, with 2 CPUs unless it says more."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "maps.dsl").write_text(SOURCE, encoding="utf-8")

    def run(*words: str, cpus: str = "2") -> Outcome:
        status = main(["size", *words, *(["--cpus", cpus] if cpus else [])])
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


def test_the_numbers(size: Size) -> None:
    """They are the kernel's; a map that grows has both ends."""
    run = size("maps.dsl", "--format", "json")
    assert (run.status, run.errors) == (0, "")
    record = run.record
    assert (record["format"], record["kernel"], record["cpus"]) == (1, "6.12", 2)
    assert record["cpus_from"] == "--cpus"
    assert run.map("flows")["created"] == run.map("flows")["full"] == FLOWS
    later = run.map("later")
    assert (later["created"], later["elements"], later["full"]) == (LATER, 1000, LATER + 72000)
    parts = [one["created"] for one in record["maps"]]
    assert record["created"] == sum(parts)
    assert record["full"] == sum(parts) + 72000
    assert record["unknown"] == record["unlimited"] == []


def test_the_table(size: Size) -> None:
    """A line for each map, and the sum."""
    run = size("maps.dsl")
    lines = run.output.splitlines()
    assert lines[0] == "maps.dsl: 3 maps on 2 CPUs (--cpus), Linux 6.12"
    assert lines[3].split() == ["flows", "hash", "79.6", "KiB", "79.6", "KiB"]
    row = ["later", "hash", "16.9", "KiB", "72", "1000", "87.3", "KiB"]
    assert lines[5].split() == row
    assert lines[6].startswith("in all")
    assert len(lines) == 7


def test_cpus_and_kernels(size: Size, tmp_path: Path) -> None:
    """The command line says for how many CPUs and which kernel; else the project, else this one."""
    few, many = (size("maps.dsl", "--format=json", cpus=n).map("counters") for n in ("1", "100"))
    assert many["created"] - few["created"] == 99 * 80
    newer = size("maps.dsl", "--format=json", "--kernel", "7.2")
    assert newer.record["kernel"] == "7.2"
    assert newer.map("flows")["created"] == 81424
    wrong = size("maps.dsl", cpus="1000000000")
    assert (wrong.status, "from 1 to 8192" in wrong.errors) == (2, True)
    here = size("maps.dsl", "--format=json", cpus="").record
    assert (here["cpus"], here["cpus_from"]) == (len(possible_cpus()), "this machine")
    (tmp_path / "pyproject.toml").write_text("[tool.bpfgen]\ncpus = 7\n", encoding="utf-8")
    configured = size("maps.dsl", "--format=json", cpus="").record
    assert (configured["cpus"], configured["cpus_from"]) == (7, "configuration")


def test_old_kernels_are_said_to_count_otherwise(size: Size) -> None:
    """Before 6.4 there is no such figure."""
    assert "before 6.4" in size("maps.dsl", "--kernel", "5.15").output
    assert "before 6.4" not in size("maps.dsl", "--kernel", "6.4").output


@pytest.mark.parametrize(("limit", "status"), [("1MiB", 0), ("168KiB", 0), ("167KiB", 1)])
def test_the_limit(size: Size, limit: str, status: int) -> None:
    """It is about full maps; the largest are named."""
    run = size("maps.dsl", "--limit", limit)
    assert run.status == status
    if status:
        assert "error[size-limit]: maps.dsl: the maps take up to 1" in run.errors
        assert run.errors.index("`later`") < run.errors.index("`flows`")
    assert run.output.startswith("maps.dsl: 3 maps")


def test_what_a_loader_sets(size: Size, tmp_path: Path) -> None:
    """Without a value nothing is known, and a limit can't be kept to; --set gives one."""
    text = "map m: hash<__u32, __u64>[runtime];\nmap a: array<__u32, __u64>[1];\n"
    (tmp_path / "open.dsl").write_text(text, encoding="utf-8")
    run = size("open.dsl", "--format", "json")
    assert run.status == 0
    assert run.map("m")["missing"] == ["m.max_entries"]
    assert run.record["unknown"] == ["m"]
    assert "m: a loader decides; --set m.max_entries=N" in size("open.dsl").output
    limited = size("open.dsl", "--limit", "1GiB")
    assert limited.status == 1
    assert "can't be said: `m`" in limited.errors
    assert "--set m.max_entries=N" in limited.errors
    given = size("open.dsl", "--set", "m.max_entries=1000", "--kernel=6.12", "--format", "json")
    assert given.map("m")["created"] == FLOWS
    refused = size("open.dsl", "--set", "m.max_entries=4294967295")
    assert (refused.status, refused.output) == (1, "")
    assert "error[max-entries]" in refused.errors
    empty = size("open.dsl", "--set", "m.max_entries=0", "--format", "json")
    assert "warning[max-entries]" in empty.errors
    assert (empty.map("m")["created"], empty.map("m")["missing"]) == (None, [])
    assert "`max_entries` is 0" in empty.map("m")["why"]


def test_maps_of_maps_and_storages(size: Size, tmp_path: Path) -> None:
    """What is put into a map is in no sum, and what nothing limits is said to be so."""
    text = (
        "map outer: array_of_maps<__u32, hash<__u32, __u64>[1000]>[4];\n"
        "map tasks: task_storage<__s32, __u64>;\n"
        "extern map far: array<__u32, __u64>[1];\n"
    )
    (tmp_path / "many.dsl").write_text(text, encoding="utf-8")
    run = size("many.dsl", "--format", "json", "--kernel=6.12")
    inner = run.map("outer.inner")
    assert (inner["inner"], inner["created"]) == (True, FLOWS)
    assert run.record["created"] < FLOWS
    assert run.record["unlimited"] == ["tasks"]
    assert (run.map("tasks")["elements"], run.map("tasks")["full"]) == (None, None)
    assert run.map("tasks")["uncounted"] > 8
    assert [one["name"] for one in run.record["left_out"]] == ["far"]
    text = size("many.dsl").output
    assert "outer.inner: for each map that is put there" in text
    assert "no limit" in text


def test_conditions_have_to_be_decided(size: Size, tmp_path: Path) -> None:
    """A source with variants is one of them."""
    text = "macro BIG;\nwhen (BIG) { map m: array<__u32, __u64>[1000]; }\n"
    text += "map n: array<__u32, __u64>[1];\n"
    (tmp_path / "when.dsl").write_text(text, encoding="utf-8")
    run = size("when.dsl")
    assert (run.status, run.output) == (1, "")
    assert "when-undecided" in run.errors
    assert len(size("when.dsl", "-D", "BIG=1", "--format=json").record["maps"]) == 2
    assert len(size("when.dsl", "-U", "BIG", "--format=json").record["maps"]) == 1


def test_an_object_needs_no_compiler(size: Size, tmp_path: Path) -> None:
    """Its numbers are those that libbpf hands on, and its variables are maps, too."""
    (tmp_path / "prog.c").write_text(PROGRAM, encoding="utf-8")
    command = [clang_program(), "-g", "-O2", "-target", "bpf", "-c", "prog.c", "-o", "prog.o"]
    subprocess.run(command, cwd=tmp_path, check=True)
    run = size("prog.o", "--kernel=6.12", "--format=json", "--clang", "no-such-clang")
    assert (run.status, run.errors) == (0, "")
    assert run.map("flows")["created"] == FLOWS
    assert run.map("open")["missing"] == ["open.max_entries"]
    assert run.map("ring")["created"] == 256 + 5 * 4096 + (3 + 2 * 2) * 8
    assert run.map(".bss")["created"] == 4096 + 4096  # mappable, in whole pages
    values = ("--set", "open.max_entries=1000")
    assert size("prog.o", "--kernel=6.12", "--format=json", *values).map("open")["created"] == FLOWS
    assert size("prog.o", "--set", "open.max_entries=0").status == 2
    wrong = size("prog.o", "--set", "flows.max_entries=4")
    assert wrong.status == 2
    assert "doesn't leave `flows.max_entries`" in wrong.errors


def test_variables_that_nobody_may_map(size: Size, tmp_path: Path) -> None:
    """libbpf before 1.1 let user space map them all the same: said.

    Source: libbpf's commit 3cd45b660ce2, which is in 1.1.0, and map_is_mmapable.
    """
    program = compile_c("static volatile int st;\nint f(void *c) { return st++; }\n", newest())
    (tmp_path / "prog.o").write_bytes(program)
    bss = size("prog.o", "--kernel=6.12", "--format=json").map(".bss")
    assert (bss["created"], bss["created_by_older_libbpf"]) == (264 + 8, 4096 + 4096)
    assert "one before 1.1 does, and it takes 8 KiB" in size("prog.o").output
    (tmp_path / "for_all.o").write_bytes(compile_c("int seen;\n", newest()))
    for_all = size("for_all.o", "--kernel=6.12", "--format=json").map(".bss")
    assert (for_all["created"], for_all["created_by_older_libbpf"]) == (4096 + 4096, None)


def test_c(size: Size, tmp_path: Path) -> None:
    """A file of C is a source like any other."""
    (tmp_path / "prog.c").write_text(PROGRAM, encoding="utf-8")
    clang_program()
    run = size("prog.c", "--kernel=6.12", "--format=json")
    assert run.map("flows")["created"] == FLOWS


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((), 2, "`bpfgen size` takes one source"),
        (("maps.dsl", "other.dsl"), 2, "`bpfgen size` takes one source"),
        (("maps.dsl", "--limit", "much"), 2, "`much` is no amount of memory"),
        (("maps.dsl", "--cpus", "0"), 2, "`0` is no number of CPUs"),
        (("maps.dsl", "--set", "flows"), 2, "--set wants MAP.ATTRIBUTE=N"),
        (("maps.dsl", "--set", "flows.max_entries=4"), 2, "isn't `runtime`"),
        (("maps.dsl", "--btf", "maps.dsl"), 2, "--btf"),
        (("missing.dsl",), 1, "cannot read `missing.dsl`"),
        (("id:x",), 2, "id:x"),
        (("id:4294967295",), 1, "running-map"),
        (("maps.dsl", "--format", "xml"), 2, "xml"),
    ],
)
def test_what_makes_no_sense(size: Size, words: tuple[str, ...], status: int, said: str) -> None:
    """It is said, with what to type, and nothing is printed."""
    if words[:1] == ("id:4294967295",):
        from tests.tools import require_root

        require_root()
    run = size(*words, cpus="" if "--cpus" in words else "2")
    assert (run.status, run.output) == (status, "")
    assert said in run.errors


def test_a_wrong_source(size: Size, tmp_path: Path) -> None:
    """Its errors are reported as when it is compiled."""
    (tmp_path / "wrong.dsl").write_text("map m: hash<__u32, nothing>[1];\n", encoding="utf-8")
    (tmp_path / "wrong.o").write_bytes(b"\x7fELF")
    assert size("wrong.dsl").status == 1
    assert "wrong.dsl:1:" in size("wrong.dsl").errors
    assert size("wrong.o").status == 1
    said = size("wrong.dsl", "--diagnostics", "json").errors
    assert json.loads(said.splitlines()[0])["severity"] == "error"


PADDED = """\
target kernel >= 5.15;
struct task_struct { __u8 kind; __u32 id; };
map padded: hash<task_struct, __u64>[8];
map recent: lru_hash<__u32, __u64>[runtime];
map pages: array<__u32, __u8[4096]>[runtime];
"""
"""With a struct of the kernel's name, and a key that has a hole."""


def test_warnings_are_about_memory(
    size: Size, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What programs have to look out for isn't said; what maps cost is, with what --set caused."""
    (tmp_path / "padded.dsl").write_text(PADDED, encoding="utf-8")
    assert main(["padded.dsl", "-o", "padded.h"]) == 0
    compiled = capsys.readouterr().err
    assert "warning[key-padding]" in compiled
    assert "warning[vmlinux-clash]" in compiled
    assert (size("padded.dsl").status, size("padded.dsl").errors) == (0, "")
    values = ("--set", "recent.max_entries=16", "--set", "pages.max_entries=1000000")
    errors = size("padded.dsl", *values).errors
    assert errors.count("warning[") == 2
    assert "warning[lru-batches]: " in errors
    assert "warning[map-memory]: " in errors
    text = "map pages: array<__u32, __u8[4096]>[1000000];\n"
    (tmp_path / "large.dsl").write_text(text, encoding="utf-8")
    assert "warning[map-memory]: " in size("large.dsl").errors


def test_who_has_an_element_is_said_by_kind(size: Size, tmp_path: Path) -> None:
    """A storage has them for objects of one sort."""
    text = "map {0}: {0}<int, __u64> {{ map_flags = BPF_F_NO_PREALLOC; }};\n"
    for kind, owner in {"sk": "socket", "inode": "inode", "task": "task", "cgrp": "cgroup"}.items():
        (tmp_path / "one.dsl").write_text(text.format(f"{kind}_storage"), encoding="utf-8")
        (note,) = (line for line in size("one.dsl").output.splitlines() if line.startswith("* "))
        assert note.startswith(f"* {kind}_storage: for each {owner} that has a value; ")
