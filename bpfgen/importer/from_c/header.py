"""A header of maps, read where a program includes it: `bpfgen import maps.h --in prog.bpf.c`.

What stands before it in the program, the header may use; what it uses comes along, as `include`
where another header has it, else as a declaration.
"""

from __future__ import annotations

import os

from bpfgen.files.reading import FILES, c_text
from bpfgen.importer.from_c.asked import Asked
from bpfgen.importer.from_c.source import import_c
from bpfgen.importer.items import Imported
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from bpfgen.compiler import Options


def import_header(path: str, program: str, options: Options) -> Imported:
    """Return the source of the maps that the header *path* defines where *program* includes it.

    Raises:
        OSError: The program can't be read.
        ToolMissing: The clang that was asked for isn't there.
    """
    text, wrong = c_text(program, FILES.read(program))
    if wrong is not None:
        return Imported("", [wrong])
    header = os.path.realpath(path)
    asked = Asked(read_in=frozenset((header,)), maps_of=header, source=path)
    imported = import_c(text, program, options, asked=asked)
    if header in map(os.path.realpath, imported.read):
        return imported
    message = f"{program} doesn't include {path} here, or clang can't be asked"
    error = Diagnostic("import-context", message, None, help="--in names a program that does")
    return replace(imported, text="", diagnostics=[*imported.diagnostics, error])
