"""`bpfgen explain CODE`: what a diagnostic means, with an example."""

from __future__ import annotations

from bpfgen.commands import DONE, UsageError
from bpfgen.commands.arguments import parsed
from bpfgen.commands.options import WARNINGS
from bpfgen.commands.terminal import output_page, write_output
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.codes import CODES, TOPICS

if TYPE_CHECKING:
    from bpfgen.text.table import Page


BROKEN_OFF = {
    "internal": """\
bpfgen itself is wrong, and broke off. No source is to blame, and none can allow it: please report
it, with the input. With BPFGEN_TRACEBACK=1 in the environment it shows where it happened.
""",
    "memory": """\
There was not enough memory for the input. A limit (ulimit -v, a container's) is in the way, or the
input is a mistake.
""",
}
"""The codes of messages about a run that broke off, which are no diagnostics of a source."""


def run(words: list[str]) -> int:
    """Print the explanation of the code that *words* name, or the list of codes."""
    arguments = parsed("explain", words)
    codes: list[str] = arguments.inputs
    which: str | None = arguments.list
    if which is not None and codes:
        raise UsageError("`bpfgen explain --list` takes no code")
    if which is not None:
        listed = [c.name for c in CODES.values() if which != WARNINGS or c.may_be_a_warning]
        write_output("".join(f"{code}\n" for code in listed))
        return DONE
    if not codes:
        write_output(_by_topic(output_page()))
        return DONE
    if len(codes) != 1:
        raise UsageError("`bpfgen explain` takes one code", "bpfgen explain map-kind")
    code = codes[0]
    if code in BROKEN_OFF:
        write_output(f"{code}\n\n{BROKEN_OFF[code]}")
        return DONE
    if code not in CODES:
        # Only a misspelt code pays for this import.
        from bpfgen.text.spelling import did_you_mean

        advice = did_you_mean(code, CODES) or "`bpfgen explain` lists the codes"
        raise UsageError(f"there is no diagnostic `{code}`", advice)
    # Gathers what all rules say: only a code that there is pays for it.
    from bpfgen.rules.manual import explanations

    write_output(explanations()[code].text(code))
    return DONE


def _by_topic(page: Page) -> str:
    """Return every code with what it means, a line each, below what they are about."""
    from bpfgen.rules.manual import explanations
    from bpfgen.text.table import one_line

    explained = explanations()
    width = max(map(len, CODES))
    lines: list[str] = []
    for topic, codes in TOPICS.items():
        lines += ("", page.bold(topic))
        for code in codes:
            meaning = explained[code.name].summary()
            lines.append(one_line(f"  {code.name:<{width}}  {meaning}", page))
    lines += ("", f"{len(CODES)} codes; `bpfgen explain CODE` says more of one")
    return "\n".join(lines[1:]) + "\n"
