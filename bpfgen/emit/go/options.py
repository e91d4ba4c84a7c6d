"""What the Go backend can be asked for, and which values are none.

The command line checks a value by the functions here before anything is compiled.
"""

from __future__ import annotations

from bpfgen.emit.backend import stem
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.emit.backend import Settings

KEYWORDS = frozenset(
    """
    break case chan const continue default defer else fallthrough for func go goto if import
    interface map package range return select struct switch type var
    """.split()
)
"""The words that are no identifiers in Go (The Go Programming Language Specification, Keywords)."""

_PATH_PUNCTUATION = frozenset("-._~/+")


class GoOptions(Record):
    """How a file of Go is to be written.

    Attributes:
        package: The name in its package clause.
        accessors: Whether typed access over cilium/ebpf is wanted.
        imports: (source, path) pairs: types of the imported *source* are in the package *path*.
    """

    package: str
    accessors: bool = False
    imports: tuple[tuple[str, str], ...] = ()


def options_of(settings: Settings, name: str) -> GoOptions:
    """Return what *settings* ask for; *name* is the path of the source."""
    packages = settings["go-package"]
    pairs = [value.rpartition("=") for value in settings["map-import"]]
    return GoOptions(
        packages[-1] if packages else default_package(stem(name)),
        bool(settings["accessors"]),
        tuple([(source, path) for source, _, path in pairs]),
    )


def default_package(stem: str) -> str:
    """Return the name of a package for a file called *stem*: an identifier, made of its letters."""
    word = "".join(c if c.isascii() and c.isalnum() else "_" for c in stem).strip("_")
    if not word or word[0].isdigit():
        word = f"maps_{word}" if word else "maps"
    return f"{word}_" if word in KEYWORDS else word


def package_fault(value: str) -> tuple[str, str] | None:
    """Return why *value* can't be the name of a package, and what to type; None if it can."""
    if value in KEYWORDS:
        return f"`{value}` is a keyword of Go and no name of a package", f"--go-package {value}_"
    if value != "_" and value.isascii() and value.isidentifier():
        return None
    better = default_package(value)
    return f"`{value}` is no name of a Go package", f"--go-package {better}"


def map_import_fault(value: str) -> tuple[str, str] | None:
    """Return why *value* is no `SOURCE=PATH`, and what to type; None if it is one.

    Source: The Go Programming Language Specification, Import declarations; golang.org/x/mod/module,
    CheckImportPath, for what a path may have.
    """
    source, separator, path = value.rpartition("=")
    advice = "--map-import common.dsl=example.com/agent/common"
    if not separator or not source or not path:
        return f"`--map-import {value}` names no file and import path", advice
    elements = path.split("/")
    for element in elements:
        plain = all(c.isascii() and (c.isalnum() or c in _PATH_PUNCTUATION) for c in element)
        if not element or not plain or element.endswith("."):
            return f"`{path}` is no import path of Go", advice
    return None
