"""The C compiler: finding it, running it with flags that have their reasons, reading what it says.

C text goes in, an object comes out as bytes; what clang complains about comes out as messages, and
as diagnostics at the `.dsl` line. Nothing here knows the model. This module itself is cheap: a run
that needs no compiler imports it too; the others of the package are loaded on first use.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.clang.compiler import Compiler, CompileResult, PreprocessResult
    from bpfgen.clang.messages import ClangMessage, diagnostics_from_messages
    from bpfgen.clang.search import find

TARGETS = ("bpf", "bpfel", "bpfeb")
"""What `--target` takes: `bpf` has the byte order of the machine that compiles."""

INSTALL_HINT = "install one with `apt install clang` or `pip install 'bpfgen[clang]'`"

__all__ = [
    "INSTALL_HINT",
    "TARGETS",
    "ClangMessage",
    "CompileResult",
    "Compiler",
    "Finder",
    "PreprocessResult",
    "ToolMissing",
    "diagnostics_from_messages",
    "find",
]

_HOMES = {
    "ClangMessage": "bpfgen.clang.messages",
    "CompileResult": "bpfgen.clang.compiler",
    "Compiler": "bpfgen.clang.compiler",
    "PreprocessResult": "bpfgen.clang.compiler",
    "diagnostics_from_messages": "bpfgen.clang.messages",
    "find": "bpfgen.clang.search",
}


def __getattr__(name: str) -> object:
    """Return the public name *name* from the module that defines it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'bpfgen.clang' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


class ToolMissing(Exception):  # noqa: N818 -- not an error of the program but of the machine
    """A tool that is needed is not there; exit status 3. Its text is the sentence to print.

    Attributes:
        named: The user named it, so that doing without it is no option.
    """

    def __init__(self, sentence: str, *, named: bool = False) -> None:
        super().__init__(sentence)
        self.named = named


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
            from bpfgen.clang.search import find

            try:
                self._found = find(self.path, named_by=self.named_by, directory=self.directory)
            except ToolMissing as missing:
                self._missing = missing
                raise
        return self._found
