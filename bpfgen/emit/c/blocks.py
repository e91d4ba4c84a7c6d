"""The declarations of a header, spelled: the blocks of which :mod:`bpfgen.emit.c.header` makes one.

Comes after what spells each kind of declaration.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite, Constant, Named
from bpfgen.emit.c.assertions import Assertions, assertion
from bpfgen.emit.c.both_sides import Sides
from bpfgen.emit.c.comments import comment
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.expressions import is_plain
from bpfgen.emit.c.literals import integer, number
from bpfgen.emit.c.map_definitions import MapSpeller
from bpfgen.emit.c.parameter_tags import parameter_tags, types_in
from bpfgen.emit.c.prologue import is_for_bpf, own_structs
from bpfgen.emit.c.sides import PROGRAM, is_bool
from bpfgen.emit.c.type_bodies import HEADER, declare_types
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.ctype.types import Expression
    from bpfgen.emit.c.expansion import Expansion
    from bpfgen.emit.c.options import HeaderOptions
    from bpfgen.model.model import Declaration, Model
    from bpfgen.text.source import Span

_NO_BOOL = "#if !defined(bool) && !defined(__cplusplus) && __STDC_VERSION__ + 0 < 202311L"
"""Where `typedef _Bool bool;` may stand: neither beside <stdbool.h> nor in C23 and C++."""


class Block(Record):
    """One declaration, spelled.

    Attributes:
        blank_line: Whether one goes before it. None does before what continues a group of
            constants, prototypes or forward declarations.
        text: Ends in a newline.
        for_bpf: Whether user space goes without it.
        span: Its place in the source, if that is known.
    """

    blank_line: bool
    text: str
    for_bpf: bool
    span: Span | None


class OneOf(Record):
    """What the header of one variant of a source must know of the others.

    Attributes:
        alone: No variant has more than one map.
        is_always: Whether a declaration is there in all of them. What depends on others being there
            before it would be another text in some variants, which no condition of its own tells.
    """

    alone: bool
    is_always: Callable[[Declaration], bool]


class Blocks:
    """The declarations of one header, spelled, in order.

    Attributes:
        speller: What spelled them.
        maps: What spelled the maps.
        sides: What decides who has what.
        blocks: The result.
    """

    def __init__(self, model: Model, options: HeaderOptions, one_of: OneOf | None = None) -> None:
        self.speller = Speller(HEADER)
        alone = len(model.maps) < 2 if one_of is None else one_of.alone
        self.maps = MapSpeller(self.speller, options.style, alone=alone)
        self._one_of = one_of
        self.sides = sides_of(model)
        self._model = model
        self._assertions = Assertions(model.types)
        self._expansion: Expansion | None = None
        self._declared = {
            (used.declaration.defines.kind, used.declaration.defines.tag)
            for used in model.prelude_types
            if isinstance(used.declaration.defines, Composite)
        }
        self.blocks: list[Block] = []
        previous = ""
        for declaration in model.declarations:
            text = self._spell(declaration)
            group = _group(declaration, text)
            for_bpf = isinstance(declaration, (Map, Template, ProgramDeclaration))
            is_first = not group or group != previous
            self.blocks.append(Block(is_first, text, for_bpf, declaration.span))
            previous = group

    def _spell(self, declaration: Declaration) -> str:
        match declaration:
            case Map():
                return self.maps.map(declaration)
            case Template():
                return self.maps.template(declaration)
            case ConstantDeclaration():
                return self._constant(declaration)
            case TypeDeclaration():
                return self._types(declaration)
            case ProgramDeclaration():
                forward = self._forward(declaration)
                prototype = self.speller.declaration(declaration.type, declaration.name)
                return f"{forward}{comment(declaration.doc)}{prototype};\n"
            case _:
                assert_never(declaration)

    def _types(self, declaration: TypeDeclaration) -> str:
        forward = self._forward(declaration)
        text = f"{forward}{self._types_of(declaration, PROGRAM)}"
        if not self.sides.are_one(declaration):
            text = self.sides.join(declaration, text, self._types_of)
        if len(declaration.typedefs) == 1 and is_bool(declaration.typedefs[0]):
            text = f"{_NO_BOOL}\n{text}#endif\n"
        return text

    def _types_of(self, declaration: TypeDeclaration, side: str) -> str:
        text = declare_types(self.speller, declaration, self._model.types)
        return f"{text}{self._assertions.of(declaration, side)}"

    def _constant(self, declaration: ConstantDeclaration) -> str:
        constant = declaration.constant
        expression = constant.expression
        if expression is not None and self._is_too_large(constant):
            expression = None
        text = self._definition(constant, constant.name, expression)
        if not self.sides.is_plain_constant(constant):
            others = [
                self._definition(
                    constant, host.names.word(constant.name), host.expression(expression)
                )
                for host in self.sides.hosts()
            ]
            text = self.sides.merge(text, *others)
        return f"{comment(declaration.doc)}{text}"

    def _definition(self, constant: Constant, name: str, expression: Expression | None) -> str:
        """Return the macro *name*, of *expression* or else of a number, and what is asserted."""
        if expression is None:
            value = integer(constant.value, constant.type)
            note = " /* too long when it is expanded */" if constant.expression else ""
            return f"#define {name} {value}{note}\n"
        body = _as_written(expression, self.speller.expression(expression, anywhere=True))
        if len(expression.parts) > 1 and not _is_group(body):
            body = f"({body})"
        text = f"#define {name} {body}\n"
        if not is_plain(expression):
            text += assertion(f"{name} == {number(constant.value)}", name)
        return text

    def _is_too_large(self, constant: Constant) -> bool:
        """Whether a compiler had better not expand *constant*; few sources load what measures."""
        parts = constant.expression.parts if constant.expression is not None else ()
        if len(parts) < 2 or not any(isinstance(part, Constant) for part in parts):
            return False
        if self._expansion is None:
            from bpfgen.emit.c.expansion import Expansion

            self._expansion = Expansion()
        return self._expansion.is_too_large(constant)

    def _forward(self, declaration: TypeDeclaration | ProgramDeclaration) -> str:
        """Return `struct foo;` for tags that a parameter list would be the first to name.

        A tag that is declared inside a parameter list is unknown outside it.
        """
        declared: set[tuple[str, str]] = set()
        if isinstance(declaration, ProgramDeclaration):
            tags = parameter_tags([declaration.type])
        else:
            tags = parameter_tags(types_in(declaration))
            if isinstance(declaration.defines, Composite) and declaration.defines.tag:
                declared.add((declaration.defines.kind, declaration.defines.tag))
            if isinstance(declaration.forward, Named):
                declared.add((declaration.forward.kind, declaration.forward.name))
        lines = []
        for tag in tags:
            if tag not in self._declared and tag not in declared:
                declared.add(tag)
                lines.append(f"{tag[0]} {tag[1]};\n")
        if self._one_of is None or self._one_of.is_always(declaration):
            self._declared |= declared
        return "".join(lines)


def _as_written(expression: Expression, spelled: str) -> str:
    """Return *expression* with the source's blanks, where it is *spelled* the same but for them.

    C takes a second `#define` of a name for the same only if blanks stand in the same places
    (6.10.3 of C11), and the one that a constant was imported from may still be there. Without
    parentheses around all of it the two differ anyway.
    """
    if expression.span is None or not _is_group(spelled):
        return spelled
    written = expression.span.text
    # `1 - -1` may be written `1--1` here, which C would read otherwise.
    is_line = "\n" not in written and "\r" not in written
    is_same = is_line and "".join(written.split()) == "".join(spelled.split())
    return written if is_same and "--" not in written and "++" not in written else spelled


def _group(declaration: Declaration, text: str) -> str:
    """Return which group of lines *declaration*, spelled *text*, may stand in; empty for none."""
    if declaration.doc:
        return ""
    if isinstance(declaration, ProgramDeclaration):
        return "program"
    if text.count("\n") > 1 + text.count("_Static_assert("):
        return ""
    if isinstance(declaration, TypeDeclaration):
        return "" if declaration.forward is None else "forward"
    return type(declaration).__name__


def _is_group(body: str) -> bool:
    """Whether *body* is one pair of parentheses and what is in it."""
    if not body.startswith("("):
        return False
    depth = 0
    for index, character in enumerate(body):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return index == len(body) - 1
    return False


def sides_of(model: Model) -> Sides:
    """Return what the sides of the header of *model* have of its declarations."""
    return Sides(model, own_structs(model), _declared_types(model))


def _declared_types(model: Model) -> frozenset[tuple[str, str]] | None:
    """Return the types that user space has, where there are headers that it hasn't."""
    if not any(is_for_bpf(include.path) for include in model.includes):
        return None
    from bpfgen.emit.c.declared_types import declared_types

    return declared_types(model)
