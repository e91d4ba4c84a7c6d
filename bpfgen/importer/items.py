"""The declarations of a source that is being written, as text: what both ways of import end in."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.compiler import Compilation
    from bpfgen.record import Uncompared
    from bpfgen.text.diagnostics import Diagnostic, Subject

INCLUDES, CONSTANTS, TYPES, PROGRAMS, TEMPLATES, MAPS = range(6)
"""Groups of declarations, each apart from the others in the text."""


class Imported(Record):
    """What an object, or C, came to.

    Attributes:
        text: The source; empty where no map could be expressed.
        diagnostics: What was changed, lost or allowed on the way, in the order of the object.
        compilation: What the text came to, with the types that were asked for; None where there is
            no text.
        dependencies: The headers that were read on the way.
    """

    text: str
    diagnostics: list[Diagnostic]
    compilation: Uncompared[Compilation | None] = None
    dependencies: tuple[str, ...] = ()


class Item(Record):
    """One declaration of the source.

    Attributes:
        name: Of the map, or empty.
        what: In words, for messages.
        group: Items of one group stand together.
        allowances: The codes that are allowed in it, in the order in which they came up.
        place: Where it comes from, for messages: `file:line: `, or empty.
        subject: What a diagnostic is about that leaves it out.
    """

    text: str
    name: str
    what: str
    group: int
    allowances: tuple[str, ...] = ()
    place: str = ""
    subject: Subject | None = None


def source_text(items: Iterable[Item], name: str) -> tuple[str, dict[int, int]]:
    """Return the source of *items*, and by line, from 1, the index of the one that it belongs to.

    *name* is what they were imported from.
    """
    lines = [f"/// The maps of {name}."]
    item_at: dict[int, int] = {}
    before: Item | None = None
    for index, item in enumerate(items):
        own = item.text.rstrip("\n").split("\n")
        is_short = len(own) == 1 and not item.allowances
        if (
            before is None
            or before.group != item.group
            or not is_short
            or len(before.text.rstrip("\n").split("\n")) > 1
            or before.allowances
        ):
            lines.append("")
        before = item
        # Above a declaration, they hold for the whole of it.
        lines += (f"// bpfgen: allow {code} because {name} has it so" for code in item.allowances)
        for line in own:
            lines.append(line)
            item_at[len(lines)] = index
    return "\n".join(lines) + "\n", item_at
