"""The headers of the files that a file imports, for a compiler that is to find them.

Comes beside :mod:`bpfgen.emit.c.header`; loaded where an object is built.
"""

from __future__ import annotations

import os

from bpfgen.emit.c.header import emit_header
from bpfgen.model.model import VMLINUX
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.emit.c.options import HeaderOptions
    from bpfgen.model.model import Model


def headers_of_imports(model: Model, options: HeaderOptions) -> dict[str, str]:
    """Return the headers of all imports, by the paths under which the C text includes them."""
    headers: dict[str, str] = {}
    pending = [("", model)]
    while pending:
        directory, importing = pending.pop()
        for item in importing.imports:
            path = f"{directory}{item.header}"
            if path not in headers:
                headers[path] = emit_header(item.model, options)
                pending.append((path.rpartition("/")[0] + "/" if "/" in path else "", item.model))
    return headers


def with_kernel_header(headers: dict[str, str], text: str) -> dict[str, str]:
    """Return *headers* with the vmlinux.h *text* beside the unit and beside each of them."""
    name = VMLINUX.strip('"')
    beside = (path.rpartition("/") for path in headers)
    return {
        **headers,
        name: text,
        **{f"{folder}{slash}{name}": text for folder, slash, _ in beside},
    }


def directories_of_imports(model: Model) -> list[str]:
    """Return the directories of the imports that include headers which lie beside them."""
    return [
        os.path.dirname(imported.name)
        for imported in model.with_imports()
        if imported is not model and any(item.path.startswith('"') for item in imported.includes)
    ]
