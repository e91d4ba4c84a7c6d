"""What makes two types, members or enumerators the same one: names, qualifiers in clang's order.

The small questions that :mod:`bpfgen.ctype.compare` asks.
"""

from __future__ import annotations

from bpfgen.ctype.describe import modifier_word
from bpfgen.ctype.types import (
    MODIFIERS,
    Array,
    Composite,
    Const,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Void,
    Volatile,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpfgen.ctype.types import Attributes, Type

QUALIFIERS = ("const", "volatile", "restrict")
"""The order in which clang nests qualifiers, the outermost first."""


def tag_of(type_: Composite | Enum) -> tuple[str, str]:
    """Return the kind and the tag of *type_*; the tag is empty where there is none."""
    return (type_.kind if isinstance(type_, Composite) else "enum", type_.tag or "")


def name_of(type_: Type) -> tuple[str, str] | None:
    """Return the (kind, name) that stands for *type_* behind a pointer.

    None for what has no name or is no struct, union, enum or typedef; the name is empty for an
    anonymous struct, union or enum.
    """
    match type_:
        case Named():
            return type_.kind, type_.name
        case Typedef():
            return "typedef", type_.name
        case Composite() | Enum():
            return tag_of(type_)
        case Void() | Int() | Float() | Pointer() | Array() | FuncProto() | Unknown():
            return None
        case Const() | Volatile() | Restrict() | TypeTag():
            return None
        case _:
            assert_never(type_)


def is_same_integer(one: Int, other: Int) -> bool:
    """Whether two integers are the same or at least have the same values in the same bytes.

    The kernel's headers, glibc's and vmlinux.h don't agree on whether a 64-bit type is a `long` or
    a `long long`.
    """
    names = {canonical(integer.name).replace("long long", "long") for integer in (one, other)}
    return len(names) == 1 and same_values(one, other)


def same_values(one: Int, other: Type) -> bool:
    """Whether *other* is an integer with the values of *one* in the same bytes."""
    return isinstance(other, Int) and (one.size, one.signed, one.bool) == (
        other.size,
        other.signed,
        other.bool,
    )


def canonical(name: str) -> str:
    """Return *name* with the words of a C integer type in clang's order; others as they are.

    gcc and DWARF say `long unsigned int` where clang says `unsigned long`, and clang says `bool`
    for `_Bool` since C23.
    """
    if name == "bool":
        return "_Bool"
    words = name.split()
    rest = [word for word in words if word not in ("signed", "unsigned", "int")]
    if not set(rest) <= {"char", "short", "long", "__int128"}:
        return name
    if not rest:
        rest = ["int"]
    if "unsigned" in words:
        rest.insert(0, "unsigned")
    elif rest == ["char"] and "signed" in words:
        rest.insert(0, "signed")
    return " ".join(rest)


_WORDS = frozenset(("char", "short", "int", "long", "unsigned", "signed", "__int128", "_Bool"))


def is_foreign_integer(type_: Type) -> bool:
    """Whether *type_* is an integer under a name that C doesn't have: Rust's `u32`, Go's `int32`.

    BTF has typedefs for those that C programs call so; only other languages have integers.
    """
    return isinstance(type_, Int) and not _WORDS.issuperset(type_.name.split())


def changed_tags(
    declared: Attributes | None, emitted: Attributes | None, verb: str = "emitted"
) -> Iterator[str]:
    """Yield which decl tags one side lacks: "emitted with the decl tag `x`, which isn't …"."""
    if declared is emitted:
        return
    for what, own, other in (
        ("decl tag", *(() if a is None else a.decl_tags for a in (declared, emitted))),
        ("attribute", *(() if a is None else a.others for a in (declared, emitted))),
    ):
        for tag in dict.fromkeys((*own, *other)):
            if tag not in other:
                yield f"declared with the {what} `{tag}`, which isn't {verb}"
            elif tag not in own:
                yield f"{verb} with the {what} `{tag}`, which isn't declared"


def without_modifiers(type_: Type) -> tuple[list[str], list[str], Type]:
    """Return the type tags of *type_*, its qualifiers in clang's order, and what is below them."""
    tags: list[str] = []
    qualifiers: list[str] = []
    while isinstance(type_, MODIFIERS):
        (tags if isinstance(type_, TypeTag) else qualifiers).append(modifier_word(type_))
        type_ = type_.underlying
    return tags, [word for word in QUALIFIERS if word in qualifiers], type_


def align_names(
    declared: Sequence[str | None], emitted: Sequence[str | None]
) -> Iterator[tuple[int | None, int | None]]:
    """Yield the pairs of indices that belong together; None where a side has no counterpart.

    They come in the order of *declared*, then the leftovers of *emitted*. Names decide; the first
    of two equal names goes with the first, so the nameless are paired in order. Where the lists are
    equally long and two names without counterpart stand at one place, one was renamed.
    """
    if list(declared) == list(emitted):
        yield from ((index, index) for index in range(len(declared)))
        return
    places: dict[str | None, list[int]] = {}
    for index in range(len(emitted) - 1, -1, -1):
        places.setdefault(emitted[index], []).append(index)
    counterparts: list[int | None] = []
    for name in declared:
        candidates = places.get(name)
        counterparts.append(candidates.pop() if candidates else None)
    unpaired = {index for indices in places.values() for index in indices}
    same_length = len(declared) == len(emitted)
    for index, other in enumerate(counterparts):
        if other is None and same_length and index in unpaired:
            unpaired.discard(index)
            yield index, index
        else:
            yield index, other
    for index in sorted(unpaired):
        yield None, index
