"""Mistakes in constants and numbers."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.place import mistake
from bpfgen.text.spelling import unit_meant

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place

_VALUES = frozenset(("NUMBER", "CHARACTER", "SIZEOF"))
_CONSTANT_WORDS = frozenset(("const", "constexpr", "let", "final", "val"))
_OTHER_WORDS = frozenset(("static", "inline", "register", "var", "auto", "pub", "mut"))
_GROUP = 3
"""Digits between two separators of thousands."""


def constant_without_equals(place: Place) -> Mistake | None:
    """Recognise `const MAX 16;`, `const int MAX (1 << 4);`."""
    index, first = place.index, place.first
    if place.texts[first] != "const" or place.kinds[index] not in {*_VALUES, "LPAR"}:
        return None
    value = index
    if place.texts[index - 1] == "(":
        value = index - 1
    name = value - 1
    ends = place.end(first)
    if place.kinds[name] != "NAME" or name <= first or place.texts[ends - 1] != ";":
        return None
    right = f"const {place.texts[name]} = {place.written(value, ends - 1)};"
    return mistake(
        f"expected `=` between `{place.texts[name]}` and its value",
        place.span(value, value + 1),
        help=f"write `{right}`",
        edits=(place.replace(first, ends, right),),
        resume=ends,
    )


def constant_of_another_language(place: Place) -> Mistake | None:
    """Recognise `static const int MAX = 16;`, `const MAX: u32 = 16;`, `let MAX = 16;`."""
    first = place.first
    words = _CONSTANT_WORDS | _OTHER_WORDS
    if place.texts[first] not in words:
        return None
    ends = place.end(first)
    equals = next((at for at in place.top_level(first, ends) if place.texts[at] == "="), -1)
    if equals < place.index or place.texts[ends - 1] != ";":
        return None
    colon = next((at for at in range(first, equals) if place.texts[at] == ":"), equals)
    name = colon - 1
    before = range(first, name)
    are_words = all(
        place.kinds[at] in {"NAME", "QUALIFIER", "BUILTIN"} or place.texts[at] in words
        for at in before
    )
    if place.kinds[name] != "NAME" or name == first or not are_words or equals + 1 == ends - 1:
        return None
    right = f"const {place.texts[name]} = {place.written(equals + 1, ends - 1)};"
    if not any(place.texts[at] in _CONSTANT_WORDS for at in before):
        return mistake(
            "a variable has no place here: the language has types, constants, programs and maps",
            place.span(first, name + 1),
            help=f"leave it in the program in C; a constant is written `{right}`",
            resume=ends,
        )
    return mistake(
        "a constant is written `const NAME = expression;`, without a type",
        place.span(first, equals),
        help=f"write `{right}`",
        edits=(place.replace(first, ends, right),),
        resume=ends,
    )


def enumerators_in_semicolons(place: Place) -> Mistake | None:
    """Recognise `enum e { A; B; };`."""
    opened = place.opened("{")
    if place.texts[place.index] != ";" or opened < 0:
        return None
    head = [place.kinds[at] for at in range(max(place.first, opened - 4), opened)]
    closed = place.closing(opened)
    if "ENUM" not in head or closed < 0:
        return None
    wrong = [at for at in place.top_level(opened + 1, closed) if place.texts[at] == ";"]
    return mistake(
        "expected `,` between enumerators, found `;`",
        place.span(place.index, place.index + 1),
        help="enumerators end in `,`; members and declarations in `;`",
        edits=tuple(place.replace(at, at + 1, ",") for at in wrong),
        resume=place.end(place.first),
    )


def unknown_unit(place: Place) -> Mistake | None:
    """Recognise `256 KB`, `256 kib`, `1 G`."""
    index = place.index
    unit = unit_meant(place.texts[index]) if place.kinds[index] == "NAME" else None
    if unit is None or "UNIT" not in place.accepted:
        return None
    return mistake(
        f"there is no unit `{place.texts[index]}`",
        place.span(index, index + 1),
        help=f"write `{unit}`; the units are `KiB`, `MiB` and `GiB`, which are powers of 1024",
        edits=(place.replace(index, index + 1, unit),),
    )


def digits_in_groups(place: Place) -> Mistake | None:
    """Recognise `[1,000]`, `[1 000]`."""
    index = place.index
    at = index if place.kinds[index] == "NUMBER" else index + 1
    if place.texts[index] != "," and at != index:
        return None
    first = index - 1
    if not _is_digits(place, first) or len(place.texts[first]) > _GROUP:
        return None
    last = first
    while _is_digits(place, at) and len(place.texts[at]) == _GROUP:
        last = at
        at += 1 + (place.texts[at + 1] == ",")
    if last == first or place.texts[last + 1] in {",", "<"}:
        return None
    digits = "".join(place.texts[at] for at in range(first, last + 1) if place.texts[at] != ",")
    grouped = "'".join(place.texts[at] for at in range(first, last + 1) if place.texts[at] != ",")
    return mistake(
        "the digits of a number stand together",
        place.span(first, last + 1),
        help=f"write `{digits}`, or `{grouped}`",
        edits=(place.replace(first, last + 1, digits),),
    )


def _is_digits(place: Place, at: int) -> bool:
    return place.kinds[at] == "NUMBER" and place.texts[at].isdecimal()
