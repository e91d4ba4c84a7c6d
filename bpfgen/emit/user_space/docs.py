"""Doc comments of a source as lines that any language can have in a comment of its own.

Comes with the view. What would end a comment there (`*/`, three quotes) is for the language to see
to; nothing here ends a line or reads unlike what it is.
"""

from __future__ import annotations

from bpfgen.text.header_names import LINE_BREAKS, REORDERING

_SHOWN = dict.fromkeys(LINE_BREAKS, " ") | {
    code: f"<U+{code:04X}>" for code in (*REORDERING, 0xFEFF)
}


def visible(text: str) -> str:
    """Return *text* as one line, with blanks for control characters.

    Shown as what they are: characters that reorder the line, the byte order mark, and bytes that
    are no UTF-8 in the source.
    """
    if text.isascii() and text.isprintable():
        return text.rstrip()
    text = text.translate(_SHOWN)
    return "".join(f"<U+{ord(c):04X}>" if 0xD800 <= ord(c) < 0xE000 else c for c in text).rstrip()


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
