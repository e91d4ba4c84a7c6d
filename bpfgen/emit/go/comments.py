"""Doc comments as comments of Go that gofmt leaves as they are.

gofmt rewrites what it takes for a heading, a list, a link's definition or a quotation where a
declaration has a comment (go/doc/comment, Parser and Printer). A comment here has none of these:
its lines begin at the margin, and what would be read as one of them is written so that it isn't.
"""

from __future__ import annotations

from bpfgen.emit.user_space.docs import doc_lines, visible
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH = 96
"""Characters in a line of our own sentences, at most."""


def comment(lines: Sequence[str], indent: str = "") -> str:
    """Return *lines* as a comment, each with its newline; a blank one ends a paragraph."""
    return "".join([f"{indent}// {line}".rstrip() + "\n" for line in lines])


def doc(text: str, first: str = "") -> list[str]:
    """Return the lines of a comment with the doc comment *text*, after the sentence *first*."""
    lines = _wrapped(plain(first)) if first else []
    said = doc_lines(text) if text else []
    if not said:
        return lines
    lines = [*lines, "", *map(plain, said)] if lines else list(map(plain, said))
    return _paragraphs(lines) if "" in lines else lines


def plain(text: str) -> str:
    """Return *text* as one line that gofmt takes for the text of a paragraph."""
    text = no_constraint(visible(text).strip())
    if "``" in text or "''" in text:
        text = text.replace("``", "“").replace("''", "”")
    if text.startswith("#"):
        text = f"({text})"
    if text.startswith("["):
        text = text.replace("]:", "] :")
    return text


def no_constraint(text: str) -> str:
    """Return *text* without what vet takes for an old build constraint, wherever it stands."""
    return text.replace("+build", "+ build")


def _wrapped(text: str) -> list[str]:
    """Return *text* as lines that are no longer than programs like."""
    if len(text) <= _WIDTH:
        return [text]
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= _WIDTH:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


def _paragraphs(lines: list[str]) -> list[str]:
    """Return *lines* with one blank line between paragraphs, and none of them like a heading.

    A single line between two paragraphs that ends in no punctuation is a heading to gofmt, so it
    becomes the first line of the paragraph after it.
    """
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    if not paragraphs[-1]:
        del paragraphs[-1]
    text: list[str] = []
    for index, paragraph in enumerate(paragraphs):
        text += paragraph
        last = index == len(paragraphs) - 1
        heading = (
            index > 0
            and len(paragraph) == 1
            and (paragraph[0][-1].isalnum() or paragraph[0][-1] == ")")
        )
        if not last and not heading:
            text.append("")
    return text
