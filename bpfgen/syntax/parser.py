"""Tokens to tree: an LALR(1) automaton over the tables that lark made of the grammar.

The automaton is the textbook's: a stack of states, shift or reduce. What is ours is around it.
A word of the language that the state doesn't expect is a NAME, and `>>` where only `>` fits is two.
After a syntax error the stack goes back to the last whole item and the parser resumes at the next
one, so that one run tells the errors of them all; the names that the skipped text declares are
kept, lest they be reported as missing.

Nothing here recurses, and each token is looked at a bounded number of times.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING
from bpfgen.resources import grammar_text
from bpfgen.syntax import tables as generated
from bpfgen.syntax.actions import ACTIONS
from bpfgen.syntax.build import Builder
from bpfgen.syntax.lexer import END, tokenize
from bpfgen.syntax.messages import syntax_error
from bpfgen.syntax.tree import (
    CompositeNode,
    DeclarationItem,
    Declarator,
    File,
    FunctionSuffix,
    MapItem,
    TemplateItem,
)

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from bpfgen.diagnostics import Report
    from bpfgen.source import Source
    from bpfgen.syntax.lexer import Tokens
    from bpfgen.syntax.tree import Item

MOST_ERRORS = 50
"""After so many syntax errors in a file the rest of it says nothing new."""

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
_BOOL = ["typedef", "_Bool", "bool", ";"]
"""What vmlinux.h and the kernel's own headers say, which C23 no longer takes."""

_DECLARES_MEMBERS = frozenset(("COMPOSITE", "ENUM", "QUALIFIER"))
_DECLARING = frozenset(("COMPOSITE", "ENUM", "MAP", "TEMPLATE", "QUALIFIER"))


def parse(source: Source, report: Report) -> File:
    """Return the tree of *source*; what can't be parsed is reported and left out."""
    tables = _current_tables()
    tokens = tokenize(source, tables, report)
    if tokens is None:
        return File(source, "", [], [], names_in(source))
    items, lost = _Parser(tables, tokens, report).run()
    return File(source, tokens.file_doc, items, tokens.allowances, lost)


def _current_tables() -> ModuleType:
    """Return the generated tables, or, where the grammar was edited since, new ones."""
    text = grammar_text()
    if zlib.crc32(text.encode()) == generated.CHECKSUM:
        current: ModuleType = generated
        return current
    # Only a checkout with an edited grammar needs lark, and what else builds tables.
    from types import ModuleType

    from bpfgen.syntax.generate import build_tables

    tables = ModuleType("tables")
    vars(tables).update(build_tables(text))
    return tables


def names_in(source: Source) -> frozenset[str]:
    """Return every name in the text of *source*, or none where it is too large to look at."""
    import re

    if len(source.text) > 1_000_000:
        return frozenset()
    return frozenset(re.findall(r"[A-Za-z_]\w*", source.text))


