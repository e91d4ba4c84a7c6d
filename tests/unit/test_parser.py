"""The parser: shapes of trees, words that are keywords at times, recovery, an edited grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfgen.resources import grammar_text
from bpfgen.syntax import parser, tables
from bpfgen.syntax.parser import parse
from bpfgen.syntax.reductions import ACTIONS
from bpfgen.syntax.tree import (
    ConstItem,
    DeclarationItem,
    IncludeItem,
    MapItem,
    ShapeNode,
    TemplateItem,
    TypeNode,
)
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from bpfgen.syntax.tree import (
        File,
    )


def parsed(text: str) -> File:
    """Return the tree of *text*, which must be correct."""
    report = Report()
    tree = parse(Source("t.dsl", text), report)
    assert not report.diagnostics, [d.message for d in report]
    return tree


def test_every_action_of_the_grammar_is_there_and_none_is_left_over() -> None:
    """The grammar and actions.py name the same actions."""
    named = {action for _left, _length, action, _kept, _spliced in tables.RULES}
    assert named - {"splice", "single"} == set(ACTIONS)


def test_an_edited_grammar_is_used_without_generating(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout whose grammar is newer than the tables, the grammar decides."""
    text = grammar_text().replace('TEMPLATE: "template"', 'TEMPLATE: "pattern"')
    monkeypatch.setattr("bpfgen.syntax.parser.grammar_text", lambda: text)
    monkeypatch.setattr(parser, "current_tables", parser.current_tables.__wrapped__)
    item = parsed("pattern t: hash<int, int>[1];").items[0]
    assert isinstance(item, TemplateItem)


def test_words_of_the_language_are_names_where_names_are_wanted() -> None:
    """`map`, `template`, `key` … may name members, types and maps."""
    words = ("map", "template", "import", "target", "weak", "legacy", "key", "value", "KiB")
    members = " ".join(f"int {word};" for word in words)
    item = parsed(f"struct s {{ {members} }};").items[0]
    assert isinstance(item, DeclarationItem)
    tree = parsed("".join(f"map {word}: hash<int, int>[1]\n" for word in words))
    assert [item.name.text for item in tree.items if isinstance(item, MapItem)] == list(words)


@pytest.mark.parametrize("word", ["key", "value", "KiB", "else"])
def test_a_word_that_begins_nothing_may_stand_at_the_beginning_of_a_line(word: str) -> None:
    """Only where an item could begin, a `;` would be missing before it."""
    assert len(parsed(f"struct {word} {{ int x; }};\nmap m: array<int,\n{word}>[1];\n").items) == 2


def test_double_closing_bracket_closes_two() -> None:
    """`>>` after an inner map is two brackets; in an expression it is a shift."""
    (item,) = parsed("map m: array_of_maps<int, ringbuf<event>>[1 >> 2];").items
    assert isinstance(item, MapItem)
    assert item.shape.arguments is not None
    assert isinstance(item.shape.arguments[1], ShapeNode)
    assert item.shape.entries is not None
    assert [part.text for part in item.shape.entries.parts] == ["1", ">>", "2"]  # type: ignore[union-attr]
    assert item.shape.arguments[1].span.text == "ringbuf<event>"


def test_double_closing_brackets_are_split_in_place() -> None:
    """Making two of `>>` moves no other token: 10,000 of them take no longer than others."""
    tree = parsed("map m: array_of_maps<int, ringbuf<event>>[1];" * 3)
    assert tree.tokens is not None
    assert len(tree.tokens.kinds) == 3 * 16 + 1
    assert tree.tokens.texts.count(">") == 6


def test_vmlinux_may_name_bool() -> None:
    """`typedef _Bool bool;` of vmlinux.h is a typedef like any other, and `bool` a name."""
    tree = parsed("typedef _Bool bool; struct s { bool b; };")
    assert len(tree.items) == 2
    assert tree.tokens is not None
    assert tree.tokens.texts[:4] == ["typedef", "_Bool", "bool", ";"]


def test_what_attributes_leave_on_the_stack_are_no_items() -> None:
    """A file that breaks off inside its first declaration has no items, however many errors."""
    report = Report()
    tree = parse(Source("t.dsl", "__packed );\n" * 60), report)
    assert "more than 50" in report.diagnostics[-1].message
    assert tree.items == []


