"""The C compiler: finding it, running it with flags that have their reasons, reading what it says.

C text goes in, an object comes out as bytes; what clang complains about comes out as messages, and
as diagnostics at the `.dsl` line. Nothing here knows the model. This module itself is cheap: it
loads what it names on first use.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.clang.compiler import Compiler, CompileResult, PreprocessResult
    from bpfgen.clang.errors import INSTALL_HINT, ToolMissing
    from bpfgen.clang.finder import TARGETS, Finder
    from bpfgen.clang.messages import ClangMessage, diagnostics_from_messages
    from bpfgen.clang.search import find

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
    "INSTALL_HINT": "bpfgen.clang.errors",
    "TARGETS": "bpfgen.clang.finder",
    "ClangMessage": "bpfgen.clang.messages",
    "CompileResult": "bpfgen.clang.compiler",
    "Compiler": "bpfgen.clang.compiler",
    "Finder": "bpfgen.clang.finder",
    "PreprocessResult": "bpfgen.clang.compiler",
    "ToolMissing": "bpfgen.clang.errors",
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
