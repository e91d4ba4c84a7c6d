"""Words after a map that has no `;`: attributes without their braces, or nothing that means any.

The grammar takes a `;` after a map as an item of its own, so that `pinned;` would be a declaration.
"""

from __future__ import annotations

from bpfgen.kernel.attribute_words import (
    UNMISTAKABLE,
    WRITTEN,
    attribute_named,
    flag_meant,
    pin_meant,
)
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.place import mistake
from bpfgen.syntax.tree import END
from bpfgen.text.diagnostics import Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place
    from bpfgen.syntax.tree import MapItem, TemplateItem, Tokens


def words_after_map(tokens: Tokens, first: int, map: MapItem | TemplateItem) -> Mistake | None:
    """Recognise `pinned;`, `pinning = by_name;`, `BPF_F_MMAPABLE;` after *map*, at token *first*.

    On the map's own line any single word is one of these mistakes.
    """
    kinds, texts = tokens.kinds, tokens.texts
    if map.shape.kind.text == "map" and map.shape.entries is not None and texts[first + 1] == ";":
        return mistake(
            "a map is no type of Go here",
            tokens.span(first, first + 1),
            help=f"write `hash<{map.shape.entries.span.text}, {texts[first]}>[max_entries]`",
            resume=first + 2,
        )
    if texts[first - 1] == ";" and texts[first] not in UNMISTAKABLE:
        return None
    line = _line(tokens, first)
    after = first
    while kinds[after] != END and texts[after] not in {";", "{", "}"}:
        if _line(tokens, after) != line:
            break
        after += 1
    ends = after + (texts[after] == ";")
    given = None if texts[after] in {"{", "}"} else attributes_meant(tokens, first, after)
    if given:
        return _in_braces(tokens, first, after, map, given, ends)
    is_one = texts[after] == ";" and (after == first + 1 or texts[first + 1] == "=")
    if not is_one or _line(tokens, first - 1) != line:
        return None
    return mistake(
        f"`{texts[first]}` is no attribute of a map",
        tokens.span(first, after),
        notes=("nothing but its attributes stands between a map and its `;`",),
        help=f"the attributes are {', '.join(f'`{name}`' for name in WRITTEN)}, in braces: "
        "`{ name = value; }`",
        resume=ends,
    )


def attributes_after_sign(place: Place) -> Mistake | None:
    """Recognise `, pinned;`, `: pinned;` and `(pinned);` after a map."""
    index = place.index
    if not place.is_map() or place.opened() >= 0 or place.texts[index] not in {",", ":", "("}:
        return None
    if "LBRACE" not in place.accepted:  # attributes can't stand here
        return None
    closed = place.closing(index) if place.texts[index] == "(" else place.end(index) - 1
    given = attributes_meant(place.tokens, index + 1, closed) if closed > index else None
    if not given or place.texts[place.end(index) - 1] != ";":
        return None
    after = closed + (place.texts[index] == "(")
    written = written_in_braces(given)
    blank = "" if place.tokens.end(index - 1) < place.tokens.starts[index] else " "
    return mistake(
        "the attributes of a map stand in `{…}`",
        place.span(index, after),
        help=f"write `{written}`",
        edits=(place.replace(index, after, f"{blank}{written}"),),
        resume=place.end(index),
    )


def written_in_braces(given: dict[str, str]) -> str:
    """Return the attributes *given* as they stand after a map."""
    return f"{{ {' '.join(f'{name} = {value};' for name, value in given.items())} }}"


def _line(tokens: Tokens, index: int) -> int:
    return tokens.source.line_number(tokens.starts[index])


def attributes_meant(tokens: Tokens, first: int, after: int) -> dict[str, str] | None:
    """Return the attributes that the tokens from *first* up to *after* mean, with their values.

    None where one of them means none; what divides them doesn't matter.
    """
    given: dict[str, str] = {}
    flags: list[str] = []
    at = first
    while at < after:
        word = tokens.texts[at]
        name, flag = attribute_named(word), flag_meant(word)
        sign = at + 1 < after and tokens.texts[at + 1] in {"=", ":"}
        if word in {",", "|", ";"}:
            at += 1
        elif name is not None and (sign or _is_value(tokens, at + 1, after)):
            begin = at + 1 + sign
            at = _value_end(tokens, begin, after)
            if at == begin or name in given:
                return None
            value = tokens.span(begin, at).text
            given[name] = (pin_meant(value) or value) if name == "pinning" else value
        elif name == "pinning" or (pin_meant(word) and "name" in word.lower()):
            given["pinning"] = "by_name"
            at += 1
        elif flag is not None:
            flags.append(flag)
            at += 1
        else:
            return None
    if flags and "map_flags" in given:
        return None
    return {**given, "map_flags": " | ".join(flags)} if flags else given


def _is_value(tokens: Tokens, at: int, after: int) -> bool:
    """Return whether the token *at* is the value of the attribute before it: `numa_node 1`."""
    if at >= after or tokens.kinds[at] not in {"NAME", "NUMBER"}:
        return False
    return attribute_named(tokens.texts[at]) is None


def _value_end(tokens: Tokens, at: int, after: int) -> int:
    """Return the token after the value that begins at *at*: a `,` or another attribute's name."""
    depth = 0
    while at < after:
        text = tokens.texts[at]
        depth += text in {"(", "[", "<"}
        depth -= text in {")", "]", ">"}
        begins = at + 1 < after and tokens.texts[at + 1] in {"=", ":"}
        if depth <= 0 and (text in {",", ";"} or (begins and attribute_named(text))):
            break
        at += 1
    return at


def _in_braces(
    tokens: Tokens,
    first: int,
    after: int,
    map: MapItem | TemplateItem,
    given: dict[str, str],
    ends: int,
) -> Mistake:
    """Return what to say of the attributes *given*, from token *first* up to *after*."""
    written = written_in_braces(given)
    source, shape = tokens.source, map.shape
    has_braces = source.text[shape.span.end - 1] == "}"
    words = tokens.span(first, after)
    last = tokens.end(first - 1)
    if not has_braces and last == shape.span.end:
        edits: tuple[Edit, ...] = (Edit(words, written),)
    else:
        at = shape.span.end - has_braces
        text = written.removeprefix("{ ").removesuffix("}") if has_braces else f" {written}"
        edits = (Edit(Span(source, at, at), text), Edit(Span(source, last, words.end), ""))
    already = {attribute.name.text for attribute in shape.attributes}
    if shape.entries is not None:
        already.add("max_entries")
    if shape.arguments is not None:
        already |= {"key", "value"}
    is_twice = not already.isdisjoint(given)
    return mistake(
        "the attributes of a map stand in `{…}`",
        words,
        help=f"write `{written}`",
        edits=() if is_twice else edits,
        resume=ends,
    )
