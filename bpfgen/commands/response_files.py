"""`@FILE` on the command line: the words that stand in a file, for lines too long for a shell.

As in gcc and clang: words are separated by blanks and line ends; quotes of either sort keep blanks
in a word; a backslash takes the next character as it is, inside quotes too. `./@x` is a file, and
so is whatever follows `--`, so that a script can pass on names that it didn't choose.
"""

from __future__ import annotations

import os

from bpfgen.commands import UsageError
from bpfgen.files.reading import read_bytes

_DEEPEST = 20
_MOST_FILES = 2_000
"""Files that name one another twice each would double with every level."""


def expanded(words: list[str]) -> list[str]:
    """Return *words* with each `@FILE` before `--` replaced by the words in FILE, and so on.

    Raises:
        UsageError: A file can't be read, is no list of words, or comes to contain itself.
    """
    result: list[str] = []
    read = 0
    is_literal = False
    # Each entry is a list of words, the last one first, and the file that they come from.
    pending: list[tuple[list[str], str]] = [(words[::-1], "")]
    while pending:
        rest, _name = pending[-1]
        if not rest:
            pending.pop()
            continue
        word = rest.pop()
        if word == "--":
            is_literal = True
        if is_literal or not word.startswith("@") or word == "@":
            result.append(word)
            continue
        path = word[1:]
        if len(pending) > _DEEPEST:
            chain = " names ".join(f"`{word}`" for word in (*(n for _r, n in pending[1:4]), "…"))
            raise UsageError(f"@FILE is nested more than {_DEEPEST} deep: {chain}")
        read += 1
        if read > _MOST_FILES:
            raise UsageError(f"more than {_MOST_FILES} files are named with @FILE")
        pending.append((_words_of(path)[::-1], word))
    return result


def _words_of(path: str) -> list[str]:
    """Return the words of the file *path*."""
    try:
        data = read_bytes(path)
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"cannot read `{path}` for `@{path}`: {reason[:1].lower()}{reason[1:]}"
        raise UsageError(message, f"./@{path} is the file of that name") from error
    text = os.fsdecode(data.removeprefix(b"\xef\xbb\xbf"))
    if "\0" in text:
        raise UsageError(f"`{path}` holds a NUL byte; it is no list of words for `@{path}`")
    try:
        return split(text)
    except ValueError as error:
        raise UsageError(f"`{path}`, for `@{path}`: {error}") from error


def split(text: str) -> list[str]:
    """Return the words of *text*.

    Raises:
        ValueError: A quote is open at the end.
    """
    words: list[str] = []
    word: list[str] | None = None
    quote = ""
    opened = 0
    characters = iter(enumerate(text))
    for place, character in characters:
        if character in " \t\n\r\f\v" and not quote:
            if word is not None:
                words.append("".join(word))
                word = None
            continue
        if word is None:
            word = []
        if character == "\\":
            word.append(next(characters, (0, "\\"))[1])
        elif character == quote:
            quote = ""
        elif character in "'\"" and not quote:
            quote, opened = character, place
        else:
            word.append(character)
    if quote:
        line = text.count("\n", 0, opened) + 1
        raise ValueError(f"the quote of line {line} isn't closed")
    if word is not None:
        words.append("".join(word))
    return words
