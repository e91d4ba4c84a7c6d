"""The syntax tree: what the text says, before any name is known.

A node's docstring is the text that it stands for. The tree is unfaithful in two ways: white space
and comments other than doc comments and allowances are gone, and `hash_of_maps<K, counters>` holds
`counters` as a type, because only resolution knows that it is a template.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.record import Uncompared
    from bpfgen.text.source import Source, Span


class Token(Record):
    """One word or sign; *kind* is the terminal's name in the grammar."""

    kind: str
    text: str
    span: Uncompared[Span]


class ExpressionNode(Record):
    """`MAX * sizeof(struct key)` — flat: operands, operators and parentheses in order."""

    parts: list[Token | SizeofNode | CastNode]
    span: Uncompared[Span]


class TypeNode(Record):
    """`struct key *[4]` — specifiers and an abstract declarator."""

    specifiers: Specifiers
    declarator: Declarator | None
    span: Uncompared[Span]


class SizeofNode(Record):
    """`sizeof(struct key)`"""

    type: TypeNode
    span: Uncompared[Span]


class CastNode(Record):
    """`(unsigned long)`, where C's own words show that it is a cast."""

    type: TypeNode
    span: Uncompared[Span]


class AttributeNode(Record):
    """`aligned(8)` in `__attribute__((aligned(8)))`, or one of libbpf's macros.

    Attributes:
        name: Without the underscores around it: `packed`, `aligned`, `btf_type_tag` …
        arguments: Expressions, and the decoded text of strings.
        macro: The macro that was written instead (`__kptr`), or empty.
    """

    name: str
    arguments: list[ExpressionNode | TypeNode | str]
    span: Uncompared[Span]
    macro: str = ""


class Specifiers(Record):
    """`const struct key __kptr` — the part of a declaration before the declarators.

    Attributes:
        base: The words of a built-in type, a typedef's name, or a tagged type.
        qualifiers: `const`, `volatile`, `restrict` and attributes, in order.
        behind: How many of the qualifiers stand behind the base.
    """

    base: list[Token] | Token | CompositeNode | EnumNode
    qualifiers: list[Token | AttributeNode]
    behind: int
    span: Uncompared[Span]


class CompositeNode(Record):
    """`struct key { … }`, or `struct key` with *members* None."""

    kind: str
    tag: Token | None
    members: list[MemberNode] | None
    attributes: list[AttributeNode]
    span: Uncompared[Span]


class EnumNode(Record):
    """`enum verdict : __u8 { PASS }`, or `enum verdict` with *enumerators* None."""

    tag: Token | None
    base: Specifiers | None
    enumerators: list[EnumeratorNode] | None
    attributes: list[AttributeNode]
    span: Uncompared[Span]


class EnumeratorNode(Record):
    """`DROP = 4`"""

    name: Token
    value: ExpressionNode | None
    doc: str
    span: Uncompared[Span]


class MemberNode(Record):
    """`unsigned int a : 3, *b;` — one or more members of the same specifiers."""

    specifiers: Specifiers
    declarators: list[MemberDeclarator]
    doc: str
    span: Uncompared[Span]


class MemberDeclarator(Record):
    """`a : 3`; *declarator* is None in `: 3`."""

    declarator: Declarator | None
    width: ExpressionNode | None
    attributes: list[AttributeNode]
    span: Uncompared[Span]


class PointerNode(Record):
    """`* const`"""

    qualifiers: list[Token | AttributeNode]
    span: Uncompared[Span]


class ArraySuffix(Record):
    """`[4]`, `[]`"""

    length: ExpressionNode | None
    span: Uncompared[Span]


class FunctionSuffix(Record):
    """`(int a, ...)`"""

    parameters: list[ParameterNode]
    variadic: bool
    span: Uncompared[Span]


class ParameterNode(Record):
    """`struct ctx *ctx`"""

    specifiers: Specifiers
    declarator: Declarator | None
    span: Uncompared[Span]


class Declarator(Record):
    """`*(*name[4])(int)` — inside out: pointers, then what is inside, then suffixes.

    Attributes:
        inner: The name, a parenthesised declarator, or None in an abstract one.
    """

    pointers: list[PointerNode]
    inner: Token | Declarator | None
    suffixes: list[ArraySuffix | FunctionSuffix]
    attributes: list[AttributeNode]
    span: Uncompared[Span]


class ShapeNode(Record):
    """`hash<K, V>[64] { map_flags = 1; }`

    Attributes:
        arguments: Types and shapes between the angle brackets; None where there are none.
        entries: The expression in brackets, or None.
    """

    kind: Token
    arguments: list[TypeNode | ShapeNode] | None
    entries: ExpressionNode | None
    attributes: list[MapAttributeNode]
    span: Uncompared[Span]


class MapAttributeNode(Record):
    """`map_flags = BPF_F_MMAPABLE;`"""

    name: Token
    value: ExpressionNode | TypeNode | ShapeNode
    span: Uncompared[Span]


class SlotNode(Record):
    """`[0] = slot_a`"""

    index: ExpressionNode | None
    target: Token
    span: Uncompared[Span]


class IncludeItem(Record):
    """`include <linux/in.h>;` — *path* with its brackets or quotes."""

    path: str
    span: Uncompared[Span]


class ImportItem(Record):
    """`import "common.dsl";`"""

    path: str
    span: Uncompared[Span]


class TargetItem(Record):
    """`target kernel >= 5.15;`"""

    name: Token
    version: Token
    span: Uncompared[Span]


class MapItem(Record):
    """`weak map m: hash<K, V>[64] = { … }`; *linkage* is `weak`, `extern`, `legacy` or empty."""

    linkage: str
    name: Token
    shape: ShapeNode
    slots: list[SlotNode] | None
    doc: str
    span: Uncompared[Span]


class TemplateItem(Record):
    """`template counters: array<__u32, __u64>[8];`"""

    name: Token
    shape: ShapeNode
    doc: str
    span: Uncompared[Span]


class ConstItem(Record):
    """`const MAX = 1 << 16;`"""

    name: Token
    value: ExpressionNode
    doc: str
    span: Uncompared[Span]


class DeclarationItem(Record):
    """A C declaration at file level; *storage* is `typedef`, `extern` or empty."""

    storage: str
    specifiers: Specifiers
    declarators: list[Declarator]
    doc: str
    span: Uncompared[Span]


class Allowance(Record):
    """`// bpfgen: allow CODE because reason`; *line* is where it stands, from 1."""

    code: str
    reason: str
    line: int
    span: Uncompared[Span]


if TYPE_CHECKING:
    Item: TypeAlias = (
        IncludeItem | ImportItem | TargetItem | MapItem | TemplateItem | ConstItem | DeclarationItem
    )


class File(Record):
    """A whole file.

    Attributes:
        lost_names: Names in the parts that could not be parsed: what is declared there must not
            be reported as missing.
    """

    source: Source
    doc: str
    items: list[Item]
    allowances: list[Allowance]
    lost_names: frozenset[str]
