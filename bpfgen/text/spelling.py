"""Did you mean: the known name nearest to an unknown one, and lists in human words.

Serves every stage that looks names up; imports none of them.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_COMPARISONS = 50_000
"""Names that one :class:`Speller` looks at closely; past them only the folded form is tried.

A file with ten thousand unknown names among ten thousand known ones must not take their product.
"""


def fold(name: str) -> str:
    """Return *name* without what people mistype without noticing: case and underscores."""
    return name.replace("_", "").casefold()


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the one of *candidates* that *name* was probably meant to be, or None.

    For many questions about the same names, build a :class:`Speller` once.
    """
    return Speller(candidates).closest(name)


class Speller:
    """Known names, in a form in which the nearest to an unknown one is found fast.

    The answer doesn't depend on the order of the names. A name within *b* edits of another has,
    of its *b* + 1 pieces, at least one whole (pigeons and holes), so that only names that share a
    piece with the unknown one are compared with it.
    """

    __slots__ = ("_exact", "_left", "_lengths", "_pieces")

    def __init__(self, candidates: Iterable[str]) -> None:
        self._exact: dict[str, str] = {}
        self._lengths: dict[int, list[str]] = {}
        self._pieces: dict[tuple[int, int], dict[tuple[int, str], list[str]]] = {}
        self._left = _COMPARISONS
        for candidate in sorted(set(candidates)):
            # Of names that fold to the same, the first in sorted order answers for all.
            folded = fold(candidate)
            if folded not in self._exact:
                self._exact[folded] = candidate
                self._lengths.setdefault(len(folded), []).append(folded)

    def closest(self, name: str) -> str | None:
        """Return the nearest known name, or None if none is near; never *name* itself.

        Near is: the same but for case and underscores; else at most one edit in three letters
        and three in all (an edit inserts, deletes, replaces or swaps neighbours); else one is the
        beginning of the other, four letters at least.
        """
        folded = fold(name)
        exact = self._exact.get(folded)
        if exact is not None and exact != name:
            return exact
        return self._within(name, folded) or self._beginning(name, folded)

    def _within(self, name: str, folded: str) -> str | None:
        """Return the known name fewest edits away, or None if it is too many."""
        bound = min(len(folded) // 3, 3)
        nearest: tuple[int, int, int, str] | None = None
        compared: set[str] = set()
        for candidate in self._sharing(folded, bound):
            original = self._exact[candidate]
            if candidate in compared or original == name:
                continue
            compared.add(candidate)
            self._left -= 1
            if self._left <= 0:
                break
            away = distance(folded, candidate, bound)
            if away is not None:
                # What people get wrong is rarely how a name begins.
                alike = _beginning_shared(candidate, folded)
                rank = (away, -alike, abs(len(candidate) - len(folded)), original)
                if nearest is None or rank < nearest:
                    nearest = rank
                    bound = away  # what is further away is of no interest any more
        return nearest[3] if nearest is not None else None

    def _sharing(self, folded: str, bound: int) -> Iterator[str]:
        """Yield the names that share a piece with *folded* where *bound* edits could leave it."""
        if not bound:
            return
        for length in range(len(folded) - bound, len(folded) + bound + 1):
            index = self._index(length, bound)
            if not index:
                continue
            for number, (start, end) in enumerate(_cuts(length, bound + 1)):
                for shift in range(-bound, bound + 1):
                    low, high = start + shift, end + shift
                    if low < 0 or high > len(folded):
                        continue
                    piece = folded[low:high]
                    yield from index.get((number, piece), ())
                    # Neighbours swapped across the edge of a piece spoil two pieces by one edit.
                    if high < len(folded):
                        yield from index.get((number, piece[:-1] + folded[high]), ())
                    if low > 0:
                        yield from index.get((number, folded[low - 1] + piece[1:]), ())

    def _index(self, length: int, bound: int) -> dict[tuple[int, str], list[str]]:
        """Return the names of this folded length by (number, text) of their *bound* + 1 pieces."""
        index = self._pieces.get((length, bound))
        if index is None:
            index = self._pieces[length, bound] = {}
            cuts = list(enumerate(_cuts(length, bound + 1)))
            for folded in self._lengths.get(length, ()):
                for number, (start, end) in cuts:
                    index.setdefault((number, folded[start:end]), []).append(folded)
        return index

    def _beginning(self, name: str, folded: str) -> str | None:
        """Return the name that continues *folded*, or the longest that *folded* continues."""
        if len(folded) < 4:
            return None
        for length in range(len(folded) - 1, 3, -1):
            shorter = self._exact.get(folded[:length])
            if shorter is not None and shorter != name:
                return shorter
        self._left -= len(self._exact)
        if self._left <= 0:
            return None
        longer = [
            (length, self._exact[candidate])
            for length, names in self._lengths.items()
            if length > len(folded)
            for candidate in names
            if candidate.startswith(folded)
        ]
        return min(longer)[1] if longer else None


def _beginning_shared(one: str, other: str) -> int:
    """Return how many characters both texts begin with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _cuts(length: int, count: int) -> list[tuple[int, int]]:
    """Return where *count* pieces of about the same size begin and end in a text of *length*."""
    return [(length * i // count, length * (i + 1) // count) for i in range(count)]


def distance(one: str, other: str, bound: int) -> int | None:
    """Return the edits between two texts, or None if they are more than *bound*.

    Edits insert, delete or replace a character or swap two neighbours; no character takes part
    in two of them (optimal string alignment). Time is len(one) * bound at most.
    """
    if abs(len(one) - len(other)) > bound:
        return None
    shorter = min(len(one), len(other))
    same = _beginning_shared(one, other)
    one, other, shorter = one[same:], other[same:], shorter - same
    same = 0
    while same < shorter and one[-1 - same] == other[-1 - same]:
        same += 1
    one, other = one[: len(one) - same], other[: len(other) - same]
    if not one or not other:
        return len(one) + len(other)
    far = bound + 1
    before: list[int] = []
    row = [min(column, far) for column in range(len(other) + 1)]
    for index, character in enumerate(one, 1):
        first = max(1, index - bound)
        last = min(len(other), index + bound)
        following = [far] * (len(other) + 1)
        if index <= bound:
            following[0] = index
        for column in range(first, last + 1):
            wanted = other[column - 1]
            best = min(
                row[column] + 1,
                following[column - 1] + 1,
                row[column - 1] + (character != wanted),
            )
            if (
                index > 1
                and column > 1
                and character == other[column - 2]
                and one[index - 2] == wanted
            ):
                best = min(best, before[column - 2] + 1)
            following[column] = min(best, far)
        if min(following[max(0, first - 1) : last + 1]) > bound and min(row) > bound:
            return None
        before, row = row, following
    return row[-1] if row[-1] <= bound else None


def expected_list(words: Sequence[str], conjunction: str = "or") -> str:
    """Return *words* as a person lists them: `a`, `a or b`, `a, b or c`; each is said once."""
    unique = list(dict.fromkeys(words))
    if len(unique) < 2:
        return "".join(unique)
    return f"{', '.join(unique[:-1])} {conjunction} {unique[-1]}"


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return the help line "did you mean `…`?" for an unknown *name*, or the empty text."""
    nearest = closest(name, candidates)
    return f"did you mean `{nearest}`?" if nearest is not None else ""


def with_article(word: str) -> str:
    """Return *word* after `a`, or after `an` where it begins with a vowel."""
    return f"{'an' if word[:1] in 'aeio' else 'a'} {word}"


_UNITS = {"k": "KiB", "m": "MiB", "g": "GiB"}


def unit_meant(word: str, *, or_itself: bool = False) -> str | None:
    """Return the unit of the language that *word* was meant for: `KiB` for `K`, `kb` or `KIB`.

    None where it is no unit, or, but with *or_itself*, the right one already.
    """
    lowered = word.lower()
    if len(lowered) > 3 or lowered[:1] not in _UNITS or lowered[1:] not in {"", "b", "ib"}:
        return None
    unit = _UNITS[lowered[0]]
    return unit if unit != word or or_itself else None
