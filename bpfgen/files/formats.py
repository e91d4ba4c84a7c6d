"""What a file is, by its first bytes and its name: for the message where another one is wanted.

Nothing else depends on it. A text is guessed at, since nothing marks it; a binary file is known by
the number that it begins with.
"""

from __future__ import annotations

from bpfgen.files import ELFMAG, SUFFIXES

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

FIRST_DECLARATION = (
    rf"(?:{_BLANK}|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/|#[^\n]*\n)*(?:"
    r"include[ \t]*(?:[<\"]|kernel[ \t]*;)"
    r"|import[ \t]*\"[^\"\n]*\"[ \t]*;"
    rf"|target{_BLANK}+(?:kernel|libbpf|cilium|aya)[ \t;<>=]"
    rf"|macro{_BLANK}+[A-Za-z_][A-Za-z0-9_]*{_BLANK}*[,;]"
    rf"|when{_BLANK}*\("
    rf"|(?:(?:weak|extern|legacy){_BLANK}+)?map{_BLANK}+[A-Za-z_][A-Za-z0-9_]*{_BLANK}*(?::|__attr)"
    rf"|template{_BLANK}+[A-Za-z_][A-Za-z0-9_]*{_BLANK}*:"
    rf"|const{_BLANK}+(?:[A-Za-z_][A-Za-z0-9_]*{_BLANK}+)*[A-Za-z_][A-Za-z0-9_]*{_BLANK}*="
    rf"|(?:struct|union|enum){_BLANK}+[A-Za-z_][A-Za-z0-9_]*{_BLANK}*[:;{{]"
    rf"|typedef{_BLANK}"
    rf"|(?:int|void|long){_BLANK}+[A-Za-z_][A-Za-z0-9_]*{_BLANK}*\("
    r")"
)
"""What a file of the language begins with, comments included; the editors' files have it, too.

It says no more than Python, JavaScript and Vim can all ask.
"""


def is_source_text(text: str) -> bool:
    """Return whether *text* looks like a source of the language, by its first declaration.

    For files whose names say little: `.dsl` is anybody's suffix. A text with no declaration is
    none.
    """
    import re

    return re.match(FIRST_DECLARATION, text[:_HEAD]) is not None


def is_source_file(path: str) -> bool:
    """Return whether the file *path*, which is named like a source, is one of the language.

    A suffix that is the language's alone says so; of a `.dsl` its text decides. One that can't be
    read may be one: who reads it says what is wrong.
    """
    import re

    if not path.endswith(_ANYBODYS):
        return True
    try:
        with open(path, "rb") as file:
            data = file.read(_HEAD)
    except OSError:
        return True
    # A broken source may begin with a mistake, and has a map nevertheless.
    is_likely = re.search(dict(_TEXTS)[SOURCE], data) is not None
    return is_likely or is_source_text(data.decode("utf-8", "replace"))


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
