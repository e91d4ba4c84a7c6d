"""An analysis is there for every text, whole or broken, with a compiler or without."""

from __future__ import annotations

import pytest

from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options
from bpfgen.editor.analysis import analyse
from bpfgen.providers.c_headers import Included
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.trivia import trivia
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from bpfgen.providers.includes import HeaderQuestion
    from bpfgen.text.diagnostics import Report

SAMPLES = sorted((CHECKOUT / "samples").rglob("*.dsl"))

BROKEN = (
    "",
    "\0",
    "map",
    "map m: hash<",
    "struct a { __u32 x; /* never closed",
    'import "',
    "\ufeff\ud800",
    "(" * 500,
    "x" * 1_000_001,
)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_text_has_a_tree_and_tokens(text: str) -> None:
    """Whatever is wrong, the text is there in full, token by token, with what is between them."""
    analysis = analyse("/x/maps.dsl", text)
    assert analysis.compilation.failed
    between = trivia(analysis.tree)
    pieces = [
        "".join(piece.text for piece in between.leading(index))
        + token
        + "".join(piece.text for piece in between.trailing(index))
        for index, token in enumerate(analysis.tokens.texts)
    ]
    assert "".join(pieces) == text


def test_the_trees_are_those_of_the_file_and_its_imports() -> None:
    """The file's own is the first, and each name in them means a declaration."""
    path = CHECKOUT / "samples" / "imports" / "maps.dsl"
    if not path.is_file():
        path = next(p for p in SAMPLES if "import " in p.read_text(encoding="utf-8"))
    analysis = analyse(str(path), path.read_text(encoding="utf-8"))
    assert analysis.tree.source is analysis.source
    assert analysis.imported
    assert analysis.compilation.references is not None
    assert analysis.compilation.references.in_order()


class Nothing:
    """Answers that nothing is known yet."""

    asked: tuple[str, ...] = ()

    def answer(self, question: HeaderQuestion, _report: Report) -> Included:
        """Return an answer in which every name is pending."""
        self.asked += tuple(item.path for item in question.includes)
        included = Included()
        included.pending = frozenset({*question.used.types, *question.used.constants})
        return included


TEXT = """\
include <linux/if_ether.h>;
map m: hash<ethhdr, __u32>[ETH_ALEN];
map n: array<__u32, nothing_that_any_header_has>[4];
struct a { __u32 x; __u32 x; };
"""


def test_nothing_is_said_of_names_that_headers_may_have() -> None:
    """While a compiler is at work its names are neither known nor missing; the rest is checked."""
    headers = Nothing()
    analysis = analyse("/x/maps.dsl", TEXT, Options(headers=headers))
    assert headers.asked == ("<linux/if_ether.h>",)
    assert [said.span and said.span.line for said in analysis.diagnostics] == [4]


def test_without_a_compiler_the_rest_is_checked() -> None:
    """A machine without clang has diagnostics of what needs none."""
    analysis = analyse("/x/maps.dsl", TEXT, Options(clang=Finder("/no/such/clang")))
    assert [said.span and said.span.line for said in analysis.diagnostics] == [4]
