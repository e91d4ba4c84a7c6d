"""A fresh stack for what is nested deep, without touching the limits of the process.

Types nest up to 200 levels by value, and a level takes some ten frames of the resolver: more than
Python's 1,000. A thread has a stack of its own, so one goes on where another has enough; the caller
waits, and nothing runs at the same time. Loaded where a file nests so deep.
"""

from __future__ import annotations

from threading import Thread

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")


def on_a_fresh_stack(function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
    """Return what *function* returns, or raise what it raises, having called it in a thread."""
    results: list[T] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(function(*arguments, **named))
        except BaseException as error:  # noqa: BLE001 -- raised again, where the caller waits
            errors.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
