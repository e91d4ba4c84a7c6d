"""Doc comments as C comments, in the kernel's style; nothing in them can end the comment."""

from __future__ import annotations

from bpfgen.text.header_names import SHOWN_IN_COMMENTS

_UNSAFE = ("*/", "/*", "\\", "??/")

_INVISIBLE = {code: shown for code, shown in SHOWN_IN_COMMENTS.items() if code != ord("\t")}


def neutral(text: str) -> str:
    r"""Return one line of *text* such that it can stand in a C comment and nothing in it acts.

    `*/` and `/*` get a space, a backslash at the end of a line gets a full stop after it (else it
    would join the lines, and `*\` before `/` would end the comment), the trigraph `??/` likewise;
    control characters and those that reorder text are shown as what they are.
    """
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_INVISIBLE)
    if any(unsafe in text for unsafe in _UNSAFE):
        text = text.replace("??/", "?? /")
        while "*/" in text or "/*" in text:
            text = text.replace("*/", "* /").replace("/*", "/ *")
        if text.rstrip().endswith("\\"):
            text = f"{text.rstrip()}."
    # A line of a block comment begins with ` * `, so a leading or trailing slash acts only where
    # it touches the marks of the comment; the spaces around the text see to that.
    return text.rstrip()


def comment(text: str, indent: str = "") -> str:
    """Return *text* as a C comment that ends in a newline; empty for empty text."""
    if not text.strip():
        return ""
    lines = [neutral(line) for line in text.strip("\n").split("\n")]
    if len(lines) == 1:
        return f"{indent}/* {lines[0].strip()} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/*\n{body}{indent} */\n"


def trailing(text: str) -> str:
    """Return *text* as a comment that follows code on its line, a space before it; or nothing."""
    line = neutral(" ".join(text.split()))
    return f" /* {line} */" if line else ""
