"""`bpfgen.live.holders` finds all that keeps a map, with bpftool on the other side."""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.decode import Btf
from bpfgen.files.pins import bpf_filesystems, filesystems_in
from bpfgen.live import pins as pinned
from bpfgen.live.fdinfo import LINK, MAP, PROGRAM
from bpfgen.live.fingerprint import btf_of
from bpfgen.live.holders import LINKS, OUTER_MAPS, PROCESSES, PROGRAMS, Census
from bpfgen.live.processes import Process, descriptors_of_processes, processes_with_mappings
from bpfgen.live.syscall import Bpf
from tests.kernel.bpf_programs import id_of, iterator_over, link_to_netns, load_program
from tests.kernel.bpf_syscall import create_map, pin, update_element
from tests.kernel.test_live import bpftool
from tests.tools import clang_program, require, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kernel.bpf_syscall import Descriptor

pytestmark = pytest.mark.kernel

NOBODY = 65534
HASH, ARRAY, ARRAY_OF_MAPS, HASH_OF_MAPS = 1, 2, 12, 13


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()


@pytest.fixture
def held() -> Iterator[Descriptor]:
    """Yield a map of ours."""
    with create_map(HASH, key_size=4, value_size=8, max_entries=8, map_name="held") as made:
        yield made


def me() -> Process:
    """Return this process, as the kernel calls it."""
    with open("/proc/self/comm", encoding="utf-8") as file:
        return Process(os.getpid(), file.read().rstrip("\n"))


def test_all_holders_are_found(held: Descriptor, pins: Path) -> None:
    """A program, its link, a link of its own, an outer map, this process and a pin hold a map."""
    os.mkdir(pins / "app")
    pin(held.fd, str(pins / "app" / "held"))
    outer = create_map(ARRAY_OF_MAPS, key_size=4, value_size=4, max_entries=4, inner_map_fd=held.fd)
    update_element(outer.fd, struct.pack("=I", 2), struct.pack("=I", held.fd))
    program, link = link_to_netns(held, "keeps_held")
    iterating, iterator = iterator_over(held)
    with outer, program, link, iterating, iterator:
        pin(program.fd, str(pins / "keeps"))
        pin(link.fd, str(pins / "attached"))
        found = Census(Bpf()).of(id_of(held))
        others = Census(Bpf(), own=False).of(id_of(held))
        shown = next(one for one in bpftool("-f", "map", "show") if one["id"] == id_of(held))
        [one] = found.programs
        assert (one.program.id, one.name, one.program.type) == (
            id_of(program),
            "keeps_held",
            "sk_lookup",
        )
        assert one.processes == (me(),)
        assert one.pins == (str(pins / "keeps"),)
        [attached] = one.links
        assert attached.link.id == id_of(link)
        assert attached.pins == (str(pins / "attached"),)
        [own_link] = found.links
        assert (own_link.link.id, own_link.link.type) == (id_of(iterator), "iter")
        assert [one.id for one in found.outer_maps] == [id_of(outer)]
    assert found.processes == (me(),)
    assert list(found.pins) == shown["pinned"] == [str(pins / "app" / "held")]
    assert others.processes == others.programs[0].processes == ()
    assert others.pins == found.pins
    assert not found.is_nobody


def test_bpftool_names_the_same_processes(held: Descriptor) -> None:
    """The processes that have it open are those that bpftool names; a child counts, too."""
    child = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(held.fd,),
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()
        found = Census(Bpf()).of(id_of(held)).processes
        shown = next(one for one in bpftool("map", "show") if one["id"] == id_of(held))
    finally:
        child.communicate()
    assert {one.pid for one in found} == {os.getpid(), child.pid}
    if "pids" in shown:  # a bpftool that was built without a skeleton has none
        theirs = {(one["pid"], one["comm"]) for one in shown["pids"]}
        assert {(one.pid, one.name) for one in found} == theirs


def test_a_name_that_the_kernel_cut(pins: Path, tmp_path: Path) -> None:
    """The name of a program that 15 bytes are too few for is that of its function in BTF."""
    (tmp_path / "long.bpf.c").write_text(
        "int calls;\n"
        '__attribute__((section("socket"), used))\n'
        "int a_name_that_the_kernel_cuts(void *context) { return calls++; }\n"
    )
    words = [clang_program(), "-target", "bpf", "-g", "-O2", "-c", str(tmp_path / "long.bpf.c")]
    subprocess.run([*words, "-o", str(tmp_path / "long.o")], check=True)
    bpftool("prog", "load", str(tmp_path / "long.o"), str(pins / "long"))
    shown = bpftool("prog", "show", "pinned", str(pins / "long"))
    bpf = Bpf()
    found = Census(bpf, types=lambda btf_id: Btf(btf_of(bpf, btf_id)))
    [program] = found.of(shown["map_ids"][0]).programs
    assert program.name == shown["name"] == "a_name_that_the_kernel_cuts"
    assert program.program.name == "a_name_that_the"


