"""The modules of imported files: how this one reaches what is declared there."""

from __future__ import annotations

import posixpath

from bpfgen.emit.backend import OUTPUT_NAME
from bpfgen.emit.python.names import KEYWORDS, LANGUAGE
from bpfgen.files import without_suffix
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.emit.python.names import PythonNames
    from bpfgen.text.source import Span

OPTION = "map-import"
"""`--map-import common.dsl=my_package.common`."""


def map_import_fault(value: str) -> tuple[str, str] | None:
    """Return what is wrong with a value of `--map-import` as message and advice, or None."""
    path, _, module = value.rpartition("=")
    name = module.lstrip(".")
    advice = f"the import's path and the module: --{OPTION} common.dsl=my_package.common"
    if not path or not name:
        return f"`--{OPTION}` has no value `{value}`", advice
    for part in name.split("."):
        if not _is_name(part):
            reason = "is a keyword" if part in KEYWORDS else "is no name"
            return f"`{module}` can't be a module of {LANGUAGE}: `{part}` {reason} there", advice
    return None


class ImportedModules:
    """The modules that are needed, each under a name of this module."""

    def __init__(self, mapped: Iterable[str], names: PythonNames) -> None:
        """*mapped* are the values of `--map-import`; *names* those of this module."""
        self._names = names
        self._mapped: dict[str, str] = {}
        for value in mapped:
            path, _, module = value.rpartition("=")
            self._mapped[posixpath.normpath(path)] = module
        self._bound: dict[str, str] = {}

    def name_of(self, file: str, span: Span | None) -> str:
        """Return the name under which the module of the source *file* is here."""
        bound = self._bound.get(file)
        if bound is None:
            last = _module_of(file)[1][-1]
            if file in self._mapped:
                last = self._mapped[file].rpartition(".")[2]
            elif not all(map(_is_name, _module_of(file)[1])):
                self._names.diagnostics.append(
                    Diagnostic(
                        OUTPUT_NAME,
                        f"`{file}` has a type that is needed here, and no module of {LANGUAGE} can"
                        " be called so",
                        span,
                        help=f"rename the file, or say which module has its types:"
                        f" --{OPTION} {file}=NAME",
                    )
                )
            bound = self._bound[file] = self._names.free(last)
        return bound

    def lines(self) -> list[str]:
        """Return the imports, as far as :meth:`name_of` was asked for them."""
        mapped: list[str] = []
        relative: list[str] = []
        absolute: list[str] = []
        for file, bound in sorted(self._bound.items()):
            module = self._mapped.get(file)
            if module is not None:
                dots = len(module) - len(module.lstrip("."))
                mapped.append(_import("." * dots, module[dots:].split("."), bound))
            else:
                ups, parts = _module_of(file)
                relative.append(f"    {_import('.' * (ups + 1), parts, bound)}")
                absolute.append(f"    {_import('', parts, bound)}")
        if relative:
            mapped += [
                *([""] if mapped else []),
                "if typing.TYPE_CHECKING or __package__:",
                *relative,
                "else:",
                *absolute,
            ]
        return mapped


def _import(dots: str, parts: list[str], bound: str) -> str:
    """Return the statement that binds *bound* to the module *parts*."""
    package = dots + ".".join(parts[:-1])
    alias = "" if bound == parts[-1] else f" as {bound}"
    return f"from {package} import {parts[-1]}{alias}" if package else f"import {parts[-1]}{alias}"


def _module_of(file: str) -> tuple[int, list[str]]:
    """Return how many directories up, and then where, the module of the source *file* is."""
    parts = without_suffix(file).split("/")
    ups = 0
    while ups < len(parts) - 1 and parts[ups] == "..":
        ups += 1
    return ups, parts[ups:]


def _is_name(word: str) -> bool:
    return word.isascii() and word.isidentifier() and word not in KEYWORDS
