"""Which `#include` declares a name, by the lines that the preprocessor made of each header.

Used by :mod:`needs` in the sixth step of the import of C. A header has all that clang takes, which
is more than the parser of the language does, and most of it concerns nobody: a name is looked for
in its lines, and nothing is parsed.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.importer.from_c.unit import Include, Unit

_UNNEEDED = re.compile(
    r"[<\"](?:bpf/.*|.*bpf_helpers\.h|linux/(?:bpf|types|stddef)\.h|std(?:int|def|bool)\.h)[>\"]"
)
"""Headers whose types are built in, or that have none, where clang can't be asked."""


class HeaderNames:
    """Finds names in the headers of one unit."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._are_types: dict[str, bool] = {}
        self._includes: dict[str, Include | None] = {}

    def _lines(self) -> Iterator[tuple[Include, str]]:
        """Yield the lines of all headers, each with the `#include` that brought it."""
        for include in self._unit.includes:
            if include.header is not None:
                for line in include.header.lines:
                    yield include, line

    def has_type(self, name: str) -> bool:
        """Whether a header has a typedef of *name*, as far as one line shows."""
        if name not in self._are_types:
            self._are_types[name] = any(
                f" {name};" in line and line.lstrip().startswith(("typedef", "}"))
                for _include, line in self._lines()
            )
        return self._are_types[name]

    def typedef_words(self, name: str) -> str:
        """Return what the typedef *name* is, if it is of words alone: `unsigned int`."""
        pattern = re.compile(rf"\btypedef\s+([\w\s]+?)\s+{name}\s*;")
        for _include, line in self._lines():
            if name in line and (typedef := pattern.search(line)) is not None:
                return typedef[1]
        return ""

    def include_of(self, name: str) -> Include | None:
        """Return the first `#include` whose header declares *name*, or None."""
        if name not in self._includes:
            self._includes[name] = self._include_of(name)
        return self._includes[name]

    def _include_of(self, name: str) -> Include | None:
        word, _, tag = name.partition(" ")
        if tag:
            pattern = re.compile(rf"\b{word}\s+(?:__attribute__.*?\)\)\s*)?{tag}\b\s*(?:$|[{{:])")
        else:
            pattern = re.compile(
                rf"(?:^|[\s*}}]){name}\s*(?:\[\w*\]\s*)*;|^.*typedef\b.*\b{name}\b"
                rf"|(?:^|[,{{])\s*{name}\s*(?:=|,|$|\}})"
                rf"|\b(?:struct|union|enum)\s+{name}\b\s*(?:$|[{{:])"
            )
        searched = tag or name
        for include, line in self._lines():
            if searched in line and pattern.search(line):
                return include
        return None

    def until(self, chosen: list[Include]) -> list[Include]:
        """Return those that are found, up to the last of *chosen*: one may need those before it.

        Not those that define maps, which the source may have as well.
        """
        last = max((include.place for include in chosen), default=-1)
        return [
            include
            for include in self._found()
            if include.place <= last
            and (include in chosen or include.header is None or not include.header.has_maps)
        ]

    def unasked(self) -> list[Include]:
        """Return what may have types, where clang couldn't be asked."""
        return [include for include in self._found() if _UNNEEDED.fullmatch(include.name) is None]

    def _found(self) -> list[Include]:
        missing = self._unit.missing
        return [include for include in self._unit.includes if include.name[1:-1] not in missing]
