"""Which maps of OLD are pinned: by the source, by a loader on its own, or by somebody already.

A map that only NEW pins is in nobody's way: there is no pin of it yet.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from bpfgen.model.maps import PINNING
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.changes.categories import Asked
    from bpfgen.model.maps import Map

EXTERN = "extern"


def is_followed(old: Map, new: Map | None, asked: Asked) -> bool:
    """Return whether `pin` has to look at the map *old*, which *new* is now.

    A map that OLD only declares `extern` is made, and pinned, by the object that defines it.
    """
    if old.linkage == EXTERN:
        return False
    return pins(old) or asked.everything or _is_pinned_elsewhere(old, new, asked)


def is_reused(old: Map, new: Map, asked: Asked) -> bool:
    """Return whether whoever loads *new* looks at the pin of *old*."""
    if pins(old) and (pins(new) or asked.is_new_running):
        return True
    return asked.everything or _is_pinned_elsewhere(old, new, asked)


def is_unpinned(old: Map, new: Map, asked: Asked) -> bool:
    """Return whether *old* was pinned by its source alone, and *new* isn't."""
    if not pins(old) or pins(new) or asked.is_new_running:
        return False
    return not _is_pinned_elsewhere(old, new, asked)


def is_known(old: Map, new: Map | None, asked: Asked) -> bool:
    """Return whether *old* is pinned, or only compared as if it were."""
    return pins(old) or old.name in asked.pins or _is_named(old, new, asked)


def pins(map: Map) -> bool:
    """Return whether the source says that *map* is pinned by its name."""
    attribute = map.shape.attributes.get("pinning")
    return attribute is not None and attribute.value == PINNING["by_name"]


def _is_pinned_elsewhere(old: Map, new: Map | None, asked: Asked) -> bool:
    """Return whether it is pinned whatever the source says."""
    return asked.is_pin or _is_named(old, new, asked)


def _is_named(old: Map, new: Map | None, asked: Asked) -> bool:
    """Return whether a pattern says that a loader pins it."""
    names = (old.name,) if new is None else (old.name, new.name)
    return any(fnmatchcase(name, pattern) for name in names for pattern in asked.pinned)
