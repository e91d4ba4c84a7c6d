"""Random programs with damages: each edit that is offered mends what it is offered for.

`BPFGEN_FIXES=SEED:COUNT` tries others, and more of them.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from typing import TYPE_CHECKING

from bpfgen.compiler import Options, compile
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.model.maps import MAP_KINDS
from bpfgen.syntax.harmless_edits import keep_the_rest
from bpfgen.text.edits import applied, repaired
from bpfgen.text.source import Source
from tests.editor.texts import Texts
from tests.fuzz.conditional import Conditional
from tests.fuzz.programs import program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from bpfgen.text.diagnostics import Diagnostic

SEED, COUNT = map(int, os.environ.get("BPFGEN_FIXES", "1:5").split(":"))

NAME = "/t/maps.dsl"

SAID_ONCE = {"unknown-type", "unknown-constant", "map-kind", "slot-target", "condition"}
"""Of a name that is nowhere the first use is reported; after an edit there, the next one is."""

_WORD = re.compile(r"\b[A-Za-z_]\w{2,}\b")
_DAMAGES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"(?<=: )\w+(?=<|\[|;| \{)"), tuple(MAP_KINDS)),
    (re.compile(r"\b\d+\b"), ("0", "1", "5000", "99999999", "0x7fffffff", "64K", "089")),
    (re.compile(r"(?<=map_flags = )"), tuple(f"{name} | " for name in MAP_FLAGS)),
    (
        re.compile(r"(?<=\])(?=;\n)"),
        (
            *(f" {{\n    map_flags = {name}; // why\n}}" for name in (*MAP_FLAGS, "BPF_NOEXIST")),
            " { key_size = 3; }",
            " { value_size = 12; pinning = byname; }",
            " { map_extra = 7; numa_node = 1; }",
            " {\n\tmax_entries = 4;\n\tkey = long;\n}",
            " { value = struct { __u8 a; __u32 b; }; }",
        ),
    ),
    (
        re.compile(r"\b__u(?:8|16|32|64)\b"),
        ("long", "unsigned long", "__u8", "long double", "double", "__uint32"),
    ),
    (re.compile(r"\A"), tuple(f"target kernel >= {v};\n" for v in ("4.19", "5.4", "5.10", "6.1"))),
)
"""What is replaced by which of what."""


def damaged(draw: Random, text: str) -> str:
    """Return *text* with one thing changed, or a word misspelt."""
    kind = draw.randrange(len(_DAMAGES) + 1)
    if kind == len(_DAMAGES):
        word = draw.choice(list(_WORD.finditer(text)))
        lost = draw.randrange(word.start(), word.end())
        return text[:lost] + text[lost + 1 :]
    pattern, instead = _DAMAGES[kind]
    places = list(pattern.finditer(text))
    if not places:
        return text
    place = draw.choice(places)
    return text[: place.start()] + draw.choice(instead) + text[place.end() :]


def damaged_sources() -> Iterator[tuple[str, Options]]:
    """Yield texts, with what they are compiled with."""
    for number in range(SEED, SEED + COUNT):
        draw = random.Random(number)  # noqa: S311 -- test data
        made = program(number)
        texts = {"/t/common.dsl": made.imported} if made.imported else {}
        options = Options(opener=Texts(texts))
        for text in (made.text, Conditional(draw, 4).ours):
            for _ in range(draw.randrange(1, 4)):
                text = damaged(draw, text)  # noqa: PLW2901 -- it takes its place
            yield text, options


def test_each_offer_mends_what_it_is_made_for() -> None:
    """Its edits are of these texts, don't overlap, and take the complaint away."""
    tried = 0
    for text, options in damaged_sources():
        source = Source(NAME, text)
        said = compile(source, options).diagnostics
        before = Counter(map(_complaint, said))
        for one in said:
            assert all(edit.span.source.name.startswith("/t/") for edit in one.edits), one
            if not one.edits or any(edit.span.source is not source for edit in one.edits):
                continue
            tried += 1
            after = compile(Source(NAME, applied(text, one.edits)), options).diagnostics
            left = Counter(map(_complaint, after))
            assert left[_complaint(one)] < before[_complaint(one)] or one.code in SAID_ONCE, one
            if one.code != "syntax":
                broken = [new.message for new in after if new.code == "syntax"]
                assert len(broken) <= sum(other.code == "syntax" for other in said), (one, broken)
    assert tried > COUNT


def test_all_that_is_offered_comes_to_an_end() -> None:
    """With `--fix-all` nothing is left that it could do, and the text still is read as before."""
    for text, options in damaged_sources():

        def diagnose(source: Source, options: Options = options) -> list[Diagnostic]:
            return compile(source, options).diagnostics

        source = Source(NAME, text)
        outcome = repaired(source, diagnose, keep_the_rest, changing_meaning=True)
        if any(one.code == "syntax" for one in outcome.left):
            continue  # what is to be done next, its repair says
        left = [one for one in outcome.left if one.edits]
        assert all(edit.span.source.name != NAME for one in left for edit in one.edits), left


def _complaint(said: Diagnostic) -> tuple[object, ...]:
    """Return what makes *said* the same after an edit elsewhere: not its place."""
    return (said.code, said.severity, said.subject, said.message)
