"""Trivia: the exact text, comments and how they stand, and which tokens a node has."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfgen.record import Record
from bpfgen.syntax import trivia as kinds
from bpfgen.syntax.parser import parse
from bpfgen.syntax.tree import MapItem
from bpfgen.syntax.trivia import trivia
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source, Span
from tests.fuzz.programs import program
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bpfgen.syntax.tree import File
    from bpfgen.syntax.trivia import Trivia

FILES = sorted({*CHECKOUT.glob("samples/**/*.dsl"), *CHECKOUT.glob("tests/**/*.dsl")})


def read(text: str) -> tuple[File, Trivia]:
    """Return the tree of *text* and what stands between its tokens."""
    tree = parse(Source("t.dsl", text), Report())
    return tree, trivia(tree)


def rebuilt(between: Trivia) -> str:
    """Return the tokens, each between its trivia."""
    result = []
    for index, text in enumerate(between.tokens.texts):
        result += [piece.text for piece in between.leading(index)]
        result.append(text)
        result += [piece.text for piece in between.trailing(index)]
    return "".join(result)


def texts_of(path: Path) -> Iterator[str]:
    """Yield the programs in *path*, and the same with other line ends, or cut off somewhere."""
    with path.open(encoding="utf-8", newline="", errors="surrogateescape") as file:
        whole = file.read()
    cut = random.Random(len(whole))  # noqa: S311 -- any place will do
    for text in {whole, *re.split(r"(?m)^---.*\n", whole)}:
        yield text
        yield text.rstrip("\n").replace("\n", "\r\n")
        yield text[: cut.randrange(len(text) + 1)]


def nodes_of(tree: File) -> Iterator[tuple[Record, Record | None]]:
    """Yield every node of *tree* that has a span, with the nearest one around it."""
    pending: list[tuple[object, Record | None]] = [(item, None) for item in tree.items]
    while pending:
        value, parent = pending.pop()
        if isinstance(value, list):
            pending.extend((item, parent) for item in value)
        elif isinstance(value, Record) and not isinstance(value, Span):
            yield value, parent
            members = [name for name in value.__match_args__ if name != "span"]
            pending.extend((getattr(value, name), value) for name in members)


def span_of(node: Record) -> Span:
    """Return the span that every node of the tree has."""
    span = getattr(node, "span")  # noqa: B009 -- a member of each class, and of no common one
    assert isinstance(span, Span)
    return span


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_tokens_and_trivia_are_the_text(path: Path) -> None:
    """Nothing of a text is lost or moved, whatever its line ends and wherever it breaks off."""
    for text in texts_of(path):
        assert rebuilt(read(text)[1]) == text


def check_nodes(text: str) -> None:
    """Check that nodes of *text* begin and end with tokens, and stand in their parents."""
    tree, between = read(text)
    for node, parent in nodes_of(tree):
        span, tokens = span_of(node), between.tokens
        own = between.range(span)
        assert own, (node, span.text)
        assert (tokens.starts[own[0]], tokens.end(own[-1])) == (span.start, span.end)
        if parent is not None:
            around = between.range(span_of(parent))
            assert around[0] <= own[0], (parent, node)
            assert own[-1] <= around[-1], (parent, node)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_node_is_the_text_of_its_tokens(path: Path) -> None:
    """A node begins where a token begins, ends where one ends, and stands in its parent."""
    for text in texts_of(path):
        check_nodes(text)


@pytest.mark.parametrize(
    "text",
    [
        "typedef int t __attribute__((aligned(8)));",
        "typedef int (__attribute__((aligned(8))) *t);",
        "struct s { int a __packed, b : 3 __packed; int c __attribute__((packed)); };",
        "const A = (unsigned long *)1 + sizeof(struct s *[2]);",
        "struct s { int a _Alignas(int *const *); };",
        "int f(int a __attribute__((unused)), int, ...);",
        "enum e : unsigned int { A = 1, B __packed }; enum __packed e : u8;",
        "map m: hash<struct k { int a; }, t[4] { map_flags = 1; }>[2] = { [0] = &a, b };",
    ],
)
def test_a_node_holds_its_attributes_and_parts(text: str) -> None:
    """So it is for what no sample says."""
    check_nodes(text)


_FRAGMENTS = st.sampled_from(
    [
        *("map", "struct", "name", "key", "1", "{", "}", "(", ")", "<", ">", ">>", "[", "]", ";"),
        *(" ", "\t", "\n", "\r\n", "\r", "\f", "\\\n", "=", ":", ",", "/", "*", "typedef", "_Bool"),
        *(
            "bool",
            "// c\n",
            "///d\n",
            "////\n",
            "/* b */",
            "/** d\n */",
            "/*",
            "*/",
            "#define A\\\n",
        ),
        *(
            "// bpfgen: allow x because y\n",
            '"s"',
            '"',
            "'",
            "@",
            "é",
            "\0",
            "\ufeff",
            "include <x",
        ),
    ]
)


@given(st.lists(_FRAGMENTS).map("".join))
def test_any_text_is_its_tokens_and_trivia(text: str) -> None:
    """Also where it isn't a program at all: an open comment or string, a NUL, any nonsense."""
    tree, between = read(text)
    assert rebuilt(between) == text
    for node, _parent in nodes_of(tree):
        own = between.range(span_of(node))
        assert own
        assert between.tokens.end(own[-1]) == span_of(node).end


