"""C declarations to types: specifiers, declarators, attributes, and the bodies of tagged types.

What is held by value is resolved to its definition; behind a pointer, or in a function's
prototype, a tag or typedef stays a name (see :mod:`bpfgen.model.types`).
"""

from __future__ import annotations

from bpfgen.model.constants import ConstantError, enumerator_type, next_enumerator
from bpfgen.model.layout import LayoutError, MemberSpec, check_array, enum_size, lay_out
from bpfgen.model.layout import alignof, requested_alignment, sizeof
from bpfgen.model.types import (
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
    Constant,
    Enum,
    Enumerator,
    Expression,
    FuncProto,
    Int,
    Named,
    Parameter,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Volatile,
    underlying,
)
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import (
    ArraySuffix,
    AttributeNode,
    CompositeNode,
    Declarator,
    EnumNode,
    ExpressionNode,
    Token,
    TypeNode,
)

if TYPE_CHECKING:
    from bpfgen.model.resolve import Resolver
    from bpfgen.model.scope import Entry
    from bpfgen.model.types import Type
    from bpfgen.syntax.tree import EnumeratorNode, FunctionSuffix, MemberNode, Specifiers

UNKNOWN = Unknown()

_BUILTINS: dict[str, Type] = {
    "void": VOID,
    "char": CHAR,
    "signed char": SCHAR,
    "unsigned char": UCHAR,
    "short": SHORT,
    "unsigned short": USHORT,
    "int": INT,
    "unsigned int": UINT,
    "long": LONG,
    "unsigned long": ULONG,
    "long long": LLONG,
    "unsigned long long": ULLONG,
    "__int128": INT128,
    "unsigned __int128": UINT128,
    "_Bool": BOOL,
    "float": FLOAT,
    "double": DOUBLE,
    "long double": LONG_DOUBLE,
}
_SPELLINGS = {"bool": "_Bool", "__signed__": "signed", "__signed": "signed"}
_IGNORED_ATTRIBUTES = frozenset(
    "unused used deprecated may_alias designated_init nonstring counted_by __counted_by__ "
    "randomize_layout no_randomize_layout visibility const pure noreturn nonnull".split()
)


def builtin_type(r: Resolver, words: list[Token]) -> Type:
    """Return the type that the C words `unsigned`, `long`, `int` … name, in any order."""
    names = [_SPELLINGS.get(word.text, word.text) for word in words]
    counts = {name: names.count(name) for name in names}
    sign = [name for name in ("signed", "unsigned") if name in counts]
    rest = sorted((n for n in names if n not in ("signed", "unsigned")), reverse=True)
    if "int" in rest and len(rest) > 1 and rest.count("int") == 1:
        rest.remove("int")
    if not rest:
        rest = ["int"]
    if rest == ["long", "double"] or rest == ["double", "long"]:
        rest = ["long double"]
    base = " ".join(rest)
    if len(sign) == 1 and names.count(sign[0]) == 1:
        if sign[0] == "unsigned":
            base = f"unsigned {base}"
        elif base == "char":
            base = "signed char"
        elif base not in ("short", "int", "long", "long long", "__int128"):
            base = f"signed {base}"
    elif sign:
        base = ""
    found = _BUILTINS.get(base)
    if found is None:
        text = " ".join(word.text for word in words)
        r.report.error("type-words", f"`{text}` is no type in C", words[0].span)
        return UNKNOWN
    return found


def declare(
    r: Resolver,
    specifiers: Specifiers,
    declarator: Declarator | None,
    *,
    lenient: bool = False,
    named: bool = False,
    weak: bool = False,
) -> Type:
    """Return the type of what *declarator* declares.

    *lenient* lets a bare name find a tag where there is no typedef of that name, as in a map's
    type arguments; *named* keeps tagged types names even where they are held by value; *weak* says
    that a struct or union needn't be defined, nor stand earlier in C: the target of a typedef.
    """
    by_value = not named and _by_value(declarator)
    base = _base(r, specifiers, by_value=by_value, lenient=lenient, weak=weak)
    if by_value and isinstance(underlying(base), Named) and not weak:
        base = UNKNOWN
    return _apply(r, base, declarator)


