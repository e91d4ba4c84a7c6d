"""Lines and places of a text against a plain way of counting them, and edits of a text."""

from __future__ import annotations

from random import Random

import pytest

from bpfgen.editor.documents import UTF_8, UTF_16, UTF_32, Document, Lines

TEXTS = (
    "",
    "\n",
    "a\r\nb\rc\nd",
    "\r\n\r\n",
    "a\f\v\x1c\x85\u2028b\nc",
    "\N{HONEYBEE}a\N{HONEYBEE}\n\N{LATIN SMALL LETTER E WITH ACUTE}\u20ac\n",
)
ENCODINGS = {UTF_8: ("utf-8", 1), UTF_16: ("utf-16-le", 2), UTF_32: ("utf-32-le", 4)}


def counted(text: str, offset: int, units: str) -> tuple[int, int]:
    """Return the position of *offset*, by the encoders of the library."""
    encoding, width = ENCODINGS[units]
    lines = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return len(lines) - 1, len(lines[-1].encode(encoding)) // width


@pytest.mark.parametrize("units", [UTF_8, UTF_16, UTF_32])
@pytest.mark.parametrize("text", TEXTS)
def test_positions_are_those_of_an_encoder(text: str, units: str) -> None:
    """Each place has a position, and the position is that place."""
    lines = Lines(text, units)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n" and offset:
            continue  # between the two characters of one line end there is no place
        position = counted(text, offset, units)
        assert lines.position(offset) == position
        assert lines.offset(*position) == offset


@pytest.mark.parametrize("units", [UTF_8, UTF_16, UTF_32])
def test_places_outside_are_the_nearest_inside(units: str) -> None:
    """Past the end of a line, of the text, or in the middle of a character."""
    lines = Lines("a\N{HONEYBEE}\r\nb", units)
    assert lines.offset(0, 99) == 2
    assert lines.offset(1, 99) == 5
    assert lines.offset(99, 0) == 5
    assert lines.offset(-1, 5) == 0
    assert lines.offset(1, -1) == 4
    assert lines.position(99) == (1, 1)
    if units != UTF_32:
        assert lines.offset(0, 2) == 1


def test_a_document_changes_as_its_text_does() -> None:
    """Random changes, against slices of a string."""
    random = Random(0)  # noqa: S311 -- to be had again, not to be secret
    text = "".join(TEXTS)
    document = Document("file:///a", "/a", text, 1)
    for _ in range(200):
        start, end = sorted((random.randint(0, len(text)), random.randint(0, len(text))))
        if "\r\n" in (text[start - 1 : start + 1], text[end - 1 : end + 1]):
            continue
        typed = random.choice(("", "x", "\r\n", "\N{HONEYBEE}\n"))
        document.change(document.lines.position(start), document.lines.position(end), typed)
        text = text[:start] + typed + text[end:]
        assert document.text == text


def test_what_no_file_can_have_keeps_its_width() -> None:
    """Half of a pair of surrogates, and a byte order mark."""
    document = Document("file:///a", "/a", "\ufeffa\ud83d", 1)
    assert document.text == " a\ufffd"
    document.text.encode()
