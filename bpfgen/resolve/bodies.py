"""Bodies of tagged types and what `typedef` declares, with their attributes; laid out."""

from __future__ import annotations

from bpfgen.ctype.constants import ConstantError, enumerator_type, next_enumerator
from bpfgen.ctype.layout import (
    LayoutError,
    MemberSpec,
    enum_size,
    lay_out,
    requested_alignment,
    sizeof,
)
from bpfgen.ctype.types import (
    INT,
    Composite,
    Constant,
    Enum,
    Enumerator,
    Expression,
    Int,
    Named,
    Typedef,
    Unknown,
    underlying,
)
from bpfgen.record import TYPE_CHECKING, assert_never
from bpfgen.resolve.declaration_attributes import (
    COMPOSITE,
    ENUM,
    MEMBER,
    TYPEDEF,
    attributes_beside,
    attributes_within,
    declaration_attributes,
    with_mode,
)
from bpfgen.resolve.scope import DONE, UNKNOWN, check_word
from bpfgen.resolve.types import declare
from bpfgen.syntax.tree import CompositeNode, Declarator, EnumNode, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.ctype.types import Type
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.resolve.scope import TypedefNode
    from bpfgen.syntax.tree import AttributeNode, EnumeratorNode, MemberNode
    from bpfgen.text.diagnostics import Edit


def composite_body(
    r: Lookup, node: CompositeNode, trailing: Sequence[AttributeNode], doc: str = ""
) -> Type:
    """Return the struct or union whose body *node* is, laid out."""
    attributes = declaration_attributes(r, [*node.attributes, *trailing], COMPOSITE)
    specs: list[MemberSpec] = []
    names: dict[str, MemberNode] = {}
    broken = False
    for member in node.members or []:
        for spec in _members(r, member):
            specs.append(spec)
            if isinstance(spec.type, Unknown):
                broken = True
            for name in (spec.name,) if spec.name is not None else member_names(spec):
                if name in names:
                    r.report.error(
                        "duplicate-member",
                        f"the member `{name}` is declared twice",
                        spec.span or member.span,
                    )
                names[name] = member
    tag = node.tag.text if node.tag else None
    try:
        result = lay_out(node.kind, tag, specs, attributes, doc, node.span)
    except LayoutError as error:
        for fault in error.errors:
            span = node.tag.span if node.tag else node.span
            if fault.index is not None:
                span = specs[fault.index].span or span
            edits = _edits(specs, fault) if fault.instead else ()
            r.report.error(
                fault.code,
                fault.message,
                span,
                help=fault.help,
                edits=edits,
                changes_meaning=bool(edits),
            )
        return UNKNOWN
    return UNKNOWN if broken else result


def _edits(specs: Sequence[MemberSpec], fault: LayoutError) -> tuple[Edit, ...]:
    """Return the edits that write what *fault* wants in the place of what one of *specs* says."""
    from bpfgen.text.diagnostics import Edit

    spec = specs[fault.index] if fault.index is not None else None
    if spec is None:
        return ()
    span = spec.span
    if fault.about == "width":
        span = spec.width.span if isinstance(spec.width, Expression) else None
    elif span is None or span.text != spec.name:
        return ()
    return () if span is None else (Edit(span, fault.instead),)


def member_names(spec: MemberSpec) -> list[str]:
    """Return the names that *spec* adds to a struct: its own, or those in an anonymous member."""
    if spec.name is not None:
        return [spec.name]
    names: list[str] = []
    pending = [spec.type]
    while pending:
        bare = underlying(pending.pop())
        if isinstance(bare, Composite):
            for member in bare.members:
                if member.name is not None:
                    names.append(member.name)
                else:
                    pending.append(member.type)
    return names


