"""`bpfgen import` and back: each object's maps and types, and what verification says of the source.

Fifth of the corpus. The source that import writes is compiled, and the two objects are compared by
what the reader finds in them; the object must be what the source declares; and a source with one
word changed must not be. From the source to what is compiled of it nothing breaks, and something
does from the source to one with a word changed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.building import build_object
from bpfgen.changes.categories import CATEGORIES, Asked
from bpfgen.comparison import compared
from bpfgen.compiler import Options, compile
from bpfgen.importer import import_object
from bpfgen.object import read_object
from bpfgen.record import replace
from bpfgen.sources import LANGUAGE, Opened, open_source
from bpfgen.syntax.formatting.format import format_text
from bpfgen.text.diagnostics import WARNING, FormatError
from bpfgen.text.source import Source
from bpfgen.verify import verify
from bpfgen.verify.types import kernel_types
from tests.imported import differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.finding import Finding
    from bpfgen.object import ObjectFile

TELLING = frozenset(("import-lost", "import-map", "import-name", "import-slot", "import-type"))
"""The codes that name what a source can't express."""

_ENTRIES = re.compile(r"^(?:\w+ )?(?:map|template) [^=\n]*\[(\d+)\]", re.MULTILINE)
_MEMBER = re.compile(r"^ +(int|long|__u32|__u64|u32|u64) \w+;$", re.MULTILINE)
_OTHERS = {"int": "short", "long": "int", "__u32": "__u16", "__u64": "__u32"}
_OTHERS |= {"u32": "u16", "u64": "u32"}


class Returned(NamedTuple):
    """What came of one object.

    Attributes:
        differences: What differs and wasn't told, one a line.
        told: Whether something can't be expressed, which import told.
        maps: How many maps it has; 0 for objects that aren't imported.
        edits: How many changes of a word were tried, each of which has to be noticed.
        warnings: How many the source gets when it is compiled.
    """

    differences: list[str]
    told: bool = False
    maps: int = 0
    edits: int = 0
    warnings: int = 0


def come_back(data: bytes, name: str) -> Returned:
    """Import the object *data*, called *name*, compile the source, and compare both ways."""
    try:
        before = read_object(data)
    except FormatError:
        return Returned([])
    if not before.maps:
        return Returned([])
    imported = import_object(before, name)
    is_told = any(found.code in TELLING for found in imported.diagnostics)
    maps = len(before.maps)
    if not imported.text:
        return Returned([] if is_told else ["nothing is imported"], is_told, maps)
    style = before.maps[0].definition.style
    options = Options(
        target="bpfel" if before.byteorder == "little" else "bpfeb",
        style="initializer" if style == "initializer" else "modern",
    )
    compilation = compile(Source(f"{name}.dsl", imported.text), options)
    after, diagnostics = build_object(compilation, options)
    if after is None:
        return Returned([f"not compiled: {diagnostics[0].message}"], is_told, maps)
    kernel = kernel_types(compilation.model)
    changed = differences(before, read_object(after), kernel)
    if format_text(imported.text) != imported.text:
        changed.append("what is written isn't as fmt writes it")
    # Of an object that libbpf refuses, verification tells why.
    if before.error is None:
        found = verify(compilation.model, before, style=options.style, foreign=True)
        changed += [f"verify: {each.message}" for each in found]
        # What libbpf opens and the kernel loads, as these programs are, is no error.
        changed += [line for line in imported.text.splitlines() if "bpfgen: allow" in line]
    source = Opened(LANGUAGE, compilation, [])
    rebuilt = open_source(f"{name}.o", after, replace(options, is_ruled=False))
    changed += [f"breaking: {each.message}" for each in breaks(source, rebuilt)]
    edits = list(_edits(imported.text))
    changed_words = [text for text in edits if not _is_noticed(text, before, options)]
    unnoticed = [f"verify doesn't notice `{_line(imported.text, text)}`" for text in changed_words]
    unnoticed += [
        f"nothing breaks by `{_line(imported.text, text)}`"
        for text in edits
        if not breaks(source, _opened(text, options))
    ]
    warnings = sum(each.severity == WARNING for each in compilation.diagnostics)
    return Returned(unnoticed + ([] if is_told else changed), is_told, maps, len(edits), warnings)


def breaks(old: Opened, new: Opened) -> list[Finding]:
    """Return what *new* breaks of *old* in any category, but constants, which objects haven't."""
    found = compared(old, new, Asked(tuple(CATEGORIES), everything=True))
    return [each for each in found if each.code != "break-source-constant"]


def _opened(text: str, options: Options) -> Opened:
    compilation = compile(Source("edited.dsl", text), replace(options, is_ruled=False))
    return Opened(LANGUAGE, compilation, compilation.diagnostics)


def _edits(text: str) -> Iterator[str]:
    """Yield *text* with another number of entries, and with a member of another type."""
    entries = _ENTRIES.search(text)
    if entries is not None:
        yield f"{text[: entries.start(1)]}{int(entries[1]) + 1}{text[entries.end(1) :]}"
    member = _MEMBER.search(text)
    if member is not None:
        yield f"{text[: member.start(1)]}{_OTHERS[member[1]]}{text[member.end(1) :]}"


def _is_noticed(text: str, object: ObjectFile, options: Options) -> bool:
    compilation = compile(Source("edited.dsl", text), options)
    return bool(verify(compilation.model, object, style=options.style, foreign=True))


def _line(before: str, after: str) -> str:
    """Return the line of *after* that *before* hasn't."""
    lines = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((new for old, new in lines if old != new), "")
