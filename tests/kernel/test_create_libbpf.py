"""Maps that are made straight from a source, and those that libbpf makes of its object: the same.

The witness is libbpf with the object that clang has compiled of the source: kind, numbers, flags,
name and types of each map as the kernel tells them, and whether it has types at all.
"""

from __future__ import annotations

import os
import random
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.ctype.types import Composite
from bpfgen.kernel.special_fields import OPAQUE_STRUCTS
from bpfgen.live.creating import create
from bpfgen.live.fingerprint import btf_of
from bpfgen.live.machine import this_machine
from bpfgen.live.planned import planned_maps
from bpfgen.live.syscall import Bpf
from bpfgen.record import replace
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import map_info
from tests.kernel.random_maps import DECLARATIONS, memory, random_definition
from tests.kernel.random_types import RandomType
from tests.kernel.test_samples_kernel import LOADED
from tests.samples import compiled
from tests.tools import require_clang, require_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.compiler import Compilation
    from bpfgen.ctype.types import Type
    from bpfgen.kernel.version import KernelVersion
    from tests.kernel.bpf_syscall import MapInfo
    from tests.kernel.random_maps import Definition

pytestmark = pytest.mark.kernel

SEED, COUNT = (
    int(word) for word in os.environ.get("BPFGEN_DIFFERENTIAL_CREATE", "13:60").split(":")
)
"""Others are tried by `BPFGEN_DIFFERENTIAL_CREATE=7:1000`."""

MOST = 1 << 20
"""Bytes that one of the random maps may take: there are many of them at once."""


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()
    require_clang()


@pytest.mark.parametrize("name", LOADED)
def test_the_maps_of_the_samples(name: str) -> None:
    """Every sample that libbpf loads."""
    _compare(compiled(name))


def test_random_maps() -> None:
    """Random maps that the rules take, warnings or not, sixty to an object."""
    chance = random.Random(SEED)  # noqa: S311 -- reproducible, nothing secret
    tried = 0
    while tried < COUNT:
        found: list[Definition] = []
        while len(found) < min(60, COUNT):
            definition = random_definition(chance)
            parts = [part for part in (definition, definition.inner) if part]
            if definition.kind != "arena" and all(memory(part, 2) < MOST for part in parts):
                found.append(definition)
        lines = [f"map m{index}: {one.shape()}\n" for index, one in enumerate(found)]
        said = compile(Source("r.dsl", DECLARATIONS + "".join(lines)), Options(kernel=_kernel()))
        # Which NUMA nodes there are, the rules can't know; no entries may be more when it's loaded.
        wrong = {
            diagnostic.map
            for diagnostic in said.diagnostics
            if diagnostic.severity == "error" or diagnostic.code in ("numa-node", "max-entries")
        }
        kept = [line for index, line in enumerate(lines) if f"m{index}" not in wrong]
        options = Options(kernel=_kernel())
        compilation = compile(Source("r.dsl", DECLARATIONS + "".join(kept)), options)
        assert not compilation.failed
        _compare(compilation)
        tried += len(kept)


