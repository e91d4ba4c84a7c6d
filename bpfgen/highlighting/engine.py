"""The description at work: a text -> what each piece of it means. The lexer of Pygments is this."""

from __future__ import annotations

import re

from bpfgen.highlighting.contexts import description
from bpfgen.highlighting.rules import FILE
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.highlighting.rules import Description, Rule

_DEEPEST = 1000
"""Contexts on the stack; what is open for longer than that has no colours of its own."""


class Engine:
    """The compiled expressions of a description."""

    def __init__(self, described: Description | None = None) -> None:
        self._described = described or description()
        self._blanks = re.compile(r"\s+")
        self._compiled: dict[str, tuple[re.Pattern[str], list[Rule | None]]] = {}

    def pieces(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Yield offset, role and characters of each piece of *text*, in order and without gaps.

        The role is empty where nothing is meant: of blanks, and of what is no token.
        """
        stack = [FILE]
        entered = -1, ""
        at = 0
        while at < len(text):
            name = stack[-1]
            inside = self._described.contexts[name].inside
            expression, rules = self._expressions(name)
            match = expression.match(text, at)
            if match is None:
                blank = self._blanks.match(text, at)
                end = blank.end() if blank else at + 1
                if inside:
                    following = expression.search(text, at)
                    end = following.start() if following else len(text)
                yield at, inside, text[at:end]
                at = end
                continue
            rule = rules[(match.lastindex or 1) - 1]
            if match.end() > at:
                role = self._described.contexts[name].end_role if rule is None else rule.role
                yield at, role, match.group()
                at = match.end()
            if rule is None:
                if len(stack) > 1:
                    stack.pop()
            elif rule.enters:
                # Where one looks ahead twice at one place, nothing would ever be taken.
                if match.end() == match.start() and entered == (at, rule.enters):
                    yield at, "", text[at]
                    at += 1
                elif len(stack) < _DEEPEST:
                    entered = at, rule.enters
                    stack.append(rule.enters)

    def _expressions(self, name: str) -> tuple[re.Pattern[str], list[Rule | None]]:
        """Return one expression for the context *name*, and the rule of each of its groups.

        None stands for the end.
        """
        if name not in self._compiled:
            end = self._described.contexts[name].end
            rules: list[Rule | None] = [*self._described.rules_of(name)]
            patterns = [rule.pattern for rule in self._described.rules_of(name)]
            if end:
                rules.insert(0, None)
                patterns.insert(0, end)
            joined = "|".join(f"({pattern})" for pattern in patterns) or r"(?!)"
            self._compiled[name] = re.compile(joined, re.ASCII | re.MULTILINE), rules
        return self._compiled[name]
