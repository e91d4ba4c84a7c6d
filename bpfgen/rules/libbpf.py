"""What libbpf asks of the maps of one object together."""

from __future__ import annotations

from bpfgen.diagnostics import Diagnostic, Label
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.maps import Map
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target


def arena_twice(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """An object has one arena at most.

    What it does: refuses a second map of kind `arena`.
    Why: libbpf since 1.4 refuses the object: only single ARENA map is supported
    (bpf_object__init_user_btf_maps); the kernel lets a program use one.

    Wrong:
        map left: arena[16];
        map right: arena[16];
    Right:
        map both: arena[32];
    """
    first: Map | None = None
    for declared in model.maps:
        if declared.shape.kind.name != "arena":
            continue
        if first is None:
            first = declared
            continue
        yield Diagnostic(
            "arena-twice",
            "an object has one arena at most, and this is another",
            declared.span,
            labels=(Label(first.span, "the first one"),) if first.span else (),
            notes=("libbpf since 1.4 refuses it (bpf_object__init_user_btf_maps)",),
            help="make one arena of the size of both",
            map=declared.name,
        )
