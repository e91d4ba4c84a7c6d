"""Mistakes in the form of a map: its name, types and entries."""

from __future__ import annotations

import re

from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.after_map import attributes_meant, written_in_braces
from bpfgen.syntax.mistakes.place import LINKAGES, MAP_WORDS, mistake
from bpfgen.syntax.tree import END
from bpfgen.text.diagnostics import Label

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place
    from bpfgen.text.diagnostics import Edit

_FORM = "a map is written `map NAME: kind<key, value>[max_entries]`"
_MODIFIERS = frozenset(("pub", "export", "static", "public", "const", "let", "var", "def", "fn"))


def _shape_end(place: Place, at: int) -> int:
    """Return the token after the kind at *at*, its `<…>` and its `[…]`; -1 if it is no shape.

    What a shape has that a name hasn't is one of the two.
    """
    if place.kinds[at] != "NAME":
        return -1
    after = at + 1
    for bracket in "<[":
        if place.texts[after] == bracket:
            closed = place.closing(after)
            if closed < 0:
                return -1
            after = closed + 1
            if place.kinds[after] == "$SKIPPED":
                after += 1
    return after if after > at + 1 else -1


def word_before_map(place: Place) -> Mistake | None:
    """Recognise `pub map m: …`, `static map m: …`."""
    first = place.first
    if place.texts[first] not in _MODIFIERS or place.texts[first + 1] not in MAP_WORDS:
        return None
    return mistake(
        f"`{place.texts[first]}` means nothing here: every map is there for the whole program",
        place.span(first, first + 1),
        help="remove it",
        edits=(place.replace(first, first + 2, place.texts[first + 1]),),
    )


def attribute_before_map(place: Place) -> Mistake | None:
    """Recognise `pinned map m: …`."""
    first = place.first
    if place.texts[first + 1] not in MAP_WORDS or place.texts[first + 3] != ":":
        return None
    given = attributes_meant(place.tokens, first, first + 1)
    if not given:
        return None
    return mistake(
        "the attributes of a map stand in `{…}`",
        place.span(first, first + 1),
        help=f"remove it, and write `{written_in_braces(given)}` after the map",
        resume=place.end(first),
    )


def linkage_after_map(place: Place) -> Mistake | None:
    """Recognise `map m: … weak;`."""
    first, index = place.first, place.index
    word = next((at for at in range(first - 1, 0, -1) if place.kinds[at] == "SEMICOLON"), -1) + 1
    is_last = index == first + 1 and place.texts[index] == ";" and first > word
    if place.texts[first] not in LINKAGES or not is_last or place.texts[word] not in MAP_WORDS:
        return None
    right = f"{place.texts[first]} {place.texts[word]}"
    return mistake(
        f"`{place.texts[first]}` stands before `{place.texts[word]}`",
        place.span(first, index),
        help=f"write `{right} {place.texts[word + 1]}: …`",
        edits=(place.insert(word, f"{place.texts[first]} "), place.remove(first, index)),
        resume=index + 1,
    )


def map_without_word(place: Place) -> Mistake | None:
    """Recognise `m: hash<…>[16];`, `weak m: …`, `m hash<…>[16];`, `hash<…>[16] m;`."""
    name = place.first + (place.texts[place.first] in LINKAGES)
    if place.kinds[name] != "NAME" or place.index > name + 2:
        return None
    shape = name + 1 + (place.texts[name + 1] == ":")
    after = _shape_end(place, shape)
    if after > 0 or (place.texts[name + 1] == ":" and place.kinds[shape] == "NAME"):
        colon = "" if place.texts[name + 1] == ":" else ":"
        word = "template" if _is_kind(place, name) else "map"
        right = f"{word} {place.texts[name]}: {place.written(shape, max(after, shape + 1))}"
        edits: tuple[Edit, ...] = (place.insert(name, f"{word} "),)
        if colon:
            edits = (*edits, place.append(name, colon))
        return mistake(
            f"`{place.texts[name]}` looks like a {word} without the word `{word}`",
            place.span(name, name + 1),
            help=f"write `{right}`",
            edits=edits,
        )
    return _type_first(place, name, name)


