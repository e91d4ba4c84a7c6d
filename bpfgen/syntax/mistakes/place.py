"""Where a syntax error is, and what came of recognising it; what every recogniser works with."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.syntax.tree import END
from bpfgen.text.diagnostics import Diagnostic, Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.syntax.automaton import Automaton
    from bpfgen.syntax.tree import Tokens
    from bpfgen.text.diagnostics import Label

CLOSING = {"{": "}", "(": ")", "[": "]", "<": ">"}
MAP_WORDS = frozenset(("map", "template"))
LINKAGES = frozenset(("weak", "legacy", "extern"))


_BEYOND = 8
"""How far past the end of the file a recogniser may look."""


class Mistake(Record):
    """What is said of a mistake, and where the parser goes on.

    Attributes:
        diagnostic: The one thing that is reported.
        resume: The token at which the next item begins; -1 where recovery has to find it.
        lacks_semicolon: Only a `;` is missing before the token of the error: the parser takes it
            for written and goes on in the same declaration.
        is_recognised: A recogniser has answered for it: it is no mere slip.
    """

    diagnostic: Diagnostic
    resume: int = -1
    lacks_semicolon: bool = False
    is_recognised: bool = False


class Place:
    """The token that doesn't fit, and the tokens around it.

    Attributes:
        tokens: Those of the file.
        kinds: Theirs, and a few ends more, so that a recogniser may look ahead anywhere.
        texts: The same.
        index: The token that doesn't fit.
        first: The first token of its item.
        accepted: The terminals that could stand there.
    """

    __slots__ = ("accepted", "first", "index", "kinds", "texts", "tokens")

    def __init__(self, automaton: Automaton) -> None:
        self.tokens: Tokens = automaton.tokens
        self.kinds = [*self.tokens.kinds, *[END] * _BEYOND]
        self.texts = [*self.tokens.texts, *[""] * _BEYOND]
        self.index = automaton.index
        self.first = automaton.item_start
        self.accepted = automaton.accepted()

    def span(self, first: int, after: int) -> Span:
        """Return the span of the tokens *first* up to *after*."""
        return self.tokens.span(first, after)

    def written(self, first: int, after: int) -> str:
        """Return the text of the tokens *first* up to *after*, blanks and comments included."""
        return self.tokens.span(first, after).text if after > first else ""

    def before(self, index: int) -> Span:
        """Return the empty span at the beginning of token *index*."""
        return Span(self.tokens.source, self.tokens.starts[index], self.tokens.starts[index])

    def after(self, index: int) -> Span:
        """Return the empty span at the end of token *index*."""
        return Span(self.tokens.source, self.tokens.end(index), self.tokens.end(index))

    def insert(self, index: int, text: str) -> Edit:
        """Return the edit that writes *text* right before token *index*."""
        return Edit(self.before(index), text)

    def append(self, index: int, text: str) -> Edit:
        """Return the edit that writes *text* right after token *index*."""
        return Edit(self.after(index), text)

    def replace(self, first: int, after: int, text: str) -> Edit:
        """Return the edit that writes *text* in the place of tokens *first* up to *after*."""
        return Edit(self.span(first, after), text)

    def remove(self, first: int, after: int) -> Edit:
        """Return the edit that removes tokens *first* up to *after*, and the blanks before them."""
        source, start = self.tokens.source, self.tokens.starts[first]
        while start and source.text[start - 1] in " \t":
            start -= 1
        return Edit(Span(source, start, self.tokens.end(after - 1)), "")

    def line(self, index: int) -> int:
        """Return the line of token *index*, from 1."""
        return self.tokens.source.line_number(self.tokens.starts[index])

    def starts_line(self, index: int) -> bool:
        """Return whether token *index* is the first one of its line."""
        return self.line(index) > self.line(index - 1)

    def closing(self, opened: int) -> int:
        """Return the index of the bracket that closes the one at *opened*, or -1."""
        kind, closing = self.texts[opened], CLOSING[self.texts[opened]]
        depth = 0
        for at in range(opened, len(self.texts)):
            text = self.texts[at]
            if text == kind:
                depth += 1
            elif text == closing or (text == ">>" and kind == "<"):
                depth -= len(text)
                if depth <= 0:
                    return at
            elif kind == "<" and text in {";", "{", "}"}:
                return -1
        return -1

    def end(self, at: int) -> int:
        """Return the index after the `;` that ends what begins at token *at*, brackets balanced.

        Where none does: of the token at which the file, or the body around it, ends.
        """
        depth = 0
        while self.kinds[at] != END:
            text = self.texts[at]
            if text in {"{", "(", "["}:
                depth += 1
            elif text in {"}", ")", "]"}:
                depth -= 1
                if depth < 0:
                    return at
            elif text == ";" and depth == 0:
                return at + 1
            at += 1
        return at

    def top_level(self, first: int, after: int) -> Iterator[int]:
        """Yield the tokens from *first* up to *after* that are in no bracket; openings count."""
        depth = 0
        for at in range(first, after):
            text = self.texts[at]
            if text in {"}", ")", "]"}:
                depth -= 1
            if depth <= 0:
                yield at
            if text in {"{", "(", "["}:
                depth += 1

    def opened(self, kinds: str = "{([") -> int:
        """Return the innermost bracket of *kinds* that is open at the error, or -1."""
        stack: list[int] = []
        for at in range(self.first, self.index):
            text = self.texts[at]
            if text and text in "{([":
                stack.append(at)
            elif text and text in "})]" and stack:
                stack.pop()
        return stack[-1] if stack and self.texts[stack[-1]] in kinds else -1

    def struct_body(self) -> int:
        """Return the `{` of the struct or union whose member the error is in, or -1."""
        opened = self.opened("{")
        at = opened - 1
        while at >= self.first and self.texts[at] not in {";", "{", "}"}:
            if self.kinds[at] == "COMPOSITE":
                return opened
            at -= 1
        return -1

    def is_map(self) -> bool:
        """Return whether the item is a map or a template."""
        at = self.first + (self.texts[self.first] in LINKAGES)
        return self.texts[at] in MAP_WORDS

    def map_attributes(self) -> int:
        """Return the `{` of the map attributes that the error is in, or -1."""
        opened = self.opened("{")
        if opened < 0 or not self.is_map() or self.texts[opened - 1] == "=":
            return -1
        return opened


def mistake(  # noqa: PLR0913 -- the members of a Diagnostic, by name
    message: str,
    span: Span,
    *,
    help: str = "",
    edits: tuple[Edit, ...] = (),
    label: str = "",
    labels: tuple[Label, ...] = (),
    notes: tuple[str, ...] = (),
    resume: int = -1,
    changes_meaning: bool = False,
) -> Mistake:
    """Return a mistake with a diagnostic of these members."""
    diagnostic = Diagnostic(
        "syntax",
        message,
        span,
        label,
        labels,
        notes,
        help=help,
        edits=tuple(edits),
        changes_meaning=changes_meaning,
    )
    return Mistake(diagnostic, resume)
