"""What a text declares, as the outline of an editor shows it, and the same of a whole workspace."""

from __future__ import annotations

from bpfgen.editor.occurrences import occurrences
from bpfgen.record import TYPE_CHECKING, Record, assert_never, replace
from bpfgen.resolve.scope import declared_name, declares_function
from bpfgen.syntax.tree import (
    CompositeNode,
    ConstItem,
    DeclarationItem,
    EnumNode,
    ImportItem,
    IncludeItem,
    MapItem,
    TargetItem,
    TemplateItem,
)
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.occurrences import Occurrence
    from bpfgen.syntax.tree import File, Item, MemberNode, ShapeNode, Specifiers, WhenNode

STRUCT, ENUM, CLASS, CONSTANT = "Struct", "Enum", "Class", "Constant"
VARIABLE, FUNCTION, FIELD, ENUM_MEMBER = "Variable", "Function", "Field", "EnumMember"
NAMESPACE = "Namespace"
"""The kinds of symbols, by the protocol's names: a map is a variable, a template a class, a branch
of a `when` a namespace."""

_KINDS = {
    "struct": STRUCT,
    "union": STRUCT,
    "enum": ENUM,
    "map": VARIABLE,
    "template": CLASS,
    "const": CONSTANT,
}
"""The kinds of what is declared in a part that can't be read."""

_LONGEST = 80
"""Characters of a detail."""


class Symbol(Record):
    """A declaration.

    Attributes:
        name: As it is declared; `(anonymous union)` and `when (A)` for what has none.
        kind: One of the above.
        detail: What stands beside it: the type of a member, the value of a constant; or empty.
        span: The whole declaration.
        name_span: The name in it.
        children: Members, enumerators, and what stands in a branch.
    """

    name: str
    kind: str
    detail: str
    span: Span
    name_span: Span
    children: tuple[Symbol, ...] = ()


class FoundSymbol(Record):
    """A symbol of a workspace.

    Attributes:
        symbol: It is in the file that its span is in.
        container: The names of what it is in, outermost first, with ` · ` between; or empty.
    """

    symbol: Symbol
    container: str


def document_symbols(analysis: Analysis) -> tuple[Symbol, ...]:
    """Return what *analysis* declares, in the order of the text."""
    return symbols_of(analysis.tree)


def symbols_of(tree: File) -> tuple[Symbol, ...]:
    """Return what *tree* declares, in the order of the text; also what can't be read, as names."""
    found = [symbol for item in tree.items for symbol in _item(item)]
    guessed = (one for one in occurrences(tree) if one.is_declaration and not one.is_certain)
    found += (_guessed(one) for one in guessed if one.role in _KINDS)
    if not tree.whens:
        return tuple(sorted(found, key=_place))
    return _in_branches(tree, found)


def _in_branches(tree: File, symbols: list[Symbol]) -> tuple[Symbol, ...]:
    """Return *symbols*, each in the innermost branch of a `when` that it stands in."""
    branches = {
        (branch.span.start, branch.span.end): branch
        for when in tree.whens
        for branch in _branches(when)
    }
    whole: list[Symbol] = []
    # The branches that the next symbol may be in, the innermost last, and what is in each so far.
    around: list[tuple[Symbol | None, list[Symbol]]] = [(None, whole)]
    item_end = 0
    for symbol in sorted([*symbols, *branches.values()], key=_place):
        while (branch := around[-1][0]) is not None and branch.span.end <= symbol.span.start:
            around[-2][1].append(replace(branch, children=tuple(around.pop()[1])))
        if (symbol.span.start, symbol.span.end) not in branches:
            around[-1][1].append(symbol)
            item_end = max(item_end, symbol.span.end)
        elif symbol.span.start >= item_end:  # else one of a map's attributes
            around.append((symbol, []))
    while (branch := around[-1][0]) is not None:
        around[-2][1].append(replace(branch, children=tuple(around.pop()[1])))
    return tuple(whole)


def _place(symbol: Symbol) -> tuple[int, int]:
    return symbol.span.start, -symbol.span.end


def workspace_symbols(trees: Iterable[File], query: str) -> list[FoundSymbol]:
    """Return what *trees* declare that *query* may mean, the most likely first; not members.

    Its letters have to be in the name in their order, in whatever case; an empty one means all.
    """
    wanted = query.casefold()
    ranked: list[tuple[int, int, str, FoundSymbol]] = []
    for tree in trees:
        for found in _flat(symbols_of(tree)):
            rank = _rank(found.symbol.name.casefold(), wanted)
            if rank is not None:
                name = found.symbol.name
                ranked.append((rank, len(name) if query else 0, name, found))
    ranked.sort(key=lambda one: one[:3])
    return [found for _rank_, _length, _name, found in ranked]


def _flat(symbols: tuple[Symbol, ...]) -> Iterator[FoundSymbol]:
    """Yield *symbols* and what is in them, but for members."""
    pending = [FoundSymbol(symbol, "") for symbol in reversed(symbols)]
    while pending:
        found = pending.pop()
        symbol = found.symbol
        if symbol.kind not in (FIELD, NAMESPACE) and not symbol.name.startswith("("):
            yield found
        container = f"{found.container} · {symbol.name}" if found.container else symbol.name
        pending += (FoundSymbol(child, container) for child in reversed(symbol.children))