def _is_kind(place: Place, name: int) -> bool:
    """Return whether a map is of the kind at token *name*, or holds such maps: a template's name.

    A struct may have it for its tag, and be what a map holds.
    """
    texts = place.texts
    uses = [at for at, text in enumerate(texts) if text == texts[name] and 2 < at < len(texts) - 1]
    if any(place.kinds[at - 1] in {"COMPOSITE", "ENUM"} for at in uses):
        return False
    return any(
        (texts[at - 1] == ":" and texts[at - 3] in MAP_WORDS)
        or (texts[at - 1] == "," and texts[at + 1] == ">")
        for at in uses
    )


def _type_first(place: Place, word: int, kind: int) -> Mistake | None:
    """Return what to say of `hash<…> m[16]` and `hash<…>[16] m`, whose kind is token *kind*."""
    after = _shape_end(place, kind)
    if after < 0 or place.kinds[after] != "NAME":
        return None
    name, ends = after, after + 1
    entries = ""
    if place.texts[ends] == "[":
        closed = place.closing(ends)
        if closed < 0 or "[" in [place.texts[at] for at in place.top_level(kind, after)]:
            return None
        entries, ends = place.written(ends, closed + 1), closed + 1
    right = f"map {place.texts[name]}: {place.written(kind, after)}{entries}"
    return mistake(
        "the name of a map comes before what it is",
        place.span(name, name + 1),
        help=f"write `{right}`",
        edits=(place.replace(word, ends, right),),
    )


def map_head(place: Place) -> Mistake | None:
    """Recognise `map m hash<…>`, `map m = hash<…>`, `map hash<…>[16]`, `map: hash<…>[16]`."""
    if not place.is_map():
        return None
    word = place.first + (place.texts[place.first] in LINKAGES)
    name = word + 1
    if place.texts[name] == ":" and place.kinds[name + 1] == "NAME":
        return mistake(
            "this map has no name",
            place.after(word),
            help=f"write `map NAME: {place.texts[name + 1]}…`",
            resume=place.end(word),
        )
    if place.kinds[name] != "NAME" or place.index not in {name + 1, name + 2}:
        return None
    sign = place.texts[name + 1]
    if sign == "-":
        return _dashes(place, name)
    if sign in {"<", "["}:
        ordered = _type_first(place, word, name)
        if ordered is not None:
            return ordered
        return mistake(
            "this map has no name",
            place.before(name),
            help=f"write `map NAME: {place.texts[name]}{sign}…`",
            resume=place.end(word),
        )
    if sign == "=" and place.kinds[name + 2] == "NAME":
        edit = place.replace(name + 1, name + 2, ":")
        if place.tokens.end(name) == place.tokens.starts[name + 1] - 1:
            edit = place.remove(name + 1, name + 2)
            edit = type(edit)(edit.span, ":")
    elif place.kinds[name + 1] == "NAME" and _shape_end(place, name + 1) > 0:
        edit = place.append(name, ":")
    else:
        return None
    return mistake(
        f"expected `:` after the name `{place.texts[name]}`",
        place.after(name),
        help=_FORM,
        edits=(edit,),
    )


def _dashes(place: Place, name: int) -> Mistake | None:
    """Return what to say of `map my-map: …`, whose name begins at token *name*."""
    after = name
    while re.fullmatch(r"\w+|-", place.texts[after]):
        after += 1
    if place.texts[after] != ":":
        return None
    right = "".join(place.texts[name:after]).replace("-", "_")
    return mistake(
        "the name of a map is one of C: letters, digits and `_`",
        place.span(name, after),
        help=f"write `{right}`",
        edits=(place.replace(name, after, right),),
    )


