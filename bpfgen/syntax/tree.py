"""The tokens and the syntax tree: what the text says, before any name is known.

A node's docstring is the text that it stands for, and its span is exactly that text. What stands
between the tokens (comments, blanks, line ends) isn't in the nodes: a file keeps its tokens, and
trivia.py finds the rest between them when somebody asks. The tree is unfaithful in one way:
`hash_of_maps<K, counters>` holds `counters` as a type, because only resolution knows that it is a
template.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.record import Uncompared
    from bpfgen.text.source import Source

END = "$END"
"""The kind of the token after the last one; it has no text."""

SKIPPED = "$SKIPPED"
"""The kind of a token that the parser passes over, as if it weren't there."""

BROKEN = "$BROKEN"
"""The kind of what no token begins with: one character, or a string that isn't closed."""


class Tokens:
    """The tokens of a source, as parallel lists; the last one is the end of the text.

    Each `>>` is followed by a token without text, so that the parser can make two `>` of it in
    place.

    Attributes:
        kinds: The terminal's name; for a word of the language the word's own terminal, until the
            parser sees that it is a NAME.
        texts: The characters.
        starts: The offset of the first character.
        ends: The offset after the last one.
        docs: Token index -> the doc comment before it.
        file_doc: The doc comment of the file, or empty.
        allowances: Those of diagnostics, in order.
        break_allowances: Those of what `bpfgen breaking` finds.
        preprocessor: The offset and the text of each line of the preprocessor.
    """

    __slots__ = (
        "allowances",
        "break_allowances",
        "docs",
        "ends",
        "file_doc",
        "kinds",
        "preprocessor",
        "source",
        "starts",
        "texts",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.kinds: list[str] = []
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.docs: dict[int, str] = {}
        self.file_doc = ""
        self.allowances: list[Allowance] = []
        self.break_allowances: list[Allowance] = []
        self.preprocessor: list[tuple[int, str]] = []

    def end(self, index: int) -> int:
        """Return the offset after the last character of token *index*."""
        return self.ends[index]

    def span(self, first: int, after: int) -> Span:
        """Return the span of the tokens *first* up to, not including, *after*."""
        if after <= first:
            position = self.starts[first]
            return Span(self.source, position, position)
        return Span(self.source, self.starts[first], self.ends[after - 1])

    def at_line_start(self, index: int) -> bool:
        """Return whether token *index* stands at the very beginning of a line."""
        start = self.starts[index]
        return start == 0 or self.source.text[start - 1] == "\n"

    def depth(self, first: int, after: int) -> int:
        """Return how many more braces open than close from token *first* up to *after*."""
        texts = self.texts[first:after]
        return texts.count("{") - texts.count("}")

    def insert_semicolon(self, index: int) -> None:
        """Take a `;` for written right after the token before *index*; it has no characters."""
        self.kinds.insert(index, "SEMICOLON")
        self.texts.insert(index, "")
        self.starts.insert(index, self.ends[index - 1])
        self.ends.insert(index, self.ends[index - 1])
        self.docs = {at + (at >= index): doc for at, doc in self.docs.items()}

    def split_shift(self, index: int) -> None:
        """Make two `>` of the `>>` at *index* and the empty token after it."""
        self.kinds[index : index + 2] = ["GREATER", "GREATER"]
        self.texts[index : index + 2] = [">", ">"]
        self.starts[index + 1] = self.ends[index] = self.starts[index] + 1


class Token(Record):
    """One word or sign; *kind* is the terminal's name in the grammar."""

    kind: str
    text: str
    span: Uncompared[Span]


class ExpressionNode(Record):
    """`MAX * sizeof(struct key)` — flat: operands, operators and parentheses in order."""

    parts: tuple[ExpressionPart, ...]
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
    arguments: tuple[ExpressionNode | TypeNode | str, ...]
    span: Uncompared[Span]
    macro: str = ""


class Specifiers(Record):
    """`const struct key __kptr` — the part of a declaration before the declarators.

    Attributes:
        base: The words of a built-in type, a typedef's name, or a tagged type.
        qualifiers: `const`, `volatile`, `restrict` and attributes, in order.
        trailing: How many of the qualifiers stand after the base.
    """

    base: Base
    qualifiers: tuple[Qualifier, ...]
    trailing: int
    span: Uncompared[Span]


class CompositeNode(Record):
    """`struct key { … }`, or `struct key` with *members* None."""

    kind: str
    tag: Token | None
    members: tuple[MemberNode, ...] | None
    attributes: tuple[AttributeNode, ...]
    span: Uncompared[Span]


class EnumNode(Record):
    """`enum verdict : __u8 { PASS }`, or `enum verdict` with *enumerators* None."""

    tag: Token | None
    base: Specifiers | None
    enumerators: tuple[EnumeratorNode, ...] | None
    attributes: tuple[AttributeNode, ...]
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
    declarators: tuple[MemberDeclarator, ...]
    doc: str
    span: Uncompared[Span]


class MemberDeclarator(Record):
    """`a : 3`; *declarator* is None in `: 3`."""

    declarator: Declarator | None
    width: ExpressionNode | None
    attributes: tuple[AttributeNode, ...]
    span: Uncompared[Span]


class PointerNode(Record):
    """`* const`"""

    qualifiers: tuple[Qualifier, ...]
    span: Uncompared[Span]


class ArraySuffix(Record):
    """`[4]`, `[]`"""

    length: ExpressionNode | None
    span: Uncompared[Span]


class FunctionSuffix(Record):
    """`(int a, ...)`"""

    parameters: tuple[ParameterNode, ...]
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

    pointers: tuple[PointerNode, ...]
    inner: Token | Declarator | None
    suffixes: tuple[Suffix, ...]
    attributes: tuple[AttributeNode, ...]
    span: Uncompared[Span]


class ShapeNode(Record):
    """`hash<K, V>[64] { map_flags = 1; }`

    Attributes:
        arguments: Types and shapes between the angle brackets; None where there are none.
        entries: The expression in brackets, or None.
    """

    kind: Token
    arguments: tuple[Argument, ...] | None
    entries: ExpressionNode | None
    attributes: tuple[MapAttributeNode, ...]
    span: Uncompared[Span]


class MapAttributeNode(Record):
    """`map_flags = BPF_F_MMAPABLE;`"""

    name: Token
    value: Value
    span: Uncompared[Span]


class SlotNode(Record):
    """`[0] = slot_a`"""

    index: ExpressionNode | None
    target: Token
    span: Uncompared[Span]


class IncludeItem(Record):
    """`include <linux/in.h>;` — *path* with its brackets or quotes; `kernel` has neither."""

    path: str
    span: Uncompared[Span]

    @property
    def is_kernel(self) -> bool:
        """Whether the types of a kernel's BTF are meant, and no header."""
        return self.path == "kernel"


class ImportItem(Record):
    """`import "common.dsl";`"""

    path: str
    span: Uncompared[Span]


class TargetItem(Record):
    """`target kernel >= 5.15;`

    Whatever stands in the place of the relation and of the version is there, as it stands; None
    where nothing does.
    """

    name: Token
    relation: Token | None
    version: Token | None
    span: Uncompared[Span]


class MapItem(Record):
    """`weak map m: hash<K, V>[64] = { … }`; *linkage* is `weak`, `extern`, `legacy` or empty.

    *attributes* stand after the name, as after that of a variable in C.
    """

    linkage: str
    name: Token
    attributes: tuple[AttributeNode, ...]
    shape: ShapeNode
    slots: tuple[SlotNode, ...] | None
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
    declarators: tuple[Declarator, ...]
    doc: str
    span: Uncompared[Span]


class ConditionNode(Record):
    """`(A && defined(B))` — its tokens, without the parentheses around it."""

    parts: tuple[Token, ...]
    span: Uncompared[Span]


class BranchNode(Record):
    """`when (A) { … }`, `else when (A) { … }` or, with *condition* None, `else { … }`.

    *span* is that of the braces and all between them.
    """

    condition: ConditionNode | None
    span: Span


class WhenNode(Record):
    """A `when` with all its branches, in order; what they hold is found by where it stands."""

    branches: tuple[BranchNode, ...]
    span: Span


class Allowance(Record):
    """`// bpfgen: allow CODE because reason`, or `allow-break`; *line* is where, from 1."""

    code: str
    reason: str
    line: int
    span: Uncompared[Span]


if TYPE_CHECKING:
    Argument: TypeAlias = TypeNode | ShapeNode
    Base: TypeAlias = tuple[Token, ...] | Token | CompositeNode | EnumNode
    ExpressionPart: TypeAlias = Token | SizeofNode | CastNode
    Qualifier: TypeAlias = Token | AttributeNode
    Suffix: TypeAlias = ArraySuffix | FunctionSuffix
    Value: TypeAlias = ExpressionNode | TypeNode | ShapeNode
    Item: TypeAlias = (
        IncludeItem | ImportItem | TargetItem | MapItem | TemplateItem | ConstItem | DeclarationItem
    )


class File(Record):
    """A whole file.

    What stands in the branches of a `when` is among the items, and among the attributes of a map,
    as if it weren't in one: bpfgen/conditions/cases.py cuts out what isn't there in a case.

    Attributes:
        items: In the order of the text.
        lost_names: Names in the parts that could not be parsed: what is declared there must not
            be reported as missing.
        tokens: All of the file, as the parser read them; None where the text can't be a program.
        whens: Each `when`, in the order of the text, so that an outer one comes before those in it.
        macros: The names that `macro A, B;` lists, in order.
        break_allowances: Each `allow-break`; *allowances* has each `allow`.
    """

    source: Source
    doc: str
    items: list[Item]
    allowances: list[Allowance]
    lost_names: frozenset[str]
    tokens: Uncompared[Tokens | None]
    whens: tuple[WhenNode, ...] = ()
    macros: tuple[Token, ...] = ()
    break_allowances: tuple[Allowance, ...] = ()
