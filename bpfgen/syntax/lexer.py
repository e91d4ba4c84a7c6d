"""Text to tokens: one regular expression, made from the grammar, walks the whole text once.

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
_CLOSING = frozenset(")]}")


def tokenize(source: Source, tables: ModuleType, report: Report) -> Tokens | None:
    """Return the tokens of *source*; None, with a diagnostic, where the text can't be a program."""
    if not _is_text(source, report):
        return None
    tokens, is_whole = scan(source, tables, report)
    return tokens if is_whole and _is_shallow(tokens, report) else None


def scan(source: Source, tables: ModuleType, report: Report) -> tuple[Tokens, bool]:
    """Return the tokens of *source*, and whether nothing kept the rest from being read."""
    text = source.text
    tokens = Tokens(source)
    kinds, texts, starts = tokens.kinds, tokens.texts, tokens.starts
    words = {**tables.HARD_WORDS, **tables.SOFT_WORDS}
    punctuation = tables.PUNCTUATION
    match_at = re.compile(tables.LEXER).match
    comments = _Comments(tokens, report)
    position = 0
    length = len(text)
    is_whole = True
    while position < length:
        match = match_at(text, position)
        if match is None:
            position = _after_blanks(text, position)
            if position == length:
                break
            if text.startswith("/*", position):
                _report_open_comment(source, position, report)
                is_whole = False
                break
            end = readable_again(text, position)
            kinds.append(BROKEN)
            texts.append(text[position:end])
            starts.append(position)
            position = end
            continue
        group = match.lastgroup
        position = match.end()
        if group == "NAME":
            word = match["NAME"]
            kinds.append(words.get(word, "NAME"))
        elif group == "PUNCTUATION":
            word = match["PUNCTUATION"]
            if word == ">>":
                kinds += ("SHIFT_RIGHT", SKIPPED)
                texts += (word, "")
                starts += (position - 2, position)
                continue
            kinds.append(punctuation[word])
        elif group in ("LINE_COMMENT", "BLOCK_COMMENT"):
            comments.add(match.start(group), match[group])
            continue
        elif group == "PREPROCESSOR":
            tokens.preprocessor.append((match.start(group), match[group]))
            continue
        else:
            assert group is not None
            word = match[group]
            kinds.append(group)
        texts.append(word)
        starts.append(position - len(word))
    comments.finish()
    kinds.append(END)
    texts.append("")
    starts.append(length)
    return tokens, is_whole


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
        elif text in _CLOSING:
            depth = max(depth - 1, 0)
    return True


def _after_blanks(text: str, position: int) -> int:
    """Return where the blanks at *position* end."""
    while position < len(text) and text[position] in " \t\r\n\f\v":
        position += 1
    return position


def _report_open_comment(source: Source, position: int, report: Report) -> None:
    report.error(
        "syntax",
        "this comment is never closed",
        Span(source, position, position + 2),
        help="write `*/` where it ends",
    )


def readable_again(text: str, position: int) -> int:
    """Return where the text may be readable again after *position*, at which no token starts."""
    character = text[position]
    if text.startswith("/*", position):  # never closed
        return len(text)
    if character in "\"'":
        end = text.find("\n", position)
        return len(text) if end < 0 else end
    end = position + 1
    while end < len(text) and (
        ord(text[end]) > 127 or ord(text[end]) < 9 or text[end] == character
    ):
        end += 1
    return end


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
