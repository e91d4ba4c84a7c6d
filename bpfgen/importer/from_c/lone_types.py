"""Tagged types that stand in a struct like members, and aren't any: moved out before the struct.

Used by :mod:`needs` in the sixth step of the import of C. `union body { … };` in a struct declares
a union and no member (C11 6.7.2.1, and what clang does without -fms-extensions); the language
refuses it, since it is hardly ever meant.
"""

from __future__ import annotations

from bpfgen.importer.from_c.declarations import TAG_WORDS
from bpfgen.importer.from_c.declarators import DeclarationReader

_MOST_LEVELS = 50


def lone_types_first(text: str, level: int = 0) -> tuple[list[str], str]:
    """Return the lone types of the declaration *text*, those needed first first, and the rest."""
    reader = DeclarationReader(text)
    lone: list[str] = []

    def change(place: int) -> tuple[int, str] | None:
        if reader.word(place) not in TAG_WORDS or reader.word(place - 1) not in ("{", ";"):
            return None
        after = reader.after_attributes(place + 1)
        if place == 0 or not reader.is_name(after, reader.count):
            return None
        body = reader.after_attributes(after + 1)
        end = (
            reader.after_attributes(reader.closing[body] + 1) if reader.word(body) == "{" else body
        )
        if reader.word(end) != ";" or not _is_in_body(reader, place):
            return None
        if end != body:
            lone.append(reader.text(place, end + 1))
        return end + 1, ""

    rest = reader.rewritten(change)
    if rest == text or level > _MOST_LEVELS:
        return [], text
    rest = "\n".join(line for line in rest.split("\n") if line.strip())
    first: list[str] = []
    for declared in lone:
        before, declaration = lone_types_first(declared, level + 1)
        first += [*before, declaration]
    return first, rest


def _is_in_body(reader: DeclarationReader, place: int) -> bool:
    """Whether braces are around *place*: several declarations may stand in one text."""
    return any(
        opening < place < after
        for opening, after in reader.closing.items()
        if reader.word(opening) == "{"
    )
