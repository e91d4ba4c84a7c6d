"""Programs that were right, with one slip of a finger: what `--fix` makes of them.

The witness is the program before: where edits repair a text that can't be read, it has the model
that it had. Few slips could be another program's.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.compiler import compile, emit
from bpfgen.syntax import tables
from bpfgen.syntax.harmless_edits import keep_the_rest
from bpfgen.syntax.lexer import tokenize
from bpfgen.text.diagnostics import ERROR, Report
from bpfgen.text.edits import repaired
from bpfgen.text.source import Source
from tests.fuzz.programs import program
from tests.samples import GOOD, SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.syntax.tree import Tokens
    from bpfgen.text.diagnostics import Diagnostic

SEED, COUNT = (int(part) for part in os.environ.get("BPFGEN_FIXES", "1:60").split(":"))
"""Another seed and more slips: `BPFGEN_FIXES=7:3000`."""

UNREADABLE = ("syntax", "preprocessor")
WORDS = frozenset(word for word in {**tables.HARD_WORDS, **tables.SOFT_WORDS} if len(word) > 2)
BRACKETS = "{}[]()<>"


class Slip(NamedTuple):
    """A text with a slip, and what that was."""

    what: str
    source: Source


class Typist:
    """Makes slips in one program."""

    def __init__(self, chosen: random.Random, text: str) -> None:
        self._chosen = chosen
        self._text = text
        tokens = tokenize(Source("t.dsl", text), tables, Report())
        assert tokens is not None
        self._tokens: Tokens = tokens

    def slip(self) -> Slip | None:
        """Return the program with a slip; None where it has no token for the one that was drawn."""
        draw = self._chosen.choice
        kinds: tuple[tuple[Callable[[str], object], Callable[[str], str]], ...] = (
            (lambda text: text == ";", lambda _: ""),
            (WORDS.__contains__, self._misspelt),
            (WORDS.__contains__, lambda _: ""),
            (len, lambda text: f"{text} {text}"),
            (lambda text: text in ";,:=", lambda _: draw(";,:=")),
            (lambda text: text in BRACKETS, lambda _: ""),
            (lambda text: text in BRACKETS, lambda _: draw(BRACKETS)),
            (lambda text: text in {"KiB", "MiB"}, lambda text: draw((text[0], text.upper()))),
        )
        fits, typed = draw(kinds)
        tokens = self._tokens
        places = [at for at, text in enumerate(tokens.texts) if text and fits(text)]
        if not places:
            return None
        at = draw(places)
        new = typed(tokens.texts[at])
        start, end = tokens.starts[at], tokens.ends[at]
        what = f"`{tokens.texts[at]}` became `{new}` at {start}"
        return Slip(what, Source("t.dsl", f"{self._text[:start]}{new}{self._text[end:]}"))

    def _misspelt(self, word: str) -> str:
        """Return *word* without a letter, with one twice, or with two the other way round."""
        at = self._chosen.randrange(len(word))
        before, after = word[:at], word[at + 1 :]
        swapped = before + after[:1] + word[at] + after[1:]
        return self._chosen.choice((before + after, before + word[at] * 2 + after, swapped))


def programs(seed: int) -> list[str]:
    """Return samples and random programs that need no other file."""
    samples = ((SAMPLES / name).read_text(encoding="utf-8") for name in GOOD)
    texts = [text for text in samples if "include" not in text and "import" not in text]
    made = (program(number) for number in range(seed * 1000, seed * 1000 + 12))
    return texts + [each.text for each in made if not each.imported]


def slips(seed: int) -> Iterator[tuple[int, Slip, list[Diagnostic]]]:
    """Yield slips after which a program can't be read: its number, and what is said of it."""
    chosen = random.Random(seed)  # noqa: S311 -- which slips, no secrets
    texts = programs(SEED)
    while True:
        number = chosen.randrange(len(texts))
        slip = Typist(chosen, texts[number]).slip()
        said = [] if slip is None else unreadable(slip.source)
        if slip is not None and said:
            yield number, slip, said


def unreadable(source: Source) -> list[Diagnostic]:
    """Return what keeps *source* from being read."""
    return [said for said in compile(source).diagnostics if said.code in UNREADABLE]


@cache
def model(text: str) -> str | None:
    """Return the model of *text* as a header; None where there is an error."""
    compilation = compile(Source("t.dsl", text))
    if any(said.severity == ERROR for said in compilation.diagnostics):
        return None
    return emit(compilation)


def test_slips_are_repaired_or_left_to_a_person() -> None:
    """What is repaired is the program that it was, but for a few slips that can be read two ways.

    And edits make no text worse: less keeps it from being read after them.
    """
    texts = programs(SEED)
    outcomes: Counter[str] = Counter()
    others: list[str] = []
    for number, slip, before in slips(SEED):
        outcome = repaired(slip.source, unreadable, keep_the_rest)
        assert len(outcome.left) <= len(before), slip.what
        if not outcome.fixed:
            outcomes["left"] += 1
        elif outcome.left:
            outcomes["in part"] += 1
        elif model(outcome.source.text) == model(texts[number]):
            outcomes["as it was"] += 1
        else:
            outcomes["another"] += 1
            others.append(f"{slip.what}: {[said.help for said in outcome.fixed]}")
        if outcomes.total() == COUNT:
            break
    assert outcomes["as it was"] > COUNT / 3, outcomes
    assert outcomes["another"] <= COUNT / 20, (outcomes, others)
    assert outcomes["in part"] <= COUNT / 20, outcomes


def test_nothing_is_offered_that_leads_nowhere() -> None:
    """The edits of each diagnostic alone: it is gone, and nothing new is in its place.

    But for the next slip of the same declaration, which has edits of its own.
    """
    tried = 0
    for _number, slip, said in slips(SEED + 1):
        known = Counter((each.code, each.message) for each in said)
        for one in said:
            if one.edits:
                tried += 1
                left = left_after(slip.source, one, known)
                assert left[one.code, one.message] < known[one.code, one.message], slip.what
                assert not left - known, (slip.what, one.help)
        if tried > COUNT:
            break


def left_after(
    source: Source, first: Diagnostic, known: Counter[tuple[str, str]]
) -> Counter[tuple[str, str]]:
    """Return what is said of *source* after the edits of *first*, and those of what comes of it.

    What was *known* before waits for its own turn.
    """

    def diagnose(at: Source) -> list[Diagnostic]:
        if at is source:
            return [first]
        return [said for said in unreadable(at) if (said.code, said.message) not in known]

    outcome = repaired(source, diagnose, keep_the_rest, changing_meaning=True)
    return Counter((said.code, said.message) for said in unreadable(outcome.source))
