"""What is known of the compiler before anybody needs it: its targets, and how it will be found.

This module is cheap: a run that needs no compiler imports it, too.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.clang import ToolMissing
    from bpfgen.clang.compiler import Compiler

TARGETS = ("bpf", "bpfel", "bpfeb")
"""What `--target` takes: `bpf` has the byte order of the machine that compiles."""


def byteorder_of(target: str) -> str:
    """Return the byte order of the objects for *target*, `little` or `big`."""
    import sys

    return {"bpfel": "little", "bpfeb": "big"}.get(target, sys.byteorder)


class Finder:
    """Finds the compiler when it is first needed, once.

    Attributes:
        path: The name or path of the compiler, where somebody gives it, or None.
        named_by: Who gives it: `--clang`, or the place in a project file.
        directory: What *path* is relative to, if there is a slash in it; empty for the working
            directory.
    """

    __slots__ = ("_found", "_missing", "directory", "named_by", "path")

    def __init__(
        self, path: str | None = None, named_by: str = "--clang", directory: str = ""
    ) -> None:
        self.path = path
        self.named_by = named_by
        self.directory = directory
        self._found: Compiler | None = None
        self._missing: ToolMissing | None = None

    def find(self) -> Compiler:
        """Return the compiler.

        Raises:
            ToolMissing: There is none.
        """
        if self._missing is not None:
            raise self._missing
        if self._found is None:
            # Only a run that needs a compiler loads what finds and runs one.
            from bpfgen.clang import ToolMissing
            from bpfgen.clang.search import find

            try:
                self._found = find(self.path, named_by=self.named_by, directory=self.directory)
            except ToolMissing as missing:
                self._missing = missing
                raise
        return self._found
