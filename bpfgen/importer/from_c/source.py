"""The maps of a C file, with all that they need, as a source that compiles.

The importer of C in one screen: the unit is read, its maps are written, what they need is put
before them, each thing where it stood. What comes out is compiled, and held against the object that
clang makes of the C.
"""

from __future__ import annotations

import os
from contextlib import suppress

from bpfgen.emit.backend import base_name
from bpfgen.importer.from_c.asked import NOTHING_ELSE
from bpfgen.importer.from_c.clashes import may_clash
from bpfgen.importer.from_c.forced import finder_for_c
from bpfgen.importer.from_c.refused import refusals
from bpfgen.importer.from_c.taken import taken_from
from bpfgen.importer.from_c.undecided import BuildsChoices
from bpfgen.importer.from_c.unit import headers_read
from bpfgen.importer.from_c.view import View
from bpfgen.importer.from_c.views import read_view, with_conditions
from bpfgen.importer.items import Imported
from bpfgen.importer.repair import NOTHING_AT_ALL, repaired
from bpfgen.importer.wanted import item_of, member_of, unknown, wanted_type, without_holders
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import ERROR, NOTE, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.compiler import Compilation, Options
    from bpfgen.conditions import Assignment
    from bpfgen.importer.from_c.asked import Asked
    from bpfgen.importer.from_c.unit import Include
    from bpfgen.importer.from_c.view import Views
    from bpfgen.importer.items import Item, Located, Placed, Taken
    from bpfgen.importer.wanted import Wanted
    from bpfgen.model.model import Model

_MOST_READINGS = 4
_NO_FAULTS = (0, 0)


def import_c(
    text: str,
    path: str,
    options: Options | None = None,
    types: Sequence[str] = (),
    asked: Asked = NOTHING_ELSE,
    *,
    is_decided: bool = False,
) -> Imported:
    """Return the source of the maps that the C file *path*, with *text*, defines.

    The definitions of *options* are macros of the C file. What can't be translated is reported with
    its line, in warnings and notes. That the source isn't what clang makes of the C is an error.
    *types* are wanted whether a map needs them or not, `flow` or `struct flow`; there is an error
    for each that the file hasn't. What is *asked* for besides may change which maps are meant.

    Conditions on macros that only a build gives stay conditions of the source. With *is_decided*,
    and where types are wanted, macros that *options* don't give are not defined instead.

    Raises:
        ToolMissing: The clang that was asked for isn't there.
    """
    from bpfgen.compiler import Options as DefaultOptions

    options = options or DefaultOptions()
    if options.btf is not None:
        from bpfgen.importer.from_c.vmlinux import with_vmlinux

        return with_vmlinux(
            text,
            path,
            options,
            lambda given, vmlinux: _import_c(
                text, path, given, types, replace(asked, vmlinux=vmlinux), is_decided=is_decided
            ),
        )
    return _import_c(text, path, options, types, asked, is_decided=is_decided)


def _import_c(
    text: str,
    path: str,
    options: Options,
    types: Sequence[str],
    asked: Asked,
    *,
    is_decided: bool,
) -> Imported:
    """Return what :func:`import_c` does, whatever names the kernel's types."""
    read_in = set(asked.read_in)
    wanted = [wanted_type(typed) for typed in types]

    def with_headers() -> _Importer:
        """Return what the file comes to with the headers that mean nothing by themselves."""
        for _ in range(_MOST_READINGS):
            views = read_view(text, path, options, read_in, asked)
            importer = _Importer(views, path, options, wanted)
            failed = importer.failed_headers() - read_in
            if not failed:
                break
            read_in.update(failed)
        return importer

    importer = with_headers()
    best = importer.imported
    # A header may say something else where it stands, and a name be something else in a header.
    own = importer.own_headers()
    if _faults(best) > _NO_FAULTS and own - read_in:
        read_in |= own
        importer = with_headers()
        best = min(best, importer.imported, key=_faults)
    if _faults(best) > _NO_FAULTS:
        views = importer.views
        plain = [View(view.unit, path, view.options, view) for view in views.all]
        again = _Importer(replace(views, all=plain), path, options, wanted).imported
        best = min(best, again, key=_faults)
    best = replace(best, dependencies=importer.headers_read())
    if is_decided or types:
        first = importer.views.all[0]
        is_whole = not _faults(best)[1]
        refused = refusals(first.unit, first.emitted(), is_whole=is_whole)
        return replace(best, refused=refused)
    for _ in range(_MOST_READINGS):
        cases = with_conditions(importer.views, path, options)
        if cases is None:
            return _with_notes(best, importer.views)
        kept = _Importer(cases, path, options)
        failed = kept.failed_headers() - read_in
        if not failed:
            break
        read_in |= failed
        importer = _Importer(read_view(text, path, options, read_in, asked), path, options)
    # What conditions of the language can't say costs no more than the conditions.
    if not kept.imported.text or _differences(kept.imported) > _differences(best):
        return _with_notes(best, importer.views)
    imported = replace(kept.imported, dependencies=kept.headers_read())
    return _with_notes(imported, kept.views)


