"""One view of a C file: what it declares where its macros are what one run says that they are.

Used by :mod:`source`, and by :mod:`variants` once for each assignment of values to the macros that
its conditions ask for. A view is read from a unit, its maps are written as declarations of the
language, and what they need is found; clang's object of it is what a source is held against.
"""

from __future__ import annotations

from functools import cached_property

from bpfgen.importer.from_c.completion import complete
from bpfgen.importer.from_c.map_texts import MapTexts
from bpfgen.importer.from_c.needs import prototype
from bpfgen.importer.from_c.reading import FileReader
from bpfgen.importer.items import (
    CONSTANT,
    DEFINITION,
    INCLUDES,
    MAP,
    MAPS,
    PAIR,
    PROGRAMS,
    PROTOTYPE,
    TEMPLATES,
    Item,
    Located,
    Origin,
    Placed,
)
from bpfgen.record import TYPE_CHECKING, MutableRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from bpfgen.compiler import Options
    from bpfgen.conditions import Assignment
    from bpfgen.importer.from_c.conditionals import Branch
    from bpfgen.importer.from_c.map_texts import Written
    from bpfgen.importer.from_c.merging import Branches
    from bpfgen.importer.from_c.reading import FoundMap
    from bpfgen.importer.from_c.unit import Include, Unit
    from bpfgen.object.records import ObjectFile


