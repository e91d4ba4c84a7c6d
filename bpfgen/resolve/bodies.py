"""Bodies of tagged types and what `typedef` declares, with their attributes; laid out."""

from __future__ import annotations

from bpfgen.ctype.constants import ConstantError, enumerator_type, next_enumerator
from bpfgen.ctype.layout import (
    LayoutError,
    MemberSpec,
    alignof,
    enum_size,
    lay_out,
    requested_alignment,
    sizeof,
)
from bpfgen.ctype.types import (
    INT,
    Attributes,
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
from bpfgen.resolve.scope import DONE, UNKNOWN, check_word
from bpfgen.resolve.types import declare, string_argument
from bpfgen.syntax.tree import (
    AttributeNode,
    CompositeNode,
    Declarator,
    EnumNode,
    ExpressionNode,
    Token,
    TypeNode,
)

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.resolve.scope import TypedefNode
    from bpfgen.syntax.tree import EnumeratorNode, MemberNode, Specifiers

_IGNORED_ATTRIBUTES = frozenset(
    "unused used deprecated may_alias designated_init nonstring counted_by __counted_by__ "
    "randomize_layout no_randomize_layout visibility const pure noreturn nonnull".split()
)


def composite_body(
    r: Lookup, node: CompositeNode, trailing: list[AttributeNode], doc: str = ""
) -> Type:
    """Return the struct or union whose body *node* is, laid out."""
    attributes = declaration_attributes(r, [*node.attributes, *trailing])
    specs: list[MemberSpec] = []
    names: dict[str, MemberNode] = {}
    broken = False
    for member in node.members or []:
        for spec in _members(r, member):
            specs.append(spec)
            if isinstance(spec.type, Unknown):
                broken = True
            for name in member_names(spec):
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
            r.report.error(fault.code, fault.message, span, help=fault.help)
        return UNKNOWN
    return UNKNOWN if broken else result


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
    shared = _member_attributes(node.specifiers)
    if not node.declarators:
        return _anonymous_member(r, node, shared)
    specs: list[MemberSpec] = []
    for declarator in node.declarators:
        type_ = declare(r, node.specifiers, declarator.declarator)
        name = None
        span = declarator.span
        own: list[AttributeNode] = [*shared, *declarator.attributes]
        if declarator.declarator is not None:
            inner = declarator.declarator.inner
            own.extend(declarator.declarator.attributes)
            while isinstance(inner, Declarator):
                inner = inner.inner
            if inner is not None:
                name = inner.text
                span = inner.span
                check_word(inner, r.report)
        width: Expression | int | None = None
        if declarator.width is not None:
            width = r.expression(declarator.width)
            if width is None:
                type_, width = UNKNOWN, None
        attributes = declaration_attributes(r, own)
        specs.append(MemberSpec(name, type_, width, attributes, doc=node.doc, span=span))
    return specs


def _anonymous_member(r: Lookup, node: MemberNode, shared: list[AttributeNode]) -> list[MemberSpec]:
    """Return the member that a declaration without declarators is, if it is one."""
    base = node.specifiers.base
    if isinstance(base, CompositeNode):
        if base.tag is None:
            type_ = declare(r, node.specifiers, None)
            attributes = declaration_attributes(r, shared)
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
    elif not isinstance(base, (list, Token)):
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


def _member_attributes(specifiers: Specifiers) -> list[AttributeNode]:
    """Return the attributes among *specifiers* that belong to the members, not to the type."""
    base = specifiers.base
    has_body = (isinstance(base, CompositeNode) and base.members is not None) or (
        isinstance(base, EnumNode) and base.enumerators is not None
    )
    qualifiers = specifiers.qualifiers
    if has_body and specifiers.trailing:
        qualifiers = qualifiers[: -specifiers.trailing]
    attributes = [q for q in qualifiers if isinstance(q, AttributeNode)]
    if isinstance(base, (CompositeNode, EnumNode)) and not has_body:
        attributes.extend(base.attributes)
    return [a for a in attributes if a.name not in ("btf_type_tag", "address_space")]


def declaration_attributes(r: Lookup, nodes: list[AttributeNode]) -> Attributes | None:
    """Return the attributes of one declaration; None where there are none."""
    if not nodes:
        return None
    packed = False
    preserve = False
    aligned: list[Expression | None] = []
    tags: list[str] = []
    for node in nodes:
        if node.name == "packed":
            packed = True
        elif node.name == "preserve_access_index":
            preserve = True
        elif node.name == "aligned":
            aligned.extend(_alignment(r, node))
        elif node.name == "btf_decl_tag":
            tag = string_argument(r, node)
            if tag is not None:
                tags.append(tag)
                if r.references is not None and tag.startswith("contains:"):
                    sources = [provider.source for provider in r.providers]
                    scopes = (r.scope, *r.references.scopes_of(sources))
                    r.references.note_contains(node.span, tag, scopes)
        elif node.name == "btf_type_tag":
            r.report.error(
                "attribute",
                "a type tag stands before the `*` of the pointer that it describes",
                node.span,
                help=f"write `struct type {node.macro or node.span.text} *name`",
            )
        elif node.name in _IGNORED_ATTRIBUTES:
            r.report.error(
                "unknown-attribute",
                f"the attribute `{node.name}` says nothing about layout or BTF and is left out",
                node.span,
                severity="warning",
            )
        else:
            r.report.error(
                "attribute", f"`{node.name}` is no attribute that bpfgen understands", node.span
            )
    return Attributes(packed, tuple(aligned), tuple(tags), preserve)


def _alignment(r: Lookup, node: AttributeNode) -> list[Expression | None]:
    if not node.arguments:
        return [None]
    argument = node.arguments[0]
    type_: Type | None = None
    if isinstance(argument, TypeNode):
        type_ = r.type_node(argument)
    elif isinstance(argument, ExpressionNode) and len(argument.parts) == 1:
        # `_Alignas(name)`: whether it is a constant or a type, only the names tell.
        only = argument.parts[0]
        if isinstance(only, Token) and only.kind == "NAME":
            type_ = r.type_if_any(only)
    if type_ is not None:
        align = alignof(type_)
        return [Expression((str(align),), align, INT, node.span)]
    if len(node.arguments) != 1 or not isinstance(argument, ExpressionNode):
        r.report.error("attribute", "`aligned` takes one number of bytes", node.span)
        return []
    expression = r.expression(argument)
    return [expression] if expression is not None else []


def enum_body(r: Lookup, node: EnumNode, trailing: list[AttributeNode]) -> Type:
    """Return the enum whose body *node* is; its enumerators get their values on the way."""
    base = declare(r, node.base, None) if node.base is not None else None
    if base is not None and isinstance(underlying(base), Unknown):
        base = None
    values: list[int] = []
    enumerators: list[Enumerator] = []
    children = node.enumerators or []
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
    attributes = declaration_attributes(r, [*node.attributes, *trailing])
    packed = attributes is not None and attributes.packed
    try:
        size, signed = enum_size(values, base, packed=packed)
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


def typedef(r: Lookup, node: TypedefNode, name: Token) -> Type:
    """Return the typedef *name* that *node* declares."""
    weak = not isinstance(node.declarator.inner, Declarator) and not node.declarator.suffixes
    named = declare(r, node.specifiers, node.declarator, weak=weak)
    if isinstance(named, Unknown):
        return named
    own = [*_member_attributes(node.specifiers), *node.declarator.attributes]
    attributes = declaration_attributes(r, own)
    align = 0
    if attributes is not None:
        try:
            align = requested_alignment(attributes)
        except LayoutError as error:
            r.report.error(error.code, error.message, name.span, help=error.help)
    if sizeof(named) is None and isinstance(named, Named):
        align = 0
    return Typedef(name.text, named, align)
