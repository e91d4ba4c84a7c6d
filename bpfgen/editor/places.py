"""What a place in a text belongs to, beyond the grammar: which kind of map is around it."""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.editor.context import ARGUMENTS, ATTRIBUTES, ENTRIES, SLOTS
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.model.maps import Template
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.context import Context, Frame
    from bpfgen.editor.visible import Names
    from bpfgen.kernel.map_kind import MapKind

_OF_MAPS = (ARGUMENTS, ENTRIES, ATTRIBUTES, SLOTS)


def map_frame(context: Context) -> Frame | None:
    """Return the innermost bracket of a map's shape around *context*; None outside of maps."""
    for frame in reversed(context.frames):
        if frame.kind in _OF_MAPS:
            return frame
    return None


def kind_around(context: Context, names: Names) -> MapKind | None:
    """Return the kind of the map in whose brackets *context* is; None where that isn't known."""
    frame = map_frame(context)
    if frame is None:
        return None
    return kind_called(_head(context, frame), names)


def kind_called(word: str, names: Names) -> MapKind | None:
    """Return the kind of map that *word* names, or the template *word* has; None for neither."""
    kind = MAP_KINDS.get(word)
    if kind is not None:
        return kind
    template = names.templates.get(word)
    if template is None or not isinstance(template.value, Template):
        return None
    return template.value.shape.kind


def texts_after(analysis: Analysis, context: Context) -> Iterator[str]:
    """Yield the tokens after the word at *context*, up to the end of the text."""
    tokens = analysis.tokens
    for index in range(bisect_left(tokens.starts, context.span.end), len(tokens.texts)):
        if tokens.texts[index]:
            yield tokens.texts[index]


def following_text(context: Context) -> str:
    """Return the character after the word at *context* on its line, blanks passed over."""
    source, end = context.span.source, context.span.end
    for character in source.text[end : end + 200]:
        if character not in " \t":
            return character.strip()
    return ""


def _head(context: Context, frame: Frame) -> str:
    return context.tokens.texts[frame.head]
