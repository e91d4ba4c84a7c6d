"""The categories of findings, a row each, and the comparison of two models by those asked for."""

from __future__ import annotations

from importlib import import_module

from bpfgen.changes.pairs import NONE_CUT, pairs_of_files
from bpfgen.changes.rules import INNER, LAYOUT, LINK, PIN, SOURCE
from bpfgen.changes.unknown import unknown
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bpfgen.changes.finding import Finding
    from bpfgen.changes.pairs import Pairs
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model

DEFAULT = (PIN, LAYOUT, INNER)
"""What is compared where nothing is said; `pin` for pinned maps alone."""


class Asked(Record):
    """What is compared; of each file of a run its own, since one may be of running maps.

    Attributes:
        categories: Their names.
        pinned: Patterns of the names of maps that a loader pins on its own, as `*`.
        is_running: OLD or NEW is of maps of the running kernel.
        is_new_running: NEW is, and nobody knows which of them a source would pin.
        is_pin: OLD is a map that is pinned: all maps of it are.
        pins: The paths at which maps of OLD are pinned, by their names, where these are known.
        cut: The names of maps of OLD, and of NEW, that the kernel may have cut.
        everything: All maps are compared as pinned ones, and types that no map has are compared.
        page: Bytes of a page where the maps are loaded.
        cpus: The CPUs of the machine where the maps are loaded, or None where they aren't known.
        kernel: The oldest kernel that NEW must work on, where that isn't what it says itself.
    """

    categories: tuple[str, ...] = DEFAULT
    pinned: tuple[str, ...] = ()
    is_running: bool = False
    is_new_running: bool = False
    is_pin: bool = False
    pins: Mapping[str, str] = {}
    cut: tuple[frozenset[str], frozenset[str]] = NONE_CUT
    everything: bool = False
    page: int = 4096
    cpus: int | None = None
    kernel: KernelVersion | None = None


class Category(Record):
    """One category: *module* has `findings(pairs, asked) -> Iterable[Finding]`.

    Attributes:
        name: As typed.
        module: Imported where it is asked for.
        question: What it answers.
    """

    name: str
    module: str
    question: str


CATEGORIES: dict[str, Category] = {
    category.name: category
    for category in (
        Category(PIN, "bpfgen.changes.pin", "will a loader reuse the pinned map?"),
        Category(LAYOUT, "bpfgen.changes.layout", "do old bytes, or an old reader, mean the same?"),
        Category(INNER, "bpfgen.changes.inner", "may an inner map still stand in its slot?"),
        Category(LINK, "bpfgen.changes.link", "does an object with the old `extern` still link?"),
        Category(SOURCE, "bpfgen.changes.source", "does code that uses the outputs still compile?"),
    )
}
"""By name, in the order in which findings are reported."""


def compare(old: Model, new: Model, asked: Asked) -> list[Finding]:
    """Return what *new* breaks of *old*, by category, in the order of OLD within each."""
    return compare_files([(old, new)], asked)[0]


def compare_files(files: Sequence[tuple[Model, Model]], asked: Asked) -> list[list[Finding]]:
    """Return for each of *files*, OLD and NEW, what :func:`compare` does of one.

    What moved from one to another isn't gone. Of a file that is gone or new one of the models is
    :func:`bpfgen.changes.pairs.no_model`.
    """
    sides = pairs_of_files(files, [asked.cut] * len(files))
    return [findings_of(pairs, asked) for pairs in sides]


def findings_of(pairs: Pairs, asked: Asked) -> list[Finding]:
    """Return what is found in *pairs*, by category."""
    running = asked.is_pin, asked.is_new_running
    found = list(unknown(pairs, asked.categories, running))
    for category in CATEGORIES.values():
        if category.name in asked.categories:
            module = import_module(category.module)
            findings: Callable[[Pairs, Asked], Iterable[Finding]] = module.findings
            found += findings(pairs, asked)
    return found
