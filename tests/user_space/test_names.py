"""Sources whose names are the worst there are: an output compiles, or is refused in words.

What C takes for two names may be one in another language, or no name at all, or that of something
which the output itself uses. Whatever a backend does about it, what it writes compiles.
"""

from __future__ import annotations

import os
import random
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen.compiler import compile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.emit.backend import OUTPUT_NAME
from bpfgen.text.source import Source
from tests.tools import require
from tests.user_space.commands import run
from tests.user_space.go import go, go_module
from tests.user_space.random_types import WORDS
from tests.user_space.rust import cargo, cargo_project

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.model.model import Model

SEED, COUNT = map(int, os.environ.get("BPFGEN_PROOF_NAMES", "2:60").split(":"))

ACCESSORS = {"go": ("",), "rust": ("libbpf-rs",), "python": ("",)}
"""How typed access is asked for. In C it includes libbpf's headers and <stdio.h>, which take names
of the list for themselves.
"""

NAMES = (
    *WORDS,
    *("flow_key", "FlowKey", "Flow_key", "flowKey_", "_flow_key", "flow__key", "FLOW_KEY"),
    *("maps", "Maps", "MapFacts", "Facts", "Plain", "HostLayout", "structs", "strconv", "bytes"),
    *("uint32", "int64", "u8", "u32", "i128", "usize", "str", "Vec", "Option", "Some", "Ok", "Err"),
    *("Result", "Debug", "Default", "Clone", "core", "std", "aya", "libbpf_rs", "ebpf", "init"),
    *("main", "panic", "append", "copy", "clear", "iota", "nil", "len", "print", "object", "list"),
    *("dict", "tuple", "type", "enum", "sys", "typing", "annotations", "IntEnum", "Structure"),
    *("Union", "self_", "cls", "data", "name", "value", "_", "__", "___", "_1", "linux", "unix"),
    *("i386", "errno", "stdin", "NULL", "assert", "static_assert", "alignas", "_Bool_", "and"),
    *("bpf_map", "size_of", "text", "get", "put", "get_bits", "put_bits", "text_", "E", "T", "A"),
)


class Emitted(NamedTuple):
    """What came of one source: its number and the texts by backend."""

    number: int
    source: str
    texts: dict[str, str]


def random_source(choices: random.Random) -> str:
    """Return a few declarations whose names are from a list that is short."""
    names = choices.sample(NAMES, 12)
    members = choices.sample(NAMES, 8)

    def name() -> str:
        return choices.choice(names)

    def member() -> str:
        kind = choices.choice(
            ("__u32 {}", "bool {}", "char {}[4]", "__be16 {}", "__u8 {} : 3", "__u8 {} : 5")
        )
        return f"{kind.format(choices.choice(members))};"

    lines = []
    for _ in range(choices.randrange(2, 6)):
        body = " ".join(member() for _ in range(choices.randrange(1, 5)))
        enumerators = ", ".join({name() for _ in range(2)})
        lines.append(
            choices.choice(
                (
                    f"struct {name()} {{ {body} }};",
                    f"union {name()} {{ {body} }};",
                    f"typedef struct {{ {body} }} {name()};",
                    f"struct {name()} {{ struct {{ {body} }} {name()}; }};",
                    f"enum {name()} {{ {enumerators} }};",
                    f"typedef __u32 {name()};",
                    f"const {name()} = 5;",
                    f"map {name()}: hash<__u32, __u64>[8];",
                )
            )
        )
    return "\n".join(lines)


def model_of(source: str) -> Model | None:
    """Return the model of *source*, if it is one of C at all."""
    compilation = compile(Source("maps.dsl", source))
    return None if compilation.failed else compilation.model


@cache
def emitted() -> list[Emitted]:
    """Return what the backends make of sources that compile; what they refuse is in none."""
    choices = random.Random(SEED)  # noqa: S311 -- test data
    found: list[Emitted] = []
    refused = 0
    while len(found) < COUNT:
        source = random_source(choices)
        model = model_of(source)
        if model is None:
            continue
        texts = {}
        for backend in ("header", "go", "rust", "python"):
            settings = {
                "go-package": (f"p{len(found)}",),
                "accessors": ACCESSORS.get(backend, ()),
            }
            try:
                texts[backend] = BACKENDS[backend].emit(model, settings)[0].text
            except OutputRefused as error:
                refused += 1
                codes = {diagnostic.code for diagnostic in error.diagnostics}
                assert codes == {OUTPUT_NAME}, source
        found.append(Emitted(len(found), source, texts))
    assert refused < COUNT
    return found


def test_python_imports_what_is_written() -> None:
    """A module runs, or none is written."""
    for one in emitted():
        if "python" in one.texts:
            module = {"__name__": "maps", "__package__": ""}
            try:
                exec(one.texts["python"], module)  # noqa: S102 -- our own output
            except Exception as error:  # noqa: BLE001 -- whatever is wrong with it
                pytest.fail(f"{error!r}\n{one.source}\n{one.texts['python']}")


def test_go_compiles_what_is_written(tmp_path: Path) -> None:
    """Each in a package of its own."""
    files = {f"p{one.number}/maps.go": one.texts["go"] for one in emitted() if "go" in one.texts}
    module = go_module(tmp_path, files, needs_cilium=True)
    go(module, "vet", "./...")


def test_rust_compiles_what_is_written(tmp_path: Path) -> None:
    """Each in a module of its own."""
    numbers = [one.number for one in emitted() if "rust" in one.texts]
    files = {f"src/maps{number}.rs": emitted()[number].texts["rust"] for number in numbers}
    modules = "".join(f"pub mod maps{number};\n" for number in numbers)
    files["src/lib.rs"] = f"#![deny(warnings)]\n{modules}"
    project = cargo_project(tmp_path, files, crates=["libbpf-rs"], name="names")
    cargo(project, "check")


@pytest.mark.parametrize("compiler", ["gcc", "g++"])
def test_c_and_cpp_compile_what_is_written(compiler: str, tmp_path: Path) -> None:
    """Each in a translation unit of its own."""
    program = require(compiler)
    suffix = "cc" if compiler == "g++" else "c"
    for one in emitted():
        if "header" in one.texts:
            source = tmp_path / f"maps{one.number}.{suffix}"
            source.write_text(one.texts["header"])
            done = run([program, "-fsyntax-only", "-Wall", "-Wextra", source], check=False)
            assert done.returncode == 0, f"{done.stderr}\n{one.source}"
