"""The attributes of C's declarations: which belong to what, and what each says.

Comes before :mod:`bpfgen.resolve.types` and :mod:`bpfgen.resolve.bodies`, which ask for those of
the declaration at hand. An attribute that changes the layout is understood or refused; the table is
:mod:`bpfgen.ctype.attributes`.
"""

from __future__ import annotations

from bpfgen.ctype.layout import alignof
from bpfgen.ctype.types import (
    INT,
    Attributes,
    Enum,
    Expression,
    Float,
    Int,
    Unknown,
    underlying,
)
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.scope import UNKNOWN
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
    from collections.abc import Sequence

    from bpfgen.ctype.types import Type
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.syntax.tree import Qualifier, Specifiers
    from bpfgen.text.diagnostics import Edit

MEMBER, TYPEDEF, COMPOSITE, ENUM = "member", "typedef", "struct or union", "enum"
MAP = "map"
"""What attributes may belong to."""

_TYPE_TAGS = ("btf_type_tag", "address_space")


def attributes_beside(specifiers: Specifiers) -> Sequence[AttributeNode]:
    """Return the attributes among *specifiers* that belong to what is declared, not to its type."""
    base = specifiers.base
    if not specifiers.qualifiers and isinstance(base, (Token, tuple)):
        return ()
    has_body = (isinstance(base, CompositeNode) and base.members is not None) or (
        isinstance(base, EnumNode) and base.enumerators is not None
    )
    qualifiers = specifiers.qualifiers
    if has_body and specifiers.trailing:
        qualifiers = qualifiers[: -specifiers.trailing]
    attributes = [q for q in qualifiers if isinstance(q, AttributeNode)]
    if isinstance(base, (CompositeNode, EnumNode)) and not has_body:
        attributes.extend(base.attributes)
    return [a for a in attributes if a.name not in _TYPE_TAGS]


def attributes_within(declarator: Declarator | None) -> Sequence[AttributeNode]:
    """Return the attributes after *declarator*, and in the brackets around its name."""
    attributes: tuple[AttributeNode, ...] = ()
    while declarator is not None:
        attributes += declarator.attributes
        declarator = declarator.inner if isinstance(declarator.inner, Declarator) else None
    return attributes


def declaration_attributes(
    r: Lookup, nodes: Sequence[AttributeNode], what: str
) -> Attributes | None:
    """Return the attributes *nodes* of one declaration of *what*; None where there are none.

    The `mode` of a member or typedef isn't among them: it is in its type, see :func:`with_mode`.
    """
    if not nodes:
        return None
    packed = False
    preserve = False
    aligned: list[Expression | None] = []
    tags: list[str] = []
    mode = ""
    for node in nodes:
        if node.name == "packed" and what not in (TYPEDEF, MAP):
            packed = True
        elif node.name == "preserve_access_index" and what == COMPOSITE:
            preserve = True
        elif node.name == "aligned" and what != MAP:
            aligned.extend(_alignment(r, node))
        elif node.name == "btf_decl_tag" and what != ENUM:
            tag = string_argument(r, node)
            if tag is not None:
                tags.append(tag)
                if r.references is not None and tag.startswith("contains:"):
                    sources = [provider.source for provider in r.providers]
                    scopes = (r.scope, *r.references.scopes_of(sources))
                    r.references.note_contains(node.span, tag, scopes)
        elif node.name == "mode" and what in (MEMBER, TYPEDEF):
            pass
        elif node.name == "mode" and what == ENUM:
            mode = mode_argument(r, node, integer=True)
        else:
            _report(r, node, what)
    return Attributes(packed, tuple(aligned), tuple(tags), preserve, mode=mode)


def check_stray_attributes(r: Lookup, qualifiers: Sequence[Qualifier]) -> None:
    """Report the attributes among *qualifiers*, which stand where only type tags mean anything."""
    for node in qualifiers:
        if isinstance(node, AttributeNode) and node.name not in _TYPE_TAGS:
            _report(r, node, "")


