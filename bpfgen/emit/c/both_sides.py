"""One text for all sides: what a BPF program, and C and C++ in user space have of a declaration.

Comes after the bodies of types, before the header. Almost every declaration is the same text on all
sides, and :meth:`Sides.are_one` says so at the cost of a look; of any other
:mod:`bpfgen.emit.c.host_types` makes what user space has, and only the lines that differ stand
between `#if` and `#endif`.
"""

from __future__ import annotations

from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import (
    Array,
    Composite,
    Const,
    Constant,
    Enum,
    Int,
    Named,
    Pointer,
    Typedef,
    TypeOperand,
)
from bpfgen.emit.backend import stem
from bpfgen.emit.c.sides import (
    CPLUSPLUS,
    CPP_WORDS,
    HOST_WORDS,
    LIBC_TYPEDEFS,
    USER_SPACE,
    WIDEST,
    is_followed,
    typedef_word,
)
from bpfgen.emit.c.type_bodies import defined_by
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.ctype.types import Attributes, Expression, Member, Type
    from bpfgen.emit.c.declarators import Body
    from bpfgen.emit.c.host_types import HostTypes
    from bpfgen.model.model import Model, TypeDeclaration
    from bpfgen.text.diagnostics import Diagnostic


class Sides:
    """What the sides of one header have of its declarations.

    Attributes:
        model: What the header is of.
        structs: The tags of the kernel's structs that have other names in user space, since
            <linux/bpf.h> may have them or not.
        typedefs: Every typedef that the model knows, by its name.
    """

    __slots__ = (
        *("_declared", "_hosts", "_plain", "_tags", "_words"),
        *("model", "structs", "typedefs"),
    )

    def __init__(
        self,
        model: Model,
        structs: frozenset[str],
        declared: frozenset[tuple[str, str]] | None = None,
    ) -> None:
        """*declared* has the types that user space has, by kind and name; None for all."""
        self.model = model
        self.structs = structs
        self._declared = declared
        self.typedefs = {
            name: type
            for (kind, name), type in model.types.items()
            if kind == "typedef" and isinstance(type, Typedef)
        }
        for used in model.prelude_types:
            self.typedefs.update((one.name, one) for one in used.declaration.typedefs)
        self._words = CPP_WORDS | HOST_WORDS
        self._tags = structs | self._words | LIBC_TYPEDEFS | self.typedefs.keys()
        self._plain: dict[int, bool] = {}  # by identity, which the model's types keep
        self._hosts: tuple[HostTypes, HostTypes] | None = None

    def are_one(self, declaration: TypeDeclaration) -> bool:
        """Return whether *declaration* is surely the same on all sides; False: it may not be."""
        defines = declaration.defines
        for typedef in declaration.typedefs:
            if typedef_word(typedef, self._words) != typedef.name:
                return False
            if typedef.underlying is not defines and not self.is_plain(typedef.underlying):
                return False
        forward = declaration.forward
        if isinstance(forward, Named):
            return forward.name not in self._tags
        if defines is None:
            return True
        if defines.tag in self._tags or not _is_said_alike(defines.attributes):
            return False
        if isinstance(defines, Enum):
            return defines.attributes is None and all(
                one.name not in self._words
                and (one.expression is None or self.is_plain_expression(one.expression))
                for one in defines.enumerators
            )
        for member in defines.members:
            name = member.name
            if (
                name is None
                or member.defines
                or name in self._tags
                or (member.attributes is not None and not _is_said_alike(member.attributes))
                or (member.is_bitfield and _is_placed(member))
                or not self.is_plain(member.type)
            ):
                return False
        return bool(defines.size)

    def is_plain(self, type: Type) -> bool:
        """Return whether *type* surely is the same text and the same bytes on all sides."""
        plain = self._plain.get(id(type))
        if plain is None:
            plain = self._plain[id(type)] = self._is_plain(type)
        return plain

    def _is_plain(self, type: Type) -> bool:
        while isinstance(type, Array):
            expression = type.expression
            if not type.length or not (expression is None or self.is_plain_expression(expression)):
                return False
            type = type.element
        if isinstance(type, Int):
            return type.size <= WIDEST
        if isinstance(type, Typedef):
            # One of an empty struct has no bytes in C, and one in C++.
            is_here = self._is_here("typedef", type.name)
            is_called_so = typedef_word(type, self._words) == type.name
            return is_here and is_called_so and bool(sizeof(type))
        if isinstance(type, Composite):
            kind, is_whole = type.kind, type.size > 0
        elif isinstance(type, Enum):
            kind, is_whole = "enum", type.attributes is None
        else:
            return False
        tag = type.tag
        return is_whole and tag is not None and tag not in self._tags and self._is_here(kind, tag)

    def _is_here(self, kind: str, name: str) -> bool:
        """Whether user space has the type."""
        return self._declared is None or (kind, name) in self._declared

    def is_plain_constant(self, constant: Constant) -> bool:
        """Return whether *constant* surely has the same definition on all sides."""
        expression = constant.expression
        return constant.name not in self._words and (
            expression is None or self.is_plain_expression(expression)
        )

    def is_plain_expression(self, expression: Expression) -> bool:
        """Return whether *expression* surely is the same text on all sides."""
        for part in expression.parts:
            if isinstance(part, TypeOperand):
                if not self.is_plain(part.type):
                    return False
            elif isinstance(part, Constant) and (
                part.name in self._words
                or (self._declared is not None and part.origin == "included")
            ):
                return False
        return True

    def hosts(self) -> tuple[HostTypes, HostTypes]:
        """Return what makes types those of C and those of C++ in user space."""
        if self._hosts is None:
            from bpfgen.emit.c.host_names import HostNames
            from bpfgen.emit.c.host_types import HostTypes

            types = self.model.types
            c, cplusplus = (
                HostTypes(
                    types,
                    HostNames(types, self.structs, self.typedefs, side),
                    _words_of(stem(self.model.name)),
                    self._declared,
                )
                for side in (USER_SPACE, CPLUSPLUS)
            )
            self._hosts = (c, cplusplus)
        return self._hosts

    def join(
        self,
        declaration: TypeDeclaration,
        text: str,
        spell: Callable[[TypeDeclaration, str], str],
    ) -> str:
        """Return the text that *declaration* has on all sides together.

        Args:
            declaration: One that may differ.
            text: What a BPF program has.
            spell: Returns the text of a declaration, on one of the sides.
        """
        before: list[str] = []
        others: list[str] = []
        hosts: tuple[HostTypes, ...] = self.hosts()
        if self._are_one_in_user_space(declaration):
            hosts = hosts[:1]
        for host in hosts:
            moved, parts = host.declarations(declaration)
            before.append("".join([spell(one, host.side) for one in moved]))
            others.append("".join([spell(one, host.side) for one in parts]))
        if len(hosts) == 1:
            before, others = before * 2, others * 2
        return f"{self.merge('', *before)}{self.merge(text, *others)}"

    def _are_one_in_user_space(self, declaration: TypeDeclaration) -> bool:
        """Whether C++ surely has of *declaration* what C has; False: it may not."""
        if declaration.typedefs or self._declared is not None:
            return False
        pending: list[Body | None] = [declaration.defines]
        while pending:
            body = pending.pop()
            if not isinstance(body, Composite) or body.tag in self._tags or not body.size:
                return False  # C++ gives an empty one a byte, and defines enums elsewhere
            for member in body.members:
                if member.name in self._tags or not (member.is_bitfield or sizeof(member.type)):
                    return False
                inner = defined_by(member, self.model.types)
                if inner is not None and inner.tag is None:
                    pending.append(inner)
                elif inner is not None or not self._is_one_in_user_space(member.type):
                    return False
        return True

    def _is_one_in_user_space(self, type: Type) -> bool:
        """Whether C++ surely has *type*, which isn't defined where it is used, as C has it."""
        while isinstance(type, (Array, Const)):
            if isinstance(type, Const):
                type = type.underlying
            elif type.expression is None or self.is_plain_expression(type.expression):
                type = type.element
            else:
                return False
        if isinstance(type, Pointer):
            return not is_followed(type)
        return self.is_plain(type)

    def merge(self, text: str, c: str, cplusplus: str) -> str:
        """Return the lines of a BPF program's *text*, and of those in user space, each once."""
        if text == c == cplusplus:
            return text
        from bpfgen.emit.c.conditional_lines import merged

        return merged(text, c, cplusplus)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What can't be said in user space."""
        return self._hosts[1].names.diagnostics if self._hosts is not None else []

    @property
    def used(self) -> list[Typedef]:
        """The typedefs of <linux/types.h> that user space alone uses, in order."""
        used = {name: one for host in self._hosts or () for name, one in host.used.items()}
        return [used[name] for name in sorted(used)]


def _words_of(name: str) -> str:
    """Return *name* as the beginning of an identifier."""
    word = "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    return f"_{word}" if word[:1].isdigit() else word


def _is_placed(bitfield: Member) -> bool:
    """Whether `aligned` has a say in where *bitfield* is."""
    own = bitfield.attributes
    type = bitfield.type
    return bool(own and own.aligned) or (isinstance(type, Typedef) and bool(type.align))


def _is_said_alike(attributes: Attributes | None) -> bool:
    """Whether every compiler takes *attributes* for the same."""
    return attributes is None or None not in attributes.aligned
