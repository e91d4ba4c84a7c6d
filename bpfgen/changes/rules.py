"""The one table of the rules of `bpfgen breaking`: what each compares, and who acts on it.

A rule's code is a row of :mod:`bpfgen.text.codes`, too, where its severity is, and `explain` has a
page with an example for it.
"""

from __future__ import annotations

from bpfgen.record import Record

PIN, LAYOUT, INNER, LINK, SOURCE = "pin", "layout", "inner", "link", "source"
"""The categories."""


class Rule(Record):
    """One rule.

    Attributes:
        code: Its name, which begins with `break-` and the category.
        category: One of the five.
        compares: What of OLD and NEW is held against each other, in one clause.
        decided_by: Who acts on it: functions of the kernel and of loaders; empty where nobody does,
            and the bytes are misread.
    """

    code: str
    category: str
    compares: str
    decided_by: tuple[str, ...] = ()


_ROWS: tuple[Rule, ...] = ()

RULES: dict[str, Rule] = {rule.code: rule for rule in _ROWS}
"""By code, in the order of the categories."""
