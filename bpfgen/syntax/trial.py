"""Edits that were tried: those of a syntax error are offered where what comes of them can be read.

Beside recovery.py, which asks of each error with edits. A recogniser looks at the tokens around an
error and takes the rest of the declaration for right; if it isn't, following the advice would leave
another error where nobody typed one.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.automaton import ACCEPTED, ITEM, Automaton
from bpfgen.syntax.lexer import tokenize
from bpfgen.syntax.messages import syntax_error
from bpfgen.syntax.mistakes.after_map import words_after_map
from bpfgen.syntax.mistakes.place import Mistake
from bpfgen.syntax.tree import MapItem, TemplateItem
from bpfgen.text.diagnostics import Diagnostic, Edit, Report
from bpfgen.text.edits import applied
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_MOST_STEPS = 8
"""So many mistakes of one declaration are repaired one after the other."""

_LONGEST = 100_000
"""Characters of a declaration that is tried; longer ones are for people."""


_UNREADABLE = Mistake(Diagnostic("syntax", "this can't be read", None))
_OF_DECLARATIONS = frozenset(("declaration", "syntax"))
"""Codes of what a declaration that fits the grammar may still be told."""


class Trial:
    """Tries edits on declarations of one source."""

    __slots__ = ("_source", "_tables")

    def __init__(self, tables: ModuleType, source: Source) -> None:
        self._tables = tables
        self._source = source

    def reads(self, edits: Sequence[Edit], start: int, end: int) -> bool:
        """Return whether what stands from *start* to *end* can be read after *edits*."""
        text = applied(self._source.text[start:end], (_moved(edit, start) for edit in edits))
        mistake = _first_mistake(self._tables, Source(self._source.name, text), is_strict=True)
        return mistake is None

    def leads_on(self, edits: Sequence[Edit], start: int, end: int) -> bool:
        """Return whether the declaration from *start* to *end* can be read after *edits*.

        It may have other mistakes, whose edits are offered once these are made: then with those,
        too.
        """
        start = min(start, *(edit.span.start for edit in edits))
        end = max(end, *(edit.span.end for edit in edits))
        if end - start > _LONGEST:
            return False
        text = self._source.text[start:end]
        for _ in range(_MOST_STEPS):
            text = applied(text, (_moved(edit, start) for edit in edits))
            mistake = _first_mistake(self._tables, Source(self._source.name, text))
            if mistake is None:
                return True
            start, edits = 0, mistake.diagnostic.edits
            if not edits:
                return False
        return False


def _moved(edit: Edit, start: int) -> Edit:
    """Return *edit* as one of the text that begins at *start*."""
    span = edit.span
    return Edit(Span(span.source, span.start - start, span.end - start), edit.text)


def _first_mistake(
    tables: ModuleType, source: Source, *, is_strict: bool = False
) -> Mistake | None:
    """Return the first thing that keeps *source* from being read; None where nothing does.

    A `;` that is missing keeps it from that only where it *is_strict*.
    """
    report = Report()
    tokens = tokenize(source, tables, report)
    if tokens is None:
        return Mistake(report.diagnostics[0])
    if "WHEN" in tokens.kinds or "MACRO" in tokens.kinds:
        from bpfgen.syntax.words_of_conditions import sort_out

        sort_out(tokens)
    automaton = Automaton(tables, tokens, report)
    while (stop := automaton.advance()) is not ACCEPTED:
        if stop is not ITEM:
            if is_strict:
                return _UNREADABLE
            found = syntax_error(automaton)
            if not found.lacks_semicolon:
                return found
            tokens.insert_semicolon(automaton.index)
        elif automaton.begins_attributes() and automaton.items:
            item = automaton.items[-1]
            if isinstance(item, (MapItem, TemplateItem)):
                after_map = words_after_map(tokens, automaton.index, item)
                if after_map is not None:
                    return after_map
    return next((Mistake(said) for said in report if said.code in _OF_DECLARATIONS), None)
