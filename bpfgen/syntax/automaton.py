"""The automaton: shift or reduce, as the tables say, until something needs more than a table.

It is the textbook's LALR(1), a stack of states. What is ours: a word of the language that the
state doesn't expect is a NAME, and `>>` where only `>` fits is two. Its stack, and where it stands
in the tokens, are what messages.py and recovery.py look at after an error; parser.py drives it.
What rules do, and what comes of them, is in reductions.py.

Nothing here recurses, and each token is looked at a bounded number of times.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.build import Builder
from bpfgen.syntax.reductions import ITEMS, Ahead, Rules, splice
from bpfgen.syntax.tree import SKIPPED

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from bpfgen.syntax.tree import Item, Token, Tokens, WhenNode
    from bpfgen.text.diagnostics import Report

ITEM = "item"
"""Why the automaton stopped: another item is whole."""

ACCEPTED = "accepted"
"""Why the automaton stopped: the file is whole."""

ERROR = "error"
"""Why the automaton stopped: the token at :attr:`Automaton.index` doesn't fit."""


class Automaton:
    """A stack of states over the tokens of one file.

    Attributes:
        tables: Those that lark made of the grammar, see generate.py.
        tokens: Those of the file.
        states: The stack; `values` and `firsts` are one shorter.
        values: What was built so far: nodes, and the indices of tokens.
        firsts: The first token of each value.
        index: The next token.
        item_start: The first token of the item that is being read.
    """

    __slots__ = (
        "_ahead",
        "_block_states",
        "_builder",
        "_items_states",
        "_rules",
        "_soft_kinds",
        "_stops",
        "firsts",
        "index",
        "item_start",
        "states",
        "tables",
        "tokens",
        "values",
    )

    def __init__(self, tables: ModuleType, tokens: Tokens, report: Report) -> None:
        self.tables = tables
        self.tokens = tokens
        self.states: list[int] = [tables.START]
        self.values: list[Any] = []
        self.firsts: list[int] = []
        self.index = 0
        self.item_start = 0
        self._builder = Builder(tokens, report)
        self._rules = Rules(tables)
        self._ahead = Ahead(tables, self._rules)
        self._soft_kinds = frozenset(tables.SOFT_WORDS.values())
        # Where the items of a file or of a block begin, and after any number of whole ones there.
        rows: dict[int, int] = {
            state: row[ITEMS] for state, row in enumerate(tables.GOTOS) if ITEMS in row
        }
        self._block_states = frozenset(rows)
        self._items_states = frozenset(rows.values())
        self._stops = self._items_states | {tables.END}

    @property
    def items(self) -> list[Item]:
        """The whole items so far of the innermost block that is open, else of the file.

        The list itself, so that the last can be taken back.
        """
        states = self.states
        for at in range(len(states) - 1, 0, -1):
            if states[at] in self._items_states or states[at] == self.tables.END:
                items: list[Item] = self.values[at - 1]
                return items
            if states[at] in self._block_states:
                break
        return []

    @property
    def block(self) -> int:
        """The `{` of the innermost block of a `when` that is open; -1 where none is."""
        for at in range(len(self.states) - 1, 0, -1):
            if self.states[at] in self._block_states:
                return self.firsts[at - 1]
        return -1

    @property
    def whens(self) -> tuple[WhenNode, ...]:
        """Each whole `when`, in the order of the text."""
        return tuple(sorted(self._builder.whens, key=lambda when: when.span.start))

    @property
    def macros(self) -> tuple[Token, ...]:
        """The names that `macro` lists."""
        return tuple(self._builder.macros)

    @property
    def lost(self) -> frozenset[str]:
        """The names of declarations of which nothing comes, though they can be read."""
        return frozenset(self._builder.lost)

    def advance(self) -> str:
        """Read on until an item or the file is whole or a token doesn't fit; return which."""
        action_rows: list[dict[str, int]] = self.tables.ACTIONS
        rules, builder, ahead, stops = self._rules, self._builder, self._ahead, self._stops
        states, values, firsts, kinds = self.states, self.values, self.firsts, self.tokens.kinds
        index = self.index
        action = action_rows[states[-1]].get(kinds[index])
        while True:
            if action is None:
                self.index = index
                if not self._read_otherwise():
                    # The item of a block begins after its brace: no reduction has said so.
                    self.item_start = max(self.item_start, self.block + 1)
                    return ERROR
                index = self.index
                action = action_rows[states[-1]].get(kinds[index])
                continue
            is_reduction = action < 0
            if not is_reduction:
                symbol = kinds[index]
                values.append(index)
                firsts.append(index)
                index += 1
            else:
                symbol, length, function, dropped, is_spliced = rules[action]
                if function is not None:
                    first, children = index, []
                    if length:
                        first, children = firsts[-length], values[-length:]
                        del values[-length:], firsts[-length:], states[-length:]
                        for position in dropped:
                            del children[position]
                        if is_spliced:
                            children = splice(children)
                    values.append(function(builder, children, first, index))
                    firsts.append(first)
                else:
                    # Reached without `ahead`: the next token had another kind then.
                    del states[-1]
            state, action = ahead[states[-1]][symbol][kinds[index]]
            states.append(state)
            if is_reduction and state in stops:
                self.index = index
                if state == self.tables.END:
                    return ACCEPTED
                self.item_start = index
                return ITEM

    def begins_attributes(self) -> bool:
        """Return whether the next token may begin attributes of the map before it, without braces.

        The grammar has none there: it is a word right after a map, or one with a `=`.
        """
        tokens, at = self.tokens, self.index
        is_bare = tokens.kinds[at] == "NAME" and tokens.kinds[at - 1] != "SEMICOLON"
        return is_bare or "=" in tokens.texts[at + 1 : at + 2]

    @property
    def outermost(self) -> int:
        """The first token of the item of the file that is being read, blocks around it counted."""
        whole = 2 if len(self.states) > 1 and self.states[1] in self._items_states else 1
        return self.firsts[whole - 1] if len(self.firsts) >= whole else self.index

    def drop_item(self, index: int, *, all: bool = False) -> int:
        """Forget the item that is being read, and go on with another at the token *index*.

        With *all* that is the item of the file, whatever blocks are open in it. Returns the first
        token of what is forgotten.
        """
        whole = 1
        for at in range(len(self.states) - 1, 0, -1):
            if self.states[at] in self._items_states or self.states[at] in self._block_states:
                whole = at + 1
                if not all:
                    break
        if all:
            whole = 2 if len(self.states) > 1 and self.states[1] in self._items_states else 1
        first = self.firsts[whole - 1] if len(self.firsts) >= whole else index
        del self.states[whole:], self.values[whole - 1 :], self.firsts[whole - 1 :]
        self.index = self.item_start = index
        return first

    def accepted(self) -> dict[str, None]:
        """Return the terminals that could stand here, in the table's order.

        A reduction is tried out on a copy of the stack: LALR's lookaheads promise more than fits.
        """
        tables = self.tables
        result: dict[str, None] = {}
        for terminal in tables.ACTIONS[self.states[-1]]:
            stack = list(self.states)
            while True:
                action = tables.ACTIONS[stack[-1]].get(terminal)
                if action is None:
                    break
                if action >= 0:
                    result[terminal] = None
                    break
                left, length, *_ = tables.RULES[~action]
                if length:
                    del stack[-length:]
                stack.append(tables.GOTOS[stack[-1]][left])
        return result

    def _read_otherwise(self) -> bool:
        """Return whether the next token, which doesn't fit, can be read in another way."""
        tokens, index = self.tokens, self.index
        kind = tokens.kinds[index]
        row: dict[str, int] = self.tables.ACTIONS[self.states[-1]]
        if kind == SKIPPED:
            self.index += 1
            return True
        if kind in self._soft_kinds and "NAME" in row and not self._starts_item():
            tokens.kinds[index] = "NAME"
            return True
        if kind == "SHIFT_RIGHT" and "GREATER" in row:
            tokens.split_shift(index)
            return True
        return False

    def _starts_item(self) -> bool:
        """Return whether the next word opens another item, so that a `;` is missing before it.

        `struct s { … }` and then `map m: …` on a new line: here `map` is no name.
        """
        tokens, index = self.tokens, self.index
        if index == self.item_start or not tokens.at_line_start(index):
            return False
        if tokens.kinds[index] in ("ELSE", "TYPE_ATTRIBUTE", "UNIT"):  # nothing begins with them
            return False
        kinds = tokens.kinds
        if kinds[index] in ("MAP", "TEMPLATE") and kinds[index + 1 : index + 3] == [
            "NAME",
            "COLON",
        ]:
            return True
        return tokens.depth(self.item_start, index) <= 0
