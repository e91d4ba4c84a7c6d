"""The bodies and expressions of a model with what they come to, by where they are in the text."""

from __future__ import annotations

from bpfgen.ctype.children import children
from bpfgen.ctype.types import Array, Composite, Constant, Enum, Named, Typedef, underlying
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ConstantDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.ctype.types import Expression, Member, Type
    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Model


def expression_at(models: Iterable[Model], source: str, offset: int) -> Expression | None:
    """Return the shortest expression of the file *source* that *offset* is in, or at the end of."""
    best: Expression | None = None
    shortest = 0
    for model in models:
        for expression in expressions_of(model):
            span = expression.span
            if span is None or span.source.name != source:
                continue
            length = span.end - span.start
            if span.start <= offset <= span.end and (best is None or length < shortest):
                best, shortest = expression, length
    return best


def constant_used(models: Iterable[Model], name: str) -> Constant | None:
    """Return the constant *name* that an expression uses: one of a C header is nowhere else."""
    for model in models:
        for expression in expressions_of(model):
            for part in expression.parts:
                if isinstance(part, Constant) and part.name == name:
                    return part
    return None


def expressions_of(model: Model) -> Iterator[Expression]:
    """Yield the expressions that *model* itself declares things with."""
    for declaration in model.declarations:
        if isinstance(declaration, ConstantDeclaration):
            if declaration.constant.expression is not None:
                yield declaration.constant.expression
        elif isinstance(declaration, TypeDeclaration):
            for type in _declared(declaration):
                yield from _of_type(type)
        elif isinstance(declaration, (Map, Template)):
            yield from _in_shape(declaration.shape)
            if isinstance(declaration, Map):
                for slot in declaration.slots:
                    if slot.expression is not None:
                        yield slot.expression


class Body(Record):
    """A struct, union or enum whose body is in the text.

    Attributes:
        type: What it is.
        around: What has its members as its own: an anonymous struct or union gives them to what it
            is in. Itself where it has a name, or is a member that has one.
        holder: What an anonymous one is directly in; else itself.
        member: The member of *holder* that it is, which has no name; None where it is none.
        bit_offset: Where in *around* it begins, in bits.
    """

    type: Composite | Enum
    around: Composite | Enum
    holder: Composite | Enum
    member: Member | None = None
    bit_offset: int = 0

    @property
    def holder_offset(self) -> int:
        """Where in `around` its holder begins, in bits."""
        return self.bit_offset - (0 if self.member is None else self.member.bit_offset)


def bodies_of(model: Model) -> Iterator[Body]:
    """Yield the structs, unions and enums whose bodies *model* itself has, nested ones, too."""
    for declaration in model.declarations:
        if isinstance(declaration, TypeDeclaration):
            anonymous: dict[int, Body] = {}  # by the identity of the type
            for type in _declared(declaration):
                if not isinstance(type, (Composite, Enum)):
                    continue
                body = anonymous.get(id(type)) or Body(type, type, type)
                yield body
                if isinstance(type, Composite):
                    for member in type.members:
                        inner = underlying(member.type)
                        if member.name is None and isinstance(inner, Composite):
                            at = body.bit_offset + member.bit_offset
                            anonymous[id(inner)] = Body(inner, body.around, type, member, at)


def members_of(model: Model) -> Iterator[tuple[Body, Member]]:
    """Yield the members that *model* itself declares, each with the body that it is in."""
    for body in bodies_of(model):
        if isinstance(body.type, Composite):
            for member in body.type.members:
                yield body, member


def _in_shape(shape: Shape) -> Iterator[Expression]:
    inner: Shape | None = shape
    while inner is not None:
        for attribute in inner.attributes.values():
            if attribute.expression is not None:
                yield attribute.expression
        for argument in (inner.key, inner.value, inner.record):
            if argument is not None:
                for type in _bodies(argument.type, is_here=False):
                    yield from _of_type(type)
        inner = inner.inner


def _of_type(type: Type) -> Iterator[Expression]:
    """Yield the expressions in *type* itself, and not in what it is made of."""
    if isinstance(type, Array):
        if type.expression is not None:
            yield type.expression
    elif isinstance(type, Composite):
        yield from _of_attributes(type)
        for member in type.members:
            if member.width is not None:
                yield member.width
            yield from _of_attributes(member)
    elif isinstance(type, Enum):
        for enumerator in type.enumerators:
            if enumerator.expression is not None:
                yield enumerator.expression


def _of_attributes(declared: Composite | Member) -> Iterator[Expression]:
    if declared.attributes is not None:
        for argument in declared.attributes.aligned:
            if argument is not None:
                yield argument


def _declared(declaration: TypeDeclaration) -> Iterator[Type]:
    """Yield the types that are written in *declaration*."""
    if declaration.defines is not None:
        yield from _bodies(declaration.defines, is_here=True)
    for typedef in declaration.typedefs:
        yield from _bodies(typedef.underlying, is_here=False)


def _bodies(root: Type, *, is_here: bool) -> Iterator[Type]:
    """Yield *root* and what is written with it; a type with a tag only where its body *is_here*."""
    pending = [(root, is_here)]
    while pending:
        type, is_here = pending.pop()
        if isinstance(type, (Typedef, Named)):
            continue
        if isinstance(type, (Composite, Enum)) and type.tag is not None and not is_here:
            continue
        yield type
        if isinstance(type, Composite):
            pending.extend((member.type, member.defines) for member in reversed(type.members))
        else:
            pending.extend((inside, is_here) for inside in reversed(children(type)))
