"""The category `pin` against loaders, which are to take the maps that the old object has pinned.

libbpf loads the C of OLD, which pins its maps, and then the C of NEW, a map at a time; cilium/ebpf
is asked for `Compatible`. What they say of each is what `breaking` has to say, in both directions.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen.building import build_object
from bpfgen.changes.categories import Asked, compare
from bpfgen.changes.pin.differences import defined_by
from bpfgen.changes.pin.pinned import pins as pins_map
from bpfgen.changes.rules import PIN
from bpfgen.compiler import Options, compile
from bpfgen.kernel.made import clamped_entries
from bpfgen.kernel.reuse import asked, refused_by_cilium, shown
from bpfgen.live.machine import this_machine
from bpfgen.record import replace as record_replace
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of
from bpfgen.text.source import Source
from tests.changes.mutations import OF_MAPS, changes
from tests.changes.program import replaced
from tests.compiled import MACROS, compile_c
from tests.conformance import libbpf
from tests.conformance.libbpf import LibbpfError
from tests.kernel.pinned_go import compatible
from tests.kernel.pinned_pairs import Versions, versions
from tests.tools import require_clang, require_root
from tests.user_space.loaders import outcomes

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.compiler import Compilation
    from bpfgen.model.maps import Map
    from tests.changes.program import Program

pytestmark = pytest.mark.kernel

SEED, COUNT = (int(word) for word in os.environ.get("BPFGEN_PIN_PROOF", "14:120").split(":"))
"""Other pairs, and more of them, are tried by `BPFGEN_PIN_PROOF=7:3000`."""

AT_ONCE = 40
"""Maps of an object."""

DEVICE_MAPS = ("devmap", "devmap_hash")
"""libbpf before 1.7 takes one only for a map with BPF_F_RDONLY_PROG, which no kernel makes."""

UNSHOWN = 1 << 3 | 1 << 4
"""BPF_F_RDONLY and BPF_F_WRONLY, which the kernel doesn't show."""


@pytest.fixture(autouse=True)
def _root() -> None:
    require_root()
    require_clang()


class Loaded(NamedTuple):
    """What came of a map of an object."""

    is_there: bool
    is_refused: bool
    """What is pinned was refused, not the map itself."""


def load(data: bytes, name: str, pins: Path) -> Loaded:
    """Load the map *name* of the object *data* alone."""
    with libbpf.open_object(data, pin_root_path=str(pins)) as opened:
        for map in opened.maps():
            opened.set_autocreate(map.name, autocreate=map.name == name)
        try:
            is_there = name in opened.load()
        except LibbpfError:
            is_there = False
        return Loaded(is_there, any("couldn't reuse pinned map" in one for one in opened.messages))


def found(both: Versions, cpus: int | None) -> dict[str, set[str]]:
    """Return the codes of what `pin` finds, by map."""
    wanted = Asked((PIN,), cpus=cpus, page=os.sysconf("SC_PAGE_SIZE"))
    codes: dict[str, set[str]] = {map.name: set() for map in both.old.maps}
    for finding in compare(both.old, both.new, wanted):
        for name in finding.maps:
            codes[name].add(finding.code)
    return codes


def is_never_taken(map: Map, cpus: int) -> bool:
    """Return whether libbpf doesn't take the pinned *map* even for itself, and why is known."""
    flags = map.shape.attributes.get("map_flags")
    entries = map.shape.attributes.get("max_entries")
    number = 0 if flags is None or flags.value is None else flags.value
    if number & UNSHOWN:
        return True
    if map.shape.kind.lru and number & 2 and entries is not None and entries.value is not None:
        return entries.value % cpus != 0
    return False


