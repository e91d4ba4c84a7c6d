"""What stays with clang: models whose objects bpfgen doesn't write itself.

First of the room; :func:`bpfgen.assemble.object.assemble` is for models of which nothing is said
here.
"""

from __future__ import annotations

from bpfgen.ctype.types import POINTER_SIZE
from bpfgen.emit.c.options import INITIALIZER
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.model import Model


_MOST_ROOM = 1 << 26
"""Bytes of slots in one object that is made here, as a whole, in memory: eight million slots."""


def refusals(model: Model, style: str) -> list[Diagnostic]:
    """Return errors that say what of *model*, in *style*, clang alone makes an object of.

    Empty where :func:`bpfgen.assemble.object.assemble` does. What maps are in the initializer
    style, and legacy maps, is in the data of a section, laid out by the C that declares it.
    """
    if style == INITIALIZER and model.maps:
        message = "maps in the initializer style are made by clang alone"
        advice = "`--style modern`, or `--assembler clang`"
        return [Diagnostic("assembler", message, model.maps[0].span, help=advice)]
    return [*_of_legacy(model), *_of_slots(model)]


def _of_legacy(model: Model) -> Iterator[Diagnostic]:
    for map in model.maps:
        if map.legacy:
            yield Diagnostic(
                "assembler",
                f"the legacy map `{map.name}` is made by clang alone",
                map.span,
                help="`--assembler clang`, or a map in `.maps`: without `legacy`",
                map=map.name,
            )


def _of_slots(model: Model) -> Iterator[Diagnostic]:
    """Yield the first slot that is too far away: an object has room for all before it."""
    room = 0
    for map in model.maps:
        last = max(map.slots, key=lambda slot: slot.index, default=None)
        room += 0 if last is None else POINTER_SIZE * (last.index + 1)
        if last is not None and room > _MOST_ROOM:
            yield Diagnostic(
                "assembler",
                f"initial values up to slot {last.index} of `{map.name}` make an object of more "
                f"than {_MOST_ROOM >> 20} MiB, which is made by clang alone",
                last.span,
                help="`--assembler clang`, or a smaller slot",
                map=map.name,
            )
            return
