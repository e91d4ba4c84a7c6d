"""Reductions: what each rule of the grammar builds, and what the automaton does after it.

Between the tables that lark made and automaton.py, which asks here.

Most reductions are of one symbol to one and build nothing: the levels of precedence whose operator
isn't there, say. What a row of them comes to depends on the state below, the symbol and the token
ahead, and is worked out once (:class:`Ahead`).
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax import build_declarations, build_declarators, build_maps
from bpfgen.syntax.build import Spliced

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any, TypeAlias

    from bpfgen.syntax.build import Builder

    Action: TypeAlias = Callable[[Builder, list[Any], int, int], Any]
    Rule: TypeAlias = tuple[str, int, Action | None, tuple[int, ...], bool]

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

ITEMS = "__start_star_0"
"""What lark calls the helper rule of `_item*`."""


class Ahead(dict[int, "_Symbols"]):
    """A state -> what comes after a symbol on it; all of it is worked out when it is first met."""

    __slots__ = ("_rules", "_tables")

    def __init__(self, tables: ModuleType, rules: Rules) -> None:
        super().__init__()
        self._tables = tables
        self._rules = rules

    def __missing__(self, state: int) -> _Symbols:
        symbols = self[state] = _Symbols(self._tables, self._rules, state)
        return symbols


class _Symbols(dict[str, "_AfterSymbol"]):
    """A symbol on one state -> what comes after it."""

    __slots__ = ("_rules", "_state", "_tables")

    def __init__(self, tables: ModuleType, rules: Rules, state: int) -> None:
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

    def __init__(self, tables: ModuleType, rules: Rules, below: int, symbol: str) -> None:
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


class Rules(dict[int, "Rule"]):
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
    return length == len(kept) == 1 and action in ("single", "splice") and left != ITEMS


def splice(children: list[Any]) -> Spliced:
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
