"""A text's roles as an engine has them, against what its tokens mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.highlighting.meanings import meanings

if TYPE_CHECKING:
    from collections.abc import Sequence


def differences(text: str, roles: Sequence[str]) -> list[str]:
    """Return what is wrong with *roles*, one for each character of *text*, a line for each token.

    Line ends within a token don't count: an engine that goes line by line doesn't see them.
    """
    wrong = []
    for piece in meanings(text):
        characters = text[piece.start : piece.end]
        found = {
            role
            for character, role in zip(characters, roles[piece.start : piece.end], strict=True)
            if character not in "\r\n"
        }
        if found != {piece.role}:
            line = text.count("\n", 0, piece.start) + 1
            wrong.append(f"{line}: {characters!r} is {piece.role}, not {' or '.join(found)}")
    return wrong
