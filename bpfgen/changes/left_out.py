"""Models without maps that the other side has and import couldn't declare: neither gone nor new.

Before maps are paired, so that no other map passes for the new name of one.
"""

from __future__ import annotations

from bpfgen.changes.type_pairs import types_in
from bpfgen.ctype.children import walk_once
from bpfgen.ctype.identity import name_of
from bpfgen.model.maps import Map
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bpfgen.changes.cases import Version
    from bpfgen.changes.type_pairs import Name
    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Declaration, Model


def without_maps(version: Version, names: Collection[str]) -> Version:
    """Return *version* without the maps called by one of *names*, whatever case it is."""
    if not names:
        return version
    case = version.case
    return replace(
        version,
        model=_without(version.model, names),
        variants=tuple((given, _without(model, names)) for given, model in version.variants),
        case=None if case is None else lambda given: _without(case(given), names),
    )


def _without(model: Model, names: Collection[str]) -> Model:
    """Return *model* without the maps in *names*.

    Of an object, or C, what only those maps have goes with them: the other side has it neither.
    """
    gone: list[Map] = []
    left: list[Map] = []
    for map in model.maps:
        (gone if map.name in names else left).append(map)
    if not gone:
        return model
    kept: Iterable[Declaration] = [
        one for one in model.declarations if not (isinstance(one, Map) and one.name in names)
    ]
    if model.names_are_given:
        lost = _names_in(gone) - _names_in(left)
        kept = [one for one in kept if not _is_one_of(one, lost)]
    return replace(model, declarations=tuple(kept))


def _is_one_of(declaration: Declaration, lost: Collection[Name]) -> bool:
    if not isinstance(declaration, TypeDeclaration):
        return False
    names = [name for name, _type in types_in(declaration)]
    return bool(names) and all(name in lost for name in names)


def _names_in(maps: Iterable[Map]) -> set[Name]:
    """Return the names of all types that *maps* have to do with."""
    names: set[Name] = set()
    walked: set[int] = set()
    for map in maps:
        shape: Shape | None = map.shape
        while shape is not None:
            for argument in (shape.key, shape.value, shape.record):
                if argument is not None:
                    inside = walk_once(argument.type, walked=walked)
                    names.update(name for name in (name_of(type) for type in inside) if name)
            shape = shape.inner
    return names
