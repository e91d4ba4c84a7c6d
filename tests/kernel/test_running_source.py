"""A running map as a source: imported and compiled again, it is the same map.

libbpf loads what is the first and what is the second; types are compared by name and by layout.
"""

from __future__ import annotations

import os
import random
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.decode import Btf
from bpfgen.btf.kinds import BTF_KIND_INT, BTF_KIND_STRUCT, BTF_KIND_UNION
from bpfgen.building import build_object
from bpfgen.cli import main
from bpfgen.compiler import Options, compile
from bpfgen.importer import import_object
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.live.fingerprint import btf_of
from bpfgen.live.source import object_of
from bpfgen.live.syscall import Bpf
from bpfgen.text.diagnostics import NOTE
from bpfgen.text.source import Source
from tests.fuzz.programs import Features, program
from tests.kernel.bpf_syscall import create_map, load_btf
from tests.kernel.random_maps import NUMBERS, btf, memory, random_definition
from tests.kernel.running import ARRAY, hold_again, id_of, loaded, running, too_new
from tests.kernel.test_differential_maps import open_map, possible_cpus
from tests.kernel.test_samples_kernel import LOADED, running_kernel
from tests.samples import built
from tests.tools import require_clang, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.object.running import RunningMap
    from tests.kernel.bpf_syscall import Descriptor

pytestmark = pytest.mark.kernel

SEED, COUNT = map(int, os.environ.get("BPFGEN_RUNNING", "1:4").split(":"))
"""Random programs whose types are those of maps that are imported."""

MOST_REFUSED = 60
"""How often a random map is tried of a kind."""

MOST_MEMORY = 1 << 20
"""Bytes that one of them may take."""


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()


@pytest.mark.parametrize("name", LOADED)
def test_what_is_imported_from_running_maps_makes_them_again(name: str) -> None:
    """Every map of the samples: the same numbers and the same types, by name and by layout."""
    with loaded(built(name), too_new(name)) as descriptors:
        hold_again(descriptors.values())


def test_values_of_random_types_are_imported_and_made_again() -> None:
    """Maps of all types of random programs; BPFGEN_RUNNING=SEED:COUNT tries others, or more."""
    require_clang()
    tried = 0
    for seed in range(SEED, SEED + COUNT):
        made = program(seed, Features(unopenable=False, map_extra_bits=32, declarations=8))
        text = f"{made.text}\nmap the_anchor: array<__u32, __u32>[1];\n"
        compilation = compile(Source("random.dsl", text), Options())
        data = None if made.imported else build_object(compilation, Options())[0]
        if data is None:
            continue
        with loaded(data, tuple(made.maps)) as descriptors:
            btf_id = running(descriptors["the_anchor"]).btf_id
            if not btf_id:  # the kernel refuses its types, which another test is about
                continue
            own = btf_of(Bpf(), btf_id)
            with load_btf(own) as held, ExitStack() as stack:
                maps = [stack.enter_context(map) for map in maps_of_types(held, Btf(own))]
                maps = [map for map in maps if is_expressible(running(map.fd))]
                if maps:
                    hold_again(map.fd for map in maps)
                    tried += len(maps)
    assert tried or COUNT < 4


def maps_of_types(held: Descriptor, types: Btf) -> Iterator[Descriptor]:
    """Yield a map with values of each struct and union of *types*, that the kernel takes."""
    integer = next(id for id in types.ids_of_kind(BTF_KIND_INT) if types.size(id) == 4)
    for type_id in types.ids_of_kind(BTF_KIND_STRUCT, BTF_KIND_UNION):
        if types.name(type_id) and 0 < types.size(type_id) <= 1 << 12:
            with suppress(OSError):
                yield create_map(
                    ARRAY,
                    key_size=4,
                    value_size=types.size(type_id),
                    max_entries=1,
                    map_name=f"values_{type_id}",
                    btf_fd=held.fd,
                    btf_key_type_id=integer,
                    btf_value_type_id=type_id,
                )


def is_expressible(found: RunningMap) -> bool:
    """Return whether a source can have the map: not all types of C can be in its arguments."""
    came = import_object(object_of(found), "random")
    return all(said.severity == NOTE for said in came.diagnostics)


def test_maps_of_random_numbers_are_imported_and_made_again() -> None:
    """One of every kind: sizes, entries and flags as bpf(2) takes them, with types and without."""
    require_clang()
    chance = random.Random(SEED)  # noqa: S311 -- test data
    with load_btf(btf()) as types, ExitStack() as stack:
        maps = []
        for kind in NUMBERS:
            for _ in range(MOST_REFUSED):
                wanted = random_definition(chance, kind)
                if wanted.inner is not None or memory(wanted, possible_cpus()) > MOST_MEMORY:
                    continue
                with suppress(OSError):
                    maps.append(stack.enter_context(open_map(wanted, types.fd)))
                    break
        known = [kind for kind in NUMBERS if MAP_KINDS[kind].since <= running_kernel()]
        assert len(maps) > len(known) - 6
        hold_again(map.fd for map in maps)


def test_what_a_running_map_needs(capfd: pytest.CaptureFixture[str]) -> None:
    """What it is needs kernels and loaders; sections and definitions are an object's."""
    with create_map(ARRAY, key_size=4, value_size=8, max_entries=1, map_name="needs_a") as made:
        word = f"id:{id_of(made)}"
        assert main(["kinds", "--needs", word]) == 0
    assert capfd.readouterr().out == f"{word} works on every kernel since Linux 3.19\n"
    kind = MAP_KINDS["inode_storage"]
    if kind.since > running_kernel():
        return
    with (
        load_btf(btf()) as types,
        create_map(
            kind.number,
            key_size=4,
            value_size=4,
            map_flags=1,
            btf_fd=types.fd,
            btf_key_type_id=1,
            btf_value_type_id=1,
        ) as made,
    ):
        word = f"id:{id_of(made)}"
        assert main(["kinds", "--needs", word]) == 0
    assert capfd.readouterr().out.splitlines()[-2:] == [
        f"{word} needs aya 0.14",
        f"   0.14  map `map_{word[3:]}`: an `inode_storage`",
    ]
