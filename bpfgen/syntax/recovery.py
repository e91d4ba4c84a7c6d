"""After a syntax error: where the parser goes on, and what the error says about the text before.

One mistake is to be one message. What has lost its opening line or brace is recognised as a whole,
and the names that the skipped text may have declared are kept, lest they be reported as missing.
Loaded by the parser where a file has an error.
"""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.syntax.messages import stray_members, syntax_error
from bpfgen.syntax.mistakes.after_map import words_after_map
from bpfgen.syntax.tree import (
    BROKEN,
    END,
    CompositeNode,
    DeclarationItem,
    Declarator,
    FunctionSuffix,
    MapItem,
    TemplateItem,
)

if TYPE_CHECKING:
    from bpfgen.syntax.automaton import Automaton
    from bpfgen.syntax.mistakes.place import Mistake
    from bpfgen.syntax.tree import Item, Tokens
    from bpfgen.text.diagnostics import Report

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
        "MACRO",
        "WHEN",
    ]
)
_DECLARES_MEMBERS = frozenset(("COMPOSITE", "ENUM", "QUALIFIER"))


class Recovery:
    """What is done about the syntax errors of one file.

    Attributes:
        lost: The names in what was skipped.
    """

    __slots__ = ("_automaton", "_broken_item", "_errors", "_report", "_stray_after", "lost")

    def __init__(self, automaton: Automaton, report: Report) -> None:
        self.lost: set[str] = set()
        self._automaton = automaton
        self._report = report
        self._errors = 0
        self._broken_item = -1  # the first token of an item with a character that can't be read
        self._stray_after = -1  # number of items before the stray members of the last error

    def recover(self) -> bool:
        """Report the token that doesn't fit and go to the next item; False: read no further."""
        automaton = self._automaton
        tokens, index, item_start = automaton.tokens, automaton.index, automaton.item_start
        self._errors += 1
        if self._errors > MOST_ERRORS:
            self._report.error(
                "syntax",
                f"more than {MOST_ERRORS} syntax errors; the rest of the file is not read",
                tokens.span(index, index + 1),
            )
            self._lose(item_start, len(tokens.kinds))
            return False
        if tokens.kinds[index] == BROKEN and self._broken_item == item_start:
            automaton.index += 1  # the item has been reported
            return True
        stray = self._take_back(automaton.items)
        items_before = len(automaton.items)
        is_reported = stray is not None and self._stray_after == items_before
        self._stray_after = items_before if stray is not None else -1
        resume = -1
        if is_reported or self._broken_item == item_start:
            pass  # the same members again, or what comes of a character that can't be read
        elif stray is not None and stray < index:
            self._report.add(stray_members(tokens, stray, index))
        else:
            mistake = self._add(syntax_error(automaton), item_start)
            if mistake.lacks_semicolon:
                tokens.insert_semicolon(index)
                return True
            resume = mistake.resume
            if tokens.kinds[index] == BROKEN and resume < 0:
                self._broken_item = item_start
                automaton.index += 1
                return True
        if resume <= item_start:
            is_block = automaton.block >= 0
            resume = _next_item(tokens, index, item_start, in_block=is_block)
            if is_block and tokens.kinds[resume] == END:
                self._go_to(resume, all=True)
                return True
        self._go_to(resume)
        return True

    def skip_attributes(self) -> None:
        """Report and skip attributes at the next token whose map has lost its braces, if any.

        Where it has lost the `{` alone, a `}` stands after them.
        """
        automaton = self._automaton
        tokens, first, items = automaton.tokens, automaton.index, automaton.items
        kinds, texts = tokens.kinds, tokens.texts
        if not items or not isinstance(items[-1], (MapItem, TemplateItem)):
            return
        at = first
        while kinds[at] != END and texts[at] != "}" and texts[at + 1] == "=":
            while kinds[at] != END and texts[at] not in {";", "}"}:
                at += 1
            if texts[at] == ";":
                at += 1
        if texts[at] == "}" and at > first:
            self._report.add(stray_members(tokens, first, at))
            is_block = automaton.block >= 0
            self._go_to(_next_item(tokens, at, first, in_block=is_block))
            return
        mistake = words_after_map(tokens, first, items[-1])
        if mistake is not None:
            self._add(mistake, bisect_left(tokens.starts, items[-1].span.start), is_slip=False)
            if items[-1].shape.kind.text == "map":  # `map[u32]u64`, of Go
                self.lost.add(items.pop().name.text)  # type: ignore[union-attr]
            automaton.drop_item(mistake.resume)

    def _add(self, mistake: Mistake, first: int, *, is_slip: bool = True) -> Mistake:
        """Report *mistake*, in the item that begins at the token *first*; return what was reported.

        Its edits go with it where the item can be read after them; else, if it *is_slip*, those of
        the one token that would repair it, if there is such a token.
        """
        # Only a file with errors pays for these imports.
        from bpfgen.syntax.repairs import repaired_mistake
        from bpfgen.syntax.trial import Trial

        automaton = self._automaton
        tokens = automaton.tokens
        is_block = automaton.block >= 0
        resume = mistake.resume
        if resume <= first or tokens.texts[resume] in {")", "]", ">", ","}:
            resume = _next_item(tokens, automaton.index, first, in_block=is_block)
        is_stray = automaton.index == first and tokens.texts[first] == "}"
        if is_stray and self._has_lost_a_brace():
            mistake = replace(mistake, diagnostic=replace(mistake.diagnostic, edits=()))
        if mistake.diagnostic.edits:
            trial = Trial(automaton.tables, tokens.source)
            for start, end in ((first, resume), *self._conditional(first)):
                edits = mistake.diagnostic.edits
                if trial.leads_on(edits, tokens.starts[start], tokens.end(end - 1)):
                    self._report.add(mistake.diagnostic)
                    return mistake
            without = replace(mistake.diagnostic, edits=(), changes_meaning=False)
            mistake = replace(mistake, diagnostic=without)
        if is_slip:
            beyond = _next_item(tokens, resume, resume, in_block=is_block)
            mistake = repaired_mistake(automaton, mistake, first, (resume, max(beyond, resume)))
        self._report.add(mistake.diagnostic)
        return mistake

    def _has_lost_a_brace(self) -> bool:
        """Return whether the `}` at the error may close what an earlier error has skipped.

        Or what follows it: only before another declaration nothing is lost with it.
        """
        tokens, index = self._automaton.tokens, self._automaton.index
        after = index + 1 + (tokens.texts[index + 1] == ";")
        return self._errors > 1 or tokens.kinds[after] not in _ITEM_WORDS | {END}

    def _conditional(self, first: int) -> list[tuple[int, int]]:
        """Return the tokens of the `when` that the item at token *first* is in, or goes on after.

        Empty where there is none: an item by itself.
        """
        automaton = self._automaton
        tokens = automaton.tokens
        start = automaton.outermost
        if tokens.texts[first] == "else" and automaton.whens:
            start = bisect_left(tokens.starts, automaton.whens[-1].span.start)
        if tokens.texts[start] != "when":
            return []
        depth, at = 0, start
        while tokens.kinds[at] != END:
            depth += (tokens.texts[at] == "{") - (tokens.texts[at] == "}")
            at += 1
            is_closed = depth == 0 and tokens.texts[at - 1] == "}"
            if is_closed and "else" not in tokens.texts[at : at + 1 + (tokens.texts[at] == ";")]:
                break
        return [(start, at)]

    def _go_to(self, resume: int, *, all: bool = False) -> None:
        """Go on at the token *resume*, with an item of its own; with *all*, one of the file."""
        start = self._automaton.item_start
        self._lose(min(self._automaton.drop_item(resume, all=all), start), resume)

    def _lose(self, first: int, after: int) -> None:
        """Remember the names that the tokens *first* up to *after* may have declared."""
        tokens = self._automaton.tokens
        soft_kinds = self._automaton.tables.SOFT_WORDS.values()
        for at in range(first, min(after, len(tokens.kinds))):
            if tokens.kinds[at] == "NAME" or tokens.kinds[at] in soft_kinds:
                self.lost.add(tokens.texts[at])

    def _take_back(self, items: list[Item]) -> int | None:
        """Remove from *items* what the error shows to be no item of its own.

        That is a map whose rest stands after it on its line; and members that lost the line
        `struct name {` above them. Returns the index of the first token of these members where the
        error is one of them or the brace after them, else None.
        """
        automaton = self._automaton
        tokens, index, item_start = automaton.tokens, automaton.index, automaton.item_start
        if items and isinstance(items[-1], (MapItem, TemplateItem)):
            if _goes_on(tokens, index, item_start):
                self.lost.add(items.pop().name.text)  # type: ignore[union-attr]
            return None
        first = _stray_start(tokens, index, item_start)
        if first is None:
            return None
        count = len(items)
        while count and _is_member(items[count - 1]):
            count -= 1
        if count < len(items):
            first = bisect_left(tokens.starts, items[count].span.start)
            del items[count:]
        self._lose(first, index)
        return first


