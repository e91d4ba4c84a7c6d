"""Mistakes in what names a file, and quotes that a word processor made."""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.place import mistake
from bpfgen.syntax.tree import BROKEN, END
from bpfgen.text.diagnostics import Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place

_QUOTES = "\u201c\u201d\u201e\u201f\u00ab\u00bb"
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u00b4`"
_SURROUNDING = "<>\"'" + _QUOTES + _SINGLE_QUOTES
_PATH = re.compile(r"[\w./+-]+")


def wrong_path(place: Place) -> Mistake | None:
    """`import common.dsl;`, `include linux/ip.h;`, `import <linux/ip.h>;` and the like."""
    first = place.first
    word = place.texts[first]
    is_divided = word == "include" and place.kinds[first + 1] == "STRING"
    line = place.line(first + is_divided)
    if word not in {"import", "include", "#include"} or place.line(place.index) > line:
        return None
    if place.kinds[first + 1] == "STRING" and place.kinds[first] == "IMPORT":
        return None
    after = first + 1
    while place.kinds[after] != END and place.line(after) == line:
        if place.texts[after] == ";":
            break
        after += 1
    path = place.written(first + 1, after).strip(_SURROUNDING).strip()
    if not _PATH.fullmatch(path):
        return None
    is_header = word == "include" or path.endswith(".h")
    if not is_header:
        right, what = f'import "{path}";', "the path of an `import` stands in double quotes"
    else:
        is_own = path.startswith(".") or '"' in place.written(first + 1, after)
        right = f'include "{path}";' if is_own or "/" not in path else f"include <{path}>;"
        what = "the path of an `include` stands in `<…>` or in double quotes"
        if is_divided:
            what = "the path of an `include` stands on its line"
        elif word == "import":
            what = "a C header is brought in by `include`"
    ends = after + (place.texts[after] == ";")
    return mistake(
        what,
        place.span(first + 1, after),
        help=f"write `{right}`",
        edits=(place.replace(first, ends, right),),
        resume=ends,
    )


def curly_quotes(place: Place) -> Mistake | None:
    """`“common.dsl”`: both quotes are one mistake."""
    index = place.index
    if place.kinds[index] != BROKEN or place.texts[index][0] not in _QUOTES + _SINGLE_QUOTES:
        return None
    source = place.tokens.source
    start = place.tokens.starts[index]
    line_end = source.text.find("\n", start)
    line_end = len(source.text) if line_end < 0 else line_end
    straight = '"' if place.texts[index][0] in _QUOTES else "'"
    quotes = _QUOTES if straight == '"' else _SINGLE_QUOTES
    places = [at for at in range(start, line_end) if source.text[at] in quotes][:2]
    quoted = Span(source, places[0], places[-1] + 1)
    closing = straight if len(places) > 1 else ""
    right = f"{straight}{source.text[start + 1 : places[-1]]}{closing}"
    return mistake(
        f"`{source.text[start]}` is a quote of printed text, and has no meaning here",
        Span(source, start, start + 1),
        help=f"use straight quotes: `{straight}`",
        edits=(Edit(quoted, right),),
        resume=place.end(place.first),
    )
