"""How values look: in JSON for programs, and as C's initialisers for people.

A style says what stands around the parts of a value, and what becomes of a number, a string, an
enumerator. Literal text goes through :func:`literal`, since it stands in a `%` template.

JSON has an integer for an integer of any size, a float as a number, or as one of the strings `NaN`,
`Infinity`, `-Infinity`; `true` where any bit of a bool is set; an enumerator as a string, that of
the number in decimal where no enumerator is called so; `char[N]` as a string up to the NUL, where
each byte is the character of its number (so that bytes from 0x80 on are U+0080 to U+00FF, whatever
they were meant to be, and no two strings of bytes look the same); a pointer as a string, `0x…`;
bytes of unknown type as a string of two hexadecimal digits each; and null for what the kernel
doesn't show. The JSON type depends on the C type alone.
"""

from __future__ import annotations

import math
from json.encoder import encode_basestring_ascii

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from bpfgen.values.shapes import Choice


class Form(Record):
    """What becomes of what was read: *convert* it, or don't, and put it in as *format* says."""

    convert: Callable[[Any], object] | None
    format: str


class Style(Record):
    """How the parts of a value look.

    Attributes:
        opening: What begins a struct with members; *closing* ends it.
        empty: A struct without members.
        name: What stands in front of a member's value.
        row_opening: What begins an array with elements; *row_closing* ends it.
        empty_row: An array without.
        opaque: What the kernel doesn't show.
        unadded: In a sum over CPUs, what can't be added.
        choice: The form of an enum's values.
        text: Of the bytes of a `char[N]`.
        raw: Of bytes of unknown type.
    """

    opening: str
    closing: str
    empty: str
    name: Callable[[str], str]
    row_opening: str
    row_closing: str
    empty_row: str
    opaque: str
    unadded: str
    truth: Form
    choice: Callable[[Choice], Form]
    real: Form
    text: Form
    raw: Form
    address: Form

    def row(self, texts: Iterable[str]) -> str:
        """Return an array with at least one element, whose elements look like *texts*."""
        return f"{self.row_opening}{', '.join(texts)}{self.row_closing}"


def literal(text: str) -> str:
    """Return *text* for a `%` template."""
    return text.replace("%", "%%")


class _Names(dict[int, str]):
    """The names of an enum's values, and for all others their decimal."""

    def __init__(self, names: dict[int, str], unknown: str) -> None:
        super().__init__(names)
        self._unknown = unknown

    def __missing__(self, value: int) -> str:
        return self._unknown % value


def _truth(value: Any) -> str:
    return "true" if value else "false"


def _json_choice(shape: Choice) -> Form:
    names = {value: encode_basestring_ascii(name) for value, name in shape.names.items()}
    return Form(_Names(names, '"%d"').__getitem__, "%s")


def _json_real(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'


def _string(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("latin-1")


def _json_text(data: bytes) -> str:
    return encode_basestring_ascii(_string(data))


def _json_name(name: str) -> str:
    return f"{encode_basestring_ascii(name)}: "


JSON = Style(
    opening="{",
    closing="}",
    empty="{}",
    name=_json_name,
    row_opening="[",
    row_closing="]",
    empty_row="[]",
    opaque="null",
    unadded="null",
    truth=Form(_truth, "%s"),
    choice=_json_choice,
    real=Form(_json_real, "%s"),
    text=Form(_json_text, "%s"),
    raw=Form(bytes.hex, '"%s"'),
    address=Form(None, '"0x%x"'),
)
"""One line of JSON, all of it ASCII."""

_ESCAPES = {byte: f"\\{byte:03o}" for byte in range(256) if not 32 <= byte < 127} | {
    ord(char): f"\\{name}" for char, name in zip('\a\b\f\n\r\t\v"\\', 'abfnrtv"\\', strict=True)
}


def _text_choice(shape: Choice) -> Form:
    return Form(_Names(shape.names, "%d").__getitem__, "%s")


def _text_text(data: bytes) -> str:
    return f'"{_string(data).translate(_ESCAPES)}"'


TEXT = Style(
    opening="{ ",
    closing=" }",
    empty="{}",
    name=lambda name: f".{name} = ",
    row_opening="{ ",
    row_closing=" }",
    empty_row="{}",
    opaque="<kernel>",
    unadded="-",
    truth=Form(_truth, "%s"),
    choice=_text_choice,
    real=Form(repr, "%s"),
    text=Form(_text_text, "%s"),
    raw=Form(lambda data: data.hex(" "), "%s"),
    address=Form(None, "0x%x"),
)
"""One line for people, nearly C, all of it ASCII."""
