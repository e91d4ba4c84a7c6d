"""Text to tokens: one regular expression, made from the grammar, cuts the whole text at once.

It has no groups: what a piece is, its own characters say, and most pieces occur again and again.
Words of the language are keywords only where the parser expects them, so the lexer gives them a
kind of their own and the parser falls back to NAME. Comments leave no tokens; doc comments and
allowances are noted by the token that they stand before.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import BROKEN, END, SKIPPED, Allowance, Tokens
from bpfgen.text.source import NESTING_LIMIT, Span

if TYPE_CHECKING:
    from types import ModuleType

    from bpfgen.text.diagnostics import Report
    from bpfgen.text.source import Source

LONGEST_LINE = 1_000_000
"""Characters; a longer line was not written for a person to read, nor by one."""

# Compiled where a file has such a comment: at import that would cost every run.
_DIRECTIVE = r"//[ \t]*bpfgen:"
_ALLOWANCE = (
    _DIRECTIVE
    + r"[ \t]*(allow|allow-break)[ \t]+([a-z0-9-]+)(?:[ \t]+because(?:[ \t]+(\S.*?))?)?[ \t]*"
)
_OPENING = frozenset("([{")
_BRACKETS = frozenset("([{)]}")
_DIGITS = frozenset("0123456789")

BLANKS = " \t\r\n\f\v"
"""What may stand between any two tokens and means nothing."""

OPEN_COMMENT = "$OPEN_COMMENT"
"""The kind of a comment that is never closed."""

_BETWEEN = frozenset(("WHITESPACE", "LINE_COMMENT", "BLOCK_COMMENT", "PREPROCESSOR", OPEN_COMMENT))


def tokenize(source: Source, tables: ModuleType, report: Report) -> Tokens | None:
    """Return the tokens of *source*; None, with a diagnostic, where the text can't be a program."""
    if not _is_text(source, report):
        return None
    tokens, is_whole = scan(source, tables, report)
    return tokens if is_whole and _is_shallow(tokens, report) else None


def scan(source: Source, tables: ModuleType, report: Report) -> tuple[Tokens, bool]:
    """Return the tokens of *source*, and whether nothing kept the rest from being read."""
    tokens = Tokens(source)
    kinds, texts, starts, ends = tokens.kinds, tokens.texts, tokens.starts, tokens.ends
    comments = _Comments(tokens, report)
    pieces = Pieces(tables)
    end = 0
    is_whole = True
    for found in re.compile(tables.LEXER).findall(source.text):
        kind, text = pieces[found]
        start = end
        end += len(text)
        if kind in _BETWEEN:
            if kind == "WHITESPACE":
                pass
            elif kind == "PREPROCESSOR":
                tokens.preprocessor.append((start, text))
            elif kind == OPEN_COMMENT:
                _report_open_comment(source, start, report)
                is_whole = False
            else:
                comments.add(start, text)
            continue
        kinds.append(kind)
        texts.append(text)
        starts.append(start)
        ends.append(end)
        if kind == "SHIFT_RIGHT":
            kinds.append(SKIPPED)
            texts.append("")
            starts.append(end)
            ends.append(end)
    comments.finish()
    kinds.append(END)
    texts.append("")
    starts.append(end)
    ends.append(end)
    return tokens, is_whole


class Pieces(dict[str, tuple[str, str]]):
    """What tables.LEXER finds -> the terminal that it is, and one string for all its occurrences.

    The terminal is :data:`BROKEN` for what no token begins with, or :data:`OPEN_COMMENT`.
    """

    def __init__(self, tables: ModuleType) -> None:
        known = {**tables.PUNCTUATION, **tables.HARD_WORDS, **tables.SOFT_WORDS}
        super().__init__((text, (kind, text)) for text, kind in known.items())

    def __missing__(self, text: str) -> tuple[str, str]:
        piece = self[text] = _kind(text), text
        return piece


def _kind(text: str) -> str:
    """Return what *text* is, which is no sign and no word of the language."""
    first, last = text[0], text[-1]
    if first in BLANKS:
        return "WHITESPACE"
    if first in _DIGITS:
        return "NUMBER"
    if first == "#":
        return "PREPROCESSOR"
    if first == "/":
        if text[1] == "/":
            return "LINE_COMMENT"
        return "BLOCK_COMMENT" if len(text) > 3 and text.endswith("*/") else OPEN_COMMENT
    if first in "\"'":
        if not _is_closed(text):
            return BROKEN
        return "STRING" if first == '"' else "CHARACTER"
    if not (first == "_" or (first.isascii() and first.isalpha())):
        return BROKEN
    if last == "'":
        return "CHARACTER"
    return "NAME" if text.isidentifier() else "INCLUDE"


def _is_closed(text: str) -> bool:
    """Return whether *text*, which begins with a quote, ends with one that isn't escaped."""
    inside = text[1:-1]
    backslashes = len(inside) - len(inside.rstrip("\\"))
    return len(text) > 1 and text[-1] == text[0] and backslashes % 2 == 0


