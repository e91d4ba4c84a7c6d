"""The parts of a project as sources: text with includes and imports, by the paths that they have.

Fifth of the import of a whole project. A header is included as the program would include it, and
`-I` names the directories where a source that lies elsewhere finds those beside its C file.
"""

from __future__ import annotations

import os

from bpfgen.files.reading import FILES, c_text
from bpfgen.importer.branches import said
from bpfgen.importer.from_c.lines import lines_of
from bpfgen.importer.items import INCLUDES, Item, grouped, source_text
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bpfgen.importer.branches import Within
    from bpfgen.importer.items import Taken
    from bpfgen.importer.project.assembly import Context, Part
    from bpfgen.importer.project.pieces import Header


class Place(Record):
    """Where a C file is, and where its source is to be.

    Attributes:
        file: As it was found.
        path: Of the source.
    """

    file: str
    path: str

    @property
    def is_apart(self) -> bool:
        """Whether the source lies in another directory than the file."""
        return os.path.realpath(os.path.dirname(self.file)) != os.path.realpath(
            os.path.dirname(self.path)
        )


class Writer:
    """Writes parts.

    Attributes:
        directories: Where headers are found that lie beside C files; needed by what was written.
    """

    def __init__(self, places: Mapping[str, Place], given: Sequence[str], base: str | None) -> None:
        self._places = places
        self._given = given
        self._base = base
        self.directories: dict[str, None] = {}

    def text_of(self, part: Part, headers: Mapping[Header, Context] | None = None) -> str:
        """Return the source of *part*, which includes *headers*, else what its pieces need."""
        place = self._places[part.file]
        headers = part.headers if headers is None else headers
        names: dict[tuple[str, str], tuple[Within, ...]] = {}
        kernels = [context.vmlinux for context in part.contexts.values()]
        is_there = any(header.name[1:-1].endswith("vmlinux.h") for header in headers)
        if all(kernels) and headers and not is_there:
            # A header of the program's may include it, and the kernel's own headers don't go with
            # that; the generated header includes those unless it knows.
            names[self._vmlinux(kernels[0]), ""] = ()
        for header, where in headers.items():
            name = self._include(header, where, place)
            names.setdefault((name, said(header.within)), header.within)
        items = [
            Item(f"include {name};\n", "", f"`include {name}`", INCLUDES, within=within)
            for (name, _said), within in names.items()
        ]
        items += (self._import(place, self._places[file]) for file in part.imports)
        items += grouped(entry.item for entry in part.entries)
        return source_text(items, printable_name(place.file))[0]

    @staticmethod
    def _import(place: Place, other: Place) -> Item:
        path = os.path.relpath(other.path, os.path.dirname(place.path) or ".")
        return Item(f'import "{path}";\n', "", f'`import "{path}"`', INCLUDES)

    def _include(self, header: Header, context: Context, place: Place) -> str:
        """Return the name by which the source of *place* includes *header*, and let it be found."""
        name = header.name
        if not name.startswith('"') or not header.path:
            return name
        here = os.path.dirname(context.path)
        beside = os.path.normpath(os.path.join(here, name[1:-1]))
        if beside != os.path.normpath(header.path):
            return name
        directory = os.path.dirname(place.file)
        written = os.path.relpath(header.path, directory or ".")
        if not place.is_apart:
            return _quoted(written)
        real = os.path.realpath(header.path)
        for more in ((), (directory or ".",)):
            if self._found(written, place, (*self.directories, *more)) == real:
                self.directories.update(dict.fromkeys(more))
                return _quoted(written)
        # Another header of that name goes before it: seen from further up, they differ.
        base = self._base or "."
        self.directories[base] = None
        return _quoted(os.path.relpath(header.path, base))

    def _vmlinux(self, path: str) -> str:
        """Return the name by which all find the vmlinux.h *path*."""
        for directory in self._given:
            name = os.path.relpath(path, directory)
            if not name.startswith(".."):
                return _quoted(name)
        self.directories[os.path.dirname(path) or "."] = None
        return _quoted(os.path.basename(path))

    def _found(self, name: str, place: Place, directories: Iterable[str]) -> str | None:
        """Return which file the source of *place* means by `include "name"`."""
        for directory in (os.path.dirname(place.path), *self._given, *directories):
            path = os.path.join(directory, name)
            if os.path.isfile(path):
                return os.path.realpath(path)
        return None


def _quoted(name: str) -> str:
    return f'"{name}"'


def printable_name(path: str) -> str:
    """Return the name of the file *path* as a comment can have it."""
    return "".join(c if c.isprintable() else "?" for c in os.path.basename(path))


def taken_of(part: Part) -> tuple[Taken, ...]:
    """Return what of C files the declarations of *part* were taken from.

    What a header needs of its programs stands in each of them.
    """
    wanted = {(origin.what, origin.name) for entry in part.entries for origin in entry.item.origins}
    return tuple(
        dict.fromkeys(
            each
            for context in part.contexts.values()
            for each in context.imported.taken
            if (each.what, each.name) in wanted
        )
    )


def first_line_left(path: str, taken: Iterable[Taken]) -> int:
    """Return the first line of the header *path* that does something and isn't *taken*; 0 if none.

    Conditions, includes and macros without a value do nothing by themselves.
    """
    text, _wrong = c_text(path, FILES.read(path))
    left = list(text)
    for each in taken:
        left[each.start : each.end] = [c if c == "\n" else " " for c in text[each.start : each.end]]
    for line in lines_of("".join(left), path):
        directive = line.directive
        if directive is None:
            if line.code.strip(" \t;"):
                return line.number
        elif directive[0] == "define" and len(directive[1].split(None, 1)) > 1:
            return line.number
    return 0
