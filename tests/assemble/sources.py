"""What both assemblers are given: (name, model), each without errors and in the modern style."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.compiler import Options, compile
from bpfgen.importer import import_object
from bpfgen.object import read_object
from bpfgen.text.diagnostics import FormatError
from bpfgen.text.source import Source
from tests.assemble.linked_programs import LinkedProgram
from tests.assemble.written_programs import PROGRAMS
from tests.conformance import random_conditions
from tests.fuzz.programs import Features, program
from tests.rulebook.test_rulebook import programs as rulebook_programs
from tests.samples import GOOD, SAMPLES
from tests.user_space.random_types import random_declarations, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from bpfgen.model.model import Model

_TAGGED = re.compile(r"^(struct|union|enum) (\w+)(?: : \w+)? \{", re.MULTILINE)


class Subject(NamedTuple):
    """A model and where it comes from."""

    name: str
    model: Model


def of_text(name: str, text: str) -> Iterator[Subject]:
    """Yield what *text* is, in each of its variants, if it is for both assemblers.

    It may include no header: none is looked for. Rules aren't asked: what they say is not about
    the object.
    """
    compilation = compile(Source(name, text), Options(is_ruled=False))
    if compilation.failed:
        return
    models = [variant.model for variant in compilation.variants] or [compilation.model]
    for number, model in enumerate(models):
        if not model.includes and not any(declared.legacy for declared in model.maps):
            yield Subject(f"{name}#{number}" if number else name, model)


def samples() -> Iterator[Subject]:
    """Yield the samples that include no C header."""
    for name in GOOD:
        path = SAMPLES / name
        yield from of_text(str(path), path.read_text(encoding="utf-8"))


def by_hand() -> Iterator[Subject]:
    """Yield the programs of :mod:`tests.assemble.written_programs`."""
    for name, text in PROGRAMS.items():
        (subject,) = of_text(f"{name}.dsl", text)
        yield subject


def rulebook() -> Iterator[Subject]:
    """Yield the programs of the rule book; those that break a rule are programs, too."""
    for name, text in rulebook_programs():
        yield from of_text(f"{name}.dsl", text)


def programs(first: int, count: int, directory: Path) -> Iterator[Subject]:
    """Yield random programs, all that has to do with maps."""
    for seed in range(first, first + count):
        made = program(seed, Features(legacy=False))
        (directory / "common.dsl").write_text(made.imported)
        for subject in of_text(str(directory / "main.dsl"), made.text):
            yield subject._replace(name=f"program {seed}")


def linked(first: int, count: int, directory: Path) -> Iterator[Subject]:
    """Yield random programs about maps that refer to each other, those that are correct."""
    for seed in range(first, first + count):
        made = LinkedProgram(random.Random(seed))  # noqa: S311 -- test data
        (directory / "common.dsl").write_text(made.imported)
        for subject in of_text(str(directory / "main.dsl"), made.text):
            yield subject._replace(name=f"linked {seed}")


def types(first: int, count: int) -> Iterator[Subject]:
    """Yield programs of random types, with a map of each."""
    for seed in range(first, first + count):
        text, _host = texts(random_declarations(seed, 12))
        choices = random.Random(seed)  # noqa: S311 -- test data
        maps = []
        for number, (kind, tag) in enumerate(_TAGGED.findall(text)):
            what = f"hash<__u32, {kind} {tag}>[8]"
            form = choices.randrange(4)
            if form == 0:
                what = f"hash_of_maps<__u32, {what}>[4]"
            elif form == 1:
                what = f"ringbuf<{kind} {tag}>[64 KiB]"
            maps.append(f"map map_{number}: {what};")
        for subject in of_text("types.dsl", text + "\n".join(maps)):
            yield subject._replace(name=f"types {seed}")


def conditions(first: int, count: int) -> Iterator[Subject]:
    """Yield every variant of random sources with conditions."""
    for seed in range(first, first + count):
        text = random_conditions.Source(random.Random(seed)).text(8)  # noqa: S311 -- test data
        for subject in of_text("conditions.dsl", text):
            yield subject._replace(name=f"conditions {seed} {subject.name}")


def objects(paths: Iterable[Path]) -> Iterator[Subject]:
    """Yield what the objects *paths* come to as sources, where they have maps."""
    for path in paths:
        try:
            read = read_object(path.read_bytes())
        except FormatError:
            continue
        text = import_object(read, path.name).text if read.maps else ""
        if text:
            for subject in of_text("imported.dsl", text):
                yield subject._replace(name=str(path))
