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
