"""Objects of sources: clang's, of the C that bpfgen emits, many in one run of it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from bpfgen.emit.c.header import emit_anchored_unit
from tests.tools import clang_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bpfgen.model.model import Model


def compiled(models: Mapping[str, Model], folder: Path) -> dict[str, Path]:
    """Return the objects of *models* by the same names, which are file names, in *folder*.

    A map that is declared `extern` is referred to, so that it is in the object.
    """
    for name, model in models.items():
        (folder / f"{name}.c").write_text(emit_anchored_unit(model).text, encoding="utf-8")
    words = [clang_program(), "-g", "-O2", "-target", "bpf", "-nostdinc", "-w", "-c"]
    if models:
        subprocess.run([*words, *(f"{name}.c" for name in models)], cwd=folder, check=True)
    return {name: folder / f"{name}.o" for name in models}