def _rank(name: str, wanted: str) -> int | None:
    """Return how well *name* fits, 0 best; None where it doesn't."""
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if wanted in name:
        return 2
    letters = iter(name)
    return 3 if all(letter in letters for letter in wanted) else None


def _branches(when: WhenNode) -> Iterator[Symbol]:
    """Yield the branches of *when*, still without what is in them."""
    source, start = when.span.source, when.span.start
    for number, branch in enumerate(when.branches):
        words = "else" if branch.condition is None else "else when" if number else "when"
        while source.text[start].isspace():
            start += 1
        if branch.condition is None:
            name_span = Span(source, branch.span.start, branch.span.start + 1)
        else:
            name_span = branch.condition.span
            words = f"{words} {_one_line(name_span.text)}"
        yield Symbol(words, NAMESPACE, "", Span(source, start, branch.span.end), name_span)
        start = branch.span.end


def _guessed(name: Occurrence) -> Symbol:
    return Symbol(name.name, _KINDS[name.role], "", name.span, name.span)


def _item(item: Item) -> Iterator[Symbol]:
    """Yield what *item* declares."""
    if isinstance(item, MapItem):
        yield Symbol(item.name.text, VARIABLE, _shape(item.shape), item.span, item.name.span)
    elif isinstance(item, TemplateItem):
        yield Symbol(item.name.text, CLASS, _shape(item.shape), item.span, item.name.span)
    elif isinstance(item, ConstItem):
        detail = _one_line(item.value.span.text)
        yield Symbol(item.name.text, CONSTANT, detail, item.span, item.name.span)
    elif isinstance(item, DeclarationItem):
        yield from _declaration(item)
    elif not isinstance(item, (ImportItem, IncludeItem, TargetItem)):
        assert_never(item)


def _declaration(item: DeclarationItem) -> Iterator[Symbol]:
    """Yield the type with a body, the typedefs and the programs that *item* declares."""
    base = item.specifiers.base
    body = _body(item.specifiers)
    is_alone = len(item.declarators) == 1 and isinstance(base, (CompositeNode, EnumNode))
    is_typedef = item.storage == "typedef" and is_alone and base.tag is None  # type: ignore[union-attr]
    if body is not None and not is_typedef:
        yield body
    for declarator in item.declarators:
        name = declared_name(declarator)
        if name is None:
            continue
        if item.storage != "typedef":
            is_program = declares_function(declarator)
            detail = _one_line(item.span.text.rstrip(";")) if is_program else ""
            kind = FUNCTION if is_program else VARIABLE
            yield Symbol(name.text, kind, detail, item.span, name.span)
        elif body is not None and is_typedef:
            yield Symbol(name.text, body.kind, "typedef", item.span, name.span, body.children)
        else:
            detail = f"typedef {_specifiers(item.specifiers)}"
            span = item.span if len(item.declarators) == 1 and body is None else declarator.span
            yield Symbol(name.text, CLASS, detail, span, name.span)


def _body(specifiers: Specifiers) -> Symbol | None:
    """Return the struct, union or enum whose body is in *specifiers*, if there is one."""
    base = specifiers.base
    if isinstance(base, CompositeNode) and base.members is not None:
        kind, children = base.kind, [child for one in base.members for child in _member(one)]
    elif isinstance(base, EnumNode) and base.enumerators is not None:
        kind, children = "enum", []
        for one in base.enumerators:
            value = "" if one.value is None else f"= {_one_line(one.value.span.text)}"
            child = Symbol(one.name.text, ENUM_MEMBER, value, one.span, one.name.span)
            children.append(child)
    else:
        return None
    name = f"(anonymous {kind})" if base.tag is None else base.tag.text
    start = base.span.start
    word = Span(base.span.source, start, start + len(kind))
    name_span = word if base.tag is None else base.tag.span
    return Symbol(name, _KINDS[kind], kind, base.span, name_span, tuple(children))


def _member(member: MemberNode) -> Iterator[Symbol]:
    """Yield what *member* declares: one name or several, or an anonymous body."""
    body = _body(member.specifiers)
    is_alone = len(member.declarators) == 1
    if body is not None and not is_alone:
        yield body
    type_ = _specifiers(member.specifiers)
    for one in member.declarators:
        name = None if one.declarator is None else declared_name(one.declarator)
        if name is None:
            continue
        span = member.span if is_alone else one.span
        around = _one_line(one.span.text)
        detail = type_ if around == name.text else f"{type_} {around}"
        children: tuple[Symbol, ...] = ()
        if body is not None and is_alone:
            children = (body,) if body.name == body.name_span.text else body.children
        yield Symbol(name.text, FIELD, detail, span, name.span, children)


def _specifiers(specifiers: Specifiers) -> str:
    """Return *specifiers* in one line, without a body."""
    base = specifiers.base
    if isinstance(base, CompositeNode) and base.members is not None:
        return base.kind if base.tag is None else f"{base.kind} {base.tag.text}"
    if isinstance(base, EnumNode) and base.enumerators is not None:
        return "enum" if base.tag is None else f"enum {base.tag.text}"
    return _one_line(specifiers.span.text)


def _shape(shape: ShapeNode) -> str:
    """Return *shape* in one line, without its attributes."""
    text, start = shape.span.text, shape.span.start
    end = shape.kind.span.end - start
    if shape.arguments:
        end = text.find(">", shape.arguments[-1].span.end - start) + 1
    if shape.entries is not None:
        end = text.find("]", shape.entries.span.end - start) + 1
    return _one_line(text[:end])


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
