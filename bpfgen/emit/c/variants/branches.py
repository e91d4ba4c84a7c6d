"""What stands in some variants and not in others, between the `#if`s that say so.

Whatever stands in an order that is that of every variant comes out right: an item goes under a
condition that holds in just the variants that it is in. The rest is for the reader: what goes
together stands under one `#if`, and what excludes the other is its `#else`.
"""

from __future__ import annotations

from bpfgen.emit.c.sides import BPF
from bpfgen.emit.c.variants.alignment import aligned
from bpfgen.emit.c.variants.pieces import Group, pieces_of
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bpfgen.conditions import Condition, Guard
    from bpfgen.emit.c.variants.alignment import Column
    from bpfgen.emit.c.variants.choices import Choices, Conditions, Context, Variants
    from bpfgen.text.source import Span


_MOST_BRANCHES = 6
"""Of one `#if`, unless the source has more."""


class Item(Record):
    """Something that stands in one place of the header, in some of its variants.

    Attributes:
        variants: Their numbers.
        text: What stands there; it ends in a newline.
        gap: Whether a blank line goes before it.
        for_bpf: Whether user space goes without it.
        conditions: What decides about it.
        guard: The same as the source says it, of a declaration: it is there where this holds.
        span: Where in the source it comes from, if that is known.
    """

    variants: Variants
    text: str
    gap: bool = False
    for_bpf: bool = False
    conditions: Conditions = ()
    guard: Guard = ()
    span: Span | None = None

    @property
    def decisive(self) -> frozenset[Condition]:
        """The conditions that decide about whether it is there."""
        return frozenset((*self.conditions, *(condition for condition, _ in self.guard)))


class Chunk(Record):
    """Lines of a header, and the declaration that they come from, if any."""

    text: str
    span: Span | None = None


def branched(
    items: Sequence[Item], variants: Variants, choices: Choices, *, as_written: bool = False
) -> list[Chunk]:
    """Return *items* as the lines that come to them in each of *variants*.

    With *as_written* their order is that of the source; else what excludes one another may change
    places, so that an `#if` is rather `defined(X)` than `!defined(X)`.
    """
    branches = _Branches(choices, as_written=as_written)
    return branches.of(items, variants, frozenset(), is_bpf=False)


def merged(
    texts: Mapping[int, str],
    choices: Choices,
    conditions: Conditions = (),
    *,
    paragraphs: bool = False,
) -> str:
    """Return one text for *texts*, by the numbers of the variants; each is balanced in its `#if`s.

    *conditions* are those that decide what it is. With *paragraphs* what has no blank line
    between is the same as a whole or not at all, as a function should be.
    """
    variants = frozenset(texts)
    alternatives: dict[str, set[int]] = {}
    for number, text in texts.items():
        alternatives.setdefault(text, set()).add(number)
    if len(alternatives) == 1:
        return next(iter(alternatives))
    pieces = {number: pieces_of(text, paragraphs=paragraphs) for number, text in texts.items()}
    by_lines = _joined(_Columns(choices, conditions).of(aligned(pieces), variants))
    whole = [
        Item(frozenset(numbers), text, conditions=conditions)
        for text, numbers in alternatives.items()
        if text
    ]
    by_alternatives = _joined(branched(whole, variants, choices))
    # Where little is the same, two texts are easier to read than one with holes.
    return min(by_lines, by_alternatives, key=_length)


def _length(text: str) -> int:
    return text.count("\n")


def _joined(chunks: Sequence[Chunk]) -> str:
    return "".join([chunk.text for chunk in chunks])


class _Columns:
    """Writes columns of pieces, which depend on *conditions*."""

    def __init__(self, choices: Choices, conditions: Conditions) -> None:
        self._choices = choices
        self._conditions = conditions

    def of(self, columns: Sequence[Column], variants: Variants) -> list[Chunk]:
        """Return the lines of *columns*, where *variants* come."""
        items = [
            Item(
                frozenset(column),
                self._of_one(column),
                any(piece.gap for piece in column.values()),
                conditions=self._conditions,
            )
            for column in columns
        ]
        return branched(items, variants, self._choices)

    def _of_one(self, column: Column) -> str:
        """Return the text of the pieces of *column*, where its variants come."""
        first = next(iter(column.values()))
        if not isinstance(first, Group) or len({piece.text for piece in column.values()}) == 1:
            return first.text
        groups = {number: piece for number, piece in column.items() if isinstance(piece, Group)}
        text = []
        for index, directive in enumerate(first.directives):
            inside = {number: group.branches[index][1] for number, group in groups.items()}
            text += [directive, _joined(self.of(aligned(inside), frozenset(column)))]
        return "".join([*text, first.end])


