"""What the tests of import share: a round trip, and the comparison of two objects.

The comparison is not verification's: it takes both sides from objects, so that it knows nothing of
the source between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.ctype.compare import Comparison
from bpfgen.importer import import_object
from bpfgen.object import read_object
from bpfgen.text.source import Source
from bpfgen.verify.types import kernel_types

if TYPE_CHECKING:
    from bpfgen.importer import Imported
    from bpfgen.object import Definition, ObjectFile


def imported(data: bytes, name: str = "program.o") -> Imported:
    """Return what the object *data* comes to as a source."""
    return import_object(read_object(data), name)


def told(found: Imported, *codes: str) -> list[str]:
    """Return the messages of *found* with one of *codes*."""
    return [each.message for each in found.diagnostics if each.code in codes]


def back(text: str, target: str = "bpfel", style: str = "modern") -> bytes:
    """Return the object that the source *text* compiles to, verified; it has no errors."""
    options = Options(target=target, style=style)
    compilation = compile(Source("imported.dsl", text), options)
    assert [each for each in compilation.diagnostics if each.severity == "error"] == []
    data, diagnostics = build_object(compilation, options)
    assert data is not None, diagnostics
    return data


def round_trip(data: bytes, *, style: str = "modern") -> list[str]:
    """Import *data*, compile the source, and return how the maps of the two objects differ."""
    before = read_object(data)
    source = import_object(before, "program.o")
    target = "bpfel" if before.byteorder == "little" else "bpfeb"
    after = read_object(back(source.text, target, style))
    model = compile(Source("imported.dsl", source.text)).model
    return differences(before, after, kernel_types(model))


def differences(
    before: ObjectFile, after: ObjectFile, kernel: frozenset[tuple[str, str]] = frozenset()
) -> list[str]:
    """Return in what the maps of *before* are not those of *after*; order of maps apart."""
    found = []
    others = {each.name: each for each in after.maps}
    for one in before.maps:
        other = others.pop(one.name, None)
        if other is None:
            found.append(f"{one.name}: missing")
            continue
        found += [
            f"{one.name}: {what} {getattr(one, what)} became {getattr(other, what)}"
            for what in ("section", "linkage", "slots", "decl_tags")
            if getattr(one, what) != getattr(other, what)
        ]
        found += _definitions(one.definition, other.definition, kernel, one.name)
        if (one.record is None) != (other.record is None):
            found.append(f"{one.name}: record")
        elif one.record is not None and other.record is not None:
            found += _types(one.record, other.record, kernel, f"the record of {one.name}")
    return found + [f"{name}: added" for name in others]


def _definitions(
    one: Definition, other: Definition, kernel: frozenset[tuple[str, str]], name: str
) -> list[str]:
    found = [
        f"{name}: {what} {getattr(one, what)} became {getattr(other, what)}"
        for what in ("type", "style", "numbers", "key_size", "value_size", "values")
        if getattr(one, what) != getattr(other, what)
    ]
    for role in ("key", "value"):
        mine, theirs = getattr(one, role), getattr(other, role)
        if mine is None or theirs is None:
            if mine is not theirs and one.style != "legacy":
                found.append(f"{name}: {role} {mine} became {theirs}")
            continue
        found += _types(mine, theirs, kernel, f"the {role} of {name}")
    if one.inner is not None and other.inner is not None:
        found += _definitions(one.inner, other.inner, kernel, f"{name}.inner")
    elif one.inner is not other.inner:
        found.append(f"{name}: inner")
    return found


def _types(one: object, other: object, kernel: frozenset[tuple[str, str]], what: str) -> list[str]:
    found = Comparison({}, kernel).differences(one, other, what)  # type: ignore[arg-type]
    return [each.message for each in found]
