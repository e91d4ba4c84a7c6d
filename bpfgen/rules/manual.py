"""The manual pages of rules: a rule's docstring is what `bpfgen explain CODE` prints.

The code is the rule's name with `-` for `_`. Behind the text stand `Wrong:` and `Right:`, each on a
line of its own, and below them the examples, indented.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.rules import RULES
from bpfgen.text.explanations import Explanation

if TYPE_CHECKING:
    from collections.abc import Callable

_INDENT = " " * 4


def pages() -> dict[str, Explanation]:
    """Return the explanations that the docstrings of rules hold, by code."""
    return {
        rule.__name__.replace("_", "-"): page
        for rule in RULES
        if (page := page_of(rule)) is not None
    }


def page_of(rule: Callable[..., object]) -> Explanation | None:
    """Return the page of *rule*; None if its docstring has no `Wrong:` on a line of its own."""
    lines = [line.removeprefix(_INDENT) for line in (rule.__doc__ or "").splitlines()]
    if "Wrong:" not in lines:
        return None
    wrong = lines.index("Wrong:")
    right = lines.index("Right:") if "Right:" in lines else len(lines)
    meaning = "\n".join(lines[:wrong]).rstrip()
    return Explanation(
        f"{meaning}\n", _example(lines[wrong + 1 : right]), _example(lines[right + 1 :])
    )


def _example(lines: list[str]) -> str:
    text = "\n".join(line.removeprefix(_INDENT) for line in lines).strip()
    return f"{text}\n" if text else ""
