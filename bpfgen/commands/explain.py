"""`bpfgen explain CODE`: what a diagnostic means, with an example."""

from __future__ import annotations

from bpfgen.commands import DONE, UsageError
from bpfgen.commands.arguments import parsed
from bpfgen.commands.options import WARNINGS
from bpfgen.commands.terminal import write_output
from bpfgen.text.codes import CODES


def run(words: list[str]) -> int:
    """Print the explanation of the code that *words* name, or the list of codes."""
    arguments = parsed("explain", words)
    codes: list[str] = arguments.inputs
    which: str | None = arguments.list
    if which is not None and codes:
        raise UsageError("`bpfgen explain --list` takes no code")
    if not codes:
        listed = [c.name for c in CODES.values() if which != WARNINGS or c.may_be_a_warning]
        write_output("".join(f"{code}\n" for code in listed))
        return DONE
    if len(codes) != 1:
        raise UsageError("`bpfgen explain` takes one code", "bpfgen explain map-kind")
    code = codes[0]
    if code not in CODES:
        # Only a misspelt code pays for this import.
        from bpfgen.text.spelling import did_you_mean

        advice = did_you_mean(code, CODES) or "`bpfgen explain` lists the codes"
        raise UsageError(f"there is no diagnostic `{code}`", advice)
    # Gathers what all rules say: only a code that there is pays for it.
    from bpfgen.rules.manual import explanations

    write_output(explanations()[code].text(code))
    return DONE
