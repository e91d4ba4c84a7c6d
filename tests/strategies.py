"""Random C declarations, as hypothesis strategies and by the thousand, and spelled as C.

The C text is written here and not by bpfgen's emitters, so that a test of layouts depends on
nothing but the model. Only what every clang from 14 on compiles is generated.

hypothesis shrinks what fails, but needs milliseconds for a declaration and repeats itself; a seeded
`random.Random` makes fifty times as many different ones. Both drive the same code.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from hypothesis import strategies as st

from bpfgen.ctype.layout import LayoutError, MemberSpec, check_array, enum_size, lay_out
from bpfgen.ctype.types import (
    BOOL,
    CHAR,
    DOUBLE,
    FLOAT,
    INT,
    INT128,
    LLONG,
    LONG,
    LONG_DOUBLE,
    SCHAR,
    SHORT,
    UCHAR,
    UINT,
    UINT128,
    ULLONG,
    ULONG,
    USHORT,
    VOID,
    Array,
    Attributes,
    Composite,
    Const,
    Enum,
    Enumerator,
    Expression,
    Float,
    Int,
    Pointer,
    Typedef,
    Void,
    Volatile,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bpfgen.ctype.types import Type

T = TypeVar("T")

INTEGERS = (
    *(INT, UINT, CHAR, UCHAR, SHORT, USHORT, LONG, ULLONG, BOOL, INT128, UINT128),
    *(SCHAR, LLONG, ULONG),
)
FLOATS = (FLOAT, DOUBLE, LONG_DOUBLE)
BASES = (None, None, UCHAR, SCHAR, USHORT, SHORT, UINT, INT, ULLONG, LLONG, BOOL)
VALUES = (0, 1, -1, 127, 200, -129, 40_000, 2**31 - 1, 2**31, 2**32 - 1, 2**32, -(2**40))


def aligned(*alignments: int | None) -> tuple[Expression | None, ...]:
    """Return the arguments of `aligned` as :class:`Attributes` has them."""
    return tuple(None if n is None else Expression((str(n),), n, INT) for n in alignments)


ATTRIBUTES = (
    *(None,) * 14,
    Attributes(packed=True),
    Attributes(packed=True),
    Attributes(packed=True, aligned=aligned(2)),
    Attributes(packed=True, aligned=aligned(8)),
    Attributes(aligned=aligned(1)),
    Attributes(aligned=aligned(2)),
    Attributes(aligned=aligned(8)),
    Attributes(aligned=aligned(4, 16)),
    Attributes(aligned=aligned(64)),
    Attributes(aligned=aligned(None)),
)
"""What a member or a struct may carry; mostly nothing."""


class Choices(Protocol):
    """Where the decisions come from of which a random declaration is made."""

    def upto(self, last: int) -> int:
        """Return one of 0 … *last*."""

    def one_of(self, options: Sequence[T]) -> T:
        """Return one of *options*."""


class Drawn:
    """Decisions that hypothesis makes, and shrinks."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def upto(self, last: int) -> int:
        """Return one of 0 … *last*."""
        number: int = self._draw(st.integers(0, last))
        return number

    def one_of(self, options: Sequence[T]) -> T:
        """Return one of *options*."""
        option: T = self._draw(st.sampled_from(options))
        return option


