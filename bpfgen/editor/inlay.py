"""What an editor may show between the characters: where members are, what values and maps come to.

An editor asks for a stretch of the text, what is on the screen; a person has to turn them on.
"""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.ctype.describe import counted
from bpfgen.ctype.padding import holes
from bpfgen.ctype.types import Enum
from bpfgen.editor.expressions import bodies_of
from bpfgen.editor.value_text import (
    bits_text,
    map_text,
    member_place,
    memory_of,
    memory_text,
    number_text,
)
from bpfgen.editor.visible import models_of
from bpfgen.model.maps import Map
from bpfgen.model.model import ConstantDeclaration
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.quantities import spelled_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Expression
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.expressions import Body
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span


_MOST_CASES = 3
"""Of one place, so that the line stays one."""


class InlayHint(Record):
    """A few words to be shown in the text.

    Attributes:
        offset: The character before which they stand.
        text: The words.
        tooltip: Markdown; may be empty.
        pads_left: A blank is to be shown before them.
        pads_right: A blank is to be shown after them.
    """

    offset: int
    text: str
    tooltip: str = ""
    pads_left: bool = True
    pads_right: bool = False


def inlay_hints(analysis: Analysis, span: Span) -> list[InlayHint]:
    """Return what can be shown in *span*, in the order of the text.

    What differs between the cases of a text with conditions is shown for each.
    """
    found: dict[int, list[InlayHint]] = {}
    for model in models_of(analysis.compilation):
        for hint in _of_model(analysis, model, span):
            others = found.setdefault(hint.offset, [])
            if all(hint.text != other.text for other in others):
                others.append(hint)
    return [
        replace(hints[0], text=" or ".join(hint.text for hint in hints[:_MOST_CASES]))
        for _, hints in sorted(found.items())
    ]


def _of_model(analysis: Analysis, model: Model, span: Span) -> Iterator[InlayHint]:
    name = analysis.source.name

    def is_shown(place: Span | None) -> bool:
        return (
            place is not None
            and place.source.name == name
            and place.start <= span.end
            and span.start <= place.end
        )

    for body in bodies_of(model):
        if is_shown(body.type.span):
            yield from _of_body(analysis, body)
    for declaration in model.declarations:
        if isinstance(declaration, ConstantDeclaration):
            if is_shown(declaration.span) and declaration.constant.expression is not None:
                yield from _value(declaration.constant.expression)
        elif isinstance(declaration, Map) and is_shown(declaration.span):
            yield from _of_map(analysis, declaration)


def _of_body(analysis: Analysis, body: Body) -> Iterator[InlayHint]:
    """Yield where the members of *body* are, and how large it is; or what its enumerators are."""
    type = body.type
    if isinstance(type, Enum):
        for one in type.enumerators:
            if one.expression is not None:
                yield from _value(one.expression)
            elif one.span is not None:
                yield InlayHint(one.span.end, f"= {one.value}")
        return
    for member in type.members:
        if member.span is not None and member.name is not None:
            offset = _end_of_declarator(analysis, member.span.end)
            text = member_place(type, member, body.bit_offset)
            yield InlayHint(_after(analysis, offset), text)
    if type.span is not None:
        text = counted(type.size, "byte")
        if body.member is not None:
            text = member_place(body.holder, body.member, body.holder_offset)
        tail = [hole for hole in holes(type) if hole.bit_offset + hole.bit_size == 8 * type.size]
        if tail:
            text += f", the last {bits_text(tail[0].bit_size)} padding"
        yield InlayHint(_after(analysis, type.span.end), text)


def _value(expression: Expression) -> Iterator[InlayHint]:
    """Yield what *expression* comes to, unless it is that number."""
    is_number = len(expression.parts) == 1 and isinstance(expression.parts[0], str)
    if expression.span is not None and not is_number:
        yield InlayHint(expression.span.end, number_text(expression.value))


def _of_map(analysis: Analysis, declared: Map) -> Iterator[InlayHint]:
    """Yield how many entries *declared* has, and what it costs the kernel."""
    words: list[str] = []
    kind = declared.shape.kind
    entries = declared.shape.attributes.get("max_entries")
    if entries is not None and entries.value and not kind.entries.pages:
        one, many = ("page", "pages") if kind.entries.counts_pages else ("entry", "entries")
        words.append(f"{entries.value:,} {one if entries.value == 1 else many}")
    elif entries is not None and entries.value:
        words.append(spelled_bytes(entries.value))
    for sized in memory_of(analysis, declared):
        text = memory_text(sized)
        if text:
            words.append(f"memory of each inner map {text}" if sized.is_inner else f"memory {text}")
    place = next(
        (
            item.span
            for item in analysis.tree.items
            if declared.span is not None
            and item.span.start <= declared.span.start
            and declared.span.end <= item.span.end
        ),
        None,
    )
    if words and place is not None:
        offset = _after(analysis, place.end)
        yield InlayHint(offset, ", ".join(words), map_text(analysis, declared))


def _end_of_declarator(analysis: Analysis, offset: int) -> int:
    """Return where the declarator ends whose name ends at *offset*."""
    tokens = analysis.tokens
    depth = 0
    for index in range(bisect_left(tokens.starts, offset), len(tokens.texts)):
        text = tokens.texts[index]
        if depth <= 0 and text in (",", ";", "}", ""):
            break
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(text, 0)
        offset = tokens.ends[index]
    return offset


def _after(analysis: Analysis, offset: int) -> int:
    """Return *offset*, or the end of the semicolon that is next to it."""
    text = analysis.source.text
    at = offset
    while at < len(text) and text[at] in " \t":
        at += 1
    return at + 1 if text[at : at + 1] == ";" else offset
