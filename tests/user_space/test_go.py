"""Generated Go against the real Go: gofmt, vet for four machines, staticcheck, and a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfgen.compiler import compile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.text.source import Source
from tests.rulebook.test_rulebook import programs
from tests.samples import SAMPLES, compiled
from tests.tools import require
from tests.user_space.commands import run
from tests.user_space.go import go, go_module, staticcheck

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.model.model import Model

OTHER_MACHINES = ("arm64", "386", "s390x")
"""A 64-bit machine, one that aligns 64-bit numbers to 4, and one that is big-endian."""

ACCESSORS = {"accessors": ("",)}


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
        try:
            files[f"{name}/{name}.go"] = BACKENDS["go"].emit(model, ACCESSORS)[0].text
        except OutputRefused as error:
            refused.append(str(error))
    assert len(files) > 300
    # Two maps that differ in an underscore at the end, and a struct beside a typedef of its name.
    assert [message.partition(" would")[0] for message in refused] == [
        "a fact of the map `sixteen_letters` and a fact of the map `sixteen_letters_`",
        "`struct flow` and `flow`",
    ]
    module = go_module(tmp_path, files, needs_cilium=True)
    assert run([require("gofmt"), "-s", "-l", "."], folder=module).stdout == ""
    go(module, "vet", "./...")
    staticcheck(module)


def test_layouts_hold_on_other_machines(tmp_path: Path) -> None:
    """The assertions of every sample, in a module that asks for the oldest Go and no library."""
    files = {}
    for path in sorted(SAMPLES.glob("*.dsl")):
        text = BACKENDS["go"].emit(compiled(path.name).model)[0].text
        files[f"{path.stem}/{path.stem}.go"] = text
    module = go_module(tmp_path, files)
    assert run([require("gofmt"), "-s", "-l", "."], folder=module).stdout == ""
    for machine in OTHER_MACHINES:
        go(module, "vet", "./...", GOARCH=machine)
