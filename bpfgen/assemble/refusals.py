"""What stays with clang: models whose objects bpfgen doesn't write itself.

First of the room; :func:`bpfgen.assemble.object.assemble` is for models of which nothing is said
here.
"""

from __future__ import annotations

from bpfgen.emit.c.options import INITIALIZER
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from bpfgen.model.model import Model


def refusals(model: Model, style: str) -> list[Diagnostic]:
    """Return errors that say what of *model*, in *style*, clang alone makes an object of.

    Empty where :func:`bpfgen.assemble.object.assemble` does. What maps are in the initializer
    style, and legacy maps, is in the data of a section, laid out by the C that declares it.
    """
    if style == INITIALIZER and model.maps:
        message = "maps in the initializer style are made by clang alone"
        advice = "`--style modern`, or `--assembler clang`"
        return [Diagnostic("assembler", message, model.maps[0].span, help=advice)]
    return [
        Diagnostic(
            "assembler",
            f"the legacy map `{map.name}` is made by clang alone",
            map.span,
            help="`--assembler clang`, or a map in `.maps`: without `legacy`",
            map=map.name,
        )
        for map in model.maps
        if map.legacy
    ]
