"""A long run of mutants: `python -m tests.fuzz.storm 1000000 [--first N] [--every N]`.

Goes on after a failure, and tells each kind of failure once, with the seed's name and the number
that make it again: `python -m tests.fuzz.storm --seed NAME --first NUMBER 1`.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import time
import traceback
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING

from tests.fuzz.object_damages import mutant
from tests.fuzz.object_seeds import seeds
from tests.fuzz.object_uses import use

if TYPE_CHECKING:
    from types import FrameType

LONGEST = 2.0
"""Seconds of processor time that one mutant may take."""

ALLOWANCE = 50_000_000
"""Bytes of memory that one mutant may take, beside ten times its own size."""


class TooSlow(Exception):  # noqa: N818 -- an answer, not an error
    """A mutant takes longer than it may."""


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlow


def guarded(data: bytes) -> str:
    """Do everything with *data*; raise TooSlow after LONGEST seconds of processor time."""
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    try:
        return use(data)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def peak_of(data: bytes) -> int:
    """Return the most memory that doing everything with *data* takes, in bytes."""
    tracemalloc.start()
    try:
        use(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def tell(line: str) -> None:
    """Write *line* at once: a long run is watched."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run; return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", help="only mutants of the seed of this name")
    parser.add_argument("--measure-every", type=int, default=50, help="memory of every Nth mutant")
    arguments = parser.parse_args()
    signal.signal(signal.SIGVTALRM, _ring)
    every = [each for each in seeds() if arguments.seed in (None, each.name)]
    outcomes: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    slowest, largest, start = (0.0, ""), (0.0, ""), time.monotonic()
    for number in range(arguments.first, arguments.first + arguments.count):
        seed = every[number % len(every)]
        data = mutant(seed, number)
        name = f"{seed.name!r} {number}"
        before = time.process_time()
        try:
            outcomes[guarded(data)] += 1
            if number % arguments.measure_every == 0:
                peak = peak_of(data) / (10 * len(data) + ALLOWANCE)
                largest = max(largest, (peak, name))
                assert peak <= 1, "too much memory"
        except (Exception, MemoryError) as error:  # noqa: BLE001 -- whatever it is, it is told
            outcomes["failed"] += 1
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} at {place.filename}:{place.lineno}"
            failures[kind] += 1
            if failures[kind] == 1:
                tell(f"{name}: {kind}: {error}\n{traceback.format_exc()}")
        slowest = max(slowest, (time.process_time() - before, name))
        if (number + 1) % 20_000 == 0:
            seconds = time.monotonic() - start
            rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            done = number + 1 - arguments.first
            tell(
                f"{done} mutants, {done / seconds:.0f} a second, {dict(outcomes)}; slowest "
                f"{slowest[0]:.2f} s ({slowest[1]}), most memory {largest[0]:.0%} of the bound "
                f"({largest[1]}), {rss} MB resident at most; {dict(failures)}"
            )
    tell(f"{dict(outcomes)} {dict(failures)}")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
