"""The lexer of Pygments, which finds it by the entry point `bpfmap` of the group pygments.lexers.

Pygments imports this in every process that asks for a lexer by name or by file name; so nothing of
bpfgen's is loaded before there is a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pygments.lexer import Lexer
from pygments.token import Text, string_to_tokentype

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygments.token import _TokenType

    from bpfgen.highlighting.engine import Engine


class BpfmapLexer(Lexer):  # type: ignore[misc]  # Pygments has no types
    """Maps of BPF programs, as bpfgen compiles them."""

    name = "bpfmap"
    aliases: ClassVar[list[str]] = ["bpfmap", "bpfgen", "dsl"]
    filenames: ClassVar[list[str]] = ["*.bpfmap"]

    _engine: Engine | None = None

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """Yield offset, token type and characters of each piece of *text*."""
        from bpfgen.highlighting.engine import Engine
        from bpfgen.highlighting.roles import ROLES

        if self._engine is None:
            self._engine = Engine()
        for offset, role, characters in self._engine.pieces(text):
            token = string_to_tokentype(ROLES[role].token) if role else Text
            yield offset, token, characters

    @staticmethod
    def analyse_text(text: str) -> float:
        """Return whether *text* is surely one of the language, between 0 and 1.

        Pygments asks it of any text, and takes the lexer that says most. So `.dsl` is none of the
        names above: of several languages it would be the only one that says so.
        """
        from bpfgen.files.formats import is_surely_source_text
        from bpfgen.highlighting.words import kinds

        return 0.7 if is_surely_source_text(text, kinds()) else 0.0
