"""The maps of a C file, with all that they need, as a source that compiles.

The importer of C in one screen: the unit is read, its maps are written, what they need is put
before them, each thing where it stood. What comes out is compiled, and held against the object that
clang makes of the C.
"""

from __future__ import annotations

import os
import re

from bpfgen.emit.backend import base_name
from bpfgen.importer.from_c.needed import prototype
from bpfgen.importer.from_c.reading import FileReader
from bpfgen.importer.from_c.shapes import MapTexts
from bpfgen.importer.from_c.unit import read_unit
from bpfgen.importer.repair import MAPS, PROGRAMS, TEMPLATES, Imported, Item, made_sound
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import NOTE, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Container

    from bpfgen.compiler import Compilation, Options
    from bpfgen.importer.from_c.shapes import Written

_FAILED = re.compile(r"`include [<\"]([^>\"]+)[>\"]` is left out")
_MOST_READINGS = 4
_HEADERS_FAILED = ("`include ", "nothing is imported")


def import_c(text: str, path: str, options: Options | None = None) -> Imported:
    """Return the source of the maps that the C file *path*, with *text*, defines.

    The definitions of *options* are macros of the C file. What can't be translated is told with its
    line. The diagnostics are warnings and notes.

    Raises:
        ToolMissing: Headers are needed, and there is no clang.
    """
    from bpfgen.compiler import Options as DefaultOptions

    options = options or DefaultOptions()
    read_in: set[str] = set()
    for _ in range(_MOST_READINGS):
        importer = _Importer(text, path, options, read_in)
        imported = importer.imported()
        failed = importer.failed_headers() - read_in
        if not failed:
            break
        # A header that means nothing by itself is a part of the file that includes it.
        read_in |= failed
    return imported


class _Importer:
    """Goes through one file."""

    def __init__(self, text: str, path: str, options: Options, read_in: Container[str]) -> None:
        self.path = path
        self.options = options
        self.unit = read_unit(text, path, options, read_in)
        self.file = FileReader(self.unit)
        self.texts = MapTexts(self.file)
        self.diagnostics = self.file.diagnostics

    def imported(self) -> Imported:
        """Write the maps, then what they need."""
        found = [made for each in self.file.maps if (made := self.texts.written(each)) is not None]
        if not found:
            return Imported("", self.diagnostics)
        name = "".join(c if c.isprintable() else "?" for c in base_name(self.path))
        compilation = self._sound(found, name)
        if compilation is None or not compilation.model.maps:
            return Imported("", self.diagnostics)
        self._hold(compilation)
        return Imported(compilation.source.text, self.diagnostics)

    def _sound(self, found: list[Written], name: str) -> Compilation | None:
        """Return what the source compiles to; headers are added that other headers need."""
        beside = os.path.dirname(self.path) or "."
        options = _with_directory(self.options, beside)
        best: tuple[Compilation | None, list[Diagnostic]] = (None, [])
        for every_include in (False, True):
            items = self._items(found, every_include=every_include)
            told: list[Diagnostic] = []
            compilation = made_sound(items, name, options, told)
            if not best[1] or _count(compilation) > _count(best[0]):
                best = compilation, told
            if not any(word in each.message for each in told for word in _HEADERS_FAILED):
                break
        self.diagnostics += best[1]
        return best[0]

    def _items(self, found: list[Written], *, every_include: bool) -> list[Item]:
        """Return all that is declared, in the order of the C."""
        placed: list[tuple[int, int, Item]] = []
        maps = {each.name for each in found} | {each.map.name for each in self.file.maps}
        slots = [
            (each.start, target)
            for each in self.file.maps
            for _index, target in each.map.slots
            if target not in maps
        ]
        uses = [text for each in (*found, *self.texts.templates.values()) for text in each.uses]
        programs: dict[str, None] = {}
        for start, target in slots:
            if target not in programs:
                programs[target] = None
                text = prototype(self.file.functions.get(target, ""), target)
                uses.append(text.replace(target, "", 1))
                item = Item(f"{text};\n", "", f"program `{target}`", PROGRAMS, {})
                placed.append((start, 0, item))
        for start, item in self.file.needs.items(uses, every_include=every_include):
            placed.append((start, 1, item))
        for group, which in ((TEMPLATES, self.texts.templates.values()), (MAPS, found)):
            for made in which:
                what = f"{'map' if group == MAPS else 'template'} `{made.name}`"
                name = made.name if group == MAPS else ""
                place = self.unit.where(made.place)
                item = Item(self.file.needs.retyped(made.text), name, what, group, {}, place)
                placed.append((made.start, 2, item))
        return [item for _start, _order, item in sorted(placed, key=lambda each: each[:2])]

    def failed_headers(self) -> set[str]:
        """Return the names of the project's headers that could not be included by themselves."""
        failed = {
            found[1]
            for each in self.diagnostics
            if (found := _FAILED.search(each.message)) is not None
        }
        if any("nothing is imported" in each.message for each in self.diagnostics):
            failed |= self.file.needs.included
        failed |= self.texts.elsewhere
        return {
            name
            for include in self.unit.includes
            if (name := include.name[1:-1]) in failed
            and include.header is not None
            and not include.header.is_system
            and not name.endswith("vmlinux.h")
        }

    def _hold(self, compilation: Compilation) -> None:
        """Tell in what the source isn't what clang makes of the C."""
        from bpfgen.importer.from_c.compiled import compiled, held_against

        if not self.unit.is_preprocessed:
            return
        functions = [(each, self.file.kept(each)) for each in self.file.bodies]
        object = compiled(
            *(self.unit, functions, self._structs(compilation), self.path),
            self.options,
        )
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
        places = {each.map.name: self.unit.where(each.place) for each in self.file.maps}
        known = self.file.told | {each.map for each in self.diagnostics if each.map is not None}
        self.diagnostics += held_against(compilation.model, object, known, places)

    def _structs(self, compilation: Compilation) -> list[str]:
        """Return the structs of the source that the C declares, as `struct name`."""
        names = [f"{kind} {tag}" for kind, tag in compilation.model.types if kind == "struct"]
        return sorted(name for name in names if name in self.file.needs.types)


def _count(compilation: Compilation | None) -> int:
    return 0 if compilation is None else len(compilation.model.maps)


def _with_directory(options: Options, directory: str) -> Options:
    """Return *options* with one more directory of headers, behind the others."""
    from bpfgen.compiler import Options as Made

    return Made(
        include_directories=(*options.include_directories, directory),
        kernel=options.kernel,
        target=options.target,
        style=options.style,
        relax_compat=options.relax_compat,
        clang=options.clang,
    )