def test_one_map_in_many(held: Descriptor) -> None:
    """A map in several others, by hash and by array, names each once; one that left names none."""

    def outer_map(number: int) -> Descriptor:
        return create_map(number, key_size=4, value_size=4, max_entries=600, inner_map_fd=held.fd)

    with (
        outer_map(HASH_OF_MAPS) as by_key,
        outer_map(ARRAY_OF_MAPS) as by_index,
        outer_map(ARRAY_OF_MAPS) as empty,
    ):
        for outer in (by_key, by_index):
            for slot in (1, 599):
                update_element(outer.fd, struct.pack("=I", slot), struct.pack("=I", held.fd))
        found = Census(Bpf())
        outside = [one.id for one in found.of(id_of(held)).outer_maps]
        assert outside == [id_of(by_key), id_of(by_index)]
        assert found.of(id_of(empty)).outer_maps == ()
    assert Census(Bpf()).of(id_of(held)).outer_maps == ()


def test_nobody_sees_what_is_his_own(held: Descriptor) -> None:
    """Without rights a process has its own descriptors, and what couldn't be seen is said."""
    Census(Bpf())  # loads what Python may keep where only root can read it
    os.seteuid(NOBODY)
    try:
        found = Census(Bpf())
    finally:
        os.seteuid(0)
    missing = {what for one in found.unseen for what in one.what}
    assert {PROGRAMS, LINKS, OUTER_MAPS, PROCESSES} <= missing
    assert all(one.is_right for one in found.unseen)
    assert found.of(id_of(held)).programs == ()


def test_pins_are_found_wherever_they_are(held: Descriptor, pins: Path) -> None:
    """In directories, by hard links, in a place with blanks; each by the first mount alone."""
    directory = pins / "a b" / "ü"
    directory.mkdir(parents=True)
    names = [directory / "one", pins / "two"]
    for name in names:
        pin(held.fd, str(name))
    os.link(names[1], pins / "three")
    os.symlink(names[1], pins / "no pin")
    again = pins.parent / "again"
    again.mkdir()
    subprocess.run([require("mount"), "--bind", str(pins), str(again)], check=True)
    try:
        assert str(again) in dict(bpf_filesystems())
        found = pinned.pins(Bpf())
    finally:
        subprocess.run([require("umount"), str(again)], check=True)
    expected = sorted(map(str, (*names, pins / "three")))
    assert list(found.paths["map", id_of(held)]) == expected
    assert not [path for path in found.unread if path.startswith(str(pins))]


def test_a_filesystem_that_one_may_not_read(held: Descriptor, pins: Path) -> None:
    """It is said, and nothing is found in it."""
    pin(held.fd, str(pins / "one"))
    pins.chmod(0o700)
    assert ("map", id_of(held)) in pinned.pins(Bpf()).paths
    os.seteuid(NOBODY)
    try:
        found = pinned.pins(Bpf())
    finally:
        os.seteuid(0)
    assert str(pins) in found.unread
    assert ("map", id_of(held)) not in found.paths


def test_mountinfo() -> None:
    """What is escaped in a path, an optional member more or less, and other filesystems."""
    lines = [
        b"36 35 0:40 / /sys/fs/bpf rw - bpf bpf rw",
        rb"37 35 0:41 / /a\040b\134c\011d" + b"\303\274\377 rw shared:1 master:2 - bpf none rw",
        b"38 35 98:0 /bpf /bpf rw - ext4 bpf rw",
        b"39 35 0:42 / /other rw - bpffs bpf rw",
        b"",
        b"nonsense - bpf",
    ]
    texts = [line.decode("utf-8", "surrogateescape") for line in lines]
    assert filesystems_in(texts) == [
        ("/sys/fs/bpf", os.makedev(0, 40)),
        (os.fsdecode(b"/a b\\c\td\303\274\377"), os.makedev(0, 41)),
    ]


def test_processes() -> None:
    """A process with a program, a link and a map mapped, and one that has ended meanwhile."""
    with create_map(
        ARRAY, key_size=4, value_size=8, max_entries=1, map_flags=1 << 10, map_name="mapped"
    ) as map:
        assert me() not in processes_with_mappings()
        with mmap.mmap(map.fd, mmap.PAGESIZE, mmap.MAP_SHARED, mmap.PROT_READ):
            assert me() in processes_with_mappings()
        with load_program([map]) as program:
            holders = descriptors_of_processes().holders
            key, used = (PROGRAM, id_of(program)), (MAP, id_of(map))
    assert holders[key] == holders[used] == (me(),)
    assert (LINK, 0) not in holders
    assert key not in descriptors_of_processes().holders
