"""What `bpfgen explain CODE` prints, as a value; the words are in `explanations` and the rules."""

from __future__ import annotations

from bpfgen.record import Record
from bpfgen.text.codes import CODES

_WIDEST = 100
"""Columns of an example that somebody would read; longer ones are about length itself."""


class Explanation(Record):
    """What one code means.

    Attributes:
        meaning: A paragraph or more.
        wrong: A source that gets the diagnostic; empty where no source alone can. With *old*, what
            that has become.
        right: The same without it; empty where there is nothing to show. With *old*, what it may
            become instead.
        old: Of what a change breaks, the source before it; else empty.
    """

    meaning: str
    wrong: str = ""
    right: str = ""
    old: str = ""

    def summary(self) -> str:
        """Return the first sentence of the meaning, without its full stop."""
        first = " ".join(self.meaning.partition("\n\n")[0].split())
        return first.partition(". ")[0].rstrip(".")

    def examples(self) -> list[tuple[str, str]]:
        """Return the examples that are short enough to read, each after its title."""
        titled: tuple[tuple[str, str], ...] = (("Wrong", self.wrong), ("Right", self.right))
        if self.old:
            titled = (("Old", self.old), ("New", self.wrong), ("New, without it", self.right))
        return [
            (title, example)
            for title, example in titled
            if example and max(map(len, example.splitlines())) <= _WIDEST
        ]

    def text(self, code: str) -> str:
        """Return it as it is printed for *code*: its name and tier, the meaning, the examples."""
        parts = [f"{code}\n", self.meaning, f"{_tier(code)}\n"]
        for title, example in self.examples():
            indented = "".join(f"    {line}\n" for line in example.splitlines())
            parts.append(f"{title}:\n\n{indented}")
        return "\n".join(parts)


def _tier(code: str) -> str:
    """Return the tier of *code*, each clause on a line of its own where one line is too short."""
    tier = CODES[code].tier()
    return tier if len(tier) <= _WIDEST else tier.replace("; ", ";\n")
