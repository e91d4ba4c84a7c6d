"""The last stage of the front end: a model goes in, the contents of output files come out.

Emitters know the model and never the syntax. There is one module for each output language; a
backend is a row of :data:`BACKENDS` and is imported when it is first used, since a template engine
costs more at start-up than compiling a small file does.
"""

from __future__ import annotations

from bpfgen.emit.backend import (
    COMMAS,
    OPTIONAL,
    REPEATED,
    Backend,
    BackendOption,
    OutputFile,
    OutputRefused,
)
from bpfgen.emit.c.options import MODERN, STYLES

__all__ = ["BACKENDS", "Backend", "BackendOption", "OutputFile", "OutputRefused"]

# What several backends have, each with values of its own.
_ACCESSORS = "typed access to the maps, too"
_MAP_IMPORT = "where an imported file's types are, if not beside this output"

BACKENDS: dict[str, Backend] = {
    backend.name: backend
    for backend in (
        Backend(
            "header",
            (".h",),
            "bpfgen.emit.c.header",
            (
                BackendOption(
                    "style", "the form of the declarations", "STYLE", STYLES, default=(MODERN,)
                ),
                BackendOption("accessors", _ACCESSORS, "LIBRARY", kind=OPTIONAL),
            ),
            verified=True,
            variants="bpfgen.emit.c.variants.header",
            identifiers="bpfgen.emit.c.identifiers",
        ),
        Backend("json", (".json",), "bpfgen.emit.json.model"),
        Backend(
            "go",
            (".go",),
            "bpfgen.emit.go.file",
            (
                BackendOption(
                    "go-package",
                    "the package of the file; else $GOPACKAGE, else a name made of the source's",
                    "NAME",
                    check="bpfgen.emit.go.options:package_fault",
                    environment="GOPACKAGE",
                ),
                BackendOption("accessors", _ACCESSORS, "LIBRARY", kind=OPTIONAL),
                BackendOption(
                    "map-import",
                    _MAP_IMPORT,
                    "FILE=PLACE",
                    kind=REPEATED,
                    check="bpfgen.emit.go.options:map_import_fault",
                ),
            ),
            placement="bpfgen.emit.go.placement:Placement",
            identifiers="bpfgen.emit.go.file",
        ),
        Backend(
            "python",
            (".py",),
            "bpfgen.emit.python.file",
            (
                BackendOption("accessors", _ACCESSORS, "LIBRARY", kind=OPTIONAL),
                BackendOption(
                    "map-import",
                    _MAP_IMPORT,
                    "FILE=PLACE",
                    kind=REPEATED,
                    check="bpfgen.emit.python.imports:map_import_fault",
                ),
            ),
            identifiers="bpfgen.emit.python.file",
        ),
        Backend(
            "rust",
            (".rs",),
            "bpfgen.emit.rust.file",
            (
                BackendOption(
                    "rust-derive",
                    "traits of which libraries the types derive",
                    "LIBRARY",
                    ("zerocopy", "bytemuck", "aya"),
                    kind=COMMAS,
                ),
                BackendOption(
                    "accessors", _ACCESSORS, "LIBRARY", ("libbpf-rs", "aya"), kind=OPTIONAL
                ),
                BackendOption(
                    "map-import",
                    _MAP_IMPORT,
                    "FILE=PLACE",
                    kind=REPEATED,
                    check="bpfgen.emit.rust.options:map_import_fault",
                ),
            ),
            identifiers="bpfgen.emit.rust.file",
        ),
    )
}
"""Every output language, by the name that `--emit` knows it under."""
