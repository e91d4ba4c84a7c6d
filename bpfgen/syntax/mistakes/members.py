"""Mistakes in structs: what other languages write there, and words that C doesn't know."""

from __future__ import annotations

from bpfgen.ctype.other_languages import RUST_TYPES, TYPES
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.place import mistake

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place
    from bpfgen.text.diagnostics import Edit

_LOST_TYPES = frozenset(("_Atomic", "_Complex", "_Imaginary", "_BitInt"))
"""Words of C for types that BTF has nothing for."""


def rust_struct(place: Place) -> Mistake | None:
    """Recognise `pub struct s { pub packets: u64, data: [u8; 4] }`."""
    head = place.first + (place.texts[place.first] == "pub")
    opened = head + 2
    if place.kinds[head] != "COMPOSITE" or place.texts[opened] != "{":
        return None
    closed = place.closing(opened)
    members = _rust_members(place, opened + 1, closed) if closed > 0 else None
    if not members:
        return None
    edits = [edit for _, edit in members]
    if head > place.first:
        edits.insert(0, place.replace(place.first, head + 1, place.texts[head]))
    resume = closed + 1
    if place.texts[closed + 1] == ";":
        resume += 1
    else:
        edits.append(place.append(closed, ";"))
    at = members[0][0]
    return mistake(
        "members are written as in C: the type comes first, and each ends in `;`",
        place.span(at, at + 1 + (place.texts[at] == "pub")),
        help=f"write `{members[0][1].text}`",
        edits=tuple(edits),
        resume=resume,
    )


def _rust_members(place: Place, at: int, closed: int) -> list[tuple[int, Edit]] | None:
    """Return the first token of each member and what it is in C; None if they aren't Rust's."""
    members: list[tuple[int, Edit]] = []
    texts = place.texts
    while at < closed:
        first = at
        at += texts[at] == "pub"
        if place.kinds[at] != "NAME" or texts[at + 1] != ":":
            return None
        found = rust_type(place, at + 2)
        if found is None:
            return None
        base, suffix, after = found
        if after < closed and texts[after] != ",":
            return None
        name = texts[at]
        at = after + (texts[after] == ",")
        member = f"{base} {name}{suffix};"
        members.append((first, place.replace(first, at, member)))
    return members


def rust_type(place: Place, at: int) -> tuple[str, str, int] | None:
    """Return the type of Rust at token *at* as C writes it, and the token after it, or None.

    In two parts, before the name and after it: `__u64` and `[4]`.
    """
    lengths: list[str] = []
    depth = 0
    while place.texts[at] == "[":
        depth += 1
        at += 1
    if place.kinds[at] not in {"NAME", "BUILTIN"}:
        return None
    base = RUST_TYPES.get(place.texts[at], place.texts[at])
    at += 1
    for _ in range(depth):
        if place.texts[at] != ";":
            return None
        first = at + 1
        while place.texts[at] not in {"]", "", "}"}:
            at += 1
        if place.texts[at] != "]" or at == first:
            return None
        lengths.append(place.written(first, at))
        at += 1
    return base, "".join(f"[{length}]" for length in reversed(lengths)), at


def rust_array(place: Place) -> Mistake | None:
    """Recognise `array<u32, [u64; 4]>`."""
    index = place.index
    found = rust_type(place, index) if place.texts[index] == "[" else None
    if found is None:
        return None
    base, suffix, after = found
    return mistake(
        "an array is written as in C: its length comes last",
        place.span(index, after),
        help=f"write `{base}{suffix}`",
        edits=(place.replace(index, after, f"{base}{suffix}"),),
        resume=place.end(after),
    )


def length_before_name(place: Place) -> Mistake | None:
    """Recognise `char[16] comm;`, and the `[16]byte` of Go."""
    index = place.index
    closed = place.closing(index) if place.texts[index] == "[" else -1
    if closed <= index + 1:
        return None
    length, after = place.written(index, closed + 1), closed + 1
    if place.kinds[after] not in {"NAME", "BUILTIN"}:
        return None
    if place.kinds[index - 1] in {"NAME", "BUILTIN"}:
        if index == place.first + 1 and place.texts[after + 1] == ";":
            written = f"{place.texts[index - 1]} {place.texts[after]}{length}"
            return mistake(
                "a variable has no place here, and the length of an array comes last",
                place.span(index - 1, after + 1),
                help=f"leave it in the C file, as `{written};`; in a struct, it is a member",
                resume=place.end(index),
            )
        if place.struct_body() < 0 and place.kinds[place.first] != "TYPEDEF":
            return None
        right = f" {place.texts[after]}{length}"
    elif place.texts[index - 1] in {"<", ","}:
        right = f"{TYPES.get(place.texts[after], place.texts[after])}{length}"
    else:
        return None
    return mistake(
        "an array is written as in C: its length comes last",
        place.span(index, after + 1),
        help=f"write `{right.strip()}`",
        edits=(place.replace(index, after + 1, right),),
        resume=place.end(place.first),
    )


def go_struct(place: Place) -> Mistake | None:
    """Recognise `type s struct { Packets uint64 }`."""
    first = place.first
    if place.texts[first] != "type" or place.kinds[first + 2] != "COMPOSITE":
        return None
    name, word = place.texts[first + 1], place.texts[first + 2]
    closed = place.closing(first + 3) if place.texts[first + 3] == "{" else -1
    return mistake(
        "types are written as in C",
        place.span(first, first + 3),
        help=f"write `{word} {name} {{ __u64 member; }};`",
        resume=closed + 1 if closed > 0 else -1,
    )


