"""The parts of a map definition in C, as text: what :mod:`definitions` finds and others write."""

from __future__ import annotations

from bpfgen.record import Record

TYPE_OF = "typeof "
"""Before the name of a map whose definition is that of the inner maps."""


class CDefinition(Record):
    """What a definition struct says, as C text.

    Attributes:
        numbers: The integer attributes; empty texts where the initializer has them.
        types: `key` and `value`.
        inner: The definition in `values`, the name of a struct or typedef, :data:`TYPE_OF` and the
            name of a map, or None.
        programs: `values` are functions.
        declared: Types that are declared inside of it.
    """

    numbers: dict[str, str]
    types: dict[str, str]
    inner: CDefinition | str | None
    programs: bool
    declared: list[str]


class CMap(Record):
    """A map in C.

    Attributes:
        linkage: `global`, `weak`, `static` or `extern`.
        definition: Its struct, or the name of it.
        legacy: In section `maps`.
        section: The name of the section.
        hidden: It is `__hidden`.
        struct: The tag or typedef of its type, or empty.
        numbers: What its initializer says, by member; those without a designator by place.
        slots: (index as C text, target).
        has_values: Its initializer has `values`.
    """

    name: str
    linkage: str
    definition: CDefinition | str
    legacy: bool
    section: str
    hidden: bool
    struct: str
    numbers: dict[str, str]
    slots: list[tuple[str, str]]
    has_values: bool