def _by_value(declarator: Declarator | None) -> bool:
    """Return whether the declared thing holds its base type by value: no pointer, no function."""
    while declarator is not None:
        if declarator.pointers:
            return False
        if not all(isinstance(suffix, ArraySuffix) for suffix in declarator.suffixes):
            return False
        declarator = declarator.inner if isinstance(declarator.inner, Declarator) else None
    return True


def _base(
    r: Resolver, specifiers: Specifiers, *, by_value: bool, lenient: bool, weak: bool
) -> Type:
    base = specifiers.base
    type_: Type
    if isinstance(base, list):
        type_ = builtin_type(r, base)
    elif isinstance(base, Token):
        type_ = r.named_type(base, by_value=by_value, lenient=lenient)
    elif isinstance(base, CompositeNode):
        type_ = _composite_type(r, base, specifiers, by_value=by_value, weak=weak)
    else:
        type_ = _enum_type(r, base, by_value=by_value)
    return _qualified(r, type_, specifiers.qualifiers)


def _qualified(r: Resolver, type: Type, qualifiers: list[Token | AttributeNode]) -> Type:
    """Return *type* with its qualifiers, then its type tags, around it, in clang's order."""
    if not qualifiers:
        return type
    words = {q.text.strip("_") for q in qualifiers if isinstance(q, Token)}
    if "restrict" in words:
        type = Restrict(type)
    if "volatile" in words:
        type = Volatile(type)
    if "const" in words:
        type = Const(type)
    for attribute in qualifiers:
        if isinstance(attribute, Token):
            continue
        if attribute.name == "btf_type_tag":
            tag = _string_argument(r, attribute)
            type = TypeTag(type, tag, attribute.macro) if tag is not None else type
        elif attribute.name == "address_space":
            number = attribute.arguments[0] if attribute.arguments else None
            if isinstance(number, ExpressionNode):
                value = r.expression(number)
                number = str(value.value) if value else "1"
            type = TypeTag(type, f"address_space({number or 1})", attribute.macro)
    return type


def _string_argument(r: Resolver, attribute: AttributeNode) -> str | None:
    if len(attribute.arguments) == 1 and isinstance(attribute.arguments[0], str):
        text = attribute.arguments[0]
        if text.isprintable() and text.isascii():
            return text
        r.report.error("attribute", "a BTF tag is plain ASCII text", attribute.span)
        return None
    r.report.error("attribute", f"`{attribute.name}` takes one string", attribute.span)
    return None


def _apply(r: Resolver, type: Type, declarator: Declarator | None) -> Type:
    """Return *type* with the pointers, dimensions and parameter lists of *declarator* around it."""
    while declarator is not None:
        for pointer in declarator.pointers:
            type = _qualified(r, Pointer(type), pointer.qualifiers)
        for suffix in reversed(declarator.suffixes):
            if isinstance(suffix, ArraySuffix):
                type = _array(r, type, suffix)
            else:
                type = _function(r, type, suffix)
        declarator = declarator.inner if isinstance(declarator.inner, Declarator) else None
    return type


def _array(r: Resolver, element: Type, suffix: ArraySuffix) -> Type:
    if isinstance(element, Unknown):
        return element
    expression = None
    if suffix.length is not None:
        expression = r.expression(suffix.length)
        if expression is None:
            return UNKNOWN
    try:
        if not isinstance(underlying(element), Named):
            check_array(element, expression.value if expression else None)
    except LayoutError as error:
        r.report.error(error.code, error.message, suffix.span, help=error.help)
        return UNKNOWN
    if expression is None:
        return Array(element, 0, flexible=True)
    return Array(element, expression.value, expression=expression)


