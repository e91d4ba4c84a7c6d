"""Tokens to tree: an LALR(1) automaton over the tables that lark made of the grammar.

The automaton is the textbook's: a stack of states, shift or reduce. What is ours is around it.
A word of the language that the state doesn't expect is a NAME, and `>>` where only `>` fits is two.
After a syntax error the stack goes back to the last whole item and the parser resumes at the next
one, so that one run tells the errors of them all; the names that the skipped text declares are
kept, lest they be reported as missing.

Nothing here recurses, and each token is looked at a bounded number of times.
"""

from __future__ import annotations

from binascii import crc32  # zlib is one library more to load

from bpfgen.record import TYPE_CHECKING
from bpfgen.resources import grammar_text
from bpfgen.syntax import tables as generated
from bpfgen.syntax.actions import ACTIONS
from bpfgen.syntax.build import Builder
from bpfgen.syntax.lexer import END, tokenize
from bpfgen.syntax.tree import (
    File,
)

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from bpfgen.syntax.lexer import Tokens
    from bpfgen.syntax.tree import Item
    from bpfgen.text.diagnostics import Report
    from bpfgen.text.source import Source

MOST_ERRORS = 50
"""After so many syntax errors in a file the rest of it says nothing new."""

_BOOL = ["typedef", "_Bool", "bool", ";"]
"""What vmlinux.h and the kernel's own headers say, which C23 no longer takes."""


def parse(source: Source, report: Report) -> File:
    """Return the tree of *source*; what can't be parsed is reported and left out."""
    tables = _current_tables()
    tokens = tokenize(source, tables, report)
    if tokens is None:
        return File(source, "", [], [], names_in(source))
    items, lost = _Parser(tables, tokens, report).run()
    return File(source, tokens.file_doc, items, tokens.allowances, lost)


_tables: ModuleType | None = None


def _current_tables() -> ModuleType:
    """Return the generated tables, or, where the grammar was edited since, new ones."""
    global _tables  # noqa: PLW0603 -- one look at the grammar in a process
    if _tables is None:
        text = grammar_text()
        _tables = generated
        if crc32(text.encode()) != generated.CHECKSUM:
            # Only a checkout with an edited grammar needs lark, and what else builds tables.
            from types import ModuleType

            from bpfgen.syntax.generate import build_tables

            _tables = ModuleType("tables")
            vars(_tables).update(build_tables(text))
    return _tables


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
                from bpfgen.syntax import recovery
                from bpfgen.syntax.messages import syntax_error

                errors += 1
                if errors > MOST_ERRORS:
                    self.report.error(
                        "syntax",
                        f"more than {MOST_ERRORS} syntax errors; the rest of the file is not read",
                        tokens.span(index, index + 1),
                    )
                    recovery.lose(self, item_start, len(kinds))
                    break
                items = values[0] if values and isinstance(values[0], list) else []
                stray = recovery.take_back(self, items, index, item_start)
                told = stray is not None and self.stray_behind == len(items)
                self.stray_behind = len(items) if stray is not None else -1
                if not told and not any(item_start <= at <= index + 1 for at in tokens.broken):
                    syntax_error(self, states, index, item_start, stray)
                resume = recovery.next_item(self, index, item_start)
                recovery.lose(self, item_start, resume)
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
            if length == 1 and function is _single:
                # A level of precedence whose operator isn't there, say. None of these rules makes
                # an item or the file.
                states[-1] = goto_rows[states[-2]][left]
                continue
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
                if kinds[index] != END and tokens.texts[index + 1] == "=":
                    from bpfgen.syntax.recovery import skip_attributes

                    index = item_start = skip_attributes(self, values[-1], states, index)
            elif state == tables.END:
                break
        whole_items: list[Item] = values[0] if values and isinstance(values[0], list) else []
        return whole_items, frozenset(self.lost)

    def _starts_item(self, index: int, item_start: int) -> bool:
        """Return whether the word at *index* opens a new item, so that a `;` is missing before it.

        `struct s { … }` and then `map m: …` on a new line: here `map` is no name.
        """
        if index == item_start or not self.at_line_start(index):
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

    def at_line_start(self, index: int) -> bool:
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
