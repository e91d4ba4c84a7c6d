"""Work side by side: what comes out has the order of what went in, and nothing is left running."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.steps import Begun, side_by_side

if TYPE_CHECKING:
    from bpfgen.steps import Steps


class Worker:
    """Makes steps, and notes what happens to them.

    Attributes:
        log: What happened, in order.
    """

    def __init__(self) -> None:
        self.log: list[str] = []

    def steps(self, name: str, *, fails: bool = False) -> Steps[str]:
        """Return steps that stop once."""
        self.log.append(f"begin {name}")
        try:
            yield
            if fails:
                raise ValueError(name)
        finally:
            self.log.append(f"end {name}")
        return name.upper()


def at_once(value: str) -> Steps[str]:
    """Return steps that have nothing to wait for."""
    yield from ()
    return value


@pytest.mark.parametrize("most", [0, 1, 2, 3, 9])
def test_results_have_the_order_of_the_work(most: int) -> None:
    """So many have begun at a time, and no more; one in any case."""
    worker = Worker()
    begun = Begun(side_by_side([worker.steps(name) for name in "abcd"], most))
    assert worker.log == [f"begin {name}" for name in "abcd"[: most or 1]]
    assert begun.finish() == ["A", "B", "C", "D"]
    at_a_time = highest = 0
    for line in worker.log:
        at_a_time += 1 if line.startswith("begin") else -1
        highest = max(highest, at_a_time)
    assert highest == min(most or 1, 4)


def test_nothing_to_wait_for() -> None:
    """Then nothing has to be waited for."""
    assert Begun(side_by_side([], 2)).finish() == []
    assert Begun(side_by_side([at_once("a"), at_once("b")], 2)).finish() == ["a", "b"]


def test_an_exception_comes_in_its_turn() -> None:
    """What began after it is ended."""
    worker = Worker()
    work = [worker.steps("a"), worker.steps("b", fails=True), worker.steps("c"), worker.steps("d")]
    begun = Begun(side_by_side(work, 3))
    with pytest.raises(ValueError, match="b"):
        begun.finish()
    began = ["begin a", "begin b", "begin c", "end a", "begin d"]
    assert worker.log == [*began, "end b", "end c", "end d"]


def test_an_exception_before_the_first_stop_waits() -> None:
    """Whoever begins doesn't get it."""

    def broken(names: dict[str, str]) -> Steps[str]:
        yield from ()
        return names["x"]

    begun = Begun(broken({}))
    with pytest.raises(KeyError):
        begun.finish()


def test_what_is_given_up_ends() -> None:
    """All that has begun, whether it was finished or not."""
    worker = Worker()
    begun = Begun(side_by_side([worker.steps("a"), worker.steps("b")], 2))
    begun.close()
    assert sorted(worker.log) == ["begin a", "begin b", "end a", "end b"]
