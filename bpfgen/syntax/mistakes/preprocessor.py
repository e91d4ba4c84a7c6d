"""Lines of the preprocessor, which the language hasn't: what stands for them here."""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic, Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.syntax.tree import Tokens

_INCLUDE = re.compile(r"#[ \t]*include[ \t]*(<[^>]*>|\"[^\"]*\")")
_DEFINE = re.compile(r"#[ \t]*define[ \t]+(\w+)[ \t]+(\S.*?)[ \t]*(?://.*|/\*.*)?")
_NOTHING = re.compile(r"#[ \t]*(?:pragma[ \t]+once\b.*|\[.*\])?")


_DIRECTIVES = frozenset(
    "include include_next import define undef if ifdef ifndef elif elifdef elifndef else endif"
    " pragma error warning line embed".split()
)


def preprocessor_lines(tokens: Tokens) -> tuple[Diagnostic, frozenset[str]]:
    """Return what to say of them all, which have one remedy, and the names that they may define."""
    rights = [_right(text) for _, text in tokens.preprocessor]
    start, text = tokens.preprocessor[0]
    first = text.split("\n", 1)[0].rstrip()
    if text.startswith("#["):
        message, help_ = "an attribute of Rust has no meaning here", "remove it"
    elif _is_comment(first):
        message, help_ = "a comment begins with `//`, not with `#`", "write `//`"
    else:
        message = "there is no preprocessor in this language"
        help_ = "`include` the C header that this stands in, and use its names here"
    if rights[0] and not _is_comment(first):
        help_ = f"write `{rights[0]}`"
        if _DEFINE.fullmatch(first):
            help_ += ", or `include` the header that has it"
    edits = tuple(
        Edit(Span(tokens.source, at, at + len(text)), right)
        for (at, text), right in zip(tokens.preprocessor, rights, strict=True)
        if right is not None
    )
    span = Span(tokens.source, start, start + len(first))
    whole = len(edits) == len(rights)
    names = {name for _, text in tokens.preprocessor for name in re.findall(r"[A-Za-z_]\w*", text)}
    return (
        Diagnostic("preprocessor", message, span, help=help_, edits=edits if whole else ()),
        frozenset(names),
    )


def _right(text: str) -> str | None:
    """Return what stands for the line *text* in this language; None where that takes a person."""
    line = text.rstrip()
    if _is_comment(line):
        return f"//{line[1:]}"
    include = _INCLUDE.match(line)
    if include is not None:
        return f"include {include[1]};"
    define = _DEFINE.fullmatch(line)
    if define is not None and "\n" not in line:
        return f"const {define[1]} = {define[2]};"
    return "" if _NOTHING.fullmatch(line) else None


def _is_comment(line: str) -> bool:
    """Return whether *line* is a comment of a shell or of Python: no directive has its word."""
    word = re.match(r"#[ \t]*(\w*)", line)
    return word is not None and bool(word[1]) and word[1] not in _DIRECTIVES