def _with_notes(imported: Imported, views: Views) -> Imported:
    """Return *imported* with a note for each condition that is a build's, and that it hasn't.

    A constant that has a default is one in the source, and no case of anything.
    """
    unit = views.all[0].unit
    said = {unit.where(branch.place) for branch in views.left}
    notes: dict[Diagnostic, None] = {}
    for each in (each for taken in imported.taken for each in taken.undecided):
        if not each.is_default and each.where not in said:
            message = (
                f"{each.where}`{each.directive}` stays decided, as it is without `{each.macro}`; "
                "`-D` and `-U` decide otherwise"
            )
            notes[Diagnostic("import-lost", message, None, severity=NOTE)] = None
    return replace(imported, diagnostics=[*imported.diagnostics, *notes])


class _Importer:
    """Makes one source of *views* of the file *path*.

    Attributes:
        views: The same.
        imported: What came of it.
    """

    def __init__(
        self, views: Views, path: str, options: Options, wanted: Sequence[Wanted] = ()
    ) -> None:
        self.views = views
        self.path = path
        self.options = options
        self._wanted = wanted
        self._holders: list[Item] = []
        self._items_left: list[Item] = []
        self._placed: list[list[Placed]] = []
        self._diagnostics: list[Diagnostic] = []
        self._source = views.all[0].unit.asked.source or path
        self.imported = self._imported()

    @property
    def _own_options(self) -> Options:
        """Those of the source: macros of the command line are the C's, and its headers see them."""
        clang = finder_for_c(self.options)
        return replace(self.options, definitions={}, undefined=(), clang=clang)

    def _imported(self) -> Imported:
        """Write the maps, then what they need."""
        first = self.views.all[0]
        wanted = [text for view in self.views.all for text in (*view.written, *view.types)]
        self._want_types()
        if not wanted and not self._holders:
            return self._nothing()
        name = "".join(c if c.isprintable() else "?" for c in base_name(self._source))
        compilation = self._sound(name)
        has_types = any(view.types for view in self.views.all)
        if compilation is None or not (_count(compilation) or self._holders or has_types):
            return self._nothing()
        compilation = without_holders(compilation, self._diagnostics, len(self._holders))
        self._hold(compilation)
        self._report_unguarded(compilation)
        return Imported(
            compilation.source.text,
            self._reported(),
            compilation,
            taken=tuple(self._taken()),
            located=tuple(self._located()),
            read=first.unit.files,
            object=first.emitted(),
            unfolded=tuple(first.file.needs.retyped_names),
        )

    def _nothing(self) -> Imported:
        """Return that there is no map, or none that can be written."""
        self._hold(None)
        first = self.views.all[0]
        read, object = first.unit.files, first.emitted()
        return Imported("", self._reported(), read=read, object=object)

    def _reported(self) -> list[Diagnostic]:
        """Return what the views and what became of them have to say, each once.

        What one view leaves out and another one has isn't left out.
        """
        views = self.views.all
        left_out = set(views[0].file.left_out).intersection(*(v.file.left_out for v in views[1:]))
        reported: list[Diagnostic] = []
        for view in views:
            others = [said for place, said in view.file.left_out.items() if place not in left_out]
            reported += (
                said
                for said in view.file.diagnostics
                if said not in others and (len(views) == 1 or said not in reported)
            )
        for branch in self.views.left:
            message = (
                f"{views[0].unit.where(branch.place)}`#{branch.word} {branch.condition}` stays "
                "decided: there are too many cases; `-D` and `-U` decide otherwise"
            )
            reported.append(Diagnostic("import-lost", message, None, severity=NOTE))
        return [*reported, *self._diagnostics]

    def _taken(self) -> Iterable[Taken]:
        """Return what of the C is in the source, of all views together."""
        left = {(item.group, item.what, item.place): item for item in self._items_left}
        taken: dict[Taken, None] = {}
        choices = BuildsChoices(self.views, self.options)
        for view, placed in zip(self.views.all, self._placed, strict=True):
            items = []
            for item in (one.item for one in placed):
                kept = left.get((item.group, item.what, item.place))
                if kept is not None:
                    depth = sum(within.is_of_c for within in kept.within)
                    origins = tuple(replace(each, conditions=depth) for each in item.origins)
                    items.append(replace(item, origins=origins))
            taken |= dict.fromkeys(taken_from(view.file, self.path, items, choices))
        return taken

    def _located(self) -> Iterable[Located]:
        """Yield the declarations of the source with where they stand in C."""
        views: dict[tuple[int, str, str], tuple[View, Item]] = {}
        for view, placed in zip(self.views.all, self._placed, strict=True):
            for item in (one.item for one in placed):
                views.setdefault((item.group, item.what, item.place), (view, item))
        for item in self._items_left:
            view, own = views.get((item.group, item.what, item.place), (self.views.all[0], item))
            yield replace(view.located(own), item=item)

    def _want_types(self) -> None:
        """Have each type that is asked for held, and report those that there aren't."""
        place = f"{base_name(self.path)}: "
        needs = self.views.all[0].file.needs
        for wanted in self._wanted:
            called = needs.called(wanted.kinds, wanted.name)
            if not called:
                known = (name.rpartition(" ")[2] for name in needs.types)
                self._diagnostics.append(unknown(wanted, known, place))
            for type in called:
                number = len(self._holders)
                self._holders.append(item_of(number, wanted, f"{type} {member_of(wanted)}", place))

    def _includes(self) -> Iterable[tuple[View, Include]]:
        return ((view, include) for view in self.views.all for include in view.unit.includes)

    def _report_unguarded(self, compilation: Compilation) -> None:
        """Report the headers that the source and the program can't both include."""
        places: dict[str, str] = {}
        for view, include in self._includes():
            name = view.unit.name_in_source(include)[1:-1]
            places.setdefault(name, view.unit.where(include.place))
        for found in compilation.diagnostics:
            if found.code == "include-guard" and found.subject is not None:
                where = places[found.subject.name]
                self._diagnostics.append(replace(found, span=None, message=where + found.message))

    def _sound(self, name: str) -> Compilation | None:
        """Return what the source compiles to; headers are added that other headers need."""
        best: tuple[Compilation | None, list[Diagnostic]] = (None, [])
        for every_include in (False, True):
            items = self._items(every_include=every_include)
            reported: list[Diagnostic] = []
            directory = os.path.dirname(self._source)
            sound = repaired(items, name, self._own_options, reported, directory)
            compilation = None if sound is None else sound[0]
            if not best[1] or _count(compilation) > _count(best[0]):
                best = compilation, reported
                self._items_left = [] if sound is None else sound[1]
            if not _lost_headers(reported) and not _is_all_lost(reported):
                break
        self._diagnostics += best[1]
        self._diagnostics += (
            Diagnostic(
                "import-name",
                f"`{typedef}` is another integer here than in the C; the source has `{base}`",
                None,
                severity=NOTE,
            )
            for typedef, base in self._retyped().items()
        )
        return best[0]

    def _retyped(self) -> dict[str, str]:
        return {
            typedef: base
            for view in self.views.all
            for typedef, base in view.file.needs.retyped_names.items()
        }

    def _items(self, *, every_include: bool) -> list[Item]:
        """Return all that is declared, in the order of the C."""
        views, branches = self.views.all, self.views.branches
        if branches is None:
            self._placed = [views[0].placed(self._holders, every_include=every_include)]
            return [*(one.item for one in self._placed[0]), *self._holders]
        names: frozenset[str] = frozenset()
        while True:
            self._placed = [view.placed((), names, every_include=every_include) for view in views]
            # What one of them needs, the others declare as well, as far as they have it.
            used = names.union(*(view.file.needs.used for view in views))
            if used == names:
                from bpfgen.importer.from_c.merging import merged

                with suppress(ValueError):
                    return merged(self._placed, branches)
                # Conditions that can't be said are decided.
                self.views = replace(self.views, all=views[:1], assignments=[()], branches=None)
                return self._items(every_include=every_include)
            names = used

    def failed_headers(self) -> set[str]:
        """Return the names of the project's headers that could not be included by themselves."""
        failed = _lost_headers(self._diagnostics)
        for view in self.views.all:
            if _is_all_lost(self._diagnostics):
                failed |= view.file.needs.included
            failed |= view.texts.elsewhere | view.with_own_maps()
        return failed & self.own_headers()

    def own_headers(self) -> set[str]:
        """Return the names of the headers of the project that stay included."""
        return {include.name[1:-1] for _view, include in self._includes() if _is_own(include)}

    def headers_read(self) -> tuple[str, ...]:
        """Return the paths of the headers that clang read, each once."""
        read = (path for view in self.views.all for path in headers_read(view.unit))
        return tuple(dict.fromkeys(read))

    def _hold(self, compilation: Compilation | None) -> None:
        """Report in what the source, if there is one, isn't what clang makes of the C."""
        has_headers = any(view.file.needs.included for view in self.views.all)
        unit = self.views.all[0].unit
        # The sources of a project are built as they are in the end.
        is_last = unit.is_preprocessed and not unit.asked.is_of_project
        if compilation is not None and has_headers and is_last:
            included = {name for view in self.views.all for name in view.file.needs.included}
            if may_clash(compilation, unit, included):
                self._build(compilation)
        cases: list[tuple[Assignment, Model | None]]
        if compilation is not None and compilation.variants:
            cases = [(variant.assignment, variant.model) for variant in compilation.variants]
        else:
            model = None if compilation is None else compilation.model
            cases = [(assignment, model) for assignment in self.views.assignments]
        for assignment, model in cases:
            for said in self._differences(self.views.read(assignment), model):
                if said not in self._diagnostics:
                    self._diagnostics.append(said)

    def _differences(self, view: View, model: Model | None) -> list[Diagnostic]:
        """Return in what *model* isn't what clang makes of the C as *view* has it."""
        from bpfgen.importer.from_c.compiled import held_against

        object = view.emitted()
        if object is None:
            return []
        if isinstance(object, str):
            message = (
                f"the C doesn't compile here, so that nothing holds the source against it: {object}"
            )
            return [Diagnostic("import-lost", message, None, severity=NOTE)]
        places = {defined.map.name: view.unit.where(defined.place) for defined in view.file.maps}
        known = view.file.reported | {
            said.map
            for said in (*view.file.diagnostics, *self._diagnostics)
            if said.map is not None
        }
        known |= {found.map.name for found in view.file.maps if not view.unit.is_meant(found.place)}
        return held_against(model, object, known, places, view.file.needs.retyped_names)

    def _build(self, compilation: Compilation) -> None:
        """Report why the source doesn't compile with the headers that it includes, if so."""
        from bpfgen.building import build_with_clang
        from bpfgen.importer.from_c.compiled import INSTEAD

        for error in build_with_clang(compilation, self._own_options, is_kept=True).diagnostics:
            if error.severity == ERROR:
                message = f"the source doesn't compile: {error.message}"
                self._diagnostics.append(
                    Diagnostic("import-difference", message, None, notes=error.notes, help=INSTEAD)
                )
                return


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
    return _differences(imported), codes.count("import-map")


def _differences(imported: Imported) -> int:
    """Return how many things in *imported* aren't what the C declares."""
    return [diagnostic.code for diagnostic in imported.diagnostics].count("import-difference")


def _is_own(include: Include) -> bool:
    """Whether *include* is a header of the project."""
    header = include.header
    return (
        header is not None and not header.is_system and not include.name[:-1].endswith("vmlinux.h")
    )


def _count(compilation: Compilation | None) -> int:
    """Return how many maps there are, those of variants each time."""
    if compilation is None:
        return 0
    models = [variant.model for variant in compilation.variants] or [compilation.model]
    return sum(len(model.maps) for model in models)