def test_random_types() -> None:
    """Random types, among them some that a kernel refuses: then both make the map without."""
    chance = random.Random(SEED)  # noqa: S311 -- reproducible, nothing secret
    without = 0
    for number in range(max(1, COUNT // 2)):
        type = RandomType(chance, number)
        text = f"{type.text}map m: hash<__u32, {type.name}>[1];\nmap o: lru_hash<__u32, int>[2];\n"
        compilation = compile(Source("t.dsl", text), Options(kernel=_kernel()))
        compilation = replace(compilation, diagnostics=[])
        data, _diagnostics = build_object(compilation)
        if data is not None:  # else libbpf refuses the definition
            without += _compare(compilation, data)
    assert COUNT < 20 or 0 < without < COUNT


def test_a_struct_of_the_kernel_behind_a_kptr() -> None:
    """It is looked up by its name, and the map has the field: it can't be frozen."""
    text = """\
    struct entry { struct task_struct __kptr *task; struct bpf_timer timer; };
    map tasks: hash<__u32, struct entry>[4];
    """
    model = compile(Source("k.dsl", text), Options(kernel=_kernel())).model
    planned = planned_maps(model, this_machine())
    with create(model, planned, kernel=_kernel()) as creation:
        assert not creation.refusals
        (made,) = creation.maps
        assert made.types == "kept"
        refusal = creation.try_freezing(["tasks"])
        assert refusal is not None
        assert refusal.error.errno == 524
        entry = _types(map_info(made.map.fileno()))[1]
        assert isinstance(entry, Composite)
        assert [member.name for member in entry.members] == ["task", "timer"]


def _kernel() -> KernelVersion:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def _compare(compilation: Compilation, data: bytes | None = None) -> bool:
    """Fail where a map of ours isn't libbpf's; return whether one has lost its types."""
    model = compilation.model
    if data is None:
        data, diagnostics = build_object(compilation)
        assert data is not None, diagnostics
    too_new = {map.name for map in model.maps if map.shape.kind.since > _kernel()}
    # A map-in-map that doesn't say what is in it, no loader makes by itself.
    bare = {m.name for m in model.maps if m.shape.kind.of_maps and m.shape.inner is None}
    planned = [one for one in planned_maps(model, this_machine()) if one.name not in too_new | bare]
    with ExitStack() as stack:
        creation = stack.enter_context(create(model, planned, kernel=_kernel()))
        assert not creation.refusals, [(r.step, r.map, r.error) for r in creation.refusals]
        opened = stack.enter_context(libbpf.open_object(data))
        for name in too_new | bare:
            opened.set_autocreate(name, autocreate=False)
        for map in model.maps:
            opened.forget_pin_path(map.name)
        theirs = opened.load()
        ours = {made.planned.name: made.map.fileno() for made in creation.maps}
        assert set(ours) == {map.name for map in model.maps} - too_new - bare
        _same_maps(ours, theirs)
        for made in creation.maps:
            has_types = map_info(ours[made.planned.name]).btf_id != 0
            assert (made.types == "kept") == has_types
        return any(made.types == "refused" for made in creation.maps)


def _same_maps(ours: Mapping[str, int], theirs: Mapping[str, int]) -> None:
    read: dict[int, BtfTypes] = {}
    for name, fd in ours.items():
        made, loaded = map_info(fd), map_info(theirs[name])
        numbers = [
            info._replace(btf_id=0, btf_key_type_id=0, btf_value_type_id=0)
            for info in (made, loaded)
        ]
        assert numbers[0] == numbers[1], name
        assert _spelled(_types(made, read)) == _spelled(_types(loaded, read)), name


_TAGS = "|".join(sorted(OPAQUE_STRUCTS))
_OPAQUE = re.compile(rf"(Composite\(kind='struct', tag='(?:{_TAGS})', members=)\(.*?\)(, size=)")
"""Members of the kernel's own structs: those of the headers that clang has here."""
_KPTR = re.compile(r"(Named\(kind='struct', name='\w+'), forward=\w+(\), tag='kptr)")
"""An object without vmlinux.h only declares the structs of the kernel; ours are looked up."""
_ENUM = re.compile(r"(Enum\(tag='\w+', size=\d+), signed=\w+")
"""clang calls an enum unsigned whose base is written as a typedef; ours is as declared."""


def _spelled(types: object) -> str:
    """Return all that *types* are, but for the ids by which each BTF calls others."""
    text = _ENUM.sub(r"\1", re.sub(r", type_id=\d+", "", repr(types)))
    return _KPTR.sub(r"\1\2", _OPAQUE.sub(r"\1()\2", text))


def _types(
    info: MapInfo, read: dict[int, BtfTypes] | None = None
) -> tuple[Type | None, Type | None]:
    """Return the types of key and value as the kernel's BTF has them."""
    if not info.btf_id:
        return None, None
    read = {} if read is None else read
    if info.btf_id not in read:
        read[info.btf_id] = BtfTypes(Btf(btf_of(Bpf(), info.btf_id)))
    types = read[info.btf_id]
    key, value = (
        types.type(id) if id else None for id in (info.btf_key_type_id, info.btf_value_type_id)
    )
    return key, value
