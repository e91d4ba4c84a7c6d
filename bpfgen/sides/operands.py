"""Words of the command line -> what is compared with what."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.sides.places import Trees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.sides.places import Place


class Compared(Record):
    """Two sources that are one, then and now; one of them may be None, never both.

    Attributes:
        path: What it is called: as NEW, or where that is gone, as OLD.
        old: None of a file that only NEW has.
        new: None of a file that is gone.
        is_moved: The two have different paths, and are one file all the same.
    """

    path: str
    old: Place | None
    new: Place | None
    is_moved: bool = False


class OperandsError(Exception):
    """The operands make no sense together.

    Attributes:
        help: What to type instead; may be empty.
    """

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


def compared(words: Sequence[str], against: str | None = None) -> list[Compared]:
    """Return what the operands *words* compare.

    Without *against* they are two, OLD and NEW. With it each is NEW, a file, a pattern or a
    directory, and OLD is the same path there: *against* is `git:REV`, or a directory.

    Raises:
        OperandsError: They make no sense.
        ToolMissing: There is no git.
        OSError: OLD or NEW isn't there; see :class:`bpfgen.git.GitError`.
    """
    if against is None:
        if len(words) != 2:
            advice = "bpfgen breaking git:HEAD:maps.dsl maps.dsl"
            raise OperandsError("`bpfgen breaking` compares two sources", advice)
        if words[0] == words[1] == "-":
            raise OperandsError("only one of the two can be standard input")
        trees = Trees()
        old, new = (trees.place_of(word) for word in words)
        return [Compared(new.name, old, new)]
    raise OperandsError("`--against` isn't there yet")