class Seeded:
    """Decisions that follow from a seed: the same on every run and machine."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- test data

    def upto(self, last: int) -> int:
        """Return one of 0 … *last*."""
        return self._random.randint(0, last)

    def one_of(self, options: Sequence[T]) -> T:
        """Return one of *options*."""
        return self._random.choice(options)


@st.composite
def composites(draw: st.DrawFn, depth: int = 2) -> Composite:
    """Structs and unions with everything that C allows in them, nested up to *depth* levels."""
    return _Declaration(Drawn(draw)).composite(depth)


def many_composites(seed: int, count: int, depth: int = 2) -> Iterator[Composite]:
    """Yield *count* composites as :func:`composites` makes them, quickly."""
    choices = Seeded(seed)
    return (_Declaration(choices).composite(depth) for _ in range(count))


class _Declaration:
    """One declaration in the making; every member, typedef and enumerator has a name of its own."""

    def __init__(self, choices: Choices) -> None:
        self.upto = choices.upto
        self.one_of = choices.one_of
        self._names = 0

    def name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def composite(self, depth: int) -> Composite:
        kind = "union" if self.upto(4) == 4 else "struct"
        specs = [self.member(depth) for _ in range(self.upto(5))]
        if (
            kind == "struct"
            and self.upto(9) == 9
            and any(spec.name is not None and spec.width is None for spec in specs)
        ):
            element = self.one_of(INTEGERS)
            specs.append(MemberSpec(self.name("flex"), Array(element, 0, flexible=True)))
        return lay_out(kind, None, specs, self.one_of(ATTRIBUTES))

    def member(self, depth: int) -> MemberSpec:
        attributes = self.one_of(ATTRIBUTES)
        what = self.upto(11)
        if what <= 4:
            return self.bitfield(what, attributes)
        if what == 11 and depth:
            inner = self.composite(depth - 1)
            name = self.name("m") if self.upto(1) else None
            return MemberSpec(name, inner, None, attributes, defines=True)
        type = self.type(depth)
        if what == 10:
            type = Const(type) if self.upto(1) else Volatile(type)
        return MemberSpec(self.name("m"), type, None, attributes)

    def bitfield(self, what: int, attributes: Attributes | None) -> MemberSpec:
        type: Type = self.one_of(INTEGERS)
        if what == 0:
            type = self.enum()
        elif what == 1:
            type = self.typedef(type)
        bits = _bits(type)
        # Two draws more than there are widths, for those where most goes wrong: none and all.
        width = self.upto(bits + 2)
        width = {bits + 1: 0, bits + 2: bits}.get(width, width)
        name = self.name("bits") if width and self.upto(5) else None
        return MemberSpec(name, type, width, attributes)

    def type(self, depth: int) -> Type:
        what = self.upto(9)
        if what == 0:
            return self.one_of(FLOATS)
        if what == 1:
            targets: tuple[Type, ...] = (VOID, CHAR, Pointer(INT), Const(ULLONG))
            return Pointer(self.one_of(targets))
        if what == 2:
            return self.enum()
        if what == 3:
            return self.typedef(self.type(0))
        if what in {4, 5}:
            element = self.composite(depth - 1) if depth else self.type(0)
            length = self.upto(4)
            try:
                check_array(element, length)
            except LayoutError:  # an element that is aligned to more than its size
                return element
            return Array(element, length)
        return self.one_of(INTEGERS)

    def typedef(self, target: Type) -> Typedef:
        return Typedef(self.name("t"), target, self.one_of((0, 0, 1, 2, 8, 32)))

    def enum(self) -> Enum:
        base = self.one_of(BASES)
        values = [self.one_of(VALUES) for _ in range(1 + self.upto(2))]
        packed = base is None and self.upto(3) == 3
        try:
            size, signed = enum_size(values, base, packed=packed)
        except LayoutError:
            values = [1]
            size, signed = enum_size(values, base, packed=packed)
        enumerators = tuple(Enumerator(self.name("E"), value) for value in values)
        alignment = aligned(self.one_of((1, 2, 8, 16))) if self.upto(5) == 5 else ()
        attributes = Attributes(packed=packed, aligned=alignment) if packed or alignment else None
        return Enum(None, size, signed, enumerators, base, attributes)


def _bits(type: Type) -> int:
    while isinstance(type, Typedef):
        type = type.underlying
    if isinstance(type, Enum):
        return 1 if type.base is BOOL else 8 * type.size
    assert isinstance(type, Int)
    return 1 if type.bool else 8 * type.size


class CText:
    """Spells types as C.

    Attributes:
        prefix: Stands before every typedef and enumerator, so that many declarations fit in a file.
        lines: The typedefs that what was spelled so far needs, in order.
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.lines: list[str] = []

    def definition(self, composite: Composite, tag: str) -> str:
        """Return the definition of *composite* as `struct tag { … };`."""
        return f"{self._body(composite, tag)};"

    def _body(self, composite: Composite, tag: str = "") -> str:
        members = []
        for member in composite.members:
            name = member.name or ""
            if member.is_bitfield:
                text = f"{self.declaration(member.type, name)} : {member.bitfield_size}"
            else:
                text = self.declaration(member.type, name)
            if member.name is None and not member.is_bitfield:
                # Behind the brace of an anonymous member they would belong to its type.
                members.append(f"{attribute(member.attributes)} {text};")
            else:
                members.append(f"{text}{attribute(member.attributes)};")
        return f"{composite.kind} {tag} {{ {' '.join(members)} }}{attribute(composite.attributes)}"

    def declaration(self, type: Type, name: str) -> str:
        """Return the declaration of *name* with *type*."""
        if isinstance(type, Array):
            return self.declaration(type.element, f"{name}[{'' if type.flexible else type.length}]")
        if isinstance(type, Pointer):
            return self.declaration(type.pointee, f"*{name}")
        if isinstance(type, (Const, Volatile)):
            qualifier = "const" if isinstance(type, Const) else "volatile"
            if isinstance(type.underlying, Pointer):
                return self.declaration(type.underlying, f"{qualifier} {name}")
            return f"{qualifier} {self.declaration(type.underlying, name)}"
        if isinstance(type, Typedef):
            spelled = f"{self.prefix}t{len(self.lines)}"
            self.lines.append("")
            place = len(self.lines) - 1
            align = f" __attribute__((aligned({type.align})))" if type.align else ""
            self.lines[place] = f"typedef {self.declaration(type.underlying, spelled)}{align};"
            # What the target needs was appended behind its place, and must stand before it.
            self.lines.append(self.lines.pop(place))
            self.lines.insert(place, "")
            return f"{spelled} {name}"
        if isinstance(type, Composite):
            return f"{self._body(type)} {name}"
        if isinstance(type, Enum):
            values = ", ".join(f"{self.prefix}{e.name} = {_literal(e)}" for e in type.enumerators)
            base = f" : {self.declaration(type.base, '')}" if type.base is not None else ""
            return f"enum{base} {{ {values} }}{attribute(type.attributes)} {name}"
        assert isinstance(type, (Int, Float, Void))
        return f"{getattr(type, 'name', 'void')} {name}"


def _literal(enumerator: Enumerator) -> str:
    return f"{enumerator.value}LL"


def attribute(attributes: Attributes | None) -> str:
    """Return *attributes* as C, with a blank in front, or nothing."""
    if attributes is None:
        return ""
    words = ["packed"] if attributes.packed else []
    words += ["aligned" if n is None else f"aligned({n.value})" for n in attributes.aligned]
    return f" __attribute__(({', '.join(words)}))" if words else ""
