"""C's inside-out rule: types and names become declarations, expressions become text.

Comes after the model, before the modules that write a file. A template can't write a declarator, so
this is done here and templates only arrange. The rule is the same in C, in the language itself and
in what `inspect` shows; what differs is a :class:`Dialect`, a value.

A :class:`Speller` remembers which of the kernel's names a header came to use: where no kernel
header is at hand, the header defines them itself.

Types nest up to :data:`bpfgen.ctype.types.NESTING_LIMIT` deep. A level of parameters, brackets or
nameless bodies takes three frames at most; bodies in bodies take none.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    MODIFIERS,
    Array,
    Composite,
    Const,
    Constant,
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
from bpfgen.emit.c import expressions, literals
from bpfgen.kernel.version import BASELINE
from bpfgen.record import TYPE_CHECKING, Record, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from bpfgen.ctype.types import Attributes, Expression, Member, Type
    from bpfgen.model.maps import MapKind

    Base: TypeAlias = Void | Int | Float | Enum | Composite | Typedef | Named | Unknown
    Body: TypeAlias = Composite | Enum

REST = "/* ... */"
"""What stands for the rest of a declaration that is too long."""

NO_BOUND = 1 << 62
"""Characters, for text that has to be complete."""

DECLARATOR = 8
"""Characters that a declaration takes from the room beside its name."""


class Dialect(Record):
    """How a language with C's declarations spells what they are made of.

    Attributes:
        indent: One level of indentation.
        type_tag: Returns the words that give a type a tag.
        attributes: Returns the attributes of a declaration, a space before each; it is given what
            spells the expressions in them.
        body: Returns the whole definition of a type without a name, on one line.
        by_name: Whether every constant goes by its name; in C, the kernel's may be missing.
        listing: Written for a reader, from BTF: an enumerator has its number and every member a
            declaration of its own.
        portable: Written for compilers that may not know an enum with a base type.
    """

    indent: str
    type_tag: Callable[[TypeTag], str]
    attributes: Callable[[Attributes, Callable[[Expression], str]], str]
    body: Callable[[Speller, Body], str]
    by_name: bool = False
    listing: bool = False
    portable: bool = False


def base_of(type: Type) -> Base:
    """Return what stands at the left of a declaration of *type*, below the derived types."""
    while True:
        if isinstance(type, (Typedef, Int, Composite)):  # what most are
            return type
        if isinstance(type, MODIFIERS):
            type = type.underlying
        elif isinstance(type, Pointer):
            type = type.pointee
        elif isinstance(type, Array):
            type = type.element
        elif isinstance(type, FuncProto):
            type = type.returns
        else:
            return type


class Speller:
    """Spells types, declarations and expressions, and keeps account of the kernel's names.

    Attributes:
        dialect: How.
        kernel_names: The number of each enumerator of the kernel that was spelled by its name.
        based: Whether a portable enum with a base type was spelled.
        room: Characters that may still be spelled, more or less; then :data:`REST` is. A small BTF
            can describe an endless type: structs in structs in structs, two of each.
    """

    __slots__ = ("_names", "based", "dialect", "kernel_names", "room")

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.kernel_names: dict[str, int] = {}
        self.based = False
        self.room = NO_BOUND
        # By identity: one object stands for each use of a declared type, and comparing is slow.
        self._names: dict[int, tuple[Type, str]] = {}

    def map_kind(self, kind: MapKind) -> str:
        """Return the name of *kind*, or its number where headers in use may not have the name."""
        if kind.since > BASELINE:
            return f"{kind.number} /* {kind.constant} */"
        self.kernel_names[kind.constant] = kind.number
        return kind.constant

    def constant(self, constant: Constant, *, anywhere: bool = False) -> str:
        """Return the name of *constant*, or its number with the name in a comment.

        The kernel's enumerators newer than the baseline may be missing in the headers of the day
        and can't be tested for; its macros may live in a header nobody included. Text that is used
        *anywhere*, the body of a macro, can't rely on any name that ends with this header.
        """
        if constant.origin != "prelude" or self.dialect.by_name:
            return constant.name
        since = constant.since
        if anywhere or constant.is_macro or since is None or since > BASELINE:
            hexadecimal = "_F_" in constant.name and constant.value > 9
            number = literals.integer(constant.value, constant.type, hexadecimal=hexadecimal)
            return f"{number} /* {constant.name} */"
        self.kernel_names[constant.name] = constant.value
        return constant.name

    def expression(self, expression: Expression, *, anywhere: bool = False) -> str:
        """Return *expression* as C text, names kept; *anywhere* as for :meth:`constant`."""
        parts = expression.parts
        if len(parts) == 1 and isinstance(parts[0], str):
            return literals.without_trigraphs(parts[0])
        tokens: list[tuple[str, str]] = []
        for part in parts:
            if isinstance(part, str):
                tokens.append((expressions.kind_of(part), literals.without_trigraphs(part)))
            elif isinstance(part, Constant):
                tokens.append((expressions.OPERAND, self.constant(part, anywhere=anywhere)))
            elif part.operator == "sizeof":
                tokens.append((expressions.OPERAND, f"sizeof({self.type_name(part.type)})"))
            else:
                tokens.append((expressions.CAST, f"({self.type_name(part.type)})"))
        return expressions.arrange(tokens)

    def value(self, value: int, expression: Expression | None) -> str:
        """Return *expression* as C text, or the number *value* where the source wrote none."""
        return literals.integer(value) if expression is None else self.expression(expression)

    def type_name(self, type: Type) -> str:
        """Return *type* as a C type name: `struct task_struct *`, `__u8[16]`."""
        known = self._names.get(id(type))
        if known is None:
            known = self._names[id(type)] = (type, self.declaration(type, ""))
        return known[1]

    def declaration(self, type: Type, name: str) -> str:
        """Return the declaration of *name* as a *type*, without its semicolon."""
        self.room -= len(name) + DECLARATOR
        if self.room <= 0:
            return REST
        if name and isinstance(type, (Int, Typedef, Composite)):  # what most declarations are
            return f"{self.specifiers(type)} {name}"
        before, base, after = _around(*self._unwound(type, name))
        return f"{before}{self.specifiers(base)}{after}"

    def declarator(self, type: Type, name: str) -> str:
        """Return only the part of a declaration that may follow a comma: `*name[4]`."""
        return self._unwound(type, name)[0]

    def around(self, type: Type, name: str) -> tuple[str, Base, str]:
        """Return the base of a declaration of *name*, what goes before it and what follows it."""
        return _around(*self._unwound(type, name))

    def _unwound(self, type: Type, declarator: str) -> tuple[str, list[str], Base]:
        """Return the declarator, the qualifiers of the base, and the base."""
        qualifiers: list[str] = []
        is_pointer = False
        while True:
            match type:
                case Pointer():
                    words = [q for q in qualifiers if not _is_tag(q)]
                    words.extend(q for q in reversed(qualifiers) if _is_tag(q))
                    spelled = " ".join(words)
                    gap = " " if spelled and declarator else ""
                    if spelled.startswith("_"):
                        spelled = f" {spelled}"
                    declarator = f"*{spelled}{gap}{declarator}"
                    qualifiers = []
                    is_pointer = True
                    type = type.pointee
                case Array():
                    declarator = f"({declarator})" if is_pointer else declarator
                    is_pointer = False
                    declarator += f"[{self._length(type)}]"
                    type = type.element
                case FuncProto():
                    declarator = f"({declarator})" if is_pointer else declarator
                    is_pointer = False
                    # Parameter lists nest as deep as the parser allows: few frames a level.
                    parameters = []
                    for parameter in type.parameters:
                        spelled = self.declaration(parameter.type, parameter.name or "")
                        parameters.append(spelled)
                    if type.variadic:
                        parameters.append("...")
                    declarator += f"({', '.join(parameters) or 'void'})"
                    type = type.returns
                case Const():
                    qualifiers.append("const")
                    type = type.underlying
                case Volatile():
                    qualifiers.append("volatile")
                    type = type.underlying
                case Restrict():
                    qualifiers.append("restrict")
                    type = type.underlying
                case TypeTag():
                    qualifiers.append(self.dialect.type_tag(type))
                    type = type.underlying
                case _:
                    return declarator, qualifiers, type

    def _length(self, array: Array) -> str:
        if array.flexible:
            return ""
        if array.expression is None:
            return str(array.length)
        return self.expression(array.expression)

    def specifiers(self, base: Base) -> str:
        """Return the name of *base*, or its body on one line where it has no name."""
        match base:
            case Typedef() | Float():
                return base.name
            case Int():
                return "_Bool" if base.bool else base.name  # `bool` in BTF of C23
            case Named():
                return base.name if base.kind == "typedef" else f"{base.kind} {base.name}"
            case Composite() | Enum():
                return head_of(base) if base.tag else self.dialect.body(self, base)
            case Void() | Unknown():
                return "void"
            case _:
                assert_never(base)

    def attributes(self, attributes: Attributes | None) -> str:
        """Return *attributes*, a space before each; empty if there are none."""
        return "" if attributes is None else self.dialect.attributes(attributes, self.expression)

    def suffix(self, member: Member) -> str:
        """Return what follows the declarator of *member*: its width and its attributes."""
        width = ""
        if member.is_bitfield:
            width = f" : {self.value(member.bitfield_size, member.width)}"
        return f"{width}{self.attributes(member.attributes)}"


def _around(declarator: str, qualifiers: list[str], base: Base) -> tuple[str, Base, str]:
    """Return what goes before *base* in a declaration, *base*, and what follows it."""
    before = "".join(f"{q} " for q in qualifiers if not _is_tag(q))
    # The tag written first is the innermost: they come from the outside in.
    after = "".join(f" {q}" for q in reversed(qualifiers) if _is_tag(q))
    if declarator and declarator[0] != "[":
        declarator = f" {declarator}"
    return before, base, f"{after}{declarator}"


def _is_tag(qualifier: str) -> bool:
    """Whether *qualifier* is an attribute or a macro for one, and no word of C."""
    return qualifier.startswith("__")


def head_of(type: Body) -> str:
    """Return `struct flow`, `enum state`; the keyword alone where there is no tag."""
    keyword = type.kind if isinstance(type, Composite) else "enum"
    return f"{keyword} {type.tag}" if type.tag else keyword
