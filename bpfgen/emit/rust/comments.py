"""Doc comments of the source as Rust's: the same words, and nothing in them that acts.

A doc comment of Rust is Markdown, in which four spaces begin code that `cargo test` compiles and
runs, brackets are links, and angle brackets are HTML. What a C programmer wrote is shown as it
stands; only `code` between backticks is code.
"""

from __future__ import annotations

import re

from bpfgen.text.header_names import SHOWN_IN_COMMENTS

_PIECES = re.compile(r"(?P<code>(?<!`)`[^`]+`(?!`))|(?P<link>https?://[^\s<>`\"']*[\w/#=&-])")
_ACTING = re.compile(r"[\\`\[\]<>&*_~|$#!](?<!\w_(?=\w))")
_MARKER = re.compile(r"(?P<mark>[-+=:]|\d+[.)])(?=\s|$|[-+=:])")


def visible(text: str) -> str:
    """Return one line of *text* without what would break or reorder it on the screen."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(SHOWN_IN_COMMENTS)


def markdown(line: str) -> str:
    """Return one line of text as Markdown that shows it."""
    text = visible(line).strip()
    parts: list[str] = []
    end = 0
    for piece in _PIECES.finditer(text):
        parts.append(_ACTING.sub(r"\\\g<0>", text[end : piece.start()]))
        parts.append(f"<{piece[0]}>" if piece["link"] else piece[0])
        end = piece.end()
    parts.append(_ACTING.sub(r"\\\g<0>", text[end:]))
    shown = "".join(parts)
    marker = _MARKER.match(shown)
    if marker is None:
        return shown
    last = marker.end("mark") - 1
    return f"{shown[:last]}\\{shown[last:]}"


def doc(text: str, indent: str = "") -> list[str]:
    """Return the lines of a doc comment with *text*; none where there is no text."""
    if not text.strip():
        return []
    return [f"{indent}/// {markdown(line)}".rstrip() for line in text.strip("\n").split("\n")]


def comment(text: str) -> list[str]:
    """Return the lines of an ordinary comment with *text*."""
    if not text.strip():
        return []
    return [f"// {visible(line)}".rstrip() for line in text.strip("\n").split("\n")]
