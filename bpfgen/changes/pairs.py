"""Which map of NEW is which of OLD: by name, and where a name is gone, by what the map is.

Below the categories, which all compare the same pairs.
"""

from __future__ import annotations

from bpfgen.model.maps import Map
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.model.model import Model


class MapPair(Record):
    """A map of OLD and what has become of it; one of them may be None, never both.

    Attributes:
        old: None for a map that only NEW has.
        new: None for a map that is gone.
    """

    old: Map | None
    new: Map | None

    @property
    def is_renamed(self) -> bool:
        """Whether both are there and have different names."""
        return self.old is not None and self.new is not None and self.old.name != self.new.name


class Pairs(Record):
    """Two models, side by side.

    Attributes:
        old: The model of OLD.
        new: The model of NEW.
        maps: The maps of OLD in their order, then those that only NEW has.
    """

    old: Model
    new: Model
    maps: tuple[MapPair, ...]


def pairs_of(old: Model, new: Model) -> Pairs:
    """Return *old* and *new* side by side."""
    own = {one.name: one for one in old.declarations if isinstance(one, Map)}
    other = {one.name: one for one in new.declarations if isinstance(one, Map)}
    maps = [MapPair(map, other.get(name)) for name, map in own.items()]
    maps += [MapPair(None, map) for name, map in other.items() if name not in own]
    return Pairs(old, new, tuple(maps))
