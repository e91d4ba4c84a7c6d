"""Generated Go against the real Go: gofmt, vet for four machines, staticcheck, and a program."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

from bpfgen.compiler import compile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.emit.go.placement import Placement
from bpfgen.text.source import Source
from tests.rulebook.test_rulebook import programs
from tests.samples import SAMPLES, compiled
from tests.tools import require
from tests.user_space.commands import run
from tests.user_space.go import environment, go, go_module, gofmt, staticcheck

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
    """What Go's tools say of the samples and of the programs of the rule book: nothing.

    gofmt reads all of them, vet those that declare types, and staticcheck the samples.
    """
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
        "the map `sixteen_letters` and the map `sixteen_letters_`",
        "`struct flow` and `flow`",
    ]
    module = go_module(tmp_path, files, needs_cilium=True)
    assert run([require("gofmt"), "-s", "-l", "."], folder=module).stdout == ""
    samples = [f"./{path.stem}" for path in sorted(SAMPLES.glob("*.dsl"))]
    typed = [f"./{os.path.dirname(name)}" for name in files if "structs.Host" in files[name]]
    assert len(typed) > 100
    go(module, "vet", *sorted({*samples, *typed}))
    staticcheck(module, *samples)


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


PHRASES = (
    "",
    "",
    "Title Like This",
    "# a heading",
    "#not one",
    "- an item",
    "* another",
    "1. first",
    "    code(); ",
    "\tindented",
    "[name]: https://example.com/x",
    "[a] and [b.C] are links",
    "``quoted''",
    "go:build ignore",
    "//go:embed secret",
    "+build ignore",
    "(+build ignore) and so +build",
    "line x.go:1",
    '*/ import "C" /*',
    "ends in a backslash \\",
    "a` b \u202e c \ufeff d \u2028 e",
    "Deprecated: not at all.",
    "A sentence. And another (in brackets)",
    "TODO(me): x",
    "export evil",
    "Überschrift",
)


def doc_comment(random: Random, indent: str = "") -> str:
    """Return a doc comment of a source: up to seven of the phrases."""
    lines = random.choices(PHRASES, k=random.randrange(8))
    return "".join(f"{indent}/// {line}\n" for line in lines)


def test_no_doc_comment_is_reformatted(tmp_path: Path) -> None:
    """Whatever a doc comment has: gofmt leaves the file as it is, and no line is a directive."""
    random = Random(7)  # noqa: S311 -- the same comments in every run
    text = f"{doc_comment(random)}\n"
    for n in range(150):
        text += (
            f"{doc_comment(random)}const N{n} = {n};\n"
            f"{doc_comment(random)}enum e{n} {{\n{doc_comment(random, '    ')}    A{n},\n"
            f"{doc_comment(random, '    ')}    B{n} }};\n"
            f"{doc_comment(random)}struct s{n} {{\n"
            f"{doc_comment(random, '    ')}    __u32 x : 3;\n"
            f"{doc_comment(random, '    ')}    __u32 long_name;\n"
            f"{doc_comment(random, '    ')}    char text[8];\n}};\n"
            f"{doc_comment(random)}typedef __u32 t{n};\n"
            f"{doc_comment(random)}map m{n}: ringbuf<s{n}>[4096];\n"
        )
    compilation = compile(Source("maps.dsl", text))
    assert not compilation.failed, compilation.diagnostics
    emitted = BACKENDS["go"].emit(compilation.model, ACCESSORS)[0].text
    assert gofmt(emitted) == emitted
    assert not [line for line in emitted.split("\n") if line.startswith(("//go:", "//line", "/*"))]
    go(go_module(tmp_path, {"maps.go": emitted}, needs_cilium=True), "vet", "./...")


def test_names_that_the_go_command_passes_over(tmp_path: Path) -> None:
    """There is a warning where `go list` for Linux on some machine leaves the file out."""
    names = (
        "a_test a_windows a_arm64 a_windows_amd64 a_linux_arm64 a_linux_test a_test_b _a .a"
        " a_linux a_unix a_bpfel windows amd64 test a_b"
    ).split()
    module = go_module(tmp_path, {f"{name}.go": "package maps\n" for name in names})
    words = [require("go"), "list", "-f", '{{join .GoFiles " "}}', "."]
    kept = set(names)
    for machine in ("amd64", "s390x"):
        variables = environment(GOOS="linux", GOARCH=machine)
        listed = run(words, folder=module, environment=variables).stdout.split()
        kept &= {name.removesuffix(".go") for name in listed}
    model = compile(Source("maps.dsl", "map m: hash<int, int>[1];")).model
    assert kept == {name for name in names if not list(Placement().faults(f"{name}.go", model, {}))}


def test_no_comment_is_an_old_build_constraint(tmp_path: Path) -> None:
    """`+build` before the package is what vet warns of, at any place of a comment."""
    text = "/// +build ignore\n/// So (+build linux) it is.\n\n/// +build\nconst N = 1;\n"
    compilation = compile(Source("+build x.dsl", text))
    assert not compilation.failed
    emitted = BACKENDS["go"].emit(compilation.model, {"accessors": ()})[0].text
    assert "+ build x.dsl" in emitted
    go(go_module(tmp_path / "kept", {"maps.go": emitted}), "vet", "./...")
    acting = emitted.replace("+ build", "+build")
    files = {"maps.go": acting, "other.go": "package maps\n"}
    said = go(go_module(tmp_path / "acts", files), "vet", "./...", check=False)
    assert "malformed +build" in said.stderr


def test_an_array_of_nameless_structs_in_a_map(tmp_path: Path) -> None:
    """The array has the name of the key, and the struct one of its own."""
    text = """
map ar: hash<struct { int a; }[2], struct { int b; }[2][3]>[4];
map one: hash<struct { int a; }, struct { int b; }>[4];
map per: array_of_maps<__u32, array<__u32, struct { int c; }[4]>[2]>[4];
"""
    compilation = compile(Source("maps.dsl", text))
    assert not compilation.failed, compilation.diagnostics
    emitted = BACKENDS["go"].emit(compilation.model, ACCESSORS)[0].text
    assert "type ArMapKey = [2]ArMapKeyElement\n" in emitted
    assert "type ArMapValue = [2][3]ArMapValueElement\n" in emitted
    assert "type OneMapKey struct {" in emitted
    assert "type PerMapInnerValue = [4]PerMapInnerValueElement\n" in emitted
    go(go_module(tmp_path, {"maps.go": emitted}, needs_cilium=True), "vet", "./...")
