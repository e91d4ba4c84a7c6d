"""Mistakes in the attributes of a map, and in its initial slots."""

from __future__ import annotations

import re
from itertools import pairwise

from bpfgen.kernel.attribute_words import attribute_meant
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.after_map import attributes_meant, written_in_braces
from bpfgen.syntax.mistakes.place import mistake

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place
    from bpfgen.text.diagnostics import Edit

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
            changes_meaning=is_path,
        )
    name = place.texts[index - 2]
    if attribute_meant(name) is None:
        return mistake(
            f"a map has no attribute `{name}`",
            place.span(index - 2, index - 1),
            help="the name of a map stands after `map`, before the colon: remove this"
            if name == "name"
            else "remove it",
            edits=(place.remove(index - 2, place.end(index)),),
            resume=place.end(place.first),
            changes_meaning=True,
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
    bare = _bare_words(place, opened, closed) if closed > 0 else None
    if bare is not None:
        return bare
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


def _bare_words(place: Place, opened: int, closed: int) -> Mistake | None:
    """Recognise values and flags alone: `{ pinned; }`, `{ pinning = by_name, BPF_F_MMAPABLE }`."""
    parts = [opened, *(at for at in range(opened, closed) if place.texts[at] in {";", ","}), closed]
    is_alone = any(
        after == at + 2 and place.kinds[at + 1] == "NAME" for at, after in pairwise(parts)
    )
    given = attributes_meant(place.tokens, opened + 1, closed) if is_alone else None
    if not given:
        return None
    written = written_in_braces(given)
    return mistake(
        "an attribute of a map is a name and a value",
        place.span(opened, closed + 1),
        help=f"write `{written}`",
        edits=(place.replace(opened, closed + 1, written),),
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


def slots_with_colons(place: Place) -> Mistake | None:
    """Recognise `= { [0]: a }`."""
    opened = place.opened("{")
    if opened < 0 or place.texts[place.index] != ":" or not place.is_map():
        return None
    closed = place.closing(opened)
    if place.texts[opened - 1] != "=" or closed < 0:
        return None
    colons = [at for at in place.top_level(opened + 1, closed) if place.texts[at] == ":"]
    return mistake(
        "a slot is written `[0] = name`, with `=`",
        place.span(place.index, place.index + 1),
        help="write `=`",
        edits=tuple(place.replace(at, at + 1, " =") for at in colons),
        resume=place.end(closed + 1),
    )


def values_as_slots(place: Place) -> Mistake | None:
    """Recognise `= { 1, 2 }`, `= { [0] = 5 }`."""
    opened, index = place.opened("{"), place.index
    if opened < 0 or not place.is_map() or place.texts[opened - 1] != "=":
        return None
    closed = place.closing(opened)
    is_value = place.kinds[index] in {"NUMBER", "STRING", "CHARACTER", "MINUS"}
    if closed < 0 or not (is_value or place.texts[index] == "{"):
        return None
    return mistake(
        "the initial values of a map are maps or programs",
        place.span(index, index + 1),
        notes=("nothing in an object says what another map holds: user space stores it",),
        help="remove them, and call bpf_map_update_elem once the map is there",
        edits=(place.remove(opened - 1, closed + 1),),
        resume=place.end(closed + 1),
        changes_meaning=True,
    )


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
    given = attributes_meant(place.tokens, closed, closed + 1)
    if given and closed == index:
        return mistake(
            "the attributes of a map stand in `{…}`",
            place.span(index, closed + 1),
            help=f"write `{written_in_braces(given)}`",
            edits=(place.replace(index - 1, closed + 1, written_in_braces(given)),),
            resume=place.end(closed + 1),
        )
    right = f"{{ {inside} }}"
    return mistake(
        "initial values stand in `{…}`",
        place.span(index, closed + 1),
        help=f"write `= {right}`",
        edits=(place.replace(index, closed + 1, right),),
        resume=place.end(closed + 1),
    )
