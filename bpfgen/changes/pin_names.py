"""Pinned maps by the names of their pins, which is how loaders look for them.

The kernel's name of a map may be another one, or that of several maps; before maps are paired.
"""

from __future__ import annotations

import os

from bpfgen.model.maps import Map
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from bpfgen.model.model import Model


def pin_names(pins: Mapping[str, str], declared: Container[str]) -> dict[str, str]:
    """Return how maps are called whose pins a loader finds, by the names that they have.

    Args:
        pins: The paths of pins, by the names that the maps have; of one directory.
        declared: The names that NEW declares.
    """
    own = {name: os.path.basename(path) for name, path in pins.items()}
    names = {name: pin for name, pin in own.items() if pin in declared}
    taken = set(names.values())
    for name, pin in own.items():
        if name not in names and name in taken:
            names[name] = pin  # another map's pin has this one's name
    return {name: pin for name, pin in names.items() if pin != name}


def renamed(model: Model, names: Mapping[str, str]) -> Model:
    """Return *model*, of running maps, with the maps in *names* called so."""
    if not names:
        return model
    declarations = tuple(
        replace(one, name=names.get(one.name, one.name)) if isinstance(one, Map) else one
        for one in model.declarations
    )
    return replace(model, declarations=declarations)
