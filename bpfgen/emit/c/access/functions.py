"""Functions that a header defines: thin, inline, and of no other type than the map's.

C lets a pointer to one struct stand for a pointer to another with a warning at most, so each
function has a macro of its own name around it, which takes a pointer to the right type alone
(`_Generic`, 6.5.1.1 of C11). A macro isn't expanded within itself (6.10.3.4). C++ needs none.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    Array,
    Composite,
    Const,
    Enum,
    FuncProto,
    Parameter,
    Pointer,
    Typedef,
    Void,
    underlying,
)
from bpfgen.emit.c.declarators import base_of
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.ctype.types import Type
    from bpfgen.emit.c.declarators import Speller

WIDTH = 100
"""Columns that a line has, where it can be broken."""

INLINE = "static inline __attribute__((always_inline))"


class Argument(Record):
    """A parameter of an accessor.

    Attributes:
        name: Its name.
        type: Its type.
        checked: What it points to has a type of the user's: the macro sees to it.
        may_be_null: `NULL` will do, too.
    """

    name: str
    type: Type
    checked: bool = False
    may_be_null: bool = False


class Accessor(Record):
    """A function of a header.

    Attributes:
        name: Its name, `flows__lookup`.
        returns: Its type.
        arguments: Its parameters.
        body: Its statements, without indentation.
        also: A macro that goes with it, as lines, or empty.
    """

    name: str
    returns: Type
    arguments: tuple[Argument, ...]
    body: tuple[str, ...]
    also: str = ""


def pointer_in(type: Type, name: str = "value") -> Argument:
    """Return the parameter through which a *type* is read; anything, where it is void.

    An array stays as it is: before C23 a pointer to one doesn't become a pointer to const.
    """
    stays = isinstance(underlying(type), Array) or isinstance(type, (Const, Pointer))
    pointer = Pointer(type if stays else Const(type))
    return Argument(name, pointer, not isinstance(type, Void))


def pointer_out(type: Type, name: str = "value", *, may_be_null: bool = False) -> Argument:
    """Return the parameter through which a *type* is written; anything, where it is void."""
    return Argument(name, Pointer(type), not isinstance(type, Void), may_be_null)


def called(type: Type, name: str) -> Type:
    """Return *type*, by the typedef *name* where it is made of a struct or enum without a name.

    Each mention of such a type would be another type. The header declares those typedefs among the
    facts of a map.
    """
    base = base_of(type)
    is_nameless = isinstance(base, (Composite, Enum)) and base.tag is None
    return Typedef(name, type) if is_nameless else type


def spell(accessor: Accessor, speller: Speller, *, inline: str = INLINE) -> str:
    """Return the definition of *accessor* and the macro that checks its arguments."""
    prototype = FuncProto(
        accessor.returns, tuple([Parameter(a.name, a.type) for a in accessor.arguments])
    )
    head = _broken(f"{inline} {speller.declaration(prototype, accessor.name)}")
    body = "".join(f"\t{line}\n" for line in accessor.body)
    macro = _macro(accessor, speller.type_name)
    return f"{head}\n{{\n{body}}}\n{macro}{accessor.also}"


def _broken(head: str) -> str:
    """Return the first line of a definition, broken after a comma where it is too long."""
    lines = []
    while len(head) > WIDTH:
        cut = head.rfind(", ", 0, WIDTH)
        if cut < 0:
            break
        lines.append(head[: cut + 1])
        head = f"\t\t{head[cut + 2 :]}"
    return "\n".join([*lines, head])


CHECKS = """\
#ifndef BPFGEN_READ
#ifdef __cplusplus
#define BPFGEN_READ(type, pointer) (pointer)
#define BPFGEN_EXACTLY(type, pointer) (pointer)
#define BPFGEN_OR_NULL(type, pointer) (pointer)
#define BPFGEN_EXACTLY_OR_NULL(type, pointer) (pointer)
#else /* to C a pointer of another type is worth a warning at most */
#define BPFGEN_READ(type, pointer) _Generic((pointer), type *: (pointer), const type *: (pointer))
#define BPFGEN_EXACTLY(type, pointer) _Generic((pointer), type: (pointer))
#define BPFGEN_EXACTLY_OR_NULL(type, pointer) \\
	_Generic((pointer), type: (pointer), void *: (pointer))
#define BPFGEN_OR_NULL(type, pointer) \\
	_Generic((pointer), type *: (pointer), const type *: (pointer), void *: (pointer))
#endif
#endif
"""
"""The macros that the macros of accessors call. Several headers have the same ones."""


def _macro(accessor: Accessor, name_of: Callable[[Type], str]) -> str:
    """Return the macro of the name of *accessor* that checks its arguments, if any need it."""
    if not any(argument.checked for argument in accessor.arguments):
        return ""
    # `key` may be a struct's tag, too, and a macro's parameter is replaced wherever it stands.
    names = [f"bpfgen_{argument.name}" for argument in accessor.arguments]
    values = [
        _check(argument, name, name_of)
        for argument, name in zip(accessor.arguments, names, strict=True)
    ]
    head = f"#define {accessor.name}({', '.join(names)})"
    call = f"{accessor.name}({', '.join(values)})"
    return joined(head, call)


def joined(head: str, call: str) -> str:
    """Return the definition of a macro: on one line, or on two where it is long."""
    gap = " " if len(head) + len(call) < WIDTH else " \\\n\t"
    return f"{head}{gap}{call}\n"


def _check(argument: Argument, name: str, name_of: Callable[[Type], str]) -> str:
    """Return what stands for the macro's parameter *name* in the call of the function."""
    if not argument.checked:
        return name
    assert isinstance(argument.type, Pointer)
    pointee = argument.type.pointee
    if isinstance(pointee, Const):
        macro = "BPFGEN_OR_NULL" if argument.may_be_null else "BPFGEN_READ"
        return f"{macro}({name_of(pointee.underlying)}, {name})"
    if argument.may_be_null:
        return f"BPFGEN_EXACTLY_OR_NULL({name_of(argument.type)}, {name})"
    return f"BPFGEN_EXACTLY({name_of(argument.type)}, {name})"
