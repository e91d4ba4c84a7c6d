"""What declarations declare and use, by the trees that the parser of the language makes of them.

The language has C's declarations, so its own parser reads those of the unit: used by :mod:`needs`
in the sixth step of the import of C, on types of the C as on what :mod:`map_texts` wrote. What the
parser can't read has no place in a source either.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, MutableRecord, Record
from bpfgen.syntax.names import ATTRIBUTES_OF_EXPRESSIONS
from bpfgen.syntax.names import used_names as names_of_tree
from bpfgen.syntax.parser import parse
from bpfgen.syntax.tree import (
    AttributeNode,
    CompositeNode,
    ConstItem,
    DeclarationItem,
    Declarator,
    EnumeratorNode,
    EnumNode,
    ExpressionNode,
    MapAttributeNode,
    ShapeNode,
    SlotNode,
    Specifiers,
    Token,
)
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.syntax.names import UsedNames
    from bpfgen.syntax.tree import Item

_CONTAINS = "contains:"


class Declared(MutableRecord):
    """What declarations declare.

    Attributes:
        tags: `struct name` and the like, those inside of others too.
        enumerators: Of all enums.
        typedefs: Names.
    """

    tags: list[str]
    enumerators: list[str]
    typedefs: list[str]

    @property
    def names(self) -> list[str]:
        """All of them, tags with their word."""
        return [*self.tags, *self.enumerators, *self.typedefs]


def parsed(text: str) -> list[Item]:
    """Return the declarations of *text*; those with a syntax error are missing."""
    return parse(Source("", text), Report()).items


def expression(text: str) -> ExpressionNode | None:
    """Return the expression that *text* is, wholly; None where it is none of the language's."""
    report = Report()
    before = "const value = "
    match parse(Source("", f"{before}{text};"), report).items:
        case [ConstItem(value=node)] if not report.failed:
            return None if text[node.span.end - len(before) :].strip() else node
        case _:
            return None


def declared_names(items: Iterable[Item]) -> Declared:
    """Return what *items* declare."""
    declared = Declared([], [], [])
    for node in _nodes(items):
        match node:
            case CompositeNode(kind=kind, tag=Token(text=tag), members=tuple()):
                declared.tags.append(f"{kind} {tag}")
            case EnumNode(tag=Token(text=tag), enumerators=tuple()):
                declared.tags.append(f"enum {tag}")
            case EnumeratorNode(name=Token(text=name)):
                declared.enumerators.append(name)
            case DeclarationItem(storage="typedef", declarators=declarators):
                declared.typedefs.extend(map(_name, declarators))
            case _:
                pass
    return declared


def used_names(items: Iterable[Item]) -> dict[str, None]:
    """Return the names that *items* use: `struct name`, or the name alone."""
    used: dict[str, None] = {}
    for node in _nodes(items):
        match node:
            case Specifiers(base=Token(text=name)):
                used[name] = None
            case CompositeNode(kind=kind, tag=Token(text=tag)):
                used[f"{kind} {tag}"] = None
            case EnumNode(tag=Token(text=tag)):
                used[f"enum {tag}"] = None
            case ExpressionNode(parts=parts):
                words = (part for part in parts if isinstance(part, Token))
                used.update((word.text, None) for word in words if word.kind == "NAME")
            case AttributeNode(name="btf_decl_tag", arguments=[str() as tag]):
                if tag.startswith(_CONTAINS):
                    used[f"struct {tag.split(':')[1]}"] = None
            case _:
                pass
    return used


def shapes_and_slots(items: Iterable[Item]) -> dict[str, None]:
    """Return the names of templates, or kinds, and of what stands in slots, that *items* use."""
    used: dict[str, None] = {}
    for node in _nodes(items):
        match node:
            case ShapeNode(kind=Token(text=name)) | SlotNode(target=Token(text=name)):
                used[name] = None
            case _:
                pass
    return used


def names_by_use(text: str) -> UsedNames | None:
    """Return the names in the declarations *text* by what they stand for; None if none is read."""
    tree = parse(Source("", text), Report())
    return names_of_tree(tree) if tree.items else None


def integer_words(item: Item) -> str:
    """Return what a typedef of a name, and of nothing more, is: `unsigned int`; else nothing."""
    match item:
        case DeclarationItem(
            storage="typedef",
            specifiers=Specifiers(base=base),
            declarators=[Declarator(pointers=[], inner=Token(), suffixes=[])],
        ):
            if isinstance(base, (CompositeNode, EnumNode)):
                return ""
            return " ".join(word.text for word in ([base] if isinstance(base, Token) else base))
        case _:
            return ""


def struct_named(item: Item) -> str:
    """Return the tag of the struct that a typedef is another name of, or an empty text."""
    match item:
        case DeclarationItem(
            storage="typedef",
            specifiers=Specifiers(base=CompositeNode(tag=Token(text=tag), members=None)),
            declarators=[Declarator(pointers=[], suffixes=[])],
        ):
            return tag
        case _:
            return ""


def _name(declarator: Declarator) -> str:
    """Return the name that *declarator* declares."""
    inner = declarator.inner
    while isinstance(inner, Declarator):
        inner = inner.inner
    return "" if inner is None else inner.text


def _nodes(items: Iterable[Item]) -> Iterator[Record]:
    """Yield the nodes of *items*, each before those inside of it."""
    pending: list[object] = list(items)
    pending.reverse()
    while pending:
        value = pending.pop()
        if isinstance(value, tuple):
            pending += reversed(value)
        elif isinstance(value, Record) and not isinstance(value, Span):
            yield value
            pending += reversed(_inside(value))


def _inside(node: Record) -> list[object]:
    """Return what is inside of *node*, but for words of the language that look like names of C."""
    match node:
        case MapAttributeNode(name=Token(text="pinning")):
            return []
        case SlotNode(index=index):
            return [index]
        case AttributeNode(name=name) if name not in ATTRIBUTES_OF_EXPRESSIONS:
            return []
        case MapAttributeNode(value=ExpressionNode(parts=[Token(text="runtime")])):
            return []
        case ShapeNode(entries=ExpressionNode(parts=[Token(text="runtime")])):
            return [node.arguments, node.attributes]
        case _:
            return [getattr(node, member) for member in node.__match_args__]