def _goes_on(tokens: Tokens, index: int, item_start: int) -> bool:
    """Return whether the map before token *item_start* was not whole, seen from *index*."""
    last = item_start - 1
    gap = tokens.source.text[tokens.end(last) : tokens.starts[item_start]]
    opens = index == item_start and tokens.texts[index] in {"<", "[", "{", "="}
    return "\n" not in gap and (tokens.kinds[last] != "SEMICOLON" or opens)


def _stray_start(tokens: Tokens, index: int, item_start: int) -> int | None:
    """Return the first token of the stray member that the error at *index* shows, or None."""
    kinds, texts = tokens.kinds, tokens.texts
    if tokens.depth(item_start, index) != 0:
        return None
    if texts[index] == ":" and kinds[index + 1] == "NUMBER":
        return item_start
    if texts[index] == "}" and index == item_start:
        return index
    if texts[index] == "}" and texts[index - 1] == ";":
        return item_start if _is_member_text(kinds[item_start], texts[item_start:index]) else None
    return None


def _next_item(tokens: Tokens, index: int, item_start: int, *, in_block: bool) -> int:
    """Return the index of the token at which the item after the broken one may start.

    Of an item *in_block* of a `when` that may be the brace that ends the block.
    """
    kinds, texts = tokens.kinds, tokens.texts
    depth = max(tokens.depth(item_start, index), 0)
    at = index
    while kinds[at] != END:
        text = texts[at]
        if at > item_start and tokens.at_line_start(at) and kinds[at] in _ITEM_WORDS:
            return at
        if text == "}" and depth == 0 and in_block:
            return at
        at += 1
        if text == "{":
            depth += 1
        elif text == "}":
            depth -= 1
            if depth <= 0:
                if texts[at] == ";":
                    return at + 1
                is_typedef = kinds[item_start] == "TYPEDEF" and not tokens.at_line_start(at)
                if (kinds[at] == "NAME" and not is_typedef) or kinds[at] in _ITEM_WORDS:
                    return at
        elif text == ";" and depth <= 0:
            return at
    return at


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

    It was read up to its `;`, and is no item yet.
    """
    if len(texts) < 2 or (first_kind in _ITEM_WORDS and first_kind not in _DECLARES_MEMBERS):
        return False
    if texts[-2] == "}":  # `struct s { … };` is a type; without the tag it could be a member
        return texts[1] == "{"
    if texts[-2] == ")":  # a prototype, unless it is `(*name)(…)` or has an attribute
        return "*" in texts[texts.index("(") : texts.index("(") + 2]
    return texts[1] == "=" or "=" not in texts
