"""One thing that could be typed, and what an editor is to know of it."""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.text.diagnostics import Edit
    from bpfgen.text.source import Span

FIRST, LIKELY, USUAL, OTHER, WORD, RARE = range(6)
"""Ranks: what is first in a list, and what last."""

_MARKS = re.compile(r"\$\{\d+\|([^,|]*)[^}]*\}|\$\{\d+:([^}]*)\}|\$\d+|\$\{\d+\}")


class Completion(Record):
    """What could be typed.

    Attributes:
        label: What the list shows.
        kind: What it is: `keyword`, `kind`, `struct`, `union`, `enum`, `typedef`, `type` (of C
            itself), `const`, `enumerator`, `constant`, `flag`, `attribute`, `value`, `map`,
            `program`, `template`, `macro`, `member`, `unit`, `version`, `target`, `header`,
            `file`, `folder` or `code`.
        span: What it replaces; on one line.
        text: What it types.
        detail: A few words beside the label.
        documentation: Markdown; empty where :func:`bpfgen.editor.completion.documentation` has it.
        is_snippet: *text* has places to fill in, with TextMate's marks.
        rank: The lower, the nearer to the top; labels decide among equals.
        edits: What is changed elsewhere in the text.
        filter: What is compared with what is typed; empty where that is the label.
    """

    label: str
    kind: str
    span: Span
    text: str
    detail: str = ""
    documentation: str = ""
    is_snippet: bool = False
    rank: int = USUAL
    edits: tuple[Edit, ...] = ()
    filter: str = ""

    @property
    def plain(self) -> str:
        """What it types without marks, for an editor that knows no snippets.

        Of one line that is what stands before the place where typing goes on.
        """
        if not self.is_snippet:
            return self.text
        before, _, after = self.text.partition("$0")
        if "\n" not in after:
            return _MARKS.sub(lambda mark: mark[1] or mark[2] or "", before)
        return _MARKS.sub(lambda mark: mark[1] or mark[2] or "", self.text)


class Completions(Record):
    """What could be typed at one place.

    Attributes:
        items: Each label of a kind once.
        is_incomplete: There is more when more of the word is there: it has to be asked again.
    """

    items: tuple[Completion, ...]
    is_incomplete: bool = False
