"""Whatever is typed, and wherever the cursor is: all that concerns names has an answer."""

from __future__ import annotations

import random

from bpfgen.editor.folding import folding_ranges
from bpfgen.editor.names import Names
from bpfgen.editor.navigation import definition, highlights, references, type_definition
from bpfgen.editor.rename import prepare_rename, rename
from bpfgen.editor.selection import selection_ranges
from bpfgen.editor.semantic_tokens import semantic_tokens
from bpfgen.editor.symbols import document_symbols, workspace_symbols
from tests.editor.texts import COUNT, SEED, analysed, conditional_texts, good_texts

PIECES = (
    *("{", "}", "(", ")", "<", ">", "[", "]", ";", ",", ":", "=", '"', "'", "/*", "*/", "//", "\\"),
    *(
        "struct ",
        "map ",
        "enum x {",
        "when (",
        "else ",
        "macro ",
        "typedef ",
        "const ",
        "template ",
    ),
    *("\0", "\r", "\n", "é", "\ud800", "include <", 'import "', "__contains(a, ", "sizeof(", "~"),
)


def damaged(text: str, chance: random.Random) -> str:
    """Return *text* with some characters gone and some more than there should be."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(text))
        what = chance.random()
        if what < 0.4:
            text = text[:at] + text[at + chance.choice((1, 1, 2, 10, 100)) :]
        elif what < 0.9:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        else:
            text = text[:at]
    return text


def test_every_question_has_an_answer() -> None:
    """Damaged samples and programs, at random places: nothing raises, and spans are in the text."""
    sources = [texts for texts in good_texts(SEED, 5) if "include" not in "".join(texts.values())]
    sources += [{"/t/maps.dsl": text} for text in conditional_texts(SEED, 2)]
    for number in range(SEED, SEED + 5 * COUNT):
        chance = random.Random(number)  # noqa: S311 -- where texts are damaged
        texts = dict(chance.choice(sources))
        path = chance.choice([*texts])
        text = texts[path] = damaged(texts[path], chance)
        analyses = analysed(texts)
        analysis = analyses[path]
        others = [other for name, other in analyses.items() if name != path]
        for token in semantic_tokens(analysis):
            assert 0 <= token.span.start < token.span.end <= len(text)
        for fold in folding_ranges(analysis):
            assert 1 <= fold.first < fold.last <= text.count("\n") + 1
        document_symbols(analysis)
        workspace_symbols([one.tree for one in analyses.values()], "a")
        places = [name.span.start for name in Names(analysis).own()]
        for _ in range(4):
            offset = chance.choice(places) if places and chance.random() < 0.7 else 0
            offset = offset or chance.randint(0, len(text))
            definition(analysis, offset)
            type_definition(analysis, offset)
            highlights(analysis, offset)
            selection_ranges(analysis, offset)
            for use in references(analysis, offset, others):
                assert 0 <= use.span.start < use.span.end <= len(use.span.source.text)
            prepare_rename(analysis, offset)
        rename(analysis, offset, "brand_new", others)
