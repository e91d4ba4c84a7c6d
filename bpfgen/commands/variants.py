"""Which variant of a source an object is: for `bpfgen verify`, where nothing says so."""

from __future__ import annotations

from bpfgen.conditions import conjunction, describe
from bpfgen.conditions.macros import command_line
from bpfgen.ctype.describe import counted
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.verify import extra_maps, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.compiler import Compilation, Variant
    from bpfgen.conditions import Assignment
    from bpfgen.model.model import Model
    from bpfgen.object.records import ObjectFile


class Nearest(Record):
    """The variants of a source that an object is, or the one that it is nearest to.

    Attributes:
        model: The first of them.
        assignments: What the macros are in each.
        where: The same as a condition among those in question; empty where it is any of them.
        differences: In how many ways the object differs from it.
        tried: How many variants are in question.
        undecided: The macros that nothing was said of.
    """

    model: Model
    assignments: tuple[Assignment, ...]
    where: str
    differences: int
    tried: int
    undecided: tuple[str, ...]

    def error(self, object: str, source: str) -> tuple[str, str, str] | None:
        """Return the code, message and advice where the file *object* is no variant of *source*."""
        if not self.differences:
            return None
        message = (
            f"`{object}` is none of the {self.tried} variants of `{source}` that were tried; the"
            f" nearest is that of `{command_line(self.assignments[0])}`, with"
            f" {counted(self.differences, 'difference')}"
        )
        ways = ", ".join(f"`-D {name}=VALUE` or `-U {name}`" for name in self.undecided)
        return "verify-variant", message, f"say what the program was compiled with: {ways}"


def nearest(compilation: Compilation, object: ObjectFile, *, style: str, exact: bool) -> Nearest:
    """Return which variants of *compilation*, which has some, *object* is.

    Among those that it is, the ones count that leave the fewest of its maps undeclared.
    """
    tried = _in_question(compilation)
    distances = []
    for variant in tried:
        model = variant.model
        differences = verify(model, object, style=style, exact=exact, foreign=True)
        distances.append((len(differences), len(extra_maps(model, object))))
    least = min(distances)
    found = [one for one, distance in zip(tried, distances, strict=True) if distance == least]
    if least[0]:
        del found[1:]
    return Nearest(
        found[0].model,
        tuple(variant.assignment for variant in found),
        _where(compilation, found, tried),
        least[0],
        len(tried),
        compilation.undecided,
    )


def _in_question(compilation: Compilation) -> list[Variant]:
    """Return the variants that what is decided leaves; the first is as decided."""
    first = compilation.variants[0].assignment
    decided = {pair for pair in first if pair[0] not in compilation.undecided}
    return [one for one in compilation.variants if decided <= set(one.assignment)]


def _where(compilation: Compilation, found: Sequence[Variant], tried: Sequence[Variant]) -> str:
    """Return the condition that holds in *found* and in no other of those *tried*, if any."""
    if len(found) == len(tried) or compilation.places is None:
        return ""
    guards = dict.fromkeys(block.guard for block in compilation.places.blocks)
    try:
        return describe(
            [one.assignment for one in found],
            [one.assignment for one in tried],
            [conjunction(guard) for guard in guards],
        ).text
    except ValueError:  # an import decides
        return command_line(found[0].assignment)
