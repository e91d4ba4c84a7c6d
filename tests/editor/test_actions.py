"""What is offered at a place: what it changes, and that the problem is gone afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bpfgen.editor.actions import FIX_ALL, QUICK_FIX, fix_all, quick_fixes
from bpfgen.editor.analysis import analyse
from bpfgen.model.model import TypeDeclaration
from bpfgen.text.diagnostics import WARNING, Diagnostic
from bpfgen.text.edits import applied
from bpfgen.text.source import Span
from tests.editor.texts import one
from tests.rulebook.test_rulebook import programs

if TYPE_CHECKING:
    from bpfgen.editor.actions import Action
    from bpfgen.editor.analysis import Analysis

REASON = "because we know better"


def at(analysis: Analysis, word: str) -> Span:
    """Return the place of *word* in the text."""
    start = analysis.source.text.index(word)
    return Span(analysis.source, start, start + len(word))


def after(analysis: Analysis, action: Action) -> str:
    """Return the text after *action*, with a reason where it leaves one out."""
    assert all(edit.span.source is analysis.source for edit in action.edits)
    return applied(analysis.source.text, action.edits).replace("because \n", f"{REASON}\n")


def test_the_edits_of_a_diagnostic() -> None:
    """The title is its help, or what the edits do; what is said elsewhere isn't offered."""
    analysis = one("const A 1;\nstruct s {\n    __u32 a\n};\n")
    (fix,) = quick_fixes(analysis, at(analysis, "1"))
    assert (fix.title, fix.kind, fix.is_preferred) == ("Write `const A = 1;`", QUICK_FIX, True)
    assert [said.code for said in fix.diagnostics] == ["syntax"]
    end = at(analysis, "a\n").start + 1
    (fix,) = quick_fixes(analysis, Span(analysis.source, end, end))
    assert fix.title == "Write `;`"
    assert after(analysis, fix) == "const A 1;\nstruct s {\n    __u32 a;\n};\n"
    assert quick_fixes(analysis, at(analysis, "struct")) == []
    assert quick_fixes(analysis, at(analysis, "1"), []) == []


def test_what_changes_the_meaning_comes_last_and_no_key_stands_for_it() -> None:
    """The better one first, whatever their order in the text."""
    analysis = one("map m: array<__u32, __u64>[2] = { 1, 2 }; map n: array<u32, uint64>[2];\n")
    whole = Span(analysis.source, 0, len(analysis.source.text))
    found = quick_fixes(analysis, whole)
    assert [fix.is_preferred for fix in found] == [True, False]


OF_A_DOCUMENTED_MAP = """\
struct s { u32 a; u8 b; };
ALLOW
/// What a doc says.
/// Of m.
map m: hash<s, u32>[4];
"""
INSIDE = """\
struct s { u32 a; u8 b; };

map m:
\tALLOW
\thash<s, u32>[4];
"""
IN_A_BRANCH = """\
struct s { u32 a; u8 b; };
macro A;
when (A) {
    ALLOW
    /** Doc. */
    map m: hash<s, u32>[4];
}
"""


@pytest.mark.parametrize("expected", [OF_A_DOCUMENTED_MAP, INSIDE, IN_A_BRANCH])
def test_an_allowance_to_fill_in(expected: str) -> None:
    """It stands above the line, or above what documents a declaration, which stays documented."""
    text = re.sub("[ \\t]*ALLOW\\n", "", expected)
    analysis = one(text)
    found = quick_fixes(analysis, at(analysis, "s, u32"))
    (action,) = (each for each in found if each.title.startswith("Allow"))
    made = after(analysis, action)
    assert made == expected.replace("ALLOW", f"// bpfgen: allow key-padding {REASON}")
    assert analyse("/t/maps.dsl", made).diagnostics == []
    # Without a reason it allows nothing, and asks for one.
    unfinished = analyse("/t/maps.dsl", applied(text, action.edits)).diagnostics
    assert sorted(said.code for said in unfinished) == ["allowance", "key-padding"]


def test_what_an_allowance_allows() -> None:
    """Over the rule book: a diagnostic is gone with the allowance that is offered for it."""
    tried = 0
    for name, text in programs():
        if "//?" in text:
            continue
        analysis = analyse(f"/t/{name}.dsl", text)
        known = [(said.code, said.message) for said in analysis.diagnostics]
        for said in analysis.diagnostics:
            if said.span is None:
                continue
            for action in quick_fixes(analysis, said.span, [said]):
                if action.edits == said.edits:
                    continue
                tried += 1
                found = analyse(f"/t/{name}.dsl", after(analysis, action)).diagnostics
                left = [(said.code, said.message) for said in found]
                assert len(left) < len(known), (name, action.title)
                assert set(left) <= set(known), (name, action.title)
                assert (said.code, said.message) not in left or known.count(
                    (said.code, said.message)
                ) > left.count((said.code, said.message)), (name, action.title)
    assert tried > 200


def test_no_allowance_that_allows_nothing_is_offered() -> None:
    """Neither for a comment that is of no use, nor for what clang says."""
    text = "// bpfgen: allow key-padding because of x\nmap m: hash<u32, u32>[4];\n"
    analysis = one(text)
    (unused,) = analysis.diagnostics
    assert unused.code == "unused-allowance"
    place = at(analysis, "m")
    of_clang = Diagnostic("clang", "clang: 'm' is odd", place, severity=WARNING)
    whole = Span(analysis.source, 0, len(text))
    found = quick_fixes(analysis, whole, [unused, of_clang])
    assert [action.title for action in found] == ["Remove the comment"]


def test_documented_types_stay_documented() -> None:
    """A doc comment between the allowance and the struct is the struct's."""
    analysis = one("/// Of s.\nstruct s { char c[3]; char *p; };\nmap m: hash<u32, s>[4];\n")
    action = quick_fixes(analysis, at(analysis, "s {"))
    for each in (a for a in action if "Allow" in a.title):
        model = analyse("/t/maps.dsl", after(analysis, each)).compilation.model
        docs = [d.doc for d in model.declarations if isinstance(d, TypeDeclaration)]
        assert docs == ["Of s."]


def test_all_fixes_of_a_text() -> None:
    """What `--fix` makes of it, as one edit that touches nothing around it."""
    text = "// First.\nconst A 1;\nmap m hash<u32, uint64>[A];\n// Last.\n"
    analysis = one(text)
    action = fix_all(analysis)
    assert action is not None
    assert (action.title, action.kind) == ("Fix 3 problems of this file", FIX_ALL)
    (edit,) = action.edits
    assert after(analysis, action) == (
        "// First.\nconst A = 1;\nmap m: hash<u32, __u64>[A];\n// Last.\n"
    )
    assert edit.span.text == "1;\nmap m hash<u32, uint64"[: len(edit.span.text)]
    assert fix_all(one(after(analysis, action))) is None


def test_all_fixes_leave_the_meaning_unless_asked() -> None:
    """As `--fix-all` does."""
    analysis = one("map m: array<__u32, __u64>[2] = { 1, 2 };\n")
    assert fix_all(analysis) is None
    action = fix_all(analysis, changing_meaning=True)
    assert action is not None
    assert after(analysis, action) == "map m: array<__u32, __u64>[2];\n"
    assert not action.is_preferred
