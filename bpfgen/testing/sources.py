"""Which sources the marker `bpfgen` means, and where their golden files are."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatch
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bpfgen.commands.forms import OBJECT
from bpfgen.emit import BACKENDS
from bpfgen.files import SUFFIXES, without_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

INSPECTED = ".inspect"
"""How the golden file of an object ends: with the words of `bpfgen inspect`."""

DIAGNOSTICS = ".diagnostics"
"""How the golden file of messages ends."""

GENERATED = re.compile(rb"\W{0,9}(?:Code )?[Gg]enerated by bpfgen from ")
"""How a file begins that is surely ours, whatever a comment looks like in its language."""

_MEMBERS = {"base", "golden", "emit", "options", "variant", "refused", "verify"}


def golden_suffixes() -> dict[str, tuple[str, ...]]:
    """Return what can be compared, and how the golden files of each form end."""
    suffixes = {name: backend.suffixes for name, backend in BACKENDS.items()}
    return {**suffixes, OBJECT: (INSPECTED,)}


class Selection:
    """What the marker of one test says.

    Attributes:
        base: The directory in which bpfgen runs, and to which sources are relative.
        golden: Where golden files are; *base* where they are beside their sources.
        patterns: Of sources, relative to *base*; those that begin with `!` take away.
        variant: Stands between the source's name and the golden file's suffix.
    """

    def __init__(self, test: Path, marker: pytest.Mark | None) -> None:
        settings = {} if marker is None else marker.kwargs
        unknown = sorted(settings.keys() - _MEMBERS)
        if unknown:
            raise pytest.UsageError(f"{test}: the marker `bpfgen` has no argument {unknown[0]!r}")
        here = test.parent
        self.settings = settings
        self.base: Path = (here / settings.get("base", ".")).resolve()
        self.golden: Path = (here / settings.get("golden", self.base)).resolve()
        self.patterns: tuple[str, ...] = () if marker is None else marker.args
        self.variant: str = settings.get("variant", "")
        self._test = test

    def sources(self) -> list[str]:
        """Return the paths that the patterns find, relative to the base, sorted.

        A path without wildcards is returned whether there is such a file or not.

        Raises:
            pytest.UsageError: A pattern finds nothing: the test would hold nothing. Or two sources
                have one golden file.
        """
        taken = [pattern[1:] for pattern in self.patterns if pattern.startswith("!")]
        selected: set[str] = set()
        for pattern in self.patterns:
            if pattern.startswith("!"):
                continue
            names = [pattern] if not re.search(r"[*?[]", pattern) else list(self._matches(pattern))
            if not names:
                where = os.path.relpath(self.base)
                raise pytest.UsageError(
                    f"{self._test}: the pattern {pattern!r} of the marker `bpfgen` finds nothing "
                    f"in {where}"
                )
            selected.update(names)
        sources = sorted(
            name for name in selected if not any(fnmatch(name, glob) for glob in taken)
        )
        for one, other in pairwise(sources):
            if without_suffix(one) == without_suffix(other):
                raise pytest.UsageError(
                    f"{self._test}: `{one}` and `{other}` would have the same golden file"
                )
        return sources

    def _matches(self, pattern: str) -> Iterator[str]:
        for path in self.base.glob(pattern):
            if path.is_file():
                yield os.path.relpath(path, self.base)

    def golden_file(self, source: str, suffix: str) -> Path:
        """Return where the golden file of *source* is, or would be."""
        stem = without_suffix(source)
        variant = f".{self.variant}" if self.variant else ""
        return self.golden / f"{stem}{variant}{suffix}"

    def stale(self, sources: Sequence[str]) -> tuple[str, ...]:
        """Return golden files whose source is gone, sorted, relative to the golden directory.

        They are looked for where the golden files of *sources* are. Beside sources there may be
        other files, so that there only what is surely ours counts.
        """
        directories = {self.golden_file(source, ".h").parent for source in sources}
        names: list[str] = []
        for directory in directories:
            for path in directory.iterdir() if directory.is_dir() else ():
                place = self.base / path.parent.relative_to(self.golden)
                if _is_golden(path, beside=self.golden == self.base) and not _source_of(
                    path.name, place
                ):
                    names.append(str(path.relative_to(self.golden)))
        return tuple(sorted(names))


def _is_golden(path: Path, *, beside: bool) -> bool:
    suffixes = (DIAGNOSTICS, *(end for ends in golden_suffixes().values() for end in ends))
    if not path.name.endswith(suffixes) or not path.is_file():
        return False
    if path.suffix in {DIAGNOSTICS, INSPECTED} or not beside:
        return True
    with path.open("rb") as stream:
        return GENERATED.match(stream.read(100)) is not None


def _source_of(name: str, directory: Path) -> bool:
    """Whether *directory* has a source for the golden file *name*, whatever its variant."""
    suffixes = (DIAGNOSTICS, *(end for ends in golden_suffixes().values() for end in ends))
    # An output may end in `_types.py`, after the name of the source without a dot between.
    stems = [name.removesuffix(suffix) for suffix in suffixes if name.endswith(suffix)]
    for words in (stem.split(".") for stem in stems):
        # The last words may be those of a variant.
        sources = (".".join(words[:end]) for end in range(len(words), 0, -1))
        paths = (directory / f"{source}{suffix}" for source in sources for suffix in SUFFIXES)
        if any(path.exists() for path in paths):
            return True
    return False
