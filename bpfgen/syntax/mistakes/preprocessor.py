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


def preprocessor_lines(tokens: Tokens) -> tuple[Diagnostic, frozenset[str]]:
    """Return what to say of them all, which have one remedy, and the names that they may define."""
    rights = [_right(text) for _, text in tokens.preprocessor]
    start, text = tokens.preprocessor[0]
    first = text.split("\n", 1)[0].rstrip()
    if text.startswith("#["):
        message, help_ = "an attribute of Rust has no meaning here", "remove it"
    else:
        message = "there is no preprocessor in this language"
        help_ = "`include` the C header that this stands in, and use its names here"
    if rights[0]:
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
    include = _INCLUDE.match(line)
    if include is not None:
        return f"include {include[1]};"
    define = _DEFINE.fullmatch(line)
    if define is not None and "\n" not in line:
        return f"const {define[1]} = {define[2]};"
    return "" if _NOTHING.fullmatch(line) else None
