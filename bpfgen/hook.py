"""`python -m bpfgen.hook`: the command, as the hooks of pre-commit run it.

The names of files that end the command line are those that pre-commit found by their suffixes. Of
`.dsl`, which is anybody's, those are left out that look like files of another language.
"""

from __future__ import annotations

import sys

from bpfgen.cli import main
from bpfgen.commands import DONE
from bpfgen.files import is_source_name
from bpfgen.files.formats import is_source_file


def hooked(words: list[str]) -> list[str] | None:
    """Return the command line that *words* come to; None where no file of theirs is a source."""
    count = 0
    while count < len(words) and is_source_name(words[-count - 1]):
        count += 1
    named = words[len(words) - count :]
    sources = [name for name in named if is_source_file(name)]
    return [*words[: len(words) - count], *sources] if sources or not named else None


if __name__ == "__main__":
    line = hooked(sys.argv[1:])
    sys.exit(DONE if line is None else main(line))
