"""What edits would lose a comment, and what is offered then."""

from __future__ import annotations

import pytest

from bpfgen.compiler import compile
from bpfgen.syntax.lost_comments import keeping_comments
from bpfgen.text.diagnostics import Diagnostic, Edit
from bpfgen.text.source import Source, Span


@pytest.mark.parametrize(
    ("covered", "written", "is_offered"),
    [
        ("a /* b */ c", "d", False),
        ("a /* b */ c", "d /* b */", True),
        ("/* b */", "", True),
        ("/* b */ ", "", True),
        ("c /* e */ /* f */", "/* f */ /* e */", False),
        ("c /* e */ /* f */", "x /* e */ y /* f */", True),
        ('"// no comment"', '"d"', True),
        ("// the last\n;", "", False),
        ("// the last\n", "", True),
    ],
)
def test_a_comment_among_tokens_stays(covered: str, written: str, is_offered: bool) -> None:
    """In its place among others; what covers nothing else may change it."""
    text = 'a /* b */ c /* e */ /* f */ "// no comment" // the last\n;'
    source = Source("t.dsl", text)
    start = text.index(covered)
    edit = Edit(Span(source, start, start + len(covered)), written)
    said = Diagnostic("syntax", "wrong", edit.span, edits=(edit,), changes_meaning=True)
    (found,) = keeping_comments([said])
    assert found == (said if is_offered else Diagnostic("syntax", "wrong", edit.span))


def test_a_compilation_offers_no_others() -> None:
    """A map in C with a comment among its members is for a person, or for import."""
    text = (
        "struct {\n\t__uint(type, BPF_MAP_TYPE_RINGBUF); COMMENT\n"
        '\t__uint(max_entries, 4096);\n} m SEC(".maps");\n'
    )
    (without,) = compile(Source("t.dsl", text.replace("COMMENT", ""))).diagnostics
    (with_one,) = compile(Source("t.dsl", text.replace("COMMENT", "// records"))).diagnostics
    assert without.edits
    assert with_one.edits == ()
    assert with_one.help == without.help
