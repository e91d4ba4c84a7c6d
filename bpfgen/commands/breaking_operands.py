"""What the operands of `bpfgen breaking` name; one that can't be is wrong usage."""

from __future__ import annotations

from bpfgen.commands import UsageError
from bpfgen.record import TYPE_CHECKING
from bpfgen.sides import operands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.sides.operands import Compared


def compared(
    words: Sequence[str], against: str | None, *, may_be_none: bool = False
) -> list[Compared]:
    """Return the pairs that the operands *words* name; *against* is the value of `--against`.

    *may_be_none*: nobody has typed *words*, and there may be no source yet.

    Raises:
        UsageError: They make no sense, or there is no such revision.
        ToolMissing: There is no git.
    """
    from bpfgen.git import GitError

    try:
        return operands.compared(words, against, may_be_none=may_be_none)
    except operands.OperandsError as wrong:
        raise UsageError(str(wrong), wrong.help) from wrong
    except GitError as error:
        raise UsageError(error.strerror or str(error), error.advice) from error
