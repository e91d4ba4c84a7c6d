"""The category `pin`: whether a loader reuses what is pinned, and still finds it.

    pinned        which maps of OLD are pinned
    differences   in which parameters NEW's map isn't what is pinned, one for each cause
    words         what is said of each

What loaders compare is :mod:`bpfgen.kernel.reuse`'s.
"""

from __future__ import annotations

from bpfgen.changes.pin.differences import Difference, differences_of, grouped
from bpfgen.changes.pin.pinned import is_followed, is_reused, is_unpinned
from bpfgen.changes.pin.words import different, gone, renamed, unpinned
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding
    from bpfgen.changes.pairs import MapPair, Pairs


def findings(pairs: Pairs, asked: Asked) -> Iterator[Finding]:
    """Yield what `pin` finds in *pairs*: of each map, in the order of OLD."""
    found = [one for pair in pairs.maps for one in _of_pair(pair, pairs.defined_now, asked)]
    for one in grouped(found):
        yield one if not isinstance(one, Difference) else different(one, pairs, asked)


def _of_pair(
    pair: MapPair, defined_now: Container[str], asked: Asked
) -> Iterator[Finding | Difference]:
    old, new = pair.old, pair.new
    if old is None or not is_followed(old, new, asked):
        return
    if (new is None or pair.is_renamed) and old.name in defined_now:
        return  # another file of NEW has it, and with it the pin
    if new is None:
        yield gone(old, asked)
        return
    if pair.is_renamed:
        yield renamed(old, new, asked)
        return
    if is_unpinned(old, new, asked):
        yield unpinned(old, new, asked)
    if is_reused(old, new, asked):
        yield from differences_of(old, new, asked)
