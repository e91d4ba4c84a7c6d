"""What a machine would change of the definition of a map, to follow the advice of a rule.

Loaded by what has something to report. Where a shape wasn't read from a text, or stands in another
form than a machine knows to change, there are no edits.
"""

from __future__ import annotations

import re

from bpfgen.ctype.sizes import sizeof
from bpfgen.model.maps import FILLED_IN
from bpfgen.record import TYPE_CHECKING
from bpfgen.text import statements
from bpfgen.text.diagnostics import Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.model.maps import Map, Shape, Template

_SIZEOF = re.compile(r"sizeof\s*\(\s*([^()]+?)\s*\)")
_WORDS = {1: "__u8", 2: "__u16", 4: "__u32", 8: "__u64"}


def written(shape: Shape, name: str) -> Span | None:
    """Return where the value of attribute *name* is written; None where the source doesn't."""
    attribute = shape.attributes.get(name)
    if attribute is None or attribute.origin == FILLED_IN:
        return None
    return attribute.span


def without(shape: Shape, name: str) -> tuple[Edit, ...]:
    """Return the edits that leave out attribute *name*, which may be `key` or `value`."""
    argument = {"key": shape.key, "value": shape.value}.get(name)
    span = written(shape, name) if argument is None else argument.span
    if span is None:
        return ()
    if argument is not None and statements.attribute_around(span) is None:
        return ()  # between angle brackets
    return statements.without_attribute(span)


def with_attribute(shape: Shape, name: str, value: str) -> tuple[Edit, ...]:
    """Return the edits that add attribute *name*, or give it another *value*."""
    span = written(shape, name)
    if span is not None:
        return (Edit(span, value),)
    if shape.whole is None:
        return ()
    return (statements.with_attribute(shape.whole, f"{name} = {value};"),)


def without_flags(shape: Shape, names: Sequence[str]) -> tuple[Edit, ...]:
    """Return the edits that take the flags *names* out of `map_flags`."""
    span = written(shape, "map_flags")
    return () if span is None else statements.without_flags(span, names)


def with_flags(shape: Shape, names: Sequence[str]) -> tuple[Edit, ...]:
    """Return the edits that add the flags *names* to `map_flags`."""
    span = written(shape, "map_flags")
    if span is not None:
        return (statements.with_flags(span, names),)
    return with_attribute(shape, "map_flags", " | ".join(names))


def typed(shape: Shape, role: str) -> tuple[Edit, ...]:
    """Return the edits that write a type of its size for `key_size` or `value_size`."""
    attribute = shape.attributes.get(f"{role}_size")
    if attribute is None or not attribute.value:
        return ()
    size = attribute.value
    span = written(shape, f"{role}_size")
    if span is None:
        return with_attribute(shape, role, _WORDS.get(size, f"__u8[{size}]"))
    whole = statements.attribute_around(span)
    if whole is None:
        return ()
    meant = _SIZEOF.fullmatch(span.text)
    type_ = _WORDS.get(size, f"__u8[{size}]") if meant is None else meant[1]
    return (Edit(Span(span.source, whole.start, span.end), f"{role} = {type_}"),)


def types_for_sizes(shape: Shape) -> tuple[Edit, ...]:
    """Return the edits that write the types for sizes, where that of the value is `sizeof(T)`."""
    span = written(shape, "value_size")
    if span is None or _SIZEOF.fullmatch(span.text) is None:
        return ()
    value, key = typed(shape, "value"), typed(shape, "key") if shape.key is None else ()
    return (*key, *value) if value and (key or shape.key or shape.kind.keyless) else ()


def grown(shape: Shape, role: str, multiple: int) -> tuple[Edit, ...]:
    """Return the edits that give the key or value the next larger size in steps of *multiple*.

    Of a type that is a number, the number of that size; of another one nothing.
    """
    attribute = shape.attributes.get(f"{role}_size")
    argument = shape.key if role == "key" else shape.value
    if argument is None:
        if attribute is None or not attribute.value:
            return ()
        return with_attribute(
            shape, f"{role}_size", str(attribute.value + -attribute.value % multiple)
        )
    size = sizeof(argument.type)
    if argument.span is None or not size:
        return ()
    sign = re.fullmatch(r"(?:__)?([us])(?:8|16|32)", argument.span.text)
    if sign is None and argument.span.text not in ("int", "unsigned int", "unsigned"):
        return ()
    letter = sign[1] if sign is not None else argument.span.text[0].replace("i", "s")
    return (Edit(argument.span, f"__{letter}{8 * (size + -size % multiple)}"),)


def modern(declared: Map | Template) -> tuple[Edit, ...]:
    """Return the edits that leave out `legacy` before the map *declared*."""
    return () if declared.span is None else statements.without_word(declared.span, "legacy", "map")