def _is_text(source: Source, report: Report) -> bool:
    """Return whether *source* can be a program at all; report why not."""
    nul = source.text.find("\0")
    if nul >= 0:
        report.error(
            "encoding",
            "this is not a text file: it has a NUL byte",
            Span(source, nul, nul + 1),
            help="give the source of the maps; `bpfgen inspect` reads objects",
        )
        return False
    starts = source.line_starts()
    previous = 0
    for start in [*starts[1:], len(source.text)]:
        if start - previous > LONGEST_LINE:
            report.error(
                "line-too-long",
                f"this line has {start - previous:,} characters, and {LONGEST_LINE:,} is the limit",
                Span(source, previous, previous + 1),
                help="break the line",
            )
            return False
        previous = start
    return True


def _is_shallow(tokens: Tokens, report: Report) -> bool:
    """Return whether no bracket is nested too deep; report the first that is."""
    depth = 0
    for index, text in enumerate(tokens.texts):
        if text not in _BRACKETS:
            continue
        if text in _OPENING:
            depth += 1
            if depth > NESTING_LIMIT:
                report.error(
                    "nesting",
                    f"brackets are nested deeper than {NESTING_LIMIT} levels here",
                    tokens.span(index, index + 1),
                    help="close what is open, or give the inner types names of their own",
                )
                return False
        else:
            depth = max(depth - 1, 0)
    return True


def _report_open_comment(source: Source, position: int, report: Report) -> None:
    report.error(
        "syntax",
        "this comment is never closed",
        Span(source, position, position + 2),
        help="write `*/` where it ends",
    )


def is_doc_comment(text: str) -> bool:
    """Return whether the comment *text* documents what follows: `/// …` or `/** … */`."""
    if text.startswith("///"):
        return not text.startswith("////")
    return text.startswith("/**") and len(text) > 4 and text[3] != "*"


def is_directive(text: str) -> bool:
    """Return whether the comment *text* speaks to bpfgen: `// bpfgen: …`."""
    return "bpfgen:" in text and re.match(_DIRECTIVE, text) is not None


class _Comments:
    """Sorts comments into doc comments, allowances and the rest."""

    __slots__ = ("_last_line", "_lines", "_pending", "_report", "_tokens")

    def __init__(self, tokens: Tokens, report: Report) -> None:
        self._tokens = tokens
        self._report = report
        self._lines: list[str] = []
        self._last_line = 0
        self._pending = -1

    def add(self, start: int, text: str) -> None:
        """Note the comment *text* at offset *start*."""
        if not is_doc_comment(text):
            if is_directive(text):
                self._directive(start, text)
            return
        content = [text[3:].removeprefix(" ").rstrip()] if text[1] == "/" else _block_lines(text)
        source = self._tokens.source
        line = source.line_number(start)
        index = len(self._tokens.kinds)
        if self._pending != index or line > self._last_line + 1:
            self._flush(line)
            self._pending = index
            self._lines = []
        self._lines.extend(content)
        self._last_line = source.line_number(start + len(text) - 1)

    def finish(self) -> None:
        """Note what was pending when the text ended."""
        self._flush(self._last_line + 2)

    def _flush(self, next_line: int) -> None:
        """Hand the pending doc comment to the token it stands before, or to the file."""
        index = self._pending
        if index < 0 or not self._lines:
            return
        tokens = self._tokens
        if index < len(tokens.starts):
            next_line = tokens.source.line_number(tokens.starts[index])
        doc = "\n".join(self._lines).strip("\n")
        if next_line <= self._last_line + 1:
            tokens.docs[index] = doc
        elif index == 0 and not tokens.file_doc:
            tokens.file_doc = doc
        self._pending = -1
        self._lines = []

    def _directive(self, start: int, text: str) -> None:
        """Note the allowance *text* at offset *start*, or report what is wrong with it."""
        source = self._tokens.source
        span = Span(source, start, start + len(text))
        form = re.fullmatch(_ALLOWANCE, text)
        if form is None:
            self._report.error(
                "allowance",
                "this is not a directive that bpfgen knows",
                span,
                help="write `// bpfgen: allow CODE because REASON`",
            )
        elif not form[3]:
            self._report.error(
                "allowance",
                f"an allowance of `{form[2]}` needs its reason",
                span,
                help=f"write `// bpfgen: {form[1]} {form[2]} because REASON`",
            )
        else:
            tokens = self._tokens
            kept = tokens.allowances if form[1] == "allow" else tokens.break_allowances
            kept.append(Allowance(form[2], form[3], source.line_number(start), span))


def _block_lines(text: str) -> list[str]:
    """Return the lines of a `/** … */` comment without its decoration."""
    lines = text[3:-2].strip().split("\n")
    return [line.strip().removeprefix("*").removeprefix(" ").rstrip() for line in lines]