def _members(r: Lookup, node: MemberNode) -> list[MemberSpec]:
    """Return the members that one declaration in a struct declares."""
    shared = attributes_beside(node.specifiers)
    if not node.declarators:
        return _anonymous_member(r, node, shared)
    specs: list[MemberSpec] = []
    swapped = _type_after_name(r, node)
    if swapped is not None:
        return [swapped]
    for declarator in node.declarators:
        type_ = declare(r, node.specifiers, declarator.declarator)
        name = None
        span = declarator.span
        own = [*shared, *declarator.attributes, *attributes_within(declarator.declarator)]
        type_ = with_mode(r, type_, own)
        if declarator.declarator is not None:
            inner = declarator.declarator.inner
            while isinstance(inner, Declarator):
                inner = inner.inner
            if inner is not None:
                name = inner.text
                span = inner.span
                check_word(inner, r.report, is_member=True)
        width: Expression | int | None = None
        if declarator.width is not None:
            width = r.expression(declarator.width)
            if width is None:
                type_, width = UNKNOWN, None
        attributes = declaration_attributes(r, own, MEMBER)
        specs.append(MemberSpec(name, type_, width, attributes, doc=node.doc, span=span))
    return specs


def _type_after_name(r: Lookup, node: MemberNode) -> MemberSpec | None:
    """Report `packets: u64;`, which would be a bit-field without a name; None if it is none."""
    base = node.specifiers.base
    only = node.declarators[0]
    if not isinstance(base, Token) or only.declarator is not None or only.width is None:
        return None
    type_ = only.width.parts[0]
    is_name = isinstance(type_, Token) and type_.kind == "NAME" and len(only.width.parts) == 1
    if not is_name or not isinstance(type_, Token) or r.type_if_any(type_) is None:
        return None
    if r.type_if_any(base) is not None:
        return None
    # Only a mistake pays for this import.
    from bpfgen.text.diagnostics import Edit
    from bpfgen.text.source import Span

    right = f"{type_.text} {base.text}"
    r.report.error(
        "syntax",
        "members are written as in C: the type comes first",
        base.span,
        help=f"write `{right};`",
        edits=(Edit(Span(base.span.source, base.span.start, type_.span.end), right),),
    )
    return MemberSpec(base.text, UNKNOWN, doc=node.doc, span=base.span)


def _anonymous_member(
    r: Lookup, node: MemberNode, shared: Sequence[AttributeNode]
) -> list[MemberSpec]:
    """Return the member that a declaration without declarators is, if it is one."""
    base = node.specifiers.base
    if isinstance(base, CompositeNode):
        if base.tag is None:
            type_ = declare(r, node.specifiers, None)
            attributes = declaration_attributes(r, shared, MEMBER)
            return [MemberSpec(None, type_, None, attributes, doc=node.doc, span=node.span)]
        if base.members is not None:
            r.tagged_type(base.kind, base.tag, by_value=True)
            _report_no_member(
                *(r, base.kind, base.tag),
                f"drop the tag, `{base.kind} {{ … }};`, so that what is around it has its members",
            )
            return []
    elif isinstance(base, EnumNode):
        if base.enumerators is not None:
            if base.tag is not None:
                r.tagged_type("enum", base.tag, by_value=True)
                _report_no_member(r, "enum", base.tag, "drop the tag and keep the constants alone")
            return []
    elif not isinstance(base, (tuple, Token)):
        assert_never(base)
    r.report.error(
        "declaration",
        "this declares no member: its name is missing",
        node.specifiers.span,
    )
    return []


def _report_no_member(r: Lookup, kind: str, tag: Token, other_way: str) -> None:
    """Report the body of a tagged type that stands in a struct like a member and is none."""
    r.report.error(
        "declaration",
        f"`{kind} {tag.text}` is declared here, and no member: C takes it for a type alone",
        tag.span,
        notes=("clang leaves it out with a warning; only -fms-extensions makes a member of it",),
        help=f"give the member a name, as in `{kind} {tag.text} {{ … }} name;`, or {other_way}",
    )