def test_libbpf_takes_what_breaks_nothing(pins: Path) -> None:
    """Thousands of pairs with another seed; of these, each refusal is a finding and none more."""
    chance = random.Random(SEED)  # noqa: S311 -- reproducible, nothing secret
    machine = this_machine()
    tried = taken = refused = 0
    while tried < COUNT:
        both = versions(chance, min(AT_ONCE, COUNT), machine.cpus, machine.kernel)
        old, new = compile_c(both.old_c), compile_c(both.new_c)
        codes, codes_anywhere = found(both, machine.cpus), found(both, None)
        is_old = libbpf.version() < (1, 7)
        for map, other in zip(both.old.maps, both.new.maps, strict=True):
            name = map.name
            if is_old and {map.shape.kind.name, other.shape.kind.name} & {*DEVICE_MAPS}:
                continue
            if not load(old, name, pins).is_there:
                continue  # a machine may have no such NUMA node
            tried += 1
            is_taken = not load(old, name, pins).is_refused
            assert is_taken or is_never_taken(map, machine.cpus), both.old_c
            done = load(new, name, pins)
            what = f"seed {SEED}: {name}: {codes[name]}, {done}\n{_lines(both, name)}"
            mismatches = codes[name] - {"break-pin-unpinned"}
            if mismatches:
                assert done.is_refused, what
                assert codes_anywhere[name], what
            elif done.is_refused:
                assert not is_taken, what
            if "break-pin-unpinned" in codes[name]:
                assert (pins / name).exists(), what
            taken, refused = taken + (not done.is_refused), refused + done.is_refused
            (pins / name).unlink(missing_ok=True)
    assert taken > COUNT // 5
    assert refused > COUNT // 5


_NUMA_NODE = re.compile(r"__uint\(numa_node, \w+\);")
"""A field that cilium/ebpf doesn't know, and nobody compares."""


def test_cilium_takes_what_is_compatible(pins: Path, tmp_path: Path) -> None:
    """Why it doesn't take a map is known to the number; none of it is left out of a finding."""
    chance = random.Random(SEED + 1)  # noqa: S311 -- reproducible, nothing secret
    machine = this_machine()
    cpus, page = machine.cpus, machine.page
    tried = refused = 0
    while tried < COUNT:
        both = versions(chance, min(AT_ONCE, COUNT), cpus, machine.kernel)
        old = compile_c(both.old_c)
        new = compile_c(_NUMA_NODE.sub("", both.new_c))
        codes = found(both, cpus)
        for map in both.old.maps:
            load(old, map.name, pins)
        said = compatible(new, pins, tmp_path)
        for map, other in zip(both.old.maps, both.new.maps, strict=True):
            name = map.name
            if name not in said:
                continue
            tried += 1
            own, wanted = (bpf_attrs_of(one)[0] for one in (map, other))
            there = shown(own.kind, asked(own.kind, defined_by(own), page, cpus), cpus)
            differ = refused_by_cilium(other.shape.kind, there, defined_by(wanted), cpus)
            what = f"seed {SEED + 1}: {name}: {differ}, {said[name]}\n{_lines(both, name)}"
            if "" in said[name]:  # a size that none of the kind has
                assert codes[name] or not pins_map(other), what
                (pins / name).unlink()
                continue
            assert set(said[name]) == {one for one, _, _ in differ}, what
            for one, number, other_number in differ:
                numbers = str(number), str(other_number)
                assert one == "type" or said[name][one] == numbers, what
            if (
                said[name]
                and pins_map(map)
                and pins_map(other)
                and not _is_for_libbpf_alone(map, other, cpus)
            ):
                assert codes[name], what
            refused += bool(said[name])
            (pins / name).unlink()
    assert COUNT // 5 < refused < COUNT * 4 // 5


