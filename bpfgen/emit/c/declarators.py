"""C's inside-out rule: types and names become declarations, expressions become C text.

A template can't write a declarator, so this is done here and templates only arrange. All spelling
goes through a :class:`Speller`, which remembers which of the kernel's names a header came to use:
where no kernel header is at hand, the header defines them itself.
"""

from __future__ import annotations

from bpfgen.ctype.describe import is_address_space
from bpfgen.ctype.types import (
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
    Volatile,
)
from bpfgen.emit.c import expressions, literals
from bpfgen.kernel.version import BASELINE
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.ctype.types import Expression, Type, Unknown, Void
    from bpfgen.model.maps import MapKind

    Base: TypeAlias = Void | Int | Float | Enum | Composite | Typedef | Named | Unknown

_ARITHMETIC = ("+", "-", "*", "/", "%", "<<", ">>", "&", "^", "|", "~")
_LOGIC = ("<", ">", "<=", ">=", "==", "!=", "&&", "||", "!", "?", ":", "(", ")")
_OPERATORS = frozenset((*_ARITHMETIC, *_LOGIC))


def is_plain(expression: Expression | None) -> bool:
    """Whether *expression* is a literal, a sign before it at most: there's nothing to prove."""
    if expression is None:
        return True
    parts = expression.parts
    if len(parts) == 2 and parts[0] == "-":
        parts = parts[1:]
    return len(parts) == 1 and isinstance(parts[0], str)


def sole_constant(expression: Expression | None) -> Constant | None:
    """Return the named constant that *expression* is and nothing else, or None."""
    if expression is None or len(expression.parts) != 1:
        return None
    part = expression.parts[0]
    return part if isinstance(part, Constant) else None


def base_of(type: Type) -> Base:
    """Return what stands at the left of a declaration of *type*, below the derived types."""
    while True:
        if isinstance(type, (Pointer, Const, Volatile, Restrict, TypeTag)):
            type = type.target
        elif isinstance(type, Array):
            type = type.element
        elif isinstance(type, FuncProto):
            type = type.returns
        else:
            return type


class Speller:
    """Spells types, declarations and expressions, and keeps account of the kernel's names.

    With *by_name* every constant is spelled by its name, as the source has it: for other outputs
    than C.

    Attributes:
        kernel_names: The number of each enumerator of the kernel that was spelled by its name.
    """

    __slots__ = ("_by_name", "_names", "kernel_names")

    def __init__(self, *, by_name: bool = False) -> None:
        self._by_name = by_name
        self.kernel_names: dict[str, int] = {}
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
        if constant.origin != "prelude" or self._by_name:
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
                kind = expressions.OPERATOR if part in _OPERATORS else expressions.OPERAND
                tokens.append((kind, literals.without_trigraphs(part)))
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
        known = self._names.get(id(type))  # one object stands for each use of a declared type
        if known is None:
            known = self._names[id(type)] = (type, self.declaration(type, ""))
        return known[1]

    def declaration(self, type: Type, name: str, specifiers: str = "") -> str:
        """Return the declaration of *name* as a *type*, without its semicolon.

        *specifiers* replaces the spelling of the type's base: the body of a struct, say.
        """
        if name and isinstance(type, (Int, Typedef, Composite)):  # what most declarations are
            return f"{specifiers or self.specifiers(type)} {name}"
        declarator, qualifiers, base = self._unwind(type, name)
        before = "".join(f"{q} " for q in qualifiers if not _is_tag(q))
        # The tag written first is the innermost: they come from the outside in.
        after = "".join(f" {q}" for q in reversed(qualifiers) if _is_tag(q))
        spelled = specifiers or self.specifiers(base)
        if declarator and declarator[0] != "[":
            declarator = f" {declarator}"
        return f"{before}{spelled}{after}{declarator}"

    def declarator(self, type: Type, name: str) -> str:
        """Return only the part of a declaration that may stand behind a comma: `*name[4]`."""
        return self._unwind(type, name)[0]

    def _unwind(self, type: Type, declarator: str) -> tuple[str, list[str], Base]:
        """Return the declarator, the qualifiers of the base, and the base."""
        qualifiers: list[str] = []
        behind_pointer = False
        while True:
            if isinstance(type, Pointer):
                words = [q for q in qualifiers if not _is_tag(q)]
                words.extend(q for q in reversed(qualifiers) if _is_tag(q))
                spelled = " ".join(words)
                gap = " " if spelled and declarator else ""
                if spelled.startswith("_"):
                    spelled = f" {spelled}"
                declarator = f"*{spelled}{gap}{declarator}"
                qualifiers = []
                behind_pointer = True
                type = type.target
            elif isinstance(type, (Array, FuncProto)):
                if behind_pointer:
                    declarator = f"({declarator})"
                    behind_pointer = False
                if isinstance(type, Array):
                    declarator += f"[{self._length(type)}]"
                    type = type.element
                else:
                    # Parameter lists nest as deep as the parser allows: few frames a level.
                    parameters = []
                    for parameter in type.parameters:
                        spelled = self.declaration(parameter.type, parameter.name or "")
                        parameters.append(spelled)
                    if type.variadic:
                        parameters.append("...")
                    declarator += f"({', '.join(parameters) or 'void'})"
                    type = type.returns
            elif isinstance(type, Const):
                qualifiers.append("const")
                type = type.target
            elif isinstance(type, Volatile):
                qualifiers.append("volatile")
                type = type.target
            elif isinstance(type, Restrict):
                qualifiers.append("restrict")
                type = type.target
            elif isinstance(type, TypeTag):
                qualifiers.append(self.type_tag(type))
                type = type.target
            else:
                return declarator, qualifiers, type

    def type_tag(self, tag: TypeTag) -> str:
        """Return the attribute, or the macro, that gives a type *tag*."""
        if is_address_space(tag.tag):
            return f"__attribute__(({tag.tag}))"
        return f"__attribute__((btf_type_tag({literals.string(tag.tag)})))"

    def _length(self, array: Array) -> str:
        if array.flexible:
            return ""
        if array.expression is None:
            return str(array.length)
        return self.expression(array.expression)

    def specifiers(self, base: Base) -> str:
        """Return the name of *base*: `unsigned int`, `struct flow`, `mac_t`."""
        if isinstance(base, (Int, Float, Typedef)):
            return base.name
        if isinstance(base, Named):
            return base.name if base.kind == "typedef" else f"{base.kind} {base.name}"
        if isinstance(base, Composite):
            return f"{base.kind} {base.tag}" if base.tag else _body(self, base)
        if isinstance(base, Enum):
            return f"enum {base.tag}" if base.tag else _body(self, base)
        return "void"


def _body(speller: Speller, base: Composite | Enum) -> str:
    # An anonymous type that no declaration defines is rare; its module imports this one.
    from bpfgen.emit.c.type_bodies import body_of

    return " ".join(body_of(speller, base, "", {}).split())


def _is_tag(qualifier: str) -> bool:
    """Whether *qualifier* is an attribute or a macro for one, and no word of C."""
    return qualifier.startswith("__")
