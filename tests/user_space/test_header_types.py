"""The header in user space: every type has the BPF target's bytes, by compilers for many machines.

The witness is clang for BPF, or another compiler, and C that names types and members; it knows the
header by nothing but its text.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen.compiler import compile
from bpfgen.ctype.children import held
from bpfgen.ctype.types import Composite
from bpfgen.emit.c.header import emit_header
from bpfgen.emit.user_space.types import resolved, size_of
from bpfgen.emit.user_space.view import view_of
from bpfgen.model.model import TypeDeclaration
from bpfgen.text.source import Source
from tests.compiled import command
from tests.tools import require
from tests.user_space.commands import run
from tests.user_space.random_types import random_declarations
from tests.user_space.test_view_proof import differences
from tests.user_space.witness import compiled, facts_of, subjects_of, witness_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bpfgen.compiler import Compilation
    from bpfgen.ctype.types import Type
    from tests.user_space.witness import Subject

COUNT = 400
SEED = 5

WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")

KEYWORDS = frozenset(
    "and bool catch class delete explicit export false friend mutable namespace new not operator or"
    " private protected public template this throw true try typename using virtual xor".split()
)
"""Words of C++ that random members may be called."""


class Random(NamedTuple):
    """Random types: the header of them, in a folder, and what user space is to see."""

    folder: Path
    subjects: list[Subject]


def random_types(folder: Path, *, wide: bool = True, for_gcc: bool = False) -> Random:
    """Return the header of random types in *folder*.

    Args:
        folder: Where.
        wide: Whether they have `__int128`, and `long` where a host may have 4 bytes of it.
        for_gcc: Without those that have attributes of a nameless member, which gcc disregards.
    """
    declarations = [one.source for one in random_declarations(SEED, COUNT)]
    if not wide:
        declarations = [_narrowed(one) for one in declarations]
    compilation = _compiled(declarations)
    while compilation.failed:  # a bit-field became too wide, or what held it is gone
        wrong = {d.span.start for d in compilation.diagnostics if d.span and d.severity == "error"}
        declarations = _without(declarations, wrong)
        compilation = _compiled(declarations)
    if for_gcc:
        refused = {start for one in _composites(compilation) for start in _attributed(one)}
        compilation = _compiled(_without(declarations, refused))
    assert not compilation.failed
    (folder / "random.h").write_text(emit_header(compilation.model), encoding="utf-8")
    return Random(folder, subjects_of(view_of(compilation.model), SEED))


def _compiled(declarations: Sequence[str]) -> Compilation:
    return compile(Source("random.dsl", "\n".join(declarations) + "\n"))


def _narrowed(declaration: str) -> str:
    """Return *declaration* with types in place of those that hosts have in other sizes."""
    declaration = declaration.replace("__uptr", "__kptr")
    text = re.sub(r"(?:unsigned )?__int128", "__u64", declaration)
    return re.sub(r"(?<!long )\blong\b(?! long| double)", "long long", text)


def _without(declarations: list[str], places: set[int]) -> list[str]:
    """Return *declarations* without those that are at *places* of their text."""
    left, start = [], 0
    for declaration in declarations:
        end = start + len(declaration) + 1
        if not any(start <= place < end for place in places):
            left.append(declaration)
        start = end
    assert len(left) < len(declarations)
    return left


def _composites(compilation: Compilation) -> Iterator[Composite]:
    """Yield the structs and unions of a source, nested ones too."""
    declared = [d for d in compilation.model.declarations if isinstance(d, TypeDeclaration)]
    pending: list[Type] = [one.defines for one in declared if one.defines is not None]
    pending += [typedef.underlying for one in declared for typedef in one.typedefs]
    while pending:
        type = pending.pop()
        if isinstance(type, Composite):
            yield type
        pending += held(type)


def _attributed(composite: Composite) -> list[int]:
    """Return the places of nameless members that have attributes of their own."""
    return [
        member.span.start
        for member in composite.members
        if member.name is None and not member.is_bitfield and member.attributes and member.span
    ]


def differing(types: Random, compiler: Sequence[str]) -> list[str]:
    """Return where what *compiler* makes of the header isn't what the BPF target has."""
    # Pointers are numbers in user space.
    text = witness_text(types.subjects).replace("(void *)", "")
    elf = compiled([*compiler, f"-I{types.folder}"], f'#include "random.h"\n{text}', types.folder)
    return [
        line
        for subject, facts in zip(types.subjects, facts_of(elf, types.subjects), strict=True)
        for line in differences(subject, facts, elf.byteorder)
    ]


@pytest.mark.parametrize("target", ["x86_64", "aarch64", "riscv64"])
def test_c_has_the_bytes_of_the_target(target: str, tmp_path: Path) -> None:
    """Sizes, offsets, and the bytes that values make, whatever the type."""
    types = random_types(tmp_path)
    clang = [*command("clang-19"), f"--target={target}-linux-gnu", "-nostdlibinc"]
    assert differing(types, clang) == []


@pytest.mark.parametrize("target", ["s390x-linux-gnu", "arm-linux-gnueabihf"])
def test_other_hosts_have_them_too(target: str, tmp_path: Path) -> None:
    """A big-endian one, and one with 32 bits; neither aligns `__int128` as the BPF target does."""
    types = random_types(tmp_path, wide=False)
    assert differing(types, [*command("clang-19"), f"--target={target}", "-nostdlibinc"]) == []


def test_gcc_has_them_too(tmp_path: Path) -> None:
    """gcc 12 knows no base types of enums; what it lays out in ways of its own, stops it."""
    assert differing(random_types(tmp_path, for_gcc=True), [require("gcc")]) == []
    random_types(tmp_path)
    words = [require("gcc"), "-fsyntax-only", "-x", "c", str(tmp_path / "random.h")]
    refused = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "the compiler disagrees with bpfgen" in refused.stderr


@pytest.mark.parametrize("compiler", ["g++", "clang++-14", "clang++-19"])
@pytest.mark.parametrize("standard", ["c++17", "c++2b"])
def test_cplusplus_has_them_too(compiler: str, standard: str, tmp_path: Path) -> None:
    """Sizes and offsets of all that has a byte, without a warning; keywords have an underscore."""
    types = random_types(tmp_path, for_gcc=compiler == "g++")
    lines = ['#include "random.h"', *(line for s in types.subjects for line in _asserted(s))]
    program = tmp_path / "program.cc"
    program.write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = [f"-std={standard}", *WARNINGS, "-Wno-invalid-offsetof", "-fsyntax-only"]
    run([require(compiler), *words, program])
    assert len(lines) > COUNT


def _asserted(subject: Subject) -> Iterator[str]:
    type = subject.type
    if not type.size:
        return
    name = re.sub(r"->(\w+)", lambda match: f"->{_called(match[1])}", subject.c_type)
    number = abs(hash(subject.c_type))
    yield f"typedef {name} T{number};"
    yield f'static_assert(sizeof(T{number}) == {type.size}, "{subject.c_type}");'
    yield f'static_assert(alignof(T{number}) == {type.align}, "{subject.c_type}");'
    for member in type.members:
        size = size_of(resolved(member.type))
        if member.bit_width is None and size:
            place = f"__builtin_offsetof(T{number}, {_called(member.name)})"
            held = f"sizeof(((T{number} *)0)->{_called(member.name)})"
            condition = f"{place} == {member.offset} && {held} == {size}"
            yield f'static_assert({condition}, "{subject.c_type}, {member.name}");'


def _called(name: str) -> str:
    return f"{name}_" if name in KEYWORDS else name
