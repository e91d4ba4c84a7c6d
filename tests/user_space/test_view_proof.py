"""What user space is given of types, against C compilers: every size, offset and bit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import compile
from bpfgen.emit.user_space.storage import bit_shifts
from bpfgen.emit.user_space.types import OWN, Structure
from bpfgen.emit.user_space.view import view_of
from bpfgen.sources import open_source
from bpfgen.text.source import Source
from tests.compiled import TARGETS, command, compile_c
from tests.tools import newest, require
from tests.user_space.random_types import PRELUDE, random_declarations, texts
from tests.user_space.witness import compiled, facts_of, subjects_of, witness_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bpfgen.emit.user_space.view import View
    from tests.user_space.witness import Facts, Subject

COUNT = 700
SEED = 1


def viewed(source: str) -> View:
    """Return what user space sees of *source*, which has no errors."""
    compilation = compile(Source("proof.dsl", source))
    assert not compilation.failed, [d for d in compilation.diagnostics if d.severity == "error"]
    return view_of(compilation.model)


def differences(subject: Subject, facts: Facts, byteorder: str) -> list[str]:
    """Return where the view of a struct is not what the compiler says."""
    type = subject.type
    found = []
    if (type.size, type.align) != (facts.size, facts.align):
        found.append(f"size, align: {type.size}, {type.align}; C: {facts.size}, {facts.align}")
    for member, place in zip(type.members, facts.places, strict=True):
        if (member.offset, member.end - member.offset) != place:
            found.append(f"{member.name}: {member.offset} … {member.end}; C: {place}")
    for leaf, mask, contents in zip(subject.leaves, facts.masks, facts.contents, strict=True):
        member = leaf.member
        if member.bit_width is None:
            continue
        shift = bit_shifts(member)[0 if byteorder == "little" else 1]
        own = int.from_bytes(mask[member.offset : member.end], byteorder)  # type: ignore[arg-type]
        if own != ((1 << member.bit_width) - 1) << shift:
            found.append(f"{member.name}: shifted by {shift}; C's bits: {own:#x}")
        for value, content in zip(leaf.values, contents, strict=True):
            stored = int.from_bytes(content[member.offset : member.end], byteorder)  # type: ignore[arg-type]
            assert isinstance(value, int)
            if stored != (value % (1 << member.bit_width)) << shift:
                found.append(f"{member.name} = {value}: {content.hex()}")
    return [f"{subject.c_type} {line}" for line in found]


def differences_in(
    compiler: Sequence[str], seed: int, count: int, folder: Path, *, for_host: bool
) -> dict[str, list[str]]:
    """Return :func:`differences` of random types, by what C calls each; empty ones, too."""
    source, host = texts(random_declarations(seed, count))
    subjects = subjects_of(viewed(source), seed)
    types = host if for_host else PRELUDE + source
    elf = compiled(compiler, types + witness_text(subjects), folder)
    return {
        subject.c_type: differences(subject, facts, elf.byteorder)
        for subject, facts in zip(subjects, facts_of(elf, subjects), strict=True)
    }


@pytest.mark.parametrize("target", ["bpfel", "bpfeb", "x86_64-linux-gnu"])
def test_the_view_is_what_clang_says(target: str, tmp_path: Path) -> None:
    """Sizes, offsets and bits, for BPF in both byte orders; on a 64-bit host, too."""
    clang = [*command(newest()), "-target", target]
    answers = differences_in(clang, SEED, COUNT, tmp_path, for_host=not target.startswith("bpf"))
    found = [line for lines in answers.values() for line in lines]
    assert not found, f"{len(found)}: " + "\n".join(found[:10])
    assert len(answers) > COUNT


def test_the_view_is_what_gcc_says(tmp_path: Path) -> None:
    """The same by gcc, but for what it lays out in ways of its own.

    Unlike clang it disregards attributes before a nameless member, and what `aligned` says of an
    enum or a typedef that is a bit-field's type. Only the types of `tests.strategies` (`r17`) have
    that, one in fifty of them.
    """
    answers = differences_in([require("gcc")], SEED, COUNT, tmp_path, for_host=True)
    found = {name: lines for name, lines in answers.items() if lines}
    assert not [lines for name, lines in found.items() if not re.search(r"\br[0-9]+\b", name)]
    assert len(found) < len(answers) / 50


@pytest.mark.parametrize("target", TARGETS)
def test_the_view_of_an_object_is_the_same(target: str, tmp_path: Path) -> None:
    """What BTF of either byte order says of types is what clang says, but for alignments.

    BTF has none, and what is taken for one follows from offsets and sizes.
    """
    source, _ = texts(random_declarations(SEED, COUNT))
    names = [
        type.c_name
        for type in viewed(source).types
        if isinstance(type, Structure) and type.c_name and type.origin == OWN
    ]
    pointers = "\n".join(f"{name} *pointer{number};" for number, name in enumerate(names))
    data = compile_c(PRELUDE + source + pointers, target=target)
    opened = open_source("proof.o", data, types=names)
    assert opened.compilation is not None, opened.diagnostics
    subjects = subjects_of(view_of(opened.compilation.model), SEED)
    assert len(subjects) >= len(names)
    clang = [*command(newest()), "-target", target]
    elf = compiled(clang, PRELUDE + source + witness_text(subjects), tmp_path)
    found = []
    for subject, facts in zip(subjects, facts_of(elf, subjects), strict=True):
        found += differences(subject, facts._replace(align=subject.type.align), elf.byteorder)
    assert not found, f"{len(found)}: " + "\n".join(found[:10])