@pytest.mark.parametrize("seed", range(20))
def test_comments_anywhere_in_a_program_are_all_there(seed: int) -> None:
    """Whatever is put between the tokens of a random program is found there, once and in order."""
    random_ = random.Random(seed)  # noqa: S311 -- any places will do
    text = program(seed).text
    between = read(text)[1]
    before = [comment.span.text for comment in between.comments()]
    pieces: list[str] = []
    inserted = 0
    for index, token in enumerate(between.tokens.texts):
        pieces += [piece.text for piece in between.leading(index)]
        if random_.random() < 0.2:
            pieces.append(f" /* inserted {inserted} */ " if random_.random() < 0.5 else "\n// x\n")
            inserted += 1
        pieces.append(token)
        pieces += [piece.text for piece in between.trailing(index)]
    text = "".join(pieces)
    between = read(text)[1]
    found = [comment.span.text for comment in between.comments()]
    assert len(found) == len(before) + inserted
    assert [
        comment for comment in found if comment != "// x" and "inserted" not in comment
    ] == before
    assert rebuilt(between) == text


TEXT = """\
// head

/* two
   lines */
/// Doc.
struct s {  // opens
    int a; /* one */ // two


    // alone
    int /* before b */ b;
} // bpfgen: allow x because y
;
# nothing
// last"""


def test_each_comment_says_how_it_stands() -> None:
    """Kind, whether it is alone on its line, and the empty lines before it."""
    comments = read(TEXT)[1].comments()
    assert [(c.kind, c.span.text.split("\n")[0], c.is_alone, c.blank_lines) for c in comments] == [
        (kinds.LINE_COMMENT, "// head", True, 0),
        (kinds.BLOCK_COMMENT, "/* two", True, 1),
        (kinds.DOC_COMMENT, "/// Doc.", True, 0),
        (kinds.LINE_COMMENT, "// opens", False, 0),
        (kinds.BLOCK_COMMENT, "/* one */", False, 0),
        (kinds.LINE_COMMENT, "// two", False, 0),
        (kinds.LINE_COMMENT, "// alone", True, 2),
        (kinds.BLOCK_COMMENT, "/* before b */", False, 0),
        (kinds.DIRECTIVE, "// bpfgen: allow x because y", False, 0),
        (kinds.LINE_COMMENT, "// last", True, 0),
    ]


def test_a_comment_belongs_to_one_token() -> None:
    """It trails the token before it on its line; alone, or before another token, it leads."""
    tree, between = read(TEXT)
    texts = between.tokens.texts
    first = between.range(tree.items[0].span)[0]
    assert [c.span.text for c in between.comments_before(first)] == [
        "// head",
        "/* two\n   lines */",
        "/// Doc.",
    ]
    assert [c.span.text for c in between.comments_after(texts.index("{"))] == ["// opens"]
    after_a = texts.index("a") + 1
    assert [c.span.text for c in between.comments_after(after_a)] == ["/* one */", "// two"]
    assert [c.span.text for c in between.comments_before(after_a + 1)] == ["// alone"]
    assert [c.span.text for c in between.comments_before(texts.index("b"))] == ["/* before b */"]
    assert between.comments_after(texts.index("b") - 1) == []
    assert [c.span.text for c in between.comments_before(len(texts) - 1)] == ["// last"]


def test_blank_lines_before_a_token() -> None:
    """Empty lines right before it count, those before its comments are the comments' own."""
    _tree, between = read("\n\nmap\n \n\na // c\n\n// d\n;\n\n")
    assert [between.blank_lines_before(index) for index in range(4)] == [2, 2, 0, 1]


def test_shifts_and_closing_brackets() -> None:
    """`>>` may be one token or two: what the parser read."""
    tree, between = read("map m: array_of_maps<int, ringbuf<event>>[1>>2];")
    (item,) = tree.items
    assert isinstance(item, MapItem)
    assert item.shape.arguments is not None
    assert item.shape.entries is not None
    inner = between.range(item.shape.arguments[1].span)
    assert between.tokens.texts[inner[0] : inner[-1] + 1] == ["ringbuf", "<", "event", ">"]
    entries = between.range(item.shape.entries.span)
    assert "".join(between.tokens.texts[entries[0] : entries[-1] + 1]) == "1>>2"
    assert len(between.range(getattr(item.shape.entries.parts[2], "span"))) == 1  # noqa: B009 -- a Token


@pytest.mark.parametrize("text", ["map m; /* open", "int \0 b;", "(" * 300, "/*"])
def test_a_text_that_is_no_program_has_its_text(text: str) -> None:
    """Where there are no tokens to parse, trivia looks at the text itself."""
    tree, between = read(text)
    assert tree.tokens is None
    assert rebuilt(between) == text