def _function(r: Resolver, returns: Type, suffix: FunctionSuffix) -> Type:
    parameters: list[Parameter] = []
    for node in suffix.parameters:
        type_ = declare(r, node.specifiers, node.declarator, named=True)
        name = None
        if node.declarator is not None:
            inner = node.declarator.inner
            while isinstance(inner, Declarator):
                inner = inner.inner
            name = inner.text if inner is not None else None
        # C adjusts a parameter's type: an array is a pointer to its element.
        if isinstance(type_, Array):
            type_ = Pointer(type_.element)
        elif isinstance(type_, FuncProto):
            type_ = Pointer(type_)
        parameters.append(Parameter(name, type_))
    if len(parameters) == 1 and parameters[0].name is None and parameters[0].type == VOID:
        parameters = []
    return FuncProto(returns, tuple(parameters), suffix.variadic)


def _composite_type(
    r: Resolver, node: CompositeNode, specifiers: Specifiers, *, by_value: bool, weak: bool
) -> Type:
    if node.tag is None:
        from bpfgen.model.scope import trailing_attributes

        return composite_body(r, node, trailing_attributes(specifiers))
    return r.tagged_type(node.kind, node.tag, by_value=by_value, weak=weak)


def _enum_type(r: Resolver, node: EnumNode, *, by_value: bool) -> Type:
    if node.tag is None:
        entry = r.scope.enums.get(id(node))
        return r.entry_type(entry) if entry is not None else UNKNOWN
    return r.tagged_type("enum", node.tag, by_value=by_value)


