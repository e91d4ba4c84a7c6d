"""What every code means, whole: the words of `text/explanations` and the docstrings of rules.

For `bpfgen explain CODE` and SARIF. A rule's docstring is the explanation of the code that it owns
if there are no other words for it: below the text stand `Wrong:` and `Right:`, each on a line of
its own, and below them the examples, indented. Where a code has words of its own, what the rule's
docstring says comes after them.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.rules import RULES
from bpfgen.text.codes import CODES
from bpfgen.text.explanation import Explanation
from bpfgen.text.explanations import EXPLANATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

_INDENT = " " * 4


def explanations() -> dict[str, Explanation]:
    """Return the explanation of every code, in the order of the table of codes."""
    explained = dict(EXPLANATIONS)
    for rule, codes in RULES.items():
        page = page_of(rule)
        for code in codes:
            words = explained.get(code)
            explained[code] = (
                page
                if words is None
                else replace(words, meaning=f"{words.meaning}\n{page.meaning}")
            )
    return {code: explained[code] for code in CODES}


def page_of(rule: Callable[..., object]) -> Explanation:
    """Return what the docstring of *rule* says; without `Wrong:` it has no examples."""
    lines = [line.removeprefix(_INDENT) for line in (rule.__doc__ or "").splitlines()]
    wrong = lines.index("Wrong:") if "Wrong:" in lines else len(lines)
    right = lines.index("Right:") if "Right:" in lines else len(lines)
    meaning = "\n".join(lines[:wrong]).rstrip()
    return Explanation(
        f"{meaning}\n", _example(lines[wrong + 1 : right]), _example(lines[right + 1 :])
    )


def _example(lines: list[str]) -> str:
    text = "\n".join(line.removeprefix(_INDENT) for line in lines).strip()
    return f"{text}\n" if text else ""
