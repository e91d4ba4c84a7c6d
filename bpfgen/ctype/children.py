"""What is inside a type: the one place that says it, for every walk over types.

A type *holds* what its bytes consist of: the members of a struct, the elements of an array, what a
typedef, qualifier or tag is around. It *names* what is elsewhere: the pointee of a pointer, the
return and parameter types of a function. :func:`held` gives the former, :func:`children` both.

A :class:`Named` has nothing inside: what it names is for whoever has the model or the BTF. The
types in expressions (`char a[sizeof(struct s)]`) aren't inside either.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import innermost
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
    underlying,
)
from bpfgen.record import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.ctype.types import Member, Type


def children(type: Type) -> tuple[Type, ...]:
    """Return the types directly inside *type*, held and named ones, in the order of the source.

    For a function that is the return type and then the parameters.
    """
    match type:
        case Pointer():
            return (type.pointee,)
        case FuncProto():
            return (type.returns, *(parameter.type for parameter in type.parameters))
        case _:
            return held(type)


def held(type: Type) -> tuple[Type, ...]:
    """Return the types directly inside *type* that it holds by value, in the order of the source.

    An array holds its element type, whatever its length, and an enum the type written after the
    colon.
    """
    match type:
        case Int() | Float() | Void() | Named() | Pointer() | FuncProto() | Unknown():
            return ()
        case Composite():
            return tuple([member.type for member in type.members])
        case Typedef() | Const() | Volatile() | Restrict() | TypeTag():
            return (type.underlying,)
        case Array():
            return (type.element,)
        case Enum():
            return () if type.base is None else (type.base,)
        case _:
            assert_never(type)


def walk(type: Type, inside: Callable[[Type], tuple[Type, ...]] = children) -> Iterator[Type]:
    """Yield *type* and all that is inside it, each before what is inside it, in order.

    *inside* says what of a type to enter: :func:`children`, :func:`held`, or a function that calls
    one of them for some types and returns nothing for others. It is asked only when the walk goes
    on, so that it may look at what was done with the type in between. A type that occurs twice is
    yielded twice.
    """
    pending = [type]
    while pending:
        type = pending.pop()
        yield type
        pending.extend(reversed(inside(type)))


def walk_once(
    type: Type,
    inside: Callable[[Type], tuple[Type, ...]] = children,
    walked: set[int] | None = None,
) -> Iterator[Type]:
    """Yield what :func:`walk` does, without what is inside a type that was gone through before.

    *walked* are those, by identity, since to compare two of them would be a walk of its own; they
    have to live as long as the set. A set of several walks is handed in, and each adds to it.
    """
    known = set() if walked is None else walked

    def entered(type: Type) -> tuple[Type, ...]:
        if id(type) in known:
            return ()
        known.add(id(type))
        return inside(type)

    return walk(type, entered)


def held_members(type: Type, walked: set[int]) -> Iterator[tuple[Composite, Member]]:
    """Yield the members of each struct and union that *type* holds, with their owner, in order.

    *walked* are the structs and unions that were gone through before, by identity, since to compare
    two of them would be a walk of its own. They are left out, and those of *type* are added; they
    have to live as long as the set.
    """
    pending = [type]
    while pending:
        inner = innermost(pending.pop())  # nothing else holds a struct
        if isinstance(inner, Composite) and id(inner) not in walked:
            for member in inner.members:
                yield inner, member
            walked.add(id(inner))
            pending.extend([member.type for member in reversed(inner.members)])


def pointer_in(type: Type) -> Pointer | None:
    """Return the pointer that *type* is, or is an array of, whatever it is called; None if none."""
    while isinstance(type, Array):
        type = type.element
    pointer = underlying(type)
    return pointer if isinstance(pointer, Pointer) else None


def pointee_tags(pointer: Pointer) -> Iterator[str]:
    """Yield the type tags that stand between *pointer* and what it points to, the nearest first."""
    pointee = pointer.pointee
    while isinstance(pointee, MODIFIERS):
        if isinstance(pointee, TypeTag):
            yield pointee.tag
        pointee = pointee.underlying