@pytest.mark.parametrize(
    ("text", "edited"),
    [
        ("struct s { int a }\n;", "struct s { int a; }\n;"),
        ("struct s { int a; };\n}\n", "struct s { int a; };\n\n"),
        ("mapp m: hash<int, int>[1];", "map m: hash<int, int>[1];"),
    ],
)
def test_help_that_a_machine_can_follow_is_an_edit(text: str, edited: str) -> None:
    """The edits of a syntax error make the text correct."""
    report = Report()
    parse(Source("t.dsl", text), report)
    (diagnostic,) = report.diagnostics
    for edit in reversed(diagnostic.edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == edited
    parsed(text)


def test_include_takes_brackets_and_quotes() -> None:
    """The path is kept with what surrounds it, as C writes it."""
    tree = parsed('include <linux/in.h>; include "my.h";')
    assert [i.path for i in tree.items if isinstance(i, IncludeItem)] == ["<linux/in.h>", '"my.h"']


def test_const_is_a_constant_or_a_qualifier() -> None:
    """`const N = 1;` declares a constant; `const T *f(int);` a program."""
    first, second = parsed("const N = 1; const T *f(int);").items
    assert isinstance(first, ConstItem)
    assert isinstance(second, DeclarationItem)


@pytest.mark.parametrize(
    "text",
    ["__u8[16]", "struct task_struct *", "void (*)(int)", "int (*)[4]", "const char *const *"],
)
def test_type_arguments_are_c_type_names(text: str) -> None:
    """Any C type name can stand between the angle brackets."""
    (item,) = parsed(f"map m: hash<int, {text}>[1];").items
    assert isinstance(item, MapItem)
    assert item.shape.arguments is not None
    argument = item.shape.arguments[1]
    assert isinstance(argument, TypeNode)
    assert argument.span.text == text


def test_doc_comments_go_to_what_follows_or_to_the_file() -> None:
    """A doc comment before a blank line at the top is the file's."""
    tree = parsed("/// File.\n\n/// One,\n/// two.\nmap m: hash<int, int>[1];\n/// Not kept.\n")
    (item,) = tree.items
    assert tree.doc == "File."
    assert isinstance(item, MapItem)
    assert item.doc == "One,\ntwo."


def test_block_doc_comments_lose_their_decoration() -> None:
    """`/** … */` counts as a doc comment, `/* … */` doesn't."""
    tree = parsed("/* no */\n/**\n * One,\n * two.\n */\nmap m: hash<int, int>[1];")
    assert [item.doc for item in tree.items if isinstance(item, MapItem)] == ["One,\ntwo."]


def test_all_errors_are_found_in_one_run() -> None:
    """After a syntax error the parser goes on with the next declaration."""
    report = Report()
    text = "map a hash;\nstruct b { int };;\nmap c: hash<int, int>[1];\nmap d: [2];\n"
    tree = parse(Source("t.dsl", text), report)
    assert [d.span.line for d in report if d.span] == [1, 2, 4]
    assert [item.name.text for item in tree.items if isinstance(item, MapItem)] == ["c"]


def test_names_in_skipped_text_are_remembered() -> None:
    """What a broken declaration would have declared isn't reported as missing elsewhere."""
    tree = parse(Source("t.dsl", "struct lost { int ] };\nmap m: hash<int, lost>[1];"), Report())
    assert "lost" in tree.lost_names


def test_nesting_is_limited_before_anything_recurses() -> None:
    """10,000 nested structs are one diagnostic."""
    report = Report()
    text = "struct s {" * 10_000 + "int x;" + "} m;" * 10_000
    parse(Source("t.dsl", text), report)
    assert [d.code for d in report] == ["nesting"]


_WORDS = sorted({*tables.HARD_WORDS, *tables.SOFT_WORDS, *tables.PUNCTUATION})
_SOUP = st.lists(
    st.sampled_from([*_WORDS, "name", "hash", "1", "0x7f", '"s"', "'c'", "\n", "// c\n", "/// d\n"])
)


@given(_SOUP)
def test_any_row_of_tokens_gives_a_tree_or_diagnostics(words: list[str]) -> None:
    """No order of tokens makes the parser fail or hang, and every place is inside the text."""
    text = " ".join(words)
    report = Report()
    parse(Source("t.dsl", text), report)
    for diagnostic in report:
        assert diagnostic.span is not None
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)


@given(st.text())
def test_any_text_gives_a_tree_or_diagnostics(text: str) -> None:
    """No text makes the parser fail."""
    parse(Source("t.dsl", text), Report())
