"""What a C type measures on the BPF target: its size and its alignment.

:mod:`bpfgen.ctype.layout` builds on this and tells the rules in full. All of clang 14, 16, 19 and
22 agree on BPF's own numbers: `aligned` without an argument is 16, `__int128` is aligned to 16,
`long double` is a double, an empty struct has size 0 and alignment 1, alignments go up to 2**32.

Source: clang/lib/Basic/Targets/BPF.h and TargetInfo.cpp; ASTContext::getTypeInfo.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    POINTER_SIZE,
    WRAPPERS,
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
    underlying,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.ctype.types import Attributes, Member, Type

DEFAULT_ALIGNED = 16
"""Bytes that `aligned` without an argument stands for on the BPF target."""

MAX_ALIGNED = 1 << 32
"""The largest alignment clang takes."""

BTF_ARRAY_LENGTH = 0xFFFFFFFF
"""The largest number of elements in BTF's `struct btf_array`."""

LAYERS = (*WRAPPERS, Array)
"""What :func:`innermost` takes off, for `isinstance`."""


class LayoutError(Exception):
    """A declaration for which C, clang or BTF has no layout.

    Attributes:
        code: The diagnostic's code.
        message: The diagnostic's message.
        help: What to write instead, or empty.
        index: Which member (or enumerator) is wrong, counted from 0; None if it is no single one.
        about: Which part of it: `type`, `width`, `aligned`, or empty for the whole.
        instead: What to write in its place: of a width the number, of a type what is declared.
        errors: All errors of the declaration in order, this one first.
    """

    def __init__(
        self,
        code: str,
        message: str,
        help: str = "",
        index: int | None = None,
        about: str = "",
        instead: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help
        self.index = index
        self.about = about
        self.instead = instead
        self.errors: tuple[LayoutError, ...] = (self,)


def sizeof(type: Type) -> int | None:
    """Return the bytes of *type*; None for what has no size in C.

    That is `void`, a function, `T[]`, a type that is only named, and :class:`Unknown`.
    """
    count = 1
    while True:
        match type:
            case Typedef():  # the commonest first
                type = type.underlying
            case Int() | Float() | Composite() | Enum():
                return count * type.size
            case Const() | Volatile() | Restrict() | TypeTag():
                type = type.underlying
            case Pointer():
                return count * POINTER_SIZE
            case Array():
                if type.flexible:
                    return None
                count *= type.length
                type = type.element
            case Void() | FuncProto() | Named() | Unknown():
                return None
            case _:
                assert_never(type)


def alignof(type: Type) -> int:
    """Return the alignment of *type* in bytes, at least 1.

    It is 1 for what has no size, and for a composite whose alignment isn't known (one that the
    decoder made: BTF doesn't hold it).
    """
    while True:
        match type:
            case Int() | Float():
                return type.size
            case Typedef():
                if type.align:
                    return type.align
                type = type.underlying
            case Const() | Volatile() | Restrict() | TypeTag():
                type = type.underlying
            case Array():
                type = type.element
            case Composite():
                return type.align or 1
            case Pointer():
                return POINTER_SIZE
            case Enum():
                try:
                    return requested_alignment(type.attributes) or type.size
                except LayoutError:  # reported where the enum is declared
                    return type.size
            case Void() | FuncProto() | Named() | Unknown():
                return 1
            case _:
                assert_never(type)


def is_packed(member: Member, holder: Composite) -> bool:
    """Return whether *member* of *holder* is packed, by itself or with all others."""
    own, all_of = member.attributes, holder.attributes
    return (own is not None and own.packed) or (all_of is not None and all_of.packed)


def requested_alignment(attributes: Attributes | None) -> int:
    """Return the largest alignment that `aligned` and `_Alignas` ask for; 0 if none does.

    Raises:
        LayoutError: `alignment`, for what is no power of two up to :data:`MAX_ALIGNED`.
    """
    if attributes is None or not attributes.aligned:
        return 0
    largest = 0
    for argument in attributes.aligned:
        align = DEFAULT_ALIGNED if argument is None else argument.value
        if align <= 0 or align & (align - 1):
            below = 1 << align.bit_length() - 1 if align > 0 else 1
            raise LayoutError(
                "alignment",
                f"an alignment is a power of two, and this is {align}",
                f"use {below} or {2 * below}" if align > 0 else "",
                about="aligned",
            )
        if align > MAX_ALIGNED:
            raise LayoutError(
                "alignment",
                f"an alignment is at most {MAX_ALIGNED}, and this is {align}",
                about="aligned",
            )
        largest = max(largest, align)
    return largest


def check_array(element: Type, length: int | None) -> None:
    """Check that C has arrays of *length* times *element*; None for `[]`.

    Raises:
        LayoutError: `incomplete-type`, `array-element`, `array-length` or `type-size`.
    """
    if length is not None and length < 0:
        raise LayoutError("array-length", f"an array has no negative length, and this is {length}")
    bare = underlying(element)
    if isinstance(bare, FuncProto):
        raise LayoutError(
            "array-element",
            "an array holds objects, not functions",
            "use an array of pointers to functions",
            about="type",
        )
    if isinstance(bare, Array) and bare.flexible:
        raise LayoutError(
            "array-element",
            "only the first dimension of an array may be left out",
            "give the other dimensions a length",
            about="type",
        )
    size = sizeof(element)
    if size is None:
        if not isinstance(innermost(element), Unknown):
            raise incomplete("an array has elements of", element)
        return
    align = alignof(element)
    if size % align:
        raise LayoutError(
            "array-element",
            f"an array has elements of {size} bytes that want an alignment of {align}:"
            " the second can't have it",
            f"make the element's size a multiple of {align}",
            about="type",
        )
    if length is None:
        return
    if length > BTF_ARRAY_LENGTH:
        raise LayoutError(
            "array-length",
            f"an array has {length} elements, and BTF counts no more than {BTF_ARRAY_LENGTH}",
        )
    if size * length * 8 >= 1 << 64:
        raise LayoutError(
            "type-size", f"an array of {size * length} bytes is larger than the address space"
        )


def raise_all(errors: Iterable[LayoutError]) -> None:
    """Raise the first of *errors* with all of them attached; do nothing if there are none."""
    raised = tuple(errors)
    if raised:
        raised[0].errors = raised
        raise raised[0]


def incomplete(subject: str, type: Type) -> LayoutError:
    """Return the error for a value of incomplete *type*."""
    culprit = innermost(type)
    if isinstance(culprit, Named):
        advice = f"define {spelled(culprit)} before it is used by value, or use a pointer to it"
    else:
        advice = "use a pointer"
    return LayoutError(
        "incomplete-type",
        f"{subject} the incomplete type {spelled(culprit)}",
        advice,
        about="type",
    )


def innermost(type: Type) -> Type:
    """Return what is left of *type* without arrays, typedefs, qualifiers and tags."""
    while not isinstance(type, Int) and isinstance(type, LAYERS):
        type = type.element if isinstance(type, Array) else type.underlying
    return type


def spelled(type: Type) -> str:
    """Return a short name of *type* for messages, in backticks."""
    while True:
        match type:
            case Const() | Volatile() | Restrict() | TypeTag():
                type = type.underlying
            case Int() | Float() | Typedef():
                return f"`{type.name}`"
            case Enum():
                return f"`enum {type.tag}`" if type.tag else "`enum`"
            case Composite():
                return f"`{type.kind} {type.tag}`" if type.tag else f"`{type.kind}`"
            case Named():
                return f"`{type.name}`" if type.kind == "typedef" else f"`{type.kind} {type.name}`"
            case Void():
                return "`void`"
            case Pointer():
                return "a pointer"
            case Array():
                return "an array"
            case FuncProto():
                return "a function"
            case Unknown():
                return "this"
            case _:
                assert_never(type)
