"""The category `link` against libbpf's linker: whether objects of OLD go with those of NEW.

Random sources and what became of them, compiled by clang; what links with OLD, and can be opened,
must link with NEW exactly where `link` finds nothing.
"""

from __future__ import annotations

import os
import subprocess
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import Asked, compare
from bpfgen.compiler import compile
from bpfgen.text.source import Source
from tests.changes.linker import partners, refusal
from tests.changes.mutations import changes
from tests.changes.objects import compiled
from tests.changes.test_link import CHANGES, MAPS, SKIPPED, STRUCTS, valued
from tests.tools import clang_program

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.model.model import Model

SEED = int(os.environ.get("BPFGEN_RANDOM_SEED", "2"))
COUNT = int(os.environ.get("BPFGEN_RANDOM_PAIRS", "40"))
BATCH = 10
"""Pairs that one run of clang compiles."""

CONTEXTS = "struct xdp_md { int x; };\nstruct __sk_buff { int x; };\n"


def model(text: str) -> Model:
    """Return the model of *text*, whatever the rules say of it."""
    return compile(Source("maps.dsl", text)).model


def test_what_has_no_finding_links(tmp_path: Path) -> None:
    """And what has one is refused, in one order of the objects at least."""
    outcomes = {True: 0, False: 0}
    pairs = enumerate(changes(SEED, COUNT))
    while batch := list(islice(pairs, BATCH)):
        models = {}
        for number, change in batch:
            models[f"old{number}"] = model(change.old_text)
            models[f"new{number}"] = model(change.new_text)
            for at, partner in enumerate(partners(change.old)):
                models[f"partner{number}_{at}"] = model(partner.text())
        objects = compiled(models, tmp_path)
        for number, change in batch:
            old, new = objects[f"old{number}"], objects[f"new{number}"]
            others = [one for name, one in objects.items() if name.startswith(f"partner{number}_")]
            text = f"{change.seed}: {change.what}\n{change.old_text}-----\n{change.new_text}"
            refusals = [
                refusal(tmp_path, new, one) or refusal(tmp_path, one, new) for one in others
            ]
            assert not any(refusal(tmp_path, old, one) for one in others), text
            before, after = models[f"old{number}"], models[f"new{number}"]
            found = compare(before, after, Asked(("link",)))
            known = {map.name for map in before.maps}
            wanted = {map.name for map in after.maps if map.linkage == "extern"} - known
            if wanted and not found:
                continue  # what NEW alone wants of other objects is no finding: docs/breaking.md
            assert bool(found) == any(refusals), f"{text}\n{found}\n{refusals}"
            outcomes[bool(found)] += 1
    assert min(outcomes.values()) > COUNT // 10, outcomes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("struct xdp_md *c", "struct xdp_md *other"),
        ("struct xdp_md *c", "struct __sk_buff *c"),
        ("struct xdp_md *c", "const struct xdp_md *c"),
        ("struct xdp_md *c", "void *c"),
        ("struct xdp_md *c", "struct xdp_md *c, int n"),
        ("int *c", "unsigned int *c"),
        ("int *c", "__u64 *c"),
        ("int *c", "int c"),
    ],
)
def test_programs_in_slots(old: str, new: str, tmp_path: Path) -> None:
    """An object that defines a program goes with the slots that name it, or not, as `link` says."""
    map = "map m: prog_array[4] = { [0] = tail };\n"
    before, after = (model(f"{CONTEXTS}int tail({one});\n{map}") for one in (old, new))
    objects = compiled({"old": before, "new": after}, tmp_path)
    function = f'__attribute__((section("xdp"), used)) int tail({old}) {{ return 0; }}\n'
    text = f"typedef unsigned long long __u64;\n{CONTEXTS}{function}"
    (tmp_path / "program.c").write_text(text, encoding="utf-8")
    words = [clang_program(), "-g", "-O2", "-target", "bpf", "-w", "-c", "program.c"]
    subprocess.run(words, cwd=tmp_path, check=True)
    program = tmp_path / "program.o"
    assert not refusal(tmp_path, objects["old"], program)
    found = compare(before, after, Asked(("link",)))
    assert bool(found) == bool(refusal(tmp_path, objects["new"], program)), found


def test_single_changes(tmp_path: Path) -> None:
    """What the tests of the rules say of members and maps is what the linker says."""
    pairs = [(valued(old, STRUCTS), valued(new, STRUCTS)) for old, new in SKIPPED]
    pairs += [(valued(old, STRUCTS), valued(new, STRUCTS)) for old, new, _message in CHANGES]
    pairs += [(old, new) for old, new, _code in MAPS if "extern" not in old and "weak" not in old]
    models = {}
    for number, (old, new) in enumerate(pairs):
        models[f"partner{number}"] = model(old.replace("map m", "extern map m"))
        models[f"new{number}"] = model(new)
    objects = compiled(models, tmp_path)
    for number, (old, new) in enumerate(pairs):
        said = refusal(tmp_path, objects[f"new{number}"], objects[f"partner{number}"])
        found = compare(model(old), models[f"new{number}"], Asked(("link",)))
        assert bool(found) == bool(said), (old, new, found, said)
