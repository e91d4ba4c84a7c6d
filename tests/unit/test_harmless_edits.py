"""What edits would lose a comment, and what is offered then."""

from __future__ import annotations

import pytest

from bpfgen.compiler import compile
from bpfgen.syntax.harmless_edits import keep_the_rest, with_harmless_edits
from bpfgen.text.diagnostics import Diagnostic, Edit
from bpfgen.text.edits import applied
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
    (found,) = with_harmless_edits([said])
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


@pytest.mark.parametrize(
    ("text", "changes", "is_harmless"),
    [
        ("a // b\n{ c; };", (("\n{ c; }", ""),), False),
        ("a // b\n{ c; };", (("{ c; }", ""),), True),
        ("a /* b */\n{ c; };", (("\n{ c; }", ""),), True),
        ("a // b\n\n;", (("\n", ""),), True),
        ("a // b\n\n;", (("\n", ""), ("\n;", ";")), False),  # either of them is
        ("a b;", ((" ", ""),), False),
        ("a / b;", ((" b", "*"),), False),
        ("a / b;", ((" b", "c"),), True),
        ("u32 1", (("u32", "__u32"),), True),
        ("a; b;", ((";", "; // c"),), False),
        ("a; b;", ((";", "; /* c */"),), True),
        ("a; b;", (("a", "/* a"),), False),
        ("a<b<c> d;", ((" d", "> d"),), True),
    ],
)
def test_what_is_beside_an_edit_stays(
    text: str, changes: tuple[tuple[str, str], ...], is_harmless: bool
) -> None:
    """No comment swallows it, and no two tokens become one."""
    source = Source("t.dsl", text)
    edits: list[Edit] = []
    start = 0
    for old, new in changes:
        start = text.index(old, start)
        edits.append(Edit(Span(source, start, start + len(old)), new))
        start += len(old)
    assert keep_the_rest(edits) == is_harmless


def test_a_word_may_be_made_longer() -> None:
    """By an insertion at either end; a comment may not."""
    source = Source("t.dsl", "u32 1 // c")
    for at, text, is_harmless in ((0, "__", True), (5, "ULL", True), (10, "x", False)):
        assert keep_the_rest([Edit(Span(source, at, at), text)]) == is_harmless


@pytest.mark.parametrize("between", [" // eight\n", "\n// eight\n", " /* eight */ ", "\n"])
def test_attributes_after_a_comment_go_alone(between: str) -> None:
    """What follows on their line is no part of the comment afterwards."""
    head = f"map m: hash<__u32, __u64>[8]{between}"
    text = f"{head}{{ max_entries = 8; }}; map n: hash<__u8, __u8>[1];\n"
    (said,) = [one for one in compile(Source("t.dsl", text)).diagnostics if one.edits]
    after = compile(Source("t.dsl", applied(text, said.edits)))
    assert [one.name for one in after.model.maps] == ["m", "n"]
    assert not after.diagnostics
