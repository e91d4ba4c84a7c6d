"""The pages of an arena as JSON lines, and for people as `hexdump -C` shows them."""

from __future__ import annotations

_ROW = 16


def json_line(number: int, address: int, data: bytes) -> str:
    """Return the line of the page *number*, which is at *address* in all processes."""
    return f'{{"page": {number}, "address": "0x{address:x}", "data": "{data.hex()}"}}\n'


def text(address: int, data: bytes) -> str:
    """Return the rows of a page; `*` stands for rows that are like the one before."""
    lines: list[str] = []
    before: bytes | None = None
    for at in range(0, len(data), _ROW):
        row = data[at : at + _ROW]
        if row != before:
            shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
            lines.append(f"{address + at:x}  {row.hex(' ')}  |{shown}|\n")
        elif lines[-1] != "*\n":
            lines.append("*\n")
        before = row
    return "".join(lines)
