"""A tree with `when` in it: its branches and their conditions, and what is there in one case."""

from __future__ import annotations

from bisect import bisect_right

from bpfgen.conditions.condition import build
from bpfgen.conditions.evaluation import truth
from bpfgen.conditions.words import ConditionError, Word
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.syntax.tree import MapItem, ShapeNode, TargetItem, TemplateItem
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bpfgen.conditions.condition import Condition, Meaning
    from bpfgen.conditions.evaluation import Guard
    from bpfgen.syntax.tree import (
        BranchNode,
        ConditionNode,
        File,
        Item,
        MapAttributeNode,
        WhenNode,
    )
    from bpfgen.text.diagnostics import Report

DEEPEST = 32
"""How deep `when` may be nested; C promises 63 levels of `#if` (C23 5.3.5.2), headers have some."""

MOST_BRANCHES = 128
"""Of one `when`."""


class Branch(Record):
    """One branch of a `when`, with what its condition says.

    Attributes:
        start, end: Offsets of its braces and what is between them.
        guard: What macros decide about it, from the outermost `when` in; None where it is never
            there: a condition without macros doesn't hold, or has a mistake.
        span: Its condition, or, of an `else`, its braces.
        is_lost: A mistake is why it is never there; it was reported.
    """

    start: int
    end: int
    guard: Guard | None
    span: Span
    is_lost: bool = False


def read_branches(tree: File, meaning: Meaning, report: Report) -> tuple[Branch, ...]:
    """Return all branches of *tree*, in the order of the text; mistakes in them are reported.

    Args:
        meaning: As :func:`bpfgen.conditions.condition.build` asks for it; offsets of words are
            those of the text.
    """
    branches: list[Branch] = []
    # Those that the next `when` may be in, the one that ends first last, and how deep each is.
    around: list[tuple[Branch, int]] = []
    for when in tree.whens:
        while around and around[-1][0].end <= when.span.start:
            around.pop()
        outer, depth = around[-1] if around else (None, 0)
        if depth == DEEPEST:
            message = f"`when` is nested more than {DEEPEST} levels deep here"
            report.error("nesting", message, when.branches[0].span, help="join conditions by `&&`")
        read = _read_when(when, outer, meaning, report, is_lost=depth >= DEEPEST)
        branches += read
        around += ((branch, depth + 1) for branch in reversed(read))
    _check_items(tree, branches, report)
    return tuple(sorted(branches, key=lambda branch: branch.start))


def _read_when(
    when: WhenNode, outer: Branch | None, meaning: Meaning, report: Report, *, is_lost: bool
) -> list[Branch]:
    """Return the branches of *when*, which is in the branch *outer*."""
    is_lost = is_lost or (outer is not None and outer.is_lost)
    if len(when.branches) > MOST_BRANCHES:
        message = f"a `when` has at most {MOST_BRANCHES} branches"
        report.error("nesting", message, when.branches[MOST_BRANCHES].span, help="divide it")
        is_lost = True
    conditions: list[Condition | None] = []
    for node in when.branches:
        condition = None
        if node.condition is not None and not is_lost:
            condition = _read(node.condition, meaning, report)
            is_lost = condition is None
        conditions.append(condition)
    return _guarded(when.branches, conditions, outer, is_lost=is_lost)


def _read(node: ConditionNode, meaning: Meaning, report: Report) -> Condition | None:
    """Return what *node* says, or None after a mistake in it."""
    words = [Word(part.text, part.span.start, part.span.end) for part in node.parts]
    try:
        condition = build(words, meaning)
        if not condition.macros:
            truth(condition, {})
    except ConditionError as error:
        span = Span(node.span.source, error.start, error.end) if error.end else node.span
        report.error(
            "condition",
            error.message,
            span,
            help=error.help,
            edits=error.edits,
            changes_meaning=error.changes_meaning,
        )
        return None
    return condition


def _guarded(
    nodes: Sequence[BranchNode],
    conditions: list[Condition | None],
    outer: Branch | None,
    *,
    is_lost: bool,
) -> list[Branch]:
    """Return the branches of one `when`, each guarded by the ones before it as well."""
    branches = []
    before: Guard | None = () if outer is None else outer.guard
    for node, condition in zip(nodes, conditions, strict=True):
        guard = before
        if condition is not None and before is not None:
            if condition.macros:
                guard = (*before, (condition, True))
                before = (*before, (condition, False))
            elif truth(condition, {}):
                before = None
            else:
                guard = None
        span = node.span if node.condition is None else node.condition.span
        start, end = node.span.start, node.span.end
        branches.append(Branch(start, end, None if is_lost else guard, span, is_lost))
    return branches


