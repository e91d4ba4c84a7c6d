"""The lexer: one expression without groups cuts a text, and each piece says itself what it is."""

from __future__ import annotations

import random
import re
import tracemalloc

import pytest
from lark import Lark

from bpfgen.resources import grammar_text
from bpfgen.syntax import tables
from bpfgen.syntax.lexer import OPEN_COMMENT, Pieces, scan
from bpfgen.syntax.tree import BROKEN, SKIPPED
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source

BITS = [
    *("\"'\\\n\r\t \f\v*#a.@$`\x01\x0e\x7fé€;{}<>/&|-~"),
    *("/*", "*/", "//", "///", "/**", "include", "include <x>", 'include "a"', "include kernel;"),
    *("u8", "L", "0x1", "1e+2", "1'000", "..", "...", "<<", ">>", "map", "KiB", "&&", "when"),
    *('"a b"', "'c'", '\\"', "\\'", "_x9", "struct", "\u00a0", "\ufeff", "é'"),
]


def texts(count: int = 4000) -> list[str]:
    """Return short texts of what matters to a lexer, the same each time."""
    chance = random.Random(20)  # noqa: S311 -- texts, no secrets
    return ["".join(chance.choices(BITS, k=chance.randint(1, 12))) for _ in range(count)]


def test_the_pieces_are_the_whole_text_and_end_where_the_next_begins() -> None:
    """Nothing of a text is lost between two pieces, whatever it holds."""
    expression = re.compile(tables.LEXER)
    for text in texts():
        assert "".join(expression.findall(text)) == text
        tokens, _ = scan(Source("a.dsl", text), tables, Report())
        for kind, word, start, end in zip(
            tokens.kinds, tokens.texts, tokens.starts, tokens.ends, strict=True
        ):
            assert word == text[start:end], (text, kind)


def test_a_piece_is_the_terminal_that_the_grammar_says() -> None:
    """Its first and last characters decide; the witness is the terminals' own expressions."""
    lark = Lark(grammar_text(), parser="lalr", lexer="contextual", maybe_placeholders=False)
    terminals = {t.name: re.compile(t.pattern.to_regexp()) for t in lark.terminals}
    pieces = Pieces(tables)
    found = set()
    for text in texts():
        for piece in re.findall(tables.LEXER, text):
            kind, same = pieces[piece]
            assert same == piece
            found.add(kind)
            whole = {name for name, e in terminals.items() if e.fullmatch(piece)}
            if kind in (BROKEN, OPEN_COMMENT):
                assert not whole, (text, piece)
            elif kind != "INCLUDE":  # of `include kernel;` it looks at what follows
                assert kind in whole, (text, piece)
    assert {BROKEN, OPEN_COMMENT, "INCLUDE", "CHARACTER", "STRING", "BLOCK_COMMENT"} <= found


@pytest.mark.parametrize(
    "text",
    [
        "/*" + "x" * 900_000 + "*/",
        '"' + "x" * 900_000 + '"',
        "'" + "x" * 900_000 + "'",
        "#" + "x" * 900_000,
    ],
    ids=["comment", "string", "character", "preprocessor"],
)
def test_a_long_piece_costs_no_more_than_its_characters(text: str) -> None:
    """An expression that repeats a group keeps 140 bytes and more for each character."""
    source = Source("a.dsl", text)
    tracemalloc.start()
    try:
        tokens, is_whole = scan(source, tables, Report())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert is_whole
    assert BROKEN not in tokens.kinds
    assert SKIPPED not in tokens.kinds
    assert peak < 8 * len(text)


def test_any_blanks_may_stand_in_an_include_of_the_kernel() -> None:
    """As between any two words: a line end is none but a blank."""
    for blanks in (" ", "\t\f", "\n", "\r\n  \v"):
        text = f"include{blanks}kernel{blanks};"
        tokens, _ = scan(Source("a.dsl", text), tables, Report())
        assert tokens.kinds[:2] == ["INCLUDE", "SEMICOLON"], blanks
