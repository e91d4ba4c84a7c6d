"""Tokens to tree: the automaton, and what is done where it can't go on.

After a syntax error the automaton goes back to the last whole item and resumes at the next one, so
that one run finds the errors of them all; the names that the skipped text declares are kept, lest
they be reported as missing.
"""

from __future__ import annotations

from binascii import crc32  # zlib is one library more to load
from functools import cache

from bpfgen.record import TYPE_CHECKING
from bpfgen.resources import grammar_text
from bpfgen.syntax import tables as generated
from bpfgen.syntax.automaton import ACCEPTED, ITEM, Automaton
from bpfgen.syntax.lexer import tokenize
from bpfgen.syntax.tree import File

if TYPE_CHECKING:
    from types import ModuleType

    from bpfgen.syntax.recovery import Recovery
    from bpfgen.text.diagnostics import Report
    from bpfgen.text.source import Source


def parse(source: Source, report: Report) -> File:
    """Return the tree of *source*; what can't be parsed is reported and left out."""
    tables = current_tables()
    tokens = tokenize(source, tables, report)
    if tokens is None:
        return File(source, "", [], [], names_in(source), None)
    if "WHEN" in tokens.kinds or "MACRO" in tokens.kinds:
        from bpfgen.syntax.words_of_conditions import sort_out

        sort_out(tokens)
    automaton = Automaton(tables, tokens, report)
    lost = _run(automaton, report) | automaton.lost
    if tokens.preprocessor:
        from bpfgen.syntax.mistakes.preprocessor import preprocessor_lines

        diagnostic, names = preprocessor_lines(tokens, tables)
        report.add(diagnostic)
        lost |= names
    return File(
        source,
        tokens.file_doc,
        automaton.items,
        tokens.allowances,
        lost,
        tokens,
        automaton.whens,
        automaton.macros,
        tuple(tokens.break_allowances),
    )


def _run(automaton: Automaton, report: Report) -> frozenset[str]:
    """Have *automaton* read the whole file, errors or not; return the names in what it skipped."""
    recovery: Recovery | None = None
    while (stop := automaton.advance()) is not ACCEPTED:
        if stop is ITEM and not automaton.begins_attributes():
            continue
        if recovery is None:
            from bpfgen.syntax.recovery import Recovery

            recovery = Recovery(automaton, report)
        if stop is ITEM:
            recovery.skip_attributes()
        elif not recovery.recover():
            break
    return frozenset(recovery.lost if recovery is not None else ())


@cache
def current_tables() -> ModuleType:
    """Return the generated tables, or, where the grammar was edited since, new ones."""
    text = grammar_text()
    if crc32(text.encode()) == generated.CHECKSUM:
        unchanged: ModuleType = generated
        return unchanged
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
