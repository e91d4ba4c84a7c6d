"""C that includes a vmlinux.h which isn't there: read with the kernel's BTF in its place.

Stands around the importer of C where `--btf` names that BTF. clang finds a header of ours where it
finds no other; what is taken from it comes through `include kernel;`.
"""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from bpfgen.btf.kernel import BtfFileError
from bpfgen.btf.kernel_types import Kernel
from bpfgen.clang.paths import as_argument
from bpfgen.files.c_includes import IncludedTexts
from bpfgen.model.maps import MAP_KINDS
from bpfgen.model.model import VMLINUX
from bpfgen.providers.prelude import Prelude
from bpfgen.record import replace
from bpfgen.text.diagnostics import Diagnostic
from bpfgen.vmlinux import vmlinux_header

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.compiler import Options
    from bpfgen.importer.items import Imported

_HEADER = VMLINUX.strip('"')


def with_vmlinux(
    text: str, path: str, options: Options, imported: Callable[[Options, str], Imported]
) -> Imported:
    """Return what *imported* makes of the C file *path*, with *text*, where it finds a vmlinux.h.

    It is given the options, and the path of ours, or nothing. One that is found on the way from
    that file, or by clang, goes before ours.
    """
    assert options.btf is not None
    included = IncludedTexts(text, path, options.include_directories)
    if _HEADER not in included.lacking:
        return imported(options, "")
    try:
        words = [text, *included.texts.values(), _words_of_sources()]
        header = vmlinux_header(Kernel(options.btf), words)
    except BtfFileError as error:
        done = imported(options, "")
        fault = Diagnostic("kernel-btf", error.what, None, help=error.advice)
        return replace(done, diagnostics=[fault, *done.diagnostics])
    with tempfile.TemporaryDirectory(prefix="bpfgen-") as directory:
        ours = os.path.join(directory, _HEADER)
        with open(ours, "w", encoding="utf-8") as stream:
            stream.write(header)
        arguments = (*options.clang.arguments, "-idirafter", as_argument(directory))
        done = imported(replace(options, clang=options.clang.given(arguments)), ours)
    if ours not in done.dependencies:
        return done
    read = tuple(name for name in done.dependencies if name != ours)
    return replace(done, dependencies=(*read, *options.btf.paths))


def _words_of_sources() -> str:
    """Return the names that a source may come to have where the C has their numbers."""
    prelude = Prelude.shared()
    kinds = [kind.constant for kind in MAP_KINDS.values()]
    tags = [f"struct {name}" for name in prelude.type_names()]
    return " ".join([*kinds, *prelude.constant_names(), *prelude.type_names(), *tags])
