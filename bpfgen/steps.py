"""Work that waits for other processes: generators that stop where they would wait.

Whoever runs several has them side by side: each is begun, and is finished when its turn comes, so
that what is said and made has the order in which they are given, whatever ends first.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from typing import Any, TypeAlias, TypeVar

    Result = TypeVar("Result")
    Steps: TypeAlias = Generator[None, None, Result]
    """Stops where it has started something that it waits for when it goes on."""


class Begun:
    """Steps that have begun.

    What they raise is raised when they are finished, in their turn.
    """

    __slots__ = ("_error", "_is_done", "_result", "_steps")

    def __init__(self, steps: Steps[Any]) -> None:
        self._steps = steps
        self._result: Any = None
        self._error: Exception | None = None
        self._is_done = False
        self._go_on()

    def finish(self) -> Any:
        """Return what they come to, which may take as long as what they wait for."""
        while not self._is_done:
            self._go_on()
        if self._error is not None:
            raise self._error
        return self._result

    @property
    def result(self) -> Any:
        """What they came to; None before they are done."""
        return self._result

    def close(self) -> None:
        """Give up what isn't done, and end what it has started."""
        self._steps.close()

    def _go_on(self) -> None:
        try:
            next(self._steps)
        except StopIteration as end:
            self._result, self._is_done = end.value, True
        except Exception as error:  # noqa: BLE001 -- raised in its turn
            self._error, self._is_done = error, True


def side_by_side(all: Iterable[Steps[Result]], most: int) -> Steps[list[Result]]:
    """Return what *all* come to, in their order; *most* of them (or one) have begun at a time.

    It stops once, when the first of them have begun. Should one raise, or this be closed, those
    that have begun are closed.
    """
    begun: list[Begun] = []
    results: list[Result] = []
    try:
        for steps in all:
            if begun and len(begun) >= most:
                if not results:
                    yield
                results.append(begun.pop(0).finish())
            begun.append(Begun(steps))
        if not results:
            yield
        while begun:
            results.append(begun.pop(0).finish())
    finally:
        for one in begun:
            one.close()
    return results
