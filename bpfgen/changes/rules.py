"""The one table of the rules of `bpfgen breaking`: what each compares, and who acts on it.

A rule's code is a row of :mod:`bpfgen.text.codes`, too, where its severity is, and `explain` has a
page with an example for it.
"""

from __future__ import annotations

from bpfgen.record import Record

PIN, LAYOUT, INNER, LINK, SOURCE = "pin", "layout", "inner", "link", "source"
"""The categories."""

CATEGORY_NAMES = (PIN, LAYOUT, INNER, LINK, SOURCE)
"""Them all, in the order in which findings are reported."""


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


_REUSE = ("libbpf map_is_reuse_compat", "cilium/ebpf MapSpec.Compatible")

_PIN_ROWS = (
    Rule("break-pin-kind", PIN, "the kinds of a pinned map", _REUSE),
    Rule("break-pin-key-size", PIN, "`key_size` of a pinned map", _REUSE),
    Rule("break-pin-value-size", PIN, "`value_size` of a pinned map", _REUSE),
    Rule("break-pin-max-entries", PIN, "`max_entries` of a pinned map, as it is made", _REUSE),
    Rule("break-pin-map-flags", PIN, "`map_flags` of a pinned map, as the kernel shows it", _REUSE),
    Rule("break-pin-map-extra", PIN, "`map_extra` of a pinned map", _REUSE[:1]),
    Rule("break-pin-gone", PIN, "whether a pinned map is still there"),
    Rule("break-pin-renamed", PIN, "the name of a pinned map, which is that of the pin"),
    Rule("break-pin-unpinned", PIN, "whether a pinned map is still pinned"),
)

_ROWS: tuple[Rule, ...] = (*_PIN_ROWS,)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ROWS}
"""By code, in the order of the categories."""
