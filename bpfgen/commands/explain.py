"""`bpfgen explain CODE`: what a diagnostic means, with an example."""

from __future__ import annotations

from bpfgen.commands import DONE, UsageError
from bpfgen.commands.arguments import parsed
from bpfgen.commands.terminal import write_output
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.text.explanations import Explanation


def run(words: list[str]) -> int:
    """Print the explanation of the code that *words* name, or the list of codes."""
    from bpfgen.text.explanations import explanations

    codes: list[str] = parsed("explain", words).inputs
    known = explanations()
    if not codes:
        write_output("".join(f"{code}\n" for code in known))
        return DONE
    if len(codes) != 1:
        raise UsageError("`bpfgen explain` takes one code", "bpfgen explain map-kind")
    code = codes[0]
    if code not in known:
        # Only a misspelt code pays for this import.
        from bpfgen.text.spelling import did_you_mean

        advice = did_you_mean(code, known) or "`bpfgen explain` lists the codes"
        raise UsageError(f"there is no diagnostic `{code}`", advice)
    write_output(text(code, known[code]))
    return DONE


def text(code: str, explanation: Explanation) -> str:
    """Return *explanation* as it is printed."""
    parts = [f"{code}\n", explanation.meaning]
    # An example may be as deep or long as what it is an example of: then it is no example to read.
    for title, example in (("Wrong:", explanation.wrong), ("Right:", explanation.right)):
        if example and max(map(len, example.splitlines())) <= 100:
            parts.append(f"{title}\n\n{_indented(example)}")
    return "\n".join(parts)


def _indented(example: str) -> str:
    return "".join(f"    {line}\n" for line in example.splitlines())
