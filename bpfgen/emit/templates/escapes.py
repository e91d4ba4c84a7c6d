"""How a template writes a value: each `{{ … }}` ends in one of these, as in `{{ x | identifier }}`.

A template that writes a value as it comes is refused, by :mod:`bpfgen.emit.templates.generate` and
by jinja2 likewise: whoever writes one says what the value is, and what isn't that raises. So a name
that a stranger chose can't become C, whatever was overlooked on its way here.
"""

from __future__ import annotations

import re

from bpfgen.text.header_names import header_name_fault

_FOR_PROGRAMS = r"(?i:coding|\bvim?[<=>]?\d*|\bex)(?=[:=])|-\*(?=-)"
"""What makes a comment of the first lines speak to a program: PEP 263's encoding, on which Python
decodes the file; the first line of Emacs; the modeline of vi and its heirs."""


class Written(str):
    """A text that one of the functions here has made, and that may be written as it is."""

    __slots__ = ()


def code(text: str) -> Written:
    """Return *text* as it is: a piece of the output that a module of `emit` has spelled."""
    return Written(text)


def identifier(name: str) -> Written:
    """Return *name*, which is an identifier.

    Raises:
        ValueError: It is none.
    """
    if not (name.isascii() and name.isidentifier()):
        raise ValueError(f"{name!r} is no identifier")
    return Written(name)


def number(value: int | str) -> Written:
    """Return *value*, a number or its spelling; a version counts as one: `0x10U`, `6.10`.

    Raises:
        ValueError: It is none.
    """
    text = str(value)
    if not (text.isascii() and text[:1].isdigit() and text.replace(".", "").isalnum()):
        raise ValueError(f"{text!r} is no number")
    return Written(text)


def comment_text(text: str) -> Written:
    """Return one line of *text* as it can stand inside a comment, see `bpfgen.emit.c.comments`."""
    from bpfgen.emit.c.comments import neutral  # C's alone: a run loads its own language

    return Written(neutral(_for_readers(text)))


def comment_line(text: str) -> Written:
    """Return *text* as a comment that ends with its line, `//` or `#`, can have it."""
    from bpfgen.emit.user_space.docs import visible

    return Written(_for_readers(visible(text.replace("\n", " "))))


def _for_readers(text: str) -> str:
    """Return *text* with blanks such that no program takes it for a setting of the file."""
    if ":" in text or "=" in text or "-*-" in text:
        # Compiled where it may be met: at import that would cost every run.
        return re.sub(_FOR_PROGRAMS, r"\g<0> ", text)
    return text


def header_name(path: str) -> Written:
    """Return *path* as an `#include` has it: in quotes, unless it comes in brackets or quotes.

    Raises:
        ValueError: C has no way to write it.
    """
    quoted = path if path[:1] + path[-1:] in {"<>", '""'} and len(path) > 2 else f'"{path}"'
    inside = quoted[1:-1]
    fault = header_name_fault(inside)
    if fault or (quoted[0] == "<" and (">" in inside or "<" in inside)):
        raise ValueError(f"{path!r} can't be included: it has {fault or 'an angle bracket'}")
    return Written(quoted)


ESCAPES = {
    each.__name__: each
    for each in (code, comment_line, comment_text, header_name, identifier, number)
}
"""By the name that templates use."""

CHOICES = ", ".join(f"`| {name}`" for name in ESCAPES)
"""For messages to who writes a template."""
