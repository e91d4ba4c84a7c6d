"""Every member of random types is read and written in each language, and C says what is right.

Thousands of numbers in more than a thousand structs and unions, each with the values where most
goes wrong, between other bits that are random or all ones. BPFGEN_PROOF=SEED:COUNT tries others,
or more.
"""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen.compiler import compile
from bpfgen.emit import BACKENDS
from bpfgen.emit.c.sides import CPP_WORDS
from bpfgen.emit.user_space.view import view_of
from bpfgen.text.source import Source
from tests.compiled import command
from tests.tools import newest, require
from tests.user_space.commands import run
from tests.user_space.differential import operations, slots_of, wrong_answers
from tests.user_space.drivers import c
from tests.user_space.go import go, go_module, gofmt
from tests.user_space.pythons import BIG_ENDIAN, python_command
from tests.user_space.random_types import (
    EVERYTHING,
    FOR_32_BITS,
    FOR_GCC,
    NO_WIDE_BITS,
    PRELUDE,
    awkward_declarations,
    random_declarations,
    texts,
)
from tests.user_space.rust import rustfmt
from tests.user_space.witness import compiled, facts_of, subjects_of, witness_text

if TYPE_CHECKING:
    from bpfgen.model.model import Model
    from tests.user_space.differential import Driver, Slot
    from tests.user_space.witness import Facts, Subject

SEED, COUNT = map(int, os.environ.get("BPFGEN_PROOF", "1:800").split(":"))


class Proof(NamedTuple):
    """Random types, and all that is asked of a driver for them.

    Attributes:
        host: The types as C for this machine.
    """

    source: str
    host: str
    model: Model
    subjects: list[Subject]
    slots: list[Slot]

    def text(self, backend: str, **settings: str) -> str:
        """Return what *backend* generates; `_` in the name of a setting is `-`."""
        values = {name.replace("_", "-"): (value,) for name, value in settings.items()}
        return BACKENDS[backend].emit(self.model, values)[0].text


@functools.cache
def proof(count: int = COUNT, what: str = EVERYTHING) -> Proof:
    """Return *count* declarations of *what*, of this run."""
    declarations = random_declarations(SEED, count, what)
    if what == EVERYTHING:
        declarations += awkward_declarations(SEED)
    source, host = texts(declarations)
    compilation = compile(Source("proof.dsl", source))
    assert not compilation.failed, [d for d in compilation.diagnostics if d.severity == "error"]
    subjects = subjects_of(view_of(compilation.model), SEED)
    return Proof(source, host, compilation.model, subjects, slots_of(subjects))


def facts(known: Proof, target: str) -> list[Facts]:
    """Return what clang says of the types for the BPF target *target*."""
    text = PRELUDE + known.source + witness_text(known.subjects)
    with tempfile.TemporaryDirectory() as folder:
        elf = compiled([*command(newest()), "-target", target], text, Path(folder))
    return facts_of(elf, known.subjects)


def check(known: Proof, driver: Driver, target: str) -> None:
    """Ask *driver* about all slots, of which it has every number, and most of what are bytes."""
    asked = list(operations(known.slots, facts(known, target), SEED))
    assert len(asked) > 30 * len(known.subjects)
    wrong = wrong_answers(driver, known.subjects, asked)
    assert not wrong, f"{len(wrong)} of {len(asked)}:\n" + "\n".join(wrong[:20])
    assert {slot.number for slot in known.slots if slot.leaf is not None} <= driver.reads
    assert len(driver.reads) > 0.95 * len(known.slots)
    assert len(driver.writes) > 0.9 * len(driver.reads)


def test_c_agrees_with_its_objects(tmp_path: Path) -> None:
    """The proof is sound: C reads and writes the same types as the witness says."""
    known = proof()
    clang = command(newest())
    check(known, c.driver(clang, known.host, known.subjects, known.slots, tmp_path), "bpfel")


def test_wrong_answers_are_noticed(tmp_path: Path) -> None:
    """A driver that takes one member for another, or a bit too few, is found out."""
    text = """
    struct a { int x; int y; __u8 p : 3, q : 5; };
    struct b { int y; int x; __u8 p : 2, q : 6; };
    """
    compilation = compile(Source("proof.dsl", text))
    subjects = subjects_of(view_of(compilation.model), SEED)[:1]
    slots = slots_of(subjects)
    clang = command(newest())
    said = facts_of(
        compiled([*clang, "-target", "bpfel"], PRELUDE + text + witness_text(subjects), tmp_path),
        subjects,
    )
    asked = list(operations(slots, said, SEED))
    right = c.driver(clang, PRELUDE + text, subjects, slots, tmp_path)
    assert wrong_answers(right, subjects, asked) == []
    other = [subject._replace(c_type="struct b") for subject in subjects]
    wrong = wrong_answers(c.driver(clang, PRELUDE + text, other, slots, tmp_path), subjects, asked)
    for name in "xypq":
        assert any(f" .{name} " in line for line in wrong), name


def test_go(tmp_path: Path) -> None:
    """Go on this machine."""
    from tests.user_space.drivers import go as driver

    known = proof()
    text = known.text("go", go_package="main")
    check(known, driver.driver(text, known.subjects, known.slots, tmp_path), "bpfel")