def enum_body(r: Lookup, node: EnumNode, trailing: Sequence[AttributeNode]) -> Type:
    """Return the enum whose body *node* is; its enumerators get their values on the way."""
    base = declare(r, node.base, None) if node.base is not None else None
    if base is not None and isinstance(underlying(base), Unknown):
        base = None
    values: list[int] = []
    enumerators: list[Enumerator] = []
    children = node.enumerators or ()
    previous: tuple[int, Int] | None = None
    base_int = underlying(base) if base is not None else None
    for child in children:
        expression = None
        if child.value is not None:
            expression = r.expression(child.value)
            value, type_ = (expression.value, expression.type) if expression else (0, INT)
        elif previous is None:
            value, type_ = 0, INT
        else:
            try:
                value, type_ = next_enumerator(*previous)
            except ConstantError as error:
                r.report.error(error.code, error.message, child.span, help=error.help)
                value, type_ = 0, INT
        if isinstance(base_int, Int):
            type_ = base_int
        elif -(1 << 31) <= value < 1 << 31:
            type_ = INT
        previous = (value, type_)
        values.append(value)
        enumerators.append(Enumerator(child.name.text, value, expression, child.doc, child.span))
        # Later enumerators of the same enum may use this one.
        entered = r.scope.ordinary.get(child.name.text)
        if entered is not None and entered.node is child:
            entered.value = _enumerator_constant(r, child, value, type_, expression)
            entered.state = DONE
    attributes = declaration_attributes(r, [*node.attributes, *trailing], ENUM)
    packed = attributes is not None and attributes.packed
    mode = attributes.mode if attributes is not None else ""
    if mode and base is not None:
        message = "an enum has a base type or a mode, not both"
        r.report.error("attribute", message, node.span, help="leave the mode out")
        return UNKNOWN
    try:
        size, signed = enum_size(values, base, packed=packed, mode=mode)
        requested_alignment(attributes)
    except LayoutError as error:
        for fault in error.errors:
            span = node.span if fault.index is None else children[fault.index].span
            r.report.error(fault.code, fault.message, span, help=fault.help)
        return UNKNOWN
    for child, value, enumerator in zip(children, values, enumerators, strict=True):
        entered = r.scope.ordinary.get(child.name.text)
        if entered is not None and entered.node is child:
            type_ = (
                base_int
                if isinstance(base_int, Int)
                else enumerator_type(value, size, signed=signed)
            )
            entered.value = _enumerator_constant(r, child, value, type_, enumerator.expression)
    tag = node.tag.text if node.tag else None
    return Enum(tag, size, signed, tuple(enumerators), base, attributes, node.span)


def _enumerator_constant(
    r: Lookup, node: EnumeratorNode, value: int, type: Int, expression: Expression | None
) -> Constant:
    return Constant(
        node.name.text, value, type, r.origin, expression, since=r.since, span=node.name.span
    )


def typedef_attributes(node: TypedefNode) -> list[AttributeNode]:
    """Return the attributes of the typedef that *node* declares."""
    return [*attributes_beside(node.specifiers), *attributes_within(node.declarator)]


def typedef(r: Lookup, node: TypedefNode, name: Token) -> Type:
    """Return the typedef *name* that *node* declares."""
    weak = not isinstance(node.declarator.inner, Declarator) and not node.declarator.suffixes
    named = declare(r, node.specifiers, node.declarator, weak=weak)
    if isinstance(named, Unknown):
        return named
    own = typedef_attributes(node)
    named = with_mode(r, named, own)
    if isinstance(named, Unknown):
        return named
    attributes = declaration_attributes(r, own, TYPEDEF)
    align = 0
    if attributes is not None:
        try:
            align = requested_alignment(attributes)
        except LayoutError as error:
            r.report.error(error.code, error.message, name.span, help=error.help)
    if sizeof(named) is None and isinstance(named, Named):
        align = 0
    return Typedef(name.text, named, align)
