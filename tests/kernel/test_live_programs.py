"""`bpfgen.live` lists programs and links, with bpftool and the kernel's BTF on the other side."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.decode import Btf
from bpfgen.btf.kinds import BTF_KIND_ENUM
from bpfgen.kernel.program_types import LINK_TYPES, PROGRAM_TYPES
from bpfgen.live.fdinfo import LINK, MAP, PROGRAM, FdInfo, fdinfo_of
from bpfgen.live.holders import Census
from bpfgen.live.ids import ids_of
from bpfgen.live.links import links
from bpfgen.live.programs import program_of, programs
from bpfgen.live.syscall import MAP_GET_NEXT_ID, Bpf
from tests.kernel.bpf_programs import (
    SOCKET_FILTER,
    id_of,
    iterator_over,
    link_to_netns,
    linked_struct_ops,
    load_program,
)
from tests.kernel.bpf_syscall import create_map, map_info
from tests.kernel.test_live import bpftool
from tests.kernel.test_samples_kernel import running_kernel
from tests.tools import require_file, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kernel.bpf_syscall import Descriptor

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()


@pytest.fixture
def map() -> Iterator[Descriptor]:
    """Yield a map of ours."""
    with create_map(1, key_size=4, value_size=8, max_entries=8, map_name="listed") as made:
        yield made


@pytest.mark.parametrize(
    ("enum", "prefix", "names"),
    [
        ("bpf_prog_type", "BPF_PROG_TYPE_", PROGRAM_TYPES),
        ("bpf_link_type", "BPF_LINK_TYPE_", LINK_TYPES),
    ],
)
def test_the_kernel_has_these_types(enum: str, prefix: str, names: tuple[str, ...]) -> None:
    """The names are those of the running kernel's enum, as many as it has."""
    btf = Btf(require_file("/sys/kernel/btf/vmlinux", "the kernel's BTF").read_bytes())
    found = btf.find(enum, BTF_KIND_ENUM)
    assert found is not None
    enumerators = {value: name for name, value in btf.enumerators(found) if "MAX" not in name}
    assert len(enumerators) >= 10
    for number, name in zip(range(len(enumerators)), names, strict=False):
        assert enumerators[number] == prefix + name.upper()


def test_programs_are_those_of_bpftool(map: Descriptor) -> None:
    """Id, name, type, tag and maps of a program are as bpftool has them."""
    with load_program([map], name="reads_listed") as program:
        found = program_of(Bpf(), id_of(program))
        shown = bpftool("prog", "show", "id", str(id_of(program)))
        listed = next(one for one in programs(Bpf()) if one.id == id_of(program))
    assert found is not None
    assert found == listed
    assert (found.name, found.type, found.tag) == (shown["name"], shown["type"], shown["tag"])
    assert list(found.map_ids) == shown["map_ids"] == [id_of(map)]


def test_a_program_of_more_maps_than_there_is_room_for_at_first() -> None:
    """All 64 maps that a program may use are listed, and one of none has none."""
    maps = [create_map(2, key_size=4, value_size=4, max_entries=1) for _ in range(64)]
    try:
        with load_program(maps) as program, load_program() as other:
            found, none = (program_of(Bpf(), id_of(one)) for one in (program, other))
    finally:
        for one in maps:
            one.close()
    assert found is not None
    assert none is not None
    assert len(found.map_ids) == 64
    assert none.map_ids == ()


def test_links_are_those_of_bpftool(map: Descriptor) -> None:
    """A link that holds a program, and one that holds a map too."""
    program, link = link_to_netns(map, "passes")
    iterating, iterator = iterator_over(map)
    with program, link, iterating, iterator:
        found = {one.id: one for one in links(Bpf())}
        shown = {one["id"]: one for one in bpftool("link", "show")}
        for descriptor, holder in ((link, program), (iterator, iterating)):
            ours, theirs = found[id_of(descriptor)], shown[id_of(descriptor)]
            assert ours.program_id == theirs["prog_id"] == id_of(holder)
            assert ours.map_id == theirs.get("map_id", 0)
            assert ours.type == theirs["type"]
        assert found[id_of(iterator)].map_id == id_of(map)


def test_a_link_of_struct_ops_holds_its_map() -> None:
    """It has no program of its own."""
    if running_kernel() < (6, 4):
        return
    with linked_struct_ops("bpfgen_linked") as (made, link):
        found = next(one for one in links(Bpf()) if one.id == id_of(link))
        shown = bpftool("link", "show", "id", str(id_of(link)))
        assert (found.type, found.map_id, found.program_id) == ("struct_ops", id_of(made), 0)
        assert fdinfo_of(link.fd).map_id == id_of(made)
        assert shown["id"] == found.id
        held = Census(Bpf()).of(id_of(made))
    assert [one.link for one in held.links] == [found]
    assert held.programs == ()


def test_what_is_gone_is_none(map: Descriptor) -> None:
    """A program that is unloaded isn't there, and listing goes on."""
    program = load_program([map])
    id = id_of(program)
    program.close()
    assert id not in [one.id for one in programs(Bpf())]
    assert id_of(map) in list(ids_of(Bpf(), MAP_GET_NEXT_ID))


def test_fdinfo_says_what_a_descriptor_is(map: Descriptor) -> None:
    """A map, a program, a link, and something else, each with what it holds."""
    program, link = link_to_netns(map)
    with program, link, create_map(3, key_size=4, value_size=4, max_entries=1) as jumps:
        found = fdinfo_of(map.fd)
        assert (found.what, found.frozen, found.owner_program_type) == (MAP, False, None)
        [shown] = [one for one in bpftool("map", "show") if one["id"] == found.id]
        assert found.memlock == shown["bytes_memlock"]
        assert shown["name"] == map_info(map.fd).name
        assert fdinfo_of(program.fd).what == PROGRAM
        held = fdinfo_of(link.fd)
        assert (held.what, held.program_id) == (LINK, id_of(program))
        with load_program([jumps]):
            owned = fdinfo_of(jumps.fd)
        assert (owned.what, owned.owner_program_type) == (MAP, SOCKET_FILTER)
    with open(os.devnull, "rb") as file:
        assert fdinfo_of(file.fileno()) == FdInfo()
    assert fdinfo_of(1 << 20) == FdInfo()
