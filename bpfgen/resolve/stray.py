"""Declarations that declare nothing: beside `file`, which loads it where there is one."""

from __future__ import annotations

from bpfgen.kernel.attribute_words import attribute_named, flag_meant
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import CompositeNode, Token
from bpfgen.text.statements import removal

if TYPE_CHECKING:
    from bpfgen.resolve.lookup import Lookup
    from bpfgen.syntax.tree import DeclarationItem


def report_stray(r: Lookup, item: DeclarationItem) -> None:
    """Report *item*, which is a name and no more, or a type without one."""
    base = item.specifiers.base
    if isinstance(base, CompositeNode):
        r.report.error(
            "declaration",
            f"this {base.kind} has no tag, so nothing can use it",
            base.span,
            help=f"name it: `{base.kind} name {{ … }};`",
        )
        return
    words = item.specifiers.span.text
    if isinstance(base, Token) and base.text in r.tree.lost_names:
        return
    help_ = "remove it"
    if isinstance(base, Token) and (attribute_named(base.text) or flag_meant(base.text)):
        help_ = "the attributes of a map stand before its `;`, in braces: `{ name = value; }`"
    elif isinstance(base, Token) and not _is_type(r, base):
        help_ = f"remove it, or say what it is: `map {base.text}: kind<key, value>[max_entries];`"
    r.report.error(
        "declaration",
        f"`{' '.join(words.split())};` declares nothing",
        item.specifiers.span,
        help=help_,
        edits=(edits := (removal(item.span),) if len(r.tree.items) > 1 else ()),
        changes_meaning=bool(edits),
    )


def _is_type(r: Lookup, name: Token) -> bool:
    """Return whether *name* is a type of the file, or one of those that every file has."""
    entry = r.scope.ordinary.get(name.text)
    if entry is not None:
        return entry.kind == "typedef"
    if name.text in r.scope.tags:
        return True
    return r.prelude is not None and r.prelude.find_type("typedef", name.text) is not None
