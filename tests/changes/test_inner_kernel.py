"""The category `inner` against the kernel: whether a new map of maps takes an old inner map.

Random sources and what became of them: the maps of one version, made by libbpf of an object that
clang compiled, are stored in maps of maps of the other version, whose inner definitions say what
those maps are. Every map of a source is tried, in both directions.
"""

from __future__ import annotations

import os
import struct
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import Asked, compare
from bpfgen.compiler import compile
from bpfgen.text.source import Source
from tests.changes.mutations import changes
from tests.changes.objects import compiled
from tests.changes.program import RUNTIME, Map, Program, Shape
from tests.conformance.libbpf import LibbpfError, open_object
from tests.kernel.bpf_syscall import create_map, update_element
from tests.kernel.running import id_of
from tests.tools import require_root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.changes.conftest import Outcome
    from tests.changes.mutations import Change
    from tests.changes.program import Declaration
    from tests.kernel.bpf_syscall import Descriptor

pytestmark = pytest.mark.kernel

SEED = int(os.environ.get("BPFGEN_RANDOM_SEED", "3"))
COUNT = int(os.environ.get("BPFGEN_RANDOM_PAIRS", "50"))
BATCH = 10
"""Pairs that one run of clang compiles."""

FORMS = [(side, form) for side in ("old", "new") for form in ("plain", "outer")]


def test_the_kernel_stores_what_has_no_finding(tmp_path: Path) -> None:
    """A map is stored, in both directions, exactly where `inner` finds nothing of it."""
    require_root()
    outcomes = {True: 0, False: 0}
    pairs = changes(SEED, COUNT, must_compile=False)
    while batch := list(islice(pairs, BATCH)):
        sides = {
            (change.seed, *form): compile(Source("maps.dsl", text_of(change, *form)))
            for change in batch
            for form in FORMS
        }
        good = [change for change in batch if not any(sides[change.seed, *f].failed for f in FORMS)]
        models = {
            file_of(change, *form): sides[change.seed, *form].model
            for change in good
            for form in FORMS
        }
        compiled(models, tmp_path)
        for change in good:
            old, new = (models[file_of(change, side, "outer")] for side in ("old", "new"))
            found = compare(old, new, Asked(("inner",)))
            broken = {name for finding in found for name in finding.maps}
            for name, verdicts in tried(change, tmp_path).items():
                text = f"{change.seed}: {name}: {change.what}: {verdicts}\n"
                text += f"{text_of(change, 'old', 'outer')}-----\n{text_of(change, 'new', 'outer')}"
                assert set(verdicts) == {name not in broken}, f"{text}{found}"
                outcomes[name in broken] += 1
    assert min(outcomes.values()) > COUNT // 10, outcomes


def file_of(change: Change, side: str, form: str) -> str:
    """Return the name of an object without its suffix."""
    return f"{change.seed.replace('/', '_')}_{side}_{form}"


def text_of(change: Change, side: str, form: str) -> str:
    """Return one version (*side*) with its maps as they are, or each as inner map of another."""
    program = change.old if side == "old" else change.new
    declarations: list[Declaration] = []
    for one in program.declarations:
        if isinstance(one, Map):
            shape = (one.shape.inner or one.shape)._replace(is_pinned=False)
            if shape.entries == RUNTIME:
                shape = shape._replace(entries=16)
            if form == "outer":
                shape = Shape("array_of_maps", key="__u32", entries=1, inner=shape)
            declarations.append(Map(one.name, shape))
        else:
            declarations.append(one)
    return Program(tuple(declarations)).text()


def tried(change: Change, folder: Path) -> dict[str, list[bool]]:
    """Return for each map whether each version takes the other's; nothing if one can't be made."""
    with ExitStack() as stack:
        fds: dict[tuple[str, str], dict[str, int]] = {}
        for form in FORMS:
            data = (folder / f"{file_of(change, *form)}.o").read_bytes()
            try:
                fds[form] = stack.enter_context(open_object(data)).load()
            except LibbpfError:
                return {}
        names = set.intersection(*(set(one) for one in fds.values()))
        return {
            name: [
                stores(fds[outer, "outer"][name], fds[stored, "plain"][name])
                for outer, stored in (("new", "old"), ("old", "new"))
            ]
            for name in sorted(names)
        }


def stores(outer: int, inner: int) -> bool:
    """Return whether the kernel stores the map *inner* in *outer*, both by their descriptors."""
    try:
        update_element(outer, bytes(4), struct.pack("=I", inner))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("numbers", "same", "other"),
    [
        ((14, 4, 4, 4, 0), "devmap<__u32, __u32>[4]", "devmap<__u32, __u64>[4]"),
        ((2, 4, 8, 4, 0), "array<__u32, __u64>[4]", "array<__u32, __u64>[5]"),
        ((1, 4, 8, 4, 1), "hash<__u32, __u64>[9] { map_flags = 1; }", "hash<__u32, __u64>[4]"),
    ],
)
def test_a_map_that_runs_as_old(
    numbers: tuple[int, int, int, int, int],
    same: str,
    other: str,
    bpfgen: Callable[..., Outcome],
    tmp_path: Path,
) -> None:
    """What is in it says what it takes; what the kernel made of flags is no change."""
    require_root()
    kind, key, value, entries, flags = numbers
    made = create_map(kind, key_size=key, value_size=value, max_entries=entries, map_flags=flags)
    with made as inner, outer_of(inner) as outer:
        assert stores(outer.fd, inner.fd)
        for shape, status in ((same, 0), (other, 1)):
            text = f"map breaking_inner: array_of_maps<__u32, {shape}>[2];\n"
            (tmp_path / "new.dsl").write_text(text, encoding="utf-8")
            words = ("breaking", f"id:{id_of(outer)}", "new.dsl", "--categories", "inner")
            outcome = bpfgen(*words)
            assert outcome.status == status, outcome


def outer_of(inner: Descriptor) -> Descriptor:
    """Return a map of maps like *inner*."""
    return create_map(
        12,
        key_size=4,
        value_size=4,
        max_entries=2,
        inner_map_fd=inner.fd,
        map_name="breaking_inner",
    )
