"""What a file is, by its first bytes and its name: for the message where another one is wanted.

Nothing else depends on it. A text is guessed at, since nothing marks it; a binary file is known by
the number that it begins with.
"""

from __future__ import annotations

from bpfgen.files import ELFMAG, SUFFIXES
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container

ELF = "ELF object"
ARCHIVE = "static library"
BITCODE = "file of LLVM bitcode"
BTF = "file of BTF alone"
COMPRESSED = "compressed file"
BINARY = "binary file"
EMPTY = "empty file"
SOURCE = "source of bpfgen"
C = "C file"
JSON = "JSON file"
TEXT = "text file"

_NUMBERS = (
    (ELFMAG, ELF),
    (b"!<arch>\n", ARCHIVE),
    (b"BC\xc0\xde", BITCODE),
    (b"\x9f\xeb", BTF),
    (b"\xeb\x9f", BTF),
    (b"\x1f\x8b", COMPRESSED),
    (b"\x28\xb5\x2f\xfd", COMPRESSED),
    (b"\xfd7zXZ\0", COMPRESSED),
)
"""What binary files begin with."""

BINARIES = frozenset((ELF, ARCHIVE, BITCODE, BTF, COMPRESSED, BINARY))

_TEXTS = (
    (SOURCE, rb"(?m)^(?:(?:weak|extern|legacy)\s+)?(?:map|template)\s+\w+\s*:"),
    (C, rb'(?m)^\s*#\s*(?:include|define|if|pragma)\b|\bSEC\("'),
    (JSON, rb'\A\s*[\[{]\s*["\[{]'),
)
"""What is in no other text, as a rule."""

_SUFFIXES = {**dict.fromkeys(SUFFIXES, SOURCE), ".c": C, ".h": C, ".json": JSON}

_ANYBODYS = ".dsl"
"""The suffix of the language that other languages have, too."""

_HEAD = 1 << 16
"""Bytes, or characters, that are looked at."""

_BLANK = r"[ \t\r\n]"
_COMMENT = r"//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/"
_BETWEEN = rf"(?:{_BLANK}|{_COMMENT})*"
_APART = rf"(?:{_BLANK}|{_COMMENT})+"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"

FIRST_DECLARATION = (
    rf"(?:{_BLANK}|{_COMMENT}|#[^\n]*\n)*(?:"
    r"include[ \t]*(?:[<\"]|kernel[ \t]*;)"
    r"|import[ \t]*\"[^\"\n]*\"[ \t]*;"
    rf"|target{_APART}(?:kernel|libbpf|cilium|aya)[ \t;<>=]"
    rf"|macro{_APART}{_NAME}{_BETWEEN}[,;]"
    rf"|when{_BETWEEN}\("
    rf"|(?:(?:weak|extern|legacy){_APART})?map{_APART}{_NAME}{_BETWEEN}(?::|__attr)"
    rf"|template{_APART}{_NAME}{_BETWEEN}:"
    rf"|const{_APART}(?:{_NAME}{_APART})*{_NAME}{_BETWEEN}="
    rf"|(?:struct|union|enum){_APART}{_NAME}{_BETWEEN}[:;{{]"
    rf"|typedef{_BLANK}"
    rf"|(?:int|void|long){_APART}{_NAME}{_BETWEEN}\("
    r")"
)
"""What a file of the language begins with, comments included; the editors' files have it, too.

It says no more than Python, JavaScript and Vim can all ask.
"""

# Looked for at every line: so a comment has no other line in it that could begin a map.
_SHORT = rf"{_BLANK}|//[^\n]*\n|/\*[^*\n]*\*/"
_NEAR = rf"(?:{_SHORT})*"
_NEXT = rf"(?:{_SHORT})+"

MAP_LINE = (
    rf"(?:^|\n)(?:(?:weak|extern|legacy){_NEXT})?(?:map|template){_NEXT}{_NAME}{_NEAR}"
    rf":{_NEAR}({_NAME}){_NEAR}(?:[<{{]|\[{_BLANK}*[0-9A-Za-z_(])"
)
"""A map, at the beginning of a line, which a source has whatever mistake it begins with.

Its group is the kind. For the same three as :data:`FIRST_DECLARATION`; `^` is where the text
begins, and nothing else.
"""


def is_source_text(text: str) -> bool:
    """Return whether *text* looks like a source of the language, by how it begins or by a map.

    For files whose names say little: `.dsl` is anybody's suffix. A text with no declaration is
    none.
    """
    import re

    text = text[:_HEAD].removeprefix("\ufeff")
    return re.match(FIRST_DECLARATION, text) is not None or re.search(MAP_LINE, text) is not None


def is_surely_source_text(text: str, kinds: Container[str]) -> bool:
    """Return whether *text* can hardly be anything else: it begins so, and has a map.

    Args:
        text: Of no name: other languages have structs and constants, too.
        kinds: Of maps, by their names in a source.
    """
    import re

    text = text[:_HEAD].removeprefix("\ufeff")
    if re.match(FIRST_DECLARATION, text) is None:
        return False
    return any(match[1] in kinds for match in re.finditer(MAP_LINE, text))


def is_source_file(path: str, read: Callable[[str], bytes] | None = None) -> bool:
    """Return whether the file *path*, which is named like a source, is one of the language.

    A suffix that is the language's alone says so; of a `.dsl` its text decides, which *read*
    returns, or else the file system. One that can't be read may be one: who reads it says what is
    wrong.
    """
    if not path.endswith(_ANYBODYS):
        return True
    try:
        data = (read or _beginning)(path)
    except OSError:
        return True
    return is_source_text(data[:_HEAD].decode("utf-8", "replace"))


def _beginning(path: str) -> bytes:
    import os

    # What is no file, a pipe, say, would be waited for.
    if not os.path.isfile(path):
        raise OSError(f"{path} is no regular file")
    with open(path, "rb") as file:
        return file.read(_HEAD)


def format_of(name: str, data: bytes) -> str:
    """Return what the file *name* is, one of the words above; *data* are its first bytes or all."""
    import re  # an object needs none of it

    data = data[:_HEAD]
    if not data:
        return EMPTY
    for number, format in _NUMBERS:
        if data.startswith(number):
            return format
    if b"\0" in data:
        return BINARY
    for suffix, format in _SUFFIXES.items():
        if name.endswith(suffix):
            return format
    for format, pattern in _TEXTS:
        if re.search(pattern, data):
            return format
    return TEXT
