"""Which map and type of NEW is which of OLD: by name, and where a name is gone, by what it names.

Below the categories, which all compare the same pairs. A name that is on both sides is one thing,
whatever has become of it. What is left is paired in this order:

1. a map of the running kernel that no pin names: the kernel keeps 15 bytes of a name. What has one
   that several maps would be cut to is left out, and nothing is said of any of them but that;
2. a map or a type that moved to another file of the run, with its name;
3. a map of the same shape and another name, in its file, then in another one.

:mod:`bpfgen.changes.type_pairs` does it for types. Of several that could be it the one with the
nearest name is taken, then the first.
"""

from __future__ import annotations

from collections import Counter

from bpfgen.changes.matching import matched
from bpfgen.changes.type_pairs import TypePair, type_pairs
from bpfgen.ctype.fingerprint import Fingerprints
from bpfgen.kernel.made import kept_name
from bpfgen.model.fingerprint import fingerprint_of_map
from bpfgen.model.model import Model
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence

    from bpfgen.changes.type_pairs import Name
    from bpfgen.ctype.types import Type
    from bpfgen.model.maps import Map, Shape
    from bpfgen.record import Uncompared

__all__ = ["MapPair", "Pairs", "TypePair", "Unclear", "no_model", "pairs_of", "pairs_of_files"]


class MapPair(Record):
    """A map of OLD and what has become of it; one of them may be None, never both.

    Attributes:
        old: None for a map that only NEW has.
        new: None for a map that is gone.
        moved_to: The model that declares *new*, where that is another file of the run.
        is_cut: The names differ because one side is a running map, of whose name the kernel keeps
            15 bytes.
    """

    old: Map | None
    new: Map | None
    moved_to: Uncompared[Model | None] = None
    is_cut: bool = False

    @property
    def is_renamed(self) -> bool:
        """Whether both are there and have different names."""
        if self.old is None or self.new is None or self.is_cut:
            return False
        return self.old.name != self.new.name


class Unclear(Record):
    """Maps that the kernel would all call the same, and nobody knows which of them is which.

    Attributes:
        name: What the kernel has of their names.
        old: Those of OLD; not empty.
        new: Those of NEW; not empty.
    """

    name: str
    old: tuple[Map, ...]
    new: tuple[Map, ...]


class Pairs(Record):
    """Two models, side by side.

    Attributes:
        old: The model of OLD; of a file that is new, one without declarations.
        new: The model of NEW; of a file that is gone, one without declarations.
        maps: The maps of OLD in their order, then those that only NEW has.
        types: The types that OLD declares in their order, then those that only NEW declares.
            Anonymous ones are known by their typedefs, or not at all.
        defined_before: The names of its maps that other files of the run define in OLD.
        defined_now: Those that other files define in NEW.
        unclear: Maps of both that aren't among *maps*.
    """

    old: Model
    new: Model
    maps: tuple[MapPair, ...]
    types: tuple[TypePair, ...] = ()
    defined_before: frozenset[str] = frozenset()
    defined_now: frozenset[str] = frozenset()
    unclear: tuple[Unclear, ...] = ()

    def new_model_of(self, pair: MapPair | TypePair) -> Model:
        """Return the model of the file that has the new side of *pair*."""
        return pair.moved_to or self.new


def no_model(name: str) -> Model:
    """Return the model of the file *name* where it isn't there: it declares nothing."""
    return Model(name, "", {}, (), (), (), (), (), {})


NONE_CUT: tuple[frozenset[str], frozenset[str]] = frozenset(), frozenset()
"""No name of a map has been cut."""


def pairs_of(
    old: Model, new: Model, cut: tuple[frozenset[str], frozenset[str]] = NONE_CUT
) -> Pairs:
    """Return *old* and *new* side by side; *cut*: see :func:`pairs_of_files`."""
    return pairs_of_files([(old, new)], [cut])[0]


def pairs_of_files(
    files: Sequence[tuple[Model, Model]],
    cut: Sequence[tuple[frozenset[str], frozenset[str]]] = (),
    *,
    known: Sequence[Container[Name]] = (),
) -> list[Pairs]:
    """Return the files of one run, OLD and NEW of each side by side, in their order.

    What moved from one file to another is in the pairs of the file that had it, and not among what
    is new in the other one.

    Args:
        files: OLD and NEW of each; of a file that is gone or new one of them is :func:`no_model`.
        cut: Of each file the names of maps of OLD, and of NEW, that the kernel may have cut.
        known: Of each file with conditions, the (kind, name) of what both sides have, if only in
            different cases; `map` is the kind of maps. It is never a new name of something else.
    """
    known = known or [()] * len(files)
    maps = _MapPairs(files, known, cut or [NONE_CUT] * len(files))
    maps.run()
    types = type_pairs(files, known, [maps.types_at_places(index) for index in range(len(files))])
    before, now = (_defined_elsewhere(files, side) for side in (0, 1))
    return [
        Pairs(
            *(old, new, maps.of_file(index), tuple(types[index]), before[index], now[index]),
            maps.unclear[index],
        )
        for index, (old, new) in enumerate(files)
    ]