def test_go_on_a_big_endian_machine(tmp_path: Path) -> None:
    """Go for s390x, where qemu runs it: bit-fields and numbers as clang has them for bpfeb."""
    from tests.user_space.drivers import go as driver

    qemu = require("qemu-s390x")
    known = proof(COUNT // 2)
    text = known.text("go", go_package="main")
    built = driver.driver(text, known.subjects, known.slots, tmp_path, "s390x")
    check(known, built._replace(command=(qemu, *built.command)), "bpfeb")


def test_go_is_vetted_for_other_machines(tmp_path: Path) -> None:
    """Its assertions of sizes and offsets hold on each."""
    module = go_module(tmp_path, {"maps.go": proof().text("go", go_package="maps")})
    for machine in ("amd64", "arm64", "386", "s390x"):
        go(module, "vet", "./...", GOARCH=machine)


def test_rust(tmp_path: Path) -> None:
    """Rust on this machine; what has no method that gives its bytes is left out."""
    from tests.user_space.drivers import rust as driver

    known = proof()
    built = driver.driver(known.text("rust"), known.subjects, known.slots, tmp_path)
    check(known, built, "bpfel")


def test_bit_fields_of_a_big_endian_machine_in_rust(tmp_path: Path) -> None:
    """There is no Rust for s390x to be had: what it would do there is done here, for bit-fields.

    Only they are in other places there; other numbers are read as the machine has them.
    """
    from tests.user_space.drivers import rust as driver

    known = proof(COUNT // 3)
    text = known.text("rust")
    assert text.count('cfg!(target_endian = "big")') == 2
    slots = [slot for slot in known.slots if slot.member.bit_width is not None]
    there = text.replace('cfg!(target_endian = "big")', "true")
    built = driver.driver(there, known.subjects, known.slots, tmp_path)
    asked = list(operations(slots, facts(known, "bpfeb"), SEED))
    assert {op.slot.number for op in asked} <= built.reads & built.writes
    assert wrong_answers(built, known.subjects, asked) == []


def test_python(tmp_path: Path) -> None:
    """Python on this machine."""
    from tests.user_space.drivers import python as driver

    known = proof()
    built = driver.driver(known.text("python"), known.subjects, known.slots, tmp_path)
    check(known, built, "bpfel")


def test_python_on_a_big_endian_machine(tmp_path: Path) -> None:
    """A Python for s390x, where qemu runs it."""
    from tests.user_space.drivers import python as driver

    words, _ = python_command(BIG_ENDIAN)
    known = proof(COUNT // 3)
    built = driver.driver(known.text("python"), known.subjects, known.slots, tmp_path, words)
    check(known, built, "bpfeb")


def test_formatters_find_nothing_to_do() -> None:
    """gofmt and rustfmt leave the text as it is, whatever is in it."""
    known = proof(COUNT // 3)
    text = known.text("go", go_package="maps")
    assert gofmt(text) == text
    text = known.text("rust")
    assert rustfmt(text) == text


MACHINES = ("x86_64", "aarch64", "riscv64", "s390x", "arm")


@pytest.mark.parametrize("machine", MACHINES)
def test_the_header_on_other_machines(machine: str, tmp_path: Path) -> None:
    """Sizes, offsets and the bytes of every value are those of the BPF program, whatever the host.

    clang compiles objects for each, and they aren't run.
    """
    what = {"s390x": NO_WIDE_BITS, "arm": FOR_32_BITS}.get(machine, EVERYTHING)
    known = proof(COUNT // 3, what)
    (tmp_path / "maps.h").write_text(known.text("header"))
    host = [*command(newest()), f"--target={machine}-linux-gnu", "-I", str(tmp_path)]
    text = '#include "maps.h"\n' + witness_text(known.subjects, pointers=False)
    theirs = facts_of(compiled(host, text, tmp_path), known.subjects)
    ours = facts(known, "bpfeb" if machine == "s390x" else "bpfel")
    found = [
        subject.c_type
        for subject, one, other in zip(known.subjects, theirs, ours, strict=True)
        if one != other
    ]
    assert found == []


@pytest.mark.parametrize("compiler", ["gcc", "g++", "clang++"])
def test_the_header_in_programs(compiler: str, tmp_path: Path) -> None:
    """Members are read and written in C and C++.

    Of gcc's there are no types with what gcc lays out in ways of its own (see `test_view_proof`):
    its assertions would fail.
    """
    words = [require(compiler)] if compiler[0] == "g" else command(newest())
    known = proof(COUNT // 3, EVERYTHING if compiler == "clang++" else FOR_GCC)
    is_cpp = "++" in compiler
    names = {word: f"{word}_" for word in CPP_WORDS} if is_cpp else {}
    text = known.text("header")
    built = c.driver(words, text, known.subjects, known.slots, tmp_path, names, is_cpp=is_cpp)
    check(known, built, "bpfel")


@pytest.mark.parametrize("words", ["gcc -std=c11", "g++ -std=c++17"])
def test_the_header_has_no_warnings(words: str, tmp_path: Path) -> None:
    """Compilers say nothing of an included header, whatever is asked of them."""
    compiler, standard = words.split()
    known = proof(COUNT // 3, FOR_GCC)
    (tmp_path / "maps.h").write_text(known.text("header"))
    source = tmp_path / f"program.{'cc' if compiler == 'g++' else 'c'}"
    source.write_text('#include "maps.h"\nint main(void) { return 0; }\n')
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
    run([require(compiler), standard, *warnings, "-fsyntax-only", source])
