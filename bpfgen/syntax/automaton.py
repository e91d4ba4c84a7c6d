"""The automaton: shift or reduce, as the tables say, until something needs more than a table.

It is the textbook's LALR(1), a stack of states. What is ours: a word of the language that the
state doesn't expect is a NAME, and `>>` where only `>` fits is two. Its stack, and where it stands
in the tokens, are what messages.py and recovery.py look at after an error; parser.py drives it.

Most reductions are of one symbol to one and build nothing: the levels of precedence whose operator
isn't there, say. What a row of them comes to depends on the state below, the symbol and the token
ahead, and is worked out once (:class:`_Ahead`).

Nothing here recurses, and each token is looked at a bounded number of times.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax import build_declarations, build_declarators, build_maps
from bpfgen.syntax.build import Builder, Spliced
from bpfgen.syntax.tree import SKIPPED

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any, TypeAlias

    from bpfgen.syntax.tree import Item, Token, Tokens, WhenNode
    from bpfgen.text.diagnostics import Report

    Action: TypeAlias = Callable[[Builder, list[Any], int, int], Any]
    Rule: TypeAlias = tuple[str, int, Action | None, tuple[int, ...], bool]

ITEM = "item"
"""Why the automaton stopped: another item is whole."""

ACCEPTED = "accepted"
"""Why the automaton stopped: the file is whole."""

ERROR = "error"
"""Why the automaton stopped: the token at :attr:`Automaton.index` doesn't fit."""


ACTIONS = {
    "start": build_maps.start,
    "include": build_maps.include,
    "import": build_maps.import_,
    "target": build_maps.target,
    "map": build_maps.map_,
    "linkage": build_maps.linkage,
    "template": build_maps.template,
    "macros": build_maps.macros,
    "when": build_maps.when,
    "else_when": build_maps.else_when,
    "else_block": build_maps.else_block,
    "block": build_maps.block,
    "condition": build_maps.condition,
    "when_attributes": build_maps.when,
    "else_when_attributes": build_maps.else_when,
    "else_attribute_block": build_maps.else_block,
    "attribute_block": build_maps.block,
    "shape": build_maps.shape,
    "inner_shape": build_maps.shape,
    "type_arguments": build_maps.type_arguments,
    "type_argument": build_maps.type_argument,
    "named_shape": build_maps.named_shape,
    "entries": build_maps.entries,
    "map_attributes": build_maps.map_attributes,
    "type_attribute": build_maps.type_attribute,
    "number_attribute": build_maps.type_attribute,
    "slots": build_maps.slots,
    "slot_at": build_maps.slot_at,
    "slot_next": build_maps.slot_next,
    "plain_declaration": build_declarations.plain_declaration,
    "typedef_declaration": build_declarations.typedef_declaration,
    "extern_declaration": build_declarations.extern_declaration,
    "const_declaration": build_declarations.const_declaration,
    "typed_const_declaration": build_declarations.typed_const_declaration,
    "named_specifiers": build_declarations.named_specifiers,
    "tagged_specifiers": build_declarations.tagged_specifiers,
    "builtin_specifiers": build_declarations.builtin_specifiers,
    "qualifier": build_declarations.qualifier,
    "attribute": build_declarations.attribute,
    "gnu_attribute": build_declarations.gnu_attribute,
    "attribute_arguments": build_declarations.attribute_arguments,
    "strings": build_declarations.strings,
    "tag_macro": build_declarations.tag_macro,
    "packed_macro": build_declarations.packed_macro,
    "aligned_macro": build_declarations.aligned_macro,
    "aligned_as_type": build_declarations.aligned_as_type,
    "contains_macro": build_declarations.contains_macro,
    "composite_name": build_declarations.composite_name,
    "composite_body": build_declarations.composite_body,
    "enum_name": build_declarations.enum_name,
    "enum_body": build_declarations.enum_body,
    "enum_base": build_declarations.enum_base,
    "enumerators": build_declarations.enumerators,
    "enumerator": build_declarations.enumerator,
    "member": build_declarations.member,
    "member_declarator": build_declarations.member_declarator,
    "bitfield_declarator": build_declarations.bitfield_declarator,
    "unnamed_bitfield": build_declarations.unnamed_bitfield,
    "declarators": build_declarators.declarators,
    "init_declarator": build_declarators.init_declarator,
    "declarator": build_declarators.declarator,
    "abstract_declarator": build_declarators.declarator,
    "pointers": build_declarators.pointers,
    "pointer": build_declarators.pointer,
    "nested_declarator": build_declarators.nested_declarator,
    "nested_abstract": build_declarators.nested_declarator,
    "array_suffix": build_declarators.array_suffix,
    "function_suffix": build_declarators.function_suffix,
    "parameter": build_declarators.parameter,
    "type_name": build_declarators.type_name,
    "expression": build_declarators.expression,
    "sizeof": build_declarators.sizeof,
    "cast": build_declarators.cast,
    "cast_tagged": build_declarators.cast_tagged,
}
"""Every action of the grammar that isn't splicing, by the name of its rule or alias."""

