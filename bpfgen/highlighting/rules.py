"""Which tokens mean what: contexts on a stack, with the rules of each.

A context is entered by a rule, which may take a token or just look ahead, and left where its end
matches, which is tried before its rules. So one thing after another is one context in another: the
kind of a map begins a context in that of its `:`, and all of them end before the `;`. What a map
without a `;` is followed by is in the last of them, which has the rules of a file, too.

Expressions are those of Python's `re` that Oniguruma and Vim have as well, see vim.py; none looks
beyond its line, since TextMate can't.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    Rules: TypeAlias = tuple["Rule | str", ...]

FILE = "file"
"""The context that a text begins in."""

NAME = r"\b[A-Za-z_][A-Za-z0-9_]*\b"
ITEM_END = r"(?=[;}])"
GAP = r"\s*(?:/\*(?:[^*]|\*(?!/))*\*/\s*)*"
"""Blanks and comments, as far as the line goes."""

LINE_END = r"(?://|/\*(?!.*\*/)|$)"
"""After a gap: what follows stands on another line."""

BODY_FOLLOWS = rf"(?={GAP}(?:\(|{LINE_END}))"
ASSIGNED = rf"(?={GAP}=(?!=))"
CALLED = rf"(?={GAP}\()"
NEXT_ITEM = (
    r"^(?=(?:(?:weak|extern|legacy)[ \t]+)?(?:map|template)[ \t]+[A-Za-z_][A-Za-z0-9_]*[ \t]*:)"
)
"""A line that surely begins an item: what was left open above it doesn't reach it."""


class Rule(Record):
    """What *pattern* matches means *role*; *enters* is the context that it begins, or empty."""

    pattern: str
    role: str = ""
    enters: str = ""


class Context(Record):
    """Rules, the earlier first; a name among them stands for those of that set.

    Attributes:
        end: What ends it; empty for what the text alone ends.
        end_role: What the end means, where it takes a token.
        inside: What all means that no rule matches.
    """

    rules: Rules
    end: str = ""
    end_role: str = ""
    inside: str = ""


class Description(Record):
    """The contexts, and the sets of rules that they share, by name."""

    contexts: Mapping[str, Context]
    sets: Mapping[str, Rules]

    def rules_of(self, name: str) -> list[Rule]:
        """Return all rules of the context *name*, in order, each once."""
        return list(dict.fromkeys(self._flat(self.contexts[name].rules)))

    def _flat(self, rules: Rules) -> Iterator[Rule]:
        for rule in rules:
            if isinstance(rule, str):
                yield from self._flat(self.sets[rule])
            else:
                yield rule


def ended(end: str) -> str:
    """Return *end*, or where the next item surely begins."""
    return f"{end}|{NEXT_ITEM}"
