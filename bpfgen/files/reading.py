"""Bytes of an input to text. The first stage: files named on the command line and imports.

What is no text gets a diagnostic at its place, not an exception. Every source is read through an
:class:`Opener`: the file system, or whatever a caller has in front of it, as an editor its buffers.
"""

from __future__ import annotations

import errno
import os
import sys

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object  # the import of typing would cost every run some milliseconds

STDIN = "<stdin>"
"""The name under which messages speak of standard input."""


class Opener(Protocol):
    """Where sources come from; :data:`FILES` is the file system.

    An editor hands in an object of its own that knows its unsaved buffers and asks :data:`FILES`
    for the rest. Paths are those that were typed, or that an import makes of them; they aren't
    normalized. A C header is read by the compiler, which asks no opener.
    """

    def read(self, path: str) -> bytes:
        """Return what the file *path* holds.

        Raises:
            OSError: It can't be read.
        """

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path* to read; False where that can't be told."""


class Files:
    """The opener of the file system; `-` is standard input."""

    __slots__ = ()

    def read(self, path: str) -> bytes:
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

    def is_file(self, path: str) -> bool:
        """Return whether *path* is a regular file, or a link to one."""
        return os.path.isfile(path)


FILES: Opener = Files()
"""The file system, which everything is read from unless the caller has another opener."""


def read_source(path: str, opener: Opener = FILES) -> tuple[Source, Diagnostic | None]:
    """Return the text of the file *path*, and what is wrong with its encoding, if anything is.

    For `-` it is that of standard input.

    Raises:
        OSError: The file can't be read.
    """
    return decode_source(STDIN if path == "-" else path, opener.read(path))


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