def _defined_elsewhere(files: Sequence[tuple[Model, Model]], side: int) -> list[frozenset[str]]:
    """Return for each of *files* which of its maps other files define, in OLD (*side* 0) or NEW."""
    if len(files) == 1:
        return [frozenset()]
    defined = [{m.name for m in file[side].maps if m.linkage != "extern"} for file in files]
    counts = Counter(name for names in defined for name in names)
    found = []
    for own, file in zip(defined, files, strict=True):
        names = {map.name for model in file for map in model.maps}
        found.append(frozenset(name for name in names if counts[name] > (name in own)))
    return found


def _unclear(old: Model, new: Model, names: Iterable[str]) -> Iterator[Unclear]:
    """Yield for which of *names*, that the kernel may have cut, there are several maps."""
    sides: list[dict[str, list[Map]]] = []
    for model in (old, new):
        found: dict[str, list[Map]] = {}
        for map in model.maps:
            found.setdefault(kept_name(map.name), []).append(map)
        sides.append(found)
    for name in sorted(names):
        own, other = (tuple(found.get(name, ())) for found in sides)
        if own and other and len(own) + len(other) > 2:
            yield Unclear(name, own, other)


class _Placed(Record):
    """A map, and which of the files of the run has it."""

    map: Map
    file: int


class _MapPairs:
    """The maps of the files of a run, as they are being paired."""

    def __init__(
        self,
        files: Sequence[tuple[Model, Model]],
        known: Sequence[Container[Name]],
        cut: Sequence[tuple[frozenset[str], frozenset[str]]],
    ) -> None:
        self._files = files
        self._known = known
        self._cut = [{kept_name(name) for names in sides for name in names} for sides in cut]
        self.unclear = [
            tuple(_unclear(*file, names)) if names else ()
            for file, names in zip(files, self._cut, strict=True)
        ]
        self._pairs: list[dict[str, MapPair]] = []
        self._gone: dict[tuple[int, str], _Placed] = {}
        self._added: dict[tuple[int, str], _Placed] = {}
        self._fingerprints = Fingerprints()
        for index, (old, new) in enumerate(files):
            own, other = ({map.name: map for map in model.maps} for model in (old, new))
            for one in self.unclear[index]:
                for maps, unclear in ((own, one.old), (other, one.new)):
                    for map in unclear:
                        del maps[map.name]
            self._pairs.append({n: MapPair(m, other[n]) for n, m in own.items() if n in other})
            self._gone |= {(index, n): _Placed(m, index) for n, m in own.items() if n not in other}
            self._added |= {(index, n): _Placed(m, index) for n, m in other.items() if n not in own}

    def run(self) -> None:
        """Pair what is on one side only."""
        if any(self._cut):
            self._match(self._cut_name, is_cut=True)
        self._match(lambda one: one.map.name)
        self._match(self._shape_in_file)
        self._match(self._shape)

    def _match(self, same: Callable[[_Placed], Hashable], *, is_cut: bool = False) -> None:
        if not self._gone or not self._added:
            return
        gone, added = list(self._gone.values()), list(self._added.values())
        for old, new in matched(gone, added, same, lambda one: one.map.name):
            moved_to = None if old.file == new.file else self._files[new.file][1]
            self._pairs[old.file][old.map.name] = MapPair(old.map, new.map, moved_to, is_cut)
            del self._gone[old.file, old.map.name]
            del self._added[new.file, new.map.name]

    def of_file(self, index: int) -> tuple[MapPair, ...]:
        """Return the pairs of the file *index*."""
        pairs = self._pairs[index]
        left = {map.name for one in self.unclear[index] for map in one.old}
        own = [
            pairs.get(map.name) or MapPair(map, None)
            for map in self._files[index][0].maps
            if map.name not in left
        ]
        new = (self._added.get((index, map.name)) for map in self._files[index][1].maps)
        return (*own, *(MapPair(None, one.map) for one in new if one is not None))

    def types_at_places(self, index: int) -> Iterator[tuple[Type, Type]]:
        """Yield the types that the maps of the file *index* have on both sides, by their place."""
        for pair in self.of_file(index):
            old = None if pair.old is None else pair.old.shape
            new = None if pair.new is None else pair.new.shape
            while old is not None and new is not None:
                for own, other in (
                    (old.key, new.key),
                    (old.value, new.value),
                    (old.record, new.record),
                ):
                    if own is not None and other is not None:
                        yield own.type, other.type
                old, new = old.inner, new.inner

    def _cut_name(self, one: _Placed) -> Hashable:
        name = kept_name(one.map.name)
        return (one.file, name) if name in self._cut[one.file] else None

    def _shape_in_file(self, one: _Placed) -> Hashable:
        shape = self._shape(one)
        return None if shape is None else (one.file, shape)

    def _shape(self, one: _Placed) -> Hashable:
        """Return all that a map is but its name, its pin and its slots; None of a known name."""
        map = one.map
        if ("map", map.name) in self._known[one.file]:
            return None
        shape, shapes = map.shape, []
        while True:
            shapes.append((shape.kind.name, *_numbers(shape)))
            if shape.inner is None:
                break
            shape = shape.inner
        what = fingerprint_of_map(map, self._fingerprints)
        return what, map.linkage == "extern", map.legacy, tuple(shapes)


def _numbers(shape: Shape) -> list[tuple[str, int | None]]:
    """Return what the attributes of *shape* come to, but for the pin."""
    return sorted((name, one.value) for name, one in shape.attributes.items() if name != "pinning")
