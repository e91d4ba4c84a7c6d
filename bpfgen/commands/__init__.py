"""What the commands share: their exit status and how they refuse.

Each module of this package is one command with a function `run(words) -> status`.
"""

from __future__ import annotations

DONE = 0
WRONG = 1
USAGE = 2
MISSING = 3
INTERNAL = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # what a shell reports for SIGINT


class UsageError(Exception):
    """The command line makes no sense; exit status 2.

    Attributes:
        help: What to type instead; may be empty.
    """

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


class NothingAsked(UsageError):  # noqa: N818 -- what it says is the whole of it
    """No source is named, and no project says what is to be made."""