def members_name_first(place: Place) -> Mistake | None:
    """Recognise `struct s { packets u64 }`, a member a line, as in Go."""
    opened = place.struct_body()
    closed = place.closing(opened) if opened >= 0 else -1
    if closed < 0 or (closed - opened) % 2 == 0 or closed - opened < 3:
        return None
    edits = []
    for at in range(opened + 1, closed, 2):
        type_ = TYPES.get(place.texts[at + 1], place.texts[at + 1])
        is_type = type_.startswith("__") or place.kinds[at + 1] == "BUILTIN"
        if place.kinds[at] != "NAME" or place.texts[at].startswith("__") or not is_type:
            return None
        edits.append(place.replace(at, at + 2, f"{type_} {place.texts[at]};"))
    first = edits[0]
    if place.texts[closed + 1] != ";":
        edits.append(place.append(closed, ";"))
    return mistake(
        "members are written as in C: the type comes first, and each ends in `;`",
        place.span(opened + 1, opened + 3),
        help=f"write `{first.text}`",
        edits=tuple(edits),
        resume=closed + 1 + (place.texts[closed + 1] == ";"),
    )


def class_of_cxx(place: Place) -> Mistake | None:
    """Recognise `class s { … };`."""
    first = place.first
    if place.texts[first] != "class" or place.texts[first + 2] != "{":
        return None
    return mistake(
        "C has no classes",
        place.span(first, first + 1),
        help="write `struct`",
        edits=(place.replace(first, first + 1, "struct"),),
        resume=place.end(first),
    )


def misspelt_struct(place: Place) -> Mistake | None:
    """Recognise `strct s { … };`."""
    from bpfgen.text.spelling import closest

    first = place.first
    if place.kinds[first : first + 2] != ["NAME", "NAME"] or place.texts[first + 2] != "{":
        return None
    near = closest(place.texts[first], ("struct", "union", "enum"))
    if near is None:
        return None
    return mistake(
        f"`{place.texts[first]}` begins no declaration",
        place.span(first, first + 1),
        help=f"did you mean `{near}`?",
        edits=(place.replace(first, first + 1, near),),
        resume=place.end(first),
    )


def default_value(place: Place) -> Mistake | None:
    """Recognise `struct s { __u64 y = 5; };`."""
    opened = place.struct_body()
    if opened < 0 or place.texts[place.index] != "=":
        return None
    closed = place.closing(opened)
    if (
        closed < 0
        or place.texts[place.index + 1] in {"}", ";"}
        or place.starts_line(place.index + 1)
    ):
        return None
    edits = []
    after = opened
    for at in place.top_level(opened + 1, closed):
        if place.texts[at] != "=" or at < after:
            continue
        after = at
        while after < closed and place.texts[after] not in {";", ","}:
            after += 1
        edits.append(place.remove(at, after))
    return mistake(
        "a member has no default value",
        place.span(place.index, place.index + 1),
        notes=("an entry's bytes are what the program writes, or zero",),
        help="remove it, or write a `const` that programs use",
        edits=tuple(edits),
        resume=place.end(place.first),
        changes_meaning=True,
    )


def comma_for_semicolon(place: Place) -> Mistake | None:
    """Recognise `struct s { __u64 a, __u32 b; };`."""
    index = place.index
    if place.struct_body() < 0 or place.kinds[index] not in {"NAME", "BUILTIN", "COMPOSITE"}:
        return None
    comma = index - 1 if place.kinds[index] != "NAME" else index - 2
    if comma <= place.first or place.texts[comma] != "," or place.starts_line(index):
        return None  # on a line of its own it is another member, and the `;` before it is missing
    return mistake(
        "members of different types end in `;`, and here is a `,`",
        place.span(comma, comma + 1),
        help="write `;`",
        edits=(place.replace(comma, comma + 1, ";"),),
    )


def misspelt_decoration(place: Place) -> Mistake | None:
    """Recognise `struct task_struct __ktpr *t;`, `int x __algined(8);`."""
    from bpfgen.syntax.tables import HARD_WORDS
    from bpfgen.text.spelling import closest, fold

    at = place.index - 1 - (place.texts[place.index - 1] == "(")
    if place.kinds[place.index] == "NAME" and place.texts[place.index].startswith("__"):
        at = place.index
    is_near = place.line(place.index) == place.line(at)  # else a `;` is missing between them
    starts_line = at == place.index and place.line(at) > place.line(at - 1)
    if at <= place.first or place.kinds[at] != "NAME" or not is_near or starts_line:
        return None
    kinds = ("TAG_MACRO", "PACKED", "ALIGNED", "ALIGNAS", "CONTAINS", "ATTRIBUTE", "QUALIFIER")
    near = closest(place.texts[at], [word for word, kind in HARD_WORDS.items() if kind in kinds])
    is_meant = place.texts[at].startswith("_") or (
        near is not None and fold(near) == fold(place.texts[at])
    )
    if near is None or not is_meant:
        return None
    return mistake(
        f"`{place.texts[at]}` is neither a tag nor an attribute",
        place.span(at, at + 1),
        help=f"did you mean `{near}`?",
        edits=(place.replace(at, at + 1, near),),
    )


def lost_type(place: Place) -> Mistake | None:
    """Recognise `_Atomic int x;`, `_Complex float y;`: clang leaves such types out of BTF."""
    at = place.index
    while place.texts[at] not in _LOST_TYPES:
        at -= 1
        if at < place.first or place.texts[at] in {";", "{", "}"}:
            return None
    word = place.texts[at]
    plain = "write the plain type: __sync_fetch_and_add and the __atomic builtins work on it"
    return mistake(
        f"`{word}` has no place in a map's types: clang leaves such a type out of BTF",
        place.span(at, at + 1),
        notes=("the kernel refuses BTF with a member that has no type (btf_struct_check_member)",),
        help=plain if word == "_Atomic" else "write a struct of plain numbers",
    )
