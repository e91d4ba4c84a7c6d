"""Jobs side by side: several have begun at a time, and each is finished in its turn.

Between `build`, which does a job, and the terminal: what is said has the order of the jobs.
"""

from __future__ import annotations

import os

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.sources import LANGUAGE, C, kind_of
from bpfgen.steps import Begun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bpfgen.commands.destinations import Job
    from bpfgen.commands.products import Product
    from bpfgen.commands.terminal import Terminal, Warnings
    from bpfgen.sources import Contents
    from bpfgen.steps import Steps


class _BegunJob(Record):
    """A job that has begun.

    Attributes:
        job: The job.
        steps: What is left to do.
        held: What is to be said of it, in its turn.
        warnings: Those that are wanted under its configuration.
    """

    job: Job
    steps: Begun
    held: list[Callable[[], object]]
    warnings: Warnings


class Turns:
    """The jobs of one run that have begun and aren't finished."""

    __slots__ = ("_begun", "_most", "_terminal")

    def __init__(self, terminal: Terminal, most: int) -> None:
        self._terminal = terminal
        self._most = most
        self._begun: list[_BegunJob] = []

    def products(
        self, jobs: Iterable[Job], steps_of: Callable[[Job], Steps[Product | int]]
    ) -> Iterator[Product | int]:
        """Yield what the steps of each of *jobs* come to, in order.

        So many have begun at a time as may; those behind the one whose turn it is wait where they
        have started something.
        """
        try:
            for job in jobs:
                if len(self._begun) == self._most:
                    yield from self._turn()
                if self._terminal.progress is not None:
                    self._terminal.progress.step(job.input)
                self._begin(job, steps_of)
            while self._begun:
                yield from self._turn()
        finally:
            for begun in self._begun:
                begun.steps.close()
            self._begun.clear()

    def to_be_written(self) -> set[str]:
        """Return the names, without directories, of what jobs that have begun may still write.

        Whoever waits for its turn finds all as it was when one job was done after the other.
        """
        names: set[str] = set()
        for begun in self._begun:
            product: Product | int | None = begun.steps.result
            if isinstance(product, int) or (product is not None and product.is_current):
                continue
            for path in begun.job.written:
                names.update(map(os.path.basename, (path, os.path.realpath(path))))
        return names

    def _begin(self, job: Job, steps_of: Callable[[Job], Steps[Product | int]]) -> None:
        held: list[Callable[[], object]] = []
        self._terminal.held = held
        try:
            steps = Begun(steps_of(job))
        finally:
            self._terminal.held = None
        self._begun.append(_BegunJob(job, steps, held, self._terminal.warnings))

    def _turn(self) -> Iterator[Product | int]:
        """Yield what the first job comes to; its files are written when this goes on."""
        first = self._begun[0]
        self._terminal.warnings = first.warnings
        for show in first.held:
            show()
        product: Product | int = first.steps.finish()
        yield product
        del self._begun[0]


def reads_one_of(dependencies: Iterable[str], written: set[str]) -> bool:
    """Whether one of *dependencies* may be one of the files of the names *written*."""
    return bool(written) and any(
        os.path.basename(path) in written
        or (os.path.islink(path) and os.path.basename(os.path.realpath(path)) in written)
        for path in dependencies
    )


def may_ask_headers(path: str, contents: Contents) -> bool:
    """Whether the source *path* may have a compiler look for headers of C, itself or an import."""
    kind = kind_of(path, contents)
    if kind != LANGUAGE or not isinstance(contents, bytes):
        return kind == C
    return b"include" in contents or b"import" in contents