def _report(r: Lookup, node: AttributeNode, what: str) -> None:
    """Report the attribute *node* as one that has no place at a declaration of *what*."""
    from bpfgen.ctype.attributes import REFUSED, UNDERSTOOD, WITHOUT_EFFECT
    from bpfgen.text.spelling import closest
    from bpfgen.text.statements import without_c_attribute, word_of

    name, help_ = node.name, ""
    edits: tuple[Edit, ...] = ()
    if name in WITHOUT_EFFECT or (name, what) in (
        ("packed", TYPEDEF),
        *(("preserve_access_index", other) for other in (MEMBER, TYPEDEF, ENUM)),
    ):
        about = f"a {what}, and C ignores it" if name in UNDERSTOOD else "layout or BTF"
        r.report.error(
            "ignored-attribute",
            f"the attribute `{name}` says nothing about {about}; it is left out",
            node.span,
            help=""
            if name not in UNDERSTOOD
            else f"write it at the struct: `struct {{ … }} {name}`",
            severity="warning",
            edits=without_c_attribute(node.span) if name not in UNDERSTOOD else (),
        )
        return
    if name == "btf_type_tag":
        message = "a type tag stands before the `*` of the pointer that it describes"
        help_ = f"write `struct type {node.macro or node.span.text} *name`"
    elif name in UNDERSTOOD:
        where = f"at a declaration of {'an' if what == ENUM else 'a'} {what}" if what else "here"
        message = f"`{name}` can't stand {where}"
        help_ = "declare a typedef that has it, and use that" if not what else ""
    elif name in REFUSED:
        message, help_ = f"`{name}` has no place in a map's types", REFUSED[name]
    else:
        message = f"`{name}` is no attribute that bpfgen knows: it may change the layout"
        help_ = "leave it out if it doesn't, or `include` a C header that declares the type"
        meant = closest(name, UNDERSTOOD)
        if meant is not None:
            help_ = f"did you mean `{meant}`?"
            edits = word_of(node.span, name, meant)
    r.report.error("attribute", message, node.span, help=help_, edits=edits)


def string_argument(r: Lookup, attribute: AttributeNode) -> str | None:
    """Return the one string that *attribute* takes, or None after an error."""
    if len(attribute.arguments) == 1 and isinstance(attribute.arguments[0], str):
        text = attribute.arguments[0]
        if text.isprintable() and text.isascii():
            return text
        r.report.error("attribute", "a BTF tag is plain ASCII text", attribute.span)
        return None
    r.report.error("attribute", f"`{attribute.name}` takes one string", attribute.span)
    return None


def address_space(r: Lookup, attribute: AttributeNode) -> int | None:
    """Return the number that *attribute* takes, or None after an error."""
    argument = attribute.arguments[0] if len(attribute.arguments) == 1 else None
    if not isinstance(argument, ExpressionNode):
        r.report.error("attribute", "`address_space` takes one number", attribute.span)
        return None
    value = r.expression(argument)
    if value is not None and not 0 <= value.value < 1 << 23:
        message = f"there is no address space {value.value}: C has those up to {(1 << 23) - 1}"
        r.report.error("attribute", message, attribute.span)
        return None
    return None if value is None else value.value


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


def mode_argument(r: Lookup, node: AttributeNode, *, integer: bool) -> str:
    """Return the mode that *node* names, of integers or of floats; empty after an error."""
    from bpfgen.ctype.modes import FLOAT_MODES, INTEGER_MODES, mode_name

    argument = node.arguments[0] if len(node.arguments) == 1 else None
    mode = mode_name(argument.span.text) if isinstance(argument, ExpressionNode) else ""
    modes = INTEGER_MODES if integer else FLOAT_MODES
    if mode in modes:
        return mode
    kind = "an integer" if integer else "a floating-point number"
    r.report.error(
        "attribute",
        f"`{node.span.text}` is no mode of {kind} on the BPF target",
        node.span,
        help=f"the modes are {', '.join(modes)}",
    )
    return ""


def with_mode(r: Lookup, type: Type, nodes: Sequence[AttributeNode]) -> Type:
    """Return the type that a member or typedef of *type* has with the `mode` among *nodes*, if any.

    As for clang, that is the plain integer or floating type of that size, without qualifiers; of
    two modes the second counts.
    """
    node = next((node for node in reversed(nodes) if node.name == "mode"), None)
    if node is None:
        return type
    bare = underlying(type)
    if isinstance(bare, Unknown):
        return type
    if not isinstance(bare, (Int, Float, Enum)):
        message = "a mode gives an integer or a floating-point number another size"
        r.report.error("attribute", message, node.span, help="declare the type that you mean")
        return UNKNOWN
    mode = mode_argument(r, node, integer=not isinstance(bare, Float))
    if not mode:
        return UNKNOWN
    from bpfgen.ctype.modes import FLOAT_MODES, INTEGER_MODES

    if isinstance(bare, Float):
        return FLOAT_MODES[mode]
    return INTEGER_MODES[mode][0 if bare.signed else 1]
