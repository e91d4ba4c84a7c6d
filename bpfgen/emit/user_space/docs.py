"""Doc comments of a source as lines that any language can have in a comment of its own.

Comes with the view. What would end a comment there (`*/`, three quotes) is for the language to see
to; nothing here ends a line or reads unlike what it is.
"""

from __future__ import annotations

from bpfgen.text.header_names import SHOWN_IN_COMMENTS


def visible(text: str) -> str:
    """Return *text* as one line, with blanks for control characters.

    Shown as what they are: characters that reorder the line, the byte order mark, and bytes that
    are no UTF-8 in the source.
    """
    if text.isascii() and text.isprintable():
        return text.rstrip()
    return text.translate(SHOWN_IN_COMMENTS).rstrip()


def doc_lines(text: str) -> list[str]:
    """Return the lines of the doc comment *text*, :func:`visible`, without blank ones around."""
    if not text:
        return []
    lines = [visible(line) for line in text.split("\n")]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    return lines
