"""What somebody gives for a value, taken for what it has to be: a number, bytes, a list.

Nothing is made of what is something else: half a value would be another one.
"""

from __future__ import annotations

from operator import index

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def int_of(value: Any) -> int:
    """Return *value*, an integer, as one.

    Raises:
        TypeError: It is none.
    """
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"an int is wanted, not {a(value)}") from None


def bytes_of(value: Any, size: int | None, also: str = "") -> bytes:
    """Return *value*, bytes or what has some, as bytes.

    Args:
        value: What is given.
        size: How many there must be; None for any.
        also: For the message, what else would do: ` or a dict`.

    Raises:
        TypeError: It has none.
        ValueError: They are more or fewer.
    """
    try:
        data = memoryview(value).tobytes()
    except TypeError:
        length = "" if size is None else f" of length {size}"
        raise TypeError(f"bytes{length}{also} are wanted, not {a(value)}") from None
    if size is not None and len(data) != size:
        raise ValueError(f"bytes of length {size} are wanted, and these have {len(data)}")
    return data


def items_of(value: Any, wanted: str) -> tuple[Any, ...]:
    """Return the items of *value*, a list or the like.

    Bytes are none: they would be the numbers that they consist of.

    Raises:
        TypeError: It isn't what is *wanted*.
    """
    if not isinstance(value, (bytes, bytearray, memoryview, str, dict)):
        try:
            return tuple(value)
        except TypeError:
            pass
    raise TypeError(f"{wanted} is wanted, not {a(value)}")


def list_of(value: Any, count: int) -> tuple[Any, ...]:
    """Return the items of *value*, of which there must be *count*.

    Raises:
        TypeError: It is no list or the like.
        ValueError: There are more or fewer.
    """
    items = items_of(value, f"a list of length {count}")
    if len(items) != count:
        raise ValueError(f"a list of length {count} is wanted, and this has {len(items)}")
    return items


def a(value: Any) -> str:
    """Return what *value* is, with its article."""
    name = type(value).__name__
    return name if name == "bytes" else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
