"""What a place in a text is to the grammar: what could stand there, and in which construct.

Comes after `grammar_state`; completion, hovers and signature help begin here. A place needs no
whole program around it: it is made of the tokens before it alone, from the last item that is
surely whole.
"""

from __future__ import annotations

import re

from bpfgen.editor.grammar_state import GrammarState
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.syntax.lexer import OPEN_COMMENT, Pieces, scan
from bpfgen.syntax.parser import current_tables
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from bpfgen.syntax.tree import File, Tokens

ARGUMENTS = "arguments"
"""Between the `<` and the `>` of a map's shape."""

ENTRIES = "entries"
"""Between the `[` and the `]` of a map's shape."""

ATTRIBUTES = "attributes"
"""Between the braces of a map's shape, or in a block of a `when` in them."""

SLOTS = "slots"
"""Between the braces of a map's initial values."""

BODY = "body"
"""Between the braces of a struct or union."""

ENUMERATORS = "enumerators"
"""Between the braces of an enum."""

BLOCK = "block"
"""Between the braces of a `when` around declarations."""

CONDITION = "condition"
"""Between the parentheses of a `when`."""

CALL = "call"
"""Between the parentheses after a word: `sizeof`, `__aligned`, `__attribute__`, `__contains`."""

GROUP = "group"
"""Between any other brackets."""

_COMMENTS = ("LINE_COMMENT", "BLOCK_COMMENT", OPEN_COMMENT)
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class Frame(Record):
    """A bracket that is open at a place.

    Attributes:
        kind: One of the words above.
        opened: The index of the bracket's token.
        head: The index of the token that the bracket belongs to: the kind of a map's shape, the
            word before parentheses, the keyword of a body; of any other the bracket.
    """

    kind: str
    opened: int
    head: int


class Context(Record):
    """A place in a text.

    Attributes:
        word: The beginning of the word that the place is in or after; empty between words.
        span: All of that word; empty, at the place, where there is none.
        comment: The comment that the place is in, up to the place; empty outside of comments.
        tokens: Those before the word, from the last item that is whole; the last is their end.
        expected: The terminals that could stand in the place of the word.
        roles: What a name there would be, as the left sides of the rules that it would complete:
            `_primary`, a constant; `named_specifiers`, a type; `shape`, a kind of map.
        symbols: The terminals and left sides of rules before the word that aren't complete yet.
        firsts: The first token of each of *symbols*.
        frames: The brackets that are open, the innermost last.
    """

    word: str
    span: Span
    comment: str
    tokens: Tokens
    expected: frozenset[str]
    roles: frozenset[str]
    symbols: tuple[str, ...]
    firsts: tuple[int, ...]
    frames: tuple[Frame, ...]

    @property
    def frame(self) -> Frame | None:
        """The innermost bracket that is open."""
        return self.frames[-1] if self.frames else None

    @property
    def count(self) -> int:
        """How many tokens stand before the word, of those that *tokens* has."""
        return len(self.tokens.kinds) - 1

    def text(self, back: int) -> str:
        """Return the token that is *back* tokens before the word: 1 is the last; or nothing."""
        return self.tokens.texts[self.count - back] if back <= self.count else ""

    def kind(self, back: int) -> str:
        """Return the terminal of the token *back* tokens before the word, or nothing."""
        return self.tokens.kinds[self.count - back] if back <= self.count else ""

    @property
    def attribute(self) -> str:
        """The attribute of a map in whose value the place is, or nothing."""
        frame = self.outer(ATTRIBUTES)
        if frame is None:
            return ""
        for at in range(len(self.symbols) - 1, 0, -1):
            if self.firsts[at] <= frame.opened:
                break
            if self.symbols[at] == "__ANON_0" and self.symbols[at - 1] in {
                "NAME",
                "TYPE_ATTRIBUTE",
            }:
                return self.tokens.texts[self.firsts[at - 1]]
        return ""

    def outer(self, kind: str) -> Frame | None:
        """Return the innermost bracket of *kind* that is open, unless one of a map is in it."""
        of_maps = (ARGUMENTS, ENTRIES, ATTRIBUTES, SLOTS, BODY, ENUMERATORS, BLOCK)
        for frame in reversed(self.frames):
            if frame.kind == kind:
                return frame
            if frame.kind in of_maps:
                return None
        return None

    def commas(self, frame: Frame) -> int:
        """Return how many commas stand in *frame* before the place, those in brackets left out."""
        depth = count = 0
        for text in self.tokens.texts[frame.opened + 1 :]:
            if text in {"(", "[", "{", "<"}:
                depth += 1
            elif text in {")", "]", "}", ">"}:
                depth -= 1
            elif text == ">>":
                depth -= 2
            elif text == "," and depth <= 0:
                count += 1
        return count

    def begins_item(self) -> bool:
        """Return whether an item could begin with the word: it doesn't go on with another one."""
        if self.frames and self.frames[-1].kind != BLOCK:
            return False
        if "TYPEDEF" in self.expected:
            # The semicolon after a map may be left out.
            return self.text(1) in ("", ";", "}", "{") or self.begins_line() or self.is_after_map()
        return self.begins_line() and self.text(1) == "}"  # whose semicolon is missing

    def is_after_map(self) -> bool:
        """Return whether the `>` or `]` that ends a map's shape stands before the word."""
        return not self.frames and "MAP" in self.expected and self.text(1) in (">", ">>", "]")

    def is_at_name_of_map(self) -> bool:
        """Return whether the place is after the name of a map that is declared, before its `:`."""
        symbols = self.symbols
        for at in range(len(symbols) - 2, -1, -1):
            if symbols[at + 1] == "COLON":
                return False
            if symbols[at] == "MAP":
                return symbols[at + 1] == "NAME"
        return False

    def begins_type(self) -> bool:
        """Return whether the `struct`, `union` or `enum` before the word begins a declaration."""
        if self.count < 2:
            return True
        return not self.frames and self.text(2) in (";", "}")

    def begins_line(self) -> bool:
        """Return whether nothing but blanks stands before the word on its line."""
        text, start = self.span.source.text, self.span.start
        return not text[text.rfind("\n", 0, start) + 1 : start].strip()


