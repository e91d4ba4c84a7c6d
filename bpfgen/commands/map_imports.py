"""`--map-import FILE=PLACE`: which import each FILE is, and which is none.

The backends know an import by its path from the source's directory on; people may name it by any
path to the file. One that no source of the run imports is reported in the end.
"""

from __future__ import annotations

import os
import posixpath

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.emit.backend import Settings
    from bpfgen.model.model import Model

MAP_IMPORT = "map-import"


class MapImports:
    """The values of one run."""

    def __init__(self) -> None:
        self._asked: dict[str, bool] = {}
        self._imported: dict[str, None] = {}

    def found(self, model: Model, settings: Settings) -> Settings:
        """Return *settings* with each FILE as the backends have it, where *model* imports it."""
        values = settings.get(MAP_IMPORT)
        if not values:
            return settings
        from bpfgen.emit.user_space.view import imported_files

        files = {file: imported.name for file, imported in imported_files(model).items()}
        self._imported.update(dict.fromkeys(files))
        spelled = []
        for value in values:
            given, _, place = value.rpartition("=")
            file = _named(given, files)
            self._asked[value] = self._asked.get(value, False) or file is not None
            spelled.append(f"{given if file is None else file}={place}")
        return {**settings, MAP_IMPORT: tuple(spelled)}

    def unused(self, values: Iterable[str] | None = None) -> list[Diagnostic]:
        """Return a warning for each of *values*, by default all, that is for no import."""
        wanted = self._asked if values is None else dict.fromkeys(values)
        unused = [value for value in wanted if not self._asked.get(value, True)]
        return [_warning(value, list(self._imported)) for value in unused]


def _named(given: str, files: dict[str, str]) -> str | None:
    """Return which of *files*, paths by the names of imports, is *given*; None for none."""
    name = posixpath.normpath(given)
    if name in files:
        return name
    real = os.path.realpath(given)
    return next((file for file, path in files.items() if os.path.realpath(path) == real), None)


def _warning(value: str, files: list[str]) -> Diagnostic:
    # Only a mistake pays for this import.
    from bpfgen.text.spelling import did_you_mean

    file = value.rpartition("=")[0]
    listed = f"imported are {', '.join(files)}" if files else "leave it out: nothing is imported"
    return Diagnostic(
        "unused-map-import",
        f"`--{MAP_IMPORT} {value}`: no source of this run imports `{file}`",
        None,
        help=did_you_mean(file, files) or listed,
        severity=WARNING,
    )
