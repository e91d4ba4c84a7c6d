"""Maps that libbpf loaded are those of their source, and each change of the source is noticed.

The maps are made by libbpf from objects that clang compiled, and read back by bpf(2): what they are
comes from others. In what a changed source differs is found by looking at the models alone.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.kernel.btf_features import BTF_FEATURES
from bpfgen.live.machine import this_machine
from bpfgen.providers.prelude import Prelude
from bpfgen.resolve.file import resolve
from bpfgen.syntax.parser import parse
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source
from bpfgen.verify.fits import fits
from bpfgen.verify.running import verify_running
from tests.conformance import libbpf
from tests.kernel.changes import SOURCE, changes, differing
from tests.kernel.random_maps import DECLARATIONS, NUMBERS, memory, random_definition
from tests.kernel.random_types import RandomType
from tests.kernel.running import running as as_running
from tests.kernel.running_maps import (
    built,
    compiled,
    loaded,
    loaded_source,
)
from tests.kernel.test_samples_kernel import LOADED, running_kernel
from tests.samples import built as built_sample
from tests.samples import compiled as compiled_sample
from tests.tools import require_clang, require_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.model import Model
    from bpfgen.object.running import RunningMap
    from tests.kernel.random_maps import Definition

pytestmark = pytest.mark.kernel

CHANGES = int(os.environ.get("BPFGEN_CHANGES", "150"))
"""How many single changes are tried; 1,000 are all."""

SEED, RANDOM_MAPS = (int(n) for n in os.environ.get("BPFGEN_RUNNING", "1:120").split(":"))
"""Random definitions and types: the seed, and how many."""

MOST = 1 << 20
"""Bytes that one random map may take."""

NEVER_SHOWN = {"pinning", "numa_node"}


def noticed(model: Model, running: RunningMap) -> tuple[list[str], set[str]]:
    """Return in what *running* differs from *model*, and what couldn't be compared."""
    verified = verify_running(model, running, None, this_machine())
    differences = [said.message for said in verified.differences]
    return differences, {one.what for one in verified.uncompared}


@pytest.mark.parametrize("name", LOADED)
def test_maps_of_samples_are_as_declared(name: str) -> None:
    """No map of a sample differs from its declaration, and its contents can be read with it."""
    model = compiled_sample(name).model
    with loaded(model, built_sample(name)) as descriptors:
        for map, fd in descriptors.items():
            running = as_running(fd)
            differences, left = noticed(model, running)
            assert differences == [], map
            assert left >= NEVER_SHOWN
            assert fits(model, running) == []


def test_each_change_is_noticed_or_could_not_be() -> None:
    """A changed declaration is told from the running map, or the part is listed as not compared.

    A declaration that wasn't changed never is.
    """
    tried = 0
    chance = Random(SEED)  # noqa: S311 -- not for secrets
    all_changes = list(changes())
    chance.shuffle(all_changes)
    with loaded_source(SOURCE) as (model, running):
        for map in running.values():
            assert noticed(model, map)[0] == []
        for what, text in all_changes:
            changed = _model_or_none(text)
            if changed is None:
                continue
            parts = differing(model, changed)
            if not parts:
                continue
            tried += 1
            for name, map in running.items():
                if name not in parts and chance.randrange(8):
                    continue  # all of them would take long
                differences, left = noticed(changed, map)
                if name in parts:
                    missed = [part for part in parts[name] if not _is_listed(part, left)]
                    assert differences or not missed, f"{what}: {name}: {missed}"
                elif any(one.name == name for one in changed.maps):
                    assert not differences, f"{what}: {name}: {differences}"
            if tried == CHANGES:
                break
    assert tried >= min(CHANGES, 400)


def _model_or_none(text: str) -> Model | None:
    """Return the model of *text*, whatever rules would say; None where it is no source."""
    report = Report()
    model = resolve(parse(Source("changed.dsl", text), report), report, Prelude.shared())
    return None if report.failed else model


def _is_listed(part: str, left: set[str]) -> bool:
    """Whether *part*, a flag of it or what it is in is among what is *left*."""
    above = part.rpartition(".")[0]
    return part in left or above in left or any(one.startswith(f"{part}.") for one in left)


@contextmanager
def _random_maps(seed: int, count: int) -> Iterator[tuple[Model, dict[str, RunningMap]]]:
    """Give random maps of all kinds that libbpf could load, as the kernel says them."""
    require_root()
    chance = Random(seed)  # noqa: S311 -- not for secrets
    declarations = ""
    found = 0
    kinds = list(NUMBERS)
    for number in range(40 * count):
        definition = random_definition(chance, kinds[number % len(kinds)])
        text = f"map m{found}: {definition.shape()}\n"
        if not _is_loadable(definition, text):
            continue
        if definition.kind == "arena":  # libbpf takes one an object
            kinds.remove("arena")
        declarations += text
        found += 1
        if found == count:
            break
    compilation = compiled(DECLARATIONS + declarations)
    data = built(compilation)
    model = compilation.model
    # What this kernel's limits or this machine's memory refuse is left out.
    refused: set[str] = set()
    while True:
        with libbpf.open_object(data) as opened:
            for name in refused:
                opened.set_autocreate(name, autocreate=False)
            try:
                descriptors = opened.load()
            except libbpf.LibbpfError as error:
                names = re.findall(r"map '(\w+)(?:\.inner)?': failed to create", str(error))
                if not names or len(refused) > count / 4:
                    raise
                refused.update(names)
                continue
            yield model, {name: as_running(fd) for name, fd in descriptors.items()}
            return


def _is_loadable(definition: Definition, text: str) -> bool:
    kernel = running_kernel()
    if sum(memory(one, 64) for one in (definition, definition.inner) if one is not None) > MOST:
        return False
    compilation = compile(Source("one.dsl", DECLARATIONS + text), Options(kernel=kernel))
    return not any(said.severity == "error" for said in compilation.diagnostics)


def test_random_maps_are_as_declared() -> None:
    """Maps of all kinds, sizes and flags differ in nothing from the source that they are of."""
    kinds = set()
    with _random_maps(SEED, RANDOM_MAPS) as (model, running):
        for name, map in running.items():
            kinds.add(map.kind_name)
            assert noticed(model, map)[0] == [], name
            assert fits(model, map) == [], name
    assert len(kinds) >= 28


def test_random_types_are_as_declared() -> None:
    """Types near the limits of what the kernel takes differ in nothing either.

    From the kernel on that takes all kinds of BTF, every one of them is compared.
    """
    chance = Random(SEED)  # noqa: S311 -- not for secrets
    require_root()
    require_clang()
    text = ""
    for number in range(RANDOM_MAPS):
        type = RandomType(chance, number)
        more = f"{type.text}map m{number}: hash<__u32, {type.name}>[1];\n"
        said = compile(Source("t.dsl", more), Options(kernel=running_kernel())).diagnostics
        if not any(each.severity == "error" or each.code == "btf-refused" for each in said):
            text += more
    with loaded_source(text) as (model, running):
        assert len(running) > RANDOM_MAPS / 4
        for name, map in running.items():
            differences, left = noticed(model, map)
            assert differences == [], name
            assert left == NEVER_SHOWN or running_kernel() < BTF_FEATURES["ENUM64"].since, name
            assert fits(model, map) == [], name
