"""The sources of a project compiled, and held against the objects of all its programs.

Last of the import of a whole project. Each source is compiled as it will be, with those that it
imports, and clang compiles its header. What it declares is then compared with the object that clang
makes of each program which the C file is part of.
"""

from __future__ import annotations

import os

from bpfgen.building import build_with_clang
from bpfgen.compiler import compile
from bpfgen.files.reading import FILES
from bpfgen.importer.from_c.compiled import INSTEAD, held_against
from bpfgen.importer.from_c.forced import finder_for_c
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import ERROR, Diagnostic
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.clang.finder import Finder
    from bpfgen.compiler import Compilation, Options
    from bpfgen.importer.project.assembly import Context
    from bpfgen.providers.imports import SharedImport


class Opener:
    """Sources that are in no file yet; whatever else is read from the file system."""

    __slots__ = ("_texts",)

    def __init__(self) -> None:
        self._texts: dict[str, bytes] = {}

    def put(self, path: str, text: str) -> None:
        """Let the file *path* hold *text*."""
        self._texts[os.path.abspath(path)] = text.encode()

    def drop(self, path: str) -> None:
        """Let there be no file *path* but that of the file system."""
        self._texts.pop(os.path.abspath(path), None)

    def read(self, path: str) -> bytes:
        """Return what the file *path* holds.

        Raises:
            OSError: It can't be read.
        """
        text = self._texts.get(os.path.abspath(path))
        return FILES.read(path) if text is None else text

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path* to read."""
        return os.path.abspath(path) in self._texts or FILES.is_file(path)


class Prover:
    """Compiles sources, each after those that it imports.

    Headers are looked for in *directories*, too.
    """

    def __init__(self, directories: Mapping[str, None]) -> None:
        self.opener = Opener()
        self._directories = directories  # which grow as sources are written
        self._shared: list[tuple[Options, dict[str, SharedImport]]] = []
        self._clangs: dict[tuple[str, ...], Finder] = {}

    def compiled(
        self, path: str, text: str, options: Options
    ) -> tuple[Compilation | None, list[Diagnostic]]:
        """Return what the source *text* of the file *path* comes to, or None and why not."""
        self.opener.put(path, text)
        options, shared = self._own(options)
        compilation = compile(Source(path, text), options, shared)
        wrong = [said for said in compilation.diagnostics if said.severity == ERROR]
        if not wrong:
            built = build_with_clang(compilation, options)
            wrong = [said for said in built.diagnostics if said.severity == ERROR]
        if not wrong:
            return compilation, []
        self.opener.drop(path)
        return None, [_of_source(path, said) for said in wrong[:_MOST_SAID]]

    def _clang(self, options: Options) -> Finder:
        """Return what finds the compiler for sources whose C has *options*; the same each time."""
        clang = finder_for_c(options)
        return self._clangs.setdefault(clang.arguments, clang)

    def _own(self, options: Options) -> tuple[Options, dict[str, SharedImport]]:
        """Return *options* for a source, and what such sources import."""
        directories = dict.fromkeys((*options.include_directories, *self._directories))
        own = replace(
            options,
            definitions={},
            undefined=(),
            clang=self._clang(options),
            include_directories=tuple(directories),
            opener=self.opener,
        )
        for known, shared in self._shared:
            if known == own:
                return known, shared
        self._shared.append((own, {}))
        return self._shared[-1]

    @staticmethod
    def differences(compilation: Compilation, context: Context) -> list[Diagnostic]:
        """Return in what the source isn't what the object of the program *context* has.

        One with conditions is whichever of its cases the object is; the import of the program has
        held all cases of that against their objects.
        """
        object = context.imported.object
        if object is None or isinstance(object, str):
            return []
        models = [variant.model for variant in compilation.variants] or [compilation.model]
        everything = {emitted.name for emitted in object.maps} | context.reported
        unfolded = context.imported.unfolded
        found = min(
            (held_against(model, object, everything, {}, unfolded) for model in models), key=len
        )
        return [replace(said, message=f"{context.path}: {said.message}") for said in found]


_MOST_SAID = 3


def _of_source(path: str, said: Diagnostic) -> Diagnostic:
    """Return an error of the source *path*, which is written nowhere, without its place."""
    message = f"{path}: the source doesn't compile: {said.message}"
    return Diagnostic("import-difference", message, None, notes=said.notes, help=INSTEAD)
