"""The names of one file by place, and its declarations by name.

Beside :mod:`bpfgen.editor.names`.
"""

from __future__ import annotations

from bisect import bisect_right

from bpfgen.editor.occurrences import occurrences
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.editor.occurrences import Occurrence
    from bpfgen.syntax.tree import File


class FileNames:
    """The names of one file, and what it declares.

    Attributes:
        path: The text that is the same for all paths of the file.
        names: In the order of the text.
        imports: The identities of the files that it imports, in order.
    """

    __slots__ = ("_declared", "_starts", "imports", "names", "path")

    def __init__(self, tree: File, path: str, imports: tuple[str, ...]) -> None:
        self.path = path
        self.imports = imports
        self.names = occurrences(tree)
        self._starts = [occurrence.span.start for occurrence in self.names]
        self._declared: dict[str, list[Occurrence]] = {}
        for occurrence in self.names:
            if occurrence.is_declaration:
                self._declared.setdefault(occurrence.name, []).append(occurrence)

    def at(self, offset: int) -> Occurrence | None:
        """Return the name that *offset* is in, or just after."""
        position = bisect_right(self._starts, offset) - 1
        is_in = position >= 0 and offset <= self.names[position].span.end
        return self.names[position] if is_in else None

    def declared(self, name: str, roles: Sequence[str]) -> list[Occurrence]:
        """Return the declarations of *name* as one of *roles*."""
        return [one for one in self._declared.get(name, ()) if one.role in roles]

    def first(self, name: str, roles: Sequence[str]) -> Occurrence | None:
        """Return the first declaration of *name* as one of *roles*."""
        declared = self._declared.get(name, ())
        return next((one for one in declared if one.role in roles), None)
