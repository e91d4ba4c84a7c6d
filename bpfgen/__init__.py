"""bpfgen compiles a small language for BPF maps to verified C headers and objects.

The public names are loaded when they are first used, so that `import bpfgen` costs nothing.
docs/python.md shows them at work. What shares its name with a stage of the pipeline is imported
from its module instead: `bpfgen.compiler.emit`, `bpfgen.verify.verify`.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.btf.kernel import KernelBtf
    from bpfgen.building import build_object
    from bpfgen.changes.finding import Finding
    from bpfgen.clang import ToolMissing
    from bpfgen.clang.finder import Finder
    from bpfgen.comparison import Broken, breaking
    from bpfgen.compiler import Compilation, Options, compile, emit_files
    from bpfgen.emit.backend import OutputFile, OutputRefused
    from bpfgen.importer import Imported, import_object
    from bpfgen.importer.from_c import import_c
    from bpfgen.object import ObjectFile, read_object
    from bpfgen.sources import Opened, compile_c, compile_object, contents_of, open_source
    from bpfgen.text.diagnostics import Diagnostic, FormatError
    from bpfgen.text.render import render_all
    from bpfgen.text.source import Source

    __version__: str

__all__ = [
    "Broken",
    "Compilation",
    "Diagnostic",
    "Finder",
    "Finding",
    "FormatError",
    "Imported",
    "KernelBtf",
    "ObjectFile",
    "Opened",
    "Options",
    "OutputFile",
    "OutputRefused",
    "Source",
    "ToolMissing",
    "__version__",
    "breaking",
    "build_object",
    "compile",
    "compile_c",
    "compile_object",
    "contents_of",
    "emit_files",
    "import_c",
    "import_object",
    "open_source",
    "read_object",
    "render_all",
]

_HOMES = {
    "Broken": "comparison",
    "Compilation": "compiler",
    "Diagnostic": "text.diagnostics",
    "Finder": "clang.finder",
    "Finding": "changes.finding",
    "FormatError": "text.diagnostics",
    "Imported": "importer",
    "KernelBtf": "btf.kernel",
    "ObjectFile": "object",
    "Opened": "sources",
    "Options": "compiler",
    "OutputFile": "emit.backend",
    "OutputRefused": "emit.backend",
    "Source": "text.source",
    "ToolMissing": "clang",
    "__version__": "resources",
    "breaking": "comparison",
    "build_object": "building",
    "compile": "compiler",
    "compile_c": "sources",
    "compile_object": "sources",
    "contents_of": "sources",
    "emit_files": "compiler",
    "import_c": "importer.from_c",
    "import_object": "importer",
    "open_source": "sources",
    "read_object": "object",
    "render_all": "text.render",
}


if not TYPE_CHECKING:  # a type checker must not take every name for a public one

    def __getattr__(name: str) -> object:
        """Return the public name *name* from the module that defines it."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'bpfgen' has no attribute {name!r}")
        from importlib import import_module

        there = "VERSION" if name == "__version__" else name
        value: object = getattr(import_module(f"bpfgen.{home}"), there)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted({*globals(), *__all__})
