"""What the table of codes says of edits is what diagnostics offer, and each offer mends something.

A mistake in a text may keep others from being seen: what is an error after the edits of one was
there before, unless the edits have made it.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from bpfgen.compiler import compile, emit
from bpfgen.syntax.harmless_edits import keep_the_rest
from bpfgen.text.codes import CERTAIN, CHOICE, CODES
from bpfgen.text.edits import applied, repaired
from tests.fixes.sources import compiled, options_of, sources

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.edits import Repaired
    from bpfgen.text.source import Source

OF_FILES = {"import", "include"}
"""What other files, or a compiler, have to do with: test_files.py."""

MADE = {
    # The tag that the newer kernel has renamed, or that it has, and the older one has not.
    ("special-field-version", "kptr-tag"),
    ("kptr-meaning", "kptr-tag"),
    # The kernel looks into the value, once it has its type.
    ("special-field-untyped", "special-field-hidden"),
    ("special-field-untyped", "special-field-twice"),
    # A file that isn't there.
    ("syntax", "import"),
}
"""Errors that come after the edits of another: each is the next thing to be said of the place."""


@cache
def all_compiled() -> list[tuple[str, str, Compilation]]:
    """Return each source with its name and what it comes to."""
    return [(name, text, compiled(name, text)) for name, text in sources().items()]


def test_the_table_has_what_is_offered() -> None:
    """A code that offers edits says which, and one that says so offers them."""
    offered: dict[str, set[str]] = {}
    for _name, _text, compilation in all_compiled():
        for said in compilation.diagnostics:
            if said.edits:
                kind = CHOICE if said.changes_meaning else CERTAIN
                offered.setdefault(said.code, set()).add(kind)
    decided = {name: set(code.edits) for name, code in CODES.items() if code.edits}
    for name in OF_FILES:
        decided.pop(name)
        offered.pop(name, None)
    assert offered == decided


def test_nothing_without_edits_changes_the_meaning() -> None:
    """Whoever counts what `--fix-all` would do goes by the edits."""
    for name, _text, compilation in all_compiled():
        for said in compilation.diagnostics:
            assert said.edits or not said.changes_meaning, (name, said.code)


def test_each_offer_is_of_the_text_and_mends_it() -> None:
    """Its edits don't overlap, concern this source, and leave nothing of the complaint."""
    for name, text, compilation in all_compiled():
        before = Counter(map(_complaint, compilation.diagnostics))
        for said in compilation.diagnostics:
            if not said.edits:
                continue
            assert all(edit.span.source is compilation.source for edit in said.edits), name
            after = compiled(name, applied(text, said.edits))
            left = Counter(map(_complaint, after.diagnostics))
            assert left[_complaint(said)] < before[_complaint(said)], (name, said.code)
            known = {other.code for other in compilation.diagnostics}
            for new in after.diagnostics:
                made = new.severity == "error" and new.code not in known
                assert not made or (said.code, new.code) in MADE, (name, said.code, new.message)


def _complaint(said: Diagnostic) -> tuple[object, ...]:
    """Return what makes *said* the same after an edit elsewhere: not its place."""
    return (said.code, said.severity, said.subject, said.message)


def _repaired(compilation: Compilation, *, changing_meaning: bool) -> Repaired:
    """Return the source of *compilation* after what `--fix` or `--fix-all` does."""

    def diagnose(source: Source) -> list[Diagnostic]:
        if source is compilation.source:
            return compilation.diagnostics
        return compile(source, options_of(source.text)).diagnostics

    return repaired(compilation.source, diagnose, keep_the_rest, changing_meaning=changing_meaning)


def test_all_at_once_come_to_an_end() -> None:
    """`--fix-all` of each source leaves nothing that it could do, and no more errors."""
    for name, _text, compilation in all_compiled():
        left = _repaired(compilation, changing_meaning=True).left
        assert not [said.message for said in left if said.edits], name
        before = [said.code for said in compilation.diagnostics if said.severity == "error"]
        after = [said.code for said in left if said.severity == "error"]
        made = any((one, other) in MADE for one in before for other in after)
        assert len(after) <= len(before) or made, name


def test_what_is_certain_leaves_the_right_part_alone() -> None:
    """`--fix` of a source without errors changes nothing of what comes out of it."""
    for name, _text, compilation in all_compiled():
        if compilation.failed or not any(said.edits for said in compilation.diagnostics):
            continue
        outcome = _repaired(compilation, changing_meaning=False)
        if outcome.fixed:
            after = compile(outcome.source, options_of(outcome.source.text))
            assert emit(after) == emit(compilation), name
