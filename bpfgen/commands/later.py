"""Commands whose names are taken but which don't exist yet: one clear sentence each."""

from __future__ import annotations

from bpfgen.commands import UsageError


def run(words: list[str]) -> int:
    """Refuse: *words* begin with the command's name."""
    name = words[0]
    raise UsageError(
        f"`bpfgen {name}` is not there yet", f"a file of that name is compiled as `./{name}`"
    )
