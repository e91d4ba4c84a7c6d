"""Generated Go against the real Go: gofmt, vet for four machines, staticcheck, and a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import compile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.text.source import Source
from tests.rulebook.test_rulebook import programs
from tests.samples import SAMPLES, compiled
from tests.tools import require
from tests.user_space.commands import run
from tests.user_space.go import environment, go, go_module, staticcheck

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.model.model import Model

MACHINES = ("amd64", "arm64", "386", "s390x")
"""64-bit machines, one that aligns 64-bit numbers to 4, and one that is big-endian."""

MODES = ({}, {"accessors": ("",)})


def models() -> dict[str, Model]:
    """Return the models of all samples and of the programs of the rule book that compile."""
    found = {}
    for path in sorted(SAMPLES.glob("*.dsl")):
        found[path.stem] = compiled(path.name).model
    for name, text in programs():
        compilation = compile(Source(f"{name.replace('-', '_')}.dsl", text))
        if not compilation.failed:
            found[name.replace("-", "_")] = compilation.model
    return found


def test_everything_is_clean(tmp_path: Path) -> None:
    """What Go's tools say of every sample and every program of the rule book: nothing."""
    files = {}
    refused = []
    for name, model in models().items():
        for mode, settings in enumerate(MODES):
            try:
                text = BACKENDS["go"].emit(model, settings)[0].text
            except OutputRefused as error:
                refused.append(str(error))
                continue
            files[f"p{mode}_{name}/{name}.go"] = text
    assert len(files) > 200
    # Two maps that differ in an underscore at the end, and a struct beside a typedef of its name.
    assert {message.partition(" would")[0] for message in refused} == {
        "a fact of the map `sixteen_letters` and a fact of the map `sixteen_letters_`",
        "`struct flow` and `flow`",
    }
    module = go_module(tmp_path, files, needs_cilium=True)
    assert run([require("gofmt"), "-s", "-l", "."], folder=module).stdout == ""
    for machine in MACHINES:
        go(module, "vet", "./...", GOARCH=machine)
    staticcheck(module)
