"""Mistakes in the form of a map: its name, types, entries, attributes and slots."""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
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
        f"nothing is said by `{place.texts[first]}` here: every map is there for the whole program",
        place.span(first, first + 1),
        help="remove it",
        edits=(place.replace(first, first + 2, place.texts[first + 1]),),
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
        right = f"map {place.texts[name]}: {place.written(shape, max(after, shape + 1))}"
        edits: tuple[Edit, ...] = (place.insert(name, "map "),)
        if colon:
            edits = (*edits, place.append(name, colon))
        return mistake(
            f"`{place.texts[name]}` looks like a map without the word `map`",
            place.span(name, name + 1),
            help=f"write `{right}`",
            edits=edits,
        )
    return _type_first(place, name, name)


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


def entries_in_wrong_place(place: Place) -> Mistake | None:
    """Recognise `hash[16]<K, V>`, `hash<K, V>(16)`, `hash<K, V> 16`."""
    index = place.index
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
        right = f"[{place.written(index + 1, closed)}]"
    elif place.kinds[index] == "NUMBER":
        closed, right = index, f"[{place.texts[index]}]"
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


def types_without_comma(place: Place) -> Mistake | None:
    """Recognise `hash<__u32 __u64>`."""
    index = place.index
    begins = place.kinds[index] in {"NAME", "BUILTIN", "COMPOSITE", "ENUM"}
    if not (begins and place.is_map() and {"COMMA", "GREATER"} <= place.accepted.keys()):
        return None
    if place.texts[index - 1] == "<" or place.tokens.at_line_start(index):
        return None
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


_PINS = (
    "with `by_name` the loader pins the map under its name, below a directory that it chooses: "
    "libbpf takes /sys/fs/bpf, or pin_root_path of bpf_object_open_opts"
)
_PATH_OR_WORD = re.compile(r'"([A-Za-z_]\w*)"')


def attribute_as_string(place: Place) -> Mistake | None:
    """Recognise `pinning = "/sys/fs/bpf/x";`, `map_flags = "BPF_F_MMAPABLE";`."""
    index = place.index
    if place.map_attributes() < 0 or place.kinds[index] != "STRING":
        return None
    word = _PATH_OR_WORD.fullmatch(place.texts[index])
    if "pin" in place.texts[index - 2]:
        right = "by_name" if word is None or word[1] not in {"none", "NONE"} else "none"
        is_path = word is None
        return mistake(
            "`pinning` is `by_name` or `none`" + ", and no path" * is_path,
            place.span(index, index + 1),
            notes=(_PINS,) * is_path,
            help=f"write `pinning = {right};`",
            edits=(
                place.replace(index - 2, index - 1, "pinning"),
                place.replace(index, index + 1, right),
            )
            if place.texts[index - 2] != "pinning"
            else (place.replace(index, index + 1, right),),
        )
    if word is None:
        return None
    return mistake(
        "the value of an attribute is a number, and a string stands here",
        place.span(index, index + 1),
        help=f"write `{word[1]}`",
        edits=(place.replace(index, index + 1, word[1]),),
    )


def attribute_form(place: Place) -> Mistake | None:
    """Recognise `{ map_flags: X }`, `{ map_flags = X, pinning = by_name }`, `{ map_flags X; }`."""
    from bpfgen.syntax.tables import PUNCTUATION

    opened, index = place.map_attributes(), place.index
    if opened < 0:
        return None
    sign = place.texts[index]
    is_colon = sign == ":" and place.texts[index - 1].isidentifier()
    is_dot = sign == "." and place.texts[index - 1] in {"{", ";", ","}
    is_bare = place.accepted.keys() == {PUNCTUATION["="]}
    if not (is_colon or is_dot or sign == "," or is_bare):
        return None
    closed = place.closing(opened)
    rewritten = _attributes(place, opened + 1, closed) if closed > 0 else None
    if not rewritten or not any(edit.text for edit in rewritten):
        return None
    if sign == ",":
        message = "expected `;` after an attribute, found `,`"
    elif is_dot:
        message = "an attribute begins with its name"
    else:
        message = f"expected `=` after `{place.texts[index - 1]}`"
    return mistake(
        message,
        place.span(index, index + 1),
        help="attributes are written `name = value;`",
        edits=tuple(rewritten),
        resume=place.end(closed + 1) if place.texts[closed + 1] in {"=", ";"} else closed + 1,
    )


def _attributes(place: Place, at: int, closed: int) -> list[Edit] | None:
    """Return what makes `name = value;` of each attribute; None if they are something else."""
    edits: list[Edit] = []
    while at < closed:
        if place.texts[at] == ".":
            edits.append(place.replace(at, at + 1, ""))
            at += 1
        if not place.texts[at].isidentifier():
            return None
        sign = at + 1
        if place.texts[sign] == ":":
            blank = "" if place.tokens.end(sign) < place.tokens.starts[sign + 1] else " "
            edits.append(place.replace(sign, sign + 1, f" ={blank}"))
            sign += 1
        elif place.texts[sign] == "=":
            sign += 1
        else:
            edits.append(place.append(at, " ="))
        after = sign
        depth = 0
        while after < closed and (depth or place.texts[after] not in {",", ";"}):
            depth += place.texts[after] in {"(", "[", "{", "<"}
            depth -= place.texts[after] in {")", "]", "}", ">"}
            after += 1
        if after == sign:
            return None
        if after == closed:
            edits.append(place.append(after - 1, ";"))
        elif place.texts[after] == ",":
            edits.append(place.replace(after, after + 1, ";"))
        at = after + 1
    return edits


def slots_in_brackets(place: Place) -> Mistake | None:
    """Recognise `= [a, b]`, `= a`."""
    index = place.index
    if not place.is_map() or place.texts[index - 1] != "=" or place.opened() >= 0:
        return None
    if place.texts[index] == "[":
        closed = place.closing(index)
        inside = place.written(index + 1, closed) if closed > 0 else ""
    elif place.kinds[index] == "NAME" and place.texts[index + 1] == ";":
        closed, inside = index, place.texts[index]
    else:
        return None
    if not inside or "=" in inside:
        return None
    right = f"{{ {inside} }}"
    return mistake(
        "initial values stand in `{…}`",
        place.span(index, closed + 1),
        help=f"write `= {right}`",
        edits=(place.replace(index, closed + 1, right),),
        resume=place.end(closed + 1),
    )