_ITEMS = "__start_star_0"
"""What lark calls the helper rule of `_item*`."""


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
        self._rules = _Rules(tables)
        self._ahead = _Ahead(tables, self._rules)
        self._soft_kinds = frozenset(tables.SOFT_WORDS.values())
        # Where the items of a file or of a block begin, and after any number of whole ones there.
        rows: dict[int, int] = {
            state: row[_ITEMS] for state, row in enumerate(tables.GOTOS) if _ITEMS in row
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
                            children = _splice(children)
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
        if tokens.kinds[index] == "ELSE":
            return False
        kinds = tokens.kinds
        if kinds[index] in ("MAP", "TEMPLATE") and kinds[index + 1 : index + 3] == [
            "NAME",
            "COLON",
        ]:
            return True
        return tokens.depth(self.item_start, index) <= 0


class _Ahead(dict[int, "_Symbols"]):
    """A state -> what comes after a symbol on it; all of it is worked out when it is first met."""

    __slots__ = ("_rules", "_tables")

    def __init__(self, tables: ModuleType, rules: _Rules) -> None:
        super().__init__()
        self._tables = tables
        self._rules = rules

    def __missing__(self, state: int) -> _Symbols:
        symbols = self[state] = _Symbols(self._tables, self._rules, state)
        return symbols


class _Symbols(dict[str, "_AfterSymbol"]):
    """A symbol on one state -> what comes after it."""

    __slots__ = ("_rules", "_state", "_tables")

    def __init__(self, tables: ModuleType, rules: _Rules, state: int) -> None:
        super().__init__()
        self._tables = tables
        self._rules = rules
        self._state = state

    def __missing__(self, symbol: str) -> _AfterSymbol:
        after = self[symbol] = _AfterSymbol(self._tables, self._rules, self._state, symbol)
        return after


class _AfterSymbol(dict[str, "tuple[int, int | None]"]):
    """The kind of the token after a symbol -> the state then, and what to do in it.

    The state is that after all reductions that build nothing.
    """

    __slots__ = ("_gotos", "_rules", "_state", "_tables")

    def __init__(self, tables: ModuleType, rules: _Rules, below: int, symbol: str) -> None:
        super().__init__()
        self._tables = tables
        self._rules = rules
        self._gotos: dict[str, int] = tables.GOTOS[below]
        shifted: int | None = tables.ACTIONS[below].get(symbol)
        self._state = self._gotos[symbol] if shifted is None else shifted

    def __missing__(self, kind: str) -> tuple[int, int | None]:
        state = self._state
        while True:
            action: int | None = self._tables.ACTIONS[state].get(kind)
            if action is None or action >= 0:
                break
            symbol, _length, function, _dropped, _is_spliced = self._rules[action]
            if function is not None:
                break
            state = self._gotos[symbol]
        self[kind] = state, action
        return state, action


def _spliced(_builder: Builder, children: list[Any], _first: int, _after: int) -> Any:
    return children if type(children) is Spliced else Spliced(children)


class _Rules(dict[int, "Rule"]):
    """The action of a state -> the rule that it reduces by; made when it is first met.

    It has what the rule does as a function, and what it drops, the last first. A rule that builds
    nothing, and leaves the one value that it is about, has no function.
    """

    __slots__ = ("_tables",)

    def __init__(self, tables: ModuleType) -> None:
        super().__init__()
        self._tables = tables

    def __missing__(self, number: int) -> Rule:
        left, length, action, kept, spliced = self._tables.RULES[~number]
        function = None
        if not _builds_nothing(left, length, action, kept):
            function = _spliced if action == "splice" else ACTIONS[action]
        dropped = tuple(position for position in reversed(range(length)) if position not in kept)
        rule = self[number] = (left, length, function, dropped, spliced or action == "splice")
        return rule


def _builds_nothing(left: str, length: int, action: str, kept: tuple[int, ...]) -> bool:
    """Return whether a rule is of one symbol that stands for itself.

    Items are a list from the first one on, which recovery takes back from.
    """
    return length == len(kept) == 1 and action in ("single", "splice") and left != _ITEMS


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
