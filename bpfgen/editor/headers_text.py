"""Where a C header declares a name: looked for in its text, since a compiler only says what it is.

Beside :mod:`bpfgen.editor.navigation`, for going to a definition. What C means exactly is no matter
here: the place that looks most like the declaration is a good answer.
"""

from __future__ import annotations

import re

from bpfgen.files.reading import c_text
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.files.reading import Opener
    from bpfgen.resolve.references import Declared

_SUFFIXES = (".h", ".hpp", ".hh", ".inc", ".def")

_TAG = r"\b{kind}\s+(?:__\w+(?:\s*\(\(?[^;{{}}]*?\)\)?)?\s+)*(?P<name>{name})\b(?=[^;{{}}()=]*\{{)"
_TYPEDEF = (
    r"\btypedef\b[^;{{}}]*?\b(?P<name>{name})\b(?=[^;{{}}]*;)",
    r"\}}[^;{{}}]*?\b(?P<name>{name})\b(?=\s*[;,\[])",
    r"#[ \t]*define[ \t]+(?P<name>{name})\b",
)
_CONSTANT = (
    r"#[ \t]*define[ \t]+(?P<name>{name})\b(?![ \t]+{name}\b)",
    r"(?:[{{,]|^)\s*(?P<name>{name})\b(?=\s*(?:=[^=]|,|\}}))",
)
_WITH_VALUE = r"#[ \t]*define[ \t]+(?P<name>{name})\b[ \t]+(?=\S)(?!{name}\b)"
_LISTED = {"typedef": _TYPEDEF[:2], "constant": (_WITH_VALUE, _CONSTANT[1])}
_LONG = 1 << 20
"""Characters of a text from which on it is taken for a vmlinux.h, which has no comments."""

_COMMENT = re.compile(r"/\*.*?\*/|//[^\r\n]*", re.DOTALL)


def in_headers(declared: Declared, files: Iterable[str], opener: Opener) -> tuple[Span, ...]:
    """Return where one of the C headers among *files* declares *declared*; nothing if none does."""
    patterns = [re.compile(pattern, re.MULTILINE) for pattern in _patterns(declared)]
    texts = [text for path in files if path.endswith(_SUFFIXES) for text in _read(path, opener)]
    for pattern in patterns:
        for source in texts:
            if declared.name not in source.text:
                continue
            # The comments become blanks, so that places stay what they are.
            plain = _COMMENT.sub(lambda match: re.sub(r"[^\r\n]", " ", match[0]), source.text)
            match = pattern.search(plain)
            if match is not None:
                return (Span(source, *match.span("name")),)
    return ()


def names_beginning(
    word: str, kinds: Iterable[str], files: Iterable[str], opener: Opener
) -> dict[str, tuple[str, str]]:
    """Return the names that begin with *word* in the C headers among *files*, for a list.

    Each with what it is, one of *kinds*, and the header; like any list of a text's words it may
    have one that a condition leaves out.
    """
    found: dict[str, tuple[str, str]] = {}
    name = rf"{re.escape(word)}\w*"
    patterns = [
        (kind, re.compile(pattern.format(kind=kind, name=name), re.MULTILINE))
        for kind in kinds
        for pattern in _LISTED.get(kind, (_TAG,))
    ]
    for path in files:
        if not path.endswith(_SUFFIXES):
            continue
        for source in _read(path, opener):
            if word not in source.text:
                continue
            is_long = len(source.text) > _LONG
            plain = source.text if is_long else _COMMENT.sub(" ", source.text)
            for kind, pattern in patterns:
                for match in pattern.finditer(plain):
                    found.setdefault(match["name"], (kind, path))
    return found


def _patterns(declared: Declared) -> list[str]:
    name, kind = re.escape(declared.name), declared.kind
    if kind in ("struct", "union", "enum"):
        return [_TAG.format(kind=kind, name=name)]
    patterns = _TYPEDEF if kind == "typedef" else _CONSTANT
    return [pattern.format(name=name) for pattern in patterns]


def _read(path: str, opener: Opener) -> list[Source]:
    """Return the text of the header *path*, or nothing where it can't be read."""
    try:
        text, _wrong = c_text(path, opener.read(path))
    except OSError:
        return []
    return [Source(path, text)]
