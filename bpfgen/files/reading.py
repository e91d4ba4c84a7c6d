"""Bytes of an input to text. The first stage: files named on the command line and imports.

What is no text gets a diagnostic at its place, not an exception.
"""

from __future__ import annotations

import errno
import os
import sys

from bpfgen.text.diagnostics import Diagnostic
from bpfgen.text.source import Source, Span

STDIN = "<stdin>"
"""The name under which messages speak of standard input."""


def read_bytes(path: str) -> bytes:
    """Return what the file *path* holds, or for `-` standard input.

    Raises:
        OSError: It can't be read.
    """
    if path != "-":
        with open(path, "rb") as stream:
            return stream.read()
    if sys.stdin is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), STDIN)
    return sys.stdin.buffer.read()


def read_source(path: str) -> tuple[Source, Diagnostic | None]:
    """Return the text of the file *path*, and what is wrong with its encoding, if anything is.

    For `-` it is that of standard input.

    Raises:
        OSError: The file can't be read.
    """
    return decode_source(STDIN if path == "-" else path, read_bytes(path))


def decode_source(name: str, data: bytes) -> tuple[Source, Diagnostic | None]:
    """Return *data* as a text, and a diagnostic (code `encoding`) if it is no UTF-8 text.

    A byte order mark is left out. The text is there in either case, with U+FFFD for what could
    not be read, so that the diagnostic has a line to show; it is not meant to be compiled then.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        source = Source(name, data.decode("utf-8", "replace"))
        offset = len(data[: error.start].decode("utf-8"))
        span = Span(source, offset, offset + 1)
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            advice = "the file looks like UTF-16; save it as UTF-8"
        elif b"\0" in data:
            advice = "this is no text file"
        else:
            advice = "save the file as UTF-8"
        byte = data[error.start]
        message = f"the byte {byte:#04x} is not valid UTF-8 here"
        return source, Diagnostic("encoding", message, span, help=advice)
    source = Source(name, text)
    offset = text.find("\0")
    if offset >= 0:
        span = Span(source, offset, offset + 1)
        return source, Diagnostic("encoding", "a NUL byte can't be part of a text", span)
    return source, None
