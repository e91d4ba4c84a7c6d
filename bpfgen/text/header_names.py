"""Names of files in C's `#include`: which can stand there, and which would become C themselves.

Beside the model: resolving refuses what emitting could not write. Source: C11 6.4.7, header names;
clang/lib/Lex/Lexer.cpp, LexStringLiteral, where a backslash takes the next character with it.
"""

from __future__ import annotations

REORDERING = (0x061C, *range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Code points that reorder a line on the screen, so that it reads unlike what it is."""

LINE_BREAKS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
"""Code points of control characters and of what else ends a line."""

SHOWN_IN_COMMENTS = dict.fromkeys(LINE_BREAKS, " ") | {
    code: f"<U+{code:04X}>" for code in (*REORDERING, 0xFEFF, *range(0xDC80, 0xDD00))
}
"""What a comment of an output has instead, for `str.translate`: also of the byte order mark, and of
bytes that are no UTF-8 as Python keeps them, which compilers refuse even there."""

_WORDS = {'"': "a double quote", "\\": "a backslash", "\n": "a line end", "\r": "a line end"}


def header_name_fault(path: str) -> str:
    """Return what keeps *path* from standing in an `#include`, as `a double quote`; or nothing.

    *path* comes without its quotes or angle brackets. What ends the name early or joins it with
    what follows would be C that nobody wrote; what can't be seen would hide it.
    """
    for character in path:
        if character in _WORDS:
            return _WORDS[character]
        if ord(character) in LINE_BREAKS:
            return f"the control character U+{ord(character):04X}"
        if ord(character) in REORDERING:
            return f"the invisible character U+{ord(character):04X}"
    return "`??/`, which older C takes for a backslash" if "??/" in path else ""
