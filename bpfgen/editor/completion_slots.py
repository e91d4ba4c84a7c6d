"""What could be typed in the slots of a map: the maps that the kernel takes there, or programs."""

from __future__ import annotations

from bpfgen.editor.analysis import analyse
from bpfgen.editor.completion_item import OTHER, USUAL, Completion
from bpfgen.editor.completion_names import map_detail
from bpfgen.editor.value_text import kernel_of
from bpfgen.editor.visible import Names
from bpfgen.kernel.version import NEWEST
from bpfgen.model.maps import Map
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.rules.maps.bpf_attr import bpf_attrs_of
from bpfgen.rules.maps.meta_equal import unequal

if TYPE_CHECKING:
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.context import Context
    from bpfgen.editor.visible import Name
    from bpfgen.kernel.map_kind import MapKind


def slot_targets(
    analysis: Analysis, context: Context, names: Names, kind: MapKind | None
) -> tuple[Completion, ...]:
    """Return the maps, or the programs, that a slot of a map of *kind* may have."""
    wanted: tuple[str, ...] = ("map", "program")
    if kind is not None:
        wanted = ("program",) if kind.of_programs else ("map",)
    frame = context.frame
    taken = set(context.tokens.texts[0 if frame is None else frame.opened :])
    itself = _declared_map(context)
    found = [name for name in names.maps.values() if name.kind in wanted and name.name != itself]
    if any(name.kind == "map" for name in found):
        found = _storable(found, analysis, _whole(analysis, context, names, itself))
    return tuple(
        Completion(
            name.name,
            name.kind,
            context.span,
            name.name,
            map_detail(name),
            rank=OTHER if name.name in taken else USUAL,
        )
        for name in found
    )


def _declared_map(context: Context) -> str:
    """Return the name of the map that is being declared at *context*, or nothing."""
    for at, symbol in enumerate(context.symbols[:-1]):
        if symbol == "MAP" and context.symbols[at + 1] == "NAME":
            return context.tokens.texts[context.firsts[at + 1]]
    return ""


def _whole(analysis: Analysis, context: Context, names: Names, itself: str) -> Map | None:
    """Return the map *itself*, in whose slots *context* is; None where that isn't known.

    A slot that isn't written yet keeps the text from being a program: so without its slots.
    """
    known = names.maps.get(itself)
    frame = context.frame
    if known is None and frame is not None:
        typed = len(context.tokens.source.text) - context.tokens.starts[frame.opened]
        before = analysis.source.text[: context.span.start - typed]
        without = analyse(analysis.path, f"{before}{{ }};", analysis.options)
        known = Names(without).maps.get(itself)
    return known.value if known is not None and isinstance(known.value, Map) else None


def _storable(found: list[Name], analysis: Analysis, itself: Map | None) -> list[Name]:
    """Return the maps of *found*, and what isn't known to be one, that a slot of *itself* takes."""
    kernel = kernel_of(analysis) or NEWEST
    finder = FieldFinder()
    inner = () if itself is None else bpf_attrs_of(itself)[1:]

    def is_taken(value: object) -> bool:
        if not isinstance(value, Map):
            return True
        if value.legacy or not value.shape.kind.may_be_inner:
            return False
        return not any(
            next(unequal(bpf_attrs_of(value)[0], one, kernel, finder), None) for one in inner[:1]
        )

    return [name for name in found if is_taken(name.value)]
