"""Random sources with conditions against the same sources after a real preprocessor.

For each of many values of the macros the model is that of the text from which clang's preprocessor
has cut the other branches, and what is wrong with that text is what is said of this case, no more
and no less. `BPFGEN_FUZZ_CONDITIONS` makes it as long as one likes, `BPFGEN_FUZZ_FIRST` is the
first seed.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
from typing import TYPE_CHECKING

from bpfgen.compiler import Options, compile
from bpfgen.conditions import holds, parse
from bpfgen.record import replace
from bpfgen.text.source import Source
from tests.fuzz.conditional import MACROS, VALUES, Conditional
from tests.tools import clang_program

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation
    from bpfgen.conditions import Assignment
    from bpfgen.text.diagnostics import Diagnostic

SOURCES = int(os.environ.get("BPFGEN_FUZZ_CONDITIONS", "16"))
FIRST = int(os.environ.get("BPFGEN_FUZZ_FIRST", "0"))

MOST_CASES = 8
"""Cases of one source that are looked at, the last ones of them."""

OWN_CODES = frozenset(("condition-never", "unknown-definition"))
"""What is said of a source with conditions and of no case of it."""

_WHERE = re.compile(r"where `(.*)` holds")


def cut_by_clang(theirs: str, rows: list[Assignment]) -> list[str]:
    """Return what clang's preprocessor leaves of the text *theirs* for each of *rows*."""
    pieces = []
    for number, row in enumerate(rows):
        for name, value in row:
            pieces.append(f"#undef {name}\n")
            if value is not None:
                pieces.append(f"#define {name} {value}\n")
        pieces.append(f"case_{number}_begins\n{theirs}")
    command = [clang_program(), "-E", "-P", "-w", "-x", "c", "-"]
    ran = subprocess.run(command, input="".join(pieces), capture_output=True, text=True, check=True)
    return re.split(r"case_\d+_begins\n", ran.stdout)[1:]


def complaints(diagnostics: list[Diagnostic]) -> set[tuple[str, str]]:
    """Return what *diagnostics* say, whatever the place."""
    return {(d.code, d.message) for d in diagnostics if d.code not in OWN_CODES}


def complaints_where(compilation: Compilation, row: Assignment) -> set[tuple[str, str]]:
    """Return what is said of *compilation* where the macros are as in *row*, by the notes."""
    there = []
    for diagnostic in compilation.diagnostics:
        notes = [note for note in diagnostic.notes if note.startswith("where ")]
        texts = [match[1] for note in notes if (match := _WHERE.fullmatch(note))]
        assert len(texts) == len(notes), notes
        if all(holds(parse(text), row) for text in texts):
            there.append(diagnostic)
    return complaints(there)


def row_of(values: dict[str, int | None]) -> Assignment:
    """Return *values* as an assignment."""
    return tuple(sorted(values.items()))


def test_each_case_is_what_a_preprocessor_leaves() -> None:
    """Models and diagnostics, of the cases that were compiled and of others."""
    silent = 0
    for seed in range(FIRST, FIRST + SOURCES):
        draw = random.Random(seed)  # noqa: S311 -- reproducible, nothing secret
        source = Conditional(draw, draw.randrange(2, 6))
        compilation = compile(Source("t.dsl", source.ours))
        codes = {d.code for d in compilation.diagnostics}
        assert not codes & {"condition", "syntax", "internal"}, (seed, compilation.diagnostics)
        models = {variant.assignment: variant.model for variant in compilation.variants}
        tried = list(models)[-MOST_CASES:]
        others = [row_of({name: draw.choice(VALUES) for name in MACROS})]
        texts = cut_by_clang(source.theirs, [_whole(row) for row in tried] + others)
        for row, text in zip([*tried, *others], texts, strict=True):
            plain = compile(Source("t.dsl", text))
            expected = complaints(plain.diagnostics)
            where = f"seed {seed}, {row}:\n{source.ours}"
            if "too-many-variants" not in codes:
                assert expected <= complaints(compilation.diagnostics), where
            model = models.get(row)
            if model is not None:
                assert complaints_where(compilation, row) == expected, where
            if model is None:
                definitions = {name: str(value) for name, value in row if value is not None}
                undefined = tuple(name for name, value in row if value is None)
                options = Options(definitions=definitions, undefined=undefined)
                given = compile(Source("t.dsl", source.ours), options)
                assert given.undecided == (), where
                model = given.model
            assert model == replace(plain.model, doc=model.doc), where
            silent += not expected
    # Not all of them are wrong.
    assert silent > SOURCES


def _whole(row: Assignment) -> Assignment:
    """Return *row* with the macros that no condition of the source asks for."""
    return row_of({**dict.fromkeys(MACROS), **dict(row)})


def test_damaged_sources_end_in_words() -> None:
    """Words taken out, doubled and swapped: whatever comes of it, something is said or compiled."""
    for seed in range(FIRST, FIRST + 4 * SOURCES):
        draw = random.Random(seed)  # noqa: S311 -- reproducible, nothing secret
        words = re.findall(r"\w+|\s+|[^\w\s]", Conditional(draw, 2).ours)
        for _ in range(draw.randrange(1, 4)):
            at, other = draw.randrange(len(words)), draw.randrange(len(words))
            match draw.randrange(4):
                case 0:
                    del words[at]
                case 1:
                    words.insert(other, words[at])
                case 2:
                    words[at], words[other] = words[other], words[at]
                case _:
                    words.insert(at, draw.choice(("when (", "} else {", "macro", "}", "#if X\n")))
        compilation = compile(Source("t.dsl", "".join(words)))
        assert "internal" not in {d.code for d in compilation.diagnostics}
