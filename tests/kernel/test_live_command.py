"""`bpfgen live` on the running kernel, with bpftool on the other side."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kinds import MAP_KINDS
from tests.kernel.bpf_programs import id_of, link_to_netns, load_program
from tests.kernel.bpf_syscall import create_map, load_btf, pin
from tests.kernel.random_maps import btf, plain
from tests.kernel.test_differential_maps import open_map
from tests.kernel.test_live import bpftool
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import CHECKOUT, clang_program, require, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kernel.bpf_syscall import Descriptor

pytestmark = pytest.mark.kernel

NOBODY = 65534
HASH, ARRAY, PROG_ARRAY = 1, 2, 3
MMAPABLE = MAP_FLAGS["BPF_F_MMAPABLE"].value


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()


@pytest.fixture
def shown() -> Iterator[Descriptor]:
    """Yield a map of ours."""
    with create_map(HASH, key_size=4, value_size=8, max_entries=8, map_name="shown") as made:
        yield made


def live(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    """Return what `bpfgen live --format json` says of *words*, by map."""
    assert main(["live", "--format", "json", *words]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """Return the exit status of `bpfgen live`, and the last error that it says."""
    status = main(["live", "--diagnostics", "json", *words])
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return status, next(one for one in reversed(said) if one["severity"] == "error")


@pytest.mark.parametrize("kind", MAP_KINDS)
def test_each_kind_is_as_bpftool_has_it(capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """Numbers, memory and flags of a map of each kind that this kernel has."""
    if MAP_KINDS[kind].since > running_kernel() or MAP_KINDS[kind].from_variable:
        return
    definition = plain(kind)
    with ExitStack() as stack:
        types = stack.enter_context(load_btf(btf()))
        inner = 0
        if definition.inner:
            inner = stack.enter_context(open_map(definition.inner, types.fd)).fd
        made = stack.enter_context(open_map(definition, types.fd, inner))
        [one] = live(capsys, f"id:{id_of(made)}")
        other = bpftool("map", "show", "id", str(id_of(made)))
    assert (one["name"], one["type_id"]) == (other["name"], MAP_KINDS[kind].number)
    assert one["type"] == kind
    assert other["type"] in (kind, MAP_KINDS[kind].number)  # of an older bpftool
    sizes = (one["key_size"], one["value_size"], one["max_entries"], one["map_flags"])
    assert sizes == tuple(
        other[name] for name in ("bytes_key", "bytes_value", "max_entries", "flags")
    )
    assert one["memory"] == other["bytes_memlock"]
    assert one["frozen"] == bool(other["frozen"])
    assert one["btf_id"] == other.get("btf_id", 0)


def test_an_object_with_programs(
    capsys: pytest.CaptureFixture[str], pins: Path, tmp_path: Path
) -> None:
    """What libbpf loads and pins: types as C, global data, a map in a map, the program's name."""
    source = CHECKOUT / "tests" / "kernel" / "held_maps.bpf.c"
    words = [clang_program(), "-target", "bpf", "-g", "-O2", "-c", str(source)]
    subprocess.run([*words, "-o", str(tmp_path / "held.o")], check=True)
    (pins / "maps").mkdir()
    load = ("prog", "load", str(tmp_path / "held.o"), str(pins / "program"))
    bpftool(*load, "pinmaps", str(pins / "maps"))
    ours = {one["name"]: one for one in live(capsys, str(pins))}
    for one in ours.values():
        # Of all maps in one run, an old bpftool gives some the BTF of the one before.
        other = bpftool("-f", "map", "show", "id", str(one["id"]))
        assert one["pins"] == other["pinned"]
        assert one["memory"] == other["bytes_memlock"]
        assert one["btf_id"] == other.get("btf_id", 0)
        assert one["frozen"] == bool(other["frozen"])
    flows = ours["held_flows"]
    assert (flows["type"], flows["key"], flows["value"]) == (
        "hash",
        "struct flow_key",
        "struct flow_stats",
    )
    [program] = flows["programs"]
    assert (program["name"], program["type"]) == ("counts_what_it_sees", "socket_filter")
    assert program["pins"] == [str(pins / "program")]
    [outer] = ours["held_inner"]["outer_maps"]
    assert outer == {"id": ours["held_outer"]["id"], "name": "held_outer", "type": "array_of_maps"}
    assert {name for name in ours if name.startswith("held.")} == {"held.bss", "held.rodata"}
    assert ours["held.rodata"]["frozen"] is True

    assert main(["live", str(pins)]) == 0
    table = capsys.readouterr().out
    [row] = [line for line in table.splitlines() if " held_flows " in line]
    assert "struct flow_key → struct flow_stats" in row
    assert f"counts_what_it_sees (socket_filter {program['id']})" in row
    assert str(pins / "maps" / "held_flows") in row
    assert "the variables of .bss, 4 bytes" in table
    assert f"held_outer (map {outer['id']})" in table


