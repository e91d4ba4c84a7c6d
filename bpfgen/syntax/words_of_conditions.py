"""`when` and `macro` are keywords only where they mean something, and names anywhere else.

Loaded where a file has one of the words.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.syntax.tree import Tokens


def sort_out(tokens: Tokens) -> None:
    """Let each `when` without a parenthesis after it be a name, and each `macro` without a name."""
    kinds, texts = tokens.kinds, tokens.texts
    for at, kind in enumerate(kinds):
        if kind == "WHEN":
            if texts[at + 1] != "(":
                kinds[at] = "NAME"
        elif kind == "MACRO" and not texts[at + 1].isidentifier():
            kinds[at] = "NAME"
