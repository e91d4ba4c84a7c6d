"""Tagged types that stand in a struct like members, and aren't any: moved out before the struct.

Used by :mod:`needs` in the sixth step of the import of C. `union body { … };` in a struct declares
a union and no member (C11 6.7.2.1, and what clang does without -fms-extensions); the language
refuses it, since it is hardly ever meant. With -fms-extensions each of them is a member without a
name, and so is a type of that kind that is only named (`struct base;`, `base_t;`): in the source it
is a struct of the same members, whose own name nothing needs.
"""

from __future__ import annotations

from bpfgen.importer.from_c.declarations import TAG_WORDS
from bpfgen.importer.from_c.declarators import DeclarationReader
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_LEVELS = 50


def lone_types_first(
    text: str, bodies: Callable[[str], str] | None = None, level: int = 0
) -> tuple[list[str], str]:
    """Return the lone types of the declaration *text*, those needed first first, and the rest.

    With *bodies* they are members; it returns the body of a type, `struct base` or a typedef,
    with the word before it, and nothing for one that is none or isn't known.
    """
    reader = DeclarationReader(text)
    lone: list[str] = []

    def change(place: int) -> tuple[int, str] | None:
        if reader.word(place - 1) not in ("{", ";"):
            return None
        if reader.word(place) not in TAG_WORDS:
            # A typedef alone.
            is_lone = reader.is_name(place, reader.count) and reader.word(place + 1) == ";"
            if not is_lone or not _is_in_body(reader, place):
                return None
            if bodies is None:
                return place + 2, ""
            member = bodies(reader.word(place))
            return (place + 2, f"{member};") if member else None
        after = reader.after_attributes(place + 1)
        if place == 0 or not reader.is_name(after, reader.count):
            return None
        body = reader.after_attributes(after + 1)
        end = (
            reader.after_attributes(reader.closing[body] + 1) if reader.word(body) == "{" else body
        )
        if reader.word(end) != ";" or not _is_in_body(reader, place):
            return None
        word = reader.word(place)
        is_member = bodies is not None and word != "enum"
        if end != body:
            lone.append(reader.text(place, end + 1))
            return end + 1, f"{word} {reader.text(body, end)};" if is_member else ""
        if bodies is None or not is_member:
            return end + 1, ""
        member = bodies(f"{word} {reader.word(after)}")
        return (end + 1, f"{member};") if member else None

    rest = reader.rewritten(change)
    if rest == text or level > _MOST_LEVELS:
        return [], text
    rest = "\n".join(line for line in rest.split("\n") if line.strip())
    first: list[str] = []
    for declared in lone:
        before, declaration = lone_types_first(declared, bodies, level + 1)
        first += [*before, declaration]
    if bodies is not None:  # what was put there may have some of its own
        more, rest = lone_types_first(rest, bodies, level + 1)
        first += more
    return first, rest


def body_of(text: str) -> str:
    """Return the struct or union that the declaration *text* defines, without its tag.

    Nothing where it defines none.
    """
    reader = DeclarationReader(text)
    place = 0
    while reader.word(place) in ("typedef", "const", "volatile"):
        place += 1
    word = reader.word(place)
    if word not in ("struct", "union"):
        return ""
    opening = reader.after_attributes(place + 1)
    before = reader.text(place + 1, opening)
    if reader.is_name(opening, reader.count):
        opening = reader.after_attributes(opening + 1)
    if reader.word(opening) != "{":
        return ""
    after = reader.after_attributes(reader.closing[opening] + 1)
    return " ".join(filter(None, (word, before, reader.text(opening, after))))


def _is_in_body(reader: DeclarationReader, place: int) -> bool:
    """Whether braces are around *place*: several declarations may stand in one text."""
    return any(
        opening < place < after
        for opening, after in reader.closing.items()
        if reader.word(opening) == "{"
    )
