"""Declarations that need each other, and what is said about them.

Part of resolving a file; loaded where one has such a mistake.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Label
from bpfgen.text.source import NESTING_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.resolve.scope import Entry
    from bpfgen.text.diagnostics import Report


def report_cycle(report: Report, chain: Sequence[Entry]) -> None:
    """Report that the first entry of *chain* needs itself, by way of the others, in order."""
    entry = chain[0]
    if any(e.kind in ("const", "enumerator", "enum") for e in chain):
        names = [e.name.text for e in chain if e.name is not None]
        report.error(
            "recursive-constant",
            f"the value of `{names[0]}` depends on itself"
            + (f", through {' and '.join(f'`{n}`' for n in names[1:])}" if names[1:] else ""),
            entry.span if entry.name else None,
        )
        return
    others = tuple(Label(e.span, "through this") for e in chain[1:] if e.name is not None)
    name = entry.name.text if entry.name else ""
    if entry.kind in ("struct", "union"):
        message = f"`{entry.kind} {name}` holds itself by value, so it would never end"
        help_ = f"hold a pointer: `{entry.kind} {name} *`"
    else:
        message = f"the {entry.kind} `{name}` is defined by itself"
        help_ = ""
    code = "recursive-map" if entry.kind in ("map", "template") else "recursive-type"
    report.error(code, message, entry.span, labels=others, help=help_)


def report_no_order(report: Report, first: Entry, second: Entry) -> None:
    """Report that two entries need each other to be declared before them, perhaps through more.

    A name behind a pointer makes no type recursive, but C has no way to announce a typedef.
    """
    report.error(
        "recursive-type",
        f"the {first.kind} `{first.span.text}` and the {second.kind} `{second.span.text}` "
        "need each other to be declared first",
        first.span,
        labels=(Label(second.span, "this one"),),
        notes=("C has no forward declaration of a typedef, only of a struct or union",),
        help="hold one of them as `struct name *`",
    )


def report_too_deep(report: Report, entry: Entry) -> None:
    """Report that *entry* is built on others that are built on others, past the limit."""
    report.error(
        "nesting",
        f"declarations are built on each other more than {NESTING_LIMIT} levels deep",
        entry.span if entry.name else None,
        help="hold types by pointer, or spell some of the levels out",
    )
