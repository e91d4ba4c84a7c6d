"""Who may declare a name that nobody does here: a well-known C header, or a name like it.

Beside `lookup`, which loads it where a name is unknown.
"""

from __future__ import annotations

from bpfgen.ctype.other_languages import TEXT, TYPES
from bpfgen.kernel.attribute_words import flag_meant
from bpfgen.kernel.uapi_headers import KERNEL_STRUCTS, header_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import ImportItem, IncludeItem
from bpfgen.text.diagnostics import Edit
from bpfgen.text.source import Span
from bpfgen.text.spelling import closest, unit_meant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.syntax.tree import File, Token


def declared_elsewhere(
    tree: File, name: Token, candidates: Iterable[str], advice: str, kind: str
) -> tuple[str, tuple[Edit, ...]]:
    """Return what to do about the unknown *name*, and the edits that would do it.

    *kind* is `const`, `typedef` where a type without a keyword is meant, or the keyword.
    """
    text = name.text
    header = header_of(text, constant=kind == "const") if kind not in ("union", "enum") else None
    if header is not None and not _includes(tree, header):
        keyword = (Edit(Span(name.span.source, name.span.start, name.span.start), "struct "),)
        edits = (*_include(tree, header), *(keyword if kind == "typedef" else ()))
        what = f", and `struct {text}`" if kind == "typedef" else ""
        return f"write `include <{header}>;` at the top{what}", edits
    if kind == "const" and unit_meant(text, or_itself=True) is not None:
        return f"a unit stands right after a number: `64 {unit_meant(text, or_itself=True)}`", ()
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


def _includes(tree: File, header: str) -> bool:
    """Return whether *tree* includes *header* already, and it didn't help."""
    return any(isinstance(i, IncludeItem) and i.path[1:-1] == header for i in tree.items)


def _include(tree: File, header: str) -> tuple[Edit, ...]:
    """Return the edit that includes *header*: after the last import or include, else at the top."""
    source = tree.source
    above = [i for i in tree.items if isinstance(i, (IncludeItem, ImportItem))]
    if above:
        end = source.text.find("\n", above[-1].span.end)
        if end >= 0:
            return (Edit(Span(source, end + 1, end + 1), f"include <{header}>;\n"),)
    start = 0
    if tree.doc and tree.tokens is not None and tree.items:
        # What documents the file stands before an empty line.
        start = _after_file_doc(source.text)
    return (Edit(Span(source, start, start), f"include <{header}>;\n"),)


def _after_file_doc(text: str) -> int:
    """Return where the first empty line after the comment at the top of *text* ends, or 0."""
    begin = len(text) - len(text.lstrip())
    empty = text.find("\n\n", begin)
    return empty + 2 if empty >= 0 else 0