class _Branches:
    """Writes items; *as_written* as for :func:`branched`."""

    def __init__(self, choices: Choices, *, as_written: bool) -> None:
        self._choices = choices
        self._as_written = as_written

    def of(
        self, items: Sequence[Item], variants: Variants, context: Context, *, is_bpf: bool
    ) -> list[Chunk]:
        """Return the lines of *items*, which stand where only *variants* come.

        *context* is known there. With *is_bpf* only BPF programs come there.
        """
        chunks: list[Chunk] = []
        index = 0
        while index < len(items):
            item = items[index]
            branches = [] if item.variants == variants else self._branches(items, index, variants)
            end = branches[-1].end if branches else index + 1
            gap = item.gap
            if not is_bpf and all(one.for_bpf for one in items[index:end]):
                while end < len(items) and items[end].for_bpf:
                    end += 1
                inside = self.of(items[index:end], variants, context, is_bpf=True)
                chunks += [_line(f"#ifdef {BPF}", gap=gap), *without_gap(inside), _line("#endif")]
            elif branches:
                chunks += self._chosen(items, branches, variants, context, gap=gap, is_bpf=is_bpf)
            else:
                chunks.append(Chunk(f"\n{item.text}" if gap else item.text, item.span))
            index = end
        return chunks

    def _chosen(
        self,
        items: Sequence[Item],
        branches: Sequence[_Branch],
        variants: Variants,
        context: Context,
        *,
        gap: bool,
        is_bpf: bool,
    ) -> list[Chunk]:
        """Return the lines from `#if` to `#endif` that choose between *branches*."""
        if not self._as_written:
            if len(branches) > _MOST_BRANCHES:
                inside = items[branches[0].begin : branches[-1].end]
                return self._halved(inside, variants, context, gap=gap, is_bpf=is_bpf)
            # Variants are numbered in the order in which the source asks for conditions.
            branches = sorted(branches, key=lambda branch: min(branch.variants))
        chunks: list[Chunk] = []
        rest = variants
        for number, branch in enumerate(branches):
            chosen = branch.chosen
            if branch.variants == rest:
                directive = "#else"
            else:
                condition = self._choices.guarded(
                    branch.variants, rest, chosen.guard, context
                ) or self._choices.condition(branch.variants, rest, chosen.conditions)
                directive = f"#elif {condition}" if number else directive_of(condition)
            chunks.append(_line(directive, gap=gap and not number))
            inside = items[branch.begin : branch.end]
            known = context.union(chosen.guard)
            chunks += without_gap(self.of(inside, branch.variants, known, is_bpf=is_bpf))
            fresh = known - context
            if len(fresh) == 1:
                context |= {(condition, not wanted) for condition, wanted in fresh}
            rest -= branch.variants
        return [*chunks, _line("#endif")]

    def _halved(
        self,
        items: Sequence[Item],
        variants: Variants,
        context: Context,
        *,
        gap: bool,
        is_bpf: bool,
    ) -> list[Chunk]:
        """Return the lines of *items* in the two branches of one condition.

        Many branches beside each other would each need a long condition.
        """
        condition, holding = self._choices.halves(variants, items[0].conditions)
        chunks = []
        directives = (_line(directive_of(condition), gap=gap), _line("#else"))
        for directive, some in zip(directives, (holding, variants - holding), strict=True):
            inside = [
                replace(item, variants=item.variants & some)
                for item in items
                if not item.variants.isdisjoint(some)
            ]
            if inside:
                chunks += [directive, *without_gap(self.of(inside, some, context, is_bpf=is_bpf))]
            elif not chunks:
                chunks.append(directive)
        return [*chunks, _line("#endif")]

    def _branches(self, items: Sequence[Item], begin: int, variants: Variants) -> list[_Branch]:
        """Return the branches of the `#if` that the item at *begin* is in."""
        branches: list[_Branch] = []
        rest = variants
        while rest and begin < len(items) and items[begin].variants <= rest:
            branch = _branch(items, begin, rest, variants)
            if not all(_are_related(branch.chosen, one.chosen) for one in branches):
                break
            branches.append(branch)
            rest -= branch.variants
            begin = branch.end
        return branches


class _Branch(Record):
    """What is in one branch of an `#if`: the items from *begin* to before *end*.

    One of them is *chosen*: it is there in all of the branch's variants.
    """

    chosen: Item
    begin: int
    end: int

    @property
    def variants(self) -> Variants:
        """The variants that come there."""
        return self.chosen.variants


def _branch(items: Sequence[Item], begin: int, rest: Variants, variants: Variants) -> _Branch:
    """Return the branch that the item at *begin* is in, of what is left of *variants*.

    It is as large as one of the items in it, so that what is in fewer variants is nested.
    """
    chosen, end = items[begin], begin + 1
    met: Variants = frozenset()
    for place in range(begin, len(items)):
        item = items[place]
        met |= item.variants
        if not met <= rest or met == variants:
            break
        if item.variants == met and all(
            one.decisive >= item.decisive for one in items[begin:place]
        ):
            chosen, end = item, place + 1
    while end < len(items) and (
        items[end].variants <= chosen.variants and items[end].decisive >= chosen.decisive
    ):
        end += 1
    return _Branch(chosen, begin, end)


def _are_related(one: Item, other: Item) -> bool:
    """Whether what decides about the one has a say about the other.

    What has nothing to do with each other may be there together where no variant shows it, so that
    one can't be the other's `#else`.
    """
    return one.decisive <= other.decisive or other.decisive <= one.decisive


def directive_of(condition: str) -> str:
    """Return the line that begins a group under *condition*, without its end."""
    for prefix, word in (("defined(", "#ifdef"), ("!defined(", "#ifndef")):
        name = condition.removeprefix(prefix).removesuffix(")")
        if condition == f"{prefix}{name})" and name.isidentifier():
            return f"{word} {name}"
    return f"#if {condition}"


def _line(line: str, *, gap: bool = False) -> Chunk:
    return Chunk(f"\n{line}\n" if gap else f"{line}\n")


def without_gap(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return *chunks* without the blank line before the first."""
    first, *others = chunks
    return [Chunk(first.text.removeprefix("\n"), first.span), *others]
