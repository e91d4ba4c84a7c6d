"""The prelude's index, which is made without parsing, against the parser."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from sys import getswitchinterval, setswitchinterval
from typing import TYPE_CHECKING

import pytest

from bpfgen.providers import prelude
from bpfgen.providers.prelude import Prelude
from bpfgen.resolve.scope import Scope
from bpfgen.resources import prelude_names, prelude_text
from bpfgen.syntax.parser import parse
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = {name: prelude_text(name) for name in prelude_names()}


def test_the_index_has_every_name_that_the_parser_finds() -> None:
    """What the first words of a paragraph tell is what its tree declares; no name is left out."""
    tags: set[tuple[str, str]] = set()
    typedefs: set[str] = set()
    constants: set[str] = set()
    for name, text in TEXTS.items():
        report = Report()
        scope = Scope(report)
        scope.collect(parse(Source(name, text), report).items)
        assert not report.diagnostics
        tags |= {(entry.kind, tag) for tag, entry in scope.tags.items()}
        for word, entry in scope.ordinary.items():
            (typedefs if entry.kind == "typedef" else constants).add(word)
    index = Prelude.shared()._index
    assert set(index.types) == tags | {("typedef", word) for word in typedefs}
    assert set(index.constants) == constants


def test_every_paragraph_says_where_the_kernel_has_it() -> None:
    """The first line of each paragraph names a kernel and a header, or `vmlinux`."""
    for name, text in TEXTS.items():
        for paragraph in text.strip().split("\n\n"):
            where = r"/// Linux \d+\.\d+, (vmlinux|linux/\w+\.h)\n(///.*\n)*\w"
            assert re.match(where, paragraph), (name, paragraph)


def test_every_name_of_the_index_can_be_looked_up() -> None:
    """Each type and constant resolves, and knows its kernel."""
    prelude = Prelude.shared()
    for kind, name in prelude._index.types:
        assert prelude.find_type(kind, name) is not None
    for name in prelude.constant_names():
        constant = prelude.find_constant(name)
        assert constant is not None
        assert constant.since is not None
        assert constant.since >= (2, 6)


@pytest.fixture
def many_switches() -> Iterator[None]:
    """Let threads take turns after some ten instructions, not after milliseconds."""
    interval = getswitchinterval()
    setswitchinterval(1e-6)
    yield
    setswitchinterval(interval)


THREADS = 4


@pytest.mark.usefixtures("many_switches")
def test_threads_that_ask_at_once_get_the_same_prelude(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index of a fresh process is filled by four threads: one value a name, whole for all."""
    monkeypatch.setattr(prelude, "_INDEX", [])
    names = sorted(Prelude(prelude._Index())._index.types)
    start = threading.Barrier(THREADS)

    def use_all(offset: int) -> tuple[dict[tuple[str, str], object], set[object]]:
        start.wait()
        prelude = Prelude.shared()
        turned = names[offset:] + names[:offset]
        types: dict[tuple[str, str], object] = {key: prelude.use_type(*key) for key in turned}
        return types, {repr(used.declaration) for used in prelude.used_types()}

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(use_all, [len(names) * i // THREADS for i in range(THREADS)]))
    (first, used), *others = results
    assert len(used) > len(names) // 2
    for types, used_there in others:
        assert used_there == used
        assert all(types[key] is first[key] for key in names)


def test_types_come_from_headers_that_the_output_includes() -> None:
    """A constant's value is written out; a type has to be declared by what the header includes."""
    included = {"linux/types.h", "linux/bpf.h", "vmlinux"}
    pattern = re.compile(
        r"^/// Linux [\d.]+, (?P<header>\S+)\n(?:///.*\n)*(?P<word>\w+)", re.MULTILINE
    )
    paragraphs = [match for text in TEXTS.values() for match in pattern.finditer(text)]
    assert {match["word"] for match in paragraphs} >= {"const", "struct", "typedef"}
    types = [match for match in paragraphs if match["word"] not in {"const", "enum"}]
    assert {match["header"] for match in types} <= included
