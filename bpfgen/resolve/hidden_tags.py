"""A typedef and a tag of one name: what is said where the name by itself means the typedef.

Beside :mod:`bpfgen.resolve.lookup`, which loads it where both are there.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite, Enum, Named, Typedef, unqualified
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.scope import Entry, names_tag
from bpfgen.text.diagnostics import Label

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.syntax.tree import Token
    from bpfgen.text.diagnostics import Report


def warn_of_hidden_tag(
    report: Report, name: Token, typedef: Entry | Type, kind: str, tag: Entry | None
) -> None:
    """Warn that *name* is *typedef* and not the struct, union or enum (*kind*) with that tag.

    Silent where the typedef names the very one: `typedef struct foo foo;`. *tag* is its entry, if
    the file itself declares it.
    """
    text = name.text
    if names_tag(typedef.node, text) if isinstance(typedef, Entry) else _is_of_tag(typedef, text):
        return
    labels: tuple[Label, ...] = ()
    if isinstance(typedef, Entry):
        labels = (Label(typedef.span, "the typedef is declared here"),)
    if tag is not None:
        labels = (*labels, Label(tag.span, f"`{kind} {text}` is declared here"))
    report.error(
        "hidden-tag",
        f"`{text}` is the typedef of that name, not `{kind} {text}`",
        name.span,
        labels=labels,
        notes=("in C, too, a name by itself is the typedef",),
        help=f"write `{kind} {text}` if that is meant, or rename one of the two",
        severity="warning",
    )


def _is_of_tag(type: Type, tag: str) -> bool:
    """Return whether *type* is the struct, union or enum *tag*, or a typedef of it."""
    whole = unqualified(type.underlying if isinstance(type, Typedef) else type)
    if isinstance(whole, Named):
        return whole.kind != "typedef" and whole.name == tag
    return isinstance(whole, (Composite, Enum)) and whole.tag == tag