def test_holders_are_in_both_forms(
    capsys: pytest.CaptureFixture[str], shown: Descriptor, pins: Path
) -> None:
    """A program by its link, a process that isn't the one that looks, and a pin."""
    pin(shown.fd, str(pins / "shown"))
    program, link = link_to_netns(shown, "passes")
    child = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(shown.fd,),
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()
        with program, link:
            [one] = live(capsys, f"id:{id_of(shown)}")
            assert main(["live", str(pins / "shown")]) == 0
            table = capsys.readouterr().out
            [used] = one["programs"]
            assert [each["type"] for each in used["links"]] == ["netns"]
            assert used["links"][0]["program_id"] == used["id"] == id_of(program)
    finally:
        child.communicate()
    assert [each["pid"] for each in one["processes"]] == [child.pid]
    assert one["pins"] == [str(pins / "shown")]
    assert f"passes (sk_lookup {used['id']}), " in table
    assert f"(pid {child.pid})" in table


def test_the_owner_of_a_prog_array(capsys: pytest.CaptureFixture[str]) -> None:
    """Its column is there where a map has one."""
    with create_map(PROG_ARRAY, key_size=4, value_size=4, max_entries=1, map_name="owned") as map:
        assert main(["live", f"id:{id_of(map)}"]) == 0
        before = capsys.readouterr().out
        with load_program([map]):
            [one] = live(capsys, f"id:{id_of(map)}")
            assert main(["live", f"id:{id_of(map)}"]) == 0
            after = capsys.readouterr().out
    assert "owner" not in before
    assert one["program_type"] == "socket_filter"
    assert "socket_filter programs" in after


def test_several_of_one_name(capsys: pytest.CaptureFixture[str], shown: Descriptor) -> None:
    """All of them are shown, and one that is named twice is shown once."""
    with create_map(ARRAY, key_size=4, value_size=8, max_entries=8, map_name="shown") as other:
        ids = [id_of(shown), id_of(other)]
        found = [one["id"] for one in live(capsys, "name:shown", f"id:{ids[0]}", f"id:{ids[1]}")]
    assert set(ids) <= set(found)
    assert found == sorted(set(found))


def test_what_is_wrong_with_a_word(
    capsys: pytest.CaptureFixture[str], shown: Descriptor, pins: Path, tmp_path: Path
) -> None:
    """Each has its status and its code, and the maps beside it are shown."""
    with load_program([shown]) as program:
        pin(program.fd, str(pins / "program"))
    (pins / "empty").mkdir()
    for word, status, code in (
        ("id:4294967295", 1, "running-map"),
        ("id:0", 2, "usage"),
        ("id:", 2, "usage"),
        ("id:x", 2, "usage"),
        ("name:", 2, "usage"),
        ("name:bpfgen_no_such", 1, "running-map"),
        (str(pins / "program"), 1, "running-map"),
        (str(pins / "nothing"), 1, "running-map"),
        (str(pins / "empty"), 1, "running-map"),
        (str(tmp_path), 2, "usage"),
        (str(CHECKOUT / "README.md"), 2, "usage"),
        ("-", 2, "usage"),
        ("", 2, "usage"),
        ("a\nb", 2, "usage"),
        ("a\0b", 2, "usage"),
    ):
        found, said = refused(capsys, word)
        assert (found, said["code"]) == (status, code), word
        status_beside, _ = refused(capsys, word, f"id:{id_of(shown)}")
        assert status_beside == status
    main(["live", "--format", "json", "id:4294967295", f"id:{id_of(shown)}"])
    assert json.loads(capsys.readouterr().out)["name"] == "shown"