class View:
    """What *unit*, of the file *path*, declares; with *without_names*, constants are numbers.

    The latter is the view of the same unit that has names.

    Attributes:
        file: The unit as it was read.
        texts: Its maps as text.
    """

    def __init__(
        self, unit: Unit, path: str, options: Options, without_names: View | None = None
    ) -> None:
        self.unit = unit
        self.path = path
        self.options = options
        self.file = FileReader(unit, with_names=without_names is None)
        self._compiled = None if without_names is None else without_names.emitted()
        complete(self.file, self.emitted)
        self.texts = MapTexts(self.file)

    @cached_property
    def written(self) -> list[Written]:
        """The maps that can be written."""
        return [text for text in map(self.texts.written, self.meant) if text is not None]

    @property
    def meant(self) -> list[FoundMap]:
        """The maps that are asked for; one that is declared `extern`, too, is what defines it."""
        defined = {each.map.name for each in self.file.maps if each.map.linkage != "extern"}
        return [
            found
            for found in self.file.maps
            if self.unit.is_meant(found.place)
            and (found.map.linkage != "extern" or found.map.name not in defined)
        ]

    @cached_property
    def types(self) -> list[str]:
        """Declarations that use each type which is asked for though no map may need it."""
        return self.file.needs.types_in(self.unit.asked.types_of)

    def placed(
        self, others: Iterable[Item] = (), names: Collection[str] = (), *, every_include: bool
    ) -> list[Placed]:
        """Return all that is declared, in the order of the C.

        What the items *others* need comes along, and what is called by one of *names*.
        """
        self.file.keep_constants(names)
        found: list[tuple[int, int, Item]] = []
        maps = {text.name for text in self.written} | {one.map.name for one in self.file.maps}
        slots = [
            (defined.start, target)
            for defined in self.meant
            for _index, target in defined.map.slots
            if target not in maps
        ]
        templates = self.texts.templates
        texts = [declaration.text for declaration in (*self.written, *templates.values())]
        texts += (other.text for other in others)
        texts += self.types
        programs: dict[str, None] = {}
        for start, target in slots:
            if target not in programs:
                programs[target] = None
                text = prototype(self.file.heads.get(target, ""), target)
                texts.append(f"{text};")
                origins = _origins(PROTOTYPE, target, self.file.prototypes.get(target))
                what = f"program `{target}`"
                text = f"{text};\n"
                item = Item(text, "", what, PROGRAMS, origins=origins, names=(target,))
                found.append((start, 0, item))
        for start, item in self.file.needs.items(
            texts, templates, names, every_include=every_include
        ):
            found.append((start, 1, item))
        for group, declarations in ((TEMPLATES, templates.values()), (MAPS, self.written)):
            for declared in declarations:
                what = f"{'map' if group == MAPS else 'template'} `{declared.name}`"
                name = declared.name if group == MAPS else ""
                place = self.unit.where(declared.place)
                text = self.file.needs.retyped(declared.text)
                origins = _origins(MAP if name else DEFINITION, declared.name, declared.start)
                if name in self.file.pairs:
                    origins += _origins(PAIR, name, self.file.pair_starts.get(name))
                own = (declared.name,)
                item = Item(text, name, what, group, (), place, origins=origins, names=own)
                found.append((declared.start, 2, item))
        in_order = sorted(found, key=lambda entry: entry[:2])
        return [self._placed(*entry) for entry in in_order]

    def located(self, item: Item) -> Located:
        """Return *item* with the file and the line that it stands in."""
        origin = next((origin for origin in item.origins if origin.what != PAIR), None)
        if origin is None:
            return Located(item, "", 0)
        is_line = origin.what == CONSTANT
        line = self.unit.raw[origin.start if is_line else self.unit.place_of(origin.start)]
        return Located(item, self.unit.path_of(line), line.number)

    def _placed(self, start: int, order: int, item: Item) -> Placed:
        """Return *item*, which begins at *start* in the text of the unit, with its lines."""
        if item.group == INCLUDES:
            place = self._include_places.get(item.text, -1)
            return Placed(place, place, order, item)
        if start < 0:
            return Placed(-1, -1, order, item)
        place = self.unit.place_of(start)
        last = self.unit.place_of(self._ends.get(start, start + 1) - 1)
        return Placed(place, self._closed(place, last), order, item)

    def _closed(self, first: int, last: int) -> int:
        """Return the line on which the arguments end that the lines *first* to *last* begin.

        What the preprocessor makes of a macro stands on the line of its name.
        """
        lines = self.unit.lines
        texts = [line.code for line in lines[first : last + 1]]
        depth = sum(text.count("(") - text.count(")") for text in texts)
        end = last
        while depth > 0 and end + 1 < len(lines):
            end += 1
            depth += lines[end].code.count("(") - lines[end].code.count(")")
        return last if depth > 0 else end

    @cached_property
    def _include_places(self) -> dict[str, int]:
        includes: Iterable[Include] = reversed(self.unit.includes)
        return {f"include {include.name};\n": include.place for include in includes}

    @cached_property
    def _ends(self) -> dict[int, int]:
        """Where each declaration ends in the text of the unit, by where it begins."""
        return {one.start: one.end for chunk, _end in self.file.chunks for one in chunk}

    def use(self, uses: dict[str, int]) -> None:
        """Let structs be used as often as *uses* says, which decides on templates."""
        if uses != self.file.uses:
            self.file.uses = uses
            self.texts = MapTexts(self.file)
            self.__dict__.pop("written", None)

    @property
    def bodies(self) -> list[tuple[int, int]]:
        """The first and last line of each function."""
        place_of = self.unit.place_of
        return [(place_of(one.head_end), place_of(one.end - 1)) for one in self.file.functions]

    def with_own_maps(self) -> set[str]:
        """Return the names of the included headers that declare maps of the source, too.

        The definitions of the generated header are of another type than those declarations.
        """
        names = {defined.map.name for defined in self.file.maps}
        return {
            include.name[1:-1]
            for include in self.unit.includes
            if include.header is not None
            and include.name[1:-1] in self.file.needs.included
            and include.header.declares(names)
        }

    def emitted(self) -> ObjectFile | str | None:
        """Return what clang makes of the file, or why there is nothing; None without clang."""
        from bpfgen.importer.from_c.compiled import compiled

        if not self.unit.is_preprocessed:
            return None
        if self._compiled is not None:
            return self._compiled
        structs = sorted(name for name in self.file.needs.types if name.startswith("struct "))
        self._compiled = compiled(self.unit, self.file.functions, structs, self.path, self.options)
        return self._compiled


class Views(MutableRecord):
    """The views of one file.

    Attributes:
        all: The first is that in which no macro is defined but those of the command line.
        assignments: What the macros are in each.
        branches: Of the file; None where there is one view.
        read: Reads the file where its macros are something else again.
        left: Branches of which only what is active was read, since there are too many cases.
        kept: The numbers of the conditionals of which all cases were read.
    """

    all: list[View]
    assignments: list[Assignment]
    branches: Branches | None
    read: Callable[[Assignment], View]
    left: list[Branch]
    kept: frozenset[int] = frozenset()


def _origins(what: str, name: str, start: int | None) -> tuple[Origin, ...]:
    return () if start is None else (Origin(what, name, start),)