def entries_in_wrong_place(place: Place) -> Mistake | None:
    """Recognise `hash[16]<K, V>`, `hash<K, V>(16)`, `hash<K, V> 16`, `hash(K, V)[16]`.

    And `hash<K, V>, 16`.
    """
    index = place.index
    if place.map_attributes() == index - 1 >= 0 and place.kinds[index] == "NUMBER":
        closed = place.closing(index - 1)
        if closed != index + 1:
            return None
        return mistake(
            "the entries of a map stand in `[…]`",
            place.span(index - 1, closed + 1),
            help=f"write `[{place.texts[index]}]`",
            edits=(place.replace(index - 1, closed + 1, f"[{place.texts[index]}]"),),
            resume=place.end(closed + 1),
        )
    if not place.is_map() or place.opened() >= 0:
        return None
    sign = place.texts[index]
    if sign == "<" and place.texts[index - 1] == "]":
        opened = _opening(place, index - 1)
        closed = place.closing(index)
        if opened < 0 or closed < 0:
            return None
        right = place.written(index, closed + 1) + place.written(opened, index)
        return mistake(
            "the types of a map come before its entries",
            place.span(index, closed + 1),
            help=f"write `{place.texts[opened - 1]}{right}`",
            edits=(place.replace(opened, closed + 1, right),),
            resume=place.end(closed),
        )
    if place.texts[index - 1] != ">" and place.kinds[index - 1] not in {"NAME", "$SKIPPED"}:
        return None
    if sign == "(":
        closed = place.closing(index)
        if closed < 0 or closed == index + 1:
            return None
        inside = place.written(index + 1, closed)
        are_types = any(place.texts[at] == "," for at in place.top_level(index + 1, closed))
        if are_types:
            return mistake(
                "the types of a map stand in `<…>`",
                place.span(index, closed + 1),
                help=f"write `<{inside}>`",
                edits=(place.replace(index, closed + 1, f"<{inside}>"),),
                resume=place.end(closed + 1),
            )
        right = f"[{inside}]"
    elif place.kinds[index] == "NUMBER":
        closed, right = index + (place.texts[index + 1] == "]"), f"[{place.texts[index]}]"
    elif sign == "," and place.kinds[index + 1] == "NUMBER" and place.texts[index + 2] in ";{":
        closed, right = index + 1, f"[{place.texts[index + 1]}]"
    else:
        return None
    return mistake(
        "the entries of a map stand in `[…]`",
        place.span(index, closed + 1),
        help=f"write `{right}`",
        edits=(place.replace(index, closed + 1, right),),
        resume=place.end(closed + 1),
    )


def _opening(place: Place, closed: int) -> int:
    """Return the bracket that the `]` or `}` at *closed* closes, or -1."""
    closing = place.texts[closed]
    opening = "[" if closing == "]" else "{"
    depth = 0
    for at in range(closed, place.first, -1):
        depth += (place.texts[at] == closing) - (place.texts[at] == opening)
        if depth == 0:
            return at
    return -1


_ROLES = ("key", "value")


def named_types(place: Place) -> Mistake | None:
    """Recognise `hash<__u32 id, __u64 count>`, `hash<key = __u32, value = __u64>`."""
    index = place.index
    opened = _open_angle(place) if place.is_map() else -1
    closed = _closing_angle(place, opened) if opened > place.first else -1
    if closed < 0:
        return None
    parts = _parts(place, opened + 1, closed)
    kind = MAP_KINDS.get(place.texts[opened - 1])
    if place.texts[index] in {"=", ":"}:
        named = {place.texts[first]: place.written(first + 2, after) for first, after in parts}
        signs = all(place.texts[first + 1] == place.texts[index] for first, _ in parts)
        if not signs or len(named) != len(parts) or not all(named.values()):
            return None
        if len(parts) == 1 and not named.keys() <= {*_ROLES} and not (kind and kind.keyless):
            return None  # two types, and another sign between them
        roles = sorted(named, key=_ROLES.index) if named.keys() <= {*_ROLES} else list(named)
        types = [named[role] for role in roles]
    elif len(parts) > 1 or (kind is not None and kind.keyless):
        names = [after - 1 for first, after in parts if _has_name(place, first, after)]
        if index not in names:
            return None
        types = [place.written(first, after - (after - 1 in names)) for first, after in parts]
    else:
        return None
    right = f"<{', '.join(types)}>"
    order = ": the key comes first, then the value" if len(types) > 1 else ""
    return mistake(
        f"the types of a map have no names{order}",
        place.span(index, index + 1),
        help=f"write `{right}`",
        edits=(place.replace(opened, closed + 1, right),),
        resume=place.end(closed),
    )


