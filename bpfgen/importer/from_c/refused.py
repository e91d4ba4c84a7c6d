"""Why a C file isn't all that clang has to know of it, so that maps of it may be missed or wrong.

Import takes what it finds, of headers too that mean nothing by themselves, and says what it left
out. Whoever asks what is *not* in a file has to know first that it was read as its builds read it.
"""

from __future__ import annotations

from bpfgen.model.model import VMLINUX
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.importer.from_c.unit import Unit
    from bpfgen.object.records import ObjectFile

_LIBRARY = (
    "bpf_helpers.h",
    "bpf_tracing.h",
    "bpf_endian.h",
    "bpf_core_read.h",
    "bpf_helper_defs.h",
)
"""Headers of libbpf: their macros for maps are known without them, and they have no maps."""

_FLAGS = "`-I DIR` and `-D NAME[=VALUE]`, or `-p DIR` for those of its compile_commands.json"
_BUILD = (
    f"give it the flags of its build: {_FLAGS}; a header alone may need what programs include first"
)


def refusals(
    unit: Unit, object: ObjectFile | str | None, *, is_whole: bool
) -> tuple[Diagnostic, ...]:
    """Return what clang refuses in *unit*: errors with their places, in words, the cause first.

    *object* is what clang makes of it without the bodies of its functions. With *is_whole* the maps
    miss nothing, and then neither a header of libbpf nor vmlinux.h has to be found.
    """
    return tuple(_refusals(unit, object, is_whole=is_whole and not isinstance(object, str)))


def _refusals(
    unit: Unit, object: ObjectFile | str | None, *, is_whole: bool
) -> Iterator[Diagnostic]:
    if unit.complaint is not None:
        yield _refusal(unit.complaint, _BUILD)
    for header, place in unit.missing.items():
        if is_whole and (header == VMLINUX.strip('"') or header.split("/")[-1] in _LIBRARY):
            continue
        advice = (
            "`-I DIR` names its directory, and `-p DIR` takes the flags of a compile_commands.json"
        )
        if header == VMLINUX.strip('"'):
            advice += "; `--btf FILE` gives the kernel's types instead of it"
        yield _refusal(f"{unit.where(place)}'{header}' file not found", advice)
    for place, text in unit.errors.items():
        yield _refusal(f"{unit.where(place)}{text}", _BUILD)
    if isinstance(object, str):
        yield _refusal(object, _BUILD)


def _refusal(message: str, advice: str) -> Diagnostic:
    return Diagnostic("clang", f"the C doesn't compile here: {message}", None, help=advice)