def _check_items(tree: File, branches: list[Branch], report: Report) -> None:
    """Report what no condition can decide about."""
    for item in tree.items:
        if isinstance(item, TargetItem) and _is_in(item.span.start, branches):
            report.error(
                "condition",
                "a `target` is for the whole file, and can't depend on a condition",
                item.span,
                help="write it outside of `when`",
            )
    for name in tree.macros:
        if _is_in(name.span.start, branches):
            report.error(
                "condition",
                "`macro` lists names for the whole file, and can't depend on a condition",
                name.span,
                help="write it outside of `when`",
            )


def _is_in(offset: int, branches: Iterable[Branch]) -> bool:
    return any(branch.start <= offset < branch.end for branch in branches)


def is_active(guard: Guard | None, holds: Callable[[Condition], bool]) -> bool:
    """Return whether what *guard* decides about is there; *holds* says so of one condition.

    It isn't asked for what comes after the first condition that is otherwise.
    """
    return guard is not None and all(holds(condition) is wanted for condition, wanted in guard)


def truths(macros: Mapping[str, int | None]) -> Callable[[Condition], bool]:
    """Return what says of a condition whether it holds with *macros*, computing it once.

    A condition that has no value there holds for nothing.
    """
    known: dict[str, bool] = {}

    def holds(condition: Condition) -> bool:
        if condition.text not in known:
            try:
                known[condition.text] = truth(condition, macros)
            except ConditionError:
                known[condition.text] = False
        return known[condition.text]

    return holds


def cut(tree: File, branches: tuple[Branch, ...], macros: Mapping[str, int | None]) -> File:
    """Return *tree* without the branches that aren't there where the macros are *macros*."""
    holds = truths(macros)
    return without(tree, [branch for branch in branches if not is_active(branch.guard, holds)])


def outside(tree: File, branches: tuple[Branch, ...]) -> File:
    """Return *tree* without anything that stands in a branch."""
    return without(tree, branches)


def without(tree: File, branches: Iterable[Branch]) -> File:
    """Return *tree* without what stands in *branches*.

    Names that were lost to a mistake in a condition are noted, lest they be reported as missing.
    """
    gaps = _Gaps(branches)
    items = [gaps.thinned(item) for item in tree.items if not gaps.has(item.span.start)]
    lost: set[str] = set()
    if gaps.lost and tree.tokens is not None:
        tokens = tree.tokens
        for at, start in enumerate(tokens.starts):
            if any(first <= start < end for first, end in gaps.lost):
                lost.add(tokens.texts[at])
    return replace(tree, items=items, lost_names=tree.lost_names | lost)


class _Gaps:
    """The parts of a text that are cut out, the outermost of each."""

    def __init__(self, branches: Iterable[Branch]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self.lost = []
        for branch in branches:
            if branch.is_lost:
                self.lost.append((branch.start, branch.end))
            if not self._ends or branch.start >= self._ends[-1]:
                self._starts.append(branch.start)
                self._ends.append(branch.end)

    def has(self, offset: int) -> bool:
        """Return whether the character at *offset* is cut out."""
        at = bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self._ends[at]

    def thinned(self, item: Item) -> Item:
        """Return *item* without the attributes that are cut out."""
        if isinstance(item, (MapItem, TemplateItem)):
            start = bisect_right(self._starts, item.span.start)
            if start < len(self._starts) and self._starts[start] < item.span.end:
                return replace(item, shape=self._shape(item.shape))
        return item

    def _shape(self, shape: ShapeNode) -> ShapeNode:
        arguments = shape.arguments
        if arguments is not None:
            arguments = tuple(
                self._shape(argument) if isinstance(argument, ShapeNode) else argument
                for argument in arguments
            )
        attributes = tuple(
            self._attribute(attribute)
            for attribute in shape.attributes
            if not self.has(attribute.span.start)
        )
        return replace(shape, arguments=arguments, attributes=attributes)

    def _attribute(self, attribute: MapAttributeNode) -> MapAttributeNode:
        if isinstance(attribute.value, ShapeNode):
            return replace(attribute, value=self._shape(attribute.value))
        return attribute
