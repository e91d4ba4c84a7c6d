"""The maps of a C file, with all that they need, as a source that compiles.

The importer of C in one screen: the unit is read, its maps are written, what they need is put
before them, each thing where it stood. What comes out is compiled, and held against the object that
clang makes of the C.
"""

from __future__ import annotations

import os

from bpfgen.emit.backend import base_name
from bpfgen.importer.from_c.completion import complete
from bpfgen.importer.from_c.forced import finder_for_c
from bpfgen.importer.from_c.map_texts import MapTexts
from bpfgen.importer.from_c.needs import prototype
from bpfgen.importer.from_c.reading import FileReader
from bpfgen.importer.from_c.taken import taken_from
from bpfgen.importer.from_c.unit import headers_read, read_unit
from bpfgen.importer.items import (
    DEFINITION,
    MAP,
    MAPS,
    PAIR,
    PROGRAMS,
    PROTOTYPE,
    TEMPLATES,
    Imported,
    Item,
    Origin,
)
from bpfgen.importer.repair import NOTHING_AT_ALL, repaired
from bpfgen.importer.wanted import item_of, member_of, unknown, wanted_type, without_holders
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import ERROR, NOTE, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.compiler import Compilation, Options
    from bpfgen.importer.from_c.map_texts import Written
    from bpfgen.importer.from_c.unit import Include, Unit
    from bpfgen.importer.wanted import Wanted
    from bpfgen.object.records import ObjectFile

_MOST_READINGS = 4
_NO_FAULTS = (0, 0)


def import_c(
    text: str, path: str, options: Options | None = None, types: Sequence[str] = ()
) -> Imported:
    """Return the source of the maps that the C file *path*, with *text*, defines.

    The definitions of *options* are macros of the C file. What can't be translated is reported with
    its line, in warnings and notes. That the source isn't what clang makes of the C is an error.
    *types* are wanted whether a map needs them or not, `flow` or `struct flow`; there is an error
    for each that the file hasn't.

    Raises:
        ToolMissing: The clang that was asked for isn't there.
    """
    from bpfgen.compiler import Options as DefaultOptions

    options = options or DefaultOptions()
    read_in: set[str] = set()
    wanted = [wanted_type(typed) for typed in types]
    importer = _with_headers(text, path, options, read_in, wanted)
    best = importer.imported
    # A header may say something else where it stands, and a name be something else in a header.
    own = {include.name[1:-1] for include in importer.unit.includes if _is_own(include)}
    if _faults(best) > _NO_FAULTS and own - read_in:
        read_in |= own
        importer = _with_headers(text, path, options, read_in, wanted)
        best = min(best, importer.imported, key=_faults)
    if _faults(best) > _NO_FAULTS:
        again = _Importer(importer.unit, path, options, wanted, without_names=importer).imported
        best = min(best, again, key=_faults)
    return replace(best, dependencies=headers_read(importer.unit))


def _with_headers(
    text: str, path: str, options: Options, read_in: set[str], wanted: Sequence[Wanted]
) -> _Importer:
    """Return what the file comes to with the headers read in that mean nothing by themselves.

    Those are added to *read_in*.
    """
    for _ in range(_MOST_READINGS):
        importer = _Importer(read_unit(text, path, options, read_in), path, options, wanted)
        failed = importer.failed_headers() - read_in
        if not failed:
            break
        read_in |= failed
    return importer


