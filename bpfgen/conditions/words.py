"""The words of a condition, as they stand after an `#if`; and what is said where one is wrong."""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.text.diagnostics import Edit

_WORD = re.compile(
    r"(?P<blank>(?:[ \t\f\v]|\\\r?\n|/\*(?:[^*]|\*(?!/))*\*/|//.*)+)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<number>\.?[0-9](?:[eEpP][+-]|'?\w|\.)*)"
    r"|(?P<character>(?:u8|[uUL])?'(?:[^'\\\n]|\\[^\n])*')"
    r"|(?P<sign><<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>&^|!~?:(),])"
)


class ConditionError(Exception):
    """A text that is no condition, or one that has no value in C.

    Attributes:
        message: What is wrong, as a diagnostic says it.
        start, end: Which characters of the text are wrong; offsets as those of the words.
        help: What to write instead, or empty.
        edits: What a machine would change to follow the help.
        changes_meaning: They choose what the condition asks for.
    """

    def __init__(
        self,
        message: str,
        start: int = 0,
        end: int = 0,
        help: str = "",
        edits: tuple[Edit, ...] = (),
        *,
        changes_meaning: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.help = help
        self.edits = edits
        self.changes_meaning = changes_meaning


class Word(Record):
    """A word or sign of a condition; *start* and *end* are offsets of its characters."""

    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """Return the words and signs of *text*; blanks and comments go.

    Raises:
        ConditionError: There is something else in it.
    """
    result = []
    position = 0
    while position < len(text):
        match = _WORD.match(text, position)
        if match is None:
            raise ConditionError(
                f"`{text[position]}` has no meaning in a condition", position, position + 1
            )
        if match.lastgroup != "blank":
            result.append(Word(match[0], match.start(), match.end()))
        position = match.end()
    return result
