"""The views of a C file that its source is made of: one, where no condition concerns its maps.

Used by :mod:`source`. A file is read for the first time as it is without any macro but those of the
command line. Where it has conditions on other macros, :mod:`variants` finds what they concern.
"""

from __future__ import annotations

from bpfgen.importer.from_c.asked import NOTHING_ELSE
from bpfgen.importer.from_c.conditionals import Conditionals
from bpfgen.importer.from_c.open_macros import OpenMacros
from bpfgen.importer.from_c.unit import read_unit
from bpfgen.importer.from_c.view import View, Views
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Container

    from bpfgen.compiler import Options
    from bpfgen.conditions import Assignment
    from bpfgen.importer.from_c.asked import Asked
    from bpfgen.importer.from_c.unit import Unit


def read_view(
    text: str, path: str, options: Options, read_in: Container[str], asked: Asked = NOTHING_ELSE
) -> Views:
    """Return one view of the C source *text*, of the file *path*: without macros nobody gives.

    Headers whose names are in *read_in* are read as part of it.
    """
    read = _Reader(text, path, options, read_in, asked).read
    return Views([read(())], [()], None, read, [])


def with_conditions(views: Views, path: str, options: Options) -> Views | None:
    """Return the views of all cases of the file *path*, of which *views* has one.

    None where no condition that only a build decides concerns its maps.
    """
    if not _asks(views.all[0].unit, options):
        return None
    from bpfgen.importer.from_c.variants import Cases

    return Cases(views.read, path, options).views()


def _asks(unit: Unit, options: Options) -> bool:
    """Whether a condition of *unit* asks for a macro that only a build decides on."""
    conditionals = Conditionals(unit.raw)
    if not conditionals.all:
        return False
    open = OpenMacros(unit, conditionals, (), options.undefined)
    return any(open.names_in(branch) for one in conditionals.all for branch in one.branches)


class _Reader:
    """Reads one file as often as its conditions ask for."""

    def __init__(
        self, text: str, path: str, options: Options, read_in: Container[str], asked: Asked
    ) -> None:
        self._text = text
        self._path = path
        self._options = options
        self._read_in = read_in
        self._asked = asked
        self._known: dict[Assignment, View] = {}
        self._unit: Unit | None = None

    def read(self, assignment: Assignment) -> View:
        """Return the view of the file in which its macros are what *assignment* says.

        One that reads headers in, which none has before, makes all others be read anew.
        """
        defined = tuple((name, value) for name, value in assignment if value is not None)
        view = self._known.get(defined)
        if view is None:
            definitions = dict(self._options.definitions)
            definitions.update((name, str(value)) for name, value in defined)
            options = replace(self._options, definitions=definitions)
            unit = read_unit(
                self._text, self._path, options, self._read_in, self._unit, self._asked
            )
            if self._unit is None or len(unit.raw) != len(self._unit.raw):
                self._known.clear()
                self._unit = unit
            view = self._known[defined] = View(unit, self._path, options)
        return view
