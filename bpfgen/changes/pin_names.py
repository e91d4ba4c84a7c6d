"""Running maps by the names of their pins, which is how loaders look for them.

The kernel's name of a map is cut, may be another one, or that of several maps; before maps are
paired.
"""

from __future__ import annotations

import os

from bpfgen.kernel.map_kind import NAME_BYTES
from bpfgen.model.maps import Map
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.model.model import Model


def name_of_pin(path: str) -> str:
    """Return how the map is called whose pin at *path* a loader finds."""
    return os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace")


def named_by_pins(model: Model, pins: Mapping[str, str]) -> Model:
    """Return *model*, of running maps, in which those that are pinned are called as their pins.

    *pins* are the paths of pins, by the names that the maps have.
    """
    declarations = tuple(
        replace(one, name=name_of_pin(pins[one.name]))
        if isinstance(one, Map) and one.name in pins
        else one
        for one in model.declarations
    )
    return replace(model, declarations=declarations)


def cut_names(model: Model, pins: Mapping[str, str]) -> frozenset[str]:
    """Return the names in *model*, of running maps, that the kernel may have cut.

    *pins* are the paths of pins, by the names that the maps have: these names are whole.
    """
    names = {map.name for map in model.maps if map.name not in pins}
    return frozenset(name for name in names if len(name.encode()) >= NAME_BYTES)