class _Parser:
    __slots__ = ("builder", "lost", "report", "stray_behind", "tables", "tokens")

    def __init__(self, tables: ModuleType, tokens: Tokens, report: Report) -> None:
        self.tables = tables
        self.tokens = tokens
        self.report = report
        self.builder = Builder(tokens, report)
        self.lost: set[str] = set()
        self.stray_behind = -1

    def run(self) -> tuple[list[Item], frozenset[str]]:
        """Return the items of the file and the names lost in what was skipped."""
        tables, tokens = self.tables, self.tokens
        action_rows: list[dict[str, int]] = tables.ACTIONS
        goto_rows: list[dict[str, int]] = tables.GOTOS
        rules = _bound_rules(tables)
        soft = frozenset(tables.SOFT_WORDS.values())
        kinds = tokens.kinds
        builder = self.builder
        items_state = _items_state(tables)

        states = [tables.START]
        values: list[Any] = []
        firsts: list[int] = []
        item_start = 0
        errors = 0
        index = 0
        while True:
            kind = kinds[index]
            if kind == "TYPEDEF" and tokens.texts[index : index + 4] == _BOOL:
                index += 3  # on to the `;`: here `bool` is there already
                continue
            row = action_rows[states[-1]]
            action = row.get(kind)
            if action is None and kind in soft and "NAME" in row:
                if not self._starts_item(index, item_start):
                    kind = kinds[index] = "NAME"
                    action = row["NAME"]
            elif action is None and kind == "SHIFT_RIGHT" and "GREATER" in row:
                self._split_shift(index)
                continue
            if action is None:
                errors += 1
                if errors > MOST_ERRORS:
                    self.report.error(
                        "syntax",
                        f"more than {MOST_ERRORS} syntax errors; the rest of the file is not read",
                        tokens.span(index, index + 1),
                    )
                    self._lose(item_start, len(kinds))
                    break
                items = values[0] if values and isinstance(values[0], list) else []
                stray = self._take_back(items, index, item_start)
                told = stray is not None and self.stray_behind == len(items)
                self.stray_behind = len(items) if stray is not None else -1
                if not told and not any(item_start <= at <= index + 1 for at in tokens.broken):
                    syntax_error(self, states, index, item_start, stray)
                resume = self._next_item(index, item_start)
                self._lose(item_start, resume)
                index = item_start = resume
                whole = 2 if len(states) > 1 and states[1] == items_state else 1
                del states[whole:], values[whole - 1 :], firsts[whole - 1 :]
                continue
            if action >= 0:
                states.append(action)
                values.append(index)
                firsts.append(index)
                index += 1
                continue
            left, length, function, kept, spliced = rules[~action]
            if length:
                first = firsts[-length]
                children = values[-length:]
                if len(kept) != length:
                    children = [children[position] for position in kept]
                del values[-length:], firsts[-length:], states[-length:]
            else:
                first = index
                children = []
            value: Any
            if function is None:
                value = _splice(children)
            elif function is _single:
                value = children[0]
            else:
                if spliced:
                    children = _splice([Spliced(), *children])
                value = function(builder, children, first, index)
            values.append(value)
            firsts.append(first)
            state = goto_rows[states[-1]][left]
            states.append(state)
            if state == items_state:
                item_start = index
            elif state == tables.END:
                break
        whole_items: list[Item] = values[0] if values and isinstance(values[0], list) else []
        return whole_items, frozenset(self.lost)

    def _starts_item(self, index: int, item_start: int) -> bool:
        """Return whether the word at *index* opens a new item, so that a `;` is missing before it.

        `struct s { … }` and then `map m: …` on a new line: here `map` is no name.
        """
        if index == item_start or not self._at_line_start(index):
            return False
        kinds = self.tokens.kinds
        if kinds[index] in ("MAP", "TEMPLATE") and kinds[index + 1 : index + 3] == [
            "NAME",
            "COLON",
        ]:
            return True
        depth = 0
        for text in self.tokens.texts[item_start:index]:
            if text == "{":
                depth += 1
            elif text == "}":
                depth -= 1
        return depth <= 0

    def _take_back(self, items: list[Item], index: int, item_start: int) -> int | None:
        """Remove from *items* what the error at *index* shows to be no item of its own.

        That is a map whose rest stands behind it on its line; and members that lost the line
        `struct name {` above them. Returns the index of the first token of these members where the
        error is one of them or the brace behind them, else None.
        """
        tokens = self.tokens
        kinds, texts = tokens.kinds, tokens.texts
        if items and isinstance(items[-1], (MapItem, TemplateItem)):
            last = item_start - 1
            text = tokens.source.text
            gap = text[tokens.starts[last] + len(texts[last]) : tokens.starts[item_start]]
            goes_on = index == item_start and texts[index] in {"<", "[", "{", "="}
            if "\n" not in gap and (texts[last] != ";" or goes_on):
                self.lost.add(items.pop().name.text)  # type: ignore[union-attr]
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
        self._lose(first, index)
        return first

    def _at_line_start(self, index: int) -> bool:
        start = self.tokens.starts[index]
        return start == 0 or self.tokens.source.text[start - 1] == "\n"

    def _split_shift(self, index: int) -> None:
        """Turn the `>>` at *index* into two `>`."""
        tokens = self.tokens
        tokens.kinds[index : index + 1] = ["GREATER", "GREATER"]
        tokens.texts[index : index + 1] = [">", ">"]
        tokens.starts[index : index + 1] = [tokens.starts[index], tokens.starts[index] + 1]
        tokens.docs.update(
            {at + 1: tokens.docs.pop(at) for at in sorted(tokens.docs, reverse=True) if at > index}
        )

    def _next_item(self, index: int, item_start: int) -> int:
        """Return the index of the token at which the item behind the broken one may start."""
        kinds, texts = self.tokens.kinds, self.tokens.texts
        depth = 0
        for text in texts[item_start:index]:
            depth += (text == "{") - (text == "}")
        depth = max(depth, 0)
        at = index
        while kinds[at] != END:
            text = texts[at]
            if at > item_start and self._at_line_start(at) and kinds[at] in _ITEM_WORDS:
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

    def _lose(self, first: int, behind: int) -> None:
        """Remember the names that the tokens *first* up to *behind* may have declared."""
        kinds, texts = self.tokens.kinds, self.tokens.texts
        for at in range(first, min(behind, len(kinds))):
            if kinds[at] == "NAME" or kinds[at] in self.tables.SOFT_WORDS.values():
                self.lost.add(texts[at])


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


def _items_state(tables: ModuleType) -> int:
    """Return the state of the automaton behind any number of whole items."""
    row: dict[str, int] = tables.GOTOS[tables.START]
    return next(state for left, state in row.items() if left.startswith("__start"))


def _single(_builder: Builder, children: list[Any], _first: int, _behind: int) -> Any:
    return children[0]


def _bound_rules(tables: ModuleType) -> list[tuple[str, int, Any, tuple[int, ...], bool]]:
    """Return the rules with their actions as functions; None stands for splicing."""
    functions = {"splice": None, "single": _single, **ACTIONS}
    return [
        (left, length, functions[action], kept, spliced)
        for left, length, action, kept, spliced in tables.RULES
    ]


class Spliced(list[object]):
    """The children of a helper rule, on their way to the rule that uses it."""


def _splice(children: list[Any]) -> Spliced:
    """Return *children* as one list, those of helper rules inside it dissolved.

    The first of them is extended in place: lists grow on the left, so this keeps it linear.
    """
    if children and type(children[0]) is Spliced:
        result = children[0]
        rest = children[1:]
    else:
        result = Spliced()
        rest = children
    for child in rest:
        if type(child) is Spliced:
            result.extend(child)
        else:
            result.append(child)
    return result
