"""The names of files that a C text may have the preprocessor look for.

Beside `cache`. A lookup leaves no trace where nothing is found, so that an answer can be kept only
if the text says by itself what is looked for: in a directive, or in `__has_include("…")`. Where the
preprocessor could come to ask in any other way, or for a name that a macro makes, that can't be
known.
"""

from __future__ import annotations

import os
import re

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    Named: TypeAlias = tuple[tuple[str, bool], ...]
    """Names of files, and whether each stands in quotes: it may lie beside."""

_CLOCKS = (b"__TIME__", b"__DATE__", b"__TIMESTAMP__")

_SPLICE = re.compile(rb"\\[ \t\f\v]*\r?\n")
"""clang/lib/Lex/Lexer.cpp, getEscapedNewLineSize: blanks may come before the end of the line."""

_TRIGRAPH = b"??/"
"""A backslash, or not: that depends on flags."""

_WORDS = (b"include", b"import", b"embed")
_BEFORE = rb"(?:_next)?[ \t\f\v]*(?:\([ \t\f\v]*)?"
_INCLUDING = tuple(
    (word, re.compile(word + _BEFORE + rb"(?:<([^>\n]+)>|\"([^\"\n]+)\")")) for word in _WORDS
)
_BEFORE_COMMENT = tuple((word, re.compile(word + _BEFORE + rb"/\*")) for word in _WORDS)
"""Each beginning with letters, by which it is found as fast as those."""

_LITERAL_OR_COMMENT = re.compile(
    rb"(\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?)|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)"
)
"""What isn't closed ends somewhere, too, or each would be searched to the end of the text."""

_BEFORE_MACRO = tuple(
    (word, re.compile(word + rb"(?:_next)?\b(?![ \t\f\v]*(?:[<\"]|/[^*]))")) for word in _WORDS
)
_INCLUDES_MACRO = re.compile(
    rb"(?:#|%:|\?\?=)[ \t\f\v]*(?:include(?:_next)?|import|embed)\b(?![ \t\f\v]*[<\"])"
)
"""A directive whose name a macro makes; slower to search for than the words alone."""

_HAS = re.compile(rb"__has_(?:include(?:_next)?|embed)\b")
_HAS_NAMED = re.compile(rb"[ \t\f\v]*\([ \t\f\v]*(?:<[^>\n]+>|\"[^\"\n]+\")")
_IS_DEFINED = re.compile(rb"(?:\bdefined[ \t]*\(?|#[ \t]*(?:el)?ifn?def\b)[ \t]*\Z")
_LONGEST_DEFINED = 80

_PARTS = (
    re.compile(
        rb"has(?<![A-Za-z0-9]has)(?<![A-Za-z0-9]_has)(?<![A-Za-z0-9]__has)(?:"
        # `__has_include` itself is no part, and of a lone `has` there are many
        rb"_(?:i|in|inc|incl|inclu|includ|include_(?:n|ne|nex)?|e|em|emb|embe)?"
        rb"|(?<!__has)_(?:include(?:_next)?|embed)|(?<=_has))(?![A-Za-z0-9_])"
    ),
    re.compile(rb"__ha(?<![A-Za-z0-9_]__ha)(?![A-Za-z0-9_])"),
    re.compile(
        rb"include(?:(?<=[^A-Za-z0-9_]_include)|(?<=[^A-Za-z0-9_]s_include)|(?<=[^A-Za-z0-9_]as_include))(?:_next)?\b"
    ),
    re.compile(
        rb"embed(?:(?<=[^A-Za-z0-9_]_embed)|(?<=[^A-Za-z0-9_]s_embed)|(?<=[^A-Za-z0-9_]as_embed))\b"
    ),
)
"""Words of which `##`, in whatever file, could make one that looks for a file."""


def names_in(data: bytes) -> Named | None:
    """Return what the text *data* looks for; None where it asks for more than names of files."""
    if b"\\" in data:
        data = _SPLICE.sub(b"", data)
    if b"\0" in data or _TRIGRAPH in data or any(clock in data for clock in _CLOCKS):
        return None
    before_macro = any(w in data and before.search(data) for w, before in _BEFORE_MACRO)
    before_comment = any(w in data and before.search(data) for w, before in _BEFORE_COMMENT)
    if before_macro or before_comment or may_ask(data):
        data = _LITERAL_OR_COMMENT.sub(lambda match: match[1] or b" ", data)
        if may_ask(data) or (before_macro and _INCLUDES_MACRO.search(data)):
            return None
    found = (
        (os.fsdecode(match[1] or match[2]).strip(), match[2] is not None)
        for word, including in _INCLUDING
        if word in data
        for match in including.finditer(data)
    )
    return tuple(dict.fromkeys(found))


def may_ask(data: bytes) -> bool:
    """Whether *data* may look for a file without its name after the word that does."""
    if any(part.search(data) is not None for part in _PARTS):
        return True
    for match in _HAS.finditer(data):
        before = data[max(0, match.start() - _LONGEST_DEFINED) : match.start()]
        if _HAS_NAMED.match(data, match.end()) is None and _IS_DEFINED.search(before) is None:
            return True
    return False