def composite_body(
    r: Resolver, node: CompositeNode, trailing: list[AttributeNode], doc: str = ""
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
        for each in error.errors:
            span = node.tag.span if node.tag else node.span
            if each.index is not None and specs[each.index].span is not None:
                span = specs[each.index].span or span
            r.report.error(each.code, each.message, span, help=each.help)
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


def _members(r: Resolver, node: MemberNode) -> list[MemberSpec]:
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
                r.check_word(inner)
        width: Expression | int | None = None
        if declarator.width is not None:
            width = r.expression(declarator.width)
            if width is None:
                type_, width = UNKNOWN, None
        attributes = declaration_attributes(r, own)
        specs.append(MemberSpec(name, type_, width, attributes, doc=node.doc, span=span))
    return specs


def _anonymous_member(
    r: Resolver, node: MemberNode, shared: list[AttributeNode]
) -> list[MemberSpec]:
    """Return the member that a declaration without declarators is, if it is one."""
    base = node.specifiers.base
    if isinstance(base, CompositeNode) and base.tag is None:
        type_ = declare(r, node.specifiers, None)
        attributes = declaration_attributes(r, shared)
        return [MemberSpec(None, type_, None, attributes, doc=node.doc, span=node.span)]
    if isinstance(base, (CompositeNode, EnumNode)) and not isinstance(base, Token):
        # `struct tag { … };` inside a struct declares the tag and no member; an enum likewise.
        body = base.members if isinstance(base, CompositeNode) else base.enumerators
        if body is not None:
            if base.tag is not None:
                r.tagged_type(
                    base.kind if isinstance(base, CompositeNode) else "enum",
                    base.tag,
                    by_value=True,
                )
            return []
    r.report.error(
        "declaration",
        "this declares no member: its name is missing",
        node.specifiers.span,
    )
    return []


def _member_attributes(specifiers: Specifiers) -> list[AttributeNode]:
    """Return the attributes among *specifiers* that belong to the members, not to the type."""
    base = specifiers.base
    has_body = (isinstance(base, CompositeNode) and base.members is not None) or (
        isinstance(base, EnumNode) and base.enumerators is not None
    )
    qualifiers = specifiers.qualifiers
    if has_body and specifiers.behind:
        qualifiers = qualifiers[: -specifiers.behind]
    found = [q for q in qualifiers if isinstance(q, AttributeNode)]
    if isinstance(base, (CompositeNode, EnumNode)) and not has_body:
        found.extend(base.attributes)
    return [a for a in found if a.name not in ("btf_type_tag", "address_space")]


def declaration_attributes(r: Resolver, nodes: list[AttributeNode]) -> Attributes | None:
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
            tag = _string_argument(r, node)
            if tag is not None:
                tags.append(tag)
        elif node.name == "btf_type_tag":
            r.report.error(
                "attribute",
                "a type tag stands before the `*` of the pointer that it describes",
                node.span,
                help=f"write `struct type {node.macro or '__attribute__((btf_type_tag(…)))'} *name`",
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


def _alignment(r: Resolver, node: AttributeNode) -> list[Expression | None]:
    if not node.arguments:
        return [None]
    argument = node.arguments[0]
    if isinstance(argument, TypeNode):
        type_ = r.type_node(argument)
        align = alignof(type_)
        return [Expression((str(align),), align, INT, argument.span)]
    if len(node.arguments) != 1 or isinstance(argument, str):
        r.report.error("attribute", "`aligned` takes one number of bytes", node.span)
        return []
    expression = r.expression(argument)
    return [expression] if expression is not None else []


def enum_body(r: Resolver, entry: Entry) -> Type:
    """Return the enum whose body *entry* declares; its enumerators get their values on the way."""
    node: EnumNode = entry.node
    base = declare(r, node.base, None) if node.base is not None else None
    if base is not None and isinstance(underlying(base), Unknown):
        base = None
    values: list[int] = []
    enumerators: list[Enumerator] = []
    kept: list[EnumeratorNode] = []
    previous: tuple[int, Int] | None = None
    base_int = underlying(base) if base is not None else None
    for child in node.enumerators or []:
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
        kept.append(child)
        enumerators.append(Enumerator(child.name.text, value, expression, child.doc, child.span))
        # Later enumerators of the same enum may use this one.
        found = r.scope.ordinary.get(child.name.text)
        if found is not None and found.node is child:
            found.value = _enumerator_constant(r, child, value, type_, expression)
            found.state = "done"
    attributes = declaration_attributes(r, [*node.attributes, *entry.trailing])
    packed = attributes is not None and attributes.packed
    try:
        size, signed = enum_size(values, base, packed=packed)
    except LayoutError as error:
        for each in error.errors:
            span = node.span
            if each.index is not None:
                span = kept[each.index].span
            r.report.error(each.code, each.message, span, help=each.help)
        return UNKNOWN
    for child, value, enumerator in zip(kept, values, enumerators, strict=True):
        found = r.scope.ordinary.get(child.name.text)
        if found is not None and found.node is child:
            type_ = base_int if isinstance(base_int, Int) else enumerator_type(
                value, size, signed=signed
            )
            found.value = _enumerator_constant(r, child, value, type_, enumerator.expression)
    tag = node.tag.text if node.tag else None
    return Enum(tag, size, signed, tuple(enumerators), base, attributes, node.span)


def _enumerator_constant(
    r: Resolver, node: EnumeratorNode, value: int, type: Int, expression: Expression | None
) -> Constant:
    return Constant(
        node.name.text, value, type, r.origin, expression, since=r.since, span=node.name.span
    )


def typedef(r: Resolver, entry: Entry) -> Type:
    """Return the typedef that *entry* declares."""
    assert entry.name is not None
    node = entry.node
    weak = not isinstance(node.declarator.inner, Declarator) and not node.declarator.suffixes
    target = declare(r, node.specifiers, node.declarator, weak=weak)
    if isinstance(target, Unknown):
        return target
    own = [*_member_attributes(node.specifiers), *node.declarator.attributes]
    attributes = declaration_attributes(r, own)
    align = 0
    if attributes is not None:
        try:
            align = requested_alignment(attributes)
        except LayoutError as error:
            r.report.error(error.code, error.message, entry.span, help=error.help)
    if sizeof(target) is None and isinstance(target, Named):
        align = 0
    return Typedef(entry.name.text, target, align)
