"""Where files of Go go: what the go command makes of their names and directories.

Asked for each file before it is written, by the command line. All that is said is a warning: the
text is right, and Go's tools would not build it where it is.

Source: go/build, Package and goodOSArchFile; internal/syslist, for the words in names.
"""

from __future__ import annotations

import os

from bpfgen.emit.go.options import options_of
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.emit.backend import Settings
    from bpfgen.model.model import Model

_SYSTEMS = frozenset(
    """
    aix android darwin dragonfly freebsd hurd illumos ios js nacl netbsd openbsd plan9 solaris
    wasip1 windows zos
    """.split()
)
"""Words that keep a file from being built for Linux."""

_MACHINES = frozenset(
    """
    386 amd64 amd64p32 arm arm64 arm64be armbe loong64 mips mips64 mips64le mips64p32 mips64p32le
    mipsle ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm
    """.split()
)
_TEST = "test"


class Placement:
    """The files of Go of one run."""

    def __init__(self) -> None:
        self._packages: dict[str, tuple[str, str]] = {}

    def faults(self, path: str, model: Model, settings: Settings) -> Iterator[Diagnostic]:
        """Yield what Go's tools have against the file of *model* at *path*.

        Args:
            path: Where it is written, or `-`.
            model: What it is made of.
            settings: What was asked for; without `go-package` the package is named by default.
        """
        values = {name: settings.get(name, ()) for name in ("go-package", "accessors")}
        values["map-import"] = settings.get("map-import", ())
        options = options_of(values, model.name)
        is_default = not values["go-package"]
        if is_default:
            mapped = {source for source, _ in options.imports}
            yield from self._imports(options.package, model, mapped)
        if path == "-":
            return
        yield from self._beside(path, options.package)
        kept = _kept_from(os.path.basename(path))
        if kept:
            yield _warning(f"the name of `{path}` keeps it from Go's tools: {kept}", "another name")

    def _imports(self, package: str, model: Model, mapped: set[str]) -> Iterator[Diagnostic]:
        from bpfgen.emit.user_space.view import imported_files

        for file, imported in imported_files(model).items():
            has_types = any(isinstance(one, TypeDeclaration) for one in imported.declarations)
            if file not in mapped and has_types:
                yield _warning(
                    f"the types of `{file}` are expected in the same package, `{package}`, which is"
                    f" named after `{model.name}`",
                    f"--go-package NAME for both, or --map-import {file}=PATH for a package of"
                    " its own",
                )
                return

    def _beside(self, path: str, package: str) -> Iterator[Diagnostic]:
        directory = os.path.realpath(os.path.dirname(path) or ".")
        other, first = self._packages.setdefault(directory, (package, path))
        if package.removesuffix(f"_{_TEST}") != other.removesuffix(f"_{_TEST}"):
            yield _warning(
                f"`{path}` is in the package `{package}` and `{first}` in `{other}`, and a"
                " directory of Go has one",
                "--go-package NAME for all of them, or a directory for each",
            )


def _kept_from(name: str) -> str:
    """Return why a file called *name* is not built for Linux everywhere; empty if it is."""
    if name.startswith(("_", ".")):
        return "they leave out what begins with `_` or `.`"
    words = name.removesuffix(".go").split("_")[1:]
    if words[-1:] == [_TEST]:
        return "it would be part of a test"
    if words and words[-1] in _SYSTEMS | _MACHINES:
        return f"it would be for {words[-1]} alone"
    return ""


def _warning(message: str, advice: str) -> Diagnostic:
    return Diagnostic("go-file", message, None, help=advice, severity=WARNING)
