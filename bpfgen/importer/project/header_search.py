"""Headers that no directory which was given has, found by their names in the tree of the project.

Beside :mod:`discovery`. A build has `-I` for them; where nobody says which, the directory is taken
below which the tree has a header of that name. Where it has several, one for the architecture of
this machine is taken, or none.
"""

from __future__ import annotations

import os

from bpfgen.clang.flags import system_directories
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ARCHITECTURES = {
    "x86_64": ("x86", "x86_64", "amd64"),
    "aarch64": ("arm64", "aarch64"),
    "riscv64": ("riscv", "riscv64"),
    "s390x": ("s390", "s390x"),
    "ppc64le": ("powerpc", "ppc64le"),
}
"""What directories are called that have the headers of a machine, by what `uname -m` says."""


class HeaderSearch:
    """Finds the directories.

    Attributes:
        directories: Those that were found, in order.
    """

    def __init__(self, headers: Iterable[str], given: Sequence[str]) -> None:
        self._by_name: dict[str, list[str]] = {}
        for path in headers:
            self._by_name.setdefault(os.path.basename(path), []).append(path)
        self._given = [*given, "/usr/include", *system_directories(with_usr_include=False)]
        self._known: set[tuple[str, str]] = set()
        self.directories: dict[str, None] = {}

    def look(self, place: str, name: str, *, is_quoted: bool) -> None:
        """Look for the header *name* that the file *place* includes, unless it can be found."""
        here = os.path.dirname(place) if is_quoted else ""
        if (here, name) in self._known:
            return
        self._known.add((here, name))
        places = [*([here] if is_quoted else []), *self._given, *self.directories]
        if any(os.path.isfile(os.path.join(directory, name)) for directory in places):
            return
        ending = f"/{os.path.normpath(name)}"
        roots = {
            path[: -len(ending)] or "."
            for path in self._by_name.get(os.path.basename(name), ())
            if f"/{path}".endswith(ending)
        }
        if len(roots) > 1:
            own = _ARCHITECTURES.get(os.uname().machine, (os.uname().machine,))
            roots = {root for root in roots if not set(own).isdisjoint(root.split("/"))}
        if len(roots) == 1:
            self.directories[roots.pop()] = None