def _closing_angle(place: Place, opened: int) -> int:
    """Return the `>` of the `<` at *opened*, bodies of structs between them or not, or -1."""
    depth = 0
    for at in place.top_level(opened, place.end(opened)):
        depth += (place.texts[at] == "<") - (place.texts[at] == ">")
        if depth == 0:
            return at
    return -1


def _parts(place: Place, first: int, after: int) -> list[tuple[int, int]]:
    """Return the first token, and that after the last, of what commas divide."""
    parts = []
    depth = 0
    begin = first
    for at in range(first, after):
        depth += place.texts[at] in {"<", "(", "[", "{"}
        depth -= place.texts[at] in {">", ")", "]", "}"}
        if place.texts[at] == "," and depth == 0:
            parts.append((begin, at))
            begin = at + 1
    return [*parts, (begin, after)]


def _has_name(place: Place, first: int, after: int) -> bool:
    """Return whether the type of the tokens *first* up to *after* ends with a name of its own."""
    last = after - 1
    if last <= first or place.kinds[last] != "NAME":
        return False
    return place.kinds[last - 1] in {"NAME", "BUILTIN", "STAR"} or place.texts[last - 1] == "}"


def types_without_comma(place: Place) -> Mistake | None:
    """Recognise `hash<__u32 __u64>`, `hash<__u32; __u64>`."""
    index = place.index
    is_sign = place.texts[index] in {";", ":"}
    begins = place.kinds[index + is_sign] in {"NAME", "BUILTIN", "COMPOSITE", "ENUM"}
    if not (begins and place.is_map() and {"COMMA", "GREATER"} <= place.accepted.keys()):
        return None
    if place.texts[index - 1] == "<" or place.tokens.at_line_start(index):
        return None
    if "," in place.texts[_open_angle(place) : index]:
        return None  # it is the second one, and something else is wrong with it
    ends = place.end(index + 1)
    if is_sign:
        line = [at for at in range(index, ends) if place.line(at) == place.line(index)]
        if not any(place.texts[at] == ">" for at in line):
            return None
        return mistake(
            f"expected `,` between two types, found `{place.texts[index]}`",
            place.span(index, index + 1),
            help="write `,`",
            edits=(place.replace(index, index + 1, ","),),
            resume=ends,
        )
    return mistake(
        "expected `,` between two types",
        place.after(index - 1),
        help="write `,`",
        edits=(place.append(index - 1, ","),),
    )


def unclosed_angle(place: Place) -> Mistake | None:
    """Recognise `hash<__u32, __u64[16];`."""
    index = place.index
    if not place.is_map() or not place.accepted.keys() & {"GREATER"} or place.opened("{(") >= 0:
        return None
    if place.texts[index] not in {";", "[", "{", "=", ""} and not place.tokens.at_line_start(index):
        return None
    opened = _open_angle(place)
    if opened < 0:
        return None
    at = index
    if place.texts[index] != "[" and place.texts[index - 1] in {"]", "}"}:
        at = _opening(place, index - 1)
        if place.texts[at] == "{" and place.texts[at - 1] == "]":
            entries = _opening(place, at - 1)  # of the map, unless they are those of an inner one
            is_inner = place.texts[entries - 1] == ">" or place.texts[entries - 1] in MAP_KINDS
            at = at if is_inner else entries
    return mistake(
        "this `<` is never closed",
        place.span(opened, opened + 1),
        labels=(Label(place.before(at), "`>` is missing here"),) if place.kinds[at] != END else (),
        help="close it with `>`",
        edits=(place.append(at - 1, ">"),),
        resume=place.end(index) if place.kinds[index] != END else -1,
    )


def _open_angle(place: Place) -> int:
    """Return the last `<` of the types of the map that is open at the error, or -1."""
    stack: list[int] = []
    for at in range(place.first, place.index):
        if place.texts[at] == "<":
            stack.append(at)
        elif place.texts[at] == ">" and stack:
            stack.pop()
    return stack[-1] if stack else -1