def context_at(tree: File, offset: int) -> Context:
    """Return what the place before the character at *offset* in the text of *tree* is."""
    source = tree.source
    text = source.text
    offset = max(0, min(offset, len(text)))
    start = offset
    while start and text[start - 1] in _WORD:
        start -= 1
    if text[start:offset][:1].isdigit():
        start = offset  # a number is no word
    end = offset
    while start < offset and end < len(text) and text[end] in _WORD:
        end += 1
    if start == offset and text[offset : offset + 1].isidentifier():
        while end < len(text) and text[end] in _WORD:
            end += 1
    begin = _whole_before(tree, start)
    before = Source(source.name, text[begin:start])
    tables = current_tables()
    tokens, _ = scan(before, tables, Report())
    state = GrammarState(tables, tokens)
    return Context(
        text[start:offset],
        Span(source, start, end),
        _comment(Source(source.name, text[begin:offset])),
        tokens,
        state.accepted(),
        state.roles(),
        tuple(state.symbols),
        tuple(state.firsts),
        tuple(_frames(state)),
    )


def _whole_before(tree: File, offset: int) -> int:
    """Return where reading can begin, so that it ends at *offset* in a known state.

    That is where the last item begins that is whole and in no `when`.
    """
    best = 0
    whens = iter(tree.whens)
    when = next(whens, None)
    for item in tree.items:
        span = item.span
        if span.end > offset:
            break
        while when is not None and when.span.end <= span.start:
            when = next(whens, None)
        if when is None or span.end <= when.span.start:
            best = span.start
    return best


def _comment(source: Source) -> str:
    """Return the comment in which the text of *source* ends, or nothing."""
    tables = current_tables()
    found = re.compile(tables.LEXER).findall(source.text)
    if not found:
        return ""
    kind, text = Pieces(tables)[found[-1]]
    if kind not in _COMMENTS or (kind == "BLOCK_COMMENT"):
        return ""
    return text


_BODIES = {"COMPOSITE": BODY, "ENUM": ENUMERATORS, "condition": BLOCK, "ELSE": BLOCK}
_HEADS = frozenset(("SIZEOF", "ALIGNED", "ALIGNAS", "ATTRIBUTE", "CONTAINS", "NAME"))


def _frames(state: GrammarState) -> list[Frame]:
    """Return the brackets that are open in *state*."""
    symbols, firsts = state.symbols, state.firsts
    frames: list[Frame] = []
    for at, symbol in enumerate(symbols):
        is_closing = symbol in ("RSQB", "RBRACE", "RPAR") or (
            symbol == "GREATER" and symbols[at - 1] != "_binary"
        )
        if is_closing and frames:
            frames.pop()
        if symbol not in ("LESS", "LSQB", "LBRACE", "LPAR"):
            continue
        before = symbols[at - 1] if at else ""
        head = _shape_head(symbols, at)
        if symbol == "LPAR":
            kind, head = GROUP, at
            if before == "WHEN":
                kind = CONDITION
            elif before == "LPAR" or before in _HEADS:
                kind, head = CALL, at - 1
            elif any(one.kind == CONDITION for one in frames) and _is_name(state, firsts[at] - 1):
                frames.append(Frame(CALL, firsts[at], firsts[at] - 1))
                continue
        elif symbol == "LBRACE":
            kind = ""
            for below in range(at - 1, max(at - 5, -1), -1):
                kind = _BODIES.get(symbols[below], "")
                if kind:
                    head = below if head < 0 or kind == BLOCK else head
                    break
                if symbols[below] in ("COLON", "SEMICOLON", "LBRACE", "COMMA"):
                    break
            if before == "__ANON_0":
                kind = SLOTS
                head = _shape_head(symbols, at - 1)
            elif kind == BLOCK and any(frame.kind == ATTRIBUTES for frame in frames[-1:]):
                frames.append(Frame(ATTRIBUTES, firsts[at], frames[-1].head))
                continue
            elif not kind:
                kind = ATTRIBUTES if head >= 0 else GROUP
        elif symbol == "LSQB":
            kind = ENTRIES if head >= 0 else GROUP
        else:
            if head < 0:
                continue  # an operator, or what a target has
            kind = ARGUMENTS
        frames.append(Frame(kind, firsts[at], firsts[head if head >= 0 else at]))
    return frames


def _is_name(state: GrammarState, index: int) -> bool:
    return index >= 0 and state.tokens.kinds[index] == "NAME"


def _shape_head(symbols: list[str], at: int) -> int:
    """Return where the kind of the shape stands that goes on with the bracket at *at*; or -1."""
    below = at - 1
    while below >= 0 and symbols[below] in ("entries", "type_arguments", "abstract_declarator"):
        below -= 1
    if below >= 0 and symbols[below] == "shape":
        return below
    if below > 0 and symbols[below] in ("NAME", "untagged", "named_specifiers"):
        return below if symbols[below - 1] in ("COLON", "LESS", "COMMA", "__ANON_0") else -1
    return -1
