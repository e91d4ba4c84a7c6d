"""Which conditions decide about which part of a source: for what is written out again as `#if`."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.conditions.condition import Condition
    from bpfgen.conditions.evaluation import Guard


class Block(Record):
    """What stands between the braces of one branch of a `when`.

    Attributes:
        start, end: Offsets of its characters in the text, the braces among them.
        guard: All that decides about it, from the outermost `when` in. Conditions that are decided
            in the run, as those of constants alone, aren't there.
    """

    start: int
    end: int
    guard: Guard


class Dependence(Record):
    """What one declaration of the file depends on.

    Attributes:
        start, end: Offsets of its characters in the text.
        guards: Those of its own blocks (around it, and around attributes inside it), of everything
            that it uses, directly or not, and of others of the same name; each combination of them
            that macros can bring about is in one variant at least. Empty: nothing decides about it.
    """

    start: int
    end: int
    guards: tuple[Guard, ...]


class Places(Record):
    """The conditions of one file by where they stand.

    Attributes:
        blocks: In the order of the text, so that an outer one comes before those in it.
        dependences: In the order of the text, one for each declaration.
    """

    blocks: tuple[Block, ...]
    dependences: tuple[Dependence, ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All conditions that decide about something, in the order of the text; imports' last."""
        guards = [block.guard for block in self.blocks]
        guards += [guard for dependence in self.dependences for guard in dependence.guards]
        return tuple(dict.fromkeys(condition for guard in guards for condition, _ in guard))

    def guard_at(self, offset: int) -> Guard:
        """Return what decides about the character at *offset*; empty where nothing does."""
        innermost: Guard = ()
        for block in self.blocks:
            if block.start <= offset < block.end:
                innermost = block.guard
        return innermost

    def guards_of(self, offset: int) -> tuple[Guard, ...]:
        """Return what the declaration at *offset* depends on, see :class:`Dependence`."""
        for dependence in self.dependences:
            if dependence.start <= offset < dependence.end:
                return dependence.guards
        return ()
