"""bpfgen compiles a small language for BPF maps to verified C headers and objects.

The public names are loaded when they are first used, so that `import bpfgen` costs nothing.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation, compile
    from bpfgen.diagnostics import CompileError, Diagnostic
    from bpfgen.object import read_object

__version__ = "0.1.0"

__all__ = [
    "Compilation",
    "CompileError",
    "Diagnostic",
    "__version__",
    "compile",
    "read_object",
]

_HOMES = {
    "Compilation": "bpfgen.compiler",
    "CompileError": "bpfgen.diagnostics",
    "Diagnostic": "bpfgen.diagnostics",
    "compile": "bpfgen.compiler",
    "read_object": "bpfgen.object",
}


if not TYPE_CHECKING:  # a type checker must not take every name for a public one

    def __getattr__(name: str) -> object:
        """Return the public name *name* from the module that defines it."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'bpfgen' has no attribute {name!r}")
        from importlib import import_module

        value: object = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted({*globals(), *__all__})
