"""A JSON value as indented text, as `json.dumps(value, indent=2, ensure_ascii=False)` has it.

That function calls itself for each level of a value; here a value may be as deep as it likes.
"""

from __future__ import annotations

from json.encoder import encode_basestring

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Value: TypeAlias = bool | int | str | list["Value"] | dict[str, "Value"] | None
    Object: TypeAlias = dict[str, Value]

_INDENT = "  "


def indented(value: Value) -> str:
    """Return *value* as text without a newline at its end; a dict keeps its order."""
    pieces: list[str] = []
    levels: list[tuple[Iterator[tuple[str | None, Value]], str]] = [(iter([(None, value)]), "")]
    separator = margin = ""
    while levels:
        items, closing = levels[-1]
        for key, item in items:
            name = f"{encode_basestring(key)}: " if key is not None else ""
            if isinstance(item, (dict, list)) and item:
                opening, closing = "{}" if isinstance(item, dict) else "[]"
                pieces.append(f"{separator}{margin}{name}{opening}")
                levels.append((_items(item), closing))
                separator = ""
                break
            pieces.append(f"{separator}{margin}{name}{_leaf(item)}")
            separator = ","
        else:
            levels.pop()
            if levels:
                margin = "\n" + _INDENT * (len(levels) - 1)
                pieces.append(f"{margin}{closing}")
            separator = ","
            continue
        margin = "\n" + _INDENT * (len(levels) - 1)
    return "".join(pieces)


def _items(value: list[Value] | dict[str, Value]) -> Iterator[tuple[str | None, Value]]:
    """Return what is in *value*, with the keys of a dict."""
    return iter(value.items()) if isinstance(value, dict) else ((None, item) for item in value)


def _leaf(value: Value) -> str:
    """Return the text of *value*, which has nothing in it."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
