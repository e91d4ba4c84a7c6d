"""Which warnings about a source matter to who asks about some of its maps: `bpfgen verify MAP`.

An object has all maps of its source, or is wrong; what runs is one of them, or those that are
pinned in a directory, and what there is to say of the others is for who compiles the source.
"""

from __future__ import annotations

from bpfgen.ctype.children import walk_once
from bpfgen.ctype.types import Composite, Enum, Named, Typedef
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import ERROR
from bpfgen.verify.maps import imported_maps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Diagnostic

_TYPES = ("struct", "union", "enum", "typedef")
"""Kinds of subjects that are types."""


def concerning(
    diagnostics: Iterable[Diagnostic], model: Model, names: Collection[str]
) -> Iterator[Diagnostic]:
    """Yield those of *diagnostics* that are about the maps *names* of *model*, or about no map.

    What is about a type is about the maps that hold it or lead to it. Errors are about everything.
    """
    used: set[str] | None = None
    for said in diagnostics:
        if said.severity == ERROR:
            yield said
        elif said.map is not None:
            if said.map in names:
                yield said
        elif said.subject is None or said.subject.kind not in _TYPES or not said.subject.name:
            yield said
        else:
            if used is None:
                maps = (*model.maps, *imported_maps(model))
                used = {name for map in maps if map.name in names for name in _types_of(map)}
            if said.subject.name in used:
                yield said


def _types_of(map: Map) -> Iterator[str]:
    """Yield the names of all types that *map*, or a map in it, is of."""
    for shape in (map.shape, map.shape.inner):
        if shape is None:
            continue
        for argument in (shape.key, shape.value, shape.record):
            if argument is None:
                continue
            for type in walk_once(argument.type):
                match type:
                    case Typedef() | Named():
                        yield type.name
                    case Composite() | Enum() if type.tag is not None:
                        yield type.tag
