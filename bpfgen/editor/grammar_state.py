"""The state of the grammar where a text ends: which terminals could follow, and what is open there.

Before `context`, which reads it as a place of a program. It runs the automaton's tables without
building anything, so that the last line may be broken, as one is that is being typed: where a token
doesn't fit, one that is missing is taken for written, or the token is passed over. A word of the
language that opens an item at the beginning of a line begins anew.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import BROKEN, END, SKIPPED

if TYPE_CHECKING:
    from types import ModuleType

    from bpfgen.syntax.tree import Tokens

_ITEMS = "__start_star_0"
"""The helper rule of `_item*`."""

_OPENS_ITEM = frozenset(
    (
        *("MAP", "TEMPLATE", "IMPORT", "INCLUDE", "TARGET", "WEAK", "LEGACY", "EXTERN", "TYPEDEF"),
        *("COMPOSITE", "ENUM", "QUALIFIER", "MACRO", "WHEN"),
    )
)
"""What an item begins with, where it stands at the very beginning of a line."""

_FOLLOWING = {
    "MAP": ("NAME", END),
    "TEMPLATE": ("NAME", END),
    "IMPORT": ("STRING", BROKEN, END),
    "TARGET": ("NAME", END),
    "WEAK": ("MAP", END),
    "LEGACY": ("MAP", END),
    "MACRO": ("NAME", END),
    "WHEN": ("LPAR", END),
}
"""What comes after the words of the language where they are none of the names that they may be."""

_MISSING = ("NAME", "COMMA", "SEMICOLON", "RSQB", "GREATER", "RPAR", "RBRACE", "COLON", "__ANON_0")
"""What is taken for written, in the order in which it is tried."""

_CLOSING = {"RBRACE": "LBRACE", "RSQB": "LSQB", "RPAR": "LPAR", "GREATER": "LESS"}

_MOST_REPAIRS = 200
"""After so many the text is no program, and what follows is passed over up to the next item."""


class GrammarState:
    """A stack of states, with the symbol that led to each and its first token.

    Attributes:
        symbols: Terminals and left sides of rules, from the beginning of the text; one for each
            state but the first. Brackets among them are open.
        firsts: The index of the first token of each symbol.
        tokens: Those that were read.
        repairs: How many of them didn't fit.
    """

    __slots__ = ("_soft", "_states", "_tables", "firsts", "repairs", "symbols", "tokens")

    def __init__(self, tables: ModuleType, tokens: Tokens) -> None:
        self.symbols: list[str] = []
        self.firsts: list[int] = []
        self.tokens = tokens
        self._tables = tables
        self._states: list[int] = [tables.START]
        self._soft = frozenset(tables.SOFT_WORDS.values())
        self.repairs = 0
        for index, kind in enumerate(tokens.kinds):
            if kind != END:
                self._read(kind, index)

    def accepted(self) -> frozenset[str]:
        """Return the terminals that could follow."""
        row = self._tables.ACTIONS[self._states[-1]]
        return frozenset(
            terminal for terminal in row if _stack_after(self._tables, self._states, terminal)
        )

    def roles(self) -> frozenset[str]:
        """Return what a name would be here: the left sides of the rules that it would complete.

        Of a rule that builds a node of another name it is that name.
        """
        states = _stack_after(self._tables, self._states, "NAME")
        lefts: set[str] = set()
        for action in () if states is None else self._tables.ACTIONS[states[-1]].values():
            if action < 0:
                left, _, node, *_ = self._tables.RULES[~action]
                lefts.add(left if node in ("splice", "single") else node)
        return frozenset(lefts)

    def _read(self, kind: str, index: int) -> None:
        """Read the token *index*, which is of *kind*, whether it fits or not."""
        if kind in (SKIPPED, BROKEN):
            return
        if kind == "SHIFT_RIGHT" and not self._fits(kind) and self._fits("GREATER"):
            self._read("GREATER", index)
            self._read("GREATER", index)
            return
        if self._opens_item(kind, index):
            self._forget_item()
        if self._shift(kind, index):
            return
        if kind in self._soft and self._shift("NAME", index):
            return
        self.repairs += 1
        if self.repairs <= _MOST_REPAIRS:
            self._repair(kind, index)

    def _fits(self, kind: str) -> bool:
        return _stack_after(self._tables, self._states, kind) is not None

    def _opens_item(self, kind: str, index: int) -> bool:
        """Return whether the token *index* begins an item though something is open before it."""
        tokens = self.tokens
        if kind not in _OPENS_ITEM or not tokens.at_line_start(index):
            return False
        following = _FOLLOWING.get(kind)
        if following is not None and tokens.kinds[index + 1] not in following:
            return False  # a name
        if kind in ("MAP", "TEMPLATE") and tokens.texts[index + 2 : index + 3] not in ([":"], [""]):
            return False
        return not self._fits(kind)

    def _repair(self, kind: str, index: int) -> None:
        """Read the token *index*, which doesn't fit, as if what is missing before it were there."""
        first = "SEMICOLON" if index and self._is_on_new_line(index) else "NAME"
        order = (first, *(one for one in _MISSING if one != first))
        ways: list[tuple[str, ...]] = [(one,) for one in order]
        if kind in _CLOSING or kind in ("SEMICOLON", "COMMA"):
            ways += [("NAME", one) for one in order if one != "NAME"]
        kinds = (kind, "NAME") if kind in self._soft else (kind,)
        for way in ways:
            for wanted in kinds:
                if self._fits_after(way, wanted):
                    for missing in way:
                        self._shift(missing, index)
                    self._shift(wanted, index)
                    return
        opening = _CLOSING.get(kind)
        if opening in self.symbols:
            while self.symbols[-1] != opening:
                self._pop()
            if not self._shift(kind, index):
                self._pop()

    def _fits_after(self, missing: tuple[str, ...], kind: str) -> bool:
        states = self._states
        for terminal in (*missing, kind):
            following = _stack_after(self._tables, states, terminal)
            if following is None:
                return False
            states = following
        return True

    def _is_on_new_line(self, index: int) -> bool:
        tokens = self.tokens
        return "\n" in tokens.source.text[tokens.ends[index - 1] : tokens.starts[index]]

    def _forget_item(self) -> None:
        """Go back to where an item of the file, or of the innermost block in it, may begin."""
        while self.symbols and self.symbols[-1] != _ITEMS:
            if _ITEMS in self._tables.GOTOS[self._states[-1]]:
                break
            self._pop()

    def _pop(self) -> None:
        del self._states[-1], self.symbols[-1], self.firsts[-1]

    def _shift(self, kind: str, index: int) -> bool:
        """Return whether the token *index* fits as one of *kind*, and read it if so."""
        if not self._fits(kind):
            return False
        tables, states = self._tables, self._states
        while True:
            action = tables.ACTIONS[states[-1]][kind]
            if action >= 0:
                states.append(action)
                self.symbols.append(kind)
                self.firsts.append(index)
                return True
            left, length, *_ = tables.RULES[~action]
            first = index
            if length:
                first = self.firsts[-length]
                del states[-length:], self.symbols[-length:], self.firsts[-length:]
            states.append(tables.GOTOS[states[-1]][left])
            self.symbols.append(left)
            self.firsts.append(first)


def _stack_after(tables: ModuleType, states: list[int], terminal: str) -> list[int] | None:
    """Return the stack *states* after *terminal*; None if that can't follow.

    A reduction is tried out on a copy: LALR's lookaheads promise more than fits.
    """
    action = tables.ACTIONS[states[-1]].get(terminal)
    if action is None:
        return None
    stack = list(states)
    while True:
        if action is None:
            return None
        if action >= 0:
            stack.append(action)
            return stack
        left, length, *_ = tables.RULES[~action]
        if length:
            del stack[-length:]
        stack.append(tables.GOTOS[stack[-1]][left])
        action = tables.ACTIONS[stack[-1]].get(terminal)
