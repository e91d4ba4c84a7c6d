"""Random changes of random sources, each labelled with what it does; what every proof is made of.

    for change in changes(seed=7, count=1000, names=OF_MAPS):
        change.old_text, change.new_text, change.what

A label says what was done, never what that breaks: this is what the witnesses are asked.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.compiler import compile
from bpfgen.text.source import Source
from tests.changes import map_mutations, member_mutations, type_mutations
from tests.changes.random_program import random_program
from tests.changes.spellings import respelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.changes.program import Program
    from tests.changes.what import What

    Mutation = Callable[[Random, Program], "tuple[Program, What] | None"]

MUTATIONS: dict[str, Mutation] = {
    mutation.__name__.replace("_", "-"): mutation
    for mutation in (*member_mutations.ALL, *type_mutations.ALL, *map_mutations.ALL)
}
"""By the name that its label has. Each gives None where the source has nothing to do it to."""

OF_MAPS = tuple(MUTATIONS)[-len(map_mutations.ALL) :]
OF_TYPES = tuple(MUTATIONS)[: -len(map_mutations.ALL)]
"""Their names, for a proof that wants only some."""


class Change(NamedTuple):
    """Two sources.

    Attributes:
        seed: Of a change of :func:`changes`: that of its `Random`.
        old: As values; what they say is the two texts, but for spelling.
        what: What was done, in order; empty where the two mean the same.
        is_respelled: NEW says some of the same in other words, which means the same in every
            category.
    """

    old: Program
    new: Program
    old_text: str
    new_text: str
    what: tuple[What, ...]
    is_respelled: bool
    seed: str = ""


def changes(
    seed: int,
    count: int,
    *,
    names: Sequence[str] = tuple(MUTATIONS),
    most: int = 4,
    types: int = 5,
    maps: int = 4,
    must_compile: bool = True,
) -> Iterator[Change]:
    """Yield *count* changes; the arguments are those of :func:`changed_source`."""
    for number in range(count):
        own = f"{seed}/{number}"
        change = changed_source(
            Random(own),  # noqa: S311 -- test data
            names=names,
            most=most,
            types=types,
            maps=maps,
            must_compile=must_compile,
        )
        yield change._replace(seed=own)


def changed_source(
    random: Random,
    *,
    names: Sequence[str] = tuple(MUTATIONS),
    most: int = 4,
    types: int = 5,
    maps: int = 4,
    must_compile: bool = True,
) -> Change:
    """Return a random source and what has become of it.

    Args:
        random: Where the decisions come from.
        names: The changes that may be made, of :data:`MUTATIONS`.
        most: At most so many of them; often it is one, and sometimes none.
        types: About so many there are in OLD.
        maps: Likewise.
        must_compile: Both are sources in which bpfgen finds no error; costs some milliseconds.
    """
    while True:
        old = random_program(random, types, maps)
        wanted = random.choice((0, 1, 1, 1, 1, *range(1, most + 1)))
        new, what = mutated(random, old, names, min(wanted, most))
        is_respelled = random.random() < 0.5
        change = Change(
            old,
            new,
            old.text(),
            respelled(random, new) if is_respelled else new.text(),
            what,
            is_respelled,
        )
        if len(what) == min(wanted, most) and (not must_compile or _compiles(change)):
            return change


def mutated(
    random: Random, program: Program, names: Sequence[str], count: int
) -> tuple[Program, tuple[What, ...]]:
    """Return *program* after up to *count* changes of those *names*, and which they were."""
    found: list[What] = []
    for _ in range(20 * count):
        if len(found) == count:
            break
        changed = MUTATIONS[random.choice(names)](random, program)
        if changed is not None and changed[0] != program:
            program = changed[0]
            found.append(changed[1])
    return program, tuple(found)


def _compiles(change: Change) -> bool:
    texts = (change.old_text, change.new_text)
    return not any(compile(Source("maps.dsl", text)).failed for text in texts)
