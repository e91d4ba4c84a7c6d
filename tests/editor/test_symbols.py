"""The outline of a text, and the symbols of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfgen.editor.symbols import document_symbols, workspace_symbols
from tests.editor.texts import analysed, conditional_texts, good_texts, one

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.editor.symbols import Symbol

TEXT = """\
const N = 2 *
    3;
struct key {
    __u32 a, *b;
    union { __u8 c; struct inner { int d : 3; } e; };
    int : 4;
};
typedef struct { int x[4]; } point_t, *point_p;
typedef struct { int y; } alone_t;
typedef __u32 id_t;
enum mode : __u8 { OFF, ON = N };
int run(struct __sk_buff *skb);
template cells: array<__u32, __u64>[N] { map_flags = 0; };
macro A;
when (A) {
    map m: cells;
    when (A == 2) { map two: cells; } else { }
} else {
    map m: hash<key, id_t>[4] { when (A == 3) { map_flags = 1; } };
}
map : broken;
map after hash<key, int>;
"""


def outline(symbols: Iterable[Symbol], depth: int = 0) -> list[str]:
    """Return *symbols* a line each: what is in one is indented."""
    lines = []
    for symbol in symbols:
        detail = f" — {symbol.detail}" if symbol.detail else ""
        lines.append(f"{'  ' * depth}{symbol.name} {symbol.kind}{detail}")
        lines += outline(symbol.children, depth + 1)
    return lines


def test_the_outline_of_a_text() -> None:
    """Each declaration is there with what is in it, and so are branches and what is broken."""
    assert outline(document_symbols(one(TEXT))) == [
        "N Constant — 2 * 3",
        "key Struct — struct",
        "  a Field — __u32",
        "  b Field — __u32 *b",
        "  (anonymous union) Struct — union",
        "    c Field — __u8",
        "    e Field — struct inner",
        "      inner Struct — struct",
        "        d Field — int d : 3",
        "(anonymous struct) Struct — struct",
        "  x Field — int x[4]",
        "point_t Class — typedef struct",
        "point_p Class — typedef struct",
        "alone_t Struct — typedef",
        "  y Field — int",
        "id_t Class — typedef __u32",
        "mode Enum — enum",
        "  OFF EnumMember",
        "  ON EnumMember — = N",
        "run Function — int run(struct __sk_buff *skb)",
        "cells Class — array<__u32, __u64>[N]",
        "when (A) Namespace",
        "  m Variable — cells",
        "  when (A == 2) Namespace",
        "    two Variable — cells",
        "  else Namespace",
        "else Namespace",
        "  m Variable — hash<key, id_t>[4]",
        "after Variable",
    ]


def test_a_branch_begins_at_its_keyword() -> None:
    """The `when`, or the `else` with all that follows it."""
    text = "macro A, B;\nwhen (A) {\n} else when (B) {\n}\n  else {\n}\n"
    spans = [symbol.span.text for symbol in document_symbols(one(text))]
    assert spans == ["when (A) {\n}", "else when (B) {\n}", "else {\n}"]


def test_spans_are_in_one_another() -> None:
    """A name is in its symbol, and what is in a symbol has its span inside; in order."""

    def check(symbols: tuple[Symbol, ...], start: int, end: int) -> None:
        assert [*symbols] == sorted(symbols, key=lambda one: one.span.start)
        for symbol in symbols:
            assert start <= symbol.span.start <= symbol.name_span.start
            assert symbol.name_span.end <= symbol.span.end <= end
            check(symbol.children, symbol.span.start, symbol.span.end)

    texts = [text for group in good_texts(100, 10) for text in group.items()]
    texts += [(f"/t/{n}.dsl", text) for n, text in enumerate(conditional_texts(100, 2))]
    for path, text in [*texts, ("/t/a.dsl", TEXT), ("/t/b.dsl", TEXT[:150])]:
        symbols = document_symbols(analysed({path: text})[path])
        assert symbols
        check(symbols, 0, len(text))


def test_symbols_of_a_workspace() -> None:
    """A query's letters are in the name in order; the nearest come first; members aren't there."""
    analyses = analysed({"/t/a.dsl": TEXT, "/t/b.dsl": "map monitor: ringbuf[4096];\n"})
    trees = [analysis.tree for analysis in analyses.values()]

    def found(query: str) -> list[str]:
        return [f"{one.container}/{one.symbol.name}" for one in workspace_symbols(trees, query)]

    assert found("m") == ["when (A)/m", "else/m", "/mode", "/monitor"]
    assert found("ON") == ["mode/ON", "/alone_t", "/monitor", "/point_p", "/point_t"]
    assert found("inner") == ["key · (anonymous union) · e/inner"]
    assert found("pnt") == ["/point_p", "/point_t"]
    assert found("e x a c t") == []
    assert len(found("")) == 17
