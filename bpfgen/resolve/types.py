"""C declarations to types: specifiers, declarators, qualifiers and type tags.

What is held by value is resolved to its definition; behind a pointer, or in a function's
prototype, a tag or typedef stays a name (see :mod:`bpfgen.ctype.types`).
"""

from __future__ import annotations

from bpfgen.ctype.layout import LayoutError, check_array
from bpfgen.ctype.sizes import incomplete, innermost
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
    Const,
    FuncProto,
    Named,
    Parameter,
    Pointer,
    Restrict,
    TypeTag,
    Unknown,
    Volatile,
    underlying,
    unqualified,
)
from bpfgen.record import TYPE_CHECKING, assert_never
from bpfgen.resolve.declaration_attributes import (
    address_space,
    attributes_beside,
    attributes_within,
    check_stray_attributes,
    string_argument,
)
from bpfgen.resolve.scope import UNKNOWN, trailing_attributes
from bpfgen.syntax.names import holds_by_value, makes_array
from bpfgen.syntax.tree import (
    ArraySuffix,
    CompositeNode,
    Declarator,
    EnumNode,
    FunctionSuffix,
    Token,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.ctype.types import Type
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.syntax.tree import (
        AttributeNode,
        Specifiers,
    )

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
_SPELLINGS = {"__signed__": "signed", "__signed": "signed"}


def builtin_type(r: Lookup, words: Sequence[Token]) -> Type:
    """Return the type that the C words `unsigned`, `long`, `int` … name, in any order."""
    builtin = type_of_words([word.text for word in words])
    if builtin is None:
        text = " ".join(word.text for word in words)
        r.report.error("type-words", f"`{text}` is no type in C", words[0].span)
        return UNKNOWN
    return builtin


def type_of_words(words: Sequence[str]) -> Type | None:
    """Return the type that the C *words* name, in any order; None where that is none."""
    names = [_SPELLINGS.get(word, word) for word in words]
    counts = {name: names.count(name) for name in names}
    sign = [name for name in ("signed", "unsigned") if name in counts]
    rest = sorted((n for n in names if n not in ("signed", "unsigned")), reverse=True)
    if "int" in rest and len(rest) > 1 and rest.count("int") == 1:
        rest.remove("int")
    if not rest:
        rest = ["int"]
    if rest in (["long", "double"], ["double", "long"]):
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
    return _BUILTINS.get(base)


def declare(
    r: Lookup,
    specifiers: Specifiers,
    declarator: Declarator | None,
    *,
    named: bool = False,
    weak: bool = False,
) -> Type:
    """Return the type of what *declarator* declares.

    *named* keeps tagged types names even where they are held by value; *weak* says that a struct
    or union needn't be defined, nor stand earlier in C: the target of a typedef.
    """
    by_value = not named and holds_by_value(declarator)
    if not by_value and makes_array(declarator) and not _is_whole(r, specifiers):
        return UNKNOWN
    base = _base(r, specifiers, by_value=by_value, weak=weak)
    if by_value and not weak and isinstance(bare := underlying(base), Named):
        if isinstance(specifiers.base, Token):
            r.report_incomplete(specifiers.base, bare)
        base = UNKNOWN
    return _apply(r, base, declarator)


def _is_whole(r: Lookup, specifiers: Specifiers) -> bool:
    """Return whether the type that *specifiers* name is defined; else that is reported.

    C needs it before the declaration, which only gives its name.
    """
    base = specifiers.base
    if isinstance(base, Token):
        whole = r.named_type(base, by_value=True)
    elif isinstance(base, (CompositeNode, EnumNode)) and base.tag is not None:
        kind = base.kind if isinstance(base, CompositeNode) else "enum"
        whole = r.tagged_type(kind, base.tag, by_value=True)
    else:
        return True
    bare = underlying(whole)
    if isinstance(bare, Named):
        error = incomplete("an array has elements of", bare)
        r.report.error(error.code, error.message, specifiers.span, help=error.help)
    return not isinstance(bare, (Unknown, Named))


def _base(r: Lookup, specifiers: Specifiers, *, by_value: bool, weak: bool) -> Type:
    base = specifiers.base
    type_: Type
    if isinstance(base, tuple):
        type_ = builtin_type(r, base)
    elif isinstance(base, Token):
        type_ = r.named_type(base, by_value=by_value, weak=weak)
    elif isinstance(base, CompositeNode):
        type_ = _composite_type(r, base, specifiers, by_value=by_value, weak=weak)
    elif isinstance(base, EnumNode):
        type_ = _enum_type(r, base, by_value=by_value)
    else:
        assert_never(base)
    return _qualified(r, type_, specifiers.qualifiers)


def _qualified(r: Lookup, type: Type, qualifiers: Sequence[Token | AttributeNode]) -> Type:
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
            tag = string_argument(r, attribute)
            type = TypeTag(type, tag, attribute.macro) if tag is not None else type
        elif attribute.name == "address_space":
            number = 1 if attribute.macro else address_space(r, attribute)
            type = (
                type
                if number is None
                else TypeTag(type, f"address_space({number})", attribute.macro)
            )
    return type


def _apply(r: Lookup, type: Type, declarator: Declarator | None) -> Type:
    """Return *type* with the pointers, dimensions and parameter lists of *declarator* around it."""
    while declarator is not None:
        for pointer in declarator.pointers:
            check_stray_attributes(r, pointer.qualifiers)
            type = _qualified(r, Pointer(type), pointer.qualifiers)
        for suffix in reversed(declarator.suffixes):
            if isinstance(suffix, ArraySuffix):
                type = _array(r, type, suffix)
            elif isinstance(suffix, FunctionSuffix):
                type = _function(r, type, suffix)
            else:
                assert_never(suffix)
        declarator = declarator.inner if isinstance(declarator.inner, Declarator) else None
    return type


def _array(r: Lookup, element: Type, suffix: ArraySuffix) -> Type:
    if isinstance(element, Unknown):
        return element
    expression = None
    if suffix.length is not None:
        expression = r.expression(suffix.length)
        if expression is None:
            return UNKNOWN
    try:
        if not isinstance(innermost(element), Named):
            check_array(element, expression.value if expression else None)
    except LayoutError as error:
        r.report.error(error.code, error.message, suffix.span, help=error.help)
        return UNKNOWN
    if expression is None:
        return Array(element, 0, flexible=True)
    return Array(element, expression.value, expression=expression)


def _function(r: Lookup, returns: Type, suffix: FunctionSuffix) -> Type:
    parameters: list[Parameter] = []
    for node in suffix.parameters:
        type_ = r.nested(declare, r, node.specifiers, node.declarator, named=True)
        check_stray_attributes(r, attributes_beside(node.specifiers))
        check_stray_attributes(r, attributes_within(node.declarator))
        name = None
        if node.declarator is not None:
            inner = node.declarator.inner
            while isinstance(inner, Declarator):
                inner = inner.inner
            name = inner.text if inner is not None else None
        parameters.append(Parameter(name, _adjusted(r, type_)))
    if len(parameters) == 1 and parameters[0].name is None and parameters[0].type == VOID:
        parameters = []
    return FuncProto(returns, tuple(parameters), suffix.variadic)


def _adjusted(r: Lookup, type: Type) -> Type:
    """Return *type*, of a parameter, as C adjusts it: an array is a pointer to its element."""
    if isinstance(type, Array):
        return Pointer(type.element)
    if isinstance(type, FuncProto):
        return Pointer(type)
    bare = unqualified(type)
    if isinstance(bare, Named) and bare.kind == "typedef":
        # Only a file that has such a parameter pays for this import.
        from bpfgen.resolve.parameters import adjusted

        return adjusted(r, type)
    return type


def _composite_type(
    r: Lookup, node: CompositeNode, specifiers: Specifiers, *, by_value: bool, weak: bool
) -> Type:
    if node.tag is None:
        return r.composite(node, trailing_attributes(specifiers))
    return r.tagged_type(node.kind, node.tag, by_value=by_value, weak=weak)


def _enum_type(r: Lookup, node: EnumNode, *, by_value: bool) -> Type:
    if node.tag is None:
        entry = r.scope.enums.get(id(node))
        if entry is None:
            r.report.error(
                "declaration",
                "an enum can't be defined in the middle of another declaration",
                node.span,
                help="declare it by itself, with a name, and use that here",
            )
            return UNKNOWN
        return r.entry_type(entry)
    return r.tagged_type("enum", node.tag, by_value=by_value)