class _Importer:
    """Goes through one unit, of the file *path*.

    With *without_names*, which went through it with them, constants are numbers.

    Attributes:
        imported: What came of it.
    """

    def __init__(
        self,
        unit: Unit,
        path: str,
        options: Options,
        wanted: Sequence[Wanted] = (),
        without_names: _Importer | None = None,
    ) -> None:
        self.path = path
        self.options = options
        self.unit = unit
        self._wanted = wanted
        self._holders: list[Item] = []
        self._items_left: list[Item] = []
        self.file = FileReader(unit, with_names=without_names is None)
        self._compiled = None if without_names is None else without_names.emitted()
        complete(self.file, self.emitted)
        self.texts = MapTexts(self.file)
        self.diagnostics = self.file.diagnostics
        self.imported = self._imported()

    @property
    def _own_options(self) -> Options:
        """Those of the source: macros of the command line are the C's, and its headers see them."""
        clang = finder_for_c(self.options)
        return replace(self.options, definitions={}, undefined=(), clang=clang)

    def _imported(self) -> Imported:
        """Write the maps, then what they need."""
        written = [text for text in map(self.texts.written, self.file.maps) if text is not None]
        self._want_types()
        if not written and not self._holders:
            self._hold(None)
            return Imported("", self.diagnostics)
        name = "".join(c if c.isprintable() else "?" for c in base_name(self.path))
        compilation = self._sound(written, name)
        if compilation is None or not (compilation.model.maps or self._holders):
            self._hold(None)
            return Imported("", self.diagnostics)
        compilation = without_holders(compilation, self.diagnostics, len(self._holders))
        self._hold(compilation)
        self._report_unguarded(compilation)
        taken = taken_from(self.file, self.path, self._items_left)
        return Imported(compilation.source.text, self.diagnostics, compilation, taken=taken)

    def _want_types(self) -> None:
        """Have each type that is asked for held, and report those that there aren't."""
        place = f"{base_name(self.path)}: "
        for wanted in self._wanted:
            called = self.file.needs.called(wanted.kinds, wanted.name)
            if not called:
                known = (name.rpartition(" ")[2] for name in self.file.needs.types)
                self.diagnostics.append(unknown(wanted, known, place))
            for type in called:
                number = len(self._holders)
                self._holders.append(item_of(number, wanted, f"{type} {member_of(wanted)}", place))

    def _report_unguarded(self, compilation: Compilation) -> None:
        """Report the headers that the source and the program can't both include."""
        places = {include.name[1:-1]: include.place for include in reversed(self.unit.includes)}
        for found in compilation.diagnostics:
            if found.code == "include-guard" and found.subject is not None:
                where = self.unit.where(places[found.subject.name])
                self.diagnostics.append(replace(found, span=None, message=where + found.message))

    def _sound(self, written: list[Written], name: str) -> Compilation | None:
        """Return what the source compiles to; headers are added that other headers need."""
        best: tuple[Compilation | None, list[Diagnostic]] = (None, [])
        for every_include in (False, True):
            items = self._items(written, every_include=every_include)
            reported: list[Diagnostic] = []
            sound = repaired(items, name, self._own_options, reported, os.path.dirname(self.path))
            compilation = None if sound is None else sound[0]
            if not best[1] or _count(compilation) > _count(best[0]):
                best = compilation, reported
                self._items_left = [] if sound is None else sound[1]
            if not _lost_headers(reported) and not _is_all_lost(reported):
                break
        self.diagnostics += best[1]
        self.diagnostics += (
            Diagnostic(
                "import-name",
                f"`{typedef}` is another integer here than in the C; the source has `{base}`",
                None,
                severity=NOTE,
            )
            for typedef, base in self.file.needs.retyped_names.items()
        )
        return best[0]

    def _items(self, written: list[Written], *, every_include: bool) -> list[Item]:
        """Return all that is declared, in the order of the C."""
        placed: list[tuple[int, int, Item]] = []
        maps = {text.name for text in written} | {defined.map.name for defined in self.file.maps}
        slots = [
            (defined.start, target)
            for defined in self.file.maps
            for _index, target in defined.map.slots
            if target not in maps
        ]
        texts = [declaration.text for declaration in (*written, *self.texts.templates.values())]
        texts += (holder.text for holder in self._holders)
        programs: dict[str, None] = {}
        for start, target in slots:
            if target not in programs:
                programs[target] = None
                text = prototype(self.file.heads.get(target, ""), target)
                texts.append(f"{text};")
                origins = _origins(PROTOTYPE, target, self.file.prototypes.get(target))
                what = f"program `{target}`"
                item = Item(f"{text};\n", "", what, PROGRAMS, origins=origins)
                placed.append((start, 0, item))
        for start, item in self.file.needs.items(
            texts, self.texts.templates, every_include=every_include
        ):
            placed.append((start, 1, item))
        for group, declarations in ((TEMPLATES, self.texts.templates.values()), (MAPS, written)):
            for declared in declarations:
                what = f"{'map' if group == MAPS else 'template'} `{declared.name}`"
                name = declared.name if group == MAPS else ""
                place = self.unit.where(declared.place)
                text = self.file.needs.retyped(declared.text)
                origins = _origins(MAP if name else DEFINITION, declared.name, declared.start)
                if name in self.file.pairs:
                    origins += _origins(PAIR, name, self.file.pair_starts.get(name))
                item = Item(text, name, what, group, (), place, origins=origins)
                placed.append((declared.start, 2, item))
        in_order = sorted(placed, key=lambda entry: entry[:2])
        return [*(item for _start, _order, item in in_order), *self._holders]

    def failed_headers(self) -> set[str]:
        """Return the names of the project's headers that could not be included by themselves."""
        failed = _lost_headers(self.diagnostics)
        if _is_all_lost(self.diagnostics):
            failed |= self.file.needs.included
        failed |= self.texts.elsewhere | self._with_own_maps()
        return {
            name
            for include in self.unit.includes
            if (name := include.name[1:-1]) in failed and _is_own(include)
        }

    def _with_own_maps(self) -> set[str]:
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

    def _hold(self, compilation: Compilation | None) -> None:
        """Report in what the source, if there is one, isn't what clang makes of the C."""
        from bpfgen.importer.from_c.compiled import held_against

        object = self.emitted()
        if object is None:
            return
        if compilation is not None and self.file.needs.included:
            self._build(compilation)
        if isinstance(object, str):
            self.diagnostics.append(
                Diagnostic(
                    "import-lost",
                    f"the C doesn't compile here, so that nothing holds the source against it: "
                    f"{object}",
                    None,
                    severity=NOTE,
                )
            )
            return
        places = {defined.map.name: self.unit.where(defined.place) for defined in self.file.maps}
        known = self.file.reported | {
            diagnostic.map for diagnostic in self.diagnostics if diagnostic.map is not None
        }
        model = None if compilation is None else compilation.model
        retyped = self.file.needs.retyped_names
        self.diagnostics += held_against(model, object, known, places, retyped)

    def _build(self, compilation: Compilation) -> None:
        """Report why the source doesn't compile with the headers that it includes, if so."""
        from bpfgen.compiler import build
        from bpfgen.importer.from_c.compiled import INSTEAD

        for error in build(compilation, self._own_options).diagnostics:
            if error.severity == ERROR:
                message = f"the source doesn't compile: {error.message}"
                self.diagnostics.append(
                    Diagnostic("import-difference", message, None, notes=error.notes, help=INSTEAD)
                )
                return


def _origins(what: str, name: str, start: int | None) -> tuple[Origin, ...]:
    return () if start is None else (Origin(what, name, start),)


def _lost_headers(diagnostics: Iterable[Diagnostic]) -> set[str]:
    """Return the names of the headers that *diagnostics* say are left out."""
    subjects = [each.subject for each in diagnostics if each.code == "import-map"]
    return {s.name for s in subjects if s is not None and s.kind == "include"}


def _is_all_lost(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether *diagnostics* say that the source doesn't compile as a whole."""
    return any(diagnostic.subject == NOTHING_AT_ALL for diagnostic in diagnostics)


def _faults(imported: Imported) -> tuple[int, int]:
    """Return how many things in *imported* aren't what the C declares, and how many are missing."""
    codes = [diagnostic.code for diagnostic in imported.diagnostics]
    return codes.count("import-difference"), codes.count("import-map")


def _is_own(include: Include) -> bool:
    """Whether *include* is a header of the project."""
    header = include.header
    return (
        header is not None and not header.is_system and not include.name[:-1].endswith("vmlinux.h")
    )


def _count(compilation: Compilation | None) -> int:
    return 0 if compilation is None else len(compilation.model.maps)