def test_aya_takes_whatever_is_there(pins: Path, tmp_path: Path) -> None:
    """And has a map then that isn't what it has read: of another kind, size, number and flags."""
    text = (
        "struct {{ __uint(type, {}); __type(key, __u32); __uint(value_size, {});"
        " __uint(max_entries, {}); __uint(map_flags, {}); __uint(pinning, 1); }}"
        ' breaking_taken SEC(".maps");'
    )
    load(compile_c(MACROS + text.format(1, 8, 4, 0)), "breaking_taken", pins)
    object = tmp_path / "new.o"
    object.write_bytes(compile_c(MACROS + text.format(2, 16, 5, 0x400)))
    done = outcomes("aya", [object], {object: pins})[object]
    assert (done.stage, done.why) == ("", "")
    (made,) = done.made
    assert (made.type, made.value_size, made.max_entries, made.map_flags) == (1, 8, 4, 0)
    assert done.seen["breaking_taken"].value_size == 16


SOURCES = max(8, COUNT // 10)


def test_sources_with_types(pins: Path) -> None:
    """Structs that grow, constants, names: libbpf loads what bpfgen makes of whole sources."""
    tried: Counter[str] = Counter()
    for change in changes(SEED, SOURCES, names=NAMES):
        old, new = _pinned(change.old, change.new)
        if any(one.linkage == "extern" for one in (*old.maps, *new.maps)):
            continue  # of which the linker makes something first
        compilations = [_compiled(one.text()) for one in (old, new)]
        before, after = (_object(one) for one in compilations)
        models = [one.model for one in compilations]
        codes = found(Versions(models[0], models[1], old.text(), new.text()), this_machine().cpus)
        following = {map.name: map for map in models[1].maps}
        for map in models[0].maps:
            other, said = following.get(map.name), codes.get(map.name, set())
            what = f"{change.seed}: {map.name}: {said}\n{old.text()}\n{new.text()}"
            if not pins_map(map):
                assert not said, what
            if not load(before, map.name, pins).is_there or not pins_map(map):
                continue
            if other is None:
                expected = ({"break-pin-gone"}, {"break-pin-renamed"})
                assert said in expected, what
            elif not pins_map(other):
                assert said == {"break-pin-unpinned"}, what
            elif not _is_left_to_the_loader(other) and map.shape.kind.name not in DEVICE_MAPS:
                is_taken = not load(before, map.name, pins).is_refused
                assert load(after, map.name, pins).is_refused == bool(said) or not is_taken, what
            tried |= Counter(said or ["taken"])
            (pins / map.name).unlink(missing_ok=True)
    assert len(tried) > 2, tried


NAMES = (*OF_MAPS, "member-inserted", "member-removed", "constant-value")


def _pinned(old: Program, new: Program) -> tuple[Program, Program]:
    """Return both with all maps pinned, but for those that are on one side only."""
    was, now = ({one.name: one.shape.is_pinned for one in side.maps} for side in (old, new))
    kept = {name for name in was if name in now and was[name] != now[name]}

    def of(program: Program) -> Program:
        for one in program.maps:
            if one.name not in kept:
                shape = one.shape._replace(is_pinned=True)
                program = replaced(program, one, one._replace(shape=shape))
        return program

    return of(old), of(new)


def _compiled(text: str) -> Compilation:
    compilation = compile(Source("maps.dsl", text), Options(kernel=this_machine().kernel))
    return record_replace(compilation, diagnostics=[])


def _object(compilation: Compilation) -> bytes:
    data, diagnostics = build_object(compilation)
    assert data is not None, diagnostics
    return data


def _is_left_to_the_loader(map: Map) -> bool:
    return any(one.value is None for one in map.shape.attributes.values())


def _is_for_libbpf_alone(old: Map, new: Map, cpus: int) -> bool:
    """Return whether cilium/ebpf makes another map of the same source, or takes none for itself."""
    kind, entries = old.shape.kind, old.shape.attributes.get("max_entries")
    if entries is not None and clamped_entries(kind, entries.value or 0, cpus) != entries.value:
        return True
    return new.shape.kind.entries.pages or is_never_taken(old, cpus)


def _lines(both: Versions, name: str) -> str:
    texts = (both.old_c, both.new_c)
    return "\n".join(line for text in texts for line in text.splitlines() if f" {name} " in line)