def test_nobody(capsys: pytest.CaptureFixture[str], shown: Descriptor) -> None:
    """Without rights nothing is listed; what a pin leads to is shown, and what isn't is said."""
    place = Path(tempfile.mkdtemp(prefix="bpfgen-live-"))
    place.chmod(0o755)
    mount = [require("mount"), "-t", "bpf", "-o", "mode=755", "bpfgen-test", str(place)]
    subprocess.run(mount, check=True)
    try:
        with load_btf(btf()) as types:
            typed = create_map(
                HASH,
                key_size=4,
                value_size=4,
                max_entries=4,
                map_name="typed",
                btf_fd=types.fd,
                btf_key_type_id=1,
                btf_value_type_id=1,
            )
        with typed:
            pin(typed.fd, str(place / "typed"))
        os.chmod(place / "typed", 0o644)
        by_its_id = f"id:{id_of(shown)}"
        # What Python loads when it is needed may be where only root can read it.
        refused(capsys, "id:4294967295", by_its_id)
        os.seteuid(NOBODY)
        try:
            everything = refused(capsys)
            by_id = refused(capsys, by_its_id)
            by_name = refused(capsys, "name:shown")
            status = main(["live", "--diagnostics", "json", str(place / "typed")])
            both = capsys.readouterr()
            [one] = live(capsys, str(place))
        finally:
            os.seteuid(0)
    finally:
        subprocess.run([require("umount"), str(place)], check=True)
        place.rmdir()
    for found, said in (everything, by_id, by_name):
        assert (found, said["code"]) == (3, "no-right")
        assert "CAP_SYS_ADMIN" in said["message"]
    assert status == 0
    assert " typed " in both.out
    notes = [json.loads(line) for line in both.err.splitlines()]
    assert {note["code"] for note in notes} == {"no-right"}
    assert {note["severity"] for note in notes} == {"note"}
    assert not any("maps.debug" in note["message"] for note in notes)
    assert (one["name"], one["key"], one["types"]) == ("typed", None, "no-right")
    assert one["fingerprint"] is None
    assert {"programs", "links", "outer maps", "processes"} <= set(one["unseen"])


def test_maps_come_and_go_while_they_are_listed(
    capsys: pytest.CaptureFixture[str], shown: Descriptor
) -> None:
    """What stays is listed every time, and what goes is no error."""
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            made = [
                create_map(ARRAY, key_size=4, value_size=4, max_entries=1, map_name="goes")
                for _ in range(8)
            ]
            with load_program(made):
                for one in made:
                    one.close()

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(10):
            assert id_of(shown) in [one["id"] for one in live(capsys)]
    finally:
        stop.set()
        thread.join()


def test_a_map_that_is_only_in_memory(capsys: pytest.CaptureFixture[str]) -> None:
    """A process that has closed a map and still has it mapped may be who holds it."""
    code = (
        "import ctypes, os, sys; fd = int(sys.argv[1]); map = ctypes.CDLL(None).mmap; "
        "map.restype = ctypes.c_void_p; map(None, ctypes.c_size_t(4096), 1, 1, fd, 0); "
        "os.close(fd); print(flush=True); input()"
    )
    with create_map(
        ARRAY, key_size=4, value_size=8, max_entries=1, map_flags=MMAPABLE, map_name="mapped"
    ) as map:
        id = id_of(map)
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(map.fd)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(map.fd,),
        )
        assert child.stdout is not None
        child.stdout.readline()
    try:
        [one] = live(capsys, f"id:{id}")
        assert main(["live", f"id:{id}"]) == 0
        table = capsys.readouterr().out
    finally:
        child.communicate()
    assert child.pid in [each["pid"] for each in one["may_be_mapped_by"]]
    assert f"(pid {child.pid})" in table


def test_every_key_of_the_json_is_documented(
    capsys: pytest.CaptureFixture[str], shown: Descriptor
) -> None:
    """docs/running.md has a row for each key that `inspect` doesn't have, and no other."""
    [one] = live(capsys, f"id:{id_of(shown)}")
    assert main(["inspect", "--format", "json", f"id:{id_of(shown)}"]) == 0
    inspected = json.loads(capsys.readouterr().out)["running"]
    text = (CHECKOUT / "docs/running.md").read_text(encoding="utf-8")
    section = text.split("## bpfgen live", 1)[1].split("\n## ", 1)[0]
    documented = [
        word.strip("` ")
        for row in section.split("In JSON", 1)[1].splitlines()
        if row.startswith("| `")
        for word in row.split("|")[1].split(",")
    ]
    assert list(one) == ["format", *inspected, *documented]
    assert {name: one[name] for name in inspected} == inspected


@pytest.mark.usefixtures("shown")
def test_nobody_reads_any_more() -> None:
    """A closed pipe ends the run without a message."""
    command = [sys.executable, "-m", "bpfgen", "live"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=CHECKOUT)
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.close()
    said = run.stderr.read().decode()
    run.stderr.close()
    run.wait()
    assert "Traceback" not in said
    assert "internal" not in said


def test_a_pin_whose_path_is_too_long(
    pins: Path, shown: Descriptor, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is made from a directory on the way; that it may be missing is said, and in JSON."""
    deep = "a" * 200
    before, directories = os.getcwd(), 25
    try:
        os.chdir(pins)
        for _ in range(directories):
            os.mkdir(deep)
            os.chdir(deep)
        pin(shown.fd, "hidden")
    finally:
        os.chdir(before)
    [one] = live(capsys, f"id:{id_of(shown)}")
    assert (one["pins"], "pins" in one["unseen"]) == ([], True)
    status, said = refused(capsys, str(pins / deep))
    assert (status, said["code"]) == (1, "running-map")
    assert "longer paths than the kernel takes" in said["message"]
