"""What folds, and what a selection grows to."""

from __future__ import annotations

from itertools import pairwise

from bpfgen.editor.folding import Fold, folding_ranges
from bpfgen.editor.selection import selection_ranges
from tests.editor.texts import analysed, good_texts, one


def test_bodies_comments_and_imports_fold() -> None:
    """What takes several lines folds, and the line that closes it stays."""
    text = (
        "/* One\n * comment. */\n\n"  # 1
        '// A run\n// of lines\n\nimport "a.dsl";\nimport "b.dsl";\ninclude <c.h>;\n'  # 4
        "struct a {\n    int x; // not\n    // a run\n"  # 10
        "    struct {\n        int y;\n    } z;\n};\n"  # 13
        "struct b { int x; };\n"
        "when (\n    A\n) {\n    map m: array<__u32, __u64>[1];\n} else {\n    map n: q;\n}\n"  # 18
        "map o: prog_array[2] = {\n    a,\n    b,\n};\n"  # 25
    )
    assert folding_ranges(one(text)) == [
        Fold(1, 2, "comment"),
        Fold(4, 5, "comment"),
        Fold(7, 9, "imports"),
        Fold(10, 15),
        Fold(13, 14),
        Fold(18, 19),
        Fold(20, 21),
        Fold(22, 23),
        Fold(25, 27),
    ]


def test_a_broken_text_folds_by_its_brackets() -> None:
    """Brackets that are closed fold, whatever is wrong between and around them."""
    text = "struct a {\n int x y;\n ]\n};\nmap m: hash< {\n(\n ;\n}\n struct b {\n"
    assert folding_ranges(one(text)) == [Fold(1, 3), Fold(5, 7)]


def test_a_selection_grows_by_nodes() -> None:
    """From the word to its expression, bracket, declarator, member, body, declaration, text."""
    text = "struct a { __u32 x[N * 2], y; };\nmap m: hash<a, struct a>[4];\n"
    spans = selection_ranges(one(text), text.index("N *"))
    assert [span.text for span in spans] == [
        "N",
        "N * 2",
        "[N * 2]",
        "x[N * 2]",
        "__u32 x[N * 2], y;",
        " __u32 x[N * 2], y; ",
        "{ __u32 x[N * 2], y; }",
        "struct a { __u32 x[N * 2], y; }",
        "struct a { __u32 x[N * 2], y; };",
        text,
    ]


def test_each_selection_is_in_the_next() -> None:
    """At any place of any text, whole or cut off."""
    for texts in good_texts(0, 3):
        for path, text in texts.items():
            for cut in (len(text), len(text) // 2):
                analysis = analysed({path: text[:cut]})[path]
                for offset in range(0, cut + 1, max(1, cut // 40)):
                    spans = selection_ranges(analysis, offset)
                    for inner, outer in pairwise(spans):
                        assert outer.start <= inner.start <= offset <= inner.end <= outer.end
                        assert (inner.start, inner.end) != (outer.start, outer.end)
                    assert (spans[-1].start, spans[-1].end) == (0, cut)
