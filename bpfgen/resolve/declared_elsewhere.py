"""Who may declare a name that nobody does here: a well-known C header, or a name like it.

Beside `lookup`, which loads it where a name is unknown.
"""

from __future__ import annotations

import re

from bpfgen.ctype.other_languages import TEXT, TYPES
from bpfgen.kernel.attribute_words import flag_meant
from bpfgen.kernel.uapi_headers import KERNEL_STRUCTS, header_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import ImportItem, IncludeItem
from bpfgen.text.diagnostics import Edit
from bpfgen.text.source import Span
from bpfgen.text.spelling import closest, unit_meant

_REST_OF_LINE = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\n]*?\*/[ \t]*)?(?:(\r?\n)|\Z)")
_HEADER = re.compile(r"\s*(?://[^\n]*\n[ \t]*|/\*.*?\*/[ \t]*\r?\n)+(?:[ \t]*\r?\n)", re.DOTALL)
"""Comments at the top of a file, up to the first empty line."""
_DOC = re.compile(r"^[ \t]*(?:///(?!/)|/\*\*(?![*/]))", re.MULTILINE)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.syntax.tree import File, Token


_NEAR = 40
_TIMES = re.compile(r"(?:^|[^\w'./%~!\s])\s*([0-9][0-9a-fA-FxX']*)\s*\*\s*$")
"""A number right before a unit, and the sign that multiplies them; none binds the number first."""


def declared_elsewhere(
    tree: File, name: Token, candidates: Iterable[str], advice: str, kind: str
) -> tuple[str, tuple[Edit, ...]]:
    """Return what to do about the unknown *name*, and the edits that would do it.

    *kind* is `const`, `typedef` where a type without a keyword is meant, or the keyword.
    """
    text = name.text
    header = header_of(text, constant=kind == "const") if kind not in ("union", "enum") else None
    if header is not None and not includes(tree, header):
        keyword = (Edit(Span(name.span.source, name.span.start, name.span.start), "struct "),)
        include = at_the_top(tree, f"include <{header}>;")
        edits = (*include, *(keyword if kind == "typedef" else ()))
        what = f", and `struct {text}`" if kind == "typedef" else ""
        return f"write `include <{header}>;` at the top{what}", edits
    if kind == "const" and unit_meant(text, or_itself=True) is not None:
        unit = unit_meant(text, or_itself=True)
        span = name.span
        times = _TIMES.search(span.source.text, max(span.start - _NEAR, 0), span.start)
        if times is None:
            return f"a unit stands right after a number: `64 {unit}`", ()
        right = f"{times[1]} {unit}"
        edit = Edit(Span(span.source, times.start(1), span.end), right)
        return f"a unit stands right after a number: write `{right}`", (edit,)
    if kind == "typedef" and text in TYPES:
        return f"write `{TYPES[text]}`", (Edit(name.span, TYPES[text]),)
    if kind == "typedef" and text in TEXT:
        return "text is an array in C: `char name[16]`", ()
    takes_kernel = any(isinstance(item, IncludeItem) and item.is_kernel for item in tree.items)
    if kind in ("struct", "typedef") and text in KERNEL_STRUCTS and not takes_kernel:
        pointer = f"it is the kernel's own: hold a pointer, `struct {text} *`"
        return f"{pointer}, or write `include kernel;` at the top, and `--btf FILE`", ()
    flag = flag_meant(text) if kind == "const" else None
    near = flag if flag != text and flag is not None else closest(text, candidates)
    if near is not None:
        return f"did you mean `{near}`?", (Edit(name.span, near),)
    return f"{advice}, or `include` the C header that does", ()


def includes(tree: File, header: str) -> bool:
    """Return whether *tree* includes *header* already, and it didn't help."""
    return any(isinstance(i, IncludeItem) and i.path[1:-1] == header for i in tree.items)


def at_the_top(tree: File, statement: str) -> tuple[Edit, ...]:
    """Return the edit that adds *statement*, an `include` or `import`, to *tree*.

    It goes after the last of them that depends on no condition; where there is none, to the top,
    after the comment that is the file's own.
    """
    source = tree.source
    text = source.text
    branches = [branch.span for when in tree.whens for branch in when.branches]
    above = [
        item.span.end
        for item in tree.items
        if isinstance(item, (IncludeItem, ImportItem))
        and not any(span.start <= item.span.start < span.end for span in branches)
    ]
    if above:
        end = _REST_OF_LINE.match(text, above[-1])
        if end is None:
            return (Edit(Span(source, above[-1], above[-1]), f" {statement}"),)
        if end[1]:
            return (Edit(Span(source, end.end(), end.end()), f"{statement}\n"),)
        return (Edit(Span(source, end.end(), end.end()), f"\n{statement}"),)
    start = _after_header(text, has_doc=bool(tree.doc))
    return (Edit(Span(source, start, start), f"{statement}\n"),)


def _after_header(text: str, *, has_doc: bool) -> int:
    """Return where the comments at the top of *text* end: a licence, and the file's own if any."""
    start = 0
    while (header := _HEADER.match(text, start)) is not None:
        is_doc = _DOC.search(header[0]) is not None
        if start and not is_doc:
            break
        start = header.end()
        if is_doc or not has_doc:
            break
    return start
