"""What each code means, in words, a module a stage: for `bpfgen explain`, which alone loads them.

Every entry has the meaning, a program that is wrong in this way, and one that is right; the tests
compile both. Codes that are not here are those of single rules, whose docstrings say it
(:mod:`bpfgen.rules.manual`, which has both).
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.explanations import (
    breaking,
    command_line,
    creating,
    declarations,
    importing,
    maps,
    syntax,
    types,
    verification,
)

if TYPE_CHECKING:
    from bpfgen.text.explanation import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    code: explanation
    for stage in (
        command_line,
        creating,
        syntax,
        declarations,
        maps,
        types,
        verification,
        breaking,
        importing,
    )
    for code, explanation in stage.EXPLANATIONS.items()
}
"""By code."""
