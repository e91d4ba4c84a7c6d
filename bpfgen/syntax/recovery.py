"""After a syntax error: where the parser goes on, and what the error tells of the text before.

One mistake is to be one message. What has lost its opening line or brace is recognised as a whole,
and the names that the skipped text may have declared are kept, lest they be reported as missing.
Loaded by the parser where a file has an error.
"""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.lexer import END
from bpfgen.syntax.messages import syntax_error
from bpfgen.syntax.tree import (
    CompositeNode,
    DeclarationItem,
    Declarator,
    FunctionSuffix,
    MapItem,
    TemplateItem,
)

if TYPE_CHECKING:
    from bpfgen.syntax.parser import _Parser
    from bpfgen.syntax.tree import Item

_ITEM_WORDS = frozenset(
    [
        "MAP",
        "TEMPLATE",
        "IMPORT",
        "INCLUDE",
        "TARGET",
        "WEAK",
        "LEGACY",
        "EXTERN",
        "TYPEDEF",
        "COMPOSITE",
        "ENUM",
        "QUALIFIER",
    ]
)
_DECLARES_MEMBERS = frozenset(("COMPOSITE", "ENUM", "QUALIFIER"))


def skip_attributes(parser: _Parser, items: list[Item], states: list[int], first: int) -> int:
    """Report attributes at the token *first* whose map has lost its `{`, if they are that.

    They stand behind a map, and a `}` stands behind them. Returns where to go on.
    """
    kinds, texts = parser.tokens.kinds, parser.tokens.texts
    if not items or not isinstance(items[-1], (MapItem, TemplateItem)):
        return first
    at = first
    while kinds[at] != END and texts[at + 1] == "=":
        while kinds[at] != END and texts[at] not in {";", "}"}:
            at += 1
        if texts[at] == ";":
            at += 1
    if texts[at] != "}":
        return first
    syntax_error(parser, states, at, first, first)
    resume = next_item(parser, at, first)
    lose(parser, first, resume)
    return resume


def take_back(parser: _Parser, items: list[Item], index: int, item_start: int) -> int | None:
    """Remove from *items* what the error at *index* shows to be no item of its own.

    That is a map whose rest stands behind it on its line; and members that lost the line
    `struct name {` above them. Returns the index of the first token of these members where the
    error is one of them or the brace behind them, else None.
    """
    tokens = parser.tokens
    kinds, texts = tokens.kinds, tokens.texts
    if items and isinstance(items[-1], (MapItem, TemplateItem)):
        last = item_start - 1
        text = tokens.source.text
        gap = text[tokens.starts[last] + len(texts[last]) : tokens.starts[item_start]]
        goes_on = index == item_start and texts[index] in {"<", "[", "{", "="}
        if "\n" not in gap and (texts[last] != ";" or goes_on):
            parser.lost.add(items.pop().name.text)  # type: ignore[union-attr]
        return None
    own = texts[item_start:index]
    if own.count("{") != own.count("}"):
        return None
    if texts[index] == ":" and kinds[index + 1] == "NUMBER":
        first = item_start
    elif texts[index] == "}" and index == item_start:
        first = index
    elif texts[index] == "}" and texts[index - 1] == ";":
        if not _is_member_text(kinds[item_start], own):
            return None
        first = item_start
    else:
        return None
    count = len(items)
    while count and _is_member(items[count - 1]):
        count -= 1
    if count < len(items):
        first = bisect_left(tokens.starts, items[count].span.start)
        del items[count:]
    lose(parser, first, index)
    return first


def next_item(parser: _Parser, index: int, item_start: int) -> int:
    """Return the index of the token at which the item behind the broken one may start."""
    kinds, texts = parser.tokens.kinds, parser.tokens.texts
    depth = 0
    for text in texts[item_start:index]:
        depth += (text == "{") - (text == "}")
    depth = max(depth, 0)
    at = index
    while kinds[at] != END:
        text = texts[at]
        if at > item_start and parser.at_line_start(at) and kinds[at] in _ITEM_WORDS:
            return at
        at += 1
        if text == "{":
            depth += 1
        elif text == "}":
            depth -= 1
            if depth <= 0:
                if texts[at] == ";":
                    return at + 1
                if kinds[at] == "NAME" or kinds[at] in _ITEM_WORDS:
                    return at
        elif text == ";" and depth <= 0:
            return at
    return at


def lose(parser: _Parser, first: int, behind: int) -> None:
    """Remember the names that the tokens *first* up to *behind* may have declared."""
    kinds, texts = parser.tokens.kinds, parser.tokens.texts
    for at in range(first, min(behind, len(kinds))):
        if kinds[at] == "NAME" or kinds[at] in parser.tables.SOFT_WORDS.values():
            parser.lost.add(texts[at])


def _is_member(item: Item) -> bool:
    """Return whether *item* would be a member in a struct, and is nothing outside one."""
    if not isinstance(item, DeclarationItem) or item.storage:
        return False
    base = item.specifiers.base
    if isinstance(base, CompositeNode) and base.members is not None and base.tag is None:
        return True
    return bool(item.declarators) and not any(
        declarator.suffixes and isinstance(declarator.suffixes[0], FunctionSuffix)
        for declarator in item.declarators
        if not isinstance(declarator.inner, Declarator)  # `(*f)(void)` declares a pointer
    )


def _is_member_text(first_kind: str, texts: list[str]) -> bool:
    """Return whether the declaration of these tokens would be a member, or a map's attribute.

    It was shifted to its `;`, but not made an item yet.
    """
    if first_kind in _ITEM_WORDS and first_kind not in _DECLARES_MEMBERS:
        return False
    if texts[-2] == "}":  # `struct s { … };` is a type; without the tag it could be a member
        return texts[1] == "{"
    if texts[-2] == ")":  # a prototype, unless it is `(*name)(…)` or has an attribute
        return "*" in texts[texts.index("(") : texts.index("(") + 2]
    return texts[1] == "=" or "=" not in texts
