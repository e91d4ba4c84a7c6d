"""Functions of headers without their bodies: what is left of them is a prototype.

Used by :mod:`compiled`, which does the same with those of the file itself. A header may define
programs (`SEC("tc") int …`), and functions that only the build's own flags let clang take. Those
that nothing calls cost nothing, so that only stretches with a section are looked at; a vmlinux.h
has none.
"""

from __future__ import annotations

import re

from bpfgen.importer.from_c.declarations import FUNCTION, declarations
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MARKER = re.compile(r"# \d+ \"((?:[^\"\\]|\\.)*)\"")
_SECTION = re.compile(r"section\s*\(\s*\"")  # a letter before it would cost a search its speed

_TYPE = re.compile(
    r"(?:\A|(?<=[;}]))\n+(?:typedef )?(?:struct|union|enum)(?: \w+)? "
    r"\{(?:\n(?:[ \t][^\n]*\n|\n)*)?\}[^;{}\n]*;(?=\n)"
)
"""A type between declarations, as bpftool writes those of a vmlinux.h, with nothing else in it."""


def without_header_bodies(output: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield *output* (the place of each preprocessed line, -1 in headers) without such bodies.

    In headers a text may have several lines, there and in what comes out.
    """
    stretch: list[str] = []
    name = ""
    for place, line in output:
        marker = _MARKER.match(line) if place < 0 and line.startswith("# ") else None
        if place >= 0 or (marker is not None and marker[1] != name):
            for own in _without_bodies(stretch):
                yield -1, own
            stretch = []
            name = "" if marker is None else marker[1]
        if place >= 0:
            yield place, line
        else:
            stretch.append(line)
    for own in _without_bodies(stretch):
        yield -1, own


def _without_bodies(texts: list[str]) -> list[str]:
    """Return the *texts* of one file without the bodies of functions, if one is in a section."""
    if not any("section" in text and _SECTION.search(text) for text in texts):
        return texts
    lines = [line for text in texts for line in text.split("\n")]
    # Markers and pragmas are no C; they go with the body that they stand in.
    text = "\n".join("" if line.startswith("#") else line for line in lines)
    parts: list[str] = []
    gone: set[int] = set()
    position = line = counted = 0
    # A newer vmlinux.h has a section for each kfunc, and far more types than anything else.
    bare = _TYPE.sub(_blanked, text)
    if "{" not in bare:
        return texts
    for declaration in declarations(bare):
        if declaration.kind != FUNCTION:
            continue
        body = text[declaration.head_end : declaration.end]
        parts += (text[position : declaration.head_end], ";", "\n" * body.count("\n"))
        position = declaration.end
        line += text.count("\n", counted, declaration.head_end)
        counted = declaration.head_end
        gone.update(range(line, line + body.count("\n") + 1))
    left = "".join([*parts, text[position:]]).split("\n")
    return [
        line if line.startswith("#") and number not in gone else left[number]
        for number, line in enumerate(lines)
    ]


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match[0])
