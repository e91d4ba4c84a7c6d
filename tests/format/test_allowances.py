"""An allowance allows after formatting what it allowed before, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.format.dressing import relined
from tests.format.formatter import formatted
from tests.format.properties import meaning, other_meaning
from tests.format.reading import read
from tests.format.test_formatter import dice, some

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMENTS = frozenset(("allowance", "unused-allowance"))
"""Codes that are about comments themselves."""


def allowing(text: str) -> Iterator[str]:
    """Yield *text* with one allowance of what is said of it, wherever somebody would write one.

    That is before and after declarations, members and attributes, at the end of a line with the
    one before it, and on a line of its own; their lines are divided by it and nothing else.
    """
    codes = {code for code, *_ in meaning(text).said} - COMMENTS
    pieces = read(text)
    for code in sorted(codes):
        comment = f"// bpfgen: allow {code} because it is tried"
        for before, after in zip([None, *pieces], [*pieces, None], strict=True):
            start = before.end if before else 0
            end = after.start if after else len(text)
            closes = after is not None and after.text in ("}", ">", "]")
            if closes:
                yield f"{text[:end]}\n{comment}\n/* closes */ {' '.join(text[end:].split())}"
            if before is not None and (before.is_comment or before.text not in ";{"):
                continue
            yield f"{text[:end]}{comment}\n{text[end:]}"
            yield f"{text[:end]}\n{comment}\n{text[end:]}"
            if before is not None and (after is None or after.text != ";"):
                yield f"{text[:start]} {comment}\n{text[start:]}"


def test_what_is_allowed_stays_allowed() -> None:
    """Whatever shares the line of the allowance, or the next."""
    tried = 0
    for name, text in some(80, 500):
        if re.search(r"\binclude\b *[<\"]", text):
            continue  # clang's part of it is what it is
        for other in allowing(text):
            after = formatted(other)
            if after is not None:
                assert not other_meaning(meaning(other), meaning(after)), (name, other, after)
                tried += 1
    assert tried > 10


def test_a_line_that_an_allowance_speaks_of() -> None:
    """Two members on it are both allowed, whoever formats it."""
    text = (
        "struct s {\n  // bpfgen: allow value-padding because it is shown\n"
        "  __u8 a; __u32 b;\n  __u8 c;\n};\nmap m: array<__u32, s>[1];\n"
    )
    after = formatted(text)
    assert after is not None
    assert "\n    __u8 a; __u32 b;\n    __u8 c;\n" in after
    assert not other_meaning(meaning(text), meaning(after))


KEY = "struct key { __u8 a; __u32 b; };\n"

LINES = {
    "a closing bracket": (
        """\
map m: hash<
  key, __u64>[64];  // bpfgen: allow key-padding because it is tried
""",
        """\
map m: hash<
    key, __u64>[64];  // bpfgen: allow key-padding because it is tried
""",
    ),
    "a closing bracket below": (
        """\
map m: hash<
// bpfgen: allow key-padding because it is tried
  key, __u64>[64]; map n: hash<key, __u64>[64];
""",
        """\
map m: hash<
    // bpfgen: allow key-padding because it is tried
    key, __u64>[64]; map n: hash<key, __u64>[64];
""",
    ),
    "the last line of what it holds for": (
        """\
map m: hash<key, // bpfgen: allow key-padding because it is tried
  __u64>[
  64]; map n: hash<key, __u64>[64];
""",
        """\
map m: hash<key,  // bpfgen: allow key-padding because it is tried
    __u64>[
        64
    ]; map n: hash<key, __u64>[64];
""",
    ),
    "the last line of what it stands above": (
        """\
// bpfgen: allow key-padding because it is tried
struct s {
  key k; }; map n: hash<key, __u64>[
  64];
""",
        """\
// bpfgen: allow key-padding because it is tried
struct s {
    key k;
}; map n: hash<key, __u64>[
    64
];
""",
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_lines_that_an_allowance_speaks_of(name: str) -> None:
    """Brackets are closed there, and a declaration's last line isn't divided, either."""
    text, after = (KEY + each for each in LINES[name])
    assert formatted(text) == after
    assert formatted(after) == after
    assert "key-padding" not in {code for code, *_ in meaning(text).said}
    assert not other_meaning(meaning(text), meaning(after))


def test_lines_that_end_anywhere() -> None:
    """Nothing is said of the form that wasn't said before, whatever was on a line with what."""
    tried = 0
    for name, canonical in some(24, 500):
        if re.search(r"\binclude\b *[<\"]", canonical):
            continue  # clang's part of it is what it is
        draw = dice(name)
        text = relined(canonical, draw)
        codes = {code for code, *_ in meaning(text).said} - COMMENTS
        lines = text.split("\n")
        for code in sorted(codes):
            comment = f"// bpfgen: allow {code} because it is tried"
            at = draw.randrange(len(lines))
            for here in ([f"{lines[at]}  {comment}"], [comment, lines[at]]):
                other = "\n".join((*lines[:at], *here, *lines[at + 1 :]))
                after = formatted(other)
                if after is not None:
                    before, now = (Counter(meaning(each).said) for each in (other, after))
                    assert not now - before, (name, other, after)
                    tried += 1
    assert tried > 10
