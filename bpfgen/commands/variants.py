"""Which variant of a source an object is: for `bpfgen verify`, where nothing says so."""

from __future__ import annotations

from bpfgen.compiler import Variant, compile
from bpfgen.conditions import describe
from bpfgen.conditions.candidates import candidates, distinct
from bpfgen.conditions.macros import command_line
from bpfgen.ctype.describe import counted
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.verify import extra_maps, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from bpfgen.compiler import Compilation, Options
    from bpfgen.conditions import Assignment
    from bpfgen.model.model import Model
    from bpfgen.object.records import ObjectFile

    Distance: TypeAlias = tuple[int, int]


_MOST_TRIED = 512


class Nearest(Record):
    """The variants of a source that an object is, or the one that it is nearest to.

    Attributes:
        model: The first of them.
        assignments: What the macros are in each.
        where: The same in words, among those in question; empty where it is any of them.
        differences: In how many ways the object differs from it; 0 where it is one of them.
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


def distance_of(
    compilation: Compilation, object: ObjectFile, *, style: str, exact: bool
) -> Callable[[Model], Distance]:
    """Return a function that says how far *object* is from a model of *compilation*.

    In how many ways it differs, and in how many maps.
    """
    names = {map.name for variant in _in_question(compilation) for map in variant.model.maps}

    def distance(model: Model) -> Distance:
        differences = verify(model, object, style=style, exact=exact, foreign=True)
        # A map that is declared in one variant is none of the program's own in the others. With
        # *exact* it is among the differences.
        extra = [map.name for map in extra_maps(model, object) if map.name in names]
        missing = {map.name for map in model.maps} - {map.name for map in object.maps}
        number = len(differences) + (0 if exact else len(extra))
        return number, len(extra) + len(missing)

    return distance


def nearest(
    compilation: Compilation, options: Options, distance: Callable[[Model], Distance]
) -> Nearest:
    """Return which variants of *compilation*, which has some, it is that *distance* is from.

    Of many macros not every combination is among the variants. Where it is none of them, those that
    one macro less or more makes of the nearest are tried, as long as that helps.

    *distance* returns two numbers, of which the first counts more; the first is 0 where what is
    looked at is of that model.
    """
    tried = _in_question(compilation)
    distances = [distance(variant.model) for variant in tried]
    least = min(distances)
    found = [one for one, far in zip(tried, distances, strict=True) if far == least]
    where = _where(compilation, found, tried)
    while least[0] and len(tried) < _MOST_TRIED:
        del found[1:]
        others = _one_macro_away(compilation, found[0], tried, options)
        tried += others
        far = [distance(one.model) for one in others]
        if not far or min(far) >= least:
            break
        least = min(far)
        found = [others[far.index(least)]]
        where = f"as with `{command_line(found[0].assignment)}`"
    return Nearest(
        found[0].model,
        tuple(variant.assignment for variant in found),
        where,
        least[0],
        len(tried),
        compilation.undecided,
    )


def _one_macro_away(
    compilation: Compilation, variant: Variant, tried: Sequence[Variant], options: Options
) -> list[Variant]:
    """Return what *variant* is where one undecided macro has another value, if it is new."""
    known = {one.assignment for one in tried}
    conditions = () if compilation.places is None else compilation.places.conditions
    values = distinct(conditions, candidates(conditions))
    result = []
    for name in compilation.undecided:
        for value in values.get(name, ()):
            assignment = tuple((n, value if n == name else v) for n, v in variant.assignment)
            if assignment in known:
                continue
            given = replace(
                options,
                definitions={
                    **options.definitions,
                    **{n: str(v) for n, v in assignment if v is not None},
                },
                undefined=tuple(n for n, v in assignment if v is None),
            )
            result.append(Variant(assignment, compile(compilation.source, given).model))
    return result


def _in_question(compilation: Compilation) -> list[Variant]:
    """Return the variants that what is decided leaves; the first is as decided."""
    first = compilation.variants[0].assignment
    decided = {pair for pair in first if pair[0] not in compilation.undecided}
    return [one for one in compilation.variants if decided <= set(one.assignment)]


def _where(compilation: Compilation, found: Sequence[Variant], tried: Sequence[Variant]) -> str:
    """Return in words what holds in *found* and in no other of those *tried*, if anything."""
    if len(found) == len(tried) or compilation.places is None:
        return ""
    chosen, all = ([one.assignment for one in some] for some in (found, tried))
    try:
        condition = describe(chosen, all, compilation.places.conditions)
    except ValueError:  # what tells them apart decides about nothing in this file
        return ""
    return f"where `{condition.text}` holds"
